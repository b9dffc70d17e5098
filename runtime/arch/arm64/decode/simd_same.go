package decode

// Advanced SIMD, three registers of the same type, vector and scalar (C4.1.96).

var simdSame = group{class: SIMD, rows: []def{
	{"SHADD_vec", "0q001110 zz1mmmmm 000001nn nnnddddd", "shadd {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SQADD_vec", "0q001110 zz1mmmmm 000011nn nnnddddd", "sqadd {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"SRHADD_vec", "0q001110 zz1mmmmm 000101nn nnnddddd", "srhadd {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SHSUB_vec", "0q001110 zz1mmmmm 001001nn nnnddddd", "shsub {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SQSUB_vec", "0q001110 zz1mmmmm 001011nn nnnddddd", "sqsub {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"CMGT_vec", "0q001110 zz1mmmmm 001101nn nnnddddd", "cmgt {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"CMGE_vec", "0q001110 zz1mmmmm 001111nn nnnddddd", "cmge {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"SSHL_vec", "0q001110 zz1mmmmm 010001nn nnnddddd", "sshl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"SQSHL_vec", "0q001110 zz1mmmmm 010011nn nnnddddd", "sqshl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"SRSHL_vec", "0q001110 zz1mmmmm 010101nn nnnddddd", "srshl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"SQRSHL_vec", "0q001110 zz1mmmmm 010111nn nnnddddd", "sqrshl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"SMAX_vec", "0q001110 zz1mmmmm 011001nn nnnddddd", "smax {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SMIN_vec", "0q001110 zz1mmmmm 011011nn nnnddddd", "smin {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SABD_vec", "0q001110 zz1mmmmm 011101nn nnnddddd", "sabd {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SABA_vec", "0q001110 zz1mmmmm 011111nn nnnddddd", "saba {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"ADD_vec", "0q001110 zz1mmmmm 100001nn nnnddddd", "add {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"CMTST_vec", "0q001110 zz1mmmmm 100011nn nnnddddd", "cmtst {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"MLA_vec", "0q001110 zz1mmmmm 100101nn nnnddddd", "mla {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"MUL_vec", "0q001110 zz1mmmmm 100111nn nnnddddd", "mul {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SMAXP_vec", "0q001110 zz1mmmmm 101001nn nnnddddd", "smaxp {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SMINP_vec", "0q001110 zz1mmmmm 101011nn nnnddddd", "sminp {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SQDMULH_vec", "0q001110 zz1mmmmm 101101nn nnnddddd", "sqdmulh {Vd.T}, {Vn.T}, {Vm.T}", okSize12, nil},
	{"ADDP_vec", "0q001110 zz1mmmmm 101111nn nnnddddd", "addp {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"UHADD_vec", "0q101110 zz1mmmmm 000001nn nnnddddd", "uhadd {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UQADD_vec", "0q101110 zz1mmmmm 000011nn nnnddddd", "uqadd {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"URHADD_vec", "0q101110 zz1mmmmm 000101nn nnnddddd", "urhadd {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UHSUB_vec", "0q101110 zz1mmmmm 001001nn nnnddddd", "uhsub {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UQSUB_vec", "0q101110 zz1mmmmm 001011nn nnnddddd", "uqsub {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"CMHI_vec", "0q101110 zz1mmmmm 001101nn nnnddddd", "cmhi {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"CMHS_vec", "0q101110 zz1mmmmm 001111nn nnnddddd", "cmhs {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"USHL_vec", "0q101110 zz1mmmmm 010001nn nnnddddd", "ushl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"UQSHL_vec", "0q101110 zz1mmmmm 010011nn nnnddddd", "uqshl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"URSHL_vec", "0q101110 zz1mmmmm 010101nn nnnddddd", "urshl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"UQRSHL_vec", "0q101110 zz1mmmmm 010111nn nnnddddd", "uqrshl {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"UMAX_vec", "0q101110 zz1mmmmm 011001nn nnnddddd", "umax {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UMIN_vec", "0q101110 zz1mmmmm 011011nn nnnddddd", "umin {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UABD_vec", "0q101110 zz1mmmmm 011101nn nnnddddd", "uabd {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UABA_vec", "0q101110 zz1mmmmm 011111nn nnnddddd", "uaba {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SUB_vec", "0q101110 zz1mmmmm 100001nn nnnddddd", "sub {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"CMEQ_vec", "0q101110 zz1mmmmm 100011nn nnnddddd", "cmeq {Vd.T}, {Vn.T}, {Vm.T}", okNotD1, nil},
	{"MLS_vec", "0q101110 zz1mmmmm 100101nn nnnddddd", "mls {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"PMUL_vec", "0q101110 001mmmmm 100111nn nnnddddd", "pmul {Vd.T}, {Vn.T}, {Vm.T}", nil, nil},
	{"UMAXP_vec", "0q101110 zz1mmmmm 101001nn nnnddddd", "umaxp {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"UMINP_vec", "0q101110 zz1mmmmm 101011nn nnnddddd", "uminp {Vd.T}, {Vn.T}, {Vm.T}", okSize012, nil},
	{"SQRDMULH_vec", "0q101110 zz1mmmmm 101101nn nnnddddd", "sqrdmulh {Vd.T}, {Vn.T}, {Vm.T}", okSize12, nil},

	{"AND_vec", "0q001110 001mmmmm 000111nn nnnddddd", "and {Vd.B}, {Vn.B}, {Vm.B}", nil, nil},
	{"BIC_vec", "0q001110 011mmmmm 000111nn nnnddddd", "bic {Vd.B}, {Vn.B}, {Vm.B}", nil, nil},
	{"ORR_vec", "0q001110 101mmmmm 000111nn nnnddddd", "orr {Vd.B}, {Vn.B}, {Vm.B} | n=m: mov {Vd.B}, {Vn.B}", nil, nil},
	{"ORN_vec", "0q001110 111mmmmm 000111nn nnnddddd", "orn {Vd.B}, {Vn.B}, {Vm.B}", nil, nil},
	{"EOR_vec", "0q101110 001mmmmm 000111nn nnnddddd", "eor {Vd.B}, {Vn.B}, {Vm.B}", nil, nil},
	{"BSL_vec", "0q101110 011mmmmm 000111nn nnnddddd", "bsl {Vd.B}, {Vn.B}, {Vm.B}", nil, nil},
	{"BIT_vec", "0q101110 101mmmmm 000111nn nnnddddd", "bit {Vd.B}, {Vn.B}, {Vm.B}", nil, nil},
	{"BIF_vec", "0q101110 111mmmmm 000111nn nnnddddd", "bif {Vd.B}, {Vn.B}, {Vm.B}", nil, nil},

	{"FMAXNM_vec", "0q001110 0f1mmmmm 110001nn nnnddddd", "fmaxnm {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMLA_vec", "0q001110 0f1mmmmm 110011nn nnnddddd", "fmla {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FADD_vec", "0q001110 0f1mmmmm 110101nn nnnddddd", "fadd {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMULX_vec", "0q001110 0f1mmmmm 110111nn nnnddddd", "fmulx {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FCMEQ_vec", "0q001110 0f1mmmmm 111001nn nnnddddd", "fcmeq {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMAX_vec", "0q001110 0f1mmmmm 111101nn nnnddddd", "fmax {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FRECPS_vec", "0q001110 0f1mmmmm 111111nn nnnddddd", "frecps {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMINNM_vec", "0q001110 1f1mmmmm 110001nn nnnddddd", "fminnm {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMLS_vec", "0q001110 1f1mmmmm 110011nn nnnddddd", "fmls {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FSUB_vec", "0q001110 1f1mmmmm 110101nn nnnddddd", "fsub {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMIN_vec", "0q001110 1f1mmmmm 111101nn nnnddddd", "fmin {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FRSQRTS_vec", "0q001110 1f1mmmmm 111111nn nnnddddd", "frsqrts {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMAXNMP_vec", "0q101110 0f1mmmmm 110001nn nnnddddd", "fmaxnmp {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FADDP_vec", "0q101110 0f1mmmmm 110101nn nnnddddd", "faddp {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMUL_vec", "0q101110 0f1mmmmm 110111nn nnnddddd", "fmul {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FCMGE_vec", "0q101110 0f1mmmmm 111001nn nnnddddd", "fcmge {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FACGE_vec", "0q101110 0f1mmmmm 111011nn nnnddddd", "facge {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMAXP_vec", "0q101110 0f1mmmmm 111101nn nnnddddd", "fmaxp {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FDIV_vec", "0q101110 0f1mmmmm 111111nn nnnddddd", "fdiv {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMINNMP_vec", "0q101110 1f1mmmmm 110001nn nnnddddd", "fminnmp {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FABD_vec", "0q101110 1f1mmmmm 110101nn nnnddddd", "fabd {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FCMGT_vec", "0q101110 1f1mmmmm 111001nn nnnddddd", "fcmgt {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FACGT_vec", "0q101110 1f1mmmmm 111011nn nnnddddd", "facgt {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
	{"FMINP_vec", "0q101110 1f1mmmmm 111101nn nnnddddd", "fminp {Vd.F}, {Vn.F}, {Vm.F}", okFloat, nil},
}}

var simdSameScalar = group{class: SIMD, rows: []def{
	{"SQADD_scalar", "01011110 zz1mmmmm 000011nn nnnddddd", "sqadd {Zd}, {Zn}, {Zm}", nil, nil},
	{"SQSUB_scalar", "01011110 zz1mmmmm 001011nn nnnddddd", "sqsub {Zd}, {Zn}, {Zm}", nil, nil},
	{"CMGT_scalar", "01011110 111mmmmm 001101nn nnnddddd", "cmgt {Zd}, {Zn}, {Zm}", nil, nil},
	{"CMGE_scalar", "01011110 111mmmmm 001111nn nnnddddd", "cmge {Zd}, {Zn}, {Zm}", nil, nil},
	{"SSHL_scalar", "01011110 111mmmmm 010001nn nnnddddd", "sshl {Zd}, {Zn}, {Zm}", nil, nil},
	{"SQSHL_scalar", "01011110 zz1mmmmm 010011nn nnnddddd", "sqshl {Zd}, {Zn}, {Zm}", nil, nil},
	{"SRSHL_scalar", "01011110 111mmmmm 010101nn nnnddddd", "srshl {Zd}, {Zn}, {Zm}", nil, nil},
	{"SQRSHL_scalar", "01011110 zz1mmmmm 010111nn nnnddddd", "sqrshl {Zd}, {Zn}, {Zm}", nil, nil},
	{"ADD_scalar", "01011110 111mmmmm 100001nn nnnddddd", "add {Zd}, {Zn}, {Zm}", nil, nil},
	{"CMTST_scalar", "01011110 111mmmmm 100011nn nnnddddd", "cmtst {Zd}, {Zn}, {Zm}", nil, nil},
	{"SQDMULH_scalar", "01011110 zz1mmmmm 101101nn nnnddddd", "sqdmulh {Zd}, {Zn}, {Zm}", okSize12, nil},
	{"UQADD_scalar", "01111110 zz1mmmmm 000011nn nnnddddd", "uqadd {Zd}, {Zn}, {Zm}", nil, nil},
	{"UQSUB_scalar", "01111110 zz1mmmmm 001011nn nnnddddd", "uqsub {Zd}, {Zn}, {Zm}", nil, nil},
	{"CMHI_scalar", "01111110 111mmmmm 001101nn nnnddddd", "cmhi {Zd}, {Zn}, {Zm}", nil, nil},
	{"CMHS_scalar", "01111110 111mmmmm 001111nn nnnddddd", "cmhs {Zd}, {Zn}, {Zm}", nil, nil},
	{"USHL_scalar", "01111110 111mmmmm 010001nn nnnddddd", "ushl {Zd}, {Zn}, {Zm}", nil, nil},
	{"UQSHL_scalar", "01111110 zz1mmmmm 010011nn nnnddddd", "uqshl {Zd}, {Zn}, {Zm}", nil, nil},
	{"URSHL_scalar", "01111110 111mmmmm 010101nn nnnddddd", "urshl {Zd}, {Zn}, {Zm}", nil, nil},
	{"UQRSHL_scalar", "01111110 zz1mmmmm 010111nn nnnddddd", "uqrshl {Zd}, {Zn}, {Zm}", nil, nil},
	{"SUB_scalar", "01111110 111mmmmm 100001nn nnnddddd", "sub {Zd}, {Zn}, {Zm}", nil, nil},
	{"CMEQ_scalar", "01111110 111mmmmm 100011nn nnnddddd", "cmeq {Zd}, {Zn}, {Zm}", nil, nil},
	{"SQRDMULH_scalar", "01111110 zz1mmmmm 101101nn nnnddddd", "sqrdmulh {Zd}, {Zn}, {Zm}", okSize12, nil},

	{"FMULX_scalar", "01011110 0f1mmmmm 110111nn nnnddddd", "fmulx {Yd}, {Yn}, {Ym}", nil, nil},
	{"FCMEQ_scalar", "01011110 0f1mmmmm 111001nn nnnddddd", "fcmeq {Yd}, {Yn}, {Ym}", nil, nil},
	{"FRECPS_scalar", "01011110 0f1mmmmm 111111nn nnnddddd", "frecps {Yd}, {Yn}, {Ym}", nil, nil},
	{"FRSQRTS_scalar", "01011110 1f1mmmmm 111111nn nnnddddd", "frsqrts {Yd}, {Yn}, {Ym}", nil, nil},
	{"FCMGE_scalar", "01111110 0f1mmmmm 111001nn nnnddddd", "fcmge {Yd}, {Yn}, {Ym}", nil, nil},
	{"FACGE_scalar", "01111110 0f1mmmmm 111011nn nnnddddd", "facge {Yd}, {Yn}, {Ym}", nil, nil},
	{"FABD_scalar", "01111110 1f1mmmmm 110101nn nnnddddd", "fabd {Yd}, {Yn}, {Ym}", nil, nil},
	{"FCMGT_scalar", "01111110 1f1mmmmm 111001nn nnnddddd", "fcmgt {Yd}, {Yn}, {Ym}", nil, nil},
	{"FACGT_scalar", "01111110 1f1mmmmm 111011nn nnnddddd", "facgt {Yd}, {Yn}, {Ym}", nil, nil},
}}

var simdSameHalf = group{class: SIMD, feature: FeatFP16, rows: []def{
	{"FMAXNM_vec_half", "0q001110 010mmmmm 000001nn nnnddddd", "fmaxnm {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMLA_vec_half", "0q001110 010mmmmm 000011nn nnnddddd", "fmla {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FADD_vec_half", "0q001110 010mmmmm 000101nn nnnddddd", "fadd {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMULX_vec_half", "0q001110 010mmmmm 000111nn nnnddddd", "fmulx {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FCMEQ_vec_half", "0q001110 010mmmmm 001001nn nnnddddd", "fcmeq {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMAX_vec_half", "0q001110 010mmmmm 001101nn nnnddddd", "fmax {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FRECPS_vec_half", "0q001110 010mmmmm 001111nn nnnddddd", "frecps {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMINNM_vec_half", "0q001110 110mmmmm 000001nn nnnddddd", "fminnm {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMLS_vec_half", "0q001110 110mmmmm 000011nn nnnddddd", "fmls {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FSUB_vec_half", "0q001110 110mmmmm 000101nn nnnddddd", "fsub {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMIN_vec_half", "0q001110 110mmmmm 001101nn nnnddddd", "fmin {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FRSQRTS_vec_half", "0q001110 110mmmmm 001111nn nnnddddd", "frsqrts {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMAXNMP_vec_half", "0q101110 010mmmmm 000001nn nnnddddd", "fmaxnmp {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FADDP_vec_half", "0q101110 010mmmmm 000101nn nnnddddd", "faddp {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMUL_vec_half", "0q101110 010mmmmm 000111nn nnnddddd", "fmul {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FCMGE_vec_half", "0q101110 010mmmmm 001001nn nnnddddd", "fcmge {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FACGE_vec_half", "0q101110 010mmmmm 001011nn nnnddddd", "facge {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMAXP_vec_half", "0q101110 010mmmmm 001101nn nnnddddd", "fmaxp {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FDIV_vec_half", "0q101110 010mmmmm 001111nn nnnddddd", "fdiv {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMINNMP_vec_half", "0q101110 110mmmmm 000001nn nnnddddd", "fminnmp {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FABD_vec_half", "0q101110 110mmmmm 000101nn nnnddddd", "fabd {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FCMGT_vec_half", "0q101110 110mmmmm 001001nn nnnddddd", "fcmgt {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FACGT_vec_half", "0q101110 110mmmmm 001011nn nnnddddd", "facgt {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},
	{"FMINP_vec_half", "0q101110 110mmmmm 001101nn nnnddddd", "fminp {Vd.H}, {Vn.H}, {Vm.H}", nil, nil},

	{"FMULX_scalar_half", "01011110 010mmmmm 000111nn nnnddddd", "fmulx {Hd}, {Hn}, {Hm}", nil, nil},
	{"FCMEQ_scalar_half", "01011110 010mmmmm 001001nn nnnddddd", "fcmeq {Hd}, {Hn}, {Hm}", nil, nil},
	{"FRECPS_scalar_half", "01011110 010mmmmm 001111nn nnnddddd", "frecps {Hd}, {Hn}, {Hm}", nil, nil},
	{"FRSQRTS_scalar_half", "01011110 110mmmmm 001111nn nnnddddd", "frsqrts {Hd}, {Hn}, {Hm}", nil, nil},
	{"FCMGE_scalar_half", "01111110 010mmmmm 001001nn nnnddddd", "fcmge {Hd}, {Hn}, {Hm}", nil, nil},
	{"FACGE_scalar_half", "01111110 010mmmmm 001011nn nnnddddd", "facge {Hd}, {Hn}, {Hm}", nil, nil},
	{"FABD_scalar_half", "01111110 110mmmmm 000101nn nnnddddd", "fabd {Hd}, {Hn}, {Hm}", nil, nil},
	{"FCMGT_scalar_half", "01111110 110mmmmm 001001nn nnnddddd", "fcmgt {Hd}, {Hn}, {Hm}", nil, nil},
	{"FACGT_scalar_half", "01111110 110mmmmm 001011nn nnnddddd", "facgt {Hd}, {Hn}, {Hm}", nil, nil},
}}

var simdSameFHM = group{class: SIMD, feature: FeatFHM, rows: []def{
	{"FMLAL_vec", "0q001110 001mmmmm 111011nn nnnddddd", "fmlal {Vd.S}, {Vn.HN}, {Vm.HN}", nil, nil},
	{"FMLSL_vec", "0q001110 101mmmmm 111011nn nnnddddd", "fmlsl {Vd.S}, {Vn.HN}, {Vm.HN}", nil, nil},
	{"FMLAL2_vec", "0q101110 001mmmmm 110011nn nnnddddd", "fmlal2 {Vd.S}, {Vn.HN}, {Vm.HN}", nil, nil},
	{"FMLSL2_vec", "0q101110 101mmmmm 110011nn nnnddddd", "fmlsl2 {Vd.S}, {Vn.HN}, {Vm.HN}", nil, nil},
}}

var simdSameRDM = group{class: SIMD, feature: FeatRDM, rows: []def{
	{"SQRDMLAH_vec", "0q101110 zz0mmmmm 100001nn nnnddddd", "sqrdmlah {Vd.T}, {Vn.T}, {Vm.T}", okSize12, nil},
	{"SQRDMLSH_vec", "0q101110 zz0mmmmm 100011nn nnnddddd", "sqrdmlsh {Vd.T}, {Vn.T}, {Vm.T}", okSize12, nil},
	{"SQRDMLAH_scalar", "01111110 zz0mmmmm 100001nn nnnddddd", "sqrdmlah {Zd}, {Zn}, {Zm}", okSize12, nil},
	{"SQRDMLSH_scalar", "01111110 zz0mmmmm 100011nn nnnddddd", "sqrdmlsh {Zd}, {Zn}, {Zm}", okSize12, nil},
}}

var simdSameDot = group{class: SIMD, feature: FeatDotProd, rows: []def{
	{"SDOT_vec", "0q001110 100mmmmm 100101nn nnnddddd", "sdot {Vd.S}, {Vn.B}, {Vm.B}", nil, nil},
	{"UDOT_vec", "0q101110 100mmmmm 100101nn nnnddddd", "udot {Vd.S}, {Vn.B}, {Vm.B}", nil, nil},
}}

var simdSameI8MM = group{class: SIMD, feature: FeatI8MM, rows: []def{
	{"USDOT_vec", "0q001110 100mmmmm 100111nn nnnddddd", "usdot {Vd.S}, {Vn.B}, {Vm.B}", nil, nil},
	{"SMMLA", "01001110 100mmmmm 101001nn nnnddddd", "smmla {Vd.4s}, {Vn.16b}, {Vm.16b}", nil, nil},
	{"UMMLA", "01101110 100mmmmm 101001nn nnnddddd", "ummla {Vd.4s}, {Vn.16b}, {Vm.16b}", nil, nil},
	{"USMMLA", "01001110 100mmmmm 101011nn nnnddddd", "usmmla {Vd.4s}, {Vn.16b}, {Vm.16b}", nil, nil},
}}

var simdSameBF16 = group{class: SIMD, feature: FeatBF16, rows: []def{
	{"BFDOT_vec", "0q101110 010mmmmm 111111nn nnnddddd", "bfdot {Vd.S}, {Vn.H}, {Vm.H}", nil, nil},
	{"BFMMLA", "01101110 010mmmmm 111011nn nnnddddd", "bfmmla {Vd.4s}, {Vn.8h}, {Vm.8h}", nil, nil},
	{"BFMLAL_vec", "0q101110 110mmmmm 111111nn nnnddddd", "bfmlal{bt} {Vd.4s}, {Vn.8h}, {Vm.8h}", nil, nil},
}}

var simdSameFCMA = group{class: SIMD, feature: FeatFCMA, rows: []def{
	{"FCMLA_vec", "0q101110 zz0mmmmm 110rr1nn nnnddddd", "fcmla {Vd.T}, {Vn.T}, {Vm.T}, {rot90}", okComplex, nil},
	{"FCADD", "0q101110 zz0mmmmm 111r01nn nnnddddd", "fcadd {Vd.T}, {Vn.T}, {Vm.T}, {rot270}", okComplex, nil},
}}

// Sizes that the bits would allow but that are unallocated: size is in bits 23 and 22.

func okSize012(w uint32) bool { return w>>22&3 != 3 }
func okSize12(w uint32) bool  { s := w >> 22 & 3; return s == 1 || s == 2 }

// okNotD1: a vector of one doubleword is not a vector.
func okNotD1(w uint32) bool { return w>>22&3 != 3 || w>>30&1 != 0 }

// okFloat: as okNotD1 where only bit 22 tells the size.
func okFloat(w uint32) bool { return w>>22&1 == 0 || w>>30&1 != 0 }

// okComplex: pairs of elements of 16, 32 or 64 bits.
func okComplex(w uint32) bool { return w>>22&3 != 0 && okNotD1(w) }
