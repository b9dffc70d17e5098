package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD two registers, vector and scalar: integers (Arm ARM C4.1.96). Narrowing is in
// simd_narrow.go, reversal in simd_permute.go.

func init() {
	t := &table
	for _, r := range []struct {
		op          laneOp
		vec, scalar decode.ID
	}{
		{vEq, decode.CMEQ_zero_vec, decode.CMEQ_zero_scalar},
		{vGtS, decode.CMGT_zero_vec, decode.CMGT_zero_scalar},
		{vGeS, decode.CMGE_zero_vec, decode.CMGE_zero_scalar},
		{vLtS, decode.CMLT_zero_vec, decode.CMLT_zero_scalar},
		{vLeS, decode.CMLE_zero_vec, decode.CMLE_zero_scalar},
	} {
		f := func(l *lifter, s vec, a ir.Value) ir.Value { return l.Op(r.op[s.size], a, l.V128(0, 0)) }
		t[r.vec], t[r.scalar] = vec1(vectorOf, f), vec1(scalarOf, f)
	}
	t[decode.ABS_vec], t[decode.ABS_scalar] = vec1(vectorOf, direct1(vAbs)), vec1(scalarOf, direct1(vAbs))
	t[decode.NEG_vec], t[decode.NEG_scalar] = vec1(vectorOf, direct1(vNeg)), vec1(scalarOf, direct1(vNeg))

	bytesOf := func(in decode.Inst) vec { return vec{0, vecBits(in.Q())} }
	t[decode.NOT_vec] = vec1(bytesOf, func(l *lifter, _ vec, a ir.Value) ir.Value { return l.Op(ir.V128Not, a) })
	t[decode.CNT_vec] = vec1(bytesOf, func(l *lifter, _ vec, a ir.Value) ir.Value { return l.Op(ir.I8x16Popcnt, a) })
	t[decode.RBIT_vec] = vec1(bytesOf, reverseBits)
	t[decode.CLZ_vec], t[decode.CLS_vec] = vec1(vectorOf, leadingZeros), vec1(vectorOf, leadingSigns)

	for _, r := range []struct {
		signed   bool
		add, acc decode.ID
	}{
		{true, decode.SADDLP_vec, decode.SADALP_vec},
		{false, decode.UADDLP_vec, decode.UADALP_vec},
	} {
		t[r.add] = vec1(vectorOf, func(l *lifter, s vec, a ir.Value) ir.Value { return l.addPairs(s.size, a, r.signed) })
		t[r.acc] = func(l *lifter, in decode.Inst) {
			s := vectorOf(in)
			l.setVec(in.Rd(), s, l.Op(vAdd[s.size+1], l.vec(in.Rd()), l.addPairs(s.size, l.vec(in.Rn()), r.signed)))
		}
	}
	t[decode.SHLL_vec] = func(l *lifter, in decode.Inst) {
		s := vectorOf(in)
		l.setV(in.Rd(), l.shlVec(s.size+1, l.extend(s.size, l.vec(in.Rn()), in.Q(), false), s.width()))
	}
}

// addPairs adds neighbours into elements twice as wide.
func (l *lifter) addPairs(size uint32, a ir.Value, signed bool) ir.Value {
	switch {
	case size < 2 && signed:
		return l.Op(vExtaddPairedS[size], a)
	case size < 2:
		return l.Op(vExtaddPairedU[size], a)
	case signed: // Wasm engines emulate the arithmetic shift of doublewords, but extend well
		evenOdd := l.arrange(vec{2, 128}, a, a, func(i int) int { return i&1<<1 | i>>1 })
		return l.Op(ir.I64x2Add, l.extend(2, evenOdd, false, true), l.extend(2, evenOdd, true, true))
	}
	return l.Op(ir.I64x2Add, l.andVec(a, l.each(3, 0xffffffff)), l.shrVec(3, a, 32))
}

// reverseBits looks up both halves of each byte.
func reverseBits(l *lifter, _ vec, a ir.Value) ir.Value {
	const lo, hi = 0xe060a020c0408000, 0xf070b030d0509010 // the reversed halves in the upper four bits
	up := l.V128(lo, hi)
	down := l.V128(lo>>4, hi>>4)
	return l.orVec(l.Op(ir.I8x16Swizzle, up, l.andVec(a, l.each(0, 15))), l.Op(ir.I8x16Swizzle, down, l.shrVec(0, a, 4)))
}

// leadingZeros copies the highest one to all places below it and counts the rest.
func leadingZeros(l *lifter, s vec, a ir.Value) ir.Value {
	for n := uint(1); n < s.width(); n *= 2 {
		a = l.orVec(a, l.shrVec(s.size, a, n))
	}
	a = l.Op(ir.I8x16Popcnt, l.Op(ir.V128Not, a))
	for size := range s.size {
		a = l.addPairs(size, a, false)
	}
	return a
}

// leadingSigns counts the bits under the sign that equal it.
func leadingSigns(l *lifter, s vec, a ir.Value) ir.Value {
	zeros := leadingZeros(l, s, l.xorVec(a, l.sarVec(s.size, a, s.width()-1)))
	return l.Op(vSub[s.size], zeros, l.each(s.size, 1))
}
