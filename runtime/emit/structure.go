package emit

import (
	"slices"

	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// Structured control flow from the dominator tree, after Ramsey, "Beyond Relooper"
// (ICFP 2022): a loop head opens a loop; a block that several edges reach follows a Wasm
// block opened by its dominator; any other block stands where its one edge is. No
// code falls through: each path ends in a branch or a return.

// structure prepares the dominator tree and finds the blocks that need labels.
func (e *fn) structure() {
	n := len(e.f.Blocks)
	e.children = make([][]ir.BlockID, n)
	e.merge = make([]bool, n)
	edges := make([]int, n)
	for _, b := range e.cfg.RPO {
		if b != e.f.Entry {
			d := e.cfg.IDom[b]
			e.children[d] = append(e.children[d], b) // RPO order
		}
		t := &e.f.Blocks[b].Term
		t.Succs(func(s ir.BlockID) {
			if e.cfg.Index[s] > e.cfg.Index[b] {
				edges[s]++
				if t.Kind == ir.TermSwitch {
					edges[s] = 2
				}
			}
		})
	}
	for b, k := range edges {
		e.merge[b] = k > 1
	}
}

// tree writes block b and all that it dominates.
func (e *fn) tree(b ir.BlockID) {
	c := e.c
	if e.cfg.LoopHead[b] {
		c.Loop(wasm.BlockEmpty)
		e.ctx = append(e.ctx, label{loop: true, blk: b})
		e.within(b)
		e.ctx = e.ctx[:len(e.ctx)-1]
		c.End()
		c.Op(wasm.OpUnreachable)
		return
	}
	e.within(b)
}

// within opens a Wasm block for each child of b that needs a label, the last in RPO outermost,
// writes b, and then the children.
func (e *fn) within(b ir.BlockID) {
	c := e.c
	var follow []ir.BlockID
	for _, k := range e.children[b] {
		if e.merge[k] {
			follow = append(follow, k)
		}
	}
	for _, k := range slices.Backward(follow) {
		c.Block(wasm.BlockEmpty)
		e.ctx = append(e.ctx, label{blk: k})
	}
	e.block(b)
	for _, k := range follow {
		e.ctx = e.ctx[:len(e.ctx)-1]
		c.End()
		e.tree(k)
	}
}

// depthOf is the branch depth to the label of block s.
func (e *fn) depthOf(s ir.BlockID) uint32 {
	for i := len(e.ctx) - 1; i >= 0; i-- {
		if e.ctx[i].blk == s {
			return uint32(len(e.ctx) - 1 - i)
		}
	}
	panic("BUG: no label for a block")
}

// back reports whether the edge b → s closes a loop.
func (e *fn) back(b, s ir.BlockID) bool { return e.cfg.Index[s] <= e.cfg.Index[b] }

// branch writes the edge b → s, where nothing follows.
func (e *fn) branch(b, s ir.BlockID) {
	switch {
	case e.back(b, s):
		e.chargeLoop(b, s)
		e.c.Br(e.depthOf(s))
	case e.merge[s]:
		e.c.Br(e.depthOf(s))
	default:
		e.tree(s)
	}
}

// chargeLoop takes the fuel of a turn, and leaves if there is none.
func (e *fn) chargeLoop(b, head ir.BlockID) {
	c := e.c
	c.LocalGet(e.fuel)
	c.I32Const(int32(max(1, min(e.loopFuel[head], 10_000))))
	c.Op(wasm.OpI32Sub)
	c.LocalTee(e.fuel)
	c.I32Const(0)
	c.Op(wasm.OpI32LtS)
	c.If(wasm.BlockEmpty)
	switch h := &e.f.Blocks[head]; {
	case h.Target != 0: // a switch that several share: a variable knows where it leads
		e.leave(func() {
			c.LocalGet(e.vars[h.Target-1])
			c.I32Const(-4)
			c.Op(wasm.OpI32And)
			c.I32Const(Preempt)
			c.Op(wasm.OpI32Or)
		})
	case h.Dispatch != 0: // the edge knows where it leads
		e.leaveAt(e.f.Blocks[b].PC, Preempt)
	default:
		e.leaveAt(h.PC, Preempt)
	}
	e.endIf()
}

// condBranch writes a two-way branch.
func (e *fn) condBranch(b ir.BlockID, t *ir.Term) {
	c := e.c
	yes, no := t.To, t.Else
	if yes == no {
		e.endBlock()
		e.branch(b, yes)
		return
	}
	plain := func(s ir.BlockID) bool { return !e.back(b, s) && e.merge[s] }
	saved := e.dirty
	switch {
	case plain(yes):
		e.cond(t.Val, false)
		e.endBlock()
		e.branchIf(yes)
		e.branch(b, no)
	case plain(no):
		e.cond(t.Val, true)
		e.endBlock()
		e.branchIf(no)
		e.branch(b, yes)
	default:
		// The edge that closes a loop goes first, inside the if.
		invert := e.back(b, no) && !e.back(b, yes)
		if invert {
			yes, no = no, yes
		}
		e.cond(t.Val, invert)
		e.endBlock()
		c.If(wasm.BlockEmpty)
		e.ctx = append(e.ctx, label{blk: ir.NoBlock})
		e.branch(b, yes)
		e.ctx = e.ctx[:len(e.ctx)-1]
		e.endIf()
		e.dirty = saved
		e.branch(b, no)
	}
}

// branchIf branches to the label of s if the I32 on the stack is not zero. wazero does not
// fuse a comparison with br_if where the edge is critical, but does with if.
func (e *fn) branchIf(s ir.BlockID) {
	if !e.conf.Profile.BranchInIf {
		e.c.BrIf(e.depthOf(s))
		return
	}
	e.c.If(wasm.BlockEmpty)
	e.c.Br(e.depthOf(s) + 1)
	e.endIf()
}

// cond pushes the truth of v, or of its opposite.
func (e *fn) cond(v ir.Value, invert bool) {
	if !invert {
		e.value(v)
		return
	}
	if e.inlined[v] {
		in := &e.f.Insts[v]
		if op, ok := opposite(in.Op); ok {
			e.value(in.Args[0])
			if in.Args[1] != 0 {
				e.value(in.Args[1])
			}
			e.c.Op(wasmOp(op))
			return
		}
		if in.Op == ir.I32Eqz {
			e.value(in.Args[0])
			return
		}
	}
	e.value(v)
	e.c.Op(wasm.OpI32Eqz)
}

// opposite is the integer comparison that is true when op is false.
func opposite(op ir.Op) (ir.Op, bool) {
	switch op {
	case ir.I32Eq:
		return ir.I32Ne, true
	case ir.I32Ne:
		return ir.I32Eq, true
	case ir.I32LtS:
		return ir.I32GeS, true
	case ir.I32GeS:
		return ir.I32LtS, true
	case ir.I32LtU:
		return ir.I32GeU, true
	case ir.I32GeU:
		return ir.I32LtU, true
	case ir.I32GtS:
		return ir.I32LeS, true
	case ir.I32LeS:
		return ir.I32GtS, true
	case ir.I32GtU:
		return ir.I32LeU, true
	case ir.I32LeU:
		return ir.I32GtU, true
	case ir.I64Eq:
		return ir.I64Ne, true
	case ir.I64Ne:
		return ir.I64Eq, true
	case ir.I64LtS:
		return ir.I64GeS, true
	case ir.I64GeS:
		return ir.I64LtS, true
	case ir.I64LtU:
		return ir.I64GeU, true
	case ir.I64GeU:
		return ir.I64LtU, true
	case ir.I64GtS:
		return ir.I64LeS, true
	case ir.I64LeS:
		return ir.I64GtS, true
	case ir.I64GtU:
		return ir.I64LeU, true
	case ir.I64LeU:
		return ir.I64GtU, true
	}
	return 0, false
}
