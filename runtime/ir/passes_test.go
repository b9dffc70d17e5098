package ir_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", file, got)
	}
}

// count is the number of insts in blocks for which is holds.
func count(f *ir.Func, is func(in *ir.Inst) bool) (n int) {
	for i := range f.Blocks {
		for _, v := range f.Blocks[i].Insts {
			if is(f.Inst(v)) {
				n++
			}
		}
	}
	return n
}

func sets(s ir.Slot) func(in *ir.Inst) bool {
	return func(in *ir.Inst) bool { return in.Op == ir.SetReg && ir.Slot(in.Aux) == s }
}

const x0, x1, x2 = ireval.SlotX, ireval.SlotX + 1, ireval.SlotX + 2

// function builds one of n blocks.
func function(n int, fill ...func(b *ir.Builder)) *ir.Func {
	b := ir.NewBuilder(ireval.Arch, "f", 0x1000)
	for i := range n {
		b.NewBlock(0x1000 + uint64(i)*0x40)
	}
	for i, f := range fill {
		b.SetBlock(ir.BlockID(i))
		b.At(0x1000 + uint64(i)*0x40)
		f(b)
	}
	return b.F
}

func exit(b *ir.Builder) {
	b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint, PC: b.PC()})
}

// TestDeadSets: a write that nobody can see goes; one before anything that may leave stays.
func TestDeadSets(t *testing.T) {
	between := map[string]struct {
		do            func(b *ir.Builder)
		fast, precise int // writes that stay
	}{
		"nothing":         {func(b *ir.Builder) {}, 1, 1},
		"a load":          {func(b *ir.Builder) { b.Load(ir.Mem64, ir.I64, b.Get(x2, ir.I64), 0) }, 1, 2},
		"an exit":         {func(b *ir.Builder) { b.ExitIf(b.Get(ireval.SlotW, ir.I32), ir.ExitUndefined, 0) }, 2, 2},
		"a stack check":   {func(b *ir.Builder) { b.GuardSP(b.Get(x2, ir.I64)) }, 2, 2},
		"another's write": {func(b *ir.Builder) { b.Set(x1, b.I64(5)) }, 1, 1},
		"a helper":        {func(b *ir.Builder) { b.Helper(1) }, 1, 1},
		"a system call":   {func(b *ir.Builder) { b.End(ir.Term{Kind: ir.TermSyscall, To: 1, Ret: 0x1040}); b.SetBlock(1) }, 2, 2},
		"a call":          {func(b *ir.Builder) { b.End(ir.Term{Kind: ir.TermCall, PC: 0x9000, To: 1, Ret: 0x1040}); b.SetBlock(1) }, 2, 2},
		"a jump":          {func(b *ir.Builder) { b.End(ir.Term{Kind: ir.TermJump, To: 1}); b.SetBlock(1) }, 1, 1},
		"a read in between": {func(b *ir.Builder) {
			b.End(ir.Term{Kind: ir.TermJump, To: 1})
			b.SetBlock(1)
			b.Set(x1, b.Get(x0, ir.I64))
		}, 2, 2},
	}
	for name, c := range between {
		for _, precise := range []bool{false, true} {
			b := ir.NewBuilder(ireval.Arch, "f", 0x1000)
			b.NewBlock(0x1000)
			b.NewBlock(0x1040)
			b.SetBlock(0)
			b.Set(x0, b.I64(1))
			c.do(b)
			b.Set(x0, b.I64(2))
			exit(b)
			f := b.F
			if f.Blocks[1].Term.Kind == ir.TermNone {
				f.Blocks = f.Blocks[:1]
			}
			ir.Optimize(f, ir.PassOptions{PreciseFaults: precise, Verify: ir.Verify})
			want := c.fast
			if precise {
				want = c.precise
			}
			if n := count(f, sets(x0)); n != want {
				t.Errorf("%s, precise %v: %d writes, want %d", name, precise, n, want)
			}
		}
	}
}

// TestDeadFlags: flags that a call leaves undefined are not packed for it, but are for an exit.
func TestDeadFlags(t *testing.T) {
	for _, c := range []struct {
		term ir.Term
		want int
	}{
		{ir.Term{Kind: ir.TermCall, PC: 0x9000, Ret: 0x1040, To: 1}, 0},
		{ir.Term{Kind: ir.TermTail, PC: 0x9000}, 0},
		{ir.Term{Kind: ir.TermSyscall, Ret: 0x1040, To: 1}, 1},
		{ir.Term{Kind: ir.TermExit, Code: ir.ExitSync, PC: 0x1040}, 1},
	} {
		f := function(2, func(b *ir.Builder) {
			b.SetFlags(ir.FlagsSub, b.Get(x0, ir.I64), b.Get(x1, ir.I64), 0)
			b.End(c.term)
		}, func(b *ir.Builder) {
			b.SetFlags(ir.FlagsSub, b.Get(x0, ir.I64), b.Get(x1, ir.I64), 0)
			b.End(ir.Term{Kind: ir.TermTail, PC: 0x9000})
		})
		if c.term.To == 0 {
			f.Blocks = f.Blocks[:1]
		}
		ir.Optimize(f, ir.PassOptions{Verify: ir.Verify})
		if n := count(f, sets(ireval.SlotFlags)); n != c.want {
			t.Errorf("before %v flags are written %d times, want %d", &c.term, n, c.want)
		}
	}
}

// TestFlagsAcrossBlocks: one comparison that reaches a block on all paths is tested
// there as such; where two may, the slot is.
func TestFlagsAcrossBlocks(t *testing.T) {
	build := func(other bool) *ir.Func {
		return function(4, func(b *ir.Builder) {
			b.SetFlags(ir.FlagsSub, b.Get(x0, ir.I64), b.Get(x1, ir.I64), 0)
			b.End(ir.Term{Kind: ir.TermBranch, Val: b.Test(ir.LT), To: 1, Else: 2})
		}, func(b *ir.Builder) {
			if other {
				b.SetFlags(ir.FlagsAdd, b.Get(x0, ir.I64), b.Get(x1, ir.I64), 0)
			}
			b.End(ir.Term{Kind: ir.TermJump, To: 3})
		}, func(b *ir.Builder) {
			b.End(ir.Term{Kind: ir.TermJump, To: 3})
		}, func(b *ir.Builder) {
			b.Set(x2, b.ZExt(b.Test(ir.EQ)))
			b.End(ir.Term{Kind: ir.TermTail, PC: 0x9000})
		})
	}
	for _, other := range []bool{false, true} {
		f := build(other)
		ir.Optimize(f, ir.PassOptions{Verify: ir.Verify})
		reads := count(f, func(in *ir.Inst) bool { return in.Op == ir.GetReg && ir.Slot(in.Aux) == ireval.SlotFlags })
		if want := map[bool]int{false: 0, true: 1}[other]; reads != want {
			t.Errorf("another comparison %v: the slot is read %d times, want %d", other, reads, want)
		}
		if n := count(f, func(in *ir.Inst) bool { return in.Type == ir.Flags && in.Op != ir.SetFlags && in.Op != ir.SetFlagsIf }); n != 0 {
			t.Errorf("another comparison %v: %d unresolved flags", other, n)
		}
	}
}

// TestNarrow: arithmetic that only ends up in an address or a narrow store is done in 32 bits; what a 64-bit
// register or a right shift sees is not.
func TestNarrow(t *testing.T) {
	for _, c := range []struct {
		name string
		use  func(b *ir.Builder, v ir.Value)
		wide bool
	}{
		{"an address", func(b *ir.Builder, v ir.Value) { b.Set(ireval.SlotW, b.Load(ir.Mem32, ir.I32, v, 0)) }, false},
		{"a 32-bit store", func(b *ir.Builder, v ir.Value) { b.Store(ir.Mem32, b.Get(x2, ir.I64), 0, v) }, false},
		{"a 64-bit store", func(b *ir.Builder, v ir.Value) { b.Store(ir.Mem64, b.Get(x2, ir.I64), 0, v) }, true},
		{"a register", func(b *ir.Builder, v ir.Value) { b.Set(x2, v) }, true},
		{"a narrow register", func(b *ir.Builder, v ir.Value) { b.Set(x2, b.Wrap(v)) }, false},
		{"a shift right", func(b *ir.Builder, v ir.Value) { b.Set(x2, b.Wrap(b.ShrUI(v, 4))) }, true},
		{"a shift left", func(b *ir.Builder, v ir.Value) { b.Set(x2, b.Wrap(b.ShlI(v, 4))) }, false},
		{"a far shift left", func(b *ir.Builder, v ir.Value) { b.Set(x2, b.Wrap(b.ShlI(v, 40))) }, true},
		{"a comparison", func(b *ir.Builder, v ir.Value) { b.Set(x2, b.LtU(v, b.Get(x2, ir.I64))) }, true},
		{"a product", func(b *ir.Builder, v ir.Value) { b.Set(x2, b.Wrap(b.Mul(v, b.Get(x2, ir.I64)))) }, false},
		{"a quotient", func(b *ir.Builder, v ir.Value) { b.Set(x2, b.Wrap(b.Div(false, v, b.Get(x2, ir.I64)))) }, true},
	} {
		f := function(1, func(b *ir.Builder) {
			c.use(b, b.Add(b.Get(x0, ir.I64), b.Get(x1, ir.I64)))
			exit(b)
		})
		ir.Optimize(f, ir.PassOptions{Verify: ir.Verify})
		wide := count(f, func(in *ir.Inst) bool { return in.Op == ir.I64Add }) > 0
		if wide != c.wide {
			t.Errorf("%s: a sum of 64 bits %v, want %v\n%v", c.name, wide, c.wide, f)
		}
	}
}

// TestAddresses: accesses to fields of one object share its address; offsets that are no
// field's stay in the address.
func TestAddresses(t *testing.T) {
	f := function(1, func(b *ir.Builder) {
		p := b.Get(x0, ir.I64)
		b.Store(ir.Mem64, p, 8, b.I64(1))
		b.Store(ir.Mem32, b.AddI(p, 24), 4, b.I32(2))
		b.Store(ir.Mem8, b.AddI(p, 1<<20), 0, b.I32(3))
		b.Store(ir.Mem16, p, -8, b.I32(4))
		exit(b)
	})
	ir.Optimize(f, ir.PassOptions{Verify: ir.Verify, Bias: 0x10000})
	var bases []ir.Value
	var offs []uint64
	count(f, func(in *ir.Inst) bool {
		if in.Op == ir.Store {
			bases, offs = append(bases, in.Args[0]), append(offs, in.Imm)
			if f.TypeOf(in.Args[0]) != ir.I32 {
				t.Errorf("an address of type %v", f.TypeOf(in.Args[0]))
			}
		}
		return false
	})
	if bases[0] != bases[1] || bases[0] == bases[2] || bases[0] == bases[3] {
		t.Errorf("bases are %v", bases)
	}
	if !slices.Equal(offs, []uint64{8, 28, 0, 0}) {
		t.Errorf("offsets are %v", offs)
	}
}

// TestReduce: what is entered in the middle of a loop gets one way in; every block of the
// original can still be reached.
func TestReduce(t *testing.T) {
	for _, n := range []int{2, 3, 7} {
		f := function(n+1, func(b *ir.Builder) {
			tm := ir.Term{Kind: ir.TermSwitch, Val: b.Get(ireval.SlotW, ir.I32), Else: 1}
			for i := range n {
				tm.Targets = append(tm.Targets, ir.BlockID(1+i))
			}
			b.End(tm)
		})
		for i := range n { // a ring
			f.Blocks[1+i].Term = ir.Term{Kind: ir.TermJump, To: ir.BlockID(1 + (i+1)%n)}
		}
		if !ir.NewCFG(f).Irreducible {
			t.Fatalf("a ring of %d entered everywhere is reducible", n)
		}
		ir.Optimize(f, ir.PassOptions{Verify: ir.Verify})
		c := ir.NewCFG(f)
		if c.Irreducible {
			t.Errorf("a ring of %d is still irreducible", n)
		}
		for i := range n {
			if c.Index[1+i] < 0 {
				t.Errorf("a ring of %d: b%d is lost", n, 1+i)
			}
		}
	}
}

// TestUnroll: the body of a small loop is repeated; a large one, and one with a call, is not.
func TestUnroll(t *testing.T) {
	loop := func(size int, term ir.TermKind) *ir.Func {
		f := function(4, func(b *ir.Builder) { b.End(ir.Term{Kind: ir.TermJump, To: 1}) }, func(b *ir.Builder) {
			for i := range size {
				b.Set(x0, b.Xor(b.Get(x0, ir.I64), b.ShrUI(b.Get(x1, ir.I64), uint(1+i%60))))
			}
			b.End(ir.Term{Kind: ir.TermBranch, Val: b.Wrap(b.Get(x0, ir.I64)), To: 2, Else: 3})
		}, func(b *ir.Builder) {
			b.Helper(7)
			b.End(ir.Term{Kind: term, To: 1, PC: 0x9000, Ret: 0x1040})
		}, exit)
		ir.Optimize(f, ir.PassOptions{Verify: ir.Verify, Unroll: true})
		return f
	}
	helpers := func(f *ir.Func) int { return count(f, func(in *ir.Inst) bool { return in.Op == ir.CallHelper }) }
	if n := helpers(loop(1, ir.TermJump)); n < 2 {
		t.Errorf("a small loop stands %d times", n)
	}
	if n := helpers(loop(100, ir.TermJump)); n != 1 {
		t.Errorf("a large loop stands %d times", n)
	}
	if n := helpers(loop(1, ir.TermCall)); n != 1 {
		t.Errorf("a loop with a call stands %d times", n)
	}
}

// TestPrint is the text of a function that has a bit of everything, before and after the passes.
func TestPrint(t *testing.T) {
	f := function(4, func(b *ir.Builder) {
		v := b.Get(ireval.SlotV, ir.V128)
		b.Set(ireval.SlotV+1, b.NaN2(b.Op(ir.F64x2Add, v, b.V128(1, 2)), v, b.V128(1, 2), 2))
		b.Set(ireval.SlotV+2, b.Shuffle(v, v, [16]byte{15, 14, 13}))
		b.Set(ireval.SlotV+3, b.Lane(ir.I16x8ReplaceLane, 3, v, b.I32(7)))
		b.SetFlagsIf(b.Test(ir.HI), ir.FlagsSub, b.Get(x0, ir.I64), b.Get(x1, ir.I64), 0x40000000)
		b.ExitIf(b.Test(ir.VS), ir.ExitUndefined, 0)
		b.End(ir.Term{Kind: ir.TermBranch, Val: b.Test(ir.GE), To: 1, Else: 2})
	}, func(b *ir.Builder) {
		a := b.AddI(b.Get(x2, ir.I64), 64)
		b.Store(ir.Mem16, a, -2, b.Load(ir.Mem8S, ir.I32, a, 1))
		b.Set(x1, b.AtomicRMW(ir.RMWSMax, ir.Mem64, a, b.Helper(3, a)))
		b.Fence()
		b.GuardSP(b.AddI(b.Get(ireval.SlotSP, ir.I64), ^uint64(15)))
		b.End(ir.Term{Kind: ir.TermCallInd, Val: a, Ret: 0x1080, To: 2})
	}, func(b *ir.Builder) {
		b.End(ir.Term{Kind: ir.TermSwitch, Val: b.Get(ireval.SlotW, ir.I32), Targets: []ir.BlockID{0, ir.NoBlock, 3}, Else: 3})
	}, func(b *ir.Builder) {
		b.SetNZCV(b.Get(ireval.SlotW, ir.I32))
		b.End(ir.Term{Kind: ir.TermReturn, Val: b.Get(ireval.SlotLR, ir.I64)})
	})
	before := f.String()
	ir.Optimize(f, ir.PassOptions{Verify: ir.Verify, Bias: 0x10000})
	golden(t, "print.golden", fmt.Sprintf("before\n%s\nafter\n%s", before, f))
	if !strings.HasPrefix(before, "func f entry b0\n") {
		t.Errorf("it begins with %.20q", before)
	}
}

// TestPassNames: the list is what -run and messages know passes by.
func TestPassNames(t *testing.T) {
	names := ir.PassNames()
	for _, want := range []string{"reduce", "flags", "deadsets", "narrow", "unroll"} {
		if !slices.Contains(names, want) {
			t.Errorf("no pass %q in %v", want, names)
		}
	}
}
