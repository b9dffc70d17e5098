package arm64

import (
	"encoding/binary"
	"errors"
	"testing"

	"boxer/runtime/arch"
)

// flatMemory is guest memory of one mapping at base.
type flatMemory struct {
	base uint64
	b    []byte
}

func (m *flatMemory) slice(addr uint64, n int) ([]byte, error) {
	if addr < m.base || addr-m.base > uint64(len(m.b)) || uint64(n) > uint64(len(m.b))-(addr-m.base) {
		return nil, errors.New("fault")
	}
	return m.b[addr-m.base:][:n], nil
}

func (m *flatMemory) CopyIn(addr uint64, p []byte) error {
	b, err := m.slice(addr, len(p))
	copy(p, b)
	return err
}

func (m *flatMemory) CopyOut(addr uint64, p []byte) error {
	b, err := m.slice(addr, len(p))
	copy(b, p)
	return err
}

// filled returns registers that all differ.
func filled() *Regs {
	r := NewRegs()
	for i := range r.X {
		r.X[i] = 0x1111111111110000 + uint64(i)
	}
	for i := range r.V {
		r.V[i] = Vector{uint64(i)<<32 | 7, ^uint64(i)}
	}
	r.Stack, r.Next, r.NZCV, r.FPSR, r.FPCR, r.TPIDR = 0x40ffe8, 0x400120, 0xa0000000, 0x10, 0x1000000, 0x77
	return r
}

// TestSignalFrameLayout pins the offsets to those of the kernel's headers, as
// gcc prints them with offsetof for struct rt_sigframe.
func TestSignalFrameLayout(t *testing.T) {
	m := &flatMemory{base: 0x400000, b: make([]byte, 0x10000)}
	r := filled()
	f := &arch.SignalFrame{Signo: 11, WithInfo: true, Handler: 0x5000, Return: 0x6000, Stack: 0x40ffe8,
		Mask: 0xabc, Fault: true, FaultAddr: 0xdead, Write: true, Alt: arch.AltStack{SP: 1 << 20, Size: 8192, Flags: 2}}
	f.Info[0] = 11
	if err := (ISA{}).PushSignal(m, r, f); err != nil {
		t.Fatal(err)
	}
	if r.Stack%16 != 0 || r.X[0] != 11 || r.X[1] != r.Stack || r.X[2] != r.Stack+128 || r.X[30] != 0x6000 || r.Next != 0x5000 {
		t.Fatalf("registers at the handler:\n%v", r)
	}
	if want := uint64(0x40ffd0 - 4688); r.Stack != want {
		t.Errorf("sp = %#x, want %#x", r.Stack, want)
	}
	frame := m.b[r.Stack-m.base:]
	word := func(off int) uint64 { return binary.LittleEndian.Uint64(frame[off:]) }
	for _, c := range []struct {
		name      string
		off       int
		got, want uint64
	}{
		{"si_signo", 0, word(0) & 0xffffffff, 11},
		{"uc_stack.ss_sp", 144, word(144), 1 << 20},
		{"uc_stack.ss_size", 160, word(160), 8192},
		{"uc_sigmask", 168, word(168), 0xabc},
		{"fault_address", 304, word(304), 0xdead},
		{"x0", 312, word(312), 0x1111111111110000},
		{"x30", 552, word(552), 0x1111111111110000 + 30},
		{"sp", 560, word(560), 0x40ffe8},
		{"pc", 568, word(568), 0x400120},
		{"pstate", 576, word(576), 0xa0000000},
		{"fpsimd head", 592, word(592), fpsimdSize<<32 | fpsimdMagic},
		{"v1 low", 592 + 32, word(592 + 32), 1<<32 | 7},
		{"esr head", 592 + 528, word(592 + 528), 16<<32 | esrMagic},
		{"esr", 592 + 536, word(592 + 536), 0x92000047},
		{"end", 592 + 544, word(592 + 544), 0},
		{"frame record", 4688, word(4688), 0x1111111111110000 + 29},
	} {
		if c.got != c.want {
			t.Errorf("%s at %d = %#x, want %#x", c.name, c.off, c.got, c.want)
		}
	}
}

func TestSignalRoundTrip(t *testing.T) {
	m := &flatMemory{base: 0x400000, b: make([]byte, 0x10000)}
	before := filled()
	r := filled()
	if err := (ISA{}).PushSignal(m, r, &arch.SignalFrame{Signo: 10, Stack: r.Stack, Mask: 5}); err != nil {
		t.Fatal(err)
	}
	r.V[3] = Vector{}
	r.X[7] = 0
	mask, _, err := ISA{}.PopSignal(m, r)
	if err != nil || mask != 5 {
		t.Fatalf("mask %d, %v", mask, err)
	}
	if *r != *before {
		t.Errorf("got\n%v\nwant\n%v", r, before)
	}
}

func TestSignalFrameRefused(t *testing.T) {
	m := &flatMemory{base: 0x400000, b: make([]byte, 0x10000)}
	for _, c := range []struct {
		name  string
		spoil func(frame []byte)
	}{
		{"unknown record", func(b []byte) { b[offRecords] ^= 1 }},
		{"size not a multiple of 16", func(b []byte) { b[offRecords+4] = 8 }},
		{"size past the end", func(b []byte) { b[offRecords+6] = 0xff }},
		{"no FPSIMD record", func(b []byte) { clear(b[offRecords : offRecords+8]) }},
	} {
		r := filled()
		if err := (ISA{}).PushSignal(m, r, &arch.SignalFrame{Signo: 10, Stack: r.Stack}); err != nil {
			t.Fatal(err)
		}
		c.spoil(m.b[r.Stack-m.base:])
		before := *r
		if _, _, err := (ISA{}).PopSignal(m, r); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
		if *r != before {
			t.Errorf("%s: registers changed", c.name)
		}
	}
	r := filled()
	if err := (ISA{}).PushSignal(m, r, &arch.SignalFrame{Stack: 0x1000}); err == nil {
		t.Error("a frame was pushed where nothing is mapped")
	}
}
