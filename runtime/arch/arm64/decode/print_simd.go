package decode

import (
	"fmt"
	"math/bits"
	"strings"
)

// arrangement prints a vector's arrangement. Digits and small letters stand for
// themselves; the capitals name where the size comes from.
func arrangement(w uint32, s string) string {
	q := w >> 30 & 1
	size := w >> 22 & 3
	switch s {
	case "B":
		return lanes(0, q)
	case "H":
		return lanes(1, q)
	case "S":
		return lanes(2, q)
	case "D":
		return lanes(3, q)
	case "T": // size
		return lanes(size, q)
	case "W": // twice size, whole register
		return lanes(size+1, 1)
	case "L": // twice size, as many bytes
		return lanes(size+1, q)
	case "F": // bit 22: single or double
		return lanes(2+size&1, q)
	case "FN": // the narrow side of FCVTN and FCVTL
		return lanes(1+size&1, q)
	case "FW": // the wide side
		return lanes(2+size&1, 1)
	case "HN": // half as many bytes of halfwords
		return [...]string{"2h", "4h"}[q]
	case "P": // a pair
		return [...]string{"2s", "2d"}[size&1]
	case "I": // immh
		return lanes(immhSize(w), q)
	case "IW":
		return lanes(immhSize(w)+1, 1)
	case "J": // imm5
		return lanes(imm5Size(w), q)
	}
	return s
}

// lanes is the arrangement of elements of 1<<size bytes in 8 or 16 bytes.
func lanes(size, q uint32) string {
	return fmt.Sprintf("%d%c", 8<<q>>size, "bhsdq"[size])
}

// immhSize is the element size (log2 of bytes) of a shift by immediate.
func immhSize(w uint32) uint32 { return uint32(bits.Len32(w>>19&15) - 1) }

// imm5Size is the element size (log2 of bytes) of DUP, INS, SMOV and UMOV.
func imm5Size(w uint32) uint32 { return uint32(bits.TrailingZeros32(w >> 16)) }

// printSIMD prints the operands of Advanced SIMD.
func printSIMD(in Inst, tok string, _ uint64) (string, bool) {
	w := in.Word
	size := w >> 22 & 3
	switch tok {
	case "2":
		return pick(in.Q(), "2", ""), true
	case "bt":
		return pick(in.Q(), "t", "b"), true
	case "widescalar":
		return fmt.Sprintf("%c%d", "hsd?"[size], rd(w)), true
	case "widen":
		return fmt.Sprintf("%c%d", "hsd?"[size], rn(w)), true
	case "esize":
		return fmt.Sprintf("#%d", 8<<size), true
	case "rot90":
		return fmt.Sprintf("#%d", w>>11&3*90), true
	case "rot90e":
		return fmt.Sprintf("#%d", w>>13&3*90), true
	case "rot270":
		return fmt.Sprintf("#%d", 90+w>>12&1*180), true
	case "tbllist":
		return vectorList(rn(w), w>>13&3+1, "16b"), true
	case "sm3elem":
		return fmt.Sprintf("v%d.s[%d]", rm(w), w>>12&3), true
	}
	if s, ok := printElement(w, tok); ok {
		return s, true
	}
	if s, ok := printShift(w, tok); ok {
		return s, true
	}
	return printStruct(w, tok)
}

// printElement prints vector elements: of the by-element forms and of the copies.
func printElement(w uint32, tok string) (string, bool) {
	h, l, m := w>>11&1, w>>21&1, w>>20&1
	size := w >> 22 & 3
	es := imm5Size(w)
	switch tok {
	case "elem":
		switch size {
		case 1:
			return fmt.Sprintf("v%d.h[%d]", rm(w)&15, h<<2|l<<1|m), true
		case 2:
			return fmt.Sprintf("v%d.s[%d]", rm(w), h<<1|l), true
		}
		return fmt.Sprintf("v%d.d[%d]", rm(w), h), true
	case "elemh":
		return fmt.Sprintf("v%d.h[%d]", rm(w)&15, h<<2|l<<1|m), true
	case "elem4b":
		return fmt.Sprintf("v%d.4b[%d]", rm(w), h<<1|l), true
	case "elem2h":
		return fmt.Sprintf("v%d.2h[%d]", rm(w), h<<1|l), true
	case "elemc":
		if size == 1 {
			return fmt.Sprintf("v%d.h[%d]", rm(w), h<<1|l), true
		}
		return fmt.Sprintf("v%d.s[%d]", rm(w), h), true
	case "elem5n":
		return fmt.Sprintf("v%d.%c[%d]", rn(w), "bhsd"[es], w>>16&31>>(es+1)), true
	case "elem5d":
		return fmt.Sprintf("v%d.%c[%d]", rd(w), "bhsd"[es], w>>16&31>>(es+1)), true
	case "elem4n":
		return fmt.Sprintf("v%d.%c[%d]", rn(w), "bhsd"[es], w>>11&15>>es), true
	case "gen5n":
		return general("wwwx"[es], rn(w), false), true
	case "scalar5d":
		return fmt.Sprintf("%c%d", "bhsd"[es], rd(w)), true
	}
	return "", false
}

// printShift prints shift amounts, their scalar registers and modified immediates.
func printShift(w uint32, tok string) (string, bool) {
	switch tok {
	case "shr":
		return fmt.Sprintf("#%d", 16<<immhSize(w)-w>>16&127), true
	case "shl":
		return fmt.Sprintf("#%d", w>>16&127-8<<immhSize(w)), true
	case "shd":
		return fmt.Sprintf("%c%d", "bhsd"[immhSize(w)], rd(w)), true
	case "shn":
		return fmt.Sprintf("%c%d", "bhsd"[immhSize(w)], rn(w)), true
	case "shnw":
		return fmt.Sprintf("%c%d", "hsd?"[immhSize(w)], rn(w)), true
	case "imm8":
		return fmt.Sprintf("#0x%x", simdImm8(w)), true
	case "imm64":
		return fmt.Sprintf("#0x%x", Inst{Word: w}.SIMDImm()), true
	case "fpimm8":
		return floatImmediate(simdImm8(w)), true
	case "immlsl":
		n := w >> 13 & 3 * 8
		if w>>15&1 != 0 {
			n = w >> 13 & 1 * 8
		}
		if n == 0 {
			return "", true
		}
		return fmt.Sprintf(", lsl #%d", n), true
	case "immmsl":
		return fmt.Sprintf(", msl #%d", 8+w>>12&1*8), true
	}
	return "", false
}

func simdImm8(w uint32) uint32 { return w>>16&7<<5 | w>>5&31 }

// printStruct prints the register lists and addresses of structure loads and stores.
func printStruct(w uint32, tok string) (string, bool) {
	kind, arg, q := tok, uint32(0), w>>30&1
	if n := len(tok) - 1; tok[n] >= '1' && tok[n] <= '4' {
		kind, arg = tok[:n], uint32(tok[n]-'0')
	}
	switch kind {
	case "list":
		return vectorList(rd(w), arg, lanes(w>>10&3, q)), true
	case "lane":
		class, s, size := w>>14&3, w>>12&1, w>>10&3
		index := q<<3 | s<<2 | size
		if class == 2 && size == 1 {
			class, index = 3, q<<3
		}
		return vectorList(rd(w), arg, string("bhsd"[class])) + fmt.Sprintf("[%d]", index>>class), true
	case "structpost":
		regs := map[uint32]uint32{7: 1, 10: 2, 6: 3, 2: 4, 8: 2, 4: 3, 0: 4}[w>>12&15]
		return structPost(w, regs*8<<q), true
	case "lanepost":
		class := w >> 14 & 3
		if class == 3 {
			class = w >> 10 & 3
		} else if class == 2 {
			class += w >> 10 & 1
		}
		regs := w>>21&1 + w>>13&1*2 + 1
		return structPost(w, regs<<class), true
	}
	return "", false
}

func structPost(w, n uint32) string {
	base := general('x', rn(w), true)
	if rm(w) == 31 {
		return fmt.Sprintf("[%s], #%d", base, n)
	}
	return fmt.Sprintf("[%s], x%d", base, rm(w))
}

// vectorList prints n consecutive registers from first on, which wrap at 31. objdump writes
// more than two that do not wrap as a range.
func vectorList(first, n uint32, arr string) string {
	if n > 2 && first+n <= 32 {
		return fmt.Sprintf("{v%d.%s-v%d.%s}", first, arr, first+n-1, arr)
	}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ", v%d.%s", (first+i)&31, arr)
	}
	return "{" + b.String()[2:] + "}"
}
