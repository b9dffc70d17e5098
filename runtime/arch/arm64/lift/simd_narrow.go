package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD narrowing: XTN and its saturating forms (Arm ARM C4.1.96, two registers), and what
// narrowing shifts and sums share with them. The "2" forms, with Q, fill the upper half of Rd.

func init() {
	t := &table
	t[decode.XTN_vec] = func(l *lifter, in decode.Inst) {
		l.setNarrowVec(in, in.Size(), l.truncate(in.Size(), l.vec(in.Rn()), false))
	}
	for _, r := range []struct {
		f           narrowing
		vec, scalar decode.ID
	}{
		{sqxtn, decode.SQXTN_vec, decode.SQXTN_scalar},
		{uqxtn, decode.UQXTN_vec, decode.UQXTN_scalar},
		{sqxtun, decode.SQXTUN_vec, decode.SQXTUN_scalar},
	} {
		t[r.vec] = func(l *lifter, in decode.Inst) {
			l.setNarrowVec(in, in.Size(), l.narrow(vec{in.Size() + 1, 128}, l.vec(in.Rn()), r.f))
		}
		t[r.scalar] = func(l *lifter, in decode.Inst) {
			l.setVec(in.Rd(), scalarOf(in), l.narrow(scalarOf(in).long(), l.vec(in.Rn()), r.f))
		}
	}
}

// setNarrowVec writes the low half of v, elements of size, to the half of Rd that Q names. In the
// low form v's upper half must be zero.
func (l *lifter) setNarrowVec(in decode.Inst, size uint32, v ir.Value) {
	if in.Q() {
		v = l.arrange(vec{3, 128}, l.vec(in.Rd()), v, func(i int) int { return 2 * i })
	}
	l.setV(in.Rd(), v)
}

// truncate takes the low halves of elements of size+1; the result's upper half is zero. clear says that
// the high halves are zero already.
func (l *lifter) truncate(size uint32, a ir.Value, clear bool) ir.Value {
	zero := l.V128(0, 0)
	if size == 2 {
		return l.arrange(vec{2, 128}, a, zero, func(i int) int { return 2 * i })
	}
	if !clear {
		a = l.andVec(a, l.each(size+1, 1<<(8<<size)-1))
	}
	return l.Op(laneOp{ir.I8x16NarrowI16x8U, ir.I16x8NarrowI32x4U}[size], a, zero)
}

// narrowing says what elements become when they lose half of their width.
type narrowing struct {
	from, to bool // signed
}

var (
	sqxtn  = narrowing{true, true}
	uqxtn  = narrowing{false, false}
	sqxtun = narrowing{true, false}
)

// narrow halves the elements of a, of shape s, with saturation. The result's upper half is zero.
func (l *lifter) narrow(s vec, a ir.Value, n narrowing) ir.Value {
	size, zero := s.size-1, l.V128(0, 0)
	var r ir.Value
	switch {
	case size == 2:
		r = l.truncate(2, l.clamp64(a, n), true)
	case n == uqxtn:
		r = l.truncate(size, l.Op(vMinU[s.size], a, l.each(s.size, 1<<(8<<size)-1)), true)
	case n.to:
		r = l.Op(laneOp{ir.I8x16NarrowI16x8S, ir.I16x8NarrowI32x4S}[size], a, zero)
	default:
		r = l.Op(laneOp{ir.I8x16NarrowI16x8U, ir.I16x8NarrowI32x4U}[size], a, zero)
	}
	l.saturated(s, l.xorVec(a, l.extend(size, r, false, n.to)))
	return r
}

// clamp64 brings doublewords into the range of words. Wasm has no minimum of doublewords.
func (l *lifter) clamp64(a ir.Value, n narrowing) ir.Value {
	const words = 0xffffffff
	switch n {
	case uqxtn: // all ones where the high half is not zero
		return l.orVec(a, l.Op(ir.I64x2GtS, l.shrVec(3, a, 32), l.V128(0, 0)))
	case sqxtun:
		a = l.Op(ir.V128Andnot, a, l.Op(ir.I64x2LtS, a, l.V128(0, 0)))
		return l.orVec(a, l.Op(ir.I64x2GtS, a, l.each(3, words)))
	}
	most, least := l.each(3, words>>1), l.each(3, ^uint64(words>>1))
	a = l.merge(l.Op(ir.I64x2GtS, a, most), most, a)
	return l.merge(l.Op(ir.I64x2LtS, a, least), least, a)
}
