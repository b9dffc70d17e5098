package lift

import (
	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Exclusives, ordered loads and stores, and LSE atomics (Arm ARM C4.1.94).
// The order bits (A, L, R) do not matter: all are sequentially consistent.

func init() {
	t := &table
	t[decode.LDAR] = func(l *lifter, in decode.Inst) {
		size := in.MemSize()
		l.setReg(in.Rt(), l.AtomicLoad(ir.Mem8+ir.Access(size), typ(size == 3), l.regSP(in.Rn(), ir.I64)))
	}
	t[decode.LDLAR], t[decode.LDAPR] = t[decode.LDAR], t[decode.LDAR]
	t[decode.STLR] = func(l *lifter, in decode.Inst) {
		size := in.MemSize()
		l.AtomicStore(ir.Mem8+ir.Access(size), l.regSP(in.Rn(), ir.I64), l.reg(in.Rt(), typ(size == 3)))
	}
	t[decode.STLLR] = t[decode.STLR]

	t[decode.LDXR], t[decode.STXR] = loadExclusive, storeExclusive
	t[decode.LDXP], t[decode.STXP] = loadExclusivePair, storeExclusivePair
	t[decode.CAS], t[decode.CASP] = cas, casp

	for id, k := range map[decode.ID]ir.RMW{
		decode.LDADD: ir.RMWAdd, decode.LDEOR: ir.RMWXor, decode.LDSET: ir.RMWOr, decode.SWP: ir.RMWXchg,
		decode.LDSMAX: ir.RMWSMax, decode.LDSMIN: ir.RMWSMin, decode.LDUMAX: ir.RMWUMax, decode.LDUMIN: ir.RMWUMin,
	} {
		t[id] = atomic(k, false)
	}
	t[decode.LDCLR] = atomic(ir.RMWAnd, true)
}

func atomic(k ir.RMW, invert bool) liftFunc {
	return func(l *lifter, in decode.Inst) {
		size := in.MemSize()
		v := l.reg(in.Rs(), typ(size == 3))
		if invert {
			v = l.Not(v)
		}
		old := l.AtomicRMW(k, ir.Mem8+ir.Access(size), l.regSP(in.Rn(), ir.I64), v)
		l.setReg(in.Rt(), old)
	}
}

// The exclusive monitor is the address and the value that the load saw; a store-exclusive
// compares and exchanges. That a value changed and changed back goes unseen, as under qemu.
func loadExclusive(l *lifter, in decode.Inst) {
	size := in.MemSize()
	addr := l.regSP(in.Rn(), ir.I64)
	v := l.AtomicLoad(ir.Mem8+ir.Access(size), typ(size == 3), addr)
	l.Set(arm64.SlotExclAddr, addr)
	l.Set(arm64.SlotExclLo, l.ZExt(v))
	l.setReg(in.Rt(), v)
}

func storeExclusive(l *lifter, in decode.Inst) {
	size := in.MemSize()
	acc, t := ir.Mem8+ir.Access(size), typ(size == 3)
	addr := l.regSP(in.Rn(), ir.I64)
	seen := l.Get(arm64.SlotExclLo, t)
	held := l.Eq(l.Get(arm64.SlotExclAddr, ir.I64), addr)
	// Without the monitor the exchange is given a value that memory does not hold.
	want := l.Select(held, seen, l.Not(l.Load(acc, t, addr, 0)))
	if size < 2 {
		want = l.AndI(want, 1<<(8<<size)-1)
	}
	old := l.AtomicCAS(acc, addr, want, l.reg(in.Rt(), t))
	l.Set(arm64.SlotExclAddr, l.I64(^uint64(0)))
	l.setReg(in.Rs(), l.Ne(old, want))
}

func loadExclusivePair(l *lifter, in decode.Inst) {
	addr := l.regSP(in.Rn(), ir.I64)
	if !in.Bit(30) { // two words: one 64-bit access
		v := l.AtomicLoad(ir.Mem64, ir.I64, addr)
		l.Set(arm64.SlotExclAddr, addr)
		l.Set(arm64.SlotExclLo, v)
		l.setReg(in.Rt(), l.Wrap(v))
		l.setReg(in.Rt2(), l.Wrap(l.ShrUI(v, 32)))
		return
	}
	l.aligned(addr, 16)
	lo, hi := l.Load(ir.Mem64, ir.I64, addr, 0), l.Load(ir.Mem64, ir.I64, addr, 8)
	l.Set(arm64.SlotExclAddr, addr)
	l.Set(arm64.SlotExclLo, lo)
	l.Set(arm64.SlotExclHi, hi)
	l.setReg(in.Rt(), lo)
	l.setReg(in.Rt2(), hi)
}

// Wasm has no 128-bit atomic. The tasks of an address space take turns, and a region does
// not yield inside an instruction, so plain accesses do within it.
func storeExclusivePair(l *lifter, in decode.Inst) {
	addr := l.regSP(in.Rn(), ir.I64)
	held := l.Eq(l.Get(arm64.SlotExclAddr, ir.I64), addr)
	seenLo, seenHi := l.Get(arm64.SlotExclLo, ir.I64), l.Get(arm64.SlotExclHi, ir.I64)
	if !in.Bit(30) {
		want := l.Select(held, seenLo, l.Not(l.Load(ir.Mem64, ir.I64, addr, 0)))
		v := l.Or(l.ZExt(l.w(in.Rt())), l.ShlI(l.ZExt(l.w(in.Rt2())), 32))
		old := l.AtomicCAS(ir.Mem64, addr, want, v)
		l.Set(arm64.SlotExclAddr, l.I64(^uint64(0)))
		l.setReg(in.Rs(), l.Ne(old, want))
		return
	}
	l.aligned(addr, 16)
	lo, hi := l.Load(ir.Mem64, ir.I64, addr, 0), l.Load(ir.Mem64, ir.I64, addr, 8)
	ok := l.And(held, l.And(l.Eq(lo, seenLo), l.Eq(hi, seenHi)))
	l.Store(ir.Mem64, addr, 0, l.Select(ok, l.x(in.Rt()), lo))
	l.Store(ir.Mem64, addr, 8, l.Select(ok, l.x(in.Rt2()), hi))
	l.Set(arm64.SlotExclAddr, l.I64(^uint64(0)))
	l.setReg(in.Rs(), l.Eqz(ok))
}

// aligned exits with an alignment fault unless addr is a multiple of n.
func (l *lifter) aligned(addr ir.Value, n uint64) {
	l.ExitIf(l.Ne(l.And(l.Wrap(addr), l.I32(uint32(n-1))), l.I32(0)), ir.ExitAlign, addr)
}

func cas(l *lifter, in decode.Inst) {
	size := in.MemSize()
	acc, t := ir.Mem8+ir.Access(size), typ(size == 3)
	want := l.reg(in.Rs(), t)
	if size < 2 {
		want = l.AndI(want, 1<<(8<<size)-1)
	}
	old := l.AtomicCAS(acc, l.regSP(in.Rn(), ir.I64), want, l.reg(in.Rt(), t))
	l.setReg(in.Rs(), old)
}

func casp(l *lifter, in decode.Inst) {
	s, d := in.Rs(), in.Rt()
	addr := l.regSP(in.Rn(), ir.I64)
	if !in.Bit(30) {
		join := func(n uint32) ir.Value {
			return l.Or(l.ZExt(l.w(n)), l.ShlI(l.ZExt(l.w(n+1)), 32))
		}
		old := l.AtomicCAS(ir.Mem64, addr, join(s), join(d))
		l.setReg(s, l.Wrap(old))
		l.setReg(s+1, l.Wrap(l.ShrUI(old, 32)))
		return
	}
	l.aligned(addr, 16)
	lo, hi := l.Load(ir.Mem64, ir.I64, addr, 0), l.Load(ir.Mem64, ir.I64, addr, 8)
	ok := l.And(l.Eq(lo, l.x(s)), l.Eq(hi, l.x(s+1)))
	l.Store(ir.Mem64, addr, 0, l.Select(ok, l.x(d), lo))
	l.Store(ir.Mem64, addr, 8, l.Select(ok, l.x(d+1), hi))
	l.setReg(s, lo)
	l.setReg(s+1, hi)
}
