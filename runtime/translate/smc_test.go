package translate

import (
	"encoding/binary"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/mm"
)

// bl is a BL at pc to target, b a B.
func bl(pc, target uint64) uint32 { return 0x94000000 | uint32(target-pc)>>2&0x3ffffff }
func b(pc, target uint64) uint32  { return 0x14000000 | uint32(target-pc)>>2&0x3ffffff }

// movz is MOVZ xd, #imm.
func movz(d, imm uint32) uint32 { return 0xd2800000 | imm<<5 | d }

const (
	ret = 0xd65f03c0
	svc = 0xd4000001
	nop = 0xd503201f
)

func brk(imm uint32) uint32 { return 0xd4200000 | imm<<5 }

func poke(t *testing.T, space *mm.Space, at uint64, words ...uint32) {
	t.Helper()
	var p []byte
	for _, w := range words {
		p = binary.LittleEndian.AppendUint32(p, w)
	}
	if err := space.Poke(at, p); err != nil {
		t.Fatal(err)
	}
}

// TestInvalidate: changed code runs as changed, and what stands elsewhere is not translated again.
func TestInvalidate(t *testing.T) {
	cpu, r, space := newCPU(t)
	const near, far = textAt + 0x100, textAt + 0x1000
	poke(t, space, textAt, bl(textAt, near), bl(textAt+4, far), brk(1))
	// Neither is so short that it is lifted into its caller.
	body := func(x, imm uint32) (w []uint32) {
		for range 16 {
			w = append(w, nop)
		}
		return append(w, movz(x, imm), ret)
	}
	poke(t, space, near, body(0, 1)...)
	poke(t, space, far, body(1, 1)...)
	run := func() {
		t.Helper()
		r.Next = textAt
		if e := cpu.Run(r, 100_000); e.Kind != arch.ExitBreakpoint {
			t.Fatalf("exit %v", e)
		}
	}
	run()
	if r.X[0] != 1 || r.X[1] != 1 {
		t.Fatalf("x0 %d, x1 %d", r.X[0], r.X[1])
	}
	modules := func() int64 { return cpu.Stats()["translated_modules"] }
	before := modules()
	run()
	if modules() != before {
		t.Errorf("the second run made %d modules", modules()-before)
	}
	poke(t, space, far, body(1, 2)...)
	cpu.Invalidate(far, 4*18)
	run()
	if r.X[0] != 1 || r.X[1] != 2 {
		t.Errorf("after a change of one: x0 %d, x1 %d", r.X[0], r.X[1])
	}
	if n := modules() - before; n != 1 {
		t.Errorf("one changed function made %d modules", n)
	}
	// Next to code, but not of it.
	before = modules()
	cpu.Invalidate(textAt+0x2000, 0x1000)
	cpu.Invalidate(near+4*18, 0x40)
	cpu.Invalidate(far-4, 4)
	run()
	if n := modules() - before; n != 0 {
		t.Errorf("changes next to code made %d modules", n)
	}
	// The last word of a function.
	poke(t, space, near, append(body(0, 5)[:17], b(near+4*17, near+4*20), 0, 0, ret)...)
	cpu.Invalidate(near+4*16, 8)
	run()
	if r.X[0] != 5 {
		t.Errorf("after a change at the end: x0 %d", r.X[0])
	}
}

// TestInvalidateInlined: a change of a function that was lifted into its callers reaches them.
func TestInvalidateInlined(t *testing.T) {
	const leaf = textAt + 0x1000
	cpu, r, space := newCPU(t, bl(textAt, leaf), brk(1))
	for imm := range uint32(3) {
		poke(t, space, leaf, movz(0, imm+1), ret)
		cpu.Invalidate(leaf, 8)
		r.Next = textAt
		if e := cpu.Run(r, 1000); e.Kind != arch.ExitBreakpoint || r.X[0] != uint64(imm+1) || r.X[30] != textAt+4 {
			t.Fatalf("exit %v, x0 %d, want %d", e, r.X[0], imm+1)
		}
	}
}

// TestGenerations: code that is made and forgotten again and again does not pile up.
func TestGenerations(t *testing.T) {
	cpu, r, space := newCPU(t)
	before := cpu.Stats()["generations"]
	for i := range uint32(700) {
		poke(t, space, textAt, movz(0, i&7), brk(1))
		cpu.Invalidate(textAt, 8)
		r.Next = textAt
		if e := cpu.Run(r, 1000); e.Kind != arch.ExitBreakpoint || r.X[0] != uint64(i&7) {
			t.Fatalf("turn %d: exit %v, x0 %d", i, e, r.X[0])
		}
	}
	if n := cpu.Stats()["generations"] - before; n < 1 || n > 10 {
		t.Errorf("%d generations", n)
	}
	if n := len(cpu.gen.mods); n > 400 {
		t.Errorf("%d modules are still linked", n)
	}
}

// TestUnmap: code that is unmapped, or no longer executable, faults where it stood.
func TestUnmap(t *testing.T) {
	for name, gone := range map[string]func(s *mm.Space) error{
		"unmap":   func(s *mm.Space) error { return s.Unmap(textAt+0x1000, 0x1000) },
		"protect": func(s *mm.Space) error { return s.Protect(textAt+0x1000, 0x1000, abi.PROT_READ) },
	} {
		cpu, r, space := newCPU(t, bl(textAt, textAt+0x1000), brk(1))
		space.OnCodeChange(cpu.Invalidate)
		poke(t, space, textAt+0x1000, movz(0, 1), ret)
		if e := cpu.Run(r, 1000); e.Kind != arch.ExitBreakpoint {
			t.Fatalf("%s: exit %v", name, e)
		}
		if err := gone(space); err != nil {
			t.Fatal(err)
		}
		r.Next = textAt
		if e := cpu.Run(r, 1000); e.Kind != arch.ExitFault || e.Addr != textAt+0x1000 || e.PC != textAt+0x1000 || r.X[30] != textAt+4 {
			t.Errorf("%s: exit %v, x30 %#x", name, e, r.X[30])
		}
	}
}

// TestSelfModifying: a program writes code, says so by DC CVAU, IC IVAU, DSB and ISB, and runs it; before it
// says so it may see the old one, after that it must not. PROT_WRITE|PROT_EXEC, as just-in-time
// compilers use it.
func TestSelfModifying(t *testing.T) {
	cpu, r, space := newCPU(t)
	if err := space.Protect(textAt, 0x10000, abi.PROT_READ|abi.PROT_WRITE|abi.PROT_EXEC); err != nil {
		t.Fatal(err)
	}
	const code = textAt + 0x2000
	var prog []uint32
	pc := func() uint64 { return textAt + 4*uint64(len(prog)) }
	emit := func(w ...uint32) { prog = append(prog, w...) }
	emit(
		0xd2a00809, // movz x9, #0x40, lsl #16
		0xf2840009, // movk x9, #0x2000: the code's address
		movz(10, 0),
		movz(11, 20), // turns
	)
	loop := pc()
	emit(
		0x52a0000c|0xd280<<5, // movz w12, #0xd280, lsl #16: MOVZ x0, #0
		0x2a0b158c,           // orr w12, w12, w11, lsl #5: MOVZ x0, #turn
		0xb900012c,           // str w12, [x9]
		0x5280780d,           // movz w13, #0x03c0
		0x72a0000d|0xd65f<<5, // movk w13, #0xd65f, lsl #16: RET
		0xb900052d,           // str w13, [x9, #4]
		0xd50b7b29,           // dc cvau, x9
		0xd5033b9f,           // dsb ish
		0xd50b7529,           // ic ivau, x9
		0xd5033b9f,           // dsb ish
		0xd5033fdf,           // isb
		0xd63f0120,           // blr x9
		0x8b00014a,           // add x10, x10, x0
		0xf100056b,           // subs x11, x11, #1
	)
	emit(0x54000001 | uint32((int64(loop)-int64(pc()))/4)&0x7ffff<<5) // b.ne loop
	emit(brk(3))
	poke(t, space, textAt, prog...)
	if e := cpu.Run(r, 1_000_000); e.Kind != arch.ExitBreakpoint || e.Insn != 3 {
		t.Fatalf("exit %v\n%v", e, r)
	}
	if r.X[10] != 20*21/2 || r.X[9] != code {
		t.Errorf("the sum of what the written code returned is %d, want %d", r.X[10], 20*21/2)
	}
}
