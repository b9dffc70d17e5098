package ir

// passNarrow computes in 32 bits what is needed in 32 bits only: addresses, and what
// is stored or compared narrowly. Demand is propagated from uses: a use that looks at
// the high half makes a value wide; sums, products and bit operations pass on
// what is demanded of them.
func passNarrow(f *Func, _ PassOptions) {
	wide := demand(f)
	w := newRewriter(f)
	c := NewCFG(f)
	for _, b := range c.RPO {
		w.block(b, func(v Value) { narrowInst(w, wide, v) })
	}
	w.finish()
}

// narrowOp is the 32-bit form of an operation that carries no information downwards.
func narrowOp(op Op) (Op, bool) {
	switch op {
	case I64Add:
		return I32Add, true
	case I64Sub:
		return I32Sub, true
	case I64Mul:
		return I32Mul, true
	case I64And:
		return I32And, true
	case I64Or:
		return I32Or, true
	case I64Xor:
		return I32Xor, true
	case I64Shl:
		return I32Shl, true
	}
	return 0, false
}

// demand finds the I64 values of which more than the low half is needed.
func demand(f *Func) []bool {
	wide := make([]bool, len(f.Insts))
	var work []Value
	need := func(a Value) {
		if a != 0 && f.Insts[a].Type == I64 && !wide[a] {
			wide[a] = true
			work = append(work, a)
		}
	}
	for b := range f.Blocks {
		for _, v := range f.Blocks[b].Insts {
			in := &f.Insts[v]
			_, narrowable := narrowOp(in.Op)
			switch {
			case in.Op == I32WrapI64:
			case in.Op == Store && Access(in.Aux).Size() <= 4:
			case in.Op == I64Shl:
				if n, ok := f.ConstOf(in.Args[1]); !ok || n >= 32 {
					need(v)
				}
				need(in.Args[1])
			case narrowable, in.Op == Select && in.Type == I64:
			default:
				for _, a := range in.Args {
					need(a)
				}
			}
		}
		switch t := &f.Blocks[b].Term; t.Kind {
		case TermReturn, TermTailInd, TermCallInd: // addresses
		default:
			need(t.Val)
		}
	}
	for len(work) > 0 {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		in := &f.Insts[v]
		if _, ok := narrowOp(in.Op); ok || in.Op == Select {
			need(in.Args[0])
			need(in.Args[1])
		}
	}
	return wide
}

func narrowInst(w *rewriter, wide []bool, v Value) {
	f := w.f
	in := f.Insts[v]
	if in.Op == I32WrapI64 {
		if f.Insts[in.Args[0]].Type == I32 { // the operand became narrow
			w.replace(v, in.Args[0])
			return
		}
		w.keep(v)
		return
	}
	if in.Type != I64 || int(v) < len(wide) && wide[v] {
		w.keep(v)
		return
	}
	low := func(a Value) Value { return w.b.Wrap(a) }
	switch in.Op {
	case Const:
		f.Insts[v].Type = I32
		f.Insts[v].Imm = uint64(uint32(in.Imm))
	case GetReg:
		if f.Arch.Slots[in.Aux].Type == I64 {
			f.Insts[v].Type = I32
		}
	case I64ExtendI32U, I64ExtendI32S:
		w.replace(v, in.Args[0])
		return
	case Select:
		x, y := low(in.Args[0]), low(in.Args[1])
		p := &f.Insts[v]
		p.Type, p.Args[0], p.Args[1] = I32, x, y
	default:
		if op, ok := narrowOp(in.Op); ok {
			x, y := low(in.Args[0]), low(in.Args[1])
			p := &f.Insts[v]
			p.Op, p.Type, p.Args[0], p.Args[1] = op, I32, x, y
		}
	}
	w.keep(v)
}
