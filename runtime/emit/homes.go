package emit

import (
	"cmp"
	"slices"

	"boxer/runtime/ir"
)

// home is where a slot's value is within a region: in the state (local < 0), or in a
// local of type typ, which may be narrower than the slot where nothing in the
// region can tell.
type home struct {
	local int32
	typ   ir.Type
	param bool
}

// plan decides the homes of a region's slots and which of them are valid and dirty where.
type plan struct {
	f    *ir.Func
	cfg  *ir.CFG
	conf *Config
	home []home

	locals slotSet // slots with a local that is no parameter
	params slotSet
	mayIn  []slotSet // possibly dirty at a block's start
	mustIn []slotSet // dirty on every path there
	liveIn []slotSet // read before written: the local must be valid
	calls  bool      // the region calls or jumps to other code
}

func newPlan(f *ir.Func, cfg *ir.CFG, conf *Config) *plan {
	p := &plan{f: f, cfg: cfg, conf: conf, home: make([]home, len(f.Arch.Slots))}
	for i := range p.home {
		p.home[i] = home{local: -1, typ: f.Arch.Slots[i].Type}
	}
	for _, s := range conf.Profile.Params {
		p.home[s].param = true
		p.params.add(s)
	}
	for _, b := range cfg.RPO {
		switch t := &f.Blocks[b].Term; t.Kind {
		case ir.TermCall, ir.TermCallInd, ir.TermTail, ir.TermTailInd:
			p.calls = true
		}
	}
	p.choose()
	p.dirty()
	p.narrow()
	p.live()
	return p
}

// choose picks the slots that get locals: the hottest by uses weighted with loop
// depth. Outside of loops the state is as good a place as a local, and a call in a
// loop costs a store and a load for each: what is used less often stays in the state, also where
// the engine would take any number of locals. In an interpreter's loop it would move each from one place on
// its stack to another on the way to every opcode.
func (p *plan) choose() {
	weight := make([]int, len(p.home))
	calls := 0
	for _, b := range p.cfg.RPO {
		depth := p.cfg.Depth[b]
		if depth == 0 {
			continue
		}
		w := 1 << (3 * min(depth, 6))
		if cleans(&p.f.Blocks[b].Term) {
			calls += 2 * w
		}
		for _, v := range p.f.Blocks[b].Insts {
			if in := &p.f.Insts[v]; in.Op == ir.GetReg || in.Op == ir.SetReg {
				weight[in.Aux] += w
			}
		}
	}
	var ints, vecs []ir.Slot
	for i, w := range weight {
		s := ir.Slot(i)
		switch {
		case w == 0 || p.home[i].param || w <= calls:
		case p.f.Arch.Slots[i].Type == ir.V128:
			vecs = append(vecs, s)
		default:
			ints = append(ints, s)
		}
	}
	take := func(list []ir.Slot, n int) {
		slices.SortStableFunc(list, func(a, b ir.Slot) int { return cmp.Compare(weight[b], weight[a]) })
		if n >= 0 && len(list) > n {
			list = list[:n]
		}
		for _, s := range list {
			p.locals.add(s)
		}
	}
	take(ints, p.conf.Profile.IntLocals)
	take(vecs, p.conf.Profile.VecLocals)
}

// walk visits the insts of b in order with the dirty sets before each, and returns those
// at the end.
func (p *plan) walk(b ir.BlockID, may, must slotSet, visit func(in *ir.Inst, may, must slotSet)) (slotSet, slotSet) {
	for _, v := range p.f.Blocks[b].Insts {
		in := &p.f.Insts[v]
		if visit != nil {
			visit(in, may, must)
		}
		if in.Op == ir.SetReg && p.locals.has(ir.Slot(in.Aux)) {
			may.add(ir.Slot(in.Aux))
			must.add(ir.Slot(in.Aux))
		}
	}
	return may, must
}

// cleans reports whether control comes back from the terminator with nothing dirty.
func cleans(t *ir.Term) bool { return t.Kind == ir.TermCall || t.Kind == ir.TermCallInd }

// dirty computes mayIn and mustIn.
func (p *plan) dirty() {
	n := len(p.f.Blocks)
	p.mayIn, p.mustIn = make([]slotSet, n), make([]slotSet, n)
	for i := range p.mustIn {
		p.mustIn[i] = p.locals
	}
	p.mustIn[p.f.Entry] = slotSet{}
	for changed := true; changed; {
		changed = false
		for _, b := range p.cfg.RPO {
			may, must := p.walk(b, p.mayIn[b], p.mustIn[b], nil)
			t := &p.f.Blocks[b].Term
			if cleans(t) {
				may, must = slotSet{}, slotSet{}
			}
			if r := p.conf.SyscallResult; t.Kind == ir.TermSyscall && p.locals.has(r) {
				may.add(r)
				must.add(r)
			}
			t.Succs(func(s ir.BlockID) {
				m, k := p.mayIn[s].or(may), p.mustIn[s].and(must)
				if m != p.mayIn[s] || k != p.mustIn[s] {
					p.mayIn[s], p.mustIn[s], changed = m, k, true
				}
			})
		}
	}
}

// exits reports whether the terminator writes dirty slots back, on the way out or
// into a loop that may run out of fuel.
func (p *plan) exits(b ir.BlockID) bool {
	t := &p.f.Blocks[b].Term
	if t.Leaves() {
		return true
	}
	back := false
	t.Succs(func(s ir.BlockID) { back = back || p.cfg.Index[s] <= p.cfg.Index[b] })
	return back
}

// narrow finds the slots whose local can be narrower than the slot: only narrow values
// are written, only their part is read, and where the local is written back it has been written on
// every path, so that the rest of the slot is known to be zero.
func (p *plan) narrow() {
	type seen struct{ i32, i64, f32, f64, v128 bool }
	sets, gets := make([]seen, len(p.home)), make([]seen, len(p.home))
	mark := func(s *seen, t ir.Type) {
		switch t {
		case ir.I32:
			s.i32 = true
		case ir.I64:
			s.i64 = true
		case ir.F32:
			s.f32 = true
		case ir.F64:
			s.f64 = true
		case ir.V128:
			s.v128 = true
		}
	}
	var wide slotSet
	for _, b := range p.cfg.RPO {
		may, must := p.walk(b, p.mayIn[b], p.mustIn[b], func(in *ir.Inst, may, must slotSet) {
			s := ir.Slot(in.Aux)
			switch {
			case in.Op == ir.SetReg:
				mark(&sets[s], p.f.Insts[in.Args[0]].Type)
			case in.Op == ir.GetReg:
				mark(&gets[s], in.Type)
				if in.Type == p.f.Arch.Slots[s].Type && !must.has(s) {
					wide.add(s)
				}
			case in.Op.MayExit(p.conf.PreciseFaults):
				wide = wide.or(may.not(must))
			}
		})
		if p.exits(b) {
			wide = wide.or(may.not(must))
		}
		if p.f.Blocks[b].Term.Kind == ir.TermSyscall {
			mark(&sets[p.conf.SyscallResult], ir.I64)
			for _, s := range p.conf.SyscallArgs { // read in full
				if !must.has(s) {
					wide.add(s)
				}
			}
		}
	}
	for s := range p.locals.not(wide).all() {
		set, get := sets[s], gets[s]
		h := &p.home[s]
		switch p.f.Arch.Slots[s].Type {
		case ir.I64:
			if !set.i64 {
				h.typ = ir.I32
			}
		case ir.V128:
			switch {
			case set.v128 || set.i64 || set.i32 || get.v128:
			case !set.f64 && !get.f64 && !get.i64 && !get.i32:
				h.typ = ir.F32
			case !set.f32 && !get.f32 && !get.i32:
				h.typ = ir.F64
			}
		}
	}
}

// live computes liveIn: reads, and write-backs of what is dirty on some paths only.
func (p *plan) live() {
	n := len(p.f.Blocks)
	p.liveIn = make([]slotSet, n)
	type effect struct{ gen, kill slotSet }
	eff := make([]effect, n)
	for _, b := range p.cfg.RPO {
		e := &eff[b]
		may, must := p.walk(b, p.mayIn[b], p.mustIn[b], func(in *ir.Inst, may, must slotSet) {
			s := ir.Slot(in.Aux)
			switch {
			case in.Op == ir.GetReg:
				if p.locals.has(s) && !e.kill.has(s) {
					e.gen.add(s)
				}
			case in.Op == ir.SetReg:
				if p.locals.has(s) {
					e.kill.add(s)
				}
			case in.Op.MayExit(p.conf.PreciseFaults):
				e.gen = e.gen.or(may.not(must).not(e.kill))
			}
		})
		if p.f.Blocks[b].Term.Kind == ir.TermSyscall {
			for _, s := range p.conf.SyscallArgs { // read from their locals
				if p.locals.has(s) && !e.kill.has(s) {
					e.gen.add(s)
				}
			}
		}
		if p.exits(b) {
			e.gen = e.gen.or(may.not(must).not(e.kill))
		}
	}
	for changed := true; changed; {
		changed = false
		for i := len(p.cfg.RPO) - 1; i >= 0; i-- {
			b := p.cfg.RPO[i]
			var out slotSet
			if t := &p.f.Blocks[b].Term; !cleans(t) {
				t.Succs(func(s ir.BlockID) { out = out.or(p.liveIn[s]) })
			}
			in := eff[b].gen.or(out.not(eff[b].kill))
			if in != p.liveIn[b] {
				p.liveIn[b], changed = in, true
			}
		}
	}
}
