package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD floating point, three registers of the same type (Arm ARM C4.1.96), and the
// multiplications by an element.

func init() {
	t := &table
	for id, f := range map[decode.ID]fp2{
		decode.FADD_vec: fpAdd, decode.FSUB_vec: fpSub, decode.FMUL_vec: fpMul, decode.FDIV_vec: fpDiv,
		decode.FMAX_vec: fpMax, decode.FMIN_vec: fpMin, decode.FMAXNM_vec: fpMaxNum, decode.FMINNM_vec: fpMinNum,
		decode.FABD_vec: fpAbd, decode.FMULX_vec: fpMulX, decode.FRECPS_vec: fpRecipStep, decode.FRSQRTS_vec: fpRSqrtStep,
		decode.FCMEQ_vec: fpEQ, decode.FCMGE_vec: fpGE, decode.FCMGT_vec: fpGT,
		decode.FACGE_vec: magnitudes(fpGE), decode.FACGT_vec: magnitudes(fpGT),

		decode.FADDP_vec: pairwise(fpAdd), decode.FMAXP_vec: pairwise(fpMax), decode.FMINP_vec: pairwise(fpMin),
		decode.FMAXNMP_vec: pairwise(fpMaxNum), decode.FMINNMP_vec: pairwise(fpMinNum),
	} {
		t[id] = lift2(vectorShape, f)
	}
	for id, f := range map[decode.ID]fp2{
		decode.FABD_scalar: fpAbd, decode.FMULX_scalar: fpMulX, decode.FRECPS_scalar: fpRecipStep, decode.FRSQRTS_scalar: fpRSqrtStep,
		decode.FCMEQ_scalar: fpEQ, decode.FCMGE_scalar: fpGE, decode.FCMGT_scalar: fpGT,
		decode.FACGE_scalar: magnitudes(fpGE), decode.FACGT_scalar: magnitudes(fpGT),
	} {
		t[id] = lift2(scalarShape, f)
	}
	t[decode.FMLA_vec] = accumulate(vectorShape, second, false)
	t[decode.FMLS_vec] = accumulate(vectorShape, second, true)

	for _, r := range []struct {
		shape               func(decode.Inst) shape
		mla, mls, mul, mulx decode.ID
	}{
		{vectorShape, decode.FMLA_elem, decode.FMLS_elem, decode.FMUL_elem, decode.FMULX_elem},
		{scalarShape, decode.FMLA_elem_scalar, decode.FMLS_elem_scalar, decode.FMUL_elem_scalar, decode.FMULX_elem_scalar},
	} {
		t[r.mla] = accumulate(r.shape, element, false)
		t[r.mls] = accumulate(r.shape, element, true)
		t[r.mul] = byElement(r.shape, fpMul)
		t[r.mulx] = byElement(r.shape, fpMulX)
	}
}

// second is the second operand as register Rm has it.
func second(l *lifter, in decode.Inst, s shape) ir.Value { return l.fp(in.Rm(), s) }

// element is an element of Rm as the second operand, repeated for each element of a vector.
func element(l *lifter, in decode.Inst, s shape) ir.Value {
	m, i := in.Element()
	x := l.extract(l.v(m, ir.V128), int(i), s.elem())
	switch {
	case s.n == 0:
		return x
	case s.double:
		return l.Op(ir.F64x2Splat, x)
	}
	return l.Op(ir.F32x4Splat, x)
}

func byElement(shape func(decode.Inst) shape, f fp2) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setFP(in.Rd(), s, f(l, s, l.fp(in.Rn(), s), element(l, in, s)))
	}
}

// accumulate is Rd ± Rn × the second operand.
func accumulate(shape func(decode.Inst) shape, second func(*lifter, decode.Inst, shape) ir.Value, negate bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		acc, a, b := l.fp(in.Rd(), s), l.fp(in.Rn(), s), second(l, in, s)
		if negate {
			a = fpNeg(l, s, a)
		}
		l.setFP(in.Rd(), s, fpMulAdd(l, s, acc, a, b))
	}
}

// pairwise applies f to neighbours: those of the first operand make the low elements of the
// result, those of the second the high ones.
func pairwise(f fp2) fp2 {
	return func(l *lifter, s shape, a, b ir.Value) ir.Value {
		switch {
		case s.double:
			even := l.Shuffle(a, b, words64(0, 2))
			return f(l, s, even, l.Shuffle(a, b, words64(1, 3)))
		case s.n == 2:
			even := l.Shuffle(a, b, words32(0, 4, 0, 4))
			return f(l, s, even, l.Shuffle(a, b, words32(1, 5, 1, 5)))
		}
		even := l.Shuffle(a, b, words32(0, 2, 4, 6))
		return f(l, s, even, l.Shuffle(a, b, words32(1, 3, 5, 7)))
	}
}

// words32 and words64 are shuffle masks that pick elements of two vectors, counted through both.
func words32(e ...byte) (mask [16]byte) {
	for i := range mask {
		mask[i] = e[i/4]*4 + byte(i%4)
	}
	return mask
}

func words64(e ...byte) (mask [16]byte) {
	for i := range mask {
		mask[i] = e[i/8]*8 + byte(i%8)
	}
	return mask
}
