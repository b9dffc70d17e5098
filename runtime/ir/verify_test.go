package ir_test

import (
	"strings"
	"testing"

	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

// diamond is a function of four blocks with a value in the first that the others may use.
func diamond() (b *ir.Builder, v ir.Value) {
	b = ir.NewBuilder(ireval.Arch, "diamond", 0)
	for i := range uint64(4) {
		b.NewBlock(i * 16)
	}
	b.SetBlock(0)
	v = b.Get(ireval.SlotX, ir.I64)
	b.End(ir.Term{Kind: ir.TermBranch, Val: b.Wrap(v), To: 1, Else: 2})
	b.SetBlock(1)
	b.Set(ireval.SlotX+1, b.AddI(v, 1))
	b.End(ir.Term{Kind: ir.TermJump, To: 3})
	b.SetBlock(2)
	b.End(ir.Term{Kind: ir.TermJump, To: 3})
	b.SetBlock(3)
	b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint})
	return b, v
}

// TestVerify: Verify accepts what is well formed and names what is not.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name, want string
		spoil      func(f *ir.Func, v ir.Value)
	}{
		{"nothing", "", func(*ir.Func, ir.Value) {}},
		{"a block without an end", "b2 has no terminator", func(f *ir.Func, _ ir.Value) { f.Blocks[2].Term = ir.Term{} }},
		{"a value twice", "stands twice", func(f *ir.Func, v ir.Value) { f.Blocks[2].Insts = append(f.Blocks[2].Insts, v) }},
		{"a value nowhere", "stands in no block", func(f *ir.Func, v ir.Value) { f.Blocks[0].Insts = f.Blocks[0].Insts[1:] }},
		{"use before definition", "before its definition", func(f *ir.Func, _ ir.Value) {
			l := f.Blocks[1].Insts
			l[0], l[len(l)-1] = l[len(l)-1], l[0]
		}},
		{"no dominance", "does not dominate", func(f *ir.Func, _ ir.Value) {
			f.Blocks[3].Insts = []ir.Value{ir.Value(len(f.Insts))}
			f.Insts = append(f.Insts, ir.Inst{Op: ir.SetReg, Aux: uint8(ireval.SlotX), Args: [3]ir.Value{f.Blocks[1].Insts[len(f.Blocks[1].Insts)-2]}})
		}},
		{"operand of another type", "operand 0 is i64, want i32", func(f *ir.Func, v ir.Value) {
			f.Blocks[2].Insts = []ir.Value{ir.Value(len(f.Insts))}
			f.Insts = append(f.Insts, ir.Inst{Op: ir.I32Eqz, Type: ir.I32, Args: [3]ir.Value{v}})
		}},
		{"result of another type", "has type f64", func(f *ir.Func, v ir.Value) {
			f.Blocks[2].Insts = []ir.Value{ir.Value(len(f.Insts))}
			f.Insts = append(f.Insts, ir.Inst{Op: ir.I64Eqz, Type: ir.F64, Args: [3]ir.Value{v}})
		}},
		{"a slot that is too small", "fits the slot", func(f *ir.Func, v ir.Value) {
			f.Insts[f.Blocks[1].Insts[len(f.Blocks[1].Insts)-1]].Aux = uint8(ireval.SlotW)
		}},
		{"a choice by an i64", "two values of one type and an i32", func(f *ir.Func, v ir.Value) {
			f.Blocks[2].Insts = []ir.Value{ir.Value(len(f.Insts))}
			f.Insts = append(f.Insts, ir.Inst{Op: ir.Select, Type: ir.I64, Args: [3]ir.Value{v, v, v}})
		}},
		{"a condition on a number", "want flags", func(f *ir.Func, v ir.Value) {
			f.Blocks[2].Insts = []ir.Value{ir.Value(len(f.Insts))}
			f.Insts = append(f.Insts, ir.Inst{Op: ir.Test, Type: ir.I32, Args: [3]ir.Value{v}})
		}},
	} {
		b, v := diamond()
		c.spoil(b.F, v)
		err := ir.Verify(b.F)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error is %v, want %q", c.name, err, c.want)
		}
	}
}
