//go:build js

package main

import (
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/translate"
)

func newEngine() (engine.Engine, *emit.Profile, error) {
	return wasmhost.New(), translate.V8(), nil
}
