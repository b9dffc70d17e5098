package lift

import (
	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Branches, exception generating and system instructions (Arm ARM C4.1.93).

// System registers that user programs read and write.
var (
	sysNZCV     = decode.MakeSysReg(3, 3, 4, 2, 0)
	sysFPCR     = decode.MakeSysReg(3, 3, 4, 4, 0)
	sysFPSR     = decode.MakeSysReg(3, 3, 4, 4, 1)
	sysTPIDR    = decode.MakeSysReg(3, 3, 13, 0, 2)
	sysTPIDRRO  = decode.MakeSysReg(3, 3, 13, 0, 3)
	sysCTR      = decode.MakeSysReg(3, 3, 0, 0, 1)
	sysDCZID    = decode.MakeSysReg(3, 3, 0, 0, 7)
	sysCNTFRQ   = decode.MakeSysReg(3, 3, 14, 0, 0)
	sysCNTVCT   = decode.MakeSysReg(3, 3, 14, 0, 2)
	sysCNTVCTSS = decode.MakeSysReg(3, 3, 14, 0, 6)
)

// Values of the identification registers that EL0 may read.
const (
	ctrEL0   = 0x8444c004 // 64-byte lines; IDC and DIC clear: programs must clean and invalidate
	dczidEL0 = 4          // DC ZVA zeroes 16 words
	// CounterHz is CNTFRQ_EL0: the virtual counter counts nanoseconds.
	CounterHz = 1_000_000_000
)

// fpcrModes are the FPCR bits that change results: AHP, DN, FZ, RMode, FZ16 (Arm ARM C5.2.8).
const fpcrModes = 1<<26 | 1<<25 | 1<<24 | 3<<22 | 1<<19

func init() {
	t := &table
	t[decode.B] = func(l *lifter, in decode.Inst) { l.goTo(in.BranchTarget(l.pc)) }
	t[decode.B_cond] = func(l *lifter, in decode.Inst) { l.branch(l.Test(cond(in)), in.BranchTarget(l.pc)) }
	t[decode.CBZ] = func(l *lifter, in decode.Inst) {
		l.branch(l.Eqz(l.reg(in.Rt(), typ(in.SF()))), in.BranchTarget(l.pc))
	}
	t[decode.CBNZ] = func(l *lifter, in decode.Inst) {
		v := l.reg(in.Rt(), typ(in.SF()))
		if in.SF() {
			v = l.Ne(v, l.I64(0))
		}
		l.branch(v, in.BranchTarget(l.pc))
	}
	t[decode.TBZ] = func(l *lifter, in decode.Inst) { l.branch(l.Eqz(l.testedBit(in)), in.BranchTarget(l.pc)) }
	t[decode.TBNZ] = func(l *lifter, in decode.Inst) { l.branch(l.testedBit(in), in.BranchTarget(l.pc)) }

	t[decode.BL] = func(l *lifter, in decode.Inst) {
		l.Set(arm64.SlotX+30, l.I64(l.next()))
		l.End(ir.Term{Kind: ir.TermCall, PC: in.BranchTarget(l.pc), Ret: l.next(), To: l.r.blockOrTail(l.next())})
	}
	t[decode.BLR] = func(l *lifter, in decode.Inst) {
		target := l.x(in.Rn())
		l.Set(arm64.SlotX+30, l.I64(l.next()))
		l.End(ir.Term{Kind: ir.TermCallInd, Val: target, Ret: l.next(), To: l.r.blockOrTail(l.next())})
	}
	t[decode.BR] = func(l *lifter, in decode.Inst) { l.jumpTo(l.x(in.Rn())) }
	t[decode.RET] = func(l *lifter, in decode.Inst) {
		l.End(ir.Term{Kind: ir.TermReturn, Val: l.x(in.Rn())})
	}

	t[decode.SVC] = func(l *lifter, in decode.Inst) {
		l.End(ir.Term{Kind: ir.TermSyscall, Ret: l.next(), To: l.r.blockOrTail(l.next())})
	}
	t[decode.BRK] = func(l *lifter, in decode.Inst) {
		l.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint, PC: l.pc, Info: uint64(in.F('i'))})
	}

	nop := func(*lifter, decode.Inst) {}
	for _, id := range []decode.ID{decode.HINT, decode.NOP, decode.SEV, decode.SEVL} {
		t[id] = nop
	}
	yield := func(l *lifter, in decode.Inst) { l.exit(ir.ExitYield, l.next()) }
	t[decode.YIELD], t[decode.WFE], t[decode.WFI] = yield, yield, yield
	t[decode.CLREX] = func(l *lifter, in decode.Inst) { l.Set(arm64.SlotExclAddr, l.I64(^uint64(0))) }
	t[decode.DMB] = func(l *lifter, in decode.Inst) { l.Fence() }
	t[decode.DSB], t[decode.SB] = t[decode.DMB], t[decode.DMB]
	t[decode.ISB] = func(l *lifter, in decode.Inst) { l.exit(ir.ExitSync, l.next()) }
	t[decode.SYS] = sys
	t[decode.MRS], t[decode.MSR_reg] = mrs, msr
}

func (l *lifter) testedBit(in decode.Inst) ir.Value {
	if n := uint(in.TestedBit()); n >= 32 {
		return l.Wrap(l.AndI(l.ShrUI(l.x(in.Rt()), n), 1))
	} else {
		return l.AndI(l.w(in.Rt()), 1<<n)
	}
}

// sys is the cache maintenance that EL0 may do. Data caches are coherent.
func sys(l *lifter, in decode.Inst) {
	op1, crn, crm, op2 := in.Bits(18, 16), in.Bits(15, 12), in.Bits(11, 8), in.Bits(7, 5)
	if op1 != 3 || crn != 7 {
		l.undefined(in.Word)
		return
	}
	switch {
	case crm == 4 && op2 == 1: // DC ZVA
		addr := l.AndI(l.x(in.Rt()), ^uint64(63))
		zero := l.V128(0, 0)
		for off := int64(48); off >= 0; off -= 16 {
			l.Store(ir.Mem128, addr, off, zero)
		}
	case crm == 5 && op2 == 1: // IC IVAU: takes effect at the next ISB
		l.Helper(HelperInvalidate, l.x(in.Rt()))
	case (crm == 10 || crm == 11 || crm == 12 || crm == 13 || crm == 14) && op2 == 1: // DC CVAC, CVAU, CVAP, CVADP, CIVAC
	default:
		l.undefined(in.Word)
	}
}

// contextSwitch reports whether the FPSR is moved here only to save or restore all registers, which shows by NZCV
// being moved beside it: Go's asyncPreempt does that at any time. Nobody looks at the flags then, and
// the precise mode would make all floating point of such a program slow.
func (l *lifter) contextSwitch() bool {
	for _, off := range []int64{-8, -4, 4, 8} {
		const anyMove, anyReg = 0xd51b4200, 1<<21 | 31 // MSR or MRS of NZCV
		if w, ok := l.r.src.Word(l.pc + uint64(off)); ok && w&^anyReg == anyMove {
			return true
		}
	}
	return false
}

func mrs(l *lifter, in decode.Inst) {
	switch in.SysReg() {
	case sysNZCV:
		l.setReg(in.Rt(), l.NZCV())
	case sysFPCR:
		l.setReg(in.Rt(), l.Get(arm64.SlotFPCR, ir.I32))
	case sysFPSR:
		switch {
		case l.opt.PreciseFP:
			l.setReg(in.Rt(), l.Helper(HelperGetFPSR))
		case l.contextSwitch():
			l.setReg(in.Rt(), l.I64(0)) // what it is while nobody asked for precise mode
		default:
			l.exit(ir.ExitFPMode, l.pc)
		}
	case sysTPIDR:
		l.setReg(in.Rt(), l.Get(arm64.SlotTPIDR, ir.I64))
	case sysTPIDRRO:
		l.setReg(in.Rt(), l.I64(0))
	case sysCTR:
		l.setReg(in.Rt(), l.I64(ctrEL0))
	case sysDCZID:
		l.setReg(in.Rt(), l.I64(dczidEL0))
	case sysCNTFRQ:
		l.setReg(in.Rt(), l.I64(CounterHz))
	case sysCNTVCT, sysCNTVCTSS:
		l.setReg(in.Rt(), l.Helper(HelperCounter))
	default:
		l.undefined(in.Word)
	}
}

func msr(l *lifter, in decode.Inst) {
	v := l.x(in.Rt())
	switch in.SysReg() {
	case sysNZCV:
		l.SetNZCV(l.AndI(l.Wrap(v), 0xf0000000))
	case sysFPCR:
		w := l.AndI(l.Wrap(v), fpcrModes)
		if l.opt.PreciseFP {
			l.Helper(HelperSetFPCR, l.ZExt(w))
		} else {
			l.ExitIf(l.Ne(w, l.I32(0)), ir.ExitFPMode, 0)
		}
		l.Set(arm64.SlotFPCR, w)
	case sysFPSR:
		switch {
		case l.opt.PreciseFP:
			l.Helper(HelperSetFPSR, v)
		case l.contextSwitch():
			l.ExitIf(l.Ne(l.AndI(l.Wrap(v), uint64(fpsrBits)), l.I32(0)), ir.ExitFPMode, 0)
		default:
			l.exit(ir.ExitFPMode, l.pc)
		}
	case sysTPIDR:
		l.Set(arm64.SlotTPIDR, v)
	default:
		l.undefined(in.Word)
	}
}
