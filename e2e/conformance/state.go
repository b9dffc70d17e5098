package main

import (
	"encoding/binary"
	"fmt"
	"strings"

	"boxer/runtime/arch/arm64"
)

// The addresses that cases see, shared with guest/oracle.c.
const (
	arenaAddr  = 0x1000000 // what lies around the window is mapped and zero
	windowAddr = 0x1010000 // State.Mem
	codeAddr   = 0x1020000
	arenaEnd   = codeAddr + maxSlots*slotBytes
	maxSlots   = 2048 // of a batch
	slotWords  = 16
	slotBytes  = slotWords * 4
	slotStart  = 2 // a case's first word; the two before it are the oracle's
)

// State is what a case starts from and what it leaves.
type State struct {
	X                [32]uint64 // X[31] is SP
	V                [32]arm64.Vector
	NZCV, FPCR, FPSR uint32
	Exit             uint32 // the index of the word in its slot that ended the case, or exitSignal + number
	Mem              [256]byte
}

// exitSignal is added to the number of the signal that a case raises;
// exitError is what could not be translated.
const (
	exitSignal = 256
	exitError  = 512
)

// stateBytes is the size of an encoded State.
const stateBytes = 32*8 + 32*16 + 4*4 + 256

// encode appends the layout of guest/oracle.c's struct state.
func (s *State) encode(p []byte) []byte {
	le := binary.LittleEndian
	for _, x := range s.X {
		p = le.AppendUint64(p, x)
	}
	for _, v := range s.V {
		p = le.AppendUint64(le.AppendUint64(p, v.Lo), v.Hi)
	}
	p = le.AppendUint32(le.AppendUint32(p, s.NZCV), s.FPCR)
	p = le.AppendUint32(le.AppendUint32(p, s.FPSR), s.Exit)
	return append(p, s.Mem[:]...)
}

// decode reads what encode wrote.
func (s *State) decode(p []byte) {
	le := binary.LittleEndian
	for i := range s.X {
		s.X[i] = le.Uint64(p[8*i:])
	}
	p = p[32*8:]
	for i := range s.V {
		s.V[i] = arm64.Vector{Lo: le.Uint64(p[16*i:]), Hi: le.Uint64(p[16*i+8:])}
	}
	p = p[32*16:]
	s.NZCV, s.FPCR, s.FPSR, s.Exit = le.Uint32(p), le.Uint32(p[4:]), le.Uint32(p[8:]), le.Uint32(p[12:])
	copy(s.Mem[:], p[16:])
}

// digest hashes everything in the state. Every 8 bytes are multiplied by an
// odd constant after being added, so each bit counts.
func (s *State) digest() uint64 {
	const k = 0x9e3779b97f4a7c15
	h := uint64(len(s.X))
	add := func(v uint64) {
		h = (h ^ v) * k
		h ^= h >> 29
	}
	for _, x := range s.X {
		add(x)
	}
	for _, v := range s.V {
		add(v.Lo)
		add(v.Hi)
	}
	add(uint64(s.NZCV)<<32 | uint64(s.FPCR))
	add(uint64(s.FPSR)<<32 | uint64(s.Exit))
	for i := 0; i < len(s.Mem); i += 8 {
		add(binary.LittleEndian.Uint64(s.Mem[i:]))
	}
	return h
}

// diff names what differs between the state that was expected and the one
// that was found, a line each.
func diff(want, got *State) string {
	var b strings.Builder
	line := func(name string, w, g any) { fmt.Fprintf(&b, "  %-5s want %v  got %v\n", name, w, g) }
	hex := func(v uint64) string { return fmt.Sprintf("%016x", v) }
	vec := func(v arm64.Vector) string { return fmt.Sprintf("%016x_%016x", v.Hi, v.Lo) }
	for i := range want.X {
		if want.X[i] != got.X[i] {
			name := fmt.Sprintf("x%d", i)
			if i == 31 {
				name = "sp"
			}
			line(name, hex(want.X[i]), hex(got.X[i]))
		}
	}
	for i := range want.V {
		if want.V[i] != got.V[i] {
			line(fmt.Sprintf("v%d", i), vec(want.V[i]), vec(got.V[i]))
		}
	}
	if want.NZCV != got.NZCV {
		line("nzcv", fmt.Sprintf("%04b", want.NZCV>>28), fmt.Sprintf("%04b", got.NZCV>>28))
	}
	if want.FPCR != got.FPCR {
		line("fpcr", fmt.Sprintf("%08x", want.FPCR), fmt.Sprintf("%08x", got.FPCR))
	}
	if want.FPSR != got.FPSR {
		line("fpsr", fmt.Sprintf("%08x", want.FPSR), fmt.Sprintf("%08x", got.FPSR))
	}
	if want.Exit != got.Exit {
		line("exit", exitName(want.Exit), exitName(got.Exit))
	}
	for i := 0; i < len(want.Mem); i += 16 {
		if w, g := want.Mem[i:i+16], got.Mem[i:i+16]; string(w) != string(g) {
			line(fmt.Sprintf("m+%02x", i), fmt.Sprintf("%x", w), fmt.Sprintf("%x", g))
		}
	}
	return b.String()
}

func exitName(e uint32) string {
	if e == exitError {
		return "translation failed"
	}
	if e >= exitSignal {
		return fmt.Sprintf("signal %d", e-exitSignal)
	}
	return fmt.Sprintf("pc %+d", 4*(int(e)-slotStart))
}
