package wasi

import (
	"sync"

	"boxer/jsbridge/wasmhost"
	"boxer/runtime/engine"
)

// testEngine is the page's: jsbridge runs these tests in browsers.
var testEngine = sync.OnceValue(func() engine.Engine { return wasmhost.New() })

const serialOnly = true
