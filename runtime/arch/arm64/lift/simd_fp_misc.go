package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// Advanced SIMD floating point, two registers, across lanes and scalar pairwise (Arm ARM
// C4.1.96). Conversions are in simd_fp_convert.go.

func init() {
	t := &table
	for id, f := range map[decode.ID]fp1{
		decode.FABS_vec: fpAbs, decode.FNEG_vec: fpNeg, decode.FSQRT_vec: fpSqrt,
		decode.FRINTN_vec: fpRound(softfloat.RN, false), decode.FRINTP_vec: fpRound(softfloat.RP, false),
		decode.FRINTM_vec: fpRound(softfloat.RM, false), decode.FRINTZ_vec: fpRound(softfloat.RZ, false),
		decode.FRINTA_vec: fpRound(softfloat.RA, false),
		decode.FRINTX_vec: fpRound(softfloat.RFPCR, true), decode.FRINTI_vec: fpRound(softfloat.RFPCR, false),
		decode.FRECPE_vec: fpRecipEstimate, decode.FRSQRTE_vec: fpRSqrtEstimate,
	} {
		t[id] = lift1(vectorShape, f)
	}
	t[decode.FRECPE_scalar] = lift1(scalarShape, fpRecipEstimate)
	t[decode.FRSQRTE_scalar] = lift1(scalarShape, fpRSqrtEstimate)
	t[decode.FRECPX_scalar] = lift1(scalarShape, fpRecpX)
	t[decode.URECPE_vec] = integerEstimate(softfloat.URecipEstimate32)
	t[decode.URSQRTE_vec] = integerEstimate(softfloat.URSqrtEstimate32)

	for _, r := range []struct {
		f              fp1
		vector, scalar decode.ID
	}{
		{withZero(fpEQ), decode.FCMEQ_zero_vec, decode.FCMEQ_zero_scalar},
		{withZero(fpGE), decode.FCMGE_zero_vec, decode.FCMGE_zero_scalar},
		{withZero(fpGT), decode.FCMGT_zero_vec, decode.FCMGT_zero_scalar},
		{zeroWith(fpGE), decode.FCMLE_zero_vec, decode.FCMLE_zero_scalar},
		{zeroWith(fpGT), decode.FCMLT_zero_vec, decode.FCMLT_zero_scalar},
	} {
		t[r.vector], t[r.scalar] = lift1(vectorShape, r.f), lift1(scalarShape, r.f)
	}

	for id, f := range map[decode.ID]fp2{
		decode.FADDP_pair: fpAdd, decode.FMAXP_pair: fpMax, decode.FMINP_pair: fpMin,
		decode.FMAXNMP_pair: fpMaxNum, decode.FMINNMP_pair: fpMinNum,
	} {
		t[id] = pair(f)
	}
	for id, f := range map[decode.ID]fp2{
		decode.FMAXV: fpMax, decode.FMINV: fpMin, decode.FMAXNMV: fpMaxNum, decode.FMINNMV: fpMinNum,
	} {
		t[id] = across(f)
	}
}

// pair applies f to the two elements of a vector.
func pair(f fp2) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s, v := scalarShape(in), l.v(in.Rn(), ir.V128)
		l.setV(in.Rd(), f(l, s, l.extract(v, 0, s.typ()), l.extract(v, 1, s.typ())))
	}
}

// across reduces four singles by f: the halves first, which decides between NaNs (Reduce, J1.3).
func across(f fp2) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s, v := shape{}, l.v(in.Rn(), ir.V128)
		e := func(i int) ir.Value { return l.extract(v, i, ir.F32) }
		l.setV(in.Rd(), f(l, s, f(l, s, e(0), e(1)), f(l, s, e(2), e(3))))
	}
}

// integerEstimate is URECPE and URSQRTE, on 32-bit integers.
func integerEstimate(op softfloat.Op) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := vectorShape(in)
		l.setFP(in.Rd(), s, l.elements(s, ir.I32, func(x ...ir.Value) ir.Value {
			return l.Wrap(l.cvt(op, l.ZExt(x[0])))
		}, l.fp(in.Rn(), s)))
	}
}
