package decode

// Data processing, register (C4.1.95).

var dpReg = group{class: DataProcReg, rows: []def{
	{"AND_shift", "s0001010 hh0mmmmm iiiiiinn nnnddddd", "and {Rd}, {Rn}, {Rm}{shift}", okShift, nil},
	{"BIC_shift", "s0001010 hh1mmmmm iiiiiinn nnnddddd", "bic {Rd}, {Rn}, {Rm}{shift}", okShift, nil},
	{"ORR_shift", "s0101010 hh0mmmmm iiiiiinn nnnddddd", "orr {Rd}, {Rn}, {Rm}{shift}", okShift, aliasOrrShift},
	{"ORN_shift", "s0101010 hh1mmmmm iiiiiinn nnnddddd", "orn {Rd}, {Rn}, {Rm}{shift} | n31: mvn {Rd}, {Rm}{shift}", okShift, nil},
	{"EOR_shift", "s1001010 hh0mmmmm iiiiiinn nnnddddd", "eor {Rd}, {Rn}, {Rm}{shift}", okShift, nil},
	{"EON_shift", "s1001010 hh1mmmmm iiiiiinn nnnddddd", "eon {Rd}, {Rn}, {Rm}{shift}", okShift, nil},
	{"ANDS_shift", "s1101010 hh0mmmmm iiiiiinn nnnddddd", "ands {Rd}, {Rn}, {Rm}{shift} | d31: tst {Rn}, {Rm}{shift}", okShift, nil},
	{"BICS_shift", "s1101010 hh1mmmmm iiiiiinn nnnddddd", "bics {Rd}, {Rn}, {Rm}{shift}", okShift, nil},

	{"ADD_shift", "s0001011 hh0mmmmm iiiiiinn nnnddddd", "add {Rd}, {Rn}, {Rm}{shift}", okAddShift, nil},
	{"ADDS_shift", "s0101011 hh0mmmmm iiiiiinn nnnddddd", "adds {Rd}, {Rn}, {Rm}{shift} | d31: cmn {Rn}, {Rm}{shift}", okAddShift, nil},
	{"SUB_shift", "s1001011 hh0mmmmm iiiiiinn nnnddddd", "sub {Rd}, {Rn}, {Rm}{shift} | n31: neg {Rd}, {Rm}{shift}", okAddShift, nil},
	{"SUBS_shift", "s1101011 hh0mmmmm iiiiiinn nnnddddd", "subs {Rd}, {Rn}, {Rm}{shift} | d31: cmp {Rn}, {Rm}{shift} | n31: negs {Rd}, {Rm}{shift}", okAddShift, nil},

	{"ADD_ext", "s0001011 001mmmmm oooiiinn nnnddddd", "add {Rd.sp}, {Rn.sp}, {extreg}", okExtend, nil},
	{"ADDS_ext", "s0101011 001mmmmm oooiiinn nnnddddd", "adds {Rd}, {Rn.sp}, {extreg} | d31: cmn {Rn.sp}, {extreg}", okExtend, nil},
	{"SUB_ext", "s1001011 001mmmmm oooiiinn nnnddddd", "sub {Rd.sp}, {Rn.sp}, {extreg}", okExtend, nil},
	{"SUBS_ext", "s1101011 001mmmmm oooiiinn nnnddddd", "subs {Rd}, {Rn.sp}, {extreg} | d31: cmp {Rn.sp}, {extreg}", okExtend, nil},

	{"ADC", "s0011010 000mmmmm 000000nn nnnddddd", "adc {Rd}, {Rn}, {Rm}", nil, nil},
	{"ADCS", "s0111010 000mmmmm 000000nn nnnddddd", "adcs {Rd}, {Rn}, {Rm}", nil, nil},
	{"SBC", "s1011010 000mmmmm 000000nn nnnddddd", "sbc {Rd}, {Rn}, {Rm} | n31: ngc {Rd}, {Rm}", nil, nil},
	{"SBCS", "s1111010 000mmmmm 000000nn nnnddddd", "sbcs {Rd}, {Rn}, {Rm} | n31: ngcs {Rd}, {Rm}", nil, nil},

	{"CCMN_reg", "s0111010 010mmmmm cccc00nn nnn0kkkk", "ccmn {Rn}, {Rm}, {#k}, {cond}", nil, nil},
	{"CCMP_reg", "s1111010 010mmmmm cccc00nn nnn0kkkk", "ccmp {Rn}, {Rm}, {#k}, {cond}", nil, nil},
	{"CCMN_imm", "s0111010 010iiiii cccc10nn nnn0kkkk", "ccmn {Rn}, {#i}, {#k}, {cond}", nil, nil},
	{"CCMP_imm", "s1111010 010iiiii cccc10nn nnn0kkkk", "ccmp {Rn}, {#i}, {#k}, {cond}", nil, nil},

	{"CSEL", "s0011010 100mmmmm cccc00nn nnnddddd", "csel {Rd}, {Rn}, {Rm}, {cond}", nil, nil},
	{"CSINC", "s0011010 100mmmmm cccc01nn nnnddddd", "csinc {Rd}, {Rn}, {Rm}, {cond}", nil, aliasCsinc},
	{"CSINV", "s1011010 100mmmmm cccc00nn nnnddddd", "csinv {Rd}, {Rn}, {Rm}, {cond}", nil, aliasCsinv},
	{"CSNEG", "s1011010 100mmmmm cccc01nn nnnddddd", "csneg {Rd}, {Rn}, {Rm}, {cond}", nil, aliasCsneg},

	{"UDIV", "s0011010 110mmmmm 000010nn nnnddddd", "udiv {Rd}, {Rn}, {Rm}", nil, nil},
	{"SDIV", "s0011010 110mmmmm 000011nn nnnddddd", "sdiv {Rd}, {Rn}, {Rm}", nil, nil},
	{"LSLV", "s0011010 110mmmmm 001000nn nnnddddd", "lsl {Rd}, {Rn}, {Rm}", nil, nil},
	{"LSRV", "s0011010 110mmmmm 001001nn nnnddddd", "lsr {Rd}, {Rn}, {Rm}", nil, nil},
	{"ASRV", "s0011010 110mmmmm 001010nn nnnddddd", "asr {Rd}, {Rn}, {Rm}", nil, nil},
	{"RORV", "s0011010 110mmmmm 001011nn nnnddddd", "ror {Rd}, {Rn}, {Rm}", nil, nil},

	{"RBIT", "s1011010 11000000 000000nn nnnddddd", "rbit {Rd}, {Rn}", nil, nil},
	{"REV16", "s1011010 11000000 000001nn nnnddddd", "rev16 {Rd}, {Rn}", nil, nil},
	{"REV_w", "01011010 11000000 000010nn nnnddddd", "rev {Wd}, {Wn}", nil, nil},
	{"REV32", "11011010 11000000 000010nn nnnddddd", "rev32 {Xd}, {Xn}", nil, nil},
	{"REV_x", "11011010 11000000 000011nn nnnddddd", "rev {Xd}, {Xn}", nil, nil},
	{"CLZ", "s1011010 11000000 000100nn nnnddddd", "clz {Rd}, {Rn}", nil, nil},
	{"CLS", "s1011010 11000000 000101nn nnnddddd", "cls {Rd}, {Rn}", nil, nil},

	{"MADD", "s0011011 000mmmmm 0aaaaann nnnddddd", "madd {Rd}, {Rn}, {Rm}, {Ra} | a31: mul {Rd}, {Rn}, {Rm}", nil, nil},
	{"MSUB", "s0011011 000mmmmm 1aaaaann nnnddddd", "msub {Rd}, {Rn}, {Rm}, {Ra} | a31: mneg {Rd}, {Rn}, {Rm}", nil, nil},
	{"SMADDL", "10011011 001mmmmm 0aaaaann nnnddddd", "smaddl {Xd}, {Wn}, {Wm}, {Xa} | a31: smull {Xd}, {Wn}, {Wm}", nil, nil},
	{"SMSUBL", "10011011 001mmmmm 1aaaaann nnnddddd", "smsubl {Xd}, {Wn}, {Wm}, {Xa} | a31: smnegl {Xd}, {Wn}, {Wm}", nil, nil},
	{"SMULH", "10011011 010mmmmm 0xxxxxnn nnnddddd", "smulh {Xd}, {Xn}, {Xm}", nil, nil},
	{"UMADDL", "10011011 101mmmmm 0aaaaann nnnddddd", "umaddl {Xd}, {Wn}, {Wm}, {Xa} | a31: umull {Xd}, {Wn}, {Wm}", nil, nil},
	{"UMSUBL", "10011011 101mmmmm 1aaaaann nnnddddd", "umsubl {Xd}, {Wn}, {Wm}, {Xa} | a31: umnegl {Xd}, {Wn}, {Wm}", nil, nil},
	{"UMULH", "10011011 110mmmmm 0xxxxxnn nnnddddd", "umulh {Xd}, {Xn}, {Xm}", nil, nil},
}}

var dpRegCRC = group{class: DataProcReg, feature: FeatCRC32, rows: []def{
	{"CRC32B", "00011010 110mmmmm 010000nn nnnddddd", "crc32b {Wd}, {Wn}, {Wm}", nil, nil},
	{"CRC32H", "00011010 110mmmmm 010001nn nnnddddd", "crc32h {Wd}, {Wn}, {Wm}", nil, nil},
	{"CRC32W", "00011010 110mmmmm 010010nn nnnddddd", "crc32w {Wd}, {Wn}, {Wm}", nil, nil},
	{"CRC32X", "10011010 110mmmmm 010011nn nnnddddd", "crc32x {Wd}, {Wn}, {Xm}", nil, nil},
	{"CRC32CB", "00011010 110mmmmm 010100nn nnnddddd", "crc32cb {Wd}, {Wn}, {Wm}", nil, nil},
	{"CRC32CH", "00011010 110mmmmm 010101nn nnnddddd", "crc32ch {Wd}, {Wn}, {Wm}", nil, nil},
	{"CRC32CW", "00011010 110mmmmm 010110nn nnnddddd", "crc32cw {Wd}, {Wn}, {Wm}", nil, nil},
	{"CRC32CX", "10011010 110mmmmm 010111nn nnnddddd", "crc32cx {Wd}, {Wn}, {Xm}", nil, nil},
}}

var dpRegCSSC = group{class: DataProcReg, feature: FeatCSSC, rows: []def{
	{"SMAX_reg", "s0011010 110mmmmm 011000nn nnnddddd", "smax {Rd}, {Rn}, {Rm}", nil, nil},
	{"UMAX_reg", "s0011010 110mmmmm 011001nn nnnddddd", "umax {Rd}, {Rn}, {Rm}", nil, nil},
	{"SMIN_reg", "s0011010 110mmmmm 011010nn nnnddddd", "smin {Rd}, {Rn}, {Rm}", nil, nil},
	{"UMIN_reg", "s0011010 110mmmmm 011011nn nnnddddd", "umin {Rd}, {Rn}, {Rm}", nil, nil},
	{"CTZ", "s1011010 11000000 000110nn nnnddddd", "ctz {Rd}, {Rn}", nil, nil},
	{"CNT_reg", "s1011010 11000000 000111nn nnnddddd", "cnt {Rd}, {Rn}", nil, nil},
	{"ABS_reg", "s1011010 11000000 001000nn nnnddddd", "abs {Rd}, {Rn}", nil, nil},
}}

var dpRegFlagM = group{class: DataProcReg, feature: FeatFlagM, rows: []def{
	{"RMIF", "10111010 000iiiii i00001nn nnn0kkkk", "rmif {Xn}, {#i:d}, {#k:d}", nil, nil},
	{"SETF8", "00111010 00000000 000010nn nnn01101", "setf8 {Wn}", nil, nil},
	{"SETF16", "00111010 00000000 010010nn nnn01101", "setf16 {Wn}", nil, nil},
}}

var dpRegPAuth = group{class: DataProcReg, feature: FeatPAuth, rows: []def{
	{"PACGA", "10011010 110mmmmm 001100nn nnnddddd", "pacga {Xd}, {Xn}, {Xm.sp}", nil, nil},
	{"PACIA", "11011010 11000001 000000nn nnnddddd", "pacia {Xd}, {Xn.sp}", nil, nil},
	{"PACIB", "11011010 11000001 000001nn nnnddddd", "pacib {Xd}, {Xn.sp}", nil, nil},
	{"PACDA", "11011010 11000001 000010nn nnnddddd", "pacda {Xd}, {Xn.sp}", nil, nil},
	{"PACDB", "11011010 11000001 000011nn nnnddddd", "pacdb {Xd}, {Xn.sp}", nil, nil},
	{"AUTIA", "11011010 11000001 000100nn nnnddddd", "autia {Xd}, {Xn.sp}", nil, nil},
	{"AUTIB", "11011010 11000001 000101nn nnnddddd", "autib {Xd}, {Xn.sp}", nil, nil},
	{"AUTDA", "11011010 11000001 000110nn nnnddddd", "autda {Xd}, {Xn.sp}", nil, nil},
	{"AUTDB", "11011010 11000001 000111nn nnnddddd", "autdb {Xd}, {Xn.sp}", nil, nil},
	{"PACIZA", "11011010 11000001 00100011 111ddddd", "paciza {Xd}", nil, nil},
	{"PACIZB", "11011010 11000001 00100111 111ddddd", "pacizb {Xd}", nil, nil},
	{"PACDZA", "11011010 11000001 00101011 111ddddd", "pacdza {Xd}", nil, nil},
	{"PACDZB", "11011010 11000001 00101111 111ddddd", "pacdzb {Xd}", nil, nil},
	{"AUTIZA", "11011010 11000001 00110011 111ddddd", "autiza {Xd}", nil, nil},
	{"AUTIZB", "11011010 11000001 00110111 111ddddd", "autizb {Xd}", nil, nil},
	{"AUTDZA", "11011010 11000001 00111011 111ddddd", "autdza {Xd}", nil, nil},
	{"AUTDZB", "11011010 11000001 00111111 111ddddd", "autdzb {Xd}", nil, nil},
	{"XPACI", "11011010 11000001 01000011 111ddddd", "xpaci {Xd}", nil, nil},
	{"XPACD", "11011010 11000001 01000111 111ddddd", "xpacd {Xd}", nil, nil},
}}

var dpRegMTE = group{class: DataProcReg, feature: FeatMTE, rows: []def{
	{"SUBP", "10011010 110mmmmm 000000nn nnnddddd", "subp {Xd}, {Xn.sp}, {Xm.sp}", nil, nil},
	{"SUBPS", "10111010 110mmmmm 000000nn nnnddddd", "subps {Xd}, {Xn.sp}, {Xm.sp} | d31: cmpp {Xn.sp}, {Xm.sp}", nil, nil},
	{"IRG", "10011010 110mmmmm 000100nn nnnddddd", "irg {Xd.sp}, {Xn.sp}, {Xm} | m31: irg {Xd.sp}, {Xn.sp}", nil, nil},
	{"GMI", "10011010 110mmmmm 000101nn nnnddddd", "gmi {Xd}, {Xn.sp}, {Xm}", nil, nil},
}}

// okShift: a 32-bit register is shifted by at most 31.
func okShift(w uint32) bool { return w>>31 != 0 || w>>15&1 == 0 }

// okAddShift: additions do not rotate.
func okAddShift(w uint32) bool { return w>>22&3 != 3 && okShift(w) }

func okExtend(w uint32) bool { return w>>10&7 <= 4 }

func aliasOrrShift(w uint32) string {
	if rn(w) == 31 && w>>10&63 == 0 && w>>22&3 == 0 {
		return "mov {Rd}, {Rm}"
	}
	return ""
}

// The conditional selects have aliases unless the condition is AL or NV, which
// cannot be inverted.
func condInverts(w uint32) bool { return w>>13&7 != 7 }

func aliasCsinc(w uint32) string {
	switch {
	case !condInverts(w) || rn(w) != rm(w):
		return ""
	case rn(w) == 31:
		return "cset {Rd}, {notcond}"
	}
	return "cinc {Rd}, {Rn}, {notcond}"
}

func aliasCsinv(w uint32) string {
	switch {
	case !condInverts(w) || rn(w) != rm(w):
		return ""
	case rn(w) == 31:
		return "csetm {Rd}, {notcond}"
	}
	return "cinv {Rd}, {Rn}, {notcond}"
}

func aliasCsneg(w uint32) string {
	if condInverts(w) && rn(w) == rm(w) {
		return "cneg {Rd}, {Rn}, {notcond}"
	}
	return ""
}
