package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD three different, and by element: long, wide and narrowing forms
// (Arm ARM C4.1.96).

func init() {
	t := &table
	for _, r := range []struct {
		signed                             bool
		addl, addw, subl, subw, abdl, abal decode.ID
	}{
		{true, decode.SADDL_vec, decode.SADDW_vec, decode.SSUBL_vec, decode.SSUBW_vec, decode.SABDL_vec, decode.SABAL_vec},
		{false, decode.UADDL_vec, decode.UADDW_vec, decode.USUBL_vec, decode.USUBW_vec, decode.UABDL_vec, decode.UABAL_vec},
	} {
		t[r.addl], t[r.subl] = addLong(vAdd, r.signed), addLong(vSub, r.signed)
		t[r.addw], t[r.subw] = addWide(vAdd, r.signed), addWide(vSub, r.signed)
		diff := absDiff(r.signed)
		t[r.abdl] = func(l *lifter, in decode.Inst) { l.setV(in.Rd(), l.absDiffLong(in, diff)) }
		t[r.abal] = func(l *lifter, in decode.Inst) {
			l.setV(in.Rd(), l.Op(vAdd[in.Size()+1], l.vec(in.Rd()), l.absDiffLong(in, diff)))
		}
	}
	for _, r := range []struct {
		op    laneOp
		round bool
		id    decode.ID
	}{
		{vAdd, false, decode.ADDHN_vec}, {vAdd, true, decode.RADDHN_vec},
		{vSub, false, decode.SUBHN_vec}, {vSub, true, decode.RSUBHN_vec},
	} {
		t[r.id] = addHighNarrow(r.op, r.round)
	}
	t[decode.PMULL_vec] = func(l *lifter, in decode.Inst) {
		a, b := l.extend(0, l.vec(in.Rn()), in.Q(), false), l.extend(0, l.vec(in.Rm()), in.Q(), false)
		l.setV(in.Rd(), polynomialMul(l, vec{1, 128}, a, b))
	}
	for _, r := range []struct {
		f         longFunc
		vec, elem decode.ID
	}{
		{longMul(true), decode.SMULL_vec, decode.SMULL_elem},
		{longMul(false), decode.UMULL_vec, decode.UMULL_elem},
		{longMulAdd(vAdd, true), decode.SMLAL_vec, decode.SMLAL_elem},
		{longMulAdd(vAdd, false), decode.UMLAL_vec, decode.UMLAL_elem},
		{longMulAdd(vSub, true), decode.SMLSL_vec, decode.SMLSL_elem},
		{longMulAdd(vSub, false), decode.UMLSL_vec, decode.UMLSL_elem},
		{longDoubleMul, decode.SQDMULL_vec, decode.SQDMULL_elem},
		{longDoubleMulAdd(addSatS), decode.SQDMLAL_vec, decode.SQDMLAL_elem},
		{longDoubleMulAdd(subSatS), decode.SQDMLSL_vec, decode.SQDMLSL_elem},
	} {
		t[r.vec] = longVec(r.f, rmVec)
		t[r.elem] = longVec(r.f, elementVec)
	}
	for _, r := range []struct {
		f            longFunc
		scalar, elem decode.ID
	}{
		{longDoubleMul, decode.SQDMULL_scalar, decode.SQDMULL_elem_scalar},
		{longDoubleMulAdd(addSatS), decode.SQDMLAL_scalar, decode.SQDMLAL_elem_scalar},
		{longDoubleMulAdd(subSatS), decode.SQDMLSL_scalar, decode.SQDMLSL_elem_scalar},
	} {
		t[r.scalar] = longScalar(r.f, rmVec)
		t[r.elem] = longScalar(r.f, elementVec)
	}
	for _, r := range []struct {
		f    vecFunc2
		elem decode.ID
	}{
		{mulVec, decode.MUL_elem}, {doubleMulHigh(false), decode.SQDMULH_elem}, {doubleMulHigh(true), decode.SQRDMULH_elem},
	} {
		t[r.elem] = vecByElement(vectorOf, r.f)
	}
	t[decode.SQDMULH_elem_scalar] = vecByElement(scalarOf, doubleMulHigh(false))
	t[decode.SQRDMULH_elem_scalar] = vecByElement(scalarOf, doubleMulHigh(true))
	t[decode.MLA_elem], t[decode.MLS_elem] = mulAddByElement(vAdd), mulAddByElement(vSub)
}

// rmVec and elementVec are the second operand: a register, or an element in all places.
func rmVec(l *lifter, in decode.Inst) ir.Value { return l.vec(in.Rm()) }

func elementVec(l *lifter, in decode.Inst) ir.Value {
	n, i := in.Element()
	return l.dupElement(in.Size(), l.vec(n), i)
}

func vecByElement(shape func(decode.Inst) vec, f vecFunc2) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setVec(in.Rd(), s, f(l, s, l.vec(in.Rn()), elementVec(l, in)))
	}
}

func mulAddByElement(op laneOp) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := vectorOf(in)
		l.setVec(in.Rd(), s, l.Op(op[s.size], l.vec(in.Rd()), mulVec(l, s, l.vec(in.Rn()), elementVec(l, in))))
	}
}

func addLong(op laneOp, signed bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.Size()
		a, b := l.extend(size, l.vec(in.Rn()), in.Q(), signed), l.extend(size, l.vec(in.Rm()), in.Q(), signed)
		l.setV(in.Rd(), l.Op(op[size+1], a, b))
	}
}

func addWide(op laneOp, signed bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.Size()
		l.setV(in.Rd(), l.Op(op[size+1], l.vec(in.Rn()), l.extend(size, l.vec(in.Rm()), in.Q(), signed)))
	}
}

// absDiffLong needs no wide elements: a difference's absolute value, unsigned, fits the narrow ones.
func (l *lifter) absDiffLong(in decode.Inst, diff vecFunc2) ir.Value {
	s := vec{in.Size(), 128}
	return l.extend(s.size, diff(l, s, l.vec(in.Rn()), l.vec(in.Rm())), in.Q(), false)
}

// addHighNarrow takes the high halves of sums or differences, rounded or not.
func addHighNarrow(op laneOp, round bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.Size()
		sum := l.Op(op[size+1], l.vec(in.Rn()), l.vec(in.Rm()))
		if round {
			sum = l.Op(vAdd[size+1], sum, l.each(size+1, 1<<(8<<size-1)))
		}
		l.setNarrowVec(in, size, l.truncate(size, l.shrVec(size+1, sum, 8<<size), true))
	}
}

// longFunc computes elements of s, a long shape, from d and the low or the high half of a and b,
// whose elements are half as wide.
type longFunc func(l *lifter, s vec, d, a, b ir.Value, high bool) ir.Value

func longVec(f longFunc, second func(*lifter, decode.Inst) ir.Value) liftFunc {
	return func(l *lifter, in decode.Inst) {
		l.setV(in.Rd(), f(l, vectorOf(in).long(), l.vec(in.Rd()), l.vec(in.Rn()), second(l, in), in.Q()))
	}
}

func longScalar(f longFunc, second func(*lifter, decode.Inst) ir.Value) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := scalarOf(in).long()
		l.setVec(in.Rd(), s, f(l, s, l.vec(in.Rd()), l.vec(in.Rn()), second(l, in), false))
	}
}

func longMul(signed bool) longFunc {
	low, high := vExtmulLowU, vExtmulHighU
	if signed {
		low, high = vExtmulLowS, vExtmulHighS
	}
	return func(l *lifter, s vec, _, a, b ir.Value, upper bool) ir.Value {
		if upper {
			return l.Op(high[s.size-1], a, b)
		}
		return l.Op(low[s.size-1], a, b)
	}
}

func longMulAdd(op laneOp, signed bool) longFunc {
	mul := longMul(signed)
	return func(l *lifter, s vec, d, a, b ir.Value, high bool) ir.Value {
		return l.Op(op[s.size], d, mul(l, s, d, a, b, high))
	}
}

// longDoubleMul is twice the product. Only the square of the smallest is too large; it becomes
// the smallest wide element, which nothing else does.
func longDoubleMul(l *lifter, s vec, d, a, b ir.Value, high bool) ir.Value {
	p := l.shlVec(s.size, longMul(true)(l, s, d, a, b, high), 1)
	over := l.Op(vEq[s.size], p, l.least(s.size))
	l.saturated(s, over)
	return l.xorVec(p, over)
}

func longDoubleMulAdd(sum vecFunc2) longFunc {
	return func(l *lifter, s vec, d, a, b ir.Value, high bool) ir.Value {
		return sum(l, s, d, longDoubleMul(l, s, d, a, b, high))
	}
}
