package emit

import (
	"cmp"
	"slices"

	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// Resolve finds the function of a region in the same module by its guest PC.
type Resolve func(pc uint64) (fn uint32, ok bool)

// fn writes one region as a Wasm function.
type fn struct {
	*module
	c       *wasm.Code
	f       *ir.Func
	cfg     *ir.CFG
	plan    *plan
	resolve Resolve

	fuel, depth uint32 // local numbers
	pc, tmp32   uint32 // scratch I32 locals
	tmp64       uint32
	st          uint32 // address of the hidden range; 0 outside of regions, where it is a constant
	vars        []uint32

	children [][]ir.BlockID // of the dominator tree, ascending in RPO
	merge    []bool         // the block needs a label
	ctx      []label

	uses     []uint32
	user     []ir.Value // the only user of a value with one use, in the same block
	inlined  []bool
	loc      []int32 // local of a value, −1 if none
	defIn    []ir.BlockID
	crosses  []bool                // used in other blocks than its own
	free     [7][]uint32           // temporaries by type, free in this block
	taken    []takenTemp           // … and in use
	dirty    slotSet               // what may be dirty at the point being written
	size     uint32                // local: the memory's size in bytes, in precise code
	checked  map[ir.Value]uint64   // by shared address: the end of the farthest access checked on the way here
	known    []map[ir.Value]uint64 // checked at a block's end, of addresses that other blocks use
	probe    map[ir.Value]uint64   // by shared address: the end of the farthest access still to come
	loopFuel []uint32              // fuel of one turn, by loop head
}

// label is an enclosing Wasm block: a loop at blk, a block that blk follows, or an if.
type label struct {
	loop bool
	blk  ir.BlockID // NoBlock for if
}

// region writes f as the body of Wasm function index. A region that is entered through stubs
// leaves the test for fuel and depth to them.
func (m *module) region(index uint32, f *ir.Func, stubs bool, resolve Resolve) {
	e := &fn{module: m, c: &m.code, f: f, resolve: resolve, probe: map[ir.Value]uint64{}, checked: map[ir.Value]uint64{}}
	e.cfg = ir.NewCFG(f)
	e.plan = newPlan(f, e.cfg, m.conf)
	e.uses = ir.UseCounts(f)
	e.locals()
	e.known = make([]map[ir.Value]uint64, len(f.Blocks))
	e.structure()
	e.analyse()
	e.fuelCosts()

	c := e.c
	e.entry(!stubs && e.plan.calls)
	e.ctx = e.ctx[:0]
	e.openFaults()
	e.tree(f.Entry)
	c.Op(wasm.OpUnreachable)
	e.closeFaults()
	m.body(index, c)
}

// locals numbers the parameters and the slots' locals.
func (e *fn) locals() {
	p := e.conf.Profile
	n := 0
	for _, s := range p.Params {
		e.plan.home[s].local = int32(n)
		n++
	}
	if p.FuelParam {
		e.fuel = uint32(n)
		n++
	}
	e.depth = uint32(n)
	n++
	e.c.Reset(n)
	if !p.FuelParam {
		e.fuel = e.c.AddLocal(wasm.I32)
	}
	e.pc = e.c.AddLocal(wasm.I32)
	e.tmp32 = e.c.AddLocal(wasm.I32)
	e.size = e.c.AddLocal(wasm.I32)
	e.tmp64 = e.c.AddLocal(wasm.I64)
	for s := range e.plan.locals.all() {
		h := &e.plan.home[s]
		h.local = int32(e.c.AddLocal(valType(h.typ)))
	}
	e.st = e.c.AddLocal(wasm.I32)
	for range e.f.Vars {
		e.vars = append(e.vars, e.c.AddLocal(wasm.I32))
	}
}

// frameBytes estimates the engine's stack frame of this function.
func (e *fn) frameBytes() int32 {
	return int32(96 + 8*len(e.plan.home)/4 + 8*e.c.NumLocals())
}

// stackBytes is how far the region moves the guest's stack pointer down, as far as
// that is constant. It is charged to the depth, which starts at the distance to the guard
// range: as long as depth is left, the guard is not reached.
func (e *fn) stackBytes() (n int32) {
	for _, b := range e.cfg.RPO {
		for _, v := range e.f.Blocks[b].Insts {
			if in := &e.f.Insts[v]; in.Op == ir.GuardSP {
				n += e.staticGuard(b, in)
			}
		}
	}
	return min(n, 1<<20)
}

// staticGuard returns by how much a GuardSP in block b moves the stack pointer, zero if it
// must be checked when it happens.
func (e *fn) staticGuard(b ir.BlockID, in *ir.Inst) int32 {
	add := &e.f.Insts[in.Args[0]]
	if e.cfg.Depth[b] > 0 || add.Op != ir.I64Add {
		return 0
	}
	base := &e.f.Insts[add.Args[0]]
	c, ok := e.f.ConstOf(add.Args[1])
	if !ok || int64(c) >= 0 || int64(c) < -4096*4 || base.Op != ir.GetReg && base.Op != ir.I64Add {
		return 0
	}
	if !e.plan.calls && int64(c) <= -4096 {
		return 0
	}
	return int32(-int64(c))
}

// entry charges fuel and depth, tests them if asked to, and loads what the region reads.
func (e *fn) entry(test bool) {
	c := e.c
	c.I32Const(int32(e.conf.Hidden))
	c.LocalSet(e.st)
	if !e.conf.Profile.FuelParam {
		e.getVar(VarFuel)
		c.LocalSet(e.fuel)
	}
	if e.plan.calls {
		// Only what calls can recur; a leaf is charged to its caller's loop.
		var outside []ir.BlockID
		for _, b := range e.cfg.RPO {
			if e.cfg.Depth[b] == 0 {
				outside = append(outside, b)
			}
		}
		cost := 1 + int32(min(e.turn(outside), 10_000))
		c.LocalGet(e.fuel)
		c.I32Const(min(cost, 10_000))
		c.Op(wasm.OpI32Sub)
		c.LocalSet(e.fuel)
		c.LocalGet(e.depth)
		c.I32Const(e.frameBytes() + e.stackBytes())
		c.Op(wasm.OpI32Sub)
		c.LocalSet(e.depth)
	}
	if test {
		e.testEntry(e.f.Blocks[e.f.Entry].PC)
	}
	e.loadSize()
	e.probeState()
	e.reload(e.plan.liveIn[e.f.Entry])
}

// testEntry leaves, with nothing done, if fuel or depth is used up: one test serves for
// both, since either is negative then. Out of depth the dispatcher comes back to pc with a fresh
// stack; out of fuel it tells the kernel.
func (e *fn) testEntry(pc uint64) {
	c := e.c
	c.LocalGet(e.depth)
	c.LocalGet(e.fuel)
	c.Op(wasm.OpI32Or)
	c.I32Const(0)
	c.Op(wasm.OpI32LtS)
	c.If(wasm.BlockEmpty)
	e.results(func() {
		c.I32Const(int32(pc))
		c.LocalGet(e.fuel)
		c.I32Const(31)
		c.Op(wasm.OpI32ShrU)
		c.Op(wasm.OpI32Or)
	})
	c.Op(wasm.OpReturn)
	e.endIf()
}

// reload loads locals from the state.
func (e *fn) reload(set slotSet) {
	for s := range set.all() {
		h := e.plan.home[s]
		e.getState(s, h.typ)
		e.c.LocalSet(uint32(h.local))
	}
}

// writeBack stores what may be dirty to the state.
func (e *fn) writeBack() {
	for s := range e.dirty.all() {
		h := e.plan.home[s]
		e.setState(s, h.typ, func() { e.c.LocalGet(uint32(h.local)) })
	}
}

// results pushes a region's results; pc pushes the first.
func (e *fn) results(pc func()) {
	if !e.conf.Profile.FuelParam {
		e.setVar(VarFuel, func() { e.c.LocalGet(e.fuel) })
	}
	pc()
	for _, s := range e.conf.Profile.Params {
		e.c.LocalGet(uint32(e.plan.home[s].local))
	}
	if e.conf.Profile.FuelParam {
		e.c.LocalGet(e.fuel)
	}
}

// leave returns from the region with all state in place; pc pushes the next PC.
func (e *fn) leave(pc func()) {
	e.writeBack()
	e.results(pc)
	e.c.Op(wasm.OpReturn)
}

// leaveAt is leave for a constant PC with low bits code.
func (e *fn) leaveAt(pc uint64, code int32) {
	e.leave(func() { e.c.I32Const(int32(pc) | code) })
}

// exit leaves with an ExitCode; info pushes an I64.
func (e *fn) exit(pc uint64, code ir.ExitCode, info func()) {
	e.setVar(VarExitCode, func() { e.c.I32Const(int32(code)) })
	e.setVar(VarExitInfo, info)
	e.leaveAt(pc, Exit)
}

// afterCall takes a callee's results from the stack and goes on at ret, or passes
// control up.
func (e *fn) afterCall(ret uint64) {
	c := e.c
	if e.conf.Profile.FuelParam {
		c.LocalSet(e.fuel)
	}
	for _, s := range slices.Backward(e.conf.Profile.Params) {
		c.LocalSet(uint32(e.plan.home[s].local))
	}
	if !e.conf.Profile.FuelParam {
		c.LocalSet(e.pc)
		e.getVar(VarFuel)
		c.LocalSet(e.fuel)
		c.LocalGet(e.pc)
	} else {
		c.LocalTee(e.pc)
	}
	c.I32Const(int32(ret))
	c.Op(wasm.OpI32Ne)
	e.passOn()
	e.loadSize()
	e.probeState()
}

// passOn returns to the caller with the PC in local pc if the I32 on the stack is not
// zero. Nothing is dirty. A branch to one shared exit would cost moves on every path (wazero).
func (e *fn) passOn() {
	e.c.If(wasm.BlockEmpty)
	e.results(func() { e.c.LocalGet(e.pc) })
	e.c.Op(wasm.OpReturn)
	e.endIf()
}

// arguments pushes a callee's parameters.
func (e *fn) arguments() {
	if !e.conf.Profile.FuelParam {
		e.setVar(VarFuel, func() { e.c.LocalGet(e.fuel) })
	}
	for _, s := range e.conf.Profile.Params {
		e.c.LocalGet(uint32(e.plan.home[s].local))
	}
	if e.conf.Profile.FuelParam {
		e.c.LocalGet(e.fuel)
	}
	e.c.LocalGet(e.depth)
}

// lookup pushes the function index of the PC in local pc, zero if there is none.
func (e *fn) lookup() {
	c := e.c
	c.LocalGet(e.pc)
	c.I32Const(14)
	c.Op(wasm.OpI32ShrU)
	c.I32Const(0x3fffc)
	c.Op(wasm.OpI32And)
	c.Mem(wasm.OpI32Load, 2, e.conf.Hidden+HiddenDir)
	c.LocalGet(e.pc)
	c.I32Const(0xfffc)
	c.Op(wasm.OpI32And)
	c.Op(wasm.OpI32Add)
	c.Mem(wasm.OpI32Load, 2, e.conf.Hidden+HiddenZero)
}

// callee pushes the index of the function to call or jump to, and notes its PC for missed: that of t,
// or for an indirect one the PC in local pc.
func (e *fn) callee(t *ir.Term) {
	c := e.c
	if t.Kind == ir.TermCallInd || t.Kind == ir.TermTailInd {
		e.setVar(VarCallee, func() { c.LocalGet(e.pc) })
		e.lookup()
		return
	}
	e.setVar(VarCallee, func() { c.I32Const(int32(t.PC)) })
	e.hidden()
	c.Mem(wasm.OpI32Load, 2, HiddenDir+uint32(t.PC>>16)*4)
	c.Mem(wasm.OpI32Load, 2, e.conf.Hidden+HiddenZero+uint32(t.PC&0xfffc))
}

// call writes a guest call and what follows it.
func (e *fn) call(b ir.BlockID, t *ir.Term) {
	c := e.c
	if t.Kind == ir.TermCallInd {
		e.lastValue(t.Val)
		e.wrapTop(t.Val)
		c.LocalSet(e.pc)
	}
	e.writeBack()
	e.dirty = slotSet{}
	target, near := uint32(0), false
	if t.Kind == ir.TermCall {
		target, near = e.resolve(t.PC)
	}
	e.arguments()
	if near {
		c.Call(target)
	} else {
		e.callee(t)
		c.CallIndirect(e.regionType, 0)
	}
	e.afterCall(t.Ret)
	e.reload(e.plan.liveIn[t.To])
	e.branch(b, t.To)
}

// tail leaves for another region; the PC is in local pc unless t is constant.
func (e *fn) tail(t *ir.Term) {
	c := e.c
	if t.Kind == ir.TermTailInd {
		e.lastValue(t.Val)
		e.wrapTop(t.Val)
		c.LocalSet(e.pc)
	}
	e.writeBack()
	e.arguments()
	if t.Kind == ir.TermTail {
		if target, ok := e.resolve(t.PC); ok {
			c.ReturnCall(target)
			return
		}
	}
	e.callee(t)
	c.ReturnCallIndirect(e.regionType, 0)
}

// wrapTop makes the value on the stack, v, an I32.
func (e *fn) wrapTop(v ir.Value) {
	if e.f.TypeOf(v) == ir.I64 {
		e.c.Op(wasm.OpI32WrapI64)
	}
}

// syscall asks the host to serve the call at once; it leaves if that cannot be.
func (e *fn) syscall(b ir.BlockID, t *ir.Term) {
	c := e.c
	for _, s := range e.conf.SyscallArgs {
		e.slot(s, ir.I64)
	}
	c.Call(e.module.syscall)
	c.LocalTee(e.tmp64)
	c.I64Const(SyscallDecline + 1)
	c.Op(wasm.OpI64LeS)
	c.If(wasm.BlockEmpty)
	e.leave(func() {
		// declined: Syscall; done, but stop: Preempt
		c.I32Const(int32(t.Ret) | Syscall)
		c.I32Const(int32(t.Ret) | Preempt)
		c.LocalGet(e.tmp64)
		c.I64Const(SyscallDecline)
		c.Op(wasm.OpI64Eq)
		c.Op(wasm.OpSelect)
	})
	e.endIf()
	e.loadSize()
	e.setSlot(e.conf.SyscallResult, ir.I64, func() { c.LocalGet(e.tmp64) })
	e.branch(b, t.To)
}

// term writes the end of block b.
func (e *fn) term(b ir.BlockID) {
	t := &e.f.Blocks[b].Term
	c := e.c
	if t.Val == 0 {
		e.endBlock()
	}
	switch t.Kind {
	case ir.TermJump:
		e.branch(b, t.To)
	case ir.TermBranch:
		e.condBranch(b, t)
	case ir.TermSwitch:
		targets := make([]uint32, len(t.Targets))
		for i, s := range t.Targets {
			if s == ir.NoBlock {
				s = t.Else
			}
			targets[i] = e.depthOf(s)
		}
		e.lastValue(t.Val)
		c.BrTable(targets, e.depthOf(t.Else))
	case ir.TermCall, ir.TermCallInd:
		e.call(b, t)
	case ir.TermReturn:
		e.lastValue(t.Val)
		e.wrapTop(t.Val)
		c.LocalSet(e.pc)
		e.leave(func() {
			c.LocalGet(e.pc)
			c.I32Const(-4)
			c.Op(wasm.OpI32And)
		})
	case ir.TermTail, ir.TermTailInd:
		e.tail(t)
	case ir.TermSyscall:
		e.syscall(b, t)
	case ir.TermExit:
		e.exit(t.PC, t.Code, func() { c.I64Const(int64(t.Info)) })
	default:
		panic("BUG: block without terminator")
	}
}

// fuelCosts estimates the guest instructions of one turn of each loop: those of
// the blocks whose innermost loop it is.
func (e *fn) fuelCosts() {
	e.loopFuel = make([]uint32, len(e.f.Blocks))
	var heads []ir.BlockID
	for _, b := range e.cfg.RPO {
		if e.cfg.LoopHead[b] {
			heads = append(heads, b)
		}
	}
	// The innermost head that dominates a block, not deeper than it, stands last in RPO.
	slices.SortFunc(heads, func(a, b ir.BlockID) int { return cmp.Compare(e.cfg.Index[a], e.cfg.Index[b]) })
	of := make([][]ir.BlockID, len(e.f.Blocks))
	for _, b := range e.cfg.RPO {
		for _, h := range slices.Backward(heads) {
			if e.cfg.Depth[h] <= e.cfg.Depth[b] && e.cfg.Index[h] <= e.cfg.Index[b] && e.cfg.Dominates(h, b) {
				of[h] = append(of[h], b)
				break
			}
		}
	}
	for _, h := range heads {
		e.loopFuel[h] = e.turn(of[h])
	}
}

// turn estimates the guest instructions of one way through blocks, which are in RPO: all of them, but of the cases
// of a large switch only some. An interpreter's turn is one opcode, and not all of them: charged with those it would
// leave for the kernel a hundred times too often.
func (e *fn) turn(blocks []ir.BlockID) uint32 {
	var sum, cases, n uint32
	hub := ir.NoBlock
	for _, b := range blocks {
		cost := e.f.Blocks[b].Cost
		sum += cost
		if hub == ir.NoBlock {
			targets := map[ir.BlockID]bool{}
			if t := &e.f.Blocks[b].Term; t.Kind == ir.TermSwitch {
				t.Succs(func(s ir.BlockID) { targets[s] = true })
			}
			if len(targets) >= 8 {
				hub, n = b, uint32(len(targets))
			}
		} else if e.cfg.Dominates(hub, b) {
			cases += cost
		}
	}
	if hub == ir.NoBlock {
		return sum
	}
	return sum - cases + cases*4/n
}
