//go:build js

package limits_test

import (
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/engine"
	"boxer/runtime/translate"
)

func newEngine() (engine.Engine, *translate.Profile, error) {
	return wasmhost.New(), translate.V8(), nil
}
