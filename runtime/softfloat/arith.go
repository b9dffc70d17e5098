package softfloat

import "math/bits"

// Add32 returns a + b (FPAdd).
func (e *Env) Add32(a, b uint32) uint32 { return uint32(e.add(f32, uint64(a), uint64(b), 0)) }

// Add64 returns a + b (FPAdd).
func (e *Env) Add64(a, b uint64) uint64 { return e.add(f64, a, b, 0) }

// Sub32 returns a − b (FPSub).
func (e *Env) Sub32(a, b uint32) uint32 { return uint32(e.add(f32, uint64(a), uint64(b), 1)) }

// Sub64 returns a − b (FPSub).
func (e *Env) Sub64(a, b uint64) uint64 { return e.add(f64, a, b, 1) }

// Mul32 returns a × b (FPMul).
func (e *Env) Mul32(a, b uint32) uint32 { return uint32(e.mul(f32, uint64(a), uint64(b), false)) }

// Mul64 returns a × b (FPMul).
func (e *Env) Mul64(a, b uint64) uint64 { return e.mul(f64, a, b, false) }

// MulX32 is Mul32, but zero × infinity is ±2 (FPMulX).
func (e *Env) MulX32(a, b uint32) uint32 { return uint32(e.mul(f32, uint64(a), uint64(b), true)) }

// MulX64 is Mul64, but zero × infinity is ±2 (FPMulX).
func (e *Env) MulX64(a, b uint64) uint64 { return e.mul(f64, a, b, true) }

// Div32 returns a ÷ b (FPDiv).
func (e *Env) Div32(a, b uint32) uint32 { return uint32(e.div(f32, uint64(a), uint64(b))) }

// Div64 returns a ÷ b (FPDiv).
func (e *Env) Div64(a, b uint64) uint64 { return e.div(f64, a, b) }

// Sqrt32 returns √a (FPSqrt).
func (e *Env) Sqrt32(a uint32) uint32 { return uint32(e.sqrt(f32, uint64(a))) }

// Sqrt64 returns √a (FPSqrt).
func (e *Env) Sqrt64(a uint64) uint64 { return e.sqrt(f64, a) }

// add returns a + b, or a − b if negate is 1. The negation is of b's value: a
// NaN keeps its sign.
func (e *Env) add(f *format, a, b uint64, negate uint64) uint64 {
	na, nb := e.unpack(f, a), e.unpack(f, b)
	if r, ok := e.processNaNs(f, na, nb, a, b); ok {
		return r
	}
	nb.sign ^= negate
	mode := e.mode()
	switch {
	case na.kind == inf && nb.kind == inf && na.sign != nb.sign:
		return e.invalid(f)
	case na.kind == inf:
		return f.inf(na.sign)
	case nb.kind == inf:
		return f.inf(nb.sign)
	case na.kind == zero && nb.kind == zero:
		if na.sign == nb.sign {
			return f.zero(na.sign)
		}
		return f.zeroSum(mode)
	case na.kind == zero:
		na = nb
	case nb.kind == zero:
	default:
		if na = addFinite(na, nb); na.kind == zero {
			return f.zeroSum(mode)
		}
	}
	return e.round(f, na.sign, na.exp, na.sig, mode)
}

// addFinite adds two finite numbers of at most 53 significant bits; bit 0 of
// the sum's sig is sticky.
func addFinite(a, b num) num {
	if a.exp < b.exp || a.exp == b.exp && a.sig < b.sig {
		a, b = b, a // a has the larger magnitude, and the sum its sign
	}
	// One bit above for the carry; of the ten below, the subtraction of an
	// operand shifted by more than one place consumes two at most.
	x, y := a.sig>>1, jam(b.sig>>1, a.exp-b.exp)
	if a.sign == b.sign {
		x += y
	} else if x -= y; x == 0 {
		return num{}
	}
	shift := bits.LeadingZeros64(x)
	return num{finite, a.sign, a.exp + 1 - shift, x << shift}
}

func (e *Env) mul(f *format, a, b uint64, x bool) uint64 {
	na, nb := e.unpack(f, a), e.unpack(f, b)
	if r, ok := e.processNaNs(f, na, nb, a, b); ok {
		return r
	}
	sign := na.sign ^ nb.sign
	switch {
	case na.kind == inf && nb.kind == zero || na.kind == zero && nb.kind == inf:
		if x {
			return f.zero(sign) | uint64(f.bias+1)<<f.frac // 2.0
		}
		return e.invalid(f)
	case na.kind == inf || nb.kind == inf:
		return f.inf(sign)
	case na.kind == zero || nb.kind == zero:
		return f.zero(sign)
	}
	hi, lo := bits.Mul64(na.sig, nb.sig)
	exp := na.exp + nb.exp + 1
	if hi>>63 == 0 {
		hi, lo = hi<<1|lo>>63, lo<<1
		exp--
	}
	return e.round(f, sign, exp, hi|sticky(lo), e.mode())
}

func (e *Env) div(f *format, a, b uint64) uint64 {
	na, nb := e.unpack(f, a), e.unpack(f, b)
	if r, ok := e.processNaNs(f, na, nb, a, b); ok {
		return r
	}
	sign := na.sign ^ nb.sign
	switch {
	case na.kind == inf && nb.kind == inf || na.kind == zero && nb.kind == zero:
		return e.invalid(f)
	case na.kind == inf:
		return f.inf(sign)
	case nb.kind == zero:
		e.raise(DZC)
		return f.inf(sign)
	case na.kind == zero || nb.kind == inf:
		return f.zero(sign)
	}
	exp := na.exp - nb.exp
	hi, lo := na.sig>>1, na.sig<<63
	if na.sig < nb.sig {
		hi, lo = na.sig, 0
		exp--
	}
	q, rem := bits.Div64(hi, lo, nb.sig) // bit 63 of q is set
	return e.round(f, sign, exp, q|sticky(rem), e.mode())
}

func (e *Env) sqrt(f *format, a uint64) uint64 {
	n := e.unpack(f, a)
	switch {
	case n.nan():
		return e.processNaN(f, n, a)
	case n.kind == zero:
		return f.zero(n.sign)
	case n.sign != 0:
		return e.invalid(f)
	case n.kind == inf:
		return f.inf(0)
	}
	// With an even exponent, v = sig/2^64 in [1/4, 1) and √v = r/2^64.
	sig, exp := n.sig, n.exp+1
	if exp&1 != 0 {
		sig >>= 1
		exp++
	}
	return e.round(f, 0, exp/2-1, sqrtBits(sig), e.mode())
}

// sqrtBits returns ⌊√(v·2^64)⌋, with bit 0 set if that is not exact, for
// 2^62 ≤ v ≤ 2^64 − 2^10.
func sqrtBits(v uint64) uint64 {
	// Newton's iteration from a line that is right to 4 bits. r is kept above
	// v, so that the quotients fit.
	hi, _ := bits.Mul64(v, 0xaa<<56)
	r, carry := bits.Add64(hi, 0x5a<<56, 0)
	if carry != 0 {
		r = 1<<64 - 1
	}
	for range 4 {
		r = max(r, v+1)
		q, _ := bits.Div64(v, 0, r)
		r, carry = bits.Add64(r, q, 0)
		r = r>>1 | carry<<63
	}
	for { // r is off by one at most; it is right if r² ≤ v·2^64 ≤ r² + 2r
		hi, lo := bits.Mul64(r, r)
		lo, borrow := bits.Sub64(0, lo, 0)
		hi, borrow = bits.Sub64(v, hi, borrow)
		switch {
		case borrow != 0:
			r--
		case hi > r>>63 || hi == r>>63 && lo > r<<1:
			r++
		default:
			return r | sticky(hi|lo)
		}
	}
}
