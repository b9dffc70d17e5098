package emit

import (
	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// sel writes a Select. On amd64 wazero's own select of floating-point values and vectors takes the first
// for the second where the first had to be spilled (wazero issue 2534, in 1.12.0); its select of integers is
// right, and has no branch besides.
func (e *fn) sel(in *ir.Inst) {
	c := e.c
	x, y, cond := in.Args[0], in.Args[1], in.Args[2]
	if !e.conf.Profile.IntSelect || in.Type.IsInt() {
		e.value(x)
		e.value(y)
		e.value(cond)
		if in.Type == ir.V128 {
			c.SelectT(wasm.V128)
		} else {
			c.Op(wasm.OpSelect)
		}
		return
	}
	if in.Type == ir.V128 {
		e.value(x)
		e.value(y)
		e.value(cond) // as a mask: all ones if it is not zero
		c.Op(wasm.OpI32Eqz)
		c.I32Const(1)
		c.Op(wasm.OpI32Sub)
		c.Op(wasmOp(ir.I32x4Splat))
		c.Op(wasmOp(ir.V128Bitselect))
		return
	}
	e.bits(x)
	e.bits(y)
	e.value(cond)
	c.Op(wasm.OpSelect)
	if in.Type == ir.F64 {
		c.Op(wasm.OpF64ReinterpretI64)
	} else {
		c.Op(wasm.OpF32ReinterpretI32)
	}
}

// bits pushes the encoding of v, an F32 or F64, as an integer of its width.
func (e *fn) bits(v ir.Value) {
	in := &e.f.Insts[v]
	switch {
	case in.Op == ir.Const && in.Type == ir.F64:
		e.c.I64Const(int64(in.Imm))
	case in.Op == ir.Const:
		e.c.I32Const(int32(in.Imm))
	case e.loc[v] < 0 && (in.Op == ir.F64ReinterpretI64 || in.Op == ir.F32ReinterpretI32):
		e.value(in.Args[0])
	case in.Type == ir.F64:
		e.value(v)
		e.c.Op(wasm.OpI64ReinterpretF64)
	default:
		e.value(v)
		e.c.Op(wasm.OpI32ReinterpretF32)
	}
}
