package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"

	"boxer/e2e/flat"
	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/ir"
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

// newSpace makes the address space of a batch: the arena that guest/oracle.c
// maps, with the code in it.
func newSpace(eng engine.Engine, b *Batch) (*flat.Space, error) {
	var entries []uint64
	code := make([]byte, 0, len(b.Slots)*slotBytes)
	for _, s := range b.Slots {
		if s != nil {
			entries = append(entries, s.Addr)
		}
		for i := range uint32(slotWords) {
			w := 0xd4200000 | i<<5 // brk #i: word i was reached
			if n := int(i) - slotStart; s != nil && n >= 0 && n < len(s.Words) {
				w = s.Words[n]
			}
			code = binary.LittleEndian.AppendUint32(code, w)
		}
	}
	sp, err := flat.New(eng, arenaEnd, hiddenAddr)
	if err != nil {
		return nil, err
	}
	// The digest makes the translator take the code for a file's, and so
	// translate it in batches.
	return sp, sp.MapText(arch.Text{Start: codeAddr, End: codeAddr + uint64(len(code)), Digest: sha256.Sum256(code),
		Entries: func() []uint64 { return entries }, Name: "cases"}, code)
}

// run implements judge: a new CPU and memory for each batch. Where the
// translator fails, each slot gets a CPU of its own, so that only those at
// fault are blamed; they exit with exitError, and the error is printed.
func (m *machine) run(b *Batch) ([]State, error) {
	after, err := m.runTogether(b)
	if err == nil {
		return after, nil
	}
	after = make([]State, len(b.Cases))
	printed := map[int]bool{}
	for i, c := range b.Cases {
		one := &Batch{Slots: make([]*Slot, c.Slot+1), Cases: []Case{c}, Mode: b.Mode}
		one.Slots[c.Slot] = b.Slots[c.Slot]
		st, err := m.runTogether(one)
		switch {
		case err == nil:
			after[i] = st[0]
			continue
		case !printed[c.Slot]:
			fmt.Fprintf(os.Stderr, "%s: %v\n", b.Slots[c.Slot].text(), err)
			printed[c.Slot] = true
		}
		after[i].Exit = exitError
	}
	return after, nil
}

// runTogether runs the cases on one CPU. Slots may be nil where no case is.
func (m *machine) runTogether(b *Batch) ([]State, error) {
	sp, err := newSpace(m.eng, b)
	if err != nil {
		return nil, err
	}
	defer sp.Close()
	cpu, err := translate.NewCache(m.eng, translate.Options{Profile: m.profile, Verify: ir.Verify}).New(sp)
	if err != nil {
		return nil, err
	}
	defer cpu.Close()
	cpu.SetFaultPrecise(m.faultPrecise)
	if b.Mode.precise() {
		// A state with FPCR set makes the CPU precise from the first case on.
		start := *b.Cases[0].Start
		start.FPCR = 1 << 22
		if err := runCase(cpu, sp, b.Slots[b.Cases[0].Slot], &start, &State{}); err != nil {
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
func runCase(cpu arch.CPU, sp *flat.Space, s *Slot, start, after *State) error {
	regs := arm64.NewRegs()
	copy(regs.X[:], start.X[:])
	regs.Stack, regs.V, regs.Next = start.X[31], start.V, s.Addr
	regs.NZCV, regs.FPCR, regs.FPSR = start.NZCV, start.FPCR, start.FPSR
	if err := sp.Write(windowAddr, start.Mem[:]); err != nil {
		return err
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
	return sp.Read(windowAddr, after.Mem[:])
}
