package enginetest

import (
	"fmt"
	"math"
	"strings"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

func testHostFunctions(s *suite) {
	const i32, i64, f32, f64 = engine.I32, engine.I64, engine.F32, engine.F64
	var calls []string
	note := func(name string, n int) func([]uint64) {
		return func(stack []uint64) { calls = append(calls, fmt.Sprintf("%s%x", name, stack[:n])) }
	}
	host := s.host(
		engine.HostFunc{Name: "none", Fn: func([]uint64) { calls = append(calls, "none") }},
		engine.HostFunc{Name: "take", Params: []engine.ValType{i64, i64, i64, i64, i64, i64, i64}, Fn: note("take", 7)},
		engine.HostFunc{Name: "syscall", Params: []engine.ValType{i64, i64, i64, i64, i64, i64, i64}, Results: []engine.ValType{i64},
			Fn: func(stack []uint64) { stack[0] = stack[0]*1000 + stack[6] }},
		engine.HostFunc{Name: "mixed", Params: []engine.ValType{i32, f32, i64, f64}, Results: []engine.ValType{f64},
			Fn: func(stack []uint64) {
				calls = append(calls, fmt.Sprintf("mixed %d %v", uint32(stack[0]), math.Float32frombits(uint32(stack[1]))))
				stack[0] = math.Float64bits(math.Float64frombits(stack[3]) * float64(stack[2]))
			}},
		engine.HostFunc{Name: "nan", Params: []engine.ValType{f32, f64}, Results: []engine.ValType{f32},
			Fn: func(stack []uint64) {
				calls = append(calls, fmt.Sprintf("nan %x %x", uint32(stack[0]), stack[1]))
			}},
		engine.HostFunc{Name: "pair", Params: []engine.ValType{i32}, Results: []engine.ValType{i64, i32},
			Fn: func(stack []uint64) { stack[0], stack[1] = uint64(uint32(stack[0]))<<40, stack[0]+1 }},
	)
	var m wasm.Module
	imp := func(name string, params, results []wasm.ValType) uint32 {
		return m.ImportFunc("h", name, m.FuncType(params, results))
	}
	seven := types(wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64, wasm.I64)
	none, take, syscall := imp("none", nil, nil), imp("take", seven, nil), imp("syscall", seven, types(wasm.I64))
	mixed := imp("mixed", types(wasm.I32, wasm.F32, wasm.I64, wasm.F64), types(wasm.F64))
	nan := imp("nan", types(wasm.F32, wasm.F64), types(wasm.F32))
	pair := imp("pair", types(wasm.I32), types(wasm.I64, wasm.I32))
	pass := func(name string, fn uint32, params, results []wasm.ValType) {
		define(&m, name, params, results, func(c *wasm.Code) {
			for i := range params {
				c.LocalGet(uint32(i))
			}
			c.Call(fn)
		})
	}
	pass("none", none, nil, nil)
	pass("take", take, seven, nil)
	pass("syscall", syscall, seven, types(wasm.I64))
	pass("mixed", mixed, types(wasm.I32, wasm.F32, wasm.I64, wasm.F64), types(wasm.F64))
	pass("nan", nan, types(wasm.F32, wasm.F64), types(wasm.F32))
	pass("pair", pair, types(wasm.I32), types(wasm.I64, wasm.I32))
	inst := s.load(&m, engine.Imports{"h": host})

	s.call(inst, "none")
	s.call(inst, "take", 1, 2, 3, 4, 5, 6, math.MaxUint64)
	s.want(64007, inst, "syscall", 64, 2, 3, 4, 5, 6, 7)
	s.want(math.Float64bits(-7.5), inst, "mixed", 0xfffffff0, uint64(math.Float32bits(1.25)), 3, math.Float64bits(-2.5))
	got := s.call(inst, "nan", 0x7fa00003, 0xfff0000000000005)
	if uint32(got[0]) != 0x7fa00003 {
		s.Errorf("nan returned %#x", got[0])
	}
	got = s.call(inst, "pair", 5)
	if got[0] != 5<<40 || uint32(got[1]) != 6 {
		s.Errorf("pair returned %#x, %d", got[0], got[1])
	}
	want := "none take[1 2 3 4 5 6 ffffffffffffffff] mixed 4294967280 1.25 nan 7fa00003 fff0000000000005"
	if got := strings.Join(calls, " "); got != want {
		s.Errorf("host functions saw\n%s, want\n%s", got, want)
	}

	// Go may call a host function by its instance as well.
	s.want(64007, host, "syscall", 64, 2, 3, 4, 5, 6, 7)
	// Another host has functions of its own under the same names.
	other := s.host(engine.HostFunc{Name: "h", Fn: func([]uint64) { calls = append(calls, "other") }})
	first := s.host(engine.HostFunc{Name: "h", Fn: func([]uint64) { calls = append(calls, "first") }})
	var n wasm.Module
	h := n.ImportFunc("h", "h", n.FuncType(nil, nil))
	define(&n, "f", nil, nil, func(c *wasm.Code) { c.Call(h) })
	code := s.compile(&n)
	calls = nil
	s.call(s.instantiate(code, engine.Imports{"h": first}), "f")
	s.call(s.instantiate(code, engine.Imports{"h": other}), "f")
	if got := strings.Join(calls, " "); got != "first other" {
		s.Errorf("two hosts: %s", got)
	}
}

func testHostErrors(s *suite) {
	nop := func([]uint64) {}
	for name, fns := range map[string][]engine.HostFunc{
		"bad parameter": {{Name: "odd", Params: []engine.ValType{0x7b}, Fn: nop}},
		"bad result":    {{Name: "odd", Results: []engine.ValType{0}, Fn: nop}},
		"given twice":   {{Name: "odd", Fn: nop}, {Name: "odd", Fn: nop}},
	} {
		if inst, err := s.e.NewHost(fns); err == nil {
			inst.Close()
			s.Errorf("%s: accepted", name)
		} else if !strings.Contains(err.Error(), "odd") {
			s.Errorf("%s: error %q does not name the function", name, err)
		}
	}
	empty := s.host()
	if _, err := empty.Func("f"); err == nil {
		s.Error("an empty host has a function")
	}
}
