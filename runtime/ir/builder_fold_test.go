package ir_test

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

// twice makes the same code two ways: through a Builder, which folds, shares and forwards, and inst for
// inst, as it was asked for.
type twice struct {
	*rand.Rand
	b     *ir.Builder
	plain *ir.Func
	pool  [7][]pair // values so far, by type
}

// A pair is a value in both.
type pair struct{ built, plain ir.Value }

func newTwice(rng *rand.Rand) *twice {
	b := ir.NewBuilder(ireval.Arch, "", 0)
	b.SetBlock(b.NewBlock(0))
	return &twice{Rand: rng, b: b, plain: &ir.Func{Arch: ireval.Arch, Insts: make([]ir.Inst, 1), Blocks: make([]ir.Block, 1)}}
}

func (t *twice) inst(in ir.Inst) ir.Value {
	v := ir.Value(len(t.plain.Insts))
	t.plain.Insts = append(t.plain.Insts, in)
	t.plain.Blocks[0].Insts = append(t.plain.Blocks[0].Insts, v)
	return v
}

func (t *twice) keep(p pair) pair {
	typ := t.plain.TypeOf(p.plain)
	t.pool[typ] = append(t.pool[typ], p)
	return p
}

// foldable are the operations that a Builder knows something about, and some that it passes on.
var foldable = func() (list []ir.Op) {
	list = []ir.Op{ir.I32WrapI64, ir.I64ExtendI32U, ir.I64ExtendI32S, ir.F64ReinterpretI64, ir.F32ReinterpretI32,
		ir.I64ReinterpretF64, ir.I32ReinterpretF32, ir.I32x4ExtractLane, ir.I64x2ExtractLane, ir.F32x4ExtractLane, ir.F64x2ExtractLane,
		ir.I32x4ReplaceLane, ir.I64x2ReplaceLane, ir.F32x4ReplaceLane, ir.F64x2ReplaceLane, ir.I16x8ReplaceLane}
	for _, op := range []ir.Op{ir.I32Add, ir.I32Sub, ir.I32Mul, ir.I32And, ir.I32Or, ir.I32Xor, ir.I32Shl, ir.I32ShrU, ir.I32ShrS,
		ir.I32Rotr, ir.I32Rotl, ir.I32Eq, ir.I32Ne, ir.I32LtU, ir.I32GeU, ir.I32LtS, ir.I32GtU, ir.I32Eqz, ir.I32Extend8S, ir.I32Extend16S,
		ir.I64Add, ir.I64Sub, ir.I64Mul, ir.I64And, ir.I64Or, ir.I64Xor, ir.I64Shl, ir.I64ShrU, ir.I64ShrS,
		ir.I64Rotr, ir.I64Rotl, ir.I64Eq, ir.I64Ne, ir.I64LtU, ir.I64GeU, ir.I64LtS, ir.I64GtU, ir.I64Eqz, ir.I64Extend8S, ir.I64Extend16S, ir.I64Extend32S} {
		list = append(list, op, op) // these are most of what there is
	}
	return list
}()

// value gives a value of type typ: one there is, a constant, a register, or an operation's.
func (t *twice) value(typ ir.Type, depth int) pair {
	if old := t.pool[typ]; len(old) > 0 && t.IntN(3) > 0 {
		return old[t.IntN(len(old))]
	}
	if depth == 0 || t.IntN(4) == 0 {
		return t.keep(t.leaf(typ))
	}
	if t.IntN(10) == 0 {
		c, x, y := t.value(ir.I32, depth-1), t.value(typ, depth-1), t.value(typ, depth-1)
		return t.keep(pair{t.b.Select(c.built, x.built, y.built),
			t.inst(ir.Inst{Op: ir.Select, Type: typ, Args: [3]ir.Value{x.plain, y.plain, c.plain}})})
	}
	for {
		op := foldable[t.IntN(len(foldable))]
		info := op.Info()
		if info.Result != typ {
			continue
		}
		in := ir.Inst{Op: op, Type: typ}
		var args []ir.Value
		for i, at := range info.Args {
			p := t.value(at, depth-1)
			args = append(args, p.built)
			in.Args[i] = p.plain
		}
		if info.Imm != ir.ImmLane {
			return t.keep(pair{t.b.Op(op, args...), t.inst(in)})
		}
		lane := t.IntN(2)
		in.Imm = uint64(lane)
		return t.keep(pair{t.b.Lane(op, lane, args...), t.inst(in)})
	}
}

func (t *twice) leaf(typ ir.Type) pair {
	if t.IntN(3) > 0 {
		s := slotOf(t.Rand, typ)
		return pair{t.b.Get(s, typ), t.inst(ir.Inst{Op: ir.GetReg, Type: typ, Aux: uint8(s)})}
	}
	edges := []uint64{0, 1, 2, 31, 32, 63, 64, 0xff, 0x80, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 32, 1 << 63, ^uint64(0)}
	imm, imm2 := edges[t.IntN(len(edges))], uint64(0)
	var built ir.Value
	switch typ {
	case ir.I32:
		imm &= 1<<32 - 1
		built = t.b.I32(uint32(imm))
	case ir.I64:
		built = t.b.I64(imm)
	case ir.F32:
		imm &= 1<<32 - 1
		built = t.b.F32Bits(uint32(imm))
	case ir.F64:
		built = t.b.F64Bits(imm)
	default:
		imm2 = t.Uint64()
		built = t.b.V128(imm, imm2)
	}
	return pair{built, t.inst(ir.Inst{Op: ir.Const, Type: typ, Imm: imm, Imm2: imm2})}
}

// slotOf is a register that can be read and written at type typ.
func slotOf(rng *rand.Rand, typ ir.Type) ir.Slot {
	switch {
	case typ == ir.I32 && rng.IntN(4) == 0:
		return ireval.SlotW
	case typ.IsInt() && rng.IntN(4) > 0:
		return ireval.SlotX + ir.Slot(rng.IntN(3))
	case typ == ir.I32:
		return ireval.SlotX + 3
	}
	return ireval.SlotV + ir.Slot(rng.IntN(3))
}

// TestFolding: what a Builder makes of operations means what they mean, for any operands: registers,
// constants at the edges, and each other; with registers written and read at different types between them.
func TestFolding(t *testing.T) {
	types := []ir.Type{ir.I32, ir.I64, ir.F32, ir.F64, ir.V128}
	saved := 0
	for seed := range uint64(3000) {
		w := newTwice(rand.New(rand.NewPCG(seed, 11)))
		for range 12 {
			typ := types[w.IntN(len(types))]
			v, s := w.value(typ, 3), slotOf(w.Rand, typ)
			w.b.Set(s, v.built)
			w.inst(ir.Inst{Op: ir.SetReg, Aux: uint8(s), Args: [3]ir.Value{v.plain}})
		}
		end := ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint}
		w.b.End(end)
		w.plain.Blocks[0].Term = end
		for _, f := range []*ir.Func{w.b.F, w.plain} {
			if err := ir.Verify(f); err != nil {
				t.Fatalf("seed %d: %v\n%v", seed, err, f)
			}
		}
		saved += len(w.plain.Blocks[0].Insts) - len(w.b.F.Blocks[0].Insts)
		for range 4 {
			want := ireval.New(ireval.Arch, ireval.Bias, 0)
			ireval.RandomState(w.Rand, want)
			got := want.Clone()
			want.Steps, got.Steps = 1, 1
			want.Exec(w.plain, 0)
			got.Exec(w.b.F, 0)
			for i := range want.Slots {
				if want.Slots[i] != got.Slots[i] {
					t.Fatalf("seed %d: %s is %x, want %x\nbuilt:\n%v\nasked for:\n%v", seed, ireval.Arch.Slots[i].Name, got.Slots[i], want.Slots[i], w.b.F, w.plain)
				}
			}
		}
	}
	if saved < 3000 {
		t.Errorf("only %d insts were saved", saved)
	}
}

// TestDerived: the operations that a Builder makes of others, against package bits.
func TestDerived(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 12))
	for _, c := range []struct {
		name string
		make func(b *ir.Builder, x ir.Value) ir.Value
		w64  func(uint64) uint64
		w32  func(uint32) uint32
	}{
		{"bswap", (*ir.Builder).Bswap, bits.ReverseBytes64, bits.ReverseBytes32},
		{"bit reverse", (*ir.Builder).BitReverse, bits.Reverse64, bits.Reverse32},
		{"not", (*ir.Builder).Not, func(x uint64) uint64 { return ^x }, func(x uint32) uint32 { return ^x }},
		{"neg", (*ir.Builder).Neg, func(x uint64) uint64 { return -x }, func(x uint32) uint32 { return -x }},
		{"rotate", func(b *ir.Builder, x ir.Value) ir.Value { return b.RotrI(x, 40) },
			func(x uint64) uint64 { return bits.RotateLeft64(x, -40) }, func(x uint32) uint32 { return bits.RotateLeft32(x, -8) }},
	} {
		for _, typ := range []ir.Type{ir.I32, ir.I64} {
			b := ir.NewBuilder(ireval.Arch, "", 0)
			b.SetBlock(b.NewBlock(0))
			b.Set(ireval.SlotX+1, b.ZExt(c.make(b, b.Get(ireval.SlotX, typ))))
			b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint})
			for range 50 {
				m := ireval.New(ireval.Arch, ireval.Bias, 0)
				ireval.RandomState(rng, m)
				x := m.Slots[ireval.SlotX].Lo
				want := c.w64(x)
				if typ == ir.I32 {
					want = uint64(c.w32(uint32(x)))
				}
				m.Steps = 1
				if m.Exec(b.F, 0); m.Slots[ireval.SlotX+1].Lo != want {
					t.Fatalf("%s of %v %#x is %#x, want %#x\n%v", c.name, typ, x, m.Slots[ireval.SlotX+1].Lo, want, b.F)
				}
			}
		}
	}
}
