package wazero

import (
	"path/filepath"
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// batch is a module as the translator makes them: n functions of some size
// over an imported memory and table, active in the table.
func batch(n int) []byte {
	var m wasm.Module
	m.ImportMemory("mem", "memory", wasm.Limits{})
	m.ImportTable("t", "table", wasm.FuncRef, wasm.Limits{Min: uint32(n)})
	typ := m.FuncType([]wasm.ValType{wasm.I64, wasm.I32}, []wasm.ValType{wasm.I64})
	var fns []uint32
	var c wasm.Code
	for i := range n {
		c.Reset(2)
		for j := range int32(25) {
			c.LocalGet(1)
			c.LocalGet(0)
			c.I64Const(int64(j) * int64(i+3))
			c.Op(wasm.OpI64Xor)
			c.LocalTee(0)
			c.Mem(wasm.OpI64Store, 3, uint32(j)*8)
		}
		c.LocalGet(0)
		c.End()
		f := m.Func(typ)
		m.Body(f, &c)
		fns = append(fns, f)
	}
	m.ElemActive(0, wasm.ConstI32(0), fns)
	m.ExportFunc("f", fns[0])
	return m.Bytes()
}

func tableModule(n uint32) []byte {
	var m wasm.Module
	m.ExportTable("table", m.Table(wasm.FuncRef, wasm.Limits{Min: n}))
	return m.Bytes()
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func BenchmarkNewClose(b *testing.B) {
	for b.Loop() {
		must(New(Config{}))(b).Close()
	}
}

func BenchmarkNewCloseCacheDir(b *testing.B) {
	cfg := Config{CacheDir: filepath.Join(b.TempDir(), "cache")}
	for b.Loop() {
		must(New(cfg))(b).Close()
	}
}

func BenchmarkCall(b *testing.B) {
	e := newEngine(b, Config{})
	inst := must(e.Instantiate(must(e.Compile(returns(1)))(b), nil))(b)
	f := must(inst.Func("f"))(b)
	stack := make([]uint64, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Call(stack); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHostCall is per host call: Wasm makes 1000 in a loop.
func BenchmarkHostCall(b *testing.B) {
	e := newEngine(b, Config{})
	seven := []wasm.ValType{wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64}
	host := must(e.NewHost([]engine.HostFunc{{
		Name:    "h",
		Params:  []engine.ValType{engine.I64, engine.I64, engine.I64, engine.I64, engine.I64, engine.I64, engine.I64},
		Results: []engine.ValType{engine.I64},
		Fn:      func(stack []uint64) { stack[0]++ },
	}}))(b)
	var m wasm.Module
	h := m.ImportFunc("h", "h", m.FuncType(seven, seven[:1]))
	f := m.Func(m.FuncType(nil, nil))
	var c wasm.Code
	c.Reset(0)
	n := c.AddLocal(wasm.I32)
	c.I32Const(1000)
	c.LocalSet(n)
	c.Loop(wasm.BlockEmpty)
	for i := range int64(7) {
		c.I64Const(i)
	}
	c.Call(h)
	c.Op(wasm.OpDrop)
	c.LocalGet(n)
	c.I32Const(1)
	c.Op(wasm.OpI32Sub)
	c.LocalTee(n)
	c.BrIf(0)
	c.End()
	c.End()
	m.Body(f, &c)
	m.ExportFunc("f", f)
	inst := must(e.Instantiate(must(e.Compile(m.Bytes()))(b), engine.Imports{"h": host}))(b)
	fn := must(inst.Func("f"))(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			if err := fn.Call(nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkTrap(b *testing.B) {
	e := newEngine(b, Config{})
	var m wasm.Module
	f := m.Func(m.FuncType(nil, nil))
	var c wasm.Code
	c.Reset(0)
	c.Op(wasm.OpUnreachable)
	c.End()
	m.Body(f, &c)
	m.ExportFunc("f", f)
	inst := must(e.Instantiate(must(e.Compile(m.Bytes()))(b), nil))(b)
	fn := must(inst.Func("f"))(b)
	for b.Loop() {
		if fn.Call(nil) == nil {
			b.Fatal("no trap")
		}
	}
}

// BenchmarkProcess is what a process costs beside its code: a memory, a table
// and an instance of 100 functions, made and closed.
func BenchmarkProcess(b *testing.B) {
	e := newEngine(b, Config{})
	code, table := must(e.Compile(batch(100)))(b), must(e.Compile(tableModule(4096)))(b)
	for b.Loop() {
		mem := must(e.NewMemory(16, engine.MaxPages))(b)
		t := must(e.Instantiate(table, nil))(b)
		inst := must(e.Instantiate(code, engine.Imports{"mem": mem.Instance(), "t": t}))(b)
		inst.Close()
		t.Close()
		mem.Close()
	}
}

func BenchmarkInstantiate100(b *testing.B) {
	e := newEngine(b, Config{})
	code := must(e.Compile(batch(100)))(b)
	mem := must(e.NewMemory(16, engine.MaxPages))(b)
	t := must(e.Instantiate(must(e.Compile(tableModule(4096)))(b), nil))(b)
	for b.Loop() {
		must(e.Instantiate(code, engine.Imports{"mem": mem.Instance(), "t": t}))(b).Close()
	}
}

func BenchmarkNewMemory(b *testing.B) {
	e := newEngine(b, Config{})
	for b.Loop() {
		must(e.NewMemory(16, engine.MaxPages))(b).Close()
	}
}

func BenchmarkNewHost(b *testing.B) {
	e := newEngine(b, Config{})
	for b.Loop() {
		must(e.NewHost([]engine.HostFunc{{Name: "h", Params: []engine.ValType{engine.I64}, Fn: func([]uint64) {}}}))(b).Close()
	}
}

// The compilations have an engine each, so that nothing is in memory.

func BenchmarkCompile100(b *testing.B) {
	bin := batch(100)
	for b.Loop() {
		e := must(New(Config{}))(b)
		must(e.Compile(bin))(b)
		e.Close()
	}
	b.ReportMetric(float64(len(bin)), "wasm-bytes")
}

func BenchmarkCompile100FromDisk(b *testing.B) {
	bin := batch(100)
	cfg := Config{CacheDir: filepath.Join(b.TempDir(), "cache")}
	for b.Loop() {
		e := must(New(cfg))(b)
		must(e.Compile(bin))(b)
		e.Close()
	}
}

func BenchmarkCompile100FromMemory(b *testing.B) {
	e := newEngine(b, Config{})
	bin := batch(100)
	must(e.Compile(bin))(b)
	for b.Loop() {
		must(e.Compile(bin))(b).Close()
	}
}

func BenchmarkRead4K(b *testing.B) {
	e := newEngine(b, Config{})
	mem := must(e.NewMemory(1, 1))(b)
	p := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		mem.Read(100, p)
	}
}

func BenchmarkRead8(b *testing.B) {
	e := newEngine(b, Config{})
	mem := must(e.NewMemory(1, 1))(b)
	p := make([]byte, 8)
	for b.Loop() {
		mem.Read(100, p)
	}
}
