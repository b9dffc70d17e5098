package softfloat

import "math/bits"

// Cvt16To32 converts half to single precision (FPConvert). FPCR.AHP chooses
// the half-precision format.
func (e *Env) Cvt16To32(a uint16) uint32 { return uint32(e.convert(f32, f16, uint64(a), RFPCR)) }

// Cvt16To64 converts half to double precision.
func (e *Env) Cvt16To64(a uint16) uint64 { return e.convert(f64, f16, uint64(a), RFPCR) }

// Cvt32To16 converts single to half precision.
func (e *Env) Cvt32To16(a uint32) uint16 { return uint16(e.convert(f16, f32, uint64(a), RFPCR)) }

// Cvt32To64 converts single to double precision.
func (e *Env) Cvt32To64(a uint32) uint64 { return e.convert(f64, f32, uint64(a), RFPCR) }

// Cvt64To16 converts double to half precision.
func (e *Env) Cvt64To16(a uint64) uint16 { return uint16(e.convert(f16, f64, a, RFPCR)) }

// Cvt64To32 converts double to single precision. With r = RO it is FCVTXN.
func (e *Env) Cvt64To32(a uint64, r Rounding) uint32 { return uint32(e.convert(f32, f64, a, r)) }

// RoundInt32 rounds a to an integral value (FPRoundInt). Only if exact is true is
// a change of the value an inexact operation (FRINTX).
func (e *Env) RoundInt32(a uint32, r Rounding, exact bool) uint32 {
	return uint32(e.roundInt(f32, uint64(a), r, exact))
}

// RoundInt64 is RoundInt32 for double precision.
func (e *Env) RoundInt64(a uint64, r Rounding, exact bool) uint64 {
	return e.roundInt(f64, a, r, exact)
}

// An Int is an integer or fixed-point type.
type Int struct {
	Unsigned bool
	Wide     bool  // 64 bits, not 32
	FBits    uint8 // fraction bits, at most 64
}

// ToInt32 converts single precision to t, saturating (FPToFixed). The result
// of a 32-bit t is zero-extended.
func (e *Env) ToInt32(a uint32, t Int, r Rounding) uint64 { return e.toInt(f32, uint64(a), t, r) }

// ToInt64 converts double precision to t, saturating (FPToFixed). The result
// of a 32-bit t is zero-extended.
func (e *Env) ToInt64(a uint64, t Int, r Rounding) uint64 { return e.toInt(f64, a, t, r) }

// FromInt32 converts v of type t to single precision (FixedToFP). Of a 32-bit
// t only the low half of v counts.
func (e *Env) FromInt32(v uint64, t Int, r Rounding) uint32 { return uint32(e.fromInt(f32, v, t, r)) }

// FromInt64 converts v of type t to double precision (FixedToFP). Of a 32-bit
// t only the low half of v counts.
func (e *Env) FromInt64(v uint64, t Int, r Rounding) uint64 { return e.fromInt(f64, v, t, r) }

func (e *Env) convert(to, from *format, a uint64, r Rounding) uint64 {
	n := e.unpack(from, a)
	alternative := to == f16 && e.FPCR&AHP != 0
	switch {
	case n.nan():
		if n.kind == snan || alternative {
			e.raise(IOC)
		}
		switch {
		case alternative: // which has no NaN
			return to.zero(n.sign)
		case e.FPCR&DN != 0:
			return to.defaultNaN()
		}
		payload := n.sig << (63 - from.frac) >> (63 - to.frac) // keep the top bits
		return to.inf(n.sign) | to.quiet | payload&to.mask
	case n.kind == inf && alternative: // nor infinity
		e.raise(IOC)
		return n.sign*to.sign | (to.sign - 1)
	case n.kind == inf:
		return to.inf(n.sign)
	case n.kind == zero:
		return to.zero(n.sign)
	}
	return e.round(to, n.sign, n.exp, n.sig, e.rounding(r))
}

// integer rounds a finite magnitude below 2^64 to an integer.
func (n num) integer(r Rounding) (v uint64, inexact bool) {
	var cut uint64 // the fraction, 2^64 times
	switch {
	case n.exp < 0:
		cut = jam(n.sig, -1-n.exp)
	default:
		v, cut = n.sig>>(63-n.exp), n.sig<<(n.exp+1)
	}
	if roundUp(r, n.sign, v&1 != 0, cut) {
		v++
	}
	if r == RO && cut != 0 {
		v |= 1
	}
	return v, cut != 0
}

func (e *Env) roundInt(f *format, a uint64, r Rounding, exact bool) uint64 {
	n := e.unpack(f, a)
	switch {
	case n.nan():
		return e.processNaN(f, n, a)
	case n.kind == inf:
		return a
	case n.kind == zero:
		return f.zero(n.sign)
	case n.exp >= f.frac: // integral already
		return a
	}
	v, inexact := n.integer(e.rounding(r))
	if inexact && exact {
		e.raise(IXC)
	}
	if v == 0 {
		return f.zero(n.sign)
	}
	shift := bits.LeadingZeros64(v)
	return e.round(f, n.sign, 63-shift, v<<shift, RZ)
}

// limits returns the largest magnitudes of t's positive and negative values,
// and the bits of its width.
func (t Int) limits() (pos, neg, mask uint64) {
	mask = 1<<32 - 1
	if t.Wide {
		mask = 1<<64 - 1
	}
	if t.Unsigned {
		return mask, 0, mask
	}
	return mask >> 1, mask>>1 + 1, mask
}

func (e *Env) toInt(f *format, a uint64, t Int, r Rounding) uint64 {
	n := e.unpack(f, a)
	switch {
	case n.nan():
		e.raise(IOC)
		return 0
	case n.kind == zero:
		return 0
	}
	limit, neg, mask := t.limits()
	if n.sign != 0 {
		limit = neg
	}
	n.exp += int(t.FBits)
	v, inexact := limit, false
	overflow := n.kind == inf || n.exp > 63
	if !overflow {
		v, inexact = n.integer(e.rounding(r))
		overflow = v > limit
	}
	switch {
	case overflow:
		e.raise(IOC)
		v = limit
	case inexact:
		e.raise(IXC)
	}
	if n.sign != 0 {
		v = -v
	}
	return v & mask
}

func (e *Env) fromInt(f *format, v uint64, t Int, r Rounding) uint64 {
	if !t.Wide {
		if v = uint64(uint32(v)); !t.Unsigned {
			v = uint64(int32(v))
		}
	}
	if v == 0 {
		return 0
	}
	var sign uint64
	if !t.Unsigned && int64(v) < 0 {
		sign, v = 1, -v
	}
	shift := bits.LeadingZeros64(v)
	return e.round(f, sign, 63-shift-int(t.FBits), v<<shift, e.rounding(r))
}
