package decode

// Advanced SIMD copy, permute, extract and table lookup (C4.1.96). In imm5 the lowest set
// bit is the element size, the bits above it the index.

var simdCopy = group{class: SIMD, rows: []def{
	{"DUP_elem", "0q001110 000iiiii 000001nn nnnddddd", "dup {Vd.J}, {elem5n}", okImm5NotD1, nil},
	{"DUP_gen", "0q001110 000iiiii 000011nn nnnddddd", "dup {Vd.J}, {gen5n}", okImm5NotD1, nil},
	{"SMOV", "0q001110 000iiiii 001011nn nnnddddd", "smov {Cd}, {elem5n}", okSmov, nil},
	{"UMOV", "0q001110 000iiiii 001111nn nnnddddd", "umov {Cd}, {elem5n}", okUmov, aliasUmov},
	{"INS_gen", "01001110 000iiiii 000111nn nnnddddd", "mov {elem5d}, {gen5n}", okImm5, nil},
	{"INS_elem", "01101110 000iiiii 0jjjj1nn nnnddddd", "mov {elem5d}, {elem4n}", okImm5, nil},
	{"DUP_elem_scalar", "01011110 000iiiii 000001nn nnnddddd", "mov {scalar5d}, {elem5n}", okImm5, nil},
}}

var simdPermute = group{class: SIMD, rows: []def{
	{"UZP1", "0q001110 zz0mmmmm 000110nn nnnddddd", "uzp1 {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"TRN1", "0q001110 zz0mmmmm 001010nn nnnddddd", "trn1 {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"ZIP1", "0q001110 zz0mmmmm 001110nn nnnddddd", "zip1 {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"UZP2", "0q001110 zz0mmmmm 010110nn nnnddddd", "uzp2 {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"TRN2", "0q001110 zz0mmmmm 011010nn nnnddddd", "trn2 {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"ZIP2", "0q001110 zz0mmmmm 011110nn nnnddddd", "zip2 {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"EXT", "0q101110 000mmmmm 0iiii0nn nnnddddd", "ext {Vd.B}, {Vn.B}, {Vm.B}, {#i:d}", okExt, nil},
	{"TBL", "0q001110 000mmmmm 0ll000nn nnnddddd", "tbl {Vd.B}, {tbllist}, {Vm.B}", nil, nil},
	{"TBX", "0q001110 000mmmmm 0ll100nn nnnddddd", "tbx {Vd.B}, {tbllist}, {Vm.B}", nil, nil},
}}

// okImm5: elements have at most 64 bits.
func okImm5(w uint32) bool { return w>>16&15 != 0 }

// okImm5NotD1: and a vector has two of that size.
func okImm5NotD1(w uint32) bool { return okImm5(w) && (w>>16&7 != 0 || w>>30&1 != 0) }

// okSmov: sign extension of a byte or halfword, or of a word to 64 bits.
func okSmov(w uint32) bool { return w>>16&3 != 0 || w>>16&4 != 0 && w>>30&1 != 0 }

// okUmov: 64 bits are moved to X registers, less to W registers.
func okUmov(w uint32) bool {
	if w>>30&1 != 0 {
		return w>>16&15 == 8
	}
	return w>>16&7 != 0
}

// okExt: the index stays in the vector.
func okExt(w uint32) bool { return w>>30&1 != 0 || w>>14&1 == 0 }

func aliasUmov(w uint32) string {
	if w>>16&3 == 0 {
		return "mov {Cd}, {elem5n}"
	}
	return ""
}
