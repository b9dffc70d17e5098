package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD across lanes and scalar pairwise: integers (Arm ARM C4.1.96).

func init() {
	t := &table
	t[decode.ADDV] = addv
	t[decode.SADDLV], t[decode.UADDLV] = addLongAcross(true), addLongAcross(false)
	t[decode.SMAXV], t[decode.UMAXV] = extremeAcross(vMaxS), extremeAcross(vMaxU)
	t[decode.SMINV], t[decode.UMINV] = extremeAcross(vMinS), extremeAcross(vMinU)
	t[decode.ADDP_pair] = func(l *lifter, in decode.Inst) {
		a := l.vec(in.Rn())
		l.setV(in.Rd(), l.Add(l.v(in.Rn(), ir.I64), l.Lane(ir.I64x2ExtractLane, 1, a)))
	}
}

func addv(l *lifter, in decode.Inst) {
	s, a := vectorOf(in), l.vec(in.Rn())
	if n, ok := l.countBits(s, a); ok {
		l.setV(in.Rd(), n)
		return
	}
	sum := l.sum(s, a)
	if s.size < 2 {
		sum = l.AndI(sum, 1<<s.width()-1)
	}
	l.setV(in.Rd(), sum)
}

// countBits recognises CNT before the sum of its bytes: how programs count the bits of a general
// register, for which there is no other instruction. The result, at most 128, is an I64.
func (l *lifter) countBits(s vec, a ir.Value) (n ir.Value, ok bool) {
	in := l.F.Inst(a)
	if s.bits == 64 && in.Op == ir.I64x2ReplaceLane && in.Imm == 1 { // the zeros of CNT's own 64-bit form
		in = l.F.Inst(in.Args[0])
	}
	if s.size != 0 || in.Op != ir.I8x16Popcnt {
		return 0, false
	}
	x := in.Args[0]
	n = l.Op(ir.I64Popcnt, l.Lane(ir.I64x2ExtractLane, 0, x))
	if s.bits == 128 {
		n = l.Add(n, l.Op(ir.I64Popcnt, l.Lane(ir.I64x2ExtractLane, 1, x)))
	}
	return n, true
}

// sum adds the elements, modulo their width at least; bits above are of no account. The result is an I32 or,
// of doublewords, an I64.
func (l *lifter) sum(s vec, a ir.Value) ir.Value {
	for ; s.size < 2; s.size++ {
		a = l.addPairs(s.size, a, false)
	}
	if s.bits == 128 {
		a = l.Op(vAdd[s.size], a, l.arrange(vec{3, 128}, a, a, func(i int) int { return i ^ 1 }))
	}
	low := l.Lane(ir.I64x2ExtractLane, 0, a)
	if s.size == 3 {
		return low
	}
	return l.Wrap(l.Add(low, l.ShrUI(low, 32)))
}

// addLongAcross adds all elements into a scalar twice as wide. Sums of bytes and halfwords
// are within those of their pairs.
func addLongAcross(signed bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s, a := vectorOf(in), l.vec(in.Rn())
		if n, ok := l.countBits(s, a); ok && !signed {
			l.setV(in.Rd(), n)
			return
		}
		sum := l.sum(vec{s.size + 1, s.bits}, l.addPairs(s.size, a, signed))
		if s.size == 0 {
			sum = l.AndI(sum, 0xffff)
		}
		l.setV(in.Rd(), sum)
	}
}

// extremeAcross halves the vector until one element is left.
func extremeAcross(op laneOp) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s, a := vectorOf(in), l.vec(in.Rn())
		for n := s.count() / 2; n > 0; n /= 2 {
			a = l.Op(op[s.size], a, l.arrange(s, a, a, func(i int) int { return i ^ n }))
		}
		l.setVec(in.Rd(), scalarOf(in), a)
	}
}
