//go:build !js

package wasi

import (
	"sync"

	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
)

// testEngine is shared: what one test compiled, the next finds.
var testEngine = sync.OnceValue(func() engine.Engine {
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		panic(err)
	}
	return eng
})

// serialOnly: processes must take turns.
const serialOnly = false
