package emit

import (
	"sync"

	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// Names by which modules are linked: import modules and what they export.
const (
	ImportMemory = "mem"   // "memory"
	ImportState  = "state" // the state module (State)
	ImportHost   = "host"  // HostHelper and HostSyscall; for the state module HostMiss, too

	HostHelper  = "helper"
	HostSyscall = "syscall"
	// HostMiss (pc i32) → i32 may link code for pc, while regions wait on the stack, and return the
	// index of its function; zero: the PC is passed on to the dispatcher.
	HostMiss = "miss"
)

// SyscallDecline is the result of HostSyscall when the call was not served; one more means
// that it was served but the region must leave. No Linux result is near them.
const SyscallDecline = -1 << 63

// module is a code module under construction.
type module struct {
	conf       *Config
	layout     *Layout
	mod        wasm.Module
	code       wasm.Code
	regionType uint32
	helper     uint32 // indices of imports, where there are such
	syscall    uint32
	miss       uint32
	fma32      uint32
	fma64      uint32
}

// maxMemory is the limit in pages under which memory is imported.
const maxMemory = 65535

func newModule(conf *Config, regions []Region) *module {
	m := &module{conf: conf, layout: NewLayout(conf.Arch)}
	params, results := conf.Profile.signature()
	m.regionType = m.mod.FuncType(params, results)
	m.imports(regions)
	m.mod.ImportTable(ImportState, "table", wasm.FuncRef, wasm.Limits{})
	importMemory(&m.mod)
	return m
}

// imports imports the host's functions that regions call: wazero compiles an entry for each type of a
// module, used or not.
func (m *module) imports(regions []Region) {
	i64 := wasm.I64
	var helper, syscall bool
	for _, r := range regions {
		for i := range r.Func.Insts {
			op := r.Func.Insts[i].Op
			helper = helper || op == ir.CallHelper || op == ir.FMA
		}
		for b := range r.Func.Blocks {
			syscall = syscall || r.Func.Blocks[b].Term.Kind == ir.TermSyscall
		}
	}
	if helper {
		m.helper = m.mod.ImportFunc(ImportHost, HostHelper, m.mod.FuncType([]wasm.ValType{wasm.I32, i64, i64, i64}, []wasm.ValType{i64}))
	}
	if syscall {
		args := make([]wasm.ValType, len(m.conf.SyscallArgs))
		for i := range args {
			args[i] = i64
		}
		m.syscall = m.mod.ImportFunc(ImportHost, HostSyscall, m.mod.FuncType(args, []wasm.ValType{i64}))
	}
}

func importMemory(mod *wasm.Module) {
	mod.ImportMemory(ImportMemory, "memory", wasm.Limits{Max: maxMemory, HasMax: true})
}

// Region is a region to emit. Entries are the guest PCs by which it is entered, in the
// order of EntryIndex.
type Region struct {
	Func    *ir.Func
	Entries []uint64
}

// Init is the export of a code module that puts its functions into the table, from the index
// that is its parameter: a function for each entry of each region, in order.
const Init = "init"

// Module emits regions as one code module. The order of the regions decides the
// bytes; nothing else does.
func Module(conf *Config, regions []Region) []byte {
	m := newModule(conf, regions)
	byPC := make(map[uint64]uint32, len(regions))
	fns := make([]uint32, len(regions))
	var table []uint32
	type stub struct {
		fn, region, entry uint32
		pc                uint64
	}
	var stubs []stub
	for i, r := range regions {
		fns[i] = m.mod.Func(m.regionType)
		if len(r.Entries) == 1 {
			byPC[r.Entries[0]] = fns[i]
			table = append(table, fns[i])
			continue
		}
		for k, pc := range r.Entries {
			f := m.mod.Func(m.regionType)
			stubs = append(stubs, stub{f, fns[i], uint32(k), pc})
			byPC[pc] = f
			table = append(table, f)
		}
	}
	resolve := func(pc uint64) (uint32, bool) {
		f, ok := byPC[pc]
		return f, ok
	}
	for i, r := range regions {
		m.region(fns[i], r.Func, len(r.Entries) > 1, resolve)
	}
	for _, s := range stubs {
		m.stub(s.fn, s.region, s.entry, s.pc)
	}
	m.fmaBodies()
	elem := m.mod.ElemPassive(table)
	init := m.mod.Func(m.mod.FuncType([]wasm.ValType{wasm.I32}, nil))
	c := &m.code
	c.Reset(1)
	c.LocalGet(0)
	c.I32Const(0)
	c.I32Const(int32(len(table)))
	c.Idx2(wasm.OpTableInit, elem, 0)
	c.Idx(wasm.OpElemDrop, elem)
	m.body(init, c)
	m.mod.ExportFunc(Init, init)
	return m.mod.Bytes()
}

// stub enters a region with several entries by one of them.
func (m *module) stub(index, region, entry uint32, pc uint64) {
	p := m.conf.Profile
	params, _ := p.signature()
	e := &fn{module: m, c: &m.code, plan: &plan{home: make([]home, len(m.conf.Arch.Slots))}}
	c := e.c
	c.Reset(len(params))
	for i, s := range p.Params {
		e.plan.home[s].local = int32(i)
	}
	e.depth = uint32(len(params) - 1)
	if p.FuelParam {
		e.fuel = e.depth - 1
	} else {
		e.fuel = c.AddLocal(wasm.I32)
		e.getVar(VarFuel)
		c.LocalSet(e.fuel)
	}
	e.testEntry(pc)
	e.setVar(VarEntry, func() { c.I32Const(int32(entry)) })
	for i := range params {
		c.LocalGet(uint32(i))
	}
	c.ReturnCall(region)
	m.body(index, c)
}

// wasmOps maps the IR's operations to Wasm's by their common name.
var wasmOps = sync.OnceValue(func() []wasm.Op {
	var ops []wasm.Op
	for op := ir.Op(0); op < ir.NumOps; op++ {
		var w wasm.Op
		if op.IsWasm() {
			var ok bool
			if w, ok = wasm.OpByName(op.String()); !ok {
				panic("BUG: no Wasm operation " + op.String())
			}
		}
		ops = append(ops, w)
	}
	return ops
})

func wasmOp(op ir.Op) wasm.Op { return wasmOps()[op] }

// body ends c and makes it the body of function index.
func (m *module) body(index uint32, c *wasm.Code) {
	c.End()
	m.mod.Body(index, c)
}
