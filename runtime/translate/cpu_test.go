package translate

import (
	"encoding/binary"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/ir"
	"boxer/runtime/mm"
)

const textAt = 0x400000

// newCPU maps words at textAt, and a stack.
func newCPU(t *testing.T, words ...uint32) (*CPU, *arm64.Regs, *mm.Space) {
	t.Helper()
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eng.Close() })
	space, err := mm.New(eng, mm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := space.SetLayout(mm.Layout{Low: textAt, High: textAt + 0x20000}); err != nil {
		t.Fatal(err)
	}
	mapAt := func(addr, n uint64, prot uint32) {
		if _, err := space.Map(mm.MapArgs{Addr: addr, Len: n, Prot: prot, Flags: abi.MAP_PRIVATE | abi.MAP_ANONYMOUS | abi.MAP_FIXED}); err != nil {
			t.Fatal(err)
		}
	}
	mapAt(textAt, 0x10000, abi.PROT_READ|abi.PROT_EXEC)
	mapAt(textAt+0x10000, 0x10000, abi.PROT_READ|abi.PROT_WRITE)
	code := make([]byte, 4*len(words))
	for i, w := range words {
		binary.LittleEndian.PutUint32(code[4*i:], w)
	}
	if err := space.Poke(textAt, code); err != nil {
		t.Fatal(err)
	}
	cpu, err := NewCache(eng, Options{Verify: ir.Verify}).New(space)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cpu.Close() })
	regs := arm64.NewRegs()
	regs.Next, regs.Stack = textAt, textAt+0x20000
	return cpu, regs, space
}

func TestLoopAndCall(t *testing.T) {
	cpu, r, _ := newCPU(t,
		0xd2800000, // mov x0, #0
		0xd2800141, // mov x1, #10
		0x8b010000, // add x0, x0, x1
		0xf1000421, // subs x1, x1, #1
		0x54ffffc1, // b.ne .-8
		0x94000002, // bl f
		0xd42000e0, // brk #7
		0xa9bf7bfd, // f: stp x29, x30, [sp, #-16]!
		0x910003fd, // mov x29, sp
		0x7100dc1f, // cmp w0, #55
		0x1a9f17e2, // cset w2, eq
		0x52800063, // mov w3, #3
		0x1ac30804, // udiv w4, w0, w3
		0xa8c17bfd, // ldp x29, x30, [sp], #16
		0xd65f03c0, // ret
	)
	e := cpu.Run(r, 1000)
	if e.Kind != arch.ExitBreakpoint || e.Insn != 7 || e.PC != textAt+24 {
		t.Fatalf("exit %v", e)
	}
	if r.X[0] != 55 || r.X[1] != 0 || r.X[2] != 1 || r.X[4] != 18 || r.X[30] != textAt+24 || r.Stack != textAt+0x20000 {
		t.Fatalf("registers:\n%v", r)
	}
}

func TestPreemption(t *testing.T) {
	cpu, r, _ := newCPU(t, 0x91000400, 0x17ffffff) // add x0, x0, #1; b .-4
	if e := cpu.Run(r, 10_000); e.Kind != arch.ExitPreempted {
		t.Fatalf("exit %v", e)
	}
	if r.X[0] < 1000 || r.X[0] > 20_000 {
		t.Fatalf("x0 = %d after 10,000 instructions of fuel", r.X[0])
	}
	cpu.Interrupt()
	if e := cpu.Run(r, 1<<40); e.Kind != arch.ExitPreempted {
		t.Fatalf("exit %v", e)
	}
}

func TestSyscall(t *testing.T) {
	cpu, r, _ := newCPU(t,
		0xd2800548, // mov x8, #42
		0xd4000001, // svc #0
		0x91000400, // add x0, x0, #1
		0xd2800568, // mov x8, #43
		0xd4000001, // svc #0
	)
	cpu.SetSyscall(func(nr uint64, a *[6]uint64) (int64, arch.SyscallStatus) {
		if nr == 42 {
			return 100, arch.SyscallDone
		}
		return 0, arch.SyscallDecline
	})
	if e := cpu.Run(r, 1000); e.Kind != arch.ExitSyscall || e.PC != textAt+20 || r.X[0] != 101 || r.X[8] != 43 {
		t.Fatalf("exit %v, x0 %d", e, r.X[0])
	}
}

func TestInfiniteRecursion(t *testing.T) {
	cpu, r, _ := newCPU(t,
		0xa9bf7bfd, // stp x29, x30, [sp, #-16]!
		0x97ffffff, // bl .-4
	)
	cpu.SetStackGuard(textAt+0x10000, textAt+0x11000)
	if e := cpu.Run(r, 1_000_000); e.Kind != arch.ExitFault || e.Addr < textAt+0x10000 || e.Addr >= textAt+0x11000 {
		t.Fatalf("exit %v", e)
	}
	// Without a guard the depth limit unwinds, again and again, until the fuel is gone.
	r.Stack, r.Next = 1<<31, textAt
	cpu, r, _ = newCPU(t, 0x94000000) // bl .
	if e := cpu.Run(r, 10_000_000); e.Kind != arch.ExitPreempted {
		t.Fatalf("exit %v", e)
	}
}

func TestFaults(t *testing.T) {
	load := []uint32{0xd2800005, 0xf94000a1} // mov x5, #0; ldr x1, [x5]
	cpu, r, _ := newCPU(t, load...)
	if e := cpu.Run(r, 1000); e.Kind != arch.ExitFault || e.Precise {
		t.Fatalf("exit %v", e)
	}
	cpu.SetFaultPrecise(true)
	r.Next, r.X[5] = textAt, 77
	if e := cpu.Run(r, 1000); e.Kind != arch.ExitFault || !e.Precise || e.PC != textAt+4 || e.Addr != 0 || r.X[5] != 0 {
		t.Fatalf("exit %v, x5 %d", e, r.X[5])
	}
	// a null call
	cpu, r, _ = newCPU(t, 0xd2800005, 0xd63f00a0)
	if e := cpu.Run(r, 1000); e.Kind != arch.ExitFault || e.PC != 0 || r.X[30] != textAt+8 {
		t.Fatalf("exit %v", e)
	}
	// data
	cpu, r, _ = newCPU(t, 0x91000400, 0)
	if e := cpu.Run(r, 1000); e.Kind != arch.ExitUndefined || e.PC != textAt+4 || r.X[0] != 1 {
		t.Fatalf("exit %v", e)
	}
}
