package decode

// Loads and stores of single registers and pairs (C4.1.94). Where the manual has one
// encoding for each access size, a row here covers them all: the size is in bits
// 31 and 30 (MemSize) and for SIMD&FP registers in FPMemSize.

var lsLiteral = group{class: LoadStore, rows: []def{
	{"LDR_lit", "0s011000 iiiiiiii iiiiiiii iiittttt", "ldr {Lt}, {label}", nil, nil},
	{"LDRSW_lit", "10011000 iiiiiiii iiiiiiii iiittttt", "ldrsw {Xt}, {label}", nil, nil},
	{"PRFM_lit", "11011000 iiiiiiii iiiiiiii iiittttt", "prfm {prfop}, {label}", nil, nil},
	{"LDR_fp_lit", "zz011100 iiiiiiii iiiiiiii iiittttt", "ldr {Pt}, {label}", okPairFP, nil},
}}

// STP and LDP of general registers: opc 0 is W, 2 is X. Of SIMD&FP registers: S, D, Q.
var lsPair = group{class: LoadStore, avoid: avoidPair, rows: []def{
	{"STNP", "z0101000 00iiiiii iuuuuunn nnnttttt", "stnp {Rt}, {Ru}, {mempair}", nil, nil},
	{"LDNP", "z0101000 01iiiiii iuuuuunn nnnttttt", "ldnp {Rt}, {Ru}, {mempair}", nil, nil},
	{"STP_post", "z0101000 10iiiiii iuuuuunn nnnttttt", "stp {Rt}, {Ru}, {mempair}", nil, nil},
	{"LDP_post", "z0101000 11iiiiii iuuuuunn nnnttttt", "ldp {Rt}, {Ru}, {mempair}", nil, nil},
	{"STP_off", "z0101001 00iiiiii iuuuuunn nnnttttt", "stp {Rt}, {Ru}, {mempair}", nil, nil},
	{"LDP_off", "z0101001 01iiiiii iuuuuunn nnnttttt", "ldp {Rt}, {Ru}, {mempair}", nil, nil},
	{"STP_pre", "z0101001 10iiiiii iuuuuunn nnnttttt", "stp {Rt}, {Ru}, {mempair}", nil, nil},
	{"LDP_pre", "z0101001 11iiiiii iuuuuunn nnnttttt", "ldp {Rt}, {Ru}, {mempair}", nil, nil},
	{"LDPSW_post", "01101000 11iiiiii iuuuuunn nnnttttt", "ldpsw {Xt}, {Xu}, {mempair}", nil, nil},
	{"LDPSW_off", "01101001 01iiiiii iuuuuunn nnnttttt", "ldpsw {Xt}, {Xu}, {mempair}", nil, nil},
	{"LDPSW_pre", "01101001 11iiiiii iuuuuunn nnnttttt", "ldpsw {Xt}, {Xu}, {mempair}", nil, nil},
	{"STNP_fp", "zz101100 00iiiiii iuuuuunn nnnttttt", "stnp {Pt}, {Pu}, {mempair}", okPairFP, nil},
	{"LDNP_fp", "zz101100 01iiiiii iuuuuunn nnnttttt", "ldnp {Pt}, {Pu}, {mempair}", okPairFP, nil},
	{"STP_fp_post", "zz101100 10iiiiii iuuuuunn nnnttttt", "stp {Pt}, {Pu}, {mempair}", okPairFP, nil},
	{"LDP_fp_post", "zz101100 11iiiiii iuuuuunn nnnttttt", "ldp {Pt}, {Pu}, {mempair}", okPairFP, nil},
	{"STP_fp_off", "zz101101 00iiiiii iuuuuunn nnnttttt", "stp {Pt}, {Pu}, {mempair}", okPairFP, nil},
	{"LDP_fp_off", "zz101101 01iiiiii iuuuuunn nnnttttt", "ldp {Pt}, {Pu}, {mempair}", okPairFP, nil},
	{"STP_fp_pre", "zz101101 10iiiiii iuuuuunn nnnttttt", "stp {Pt}, {Pu}, {mempair}", okPairFP, nil},
	{"LDP_fp_pre", "zz101101 11iiiiii iuuuuunn nnnttttt", "ldp {Pt}, {Pu}, {mempair}", okPairFP, nil},
}}

// LDRS loads with sign extension: to 64 bits (o=0) or to 32 (o=1).
var lsSingle = group{class: LoadStore, avoid: avoidSingle, rows: []def{
	{"STR_imm_uoff", "zz111001 00iiiiii iiiiiinn nnnttttt", "str{bh} {Gt}, {memuoff}", nil, nil},
	{"LDR_imm_uoff", "zz111001 01iiiiii iiiiiinn nnnttttt", "ldr{bh} {Gt}, {memuoff}", nil, nil},
	{"LDRS_imm_uoff", "zz111001 1oiiiiii iiiiiinn nnnttttt", "ldrs{bhw} {Nt}, {memuoff}", okSigned, nil},
	{"PRFM_imm_uoff", "11111001 10iiiiii iiiiiinn nnnttttt", "prfm {prfop}, {memuoff}", nil, nil},
	{"STR_fp_imm_uoff", "zz111101 q0iiiiii iiiiiinn nnnttttt", "str {Mt}, {memuoff}", okFPMem, nil},
	{"LDR_fp_imm_uoff", "zz111101 q1iiiiii iiiiiinn nnnttttt", "ldr {Mt}, {memuoff}", okFPMem, nil},

	{"STR_imm_post", "zz111000 000iiiii iiii01nn nnnttttt", "str{bh} {Gt}, {mempost}", nil, nil},
	{"LDR_imm_post", "zz111000 010iiiii iiii01nn nnnttttt", "ldr{bh} {Gt}, {mempost}", nil, nil},
	{"LDRS_imm_post", "zz111000 1o0iiiii iiii01nn nnnttttt", "ldrs{bhw} {Nt}, {mempost}", okSigned, nil},
	{"STR_fp_imm_post", "zz111100 q00iiiii iiii01nn nnnttttt", "str {Mt}, {mempost}", okFPMem, nil},
	{"LDR_fp_imm_post", "zz111100 q10iiiii iiii01nn nnnttttt", "ldr {Mt}, {mempost}", okFPMem, nil},

	{"STR_imm_pre", "zz111000 000iiiii iiii11nn nnnttttt", "str{bh} {Gt}, {mempre}", nil, nil},
	{"LDR_imm_pre", "zz111000 010iiiii iiii11nn nnnttttt", "ldr{bh} {Gt}, {mempre}", nil, nil},
	{"LDRS_imm_pre", "zz111000 1o0iiiii iiii11nn nnnttttt", "ldrs{bhw} {Nt}, {mempre}", okSigned, nil},
	{"STR_fp_imm_pre", "zz111100 q00iiiii iiii11nn nnnttttt", "str {Mt}, {mempre}", okFPMem, nil},
	{"LDR_fp_imm_pre", "zz111100 q10iiiii iiii11nn nnnttttt", "ldr {Mt}, {mempre}", okFPMem, nil},

	{"STUR", "zz111000 000iiiii iiii00nn nnnttttt", "stur{bh} {Gt}, {memoff}", nil, nil},
	{"LDUR", "zz111000 010iiiii iiii00nn nnnttttt", "ldur{bh} {Gt}, {memoff}", nil, nil},
	{"LDURS", "zz111000 1o0iiiii iiii00nn nnnttttt", "ldurs{bhw} {Nt}, {memoff}", okSigned, nil},
	{"PRFUM", "11111000 100iiiii iiii00nn nnnttttt", "prfum {prfop}, {memoff}", nil, nil},
	{"STUR_fp", "zz111100 q00iiiii iiii00nn nnnttttt", "stur {Mt}, {memoff}", okFPMem, nil},
	{"LDUR_fp", "zz111100 q10iiiii iiii00nn nnnttttt", "ldur {Mt}, {memoff}", okFPMem, nil},

	{"STTR", "zz111000 000iiiii iiii10nn nnnttttt", "sttr{bh} {Gt}, {memoff}", nil, nil},
	{"LDTR", "zz111000 010iiiii iiii10nn nnnttttt", "ldtr{bh} {Gt}, {memoff}", nil, nil},
	{"LDTRS", "zz111000 1o0iiiii iiii10nn nnnttttt", "ldtrs{bhw} {Nt}, {memoff}", okSigned, nil},
}}

var lsRegister = group{class: LoadStore, rows: []def{
	{"STR_reg", "zz111000 001mmmmm ooos10nn nnnttttt", "str{bh} {Gt}, {memreg}", okIndex, nil},
	{"LDR_reg", "zz111000 011mmmmm ooos10nn nnnttttt", "ldr{bh} {Gt}, {memreg}", okIndex, nil},
	{"LDRS_reg", "zz111000 1l1mmmmm ooos10nn nnnttttt", "ldrs{bhw} {Nt}, {memreg}", okSignedIndex, nil},
	{"PRFM_reg", "11111000 101mmmmm ooos10nn nnnttttt", "prfm {prfop}, {memreg}", okIndex, nil},
	{"STR_fp_reg", "zz111100 q01mmmmm ooos10nn nnnttttt", "str {Mt}, {memreg}", okFPIndex, nil},
	{"LDR_fp_reg", "zz111100 q11mmmmm ooos10nn nnnttttt", "ldr {Mt}, {memreg}", okFPIndex, nil},
}}

var lsPAuth = group{class: LoadStore, feature: FeatPAuth, rows: []def{
	{"LDRAA", "11111000 0S1iiiii iiiiW1nn nnnttttt", "ldraa {Xt}, {memauth}", nil, nil},
	{"LDRAB", "11111000 1S1iiiii iiiiW1nn nnnttttt", "ldrab {Xt}, {memauth}", nil, nil},
}}

// FPMemSize is the access size (log2 of bytes) of a single load or store of a
// SIMD&FP register.
func (in Inst) FPMemSize() uint32 { return fpMemSize(in.Word) }

func fpMemSize(w uint32) uint32 { return w>>23&1<<2 | w>>30 }

// okFPMem: opc<1> with a size other than 0 would be larger than 128 bits.
func okFPMem(w uint32) bool { return fpMemSize(w) <= 4 }

// okSigned: a load is sign-extended to something wider than it.
func okSigned(w uint32) bool {
	size := w >> 30
	if w>>22&1 != 0 {
		return size < 2
	}
	return size < 3
}

// okIndex: only words and doublewords can be an index.
func okIndex(w uint32) bool       { return w>>14&1 != 0 }
func okSignedIndex(w uint32) bool { return okIndex(w) && okSigned(w) }
func okFPIndex(w uint32) bool     { return okIndex(w) && okFPMem(w) }

func okPairFP(w uint32) bool { return w>>30 != 3 }

// avoidPair: loading one register twice, and writing back to a base that is
// itself loaded or stored.
func avoidPair(w uint32) bool {
	if w>>22&1 != 0 && rd(w) == ra(w) {
		return true
	}
	general, writeback := w>>26&1 == 0, w>>23&1 != 0
	return general && writeback && rn(w) != 31 && (rn(w) == rd(w) || rn(w) == ra(w))
}

// avoidSingle: as avoidPair. Bit 24 is the form without writeback, bit 10 tells
// the two with it.
func avoidSingle(w uint32) bool {
	writeback := w>>24&1 == 0 && w>>10&1 != 0
	return w>>26&1 == 0 && writeback && rn(w) != 31 && rn(w) == rd(w)
}
