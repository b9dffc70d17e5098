package translate

import (
	"testing"

	"boxer/runtime/arch"
)

// TestLargeFunction: a function of 15,000 instructions with 700 calls, of which each leaves for a
// system call, has two translations at most, however often it is entered in the middle.
func TestLargeFunction(t *testing.T) {
	const calls, span = 700, 20 // words between calls
	const callee = textAt + 0xf800
	cpu, r, space := newCPU(t)
	var prog []uint32
	pc := func() uint64 { return textAt + 4*uint64(len(prog)) }
	prog = append(prog, 0xaa1e03f4) // mov x20, x30
	for i := range uint32(calls) {
		prog = append(prog, bl(pc(), callee))
		for len(prog)%span != 0 {
			prog = append(prog, 0x91000673|i&1<<10) // add x19, x19, #1 or nothing
		}
	}
	prog = append(prog, brk(9))
	if len(prog) < 13_900 {
		t.Fatalf("only %d instructions", len(prog))
	}
	poke(t, space, textAt, prog...)
	// The callee calls the system, and returns by a copy of x30.
	poke(t, space, callee, 0xaa1e03f5, 0x91000442, svc, 0xaa1503fe, ret)
	made := cpu.Stats()
	syscalls := 0
	for {
		e := cpu.Run(r, 1<<40)
		if e.Kind == arch.ExitSyscall {
			syscalls++
			continue
		}
		if e.Kind != arch.ExitBreakpoint || e.Insn != 9 {
			t.Fatalf("exit %v after %d system calls", e, syscalls)
		}
		break
	}
	if syscalls != calls {
		t.Errorf("%d system calls, want %d", syscalls, calls)
	}
	now := cpu.Stats()
	if n := now["translated_insns"] - made["translated_insns"]; n > 2*int64(len(prog))+1000 {
		t.Errorf("%d instructions were translated for a function of %d", n, len(prog))
	}
	if n := now["translated_modules"] - made["translated_modules"]; n > 8 {
		t.Errorf("%d modules", n)
	}
}

// TestRecursion: recursion without end runs into the guard; the fault is the store, or the move of SP, at the
// place that the stack had reached, and what was stored below is whole.
func TestRecursion(t *testing.T) {
	cpu, r, space := newCPU(t,
		0xa9bf7bfd, // stp x29, x30, [sp, #-16]!
		0x91000400, // add x0, x0, #1
		0x97fffffe, // bl .-8
	)
	const guard = textAt + 0x11000
	cpu.SetStackGuard(textAt+0x10000, guard)
	e := cpu.Run(r, 1<<40)
	if e.Kind != arch.ExitFault || e.Addr < textAt+0x10000 || e.Addr >= guard || !e.Write {
		t.Fatalf("exit %v", e)
	}
	if want := textAt + 0x20000 - 16*r.X[0]; r.Stack != want {
		t.Errorf("sp is %#x after %d frames, want %#x", r.Stack, r.X[0], want)
	}
	var p [16]byte
	if err := space.CopyIn(r.Stack+32, p[:]); err != nil {
		t.Fatal(err)
	}
	if got := uint64(p[8]) | uint64(p[9])<<8 | uint64(p[10])<<16; got != textAt+12 {
		t.Errorf("a frame near the guard holds return address %#x", got)
	}
}

// TestPreemptionAnywhere: no shape of loop runs on when the fuel is used up, and the
// work done with much fuel and with little is the same.
func TestPreemptionAnywhere(t *testing.T) {
	add := uint32(0x91000400) // add x0, x0, #1
	const dec = 0xf1000421    // subs x1, x1, #1
	bne := func(words int) uint32 { return 0x54000001 | uint32(words)&0x7ffff<<5 }
	for name, prog := range map[string][]uint32{
		"one block":       {add, dec, bne(-2), brk(1)},
		"two blocks":      {add, b(0, 8), nop, dec, bne(-4), brk(1)},
		"nested":          {movz(2, 3), add, 0xf1000442, bne(-2), dec, bne(-5), brk(1)},
		"calls":           {bl(0, 16), dec, bne(-2), brk(1), nop, add, ret},
		"calls to a copy": {0xaa1e03f4, bl(4, 24), dec, bne(-2), brk(1), nop, add, 0x54000040, nop, ret},
		"tail jumps":      {dec, 0x54000080, 0x10000003, 0xd1000063 | 8<<10, b(16, 24), brk(1), add, 0xd61f0060},
		"into the middle": {0xb4000041, add, dec, bne(-2), brk(1)},
	} {
		cpu, r, _ := newCPU(t, prog...)
		r.X[1], r.X[30] = 1<<40, textAt
		for range 3 {
			before := r.X[0]
			if e := cpu.Run(r, 20_000); e.Kind != arch.ExitPreempted {
				t.Fatalf("%s: exit %v", name, e)
			}
			if n := r.X[0] - before; n == 0 || n > 100_000 {
				t.Errorf("%s: %d turns on 20,000 instructions of fuel", name, n)
			}
		}
		cpu, r, _ = newCPU(t, prog...)
		r.X[1], r.X[30] = 50_000, textAt
		slices := 0
		for ; ; slices++ {
			e := cpu.Run(r, 7_001)
			if e.Kind == arch.ExitPreempted {
				continue
			}
			if e.Kind != arch.ExitBreakpoint {
				t.Fatalf("%s: exit %v", name, e)
			}
			break
		}
		if want := map[string]uint64{"nested": 150_000, "tail jumps": 49_999}[name]; want != 0 && r.X[0] != want || want == 0 && r.X[0] != 50_000 || slices < 5 {
			t.Errorf("%s: %d turns in %d slices", name, r.X[0], slices)
		}
	}
}

// TestInterrupt: a loop without end leaves soon after Interrupt, from another goroutine and
// in the middle of a run.
func TestInterrupt(t *testing.T) {
	cpu, r, _ := newCPU(t, 0x91000400, 0x17ffffff) // add x0, x0, #1; b .-4
	done := make(chan arch.Exit)
	for range 3 {
		go func() { done <- cpu.Run(r, 1<<60) }()
		cpu.Interrupt()
		if e := <-done; e.Kind != arch.ExitPreempted {
			t.Fatalf("exit %v", e)
		}
	}
	// A system call that says stop: its result is in place.
	cpu, r, _ = newCPU(t, svc, 0x91000400, brk(1))
	cpu.SetSyscall(func(uint64, *[6]uint64) (int64, arch.SyscallStatus) { return 41, arch.SyscallDoneStop })
	if e := cpu.Run(r, 1000); e.Kind != arch.ExitPreempted || r.X[0] != 41 || r.Next != textAt+4 {
		t.Fatalf("exit %v, x0 %d", e, r.X[0])
	}
	if e := cpu.Run(r, 1000); e.Kind != arch.ExitBreakpoint || r.X[0] != 42 {
		t.Fatalf("exit %v, x0 %d", e, r.X[0])
	}
}

// TestLittleFuel: any fuel makes progress.
func TestLittleFuel(t *testing.T) {
	var prog []uint32
	for range 300 {
		prog = append(prog, 0x91000400)
	}
	prog = append(prog, bl(4*300, 4*302), brk(1), 0xb4000000|2<<5|31, nop, ret)
	cpu, r, _ := newCPU(t, prog...)
	for range 1000 {
		if e := cpu.Run(r, 1); e.Kind == arch.ExitBreakpoint {
			if r.X[0] != 300 {
				t.Errorf("x0 is %d", r.X[0])
			}
			return
		}
	}
	t.Errorf("no end: pc %#x, x0 %d", r.Next, r.X[0])
}
