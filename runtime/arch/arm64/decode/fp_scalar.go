package decode

// Scalar floating point (C4.1.96). The type is ftype, bits 23 and 22: 0 single, 1
// double, 3 half; arithmetic on halves is an extension with rows of its own,
// conversion from and to half is not.

var fpArith = group{class: FP, rows: []def{
	{"FMUL", "00011110 0f1mmmmm 000010nn nnnddddd", "fmul {Fd}, {Fn}, {Fm}", nil, nil},
	{"FDIV", "00011110 0f1mmmmm 000110nn nnnddddd", "fdiv {Fd}, {Fn}, {Fm}", nil, nil},
	{"FADD", "00011110 0f1mmmmm 001010nn nnnddddd", "fadd {Fd}, {Fn}, {Fm}", nil, nil},
	{"FSUB", "00011110 0f1mmmmm 001110nn nnnddddd", "fsub {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMAX", "00011110 0f1mmmmm 010010nn nnnddddd", "fmax {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMIN", "00011110 0f1mmmmm 010110nn nnnddddd", "fmin {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMAXNM", "00011110 0f1mmmmm 011010nn nnnddddd", "fmaxnm {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMINNM", "00011110 0f1mmmmm 011110nn nnnddddd", "fminnm {Fd}, {Fn}, {Fm}", nil, nil},
	{"FNMUL", "00011110 0f1mmmmm 100010nn nnnddddd", "fnmul {Fd}, {Fn}, {Fm}", nil, nil},

	{"FMADD", "00011111 0f0mmmmm 0aaaaann nnnddddd", "fmadd {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},
	{"FMSUB", "00011111 0f0mmmmm 1aaaaann nnnddddd", "fmsub {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},
	{"FNMADD", "00011111 0f1mmmmm 0aaaaann nnnddddd", "fnmadd {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},
	{"FNMSUB", "00011111 0f1mmmmm 1aaaaann nnnddddd", "fnmsub {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},

	{"FMOV_reg", "00011110 0f100000 010000nn nnnddddd", "fmov {Fd}, {Fn}", nil, nil},
	{"FABS", "00011110 0f100000 110000nn nnnddddd", "fabs {Fd}, {Fn}", nil, nil},
	{"FNEG", "00011110 0f100001 010000nn nnnddddd", "fneg {Fd}, {Fn}", nil, nil},
	{"FSQRT", "00011110 0f100001 110000nn nnnddddd", "fsqrt {Fd}, {Fn}", nil, nil},
	{"FRINTN", "00011110 0f100100 010000nn nnnddddd", "frintn {Fd}, {Fn}", nil, nil},
	{"FRINTP", "00011110 0f100100 110000nn nnnddddd", "frintp {Fd}, {Fn}", nil, nil},
	{"FRINTM", "00011110 0f100101 010000nn nnnddddd", "frintm {Fd}, {Fn}", nil, nil},
	{"FRINTZ", "00011110 0f100101 110000nn nnnddddd", "frintz {Fd}, {Fn}", nil, nil},
	{"FRINTA", "00011110 0f100110 010000nn nnnddddd", "frinta {Fd}, {Fn}", nil, nil},
	{"FRINTX", "00011110 0f100111 010000nn nnnddddd", "frintx {Fd}, {Fn}", nil, nil},
	{"FRINTI", "00011110 0f100111 110000nn nnnddddd", "frinti {Fd}, {Fn}", nil, nil},

	{"FMOV_imm", "00011110 0f1iiiii iii10000 000ddddd", "fmov {Fd}, {fpimm}", nil, nil},
	{"FCSEL", "00011110 0f1mmmmm cccc11nn nnnddddd", "fcsel {Fd}, {Fn}, {Fm}, {cond}", nil, nil},

	{"FCMP", "00011110 0f1mmmmm 001000nn nnn00000", "fcmp {Fn}, {Fm}", nil, nil},
	{"FCMP_zero", "00011110 0f1yyyyy 001000nn nnn01000", "fcmp {Fn}, #0.0", nil, nil},
	{"FCMPE", "00011110 0f1mmmmm 001000nn nnn10000", "fcmpe {Fn}, {Fm}", nil, nil},
	{"FCMPE_zero", "00011110 0f1yyyyy 001000nn nnn11000", "fcmpe {Fn}, #0.0", nil, nil},
	{"FCCMP", "00011110 0f1mmmmm cccc01nn nnn0kkkk", "fccmp {Fn}, {Fm}, {#k}, {cond}", nil, nil},
	{"FCCMPE", "00011110 0f1mmmmm cccc01nn nnn1kkkk", "fccmpe {Fn}, {Fm}, {#k}, {cond}", nil, nil},
}}

var fpConvert = group{class: FP, rows: []def{
	{"FCVT", "00011110 ff10001g g10000nn nnnddddd", "fcvt {fcvtd}, {Fn}", okFcvt, nil},

	{"FCVTNS_int", "s0011110 0f100000 000000nn nnnddddd", "fcvtns {Rd}, {Fn}", nil, nil},
	{"FCVTNU_int", "s0011110 0f100001 000000nn nnnddddd", "fcvtnu {Rd}, {Fn}", nil, nil},
	{"FCVTAS_int", "s0011110 0f100100 000000nn nnnddddd", "fcvtas {Rd}, {Fn}", nil, nil},
	{"FCVTAU_int", "s0011110 0f100101 000000nn nnnddddd", "fcvtau {Rd}, {Fn}", nil, nil},
	{"FCVTPS_int", "s0011110 0f101000 000000nn nnnddddd", "fcvtps {Rd}, {Fn}", nil, nil},
	{"FCVTPU_int", "s0011110 0f101001 000000nn nnnddddd", "fcvtpu {Rd}, {Fn}", nil, nil},
	{"FCVTMS_int", "s0011110 0f110000 000000nn nnnddddd", "fcvtms {Rd}, {Fn}", nil, nil},
	{"FCVTMU_int", "s0011110 0f110001 000000nn nnnddddd", "fcvtmu {Rd}, {Fn}", nil, nil},
	{"FCVTZS_int", "s0011110 0f111000 000000nn nnnddddd", "fcvtzs {Rd}, {Fn}", nil, nil},
	{"FCVTZU_int", "s0011110 0f111001 000000nn nnnddddd", "fcvtzu {Rd}, {Fn}", nil, nil},
	{"SCVTF_int", "s0011110 0f100010 000000nn nnnddddd", "scvtf {Fd}, {Rn}", nil, nil},
	{"UCVTF_int", "s0011110 0f100011 000000nn nnnddddd", "ucvtf {Fd}, {Rn}", nil, nil},

	{"FCVTZS_fixed", "s0011110 0f011000 iiiiiinn nnnddddd", "fcvtzs {Rd}, {Fn}, {fbits}", okFixed, nil},
	{"FCVTZU_fixed", "s0011110 0f011001 iiiiiinn nnnddddd", "fcvtzu {Rd}, {Fn}, {fbits}", okFixed, nil},
	{"SCVTF_fixed", "s0011110 0f000010 iiiiiinn nnnddddd", "scvtf {Fd}, {Rn}, {fbits}", okFixed, nil},
	{"UCVTF_fixed", "s0011110 0f000011 iiiiiinn nnnddddd", "ucvtf {Fd}, {Rn}, {fbits}", okFixed, nil},

	{"FMOV_to_gpr", "s0011110 0f100110 000000nn nnnddddd", "fmov {Rd}, {Fn}", okFmovSize, nil},
	{"FMOV_from_gpr", "s0011110 0f100111 000000nn nnnddddd", "fmov {Fd}, {Rn}", okFmovSize, nil},
	{"FMOV_to_gpr_top", "10011110 10101110 000000nn nnnddddd", "fmov {Xd}, {Vn.d[1]}", nil, nil},
	{"FMOV_from_gpr_top", "10011110 10101111 000000nn nnnddddd", "fmov {Vd.d[1]}, {Xn}", nil, nil},
}}

var fpArithHalf = group{class: FP, feature: FeatFP16, rows: []def{
	{"FMUL_half", "00011110 111mmmmm 000010nn nnnddddd", "fmul {Fd}, {Fn}, {Fm}", nil, nil},
	{"FDIV_half", "00011110 111mmmmm 000110nn nnnddddd", "fdiv {Fd}, {Fn}, {Fm}", nil, nil},
	{"FADD_half", "00011110 111mmmmm 001010nn nnnddddd", "fadd {Fd}, {Fn}, {Fm}", nil, nil},
	{"FSUB_half", "00011110 111mmmmm 001110nn nnnddddd", "fsub {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMAX_half", "00011110 111mmmmm 010010nn nnnddddd", "fmax {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMIN_half", "00011110 111mmmmm 010110nn nnnddddd", "fmin {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMAXNM_half", "00011110 111mmmmm 011010nn nnnddddd", "fmaxnm {Fd}, {Fn}, {Fm}", nil, nil},
	{"FMINNM_half", "00011110 111mmmmm 011110nn nnnddddd", "fminnm {Fd}, {Fn}, {Fm}", nil, nil},
	{"FNMUL_half", "00011110 111mmmmm 100010nn nnnddddd", "fnmul {Fd}, {Fn}, {Fm}", nil, nil},

	{"FMADD_half", "00011111 110mmmmm 0aaaaann nnnddddd", "fmadd {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},
	{"FMSUB_half", "00011111 110mmmmm 1aaaaann nnnddddd", "fmsub {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},
	{"FNMADD_half", "00011111 111mmmmm 0aaaaann nnnddddd", "fnmadd {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},
	{"FNMSUB_half", "00011111 111mmmmm 1aaaaann nnnddddd", "fnmsub {Fd}, {Fn}, {Fm}, {Fa}", nil, nil},

	{"FMOV_reg_half", "00011110 11100000 010000nn nnnddddd", "fmov {Fd}, {Fn}", nil, nil},
	{"FABS_half", "00011110 11100000 110000nn nnnddddd", "fabs {Fd}, {Fn}", nil, nil},
	{"FNEG_half", "00011110 11100001 010000nn nnnddddd", "fneg {Fd}, {Fn}", nil, nil},
	{"FSQRT_half", "00011110 11100001 110000nn nnnddddd", "fsqrt {Fd}, {Fn}", nil, nil},
	{"FRINTN_half", "00011110 11100100 010000nn nnnddddd", "frintn {Fd}, {Fn}", nil, nil},
	{"FRINTP_half", "00011110 11100100 110000nn nnnddddd", "frintp {Fd}, {Fn}", nil, nil},
	{"FRINTM_half", "00011110 11100101 010000nn nnnddddd", "frintm {Fd}, {Fn}", nil, nil},
	{"FRINTZ_half", "00011110 11100101 110000nn nnnddddd", "frintz {Fd}, {Fn}", nil, nil},
	{"FRINTA_half", "00011110 11100110 010000nn nnnddddd", "frinta {Fd}, {Fn}", nil, nil},
	{"FRINTX_half", "00011110 11100111 010000nn nnnddddd", "frintx {Fd}, {Fn}", nil, nil},
	{"FRINTI_half", "00011110 11100111 110000nn nnnddddd", "frinti {Fd}, {Fn}", nil, nil},

	{"FMOV_imm_half", "00011110 111iiiii iii10000 000ddddd", "fmov {Fd}, {fpimm}", nil, nil},
	{"FCSEL_half", "00011110 111mmmmm cccc11nn nnnddddd", "fcsel {Fd}, {Fn}, {Fm}, {cond}", nil, nil},

	{"FCMP_half", "00011110 111mmmmm 001000nn nnn00000", "fcmp {Fn}, {Fm}", nil, nil},
	{"FCMP_zero_half", "00011110 111yyyyy 001000nn nnn01000", "fcmp {Fn}, #0.0", nil, nil},
	{"FCMPE_half", "00011110 111mmmmm 001000nn nnn10000", "fcmpe {Fn}, {Fm}", nil, nil},
	{"FCMPE_zero_half", "00011110 111yyyyy 001000nn nnn11000", "fcmpe {Fn}, #0.0", nil, nil},
	{"FCCMP_half", "00011110 111mmmmm cccc01nn nnn0kkkk", "fccmp {Fn}, {Fm}, {#k}, {cond}", nil, nil},
	{"FCCMPE_half", "00011110 111mmmmm cccc01nn nnn1kkkk", "fccmpe {Fn}, {Fm}, {#k}, {cond}", nil, nil},
}}

var fpConvertHalf = group{class: FP, feature: FeatFP16, rows: []def{
	{"FCVTNS_int_half", "s0011110 11100000 000000nn nnnddddd", "fcvtns {Rd}, {Fn}", nil, nil},
	{"FCVTNU_int_half", "s0011110 11100001 000000nn nnnddddd", "fcvtnu {Rd}, {Fn}", nil, nil},
	{"FCVTAS_int_half", "s0011110 11100100 000000nn nnnddddd", "fcvtas {Rd}, {Fn}", nil, nil},
	{"FCVTAU_int_half", "s0011110 11100101 000000nn nnnddddd", "fcvtau {Rd}, {Fn}", nil, nil},
	{"FCVTPS_int_half", "s0011110 11101000 000000nn nnnddddd", "fcvtps {Rd}, {Fn}", nil, nil},
	{"FCVTPU_int_half", "s0011110 11101001 000000nn nnnddddd", "fcvtpu {Rd}, {Fn}", nil, nil},
	{"FCVTMS_int_half", "s0011110 11110000 000000nn nnnddddd", "fcvtms {Rd}, {Fn}", nil, nil},
	{"FCVTMU_int_half", "s0011110 11110001 000000nn nnnddddd", "fcvtmu {Rd}, {Fn}", nil, nil},
	{"FCVTZS_int_half", "s0011110 11111000 000000nn nnnddddd", "fcvtzs {Rd}, {Fn}", nil, nil},
	{"FCVTZU_int_half", "s0011110 11111001 000000nn nnnddddd", "fcvtzu {Rd}, {Fn}", nil, nil},
	{"SCVTF_int_half", "s0011110 11100010 000000nn nnnddddd", "scvtf {Fd}, {Rn}", nil, nil},
	{"UCVTF_int_half", "s0011110 11100011 000000nn nnnddddd", "ucvtf {Fd}, {Rn}", nil, nil},

	{"FCVTZS_fixed_half", "s0011110 11011000 iiiiiinn nnnddddd", "fcvtzs {Rd}, {Fn}, {fbits}", okFixed, nil},
	{"FCVTZU_fixed_half", "s0011110 11011001 iiiiiinn nnnddddd", "fcvtzu {Rd}, {Fn}, {fbits}", okFixed, nil},
	{"SCVTF_fixed_half", "s0011110 11000010 iiiiiinn nnnddddd", "scvtf {Fd}, {Rn}, {fbits}", okFixed, nil},
	{"UCVTF_fixed_half", "s0011110 11000011 iiiiiinn nnnddddd", "ucvtf {Fd}, {Rn}, {fbits}", okFixed, nil},

	{"FMOV_to_gpr_half", "s0011110 11100110 000000nn nnnddddd", "fmov {Rd}, {Hn}", nil, nil},
	{"FMOV_from_gpr_half", "s0011110 11100111 000000nn nnnddddd", "fmov {Hd}, {Rn}", nil, nil},
}}

var fpJSCVT = group{class: FP, feature: FeatJSCVT, rows: []def{
	{"FJCVTZS", "00011110 01111110 000000nn nnnddddd", "fjcvtzs {Wd}, {Dn}", nil, nil},
}}

var fpFRINTTS = group{class: FP, feature: FeatFRINTTS, rows: []def{
	{"FRINT32Z", "00011110 0f101000 010000nn nnnddddd", "frint32z {Fd}, {Fn}", nil, nil},
	{"FRINT32X", "00011110 0f101000 110000nn nnnddddd", "frint32x {Fd}, {Fn}", nil, nil},
	{"FRINT64Z", "00011110 0f101001 010000nn nnnddddd", "frint64z {Fd}, {Fn}", nil, nil},
	{"FRINT64X", "00011110 0f101001 110000nn nnnddddd", "frint64x {Fd}, {Fn}", nil, nil},
}}

var fpBF16 = group{class: FP, feature: FeatBF16, rows: []def{
	{"BFCVT", "00011110 01100011 010000nn nnnddddd", "bfcvt {Hd}, {Sn}", nil, nil},
}}

// okFixed: a 32-bit integer has at most 32 fraction bits; the field holds 64 minus
// their number.
func okFixed(w uint32) bool { return w>>31 != 0 || w>>15&1 != 0 }

// okFmovSize: FMOV moves all bits, so sizes must be equal.
func okFmovSize(w uint32) bool { return w>>31 == w>>22&1 }

// okFcvt: source and destination are different types, and 2 is none.
func okFcvt(w uint32) bool {
	from, to := w>>22&3, w>>15&3
	return from != to && from != 2 && to != 2
}
