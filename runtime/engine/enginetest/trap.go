package enginetest

import (
	"errors"
	"fmt"
	"math"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// trapper exports a function for each way to trap, and ok, which returns 1.
func trapper() *wasm.Module {
	var m wasm.Module
	importMemory(&m)
	table := m.Table(wasm.FuncRef, wasm.Limits{Min: 4})
	nothing, toI32 := m.FuncType(nil, nil), m.FuncType(nil, types(wasm.I32))

	ok := define(&m, "ok", nil, types(wasm.I32), func(c *wasm.Code) { c.I32Const(1) })
	m.ElemActive(table, wasm.ConstI32(0), []uint32{ok})
	define(&m, "unreachable", nil, nil, func(c *wasm.Code) { c.Op(wasm.OpUnreachable) })

	access := func(name string, body func(c *wasm.Code)) { define(&m, name, types(wasm.I32), nil, body) }
	access("load", func(c *wasm.Code) {
		c.LocalGet(0)
		c.Mem(wasm.OpI64Load, 0, 0)
		c.Op(wasm.OpDrop)
	})
	access("store", func(c *wasm.Code) {
		c.LocalGet(0)
		c.I64Const(1)
		c.Mem(wasm.OpI64Store, 0, 0)
	})
	access("offset", func(c *wasm.Code) { // must not wrap
		c.LocalGet(0)
		c.Mem(wasm.OpI32Load8U, 0, math.MaxUint32)
		c.Op(wasm.OpDrop)
	})
	access("vector", func(c *wasm.Code) {
		c.LocalGet(0)
		c.Mem(wasm.OpV128Load, 0, 0)
		c.Op(wasm.OpDrop)
	})
	access("fill", func(c *wasm.Code) {
		c.LocalGet(0)
		c.I32Const(0)
		c.I32Const(100)
		c.MemoryFill()
	})
	access("atomic", func(c *wasm.Code) {
		c.LocalGet(0)
		c.Mem(wasm.OpI32AtomicLoad, 2, 0)
		c.Op(wasm.OpDrop)
	})
	access("indirect", func(c *wasm.Code) {
		c.LocalGet(0)
		c.CallIndirect(toI32, table)
		c.Op(wasm.OpDrop)
	})
	access("mistyped", func(c *wasm.Code) {
		c.LocalGet(0)
		c.CallIndirect(nothing, table)
	})

	divide := func(name string, t wasm.ValType, op wasm.Op) {
		define(&m, name, types(t, t), types(t), func(c *wasm.Code) {
			c.LocalGet(0)
			c.LocalGet(1)
			c.Op(op)
		})
	}
	divide("div32s", wasm.I32, wasm.OpI32DivS)
	divide("rem32u", wasm.I32, wasm.OpI32RemU)
	divide("div64s", wasm.I64, wasm.OpI64DivS)
	divide("div64u", wasm.I64, wasm.OpI64DivU)
	divide("rem64s", wasm.I64, wasm.OpI64RemS)
	define(&m, "trunc", types(wasm.F64), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.Op(wasm.OpI32TruncF64S)
	})
	return &m
}

func testTraps(s *suite) {
	mem := s.memory(1, 2)
	inst := s.load(trapper(), importsOf(mem))
	const minInt32, minInt64, minus1 = 0x80000000, 1 << 63, math.MaxUint64
	for _, c := range []struct {
		kind  engine.TrapKind
		name  string
		words []uint64
	}{
		{engine.TrapUnreachable, "unreachable", nil},
		{engine.TrapOutOfBounds, "load", []uint64{engine.PageSize - 7}},
		{engine.TrapOutOfBounds, "load", []uint64{math.MaxUint32}},
		{engine.TrapOutOfBounds, "store", []uint64{engine.PageSize}},
		{engine.TrapOutOfBounds, "offset", []uint64{1}},
		{engine.TrapOutOfBounds, "vector", []uint64{engine.PageSize - 15}},
		{engine.TrapOutOfBounds, "fill", []uint64{engine.PageSize - 99}},
		{engine.TrapOutOfBounds, "atomic", []uint64{engine.PageSize}},
		{engine.TrapUnaligned, "atomic", []uint64{2}},
		{engine.TrapTable, "indirect", []uint64{3}},
		{engine.TrapTable, "mistyped", []uint64{0}},
		{engine.TrapDivide, "div32s", []uint64{1, 0}},
		{engine.TrapDivide, "div32s", []uint64{minInt32, math.MaxUint32}},
		{engine.TrapDivide, "rem32u", []uint64{1, 0}},
		{engine.TrapDivide, "div64s", []uint64{1, 0}},
		{engine.TrapDivide, "div64s", []uint64{minInt64, minus1}},
		{engine.TrapDivide, "div64u", []uint64{1, 0}},
		{engine.TrapDivide, "rem64s", []uint64{1, 0}},
		{engine.TrapConversion, "trunc", []uint64{math.Float64bits(math.NaN())}},
	} {
		s.trap(c.kind, inst, c.name, c.words...)
		s.want(1, inst, "ok")
	}
	// SpiderMonkey has one message for what is outside, memory or table.
	outside := s.function(inst, "indirect").Call([]uint64{4, 0, 0, 0})
	var trap *engine.Trap
	if !errors.As(outside, &trap) || trap.Kind != engine.TrapTable && trap.Kind != engine.TrapOutOfBounds {
		s.Errorf("an index outside the table: %v, want the kind %v", outside, engine.TrapTable)
	}
	// The same Func goes on after a trap.
	f := s.function(inst, "div32s")
	for range 3 {
		s.isTrap(engine.TrapDivide, "div32s", f.Call([]uint64{6, 0}))
		stack := []uint64{6, 3}
		if err := f.Call(stack); err != nil || uint32(stack[0]) != 2 {
			s.Fatalf("div32s after a trap: %v, %v", stack, err)
		}
	}
	// What is not a trap, beside those that are.
	s.call(inst, "load", engine.PageSize-8)
	s.call(inst, "store", engine.PageSize-8)
	s.call(inst, "fill", engine.PageSize-100)
	s.call(inst, "indirect", 0)
	if got := s.call(inst, "trunc", math.Float64bits(3.9))[0]; uint32(got) != 3 {
		s.Errorf("trunc(3.9) = %d", uint32(got))
	}
}

// testTrapInImport: a trap unwinds frames of several instances.
func testTrapInImport(s *suite) {
	mem := s.memory(1, 1)
	lib := s.load(trapper(), importsOf(mem))
	var m wasm.Module
	f := m.ImportFunc("lib", "store", m.FuncType(types(wasm.I32), nil))
	define(&m, "f", types(wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.Call(f)
		c.I32Const(9)
	})
	user := s.load(&m, engine.Imports{"lib": lib})
	s.trap(engine.TrapOutOfBounds, user, "f", 1<<20)
	s.want(9, user, "f", 0)
	s.want(1, lib, "ok")
}

// testTrapUnderHost: Wasm → Go → Wasm, and the inner one traps. Go gets the
// error and decides what the outer one sees.
func testTrapUnderHost(s *suite) {
	inner := s.load(trapper(), importsOf(s.memory(1, 1)))
	div := s.function(inner, "div32s")
	var seen []error
	host := s.host(engine.HostFunc{Name: "div", Params: []engine.ValType{engine.I32, engine.I32}, Results: []engine.ValType{engine.I32},
		Fn: func(stack []uint64) {
			words := []uint64{stack[0], stack[1]}
			err := div.Call(words)
			seen = append(seen, err)
			stack[0] = words[0]
			if err != nil {
				stack[0] = 1000
			}
		}})
	var m wasm.Module
	f := m.ImportFunc("host", "div", m.FuncType(types(wasm.I32, wasm.I32), types(wasm.I32)))
	define(&m, "f", types(wasm.I32, wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.LocalGet(1)
		c.Call(f)
		c.I32Const(1)
		c.Op(wasm.OpI32Add)
	})
	// g traps itself when the host function has returned.
	define(&m, "g", types(wasm.I32, wasm.I32), nil, func(c *wasm.Code) {
		c.LocalGet(0)
		c.LocalGet(1)
		c.Call(f)
		c.Op(wasm.OpDrop)
		c.Op(wasm.OpUnreachable)
	})
	outer := s.load(&m, engine.Imports{"host": host})
	s.want(4, outer, "f", 6, 2)
	s.want(1001, outer, "f", 6, 0)
	s.trap(engine.TrapUnreachable, outer, "g", 6, 0)
	s.want(4, outer, "f", 6, 2)
	if len(seen) != 4 || seen[0] != nil || seen[3] != nil {
		s.Fatalf("the host function saw the errors %v", seen)
	}
	s.isTrap(engine.TrapDivide, "inner", seen[1])
	s.isTrap(engine.TrapDivide, "inner", seen[2])
}

// testTrapKeepsState: what was stored before a trap stays stored.
func testTrapKeepsState(s *suite) {
	mem := s.memory(1, 1)
	var m wasm.Module
	importMemory(&m)
	g := m.Global(wasm.I64, true, wasm.ConstI64(0))
	define(&m, "f", types(wasm.I64), nil, func(c *wasm.Code) {
		c.LocalGet(0)
		c.GlobalSet(g)
		c.I32Const(16)
		c.LocalGet(0)
		c.Mem(wasm.OpI64Store, 0, 0)
		c.Op(wasm.OpUnreachable)
	})
	define(&m, "get", nil, types(wasm.I64), func(c *wasm.Code) { c.GlobalGet(g) })
	inst := s.load(&m, importsOf(mem))
	s.trap(engine.TrapUnreachable, inst, "f", 0x1234567890)
	s.want(0x1234567890, inst, "get")
	if v, ok := mem.Load32(16); !ok || v != 0x34567890 {
		s.Errorf("memory after the trap: %#x, %v", v, ok)
	}
}

// testOverflowUnderHost: the stack ends while the recursion keeps calling Go,
// which must not be harmed by it.
func testOverflowUnderHost(s *suite) {
	var text string
	calls := 0
	host := s.host(engine.HostFunc{Name: "h", Params: []engine.ValType{engine.I32}, Results: []engine.ValType{engine.I32},
		Fn: func(stack []uint64) {
			calls++
			text = fmt.Sprintf("%05d %v %q", stack[0]%100000, stack[:1], text[:min(len(text), 5)])
			stack[0]++
		}})
	var m wasm.Module
	typ := m.FuncType(types(wasm.I32), types(wasm.I32))
	h := m.ImportFunc("h", "h", typ)
	f := m.Func(typ)
	var c wasm.Code
	c.Reset(1)
	var kept []uint32 // across the call: frames of some size save time
	for range 100 {
		kept = append(kept, c.AddLocal(wasm.I32))
	}
	c.LocalGet(0)
	c.Call(h)
	for _, l := range kept {
		c.LocalTee(l)
		c.LocalGet(0)
		c.Op(wasm.OpI32Mul)
	}
	c.Call(f)
	for _, l := range kept {
		c.LocalGet(l)
		c.Op(wasm.OpI32Add)
	}
	c.End()
	m.Body(f, &c)
	m.ExportFunc("f", f)
	define(&m, "g", types(wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.Call(h)
	})
	inst := s.load(&m, engine.Imports{"h": host})
	for range 2 {
		s.trap(engine.TrapStackOverflow, inst, "f", 0)
		s.want(6, inst, "g", 5)
	}
	if calls < 100 || len(text) < 10 {
		s.Errorf("%d calls, the last made %q", calls, text)
	}
}

func testStackOverflow(s *suite) {
	mem := s.memory(1, 1)
	var m wasm.Module
	importMemory(&m)
	typ := m.FuncType(types(wasm.I64), types(wasm.I64))
	f := m.Func(typ)
	var c wasm.Code
	c.Reset(1)
	c.LocalGet(0)
	c.Op(wasm.OpI64Eqz)
	c.If(wasm.BlockEmpty)
	c.I64Const(0)
	c.Op(wasm.OpReturn)
	c.End()
	c.LocalGet(0)
	c.I64Const(1)
	c.Op(wasm.OpI64Sub)
	c.Call(f)
	c.I64Const(1)
	c.Op(wasm.OpI64Add)
	c.End()
	m.Body(f, &c)
	m.ExportFunc("depth", f)
	define(&m, "mark", nil, nil, func(c *wasm.Code) {
		c.I32Const(0)
		c.I32Const(77)
		c.Mem(wasm.OpI32Store, 2, 0)
	})
	inst := s.load(&m, importsOf(mem))
	fn := s.function(inst, "depth")
	stack := make([]uint64, 1)
	for range 2 {
		stack[0] = 1 << 40
		s.isTrap(engine.TrapStackOverflow, "unbounded recursion", fn.Call(stack))
		stack[0] = 1000
		if err := fn.Call(stack); err != nil || stack[0] != 1000 {
			s.Fatalf("a depth of 1000 after an overflow: %d, %v", stack[0], err)
		}
	}
	s.call(inst, "mark")
	if v, _ := mem.Load32(0); v != 77 {
		s.Errorf("memory after an overflow: %d, want 77", v)
	}
}
