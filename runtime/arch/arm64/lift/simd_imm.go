package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD modified immediate (Arm ARM C4.1.96).

func init() {
	t := &table
	for _, id := range []decode.ID{decode.MOVI_b, decode.MOVI_h, decode.MOVI_w, decode.MOVI_ones, decode.MOVI_d,
		decode.MOVI_d_scalar, decode.FMOV_vec_s, decode.FMOV_vec_d} {
		t[id] = func(l *lifter, in decode.Inst) { l.setImm(in, in.SIMDImm()) }
	}
	for _, id := range []decode.ID{decode.MVNI_h, decode.MVNI_w, decode.MVNI_ones} {
		t[id] = func(l *lifter, in decode.Inst) { l.setImm(in, ^in.SIMDImm()) }
	}
	t[decode.ORR_imm_h] = withImm(ir.V128Or)
	t[decode.ORR_imm_w] = t[decode.ORR_imm_h]
	t[decode.BIC_imm_h] = withImm(ir.V128Andnot)
	t[decode.BIC_imm_w] = t[decode.BIC_imm_h]
}

// setImm writes imm to each half of Rd that the arrangement has.
func (l *lifter) setImm(in decode.Inst, imm uint64) {
	hi := uint64(0)
	if in.Q() {
		hi = imm
	}
	l.setV(in.Rd(), l.V128(imm, hi))
}

func withImm(op ir.Op) liftFunc {
	return func(l *lifter, in decode.Inst) {
		imm := in.SIMDImm()
		l.setVQ(in.Rd(), l.Op(op, l.vec(in.Rd()), l.V128(imm, imm)), in.Q())
	}
}
