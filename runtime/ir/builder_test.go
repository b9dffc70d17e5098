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
