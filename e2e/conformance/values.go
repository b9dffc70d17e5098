package main

import (
	"math"
	"math/rand/v2"

	"boxer/runtime/arch/arm64"
)

// A lane says what the elements of a vector register hold.
type lane uint8

const (
	int8s lane = iota
	int16s
	int32s
	int64s
	halves
	singles
	doubles
	lanes // their number
)

// integer returns a value of n bits that is more often than not near a
// boundary: where carries, signs and saturation change.
func integer(r *rand.Rand, n uint) uint64 {
	var v uint64
	switch r.IntN(8) {
	case 0:
		v = uint64(r.IntN(4)) - 1 // -1 to 2
	case 1:
		v = uint64(r.IntN(256))
	case 2: // a power of two, one less or one more, of either sign
		v = 1<<r.IntN(int(n)) + uint64(r.IntN(3)) - 1
		if r.IntN(2) == 0 {
			v = -v
		}
	case 3:
		v = 1<<(n-1) - uint64(r.IntN(2)) // the largest and the smallest signed
	case 4: // a run of ones
		v = (1<<r.IntN(int(n)) - 1) << r.IntN(int(n))
	case 5:
		v = uint64(int64(int32(r.Uint32())))
	case 6:
		v = uint64(r.Uint32())
	default:
		v = r.Uint64()
	}
	if n == 64 {
		return v
	}
	return v & (1<<n - 1)
}

// float returns the bits of a floating-point number of the format with exp
// exponent and frac fraction bits. Every class of number comes up.
func float(r *rand.Rand, exp, frac uint) uint64 {
	bias := uint64(1)<<(exp-1) - 1
	ones := uint64(1)<<exp - 1
	fmask := uint64(1)<<frac - 1
	sign := uint64(r.IntN(2)) << (exp + frac)
	number := func(e, f uint64) uint64 { return sign | e<<frac | f&fmask }
	// A fraction with few bits makes exact results and ties; a random one
	// makes the rest.
	fraction := func() uint64 {
		switch r.IntN(4) {
		case 0:
			return 0
		case 1:
			return 1 << r.UintN(frac)
		case 2:
			return fmask - uint64(r.IntN(2))
		}
		return r.Uint64() & fmask
	}
	switch r.IntN(16) {
	case 0:
		return number(0, 0)
	case 1:
		return number(ones, 0) // infinity
	case 2:
		return number(ones, 1<<(frac-1)|r.Uint64()>>r.UintN(64)) // quiet NaN
	case 3:
		return number(ones, (r.Uint64()|1)&(fmask>>1)) // signalling NaN
	case 4:
		return number(0, fraction()|1) // denormal
	case 5:
		return number(1+uint64(r.IntN(3)), fraction()) // near the smallest normal
	case 6:
		return number(ones-1-uint64(r.IntN(3)), fraction()) // near overflow
	case 7: // a small integer, or one and a half of it
		return sign | fromFloat(float64(r.IntN(64))/2, exp, frac)
	case 8: // around the limits of 32- and 64-bit integers
		limit := []int{7, 8, 15, 16, 31, 32, 63, 64}[r.IntN(8)]
		return (sign | min(bias+uint64(limit), ones)<<frac) + uint64(r.IntN(3)) - 1
	case 9:
		return number(bias+uint64(r.IntN(3))-1, fraction()) // around one
	case 10:
		return r.Uint64() & (1<<(1+exp+frac) - 1)
	default: // within reach of each other, so that sums cancel and round
		return number(bias-min(uint64(8), bias-1)+uint64(r.IntN(16)), fraction())
	}
}

// fromFloat converts a float64 that every format holds exactly.
func fromFloat(v float64, exp, frac uint) uint64 {
	if v == 0 {
		return 0
	}
	b := math.Float64bits(v)
	e := b>>52&0x7ff - 1023 + (1<<(exp-1) - 1)
	return e<<frac | b<<12>>12>>(52-frac)
}

// vector returns a register of random elements of one kind.
func vector(r *rand.Rand, l lane) arm64.Vector {
	switch l {
	case int8s:
		return arm64.Vector{Lo: pack(r, 8), Hi: pack(r, 8)}
	case int16s:
		return arm64.Vector{Lo: pack(r, 16), Hi: pack(r, 16)}
	case int32s:
		return arm64.Vector{Lo: pack(r, 32), Hi: pack(r, 32)}
	case int64s:
		return arm64.Vector{Lo: integer(r, 64), Hi: integer(r, 64)}
	case halves:
		return arm64.Vector{Lo: packFloat(r, 5, 10), Hi: packFloat(r, 5, 10)}
	case singles:
		return arm64.Vector{Lo: packFloat(r, 8, 23), Hi: packFloat(r, 8, 23)}
	default:
		return arm64.Vector{Lo: float(r, 11, 52), Hi: float(r, 11, 52)}
	}
}

func pack(r *rand.Rand, n uint) (v uint64) {
	for i := uint(0); i < 64; i += n {
		v |= integer(r, n) << i
	}
	return v
}

func packFloat(r *rand.Rand, exp, frac uint) (v uint64) {
	for i := uint(0); i < 64; i += 1 + exp + frac {
		v |= float(r, exp, frac) << i
	}
	return v
}
