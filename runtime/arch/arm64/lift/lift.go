// Package lift turns A64 instructions into IR. One small function lifts one
// encoding or a family that differs in a field; it is registered under the
// row of the decode table, in a file named after the manual's class. Region
// finds the instructions of a guest function and lifts them all.
//
// Conventions of a lifting function:
//
//   - Memory is accessed before any register is set, so that a faulting
//     instruction has not happened.
//   - A write to a W, S or D register is a Set of the narrow value; the IR clears the rest.
//   - A floating-point operation repairs its NaN (nan1, nan2), because Wasm leaves the
//     choice open. When Options.PreciseFP is set it goes to softfloat instead (Helper), which
//     knows rounding modes and exception flags.
package lift

import (
	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Options choose the form of the code (DESIGN §4 "Cache": part of its key).
type Options struct {
	// PreciseFP: honour FPCR and keep FPSR, through softfloat.
	PreciseFP bool
	// MaxInsns bounds a region, in guest instructions. Zero means 20,000.
	MaxInsns int
}

// A liftFunc appends the IR of one instruction.
type liftFunc func(l *lifter, in decode.Inst)

// table maps decode.ID to the function that lifts it, filled by the init
// functions of the class files.
var table [1 << 11]liftFunc

// CanLift reports whether a function is registered for the row.
func CanLift(id decode.ID) bool { return table[id] != nil }

// lifter is the state while a region is lifted.
type lifter struct {
	*ir.Builder
	r   *region
	opt Options
	pc  uint64 // of the instruction being lifted
}

// lift appends one instruction. It reports false, having ended the block,
// when the word is undefined or not lifted.
func (l *lifter) lift(word uint32) bool {
	in, ok := decode.Decode(word)
	if !ok || !in.Row.Lifted || table[in.Row.ID] == nil {
		l.undefined(word)
		return false
	}
	table[in.Row.ID](l, in)
	return true
}

// undefined ends the block with an undefined instruction exception.
func (l *lifter) undefined(word uint32) {
	l.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitUndefined, PC: l.pc, Info: uint64(word)})
}

// typ is I64 if sf, else I32.
func typ(sf bool) ir.Type {
	if sf {
		return ir.I64
	}
	return ir.I32
}

// r reads general register n, or zero for 31, as t.
func (l *lifter) reg(n uint32, t ir.Type) ir.Value {
	if n == 31 {
		return l.Int(t, 0)
	}
	return l.Get(arm64.SlotX+ir.Slot(n), t)
}

func (l *lifter) x(n uint32) ir.Value { return l.reg(n, ir.I64) }
func (l *lifter) w(n uint32) ir.Value { return l.reg(n, ir.I32) }

// regSP reads general register n, or SP for 31, as t.
func (l *lifter) regSP(n uint32, t ir.Type) ir.Value {
	if n == 31 {
		return l.Get(arm64.SlotSP, t)
	}
	return l.Get(arm64.SlotX+ir.Slot(n), t)
}

// setReg writes v (I32 or I64) to general register n; 31 discards it.
func (l *lifter) setReg(n uint32, v ir.Value) {
	if n != 31 {
		l.Set(arm64.SlotX+ir.Slot(n), v)
	}
}

// setRegSP writes general register n, or SP for 31.
func (l *lifter) setRegSP(n uint32, v ir.Value) {
	if n == 31 {
		l.setSP(v)
		return
	}
	l.Set(arm64.SlotX+ir.Slot(n), v)
}

// setSP moves the stack pointer. Where it may move down, the guard range is checked.
func (l *lifter) setSP(v ir.Value) {
	v = l.ZExt(v) // a write to WSP clears the rest
	if l.lowersSP(v) {
		l.GuardSP(v)
	}
	l.Set(arm64.SlotSP, v)
}

// lowersSP reports whether v is not plainly SP plus something positive, nor a copy of another register (epilogues).
func (l *lifter) lowersSP(v ir.Value) bool {
	in := l.F.Inst(v)
	switch in.Op {
	case ir.I64Add:
		c, ok := l.Const(in.Args[1])
		return !ok || int64(c) < 0
	case ir.GetReg:
		return false
	}
	return true
}

// v reads SIMD&FP register n as t: V128, F64, F32, or I64 for its low bits.
func (l *lifter) v(n uint32, t ir.Type) ir.Value { return l.Get(arm64.SlotV+ir.Slot(n), t) }

// setV writes SIMD&FP register n; bits above the value's become zero.
func (l *lifter) setV(n uint32, v ir.Value) { l.Set(arm64.SlotV+ir.Slot(n), v) }

// setVQ writes vector v (V128) to register n: all of it if q, else the low half with zeros above.
func (l *lifter) setVQ(n uint32, v ir.Value, q bool) {
	if !q {
		v = l.Lane(ir.I64x2ReplaceLane, 1, v, l.I64(0))
	}
	l.setV(n, v)
}

// next is the address of the following instruction.
func (l *lifter) next() uint64 { return l.pc + 4 }

// exit ends the block with an exit to the kernel that goes on at pc.
func (l *lifter) exit(code ir.ExitCode, pc uint64) {
	l.End(ir.Term{Kind: ir.TermExit, Code: code, PC: pc})
}

// goTo ends the block with a jump to pc, inside the region or out of it.
func (l *lifter) goTo(pc uint64) {
	if b, ok := l.r.block(pc); ok && !l.r.restarts(l.pc, pc) {
		l.End(ir.Term{Kind: ir.TermJump, To: b})
	} else {
		l.End(ir.Term{Kind: ir.TermTail, PC: pc})
	}
}

// branch ends the block: to pc if cond (an I32) is not zero, else to the next instruction.
func (l *lifter) branch(cond ir.Value, pc uint64) {
	l.End(ir.Term{Kind: ir.TermBranch, Val: cond, To: l.r.blockOrTail(pc), Else: l.r.blockOrTail(l.next())})
}
