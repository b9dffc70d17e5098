package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Data processing, immediate (Arm ARM C4.1.92).

func init() {
	t := &table
	t[decode.ADR] = func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), l.I64(in.BranchTarget(l.pc))) }
	t[decode.ADRP] = t[decode.ADR]
	t[decode.ADD_imm] = addSubImm(false, false)
	t[decode.ADDS_imm] = addSubImm(false, true)
	t[decode.SUB_imm] = addSubImm(true, false)
	t[decode.SUBS_imm] = addSubImm(true, true)
	t[decode.AND_imm] = logicImm((*ir.Builder).And, false)
	t[decode.ORR_imm] = logicImm((*ir.Builder).Or, false)
	t[decode.EOR_imm] = logicImm((*ir.Builder).Xor, false)
	t[decode.ANDS_imm] = logicImm((*ir.Builder).And, true)
	t[decode.MOVN] = func(l *lifter, in decode.Inst) {
		l.setReg(in.Rd(), l.Int(typ(in.SF()), ^moveWide(in)))
	}
	t[decode.MOVZ] = func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), l.Int(typ(in.SF()), moveWide(in))) }
	t[decode.MOVK] = func(l *lifter, in decode.Inst) {
		keep := ^(uint64(0xffff) << (16 * in.F('h')))
		l.setReg(in.Rd(), l.Or(l.AndI(l.reg(in.Rd(), typ(in.SF())), keep), l.Int(typ(in.SF()), moveWide(in))))
	}
	t[decode.SBFM] = func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), l.bitfield(in, true)) }
	t[decode.UBFM] = func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), l.bitfield(in, false)) }
	t[decode.BFM] = bfm
	t[decode.EXTR] = extr
}

func addSubImm(sub, flags bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		imm := uint64(in.F('i'))
		if in.F('h') != 0 {
			imm <<= 12
		}
		a, b := l.regSP(in.Rn(), t), l.Int(t, imm)
		var r ir.Value
		if sub {
			r = l.Sub(a, b)
		} else {
			r = l.Add(a, b)
		}
		if flags {
			if sub {
				l.SetFlags(ir.FlagsSub, a, b, 0)
			} else {
				l.SetFlags(ir.FlagsAdd, a, b, 0)
			}
			l.setReg(in.Rd(), r)
			return
		}
		l.setRegSP(in.Rd(), r)
	}
}

func logicImm(op func(*ir.Builder, ir.Value, ir.Value) ir.Value, flags bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		r := op(l.Builder, l.reg(in.Rn(), t), l.Int(t, in.BitMask()))
		if flags {
			l.SetFlags(ir.FlagsLogic, r, 0, 0)
			l.setReg(in.Rd(), r)
			return
		}
		l.setRegSP(in.Rd(), r)
	}
}

func moveWide(in decode.Inst) uint64 { return uint64(in.F('i')) << (16 * in.F('h')) }

// bitfield is SBFM and UBFM: a field moved down to bit 0 (imms ≥ immr) or up from bit 0.
func (l *lifter) bitfield(in decode.Inst, signed bool) ir.Value {
	t, width := typ(in.SF()), uint(32)
	if in.SF() {
		width = 64
	}
	r, s := uint(in.F('r')), uint(in.F('i'))
	a := l.reg(in.Rn(), t)
	if s >= r { // extract bits s..r
		switch {
		case s == width-1 && signed:
			return l.ShrSI(a, r)
		case s == width-1:
			return l.ShrUI(a, r)
		case signed && r == 0 && (s == 7 || s == 15 || s == 31):
			return l.signExtend(a, s+1)
		case signed:
			return l.ShrSI(l.ShlI(a, width-1-s), width-1-s+r)
		}
		return l.AndI(l.ShrUI(a, r), 1<<(s-r+1)-1)
	}
	// insert bits s..0 at width−r
	if signed {
		return l.ShrSI(l.ShlI(a, width-1-s), r-s-1)
	}
	if s == r-1 {
		return l.ShlI(a, width-r) // LSL
	}
	return l.ShlI(l.AndI(a, 1<<(s+1)-1), width-r)
}

// signExtend widens the low n bits (8, 16 or 32) of a.
func (l *lifter) signExtend(a ir.Value, n uint) ir.Value {
	if l.Type(a) == ir.I32 {
		if n == 8 {
			return l.Op(ir.I32Extend8S, a)
		}
		if n == 16 {
			return l.Op(ir.I32Extend16S, a)
		}
		return a
	}
	switch n {
	case 8:
		return l.Op(ir.I64Extend8S, a)
	case 16:
		return l.Op(ir.I64Extend16S, a)
	}
	return l.SExt(l.Wrap(a))
}

func bfm(l *lifter, in decode.Inst) {
	t, width := typ(in.SF()), uint(32)
	if in.SF() {
		width = 64
	}
	r, s := uint(in.F('r')), uint(in.F('i'))
	src, dst := l.reg(in.Rn(), t), l.reg(in.Rd(), t)
	var mask uint64
	if s >= r { // BFXIL
		mask = 1<<(s-r+1) - 1
		src = l.ShrUI(src, r)
	} else { // BFI
		mask = (1<<(s+1) - 1) << (width - r)
		src = l.ShlI(src, width-r)
	}
	l.setReg(in.Rd(), l.Or(l.AndI(dst, ^mask), l.AndI(src, mask)))
}

func extr(l *lifter, in decode.Inst) {
	t, width := typ(in.SF()), uint(32)
	if in.SF() {
		width = 64
	}
	n := uint(in.F('i'))
	hi, lo := l.reg(in.Rn(), t), l.reg(in.Rm(), t)
	switch {
	case in.Rn() == in.Rm():
		l.setReg(in.Rd(), l.RotrI(lo, n))
	case n == 0:
		l.setReg(in.Rd(), lo)
	default:
		l.setReg(in.Rd(), l.Or(l.ShrUI(lo, n), l.ShlI(hi, width-n)))
	}
}
