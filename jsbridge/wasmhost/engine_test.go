//go:build js

package wasmhost

import (
	"crypto/sha256"
	"errors"
	"strings"
	"syscall/js"
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

// TestFusedMadd: the answer is the same each time; hosts differ in it.
func TestFusedMadd(t *testing.T) {
	e := New()
	defer e.Close()
	fused := e.FusedMadd()
	if again := e.FusedMadd(); again != fused {
		t.Errorf("%v, then %v", fused, again)
	}
	t.Logf("relaxed_madd rounds once: %v", fused)
}

// TestAdopt: a module that the host compiled; what is not one, or exports something else, is an error.
func TestAdopt(t *testing.T) {
	e := New()
	defer e.Close()
	var m wasm.Module
	fn := m.Func(m.FuncType([]wasm.ValType{wasm.I32}, []wasm.ValType{wasm.I32}))
	var c wasm.Code
	c.Reset(1)
	c.LocalGet(0)
	c.I32Const(1)
	c.Op(wasm.OpI32Add)
	c.End()
	m.Body(fn, &c)
	m.ExportFunc("f", fn)
	bin := m.Bytes()
	array := js.Global().Get("Uint8Array").New(len(bin))
	js.CopyBytesToJS(array, bin)
	host := js.Global().Get("WebAssembly").Get("Module").New(array)

	i32 := []engine.ValType{engine.I32}
	mod := must(e.Adopt(host, sha256.Sum256(bin), len(bin), Export{"f", i32, i32}, Export{"g", i32, i32}))(t)
	inst := must(e.Instantiate(mod, nil))(t)
	f := must(inst.Func("f"))(t)
	stack := []uint64{41}
	if err := f.Call(stack); err != nil || uint32(stack[0]) != 42 {
		t.Errorf("f(41) = %d, %v", stack[0], err)
	}
	if _, err := inst.Func("g"); err == nil {
		t.Error("a function that the module does not export")
	}
	other := must(e.Adopt(host, [32]byte{1}, len(bin), Export{"f", i32, nil}))(t)
	inst = must(e.Instantiate(other, nil))(t)
	if _, err := inst.Func("f"); err == nil {
		t.Error("a function of another type")
	}
	if _, err := e.Adopt(array, [32]byte{2}, len(bin)); err == nil {
		t.Error("an array was adopted")
	}
}
