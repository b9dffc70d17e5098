// Package ir is the intermediate representation between a guest instruction
// set and WebAssembly: typed values in basic blocks, guest registers as named
// slots, and terminators that say how control leaves a block. It knows no
// instruction set; a front end (arch/arm64/lift) builds it, the passes here
// improve it, and package emit writes it as Wasm.
//
// A Func is one region of guest code, usually one guest function. Within it:
//
//   - Values are SSA: an Inst defines at most one value, used only where its block
//     dominates.
//   - Guest registers are slots, read with GetReg and written with SetReg. At every exit all
//     slots hold their architectural values: that is the contract with the
//     kernel. Between exits a slot may live anywhere.
//   - A slot has a width; reading it at a narrower type gives its low bits,
//     writing it at a narrower type clears the rest. (A write to W0 is a
//     SetReg of an I32, a write to S0 a SetReg of an F32.)
//   - Flags are values of type Flags, made by a comparison and consumed by Cond;
//     NZCV packs them, and the pass list makes that rare.
//   - Guest memory is reached by Load, Store and the atomics only; addresses are I64
//     or I32 values of which the low 32 bits count (DESIGN §4).
package ir

import "fmt"

// Type is the type of a value.
type Type uint8

// The types. Flags values exist in the IR only.
const (
	Void Type = iota
	I32
	I64
	F32
	F64
	V128
	Flags
)

var typeNames = [...]string{"void", "i32", "i64", "f32", "f64", "v128", "flags"}

func (t Type) String() string { return typeNames[t] }

// IsInt reports whether t is I32 or I64.
func (t Type) IsInt() bool { return t == I32 || t == I64 }

// Value names the result of an Inst: its index in Func.Insts. Zero is no value.
type Value uint32

// Slot names a guest register. Which slots exist is the front end's choice (Arch).
type Slot uint8

// SlotInfo describes a slot.
type SlotInfo struct {
	Name string
	Type Type // I32, I64 or V128: the width kept between regions
	// CallDead: the calling convention leaves the slot undefined at calls, returns
	// and jumps to other functions. True of condition flags only.
	CallDead bool
}

// Arch is what the IR must be told of a guest architecture.
type Arch struct {
	Name  string
	Slots []SlotInfo
	Flags Slot // the I32 slot that holds packed flags (N Z C V in bits 31..28)
	SP    Slot // the stack pointer
}

// Inst is one operation.
type Inst struct {
	Op   Op
	Type Type   // of the result; Void if none
	Aux  uint8  // slot, access, condition, flags kind: by Op
	Pos  uint32 // guest PC − Func.Base, for exact faults
	Args [3]Value
	Imm  uint64 // constant bits, address offset (int64), lane, helper: by Op
	Imm2 uint64 // high half of a V128 constant or shuffle mask
}

// BlockID indexes Func.Blocks.
type BlockID int32

// NoBlock marks an absent successor.
const NoBlock BlockID = -1

// Block is a basic block: guest instructions from PC, ended by Term.
type Block struct {
	PC    uint64
	Insts []Value
	Term  Term
	Cost  uint32 // guest instructions in the block, charged as fuel

	// Dispatch, if not zero, is 1 + the variable by which the block does nothing but switch.
	// Target is 1 + the variable that then holds the guest PC it leads to, zero if the edges' sources know.
	Dispatch, Target int
}

// Func is a region.
type Func struct {
	Arch   *Arch
	Name   string
	Base   uint64 // guest address that Pos counts from
	Insts  []Inst // Insts[0] is unused
	Blocks []Block
	Entry  BlockID
	Vars   int // number of variables (GetVar)

	// Inlined are guest addresses outside the blocks that the region was made from.
	Inlined []Span
}

// Span is the guest addresses from Lo up to Hi.
type Span struct{ Lo, Hi uint64 }

// Inst returns v's definition.
func (f *Func) Inst(v Value) *Inst { return &f.Insts[v] }

// TypeOf returns v's type.
func (f *Func) TypeOf(v Value) Type { return f.Insts[v].Type }

// ConstOf returns the bits of v if it is an integer constant.
func (f *Func) ConstOf(v Value) (uint64, bool) {
	in := &f.Insts[v]
	if in.Op == Const && in.Type.IsInt() {
		return in.Imm, true
	}
	return 0, false
}

// TermKind says how control leaves a block.
type TermKind uint8

const (
	// TermNone is a block under construction.
	TermNone TermKind = iota
	// TermJump goes to To.
	TermJump
	// TermBranch goes to To if Val (an I32) is not zero, else to Else.
	TermBranch
	// TermSwitch goes to Targets[Val] (an I32), or to Else where there is no such element or it is NoBlock.
	TermSwitch
	// TermCall calls the guest function at PC and goes on at To if that
	// returns to Ret; any other return leaves the region for where it says.
	TermCall
	// TermCallInd is TermCall of the address Val.
	TermCallInd
	// TermReturn leaves the region for the address Val, expected by a caller.
	TermReturn
	// TermTail leaves the region for the constant address PC.
	TermTail
	// TermTailInd leaves the region for the address Val, a jump.
	TermTailInd
	// TermSyscall makes a system call; execution goes on at To, whose address is Ret.
	TermSyscall
	// TermExit returns to the kernel with Code (an ExitCode) and Info at address PC.
	TermExit
)

// ExitCode says why a region returns to the kernel for good.
type ExitCode uint8

// The reasons of TermExit and of faults.
const (
	ExitUndefined  ExitCode = iota + 1 // Info: the instruction word
	ExitBreakpoint                     // Info: the immediate
	ExitFault                          // Info: the address; bit 32: store
	ExitAlign                          // Info: the address
	ExitSync                           // the code after PC may have changed: re-enter there
	ExitYield                          // the guest gives the rest of its slice away
	ExitFPMode                         // Info: new control register value needs another form
)

// Term ends a block.
type Term struct {
	Kind    TermKind
	Code    ExitCode
	Val     Value
	To      BlockID
	Else    BlockID
	Targets []BlockID
	PC      uint64
	Ret     uint64
	Info    uint64
}

// Succs calls f for each successor block within the region. An element of a switch is
// reported each time it occurs.
func (t *Term) Succs(f func(BlockID)) {
	switch t.Kind {
	case TermJump, TermCall, TermCallInd, TermSyscall:
		if t.To != NoBlock {
			f(t.To)
		}
	case TermBranch:
		f(t.To)
		f(t.Else)
	case TermSwitch:
		for _, b := range t.Targets {
			if b != NoBlock {
				f(b)
			}
		}
		f(t.Else)
	}
}

// Leaves reports whether the terminator runs other guest code or the kernel, so that
// all slots must be in their places.
func (t *Term) Leaves() bool {
	switch t.Kind {
	case TermJump, TermBranch, TermSwitch:
		return false
	}
	return true
}

// Access is the width and extension of a memory access, in Inst.Aux.
type Access uint8

// Accesses. An integer load of fewer bits than its type extends by sign for
// the S forms, by zero otherwise; a store takes the low bits.
const (
	Mem8 Access = iota
	Mem16
	Mem32
	Mem64
	Mem128
	Mem8S
	Mem16S
	Mem32S
)

// Size is the number of bytes accessed.
func (a Access) Size() uint64 {
	return [...]uint64{1, 2, 4, 8, 16, 1, 2, 4}[a]
}

// Signed reports whether a load extends by sign.
func (a Access) Signed() bool { return a >= Mem8S }

func (a Access) String() string {
	return [...]string{"8", "16", "32", "64", "128", "8s", "16s", "32s"}[a]
}

// Cond is a condition on Flags, in Inst.Aux.
type Cond uint8

// The conditions, in complementary pairs (c^1 is the opposite). Carry after a subtraction
// means no borrow.
const (
	EQ Cond = iota // Z
	NE
	CS // C; unsigned >=
	CC
	MI // N
	PL
	VS // V
	VC
	HI // C && !Z; unsigned >
	LS
	GE // N == V
	LT
	GT // !Z && N == V
	LE
	AL
)

var condNames = [...]string{"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al"}

func (c Cond) String() string { return condNames[c] }

// Not is the opposite condition.
func (c Cond) Not() Cond { return c ^ 1 }

// Holds evaluates c on packed flags (bits 31..28).
func (c Cond) Holds(nzcv uint32) bool {
	n, z, cc, v := nzcv>>31&1 == 1, nzcv>>30&1 == 1, nzcv>>29&1 == 1, nzcv>>28&1 == 1
	var r bool
	switch c >> 1 {
	case 0:
		r = z
	case 1:
		r = cc
	case 2:
		r = n
	case 3:
		r = v
	case 4:
		r = cc && !z
	case 5:
		r = n == v
	case 6:
		r = !z && n == v
	case 7:
		return true
	}
	return r != (c&1 == 1)
}

// FlagsKind says how a Flags value follows from its operands, in Inst.Aux of SetFlags.
type FlagsKind uint8

const (
	// FlagsSub: a − b. C is set when there is no borrow.
	FlagsSub FlagsKind = iota
	// FlagsAdd: a + b.
	FlagsAdd
	// FlagsLogic: N and Z of a; C and V clear.
	FlagsLogic
	// FlagsAddC: a + b + c, c an I32 of 0 or 1.
	FlagsAddC
	// FlagsFCmp: floating-point comparison of a and b: unordered CV, less N, equal ZC, greater C.
	FlagsFCmp
	// FlagsRaw: a is an I32 with the flags in bits 31..28.
	FlagsRaw
)

func (k FlagsKind) String() string {
	return [...]string{"sub", "add", "logic", "addc", "fcmp", "raw"}[k]
}

// Helper names a function outside the region that an instruction too rare or too large
// to inline calls; package emit binds it. Its arguments and result are I64.
type Helper uint32

func (h Helper) String() string { return fmt.Sprintf("helper%d", uint32(h)) }
