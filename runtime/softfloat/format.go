package softfloat

import "math/bits"

// format describes an interchange format. Values of all formats travel in
// the low bits of a uint64.
type format struct {
	frac   int    // bits of the fraction
	bias   int    // of the exponent
	minExp int    // exponent of the smallest normal number
	expMax uint64 // biased exponent of infinities and NaNs
	sign   uint64 // the sign bit
	mask   uint64 // the fraction's bits
	quiet  uint64 // the fraction's top bit
}

func newFormat(width, frac int) *format {
	bias := 1<<(width-frac-2) - 1
	return &format{
		frac: frac, bias: bias, minExp: 1 - bias,
		expMax: uint64(2*bias + 1),
		sign:   1 << (width - 1),
		mask:   1<<frac - 1,
		quiet:  1 << (frac - 1),
	}
}

var (
	f16 = newFormat(16, 10)
	f32 = newFormat(32, 23)
	f64 = newFormat(64, 52)
)

func (f *format) zero(sign uint64) uint64 { return sign * f.sign }
func (f *format) inf(sign uint64) uint64  { return sign*f.sign | f.expMax<<f.frac }

// max is the largest finite number.
func (f *format) max(sign uint64) uint64 { return f.inf(sign) - 1 }

func (f *format) defaultNaN() uint64 { return f.inf(0) | f.quiet }

type kind uint8

const (
	zero kind = iota
	finite
	inf
	qnan
	snan
)

// num is an unpacked operand. A finite one is sig/2^63 × 2^exp, with bit 63
// of sig set.
type num struct {
	kind kind
	sign uint64 // 0 or 1
	exp  int
	sig  uint64
}

func (n num) nan() bool { return n.kind >= qnan }

// unpack takes x apart (FPUnpack). Half precision is exempt from FPCR.FZ,
// and, with AHP, has neither infinities nor NaNs.
func (e *Env) unpack(f *format, x uint64) num {
	n := num{exp: int(x >> f.frac & f.expMax), sig: x & f.mask}
	if x&f.sign != 0 {
		n.sign = 1
	}
	switch {
	case n.exp == 0:
		if n.sig == 0 {
			return n
		}
		if e.FPCR&FZ != 0 && f != f16 {
			e.raise(IDC)
			return num{sign: n.sign}
		}
		n.kind = finite
		shift := bits.LeadingZeros64(n.sig)
		n.sig <<= shift
		n.exp = f.minExp + 63 - f.frac - shift
	case n.exp == int(f.expMax) && (f != f16 || e.FPCR&AHP == 0):
		switch {
		case n.sig == 0:
			n.kind = inf
		case n.sig&f.quiet != 0:
			n.kind = qnan
		default:
			n.kind = snan
		}
	default:
		n.kind = finite
		n.sig = (n.sig | (f.mask + 1)) << (63 - f.frac)
		n.exp -= f.bias
	}
	return n
}

// jam shifts right by n ≥ 0 bits; what falls out is remembered in bit 0.
func jam(v uint64, n int) uint64 {
	if n >= 64 {
		if v != 0 {
			return 1
		}
		return 0
	}
	r := v >> n
	if r<<n != v {
		r |= 1
	}
	return r
}

// sticky is jam's memory of a second word.
func sticky(lo uint64) uint64 {
	if lo != 0 {
		return 1
	}
	return 0
}

// roundUp says whether a magnitude is to be incremented, given what was cut
// off: its first bit at bit 63, and whether the kept part is odd.
func roundUp(r Rounding, sign uint64, odd bool, cut uint64) bool {
	const half = 1 << 63
	switch r {
	case RN:
		return cut > half || cut == half && odd
	case RA:
		return cut >= half
	case RP:
		return cut != 0 && sign == 0
	case RM:
		return cut != 0 && sign != 0
	}
	return false
}

// round packs sig/2^63 × 2^exp, bit 63 set and bit 0 possibly sticky, into f
// (FPRound): tininess is detected before rounding; with FZ a tiny result is a
// zero that raises underflow, not inexact.
func (e *Env) round(f *format, sign uint64, exp int, sig uint64, r Rounding) uint64 {
	if exp < f.minExp && e.FPCR&FZ != 0 && f != f16 {
		e.raise(UFC)
		return f.zero(sign)
	}
	biased := exp - f.minExp + 1
	if biased <= 0 {
		sig = jam(sig, 1-biased)
		biased = 0
	}
	m, cut := sig>>(63-f.frac), sig<<(f.frac+1)
	var flags uint32
	if cut != 0 {
		flags = IXC
		if biased == 0 {
			flags |= UFC
		}
	}
	if roundUp(r, sign, m&1 != 0, cut) {
		m++
		switch {
		case m == 1<<(f.frac+1): // to the next power of two
			m >>= 1
			biased++
		case m == 1<<f.frac && biased == 0: // from subnormal to normal
			biased = 1
		}
	}
	if r == RO && cut != 0 {
		m |= 1
	}
	if f == f16 && e.FPCR&AHP != 0 {
		if biased > int(f.expMax) { // no infinity to overflow to
			e.raise(IOC)
			return sign*f.sign | (f.sign - 1)
		}
	} else if biased >= int(f.expMax) {
		e.raise(OFC | IXC)
		return f.overflow(sign, r)
	}
	e.raise(flags)
	return sign*f.sign | uint64(biased)<<f.frac | m&f.mask
}

// overflow is the result of an overflow: infinity or the largest number.
func (f *format) overflow(sign uint64, r Rounding) uint64 {
	switch r {
	case RN, RA:
		return f.inf(sign)
	case RP:
		if sign == 0 {
			return f.inf(0)
		}
	case RM:
		if sign != 0 {
			return f.inf(1)
		}
	}
	return f.max(sign)
}

// zeroSum is the zero that two operands of opposite sign add up to.
func (f *format) zeroSum(r Rounding) uint64 {
	if r == RM {
		return f.zero(1)
	}
	return f.zero(0)
}
