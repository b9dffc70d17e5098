package softfloat

import "strconv"

// Op is an operation and its width, for Do. The number at the end of a name
// is the width of the operands; that of the conversions stands in the name.
type Op uint8

// The operations. Operands and results of single precision are the low 32
// bits of Do's words, half precision the low 16; the rest of an operand is
// ignored and of a result zero.
const (
	Add32 Op = iota // a + b
	Add64
	Sub32 // a − b
	Sub64
	Mul32 // a × b
	Mul64
	Div32 // a ÷ b
	Div64
	MulX32 // a × b, and ±2 for zero × infinity
	MulX64
	Max32 // the larger of a and b
	Max64
	Min32 // the smaller of a and b
	Min64
	MaxNum32 // as Max, but a number wins over a quiet NaN
	MaxNum64
	MinNum32 // as Min, but a number wins over a quiet NaN
	MinNum64
	RecipStep32 // 2 − a × b
	RecipStep64
	RSqrtStep32 // (3 − a × b) / 2
	RSqrtStep64
	MulAdd32 // a + b × c, rounded once
	MulAdd64
	Sqrt32 // √a
	Sqrt64
	RecipEstimate32 // about 1/a
	RecipEstimate64
	RSqrtEstimate32 // about 1/√a
	RSqrtEstimate64
	RecpX32 // a power of two near 1/a
	RecpX64
	Compare32 // NZCV of a against b, in bits 31 to 28; only signalling NaNs are invalid
	Compare64
	CompareSig32 // as Compare, but every NaN is invalid
	CompareSig64
	CmpEQ32 // all ones if a = b, else 0; only signalling NaNs are invalid
	CmpEQ64
	CmpGE32 // all ones if a ≥ b, else 0; every NaN is invalid
	CmpGE64
	CmpGT32 // all ones if a > b, else 0; every NaN is invalid
	CmpGT64
	RoundInt32 // a rounded to an integral value; c: mode, Exact
	RoundInt64
	Cvt16To32 // a in another precision, rounded as FPCR says
	Cvt16To64
	Cvt32To16
	Cvt32To64
	Cvt64To16
	Cvt64To32
	Cvt64To32Odd     // as Cvt64To32, rounded to odd (FCVTXN)
	ToInt32          // single precision a to the integer of c: mode, Unsigned, Wide, fraction bits
	ToInt64          // double precision a, likewise
	FromInt32        // the integer a of c (as for ToInt) to single precision
	FromInt64        // likewise to double precision
	URecipEstimate32 // the integer estimates of URECPE and URSQRTE
	URSqrtEstimate32
	NumOps
)

// The word c of RoundInt, ToInt and FromInt: bits 2:0 are the Rounding, 4, 5
// and 6 the flags below, 15:8 the number of fraction bits.
const (
	Unsigned   uint64 = 1 << 4 // the integer is unsigned
	Wide       uint64 = 1 << 5 // the integer has 64 bits, not 32
	Exact      uint64 = 1 << 6 // RoundInt raises inexact
	FBitsShift        = 8
)

var opNames = [NumOps]string{"Add32", "Add64", "Sub32", "Sub64", "Mul32", "Mul64", "Div32", "Div64", "MulX32", "MulX64",
	"Max32", "Max64", "Min32", "Min64", "MaxNum32", "MaxNum64", "MinNum32", "MinNum64", "RecipStep32", "RecipStep64",
	"RSqrtStep32", "RSqrtStep64", "MulAdd32", "MulAdd64", "Sqrt32", "Sqrt64", "RecipEstimate32", "RecipEstimate64",
	"RSqrtEstimate32", "RSqrtEstimate64", "RecpX32", "RecpX64", "Compare32", "Compare64", "CompareSig32", "CompareSig64",
	"CmpEQ32", "CmpEQ64", "CmpGE32", "CmpGE64", "CmpGT32", "CmpGT64", "RoundInt32", "RoundInt64",
	"Cvt16To32", "Cvt16To64", "Cvt32To16", "Cvt32To64", "Cvt64To16", "Cvt64To32", "Cvt64To32Odd",
	"ToInt32", "ToInt64", "FromInt32", "FromInt64", "URecipEstimate32", "URSqrtEstimate32"}

func (op Op) String() string {
	if op < NumOps {
		return opNames[op]
	}
	return "op(" + strconv.Itoa(int(op)) + ")"
}

// Do performs op: the one entry for translated code. Operands that op does
// not have are ignored. An op or a packed word out of range gives some
// result, and an op of NumOps or above zero; nothing panics.
func (e *Env) Do(op Op, a, b, c uint64) uint64 {
	if op >= NumOps {
		return 0
	}
	f := f32
	if op < Cvt16To32 && op&1 != 0 {
		f = f64
	}
	if op < Cvt16To32 && f == f32 {
		a, b = uint64(uint32(a)), uint64(uint32(b))
	}
	switch op {
	case Add32, Add64:
		return e.add(f, a, b, 0)
	case Sub32, Sub64:
		return e.add(f, a, b, 1)
	case Mul32, Mul64:
		return e.mul(f, a, b, false)
	case Div32, Div64:
		return e.div(f, a, b)
	case MulX32, MulX64:
		return e.mul(f, a, b, true)
	case Max32, Max64:
		return e.pick(f, a, b, 1, false)
	case Min32, Min64:
		return e.pick(f, a, b, -1, false)
	case MaxNum32, MaxNum64:
		return e.pick(f, a, b, 1, true)
	case MinNum32, MinNum64:
		return e.pick(f, a, b, -1, true)
	case RecipStep32, RecipStep64:
		return e.step(f, a, b, recipStep)
	case RSqrtStep32, RSqrtStep64:
		return e.step(f, a, b, rsqrtStep)
	case MulAdd32:
		return e.mulAdd(f32, a, b, uint64(uint32(c)))
	case MulAdd64:
		return e.mulAdd(f64, a, b, c)
	case Sqrt32, Sqrt64:
		return e.sqrt(f, a)
	case RecipEstimate32, RecipEstimate64:
		return e.recipEstimate(f, a)
	case RSqrtEstimate32, RSqrtEstimate64:
		return e.rsqrtEstimate(f, a)
	case RecpX32, RecpX64:
		return e.recpX(f, a)
	case Compare32, Compare64:
		return uint64(e.compare(f, a, b, false))
	case CompareSig32, CompareSig64:
		return uint64(e.compare(f, a, b, true))
	case CmpEQ32, CmpEQ64:
		return f.all(e.compare(f, a, b, false) == NZCVEqual)
	case CmpGE32, CmpGE64:
		r := e.compare(f, a, b, true)
		return f.all(r == NZCVEqual || r == NZCVGreater)
	case CmpGT32, CmpGT64:
		return f.all(e.compare(f, a, b, true) == NZCVGreater)
	case RoundInt32, RoundInt64:
		return e.roundInt(f, a, Rounding(c&7), c&Exact != 0)
	case Cvt16To32:
		return e.convert(f32, f16, uint64(uint16(a)), RFPCR)
	case Cvt16To64:
		return e.convert(f64, f16, uint64(uint16(a)), RFPCR)
	case Cvt32To16:
		return e.convert(f16, f32, uint64(uint32(a)), RFPCR)
	case Cvt32To64:
		return e.convert(f64, f32, uint64(uint32(a)), RFPCR)
	case Cvt64To16:
		return e.convert(f16, f64, a, RFPCR)
	case Cvt64To32:
		return e.convert(f32, f64, a, RFPCR)
	case Cvt64To32Odd:
		return e.convert(f32, f64, a, RO)
	case URecipEstimate32:
		return uint64(URecipEstimate(uint32(a)))
	case URSqrtEstimate32:
		return uint64(URSqrtEstimate(uint32(a)))
	}
	t := Int{Unsigned: c&Unsigned != 0, Wide: c&Wide != 0, FBits: uint8(c >> FBitsShift)}
	r := Rounding(c & 7)
	switch op {
	case ToInt32:
		return e.toInt(f32, uint64(uint32(a)), t, r)
	case ToInt64:
		return e.toInt(f64, a, t, r)
	case FromInt32:
		return e.fromInt(f32, a, t, r)
	default: // FromInt64
		return e.fromInt(f64, a, t, r)
	}
}

// all is a vector comparison's result.
func (f *format) all(v bool) uint64 {
	if v {
		return f.sign<<1 - 1
	}
	return 0
}
