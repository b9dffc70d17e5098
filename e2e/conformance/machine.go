package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/translate"
)

// A machine runs cases through boxer's translator.
type machine struct {
	eng          engine.Engine
	profile      *emit.Profile
	faultPrecise bool // the form that checks each address
}

// newMachine makes a machine on the engine of this platform: wazero, or the
// host's V8 under GOOS=js.
func newMachine(faultPrecise bool) (*machine, error) {
	eng, profile, err := newEngine()
	return &machine{eng, profile, faultPrecise}, err
}

// hiddenAddr is the guest address of the range that belongs to the CPU.
const hiddenAddr = 0x100000

// A space is the address space of a batch: the arena that guest/oracle.c maps,
// its code, and what the CPU reserves.
type space struct {
	mem     engine.Memory
	next    uint64 // where Reserve goes on
	end     uint64 // of the code
	entries []uint64
	digest  [32]byte // of the code, so that it is translated in batches
}

func newSpace(eng engine.Engine, b *Batch) (*space, error) {
	const start = arenaEnd + arch.LinearBias
	mem, err := eng.NewMemory(start/engine.PageSize+1, engine.MaxPages/8)
	if err != nil {
		return nil, err
	}
	sp := &space{mem: mem, next: start, end: codeAddr + uint64(len(b.Slots))*slotBytes}
	code := make([]byte, 0, len(b.Slots)*slotBytes)
	for _, s := range b.Slots {
		sp.entries = append(sp.entries, s.Addr)
		for i := range uint32(slotWords) {
			w := 0xd4200000 | i<<5 // brk #i: word i was reached
			if n := int(i) - slotStart; n >= 0 && n < len(s.Words) {
				w = s.Words[n]
			}
			code = binary.LittleEndian.AppendUint32(code, w)
		}
	}
	sp.digest = sha256.Sum256(code)
	if !mem.Write(codeAddr-arch.LinearBias, code) {
		return nil, fmt.Errorf("the memory is too small for %d slots", len(b.Slots))
	}
	return sp, nil
}

func (sp *space) Memory() engine.Memory { return sp.mem }
func (sp *space) Hidden() uint64        { return hiddenAddr }

func (sp *space) Reserve(n uint64) (uint64, error) {
	at := sp.next
	sp.next += (n + 0xffff) &^ 0xffff
	if !sp.mem.Grow(sp.next - arch.LinearBias) {
		return 0, fmt.Errorf("cannot reserve %d bytes", n)
	}
	return at, nil
}

func (sp *space) Text(addr uint64) (arch.Text, bool) {
	if addr < codeAddr || addr >= sp.end {
		return arch.Text{}, false
	}
	return arch.Text{Start: codeAddr, End: sp.end, Digest: sp.digest, Entries: func() []uint64 { return sp.entries }, Name: "cases"}, true
}

func (sp *space) ReadText(addr uint64, p []byte) int {
	if addr < codeAddr || addr >= sp.end {
		return 0
	}
	n := min(uint64(len(p)), sp.end-addr)
	if !sp.mem.Read(addr-arch.LinearBias, p[:n]) {
		return 0
	}
	return int(n)
}

// CopyInSome reads up to len(p) bytes.
func (sp *space) CopyInSome(addr uint64, p []byte) (int, error) {
	n := min(uint64(len(p)), sp.mem.Size()-(addr-arch.LinearBias))
	if addr < arch.LinearBias || !sp.mem.Read(addr-arch.LinearBias, p[:n]) {
		return 0, fmt.Errorf("no memory at %#x", addr)
	}
	return int(n), nil
}

// run implements judge: a new CPU and memory for each batch.
func (m *machine) run(b *Batch) ([]State, error) {
	sp, err := newSpace(m.eng, b)
	if err != nil {
		return nil, err
	}
	defer sp.mem.Close()
	cpu, err := translate.NewCache(m.eng, translate.Options{Profile: m.profile, Verify: true}).New(sp)
	if err != nil {
		return nil, err
	}
	defer cpu.Close()
	cpu.SetFaultPrecise(m.faultPrecise)
	if b.Mode.precise() {
		// A state with FPCR set makes the CPU precise from the first case on.
		var st State
		if err := runCase(cpu, sp, b.Slots[0], &State{FPCR: 1 << 22, X: b.Cases[0].Start.X}, &st); err != nil {
			return nil, err
		}
	}
	after := make([]State, len(b.Cases))
	for i, c := range b.Cases {
		if err := runCase(cpu, sp, b.Slots[c.Slot], c.Start, &after[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Slots[c.Slot].text(), err)
		}
	}
	return after, nil
}

// runCase runs one case to its breakpoint.
func runCase(cpu arch.CPU, sp *space, s *Slot, start, after *State) error {
	regs := arm64.NewRegs()
	copy(regs.X[:], start.X[:])
	regs.Stack, regs.V, regs.Next = start.X[31], start.V, s.Addr
	regs.NZCV, regs.FPCR, regs.FPSR = start.NZCV, start.FPCR, start.FPSR
	if !sp.mem.Write(windowAddr-arch.LinearBias, start.Mem[:]) {
		return fmt.Errorf("the window is not mapped")
	}
	var exit arch.Exit
	for range 8 { // hints and barriers may end a slice
		exit = cpu.Run(regs, 1<<20)
		if exit.Kind != arch.ExitPreempted {
			break
		}
	}
	switch exit.Kind {
	case arch.ExitBreakpoint:
		after.Exit = exit.Insn
	case arch.ExitUndefined:
		after.Exit = exitSignal + 4
	case arch.ExitAlign:
		after.Exit = exitSignal + 7
	case arch.ExitFault:
		after.Exit = exitSignal + 11
	default:
		return fmt.Errorf("unexpected exit: %v", exit)
	}
	copy(after.X[:], regs.X[:])
	after.X[31], after.V = regs.Stack, regs.V
	after.NZCV, after.FPCR, after.FPSR = regs.NZCV, regs.FPCR, regs.FPSR
	sp.mem.Read(windowAddr-arch.LinearBias, after.Mem[:])
	return nil
}
