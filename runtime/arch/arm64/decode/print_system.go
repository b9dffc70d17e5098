package decode

import (
	"fmt"
	"strings"
)

// SysReg is a system register as MRS and MSR encode it: op0, op1, CRn, CRm and op2
// in 2, 3, 4, 4 and 3 bits. The upper bit of op0 is always set and left out.
type SysReg uint16

// MakeSysReg packs a register's number.
func MakeSysReg(op0, op1, crn, crm, op2 uint32) SysReg {
	return SysReg(op0&1<<14 | op1<<11 | crn<<7 | crm<<3 | op2)
}

// String is the register's name, or its generic name such as s3_3_c4_c2_0.
func (r SysReg) String() string {
	op0, op1, crn, crm, op2 := 2+r>>14&1, r>>11&7, r>>7&15, r>>3&15, r&7
	if name := nameIn(sysRegNames, fmt.Sprintf("\n%d %d %d %d:", op0, op1, crn, crm), int(op2)); name != "" {
		return name
	}
	return fmt.Sprintf("s%d_%d_c%d_c%d_%d", op0, op1, crn, crm, op2)
}

// nameIn finds the i-th name on the line that begins with key.
func nameIn(table, key string, i int) string {
	_, line, ok := strings.Cut(table, key)
	if !ok {
		return ""
	}
	line, _, _ = strings.Cut(line, "\n")
	if names := strings.Fields(line); i < len(names) && names[i] != "-" {
		return names[i]
	}
	return ""
}

// SysOp is the operation of SYS as the instruction encodes it: op1, CRn, CRm and op2
// in 3, 4, 4 and 3 bits.
type SysOp uint16

// SysOp is the operation of SYS and SYSL.
func (in Inst) SysOp() SysOp { return SysOp(in.Word >> 5 & 0x3fff) }

// name splits the alias of an operation: "dc", "zva" and whether it takes a register.
func (op SysOp) name() (mnemonic, operation string, register bool) {
	s := nameIn(sysOpNames, fmt.Sprintf("\n%d %d %d:", op>>11&7, op>>7&15, op>>3&15), int(op&7))
	mnemonic, operation, _ = strings.Cut(s, "=")
	operation, bare := strings.CutSuffix(operation, "!")
	return mnemonic, operation, !bare
}

// String is the operation as objdump prints it, without the register.
func (op SysOp) String() string {
	if mnemonic, operation, _ := op.name(); mnemonic != "" {
		return mnemonic + "\t" + operation
	}
	return fmt.Sprintf("sys\t#%d, C%d, C%d, #%d", op>>11&7, op>>7&15, op>>3&15, op&7)
}

// hintNames are the hints that have a mnemonic; the rest print as numbers.
var hintNames = [40]string{
	0: "nop", 1: "yield", 2: "wfe", 3: "wfi", 4: "sev", 5: "sevl", 7: "xpaclri", 8: "pacia1716", 10: "pacib1716",
	12: "autia1716", 14: "autib1716", 16: "esb", 17: "psb\tcsync", 18: "tsb\tcsync", 20: "csdb", 22: "clearbhb",
	24: "paciaz", 25: "paciasp", 26: "pacibz", 27: "pacibsp", 28: "autiaz", 29: "autiasp", 30: "autibz", 31: "autibsp",
	32: "bti", 34: "bti\tc", 36: "bti\tj", 38: "bti\tjc",
}

// barrierNames are the options of DMB and DSB; the reserved ones are numbers.
var barrierNames = [16]string{
	1: "oshld", 2: "oshst", 3: "osh", 5: "nshld", 6: "nshst", 7: "nsh", 9: "ishld", 10: "ishst", 11: "ish", 13: "ld", 14: "st", 15: "sy",
}

// pstateName is the PSTATE field that MSR (immediate) writes, or "". Most fields
// are one bit and take only 0 and 1.
func pstateName(w uint32) string {
	name, bits := "", uint32(1)
	switch w>>16&7<<3 | w>>5&7 { // op1 and op2
	case 0o03:
		name = "uao"
	case 0o04:
		name = "pan"
	case 0o05:
		name = "spsel"
	case 0o10:
		name = "allint"
	case 0o31:
		name = "ssbs"
	case 0o32:
		name = "dit"
	case 0o34:
		name = "tco"
	case 0o36:
		name, bits = "daifset", 4
	case 0o37:
		name, bits = "daifclr", 4
	}
	if w>>8&15>>bits != 0 {
		return ""
	}
	return name
}

// printSystem prints the operands of system instructions.
func printSystem(in Inst, tok string, _ uint64) (string, bool) {
	w := in.Word
	switch tok {
	case "hint":
		if n := w >> 5 & 0x7f; n < uint32(len(hintNames)) && hintNames[n] != "" {
			return hintNames[n], true
		}
		return fmt.Sprintf("hint\t#0x%x", w>>5&0x7f), true
	case "barrier":
		if s := barrierNames[w>>8&15]; s != "" {
			return s, true
		}
		return fmt.Sprintf("#0x%02x", w>>8&15), true
	case "barriernxs":
		return [...]string{"oshnxs", "nshnxs", "ishnxs", "synxs"}[w>>10&3], true
	case "pstate":
		return pstateName(w), true
	case "sysreg":
		s := in.SysReg().String()
		if s == "dbgdtrrx_el0" && w>>21&1 == 0 { // the only register with two names
			s = "dbgdtrtx_el0"
		}
		return s, true
	case "dcps":
		if n := w >> 5 & 0xffff; n != 0 {
			return fmt.Sprintf("\t#0x%x", n), true
		}
		return "", true
	case "svcr":
		return [...]string{"", "\tsm", "\tza", ""}[w>>9&3], true
	case "sys":
		mnemonic, _, register := in.SysOp().name()
		s := in.SysOp().String()
		if register && (mnemonic != "" || rd(w) != 31) {
			s += ", " + general('x', rd(w), false)
		}
		return s, true
	case "sysop":
		op := in.SysOp()
		return fmt.Sprintf("#%d, C%d, C%d, #%d", op>>11&7, op>>7&15, op>>3&15, op&7), true
	}
	return "", false
}
