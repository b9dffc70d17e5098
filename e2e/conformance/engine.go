//go:build !js

package main

import (
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/translate"
)

func newEngine() (engine.Engine, *emit.Profile, error) {
	eng, err := wazero.New(wazero.Config{})
	return eng, translate.Wazero(), err
}
