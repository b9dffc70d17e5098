// Package arm64 is the A64 instruction set's user-visible state: the register
// file, its places in the IR and in memory, and (in decode and lift) the
// instructions themselves.
package arm64

import (
	"fmt"
	"strings"

	"boxer/runtime/arch"
)

// Machine is the ELF e_machine value of AArch64.
const Machine = 183

// Vector is a SIMD&FP register: its low and high 64 bits.
type Vector struct{ Lo, Hi uint64 }

// Regs is one thread's register file (Arm ARM B1.2). It implements arch.Regs.
type Regs struct {
	X     [31]uint64
	Stack uint64 // SP
	Next  uint64 // PC
	V     [32]Vector
	NZCV  uint32 // bits 31..28, as MRS NZCV gives them
	FPCR  uint32
	FPSR  uint32
	TPIDR uint64 // TPIDR_EL0, the thread pointer
	// The local exclusive monitor: address (all ones when clear) and the value that
	// the load-exclusive saw.
	ExclAddr uint64
	ExclLo   uint64
	ExclHi   uint64
}

var _ arch.Regs = (*Regs)(nil)

// NewRegs returns the state of a new thread: all zero, monitor clear.
func NewRegs() *Regs { return &Regs{ExclAddr: ^uint64(0)} }

func (r *Regs) PC() uint64     { return r.Next }
func (r *Regs) SetPC(v uint64) { r.Next = v }
func (r *Regs) SP() uint64     { return r.Stack }
func (r *Regs) SetSP(v uint64) { r.Stack = v }

// Syscall reads the number from X8 and the arguments from X0 to X5 (syscall(2)).
func (r *Regs) Syscall() (nr uint64, args [6]uint64) {
	copy(args[:], r.X[:6])
	return r.X[8], args
}

func (r *Regs) SetResult(v uint64)     { r.X[0] = v }
func (r *Regs) SetArg(i int, v uint64) { r.X[i] = v }
func (r *Regs) TLS() uint64            { return r.TPIDR }
func (r *Regs) SetTLS(v uint64)        { r.TPIDR = v }

// Clone implements arch.Regs.
func (r *Regs) Clone() arch.Regs {
	c := *r
	return &c
}

func (r *Regs) String() string {
	var b strings.Builder
	for i, x := range r.X {
		fmt.Fprintf(&b, "x%-2d %016x ", i, x)
		if i%4 == 3 {
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "sp  %016x\npc  %016x nzcv %x tpidr %x fpcr %x fpsr %x\n", r.Stack, r.Next, r.NZCV>>28, r.TPIDR, r.FPCR, r.FPSR)
	for i, v := range r.V {
		if v != (Vector{}) {
			fmt.Fprintf(&b, "v%-2d %016x%016x\n", i, v.Hi, v.Lo)
		}
	}
	return b.String()
}
