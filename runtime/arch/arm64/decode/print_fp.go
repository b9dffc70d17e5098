package decode

import (
	"fmt"
	"math"
)

// printFP prints the operands of scalar floating point.
func printFP(in Inst, tok string, _ uint64) (string, bool) {
	w := in.Word
	switch tok {
	case "fpimm":
		return floatImmediate(w >> 13 & 0xff), true
	case "fbits":
		return fmt.Sprintf("#%d", 64-w>>10&63), true
	case "fcvtd":
		return fmt.Sprintf("%c%d", "sd?h"[w>>15&3], rd(w)), true
	}
	return "", false
}

// floatImmediate prints an 8-bit floating-point immediate; its value is the same in
// all sizes.
func floatImmediate(imm8 uint32) string {
	return fmt.Sprintf("#%.18e", math.Float64frombits(VFPExpandImm(imm8, 64)))
}
