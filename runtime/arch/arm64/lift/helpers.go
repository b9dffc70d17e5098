package lift

import "boxer/runtime/ir"

// Helpers that lifted code calls (ir.CallHelper). Those below HelperFP take and give plain
// integers; from HelperFP on, the number less HelperFP is a softfloat.Op.
const (
	// HelperInvalidate notes that the instruction cache line of its argument changed.
	HelperInvalidate ir.Helper = iota
	// HelperCounter reads the virtual counter (CNTVCT_EL0).
	HelperCounter
	// HelperCRC32 and HelperCRC32C take the checksum so far, the data and their size in bytes.
	HelperCRC32
	HelperCRC32C
	// The floating-point control and status registers, in precise code.
	HelperSetFPCR
	HelperGetFPSR
	HelperSetFPSR

	HelperFP ir.Helper = 256
)
