//go:build !js

package limits_test

import (
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/translate"
)

func newEngine() (engine.Engine, *translate.Profile, error) {
	eng, err := wazero.New(wazero.Config{})
	return eng, translate.Wazero(), err
}
