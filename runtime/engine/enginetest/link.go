package enginetest

import (
	"strings"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

func testLinkMemory(s *suite) {
	mem := s.memory(1, 4)
	code := s.compile(peekPoke())
	a, b := s.instantiate(code, importsOf(mem)), s.instantiate(code, importsOf(mem))
	other := s.instantiate(code, importsOf(s.memory(1, 1)))

	s.call(a, "poke", 100, 0xcafe)
	s.want(0xcafe, b, "peek", 100)
	s.want(0, other, "peek", 100)
	p := make([]byte, 4)
	if !mem.Read(100, p) || p[0] != 0xfe || p[1] != 0xca {
		s.Errorf("Read after poke: %x", p)
	}
	if !mem.Write(200, []byte{1, 2, 3, 4}) {
		s.Error("Write failed")
	}
	s.want(0x04030201, a, "peek", 200)
}

// tableOwner exports a table of n entries and call(i), which calls entry i.
func tableOwner(n uint32) *wasm.Module {
	var m wasm.Module
	table := m.Table(wasm.FuncRef, wasm.Limits{Min: n, Max: n, HasMax: true})
	m.ExportTable("table", table)
	typ := m.FuncType(nil, types(wasm.I32))
	define(&m, "call", types(wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.CallIndirect(typ, table)
	})
	return &m
}

// tableUser puts functions that return values into t.table from offset on,
// and exports call(i), which calls entry i.
func tableUser(offset int32, values ...int32) *wasm.Module {
	var m wasm.Module
	table := m.ImportTable("t", "table", wasm.FuncRef, wasm.Limits{Min: 1})
	typ := m.FuncType(nil, types(wasm.I32))
	var fns []uint32
	for _, v := range values {
		fns = append(fns, define(&m, "", nil, types(wasm.I32), func(c *wasm.Code) { c.I32Const(v) }))
	}
	define(&m, "call", types(wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.CallIndirect(typ, table)
	})
	m.ElemActive(table, wasm.ConstI32(offset), fns)
	return &m
}

func testLinkTable(s *suite) {
	owner := s.load(tableOwner(16), nil)
	a := s.load(tableUser(0, 10, 11), engine.Imports{"t": owner})
	b := s.load(tableUser(2, 12, 13), engine.Imports{"t": owner})
	for i := range uint64(4) {
		for _, inst := range []engine.Instance{owner, a, b} {
			s.want(10+i, inst, "call", i)
		}
	}
	// A later module may take entries over.
	s.load(tableUser(1, 21), engine.Imports{"t": owner})
	s.want(21, a, "call", 1)
	s.want(12, a, "call", 2)
	s.trap(engine.TrapTable, a, "call", 5)
}

// globals has a mutable global of each type, exported g0 … g4, and get<i> and
// set<i> for each; linked, it imports them from g instead of defining them.
func globals(linked bool) *wasm.Module {
	var m wasm.Module
	inits := []wasm.ConstExpr{wasm.ConstI32(1), wasm.ConstI64(2), wasm.ConstF32(3), wasm.ConstF64(4), wasm.ConstV128(5, 6)}
	all := types(wasm.I32, wasm.I64, wasm.F32, wasm.F64, wasm.V128)
	for i, t := range all {
		name := "g" + string(rune('0'+i))
		if linked {
			m.ImportGlobal("g", name, t, true)
		} else {
			m.ExportGlobal(name, m.Global(t, true, inits[i]))
		}
	}
	for i, t := range all {
		digit := string(rune('0' + i))
		define(&m, "get"+digit, nil, types(t), func(c *wasm.Code) { c.GlobalGet(uint32(i)) })
		define(&m, "set"+digit, types(t), nil, func(c *wasm.Code) {
			c.LocalGet(0)
			c.GlobalSet(uint32(i))
		})
	}
	return &m
}

func testLinkGlobals(s *suite) {
	owner := s.load(globals(false), nil)
	user := s.load(globals(true), engine.Imports{"g": owner})
	for i := range 5 {
		digit := string(rune('0' + i))
		s.want(uint64(i+1), user, "get"+digit)
		s.call(owner, "set"+digit, uint64(i+100), 77)
		s.want(uint64(i+100), user, "get"+digit)
		s.call(user, "set"+digit, uint64(i+200), 88)
		s.want(uint64(i+200), owner, "get"+digit)
	}
	if hi := s.call(owner, "get4")[1]; hi != 88 {
		s.Errorf("high half of the v128 global: %d, want 88", hi)
	}
	// Another owner has globals of its own.
	other := s.load(globals(true), engine.Imports{"g": s.load(globals(false), nil)})
	s.want(1, other, "get0")
}

func testLinkByInstance(s *suite) {
	var m wasm.Module
	f := m.ImportFunc("lib", "f", m.FuncType(nil, types(wasm.I32)))
	define(&m, "g", nil, types(wasm.I32), func(c *wasm.Code) { c.Call(f) })
	code := s.compile(&m)
	a := s.instantiate(code, engine.Imports{"lib": s.load(constant(1), nil)})
	b := s.instantiate(code, engine.Imports{"lib": s.load(constant(2), nil)})
	s.want(1, a, "g")
	s.want(2, b, "g")
}

// testLinkReexports: a module may pass on what it imports.
func testLinkReexports(s *suite) {
	var m wasm.Module
	f := m.ImportFunc("lib", "f", m.FuncType(nil, types(wasm.I32)))
	h := m.ImportFunc("host", "h", m.FuncType(types(wasm.I32), types(wasm.I32)))
	m.ExportFunc("f2", f)
	m.ExportFunc("h2", h)
	host := s.host(engine.HostFunc{Name: "h", Params: []engine.ValType{engine.I32}, Results: []engine.ValType{engine.I32},
		Fn: func(stack []uint64) { stack[0] += 2 }})
	mid := s.load(&m, engine.Imports{"lib": s.load(constant(31), nil), "host": host})
	s.want(31, mid, "f2")

	var n wasm.Module
	h2 := n.ImportFunc("mid", "h2", n.FuncType(types(wasm.I32), types(wasm.I32)))
	define(&n, "f", nil, types(wasm.I32), func(c *wasm.Code) {
		c.I32Const(40)
		c.Call(h2)
	})
	s.want(42, s.load(&n, engine.Imports{"mid": mid}), "f")
}

func testLinkErrors(s *suite) {
	var m wasm.Module
	m.ImportFunc("lib", "f", m.FuncType(nil, types(wasm.I64)))
	code := s.compile(&m)
	for name, c := range map[string]struct {
		imports engine.Imports
		word    string
	}{
		"no module":  {nil, "lib"},
		"no field":   {engine.Imports{"lib": s.memory(1, 1).Instance()}, "f"},
		"wrong type": {engine.Imports{"lib": s.load(constant(1), nil)}, "f"},
	} {
		inst, err := s.e.Instantiate(code, c.imports)
		if err == nil {
			inst.Close()
			s.Errorf("%s: linked", name)
		} else if !strings.Contains(err.Error(), c.word) {
			s.Errorf("%s: error %q does not name %q", name, err, c.word)
		}
	}
	// An import that is not wanted does no harm.
	s.want(3, s.load(constant(3), engine.Imports{"lib": s.memory(1, 1).Instance()}), "f")
}
