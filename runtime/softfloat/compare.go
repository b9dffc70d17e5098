package softfloat

// The result of a comparison, as NZCV in bits 31 to 28.
const (
	NZCVLess      uint32 = 0x8 << 28
	NZCVEqual     uint32 = 0x6 << 28
	NZCVGreater   uint32 = 0x2 << 28
	NZCVUnordered uint32 = 0x3 << 28
)

// Compare32 compares a with b (FPCompare). A signalling NaN, or if signal is
// true any NaN, is an invalid operation.
func (e *Env) Compare32(a, b uint32, signal bool) uint32 {
	return e.compare(f32, uint64(a), uint64(b), signal)
}

// Compare64 is Compare32 for double precision.
func (e *Env) Compare64(a, b uint64, signal bool) uint32 { return e.compare(f64, a, b, signal) }

// Max32 returns the larger of a and b (FPMax); +0 is larger than −0.
func (e *Env) Max32(a, b uint32) uint32 { return uint32(e.pick(f32, uint64(a), uint64(b), 1, false)) }

// Max64 is Max32 for double precision.
func (e *Env) Max64(a, b uint64) uint64 { return e.pick(f64, a, b, 1, false) }

// Min32 returns the smaller of a and b (FPMin).
func (e *Env) Min32(a, b uint32) uint32 { return uint32(e.pick(f32, uint64(a), uint64(b), -1, false)) }

// Min64 is Min32 for double precision.
func (e *Env) Min64(a, b uint64) uint64 { return e.pick(f64, a, b, -1, false) }

// MaxNum32 is Max32, but a number wins over a quiet NaN (FPMaxNum).
func (e *Env) MaxNum32(a, b uint32) uint32 { return uint32(e.pick(f32, uint64(a), uint64(b), 1, true)) }

// MaxNum64 is MaxNum32 for double precision.
func (e *Env) MaxNum64(a, b uint64) uint64 { return e.pick(f64, a, b, 1, true) }

// MinNum32 is Min32, but a number wins over a quiet NaN (FPMinNum).
func (e *Env) MinNum32(a, b uint32) uint32 {
	return uint32(e.pick(f32, uint64(a), uint64(b), -1, true))
}

// MinNum64 is MinNum32 for double precision.
func (e *Env) MinNum64(a, b uint64) uint64 { return e.pick(f64, a, b, -1, true) }

// ordinal maps x, unpacked to n and not a NaN, to an integer that orders as
// the values do. Both zeros are 0.
func (f *format) ordinal(n num, x uint64) int64 {
	v := int64(x &^ f.sign)
	switch {
	case n.kind == zero: // a flushed subnormal has bits set
		return 0
	case n.sign != 0:
		return -v
	}
	return v
}

func (e *Env) compare(f *format, a, b uint64, signal bool) uint32 {
	na, nb := e.unpack(f, a), e.unpack(f, b)
	if na.nan() || nb.nan() {
		if signal || na.kind == snan || nb.kind == snan {
			e.raise(IOC)
		}
		return NZCVUnordered
	}
	switch x, y := f.ordinal(na, a), f.ordinal(nb, b); {
	case x < y:
		return NZCVLess
	case x == y:
		return NZCVEqual
	}
	return NZCVGreater
}

// pick returns the larger (dir 1) or smaller (dir −1) operand.
func (e *Env) pick(f *format, a, b uint64, dir int64, number bool) uint64 {
	na, nb := e.unpack(f, a), e.unpack(f, b)
	if number {
		if na.kind == qnan && !nb.nan() {
			return f.flushed(nb, b)
		}
		if nb.kind == qnan && !na.nan() {
			return f.flushed(na, a)
		}
	}
	if r, ok := e.processNaNs(f, na, nb, a, b); ok {
		return r
	}
	switch x, y := f.ordinal(na, a), f.ordinal(nb, b); {
	case x == 0 && y == 0 && dir > 0:
		return f.zero(na.sign & nb.sign)
	case x == 0 && y == 0:
		return f.zero(na.sign | nb.sign)
	case dir > 0 && x > y || dir < 0 && x < y:
		return f.flushed(na, a)
	}
	return f.flushed(nb, b)
}

// flushed is x, unpacked to n, or zero if it was a flushed subnormal.
func (f *format) flushed(n num, x uint64) uint64 {
	if n.kind == zero {
		return f.zero(n.sign)
	}
	return x
}
