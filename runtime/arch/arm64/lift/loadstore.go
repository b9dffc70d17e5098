package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Loads and stores of single registers and pairs (Arm ARM C4.1.94).

func init() {
	t := &table
	t[decode.LDR_lit] = func(l *lifter, in decode.Inst) {
		t := typ(in.F('s') != 0)
		a := ir.Mem32
		if t == ir.I64 {
			a = ir.Mem64
		}
		l.setReg(in.Rt(), l.Load(a, t, l.I64(in.BranchTarget(l.pc)), 0))
	}
	t[decode.LDRSW_lit] = func(l *lifter, in decode.Inst) {
		l.setReg(in.Rt(), l.Load(ir.Mem32S, ir.I64, l.I64(in.BranchTarget(l.pc)), 0))
	}
	t[decode.LDR_fp_lit] = func(l *lifter, in decode.Inst) {
		l.setV(in.Rt(), l.loadV(2+in.F('z'), l.I64(in.BranchTarget(l.pc)), 0))
	}
	nop := func(*lifter, decode.Inst) {}
	for _, id := range []decode.ID{decode.PRFM_lit, decode.PRFM_imm_uoff, decode.PRFUM, decode.PRFM_reg} {
		t[id] = nop
	}

	for _, m := range []struct {
		mode                         addrMode
		str, ldr, ldrs, strFP, ldrFP decode.ID
	}{
		{unsignedOffset, decode.STR_imm_uoff, decode.LDR_imm_uoff, decode.LDRS_imm_uoff, decode.STR_fp_imm_uoff, decode.LDR_fp_imm_uoff},
		{postIndex, decode.STR_imm_post, decode.LDR_imm_post, decode.LDRS_imm_post, decode.STR_fp_imm_post, decode.LDR_fp_imm_post},
		{preIndex, decode.STR_imm_pre, decode.LDR_imm_pre, decode.LDRS_imm_pre, decode.STR_fp_imm_pre, decode.LDR_fp_imm_pre},
		{signedOffset, decode.STUR, decode.LDUR, decode.LDURS, decode.STUR_fp, decode.LDUR_fp},
		{registerOffset, decode.STR_reg, decode.LDR_reg, decode.LDRS_reg, decode.STR_fp_reg, decode.LDR_fp_reg},
	} {
		t[m.str], t[m.ldr], t[m.ldrs] = store(m.mode), load(m.mode), loadSigned(m.mode)
		t[m.strFP], t[m.ldrFP] = storeFP(m.mode), loadFP(m.mode)
	}
	t[decode.STTR], t[decode.LDTR], t[decode.LDTRS] = t[decode.STUR], t[decode.LDUR], t[decode.LDURS]

	for _, m := range []struct {
		mode                          addrMode
		stp, ldp, ldpsw, stpFP, ldpFP decode.ID
	}{
		{postIndex, decode.STP_post, decode.LDP_post, decode.LDPSW_post, decode.STP_fp_post, decode.LDP_fp_post},
		{signedOffset, decode.STP_off, decode.LDP_off, decode.LDPSW_off, decode.STP_fp_off, decode.LDP_fp_off},
		{preIndex, decode.STP_pre, decode.LDP_pre, decode.LDPSW_pre, decode.STP_fp_pre, decode.LDP_fp_pre},
	} {
		t[m.stp], t[m.ldp], t[m.ldpsw] = storePair(m.mode), loadPair(m.mode, false), loadPair(m.mode, true)
		t[m.stpFP], t[m.ldpFP] = storePairFP(m.mode), loadPairFP(m.mode)
	}
	t[decode.STNP], t[decode.LDNP] = t[decode.STP_off], t[decode.LDP_off]
	t[decode.STNP_fp], t[decode.LDNP_fp] = t[decode.STP_fp_off], t[decode.LDP_fp_off]
}

// addrMode is how an instruction forms its address.
type addrMode uint8

const (
	unsignedOffset addrMode = iota // 12 bits, scaled
	signedOffset                   // 9 bits, or 7 scaled for pairs
	preIndex
	postIndex
	registerOffset
)

// address is a base and an offset, and what becomes of the base register.
type address struct {
	base ir.Value
	off  int64
	wb   ir.Value // new value of Rn, 0 if it stays
}

// address forms the address of an access of 1<<scale bytes.
func (l *lifter) address(in decode.Inst, m addrMode, scale uint32) address {
	base := l.regSP(in.Rn(), ir.I64)
	switch m {
	case unsignedOffset:
		return address{base: base, off: int64(in.F('i')) << scale}
	case registerOffset:
		n := uint(0)
		if in.Bit(12) {
			n = uint(scale)
		}
		return address{base: l.Add(base, l.extended(in.Rm(), in.Extend(), n, ir.I64))}
	}
	return l.indexed(base, in.S('i'), m)
}

func (l *lifter) indexed(base ir.Value, off int64, m addrMode) address {
	switch m {
	case preIndex:
		wb := l.Add(base, l.I64(uint64(off)))
		return address{base: wb, wb: wb}
	case postIndex:
		return address{base: base, wb: l.Add(base, l.I64(uint64(off)))}
	}
	return address{base: base, off: off}
}

// writeBack updates the base register after the access.
func (l *lifter) writeBack(in decode.Inst, a address) {
	if a.wb != 0 {
		l.setRegSP(in.Rn(), a.wb)
	}
}

// loadV reads 1<<scale bytes as the value of a SIMD&FP register.
func (l *lifter) loadV(scale uint32, base ir.Value, off int64) ir.Value {
	switch scale {
	case 0:
		return l.Load(ir.Mem8, ir.I32, base, off)
	case 1:
		return l.Load(ir.Mem16, ir.I32, base, off)
	case 2:
		return l.Load(ir.Mem32, ir.F32, base, off)
	case 3:
		return l.Load(ir.Mem64, ir.F64, base, off)
	}
	return l.Load(ir.Mem128, ir.V128, base, off)
}

func (l *lifter) storeV(n, scale uint32, base ir.Value, off int64) {
	t := [...]ir.Type{ir.I32, ir.I32, ir.F32, ir.F64, ir.V128}[scale]
	l.Store(ir.Mem8+ir.Access(scale), base, off, l.v(n, t))
}

func store(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.MemSize()
		a := l.address(in, m, size)
		l.Store(ir.Mem8+ir.Access(size), a.base, a.off, l.reg(in.Rt(), typ(size == 3)))
		l.writeBack(in, a)
	}
}

func load(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.MemSize()
		a := l.address(in, m, size)
		v := l.Load(ir.Mem8+ir.Access(size), typ(size == 3), a.base, a.off)
		l.writeBack(in, a)
		l.setReg(in.Rt(), v)
	}
}

func loadSigned(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.MemSize()
		a := l.address(in, m, size)
		v := l.Load(ir.Mem8S+ir.Access(size), typ(!in.Bit(22)), a.base, a.off)
		l.writeBack(in, a)
		l.setReg(in.Rt(), v)
	}
}

func loadFP(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.FPMemSize()
		a := l.address(in, m, size)
		v := l.loadV(size, a.base, a.off)
		l.writeBack(in, a)
		l.setV(in.Rt(), v)
	}
}

func storeFP(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.FPMemSize()
		a := l.address(in, m, size)
		l.storeV(in.Rt(), size, a.base, a.off)
		l.writeBack(in, a)
	}
}

func storePair(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t, acc, n := pairType(in)
		a := l.indexed(l.regSP(in.Rn(), ir.I64), in.S('i')*n, m)
		// Both values are read before the first store: it may be to the stack slot of neither.
		v1, v2 := l.reg(in.Rt(), t), l.reg(in.Rt2(), t)
		l.Store(acc, a.base, a.off, v1)
		l.Store(acc, a.base, a.off+n, v2)
		l.writeBack(in, a)
	}
}

// pairType is the type, access and size of each half of an integer pair.
func pairType(in decode.Inst) (ir.Type, ir.Access, int64) {
	if in.Bit(31) {
		return ir.I64, ir.Mem64, 8
	}
	return ir.I32, ir.Mem32, 4
}

func loadPair(m addrMode, signed bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		t, acc, n := pairType(in)
		if signed {
			t, acc, n = ir.I64, ir.Mem32S, 4
		}
		a := l.indexed(l.regSP(in.Rn(), ir.I64), in.S('i')*n, m)
		v1 := l.Load(acc, t, a.base, a.off)
		v2 := l.Load(acc, t, a.base, a.off+n)
		l.writeBack(in, a)
		l.setReg(in.Rt(), v1)
		l.setReg(in.Rt2(), v2)
	}
}

func storePairFP(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		scale := 2 + in.F('z')
		n := int64(1) << scale
		a := l.indexed(l.regSP(in.Rn(), ir.I64), in.S('i')*n, m)
		l.storeV(in.Rt(), scale, a.base, a.off)
		l.storeV(in.Rt2(), scale, a.base, a.off+n)
		l.writeBack(in, a)
	}
}

func loadPairFP(m addrMode) liftFunc {
	return func(l *lifter, in decode.Inst) {
		scale := 2 + in.F('z')
		n := int64(1) << scale
		a := l.indexed(l.regSP(in.Rn(), ir.I64), in.S('i')*n, m)
		v1 := l.loadV(scale, a.base, a.off)
		v2 := l.loadV(scale, a.base, a.off+n)
		l.writeBack(in, a)
		l.setV(in.Rt(), v1)
		l.setV(in.Rt2(), v2)
	}
}
