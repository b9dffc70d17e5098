package ireval

import (
	"slices"

	"boxer/runtime/ir"
)

// CloneFunc copies f, so that one copy can be optimised and compared with the other.
func CloneFunc(f *ir.Func) *ir.Func {
	c := *f
	c.Insts = slices.Clone(f.Insts)
	c.Blocks = slices.Clone(f.Blocks)
	for i := range c.Blocks {
		b := &c.Blocks[i]
		b.Insts = slices.Clone(b.Insts)
		b.Term.Targets = slices.Clone(b.Term.Targets)
	}
	return &c
}

// Enter returns a copy of f that is entered at the blocks given, by EntryIndex if
// there are several: what the front end makes of the same code for other entries.
func Enter(f *ir.Func, at ...ir.BlockID) *ir.Func {
	c := CloneFunc(f)
	c.Entry = at[0]
	if len(at) == 1 {
		return c
	}
	v := ir.Value(len(c.Insts))
	c.Insts = append(c.Insts, ir.Inst{Op: ir.EntryIndex, Type: ir.I32})
	c.Entry = ir.BlockID(len(c.Blocks))
	c.Blocks = append(c.Blocks, ir.Block{PC: c.Blocks[at[0]].PC, Insts: []ir.Value{v},
		Term: ir.Term{Kind: ir.TermSwitch, Val: v, Targets: slices.Clone(at), Else: at[0]}})
	return c
}
