package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// Scalar floating-point data processing, moves, selects and comparisons (Arm ARM C4.1.96).

func init() {
	t := &table
	for id, f := range map[decode.ID]fp2{
		decode.FADD: fpAdd, decode.FSUB: fpSub, decode.FMUL: fpMul, decode.FDIV: fpDiv, decode.FNMUL: fpNMul,
		decode.FMAX: fpMax, decode.FMIN: fpMin, decode.FMAXNM: fpMaxNum, decode.FMINNM: fpMinNum,
	} {
		t[id] = lift2(scalarShape, f)
	}
	for id, f := range map[decode.ID]fp1{
		decode.FABS: fpAbs, decode.FNEG: fpNeg, decode.FSQRT: fpSqrt,
		decode.FRINTN: fpRound(softfloat.RN, false), decode.FRINTP: fpRound(softfloat.RP, false),
		decode.FRINTM: fpRound(softfloat.RM, false), decode.FRINTZ: fpRound(softfloat.RZ, false),
		decode.FRINTA: fpRound(softfloat.RA, false),
		decode.FRINTX: fpRound(softfloat.RFPCR, true), decode.FRINTI: fpRound(softfloat.RFPCR, false),
	} {
		t[id] = lift1(scalarShape, f)
	}
	t[decode.FMADD] = mulAdd(false, false)
	t[decode.FMSUB] = mulAdd(false, true)
	t[decode.FNMADD] = mulAdd(true, true)
	t[decode.FNMSUB] = mulAdd(true, false)

	t[decode.FMOV_reg] = lift1(scalarShape, func(_ *lifter, _ shape, a ir.Value) ir.Value { return a })
	t[decode.FMOV_imm] = func(l *lifter, in decode.Inst) {
		l.setV(in.Rd(), l.splat(scalarShape(in), uint32(in.FPImm()), in.FPImm()))
	}
	t[decode.FMOV_to_gpr] = func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), l.v(in.Rn(), typ(in.SF()))) }
	t[decode.FMOV_from_gpr] = func(l *lifter, in decode.Inst) { l.setV(in.Rd(), l.reg(in.Rn(), typ(in.SF()))) }
	t[decode.FMOV_to_gpr_top] = func(l *lifter, in decode.Inst) {
		l.setReg(in.Rd(), l.extract(l.v(in.Rn(), ir.V128), 1, ir.I64))
	}
	t[decode.FMOV_from_gpr_top] = func(l *lifter, in decode.Inst) {
		l.setV(in.Rd(), l.insert(l.v(in.Rd(), ir.V128), 1, l.x(in.Rn())))
	}
	t[decode.FCSEL] = func(l *lifter, in decode.Inst) {
		s := scalarShape(in)
		l.setV(in.Rd(), l.Select(l.Test(cond(in)), l.fp(in.Rn(), s), l.fp(in.Rm(), s)))
	}

	t[decode.FCMP] = fcmp(softfloat.Compare32, false)
	t[decode.FCMP_zero] = fcmp(softfloat.Compare32, true)
	t[decode.FCMPE] = fcmp(softfloat.CompareSig32, false)
	t[decode.FCMPE_zero] = fcmp(softfloat.CompareSig32, true)
	t[decode.FCCMP] = fccmp(softfloat.Compare32)
	t[decode.FCCMPE] = fccmp(softfloat.CompareSig32)
}

// mulAdd is ±Ra ± Rn × Rm.
func mulAdd(negateAddend, negateProduct bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := scalarShape(in)
		acc, a, b := l.fp(in.Ra(), s), l.fp(in.Rn(), s), l.fp(in.Rm(), s)
		if negateAddend {
			acc = fpNeg(l, s, acc)
		}
		if negateProduct {
			a = fpNeg(l, s, a)
		}
		l.setV(in.Rd(), fpMulAdd(l, s, acc, a, b))
	}
}

// fcmp compares; op is what precise code calls, since the forms differ in the exceptions that they raise.
func fcmp(op softfloat.Op, zero bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := scalarShape(in)
		a, b := l.fp(in.Rn(), s), l.zero(s)
		if !zero {
			b = l.fp(in.Rm(), s)
		}
		if l.opt.PreciseFP {
			l.SetNZCV(l.Wrap(l.helperFP(op, s.double, l.bits(a), l.bits(b))))
			return
		}
		l.SetFlags(ir.FlagsFCmp, a, b, 0)
	}
}

func fccmp(op softfloat.Op) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := scalarShape(in)
		cond, nzcv := l.Test(cond(in)), in.F('k')<<28
		a, b := l.fp(in.Rn(), s), l.fp(in.Rm(), s)
		if !l.opt.PreciseFP {
			l.SetFlagsIf(cond, ir.FlagsFCmp, a, b, nzcv)
			return
		}
		// Where the condition fails, zeros are compared, which raises nothing.
		a, b = l.Select(cond, a, l.zero(s)), l.Select(cond, b, l.zero(s))
		r := l.Wrap(l.helperFP(op, s.double, l.bits(a), l.bits(b)))
		l.SetNZCV(l.Select(cond, r, l.I32(nzcv)))
	}
}
