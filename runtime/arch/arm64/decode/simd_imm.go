package decode

// Advanced SIMD, modified immediate and shift by immediate (C4.1.96). Both are in
// the same space: immh of 0 is a modified immediate. Its highest set bit is the
// element size of a shift, whose amount is immh:immb less or under that.

var simdImm = group{class: SIMD, rows: []def{
	{"MOVI_w", "0q001111 00000iii 0aa001jj jjjddddd", "movi {Vd.S}, {imm8}{immlsl}", nil, nil},
	{"ORR_imm_w", "0q001111 00000iii 0aa101jj jjjddddd", "orr {Vd.S}, {imm8}{immlsl}", nil, nil},
	{"MVNI_w", "0q101111 00000iii 0aa001jj jjjddddd", "mvni {Vd.S}, {imm8}{immlsl}", nil, nil},
	{"BIC_imm_w", "0q101111 00000iii 0aa101jj jjjddddd", "bic {Vd.S}, {imm8}{immlsl}", nil, nil},
	{"MOVI_h", "0q001111 00000iii 10a001jj jjjddddd", "movi {Vd.H}, {imm8}{immlsl}", nil, nil},
	{"ORR_imm_h", "0q001111 00000iii 10a101jj jjjddddd", "orr {Vd.H}, {imm8}{immlsl}", nil, nil},
	{"MVNI_h", "0q101111 00000iii 10a001jj jjjddddd", "mvni {Vd.H}, {imm8}{immlsl}", nil, nil},
	{"BIC_imm_h", "0q101111 00000iii 10a101jj jjjddddd", "bic {Vd.H}, {imm8}{immlsl}", nil, nil},
	{"MOVI_ones", "0q001111 00000iii 110a01jj jjjddddd", "movi {Vd.S}, {imm8}{immmsl}", nil, nil},
	{"MVNI_ones", "0q101111 00000iii 110a01jj jjjddddd", "mvni {Vd.S}, {imm8}{immmsl}", nil, nil},
	{"MOVI_b", "0q001111 00000iii 111001jj jjjddddd", "movi {Vd.B}, {imm8}", nil, nil},
	{"MOVI_d_scalar", "00101111 00000iii 111001jj jjjddddd", "movi {Dd}, {imm64}", nil, nil},
	{"MOVI_d", "01101111 00000iii 111001jj jjjddddd", "movi {Vd.2d}, {imm64}", nil, nil},
	{"FMOV_vec_s", "0q001111 00000iii 111101jj jjjddddd", "fmov {Vd.S}, {fpimm8}", nil, nil},
	{"FMOV_vec_d", "01101111 00000iii 111101jj jjjddddd", "fmov {Vd.2d}, {fpimm8}", nil, nil},
}}

var simdImmHalf = group{class: SIMD, feature: FeatFP16, rows: []def{
	{"FMOV_vec_h", "0q001111 00000iii 111111jj jjjddddd", "fmov {Vd.H}, {fpimm8}", nil, nil},
}}

var simdShift = group{class: SIMD, rows: []def{
	{"SSHR_vec", "0q001111 0hhhhiii 000001nn nnnddddd", "sshr {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"SSRA_vec", "0q001111 0hhhhiii 000101nn nnnddddd", "ssra {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"SRSHR_vec", "0q001111 0hhhhiii 001001nn nnnddddd", "srshr {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"SRSRA_vec", "0q001111 0hhhhiii 001101nn nnnddddd", "srsra {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"SHL_vec", "0q001111 0hhhhiii 010101nn nnnddddd", "shl {Vd.I}, {Vn.I}, {shl}", okShiftVec, nil},
	{"SQSHL_imm_vec", "0q001111 0hhhhiii 011101nn nnnddddd", "sqshl {Vd.I}, {Vn.I}, {shl}", okShiftVec, nil},
	{"SHRN_vec", "0q001111 0hhhhiii 100001nn nnnddddd", "shrn{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"RSHRN_vec", "0q001111 0hhhhiii 100011nn nnnddddd", "rshrn{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"SQSHRN_vec", "0q001111 0hhhhiii 100101nn nnnddddd", "sqshrn{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"SQRSHRN_vec", "0q001111 0hhhhiii 100111nn nnnddddd", "sqrshrn{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"SSHLL_vec", "0q001111 0hhhhiii 101001nn nnnddddd", "sshll{2} {Vd.IW}, {Vn.I}, {shl} | sh0: sxtl{2} {Vd.IW}, {Vn.I}", okShiftNarrow, nil},
	{"USHR_vec", "0q101111 0hhhhiii 000001nn nnnddddd", "ushr {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"USRA_vec", "0q101111 0hhhhiii 000101nn nnnddddd", "usra {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"URSHR_vec", "0q101111 0hhhhiii 001001nn nnnddddd", "urshr {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"URSRA_vec", "0q101111 0hhhhiii 001101nn nnnddddd", "ursra {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"SRI_vec", "0q101111 0hhhhiii 010001nn nnnddddd", "sri {Vd.I}, {Vn.I}, {shr}", okShiftVec, nil},
	{"SLI_vec", "0q101111 0hhhhiii 010101nn nnnddddd", "sli {Vd.I}, {Vn.I}, {shl}", okShiftVec, nil},
	{"SQSHLU_vec", "0q101111 0hhhhiii 011001nn nnnddddd", "sqshlu {Vd.I}, {Vn.I}, {shl}", okShiftVec, nil},
	{"UQSHL_imm_vec", "0q101111 0hhhhiii 011101nn nnnddddd", "uqshl {Vd.I}, {Vn.I}, {shl}", okShiftVec, nil},
	{"SQSHRUN_vec", "0q101111 0hhhhiii 100001nn nnnddddd", "sqshrun{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"SQRSHRUN_vec", "0q101111 0hhhhiii 100011nn nnnddddd", "sqrshrun{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"UQSHRN_vec", "0q101111 0hhhhiii 100101nn nnnddddd", "uqshrn{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"UQRSHRN_vec", "0q101111 0hhhhiii 100111nn nnnddddd", "uqrshrn{2} {Vd.I}, {Vn.IW}, {shr}", okShiftNarrow, nil},
	{"USHLL_vec", "0q101111 0hhhhiii 101001nn nnnddddd", "ushll{2} {Vd.IW}, {Vn.I}, {shl} | sh0: uxtl{2} {Vd.IW}, {Vn.I}", okShiftNarrow, nil},

	{"SCVTF_fixed_vec", "0q001111 0hhhhiii 111001nn nnnddddd", "scvtf {Vd.I}, {Vn.I}, {shr}", okShiftFloat, nil},
	{"FCVTZS_fixed_vec", "0q001111 0hhhhiii 111111nn nnnddddd", "fcvtzs {Vd.I}, {Vn.I}, {shr}", okShiftFloat, nil},
	{"UCVTF_fixed_vec", "0q101111 0hhhhiii 111001nn nnnddddd", "ucvtf {Vd.I}, {Vn.I}, {shr}", okShiftFloat, nil},
	{"FCVTZU_fixed_vec", "0q101111 0hhhhiii 111111nn nnnddddd", "fcvtzu {Vd.I}, {Vn.I}, {shr}", okShiftFloat, nil},
}}

var simdShiftScalar = group{class: SIMD, rows: []def{
	{"SSHR_scalar", "01011111 01hhhiii 000001nn nnnddddd", "sshr {Dd}, {Dn}, {shr}", nil, nil},
	{"SSRA_scalar", "01011111 01hhhiii 000101nn nnnddddd", "ssra {Dd}, {Dn}, {shr}", nil, nil},
	{"SRSHR_scalar", "01011111 01hhhiii 001001nn nnnddddd", "srshr {Dd}, {Dn}, {shr}", nil, nil},
	{"SRSRA_scalar", "01011111 01hhhiii 001101nn nnnddddd", "srsra {Dd}, {Dn}, {shr}", nil, nil},
	{"SHL_scalar", "01011111 01hhhiii 010101nn nnnddddd", "shl {Dd}, {Dn}, {shl}", nil, nil},
	{"SQSHL_imm_scalar", "01011111 0hhhhiii 011101nn nnnddddd", "sqshl {shd}, {shn}, {shl}", okShiftScalar, nil},
	{"SQSHRN_scalar", "01011111 0hhhhiii 100101nn nnnddddd", "sqshrn {shd}, {shnw}, {shr}", okShiftNarrow, nil},
	{"SQRSHRN_scalar", "01011111 0hhhhiii 100111nn nnnddddd", "sqrshrn {shd}, {shnw}, {shr}", okShiftNarrow, nil},
	{"USHR_scalar", "01111111 01hhhiii 000001nn nnnddddd", "ushr {Dd}, {Dn}, {shr}", nil, nil},
	{"USRA_scalar", "01111111 01hhhiii 000101nn nnnddddd", "usra {Dd}, {Dn}, {shr}", nil, nil},
	{"URSHR_scalar", "01111111 01hhhiii 001001nn nnnddddd", "urshr {Dd}, {Dn}, {shr}", nil, nil},
	{"URSRA_scalar", "01111111 01hhhiii 001101nn nnnddddd", "ursra {Dd}, {Dn}, {shr}", nil, nil},
	{"SRI_scalar", "01111111 01hhhiii 010001nn nnnddddd", "sri {Dd}, {Dn}, {shr}", nil, nil},
	{"SLI_scalar", "01111111 01hhhiii 010101nn nnnddddd", "sli {Dd}, {Dn}, {shl}", nil, nil},
	{"SQSHLU_scalar", "01111111 0hhhhiii 011001nn nnnddddd", "sqshlu {shd}, {shn}, {shl}", okShiftScalar, nil},
	{"UQSHL_imm_scalar", "01111111 0hhhhiii 011101nn nnnddddd", "uqshl {shd}, {shn}, {shl}", okShiftScalar, nil},
	{"SQSHRUN_scalar", "01111111 0hhhhiii 100001nn nnnddddd", "sqshrun {shd}, {shnw}, {shr}", okShiftNarrow, nil},
	{"SQRSHRUN_scalar", "01111111 0hhhhiii 100011nn nnnddddd", "sqrshrun {shd}, {shnw}, {shr}", okShiftNarrow, nil},
	{"UQSHRN_scalar", "01111111 0hhhhiii 100101nn nnnddddd", "uqshrn {shd}, {shnw}, {shr}", okShiftNarrow, nil},
	{"UQRSHRN_scalar", "01111111 0hhhhiii 100111nn nnnddddd", "uqrshrn {shd}, {shnw}, {shr}", okShiftNarrow, nil},

	{"SCVTF_fixed_scalar", "01011111 0hhhhiii 111001nn nnnddddd", "scvtf {shd}, {shn}, {shr}", okShiftFloatScalar, nil},
	{"FCVTZS_fixed_scalar", "01011111 0hhhhiii 111111nn nnnddddd", "fcvtzs {shd}, {shn}, {shr}", okShiftFloatScalar, nil},
	{"UCVTF_fixed_scalar", "01111111 0hhhhiii 111001nn nnnddddd", "ucvtf {shd}, {shn}, {shr}", okShiftFloatScalar, nil},
	{"FCVTZU_fixed_scalar", "01111111 0hhhhiii 111111nn nnnddddd", "fcvtzu {shd}, {shn}, {shr}", okShiftFloatScalar, nil},
}}

var simdShiftHalf = group{class: SIMD, feature: FeatFP16, rows: []def{
	{"SCVTF_fixed_vec_half", "0q001111 0001hiii 111001nn nnnddddd", "scvtf {Vd.I}, {Vn.I}, {shr}", nil, nil},
	{"SCVTF_fixed_scalar_half", "01011111 0001hiii 111001nn nnnddddd", "scvtf {shd}, {shn}, {shr}", nil, nil},
	{"FCVTZS_fixed_vec_half", "0q001111 0001hiii 111111nn nnnddddd", "fcvtzs {Vd.I}, {Vn.I}, {shr}", nil, nil},
	{"FCVTZS_fixed_scalar_half", "01011111 0001hiii 111111nn nnnddddd", "fcvtzs {shd}, {shn}, {shr}", nil, nil},
	{"UCVTF_fixed_vec_half", "0q101111 0001hiii 111001nn nnnddddd", "ucvtf {Vd.I}, {Vn.I}, {shr}", nil, nil},
	{"UCVTF_fixed_scalar_half", "01111111 0001hiii 111001nn nnnddddd", "ucvtf {shd}, {shn}, {shr}", nil, nil},
	{"FCVTZU_fixed_vec_half", "0q101111 0001hiii 111111nn nnnddddd", "fcvtzu {Vd.I}, {Vn.I}, {shr}", nil, nil},
	{"FCVTZU_fixed_scalar_half", "01111111 0001hiii 111111nn nnnddddd", "fcvtzu {shd}, {shn}, {shr}", nil, nil},
}}

// okShiftVec: immh is not 0, and vectors of one doubleword do not exist.
func okShiftVec(w uint32) bool {
	immh := w >> 19 & 15
	return immh != 0 && (immh < 8 || w>>30&1 != 0)
}

func okShiftScalar(w uint32) bool { return w>>19&15 != 0 }

// okShiftNarrow: the narrow element has at most 32 bits.
func okShiftNarrow(w uint32) bool {
	immh := w >> 19 & 15
	return immh != 0 && immh < 8
}

// okShiftFloat: single or double; halves are rows of their own.
func okShiftFloat(w uint32) bool { return w>>19&15 >= 4 && okShiftVec(w) }

func okShiftFloatScalar(w uint32) bool { return w>>19&15 >= 4 }
