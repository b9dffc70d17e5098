//go:build js

package wasmhost

import (
	"math"

	"boxer/runtime/wasm"
)

// FusedMadd reports whether the host's f32x4.relaxed_madd and f64x2.relaxed_madd are there and round once: the
// specification leaves it to the machine.
func (e *Engine) FusedMadd() bool {
	mod, err := e.Compile(maddProbe())
	if err != nil {
		return false
	}
	defer mod.Close()
	inst, err := e.Instantiate(mod, nil)
	if err != nil {
		return false
	}
	defer inst.Close()
	// (1+u)(1−u) − 1 is −u², and 0 where 1−u² was rounded before.
	f64, err := inst.Func("f64")
	if err != nil {
		return false
	}
	const u = 1.0 / (1 << 30)
	stack := []uint64{math.Float64bits(1 + u), math.Float64bits(1 - u), math.Float64bits(-1)}
	if f64.Call(stack) != nil || math.Float64frombits(stack[0]) != -u*u {
		return false
	}
	f32, err := inst.Func("f32")
	if err != nil {
		return false
	}
	const v = 1.0 / (1 << 14)
	bits := func(f float32) uint64 { return uint64(math.Float32bits(f)) }
	stack = []uint64{bits(1 + v), bits(1 - v), bits(-1)}
	return f32.Call(stack) == nil && math.Float32frombits(uint32(stack[0])) == -v*v
}

// maddProbe is a module with x×y+z on doubles and on floats.
func maddProbe() []byte {
	var m wasm.Module
	for _, f := range []struct {
		name                 string
		t                    wasm.ValType
		splat, madd, extract wasm.Op
	}{
		{"f64", wasm.F64, wasm.OpF64x2Splat, wasm.OpF64x2RelaxedMadd, wasm.OpF64x2ExtractLane},
		{"f32", wasm.F32, wasm.OpF32x4Splat, wasm.OpF32x4RelaxedMadd, wasm.OpF32x4ExtractLane},
	} {
		fn := m.Func(m.FuncType([]wasm.ValType{f.t, f.t, f.t}, []wasm.ValType{f.t}))
		var c wasm.Code
		c.Reset(3)
		for i := range uint32(3) {
			c.LocalGet(i)
			c.Op(f.splat)
		}
		c.Op(f.madd)
		c.Lane(f.extract, 0)
		c.End()
		m.Body(fn, &c)
		m.ExportFunc(f.name, fn)
	}
	return m.Bytes()
}
