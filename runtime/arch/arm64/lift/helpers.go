package lift

import "boxer/runtime/ir"

// Helpers that lifted code calls (ir.CallHelper); Env performs them. Those below HelperFP
// take and give plain integers; from HelperFP on, the number less HelperFP is a softfloat.Op.
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
	// HelperSetQC notes a saturation in FPSR if its argument is not zero, in precise code.
	HelperSetQC
	// HelperFMA32 and HelperFMA64 are x×y+z with one rounding, in the order x, y, z, in the
	// modes of fast code. Package emit calls them for what its own sequence of ir.FMA leaves out.
	HelperFMA32
	HelperFMA64
	// HelperShift shifts the elements of a doubleword by those of another: the shifts by register that
	// saturate or round. Its third argument is in simd_shift_reg.go.
	HelperShift

	HelperFP ir.Helper = 256
)
