package ir

// CFG is the shape of a Func's control flow: predecessors, an order, dominators and
// loops. It is valid until blocks or terminators change.
type CFG struct {
	Preds [][]BlockID // each predecessor once
	RPO   []BlockID   // reachable blocks in reverse postorder; RPO[0] is the entry
	Index []int32     // place in RPO, −1 if unreachable
	IDom  []BlockID   // immediate dominator; the entry's is itself
	// LoopHead marks blocks that an edge from a block at or behind them in RPO enters: every cycle has
	// one. Irreducible tells whether some such edge's target does not dominate its source.
	LoopHead    []bool
	Irreducible bool
	Depth       []uint8 // number of natural loops around the block
}

// NewCFG analyses f.
func NewCFG(f *Func) *CFG {
	n := len(f.Blocks)
	c := &CFG{Preds: make([][]BlockID, n), Index: make([]int32, n), IDom: make([]BlockID, n), LoopHead: make([]bool, n), Depth: make([]uint8, n)}
	c.order(f)
	for _, b := range c.RPO {
		f.Blocks[b].Term.Succs(func(s BlockID) {
			p := c.Preds[s]
			if len(p) == 0 || p[len(p)-1] != b {
				c.Preds[s] = append(p, b)
			}
		})
	}
	c.dominators(f)
	c.loops()
	return c
}

// order computes RPO by an iterative depth-first walk.
func (c *CFG) order(f *Func) {
	type frame struct {
		b    BlockID
		next int
		succ []BlockID
	}
	for i := range c.Index {
		c.Index[i] = -1
	}
	succs := func(b BlockID) []BlockID {
		var s []BlockID
		f.Blocks[b].Term.Succs(func(t BlockID) { s = append(s, t) })
		return s
	}
	seen := make([]bool, len(f.Blocks))
	var post []BlockID
	stack := []frame{{b: f.Entry, succ: succs(f.Entry)}}
	seen[f.Entry] = true
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next < len(top.succ) {
			s := top.succ[top.next]
			top.next++
			if !seen[s] {
				seen[s] = true
				stack = append(stack, frame{b: s, succ: succs(s)})
			}
			continue
		}
		post = append(post, top.b)
		stack = stack[:len(stack)-1]
	}
	c.RPO = make([]BlockID, len(post))
	for i, b := range post {
		c.RPO[len(post)-1-i] = b
	}
	for i, b := range c.RPO {
		c.Index[b] = int32(i)
	}
}

// dominators is Cooper, Harvey and Kennedy's iteration over RPO.
func (c *CFG) dominators(f *Func) {
	for i := range c.IDom {
		c.IDom[i] = NoBlock
	}
	c.IDom[f.Entry] = f.Entry
	for changed := true; changed; {
		changed = false
		for _, b := range c.RPO[1:] {
			d := NoBlock
			for _, p := range c.Preds[b] {
				switch {
				case c.IDom[p] == NoBlock:
				case d == NoBlock:
					d = p
				default:
					d = c.intersect(p, d)
				}
			}
			if d != c.IDom[b] {
				c.IDom[b] = d
				changed = true
			}
		}
	}
}

func (c *CFG) intersect(a, b BlockID) BlockID {
	for a != b {
		for c.Index[a] > c.Index[b] {
			a = c.IDom[a]
		}
		for c.Index[b] > c.Index[a] {
			b = c.IDom[b]
		}
	}
	return a
}

// OnlyPred returns the one block by which b is reached, if there is but one: what holds at its end holds in b.
func (c *CFG) OnlyPred(b BlockID) (BlockID, bool) {
	if len(c.Preds[b]) != 1 || c.LoopHead[b] {
		return NoBlock, false
	}
	return c.Preds[b][0], true
}

// Dominates reports whether every path to b passes a.
func (c *CFG) Dominates(a, b BlockID) bool {
	for c.Index[b] > c.Index[a] {
		b = c.IDom[b]
	}
	return a == b
}

// loops marks heads and counts nesting by walking each natural loop from its back edges.
func (c *CFG) loops() {
	mark := make([]int32, len(c.Index))
	for _, h := range c.RPO {
		var work []BlockID
		for _, p := range c.Preds[h] {
			if c.Index[p] >= c.Index[h] {
				c.LoopHead[h] = true
				if !c.Dominates(h, p) {
					c.Irreducible = true
					continue
				}
				work = append(work, p)
			}
		}
		if len(work) == 0 {
			continue
		}
		id := int32(h) + 1
		mark[h] = id
		c.deepen(h)
		for len(work) > 0 {
			b := work[len(work)-1]
			work = work[:len(work)-1]
			if mark[b] == id {
				continue
			}
			mark[b] = id
			c.deepen(b)
			work = append(work, c.Preds[b]...)
		}
	}
}

func (c *CFG) deepen(b BlockID) {
	if c.Depth[b] < 255 {
		c.Depth[b]++
	}
}
