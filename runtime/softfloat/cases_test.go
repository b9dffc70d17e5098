package softfloat

import (
	"fmt"
	"hash/fnv"
	"strings"

	"boxer/runtime/softfloat/fpvectors"
)

// A testCase is an operation as tests run it: with a fixed word c, if it has
// one, beside the instruction that does the same.
type testCase struct {
	op   Op
	c    uint64 // packed word; not used by three-operand operations
	asm  string // operands in v0, v1, v2 and x3 = a; result in v0, or x3 if outX
	outX bool
}

func (tc testCase) String() string { return fmt.Sprintf("%v/%#x", tc.op, tc.c) }

// width is the width of the operands, and ints whether the first is an
// integer.
func (tc testCase) width() (width int, ints bool) {
	switch tc.op {
	case Cvt16To32, Cvt16To64:
		return 16, false
	case Cvt32To16, Cvt32To64:
		return 32, false
	case Cvt64To16, Cvt64To32, Cvt64To32Odd:
		return 64, false
	case ToInt32:
		return 32, false
	case ToInt64:
		return 64, false
	case URecipEstimate32, URSqrtEstimate32:
		return 32, true
	case FromInt32, FromInt64:
		if tc.c&Wide != 0 {
			return 64, true
		}
		return 32, true
	}
	return 32 << (tc.op & 1), false
}

// fpcrs are the FPCR values to test under.
func (tc testCase) fpcrs() []uint32 {
	switch tc.op {
	case Cvt16To32, Cvt16To64, Cvt32To16, Cvt64To16:
		return fpvectors.FPCRs(true)
	}
	return fpvectors.FPCRs(false)
}

// tuples are n operand tuples, other ones for each case, FPCR and seed.
func (tc testCase) tuples(fpcr uint32, n int, seed uint64) []fpvectors.Tuple {
	h := fnv.New64a()
	fmt.Fprintf(h, "%v %#x %d", tc, fpcr, seed)
	width, ints := tc.width()
	if ints {
		return fpvectors.IntTuples(width, n, h.Sum64())
	}
	return fpvectors.Tuples(width, n, h.Sum64())
}

// third is the word c of an operation on t.
func (tc testCase) third(t fpvectors.Tuple) uint64 {
	if tc.op == MulAdd32 || tc.op == MulAdd64 {
		return t[2]
	}
	return tc.c
}

// cases lists every operation. In asm, F stands for s or d, by width.
var cases = func() (all []testCase) {
	both := func(op Op, c uint64, asm string, outX bool) {
		all = append(all, testCase{op, c, strings.ReplaceAll(asm, "F", "s"), outX},
			testCase{op + 1, c, strings.ReplaceAll(asm, "F", "d"), outX})
	}
	for _, o := range []struct {
		op  Op
		asm string
	}{
		{Add32, "fadd"}, {Sub32, "fsub"}, {Mul32, "fmul"}, {Div32, "fdiv"}, {MulX32, "fmulx"}, {Max32, "fmax"}, {Min32, "fmin"},
		{MaxNum32, "fmaxnm"}, {MinNum32, "fminnm"}, {RecipStep32, "frecps"}, {RSqrtStep32, "frsqrts"},
		{CmpEQ32, "fcmeq"}, {CmpGE32, "fcmge"}, {CmpGT32, "fcmgt"},
	} {
		both(o.op, 0, o.asm+" F0, F0, F1", false)
	}
	both(MulAdd32, 0, "fmadd F0, F1, F2, F0", false)
	both(Compare32, 0, "fcmp F0, F1; mrs x3, nzcv", true)
	both(CompareSig32, 0, "fcmpe F0, F1; mrs x3, nzcv", true)
	for _, o := range []struct {
		op  Op
		c   uint64
		asm string
	}{
		{Sqrt32, 0, "fsqrt"}, {RecipEstimate32, 0, "frecpe"}, {RSqrtEstimate32, 0, "frsqrte"}, {RecpX32, 0, "frecpx"},
		{RoundInt32, uint64(RN), "frintn"}, {RoundInt32, uint64(RP), "frintp"}, {RoundInt32, uint64(RM), "frintm"},
		{RoundInt32, uint64(RZ), "frintz"}, {RoundInt32, uint64(RA), "frinta"}, {RoundInt32, uint64(RFPCR), "frinti"},
		{RoundInt32, uint64(RFPCR) | Exact, "frintx"},
	} {
		both(o.op, o.c, o.asm+" F0, F0", false)
	}
	for _, o := range []struct {
		op  Op
		asm string
	}{
		{Cvt16To32, "fcvt s0, h0"}, {Cvt16To64, "fcvt d0, h0"}, {Cvt32To16, "fcvt h0, s0"}, {Cvt32To64, "fcvt d0, s0"},
		{Cvt64To16, "fcvt h0, d0"}, {Cvt64To32, "fcvt s0, d0"}, {Cvt64To32Odd, "fcvtxn s0, d0"},
	} {
		all = append(all, testCase{o.op, 0, o.asm, false})
	}
	all = append(all, testCase{URecipEstimate32, 0, "urecpe v0.2s, v0.2s; mov w3, v0.s[0]", true},
		testCase{URSqrtEstimate32, 0, "ursqrte v0.2s, v0.2s; mov w3, v0.s[0]", true})
	for _, t := range []struct {
		c           uint64
		sign, width string
		fbits       []uint64
	}{
		{0, "s", "w", []uint64{1, 16, 31, 32}}, {Unsigned, "u", "w", []uint64{1, 16, 31, 32}},
		{Wide, "s", "x", []uint64{1, 32, 63, 64}}, {Wide | Unsigned, "u", "x", []uint64{1, 32, 63, 64}},
	} {
		for r, letter := range []string{RN: "n", RP: "p", RM: "m", RZ: "z", RA: "a"} {
			both(ToInt32, t.c|uint64(r), "fcvt"+letter+t.sign+" "+t.width+"3, F0", true)
		}
		both(FromInt32, t.c|uint64(RFPCR), t.sign+"cvtf F0, "+t.width+"3", false)
		for _, fb := range t.fbits {
			both(ToInt32, t.c|uint64(RZ)|fb<<FBitsShift, fmt.Sprintf("fcvtz%s %s3, F0, #%d", t.sign, t.width, fb), true)
			both(FromInt32, t.c|uint64(RFPCR)|fb<<FBitsShift, fmt.Sprintf("%scvtf F0, %s3, #%d", t.sign, t.width, fb), false)
		}
	}
	return all
}()
