package emit

import (
	"maps"

	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// address pushes the linear offset of an access of n bytes and returns the immediate
// offset that goes with it. Before the first of several accesses to one address their bounds are
// made known: by an explicit check in precise code, else by a probe where
// the engine checks bounds itself.
func (e *fn) address(in *ir.Inst, n uint64, write bool) uint32 {
	a := in.Args[0]
	end := in.Imm + n
	top := max(e.probe[a], end)
	delete(e.probe, a)
	switch {
	case e.checked[a] >= top:
		e.value(a)
	case !e.conf.PreciseFaults:
		if top > end {
			e.value(a)
			e.c.Mem(wasm.OpI32Load8U, 0, uint32(top-1))
			e.c.Op(wasm.OpDrop)
		}
		e.value(a)
	default:
		lin := e.again(a)
		e.check(in, lin, top, write)
		lin()
	}
	if !e.inlined[a] {
		e.checked[a] = max(e.checked[a], top)
	}
	return uint32(in.Imm)
}

// check leaves with a fault unless [lin, lin+end) is in memory. A null pointer's lin is beyond
// every memory. The fault is reported for the access in, exact but for one case: where
// only a later access of the group is outside, it is reported early.
func (e *fn) check(in *ir.Inst, lin func(), end uint64, write bool) {
	c := e.c
	lin()
	c.LocalGet(e.size)
	c.I32Const(int32(end))
	c.Op(wasm.OpI32Sub)
	c.Op(wasm.OpI32GtU)
	c.If(wasm.BlockEmpty)
	e.writeBack()
	lin()
	c.I32Const(int32(e.conf.Bias + uint32(in.Imm)))
	c.Op(wasm.OpI32Add)
	c.LocalSet(e.tmp32)
	c.I32Const(int32(e.f.Base+uint64(in.Pos)) | Exit)
	c.LocalSet(e.pc)
	label := labelRead
	if write {
		label = labelWrite
	}
	c.Br(uint32(len(e.ctx) - label)) // the if is one more block than ctx has
	e.endIf()
}

// loadSize refreshes the local that holds the memory's size, where it may have grown.
func (e *fn) loadSize() {
	if !e.conf.PreciseFaults {
		return
	}
	e.c.Idx(wasm.OpMemorySize, 0)
	e.c.I32Const(16)
	e.c.Op(wasm.OpI32Shl)
	e.c.LocalSet(e.size)
}

// Places in ctx of the exits that all faults of a region share.
const (
	labelWrite = iota
	labelRead
)

// openFaults and closeFaults enclose a region with those exits.
func (e *fn) openFaults() {
	if e.conf.PreciseFaults {
		e.c.Block(wasm.BlockEmpty)
		e.c.Block(wasm.BlockEmpty)
		e.ctx = append(e.ctx, label{blk: ir.NoBlock}, label{blk: ir.NoBlock})
	}
}

func (e *fn) closeFaults() {
	if !e.conf.PreciseFaults {
		return
	}
	c := e.c
	for l := labelRead; l >= labelWrite; l-- {
		c.End()
		e.setVar(VarExitCode, func() { c.I32Const(int32(ir.ExitFault)) })
		e.setVar(VarExitInfo, func() {
			c.LocalGet(e.tmp32)
			c.Op(wasm.OpI64ExtendI32U)
			if l == labelWrite {
				c.I64Const(1 << 32)
				c.Op(wasm.OpI64Or)
			}
		})
		e.results(func() { c.LocalGet(e.pc) })
		c.Op(wasm.OpReturn)
	}
	e.ctx = e.ctx[:0]
}

// keepChecked notes at the end of b what blocks that only b leads to need not check.
func (e *fn) keepChecked(b ir.BlockID) {
	if e.f.Blocks[b].Term.Leaves() {
		return
	}
	for a, end := range e.checked {
		if !e.crosses[a] {
			continue
		}
		if e.known[b] == nil {
			e.known[b] = map[ir.Value]uint64{}
		}
		e.known[b][a] = end
	}
}

// findProbes finds, for each address that several accesses of b share, the end of the
// farthest. wazero checks the bounds of an address once for all accesses that end no
// farther than an earlier one, so the first is preceded by a load of the last byte that any
// will touch; wazero keeps the check of it and drops the load.
func (e *fn) findProbes(b ir.BlockID) {
	clear(e.probe)
	clear(e.checked)
	if p, ok := e.cfg.OnlyPred(b); ok {
		maps.Copy(e.checked, e.known[p])
	}
	if !e.conf.Profile.ProbeBounds && !e.conf.PreciseFaults {
		return
	}
	count := map[ir.Value]int{}
group:
	for _, v := range e.f.Blocks[b].Insts {
		in := &e.f.Insts[v]
		switch in.Op {
		case ir.Load, ir.Store:
			a := in.Args[0]
			if e.f.Insts[a].Op == ir.Const || e.inlined[a] {
				continue
			}
			count[a]++
			e.probe[a] = max(e.probe[a], in.Imm+ir.Access(in.Aux).Size())
		case ir.ExitIf, ir.GuardSP:
			// What follows might not happen: it is checked by itself.
			if in.Op == ir.ExitIf || e.staticGuard(b, in) == 0 {
				break group
			}
		}
	}
	for a, n := range count {
		if n < 2 {
			delete(e.probe, a)
		}
	}
}

func (e *fn) load(in *ir.Inst) {
	a := ir.Access(in.Aux)
	off := e.address(in, a.Size(), false)
	e.c.Mem(guestLoad(a, in.Type), 0, off)
}

func guestLoad(a ir.Access, t ir.Type) wasm.Op {
	switch t {
	case ir.I32:
		switch a {
		case ir.Mem8:
			return wasm.OpI32Load8U
		case ir.Mem16:
			return wasm.OpI32Load16U
		case ir.Mem8S:
			return wasm.OpI32Load8S
		case ir.Mem16S:
			return wasm.OpI32Load16S
		}
		return wasm.OpI32Load
	case ir.I64:
		switch a {
		case ir.Mem8:
			return wasm.OpI64Load8U
		case ir.Mem16:
			return wasm.OpI64Load16U
		case ir.Mem32:
			return wasm.OpI64Load32U
		case ir.Mem8S:
			return wasm.OpI64Load8S
		case ir.Mem16S:
			return wasm.OpI64Load16S
		case ir.Mem32S:
			return wasm.OpI64Load32S
		}
		return wasm.OpI64Load
	}
	return loadOp(t)
}

func (e *fn) store(in *ir.Inst) {
	a := ir.Access(in.Aux)
	t := e.f.TypeOf(in.Args[1])
	// The value is computed before the address so that a shared address stays
	// next to its access; Wasm wants the address first.
	off := e.address(in, a.Size(), true)
	e.value(in.Args[1])
	var op wasm.Op
	switch {
	case t == ir.I32 && a == ir.Mem8:
		op = wasm.OpI32Store8
	case t == ir.I32 && a == ir.Mem16:
		op = wasm.OpI32Store16
	case t == ir.I64 && a == ir.Mem8:
		op = wasm.OpI64Store8
	case t == ir.I64 && a == ir.Mem16:
		op = wasm.OpI64Store16
	case t == ir.I64 && a == ir.Mem32:
		op = wasm.OpI64Store32
	default:
		op = storeOp(t)
	}
	e.c.Mem(op, 0, off)
}

// rmwOps gives the 32-bit, 8-, 16- and 64-bit forms of an RMW.
var rmwOps = [...][4]wasm.Op{
	ir.RMWAdd:  {wasm.OpI32AtomicRmw8AddU, wasm.OpI32AtomicRmw16AddU, wasm.OpI32AtomicRmwAdd, wasm.OpI64AtomicRmwAdd},
	ir.RMWAnd:  {wasm.OpI32AtomicRmw8AndU, wasm.OpI32AtomicRmw16AndU, wasm.OpI32AtomicRmwAnd, wasm.OpI64AtomicRmwAnd},
	ir.RMWOr:   {wasm.OpI32AtomicRmw8OrU, wasm.OpI32AtomicRmw16OrU, wasm.OpI32AtomicRmwOr, wasm.OpI64AtomicRmwOr},
	ir.RMWXor:  {wasm.OpI32AtomicRmw8XorU, wasm.OpI32AtomicRmw16XorU, wasm.OpI32AtomicRmwXor, wasm.OpI64AtomicRmwXor},
	ir.RMWXchg: {wasm.OpI32AtomicRmw8XchgU, wasm.OpI32AtomicRmw16XchgU, wasm.OpI32AtomicRmwXchg, wasm.OpI64AtomicRmwXchg},
}

// atomic writes an atomic access. Its width is that of the type, or 8 or 16 bits of an I32.
func (e *fn) atomic(in *ir.Inst) {
	c := e.c
	a := ir.Access(in.Aux)
	scale := uint32(a - ir.Mem8)
	off := e.address(in, a.Size(), in.Op != ir.AtomicLoad)
	switch in.Op {
	case ir.AtomicLoad:
		c.Mem([...]wasm.Op{wasm.OpI32AtomicLoad8U, wasm.OpI32AtomicLoad16U, wasm.OpI32AtomicLoad, wasm.OpI64AtomicLoad}[scale], scale, off)
	case ir.AtomicStore:
		e.value(in.Args[1])
		c.Mem([...]wasm.Op{wasm.OpI32AtomicStore8, wasm.OpI32AtomicStore16, wasm.OpI32AtomicStore, wasm.OpI64AtomicStore}[scale], scale, off)
	case ir.AtomicCAS:
		e.value(in.Args[1])
		e.value(in.Args[2])
		c.Mem(casOps[scale], scale, off)
	case ir.AtomicRMW:
		if k := ir.RMW(in.Imm2); int(k) < len(rmwOps) {
			e.value(in.Args[1])
			c.Mem(rmwOps[k][scale], scale, off)
			return
		}
		e.atomicMinMax(in, scale, off)
	}
}

var casOps = [4]wasm.Op{wasm.OpI32AtomicRmw8CmpxchgU, wasm.OpI32AtomicRmw16CmpxchgU, wasm.OpI32AtomicRmwCmpxchg, wasm.OpI64AtomicRmwCmpxchg}

// atomicMinMax is a compare-exchange loop: Wasm has no atomic minimum. The address is on the stack.
func (e *fn) atomicMinMax(in *ir.Inst, scale, off uint32) {
	c := e.c
	t := in.Type
	addr, old, seen := e.temp(ir.I32), e.temp(t), e.temp(t)
	c.LocalSet(addr)
	operand := e.again(in.Args[1])
	k := ir.RMW(in.Imm2)
	signed := k == ir.RMWSMax || k == ir.RMWSMin
	c.LocalGet(addr)
	c.Mem([...]wasm.Op{wasm.OpI32AtomicLoad8U, wasm.OpI32AtomicLoad16U, wasm.OpI32AtomicLoad, wasm.OpI64AtomicLoad}[scale], scale, off)
	c.LocalSet(old)
	// narrow operands compare at the access's width
	extend := func(push func()) {
		push()
		switch {
		case scale >= 2:
		case signed:
			c.Op([...]wasm.Op{wasm.OpI32Extend8S, wasm.OpI32Extend16S}[scale])
		default:
			c.I32Const([...]int32{0xff, 0xffff}[scale])
			c.Op(wasm.OpI32And)
		}
	}
	c.Loop(wasm.BlockEmpty)
	c.LocalGet(addr)
	c.LocalGet(old)
	c.LocalGet(old)
	operand()
	extend(func() { c.LocalGet(old) })
	extend(operand)
	c.Op(minMaxCompare(k, t))
	c.Op(wasm.OpSelect)
	if scale < 2 {
		c.I32Const([...]int32{0xff, 0xffff}[scale])
		c.Op(wasm.OpI32And)
	}
	c.Mem(casOps[scale], scale, off)
	c.LocalTee(seen)
	c.LocalGet(old)
	c.LocalGet(seen)
	c.LocalSet(old)
	if t == ir.I64 {
		c.Op(wasm.OpI64Ne)
	} else {
		c.Op(wasm.OpI32Ne)
	}
	c.BrIf(0)
	c.End()
	c.LocalGet(old)
}

// minMaxCompare is true when the old value stays.
func minMaxCompare(k ir.RMW, t ir.Type) wasm.Op {
	wide := t == ir.I64
	switch k {
	case ir.RMWSMax:
		if wide {
			return wasm.OpI64GtS
		}
		return wasm.OpI32GtS
	case ir.RMWSMin:
		if wide {
			return wasm.OpI64LtS
		}
		return wasm.OpI32LtS
	case ir.RMWUMax:
		if wide {
			return wasm.OpI64GtU
		}
		return wasm.OpI32GtU
	}
	if wide {
		return wasm.OpI64LtU
	}
	return wasm.OpI32LtU
}
