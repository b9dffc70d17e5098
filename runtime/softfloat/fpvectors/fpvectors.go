// Package fpvectors makes operands for tests of floating-point arithmetic:
// interesting exponents × interesting fractions × both signs, in the manner of
// Berkeley TestFloat's level 1, and tuples of them sampled from the cross
// product. The same arguments give the same operands on every machine, so
// that results can be recorded and replayed.
package fpvectors

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// FPCRs returns the settings of Arm's FPCR to test under: each of the four
// rounding modes (bits 23:22) with and without flush-to-zero (24) and default
// NaN (25); and if half is true each of these with both half-precision
// formats (26).
func FPCRs(half bool) []uint32 {
	n := uint32(16)
	if half {
		n = 32
	}
	var all []uint32
	for i := range n {
		all = append(all, i<<22)
	}
	return all
}

// A format's fraction width and exponent bias, by the width of the whole.
func format(width int) (frac, bias int) {
	switch width {
	case 16:
		return 10, 15
	case 32:
		return 23, 127
	case 64:
		return 52, 1023
	}
	panic(fmt.Sprintf("BUG: no format of %d bits", width))
}

// exponents are the interesting ones, unbiased: the neighbourhood of one, of
// the widths of fractions and integers, and of the limits of every format.
func exponents(width int) []int {
	frac, bias := format(width)
	all := []int{-bias, 1 - bias, 2 - bias, bias - 1, bias, bias + 1}
	for _, e := range []int{
		0, frac, -frac, // one and its last place
		8, 16, 32, 64, // integers
		-14, -24, 15, // half precision: normal, subnormal, largest
		-126, -149, 127, // single precision
		-1022, -1074, // double precision
		126, 1022, // where the reciprocal is subnormal
	} {
		for d := -2; d <= 2; d++ {
			if e+d > -bias && e+d <= bias {
				all = append(all, e+d)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fractions are the interesting ones: empty, full, and runs of ones that
// begin or end at the top, the bottom, or where a narrower format rounds.
func fractions(width int) []uint64 {
	frac, _ := format(width)
	mask := uint64(1)<<frac - 1
	all := []uint64{0, 1, 2, 3, mask, mask - 1, mask - 2, 0x5555555555555555 & mask, 0xaaaaaaaaaaaaaaaa & mask}
	cuts := []int{frac - 1, frac - 2, frac - 8, frac - 9, frac / 2}
	for _, narrow := range []int{10, 23} { // the last place and the half below it
		if narrow < frac {
			cuts = append(cuts, frac-narrow, frac-narrow-1)
		}
	}
	for _, c := range cuts {
		bit := uint64(1) << c
		all = append(all, bit, bit-1, bit+1, mask&^(bit-1), mask&^bit)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Values returns the interesting values of the format of 16, 32 or 64 bits,
// ascending as integers: zeros, subnormals, normals, infinities, and quiet
// and signalling NaNs.
func Values(width int) []uint64 {
	frac, bias := format(width)
	var all []uint64
	for sign := range uint64(2) {
		for _, e := range exponents(width) {
			for _, f := range fractions(width) {
				all = append(all, sign<<(width-1)|uint64(e+bias)<<frac|f)
			}
		}
	}
	return all
}

// Ints returns interesting integers of 32 or 64 bits: around each power of
// two, and around its negative; those of 32 bits with zeros above.
func Ints(width int) []uint64 {
	mask := uint64(1)<<(width-1)<<1 - 1
	all := []uint64{0x5555555555555555 & mask, 0xaaaaaaaaaaaaaaaa & mask}
	for i := range width {
		for d := range uint64(5) {
			v := uint64(1)<<i + d - 2
			all = append(all, v&mask, -v&mask)
		}
		all = append(all, mask>>i, mask<<i&mask)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Tuple is the operands of one operation. Of a fused multiply-add, the addend
// is the first.
type Tuple [3]uint64

// Tuples returns n tuples of values of a format. Most take each operand from
// Values; others are random bits, or cancel: a + b near zero, or a + b × c.
func Tuples(width, n int, seed uint64) []Tuple {
	rng := rand.New(rand.NewPCG(seed, uint64(width)))
	values := Values(width)
	frac, bias := format(width)
	mask := uint64(1)<<(width-1)<<1 - 1
	sign := uint64(1) << (width - 1)
	pick := func() uint64 { return values[rng.IntN(len(values))] }
	// near is a random number whose exponent is at most 2^±16: products and
	// sums of such stay in range.
	near := func() uint64 {
		return rng.Uint64()&(sign|(1<<frac-1)) | uint64(bias+rng.IntN(33)-16)<<frac
	}
	ts := make([]Tuple, n)
	for i := range ts {
		t := &ts[i]
		switch k := rng.IntN(16); {
		case k < 10:
			*t = Tuple{pick(), pick(), pick()}
		case k < 12:
			*t = Tuple{rng.Uint64() & mask, rng.Uint64() & mask, rng.Uint64() & mask}
		case k < 13 || width == 16:
			*t = Tuple{pick(), rng.Uint64() & mask, pick()}
		case k < 14:
			t[0] = near()
			t[1] = (t[0] ^ sign + uint64(rng.IntN(9)) - 4) & mask
			t[2] = near()
		default:
			t[1], t[2] = near(), near()
			t[0] = (product(width, t[1], t[2]) ^ sign + uint64(rng.IntN(5)) - 2) & mask
		}
	}
	return ts
}

// IntTuples returns n tuples whose first member is an integer of 32 or 64
// bits, most from Ints; the others are zero.
func IntTuples(width, n int, seed uint64) []Tuple {
	rng := rand.New(rand.NewPCG(seed, uint64(width)))
	values := Ints(width)
	ts := make([]Tuple, n)
	for i := range ts {
		if rng.IntN(4) > 0 {
			ts[i][0] = values[rng.IntN(len(values))]
		} else { // of any length
			ts[i][0] = rng.Uint64() >> (64 - width) >> rng.IntN(width)
		}
	}
	return ts
}

// product is b × c, roughly: it only makes operands.
func product(width int, b, c uint64) uint64 {
	if width == 32 {
		return uint64(math.Float32bits(math.Float32frombits(uint32(b)) * math.Float32frombits(uint32(c))))
	}
	return math.Float64bits(math.Float64frombits(b) * math.Float64frombits(c))
}
