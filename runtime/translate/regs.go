package translate

import (
	"encoding/binary"

	"boxer/runtime/arch/arm64"
	"boxer/runtime/emit"
	"boxer/runtime/ir"
)

// pack writes regs into a register block.
func pack(l *emit.Layout, p []byte, r *arm64.Regs) {
	le := binary.LittleEndian
	for i := range 31 {
		le.PutUint64(p[l.Slot[int(arm64.SlotX)+i]:], r.X[i])
	}
	for i := range 32 {
		off := l.Slot[int(arm64.SlotV)+i]
		le.PutUint64(p[off:], r.V[i].Lo)
		le.PutUint64(p[off+8:], r.V[i].Hi)
	}
	put := func(s ir.Slot, v uint64) { le.PutUint64(p[l.Slot[s]:], v) }
	put(arm64.SlotSP, r.Stack)
	put(arm64.SlotTPIDR, r.TPIDR)
	put(arm64.SlotExclAddr, r.ExclAddr)
	put(arm64.SlotExclLo, r.ExclLo)
	put(arm64.SlotExclHi, r.ExclHi)
	le.PutUint32(p[l.Slot[arm64.SlotNZCV]:], r.NZCV)
	le.PutUint32(p[l.Slot[arm64.SlotFPCR]:], r.FPCR)
}

// unpack reads regs back from a register block. PC and FPSR are not in it.
func unpack(l *emit.Layout, p []byte, r *arm64.Regs) {
	le := binary.LittleEndian
	for i := range 31 {
		r.X[i] = le.Uint64(p[l.Slot[int(arm64.SlotX)+i]:])
	}
	for i := range 32 {
		off := l.Slot[int(arm64.SlotV)+i]
		r.V[i] = arm64.Vector{Lo: le.Uint64(p[off:]), Hi: le.Uint64(p[off+8:])}
	}
	get := func(s ir.Slot) uint64 { return le.Uint64(p[l.Slot[s]:]) }
	r.Stack = get(arm64.SlotSP)
	r.TPIDR = get(arm64.SlotTPIDR)
	r.ExclAddr = get(arm64.SlotExclAddr)
	r.ExclLo = get(arm64.SlotExclLo)
	r.ExclHi = get(arm64.SlotExclHi)
	r.NZCV = le.Uint32(p[l.Slot[arm64.SlotNZCV]:])
	r.FPCR = le.Uint32(p[l.Slot[arm64.SlotFPCR]:])
}
