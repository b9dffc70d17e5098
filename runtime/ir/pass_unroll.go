package ir

// passUnroll repeats the bodies of small innermost loops, so that a turn in several pays for
// what the engine does at a loop's head: fuel, moves between registers, loading the memory's
// address. It is for engines that do not unroll themselves.
func passUnroll(f *Func, opt PassOptions) {
	if !opt.Unroll {
		return
	}
	c := NewCFG(f)
	uses := outsideUses(f, c)
	for _, h := range c.RPO {
		if !c.LoopHead[h] || f.Blocks[h].Dispatch != 0 {
			continue
		}
		if body, ok := innermost(f, c, h); ok {
			if n := unrollFactor(f, body, uses); n > 1 {
				unroll(f, h, body, n)
			}
		}
	}
}

const (
	maxUnrollBlocks = 4
	maxUnrollInsts  = 64 // after unrolling
)

// innermost returns the blocks of the natural loop at h, the head first, if it is small, has no
// other loop inside and makes no calls.
func innermost(f *Func, c *CFG, h BlockID) ([]BlockID, bool) {
	body := []BlockID{h}
	in := map[BlockID]bool{h: true}
	for _, p := range c.Preds[h] {
		if c.Index[p] < c.Index[h] {
			continue
		}
		if !c.Dominates(h, p) {
			return nil, false
		}
		work := []BlockID{p}
		for len(work) > 0 {
			b := work[len(work)-1]
			work = work[:len(work)-1]
			if in[b] {
				continue
			}
			if len(body) == maxUnrollBlocks || c.LoopHead[b] {
				return nil, false
			}
			in[b] = true
			body = append(body, b)
			work = append(work, c.Preds[b]...)
		}
	}
	for _, b := range body {
		if t := &f.Blocks[b].Term; t.Leaves() || t.Kind == TermSwitch {
			return nil, false
		}
	}
	return body, true
}

// outsideUses counts, for each value, the uses in other blocks than its own.
func outsideUses(f *Func, c *CFG) []bool {
	def := make([]BlockID, len(f.Insts))
	cross := make([]bool, len(f.Insts))
	for _, b := range c.RPO {
		for _, v := range f.Blocks[b].Insts {
			def[v] = b
		}
	}
	for _, b := range c.RPO {
		for _, v := range f.Blocks[b].Insts {
			for _, a := range f.Insts[v].Args {
				cross[a] = cross[a] || a != 0 && def[a] != b
			}
		}
		if v := f.Blocks[b].Term.Val; v != 0 {
			cross[v] = cross[v] || def[v] != b
		}
	}
	return cross
}

func unrollFactor(f *Func, body []BlockID, cross []bool) int {
	n := 0
	for _, b := range body {
		n += 2
		for _, v := range f.Blocks[b].Insts {
			if cross[v] {
				return 1
			}
			if f.Insts[v].Op != Const {
				n++
			}
		}
	}
	switch {
	case 4*n <= maxUnrollInsts:
		return 4
	case 2*n <= maxUnrollInsts:
		return 2
	}
	return 1
}

// unroll makes n−1 copies of body and chains them behind it.
func unroll(f *Func, h BlockID, body []BlockID, n int) {
	const original = 0
	maps := make([]map[BlockID]BlockID, n)
	maps[original] = map[BlockID]BlockID{}
	for _, b := range body {
		maps[original][b] = b
	}
	for k := 1; k < n; k++ {
		maps[k] = map[BlockID]BlockID{}
		for _, b := range body {
			blk := Block{PC: f.Blocks[b].PC, Cost: f.Blocks[b].Cost, Term: f.Blocks[b].Term}
			vals := map[Value]Value{}
			for _, v := range f.Blocks[b].Insts {
				in := f.Insts[v]
				for i, a := range in.Args {
					if r, ok := vals[a]; ok && a != 0 {
						in.Args[i] = r
					}
				}
				f.Insts = append(f.Insts, in)
				nv := Value(len(f.Insts) - 1)
				vals[v] = nv
				blk.Insts = append(blk.Insts, nv)
			}
			if r, ok := vals[blk.Term.Val]; ok && blk.Term.Val != 0 {
				blk.Term.Val = r
			}
			f.Blocks = append(f.Blocks, blk)
			maps[k][b] = BlockID(len(f.Blocks) - 1)
		}
	}
	for k := n - 1; k >= 0; k-- {
		next := maps[(k+1)%n][h]
		to := map[BlockID]BlockID{h: next}
		for _, b := range body[1:] {
			to[b] = maps[k][b]
		}
		for _, b := range body {
			redirect(&f.Blocks[maps[k][b]].Term, to)
		}
	}
}
