package ir

// passBases lets accesses in different blocks share their base, so that an engine that checks bounds
// checks them once: the address of an access is replaced by an equal one that a block before has
// used, along edges into blocks with one predecessor. Values are compared by number; a slot
// that is read again without being written between has the same. Nothing is shared
// over a call: what is live there is stored and loaded, at more cost than the check.
func passBases(f *Func, opt PassOptions) {
	if !opt.ShareBases {
		return
	}
	c := NewCFG(f)
	n := &numbering{f: f, children: make([][]BlockID, len(f.Blocks)), num: make([]uint32, len(f.Insts))}
	var roots []BlockID
	for _, b := range c.RPO {
		if p, ok := c.OnlyPred(b); ok && !f.Blocks[p].Term.Leaves() {
			n.children[p] = append(n.children[p], b)
		} else {
			roots = append(roots, b)
		}
	}
	for _, b := range roots {
		n.root(b)
	}
}

// maxBaseDepth bounds how many blocks deep bases are shared, and with it the stack that this pass takes.
const maxBaseDepth = 64

type regKey struct {
	slot Slot
	typ  Type
}

type exprKey struct {
	op        Op
	typ       Type
	aux       uint8
	args      [3]uint32
	imm, imm2 uint64
}

// numbering gives equal values equal numbers, along one path of blocks.
type numbering struct {
	f        *Func
	children [][]BlockID
	num      []uint32 // by value
	next     uint32
	known
	undo []func()
}

// known is what was learnt on the way to a place.
type known struct {
	regs  map[regKey]uint32  // what slots hold
	exprs map[exprKey]uint32 // values seen
	bases map[uint32]Value   // addresses that an access has used, by number
}

// root numbers block b and those that only it leads to, knowing nothing.
func (n *numbering) root(b BlockID) {
	outer := n.known
	n.known = known{map[regKey]uint32{}, map[exprKey]uint32{}, map[uint32]Value{}}
	n.tree(b, 0)
	n.known = outer
}

// tree numbers block b and those that only it leads to, and then forgets what it learnt.
func (n *numbering) tree(b BlockID, depth int) {
	mark := len(n.undo)
	for _, v := range n.f.Blocks[b].Insts {
		n.inst(v)
	}
	for _, k := range n.children[b] {
		if depth < maxBaseDepth {
			n.tree(k, depth+1)
		} else {
			n.root(k)
		}
	}
	for len(n.undo) > mark {
		n.undo[len(n.undo)-1]()
		n.undo = n.undo[:len(n.undo)-1]
	}
}

func put[K comparable, V any](n *numbering, m map[K]V, k K, v V) {
	old, had := m[k]
	m[k] = v
	n.undo = append(n.undo, func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
}

func (n *numbering) fresh() uint32 {
	n.next++
	return n.next
}

// of is the number of an operand.
func (n *numbering) of(v Value) uint32 {
	if n.num[v] == 0 {
		n.num[v] = n.fresh()
	}
	return n.num[v]
}

func (n *numbering) inst(v Value) {
	in := &n.f.Insts[v]
	switch in.Op {
	case GetReg:
		n.num[v] = n.get(regKey{Slot(in.Aux), in.Type})
	case SetReg:
		for t := I32; t <= V128; t++ {
			if _, ok := n.regs[regKey{Slot(in.Aux), t}]; ok {
				put(n, n.regs, regKey{Slot(in.Aux), t}, 0)
			}
		}
		put(n, n.regs, regKey{Slot(in.Aux), n.f.TypeOf(in.Args[0])}, n.of(in.Args[0]))
	case Load, Store:
		num := n.of(in.Args[0])
		if base, ok := n.bases[num]; ok {
			in.Args[0] = base
		} else {
			put(n, n.bases, num, in.Args[0])
		}
		n.num[v] = n.fresh()
	default:
		if !in.Op.Pure() || in.Op == LiveFlags {
			n.num[v] = n.fresh()
			return
		}
		k := exprKey{op: in.Op, typ: in.Type, aux: in.Aux, imm: in.Imm, imm2: in.Imm2}
		for i, a := range in.Args {
			if a != 0 {
				k.args[i] = n.of(a)
			}
		}
		n.num[v] = n.expr(k)
	}
}

// get numbers a slot's value at a type. An I32 is the low half of the slot's I64, whichever was read first.
func (n *numbering) get(k regKey) uint32 {
	if num := n.regs[k]; num != 0 {
		return num
	}
	num := uint32(0)
	low := regKey{k.slot, I32}
	switch wide := n.regs[regKey{k.slot, I64}]; {
	case k.typ == I32 && wide != 0:
		num = n.expr(exprKey{op: I32WrapI64, typ: I32, args: [3]uint32{wide}})
	case k.typ == I64 && n.regs[low] != 0:
		num = n.fresh()
		put(n, n.exprs, exprKey{op: I32WrapI64, typ: I32, args: [3]uint32{num}}, n.regs[low])
	default:
		num = n.fresh()
	}
	put(n, n.regs, k, num)
	return num
}

func (n *numbering) expr(k exprKey) uint32 {
	if num, ok := n.exprs[k]; ok {
		return num
	}
	num := n.fresh()
	put(n, n.exprs, k, num)
	return num
}
