package ir

import "testing"

// TestLanes: lanes are found where they were put, and constants stay constants.
func TestLanes(t *testing.T) {
	b := new(Builder)
	b.Reset(&Arch{Name: "test", Slots: []SlotInfo{{Name: "v0", Type: V128}, {Name: "x0", Type: I64}}}, "f", 0)
	b.SetBlock(b.NewBlock(0))
	v, x := b.Get(0, V128), b.Get(1, I64)
	f := b.Op(F64ReinterpretI64, x)
	if got := b.Lane(F64x2ExtractLane, 1, b.Lane(F64x2ReplaceLane, 1, v, f)); got != f {
		t.Errorf("the replaced lane is v%d, want v%d", got, f)
	}
	plain := b.Lane(I64x2ExtractLane, 0, v)
	if got := b.Lane(I64x2ExtractLane, 0, b.Lane(I64x2ReplaceLane, 1, b.Lane(F32x4ReplaceLane, 3, v, b.F32Bits(7)), x)); got != plain {
		t.Errorf("a lane beside replaced ones is v%d, want v%d", got, plain)
	}
	overlap := b.Lane(I32x4ExtractLane, 1, b.Lane(I64x2ReplaceLane, 0, v, x))
	if in := b.F.Inst(overlap); in.Op != I32x4ExtractLane || b.F.Inst(in.Args[0]).Op != I64x2ReplaceLane {
		t.Errorf("half of a replaced lane is %v of %v", in.Op, b.F.Inst(in.Args[0]).Op)
	}
	k := b.V128(0x1111111122222222, 0x3333333344444444)
	for lane, want := range []uint64{0x22222222, 0x11111111, 0x44444444, 0x33333333} {
		in := b.F.Inst(b.Lane(F32x4ExtractLane, lane, k))
		if in.Op != Const || in.Type != F32 || in.Imm != want {
			t.Errorf("lane %d of a constant is %v %v %#x", lane, in.Op, in.Type, in.Imm)
		}
	}
	if got, _ := b.Const(b.Lane(I64x2ExtractLane, 1, k)); got != 0x3333333344444444 {
		t.Errorf("the high half of a constant is %#x", got)
	}
	if got, want := b.Lane(I32x4ReplaceLane, 2, k, b.I32(5)), b.V128(0x1111111122222222, 0x3333333300000005); got != want {
		t.Errorf("a constant with a lane replaced is v%d, want v%d", got, want)
	}
}

func newTestBuilder() *Builder {
	b := NewBuilder(&Arch{Name: "test", Slots: []SlotInfo{{Name: "x0", Type: I64}, {Name: "x1", Type: I64}, {Name: "v0", Type: V128}, {Name: "w", Type: I32}}}, "f", 0)
	b.SetBlock(b.NewBlock(0))
	return b
}

// TestFolds: what becomes simpler, or nothing at all. Both sides are built, and must be the same value.
func TestFolds(t *testing.T) {
	b := newTestBuilder()
	x, y := b.Get(0, I64), b.Get(1, I64)
	n := b.Get(3, I32)
	f := b.Op(F64ReinterpretI64, x)
	for _, c := range []struct {
		name      string
		got, want Value
	}{
		{"x + 0", b.AddI(x, 0), x},
		{"0 + x", b.Add(b.I64(0), x), x},
		{"5 + x is x + 5", b.Add(b.I64(5), x), b.AddI(x, 5)},
		{"(x + 5) + 7", b.AddI(b.AddI(x, 5), 7), b.AddI(x, 12)},
		{"(x + 5) − 5", b.Sub(b.AddI(x, 5), b.I64(5)), x},
		{"(n + (2³²−1)) + 1", b.AddI(b.AddI(n, 1<<32-1), 1), n},
		{"x − 3 is x + −3", b.Sub(x, b.I64(3)), b.AddI(x, ^uint64(2))},
		{"x − x", b.Sub(x, x), b.I64(0)},
		{"x × 1", b.Mul(x, b.I64(1)), x},
		{"1 × x", b.Mul(b.I64(1), x), x},
		{"x & 0", b.AndI(x, 0), b.I64(0)},
		{"x & all", b.AndI(x, ^uint64(0)), x},
		{"all & n", b.And(b.I32(^uint32(0)), n), n},
		{"7 & x is x & 7", b.And(b.I64(7), x), b.AndI(x, 7)},
		{"x & x", b.And(x, x), x},
		{"x | 0", b.Or(x, b.I64(0)), x},
		{"0 | x", b.Or(b.I64(0), x), x},
		{"x | x", b.Or(x, x), x},
		{"x ^ x", b.Xor(x, x), b.I64(0)},
		{"0 ^ x", b.Xor(b.I64(0), x), x},
		{"x << 0", b.ShlI(x, 0), x},
		{"n >> 32", b.ShrUI(n, 32), n},
		{"x rotated by 64", b.RotrI(x, 64), x},
		{"1 << 33 in 32 bits", b.ShlI(b.I32(1), 33), b.I32(2)},
		{"the sign, shifted", b.ShrSI(b.I32(1<<31), 31), b.I32(1<<32 - 1)},
		{"a constant, rotated", b.RotrI(b.I64(1), 1), b.I64(1 << 63)},
		{"x == 0", b.Eq(x, b.I64(0)), b.Eqz(x)},
		{"3 == 3", b.Eq(b.I64(3), b.I64(3)), b.I32(1)},
		{"3 != 3", b.Ne(b.I32(3), b.I32(3)), b.I32(0)},
		{"−1 < 0, unsigned", b.LtU(b.I64(^uint64(0)), b.I64(0)), b.I32(0)},
		{"−1 ≥ 0, unsigned", b.GeU(b.I64(^uint64(0)), b.I64(0)), b.I32(1)},
		{"no constant", b.Eqz(b.I64(0)), b.I32(1)},
		{"wrap of extend", b.Wrap(b.ZExt(n)), n},
		{"wrap of sign extend", b.Wrap(b.SExt(n)), n},
		{"wrap of a constant", b.Wrap(b.I64(1<<32 + 9)), b.I32(9)},
		{"extend of a constant", b.SExt(b.I32(1 << 31)), b.I64(0xffffffff80000000)},
		{"sign of what was extended", b.Op(I64Extend32S, b.ZExt(n)), b.SExt(n)},
		{"sign of a byte", b.Op(I64Extend8S, b.I64(0x180)), b.I64(^uint64(0x7f))},
		{"sign of a halfword", b.Op(I32Extend16S, b.I32(0x18000)), b.I32(0xffff8000)},
		{"bits of a double of bits", b.Op(I64ReinterpretF64, f), x},
		{"a double of bits of a double", b.Op(F64ReinterpretI64, b.Op(I64ReinterpretF64, f)), f},
		{"select of equals", b.Select(n, x, x), x},
		{"select by 0", b.Select(b.I32(0), x, y), y},
		{"select by 2", b.Select(b.I32(2), x, y), x},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, *b.F.Inst(c.got), *b.F.Inst(c.want))
		}
	}
	before := len(b.F.Insts)
	if b.ExitIf(b.I32(0), ExitFault, 0); len(b.F.Insts) != before {
		t.Error("an exit that never happens stands in the code")
	}
}

// TestSharing: equal pure values of a block are one value, whatever else there is; what differs in
// anything is another, and so is everything in another block.
func TestSharing(t *testing.T) {
	b := newTestBuilder()
	x, y := b.Get(0, I64), b.Get(1, I64)
	v := b.Get(2, V128)
	pure := func() []Value {
		return []Value{
			b.Add(x, y), b.Add(y, x), b.Sub(x, y), b.Add(x, x), b.Wrap(x), b.Wrap(y),
			b.I32(1), b.I64(1), b.F32Bits(1), b.F64Bits(1), b.V128(1, 0), b.V128(1, 1), b.V128(0, 1),
			b.Lane(I8x16ExtractLaneU, 0, v), b.Lane(I8x16ExtractLaneU, 1, v), b.Lane(I8x16ExtractLaneS, 1, v),
			b.Shuffle(v, v, [16]byte{1}), b.Shuffle(v, v, [16]byte{15: 1}), b.Select(b.Wrap(x), x, y), b.Select(b.Wrap(x), y, x), b.Select(b.Wrap(y), x, y),
			b.FMA(v, v, v, 2), b.FMA(v, v, v, 4), b.NaN1(v, v, 2), b.NaN2(v, v, v, 2), b.Div(true, x, y), b.Div(false, x, y), b.MulHi(true, x, y),
		}
	}
	first := pure()
	seen := map[Value]int{}
	for i, v := range first {
		if j, ok := seen[v]; ok {
			t.Errorf("values %d and %d are one: %+v", j, i, *b.F.Inst(v))
		}
		seen[v] = i
	}
	for i, v := range pure() {
		if v != first[i] {
			t.Errorf("value %d was made twice: %+v", i, *b.F.Inst(v))
		}
	}
	// More values than the table has room for: none may be taken for another, whose place it has.
	for i := range uint64(20 << cseBits) {
		k := i * 0x9e3779b97f4a7c15
		if got, ok := b.Const(b.I64(k)); !ok || got != k {
			t.Fatalf("constant %d is %#x", i, got)
		}
		c := b.V128(7, k)
		if in := b.F.Inst(c); in.Imm2 != k {
			t.Fatalf("constant %d is %+v", i, in)
		}
		if in := b.F.Inst(b.FMA(c, v, v, 2)); in.Aux != 2 || in.Args[0] != c {
			t.Fatalf("value %d is %+v", i, in)
		}
		if in := b.F.Inst(b.FMA(c, v, v, 4)); in.Aux != 4 || in.Args[0] != c {
			t.Fatalf("value %d is %+v", i, in)
		}
	}
	// What reads or changes something is done each time.
	twice := map[string]func() Value{
		"load":        func() Value { return b.Load(Mem64, I64, x, 0) },
		"atomic load": func() Value { return b.AtomicLoad(Mem64, I64, x) },
		"atomic add":  func() Value { return b.AtomicRMW(RMWAdd, Mem64, x, y) },
		"helper":      func() Value { return b.Helper(1, x) },
		"entry":       func() Value { return b.EntryIndex() },
	}
	for name, f := range twice {
		if first := f(); f() == first {
			t.Errorf("%s is done once for two", name)
		}
	}
	b.End(Term{Kind: TermTail})
	b.SetBlock(b.NewBlock(4))
	for i, v := range []Value{b.I64(1), b.Wrap(x), b.Get(0, I64)} {
		if int(v) <= int(first[len(first)-1]) {
			t.Errorf("value %d of another block is v%d", i, v)
		}
	}
}

// TestForwarding: a register that was written is not read again, at whatever type, until it is written
// anew; a narrow write clears the rest.
func TestForwarding(t *testing.T) {
	b := newTestBuilder()
	gets := func() (n int) {
		for _, v := range b.Block().Insts {
			if b.F.Inst(v).Op == GetReg {
				n++
			}
		}
		return n
	}
	x := b.Get(0, I64)
	if b.Get(0, I64) != x || b.Get(0, I32) != b.Wrap(x) || gets() != 1 {
		t.Errorf("%d reads of a register that was read in full", gets())
	}
	n := b.Get(1, I32)
	if wide := b.Get(1, I64); gets() != 3 || b.Get(1, I32) != n || b.Get(1, I64) != wide {
		t.Errorf("%d reads; a part that was read says nothing of the rest", gets())
	}
	b.Set(0, n)
	if b.Get(0, I32) != n || b.Get(0, I64) != b.ZExt(n) {
		t.Error("a narrow write is not what is read")
	}
	b.Set(0, x)
	if b.Get(0, I64) != x {
		t.Error("an earlier write is read")
	}
	for _, c := range []struct {
		set Value
		t   Type
	}{{b.F32Bits(5), F32}, {b.F64Bits(6), F64}, {b.I64(7), I64}, {b.V128(8, 9), V128}} {
		b.Set(2, c.set)
		if b.Get(2, c.t) != c.set {
			t.Errorf("a %v that was written is not what is read", c.t)
		}
		in := b.F.Inst(b.Get(2, V128))
		if imm := b.F.Inst(c.set); in.Op != Const || in.Imm != imm.Imm || in.Imm2 != imm.Imm2 {
			t.Errorf("in full, a %v that was written is %+v", c.t, *in)
		}
	}
	if gets() != 3 {
		t.Errorf("%d reads, want 3", gets())
	}
}
