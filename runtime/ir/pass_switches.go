package ir

// passSwitches joins the switches over one table. An interpreter that is written with
// computed gotos, or whose switch the compiler copied to the end of each case,
// has many; each case then leads to each other, which no loop structure fits. Through one
// block they make one loop, with that block as its head. Entries of the region that are cases enter
// there too.
func passSwitches(f *Func, _ PassOptions) {
	var groups [][]BlockID
	for b := range f.Blocks {
		t := &f.Blocks[b].Term
		if t.Kind != TermSwitch || BlockID(b) == f.Entry || f.Blocks[t.Else].Term.Kind != TermTailInd || len(f.Blocks[t.Else].Insts) > 0 {
			continue
		}
		found := false
		for i, g := range groups {
			if sameTargets(f.Blocks[g[0]].Term.Targets, t.Targets) {
				groups[i] = append(g, BlockID(b))
				found = true
				break
			}
		}
		if !found {
			groups = append(groups, []BlockID{BlockID(b)})
		}
	}
	entry := f.Blocks[f.Entry].Term
	several := entry.Kind == TermSwitch
	for _, g := range groups {
		if len(g) > 1 || several {
			joinSwitches(f, g)
		}
	}
}

func sameTargets(a, b []BlockID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func joinSwitches(f *Func, members []BlockID) {
	b := &Builder{F: f, blk: NoBlock}
	index, target := uint64(f.Vars), uint64(f.Vars+1)
	f.Vars += 2
	targets := f.Blocks[members[0]].Term.Targets
	set := func(variable uint64, v Value) { b.emit(Inst{Op: SetVar, Args: [3]Value{v}, Imm: variable}) }
	s, away := b.NewBlock(0), b.NewBlock(0)
	b.SetBlock(s)
	b.End(Term{Kind: TermSwitch, Val: b.emit(Inst{Op: GetVar, Type: I32, Imm: index}), Targets: targets, Else: away})
	f.Blocks[s].Dispatch, f.Blocks[s].Target = int(index)+1, int(target)+1
	b.SetBlock(away)
	b.End(Term{Kind: TermTailInd, Val: b.emit(Inst{Op: GetVar, Type: I32, Imm: target})})
	for _, m := range members {
		t := f.Blocks[m].Term
		pc := f.Blocks[t.Else].Term.Val
		b.SetBlock(m)
		b.pos = uint32(f.Blocks[m].PC - f.Base)
		// passReduce may add ways in behind the table's; the program's index must not reach them.
		set(index, b.Select(b.LtU(t.Val, b.I32(uint32(len(targets)))), t.Val, b.I32(^uint32(0))))
		if f.TypeOf(pc) == I64 {
			pc = b.emit(Inst{Op: I32WrapI64, Type: I32, Args: [3]Value{pc}})
		}
		set(target, pc)
		f.Blocks[m].Term = Term{Kind: TermJump, To: s}
	}
	// Entries of the region that are cases.
	e := f.Blocks[f.Entry].Term
	if e.Kind != TermSwitch {
		return
	}
	place := map[BlockID]int{}
	for i, t := range targets {
		if t != NoBlock {
			place[t] = i
		}
	}
	stubs := map[BlockID]BlockID{}
	for _, t := range append([]BlockID{e.Else}, e.Targets...) {
		i, ok := place[t]
		if _, done := stubs[t]; !ok || done {
			continue
		}
		pc := f.Blocks[t].PC
		stub := b.NewBlock(pc)
		stubs[t] = stub
		b.SetBlock(stub)
		b.At(pc)
		set(index, b.I32(uint32(i)))
		set(target, b.I32(uint32(pc)))
		b.End(Term{Kind: TermJump, To: s})
	}
	redirect(&f.Blocks[f.Entry].Term, stubs)
}
