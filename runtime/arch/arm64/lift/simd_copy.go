package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD copy: elements to and from general registers and each other (Arm ARM C4.1.96).

func init() {
	t := &table
	t[decode.DUP_elem] = func(l *lifter, in decode.Inst) {
		size, i := in.Imm5()
		l.setVQ(in.Rd(), l.dupElement(size, l.vec(in.Rn()), i), in.Q())
	}
	t[decode.DUP_elem_scalar] = func(l *lifter, in decode.Inst) {
		size, i := in.Imm5()
		l.setV(in.Rd(), l.element(size, l.vec(in.Rn()), i))
	}
	t[decode.DUP_gen] = func(l *lifter, in decode.Inst) {
		size, _ := in.Imm5()
		l.setVQ(in.Rd(), l.Op(vSplat[size], l.reg(in.Rn(), typ(size == 3))), in.Q())
	}
	t[decode.INS_gen] = func(l *lifter, in decode.Inst) {
		size, i := in.Imm5()
		l.setV(in.Rd(), l.Lane(vReplace[size], int(i), l.vec(in.Rd()), l.reg(in.Rn(), typ(size == 3))))
	}
	t[decode.INS_elem] = func(l *lifter, in decode.Inst) {
		size, i := in.Imm5()
		l.setV(in.Rd(), l.setElement(size, l.vec(in.Rd()), i, l.element(size, l.vec(in.Rn()), in.Imm4Index())))
	}
	t[decode.UMOV] = func(l *lifter, in decode.Inst) {
		size, i := in.Imm5()
		l.setReg(in.Rd(), l.Lane(vExtract[size], int(i), l.vec(in.Rn())))
	}
	t[decode.SMOV] = smov
}

func smov(l *lifter, in decode.Inst) {
	size, i := in.Imm5()
	op := [...]ir.Op{ir.I8x16ExtractLaneS, ir.I16x8ExtractLaneS, ir.I32x4ExtractLane}[size]
	v := l.Lane(op, int(i), l.vec(in.Rn()))
	if in.Q() {
		v = l.SExt(v)
	}
	l.setReg(in.Rd(), v)
}

// element reads an element in the type that moves it best: words and doublewords stay among the
// floating-point values, which are where vectors are.
func (l *lifter) element(size uint32, v ir.Value, i uint32) ir.Value {
	return l.Lane(laneOp{ir.I8x16ExtractLaneU, ir.I16x8ExtractLaneU, ir.F32x4ExtractLane, ir.F64x2ExtractLane}[size], int(i), v)
}

// setElement replaces an element by x, of element's type.
func (l *lifter) setElement(size uint32, v ir.Value, i uint32, x ir.Value) ir.Value {
	return l.Lane(laneOp{ir.I8x16ReplaceLane, ir.I16x8ReplaceLane, ir.F32x4ReplaceLane, ir.F64x2ReplaceLane}[size], int(i), v, x)
}
