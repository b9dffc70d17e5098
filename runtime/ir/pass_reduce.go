package ir

// passReduce gives every cycle a single entry, which structured control flow needs:
// where a strongly connected component is entered at several blocks, those edges set a variable and go
// through a new block that switches on it. gcc does emit such loops, and a region
// with several entries has them at every loop.
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
		inside := map[BlockID]bool{}
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
func (r *reducer) entries(inside map[BlockID]bool) []BlockID {
	entered := map[BlockID]bool{}
	if inside[r.f.Entry] {
		entered[r.f.Entry] = true
	}
	for b := range r.f.Blocks {
		if inside[BlockID(b)] {
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
		if entered[BlockID(b)] {
			list = append(list, BlockID(b))
		}
	}
	if len(list) == 0 { // not reachable at all
		for b := range r.f.Blocks {
			if inside[BlockID(b)] {
				return []BlockID{BlockID(b)}
			}
		}
	}
	return list
}

// dispatch routes all edges to entries through one new block, and adds the new blocks to
// scc. Edges from inside and from outside take different ways there: a block on both ways
// would itself be a second entry.
func (r *reducer) dispatch(entries []BlockID, inside map[BlockID]bool, scc *[]BlockID) BlockID {
	f := r.f
	b := &Builder{F: f, blk: NoBlock}
	variable := uint64(f.Vars)
	f.Vars++
	old := len(f.Blocks)
	d := b.NewBlock(0)
	inner, outer := map[BlockID]BlockID{}, map[BlockID]BlockID{}
	for i, e := range entries {
		for _, stub := range []map[BlockID]BlockID{inner, outer} {
			s := b.NewBlock(f.Blocks[e].PC)
			stub[e] = s
			b.SetBlock(s)
			b.At(f.Blocks[e].PC)
			b.emit(Inst{Op: SetVar, Args: [3]Value{b.I32(uint32(i))}, Imm: variable})
			b.End(Term{Kind: TermJump, To: d})
		}
		*scc = append(*scc, inner[e])
	}
	for i := range old {
		if inside[BlockID(i)] {
			redirect(&f.Blocks[i].Term, inner)
		} else {
			redirect(&f.Blocks[i].Term, outer)
		}
	}
	if s, ok := outer[f.Entry]; ok {
		f.Entry = s
	}
	b.SetBlock(d)
	t := Term{Kind: TermSwitch, Val: b.emit(Inst{Op: GetVar, Type: I32, Imm: variable}), Else: entries[0]}
	t.Targets = append(t.Targets, entries...)
	b.End(t)
	*scc = append(*scc, d)
	return d
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
