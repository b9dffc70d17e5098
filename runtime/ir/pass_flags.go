package ir

import "sync"

// passFlags resolves LiveFlags: where one comparison reaches the block on every path,
// Test evaluates that; elsewhere it reads the flags slot.
func passFlags(f *Func, _ PassOptions) {
	live := false
	for i := range f.Insts {
		live = live || f.Insts[i].Op == LiveFlags
	}
	if !live {
		return
	}
	const (
		unknown Value = 0         // no path looked at yet
		slot    Value = ^Value(0) // only the slot knows
	)
	c := NewCFG(f)
	in := make([]Value, len(f.Blocks))
	out := make([]Value, len(f.Blocks))
	in[f.Entry] = slot
	set := make([]Value, len(f.Blocks)) // the block's last own Flags
	for _, b := range c.RPO {
		for _, v := range f.Blocks[b].Insts {
			if op := f.Insts[v].Op; op == SetFlags || op == SetFlagsIf {
				set[b] = v
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, b := range c.RPO {
			v := unknown
			if b == f.Entry {
				v = slot
			}
			for _, p := range c.Preds[b] {
				switch o := out[p]; {
				case o == unknown || o == v:
				case v == unknown:
					v = o
				default:
					v = slot
				}
			}
			o := v
			if set[b] != 0 {
				o = set[b]
			}
			if f.Blocks[b].Term.Leaves() && f.Blocks[b].Term.Kind != TermSyscall && o != unknown {
				o = slot // flags do not survive a call; the slot says so
			}
			if in[b] != v || out[b] != o {
				in[b], out[b], changed = v, o, true
			}
		}
	}
	w := newRewriter(f)
	for _, b := range c.RPO {
		w.block(b, func(v Value) {
			inst := w.f.Insts[v] // a copy: operands are already rewritten
			switch inst.Op {
			case LiveFlags:
				if in[b] != slot && in[b] != unknown {
					w.replace(v, in[b])
					return
				}
				nzcv := w.b.Get(f.Arch.Flags, I32)
				w.replace(v, w.b.pure(Inst{Op: SetFlags, Type: Flags, Aux: uint8(FlagsRaw), Args: [3]Value{nzcv}}))
			case Test:
				w.replace(v, w.b.TestOf(inst.Args[0], Cond(inst.Aux)))
			default:
				w.keep(v)
			}
		})
	}
	w.finish()
}

// passLower expands the NZCVs that survived.
func passLower(f *Func, _ PassOptions) {
	found := false
	for i := range f.Insts {
		found = found || f.Insts[i].Op == NZCV
	}
	if !found {
		return
	}
	w := newRewriter(f)
	for b := range f.Blocks {
		w.block(BlockID(b), func(v Value) {
			if in := w.f.Insts[v]; in.Op == NZCV {
				w.replace(v, w.b.Pack(in.Args[0]))
			} else {
				w.keep(v)
			}
		})
	}
	w.finish()
}

// rewriter rebuilds blocks' instruction lists, with a Builder for what is new.
type rewriter struct {
	f    *Func
	b    *Builder
	repl []Value // by value: what stands for it, 0 where it stands for itself
	list []Value
}

// builders keeps those of rewriters that have finished: 17 KB each, and a function's passes make four.
var builders = sync.Pool{New: func() any { return &Builder{} }}

func newRewriter(f *Func) *rewriter {
	w := &rewriter{f: f, b: builders.Get().(*Builder)}
	w.b.F, w.b.blk, w.b.out = f, NoBlock, &w.list
	return w
}

// block passes each value of block id to visit, which keeps, replaces or drops it. The
// operands of a value that is visited have been replaced already.
func (w *rewriter) block(id BlockID, visit func(Value)) {
	old := w.f.Blocks[id].Insts
	w.list = make([]Value, 0, len(old)+8)
	w.b.epoch++
	w.b.flags = 0
	for _, v := range old {
		in := &w.f.Insts[v]
		w.b.pos = in.Pos
		w.subst(in.Args[:])
		visit(v)
	}
	w.f.Blocks[id].Insts = w.list
	if len(w.repl) > 0 {
		w.substTerm(&w.f.Blocks[id].Term)
	}
}

func (w *rewriter) subst(args []Value) {
	if len(w.repl) == 0 {
		return
	}
	for i, a := range args {
		if r := w.now(a); r != 0 {
			args[i] = r
		}
	}
}

func (w *rewriter) substTerm(t *Term) {
	if r := w.now(t.Val); r != 0 {
		t.Val = r
	}
}

// keep leaves v where it is. A SetReg or GetReg tells the builder what the slot holds.
func (w *rewriter) keep(v Value) {
	w.list = append(w.list, v)
	if in := &w.f.Insts[v]; in.Op == SetReg {
		w.b.regs[in.Aux] = regState{}
	}
}

// replace makes r stand for v.
func (w *rewriter) replace(v, r Value) {
	if int(v) >= len(w.repl) {
		w.repl = append(w.repl, make([]Value, len(w.f.Insts)-len(w.repl))...)
	}
	w.repl[v] = r
}

// now is what stands for v, 0 if nothing else does.
func (w *rewriter) now(v Value) Value {
	if int(v) >= len(w.repl) {
		return 0
	}
	return w.repl[v]
}

// finish replaces uses in blocks that were rewritten before their operands' blocks. It ends w.
func (w *rewriter) finish() {
	w.b.F, w.b.out = nil, nil
	builders.Put(w.b)
	w.b = nil
	if len(w.repl) == 0 {
		return
	}
	for b := range w.f.Blocks {
		for _, v := range w.f.Blocks[b].Insts {
			w.subst(w.f.Insts[v].Args[:])
		}
		w.substTerm(&w.f.Blocks[b].Term)
	}
}
