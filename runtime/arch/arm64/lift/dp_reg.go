package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Data processing, register (Arm ARM C4.1.95).

func init() {
	t := &table
	and, or, xor := (*ir.Builder).And, (*ir.Builder).Or, (*ir.Builder).Xor
	t[decode.AND_shift] = logicShift(and, false, false)
	t[decode.BIC_shift] = logicShift(and, true, false)
	t[decode.ORR_shift] = logicShift(or, false, false)
	t[decode.ORN_shift] = logicShift(or, true, false)
	t[decode.EOR_shift] = logicShift(xor, false, false)
	t[decode.EON_shift] = logicShift(xor, true, false)
	t[decode.ANDS_shift] = logicShift(and, false, true)
	t[decode.BICS_shift] = logicShift(and, true, true)

	t[decode.ADD_shift] = addSubShift(false, false)
	t[decode.ADDS_shift] = addSubShift(false, true)
	t[decode.SUB_shift] = addSubShift(true, false)
	t[decode.SUBS_shift] = addSubShift(true, true)
	t[decode.ADD_ext] = addSubExt(false, false)
	t[decode.ADDS_ext] = addSubExt(false, true)
	t[decode.SUB_ext] = addSubExt(true, false)
	t[decode.SUBS_ext] = addSubExt(true, true)

	t[decode.ADC] = addCarry(false, false)
	t[decode.ADCS] = addCarry(false, true)
	t[decode.SBC] = addCarry(true, false)
	t[decode.SBCS] = addCarry(true, true)

	t[decode.CCMN_reg] = condCompare(ir.FlagsAdd, false)
	t[decode.CCMP_reg] = condCompare(ir.FlagsSub, false)
	t[decode.CCMN_imm] = condCompare(ir.FlagsAdd, true)
	t[decode.CCMP_imm] = condCompare(ir.FlagsSub, true)

	t[decode.CSEL] = condSelect(func(l *lifter, v ir.Value) ir.Value { return v })
	t[decode.CSINC] = condSelect(func(l *lifter, v ir.Value) ir.Value { return l.AddI(v, 1) })
	t[decode.CSINV] = condSelect(func(l *lifter, v ir.Value) ir.Value { return l.Not(v) })
	t[decode.CSNEG] = condSelect(func(l *lifter, v ir.Value) ir.Value { return l.Neg(v) })

	t[decode.UDIV] = twoSource(func(l *lifter, a, b ir.Value) ir.Value { return l.Div(false, a, b) })
	t[decode.SDIV] = twoSource(func(l *lifter, a, b ir.Value) ir.Value { return l.Div(true, a, b) })
	t[decode.LSLV] = twoSource(func(l *lifter, a, b ir.Value) ir.Value { return l.Shl(a, b) })
	t[decode.LSRV] = twoSource(func(l *lifter, a, b ir.Value) ir.Value { return l.ShrU(a, b) })
	t[decode.ASRV] = twoSource(func(l *lifter, a, b ir.Value) ir.Value { return l.ShrS(a, b) })
	t[decode.RORV] = twoSource(func(l *lifter, a, b ir.Value) ir.Value { return l.Rotr(a, b) })

	t[decode.RBIT] = oneSource(func(l *lifter, a ir.Value) ir.Value { return l.BitReverse(a) })
	t[decode.REV16] = oneSource(func(l *lifter, a ir.Value) ir.Value {
		m := l.Int(l.Type(a), 0x00ff00ff00ff00ff)
		return l.Or(l.ShlI(l.And(a, m), 8), l.And(l.ShrUI(a, 8), m))
	})
	t[decode.REV_w] = oneSource(func(l *lifter, a ir.Value) ir.Value { return l.Bswap(a) })
	t[decode.REV_x] = t[decode.REV_w]
	t[decode.REV32] = oneSource(func(l *lifter, a ir.Value) ir.Value { return l.RotrI(l.Bswap(a), 32) })
	t[decode.CLZ] = oneSource(func(l *lifter, a ir.Value) ir.Value {
		if l.Type(a) == ir.I32 {
			return l.Op(ir.I32Clz, a)
		}
		return l.Op(ir.I64Clz, a)
	})
	t[decode.CLS] = oneSource(func(l *lifter, a ir.Value) ir.Value {
		// sign bits after the first: leading zeros of (a ^ a>>1) without its top bit
		if l.Type(a) == ir.I32 {
			return l.AddI(l.Op(ir.I32Clz, l.Xor(a, l.ShrSI(a, 1))), ^uint64(0))
		}
		return l.AddI(l.Op(ir.I64Clz, l.Xor(a, l.ShrSI(a, 1))), ^uint64(0))
	})

	t[decode.MADD] = func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		l.setReg(in.Rd(), l.Add(l.reg(in.Ra(), t), l.Mul(l.reg(in.Rn(), t), l.reg(in.Rm(), t))))
	}
	t[decode.MSUB] = func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		l.setReg(in.Rd(), l.Sub(l.reg(in.Ra(), t), l.Mul(l.reg(in.Rn(), t), l.reg(in.Rm(), t))))
	}
	t[decode.SMADDL] = mulLong(true, false)
	t[decode.SMSUBL] = mulLong(true, true)
	t[decode.UMADDL] = mulLong(false, false)
	t[decode.UMSUBL] = mulLong(false, true)
	t[decode.SMULH] = func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), l.MulHi(true, l.x(in.Rn()), l.x(in.Rm()))) }
	t[decode.UMULH] = func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), l.MulHi(false, l.x(in.Rn()), l.x(in.Rm()))) }

	t[decode.CRC32B] = crc32(HelperCRC32, 1)
	t[decode.CRC32H] = crc32(HelperCRC32, 2)
	t[decode.CRC32W] = crc32(HelperCRC32, 4)
	t[decode.CRC32X] = crc32(HelperCRC32, 8)
	t[decode.CRC32CB] = crc32(HelperCRC32C, 1)
	t[decode.CRC32CH] = crc32(HelperCRC32C, 2)
	t[decode.CRC32CW] = crc32(HelperCRC32C, 4)
	t[decode.CRC32CX] = crc32(HelperCRC32C, 8)
}

// shifted reads Rm, shifted as the shifted-register forms say.
func (l *lifter) shifted(in decode.Inst, t ir.Type) ir.Value {
	v := l.reg(in.Rm(), t)
	kind, n := in.Shift()
	switch {
	case n == 0:
		return v
	case kind == decode.LSL:
		return l.ShlI(v, uint(n))
	case kind == decode.LSR:
		return l.ShrUI(v, uint(n))
	case kind == decode.ASR:
		return l.ShrSI(v, uint(n))
	}
	return l.RotrI(v, uint(n))
}

// extended reads Rm, extended by e and shifted left by n.
func (l *lifter) extended(rm uint32, e decode.Extend, n uint, t ir.Type) ir.Value {
	var v ir.Value
	switch e.Width() {
	case 64:
		v = l.reg(rm, t)
	case 32:
		if v = l.w(rm); t == ir.I64 && e.Signed() {
			v = l.SExt(v)
		} else if t == ir.I64 {
			v = l.ZExt(v)
		}
	default:
		if v = l.reg(rm, t); e.Signed() {
			v = l.signExtend(v, e.Width())
		} else {
			v = l.AndI(v, 1<<e.Width()-1)
		}
	}
	return l.ShlI(v, n)
}

func logicShift(op func(*ir.Builder, ir.Value, ir.Value) ir.Value, invert, flags bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		b := l.shifted(in, t)
		if invert {
			b = l.Not(b)
		}
		r := op(l.Builder, l.reg(in.Rn(), t), b)
		if flags {
			l.SetFlags(ir.FlagsLogic, r, 0, 0)
		}
		l.setReg(in.Rd(), r)
	}
}

func (l *lifter) addSub(sub, flags bool, a, b ir.Value) ir.Value {
	if sub {
		if flags {
			l.SetFlags(ir.FlagsSub, a, b, 0)
		}
		return l.Sub(a, b)
	}
	if flags {
		l.SetFlags(ir.FlagsAdd, a, b, 0)
	}
	return l.Add(a, b)
}

func addSubShift(sub, flags bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		l.setReg(in.Rd(), l.addSub(sub, flags, l.reg(in.Rn(), t), l.shifted(in, t)))
	}
}

func addSubExt(sub, flags bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		r := l.addSub(sub, flags, l.regSP(in.Rn(), t), l.extended(in.Rm(), in.Extend(), uint(in.F('i')), t))
		if flags {
			l.setReg(in.Rd(), r)
		} else {
			l.setRegSP(in.Rd(), r)
		}
	}
}

func addCarry(sub, flags bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		a, b := l.reg(in.Rn(), t), l.reg(in.Rm(), t)
		if sub {
			b = l.Not(b)
		}
		c := l.Test(ir.CS)
		if flags {
			l.SetFlags(ir.FlagsAddC, a, b, c)
		}
		if in.SF() {
			c = l.ZExt(c)
		}
		l.setReg(in.Rd(), l.Add(l.Add(a, b), c))
	}
}

func condCompare(k ir.FlagsKind, imm bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		cond := l.Test(cond(in))
		var b ir.Value
		if imm {
			b = l.Int(t, uint64(in.F('i')))
		} else {
			b = l.reg(in.Rm(), t)
		}
		l.SetFlagsIf(cond, k, l.reg(in.Rn(), t), b, in.F('k')<<28)
	}
}

// cond is the instruction's condition; NV means always, like AL.
func cond(in decode.Inst) ir.Cond { return min(ir.Cond(in.Cond()), ir.AL) }

func condSelect(f func(*lifter, ir.Value) ir.Value) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		c := l.Test(cond(in))
		l.setReg(in.Rd(), l.condValue(c, l.reg(in.Rn(), t), f(l, l.reg(in.Rm(), t))))
	}
}

// condValue is Select, with the 0 and 1 of CSET and CSETM without one.
func (l *lifter) condValue(c, yes, no ir.Value) ir.Value {
	y, ky := l.Const(yes)
	n, kn := l.Const(no)
	if ky && kn {
		wide := l.Type(yes) == ir.I64
		widen := func(v ir.Value) ir.Value {
			if wide {
				return l.ZExt(v)
			}
			return v
		}
		all := ^uint64(0)
		if !wide {
			all = 1<<32 - 1
		}
		switch {
		case y == 0 && n == 1:
			return widen(l.Eqz(c))
		case y == 1 && n == 0:
			return widen(l.Eqz(l.Eqz(c)))
		case y == 0 && n == all:
			return l.Neg(widen(l.Eqz(c)))
		}
	}
	return l.Select(c, yes, no)
}

func twoSource(f func(l *lifter, a, b ir.Value) ir.Value) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t := typ(in.SF())
		l.setReg(in.Rd(), f(l, l.reg(in.Rn(), t), l.reg(in.Rm(), t)))
	}
}

func oneSource(f func(l *lifter, a ir.Value) ir.Value) liftFunc {
	return func(l *lifter, in decode.Inst) { l.setReg(in.Rd(), f(l, l.reg(in.Rn(), typ(in.SF())))) }
}

func mulLong(signed, sub bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		a, b := l.w(in.Rn()), l.w(in.Rm())
		if signed {
			a, b = l.SExt(a), l.SExt(b)
		} else {
			a, b = l.ZExt(a), l.ZExt(b)
		}
		p, acc := l.Mul(a, b), l.x(in.Ra())
		if sub {
			l.setReg(in.Rd(), l.Sub(acc, p))
		} else {
			l.setReg(in.Rd(), l.Add(acc, p))
		}
	}
}

func crc32(h ir.Helper, size uint64) liftFunc {
	return func(l *lifter, in decode.Inst) {
		v := l.Helper(h, l.ZExt(l.w(in.Rn())), l.x(in.Rm()), l.I64(size))
		l.setReg(in.Rd(), l.Wrap(v))
	}
}
