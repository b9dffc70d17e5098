package decode

// Branches, exception generating and system instructions (C4.1.93).

var reserved = group{class: Reserved, rows: []def{
	{"UDF", "00000000 00000000 iiiiiiii iiiiiiii", "udf {#i:d}", nil, nil},
}}

var branches = group{class: BranchSys, rows: []def{
	{"B_cond", "01010100 iiiiiiii iiiiiiii iii0cccc", "b.{bcond} {label}{condnote}", nil, nil},
	{"B", "000101ii iiiiiiii iiiiiiii iiiiiiii", "b {label}", nil, nil},
	{"BL", "100101ii iiiiiiii iiiiiiii iiiiiiii", "bl {label}", nil, nil},
	{"CBZ", "s0110100 iiiiiiii iiiiiiii iiittttt", "cbz {Rt}, {label}", nil, nil},
	{"CBNZ", "s0110101 iiiiiiii iiiiiiii iiittttt", "cbnz {Rt}, {label}", nil, nil},
	{"TBZ", "b0110110 jjjjjiii iiiiiiii iiittttt", "tbz {Rt}, {bit}, {label}", nil, nil},
	{"TBNZ", "b0110111 jjjjjiii iiiiiiii iiittttt", "tbnz {Rt}, {bit}, {label}", nil, nil},
	{"BR", "11010110 00011111 000000nn nnn00000", "br {Xn}", nil, nil},
	{"BLR", "11010110 00111111 000000nn nnn00000", "blr {Xn}", nil, nil},
	{"RET", "11010110 01011111 000000nn nnn00000", "ret {Xn} | n30: ret", nil, nil},
}}

var branchesHBC = group{class: BranchSys, feature: FeatHBC, rows: []def{
	{"BC_cond", "01010100 iiiiiiii iiiiiiii iii1cccc", "bc.{bcond} {label}{condnotebc}", nil, nil},
}}

var branchesPAuth = group{class: BranchSys, feature: FeatPAuth, rows: []def{
	{"BRAAZ", "11010110 00011111 000010nn nnn11111", "braaz {Xn}", nil, nil},
	{"BRABZ", "11010110 00011111 000011nn nnn11111", "brabz {Xn}", nil, nil},
	{"BLRAAZ", "11010110 00111111 000010nn nnn11111", "blraaz {Xn}", nil, nil},
	{"BLRABZ", "11010110 00111111 000011nn nnn11111", "blrabz {Xn}", nil, nil},
	{"RETAA", "11010110 01011111 00001011 11111111", "retaa", nil, nil},
	{"RETAB", "11010110 01011111 00001111 11111111", "retab", nil, nil},
	{"ERETAA", "11010110 10011111 00001011 11111111", "eretaa", nil, nil},
	{"ERETAB", "11010110 10011111 00001111 11111111", "eretab", nil, nil},
	{"BRAA", "11010111 00011111 000010nn nnnddddd", "braa {Xn}, {Xd.sp}", nil, nil},
	{"BRAB", "11010111 00011111 000011nn nnnddddd", "brab {Xn}, {Xd.sp}", nil, nil},
	{"BLRAA", "11010111 00111111 000010nn nnnddddd", "blraa {Xn}, {Xd.sp}", nil, nil},
	{"BLRAB", "11010111 00111111 000011nn nnnddddd", "blrab {Xn}, {Xd.sp}", nil, nil},
}}

var branchesPrivilege = group{class: BranchSys, feature: FeatPrivilege, rows: []def{
	{"ERET", "11010110 10011111 00000011 11100000", "eret", nil, nil},
	{"DRPS", "11010110 10111111 00000011 11100000", "drps", nil, nil},
}}

var exceptions = group{class: BranchSys, rows: []def{
	{"SVC", "11010100 000iiiii iiiiiiii iii00001", "svc {#i}", nil, nil},
	{"BRK", "11010100 001iiiii iiiiiiii iii00000", "brk {#i}", nil, nil},
	{"HLT", "11010100 010iiiii iiiiiiii iii00000", "hlt {#i}", nil, nil},
}}

var exceptionsPrivilege = group{class: BranchSys, feature: FeatPrivilege, rows: []def{
	{"HVC", "11010100 000iiiii iiiiiiii iii00010", "hvc {#i}", nil, nil},
	{"SMC", "11010100 000iiiii iiiiiiii iii00011", "smc {#i}", nil, nil},
	{"DCPS1", "11010100 101iiiii iiiiiiii iii00001", "dcps1{dcps}", nil, nil},
	{"DCPS2", "11010100 101iiiii iiiiiiii iii00010", "dcps2{dcps}", nil, nil},
	{"DCPS3", "11010100 101iiiii iiiiiiii iii00011", "dcps3{dcps}", nil, nil},
}}

var exceptionsTME = group{class: BranchSys, feature: FeatTME, rows: []def{
	{"TCANCEL", "11010100 011iiiii iiiiiiii iii00000", "tcancel {#i:d}", nil, nil},
}}

// The hints that have a meaning for an interpreter are rows of their own; all others,
// the pointer authentication and branch target hints among them, do nothing
// on a core without those features.
var system = group{class: BranchSys, rows: []def{
	{"HINT", "11010101 00000011 0010iiii iii11111", "{hint}", nil, nil},
	{"NOP", "11010101 00000011 00100000 00011111", "nop", nil, nil},
	{"YIELD", "11010101 00000011 00100000 00111111", "yield", nil, nil},
	{"WFE", "11010101 00000011 00100000 01011111", "wfe", nil, nil},
	{"WFI", "11010101 00000011 00100000 01111111", "wfi", nil, nil},
	{"SEV", "11010101 00000011 00100000 10011111", "sev", nil, nil},
	{"SEVL", "11010101 00000011 00100000 10111111", "sevl", nil, nil},

	{"CLREX", "11010101 00000011 0011mmmm 01011111", "clrex {#m} | crm15: clrex", nil, nil},
	{"DSB", "11010101 00000011 0011mmmm 10011111", "dsb {barrier} | crm0: ssbb | crm4: pssbb", nil, nil},
	{"DMB", "11010101 00000011 0011mmmm 10111111", "dmb {barrier}", nil, nil},
	{"ISB", "11010101 00000011 0011mmmm 11011111", "isb {#m} | crm15: isb", nil, nil},

	{"SYS", "11010101 00001ooo nnnnmmmm pppttttt", "{sys}", nil, nil},
	{"SYSL", "11010101 00101ooo nnnnmmmm pppttttt", "sysl {Xt}, {sysop}", nil, nil},
	{"MSR_reg", "11010101 0001oooo nnnnmmmm pppttttt", "msr {sysreg}, {Xt}", nil, nil},
	{"MRS", "11010101 0011oooo nnnnmmmm pppttttt", "mrs {Xt}, {sysreg}", nil, nil},
}}

var systemPrivilege = group{class: BranchSys, feature: FeatPrivilege, rows: []def{
	{"MSR_imm", "11010101 00000ooo 0100mmmm ppp11111", "msr {pstate}, {#m}", okPState, nil},
}}

var systemSME = group{class: BranchSys, feature: FeatSME, rows: []def{
	{"SMSTOP", "11010101 00000011 01000mm0 01111111", "smstop{svcr}", okSVCR, nil},
	{"SMSTART", "11010101 00000011 01000mm1 01111111", "smstart{svcr}", okSVCR, nil},
}}

var systemSB = group{class: BranchSys, feature: FeatSB, rows: []def{
	{"SB", "11010101 00000011 00110000 11111111", "sb", nil, nil},
}}

var systemWFxT = group{class: BranchSys, feature: FeatWFxT, rows: []def{
	{"WFET", "11010101 00000011 00010000 000ttttt", "wfet {Xt}", nil, nil},
	{"WFIT", "11010101 00000011 00010000 001ttttt", "wfit {Xt}", nil, nil},
}}

var systemXS = group{class: BranchSys, feature: FeatXS, rows: []def{
	{"DSB_nXS", "11010101 00000011 0011mm10 00111111", "dsb {barriernxs}", nil, nil},
}}

var systemTME = group{class: BranchSys, feature: FeatTME, rows: []def{
	{"TSTART", "11010101 00100011 00110000 011ttttt", "tstart {Xt}", nil, nil},
	{"TTEST", "11010101 00100011 00110001 011ttttt", "ttest {Xt}", nil, nil},
	{"TCOMMIT", "11010101 00000011 00110000 01111111", "tcommit", nil, nil},
}}

var systemFlagM = group{class: BranchSys, feature: FeatFlagM, rows: []def{
	{"CFINV", "11010101 00000000 01000000 00011111", "cfinv", nil, nil},
}}

var systemFlagM2 = group{class: BranchSys, feature: FeatFlagM2, rows: []def{
	{"XAFLAG", "11010101 00000000 01000000 00111111", "xaflag", nil, nil},
	{"AXFLAG", "11010101 00000000 01000000 01011111", "axflag", nil, nil},
}}

// okPState: op1:op2 must select a PSTATE field.
func okPState(w uint32) bool { return pstateName(w) != "" }

// okSVCR: streaming mode, ZA or both.
func okSVCR(w uint32) bool { return w>>9&3 != 0 }
