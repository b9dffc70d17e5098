package arm64

import (
	"fmt"

	"boxer/runtime/ir"
)

// The slots of the IR, in the order of the register file.
const (
	SlotX        ir.Slot = 0  // X0 … X30
	SlotSP       ir.Slot = 31 //
	SlotV        ir.Slot = 32 // V0 … V31
	SlotNZCV     ir.Slot = 64
	SlotFPCR     ir.Slot = 65
	SlotTPIDR    ir.Slot = 66
	SlotExclAddr ir.Slot = 67
	SlotExclLo   ir.Slot = 68
	SlotExclHi   ir.Slot = 69
	NumSlots             = 70
)

// IR describes A64 to the IR. FPSR is no slot: fast code does not keep it,
// and precise code keeps it in the CPU (lift's helpers).
var IR = irArch()

func irArch() *ir.Arch {
	a := &ir.Arch{Name: "arm64", Flags: SlotNZCV, SP: SlotSP, Slots: make([]ir.SlotInfo, NumSlots)}
	for i := range 31 {
		a.Slots[SlotX+ir.Slot(i)] = ir.SlotInfo{Name: fmt.Sprintf("x%d", i), Type: ir.I64}
	}
	for i := range 32 {
		a.Slots[SlotV+ir.Slot(i)] = ir.SlotInfo{Name: fmt.Sprintf("v%d", i), Type: ir.V128}
	}
	a.Slots[SlotSP] = ir.SlotInfo{Name: "sp", Type: ir.I64}
	a.Slots[SlotNZCV] = ir.SlotInfo{Name: "nzcv", Type: ir.I32, CallDead: true}
	a.Slots[SlotFPCR] = ir.SlotInfo{Name: "fpcr", Type: ir.I32}
	a.Slots[SlotTPIDR] = ir.SlotInfo{Name: "tpidr", Type: ir.I64}
	a.Slots[SlotExclAddr] = ir.SlotInfo{Name: "excl.addr", Type: ir.I64}
	a.Slots[SlotExclLo] = ir.SlotInfo{Name: "excl.lo", Type: ir.I64}
	a.Slots[SlotExclHi] = ir.SlotInfo{Name: "excl.hi", Type: ir.I64}
	return a
}
