package softfloat

// invalid raises an invalid operation and returns the default NaN, which on
// Arm is positive and quiet with an otherwise empty fraction.
func (e *Env) invalid(f *format) uint64 {
	e.raise(IOC)
	return f.defaultNaN()
}

// processNaN is the result of an operation on NaN x (FPProcessNaN).
func (e *Env) processNaN(f *format, n num, x uint64) uint64 {
	if n.kind == snan {
		e.raise(IOC)
		x |= f.quiet
	}
	if e.FPCR&DN != 0 {
		return f.defaultNaN()
	}
	return x
}

// processNaNs is the result of an operation on a and b if one is a NaN
// (FPProcessNaNs): the first signalling one, else the first quiet one.
func (e *Env) processNaNs(f *format, na, nb num, a, b uint64) (uint64, bool) {
	switch {
	case na.kind < qnan && nb.kind < qnan:
		return 0, false
	case na.kind == snan:
		return e.processNaN(f, na, a), true
	case nb.kind == snan:
		return e.processNaN(f, nb, b), true
	case na.kind == qnan:
		return e.processNaN(f, na, a), true
	}
	return e.processNaN(f, nb, b), true
}

// processNaNs3 is processNaNs for three operands (FPProcessNaNs3).
func (e *Env) processNaNs3(f *format, na, nb, nc num, a, b, c uint64) (uint64, bool) {
	switch {
	case na.kind == snan:
		return e.processNaN(f, na, a), true
	case nb.kind == snan || nc.kind == snan:
		return e.processNaNs(f, nb, nc, b, c)
	case na.kind == qnan:
		return e.processNaN(f, na, a), true
	}
	return e.processNaNs(f, nb, nc, b, c)
}
