// Package ireval executes IR directly, one instruction after the other. It is the
// oracle of the passes and of the emitter: slow, plain, and written from package ir's
// documentation rather than from their code. It also makes random IR for them (Random).
package ireval

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"boxer/runtime/ir"
)

// Machine is guest state and what code reaches outside itself.
type Machine struct {
	Arch  *ir.Arch
	Slots []V
	// Undefined tells which slots hold nothing that counts: those that a call left so
	// (ir.SlotInfo.CallDead), until they are written; and the flags after an exit in the middle of
	// a block, which are in their slot only if the code behind it reads them.
	Undefined []bool
	// Mem is memory from guest address Bias.
	Mem  []byte
	Bias uint32
	// Linear: accesses have linear offsets, as behind the pass "addresses".
	Linear bool
	// Entry is the EntryIndex.
	Entry uint32
	// GuardLo and GuardLen are the stack's guard range.
	GuardLo, GuardLen uint32
	// Helper performs CallHelper. It must be set if code has any.
	Helper func(h ir.Helper, a, b, c uint64) uint64
	// Call performs a guest call and returns where the callee returned to. Nil: Exec stops there.
	Call func(pc uint64) (next uint64)
	// Syscall performs a system call. Nil: Exec stops there.
	Syscall func()
	// Steps is how many more blocks Exec may enter.
	Steps int
}

// New returns a Machine with all slots zero and size bytes of memory from bias.
func New(a *ir.Arch, bias uint32, size int) *Machine {
	return &Machine{Arch: a, Slots: make([]V, len(a.Slots)), Undefined: make([]bool, len(a.Slots)), Bias: bias, Mem: make([]byte, size)}
}

// Clone copies the machine's state.
func (m *Machine) Clone() *Machine {
	c := *m
	c.Slots = append([]V(nil), m.Slots...)
	c.Undefined = append([]bool(nil), m.Undefined...)
	c.Mem = append([]byte(nil), m.Mem...)
	return &c
}

// StopKind says why Exec stopped.
type StopKind uint8

const (
	// StopGoto: control goes on at PC, outside of the region.
	StopGoto StopKind = iota
	// StopExit: to the kernel, with Code and Info, at PC.
	StopExit
	// StopSyscall: a system call, to go on at PC.
	StopSyscall
	// StopSteps: Steps is used up. The state is that before block PC.
	StopSteps
	// StopUndefined: the code read a slot that a call had left undefined; PC is the instruction.
	StopUndefined
)

// Stop is why Exec stopped.
type Stop struct {
	Kind StopKind
	PC   uint64
	Code ir.ExitCode
	Info uint64
}

func (s Stop) String() string {
	return fmt.Sprintf("%s at %#x code %d info %#x", [...]string{"goto", "exit", "syscall", "steps", "undefined"}[s.Kind], s.PC, s.Code, s.Info)
}

// frame is one execution of a Func.
type frame struct {
	*Machine
	f    *ir.Func
	vals []V
	vars []uint32
}

// Exec runs f from block b until control leaves. An operation that Supports denies is a panic.
func (m *Machine) Exec(f *ir.Func, b ir.BlockID) Stop {
	x := &frame{Machine: m, f: f, vals: make([]V, len(f.Insts)), vars: make([]uint32, f.Vars)}
	for {
		blk := &f.Blocks[b]
		if m.Steps <= 0 {
			return Stop{Kind: StopSteps, PC: blk.PC}
		}
		m.Steps--
		for _, v := range blk.Insts {
			if s, left := x.inst(v); left {
				m.Undefined[m.Arch.Flags] = true
				return s
			}
		}
		next, s := x.term(&blk.Term)
		if next == ir.NoBlock {
			return s
		}
		b = next
	}
}

func (m *Machine) callDead() {
	for i, s := range m.Arch.Slots {
		m.Undefined[i] = m.Undefined[i] || s.CallDead
	}
}

// term returns the next block, or NoBlock and why there is none.
func (x *frame) term(t *ir.Term) (ir.BlockID, Stop) {
	val := x.vals[t.Val].Lo
	call := func(pc uint64) (ir.BlockID, Stop) {
		x.callDead()
		if x.Call == nil {
			return ir.NoBlock, Stop{Kind: StopGoto, PC: pc}
		}
		if next := x.Call(pc); next != t.Ret {
			return ir.NoBlock, Stop{Kind: StopGoto, PC: next}
		}
		return t.To, Stop{}
	}
	leave := func(pc uint64) (ir.BlockID, Stop) {
		x.callDead()
		return ir.NoBlock, Stop{Kind: StopGoto, PC: pc}
	}
	switch t.Kind {
	case ir.TermJump:
		return t.To, Stop{}
	case ir.TermBranch:
		if uint32(val) != 0 {
			return t.To, Stop{}
		}
		return t.Else, Stop{}
	case ir.TermSwitch:
		if i := uint32(val); uint64(i) < uint64(len(t.Targets)) && t.Targets[i] != ir.NoBlock {
			return t.Targets[i], Stop{}
		}
		return t.Else, Stop{}
	case ir.TermCall:
		return call(t.PC)
	case ir.TermCallInd:
		return call(uint64(uint32(val)))
	case ir.TermReturn:
		return leave(uint64(uint32(val) &^ 3))
	case ir.TermTail:
		return leave(t.PC)
	case ir.TermTailInd:
		return leave(uint64(uint32(val)))
	case ir.TermSyscall:
		if x.Syscall == nil {
			return ir.NoBlock, Stop{Kind: StopSyscall, PC: t.Ret}
		}
		x.Syscall()
		return t.To, Stop{}
	case ir.TermExit:
		return ir.NoBlock, Stop{Kind: StopExit, PC: t.PC, Code: t.Code, Info: t.Info}
	}
	panic("BUG: block without terminator")
}

// inst performs v. It reports true if control leaves the region.
func (x *frame) inst(v ir.Value) (Stop, bool) {
	in := &x.f.Insts[v]
	pc := x.f.Base + uint64(in.Pos)
	a, b, c := x.vals[in.Args[0]], x.vals[in.Args[1]], x.vals[in.Args[2]]
	argType := func(i int) ir.Type { return x.f.Insts[in.Args[i]].Type }
	width := uint(64)
	if in.Type == ir.I32 {
		width = 32
	}
	var r V
	if in.Op.IsWasm() {
		x.vals[v] = ops()[in.Op](in, a, b, c)
		return Stop{}, false
	}
	switch in.Op {
	case ir.Nop, ir.Fence, ir.UseFlags:
	case ir.Const:
		r = V{in.Imm, in.Imm2}
	case ir.GetReg, ir.LiveFlags:
		s := ir.Slot(in.Aux)
		t := in.Type
		if in.Op == ir.LiveFlags {
			s, t = x.Arch.Flags, ir.I32
		}
		if x.Undefined[s] {
			return Stop{Kind: StopUndefined, PC: pc}, true
		}
		r = truncate(x.Slots[s], t)
	case ir.SetReg:
		x.Slots[in.Aux] = truncate(truncate(a, argType(0)), x.Arch.Slots[in.Aux].Type)
		x.Undefined[in.Aux] = false
	case ir.Load, ir.Store, ir.AtomicLoad, ir.AtomicStore, ir.AtomicRMW, ir.AtomicCAS:
		var s Stop
		if r, s = x.access(in, a, b, c, argType(0), pc); s.Kind == StopExit {
			return s, true
		}
	case ir.SetFlags:
		r.Lo = flags(ir.FlagsKind(in.Aux), argType(0), a.Lo, b.Lo, c.Lo)
	case ir.SetFlagsIf:
		r.Lo = in.Imm
		if uint32(c.Lo) != 0 {
			r.Lo = flags(ir.FlagsKind(in.Aux), argType(0), a.Lo, b.Lo, 0)
		}
	case ir.Test:
		r.Lo = truth(ir.Cond(in.Aux).Holds(uint32(a.Lo)))
	case ir.NZCV:
		r.Lo = a.Lo & 0xf0000000
	case ir.Select:
		r = b
		if uint32(c.Lo) != 0 {
			r = a
		}
	case ir.DivS, ir.DivU:
		r.Lo = divide(in.Op == ir.DivS, a.Lo, b.Lo, width) & mask(width)
	case ir.MulHiU, ir.MulHiS:
		r.Lo, _ = bits.Mul64(a.Lo, b.Lo)
		if in.Op == ir.MulHiS {
			r.Lo -= a.Lo&uint64(int64(b.Lo)>>63) + b.Lo&uint64(int64(a.Lo)>>63)
		}
	case ir.FMA:
		r = fma(in, a, b, c)
	case ir.NaN1:
		r = repair(in, a, b)
	case ir.NaN2:
		r = repair(in, a, b, c)
	case ir.CallHelper:
		r.Lo = x.Helper(ir.Helper(in.Imm), a.Lo, b.Lo, c.Lo)
	case ir.GetVar:
		r.Lo = uint64(x.vars[in.Imm])
	case ir.SetVar:
		x.vars[in.Imm] = uint32(a.Lo)
	case ir.EntryIndex:
		r.Lo = uint64(x.Entry)
	case ir.ExitIf:
		if uint32(a.Lo) != 0 {
			info := in.Imm
			if in.Args[1] != 0 {
				info = b.Lo
			}
			return Stop{Kind: StopExit, PC: pc, Code: ir.ExitCode(in.Aux), Info: info}, true
		}
	case ir.GuardSP:
		if sp := uint32(a.Lo); sp-x.GuardLo < x.GuardLen {
			return Stop{Kind: StopExit, PC: pc, Code: ir.ExitFault, Info: 1<<32 | uint64(sp)}, true
		}
	default:
		panic("BUG: no meaning for " + in.Op.String())
	}
	x.vals[v] = r
	return Stop{}, false
}

// truncate gives the low bits of v that type t has.
func truncate(v V, t ir.Type) V {
	switch t {
	case ir.I32, ir.F32:
		return V{Lo: uint64(uint32(v.Lo))}
	case ir.V128:
		return v
	}
	return V{Lo: v.Lo}
}

func divide(signed bool, x, y uint64, width uint) uint64 {
	switch {
	case y == 0:
		return 0
	case !signed:
		return x / y
	case sext(y, width) == -1:
		return -x
	}
	return uint64(sext(x, width) / sext(y, width))
}

// flags packs what comparing gives, after the pseudocode of AddWithCarry and FPCompare (Arm ARM
// J1): of FlagsKind's meanings the ones that package ir documents.
func flags(k ir.FlagsKind, t ir.Type, x, y, carry uint64) uint64 {
	w := uint(64)
	if t == ir.I32 || t == ir.F32 {
		w = 32
	}
	pack := func(n, z, c, v bool) uint64 {
		return truth(n)<<31 | truth(z)<<30 | truth(c)<<29 | truth(v)<<28
	}
	add := func(x, y, c uint64) uint64 {
		lo, carry := bits.Add64(x, y, c)
		if w == 32 {
			carry = lo >> 32
		}
		lo &= mask(w)
		over := sext(x, w) < 0 == (sext(y, w) < 0) && sext(x, w) < 0 != (sext(lo, w) < 0)
		return pack(sext(lo, w) < 0, lo == 0, carry != 0, over)
	}
	switch k {
	case ir.FlagsSub:
		return add(x, ^y&mask(w), 1)
	case ir.FlagsAdd:
		return add(x, y, 0)
	case ir.FlagsAddC:
		return add(x, y, carry)
	case ir.FlagsLogic:
		return pack(sext(x, w) < 0, x == 0, false, false)
	case ir.FlagsRaw:
		return x & 0xf0000000
	}
	a, b := toFloat(w, x), toFloat(w, y)
	switch {
	case a != a || b != b:
		return pack(false, false, true, true)
	case a < b:
		return pack(true, false, false, false)
	case a == b:
		return pack(false, true, true, false)
	}
	return pack(false, false, true, false)
}

// access performs a memory access. A fault is a StopExit.
func (x *frame) access(in *ir.Inst, a, b, c V, addrType ir.Type, pc uint64) (r V, s Stop) {
	acc := ir.Access(in.Aux)
	n := acc.Size()
	lin := uint64(uint32(a.Lo+in.Imm) - x.Bias)
	if x.Linear {
		lin = uint64(uint32(a.Lo)) + in.Imm
	}
	write := in.Op == ir.Store || in.Op == ir.AtomicStore || in.Op == ir.AtomicRMW || in.Op == ir.AtomicCAS
	if lin+n > uint64(len(x.Mem)) {
		return r, Stop{Kind: StopExit, PC: pc, Code: ir.ExitFault, Info: truth(write)<<32 | uint64(uint32(lin)+x.Bias)}
	}
	atomic := in.Op != ir.Load && in.Op != ir.Store
	if atomic && lin%n != 0 {
		return r, Stop{Kind: StopExit, PC: pc, Code: ir.ExitAlign, Info: uint64(uint32(lin) + x.Bias)}
	}
	var buf [16]byte
	p := x.Mem[lin : lin+n]
	copy(buf[:], p)
	le := binary.LittleEndian
	old := V{le.Uint64(buf[:]), le.Uint64(buf[8:])}
	w := uint(n * 8)
	put := func(v V) {
		le.PutUint64(buf[:], v.Lo)
		le.PutUint64(buf[8:], v.Hi)
		copy(p, buf[:n])
	}
	switch in.Op {
	case ir.Store, ir.AtomicStore:
		put(b)
	case ir.AtomicRMW:
		put(V{Lo: modify(ir.RMW(in.Imm2), old.Lo, b.Lo&mask(w), w)})
	case ir.AtomicCAS:
		if old.Lo == b.Lo&mask(w) {
			put(c)
		}
	default:
		if acc.Signed() {
			old.Lo = uint64(sext(old.Lo, w))
		}
	}
	return truncate(old, in.Type), s
}

func modify(k ir.RMW, m, v uint64, w uint) uint64 {
	switch k {
	case ir.RMWAdd:
		return m + v
	case ir.RMWAnd:
		return m & v
	case ir.RMWOr:
		return m | v
	case ir.RMWXor:
		return m ^ v
	case ir.RMWXchg:
		return v
	case ir.RMWSMax:
		return uint64(max(sext(m, w), sext(v, w)))
	case ir.RMWSMin:
		return uint64(min(sext(m, w), sext(v, w)))
	case ir.RMWUMax:
		return max(m, v)
	}
	return min(m, v)
}
