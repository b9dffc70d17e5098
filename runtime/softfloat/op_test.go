package softfloat

import (
	"math"
	"testing"

	"boxer/runtime/softfloat/fpvectors"
)

// typed are the methods by width, as functions like Do.
var typed = map[Op]func(e *Env, a, b, c uint64) uint64{
	Add32:           binary32((*Env).Add32),
	Add64:           binary64((*Env).Add64),
	Sub32:           binary32((*Env).Sub32),
	Sub64:           binary64((*Env).Sub64),
	Mul32:           binary32((*Env).Mul32),
	Mul64:           binary64((*Env).Mul64),
	Div32:           binary32((*Env).Div32),
	Div64:           binary64((*Env).Div64),
	MulX32:          binary32((*Env).MulX32),
	MulX64:          binary64((*Env).MulX64),
	Max32:           binary32((*Env).Max32),
	Max64:           binary64((*Env).Max64),
	Min32:           binary32((*Env).Min32),
	Min64:           binary64((*Env).Min64),
	MaxNum32:        binary32((*Env).MaxNum32),
	MaxNum64:        binary64((*Env).MaxNum64),
	MinNum32:        binary32((*Env).MinNum32),
	MinNum64:        binary64((*Env).MinNum64),
	RecipStep32:     binary32((*Env).RecipStep32),
	RecipStep64:     binary64((*Env).RecipStep64),
	RSqrtStep32:     binary32((*Env).RSqrtStep32),
	RSqrtStep64:     binary64((*Env).RSqrtStep64),
	Sqrt32:          unary32((*Env).Sqrt32),
	Sqrt64:          unary64((*Env).Sqrt64),
	RecipEstimate32: unary32((*Env).RecipEstimate32),
	RecipEstimate64: unary64((*Env).RecipEstimate64),
	RSqrtEstimate32: unary32((*Env).RSqrtEstimate32),
	RSqrtEstimate64: unary64((*Env).RSqrtEstimate64),
	RecpX32:         unary32((*Env).RecpX32),
	RecpX64:         unary64((*Env).RecpX64),
	Cvt32To64:       func(e *Env, a, _, _ uint64) uint64 { return e.Cvt32To64(uint32(a)) },
	Cvt32To16:       func(e *Env, a, _, _ uint64) uint64 { return uint64(e.Cvt32To16(uint32(a))) },
	Cvt64To16:       func(e *Env, a, _, _ uint64) uint64 { return uint64(e.Cvt64To16(a)) },
	Cvt16To32:       func(e *Env, a, _, _ uint64) uint64 { return uint64(e.Cvt16To32(uint16(a))) },
	Cvt16To64:       func(e *Env, a, _, _ uint64) uint64 { return e.Cvt16To64(uint16(a)) },
	Cvt64To32:       func(e *Env, a, _, _ uint64) uint64 { return uint64(e.Cvt64To32(a, RFPCR)) },
	Cvt64To32Odd:    func(e *Env, a, _, _ uint64) uint64 { return uint64(e.Cvt64To32(a, RO)) },
	MulAdd32: func(e *Env, a, b, c uint64) uint64 {
		return uint64(e.MulAdd32(uint32(a), uint32(b), uint32(c)))
	},
	MulAdd64: (*Env).MulAdd64,
	Compare32: func(e *Env, a, b, _ uint64) uint64 {
		return uint64(e.Compare32(uint32(a), uint32(b), false))
	},
	Compare64:    func(e *Env, a, b, _ uint64) uint64 { return uint64(e.Compare64(a, b, false)) },
	CompareSig32: func(e *Env, a, b, _ uint64) uint64 { return uint64(e.Compare32(uint32(a), uint32(b), true)) },
	CompareSig64: func(e *Env, a, b, _ uint64) uint64 { return uint64(e.Compare64(a, b, true)) },
	RoundInt32: func(e *Env, a, _, c uint64) uint64 {
		return uint64(e.RoundInt32(uint32(a), Rounding(c&7), c&Exact != 0))
	},
	RoundInt64:       func(e *Env, a, _, c uint64) uint64 { return e.RoundInt64(a, Rounding(c&7), c&Exact != 0) },
	ToInt32:          func(e *Env, a, _, c uint64) uint64 { return e.ToInt32(uint32(a), intOf(c), Rounding(c&7)) },
	ToInt64:          func(e *Env, a, _, c uint64) uint64 { return e.ToInt64(a, intOf(c), Rounding(c&7)) },
	FromInt32:        func(e *Env, a, _, c uint64) uint64 { return uint64(e.FromInt32(a, intOf(c), Rounding(c&7))) },
	FromInt64:        func(e *Env, a, _, c uint64) uint64 { return e.FromInt64(a, intOf(c), Rounding(c&7)) },
	URecipEstimate32: func(_ *Env, a, _, _ uint64) uint64 { return uint64(URecipEstimate(uint32(a))) },
	URSqrtEstimate32: func(_ *Env, a, _, _ uint64) uint64 { return uint64(URSqrtEstimate(uint32(a))) },
}

func intOf(c uint64) Int {
	return Int{Unsigned: c&Unsigned != 0, Wide: c&Wide != 0, FBits: uint8(c >> FBitsShift)}
}

func unary32(f func(*Env, uint32) uint32) func(*Env, uint64, uint64, uint64) uint64 {
	return func(e *Env, a, _, _ uint64) uint64 { return uint64(f(e, uint32(a))) }
}

func unary64(f func(*Env, uint64) uint64) func(*Env, uint64, uint64, uint64) uint64 {
	return func(e *Env, a, _, _ uint64) uint64 { return f(e, a) }
}

func binary32(f func(*Env, uint32, uint32) uint32) func(*Env, uint64, uint64, uint64) uint64 {
	return func(e *Env, a, b, _ uint64) uint64 { return uint64(f(e, uint32(a), uint32(b))) }
}

func binary64(f func(*Env, uint64, uint64) uint64) func(*Env, uint64, uint64, uint64) uint64 {
	return func(e *Env, a, b, _ uint64) uint64 { return f(e, a, b) }
}

// TestMethods: every operation is in cases, and the method by width and Do
// agree, whatever the unused bits of Do's words are.
func TestMethods(t *testing.T) {
	seen := map[Op]bool{}
	for _, tc := range cases {
		seen[tc.op] = true
		f := typed[tc.op]
		if f == nil {
			if tc.op < CmpEQ32 || tc.op > CmpGT64 {
				t.Errorf("%v has no method", tc.op)
			}
			continue
		}
		width, _ := tc.width()
		garbage := uint64(0xdead_beef_dead_beef) << (width - 1) << 1
		for _, tu := range tc.tuples(0, 100, 0) {
			c := tc.third(tu)
			x, y := Env{}, Env{}
			want := f(&x, tu[0], tu[1], c)
			if tc.op == MulAdd32 {
				c |= garbage
			}
			if got := y.Do(tc.op, tu[0]|garbage, tu[1]|garbage, c); got != want || x != y {
				t.Errorf("%v of %x: Do gives %#x FPSR %#x, the method %#x FPSR %#x", tc, tu, got, y.FPSR, want, x.FPSR)
			}
		}
	}
	for op := range NumOps {
		if !seen[op] {
			t.Errorf("%v is not tested", op)
		}
	}
}

// TestRules spells out what is Arm's own, one rule a line.
func TestRules(t *testing.T) {
	const (
		one, two  = 0x3f800000, 0x40000000
		inf, ninf = 0x7f800000, 0xff800000
		nan       = 0x7fc00000 // the default NaN
		tiny      = 0x00000001
		minNormal = 0x00800000
		maxFinite = 0x7f7fffff
	)
	for _, c := range []struct {
		rule         string
		op           Op
		fpcr         uint32
		a, b, c      uint64
		result, fpsr uint64
	}{
		{"an invalid operation makes the positive default NaN", Sub32, 0, inf, inf, 0, nan, uint64(IOC)},
		{"a quiet NaN keeps sign and payload", Add32, 0, 0xffc12345, one, 0, 0xffc12345, 0},
		{"a signalling NaN is quieted", Add32, 0, one, 0x7f812345, 0, 0x7fc12345, uint64(IOC)},
		{"a signalling NaN goes before an earlier quiet one", Mul32, 0, 0x7fc00001, 0xff800002, 0, 0xffc00002, uint64(IOC)},
		{"of two quiet NaNs the first counts", Div32, 0, 0x7fc00001, 0x7fc00002, 0, 0x7fc00001, 0},
		{"subtraction does not change a NaN's sign", Sub32, 0, one, 0x7fc00002, 0, 0x7fc00002, 0},
		{"DN makes every NaN the default", Add32, DN, 0xffc12345, one, 0, nan, 0},
		{"the addend's NaN goes first", MulAdd32, 0, 0x7fc00001, 0x7fc00002, 0x7fc00003, 0x7fc00001, 0},
		{"zero × infinity wins over a quiet addend", MulAdd32, 0, 0x7fc00001, 0, inf, nan, uint64(IOC)},
		{"a Newton step flips a NaN's sign", RecipStep32, 0, 0x7fc00001, one, 0, 0xffc00001, 0},
		{"a Newton step of zero × infinity is its constant", RSqrtStep32, 0, 0, inf, 0, 0x3fc00000, 0},
		{"FZ flushes inputs with their sign", Add32, FZ, 0x80000001, 0x80000001, 0, 0x80000000, uint64(IDC)},
		{"FZ flushes results, without inexact", Mul32, FZ, minNormal, 0x3f000000, 0, 0, uint64(UFC)},
		{"an exact subnormal does not underflow", Mul32, 0, minNormal, 0x3f000000, 0, 0x00400000, 0},
		{"tininess is seen before rounding", Mul32, 0, 0x3f7fffff, minNormal, 0, minNormal, uint64(UFC | IXC)},
		{"RZ overflows to the largest number", Add32, uint32(RZ) << RModeShift, maxFinite, maxFinite, 0, maxFinite, uint64(OFC | IXC)},
		{"RM makes an exact zero sum negative", Sub32, uint32(RM) << RModeShift, one, one, 0, 0x80000000, 0},
		{"+0 is larger than −0", Max32, 0, 0x80000000, 0, 0, 0, 0},
		{"−0 is smaller than +0", Min32, 0, 0, 0x80000000, 0, 0x80000000, 0},
		{"a number wins over a quiet NaN", MaxNum32, 0, 0x7fc00001, two, 0, two, 0},
		{"but not over a signalling one", MaxNum32, 0, 0x7f800001, two, 0, 0x7fc00001, uint64(IOC)},
		{"FMULX of zero × infinity is 2 with their sign", MulX32, 0, 0x80000000, inf, 0, 0xc0000000, 0},
		{"division by zero", Div32, 0, one, 0x80000000, 0, ninf, uint64(DZC)},
		{"unordered is NZCV 0011", Compare32, 0, one, nan, 0, uint64(NZCVUnordered), 0},
		{"FCMPE signals every NaN", CompareSig32, 0, one, nan, 0, uint64(NZCVUnordered), uint64(IOC)},
		{"conversion to an integer saturates", ToInt32, 0, 0x4f000000, 0, uint64(RZ), 0x7fffffff, uint64(IOC)},
		{"a NaN becomes integer zero", ToInt32, 0, nan, 0, uint64(RZ), 0, uint64(IOC)},
		{"a negative number becomes unsigned zero", ToInt32, 0, 0xbf800000, 0, Unsigned | uint64(RZ), 0, uint64(IOC)},
		{"ties go away from zero with FCVTAS", ToInt32, 0, 0xc0200000, 0, uint64(RA), 0xfffffffd, uint64(IXC)},
		{"FRINTX raises inexact", RoundInt32, 0, 0x3fc00000, 0, uint64(RFPCR) | Exact, two, uint64(IXC)},
		{"FRINTI does not", RoundInt32, 0, 0x3fc00000, 0, uint64(RFPCR), two, 0},
		{"a NaN's payload is cut from the right", Cvt64To32, 0, 0xfff7ffffffffffff, 0, 0, 0xffffffff, uint64(IOC)},
		{"AHP has no infinity", Cvt32To16, AHP, ninf, 0, 0, 0xffff, uint64(IOC)},
		{"and no NaN", Cvt32To16, AHP, 0xffc00000, 0, 0, 0x8000, uint64(IOC)},
		{"but larger numbers", Cvt16To32, AHP, 0x7fff, 0, 0, 0x47ffe000, 0},
		{"FZ leaves half precision alone", Cvt16To32, FZ, 1, 0, 0, 0x33800000, 0},
		{"FCVTXN rounds to odd", Cvt64To32Odd, 0, 0x3ff0000000000001, 0, 0, 0x3f800001, uint64(IXC)},
		{"and never to infinity", Cvt64To32Odd, 0, 0x7fefffffffffffff, 0, 0, maxFinite, uint64(OFC | IXC)},
		{"the estimate of a tiny number overflows", RecipEstimate32, 0, tiny, 0, 0, inf, uint64(OFC | IXC)},
	} {
		e := Env{FPCR: c.fpcr}
		if r := e.Do(c.op, c.a, c.b, c.c); r != c.result || uint64(e.FPSR) != c.fpsr {
			t.Errorf("%s: %v(%#x, %#x, %#x) = %#x FPSR %#x, want %#x FPSR %#x", c.rule, c.op, c.a, c.b, c.c, r, e.FPSR, c.result, c.fpsr)
		}
	}
	e := Env{FPSR: 1<<27 | DZC} // flags accumulate, and QC stays
	if e.Add32(maxFinite, maxFinite); e.FPSR != 1<<27|DZC|OFC|IXC {
		t.Errorf("FPSR %#x", e.FPSR)
	}
}

// native is what Go's own arithmetic gives, rounding to nearest.
func native(op Op, a, b, c uint64) (uint64, bool) {
	x, y, z := math.Float64frombits(a), math.Float64frombits(b), math.Float64frombits(c)
	var r float64
	switch op {
	case Add64:
		r = x + y
	case Sub64:
		r = x - y
	case Mul64:
		r = x * y
	case Div64:
		r = x / y
	case Sqrt64:
		r = math.Sqrt(x)
	case MulAdd64:
		r = math.FMA(y, z, x)
	default:
		return 0, false
	}
	return math.Float64bits(r), !math.IsNaN(r) // Go leaves a NaN's bits open
}

// FuzzDo: nothing panics, whatever the words are; results have their width;
// and where Go's own arithmetic is defined, it agrees.
func FuzzDo(f *testing.F) {
	for i, tc := range cases {
		tu := tc.tuples(0, 1, 3)[0]
		f.Add(uint8(tc.op), uint32(i)<<22, tu[0], tu[1], tc.third(tu))
	}
	f.Add(uint8(NumOps), uint32(0), uint64(1), uint64(2), uint64(3))
	f.Fuzz(func(t *testing.T, op uint8, fpcr uint32, a, b, c uint64) {
		e := Env{FPCR: fpcr}
		r := e.Do(Op(op), a, b, c)
		if e.FPSR&^flagMask != 0 {
			t.Errorf("FPSR %#x", e.FPSR)
		}
		if width := resultWidth(Op(op)); r>>(width-1)>>1 != 0 {
			t.Errorf("%v(%#x, %#x, %#x) = %#x has more than %d bits", Op(op), a, b, c, r, width)
		}
		if fpcr&(FZ|3<<RModeShift) == 0 {
			if want, ok := native(Op(op), a, b, c); ok && r != want {
				t.Errorf("%v(%#x, %#x, %#x) = %#x, Go says %#x", Op(op), a, b, c, r, want)
			}
		}
	})
}

func resultWidth(op Op) int {
	switch op {
	case Cvt32To16, Cvt64To16:
		return 16
	case Cvt16To64, Cvt32To64, ToInt32, ToInt64, FromInt64:
		return 64
	case Compare64, CompareSig64, Cvt16To32, Cvt64To32, Cvt64To32Odd, FromInt32, URecipEstimate32, URSqrtEstimate32:
		return 32
	}
	return 32 << (op & 1)
}

// TestNative has Go's own arithmetic judge a larger sample than the fuzzer's
// seeds.
func TestNative(t *testing.T) {
	for _, op := range []Op{Add64, Sub64, Mul64, Div64, Sqrt64, MulAdd64} {
		compared := 0
		for _, tu := range fpvectors.Tuples(64, 20000, uint64(op)) {
			e := Env{}
			r := e.Do(op, tu[0], tu[1], tu[2])
			if want, ok := native(op, tu[0], tu[1], tu[2]); ok {
				compared++
				if r != want {
					t.Errorf("%v of %x = %#x, Go says %#x", op, tu, r, want)
				}
			}
		}
		if compared < 5000 {
			t.Errorf("%v: only %d compared", op, compared)
		}
	}
}

func BenchmarkDo(b *testing.B) {
	for _, op := range []Op{Add64, Mul64, Div64, Sqrt64, MulAdd64, Add32, ToInt64, Compare64} {
		b.Run(op.String(), func(b *testing.B) {
			e := Env{}
			for b.Loop() {
				e.Do(op, 0x3ff123456789abcd, 0x400fedcba9876543, 0x4001111111111111)
			}
		})
	}
}
