package decode

import (
	"fmt"
	"strings"
)

// arrangement prints a vector's arrangement. Digits and small letters stand for
// themselves; the capitals name where the size comes from.
func (in Inst) arrangement(s string) string {
	q, size := in.Word>>30&1, in.Size()
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
		return lanes(in.ShiftSize(), q)
	case "IW":
		return lanes(in.ShiftSize()+1, 1)
	case "J": // imm5
		size, _ := in.Imm5()
		return lanes(size, q)
	}
	return s
}

// lanes is the arrangement of elements of 1<<size bytes in 8 or 16 bytes.
func lanes(size, q uint32) string {
	return fmt.Sprintf("%d%c", 8<<q>>size, "bhsdq"[size])
}

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
	if s, ok := printElement(in, tok); ok {
		return s, true
	}
	if s, ok := printShift(in, tok); ok {
		return s, true
	}
	return printStruct(in, tok)
}

// printElement prints vector elements: of the by-element forms and of the copies.
func printElement(in Inst, tok string) (string, bool) {
	w := in.Word
	reg, index := in.Element()
	size, index5 := in.Imm5()
	high, low := w>>11&1, w>>21&1
	switch tok {
	case "elem":
		return fmt.Sprintf("v%d.%c[%d]", reg, "?hsd"[in.Size()], index), true
	case "elemh": // halves where size says something else
		return fmt.Sprintf("v%d.h[%d]", rm(w)&15, high<<2|low<<1|w>>20&1), true
	case "elem4b":
		return fmt.Sprintf("v%d.4b[%d]", rm(w), high<<1|low), true
	case "elem2h":
		return fmt.Sprintf("v%d.2h[%d]", rm(w), high<<1|low), true
	case "elemc": // pairs
		if in.Size() == 1 {
			return fmt.Sprintf("v%d.h[%d]", rm(w), high<<1|low), true
		}
		return fmt.Sprintf("v%d.s[%d]", rm(w), high), true
	case "elem5n":
		return fmt.Sprintf("v%d.%c[%d]", rn(w), "bhsd"[size], index5), true
	case "elem5d":
		return fmt.Sprintf("v%d.%c[%d]", rd(w), "bhsd"[size], index5), true
	case "elem4n":
		return fmt.Sprintf("v%d.%c[%d]", rn(w), "bhsd"[size], in.Imm4Index()), true
	case "gen5n":
		return general("wwwx"[size], rn(w), false), true
	case "scalar5d":
		return fmt.Sprintf("%c%d", "bhsd"[size], rd(w)), true
	}
	return "", false
}

// printShift prints shift amounts, their scalar registers and modified immediates.
func printShift(in Inst, tok string) (string, bool) {
	w := in.Word
	switch tok {
	case "shr":
		return fmt.Sprintf("#%d", in.ShiftRight()), true
	case "shl":
		return fmt.Sprintf("#%d", in.ShiftLeft()), true
	case "shd":
		return fmt.Sprintf("%c%d", "bhsd"[in.ShiftSize()], rd(w)), true
	case "shn":
		return fmt.Sprintf("%c%d", "bhsd"[in.ShiftSize()], rn(w)), true
	case "shnw":
		return fmt.Sprintf("%c%d", "hsd?"[in.ShiftSize()], rn(w)), true
	case "imm8":
		return fmt.Sprintf("#0x%x", simdImm8(w)), true
	case "imm64":
		return fmt.Sprintf("#0x%x", in.SIMDImm()), true
	case "fpimm8":
		return floatImmediate(simdImm8(w)), true
	case "immlsl":
		n := w >> 13 & 3 * 8
		if w>>15&1 != 0 { // halfwords
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

// printStruct prints the register lists and addresses of structure loads and stores.
func printStruct(in Inst, tok string) (string, bool) {
	w, size, regs := in.Word, in.StructSize(), in.StructRegs()
	switch tok {
	case "list":
		return vectorList(rd(w), regs, lanes(size, w>>30&1)), true
	case "lane":
		return vectorList(rd(w), regs, string("bhsd"[size])) + fmt.Sprintf("[%d]", in.StructLane()), true
	case "listpost":
		return structPost(w, regs*8<<(w>>30&1)), true
	case "lanepost":
		return structPost(w, regs<<size), true
	}
	return "", false
}

// structPost prints a post-indexed address; n is the number of bytes transferred.
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
