package softfloat

// RecipEstimate32 returns an approximation of 1/a, right to 8 bits, as the
// architecture defines it (FPRecipEstimate).
func (e *Env) RecipEstimate32(a uint32) uint32 { return uint32(e.recipEstimate(f32, uint64(a))) }

// RecipEstimate64 is RecipEstimate32 for double precision.
func (e *Env) RecipEstimate64(a uint64) uint64 { return e.recipEstimate(f64, a) }

// RSqrtEstimate32 returns an approximation of 1/√a, right to 8 bits, as the
// architecture defines it (FPRSqrtEstimate).
func (e *Env) RSqrtEstimate32(a uint32) uint32 { return uint32(e.rsqrtEstimate(f32, uint64(a))) }

// RSqrtEstimate64 is RSqrtEstimate32 for double precision.
func (e *Env) RSqrtEstimate64(a uint64) uint64 { return e.rsqrtEstimate(f64, a) }

// RecpX32 returns a power of two near 1/a, of a's sign (FPRecpX).
func (e *Env) RecpX32(a uint32) uint32 { return uint32(e.recpX(f32, uint64(a))) }

// RecpX64 is RecpX32 for double precision.
func (e *Env) RecpX64(a uint64) uint64 { return e.recpX(f64, a) }

func (e *Env) recipEstimate(f *format, a uint64) uint64 {
	n := e.unpack(f, a)
	switch {
	case n.nan():
		return e.processNaN(f, n, a)
	case n.kind == inf:
		return f.zero(n.sign)
	case n.kind == zero:
		e.raise(DZC)
		return f.inf(n.sign)
	case n.exp < f.minExp-2:
		e.raise(OFC | IXC)
		return f.overflow(n.sign, e.mode())
	}
	// The result has 8 bits of fraction, so it is exact even if subnormal;
	// round only packs it, and flushes it where FZ says so.
	est := recipTable(uint32(n.sig >> 55))
	return e.round(f, n.sign, -n.exp-1, uint64(est)<<55, RZ)
}

func (e *Env) rsqrtEstimate(f *format, a uint64) uint64 {
	n := e.unpack(f, a)
	switch {
	case n.nan():
		return e.processNaN(f, n, a)
	case n.kind == zero:
		e.raise(DZC)
		return f.inf(n.sign)
	case n.sign != 0:
		return e.invalid(f)
	case n.kind == inf:
		return f.zero(0)
	}
	scaled := uint32(n.sig >> 55)
	if n.exp&1 == 0 {
		scaled >>= 1
	}
	return e.round(f, 0, (-1-n.exp)>>1, uint64(rsqrtTable(scaled))<<55, RZ)
}

func (e *Env) recpX(f *format, a uint64) uint64 {
	n := e.unpack(f, a)
	if n.nan() {
		return e.processNaN(f, n, a)
	}
	exp := ^(a >> f.frac) & f.expMax
	if exp == f.expMax { // a's exponent field is zero
		exp--
	}
	return f.zero(n.sign) | exp<<f.frac
}

// recipTable is the pseudocode's RecipEstimate: about 2^17/a, both in
// [256, 512).
func recipTable(a uint32) uint32 { return ((1<<19)/(a*2+1) + 1) / 2 }

// rsqrtTable is the pseudocode's RecipSqrtEstimate: about 2^13/√a for
// 128 ≤ a < 512, in [256, 512).
func rsqrtTable(a uint32) uint32 {
	if a < 256 {
		a = a*2 + 1
	} else {
		a = (a | 1) * 2
	}
	// The largest b of ten bits with a·b² < 2^28.
	b := uint32(512)
	for step := uint32(256); step > 0; step >>= 1 {
		if c := b + step; a*c*c < 1<<28 {
			b = c
		}
	}
	return (b + 1) / 2
}

// URecipEstimate is the unsigned fixed-point estimate of URECPE
// (UnsignedRecipEstimate).
func URecipEstimate(a uint32) uint32 {
	if a>>31 == 0 {
		return 1<<32 - 1
	}
	return recipTable(a>>23) << 23
}

// URSqrtEstimate is the unsigned fixed-point estimate of URSQRTE
// (UnsignedRSqrtEstimate).
func URSqrtEstimate(a uint32) uint32 {
	if a>>30 == 0 {
		return 1<<32 - 1
	}
	return rsqrtTable(a>>23) << 23
}
