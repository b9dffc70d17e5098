package decode

import (
	"fmt"
	"strings"
)

// A row's text is the line that objdump prints, with operands in braces. After
// " | " follow preferred forms, each behind the condition under which it is printed
// ("d31: cmp …": Rd is 31). An alias function comes before both.
//
// An operand that starts with a capital is a register: a letter for how its size is
// chosen (registerKinds), a letter for its place (d, n, m, …), and behind a dot
// "sp" when 31 is the stack pointer or a vector's arrangement. {#f} is the row's
// field f as hexadecimal immediate, {#f:d} in decimal, {#f:s} signed. All others are names that
// operand knows.

// String prints the instruction as GNU objdump does, the mnemonic and the
// operands separated by a tab. pc is the instruction's address; labels print as
// addresses. An undecoded word prints as data.
func (in Inst) String(pc uint64) string {
	if in.Row == nil {
		return fmt.Sprintf(".inst\t0x%08x ; undefined", in.Word)
	}
	text := ""
	if in.Row.alias != nil {
		text = in.Row.alias(in.Word)
	}
	if text == "" {
		text = in.form()
	}
	var b strings.Builder
	separated := false
	for text != "" {
		i := strings.IndexAny(text, "{ ")
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		if text[i] == ' ' {
			if separated {
				b.WriteByte(' ')
			} else {
				b.WriteByte('\t')
			}
			separated = true
			text = text[i+1:]
			continue
		}
		end := strings.IndexByte(text, '}')
		b.WriteString(in.operand(text[i+1:end], pc))
		text = text[end+1:]
	}
	b.WriteString(text)
	return b.String()
}

// form picks among the alternatives of the row's text.
func (in Inst) form() string {
	text, rest, more := strings.Cut(in.Row.text, " | ")
	for more {
		var alt string
		alt, rest, more = strings.Cut(rest, " | ")
		cond, form, _ := strings.Cut(alt, ": ")
		if in.holds(cond) {
			return form
		}
	}
	return text
}

// holds evaluates the condition of an alternative.
func (in Inst) holds(cond string) bool {
	w := in.Word
	switch cond {
	case "d31":
		return rd(w) == 31
	case "n31":
		return rn(w) == 31
	case "n30":
		return rn(w) == 30
	case "m31":
		return rm(w) == 31
	case "a31":
		return ra(w) == 31
	case "n=m":
		return rn(w) == rm(w)
	case "crm0":
		return w>>8&15 == 0
	case "crm4":
		return w>>8&15 == 4
	case "crm15":
		return w>>8&15 == 15
	case "sh0":
		return w>>16&7 == 0 && w>>19&15&(w>>19&15-1) == 0
	case "noload": // an atomic whose old value nobody wants
		return rd(w) == 31 && w>>23&1 == 0
	}
	panic("BUG: row " + in.Row.Name + ": condition " + cond)
}

// operand prints what stands between braces.
func (in Inst) operand(tok string, pc uint64) string {
	switch c := tok[0]; {
	case c >= 'A' && c <= 'Z':
		return in.register(tok)
	case c == '#':
		return in.immediate(tok)
	}
	for _, f := range operandPrinters {
		if s, ok := f(in, tok, pc); ok {
			return s
		}
	}
	panic("BUG: row " + in.Row.Name + ": operand " + tok)
}

// operandPrinters know the named operands, by the classes that have them.
var operandPrinters = [...]func(in Inst, tok string, pc uint64) (string, bool){
	printCommon, printSystem, printMemory, printFP, printSIMD, printVector,
}

// registerPlaces are the shared register fields.
func registerPlace(letter byte) uint {
	switch letter {
	case 'd', 't':
		return 0
	case 'n':
		return 5
	case 'm', 's':
		return 16
	case 'a', 'u':
		return 10
	}
	panic("BUG: register place " + string(letter))
}

// register prints a register operand.
func (in Inst) register(tok string) string {
	w := in.Word
	name, suffix, _ := strings.Cut(tok, ".")
	name, next := strings.CutSuffix(name, "+1")
	n := w >> registerPlace(name[1]) & 31
	if next {
		n = (n + 1) & 31
	}
	if name[0] == 'V' {
		return fmt.Sprintf("v%d.%s", n, in.arrangement(suffix))
	}
	kind := registerKind(w, name[0])
	if kind != 'w' && kind != 'x' {
		return fmt.Sprintf("%c%d", kind, n)
	}
	return general(kind, n, suffix == "sp")
}

// general prints a general register; 31 is the stack pointer or zero.
func general(kind byte, n uint32, sp bool) string {
	switch {
	case n < 31:
		return fmt.Sprintf("%c%d", kind, n)
	case !sp:
		return string(kind) + "zr"
	case kind == 'w':
		return "wsp"
	}
	return "sp"
}

// registerKind gives the letter of the register bank: the kinds W, X, B, H, S, D
// and Q are fixed, the others depend on the word.
func registerKind(w uint32, kind byte) byte {
	wx := func(x bool) byte {
		if x {
			return 'x'
		}
		return 'w'
	}
	switch kind {
	case 'R': // sf
		return wx(w>>31 != 0)
	case 'G': // access size
		return wx(w>>30 == 3)
	case 'C', 'L': // CASP, LDR (literal), SMOV
		return wx(w>>30&1 != 0)
	case 'N': // a sign-extending load's opc
		return wx(w>>22&1 == 0)
	case 'P': // opc of a pair of SIMD&FP registers
		return "sdq"[w>>30%3]
	case 'M': // size of a load or store of a SIMD&FP register
		return "bhsdq"[fpMemSize(w)]
	case 'F': // ftype
		return "sd?h"[w>>22&3]
	case 'Z': // element size of a scalar
		return "bhsd"[w>>22&3]
	case 'Y': // bit 22 of a scalar
		return "sd"[w>>22&1]
	}
	return kind + 'a' - 'A'
}

// immediate prints {#f}, {#f:d} or {#f*16}.
func (in Inst) immediate(tok string) string {
	v := in.F(tok[1])
	switch tok[2:] {
	case "":
		return fmt.Sprintf("#0x%x", v)
	case ":d":
		return fmt.Sprintf("#%d", v)
	case ":s":
		return fmt.Sprintf("#%d", in.S(tok[1]))
	case "*16":
		return fmt.Sprintf("#0x%x", v*16)
	}
	panic("BUG: immediate " + tok)
}

// printCommon prints the operands of data processing and branches.
func printCommon(in Inst, tok string, pc uint64) (string, bool) {
	w := in.Word
	r, s := w>>16&63, w>>10&63
	switch tok {
	case "label":
		return fmt.Sprintf("0x%x", in.BranchTarget(pc)), true
	case "imm12":
		s := fmt.Sprintf("#0x%x", w>>10&0xfff)
		if w>>22&1 != 0 {
			s += ", lsl #12"
		}
		return s, true
	case "movmask":
		v := in.BitMask()
		if !in.SF() {
			return fmt.Sprintf("#0x%-20x\t// #%d", v, int32(v)), true
		}
		return fmt.Sprintf("#0x%-20x\t// #%d", v, int64(v)), true
	case "bitmask":
		return fmt.Sprintf("#0x%x", in.BitMask()), true
	case "imm16":
		s := fmt.Sprintf("#0x%x", w>>5&0xffff)
		if hw := w >> 21 & 3; hw != 0 {
			s += fmt.Sprintf(", lsl #%d", hw*16)
		}
		return s, true
	case "movz", "movn":
		v := uint64(w>>5&0xffff) << (w >> 21 & 3 * 16)
		if tok == "movn" {
			v = ^v
		}
		if !in.SF() {
			return fmt.Sprintf("#0x%-20x\t// #%d", uint32(v), int32(v)), true
		}
		return fmt.Sprintf("#0x%-20x\t// #%d", v, int64(v)), true
	case "bflsb":
		return fmt.Sprintf("#%d", (uint32(width(w))-r)&uint32(width(w)-1)), true
	case "bfwidth":
		return fmt.Sprintf("#%d", s+1), true
	case "bfxwidth":
		return fmt.Sprintf("#%d", s-r+1), true
	case "shift":
		kind, n := in.Shift()
		if kind == LSL && n == 0 {
			return "", true
		}
		return fmt.Sprintf(", %v #%d", kind, n), true
	case "extreg":
		return extendedRegister(w), true
	case "cond":
		return conditionOperand(in.Cond()), true
	case "notcond":
		return conditionOperand(in.Cond().Invert()), true
	case "bcond":
		return Cond(w & 15).String(), true
	case "condnote":
		return condNote("  // ", "b.", Cond(w&15)), true
	case "condnotebc":
		return condNote("  // ", "bc.", Cond(w&15)), true
	case "bit":
		return fmt.Sprintf("#%d", in.TestedBit()), true
	case "prfop":
		return prefetchOp(w & 31), true
	}
	return "", false
}

// condOthers are the other names of the conditions, which objdump adds as a comment.
var condOthers = [16][]string{
	CondEQ: {"none"}, CondNE: {"any"}, CondCS: {"hs", "nlast"}, CondCC: {"lo", "ul", "last"}, CondMI: {"first"},
	CondPL: {"nfrst"}, CondHI: {"pmore"}, CondLS: {"plast"}, CondGE: {"tcont"}, CondLT: {"tstop"},
}

// condNote prints the other names of c, each behind prefix.
func condNote(lead, prefix string, c Cond) string {
	if condOthers[c] == nil {
		return ""
	}
	return lead + prefix + strings.Join(condOthers[c], ", "+prefix)
}

// conditionOperand prints a condition that is the last operand.
func conditionOperand(c Cond) string {
	return c.String() + condNote("\t// "+c.String()+" = ", "", c)
}

// extendedRegister prints the second source of ADD (extended register). With the
// stack pointer as first source or destination UXTX is written LSL.
func extendedRegister(w uint32) string {
	ext, n := Extend(w>>13&7), w>>10&7
	kind := byte('w')
	if w>>31 != 0 && ext&3 == 3 {
		kind = 'x'
	}
	s := general(kind, rm(w), false)
	plain := UXTW
	if w>>31 != 0 {
		plain = UXTX
	}
	flags := w>>29&1 != 0
	if ext == plain && (rn(w) == 31 || rd(w) == 31 && !flags) {
		if n != 0 {
			s += fmt.Sprintf(", lsl #%d", n)
		}
		return s
	}
	s += ", " + ext.String()
	if n != 0 {
		s += fmt.Sprintf(" #%d", n)
	}
	return s
}

// prefetchOp prints the operation of PRFM; the unallocated ones are numbers.
func prefetchOp(op uint32) string {
	kind, target, policy := op>>3, op>>1&3, op&1
	if kind == 3 || target == 3 {
		return fmt.Sprintf("#0x%02x", op)
	}
	return [...]string{"pld", "pli", "pst"}[kind] + [...]string{"l1", "l2", "l3"}[target] + [...]string{"keep", "strm"}[policy]
}
