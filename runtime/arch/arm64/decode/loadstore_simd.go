package decode

// Advanced SIMD loads and stores of structures (C4.1.94). In the post-index forms Rm of 31 is
// an immediate: the number of bytes transferred.

var lsStruct = group{class: LoadStore, rows: []def{
	{"ST1_multi1", "0q001100 00000000 0111zznn nnnttttt", "st1 {list}, [{Xn.sp}]", nil, nil},
	{"ST1_multi2", "0q001100 00000000 1010zznn nnnttttt", "st1 {list}, [{Xn.sp}]", nil, nil},
	{"ST1_multi3", "0q001100 00000000 0110zznn nnnttttt", "st1 {list}, [{Xn.sp}]", nil, nil},
	{"ST1_multi4", "0q001100 00000000 0010zznn nnnttttt", "st1 {list}, [{Xn.sp}]", nil, nil},
	{"ST2_multi", "0q001100 00000000 1000zznn nnnttttt", "st2 {list}, [{Xn.sp}]", okStructNotD1, nil},
	{"ST3_multi", "0q001100 00000000 0100zznn nnnttttt", "st3 {list}, [{Xn.sp}]", okStructNotD1, nil},
	{"ST4_multi", "0q001100 00000000 0000zznn nnnttttt", "st4 {list}, [{Xn.sp}]", okStructNotD1, nil},
	{"LD1_multi1", "0q001100 01000000 0111zznn nnnttttt", "ld1 {list}, [{Xn.sp}]", nil, nil},
	{"LD1_multi2", "0q001100 01000000 1010zznn nnnttttt", "ld1 {list}, [{Xn.sp}]", nil, nil},
	{"LD1_multi3", "0q001100 01000000 0110zznn nnnttttt", "ld1 {list}, [{Xn.sp}]", nil, nil},
	{"LD1_multi4", "0q001100 01000000 0010zznn nnnttttt", "ld1 {list}, [{Xn.sp}]", nil, nil},
	{"LD2_multi", "0q001100 01000000 1000zznn nnnttttt", "ld2 {list}, [{Xn.sp}]", okStructNotD1, nil},
	{"LD3_multi", "0q001100 01000000 0100zznn nnnttttt", "ld3 {list}, [{Xn.sp}]", okStructNotD1, nil},
	{"LD4_multi", "0q001100 01000000 0000zznn nnnttttt", "ld4 {list}, [{Xn.sp}]", okStructNotD1, nil},

	{"ST1_multi1_post", "0q001100 100mmmmm 0111zznn nnnttttt", "st1 {list}, {listpost}", nil, nil},
	{"ST1_multi2_post", "0q001100 100mmmmm 1010zznn nnnttttt", "st1 {list}, {listpost}", nil, nil},
	{"ST1_multi3_post", "0q001100 100mmmmm 0110zznn nnnttttt", "st1 {list}, {listpost}", nil, nil},
	{"ST1_multi4_post", "0q001100 100mmmmm 0010zznn nnnttttt", "st1 {list}, {listpost}", nil, nil},
	{"ST2_multi_post", "0q001100 100mmmmm 1000zznn nnnttttt", "st2 {list}, {listpost}", okStructNotD1, nil},
	{"ST3_multi_post", "0q001100 100mmmmm 0100zznn nnnttttt", "st3 {list}, {listpost}", okStructNotD1, nil},
	{"ST4_multi_post", "0q001100 100mmmmm 0000zznn nnnttttt", "st4 {list}, {listpost}", okStructNotD1, nil},
	{"LD1_multi1_post", "0q001100 110mmmmm 0111zznn nnnttttt", "ld1 {list}, {listpost}", nil, nil},
	{"LD1_multi2_post", "0q001100 110mmmmm 1010zznn nnnttttt", "ld1 {list}, {listpost}", nil, nil},
	{"LD1_multi3_post", "0q001100 110mmmmm 0110zznn nnnttttt", "ld1 {list}, {listpost}", nil, nil},
	{"LD1_multi4_post", "0q001100 110mmmmm 0010zznn nnnttttt", "ld1 {list}, {listpost}", nil, nil},
	{"LD2_multi_post", "0q001100 110mmmmm 1000zznn nnnttttt", "ld2 {list}, {listpost}", okStructNotD1, nil},
	{"LD3_multi_post", "0q001100 110mmmmm 0100zznn nnnttttt", "ld3 {list}, {listpost}", okStructNotD1, nil},
	{"LD4_multi_post", "0q001100 110mmmmm 0000zznn nnnttttt", "ld4 {list}, {listpost}", okStructNotD1, nil},
}}

var lsLane = group{class: LoadStore, rows: []def{
	{"ST1_single", "0q001101 00000000 aa0szznn nnnttttt", "st1 {lane}, [{Xn.sp}]", okLane, nil},
	{"ST2_single", "0q001101 00100000 aa0szznn nnnttttt", "st2 {lane}, [{Xn.sp}]", okLane, nil},
	{"ST3_single", "0q001101 00000000 aa1szznn nnnttttt", "st3 {lane}, [{Xn.sp}]", okLane, nil},
	{"ST4_single", "0q001101 00100000 aa1szznn nnnttttt", "st4 {lane}, [{Xn.sp}]", okLane, nil},
	{"LD1_single", "0q001101 01000000 aa0szznn nnnttttt", "ld1 {lane}, [{Xn.sp}]", okLane, nil},
	{"LD2_single", "0q001101 01100000 aa0szznn nnnttttt", "ld2 {lane}, [{Xn.sp}]", okLane, nil},
	{"LD3_single", "0q001101 01000000 aa1szznn nnnttttt", "ld3 {lane}, [{Xn.sp}]", okLane, nil},
	{"LD4_single", "0q001101 01100000 aa1szznn nnnttttt", "ld4 {lane}, [{Xn.sp}]", okLane, nil},
	{"LD1R", "0q001101 01000000 1100zznn nnnttttt", "ld1r {list}, [{Xn.sp}]", nil, nil},
	{"LD2R", "0q001101 01100000 1100zznn nnnttttt", "ld2r {list}, [{Xn.sp}]", nil, nil},
	{"LD3R", "0q001101 01000000 1110zznn nnnttttt", "ld3r {list}, [{Xn.sp}]", nil, nil},
	{"LD4R", "0q001101 01100000 1110zznn nnnttttt", "ld4r {list}, [{Xn.sp}]", nil, nil},

	{"ST1_single_post", "0q001101 100mmmmm aa0szznn nnnttttt", "st1 {lane}, {lanepost}", okLane, nil},
	{"ST2_single_post", "0q001101 101mmmmm aa0szznn nnnttttt", "st2 {lane}, {lanepost}", okLane, nil},
	{"ST3_single_post", "0q001101 100mmmmm aa1szznn nnnttttt", "st3 {lane}, {lanepost}", okLane, nil},
	{"ST4_single_post", "0q001101 101mmmmm aa1szznn nnnttttt", "st4 {lane}, {lanepost}", okLane, nil},
	{"LD1_single_post", "0q001101 110mmmmm aa0szznn nnnttttt", "ld1 {lane}, {lanepost}", okLane, nil},
	{"LD2_single_post", "0q001101 111mmmmm aa0szznn nnnttttt", "ld2 {lane}, {lanepost}", okLane, nil},
	{"LD3_single_post", "0q001101 110mmmmm aa1szznn nnnttttt", "ld3 {lane}, {lanepost}", okLane, nil},
	{"LD4_single_post", "0q001101 111mmmmm aa1szznn nnnttttt", "ld4 {lane}, {lanepost}", okLane, nil},
	{"LD1R_post", "0q001101 110mmmmm 1100zznn nnnttttt", "ld1r {list}, {lanepost}", nil, nil},
	{"LD2R_post", "0q001101 111mmmmm 1100zznn nnnttttt", "ld2r {list}, {lanepost}", nil, nil},
	{"LD3R_post", "0q001101 110mmmmm 1110zznn nnnttttt", "ld3r {list}, {lanepost}", nil, nil},
	{"LD4R_post", "0q001101 111mmmmm 1110zznn nnnttttt", "ld4r {list}, {lanepost}", nil, nil},
}}

// okStructNotD1: several vectors of one doubleword cannot be interleaved. Size is in
// bits 11 and 10.
func okStructNotD1(w uint32) bool { return w>>10&3 != 3 || w>>30&1 != 0 }

// okLane: bits 15 and 14 are the element size's class, 0 bytes to 2 words; the index is in Q, S
// (bit 12) and size, whose unused bits must be zero. A size of 1 with words means
// doublewords.
func okLane(w uint32) bool {
	size := w >> 10 & 3
	switch w >> 14 & 3 {
	case 0:
		return true
	case 1:
		return size&1 == 0
	case 2:
		return size == 0 || size == 1 && w>>12&1 == 0
	}
	return false
}
