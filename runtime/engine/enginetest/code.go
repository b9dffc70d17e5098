package enginetest

import (
	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// testTailCalls: tail calls use no stack, direct and through a table.
func testTailCalls(s *suite) {
	const n = 1_000_000
	var m wasm.Module
	table := m.Table(wasm.FuncRef, wasm.Limits{Min: 1})
	typ := m.FuncType(types(wasm.I32, wasm.I64), types(wasm.I64))
	loop := func(call func(c *wasm.Code)) uint32 {
		f := m.Func(typ)
		var c wasm.Code
		c.Reset(2)
		c.LocalGet(0)
		c.Op(wasm.OpI32Eqz)
		c.If(wasm.BlockEmpty)
		c.LocalGet(1)
		c.Op(wasm.OpReturn)
		c.End()
		c.LocalGet(0)
		c.I32Const(1)
		c.Op(wasm.OpI32Sub)
		c.LocalGet(1)
		c.I64Const(3)
		c.Op(wasm.OpI64Add)
		call(&c)
		c.End()
		m.Body(f, &c)
		return f
	}
	direct := loop(func(c *wasm.Code) { c.ReturnCall(0) })
	indirect := loop(func(c *wasm.Code) {
		c.I32Const(0)
		c.ReturnCallIndirect(typ, table)
	})
	m.ElemActive(table, wasm.ConstI32(0), []uint32{indirect})
	m.ExportFunc("direct", direct)
	m.ExportFunc("indirect", indirect)
	inst := s.load(&m, nil)
	s.want(3*n+1, inst, "direct", n, 1)
	s.want(3*n+1, inst, "indirect", n, 1)
}

// testSIMD: vectors in locals, in memory and across calls. What each
// instruction computes is for the emitter's tests.
func testSIMD(s *suite) {
	mem := s.memory(1, 1)
	var m wasm.Module
	importMemory(&m)
	add := define(&m, "add", types(wasm.V128, wasm.V128), types(wasm.V128), func(c *wasm.Code) {
		c.LocalGet(0)
		c.LocalGet(1)
		c.Op(wasm.OpI8x16Add)
	})
	define(&m, "sum", types(wasm.I32), types(wasm.I64), func(c *wasm.Code) {
		v := c.AddLocal(wasm.V128)
		c.LocalGet(0)
		c.Mem(wasm.OpV128Load, 0, 0)
		c.LocalTee(v)
		c.LocalGet(v)
		c.Call(add)
		c.LocalTee(v)
		c.Lane(wasm.OpI64x2ExtractLane, 0)
		c.LocalGet(v)
		c.Lane(wasm.OpI64x2ExtractLane, 1)
		c.Op(wasm.OpI64Xor)
	})
	inst := s.load(&m, importsOf(mem))
	p := make([]byte, 16)
	for i := range p {
		p[i] = byte(16*i + 1)
	}
	mem.Write(3, p)
	want := uint64(0)
	for i, b := range p {
		want ^= uint64(2*b) << (8 * (i % 8))
	}
	s.want(want, inst, "sum", 3)
	got := s.call(inst, "add", 0x00ff00ff00ff00ff, 0x0101010101010101, 0x0001000100010001, 0xff)
	if got[0] != 0 || got[1] != 0x0101010101010100 {
		s.Errorf("add: %#x %#x", got[0], got[1])
	}
}

// testAtomics: atomic instructions are allowed on memory that is not shared.
func testAtomics(s *suite) {
	mem := s.memory(1, 1)
	var m wasm.Module
	importMemory(&m)
	define(&m, "add", types(wasm.I32, wasm.I64), types(wasm.I64), func(c *wasm.Code) {
		c.LocalGet(0)
		c.LocalGet(1)
		c.Mem(wasm.OpI64AtomicRmwAdd, 3, 0)
		c.Fence()
	})
	define(&m, "cas", types(wasm.I32, wasm.I32, wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.LocalGet(1)
		c.LocalGet(2)
		c.Mem(wasm.OpI32AtomicRmwCmpxchg, 2, 0)
	})
	inst := s.load(&m, importsOf(mem))
	s.want(0, inst, "add", 8, 5)
	s.want(5, inst, "add", 8, 1<<32)
	s.want(5, inst, "cas", 8, 5, 9)
	s.want(9, inst, "cas", 8, 5, 11)
	if v, ok := mem.Load32(8); !ok || v != 9 {
		s.Errorf("Load32 = %d, %v; want 9", v, ok)
	}
	if v, ok := mem.Load32(12); !ok || v != 1 {
		s.Errorf("Load32 of the high half = %d, %v; want 1", v, ok)
	}
	s.trap(engine.TrapUnaligned, inst, "add", 12, 1)
}
