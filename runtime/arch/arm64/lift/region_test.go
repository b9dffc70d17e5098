package lift_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/emit"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/ir"
)

// code is a Source of words from text on, with data behind them readable, and entries.
type code struct {
	at      uint64
	words   []uint32
	entries []uint64
	data    map[uint64][]byte
}

func (c *code) Word(pc uint64) (uint32, bool) {
	if i := (pc - c.at) / 4; pc >= c.at && i < uint64(len(c.words)) {
		return c.words[i], true
	}
	return 0, false
}

func (c *code) IsEntry(pc uint64) bool { return slices.Contains(c.entries, pc) }

func (c *code) Data(addr uint64, p []byte) int {
	for at, d := range c.data {
		if addr >= at && addr < at+uint64(len(d)) {
			return copy(p, d[addr-at:])
		}
	}
	return 0
}

func region(src lift.Source, opt lift.Options, entries ...uint64) *ir.Func {
	return lift.Region(ir.NewBuilder(arm64.IR, "", 0), src, entries, opt)
}

func terms(f *ir.Func, k ir.TermKind) (list []ir.Term) {
	for i := range f.Blocks {
		if f.Blocks[i].Term.Kind == k {
			list = append(list, f.Blocks[i].Term)
		}
	}
	return list
}

const (
	nop = 0xd503201f
	ret = 0xd65f03c0
)

// TestRegionEnds: a region ends at known entries, at the end of the code, at words that are no
// instruction, and at its size limit; it never ends in nothing.
func TestRegionEnds(t *testing.T) {
	for _, c := range []struct {
		name    string
		words   []uint32
		entries []uint64
		max     int
		kind    ir.TermKind // of the only way out
		pc      uint64
	}{
		{"an entry", []uint32{nop, nop, ret}, []uint64{0x1008}, 0, ir.TermTail, 0x1008},
		{"a jump to an entry", []uint32{0x14000002, nop, ret}, []uint64{0x1008}, 0, ir.TermTail, 0x1008},
		{"the end of code", []uint32{nop, nop}, nil, 0, ir.TermTail, 0x1008},
		{"a jump out of code", []uint32{0x14001000}, nil, 0, ir.TermTail, 0x5000},
		{"no instruction", []uint32{nop, 0xffffffff, nop}, nil, 0, ir.TermExit, 0x1004},
		{"zeros", []uint32{nop, 0, nop}, nil, 0, ir.TermExit, 0x1004},
		{"an instruction that is not lifted", []uint32{nop, 0x4e28584a, nop}, nil, 0, ir.TermExit, 0x1004},
		{"the size limit", []uint32{nop, nop, nop, nop, ret}, nil, 3, ir.TermTail, 0x100c},
		{"isb", []uint32{nop, 0xd5033fdf, nop}, nil, 0, ir.TermExit, 0x1008},
	} {
		f := region(&code{at: 0x1000, words: c.words, entries: append(c.entries, 0x1000)}, lift.Options{MaxInsns: c.max}, 0x1000)
		if err := ir.Verify(f); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		out := terms(f, c.kind)
		if len(out) != 1 || out[0].PC != c.pc {
			t.Errorf("%s: ways out are %v, want one at %#x\n%v", c.name, out, c.pc, f)
		}
	}
}

// TestMultipleEntries: a region with several entries chooses by EntryIndex, enters in the middle of
// blocks, and goes on into entries that are its own.
func TestMultipleEntries(t *testing.T) {
	src := &code{at: 0x1000, words: []uint32{nop, nop, 0x54ffffe1, nop, ret}, entries: []uint64{0x1000, 0x1004, 0x100c}} // b.ne .-4
	f := region(src, lift.Options{}, 0x1000, 0x1004, 0x100c)
	sw := f.Blocks[f.Entry].Term
	if sw.Kind != ir.TermSwitch || len(sw.Targets) != 3 {
		t.Fatalf("the entry is %v", &sw)
	}
	for i, want := range []uint64{0x1000, 0x1004, 0x100c} {
		if pc := f.Blocks[sw.Targets[i]].PC; pc != want {
			t.Errorf("entry %d is %#x, want %#x", i, pc, want)
		}
	}
	if n := len(terms(f, ir.TermTail)); n != 0 {
		t.Errorf("%d jumps away, to entries of its own", n)
	}
	ir.Optimize(f, ir.PassOptions{Verify: ir.Verify})
}

// TestLeaf: what is lifted in place of a call is exactly a short straight function that returns by x30.
func TestLeaf(t *testing.T) {
	long := append(slices.Repeat([]uint32{nop}, 12), ret)
	for _, c := range []struct {
		name   string
		callee []uint32
		inline bool
	}{
		{"an addition", []uint32{0x8b010000, ret}, true},
		{"nothing", []uint32{ret}, true},
		{"a load", []uint32{0xf9400000, ret}, true},
		{"a long one", long, false},
		{"a branch", []uint32{0x54000040, 0x8b010000, ret}, false},
		{"a call", []uint32{0x94000001, ret}, false},
		{"a system call", []uint32{0xd4000001, ret}, false},
		{"a write to x30", []uint32{0xaa0003fe, ret}, false},
		{"a load of x30", []uint32{0xf94003fe, ret}, false},
		{"a pair with x30", []uint32{0xa8c17bfd, ret}, false},
		{"a return elsewhere", []uint32{0x8b010000, 0xd65f0140}, false},
		{"no instruction", []uint32{0xffffffff, ret}, false},
		{"the end of code", []uint32{nop}, false},
	} {
		const callee = 0x1008
		src := &code{at: 0x1000, words: append([]uint32{0x94000002, ret}, c.callee...), entries: []uint64{0x1000, callee}}
		f := region(src, lift.Options{}, 0x1000)
		calls := len(terms(f, ir.TermCall))
		if (calls == 0) != c.inline || (len(f.Inlined) == 1) != c.inline {
			t.Errorf("%s: %d calls, inlined %v", c.name, calls, f.Inlined)
			continue
		}
		if c.inline && f.Inlined[0] != (ir.Span{Lo: callee, Hi: callee + 4*uint64(len(c.callee))}) {
			t.Errorf("%s: inlined %x", c.name, f.Inlined[0])
		}
	}
}

// gccSwitch is what gcc -O2 makes of a switch of six cases, with its table: offsets in bytes from the
// instruction behind the branch, in words.
func gccSwitch(count uint32) *code {
	words := []uint32{
		0x7100001f | count<<10, // cmp w0, #count
		0x540000e8 + 4<<5,      // b.hi default
		0x90000001,             // adrp x1, this page
		0x91020021,             // add x1, x1, #0x80
		0x38604820,             // ldrb w0, [x1, w0, uxtw]
		0x10000061,             // adr x1, .+12
		0x8b208820,             // add x0, x1, w0, sxtb #2
		0xd61f0000,             // br x0
	}
	for range 6 {
		words = append(words, nop, ret)
	}
	words[1] = 0x54000008 | uint32(len(words)-1)<<5
	words = append(words, ret)
	return &code{at: 0x1000, words: words, entries: []uint64{0x1000}, data: map[uint64][]byte{0x1080: {0, 2, 4, 6, 8, 10, 99}}}
}

// TestJumpTable: the cases of a switch are in the region, each at its place in the branch table; the compared bound
// is the table's end.
func TestJumpTable(t *testing.T) {
	f := region(gccSwitch(5), lift.Options{}, 0x1000)
	sw := terms(f, ir.TermSwitch)
	if len(sw) != 1 {
		t.Fatalf("%d switches\n%v", len(sw), f)
	}
	for i, b := range sw[0].Targets {
		switch {
		case i%2 == 0 && (b == ir.NoBlock || f.Blocks[b].PC != 0x1020+uint64(4*i)):
			t.Errorf("word %d leads to b%d", i, b)
		case i%2 == 1 && b != ir.NoBlock:
			t.Errorf("word %d, no case, leads to b%d", i, b)
		}
	}
	if n := len(sw[0].Targets); n != 11 {
		t.Errorf("the table has %d words", n)
	}
	if f.Blocks[sw[0].Else].Term.Kind != ir.TermTailInd {
		t.Errorf("another address leads to %v", &f.Blocks[sw[0].Else].Term)
	}
	if n := len(terms(region(gccSwitch(2), lift.Options{}, 0x1000), ir.TermSwitch)[0].Targets); n != 5 {
		t.Errorf("a bound of 2 gives a table of %d words", n)
	}
	// Without a table in memory the jump stays indirect.
	src := gccSwitch(5)
	src.data = nil
	if f := region(src, lift.Options{}, 0x1000); len(terms(f, ir.TermSwitch)) != 0 || len(terms(f, ir.TermTailInd)) != 1 {
		t.Errorf("without its table: %v", f)
	}
}

// FuzzRegion: any words as code become a region that verifies, behind the passes too, and a module that
// the engine accepts, in every form.
func FuzzRegion(f *testing.F) {
	// Parts of real functions, to be spliced, and noise.
	parts := [][]uint32{gccSwitch(5).words, {0xa9bf7bfd, 0x910003fd, 0x94000003, 0xa8c17bfd, ret}, {0xf1000421, 0x54ffffe1}, {0xd4000001, 0xd5033fdf}, {0xc85ffc20, 0xc802fc20, 0x35ffffc2}}
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var p []byte
		for range rng.IntN(24) {
			switch rng.IntN(3) {
			case 0:
				p = binary.LittleEndian.AppendUint32(p, rng.Uint32())
			case 1: // a branch to somewhere near
				w := []uint32{0x14000000 | rng.Uint32N(16), 0x54000000 | rng.Uint32N(24)<<5 | rng.Uint32N(14), 0x17fffff0 | rng.Uint32N(16), 0x94000000 | rng.Uint32N(16), 0xd61f0000 | rng.Uint32N(4)<<5}
				p = binary.LittleEndian.AppendUint32(p, w[rng.IntN(len(w))])
			default:
				for _, w := range parts[rng.IntN(len(parts))] {
					p = binary.LittleEndian.AppendUint32(p, w)
				}
			}
		}
		f.Add(p, uint8(seed))
	}
	eng, err := wazero.New(wazero.Config{KeepSize: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { eng.Close() })
	f.Fuzz(func(t *testing.T, p []byte, choice uint8) {
		src := &code{at: 0x1000, entries: []uint64{0x1000}, data: map[uint64][]byte{0x1000: p}}
		for i := 0; i+4 <= len(p) && i < 1<<12; i += 4 {
			src.words = append(src.words, binary.LittleEndian.Uint32(p[i:]))
		}
		if len(src.words) == 0 {
			return
		}
		entries := []uint64{0x1000}
		for i := range src.words {
			if (uint(i)*7+uint(choice))%11 == 3 && i > 0 {
				if choice&1 == 0 {
					entries = append(entries, 0x1000+uint64(4*i))
				}
				src.entries = append(src.entries, 0x1000+uint64(4*i))
			}
		}
		precise := choice&2 != 0
		fn := region(src, lift.Options{PreciseFP: choice&4 != 0, MaxInsns: 300}, entries...)
		if err := ir.Verify(fn); err != nil {
			t.Fatalf("%v\n%v", err, fn)
		}
		ir.Optimize(fn, ir.PassOptions{PreciseFaults: precise, Bias: arch.LinearBias, ShareBases: choice&16 == 0, Unroll: choice&8 == 0, Verify: ir.Verify})
		profile := &emit.Profile{Name: "wazero", Params: []ir.Slot{arm64.SlotX, arm64.SlotSP}, FuelParam: true, IntLocals: 5, VecLocals: 8, ProbeBounds: true, BranchInIf: true, Unroll: true, StackBytes: 1 << 20}
		if choice&8 != 0 {
			profile = &emit.Profile{Name: "v8", Params: []ir.Slot{arm64.SlotX, arm64.SlotSP, arm64.SlotX + 30}, IntLocals: -1, VecLocals: -1, StackBytes: 1 << 18}
		}
		conf := &emit.Config{Arch: arm64.IR, Profile: profile, Bias: arch.LinearBias, Hidden: 0x100000, PreciseFaults: precise,
			FMA32: lift.HelperFMA32, FMA64: lift.HelperFMA64, SyscallResult: arm64.SlotX, SyscallArgs: make([]ir.Slot, 7)}
		m, err := eng.Compile(emit.Module(conf, []emit.Region{{Func: fn, Entries: entries}}))
		if err != nil {
			t.Fatalf("%v\n%v", err, fn)
		}
		m.Close()
	})
}

// TestContextSwitch: FPSR moved beside NZCV does not ask for the precise mode, FPSR alone does.
func TestContextSwitch(t *testing.T) {
	const (
		mrsNZCV, mrsFPSR = 0xd53b4200, 0xd53b4420
		msrNZCV, msrFPSR = 0xd51b4200, 0xd51b4420
		str, ldr         = 0xf90003e0, 0xf94003e0 // x0, [sp]
	)
	for _, c := range []struct {
		name  string
		words []uint32
		want  bool
	}{
		{"saved", []uint32{mrsNZCV, str, mrsFPSR, str, ret}, false},
		{"restored", []uint32{ldr, msrFPSR, ldr, msrNZCV, ret}, false},
		{"read", []uint32{mrsFPSR, nop, nop, mrsNZCV, ret}, true},
		{"written", []uint32{msrFPSR, ret}, true},
	} {
		f := region(&code{at: 0x1000, words: c.words}, lift.Options{}, 0x1000)
		got := false
		for _, x := range terms(f, ir.TermExit) {
			got = got || x.Code == ir.ExitFPMode
		}
		if got != c.want {
			t.Errorf("%s: leaves for the precise mode: %v, want %v\n%v", c.name, got, c.want, f)
		}
	}
}

// TestRestart: a Go function that starts again after its stack was grown is no loop; one that calls
// something else before it jumps back is.
func TestRestart(t *testing.T) {
	const (
		reload   = 0xf94007e0 // ldr x0, [sp, #8]
		movX3X30 = 0xaa1e03e3
		bls      = 0x54000069 // to 0x100c
		bl       = 0x94001000
		back     = 0x17fffffb // to 0x1000, from 0x1014
	)
	for _, c := range []struct {
		name  string
		words []uint32
		loop  bool
	}{
		{"morestack", []uint32{bls, nop, ret, movX3X30, bl, back}, false},
		{"a reload", []uint32{bls - 0x20, ret, movX3X30, bl, reload, back}, false},
		{"a call", []uint32{bls, nop, ret, nop, bl, back}, true},
	} {
		f := region(&code{at: 0x1000, words: c.words, entries: []uint64{0x1000}}, lift.Options{}, 0x1000)
		if err := ir.Verify(f); err != nil {
			t.Fatal(err)
		}
		cfg := ir.NewCFG(f)
		if got := cfg.LoopHead[f.Entry]; got != c.loop {
			t.Errorf("%s: the entry is a loop's head: %v, want %v\n%v", c.name, got, c.loop, f)
		}
	}
}
