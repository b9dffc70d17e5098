package decode

// Advanced SIMD, three registers of different types (C4.1.96): long, wide and
// narrowing forms. Q selects the upper half of the narrow vectors.

var simdDiff = group{class: SIMD, rows: []def{
	{"SADDL_vec", "0q001110 zz1mmmmm 000000nn nnnddddd", "saddl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SADDW_vec", "0q001110 zz1mmmmm 000100nn nnnddddd", "saddw{2} {Vd.W}, {Vn.W}, {Vm.T}", okSize012, nil},
	{"SSUBL_vec", "0q001110 zz1mmmmm 001000nn nnnddddd", "ssubl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SSUBW_vec", "0q001110 zz1mmmmm 001100nn nnnddddd", "ssubw{2} {Vd.W}, {Vn.W}, {Vm.T}", okSize012, nil},
	{"ADDHN_vec", "0q001110 zz1mmmmm 010000nn nnnddddd", "addhn{2} {Vd.T}, {Vn.W}, {Vm.W}", okSize012, nil},
	{"SABAL_vec", "0q001110 zz1mmmmm 010100nn nnnddddd", "sabal{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SUBHN_vec", "0q001110 zz1mmmmm 011000nn nnnddddd", "subhn{2} {Vd.T}, {Vn.W}, {Vm.W}", okSize012, nil},
	{"SABDL_vec", "0q001110 zz1mmmmm 011100nn nnnddddd", "sabdl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SMLAL_vec", "0q001110 zz1mmmmm 100000nn nnnddddd", "smlal{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SQDMLAL_vec", "0q001110 zz1mmmmm 100100nn nnnddddd", "sqdmlal{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize12, nil},
	{"SMLSL_vec", "0q001110 zz1mmmmm 101000nn nnnddddd", "smlsl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SQDMLSL_vec", "0q001110 zz1mmmmm 101100nn nnnddddd", "sqdmlsl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize12, nil},
	{"SMULL_vec", "0q001110 zz1mmmmm 110000nn nnnddddd", "smull{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SQDMULL_vec", "0q001110 zz1mmmmm 110100nn nnnddddd", "sqdmull{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize12, nil},
	{"PMULL_vec", "0q001110 001mmmmm 111000nn nnnddddd", "pmull{2} {Vd.W}, {Vn.T}, {Vm.T}", nil, nil},
	{"UADDL_vec", "0q101110 zz1mmmmm 000000nn nnnddddd", "uaddl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UADDW_vec", "0q101110 zz1mmmmm 000100nn nnnddddd", "uaddw{2} {Vd.W}, {Vn.W}, {Vm.T}", okSize012, nil},
	{"USUBL_vec", "0q101110 zz1mmmmm 001000nn nnnddddd", "usubl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"USUBW_vec", "0q101110 zz1mmmmm 001100nn nnnddddd", "usubw{2} {Vd.W}, {Vn.W}, {Vm.T}", okSize012, nil},
	{"RADDHN_vec", "0q101110 zz1mmmmm 010000nn nnnddddd", "raddhn{2} {Vd.T}, {Vn.W}, {Vm.W}", okSize012, nil},
	{"UABAL_vec", "0q101110 zz1mmmmm 010100nn nnnddddd", "uabal{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"RSUBHN_vec", "0q101110 zz1mmmmm 011000nn nnnddddd", "rsubhn{2} {Vd.T}, {Vn.W}, {Vm.W}", okSize012, nil},
	{"UABDL_vec", "0q101110 zz1mmmmm 011100nn nnnddddd", "uabdl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UMLAL_vec", "0q101110 zz1mmmmm 100000nn nnnddddd", "umlal{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UMLSL_vec", "0q101110 zz1mmmmm 101000nn nnnddddd", "umlsl{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UMULL_vec", "0q101110 zz1mmmmm 110000nn nnnddddd", "umull{2} {Vd.W}, {Vn.T}, {Vm.T}", okSize012, nil},
}}

var simdDiffScalar = group{class: SIMD, rows: []def{
	{"SQDMLAL_scalar", "01011110 zz1mmmmm 100100nn nnnddddd", "sqdmlal {widescalar}, {Zn}, {Zm}", okSize12, nil},
	{"SQDMLSL_scalar", "01011110 zz1mmmmm 101100nn nnnddddd", "sqdmlsl {widescalar}, {Zn}, {Zm}", okSize12, nil},
	{"SQDMULL_scalar", "01011110 zz1mmmmm 110100nn nnnddddd", "sqdmull {widescalar}, {Zn}, {Zm}", okSize12, nil},
}}

var simdDiffPMULL = group{class: SIMD, feature: FeatPMULL, rows: []def{
	{"PMULL_1q", "0q001110 111mmmmm 111000nn nnnddddd", "pmull{2} {Vd.1q}, {Vn.D}, {Vm.D}", nil, nil},
}}
