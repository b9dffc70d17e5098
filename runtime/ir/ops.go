package ir

// Op is an operation.
type Op uint16

// The operations that WebAssembly lacks, or that act on guest state. Those that it has
// follow in ops_wasm.go.
const (
	Nop Op = iota

	// Const is Imm (and Imm2 for V128), of the inst's type.
	Const

	// GetReg reads slot Aux; SetReg writes Args[0] to slot Aux.
	GetReg
	SetReg

	// Load reads guest memory: access Aux, address Args[0] plus Imm (signed).
	// The result is I32, I64, F32, F64 or V128. After the pass "addresses" Args[0] of
	// every access is an I32 linear offset and Imm is not negative.
	Load
	// Store writes Args[1], a value of any type at least as wide as the access.
	Store

	// AtomicLoad, AtomicStore: like Load and Store of integers, sequentially
	// consistent. The address must be aligned, else the access faults.
	AtomicLoad
	AtomicStore
	// AtomicRMW replaces memory m by m RMW Args[1] and yields the old m,
	// zero-extended. Imm2 is the RMW kind.
	AtomicRMW
	// AtomicCAS stores Args[2] if memory equals Args[1] (compared at the access's width) and
	// yields the old value, zero-extended.
	AtomicCAS
	// Fence orders all memory accesses.
	Fence

	// SetFlags compares Args by the FlagsKind in Aux and yields Flags.
	SetFlags
	// SetFlagsIf is SetFlags of Args[0], Args[1] if Args[2] (an I32) is not zero, else the
	// packed flags Imm.
	SetFlagsIf
	// LiveFlags is the Flags value that reaches the block from outside.
	LiveFlags
	// Test evaluates the Cond in Aux on Flags Args[0]: I32, 0 or 1.
	Test
	// NZCV packs Flags Args[0] into bits 31..28 of an I32.
	NZCV

	// UseFlags marks where the front end read the flags. It makes no code: by it passDeadSets
	// knows at which exits the flags' slot must be right.
	UseFlags

	// Select is Args[0] if Args[2] (an I32) is not zero, else Args[1].
	Select

	// DivS, DivU, of I32 or I64: division by zero gives 0, minimum / −1 the minimum.
	DivS
	DivU
	// MulHiS, MulHiU: the high 64 bits of the 128-bit product.
	MulHiS
	MulHiU

	// FMA is Args[0]×Args[1]+Args[2] with one rounding. F32 or F64; for V128, Aux is the
	// number of lanes, 4 or 2. NaNs propagate as NaN3 says with the addend first.
	FMA
	// NaN1, NaN2 repair the NaN that Wasm leaves open in r = Args[0], the result of
	// an operation on Args[1] (and Args[2]): if r is a NaN it becomes the first signalling NaN among
	// them, made quiet; else the first quiet one; else the positive default NaN.
	// F32, F64, or V128 with Aux lanes.
	NaN1
	NaN2

	// CallHelper calls the helper Imm with up to three I64 and yields an I64.
	CallHelper

	// GetVar and SetVar access variable Imm of the region, an I32 that a pass introduced.
	GetVar
	SetVar

	// EntryIndex is the number of the entry by which a region with several was entered.
	EntryIndex

	// ExitIf leaves the region if Args[0] (an I32) is not zero, before the
	// instruction at Pos: Aux is the ExitCode, Args[1] the I64 info if there is one, else Imm.
	ExitIf
	// GuardSP leaves the region with ExitFault if Args[0], about to become the
	// stack pointer, lies in the thread's guard range.
	GuardSP

	firstWasm
)

// NumOps is the number of operations.
const NumOps = numOps

// ImmKind says what an operation's Imm holds.
type ImmKind uint8

const (
	ImmNone ImmKind = iota
	ImmLane
	ImmShuffle
)

// OpInfo describes an operation. Args and Result are given where they are fixed.
type OpInfo struct {
	Name   string
	Args   []Type
	Result Type
	Imm    ImmKind
}

var ownOps = [firstWasm]OpInfo{
	Nop: {Name: "nop"}, Const: {Name: "const"}, GetReg: {Name: "get"}, SetReg: {Name: "set"},
	Load: {Name: "load"}, Store: {Name: "store"}, AtomicLoad: {Name: "atomic.load"}, AtomicStore: {Name: "atomic.store"},
	AtomicRMW: {Name: "atomic.rmw"}, AtomicCAS: {Name: "atomic.cas"}, Fence: {Name: "fence"},
	SetFlags: {Name: "flags"}, SetFlagsIf: {Name: "flagsif"}, LiveFlags: {Name: "liveflags"}, Test: {Name: "test"}, NZCV: {Name: "nzcv"}, UseFlags: {Name: "useflags"},
	Select: {Name: "select"}, DivS: {Name: "div_s"}, DivU: {Name: "div_u"}, MulHiS: {Name: "mulhi_s"}, MulHiU: {Name: "mulhi_u"},
	FMA: {Name: "fma"}, NaN1: {Name: "nan1"}, NaN2: {Name: "nan2"}, CallHelper: {Name: "helper"}, EntryIndex: {Name: "entry"}, GetVar: {Name: "getvar"}, SetVar: {Name: "setvar"}, ExitIf: {Name: "exitif"}, GuardSP: {Name: "guardsp"},
}

// Info describes op.
func (op Op) Info() *OpInfo {
	if op < firstWasm {
		return &ownOps[op]
	}
	return &wasmOps[op-firstWasm]
}

func (op Op) String() string { return op.Info().Name }

// IsWasm reports whether op is one of WebAssembly's own.
func (op Op) IsWasm() bool { return op >= firstWasm }

// Pure reports whether op depends on its operands alone and may be dropped, moved or repeated.
func (op Op) Pure() bool {
	switch op {
	case Const, SetFlags, SetFlagsIf, LiveFlags, Test, NZCV, Select, DivS, DivU, MulHiS, MulHiU, FMA, NaN1, NaN2:
		return true
	}
	return op >= firstWasm
}

// Removable reports whether an unused result makes op useless. Loads stay:
// they can fault.
func (op Op) Removable() bool { return op.Pure() || op == GetReg }

// MayExit reports whether op can leave the region, given whether faults are precise.
func (op Op) MayExit(precise bool) bool {
	switch op {
	case ExitIf, GuardSP:
		return true
	case Load, Store, AtomicLoad, AtomicStore, AtomicRMW, AtomicCAS:
		return precise
	}
	return false
}

// RMW is the operation of an AtomicRMW.
type RMW uint8

const (
	RMWAdd RMW = iota
	RMWAnd
	RMWOr
	RMWXor
	RMWXchg
	RMWSMax
	RMWSMin
	RMWUMax
	RMWUMin
)

func (r RMW) String() string {
	return [...]string{"add", "and", "or", "xor", "xchg", "smax", "smin", "umax", "umin"}[r]
}
