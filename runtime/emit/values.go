package emit

import (
	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// analyse decides which values are written where they are used, as operands of one
// expression, and which go through a local.
func (e *fn) analyse() {
	n := len(e.f.Insts)
	e.user = make([]ir.Value, n)
	e.inlined = make([]bool, n)
	e.loc = make([]int32, n)
	e.crosses = make([]bool, n)
	e.defIn = make([]ir.BlockID, n)
	for i := range e.loc {
		e.loc[i] = -1
		e.defIn[i] = ir.NoBlock
	}
	for _, b := range e.cfg.RPO {
		for _, v := range e.f.Blocks[b].Insts {
			e.defIn[v] = b
		}
	}
	for _, b := range e.cfg.RPO {
		for _, v := range e.f.Blocks[b].Insts {
			for _, a := range e.f.Insts[v].Args {
				if a != 0 {
					e.user[a] = v
					e.crosses[a] = e.crosses[a] || e.defIn[a] != b
				}
			}
		}
		if v := e.f.Blocks[b].Term.Val; v != 0 {
			e.user[v] = 0 // the terminator
			e.crosses[v] = e.crosses[v] || e.defIn[v] != b
		}
	}
	at := make([]int, n) // place in its block where a value's code stands
	for _, b := range e.cfg.RPO {
		e.inlineBlock(b, at)
	}
}

// inlineBlock walks b backwards. A value with one use moves to the place of its user unless
// something in between could change it.
func (e *fn) inlineBlock(b ir.BlockID, at []int) {
	list := e.f.Blocks[b].Insts
	end := len(list)
	var nextSet [256]int
	for i := range nextSet {
		nextSet[i] = end
	}
	barrier := end
	for i := end - 1; i >= 0; i-- {
		v := list[i]
		in := &e.f.Insts[v]
		at[v] = i
		place := end
		if u := e.user[v]; u != 0 {
			place = at[u]
		}
		single := e.uses[v] == 1 && !e.crosses[v]
		switch {
		case in.Op == ir.Const:
			e.inlined[v] = in.Type != ir.V128 || single
		case in.Op.Pure():
			e.inlined[v] = single
		case in.Op == ir.GetReg:
			e.inlined[v] = single && nextSet[in.Aux] >= place
		case in.Op == ir.Load && !e.conf.PreciseFaults, in.Op == ir.GetVar:
			e.inlined[v] = single && barrier >= place
		case in.Op == ir.SetReg:
			nextSet[in.Aux] = i
		case in.Op != ir.Load:
			barrier = i
		}
		if e.inlined[v] {
			at[v] = place
		}
	}
}

// block writes the insts of b and its terminator.
func (e *fn) block(b ir.BlockID) {
	e.dirty = e.plan.mayIn[b]
	e.findProbes(b)
	if e.cfg.LoopHead[b] || len(e.cfg.Preds[b]) > 1 {
		e.merged()
		e.probeState()
	}
	for _, v := range e.f.Blocks[b].Insts {
		if e.inlined[v] {
			continue
		}
		in := &e.f.Insts[v]
		if in.Type == ir.Void {
			e.stmt(b, in)
			continue
		}
		if in.Type == ir.Flags {
			panic("BUG: flags reached the emitter")
		}
		e.expr(in)
		if e.uses[v] == 0 {
			e.c.Op(wasm.OpDrop)
			continue
		}
		var l uint32
		if e.crosses[v] {
			l = e.c.AddLocal(valType(in.Type))
		} else {
			l = e.temp(in.Type)
		}
		e.loc[v] = int32(l)
		e.c.LocalSet(l)
	}
	e.keepChecked(b)
	e.term(b)
}

// temp takes a local of type t that is free until the block ends.
func (e *fn) temp(t ir.Type) uint32 {
	p := &e.free[t]
	if n := len(*p); n > 0 {
		l := (*p)[n-1]
		*p = (*p)[:n-1]
		e.taken = append(e.taken, takenTemp{t, l})
		return l
	}
	l := e.c.AddLocal(valType(t))
	e.taken = append(e.taken, takenTemp{t, l})
	return l
}

type takenTemp struct {
	t ir.Type
	l uint32
}

// endBlock gives temporaries back, when the terminator's value is on the stack and
// before other blocks follow.
func (e *fn) endBlock() {
	for _, t := range e.taken {
		e.free[t.t] = append(e.free[t.t], t.l)
	}
	e.taken = e.taken[:0]
}

// lastValue pushes the terminator's value.
func (e *fn) lastValue(v ir.Value) {
	e.value(v)
	e.endBlock()
}

// value pushes v.
func (e *fn) value(v ir.Value) {
	if l := e.loc[v]; l >= 0 {
		e.c.LocalGet(uint32(l))
		return
	}
	e.expr(&e.f.Insts[v])
}

// again evaluates v once and returns what pushes it any number of times.
func (e *fn) again(v ir.Value) func() {
	in := &e.f.Insts[v]
	if in.Op == ir.Const || e.loc[v] >= 0 {
		return func() { e.value(v) }
	}
	l := e.temp(in.Type)
	e.expr(in)
	e.c.LocalSet(l)
	return func() { e.c.LocalGet(l) }
}

// stmt writes an inst without a result.
func (e *fn) stmt(b ir.BlockID, in *ir.Inst) {
	c := e.c
	switch in.Op {
	case ir.SetReg:
		s := ir.Slot(in.Aux)
		e.setSlot(s, e.f.TypeOf(in.Args[0]), func() { e.value(in.Args[0]) })
	case ir.Store:
		e.store(in)
	case ir.AtomicStore:
		e.atomic(in)
	case ir.Fence:
		c.Fence()
	case ir.SetVar:
		e.value(in.Args[0])
		c.LocalSet(e.vars[in.Imm])
	case ir.ExitIf:
		e.value(in.Args[0])
		c.If(wasm.BlockEmpty)
		e.exit(e.f.Base+uint64(in.Pos), ir.ExitCode(in.Aux), func() {
			if in.Args[1] != 0 {
				e.value(in.Args[1])
			} else {
				c.I64Const(int64(in.Imm))
			}
		})
		e.endIf()
	case ir.GuardSP:
		if e.staticGuard(b, in) != 0 {
			return
		}
		sp := e.again(in.Args[0])
		sp()
		c.Op(wasm.OpI32WrapI64)
		e.getVar(VarGuardLo)
		c.Op(wasm.OpI32Sub)
		e.getVar(VarGuardLen)
		c.Op(wasm.OpI32LtU)
		c.If(wasm.BlockEmpty)
		e.exit(e.f.Base+uint64(in.Pos), ir.ExitFault, func() {
			sp()
			c.I64Const(0xffffffff)
			c.Op(wasm.OpI64And)
			c.I64Const(1 << 32)
			c.Op(wasm.OpI64Or)
		})
		e.endIf()
	default:
		panic("BUG: no statement for " + in.Op.String())
	}
}

// expr pushes the result of in.
func (e *fn) expr(in *ir.Inst) {
	c := e.c
	switch in.Op {
	case ir.Const:
		e.constant(in)
	case ir.GetReg:
		e.slot(ir.Slot(in.Aux), in.Type)
	case ir.Load:
		e.load(in)
	case ir.AtomicLoad, ir.AtomicRMW, ir.AtomicCAS:
		e.atomic(in)
	case ir.Select:
		e.sel(in)
	case ir.DivS, ir.DivU:
		e.div(in)
	case ir.MulHiS, ir.MulHiU:
		e.mulHi(in)
	case ir.FMA:
		e.fma(in)
	case ir.NaN1, ir.NaN2:
		e.nan(in)
	case ir.CallHelper:
		c.I32Const(int32(in.Imm))
		for _, a := range in.Args {
			if a != 0 {
				e.value(a)
			} else {
				c.I64Const(0)
			}
		}
		c.Call(e.helper)
	case ir.GetVar:
		c.LocalGet(e.vars[in.Imm])
	case ir.EntryIndex:
		e.getVar(VarEntry)
	default:
		if !in.Op.IsWasm() {
			panic("BUG: no expression for " + in.Op.String())
		}
		info := in.Op.Info()
		for i := range info.Args {
			e.value(in.Args[i])
		}
		switch info.Imm {
		case ir.ImmLane:
			c.Lane(wasmOp(in.Op), uint8(in.Imm))
		case ir.ImmShuffle:
			var m [16]byte
			for i := range 8 {
				m[i], m[i+8] = byte(in.Imm>>(8*i)), byte(in.Imm2>>(8*i))
			}
			c.Shuffle(m)
		default:
			c.Op(wasmOp(in.Op))
		}
	}
}

func (e *fn) constant(in *ir.Inst) {
	switch in.Type {
	case ir.I32:
		e.c.I32Const(int32(in.Imm))
	case ir.I64:
		e.c.I64Const(int64(in.Imm))
	case ir.F32:
		e.c.F32Const(uint32(in.Imm))
	case ir.F64:
		e.c.F64Const(in.Imm)
	default:
		e.c.V128Const(in.Imm, in.Imm2)
	}
}

// div divides without trapping: by zero gives 0, the minimum by −1 itself.
func (e *fn) div(in *ir.Inst) {
	c := e.c
	wide := in.Type == ir.I64
	divS, divU, eqz := wasm.OpI32DivS, wasm.OpI32DivU, wasm.OpI32Eqz
	if wide {
		divS, divU, eqz = wasm.OpI64DivS, wasm.OpI64DivU, wasm.OpI64Eqz
	}
	zero := func() { e.constant(&ir.Inst{Op: ir.Const, Type: in.Type}) }
	if k, ok := e.f.ConstOf(in.Args[1]); ok && k != 0 && (in.Op == ir.DivU || k != ^uint64(0) && k != 1<<32-1) {
		e.value(in.Args[0])
		e.value(in.Args[1])
		if in.Op == ir.DivU {
			c.Op(divU)
		} else {
			c.Op(divS)
		}
		return
	}
	x, y := e.again(in.Args[0]), e.again(in.Args[1])
	y()
	c.Op(eqz)
	c.If(wasm.BlockOf(valType(in.Type)))
	zero()
	c.Else()
	if in.Op == ir.DivU {
		x()
		y()
		c.Op(divU)
	} else {
		y()
		if wide {
			c.I64Const(-1)
			c.Op(wasm.OpI64Eq)
		} else {
			c.I32Const(-1)
			c.Op(wasm.OpI32Eq)
		}
		c.If(wasm.BlockOf(valType(in.Type)))
		zero()
		x()
		if wide {
			c.Op(wasm.OpI64Sub)
		} else {
			c.Op(wasm.OpI32Sub)
		}
		c.Else()
		x()
		y()
		c.Op(divS)
		c.End()
	}
	c.End()
}

// mulHi is the schoolbook product of 32-bit halves.
func (e *fn) mulHi(in *ir.Inst) {
	c := e.c
	x, y := e.again(in.Args[0]), e.again(in.Args[1])
	w1, w2 := e.temp(ir.I64), e.temp(ir.I64)
	lo := func(v func()) {
		v()
		c.I64Const(0xffffffff)
		c.Op(wasm.OpI64And)
	}
	hi := func(v func()) {
		v()
		c.I64Const(32)
		c.Op(wasm.OpI64ShrU)
	}
	mul := func() { c.Op(wasm.OpI64Mul) }
	add := func() { c.Op(wasm.OpI64Add) }
	// w1 = xh·yl + (xl·yl >> 32)
	hi(x)
	lo(y)
	mul()
	hi(func() { lo(x); lo(y); mul() })
	add()
	c.LocalSet(w1)
	// w2 = xl·yh + low(w1)
	lo(x)
	hi(y)
	mul()
	lo(func() { c.LocalGet(w1) })
	add()
	c.LocalSet(w2)
	// xh·yh + (w1 >> 32) + (w2 >> 32)
	hi(x)
	hi(y)
	mul()
	hi(func() { c.LocalGet(w1) })
	add()
	hi(func() { c.LocalGet(w2) })
	add()
	if in.Op == ir.MulHiU {
		return
	}
	for _, p := range [2][2]func(){{x, y}, {y, x}} {
		p[0]()
		c.I64Const(63)
		c.Op(wasm.OpI64ShrS)
		p[1]()
		c.Op(wasm.OpI64And)
		c.Op(wasm.OpI64Sub)
	}
}
