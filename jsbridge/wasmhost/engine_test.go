//go:build js

package wasmhost

import (
	"errors"
	"strings"
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/engine/enginetest"
	"boxer/runtime/wasm"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) engine.Engine { return New() })
}

func TestHostLimits(t *testing.T) {
	e := New()
	defer e.Close()
	for _, f := range []engine.HostFunc{
		{Name: "wide", Params: make([]engine.ValType, 17)},
		{Name: "wide", Results: make([]engine.ValType, 17)},
	} {
		if _, err := e.NewHost([]engine.HostFunc{f}); err == nil || !strings.Contains(err.Error(), "wide") {
			t.Errorf("17 values: error %v", err)
		}
	}
}

// TestHostDepth: Go and Wasm call each other until the frames are used up,
// which is a trap, and undoes itself.
func TestHostDepth(t *testing.T) {
	e := New()
	defer e.Close()
	var m wasm.Module
	typ := m.FuncType([]wasm.ValType{wasm.I32}, []wasm.ValType{wasm.I32})
	h := m.ImportFunc("h", "h", typ)
	fn := m.Func(typ)
	var c wasm.Code
	c.Reset(1)
	c.LocalGet(0)
	c.Call(h)
	c.End()
	m.Body(fn, &c)
	m.ExportFunc("f", fn)
	mod := must(e.Compile(m.Bytes()))(t)

	// Each level has an instance of its own, which calls the next.
	const levels = maxDepth + 10
	var next engine.Func
	var errs []error
	for range levels {
		callee := next
		host := must(e.NewHost([]engine.HostFunc{{
			Name: "h", Params: []engine.ValType{engine.I32}, Results: []engine.ValType{engine.I32},
			Fn: func(stack []uint64) {
				words := []uint64{stack[0] + 1}
				if callee != nil {
					if err := callee.Call(words); err != nil {
						errs = append(errs, err)
					}
				}
				stack[0] = words[0]
			},
		}}))(t)
		next = must(must(e.Instantiate(mod, engine.Imports{"h": host}))(t).Func("f"))(t)
	}
	for range 2 {
		errs = nil
		stack := []uint64{0}
		if err := next.Call(stack); err != nil {
			t.Fatal(err)
		}
		var trap *engine.Trap
		if len(errs) != 1 || !errors.As(errs[0], &trap) || trap.Kind != engine.TrapUnreachable && trap.Kind != engine.TrapStackOverflow {
			t.Fatalf("errors %v, want one trap", errs)
		}
		if trap.Kind == engine.TrapUnreachable && stack[0] != maxDepth {
			t.Errorf("%d levels deep, want %d", stack[0], maxDepth)
		}
	}
}
