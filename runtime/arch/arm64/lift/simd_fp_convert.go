package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// Advanced SIMD conversions between floating-point formats, and to and from integers
// in SIMD&FP registers (Arm ARM C4.1.96).

func init() {
	t := &table
	n, a, p, m, z := softfloat.RN, softfloat.RA, softfloat.RP, softfloat.RM, softfloat.RZ
	for _, r := range []struct {
		c              conversion
		vector, scalar decode.ID
	}{
		{conversion{mode: n}, decode.FCVTNS_vec, decode.FCVTNS_scalar},
		{conversion{mode: n, unsigned: true}, decode.FCVTNU_vec, decode.FCVTNU_scalar},
		{conversion{mode: a}, decode.FCVTAS_vec, decode.FCVTAS_scalar},
		{conversion{mode: a, unsigned: true}, decode.FCVTAU_vec, decode.FCVTAU_scalar},
		{conversion{mode: p}, decode.FCVTPS_vec, decode.FCVTPS_scalar},
		{conversion{mode: p, unsigned: true}, decode.FCVTPU_vec, decode.FCVTPU_scalar},
		{conversion{mode: m}, decode.FCVTMS_vec, decode.FCVTMS_scalar},
		{conversion{mode: m, unsigned: true}, decode.FCVTMU_vec, decode.FCVTMU_scalar},
		{conversion{mode: z}, decode.FCVTZS_vec, decode.FCVTZS_scalar},
		{conversion{mode: z, unsigned: true}, decode.FCVTZU_vec, decode.FCVTZU_scalar},
		{conversion{mode: z, fixed: true}, decode.FCVTZS_fixed_vec, decode.FCVTZS_fixed_scalar},
		{conversion{mode: z, unsigned: true, fixed: true}, decode.FCVTZU_fixed_vec, decode.FCVTZU_fixed_scalar},
	} {
		t[r.vector], t[r.scalar] = toInteger(vectorShape, r.c), toInteger(scalarShape, r.c)
	}
	for _, r := range []struct {
		c              conversion
		vector, scalar decode.ID
	}{
		{conversion{}, decode.SCVTF_vec, decode.SCVTF_scalar},
		{conversion{unsigned: true}, decode.UCVTF_vec, decode.UCVTF_scalar},
		{conversion{fixed: true}, decode.SCVTF_fixed_vec, decode.SCVTF_fixed_scalar},
		{conversion{unsigned: true, fixed: true}, decode.UCVTF_fixed_vec, decode.UCVTF_fixed_scalar},
	} {
		t[r.vector], t[r.scalar] = fromInteger(vectorShape, r.c), fromInteger(scalarShape, r.c)
	}
	t[decode.FCVTL_vec] = fcvtl
	t[decode.FCVTN_vec] = fcvtn
	t[decode.FCVTXN_vec] = func(l *lifter, in decode.Inst) {
		l.setNarrow(in, l.narrow64(l.v(in.Rn(), ir.V128), softfloat.Cvt64To32Odd))
	}
	t[decode.FCVTXN_scalar] = func(l *lifter, in decode.Inst) {
		l.setV(in.Rd(), l.cvt(softfloat.Cvt64To32Odd, l.v(in.Rn(), ir.I64)))
	}
}

// simdFBits is the number of fraction bits of an Advanced SIMD instruction.
func (c conversion) simdFBits(in decode.Inst) int {
	if !c.fixed {
		return 0
	}
	return int(in.ShiftRight())
}

func toInteger(shape func(decode.Inst) shape, c conversion) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setFP(in.Rd(), s, l.toInt(s, l.fp(in.Rn(), s), typ(s.double), c, c.simdFBits(in)))
	}
}

func fromInteger(shape func(decode.Inst) shape, c conversion) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		v := ir.V128
		if s.n == 0 {
			v = typ(s.double)
		}
		l.setFP(in.Rd(), s, l.fromInt(s, l.v(in.Rn(), v), c, c.simdFBits(in)))
	}
}

// fcvtl widens the elements of a half of Rn, the upper half for FCVTL2.
func fcvtl(l *lifter, in decode.Inst) {
	v := l.v(in.Rn(), ir.V128)
	r := l.V128(0, 0)
	switch {
	case !in.Bit(22): // halves to singles
		for i := range 4 {
			h := l.Lane(ir.I16x8ExtractLaneU, i+4*index(in.Q()), v)
			r = l.insert(r, i, l.Wrap(l.cvt(softfloat.Cvt16To32, l.ZExt(h))))
		}
	case l.opt.PreciseFP:
		for i := range 2 {
			x := l.extract(v, i+2*index(in.Q()), ir.I32)
			r = l.insert(r, i, l.cvt(softfloat.Cvt32To64, l.ZExt(x)))
		}
	default:
		if in.Q() {
			v = l.Shuffle(v, v, words64(1, 1))
		}
		r = l.promoteLow(v)
	}
	l.setV(in.Rd(), r)
}

// promoteLow is promote of the low two elements of a vector.
func (l *lifter) promoteLow(v ir.Value) ir.Value {
	r := l.Op(ir.F64x2PromoteLowF32x4, v)
	nan := l.Op(ir.I64x2Shl, l.Op(ir.I64x2ExtendLowI32x4U, v), l.I32(32))
	nan = l.Op(ir.V128Or, l.Op(ir.I64x2ShrS, nan, l.I32(3)), l.splat(shape{true, 2}, 0, 0x7ff8000000000000))
	return l.Op(ir.V128Bitselect, r, nan, l.Op(ir.F64x2Eq, r, r))
}

// fcvtn narrows the elements of Rn to a half of Rd, the upper half for FCVTN2.
func fcvtn(l *lifter, in decode.Inst) {
	v := l.v(in.Rn(), ir.V128)
	if in.Bit(22) {
		if l.opt.PreciseFP {
			v = l.narrow64(v, softfloat.Cvt64To32)
		} else {
			v = l.demoteLow(v)
		}
		l.setNarrow(in, v)
		return
	}
	r := l.V128(0, 0)
	for i := range 4 { // singles to halves
		h := l.cvt(softfloat.Cvt32To16, l.ZExt(l.extract(v, i, ir.I32)))
		r = l.Lane(ir.I16x8ReplaceLane, i, r, l.Wrap(h))
	}
	l.setNarrow(in, r)
}

// demoteLow is demote of both elements of a vector, to the low half.
func (l *lifter) demoteLow(v ir.Value) ir.Value {
	r := l.Op(ir.F32x4DemoteF64x2Zero, v)
	s := shape{true, 2}
	low := l.Op(ir.V128And, l.Op(ir.I64x2ShrU, v, l.I32(29)), l.splat(s, 0, 1<<31-1))
	sign := l.Op(ir.V128And, l.Op(ir.I64x2ShrU, v, l.I32(32)), l.splat(s, 0, 1<<31))
	nan := l.Op(ir.V128Or, l.Op(ir.V128Or, low, sign), l.splat(s, 0, 0x00400000))
	nan = l.Shuffle(nan, nan, words32(0, 2, 0, 2))
	return l.Op(ir.V128Bitselect, r, nan, l.Op(ir.F32x4Eq, r, r))
}

// narrow64 converts both doubles of a vector by op, to the low half.
func (l *lifter) narrow64(v ir.Value, op softfloat.Op) ir.Value {
	r := l.V128(0, 0)
	for i := range 2 {
		r = l.insert(r, i, l.Wrap(l.cvt(op, l.extract(v, i, ir.I64))))
	}
	return r
}

// setNarrow writes the low half of v to the low half of Rd, clearing the upper; or, for the forms
// whose names end in 2, to the upper half of Rd, keeping the lower.
func (l *lifter) setNarrow(in decode.Inst, v ir.Value) {
	if in.Q() {
		v = l.Shuffle(l.v(in.Rd(), ir.V128), v, words64(0, 2))
	}
	l.setVQ(in.Rd(), v, in.Q())
}
