package decode

// Memory tagging and memory copy and set (C4.1.94): extensions of later
// architecture versions.

var lsMTE = group{class: LoadStore, feature: FeatMTE, rows: []def{
	{"STG_post", "11011001 001iiiii iiii01nn nnnttttt", "stg {Xt.sp}, {memtag}", nil, nil},
	{"STG_off", "11011001 001iiiii iiii10nn nnnttttt", "stg {Xt.sp}, {memtag}", nil, nil},
	{"STG_pre", "11011001 001iiiii iiii11nn nnnttttt", "stg {Xt.sp}, {memtag}", nil, nil},
	{"STZG_post", "11011001 011iiiii iiii01nn nnnttttt", "stzg {Xt.sp}, {memtag}", nil, nil},
	{"STZG_off", "11011001 011iiiii iiii10nn nnnttttt", "stzg {Xt.sp}, {memtag}", nil, nil},
	{"STZG_pre", "11011001 011iiiii iiii11nn nnnttttt", "stzg {Xt.sp}, {memtag}", nil, nil},
	{"ST2G_post", "11011001 101iiiii iiii01nn nnnttttt", "st2g {Xt.sp}, {memtag}", nil, nil},
	{"ST2G_off", "11011001 101iiiii iiii10nn nnnttttt", "st2g {Xt.sp}, {memtag}", nil, nil},
	{"ST2G_pre", "11011001 101iiiii iiii11nn nnnttttt", "st2g {Xt.sp}, {memtag}", nil, nil},
	{"STZ2G_post", "11011001 111iiiii iiii01nn nnnttttt", "stz2g {Xt.sp}, {memtag}", nil, nil},
	{"STZ2G_off", "11011001 111iiiii iiii10nn nnnttttt", "stz2g {Xt.sp}, {memtag}", nil, nil},
	{"STZ2G_pre", "11011001 111iiiii iiii11nn nnnttttt", "stz2g {Xt.sp}, {memtag}", nil, nil},
	{"LDG", "11011001 011iiiii iiii00nn nnnttttt", "ldg {Xt}, {memtag}", nil, nil},
	{"STZGM", "11011001 00100000 000000nn nnnttttt", "stzgm {Xt}, [{Xn.sp}]", nil, nil},
	{"STGM", "11011001 10100000 000000nn nnnttttt", "stgm {Xt}, [{Xn.sp}]", nil, nil},
	{"LDGM", "11011001 11100000 000000nn nnnttttt", "ldgm {Xt}, [{Xn.sp}]", nil, nil},
	{"STGP_post", "01101000 10iiiiii iuuuuunn nnnttttt", "stgp {Xt}, {Xu}, {mempair}", nil, nil},
	{"STGP_off", "01101001 00iiiiii iuuuuunn nnnttttt", "stgp {Xt}, {Xu}, {mempair}", nil, nil},
	{"STGP_pre", "01101001 10iiiiii iuuuuunn nnnttttt", "stgp {Xt}, {Xu}, {mempair}", nil, nil},
}}

// Prologue, main part and epilogue (the letter p) of CPYF, CPY, SET and SETG; o
// selects the options of the accesses.
var lsMOPS = group{class: LoadStore, feature: FeatMOPS, rows: []def{
	{"CPYF", "00011001 pp0sssss oooo01nn nnnddddd", "cpyf{mops} [{Xd}]!, [{Xs}]!, {Xn}!", okMOPS, nil},
	{"CPY", "00011101 pp0sssss oooo01nn nnnddddd", "cpy{mops} [{Xd}]!, [{Xs}]!, {Xn}!", okMOPS, nil},
	{"SET", "00011001 110sssss ppoo01nn nnnddddd", "set{mopsset} [{Xd}]!, {Xn}!, {Xs}", okMOPSSet, nil},
	{"SETG", "00011101 110sssss ppoo01nn nnnddddd", "setg{mopsset} [{Xd}]!, {Xn}!, {Xs}", okMOPSSet, nil},
}}

// okMOPS: there are three parts; the registers are distinct and none is 31.
func okMOPS(w uint32) bool {
	return w>>22&3 != 3 && okMOPSRegisters(w) && rm(w) != 31
}

// okMOPSSet: as okMOPS, but the value stored may be zero.
func okMOPSSet(w uint32) bool { return w>>14&3 != 3 && okMOPSRegisters(w) }

func okMOPSRegisters(w uint32) bool {
	d, n, s := rd(w), rn(w), rm(w)
	return d != n && d != s && n != s && d != 31 && n != 31
}
