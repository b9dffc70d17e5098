package translate

import (
	"testing"

	"boxer/runtime/arch"
)

const (
	roundUp = 1 << 22
	inexact = 1 << 4
)

// TestFPMode: a rounding mode counts from the instruction behind MSR FPCR on, in code that was translated
// before too; FPSR is kept from its first use on.
func TestFPMode(t *testing.T) {
	cpu, r, _ := newCPU(t,
		0x1e6e1000, // fmov d0, #1.0
		0x1e611001, // fmov d1, #3.0
		0x1e611802, // fdiv d2, d0, d1
		0x9e660046, // fmov x6, d2
		0xd51b4403, // msr fpcr, x3
		0x1e611802, // fdiv d2, d0, d1
		0x9e660047, // fmov x7, d2
		0xd53b4405, // mrs x5, fpcr
		0xd51b441f, // msr fpcr, xzr
		brk(1),
	)
	const down, up = 0x3fd5555555555555, 0x3fd5555555555556
	r.X[3] = roundUp
	gens := cpu.Stats()["generations"]
	run := func(want6, want7 uint64) {
		t.Helper()
		r.Next = textAt
		e := cpu.Run(r, 10_000)
		if e.Kind != arch.ExitBreakpoint || r.X[6] != want6 || r.X[7] != want7 {
			t.Fatalf("exit %v, 1/3 is %#x, then %#x", e, r.X[6], r.X[7])
		}
	}
	run(down, up)
	if r.X[5] != roundUp {
		t.Errorf("fpcr reads as %#x", r.X[5])
	}
	if n := cpu.Stats()["generations"] - gens; n > 2 { // the first, and the precise one
		t.Errorf("%d generations were started", n)
	}
	r.FPCR = roundUp
	run(up, up)
	r.FPCR, r.X[3] = 0, 0
	run(down, down)

	cpu, r, _ = newCPU(t,
		0x1e6e1000, 0x1e611001, // as above
		0xd51b443f, // msr fpsr, xzr
		0xd53b4424, // mrs x4, fpsr
		0x1e611802, // fdiv d2, d0, d1
		0xd53b4425, // mrs x5, fpsr
		0x1e601802, // fdiv d2, d0, d0
		0xd53b4426, // mrs x6, fpsr
		0xd51b443f, // msr fpsr, xzr
		0x1e601802, // fdiv d2, d0, d0
		brk(1),
	)
	if e := cpu.Run(r, 10_000); e.Kind != arch.ExitBreakpoint || r.X[4] != 0 || r.X[5] != inexact || r.X[6] != inexact || r.FPSR != 0 {
		t.Errorf("exit %v, fpsr %#x %#x %#x, at the end %#x", e, r.X[4], r.X[5], r.X[6], r.FPSR)
	}
}

// TestPreciseFaults: in the precise form a fault leaves the registers as they were before the
// instruction, in a loop with registers in locals, in a callee, and in a pair or a vector access that is outside in part.
func TestPreciseFaults(t *testing.T) {
	for name, c := range map[string]struct {
		prog  []uint32
		setup func(x *[31]uint64)
		pc    uint64
		addr  uint64
		write bool
		x0    uint64
	}{
		"a loop": {[]uint32{0x91000400, 0xf8408441, 0x17fffffe}, // add x0, x0, #1; ldr x1, [x2], #8; b .-8
			func(x *[31]uint64) { x[2] = 0xfff0 - 8*100 }, textAt + 4, 0xfff0 - 800, false, 1},
		"a store": {[]uint32{0x91000400, 0xf9000040, brk(1)}, func(x *[31]uint64) { x[2] = 8 }, textAt + 4, 8, true, 1},
		"a callee": {[]uint32{bl(0, 8), brk(1), 0x91000400, 0xb9400041, 0x91000400, 0x54000040, nop, ret},
			func(x *[31]uint64) { x[2] = 16 }, textAt + 12, 16, false, 1},
		"a pair": {[]uint32{0x91000400, 0xa9400440, brk(1)}, func(x *[31]uint64) { x[2] = 0x100 }, textAt + 4, 0x100, false, 1},
		"far":    {[]uint32{0x91000400, 0x3dc00040, brk(1)}, func(x *[31]uint64) { x[2] = 0xf0000000 }, textAt + 4, 0xf0000000, false, 1},
	} {
		cpu, r, _ := newCPU(t, c.prog...)
		cpu.SetFaultPrecise(true)
		c.setup(&r.X)
		x2 := r.X[2]
		e := cpu.Run(r, 100_000)
		if e.Kind != arch.ExitFault || !e.Precise || e.PC != c.pc || e.Addr != c.addr || e.Write != c.write || r.X[0] != c.x0 || r.X[2] != x2 {
			t.Errorf("%s: exit %v, precise %v, write %v, x0 %d, x2 %#x", name, e, e.Precise, e.Write, r.X[0], r.X[2])
		}
	}
}

// TestFormSwitch: installing and removing a handler between runs changes nothing but precision.
func TestFormSwitch(t *testing.T) {
	cpu, r, _ := newCPU(t, 0x91000400, bl(4, 12), 0x17fffffe, nop, 0x91000421, 0x54000040, nop, ret)
	for i := range 6 {
		cpu.SetFaultPrecise(i%2 == 0)
		before := r.X[0]
		if e := cpu.Run(r, 30_000); e.Kind != arch.ExitPreempted || r.X[0] == before || r.X[0]-r.X[1] > 1 {
			t.Fatalf("turn %d: exit %v, x0 %d, x1 %d", i, e, r.X[0], r.X[1])
		}
	}
}
