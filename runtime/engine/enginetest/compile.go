package enginetest

import (
	"fmt"
	"math"
	"strings"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

func testCompileErrors(s *suite) {
	good := constant(7).Bytes()
	var mistyped wasm.Module
	define(&mistyped, "f", nil, types(wasm.I32), func(c *wasm.Code) { c.I64Const(1) })
	for name, bin := range map[string][]byte{
		"empty":     {},
		"no magic":  []byte("this is not WebAssembly"),
		"truncated": good[:len(good)-3],
		"trailing":  append(append([]byte{}, good...), 99, 99),
		"mistyped":  mistyped.Bytes(),
	} {
		mod, err := s.e.Compile(bin)
		if err == nil {
			mod.Close()
			s.Errorf("%s: compiled", name)
		} else if len(err.Error()) < len("compile module: x") {
			s.Errorf("%s: the error %q says nothing", name, err)
		}
	}
	s.want(7, s.load(constant(7), nil), "f")
}

func testCompileTwice(s *suite) {
	a, b := s.compile(constant(5)), s.compile(constant(5))
	if err := a.Close(); err != nil {
		s.Fatal(err)
	}
	s.want(5, s.instantiate(b, nil), "f")
	if err := b.Close(); err != nil {
		s.Fatal(err)
	}
	s.want(5, s.load(constant(5), nil), "f")

	// The caller may use its buffer again.
	bin := constant(6).Bytes()
	mod, err := s.e.Compile(bin)
	if err != nil {
		s.Fatal(err)
	}
	clear(bin)
	s.want(6, s.instantiate(mod, nil), "f")
}

func testCall(s *suite) {
	var m wasm.Module
	define(&m, "none", nil, nil, func(*wasm.Code) {})
	define(&m, "swap", types(wasm.I32, wasm.I64), types(wasm.I64, wasm.I32), func(c *wasm.Code) {
		c.LocalGet(1)
		c.LocalGet(0)
	})
	define(&m, "floats", types(wasm.F32, wasm.F64), types(wasm.F64, wasm.F32), func(c *wasm.Code) {
		c.LocalGet(1)
		c.LocalGet(0)
	})
	define(&m, "vector", types(wasm.I32, wasm.V128), types(wasm.V128, wasm.I64), func(c *wasm.Code) {
		c.LocalGet(1)
		c.LocalGet(0)
		c.Op(wasm.OpI64ExtendI32U)
	})
	many := make([]wasm.ValType, 20)
	for i := range many {
		many[i] = wasm.I64
	}
	define(&m, "rotate", many, many, func(c *wasm.Code) {
		for i := range many {
			c.LocalGet(uint32((i + 1) % len(many)))
		}
	})
	inst := s.load(&m, nil)

	if err := s.function(inst, "none").Call(nil); err != nil {
		s.Errorf("none: %v", err)
	}
	check := func(name string, got []uint64, want ...uint64) {
		s.Helper()
		if fmt.Sprintf("%#x", got[:len(want)]) != fmt.Sprintf("%#x", want) {
			s.Errorf("%s: %#x, want %#x", name, got[:len(want)], want)
		}
	}
	low := func(v uint64) uint64 { return v & math.MaxUint32 }

	got := s.call(inst, "swap", 0x89abcdef, 0xfedcba9876543210)
	check("swap", []uint64{got[0], low(got[1])}, 0xfedcba9876543210, 0x89abcdef)

	// Not a number, with contents, must pass unchanged: guests compute with it.
	const f32, f64 = 0x7fa00001, 0xfff4000000000001
	got = s.call(inst, "floats", f32, f64)
	check("floats", []uint64{got[0], low(got[1])}, f64, f32)

	got = s.call(inst, "vector", 0xffffffff, 0x1111111122222222, 0x3333333344444444)
	check("vector", got, 0x1111111122222222, 0x3333333344444444, 0xffffffff)

	var in, out [20]uint64
	for i := range in {
		in[i] = uint64(i) << 56
		out[i] = uint64((i+1)%20) << 56
	}
	check("rotate", s.call(inst, "rotate", in[:]...), out[:]...)

	if _, err := inst.Func("missing"); err == nil || !strings.Contains(err.Error(), `"missing"`) {
		s.Errorf("Func of a name that is not exported: error %v, want one that names it", err)
	}
	// Two Funcs of one function are independent.
	a, b := s.function(inst, "swap"), s.function(inst, "swap")
	sa, sb := []uint64{1, 2}, []uint64{3, 4}
	if err := a.Call(sa); err != nil {
		s.Fatal(err)
	}
	if err := b.Call(sb); err != nil {
		s.Fatal(err)
	}
	if sa[0] != 2 || sb[0] != 4 {
		s.Errorf("two Funcs: %v and %v, want 2 and 4 first", sa, sb)
	}
}

func testCallShortStack(s *suite) {
	var m wasm.Module
	define(&m, "sum", types(wasm.I64, wasm.I64), types(wasm.I64), func(c *wasm.Code) {
		c.LocalGet(0)
		c.LocalGet(1)
		c.Op(wasm.OpI64Add)
	})
	define(&m, "vector", nil, types(wasm.V128), func(c *wasm.Code) { c.V128Const(1, 2) })
	inst := s.load(&m, nil)
	for name, short := range map[string]int{"sum": 1, "vector": 1} {
		if err := s.function(inst, name).Call(make([]uint64, short)); err == nil {
			s.Errorf("%s: a stack of %d words was accepted", name, short)
		}
	}
	s.want(5, inst, "sum", 2, 3)
}

func testStart(s *suite) {
	mem := s.memory(1, 1)
	module := func(body func(c *wasm.Code)) *wasm.Module {
		var m wasm.Module
		importMemory(&m)
		m.Start(define(&m, "", nil, nil, body))
		m.DataActive(wasm.ConstI32(8), []byte("data"))
		return &m
	}
	s.load(module(func(c *wasm.Code) {
		c.I32Const(0)
		c.I32Const(42)
		c.Mem(wasm.OpI32Store8, 0, 0)
	}), importsOf(mem))
	p := make([]byte, 12)
	if !mem.Read(0, p) || p[0] != 42 || string(p[8:]) != "data" {
		s.Errorf("memory after start: %q", p)
	}
	_, err := s.e.Instantiate(s.compile(module(func(c *wasm.Code) { c.Op(wasm.OpUnreachable) })), importsOf(mem))
	s.isTrap(engine.TrapUnreachable, "a start function that traps", err)
}
