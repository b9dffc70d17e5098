package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD arithmetic that saturates, of two and three registers, vector and scalar
// (Arm ARM C4.1.96).

func init() {
	t := &table
	for _, r := range []struct {
		f           vecFunc2
		vec, scalar decode.ID
	}{
		{addSatS, decode.SQADD_vec, decode.SQADD_scalar},
		{addSatU, decode.UQADD_vec, decode.UQADD_scalar},
		{subSatS, decode.SQSUB_vec, decode.SQSUB_scalar},
		{subSatU, decode.UQSUB_vec, decode.UQSUB_scalar},
		{doubleMulHigh(false), decode.SQDMULH_vec, decode.SQDMULH_scalar},
		{doubleMulHigh(true), decode.SQRDMULH_vec, decode.SQRDMULH_scalar},
	} {
		t[r.vec], t[r.scalar] = vec2(vectorOf, r.f), vec2(scalarOf, r.f)
	}
	for _, r := range []struct {
		f           vecFunc1
		vec, scalar decode.ID
	}{
		{absSat, decode.SQABS_vec, decode.SQABS_scalar},
		{negSat, decode.SQNEG_vec, decode.SQNEG_scalar},
	} {
		t[r.vec], t[r.scalar] = vec1(vectorOf, r.f), vec1(scalarOf, r.f)
	}
	for _, r := range []struct {
		f           vecFunc2
		vec, scalar decode.ID
	}{
		{addSatMixed(addSatU), decode.SUQADD_vec, decode.SUQADD_scalar},
		{addSatMixed(addSatS), decode.USQADD_vec, decode.USQADD_scalar},
	} {
		t[r.vec], t[r.scalar] = addToRd(vectorOf, r.f), addToRd(scalarOf, r.f)
	}
}

// saturating gives f the sums that Wasm has, of bytes and halfwords, and notes where plain sums differ.
func saturating(sat, plain laneOp, f vecFunc2) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		if sat[s.size] == 0 {
			return f(l, s, a, b)
		}
		r := l.Op(sat[s.size], a, b)
		l.saturated(s, l.xorVec(r, l.Op(plain[s.size], a, b)))
		return r
	}
}

var (
	addSatS = saturating(laneOp{ir.I8x16AddSatS, ir.I16x8AddSatS}, vAdd, func(l *lifter, s vec, a, b ir.Value) ir.Value {
		r := l.Op(vAdd[s.size], a, b)
		return l.overflow(s, a, r, l.andVec(l.xorVec(r, a), l.xorVec(r, b)))
	})
	subSatS = saturating(laneOp{ir.I8x16SubSatS, ir.I16x8SubSatS}, vSub, func(l *lifter, s vec, a, b ir.Value) ir.Value {
		r := l.Op(vSub[s.size], a, b)
		return l.overflow(s, a, r, l.andVec(l.xorVec(a, b), l.xorVec(r, a)))
	})
	addSatU = saturating(laneOp{ir.I8x16AddSatU, ir.I16x8AddSatU}, vAdd, func(l *lifter, s vec, a, b ir.Value) ir.Value {
		r := l.Op(vAdd[s.size], a, b)
		over := higher(l, s, a, r)
		l.saturated(s, over)
		return l.orVec(r, over)
	})
	subSatU = saturating(laneOp{ir.I8x16SubSatU, ir.I16x8SubSatU}, vSub, func(l *lifter, s vec, a, b ir.Value) ir.Value {
		under := higher(l, s, b, a)
		l.saturated(s, under)
		return l.Op(ir.V128Andnot, l.Op(vSub[s.size], a, b), under)
	})
)

// overflow is r, or where the sign bit of over is set the bound on a's side.
func (l *lifter) overflow(s vec, a, r, over ir.Value) ir.Value {
	over = l.Op(vLtS[s.size], over, l.V128(0, 0))
	l.saturated(s, over)
	bound := l.xorVec(l.sarVec(s.size, a, s.width()-1), l.most(s.size))
	return l.merge(over, bound, r)
}

// addSatMixed adds numbers of which one is signed and one is not: with the top bit of d turned
// over, they are of the other's kind, and so are the bounds.
func addSatMixed(add vecFunc2) vecFunc2 {
	return func(l *lifter, s vec, d, a ir.Value) ir.Value {
		top := l.least(s.size)
		return l.xorVec(add(l, s, l.xorVec(d, top), a), top)
	}
}

func addToRd(shape func(decode.Inst) vec, f vecFunc2) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setVec(in.Rd(), s, f(l, s, l.vec(in.Rd()), l.vec(in.Rn())))
	}
}

// absSat and negSat: only the smallest number has no opposite. It stays what it is, and one less is the largest.
func absSat(l *lifter, s vec, a ir.Value) ir.Value { return l.downFromLeast(s, l.Op(vAbs[s.size], a)) }
func negSat(l *lifter, s vec, a ir.Value) ir.Value { return l.downFromLeast(s, l.Op(vNeg[s.size], a)) }

func (l *lifter) downFromLeast(s vec, r ir.Value) ir.Value {
	over := l.Op(vEq[s.size], r, l.least(s.size))
	l.saturated(s, over)
	return l.Op(vAdd[s.size], r, over)
}

// doubleMulHigh is the high half of twice the product, of halfwords and words. Only the square
// of the smallest is too large.
func doubleMulHigh(round bool) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		least := l.least(s.size)
		l.saturated(s, l.andVec(l.Op(vEq[s.size], a, least), l.Op(vEq[s.size], b, least)))
		if s.size == 1 {
			if round {
				return l.Op(ir.I16x8Q15mulrSatS, a, b)
			}
			lo := l.sarVec(2, l.Op(ir.I32x4ExtmulLowI16x8S, a, b), 15)
			hi := l.sarVec(2, l.Op(ir.I32x4ExtmulHighI16x8S, a, b), 15)
			return l.Op(ir.I16x8NarrowI32x4S, lo, hi)
		}
		half := func(op ir.Op) ir.Value {
			p := l.shlVec(3, l.Op(op, a, b), 1)
			if round {
				p = l.Op(ir.I64x2Add, p, l.each(3, 1<<31))
			}
			return p
		}
		r := unzip(1)(l, vec{2, 128}, half(ir.I64x2ExtmulLowI32x4S), half(ir.I64x2ExtmulHighI32x4S))
		return l.xorVec(r, l.Op(ir.I32x4Eq, r, least)) // no other product gives the smallest
	}
}
