//go:build js

package wasmhost

import (
	"errors"
	"fmt"
	"syscall/js"

	"boxer/runtime/engine"
)

// An Export is a function that an adopted module exports.
type Export struct {
	Name            string
	Params, Results []engine.ValType
}

// Adopt makes a Module of a WebAssembly.Module that the host compiled by itself, as it does while it loads
// one from an address and from its code cache. sum is the SHA-256 of the binary, of size bytes, which the
// caller has verified. JavaScript does not tell the types of exports: those that will be used are given, and
// a function that has another type is an error when it is asked for.
func (e *Engine) Adopt(m js.Value, sum [32]byte, size int, exports ...Export) (engine.Module, error) {
	if !m.InstanceOf(js.Global().Get("WebAssembly").Get("Module")) {
		return nil, errors.New("adopt module: it is none")
	}
	sigs := make(map[string]signature, len(exports))
	for _, x := range exports {
		sigs[x.Name] = signature{valTypes(x.Params), valTypes(x.Results)}
	}
	mod, err := e.modules.CompileAs(sum, int64(size), func() (*code, error) {
		return &code{int32(js.Global().Get("boxerWasmHost").Call("adopt", m).Int()), sigs}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("adopt module: %w", err)
	}
	return mod, nil
}
