package decode

import "fmt"

// printMemory prints addresses and the parts of mnemonics of loads and stores.
func printMemory(in Inst, tok string, _ uint64) (string, bool) {
	w := in.Word
	base := general('x', rn(w), true)
	imm9 := signExtend(w>>12, 9)
	switch tok {
	case "bh":
		return [...]string{"b", "h", "", ""}[w>>30], true
	case "bhw":
		return [...]string{"b", "h", "w", "?"}[w>>30], true
	case "lx":
		return pick(w>>15&1 != 0, "l", ""), true
	case "ax":
		return pick(w>>15&1 != 0, "a", ""), true
	case "acas":
		return pick(w>>22&1 != 0, "a", ""), true
	case "lcas":
		return pick(w>>15&1 != 0, "l", ""), true
	case "al":
		return pick(w>>23&1 != 0, "a", "") + pick(w>>22&1 != 0, "l", ""), true
	case "mempost":
		return fmt.Sprintf("[%s], #%d", base, imm9), true
	case "mempre":
		return fmt.Sprintf("[%s, #%d]!", base, imm9), true
	case "memoff":
		return memOffset(base, imm9), true
	case "memuoff":
		size := w >> 30
		if w>>26&1 != 0 {
			size = fpMemSize(w)
		}
		return memOffset(base, int64(w>>10&0xfff)<<size), true
	case "mempair":
		return memIndexed(base, signExtend(w>>15, 7)*pairScale(w), w>>23&3), true
	case "memtag":
		return memIndexed(base, imm9*16, w>>10&3), true
	case "memreg":
		return memRegister(w, base), true
	case "memauth":
		off := (signExtend(w>>22, 1)<<9 | int64(w>>12&0x1ff)) * 8
		return memOffset(base, off) + pick(w>>11&1 != 0, "!", ""), true
	case "mops", "mopsset":
		return mopsSuffix(w, tok), true
	}
	return "", false
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func memOffset(base string, off int64) string {
	if off == 0 {
		return "[" + base + "]"
	}
	return fmt.Sprintf("[%s, #%d]", base, off)
}

// memIndexed prints by the mode that pairs and tag stores share: 1 is post-index,
// 3 is pre-index.
func memIndexed(base string, off int64, mode uint32) string {
	switch mode {
	case 1:
		return fmt.Sprintf("[%s], #%d", base, off)
	case 3:
		return fmt.Sprintf("[%s, #%d]!", base, off)
	}
	return memOffset(base, off)
}

// pairScale is the unit of a pair's offset.
func pairScale(w uint32) int64 {
	opc := w >> 30
	switch {
	case w>>26&1 != 0:
		return 4 << opc
	case opc == 1 && w>>22&1 == 0: // STGP
		return 16
	case opc == 2:
		return 8
	}
	return 4
}

func memRegister(w uint32, base string) string {
	ext, scaled := Extend(w>>13&7), w>>12&1 != 0
	size := w >> 30
	if w>>26&1 != 0 {
		size = fpMemSize(w)
	}
	kind := byte('w')
	if ext&1 != 0 {
		kind = 'x'
	}
	s := "[" + base + ", " + general(kind, rm(w), false)
	switch {
	case ext == UXTX && !scaled:
	case ext == UXTX:
		s += fmt.Sprintf(", lsl #%d", size)
	default:
		s += ", " + ext.String()
		if scaled {
			s += fmt.Sprintf(" #%d", size)
		}
	}
	return s + "]"
}

// mopsSuffix prints the part and the options of memory copy and set.
func mopsSuffix(w uint32, tok string) string {
	if tok == "mopsset" {
		return [...]string{"p", "m", "e", "?"}[w>>14&3] + [...]string{"", "t", "n", "tn"}[w>>12&3]
	}
	return [...]string{"p", "m", "e", "?"}[w>>22&3] + [...]string{"", "wt", "rt", "t"}[w>>12&3] + [...]string{"", "wn", "rn", "n"}[w>>14&3]
}
