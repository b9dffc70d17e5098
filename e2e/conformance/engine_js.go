//go:build js

package main

import (
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/translate"
)

func newEngine() (engine.Engine, *emit.Profile, error) {
	eng, profile := wasmhost.New(), translate.V8()
	profile.RelaxedMadd = eng.FusedMadd()
	return eng, profile, nil
}
