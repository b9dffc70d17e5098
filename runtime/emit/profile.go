// Package emit writes IR as WebAssembly. It knows two things that the IR does
// not: where guest state lives between regions (a Profile, chosen for the
// engine), and how regions find each other (the call map).
//
// # Regions as functions
//
// Each region is one Wasm function. Its parameters are the slots of
// Profile.Params, the fuel (where the profile passes it) and the depth that is left; its results are the next guest
// PC, those slots and the fuel. The two low bits of the PC say what to do there
// (Continue, Preempt, Exit, Syscall). A guest call is a Wasm call; a caller that gets
// another PC than its return address passes it on, so that any exit unwinds by itself, with
// all state in its places.
//
// # Places
//
// A slot's value lies in a Wasm local while a region works on it, else in the register block,
// in hidden linear memory. Dirty locals are written back before anything else can look: a call, a return, an exit.
//
// # The call map
//
// A table in two levels, in hidden memory, takes a guest PC to an index of the function table:
// the first level has an offset for each 64 KiB of addresses, the second an index for each word. Where
// there is no function it has zero, and element zero of the function table is a region that asks the host (missed).
package emit

import (
	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// The meaning of the low bits of the PC that a region returns.
const (
	Continue = 0 // go on there
	Preempt  = 1 // the fuel is used up
	Exit     = 2 // see VarExitCode and VarExitInfo
	Syscall  = 3 // a system call, already advanced past
)

// Profile says what suits an engine. The measurements are in RATIONALE.md.
type Profile struct {
	Name string
	// Params are slots passed as parameters and results. All must be I64.
	Params []ir.Slot
	// FuelParam: fuel is a parameter and a result, else it is in the state.
	FuelParam bool
	// IntLocals and VecLocals bound the number of other slots in locals; the hottest
	// are chosen. Negative: all that pay.
	IntLocals, VecLocals int
	// ProbeBounds: the engine checks bounds explicitly, and once for accesses to one address.
	ProbeBounds bool
	// BranchInIf: conditional branches are written as a branch in an if.
	BranchInIf bool
	// IntSelect: floating-point values are selected as integers, since the engine's own select of
	// them may be wrong.
	IntSelect bool
	// Unroll: small loops are repeated (ir.PassOptions).
	Unroll bool
	// RelaxedMadd: the engine's f64x2.relaxed_madd rounds once.
	RelaxedMadd bool
	// Batch is how many functions are translated at a time; 0: as many as package translate likes.
	Batch int
	// StackBytes is the depth that a run starts with: an estimate, in bytes of the
	// engine's stack.
	StackBytes uint32
}

// Layout of the hidden range (arch.HiddenSize bytes), by offset.
const (
	HiddenDir   = 0       // first level of the call map: 65,536 offsets from HiddenZero
	HiddenZero  = 0x40000 // a second-level part that stays zero
	HiddenBlock = 0x50000 // the register block
	HiddenEnd   = 0x52000
)

// ChunkSize is the size in bytes of a second-level part of the call map. It serves
// 64 KiB of guest addresses.
const ChunkSize = 1 << 16

// Var is a word of the state that is not a guest register.
type Var uint8

// The variables. In the register block they follow the slots.
const (
	VarExitCode Var = iota // I32, an ir.ExitCode
	VarExitInfo            // I64
	VarGuardLo             // I32: the guard range's start …
	VarGuardLen            // I32: … and length
	VarEntry               // I32: the EntryIndex
	VarFuel                // I32
	VarCallee              // I32: the PC that a region calls through the call map, for what stands where none is
	numVars
)

var varTypes = [numVars]ir.Type{ir.I32, ir.I64, ir.I32, ir.I32, ir.I32, ir.I32, ir.I32}

// Config is what all code of one CPU form has in common. It is part of the key of
// cached translations.
type Config struct {
	Arch    *ir.Arch
	Profile *Profile
	// Bias is the guest address of linear offset 0; Hidden the linear offset of the
	// hidden range.
	Bias, Hidden uint32
	// PreciseFaults: check each access first and leave with exact state.
	PreciseFaults bool
	// FMA32 and FMA64 are the helpers behind ir.FMA where the inline sequence does
	// not reach.
	FMA32, FMA64 ir.Helper
	// SyscallArgs are the slots that hold a system call's number and arguments,
	// SyscallResult the one that takes its result. All are I64.
	SyscallArgs   []ir.Slot
	SyscallResult ir.Slot
}

// PassOptions are what ir.Optimize must know to make the IR of regions that are emitted with c.
func (c *Config) PassOptions() ir.PassOptions {
	return ir.PassOptions{PreciseFaults: c.PreciseFaults, Bias: c.Bias, Unroll: c.Profile.Unroll,
		ShareBases: c.Profile.ProbeBounds || c.PreciseFaults}
}

// Layout places slots and variables in the register block.
type Layout struct {
	Slot []uint32 // offset by ir.Slot
	Var  [numVars]uint32
	Size uint32
}

// NewLayout computes the register block of an architecture: vectors first, then 64-bit slots, then the rest.
func NewLayout(a *ir.Arch) *Layout {
	l := &Layout{Slot: make([]uint32, len(a.Slots))}
	for _, t := range []ir.Type{ir.V128, ir.I64, ir.I32} {
		for i, s := range a.Slots {
			if s.Type == t {
				l.Slot[i] = l.Size
				l.Size += size(t)
			}
		}
		for v, vt := range varTypes {
			if vt == t {
				l.Var[v] = l.Size
				l.Size += size(t)
			}
		}
	}
	l.Size = (l.Size + 15) &^ 15
	return l
}

func size(t ir.Type) uint32 {
	switch t {
	case ir.V128:
		return 16
	case ir.I64, ir.F64:
		return 8
	}
	return 4
}

func valType(t ir.Type) wasm.ValType {
	switch t {
	case ir.I32:
		return wasm.I32
	case ir.I64:
		return wasm.I64
	case ir.F32:
		return wasm.F32
	case ir.F64:
		return wasm.F64
	case ir.V128:
		return wasm.V128
	}
	panic("BUG: no Wasm type for " + t.String())
}

// signature is the type of region functions.
func (p *Profile) signature() (params, results []wasm.ValType) {
	results = append(results, wasm.I32)
	for range p.Params {
		params = append(params, wasm.I64)
		results = append(results, wasm.I64)
	}
	if p.FuelParam {
		params = append(params, wasm.I32)
		results = append(results, wasm.I32)
	}
	return append(params, wasm.I32), results
}
