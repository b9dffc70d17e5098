package ir

// slotSet is a set of slots.
type slotSet [4]uint64

func (s *slotSet) add(i Slot)      { s[i>>6] |= 1 << (i & 63) }
func (s *slotSet) del(i Slot)      { s[i>>6] &^= 1 << (i & 63) }
func (s *slotSet) has(i Slot) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s *slotSet) union(o *slotSet) (changed bool) {
	for i := range s {
		if n := s[i] | o[i]; n != s[i] {
			s[i], changed = n, true
		}
	}
	return changed
}

// flagsUsed stands in a slotSet for: the flags are read later. Comparisons are evaluated where
// they are used, so that the flags' slot itself matters only at exits that
// such a read follows.
const flagsUsed Slot = 255

// passDeadSets removes each SetReg whose slot is written again before anything could
// look: a GetReg, an exit, or another region. At a call, a return or a jump away
// every slot can be seen but those that the calling convention leaves undefined.
func passDeadSets(f *Func, opt PassOptions) {
	c := NewCFG(f)
	var all, atCalls slotSet
	for i, s := range f.Arch.Slots {
		all.add(Slot(i))
		if !s.CallDead {
			atCalls.add(Slot(i))
		}
	}
	// exit adds what can be seen at an exit from which the program goes on here.
	exit := func(live *slotSet) {
		live.union(&atCalls)
		if live.has(flagsUsed) {
			live.add(f.Arch.Flags)
		}
	}
	liveIn := make([]slotSet, len(f.Blocks))
	liveOut := func(b BlockID) slotSet {
		t := &f.Blocks[b].Term
		switch t.Kind {
		case TermExit, TermSyscall:
			return all
		case TermJump, TermBranch, TermSwitch:
			var s slotSet
			t.Succs(func(n BlockID) {
				in := liveIn[n]
				if c.Index[n] <= c.Index[b] {
					exit(&in) // a loop's edge may leave for lack of fuel
				}
				s.union(&in)
			})
			return s
		}
		return atCalls
	}
	// transfer walks b backwards; dead is told of SetRegs that nothing can see.
	transfer := func(b BlockID, live slotSet, dead func(i int)) slotSet {
		insts := f.Blocks[b].Insts
		for i := len(insts) - 1; i >= 0; i-- {
			in := &f.Insts[insts[i]]
			switch {
			case in.Op == SetReg:
				if !live.has(Slot(in.Aux)) && dead != nil {
					dead(i)
				}
				live.del(Slot(in.Aux))
				if Slot(in.Aux) == f.Arch.Flags {
					live.del(flagsUsed)
				}
			case in.Op == GetReg:
				live.add(Slot(in.Aux))
			case in.Op == UseFlags:
				live.add(flagsUsed)
				if dead != nil {
					dead(i)
				}
			case in.Op.MayExit(opt.PreciseFaults):
				exit(&live)
			}
		}
		return live
	}
	for changed := true; changed; {
		changed = false
		for i := len(c.RPO) - 1; i >= 0; i-- {
			b := c.RPO[i]
			in := transfer(b, liveOut(b), nil)
			if in != liveIn[b] {
				liveIn[b], changed = in, true
			}
		}
	}
	for _, b := range c.RPO {
		var drop map[int]bool
		transfer(b, liveOut(b), func(i int) {
			if drop == nil {
				drop = map[int]bool{}
			}
			drop[i] = true
		})
		if drop == nil {
			continue
		}
		list := f.Blocks[b].Insts
		kept := list[:0]
		for i, v := range list {
			if !drop[i] {
				kept = append(kept, v)
			}
		}
		f.Blocks[b].Insts = kept
	}
}

// passDead removes values that nothing uses.
func passDead(f *Func, _ PassOptions) {
	uses := UseCounts(f)
	for b := len(f.Blocks) - 1; b >= 0; b-- {
		list := f.Blocks[b].Insts
		for i := len(list) - 1; i >= 0; i-- {
			release(f, uses, list[i])
		}
	}
	for b := range f.Blocks {
		list := f.Blocks[b].Insts
		kept := list[:0]
		for _, v := range list {
			if op := f.Insts[v].Op; op != Nop && (uses[v] > 0 || !op.Removable()) {
				kept = append(kept, v)
			}
		}
		f.Blocks[b].Insts = kept
	}
}

// release drops v's operands' uses if v is unused, and theirs in turn.
func release(f *Func, uses []uint32, v Value) {
	in := &f.Insts[v]
	if uses[v] != 0 || !in.Op.Removable() || in.Op == Nop {
		return
	}
	for _, a := range in.Args {
		if a != 0 {
			if uses[a]--; uses[a] == 0 {
				release(f, uses, a)
			}
		}
	}
	in.Op, in.Args = Nop, [3]Value{} // visited
}

// UseCounts counts the uses of each value by insts in blocks and by terminators.
func UseCounts(f *Func) []uint32 {
	uses := make([]uint32, len(f.Insts))
	for b := range f.Blocks {
		for _, v := range f.Blocks[b].Insts {
			for _, a := range f.Insts[v].Args {
				if a != 0 {
					uses[a]++
				}
			}
		}
		if v := f.Blocks[b].Term.Val; v != 0 {
			uses[v]++
		}
	}
	return uses
}
