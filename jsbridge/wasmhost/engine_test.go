//go:build js

package wasmhost

import (
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/engine/enginetest"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) engine.Engine { return New() })
}
