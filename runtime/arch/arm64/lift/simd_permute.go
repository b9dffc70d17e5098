package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD permute, extract and table lookup (Arm ARM C4.1.96).

func init() {
	t := &table
	t[decode.UZP1], t[decode.UZP2] = vec2(vectorOf, unzip(0)), vec2(vectorOf, unzip(1))
	t[decode.ZIP1], t[decode.ZIP2] = vec2(vectorOf, zip(0)), vec2(vectorOf, zip(1))
	t[decode.TRN1], t[decode.TRN2] = vec2(vectorOf, transpose(0)), vec2(vectorOf, transpose(1))
	t[decode.EXT] = ext
	t[decode.TBL] = tbl
	t[decode.TBX] = tbx
	t[decode.REV16_vec], t[decode.REV32_vec], t[decode.REV64_vec] = reverse(1), reverse(2), reverse(3)
}

// unzip takes the even elements (part 0) or the odd ones (part 1) of a and then b.
func unzip(part int) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		return l.arrange(s, a, b, func(i int) int { return 2*i + part })
	}
}

// zip interleaves the lower halves (part 0) or the upper ones (part 1) of a and b.
func zip(part int) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		n := s.count()
		return l.arrange(s, a, b, func(i int) int { return i/2 + part*n/2 + i%2*n })
	}
}

// transpose puts the even elements (part 0) or the odd ones (part 1) of a at even places
// and those of b at odd ones.
func transpose(part int) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		return l.arrange(s, a, b, func(i int) int { return i&^1 + part + i%2*s.count() })
	}
}

func ext(l *lifter, in decode.Inst) {
	s := vec{0, vecBits(in.Q())}
	from := int(in.F('i'))
	l.setVec(in.Rd(), s, l.arrange(s, l.vec(in.Rn()), l.vec(in.Rm()), func(i int) int { return i + from }))
}

// reverse reverses the elements within groups of 1<<group bytes.
func reverse(group uint32) liftFunc {
	return vec1(vectorOf, func(l *lifter, s vec, a ir.Value) ir.Value {
		return l.arrange(s, a, a, func(i int) int { return i ^ (1<<(group-s.size) - 1) })
	})
}

// lookup takes the bytes of up to four consecutive registers from n that idx numbers; zero
// where there is none, which is how Wasm's swizzle takes numbers over 15.
func (l *lifter) lookup(n, regs uint32, idx ir.Value) ir.Value {
	v := l.Op(ir.I8x16Swizzle, l.vec(n), idx)
	for i := uint32(1); i < regs; i++ {
		rest := l.Op(ir.I8x16Sub, idx, l.each(0, uint64(16*i)))
		v = l.orVec(v, l.Op(ir.I8x16Swizzle, l.vec((n+i)%32), rest))
	}
	return v
}

func tbl(l *lifter, in decode.Inst) {
	l.setVQ(in.Rd(), l.lookup(in.Rn(), in.F('l')+1, l.vec(in.Rm())), in.Q())
}

func tbx(l *lifter, in decode.Inst) {
	regs, idx := in.F('l')+1, l.vec(in.Rm())
	outside := l.Op(ir.I8x16GeU, idx, l.each(0, uint64(16*regs)))
	// The lookup is zero outside already.
	v := l.orVec(l.lookup(in.Rn(), regs, idx), l.andVec(l.vec(in.Rd()), outside))
	l.setVQ(in.Rd(), v, in.Q())
}
