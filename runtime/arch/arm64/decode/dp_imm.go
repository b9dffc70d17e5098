package decode

// Data processing, immediate (C4.1.92).

var dpImm = group{class: DataProcImm, rows: []def{
	{"ADR", "0ll10000 iiiiiiii iiiiiiii iiiddddd", "adr {Xd}, {label}", nil, nil},
	{"ADRP", "1ll10000 iiiiiiii iiiiiiii iiiddddd", "adrp {Xd}, {label}", nil, nil},

	{"ADD_imm", "s0010001 0hiiiiii iiiiiinn nnnddddd", "add {Rd.sp}, {Rn.sp}, {imm12}", nil, aliasAddImm},
	{"ADDS_imm", "s0110001 0hiiiiii iiiiiinn nnnddddd", "adds {Rd}, {Rn.sp}, {imm12} | d31: cmn {Rn.sp}, {imm12}", nil, nil},
	{"SUB_imm", "s1010001 0hiiiiii iiiiiinn nnnddddd", "sub {Rd.sp}, {Rn.sp}, {imm12}", nil, nil},
	{"SUBS_imm", "s1110001 0hiiiiii iiiiiinn nnnddddd", "subs {Rd}, {Rn.sp}, {imm12} | d31: cmp {Rn.sp}, {imm12}", nil, nil},

	{"AND_imm", "s0010010 0Nrrrrrr iiiiiinn nnnddddd", "and {Rd.sp}, {Rn}, {bitmask}", okBitMask, nil},
	{"ORR_imm", "s0110010 0Nrrrrrr iiiiiinn nnnddddd", "orr {Rd.sp}, {Rn}, {bitmask}", okBitMask, aliasOrrImm},
	{"EOR_imm", "s1010010 0Nrrrrrr iiiiiinn nnnddddd", "eor {Rd.sp}, {Rn}, {bitmask}", okBitMask, nil},
	{"ANDS_imm", "s1110010 0Nrrrrrr iiiiiinn nnnddddd", "ands {Rd}, {Rn}, {bitmask} | d31: tst {Rn}, {bitmask}", okBitMask, nil},

	{"MOVN", "s0010010 1hhiiiii iiiiiiii iiiddddd", "movn {Rd}, {imm16}", okMoveWide, aliasMovn},
	{"MOVZ", "s1010010 1hhiiiii iiiiiiii iiiddddd", "movz {Rd}, {imm16}", okMoveWide, aliasMovz},
	{"MOVK", "s1110010 1hhiiiii iiiiiiii iiiddddd", "movk {Rd}, {imm16}", okMoveWide, nil},

	{"SBFM", "s0010011 0Nrrrrrr iiiiiinn nnnddddd", "sbfm {Rd}, {Rn}, {#r:d}, {#i:d}", okBitfield, aliasSbfm},
	{"BFM", "s0110011 0Nrrrrrr iiiiiinn nnnddddd", "bfm {Rd}, {Rn}, {#r:d}, {#i:d}", okBitfield, aliasBfm},
	{"UBFM", "s1010011 0Nrrrrrr iiiiiinn nnnddddd", "ubfm {Rd}, {Rn}, {#r:d}, {#i:d}", okBitfield, aliasUbfm},

	{"EXTR", "s0010011 1N0mmmmm iiiiiinn nnnddddd", "extr {Rd}, {Rn}, {Rm}, {#i:d} | n=m: ror {Rd}, {Rn}, {#i:d}", okExtr, nil},
}}

var dpImmCSSC = group{class: DataProcImm, feature: FeatCSSC, rows: []def{
	{"SMAX_imm", "s0010001 110000ii iiiiiinn nnnddddd", "smax {Rd}, {Rn}, {#i:s}", nil, nil},
	{"UMAX_imm", "s0010001 110001ii iiiiiinn nnnddddd", "umax {Rd}, {Rn}, {#i:d}", nil, nil},
	{"SMIN_imm", "s0010001 110010ii iiiiiinn nnnddddd", "smin {Rd}, {Rn}, {#i:s}", nil, nil},
	{"UMIN_imm", "s0010001 110011ii iiiiiinn nnnddddd", "umin {Rd}, {Rn}, {#i:d}", nil, nil},
}}

var dpImmMTE = group{class: DataProcImm, feature: FeatMTE, rows: []def{
	{"ADDG", "10010001 10iiiiii 00jjjjnn nnnddddd", "addg {Xd.sp}, {Xn.sp}, {#i*16}, {#j}", nil, nil},
	{"SUBG", "11010001 10iiiiii 00jjjjnn nnnddddd", "subg {Xd.sp}, {Xn.sp}, {#i*16}, {#j}", nil, nil},
}}

func okBitMask(w uint32) bool {
	_, ok := DecodeBitMask(w>>22&1, w>>10&63, w>>16&63, width(w))
	return ok
}

// okMoveWide: a 32-bit register has two 16-bit parts.
func okMoveWide(w uint32) bool { return w>>31 != 0 || w>>22&1 == 0 }

// okBitfield: N must equal sf, and a 32-bit form has no bit numbers over 31.
func okBitfield(w uint32) bool {
	if w>>31 != 0 {
		return w>>22&1 != 0
	}
	return w&(1<<22|1<<21|1<<15) == 0
}

func okExtr(w uint32) bool {
	if w>>31 != 0 {
		return w>>22&1 != 0
	}
	return w&(1<<22|1<<15) == 0
}

// width is 64 when the sf bit is set, else 32.
func width(w uint32) uint { return 32 << (w >> 31) }

func rd(w uint32) uint32 { return w & 31 }
func rn(w uint32) uint32 { return w >> 5 & 31 }
func rm(w uint32) uint32 { return w >> 16 & 31 }
func ra(w uint32) uint32 { return w >> 10 & 31 }

func aliasAddImm(w uint32) string {
	if w>>10&0x1fff == 0 && (rd(w) == 31 || rn(w) == 31) {
		return "mov {Rd.sp}, {Rn.sp}"
	}
	return ""
}

// aliasOrrImm prints MOV for a value that MOVZ and MOVN cannot make, or that goes
// where they cannot put it.
func aliasOrrImm(w uint32) string {
	v := Inst{Word: w}.BitMask()
	if rn(w) == 31 && (rd(w) == 31 || !moveWide(v, width(w))) {
		return "mov {Rd.sp}, {movmask}"
	}
	return ""
}

// moveWide reports whether one MOVZ or MOVN makes v.
func moveWide(v uint64, width uint) bool {
	not := ^v
	if width == 32 {
		not &= 0xffffffff
	}
	for sh := uint(0); sh < width; sh += 16 {
		if v&^(0xffff<<sh) == 0 || not&^(0xffff<<sh) == 0 {
			return true
		}
	}
	return false
}

func aliasMovz(w uint32) string {
	if w>>5&0xffff == 0 && w>>21&3 != 0 {
		return ""
	}
	return "mov {Rd}, {movz}"
}

func aliasMovn(w uint32) string {
	imm := w >> 5 & 0xffff
	if imm == 0 && w>>21&3 != 0 || w>>31 == 0 && imm == 0xffff {
		return ""
	}
	return "mov {Rd}, {movn}"
}

func aliasSbfm(w uint32) string {
	r, s, top := w>>16&63, w>>10&63, uint32(width(w)-1)
	switch {
	case s == top:
		return "asr {Rd}, {Rn}, {#r:d}"
	case s < r:
		return "sbfiz {Rd}, {Rn}, {bflsb}, {bfwidth}"
	case r == 0 && s == 7:
		return "sxtb {Rd}, {Wn}"
	case r == 0 && s == 15:
		return "sxth {Rd}, {Wn}"
	case r == 0 && s == 31:
		return "sxtw {Rd}, {Wn}"
	}
	return "sbfx {Rd}, {Rn}, {#r:d}, {bfxwidth}"
}

func aliasBfm(w uint32) string {
	r, s := w>>16&63, w>>10&63
	switch {
	case s < r && rn(w) == 31:
		return "bfc {Rd}, {bflsb}, {bfwidth}"
	case s < r:
		return "bfi {Rd}, {Rn}, {bflsb}, {bfwidth}"
	}
	return "bfxil {Rd}, {Rn}, {#r:d}, {bfxwidth}"
}

func aliasUbfm(w uint32) string {
	r, s, top := w>>16&63, w>>10&63, uint32(width(w)-1)
	switch {
	case s == top:
		return "lsr {Rd}, {Rn}, {#r:d}"
	case s+1 == r:
		return "lsl {Rd}, {Rn}, {bflsb}"
	case s < r:
		return "ubfiz {Rd}, {Rn}, {bflsb}, {bfwidth}"
	case r == 0 && s == 7 && top == 31:
		return "uxtb {Rd}, {Rn}"
	case r == 0 && s == 15 && top == 31:
		return "uxth {Rd}, {Rn}"
	}
	return "ubfx {Rd}, {Rn}, {#r:d}, {bfxwidth}"
}
