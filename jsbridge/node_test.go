//go:build !js

// Package jsbridge_test runs the tests of the packages below, which are built
// for js/wasm only, in Node.
package jsbridge_test

import (
	"testing"

	"boxer/jsbridge/nodetest"
)

func TestInNode(t *testing.T) {
	nodetest.Run(t, ".", []string{"../runtime/engine", "../runtime/wasm", "../runtime/sha2"}, "./...")
}
