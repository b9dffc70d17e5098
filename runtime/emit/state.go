package emit

import (
	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// slot pushes slot s at type t from wherever it lives in this region.
func (e *fn) slot(s ir.Slot, t ir.Type) {
	h := e.plan.home[s]
	if h.local < 0 {
		e.getState(s, t)
		return
	}
	e.c.LocalGet(uint32(h.local))
	e.convert(h.typ, t)
}

// setSlot writes what push pushes, of type t, to slot s.
func (e *fn) setSlot(s ir.Slot, t ir.Type, push func()) {
	h := e.plan.home[s]
	if h.local < 0 {
		e.setState(s, t, push)
		return
	}
	e.widen(t, h.typ, push)
	e.c.LocalSet(uint32(h.local))
	if !h.param {
		e.dirty.add(s)
	}
}

// convert turns a slot value of type from on the stack into type to, as the IR defines reading
// at another width.
func (e *fn) convert(from, to ir.Type) {
	c := e.c
	if from == to {
		return
	}
	switch from {
	case ir.I64:
		if to == ir.I32 {
			c.Op(wasm.OpI32WrapI64)
			return
		}
	case ir.I32:
		if to == ir.I64 {
			c.Op(wasm.OpI64ExtendI32U)
			return
		}
	case ir.V128:
		switch to {
		case ir.F64:
			c.Lane(wasmOp(ir.F64x2ExtractLane), 0)
			return
		case ir.F32:
			c.Lane(wasmOp(ir.F32x4ExtractLane), 0)
			return
		case ir.I64:
			c.Lane(wasmOp(ir.I64x2ExtractLane), 0)
			return
		case ir.I32:
			c.Lane(wasmOp(ir.I32x4ExtractLane), 0)
			return
		}
	case ir.F64:
		c.Op(wasm.OpI64ReinterpretF64)
		switch to {
		case ir.I64:
			return
		case ir.I32:
			c.Op(wasm.OpI32WrapI64)
			return
		case ir.F32:
			c.Op(wasm.OpI32WrapI64)
			c.Op(wasm.OpF32ReinterpretI32)
			return
		}
	case ir.F32:
		c.Op(wasm.OpI32ReinterpretF32)
		switch to {
		case ir.I32:
			return
		case ir.I64, ir.F64:
			c.Op(wasm.OpI64ExtendI32U)
			if to == ir.F64 {
				c.Op(wasm.OpF64ReinterpretI64)
			}
			return
		}
	}
	panic("BUG: no conversion from " + from.String() + " to " + to.String())
}

// widen pushes a value of type from as type to, with zeros above it.
func (e *fn) widen(from, to ir.Type, push func()) {
	c := e.c
	if to != ir.V128 || from == ir.V128 {
		push()
		e.convert(from, to)
		return
	}
	c.V128Const(0, 0)
	push()
	switch from {
	case ir.F64:
		c.Lane(wasmOp(ir.F64x2ReplaceLane), 0)
	case ir.F32:
		c.Lane(wasmOp(ir.F32x4ReplaceLane), 0)
	case ir.I64:
		c.Lane(wasmOp(ir.I64x2ReplaceLane), 0)
	default:
		c.Lane(wasmOp(ir.I32x4ReplaceLane), 0)
	}
}

// getState pushes slot s from the state at type t.
func (e *fn) getState(s ir.Slot, t ir.Type) {
	e.hidden()
	e.c.Mem(loadOp(t), 0, HiddenBlock+e.layout.Slot[s])
}

// hidden pushes the address of the hidden range. Within a region it is in a local: wazero
// shares bounds checks and addresses between accesses to one value.
func (e *fn) hidden() {
	if e.st == 0 {
		e.c.I32Const(int32(e.conf.Hidden))
		return
	}
	e.c.LocalGet(e.st)
}

// probeState makes the bounds of the register block known to the engine from here on, if it
// checks them.
func (e *fn) probeState() {
	if e.conf.Profile.ProbeBounds {
		e.hidden()
		e.c.Mem(wasm.OpI32Load8U, 0, HiddenBlock+e.layout.Size-1)
		e.c.Op(wasm.OpDrop)
	}
}

// merged keeps the hidden range's bounds known where several paths meet. wazero finds that a local
// has one value on all of them, but takes it for another value from the second use on, unless
// the local is set to what the first use gave.
func (e *fn) merged() {
	if e.conf.Profile.ProbeBounds {
		e.c.LocalGet(e.st)
		e.c.LocalSet(e.st)
	}
}

// endIf ends an if whose branch leaves. What wazero knows of bounds, and has loaded of the
// memory's base, it keeps on the other path only if that has an else.
func (e *fn) endIf() {
	if e.conf.Profile.ProbeBounds {
		e.c.Else()
	}
	e.c.End()
}

// setState writes what push pushes, of type t, to slot s in the state.
func (e *fn) setState(s ir.Slot, t ir.Type, push func()) {
	c := e.c
	wide := e.conf.Arch.Slots[s].Type
	off := HiddenBlock + e.layout.Slot[s]
	e.hidden()
	switch {
	case wide == ir.V128 && (t == ir.F64 || t == ir.I64):
		push()
		c.Mem(storeOp(t), 0, off)
		e.hidden()
		c.I64Const(0)
		c.Mem(wasm.OpI64Store, 0, off+8)
	default:
		e.widen(t, wide, push)
		c.Mem(storeOp(wide), 0, off)
	}
}

func (e *fn) getVar(v Var) {
	e.hidden()
	e.c.Mem(loadOp(varTypes[v]), 0, HiddenBlock+e.layout.Var[v])
}

func (e *fn) setVar(v Var, push func()) {
	e.hidden()
	push()
	e.c.Mem(storeOp(varTypes[v]), 0, HiddenBlock+e.layout.Var[v])
}

func loadOp(t ir.Type) wasm.Op {
	return [...]wasm.Op{ir.I32: wasm.OpI32Load, ir.I64: wasm.OpI64Load, ir.F32: wasm.OpF32Load, ir.F64: wasm.OpF64Load, ir.V128: wasm.OpV128Load}[t]
}

func storeOp(t ir.Type) wasm.Op {
	return [...]wasm.Op{ir.I32: wasm.OpI32Store, ir.I64: wasm.OpI64Store, ir.F32: wasm.OpF32Store, ir.F64: wasm.OpF64Store, ir.V128: wasm.OpV128Store}[t]
}
