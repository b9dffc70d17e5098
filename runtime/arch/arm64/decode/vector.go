package decode

import "fmt"

// SVE and SME (C4.1.36, C4.1.1) are not run. They are recognised as a whole, one row each,
// which prints as data; only what libraries execute before they ask for features,
// or carry in their copy loops, has rows of its own.

var vectorSVE = group{class: Vector, feature: FeatSVE, rows: []def{
	{"CNTB_sve", "00000100 0010iiii 111000pp pppddddd", "cntb {Xd}{svepattern}", nil, nil},
	{"WHILELO_sve", "00100101 zz1mmmmm 000s11nn nnn0dddd", "whilelo {pd}.{svesize}, {whilen}, {whilem}", nil, nil},
	{"LD1B_sve_imm", "10100100 0000iiii 101pppnn nnnttttt", "ld1b {svet}, {pg}/z, {memvl}", nil, nil},
	{"ST1B_sve_imm", "11100100 0000iiii 111pppnn nnnttttt", "st1b {svet}, {pg}, {memvl}", nil, nil},
	{"SVE", "aaa0010b cccccccc cccccccc cccccccc", "{data}", nil, nil},
}}

var vectorSME = group{class: Vector, feature: FeatSME, rows: []def{
	{"SME", "1aa0000b cccccccc cccccccc cccccccc", "{data}", nil, nil},
}}

// svePatterns are the named numbers of elements that a predicate constrains.
var svePatterns = [32]string{
	"pow2", "vl1", "vl2", "vl3", "vl4", "vl5", "vl6", "vl7", "vl8", "vl16", "vl32", "vl64", "vl128", "vl256",
	29: "mul4", 30: "mul3", 31: "all",
}

// printVector prints the operands of SVE.
func printVector(in Inst, tok string, _ uint64) (string, bool) {
	w := in.Word
	switch tok {
	case "data":
		return fmt.Sprintf(".inst\t0x%08x ; %s", w, in.Row.Name), true
	case "svepattern":
		pattern, mul := w>>5&31, w>>16&15+1
		s := svePatterns[pattern]
		if s == "" {
			s = fmt.Sprintf("#%d", pattern)
		}
		switch {
		case mul > 1:
			return fmt.Sprintf(", %s, mul #%d", s, mul), true
		case s == "all":
			return "", true
		}
		return ", " + s, true
	case "svesize":
		return string("bhsd"[w>>22&3]), true
	case "pd":
		return fmt.Sprintf("p%d", w&15), true
	case "pg":
		return fmt.Sprintf("p%d", w>>10&7), true
	case "svet":
		return fmt.Sprintf("{z%d.b}", rd(w)), true
	case "whilen":
		return general("wx"[w>>12&1], rn(w), false), true
	case "whilem":
		return general("wx"[w>>12&1], rm(w), false), true
	case "memvl":
		base := general('x', rn(w), true)
		if off := signExtend(w>>16, 4); off != 0 {
			return fmt.Sprintf("[%s, #%d, mul vl]", base, off), true
		}
		return "[" + base + "]", true
	}
	return "", false
}
