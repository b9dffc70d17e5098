package decode

// Exclusives, ordered accesses and atomics (C4.1.94).

// Bit 15 (o) is the acquire or release form.
var lsExclusive = group{class: LoadStore, avoid: avoidExclusive, rows: []def{
	{"STXR", "zz001000 000sssss oxxxxxnn nnnttttt", "st{lx}xr{bh} {Ws}, {Gt}, [{Xn.sp}]", nil, nil},
	{"LDXR", "zz001000 010xxxxx oxxxxxnn nnnttttt", "ld{ax}xr{bh} {Gt}, [{Xn.sp}]", nil, nil},
	{"STXP", "1z001000 001sssss ouuuuunn nnnttttt", "st{lx}xp {Ws}, {Gt}, {Gu}, [{Xn.sp}]", nil, nil},
	{"LDXP", "1z001000 011xxxxx ouuuuunn nnnttttt", "ld{ax}xp {Gt}, {Gu}, [{Xn.sp}]", nil, nil},
	{"STLR", "zz001000 100xxxxx 1xxxxxnn nnnttttt", "stlr{bh} {Gt}, [{Xn.sp}]", nil, nil},
	{"LDAR", "zz001000 110xxxxx 1xxxxxnn nnnttttt", "ldar{bh} {Gt}, [{Xn.sp}]", nil, nil},
}}

var lsLOR = group{class: LoadStore, feature: FeatLOR, rows: []def{
	{"STLLR", "zz001000 100xxxxx 0xxxxxnn nnnttttt", "stllr{bh} {Gt}, [{Xn.sp}]", nil, nil},
	{"LDLAR", "zz001000 110xxxxx 0xxxxxnn nnnttttt", "ldlar{bh} {Gt}, [{Xn.sp}]", nil, nil},
}}

// Bit 22 (A) acquires, bit 15 (R) releases.
var lsCAS = group{class: LoadStore, feature: FeatLSE, rows: []def{
	{"CAS", "zz001000 1A1sssss R11111nn nnnttttt", "cas{acas}{lcas}{bh} {Gs}, {Gt}, [{Xn.sp}]", nil, nil},
	{"CASP", "0z001000 0A1sssss R11111nn nnnttttt", "casp{acas}{lcas} {Cs}, {Cs+1}, {Ct}, {Ct+1}, [{Xn.sp}]", okCASP, nil},
}}

// Bit 23 (A) acquires, bit 22 (R) releases. Without a register to load and without
// acquiring they print as stores.
var lsAtomic = group{class: LoadStore, feature: FeatLSE, rows: []def{
	{"LDADD", "zz111000 AR1sssss 000000nn nnnttttt", "ldadd{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: stadd{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"LDCLR", "zz111000 AR1sssss 000100nn nnnttttt", "ldclr{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: stclr{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"LDEOR", "zz111000 AR1sssss 001000nn nnnttttt", "ldeor{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: steor{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"LDSET", "zz111000 AR1sssss 001100nn nnnttttt", "ldset{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: stset{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"LDSMAX", "zz111000 AR1sssss 010000nn nnnttttt", "ldsmax{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: stsmax{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"LDSMIN", "zz111000 AR1sssss 010100nn nnnttttt", "ldsmin{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: stsmin{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"LDUMAX", "zz111000 AR1sssss 011000nn nnnttttt", "ldumax{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: stumax{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"LDUMIN", "zz111000 AR1sssss 011100nn nnnttttt", "ldumin{al}{bh} {Gs}, {Gt}, [{Xn.sp}] | noload: stumin{al}{bh} {Gs}, [{Xn.sp}]", nil, nil},
	{"SWP", "zz111000 AR1sssss 100000nn nnnttttt", "swp{al}{bh} {Gs}, {Gt}, [{Xn.sp}]", nil, nil},
}}

var lsLRCPC = group{class: LoadStore, feature: FeatLRCPC, rows: []def{
	{"LDAPR", "zz111000 10111111 110000nn nnnttttt", "ldapr{bh} {Gt}, [{Xn.sp}]", nil, nil},
}}

var lsLRCPC2 = group{class: LoadStore, feature: FeatLRCPC2, rows: []def{
	{"STLUR", "zz011001 000iiiii iiii00nn nnnttttt", "stlur{bh} {Gt}, {memoff}", nil, nil},
	{"LDAPUR", "zz011001 010iiiii iiii00nn nnnttttt", "ldapur{bh} {Gt}, {memoff}", nil, nil},
	{"LDAPURS", "zz011001 1o0iiiii iiii00nn nnnttttt", "ldapurs{bhw} {Nt}, {memoff}", okSigned, nil},
}}

var lsLS64 = group{class: LoadStore, feature: FeatLS64, rows: []def{
	{"LD64B", "11111000 00111111 110100nn nnnttttt", "ld64b {Xt}, [{Xn.sp}]", okLS64, nil},
	{"ST64B", "11111000 00111111 100100nn nnnttttt", "st64b {Xt}, [{Xn.sp}]", okLS64, nil},
	{"ST64BV", "11111000 001sssss 101100nn nnnttttt", "st64bv {Xs}, {Xt}, [{Xn.sp}]", okLS64, nil},
	{"ST64BV0", "11111000 001sssss 101000nn nnnttttt", "st64bv0 {Xs}, {Xt}, [{Xn.sp}]", okLS64, nil},
}}

// okCASP: a pair starts at an even register.
func okCASP(w uint32) bool { return (rm(w)|rd(w))&1 == 0 }

// okLS64: eight registers from an even one on, none of them 31.
func okLS64(w uint32) bool { return rd(w)&1 == 0 && rd(w) <= 22 }

// avoidExclusive: a store's status register must differ from its others, a pair
// must load two registers.
func avoidExclusive(w uint32) bool {
	if w>>23&1 != 0 {
		return false
	}
	pair, load := w>>21&1 != 0, w>>22&1 != 0
	if load {
		return pair && rd(w) == ra(w)
	}
	s := rm(w)
	return s == rd(w) || s == rn(w) && s != 31 || pair && s == ra(w)
}
