package translate

import (
	"boxer/runtime/arch/arm64"
	"boxer/runtime/emit"
	"boxer/runtime/ir"
)

// Profile is what the emitter must know of an engine.
type Profile = emit.Profile

// Wazero is the profile for wazero's compiler: few locals, because its register allocator does not
// know loops.
func Wazero() *emit.Profile {
	return &emit.Profile{
		Name:        "wazero",
		Params:      []ir.Slot{arm64.SlotX + 0, arm64.SlotSP},
		FuelParam:   true,
		IntLocals:   5,
		VecLocals:   8,
		ProbeBounds: true,
		BranchInIf:  true,
		IntSelect:   true,
		Unroll:      true,
		StackBytes:  16 << 20,
	}
}

// V8 is the profile for V8 and, until others are measured, for every engine in a page:
// every slot that pays in a local. The stack is the worker's, of which half a megabyte is safe. Batches are
// small, since the translator is five times as slow there as on a server and a module costs little: sh -c 'ls | wc -l'
// translates 39,000 instructions one function at a time, 60,000 four at a time, 108,000 in
// batches of 32; four calls in a batch are direct ones, which fast loops want.
func V8() *emit.Profile {
	return &emit.Profile{
		Name:       "v8",
		Params:     []ir.Slot{arm64.SlotX + 0, arm64.SlotSP, arm64.SlotX + 30},
		IntLocals:  -1,
		VecLocals:  -1,
		Batch:      4,
		StackBytes: 400 << 10,
	}
}
