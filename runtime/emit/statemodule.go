package emit

import (
	"slices"

	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// Exports of the state module.
const (
	// Run (pc i32, fuel i32) → i32 loads the state from the register block, runs regions
	// from pc until one returns with low bits, or to a PC that has no function (low bits
	// Continue), stores the state, and returns that PC.
	Run = "run"
	// Grow (n i32) → i32 grows the function table by n elements; −1 if that cannot be.
	Grow = "grow"
)

// FirstTable is the initial size of the function table. Element 0 stands for what is not there.
const FirstTable = 4096

// State emits the state module of a process: the function table and the
// dispatcher.
func State(conf *Config) []byte {
	m := &module{conf: conf, layout: NewLayout(conf.Arch)}
	mod := &m.mod
	importMemory(mod)
	m.miss = mod.ImportFunc(ImportHost, HostMiss, mod.FuncType([]wasm.ValType{wasm.I32}, []wasm.ValType{wasm.I32}))
	params, results := conf.Profile.signature()
	m.regionType = mod.FuncType(params, results)
	table := mod.Table(wasm.FuncRef, wasm.Limits{Min: FirstTable})
	mod.ExportTable("table", table)
	m.run()
	m.mod.ElemActive(table, wasm.ConstI32(0), []uint32{m.missed(params)})

	grow := mod.Func(mod.FuncType([]wasm.ValType{wasm.I32}, []wasm.ValType{wasm.I32}))
	c := &m.code
	c.Reset(1)
	c.RefNull(wasm.FuncRef)
	c.LocalGet(0)
	c.Idx(wasm.OpTableGrow, table)
	m.body(grow, c)
	mod.ExportFunc(Grow, grow)
	return mod.Bytes()
}

// missed writes the region that stands for all that are not there. It asks HostMiss for the code of the PC in
// VarCallee and enters it; if there is none it returns as a region that left to that PC.
func (m *module) missed(params []wasm.ValType) uint32 {
	n := uint32(len(params))
	index := m.mod.Func(m.regionType)
	c := &m.code
	c.Reset(int(n))
	e := &fn{module: m, c: c}
	found := c.AddLocal(wasm.I32)
	e.getVar(VarCallee)
	c.Call(m.miss)
	c.LocalTee(found)
	c.Op(wasm.OpI32Eqz)
	c.If(wasm.BlockEmpty)
	e.getVar(VarCallee)
	for i := range n - 1 { // all but the depth
		c.LocalGet(i)
	}
	c.Op(wasm.OpReturn)
	c.End()
	for i := range n {
		c.LocalGet(i)
	}
	c.LocalGet(found)
	c.ReturnCallIndirect(m.regionType, 0)
	m.body(index, c)
	return index
}

// run writes the dispatcher.
func (m *module) run() {
	conf := m.conf
	index := m.mod.Func(m.mod.FuncType([]wasm.ValType{wasm.I32, wasm.I32}, []wasm.ValType{wasm.I32}))
	c := &m.code
	c.Reset(2)
	e := &fn{module: m, c: c, pc: 0, fuel: 1}
	e.tmp32 = c.AddLocal(wasm.I32)
	depth := c.AddLocal(wasm.I32)
	slots := map[ir.Slot]uint32{}
	for _, s := range conf.Profile.Params {
		slots[s] = c.AddLocal(wasm.I64)
	}

	// Parameters live in locals here, and in the block only outside.
	load := func(off uint32, t ir.Type) {
		c.I32Const(0)
		c.Mem(loadOp(t), 0, m.conf.Hidden+HiddenBlock+off)
	}
	store := func(off uint32, t ir.Type, push func()) {
		c.I32Const(0)
		push()
		c.Mem(storeOp(t), 0, m.conf.Hidden+HiddenBlock+off)
	}
	for s, info := range conf.Arch.Slots {
		if l, ok := slots[ir.Slot(s)]; ok {
			load(m.layout.Slot[s], info.Type)
			c.LocalSet(l)
		}
	}

	c.Block(wasm.BlockEmpty)
	c.Loop(wasm.BlockEmpty)
	e.lookup()
	c.LocalTee(e.tmp32)
	c.Op(wasm.OpI32Eqz)
	c.BrIf(1)
	m.startDepth(e, slots, depth)
	// The dispatcher's own turn costs fuel too, so that it ends.
	c.LocalGet(e.fuel)
	c.I32Const(4)
	c.Op(wasm.OpI32Sub)
	c.LocalSet(e.fuel)
	if !conf.Profile.FuelParam {
		e.setVar(VarFuel, func() { c.LocalGet(e.fuel) })
	}
	for _, s := range conf.Profile.Params {
		c.LocalGet(slots[s])
	}
	if conf.Profile.FuelParam {
		c.LocalGet(e.fuel)
	}
	c.LocalGet(depth)
	c.LocalGet(e.tmp32)
	c.CallIndirect(m.regionType, 0)
	if conf.Profile.FuelParam {
		c.LocalSet(e.fuel)
	}
	for _, s := range slices.Backward(conf.Profile.Params) {
		c.LocalSet(slots[s])
	}
	c.LocalSet(e.pc)
	if !conf.Profile.FuelParam {
		e.getVar(VarFuel)
		c.LocalSet(e.fuel)
	}
	c.LocalGet(e.pc)
	c.I32Const(3)
	c.Op(wasm.OpI32And)
	c.BrIf(1)
	c.LocalGet(e.fuel)
	c.I32Const(0)
	c.Op(wasm.OpI32GeS)
	c.BrIf(0)
	c.LocalGet(e.pc)
	c.I32Const(Preempt)
	c.Op(wasm.OpI32Or)
	c.LocalSet(e.pc)
	c.End()
	c.End()

	for s, info := range conf.Arch.Slots {
		if l, ok := slots[ir.Slot(s)]; ok {
			store(m.layout.Slot[s], info.Type, func() { c.LocalGet(l) })
		}
	}
	store(m.layout.Var[VarFuel], ir.I32, func() { c.LocalGet(e.fuel) })
	c.LocalGet(e.pc)
	m.body(index, c)
	m.mod.ExportFunc(Run, index)
}

// A region starts with at least minDepth, however near the guard is, so that there is
// progress, and with up to maxOvershoot where the guard range is that long: what is
// written too low then lies inside it.
const (
	minDepth     = 2 << 10
	maxOvershoot = 64 << 10
)

// startDepth computes the depth to start with: the engine's stack, or less where the guest's
// stack is nearer to its guard than that. Inside the guard range it leaves with a fault.
func (m *module) startDepth(e *fn, slots map[ir.Slot]uint32, depth uint32) {
	c := e.c
	sp := func() {
		if l, ok := slots[m.conf.Arch.SP]; ok {
			c.LocalGet(l)
		} else {
			e.getState(m.conf.Arch.SP, ir.I64)
		}
	}
	above := func() { // sp − guard.lo, unsigned
		sp()
		c.Op(wasm.OpI32WrapI64)
		e.getVar(VarGuardLo)
		c.Op(wasm.OpI32Sub)
	}
	above()
	c.LocalTee(depth)
	e.getVar(VarGuardLen)
	c.Op(wasm.OpI32LtU)
	c.If(wasm.BlockEmpty)
	e.setVar(VarExitCode, func() { c.I32Const(int32(ir.ExitFault)) })
	e.setVar(VarExitInfo, func() {
		sp()
		c.I64Const(0xffffffff)
		c.Op(wasm.OpI64And)
		c.I64Const(1 << 32)
		c.Op(wasm.OpI64Or)
	})
	c.LocalGet(e.pc)
	c.I32Const(Exit)
	c.Op(wasm.OpI32Or)
	c.LocalSet(e.pc)
	c.Br(2)
	c.End()
	c.LocalGet(depth)
	e.getVar(VarGuardLen)
	c.Op(wasm.OpI32Sub)
	c.LocalSet(depth)
	constant := func(v int32) func() { return func() { c.I32Const(v) } }
	// limit sets l to bound if l cmp bound.
	limit := func(l uint32, bound func(), cmp wasm.Op) {
		bound()
		c.LocalGet(l)
		c.LocalGet(l)
		bound()
		c.Op(cmp)
		c.Op(wasm.OpSelect)
		c.LocalSet(l)
	}
	least := c.AddLocal(wasm.I32)
	e.getVar(VarGuardLen)
	c.LocalSet(least)
	limit(least, constant(maxOvershoot), wasm.OpI32GtU)
	limit(least, constant(minDepth), wasm.OpI32LtU)
	limit(depth, constant(int32(m.conf.Profile.StackBytes)), wasm.OpI32GtU)
	limit(depth, func() { c.LocalGet(least) }, wasm.OpI32LtU)
}
