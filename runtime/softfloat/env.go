// Package softfloat is IEEE 754 arithmetic exactly as an Arm processor does
// it: all rounding modes, flush-to-zero, default NaN, alternative
// half-precision, NaN propagation and the cumulative exception flags. It
// follows the shared pseudocode of the Arm Architecture Reference Manual
// (J1.3, functions FPAdd, FPRound, …), without the FEAT_AFP controls and
// without trapped exceptions, in integer arithmetic alone.
//
// An Env is the control and status registers of one thread; its methods are
// the operations by width. Op and Env.Do are the same operations behind one
// entry, for translated code. Half precision exists in conversions only.
package softfloat

// Env is a thread's floating-point environment.
type Env struct {
	FPCR uint32 // the AHP, DN, FZ and RMode fields are obeyed, others ignored
	FPSR uint32 // exceptions are added to the cumulative bits; nothing is cleared
}

// The fields of FPCR (Arm ARM C5.2.8).
const (
	AHP        uint32 = 1 << 26 // half precision is the alternative format
	DN         uint32 = 1 << 25 // NaN results are the default NaN
	FZ         uint32 = 1 << 24 // subnormal inputs and results become zero
	RModeShift        = 22      // rounding mode, two bits: RN to RZ
)

// The cumulative exception bits of FPSR (Arm ARM C5.2.9).
const (
	IOC uint32 = 1 << 0 // invalid operation
	DZC uint32 = 1 << 1 // division by zero
	OFC uint32 = 1 << 2 // overflow
	UFC uint32 = 1 << 3 // underflow
	IXC uint32 = 1 << 4 // inexact
	IDC uint32 = 1 << 7 // subnormal input flushed to zero
)

// Rounding is a rounding mode. The first four are FPCR.RMode's values.
type Rounding uint8

const (
	RN    Rounding = iota // to nearest, ties to even
	RP                    // towards plus infinity
	RM                    // towards minus infinity
	RZ                    // towards zero
	RA                    // to nearest, ties away from zero
	RO                    // to odd: truncated, then the lowest bit set if inexact
	RFPCR Rounding = 7    // as FPCR.RMode says
)

// rounding resolves RFPCR.
func (e *Env) rounding(r Rounding) Rounding {
	if r == RFPCR {
		return Rounding(e.FPCR>>RModeShift) & 3
	}
	return r
}

// mode is the rounding mode of FPCR.
func (e *Env) mode() Rounding { return e.rounding(RFPCR) }

func (e *Env) raise(flags uint32) { e.FPSR |= flags }
