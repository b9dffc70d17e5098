package softfloat

import "math/bits"

// MulAdd32 returns a + x × y with one rounding (FPMulAdd). FMSUB, FNMADD and
// FNMSUB negate operands first, NaNs too.
func (e *Env) MulAdd32(a, x, y uint32) uint32 {
	return uint32(e.mulAdd(f32, uint64(a), uint64(x), uint64(y)))
}

// MulAdd64 is MulAdd32 for double precision.
func (e *Env) MulAdd64(a, x, y uint64) uint64 { return e.mulAdd(f64, a, x, y) }

// RecipStep32 returns 2 − a × b with one rounding (FPRecipStepFused).
func (e *Env) RecipStep32(a, b uint32) uint32 {
	return uint32(e.step(f32, uint64(a), uint64(b), recipStep))
}

// RecipStep64 is RecipStep32 for double precision.
func (e *Env) RecipStep64(a, b uint64) uint64 { return e.step(f64, a, b, recipStep) }

// RSqrtStep32 returns (3 − a × b) / 2 with one rounding (FPRSqrtStepFused).
func (e *Env) RSqrtStep32(a, b uint32) uint32 {
	return uint32(e.step(f32, uint64(a), uint64(b), rsqrtStep))
}

// RSqrtStep64 is RSqrtStep32 for double precision.
func (e *Env) RSqrtStep64(a, b uint64) uint64 { return e.step(f64, a, b, rsqrtStep) }

func (e *Env) mulAdd(f *format, a, x, y uint64) uint64 {
	na, nx, ny := e.unpack(f, a), e.unpack(f, x), e.unpack(f, y)
	noProduct := nx.kind == inf && ny.kind == zero || nx.kind == zero && ny.kind == inf
	if r, ok := e.processNaNs3(f, na, nx, ny, a, x, y); ok {
		if na.kind == qnan && noProduct {
			return e.invalid(f)
		}
		return r
	}
	sign := nx.sign ^ ny.sign
	infProduct := nx.kind == inf || ny.kind == inf
	mode := e.mode()
	switch {
	case noProduct || na.kind == inf && infProduct && na.sign != sign:
		return e.invalid(f)
	case na.kind == inf:
		return f.inf(na.sign)
	case infProduct:
		return f.inf(sign)
	case nx.kind == zero || ny.kind == zero:
		if na.kind != zero {
			return e.round(f, na.sign, na.exp, na.sig, mode)
		}
		if na.sign == sign {
			return f.zero(sign)
		}
		return f.zeroSum(mode)
	}
	r := mulAddFinite(na, nx, ny)
	if r.kind == zero {
		return f.zeroSum(mode)
	}
	return e.round(f, r.sign, r.exp, r.sig, mode)
}

// mulAddFinite returns a + x × y, exact but for bit 0 of sig, which is sticky.
// x and y are finite; a may be zero.
func mulAddFinite(a, x, y num) num {
	// Numbers of 128 bits with the leading one at bit 126. The product has
	// 106 bits at most, so nothing falls out here.
	hi, lo := bits.Mul64(x.sig, y.sig)
	p := num{kind: finite, sign: x.sign ^ y.sign, exp: x.exp + y.exp}
	if hi>>63 != 0 {
		hi, lo = hi>>1, hi<<63|lo>>1
		p.exp++
	}
	if a.kind == finite {
		ahi, alo := a.sig>>1, uint64(0)
		if p.exp < a.exp || p.exp == a.exp && hi < ahi {
			p.sign, a.sign = a.sign, p.sign
			p.exp, a.exp = a.exp, p.exp
			hi, lo, ahi, alo = ahi, alo, hi, lo
		}
		ahi, alo = jam128(ahi, alo, p.exp-a.exp)
		var c uint64
		if p.sign == a.sign {
			lo, c = bits.Add64(lo, alo, 0)
			hi += ahi + c
		} else {
			lo, c = bits.Sub64(lo, alo, 0)
			hi -= ahi + c
			if hi|lo == 0 {
				return num{}
			}
		}
	}
	if hi == 0 {
		hi, lo = lo, 0
		p.exp -= 64
	}
	if shift := bits.LeadingZeros64(hi); shift > 0 {
		hi, lo = hi<<shift|lo>>(64-shift), lo<<shift
		p.exp -= shift
	}
	p.exp++
	p.sig = hi | sticky(lo)
	return p
}

// jam128 is jam for two words.
func jam128(hi, lo uint64, n int) (uint64, uint64) {
	switch {
	case n == 0:
		return hi, lo
	case n < 64:
		return hi >> n, hi<<(64-n) | lo>>n | sticky(lo<<(64-n))
	}
	return 0, jam(hi, n-64) | sticky(lo)
}

// A stepKind is a Newton step. Where a factor is zero, even if the other is
// infinite, the product counts as zero.
type stepKind struct {
	constant num // what the product is subtracted from
	halve    int // 1 if the difference is then halved
}

var (
	recipStep = stepKind{num{finite, 0, 1, 1 << 63}, 0} // 2
	rsqrtStep = stepKind{num{finite, 0, 1, 3 << 62}, 1} // 3, halved
)

func (e *Env) step(f *format, a, b uint64, k stepKind) uint64 {
	a ^= f.sign // NaNs too
	na, nb := e.unpack(f, a), e.unpack(f, b)
	if r, ok := e.processNaNs(f, na, nb, a, b); ok {
		return r
	}
	mode := e.mode()
	r := k.constant
	switch {
	case na.kind == inf && nb.kind != zero || nb.kind == inf && na.kind != zero:
		return f.inf(na.sign ^ nb.sign)
	case na.kind == finite && nb.kind == finite:
		if r = mulAddFinite(r, na, nb); r.kind == zero {
			return f.zeroSum(mode)
		}
	}
	return e.round(f, r.sign, r.exp-k.halve, r.sig, mode)
}
