package decode

import "fmt"

// SysReg is a system register as MRS and MSR encode it: op0, op1, CRn, CRm and op2
// in 2, 3, 4, 4 and 3 bits. Bit 15, the upper bit of op0, is not in the
// instruction and always set.
type SysReg uint16

// MakeSysReg packs a register's number.
func MakeSysReg(op0, op1, crn, crm, op2 uint32) SysReg {
	return SysReg((op0&1)<<14 | op1<<11 | crn<<7 | crm<<3 | op2)
}

// String is the register's name, or its generic name s3_3_c4_c2_0.
func (r SysReg) String() string {
	return fmt.Sprintf("s%d_%d_c%d_c%d_%d", 2+r>>14&1, r>>11&7, r>>7&15, r>>3&15, r&7)
}

func pstateName(w uint32) string {
	return ""
}

// printSystem prints the operands of system instructions.
func printSystem(in Inst, tok string, _ uint64) (string, bool) {
	w := in.Word
	switch tok {
	case "hint":
		return fmt.Sprintf("hint\t#0x%x", w>>5&0x7f), true
	case "barrier":
		return fmt.Sprintf("#0x%02x", w>>8&15), true
	case "barriernxs":
		return [...]string{"oshnxs", "nshnxs", "ishnxs", "synxs"}[w>>10&3], true
	case "pstate":
		return pstateName(w), true
	case "sysreg":
		return in.SysReg().String(), true
	case "dcps":
		if n := w >> 5 & 0xffff; n != 0 {
			return fmt.Sprintf("\t#0x%x", n), true
		}
		return "", true
	case "sys":
		return "sys\t" + sysOp(w) + ", " + general('x', rd(w), false), true
	case "sysop":
		return sysOp(w), true
	}
	return "", false
}

func sysOp(w uint32) string {
	return fmt.Sprintf("#%d, C%d, C%d, #%d", w>>16&7, w>>12&15, w>>8&15, w>>5&7)
}
