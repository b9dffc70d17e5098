package emit_test

import (
	"math/rand/v2"
	"testing"

	"boxer/runtime/emit"
	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

// operand gives a value of type t, from a register of its own for each n.
func operand(b *ir.Builder, t ir.Type, n int) ir.Value {
	switch t {
	case ir.I32, ir.I64:
		return b.Get(ireval.SlotX+ir.Slot(n), t)
	}
	return b.Get(ireval.SlotV+ir.Slot(n), t)
}

func zero(b *ir.Builder, t ir.Type) ir.Value {
	switch t {
	case ir.F32:
		return b.F32Bits(0)
	case ir.F64:
		return b.F64Bits(0)
	}
	return b.V128(0, 0)
}

// TestOperations: each of WebAssembly's operations that ireval knows is written as
// such, with operands and immediates in their order.
func TestOperations(t *testing.T) {
	eng := newEngine(t)
	conf := config(v8Like(), false)
	p, err := newProcess(eng, conf)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	var regions []emit.Region
	prog := &ireval.Program{At: map[uint64]ireval.Place{}}
	b := ir.NewBuilder(ireval.Arch, "", 0)
	pc := uint64(0x400000)
	var names []string
	for op := ir.Op(0); op < ir.NumOps; op++ {
		if !op.IsWasm() || !ireval.Supports(op) {
			continue
		}
		info := op.Info()
		b.Reset(ireval.Arch, op.String(), pc)
		b.SetBlock(b.NewBlock(pc))
		b.At(pc)
		var args []ir.Value
		for i, at := range info.Args {
			args = append(args, operand(b, at, i))
		}
		var r ir.Value
		switch info.Imm {
		case ir.ImmLane:
			r = b.Lane(op, 1, args...)
		case ir.ImmShuffle:
			r = b.Shuffle(args[0], args[1], [16]byte{31, 0, 17, 2, 30, 4, 5, 16, 15, 9, 22, 11, 12, 18, 14, 1})
		default:
			r = b.Op(op, args...)
			// Which NaN it is is open: only whether it is one counts.
			lanes := 0
			if info.Result == ir.V128 {
				lanes = 4
				if info.Name[:5] == "f64x2" {
					lanes = 2
				}
			}
			if info.Result == ir.F32 || info.Result == ir.F64 || info.Name[0] == 'f' && info.Result == ir.V128 {
				if len(args) > 0 && b.Type(args[0]) == info.Result {
					r = b.NaN1(r, zero(b, info.Result), lanes)
				}
			}
		}
		if info.Result.IsInt() {
			b.Set(ireval.SlotX+6, r)
		} else {
			b.Set(ireval.SlotV+3, r)
		}
		b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint, PC: pc})
		prog.At[pc] = ireval.Place{Func: len(prog.Funcs)}
		prog.Funcs = append(prog.Funcs, b.F)
		names = append(names, op.String())
		fn := ireval.CloneFunc(b.F)
		ir.Optimize(fn, ir.PassOptions{Bias: ireval.Bias, Verify: ir.Verify})
		regions = append(regions, emit.Region{Func: fn, Entries: []uint64{pc}})
		pc += 16
	}
	if err := p.load(regions); err != nil {
		for i, r := range regions {
			if _, err := eng.Compile(emit.Module(conf, []emit.Region{r})); err != nil {
				t.Errorf("%s: %v", names[i], err)
			}
		}
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for i, r := range regions {
		for range 20 {
			m := ireval.New(ireval.Arch, ireval.Bias, 16)
			ireval.RandomState(rng, m)
			want := m.Clone()
			want.Steps = 1
			want.Exec(prog.Funcs[i], 0)
			if _, err := p.exec(prog, m, r.Entries[0], func() int32 { return 1000 }, nil); err != nil {
				t.Fatalf("%s: %v", names[i], err)
			}
			for s := range m.Slots {
				if m.Slots[s] != want.Slots[s] {
					t.Fatalf("%s: %s is %x, want %x", names[i], m.Arch.Slots[s].Name, m.Slots[s], want.Slots[s])
				}
			}
		}
	}
	if len(regions) < 250 {
		t.Errorf("only %d operations", len(regions))
	}
}

// TestSelectAcrossCall: one operand of a Select has outlived a call, after which the engine
// must load it again, and is used once more; the other is what the call gave.
func TestSelectAcrossCall(t *testing.T) {
	const pc = 0x400000
	eng := newEngine(t)
	for _, op := range []struct {
		convert, add ir.Op
		lanes        int
	}{
		{ir.F32ConvertI32U, ir.F32Add, 0}, {ir.F64ConvertI32U, ir.F64Add, 0}, {ir.I32x4Splat, ir.F32x4Add, 4}, {ir.I32x4Splat, ir.F64x2Add, 2},
	} {
		b := ir.NewBuilder(ireval.Arch, "select", pc)
		b.SetBlock(b.NewBlock(pc))
		b.At(pc)
		old := b.Op(op.convert, b.Get(x1, ir.I32))
		called := b.FMA(old, operand(b, b.Type(old), 1), operand(b, b.Type(old), 2), op.lanes)
		b.Set(v0, b.Op(op.add, b.Select(b.Get(x2, ir.I32), old, called), old))
		b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint, PC: pc})
		prog := &ireval.Program{Funcs: []*ir.Func{b.F}, At: map[uint64]ireval.Place{pc: {}}}
		fn := ireval.CloneFunc(b.F)
		ir.Optimize(fn, ir.PassOptions{Bias: ireval.Bias, Verify: ir.Verify})
		p, err := newProcess(eng, config(wazeroLike(), false))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.load([]emit.Region{{Func: fn, Entries: []uint64{pc}}}); err != nil {
			t.Fatal(err)
		}
		for cond := range uint64(2) {
			m := ireval.New(ireval.Arch, ireval.Bias, 16)
			m.Slots[x1], m.Slots[x2] = ireval.V{Lo: 0x3f800000}, ireval.V{Lo: cond << 20}
			m.Slots[v1] = ireval.V{Lo: 0x4008000040400000, Hi: 0x4008000040400000} // about 3, as doubles and as floats
			want := m.Clone()
			want.Steps = 1
			want.Exec(b.F, 0)
			if _, err := p.exec(prog, m, pc, func() int32 { return 1000 }, nil); err != nil {
				t.Fatal(err)
			}
			if m.Slots[v0] != want.Slots[v0] {
				t.Errorf("%v, condition %d: %x, want %x", op.add, cond, m.Slots[v0], want.Slots[v0])
			}
		}
		p.close()
	}
}
