package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD shift by immediate, vector and scalar (Arm ARM C4.1.96).

func init() {
	t := &table
	for _, r := range []struct {
		f           shiftFunc
		vec, scalar decode.ID
	}{
		{shiftRight(true, false), decode.SSHR_vec, decode.SSHR_scalar},
		{shiftRight(false, false), decode.USHR_vec, decode.USHR_scalar},
		{shiftRight(true, true), decode.SRSHR_vec, decode.SRSHR_scalar},
		{shiftRight(false, true), decode.URSHR_vec, decode.URSHR_scalar},
		{shiftRightAdd(shiftRight(true, false)), decode.SSRA_vec, decode.SSRA_scalar},
		{shiftRightAdd(shiftRight(false, false)), decode.USRA_vec, decode.USRA_scalar},
		{shiftRightAdd(shiftRight(true, true)), decode.SRSRA_vec, decode.SRSRA_scalar},
		{shiftRightAdd(shiftRight(false, true)), decode.URSRA_vec, decode.URSRA_scalar},
		{sri, decode.SRI_vec, decode.SRI_scalar},
		{sli, decode.SLI_vec, decode.SLI_scalar},
		{shl, decode.SHL_vec, decode.SHL_scalar},
		{sqshl, decode.SQSHL_imm_vec, decode.SQSHL_imm_scalar},
		{uqshl, decode.UQSHL_imm_vec, decode.UQSHL_imm_scalar},
		{sqshlu, decode.SQSHLU_vec, decode.SQSHLU_scalar},
	} {
		t[r.vec], t[r.scalar] = shiftImm(shiftVecOf, r.f), shiftImm(shiftScalarOf, r.f)
	}
	t[decode.SHRN_vec], t[decode.RSHRN_vec] = shrn(false), shrn(true)
	for _, r := range []struct {
		n           narrowing
		round       bool
		vec, scalar decode.ID
	}{
		{sqxtn, false, decode.SQSHRN_vec, decode.SQSHRN_scalar},
		{sqxtn, true, decode.SQRSHRN_vec, decode.SQRSHRN_scalar},
		{uqxtn, false, decode.UQSHRN_vec, decode.UQSHRN_scalar},
		{uqxtn, true, decode.UQRSHRN_vec, decode.UQRSHRN_scalar},
		{sqxtun, false, decode.SQSHRUN_vec, decode.SQSHRUN_scalar},
		{sqxtun, true, decode.SQRSHRUN_vec, decode.SQRSHRUN_scalar},
	} {
		shift := shiftRight(r.n.from, r.round)
		t[r.vec] = func(l *lifter, in decode.Inst) {
			s := vec{in.ShiftSize() + 1, 128}
			l.setNarrowVec(in, in.ShiftSize(), l.narrow(s, shift(l, s, in, l.vec(in.Rn())), r.n))
		}
		t[r.scalar] = func(l *lifter, in decode.Inst) {
			s := shiftScalarOf(in)
			l.setVec(in.Rd(), s, l.narrow(s.long(), shift(l, s.long(), in, l.vec(in.Rn())), r.n))
		}
	}
	t[decode.SSHLL_vec], t[decode.USHLL_vec] = shiftLeftLong(true), shiftLeftLong(false)
}

func shiftVecOf(in decode.Inst) vec    { return vec{in.ShiftSize(), vecBits(in.Q())} }
func shiftScalarOf(in decode.Inst) vec { return vec{in.ShiftSize(), 8 << in.ShiftSize()} }

// shiftFunc shifts the elements of a, of shape s, by in's immediate.
type shiftFunc func(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value

func shiftImm(shape func(decode.Inst) vec, f shiftFunc) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setVec(in.Rd(), s, f(l, s, in, l.vec(in.Rn())))
	}
}

// shiftRight shifts by 1 to an element's width (half of it where the result is narrowed). To round
// is to add the last bit shifted out, which unlike adding a half first does not overflow.
func shiftRight(signed, round bool) shiftFunc {
	return func(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
		n := uint(in.ShiftRight())
		r := l.shrVec(s.size, a, n)
		if signed {
			r = l.sarVec(s.size, a, n)
		}
		if round {
			r = l.Op(vAdd[s.size], r, l.andVec(l.shrVec(s.size, a, n-1), l.each(s.size, 1)))
		}
		return r
	}
}

func shiftRightAdd(f shiftFunc) shiftFunc {
	return func(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
		return l.Op(vAdd[s.size], l.vec(in.Rd()), f(l, s, in, a))
	}
}

func shl(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
	return l.shlVec(s.size, a, uint(in.ShiftLeft()))
}

// sri and sli keep the bits of Rd that nothing is shifted into.
func sri(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
	n := uint(in.ShiftRight())
	kept := ^(uint64(1)<<(s.width()-n) - 1) // as an element; each drops the rest
	return l.orVec(l.shrVec(s.size, a, n), l.andVec(l.vec(in.Rd()), l.each(s.size, kept)))
}

func sli(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
	n := uint(in.ShiftLeft())
	return l.orVec(l.shlVec(s.size, a, n), l.andVec(l.vec(in.Rd()), l.each(s.size, 1<<n-1)))
}

// A left shift saturates where shifting back does not give the operand.

func sqshl(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
	n := uint(in.ShiftLeft())
	r := l.shlVec(s.size, a, n)
	over := l.Op(vNe[s.size], l.sarVec(s.size, r, n), a)
	l.saturated(s, over)
	return l.merge(over, l.xorVec(l.sarVec(s.size, a, s.width()-1), l.most(s.size)), r)
}

func uqshl(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
	n := uint(in.ShiftLeft())
	r := l.shlVec(s.size, a, n)
	over := l.Op(vNe[s.size], l.shrVec(s.size, r, n), a)
	l.saturated(s, over)
	return l.orVec(r, over)
}

// sqshlu makes unsigned numbers of signed ones: zero where they are negative.
func sqshlu(l *lifter, s vec, in decode.Inst, a ir.Value) ir.Value {
	negative := l.Op(vLtS[s.size], a, l.V128(0, 0))
	l.saturated(s, negative)
	return uqshl(l, s, in, l.Op(ir.V128Andnot, a, negative))
}

func shrn(round bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size, n := in.ShiftSize(), uint(in.ShiftRight())
		a := l.vec(in.Rn())
		if round { // a carry out of the wide element would not reach the narrow one
			a = l.Op(vAdd[size+1], a, l.each(size+1, 1<<(n-1)))
		}
		l.setNarrowVec(in, size, l.truncate(size, l.shrVec(size+1, a, n), n == 8<<size))
	}
}

func shiftLeftLong(signed bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.ShiftSize()
		l.setV(in.Rd(), l.shlVec(size+1, l.extend(size, l.vec(in.Rn()), in.Q(), signed), uint(in.ShiftLeft())))
	}
}
