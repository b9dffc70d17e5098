//go:build js

package wasmhost

import (
	"fmt"
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// function1 is a module that exports f, of one parameter, with that body.
func function1(results []wasm.ValType, body func(m *wasm.Module, c *wasm.Code)) []byte {
	var m wasm.Module
	var c wasm.Code
	c.Reset(1)
	body(&m, &c)
	c.End()
	f := m.Func(m.FuncType([]wasm.ValType{wasm.I64}, results))
	m.Body(f, &c)
	m.ExportFunc("f", f)
	return m.Bytes()
}

func BenchmarkNewClose(b *testing.B) {
	for b.Loop() {
		New().Close()
	}
}

func BenchmarkCall(b *testing.B) {
	e := New()
	defer e.Close()
	bin := function1([]wasm.ValType{wasm.I64}, func(_ *wasm.Module, c *wasm.Code) { c.LocalGet(0) })
	fn := must(must(e.Instantiate(must(e.Compile(bin))(b), nil))(b).Func("f"))(b)
	stack := make([]uint64, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := fn.Call(stack); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHostCall is per host call: Wasm makes 1000 in a loop.
func BenchmarkHostCall(b *testing.B) {
	e := New()
	defer e.Close()
	seven := []wasm.ValType{wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64}
	host := must(e.NewHost([]engine.HostFunc{{
		Name:    "h",
		Params:  []engine.ValType{engine.I64, engine.I64, engine.I64, engine.I64, engine.I64, engine.I64, engine.I64},
		Results: []engine.ValType{engine.I64},
		Fn:      func(stack []uint64) { stack[0]++ },
	}}))(b)
	bin := function1(nil, func(m *wasm.Module, c *wasm.Code) {
		h := m.ImportFunc("h", "h", m.FuncType(seven, seven[:1]))
		c.Loop(wasm.BlockEmpty)
		for i := range int64(7) {
			c.I64Const(i)
		}
		c.Call(h)
		c.Op(wasm.OpDrop)
		c.LocalGet(0)
		c.I64Const(1)
		c.Op(wasm.OpI64Sub)
		c.LocalTee(0)
		c.Op(wasm.OpI64Eqz)
		c.Op(wasm.OpI32Eqz)
		c.BrIf(0)
		c.End()
	})
	fn := must(must(e.Instantiate(must(e.Compile(bin))(b), engine.Imports{"h": host}))(b).Func("f"))(b)
	stack := make([]uint64, 1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			stack[0] = 1000
			if err := fn.Call(stack); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkTrap(b *testing.B) {
	e := New()
	defer e.Close()
	bin := function1(nil, func(_ *wasm.Module, c *wasm.Code) { c.Op(wasm.OpUnreachable) })
	fn := must(must(e.Instantiate(must(e.Compile(bin))(b), nil))(b).Func("f"))(b)
	stack := make([]uint64, 1)
	for b.Loop() {
		if fn.Call(stack) == nil {
			b.Fatal("no trap")
		}
	}
}

func BenchmarkRead(b *testing.B) {
	e := New()
	defer e.Close()
	mem := must(e.NewMemory(16, 16))(b)
	for _, n := range []int{8, 16, 32, 64, 4096, 65536} {
		p := make([]byte, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mem.Read(100, p)
			}
		})
	}
}

func BenchmarkWrite4096(b *testing.B) {
	e := New()
	defer e.Close()
	mem := must(e.NewMemory(16, 16))(b)
	p := make([]byte, 4096)
	for b.Loop() {
		mem.Write(100, p)
	}
}

func BenchmarkLoad32(b *testing.B) {
	e := New()
	defer e.Close()
	mem := must(e.NewMemory(16, 16))(b)
	for b.Loop() {
		mem.Load32(100)
	}
}

func BenchmarkZero16M(b *testing.B) {
	e := New()
	defer e.Close()
	mem := must(e.NewMemory(256, 256))(b)
	for b.Loop() {
		mem.Zero(0, 16<<20)
	}
}

func BenchmarkNewMemory(b *testing.B) {
	e := New()
	defer e.Close()
	for b.Loop() {
		must(e.NewMemory(16, 256))(b).Close()
	}
}

func BenchmarkInstantiate(b *testing.B) {
	e := New()
	defer e.Close()
	mod := must(e.Compile(function1(nil, func(m *wasm.Module, _ *wasm.Code) { m.ImportMemory("mem", "memory", wasm.Limits{}) })))(b)
	mem := must(e.NewMemory(16, 256))(b)
	for b.Loop() {
		must(e.Instantiate(mod, engine.Imports{"mem": mem.Instance()}))(b).Close()
	}
}

func BenchmarkFunc(b *testing.B) {
	e := New()
	defer e.Close()
	mod := must(e.Compile(function1(nil, func(*wasm.Module, *wasm.Code) {})))(b)
	for b.Loop() {
		inst := must(e.Instantiate(mod, nil))(b)
		must(inst.Func("f"))(b)
		inst.Close()
	}
}
