package ir

// passReduce gives every cycle a single entry, which structured control flow needs. Where a
// strongly connected component is entered at several blocks, all ways in go through
// its head: a block that switches on a variable, which they set first. The component keeps its
// inner edges, but for those to the block that was the best head before. gcc does emit
// such loops, and a region with several entries has them at every loop.
func passReduce(f *Func, _ PassOptions) {
	if !NewCFG(f).Irreducible {
		return
	}
	r := &reducer{f: f}
	all := make([]BlockID, len(f.Blocks))
	for i := range all {
		all[i] = BlockID(i)
	}
	r.component(all, nil)
}

type reducer struct {
	f *Func
	// Tarjan's algorithm
	index, low []int32
	in         []bool // blocks looked at, or on the stack
	onStack    []bool
	stack      []BlockID
	next       int32
}

// component handles the cycles among blocks, not counting edges into heads.
func (r *reducer) component(blocks []BlockID, heads map[BlockID]bool) {
	for _, scc := range r.sccs(blocks, heads) {
		inside := make([]bool, len(r.f.Blocks))
		for _, b := range scc {
			inside[b] = true
		}
		entries := r.entries(inside)
		head := entries[0]
		if len(entries) > 1 {
			head = r.dispatch(entries, inside, &scc)
		}
		inner := map[BlockID]bool{head: true}
		for h := range heads {
			inner[h] = true
		}
		rest := scc[:0:0]
		for _, b := range scc {
			if b != head {
				rest = append(rest, b)
			}
		}
		r.component(rest, inner)
	}
}

// entries lists the blocks of a component that edges from elsewhere reach, in ascending order.
func (r *reducer) entries(inside []bool) []BlockID {
	entered := make([]bool, len(inside))
	if inside[r.f.Entry] {
		entered[r.f.Entry] = true
	}
	for b := range r.f.Blocks {
		if inside[b] {
			continue
		}
		r.f.Blocks[b].Term.Succs(func(s BlockID) {
			if inside[s] {
				entered[s] = true
			}
		})
	}
	var list []BlockID
	for b := range r.f.Blocks {
		if entered[b] {
			list = append(list, BlockID(b))
		}
	}
	if len(list) == 0 { // not reachable at all
		for b := range r.f.Blocks {
			if inside[b] {
				return []BlockID{BlockID(b)}
			}
		}
	}
	return list
}

// dispatch routes the edges from outside through one head, and returns that. New
// blocks are added to scc.
func (r *reducer) dispatch(entries []BlockID, inside []bool, scc *[]BlockID) BlockID {
	f := r.f
	b := &Builder{F: f, blk: NoBlock}
	old := len(f.Blocks)
	head := r.switchIn(*scc)
	inner := map[BlockID]BlockID{}
	if head == NoBlock {
		best := r.bestHead(*scc, inside, entries)
		variable := f.Vars
		f.Vars++
		head = b.NewBlock(0)
		b.SetBlock(head)
		b.End(Term{Kind: TermSwitch, Val: b.emit(Inst{Op: GetVar, Type: I32, Imm: uint64(variable)}), Else: best, Targets: []BlockID{best}})
		f.Blocks[head].Dispatch = variable + 1
		inner[best] = r.stub(b, best, variable, 0, 0, head)
		*scc = append(*scc, head, inner[best])
	}
	h := &f.Blocks[head]
	variable, target := h.Dispatch-1, h.Target
	outer := map[BlockID]BlockID{}
	for _, e := range entries {
		if e == head {
			continue
		}
		t := &f.Blocks[head].Term
		t.Targets = append(t.Targets[:len(t.Targets):len(t.Targets)], e)
		outer[e] = r.stub(b, e, variable, len(t.Targets)-1, target, head)
	}
	for i := range old {
		if BlockID(i) == head {
			continue
		}
		if inside[i] {
			redirect(&f.Blocks[i].Term, inner)
		} else {
			redirect(&f.Blocks[i].Term, outer)
		}
	}
	if s, ok := outer[f.Entry]; ok {
		f.Entry = s
	}
	return head
}

// stub makes a block that goes to block e by way of head, as its index-th target.
func (r *reducer) stub(b *Builder, e BlockID, variable, index, target int, head BlockID) BlockID {
	pc := r.f.Blocks[e].PC
	s := b.NewBlock(pc)
	b.SetBlock(s)
	b.At(pc)
	b.emit(Inst{Op: SetVar, Args: [3]Value{b.I32(uint32(index))}, Imm: uint64(variable)})
	if target != 0 {
		b.emit(Inst{Op: SetVar, Args: [3]Value{b.I32(uint32(pc))}, Imm: uint64(target - 1)})
	}
	b.End(Term{Kind: TermJump, To: head})
	return s
}

// switchIn finds a block of a component that only switches, to be its head at no cost.
func (r *reducer) switchIn(scc []BlockID) BlockID {
	for _, b := range scc {
		if blk := &r.f.Blocks[b]; blk.Dispatch != 0 && blk.Target != 0 {
			return b
		}
	}
	return NoBlock
}

// bestHead is the block with the most jumps back to it, by guest addresses.
func (r *reducer) bestHead(scc []BlockID, inside []bool, entries []BlockID) BlockID {
	back := map[BlockID]int{}
	for i, in := range inside {
		if !in {
			continue
		}
		b := BlockID(i)
		pc := r.f.Blocks[b].PC
		r.f.Blocks[b].Term.Succs(func(s BlockID) {
			// A part of a split block has its PC, and uses its values: it stays where it is.
			if to := r.f.Blocks[s].PC; inside[s] && to != 0 && (to < pc || s == b) {
				back[s]++
			}
		})
	}
	best := entries[0]
	for _, b := range scc {
		if back[b] > back[best] || back[b] == back[best] && back[b] > 0 && r.f.Blocks[b].PC < r.f.Blocks[best].PC {
			best = b
		}
	}
	return best
}

func redirect(t *Term, to map[BlockID]BlockID) {
	move := func(b *BlockID) {
		if s, ok := to[*b]; ok {
			*b = s
		}
	}
	switch t.Kind {
	case TermJump, TermCall, TermCallInd, TermSyscall:
		move(&t.To)
	case TermBranch:
		move(&t.To)
		move(&t.Else)
	case TermSwitch:
		for i := range t.Targets {
			move(&t.Targets[i])
		}
		move(&t.Else)
	}
}

// sccs finds the components that have a cycle.
func (r *reducer) sccs(blocks []BlockID, heads map[BlockID]bool) [][]BlockID {
	n := len(r.f.Blocks)
	r.index, r.low = make([]int32, n), make([]int32, n)
	r.in, r.onStack = make([]bool, n), make([]bool, n)
	r.stack, r.next = r.stack[:0], 0
	for _, b := range blocks {
		r.in[b] = true
	}
	var found [][]BlockID
	type frame struct {
		b    BlockID
		succ []BlockID
	}
	succs := func(b BlockID) []BlockID {
		var s []BlockID
		r.f.Blocks[b].Term.Succs(func(t BlockID) {
			if r.in[t] && !heads[t] {
				s = append(s, t)
			}
		})
		return s
	}
	enter := func(b BlockID) frame {
		r.next++
		r.index[b], r.low[b] = r.next, r.next
		r.stack = append(r.stack, b)
		r.onStack[b] = true
		return frame{b, succs(b)}
	}
	for _, root := range blocks {
		if r.index[root] != 0 {
			continue
		}
		work := []frame{enter(root)}
		for len(work) > 0 {
			top := &work[len(work)-1]
			if len(top.succ) > 0 {
				s := top.succ[0]
				top.succ = top.succ[1:]
				if r.index[s] == 0 {
					work = append(work, enter(s))
				} else if r.onStack[s] {
					r.low[top.b] = min(r.low[top.b], r.index[s])
				}
				continue
			}
			b := top.b
			work = work[:len(work)-1]
			if len(work) > 0 {
				p := work[len(work)-1].b
				r.low[p] = min(r.low[p], r.low[b])
			}
			if r.low[b] != r.index[b] {
				continue
			}
			var scc []BlockID
			for {
				s := r.stack[len(r.stack)-1]
				r.stack = r.stack[:len(r.stack)-1]
				r.onStack[s] = false
				scc = append(scc, s)
				if s == b {
					break
				}
			}
			self := false
			for _, s := range succs(b) {
				self = self || s == b
			}
			if len(scc) > 1 || self {
				found = append(found, scc)
			}
		}
	}
	return found
}
