package wasm

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// everything builds a module with every section and kind of segment.
func everything(m *Module) []byte {
	i32 := []ValType{I32}
	none := m.FuncType(nil, nil)
	inc := m.FuncType(i32, i32)
	pair := m.FuncType([]ValType{I64, V128}, []ValType{F32, F64})
	m.ImportFunc("env", "log", m.FuncType(i32, nil))
	m.ImportMemory("env", "memory", Limits{Min: 1, Max: 65535, HasMax: true})
	m.ImportTable("env", "table", FuncRef, Limits{Min: 2})
	m.ImportGlobal("env", "base", I32, false)

	own := m.Table(ExternRef, Limits{Min: 1, Max: 4, HasMax: true})
	fns := m.Table(FuncRef, Limits{Min: 8})
	sp := m.Global(I32, true, ConstI32(-65536))
	m.Global(I64, false, ConstI64(1<<40))
	m.Global(F32, true, ConstF32(0x3fc00000))
	m.Global(F64, true, ConstF64(0xfff8000000000001))
	vec := m.Global(V128, true, ConstV128(0x0000000200000001, 0x0000000400000003))
	m.Global(FuncRef, true, ConstNull(FuncRef))
	m.Global(I32, false, ConstGlobal(0))

	f := m.Func(inc)
	g := m.Func(pair)
	start := m.Func(none)
	m.Global(FuncRef, false, ConstFunc(f))
	m.ExportFunc("inc", f)
	m.ExportTable("own", own)
	m.ExportMemory("memory", 0)
	m.ExportGlobal("sp\n\"\\", sp)
	m.Start(start)
	m.ElemActive(0, ConstGlobal(0), []uint32{f, g})
	m.ElemActive(fns, ConstI32(1), []uint32{start})
	elem := m.ElemPassive([]uint32{f})
	m.ElemDeclared([]uint32{g})
	m.DataActive(ConstI32(16), []byte("hello \x00\xff"))
	data := m.DataPassive([]byte("later"))

	var c Code
	c.Reset(2) // bodies in another order than the functions
	a, b := c.AddLocal(F32), c.AddLocal(F64)
	c.AddLocal(F64)
	c.LocalGet(a)
	c.LocalGet(b)
	c.GlobalGet(vec)
	c.V128Const(0x0706050403020100, 0x0f0e0d0c0b0a0908)
	c.Shuffle([16]byte{0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 31})
	c.GlobalSet(vec)
	c.End()
	m.Body(g, &c)

	c.Reset(1)
	n := c.AddLocal(I32)
	c.Block(BlockEmpty)
	c.Loop(BlockOf(I32))
	c.LocalGet(0)
	c.BrIf(1)
	c.I32Const(7)
	c.LocalGet(n)
	c.BrTable([]uint32{1, 1}, 1)
	c.End()
	c.Op(OpDrop)
	c.End()
	c.LocalGet(0)
	c.If(BlockOf(I32))
	c.LocalGet(0)
	c.Mem(OpI32Load, 2, 0)
	c.LocalGet(0)
	c.Mem(OpI32Load, 0, 1<<20)
	c.Op(OpI32Add)
	c.Else()
	c.LocalGet(0)
	c.LocalGet(0)
	c.CallIndirect(inc, 0)
	c.LocalTee(n)
	c.LocalGet(n)
	c.CallIndirect(inc, fns)
	c.End()
	c.End()
	m.Body(f, &c)

	c.Reset(0)
	c.I32Const(0)
	c.I32Const(0)
	c.I32Const(5)
	c.Idx2(OpMemoryInit, data, 0)
	c.Idx(OpDataDrop, data)
	c.I32Const(0)
	c.I32Const(0)
	c.I32Const(1)
	c.Idx2(OpTableInit, elem, fns)
	c.I32Const(0)
	c.I32Const(0)
	c.I32Const(0)
	c.MemoryCopy()
	c.I32Const(0)
	c.I32Const(0)
	c.I32Const(0)
	c.MemoryFill()
	c.F32Const(0x7fa00000)
	c.F64Const(0x3ff8000000000000)
	c.Op(OpDrop)
	c.Op(OpDrop)
	c.I32Const(8)
	c.V128Const(0, 0)
	c.MemLane(OpV128Load16Lane, 1, 4, 7)
	c.Lane(OpI16x8ExtractLaneU, 3)
	c.I32Const(1)
	c.Mem(OpI32AtomicRmwAdd, 2, 8)
	c.Fence()
	c.Call(0)
	c.End()
	m.Body(start, &c)

	m.Name("everything")
	m.NameFunc(start, "start")
	m.NameFunc(f, "inc")
	return m.Bytes()
}

func TestModuleGolden(t *testing.T) {
	var m Module
	bin := everything(&m)
	if err := validator(t)(bin); err != nil {
		t.Error(err)
	}
	text, err := Disassemble(bin)
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/everything.wat"
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("-%s +got (go test -update rewrites it):\n%s", file, diff)
	}

	m.Reset()
	if !bytes.Equal(everything(&m), bin) {
		t.Error("a reset Module gives other bytes")
	}
}

// TestModuleRuns has a built function compute something.
func TestModuleRuns(t *testing.T) {
	var m Module
	fn := m.Func(m.FuncType([]ValType{I64}, []ValType{I64}))
	m.ExportFunc("fac", fn)
	var c Code
	c.Reset(1)
	acc := c.AddLocal(I64)
	c.I64Const(1)
	c.LocalSet(acc)
	c.Block(BlockEmpty)
	c.Loop(BlockEmpty)
	c.LocalGet(0)
	c.Op(OpI64Eqz)
	c.BrIf(1)
	c.LocalGet(acc)
	c.LocalGet(0)
	c.Op(OpI64Mul)
	c.LocalSet(acc)
	c.LocalGet(0)
	c.I64Const(-1)
	c.Op(OpI64Add)
	c.LocalSet(0)
	c.Br(0)
	c.End()
	c.End()
	c.LocalGet(acc)
	c.End()
	m.Body(fn, &c)

	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	defer rt.Close(ctx)
	inst, err := rt.Instantiate(ctx, m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := inst.ExportedFunction("fac").Call(ctx, 20)
	if err != nil || got[0] != 2432902008176640000 {
		t.Errorf("fac(20) = %d, %v", got, err)
	}
}

func TestFuncTypeShared(t *testing.T) {
	var m Module
	a := m.FuncType([]ValType{I32, I64}, nil)
	b := m.FuncType([]ValType{I32}, []ValType{I64})
	if c := m.FuncType([]ValType{I32, I64}, nil); a == b || a != c {
		t.Errorf("indices %d, %d and again %d", a, b, c)
	}
}

func TestModuleMisuse(t *testing.T) {
	for name, f := range map[string]func(m *Module){
		"import behind a definition": func(m *Module) { m.Func(0); m.ImportFunc("a", "b", 0) },
		"missing body":               func(m *Module) { m.Func(m.FuncType(nil, nil)); m.Bytes() },
		"body of an import":          func(m *Module) { m.Body(m.ImportFunc("a", "b", m.FuncType(nil, nil)), new(Code)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			f(new(Module))
		})
	}
}

// BenchmarkBody measures the writer alone: a body of 800 instructions.
func BenchmarkBody(b *testing.B) {
	var m Module
	var c Code
	b.ReportAllocs()
	for b.Loop() {
		m.Reset()
		fn := m.Func(m.FuncType(nil, nil))
		c.Reset(0)
		x := c.AddLocal(I64)
		for i := range int32(100) {
			c.I32Const(i)
			c.LocalGet(x)
			c.I64Const(int64(i) << 20)
			c.Op(OpI64Add)
			c.LocalTee(x)
			c.Mem(OpI64Store, 3, uint32(i)*8)
			c.V128Const(1, 2)
			c.Op(OpDrop)
		}
		c.End()
		m.Body(fn, &c)
	}
}
