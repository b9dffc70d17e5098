package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD three same, vector and scalar: integer arithmetic, comparisons and logic
// (Arm ARM C4.1.96). Those that saturate are in simd_saturate.go, shifts in simd_shift_reg.go.

func init() {
	t := &table
	for id, f := range map[decode.ID]vecFunc2{
		decode.ADD_vec: direct2(vAdd), decode.SUB_vec: direct2(vSub), decode.MUL_vec: mulVec,
		decode.SMAX_vec: direct2(vMaxS), decode.UMAX_vec: direct2(vMaxU), decode.SMIN_vec: direct2(vMinS), decode.UMIN_vec: direct2(vMinU),
		decode.SABD_vec: absDiff(true), decode.UABD_vec: absDiff(false),
		decode.SHADD_vec: halvingAdd(vShrS), decode.UHADD_vec: halvingAdd(vShrU),
		decode.SRHADD_vec: roundingHalvingAdd(true), decode.URHADD_vec: roundingHalvingAdd(false),
		decode.SHSUB_vec: halvingSub(vShrS), decode.UHSUB_vec: halvingSub(vShrU),
		decode.PMUL_vec: polynomialMul,
		decode.ADDP_vec: pairs(vAdd), decode.SMAXP_vec: pairs(vMaxS), decode.UMAXP_vec: pairs(vMaxU),
		decode.SMINP_vec: pairs(vMinS), decode.UMINP_vec: pairs(vMinU),
	} {
		t[id] = vec2(vectorOf, f)
	}
	for id, f := range map[decode.ID]vecFunc3{
		decode.MLA_vec: accumulateVec(vAdd, mulVec), decode.MLS_vec: accumulateVec(vSub, mulVec),
		decode.SABA_vec: accumulateVec(vAdd, absDiff(true)), decode.UABA_vec: accumulateVec(vAdd, absDiff(false)),
	} {
		t[id] = vec3(vectorOf, f)
	}
	for _, r := range []struct {
		f           vecFunc2
		vec, scalar decode.ID
	}{
		{direct2(vEq), decode.CMEQ_vec, decode.CMEQ_scalar},
		{direct2(vGtS), decode.CMGT_vec, decode.CMGT_scalar},
		{direct2(vGeS), decode.CMGE_vec, decode.CMGE_scalar},
		{higher, decode.CMHI_vec, decode.CMHI_scalar},
		{higherOrSame, decode.CMHS_vec, decode.CMHS_scalar},
		{testBits, decode.CMTST_vec, decode.CMTST_scalar},
	} {
		t[r.vec], t[r.scalar] = vec2(vectorOf, r.f), vec2(scalarOf, r.f)
	}
	t[decode.ADD_scalar] = scalar64((*ir.Builder).Add)
	t[decode.SUB_scalar] = scalar64((*ir.Builder).Sub)

	for id, op := range map[decode.ID]ir.Op{decode.AND_vec: ir.V128And, decode.BIC_vec: ir.V128Andnot} {
		t[id] = vec2(vectorOf, func(l *lifter, _ vec, a, b ir.Value) ir.Value { return l.Op(op, a, b) })
	}
	t[decode.ORR_vec] = orr
	t[decode.ORN_vec] = vec2(vectorOf, func(l *lifter, _ vec, a, b ir.Value) ir.Value { return l.orVec(a, l.Op(ir.V128Not, b)) })
	t[decode.EOR_vec] = eor
	t[decode.BSL_vec] = vec3(vectorOf, func(l *lifter, _ vec, d, n, m ir.Value) ir.Value { return l.merge(d, n, m) })
	t[decode.BIT_vec] = vec3(vectorOf, func(l *lifter, _ vec, d, n, m ir.Value) ir.Value { return l.merge(m, n, d) })
	t[decode.BIF_vec] = vec3(vectorOf, func(l *lifter, _ vec, d, n, m ir.Value) ir.Value { return l.merge(m, d, n) })
}

// scalar64 works on the low doublewords as integers.
func scalar64(f func(b *ir.Builder, x, y ir.Value) ir.Value) liftFunc {
	return func(l *lifter, in decode.Inst) {
		l.setV(in.Rd(), f(l.Builder, l.v(in.Rn(), ir.I64), l.v(in.Rm(), ir.I64)))
	}
}

// orr of a register with itself is how vectors are moved.
func orr(l *lifter, in decode.Inst) {
	switch {
	case in.Rn() != in.Rm():
		l.setVQ(in.Rd(), l.orVec(l.vec(in.Rn()), l.vec(in.Rm())), in.Q())
	case in.Q():
		l.setV(in.Rd(), l.vec(in.Rn()))
	default:
		l.setV(in.Rd(), l.v(in.Rn(), ir.F64))
	}
}

// eor of a register with itself is zero.
func eor(l *lifter, in decode.Inst) {
	if in.Rn() == in.Rm() {
		l.setV(in.Rd(), l.V128(0, 0))
		return
	}
	l.setVQ(in.Rd(), l.xorVec(l.vec(in.Rn()), l.vec(in.Rm())), in.Q())
}

// mulVec is the low half of products. Of bytes, Wasm has none: those at even places are the low bytes
// of products of halfwords, and those at odd places of products with the lower factor moved down.
func mulVec(l *lifter, s vec, a, b ir.Value) ir.Value {
	if s.size != 0 {
		return l.Op(laneOp{0, ir.I16x8Mul, ir.I32x4Mul}[s.size], a, b)
	}
	low := l.each(1, 0x00ff)
	even := l.andVec(l.Op(ir.I16x8Mul, a, b), low)
	odd := l.Op(ir.I16x8Mul, l.shrVec(1, a, 8), l.Op(ir.V128Andnot, b, low))
	return l.orVec(even, odd)
}

func absDiff(signed bool) vecFunc2 {
	most, least := &vMaxU, &vMinU
	if signed {
		most, least = &vMaxS, &vMinS
	}
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		return l.Op(vSub[s.size], l.Op(most[s.size], a, b), l.Op(least[s.size], a, b))
	}
}

// A sum is twice the common bits and those that differ: a+b = 2(a&b) + (a^b) = 2(a|b) − (a^b);
// a difference a−b = (a^b) − 2(b&^a). So halves need no wider elements.

func halvingAdd(shift laneOp) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		return l.Op(vAdd[s.size], l.andVec(a, b), l.shiftVec(shift, s.size, l.xorVec(a, b), 1))
	}
}

func halvingSub(shift laneOp) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		return l.Op(vSub[s.size], l.shiftVec(shift, s.size, l.xorVec(a, b), 1), l.Op(ir.V128Andnot, b, a))
	}
}

func roundingHalvingAdd(signed bool) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		shift := vShrS
		if !signed {
			if op := (laneOp{ir.I8x16AvgrU, ir.I16x8AvgrU})[s.size]; op != 0 {
				return l.Op(op, a, b)
			}
			shift = vShrU
		}
		return l.Op(vSub[s.size], l.orVec(a, b), l.shiftVec(shift, s.size, l.xorVec(a, b), 1))
	}
}

// higher is a > b, unsigned. Of doublewords, Wasm compares signed ones only.
func higher(l *lifter, s vec, a, b ir.Value) ir.Value {
	if s.size == 3 {
		return l.Op(ir.I64x2GtS, l.xorVec(a, l.least(3)), l.xorVec(b, l.least(3)))
	}
	return l.Op(vGtU[s.size], a, b)
}

// higherOrSame is a ≥ b, unsigned.
func higherOrSame(l *lifter, s vec, a, b ir.Value) ir.Value {
	if s.size == 3 {
		return l.Op(ir.I64x2GeS, l.xorVec(a, l.least(3)), l.xorVec(b, l.least(3)))
	}
	return l.Op(vGeU[s.size], a, b)
}

func testBits(l *lifter, s vec, a, b ir.Value) ir.Value {
	return l.Op(vNe[s.size], l.andVec(a, b), l.V128(0, 0))
}

// pairs combines neighbours of a and then of b.
func pairs(op laneOp) vecFunc2 {
	even, odd := unzip(0), unzip(1)
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		return l.Op(op[s.size], even(l, s, a, b), odd(l, s, a, b))
	}
}

// polynomialMul is the low half of products of bytes as polynomials over {0, 1}: a sum without
// carries of a, moved up by one for each bit of b.
func polynomialMul(l *lifter, s vec, a, b ir.Value) ir.Value {
	var sum ir.Value
	for i := range 8 {
		bit := l.each(s.size, 1<<i)
		part := l.andVec(a, l.Op(vEq[s.size], l.andVec(b, bit), bit))
		if i == 0 {
			sum = part
		} else {
			sum = l.xorVec(sum, part)
		}
		a = l.Op(vAdd[s.size], a, a)
	}
	return sum
}
