package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD shift by register, of the three same class, vector and scalar (Arm ARM C4.1.96).
// The lowest byte of each element of Rm, signed, is how far that of Rn moves to the left.

func init() {
	t := &table
	t[decode.SSHL_vec], t[decode.SSHL_scalar] = vec2(vectorOf, shiftByVec(true)), vec2(scalarOf, shiftByVec(true))
	t[decode.USHL_vec], t[decode.USHL_scalar] = vec2(vectorOf, shiftByVec(false)), vec2(scalarOf, shiftByVec(false))
	for _, r := range []struct {
		kind        uint64
		vec, scalar decode.ID
	}{
		{shiftSigned | shiftRound, decode.SRSHL_vec, decode.SRSHL_scalar},
		{shiftRound, decode.URSHL_vec, decode.URSHL_scalar},
		{shiftSigned | shiftSaturate, decode.SQSHL_vec, decode.SQSHL_scalar},
		{shiftSaturate, decode.UQSHL_vec, decode.UQSHL_scalar},
		{shiftSigned | shiftSaturate | shiftRound, decode.SQRSHL_vec, decode.SQRSHL_scalar},
		{shiftSaturate | shiftRound, decode.UQRSHL_vec, decode.UQRSHL_scalar},
	} {
		t[r.vec], t[r.scalar] = shiftByHelper(r.kind, vectorOf), shiftByHelper(r.kind, scalarOf)
	}
}

// shiftByVec is SSHL and USHL.
func shiftByVec(signed bool) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value {
		if s.size == 3 {
			return l.shiftDoublewords(s, a, b, signed)
		}
		return l.shiftInSteps(s, a, b, signed)
	}
}

// shiftDoublewords shifts one after the other, in general registers.
func (l *lifter) shiftDoublewords(s vec, a, b ir.Value, signed bool) ir.Value {
	r := a
	for i := range s.count() {
		x := l.Lane(ir.I64x2ExtractLane, i, a)
		by := l.Op(ir.I64Extend8S, l.Lane(ir.I64x2ExtractLane, i, b))
		zero, sixtyFour := l.I64(0), l.I64(64)
		back := l.Sub(zero, by)
		left := l.Select(l.LtU(by, sixtyFour), l.Shl(x, by), zero)
		var right ir.Value
		if signed {
			right = l.ShrS(x, l.Select(l.LtU(back, sixtyFour), back, l.I64(63)))
		} else {
			right = l.Select(l.LtU(back, sixtyFour), l.ShrU(x, back), zero)
		}
		r = l.Lane(ir.I64x2ReplaceLane, i, r, l.Select(l.LtS(by, zero), right, left))
	}
	return r
}

// shiftInSteps moves all elements by 1, 2, 4 …, each where its distance has that bit.
func (l *lifter) shiftInSteps(s vec, a, b ir.Value, signed bool) ir.Value {
	size, width := s.size, s.width()
	by := l.sarVec(size, l.shlVec(size, b, width-8), width-8)
	toRight := l.Op(vLtS[size], by, l.V128(0, 0))
	distance := l.Op(vAbs[size], by) // −128 stays, and is 128 as below
	r := a
	for n := uint(1); n < width; n *= 2 {
		bit := l.each(size, uint64(n))
		right := l.shrVec(size, r, n)
		if signed {
			right = l.sarVec(size, r, n)
		}
		moved := l.merge(toRight, right, l.shlVec(size, r, n))
		r = l.merge(l.Op(vEq[size], l.andVec(distance, bit), bit), moved, r)
	}
	far := l.Op(vGtU[size], distance, l.each(size, uint64(width-1)))
	r = l.Op(ir.V128Andnot, r, far)
	if signed { // nothing but the sign is left
		r = l.orVec(r, l.andVec(far, l.andVec(toRight, l.sarVec(size, a, width-1))))
	}
	return r
}

// shiftByHelper is for those that are rare and take long.
func shiftByHelper(kind uint64, shape func(decode.Inst) vec) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		packed := l.I64(kind | uint64(s.size))
		if s.bits < 64 { // one element; zeros beside it do not saturate
			get := func(n uint32) ir.Value { return l.ZExt(l.Lane(vExtract[s.size], 0, l.vec(n))) }
			l.setV(in.Rd(), l.Helper(HelperShift, get(in.Rn()), get(in.Rm()), packed))
			return
		}
		lo := l.Helper(HelperShift, l.v(in.Rn(), ir.I64), l.v(in.Rm(), ir.I64), packed)
		if s.bits == 64 {
			l.setV(in.Rd(), lo)
			return
		}
		high := func(n uint32) ir.Value { return l.Lane(ir.I64x2ExtractLane, 1, l.vec(n)) }
		hi := l.Helper(HelperShift, high(in.Rn()), high(in.Rm()), packed)
		l.setV(in.Rd(), l.Lane(ir.I64x2ReplaceLane, 1, l.Op(ir.I64x2Splat, lo), hi))
	}
}

// The word c of HelperShift: bits 1:0 are the element size, the flags follow.
const (
	shiftSigned   = 1 << 2
	shiftRound    = 1 << 3
	shiftSaturate = 1 << 4
)

// shift shifts each element in a by the number of places in b's, for HelperShift.
func (e *Env) shift(a, b, c uint64) (r uint64) {
	width := uint(8) << (c & 3)
	for at := uint(0); at < 64; at += width {
		v, sat := shiftElement(a>>at, int8(b>>at), c, width)
		if sat {
			e.Soft.FPSR |= fpsrQC
		}
		r |= v << at
	}
	return r
}

// shiftElement shifts the low width bits of v left by n, or right by −n, as c says, and whether it
// saturated.
func shiftElement(v uint64, n int8, c uint64, width uint) (r uint64, sat bool) {
	mask := ^uint64(0) >> (64 - width)
	signed := c&shiftSigned != 0
	x := int64(v<<(64-width)) >> (64 - width) // as a signed number
	v &= mask
	if n < 0 {
		back := uint(-int(n))
		r, last := v>>back, v>>(back-1)&1
		if signed {
			r, last = uint64(x>>back), uint64(x>>(back-1)&1)
		}
		if c&shiftRound != 0 {
			r += last
		}
		return r & mask, false
	}
	r = v << uint(n) & mask
	if c&shiftSaturate == 0 {
		return r, false
	}
	if !signed {
		if uint(n) < width && r>>uint(n) == v || v == 0 {
			return r, false
		}
		return mask, true
	}
	if uint(n) < width && int64(r<<(64-width))>>(64-width)>>uint(n) == x || x == 0 {
		return r, false
	}
	if x < 0 {
		return mask>>1 + 1, true
	}
	return mask >> 1, true
}
