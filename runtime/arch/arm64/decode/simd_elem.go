package decode

// Advanced SIMD, vector by element (C4.1.96). The index is H:L:M (bits 11, 21, 20) for
// halfwords, H:L for words, H for doublewords; M otherwise belongs to Rm.

var simdElem = group{class: SIMD, rows: []def{
	{"SMLAL_elem", "0q001111 zzlmmmmm 0010h0nn nnnddddd", "smlal{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"SQDMLAL_elem", "0q001111 zzlmmmmm 0011h0nn nnnddddd", "sqdmlal{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"SMLSL_elem", "0q001111 zzlmmmmm 0110h0nn nnnddddd", "smlsl{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"SQDMLSL_elem", "0q001111 zzlmmmmm 0111h0nn nnnddddd", "sqdmlsl{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"MUL_elem", "0q001111 zzlmmmmm 1000h0nn nnnddddd", "mul {Vd.T}, {Vn.T}, {elem}", okSize12, nil},
	{"SMULL_elem", "0q001111 zzlmmmmm 1010h0nn nnnddddd", "smull{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"SQDMULL_elem", "0q001111 zzlmmmmm 1011h0nn nnnddddd", "sqdmull{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"SQDMULH_elem", "0q001111 zzlmmmmm 1100h0nn nnnddddd", "sqdmulh {Vd.T}, {Vn.T}, {elem}", okSize12, nil},
	{"SQRDMULH_elem", "0q001111 zzlmmmmm 1101h0nn nnnddddd", "sqrdmulh {Vd.T}, {Vn.T}, {elem}", okSize12, nil},
	{"MLA_elem", "0q101111 zzlmmmmm 0000h0nn nnnddddd", "mla {Vd.T}, {Vn.T}, {elem}", okSize12, nil},
	{"UMLAL_elem", "0q101111 zzlmmmmm 0010h0nn nnnddddd", "umlal{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"MLS_elem", "0q101111 zzlmmmmm 0100h0nn nnnddddd", "mls {Vd.T}, {Vn.T}, {elem}", okSize12, nil},
	{"UMLSL_elem", "0q101111 zzlmmmmm 0110h0nn nnnddddd", "umlsl{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},
	{"UMULL_elem", "0q101111 zzlmmmmm 1010h0nn nnnddddd", "umull{2} {Vd.W}, {Vn.T}, {elem}", okSize12, nil},

	{"FMLA_elem", "0q001111 1flmmmmm 0001h0nn nnnddddd", "fmla {Vd.F}, {Vn.F}, {elem}", okElemFloat, nil},
	{"FMLS_elem", "0q001111 1flmmmmm 0101h0nn nnnddddd", "fmls {Vd.F}, {Vn.F}, {elem}", okElemFloat, nil},
	{"FMUL_elem", "0q001111 1flmmmmm 1001h0nn nnnddddd", "fmul {Vd.F}, {Vn.F}, {elem}", okElemFloat, nil},
	{"FMULX_elem", "0q101111 1flmmmmm 1001h0nn nnnddddd", "fmulx {Vd.F}, {Vn.F}, {elem}", okElemFloat, nil},
}}

var simdElemScalar = group{class: SIMD, rows: []def{
	{"SQDMLAL_elem_scalar", "01011111 zzlmmmmm 0011h0nn nnnddddd", "sqdmlal {widescalar}, {Zn}, {elem}", okSize12, nil},
	{"SQDMLSL_elem_scalar", "01011111 zzlmmmmm 0111h0nn nnnddddd", "sqdmlsl {widescalar}, {Zn}, {elem}", okSize12, nil},
	{"SQDMULL_elem_scalar", "01011111 zzlmmmmm 1011h0nn nnnddddd", "sqdmull {widescalar}, {Zn}, {elem}", okSize12, nil},
	{"SQDMULH_elem_scalar", "01011111 zzlmmmmm 1100h0nn nnnddddd", "sqdmulh {Zd}, {Zn}, {elem}", okSize12, nil},
	{"SQRDMULH_elem_scalar", "01011111 zzlmmmmm 1101h0nn nnnddddd", "sqrdmulh {Zd}, {Zn}, {elem}", okSize12, nil},

	{"FMLA_elem_scalar", "01011111 1flmmmmm 0001h0nn nnnddddd", "fmla {Yd}, {Yn}, {elem}", okElemFloatScalar, nil},
	{"FMLS_elem_scalar", "01011111 1flmmmmm 0101h0nn nnnddddd", "fmls {Yd}, {Yn}, {elem}", okElemFloatScalar, nil},
	{"FMUL_elem_scalar", "01011111 1flmmmmm 1001h0nn nnnddddd", "fmul {Yd}, {Yn}, {elem}", okElemFloatScalar, nil},
	{"FMULX_elem_scalar", "01111111 1flmmmmm 1001h0nn nnnddddd", "fmulx {Yd}, {Yn}, {elem}", okElemFloatScalar, nil},
}}

var simdElemHalf = group{class: SIMD, feature: FeatFP16, rows: []def{
	{"FMLA_elem_half", "0q001111 00lmmmmm 0001h0nn nnnddddd", "fmla {Vd.H}, {Vn.H}, {elemh}", nil, nil},
	{"FMLA_elem_scalar_half", "01011111 00lmmmmm 0001h0nn nnnddddd", "fmla {Hd}, {Hn}, {elemh}", nil, nil},
	{"FMLS_elem_half", "0q001111 00lmmmmm 0101h0nn nnnddddd", "fmls {Vd.H}, {Vn.H}, {elemh}", nil, nil},
	{"FMLS_elem_scalar_half", "01011111 00lmmmmm 0101h0nn nnnddddd", "fmls {Hd}, {Hn}, {elemh}", nil, nil},
	{"FMUL_elem_half", "0q001111 00lmmmmm 1001h0nn nnnddddd", "fmul {Vd.H}, {Vn.H}, {elemh}", nil, nil},
	{"FMUL_elem_scalar_half", "01011111 00lmmmmm 1001h0nn nnnddddd", "fmul {Hd}, {Hn}, {elemh}", nil, nil},
	{"FMULX_elem_half", "0q101111 00lmmmmm 1001h0nn nnnddddd", "fmulx {Vd.H}, {Vn.H}, {elemh}", nil, nil},
	{"FMULX_elem_scalar_half", "01111111 00lmmmmm 1001h0nn nnnddddd", "fmulx {Hd}, {Hn}, {elemh}", nil, nil},
}}

var simdElemRDM = group{class: SIMD, feature: FeatRDM, rows: []def{
	{"SQRDMLAH_elem", "0q101111 zzlmmmmm 1101h0nn nnnddddd", "sqrdmlah {Vd.T}, {Vn.T}, {elem}", okSize12, nil},
	{"SQRDMLSH_elem", "0q101111 zzlmmmmm 1111h0nn nnnddddd", "sqrdmlsh {Vd.T}, {Vn.T}, {elem}", okSize12, nil},
	{"SQRDMLAH_elem_scalar", "01111111 zzlmmmmm 1101h0nn nnnddddd", "sqrdmlah {Zd}, {Zn}, {elem}", okSize12, nil},
	{"SQRDMLSH_elem_scalar", "01111111 zzlmmmmm 1111h0nn nnnddddd", "sqrdmlsh {Zd}, {Zn}, {elem}", okSize12, nil},
}}

var simdElemDot = group{class: SIMD, feature: FeatDotProd, rows: []def{
	{"SDOT_elem", "0q001111 10lmmmmm 1110h0nn nnnddddd", "sdot {Vd.S}, {Vn.B}, {elem4b}", nil, nil},
	{"UDOT_elem", "0q101111 10lmmmmm 1110h0nn nnnddddd", "udot {Vd.S}, {Vn.B}, {elem4b}", nil, nil},
}}

var simdElemI8MM = group{class: SIMD, feature: FeatI8MM, rows: []def{
	{"SUDOT_elem", "0q001111 00lmmmmm 1111h0nn nnnddddd", "sudot {Vd.S}, {Vn.B}, {elem4b}", nil, nil},
	{"USDOT_elem", "0q001111 10lmmmmm 1111h0nn nnnddddd", "usdot {Vd.S}, {Vn.B}, {elem4b}", nil, nil},
}}

var simdElemBF16 = group{class: SIMD, feature: FeatBF16, rows: []def{
	{"BFDOT_elem", "0q001111 01lmmmmm 1111h0nn nnnddddd", "bfdot {Vd.S}, {Vn.H}, {elem2h}", nil, nil},
	{"BFMLAL_elem", "0q001111 11lmmmmm 1111h0nn nnnddddd", "bfmlal{bt} {Vd.4s}, {Vn.8h}, {elemh}", nil, nil},
}}

var simdElemFHM = group{class: SIMD, feature: FeatFHM, rows: []def{
	{"FMLAL_elem", "0q001111 10lmmmmm 0000h0nn nnnddddd", "fmlal {Vd.S}, {Vn.HN}, {elemh}", nil, nil},
	{"FMLSL_elem", "0q001111 10lmmmmm 0100h0nn nnnddddd", "fmlsl {Vd.S}, {Vn.HN}, {elemh}", nil, nil},
	{"FMLAL2_elem", "0q101111 10lmmmmm 1000h0nn nnnddddd", "fmlal2 {Vd.S}, {Vn.HN}, {elemh}", nil, nil},
	{"FMLSL2_elem", "0q101111 10lmmmmm 1100h0nn nnnddddd", "fmlsl2 {Vd.S}, {Vn.HN}, {elemh}", nil, nil},
}}

var simdElemFCMA = group{class: SIMD, feature: FeatFCMA, rows: []def{
	{"FCMLA_elem", "0q101111 zzlmmmmm 0rr1h0nn nnnddddd", "fcmla {Vd.T}, {Vn.T}, {elemc}, {rot90e}", okElemComplex, nil},
}}

// okElemFloat: an index of doublewords has one bit, H, and vectors of one do not exist.
func okElemFloat(w uint32) bool { return okElemFloatScalar(w) && okFloat(w) }

func okElemFloatScalar(w uint32) bool { return w>>22&1 == 0 || w>>21&1 == 0 }

// okElemComplex: pairs of halves (no more of them than the vector has) or of singles.
func okElemComplex(w uint32) bool {
	q, high, low := w>>30&1 != 0, w>>11&1 != 0, w>>21&1 != 0
	switch w >> 22 & 3 {
	case 1:
		return q || !high
	case 2:
		return q && !low
	}
	return false
}
