package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// Scalar conversions between floating-point formats, and between those and general registers
// (Arm ARM C4.1.96).

func init() {
	t := &table
	t[decode.FCVT] = fcvt
	for id, c := range map[decode.ID]conversion{
		decode.FCVTNS_int: {mode: softfloat.RN}, decode.FCVTNU_int: {mode: softfloat.RN, unsigned: true},
		decode.FCVTAS_int: {mode: softfloat.RA}, decode.FCVTAU_int: {mode: softfloat.RA, unsigned: true},
		decode.FCVTPS_int: {mode: softfloat.RP}, decode.FCVTPU_int: {mode: softfloat.RP, unsigned: true},
		decode.FCVTMS_int: {mode: softfloat.RM}, decode.FCVTMU_int: {mode: softfloat.RM, unsigned: true},
		decode.FCVTZS_int: {mode: softfloat.RZ}, decode.FCVTZU_int: {mode: softfloat.RZ, unsigned: true},
		decode.FCVTZS_fixed: {mode: softfloat.RZ, fixed: true}, decode.FCVTZU_fixed: {mode: softfloat.RZ, unsigned: true, fixed: true},
	} {
		t[id] = func(l *lifter, in decode.Inst) {
			s := scalarShape(in)
			l.setReg(in.Rd(), l.toInt(s, l.fp(in.Rn(), s), typ(in.SF()), c, c.fbits(in)))
		}
	}
	for id, c := range map[decode.ID]conversion{
		decode.SCVTF_int: {}, decode.UCVTF_int: {unsigned: true},
		decode.SCVTF_fixed: {fixed: true}, decode.UCVTF_fixed: {unsigned: true, fixed: true},
	} {
		t[id] = func(l *lifter, in decode.Inst) {
			l.setV(in.Rd(), l.fromInt(scalarShape(in), l.reg(in.Rn(), typ(in.SF())), c, c.fbits(in)))
		}
	}
}

// conversion is what conversions to and from integers differ in.
type conversion struct {
	mode     softfloat.Rounding // to an integer; from one it is FPCR's
	unsigned bool
	fixed    bool // the instruction has a number of fraction bits
}

// fbits is the number of fraction bits of a scalar instruction.
func (c conversion) fbits(in decode.Inst) int {
	if !c.fixed {
		return 0
	}
	return 64 - int(in.F('i'))
}

// pack is the third word of softfloat's operation.
func (c conversion) pack(mode softfloat.Rounding, wide bool, fbits int) uint64 {
	w := uint64(mode) | uint64(fbits)<<softfloat.FBitsShift
	if c.unsigned {
		w |= softfloat.Unsigned
	}
	if wide {
		w |= softfloat.Wide
	}
	return w
}

// truncSat are the conversions to an integer, which saturate and give zero for a NaN as Arm's do: by
// I64, F64, unsigned.
var truncSat = [2][2][2]ir.Op{
	{{ir.I32TruncSatF32S, ir.I32TruncSatF32U}, {ir.I32TruncSatF64S, ir.I32TruncSatF64U}},
	{{ir.I64TruncSatF32S, ir.I64TruncSatF32U}, {ir.I64TruncSatF64S, ir.I64TruncSatF64U}},
}

// convertInt are the conversions from an integer: by I64, F64, unsigned.
var convertInt = [2][2][2]ir.Op{
	{{ir.F32ConvertI32S, ir.F32ConvertI32U}, {ir.F64ConvertI32S, ir.F64ConvertI32U}},
	{{ir.F32ConvertI64S, ir.F32ConvertI64U}, {ir.F64ConvertI64S, ir.F64ConvertI64U}},
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// toInt converts a to integers: a scalar to t, the elements of a vector to integers of their width.
func (l *lifter) toInt(s shape, a ir.Value, t ir.Type, c conversion, fbits int) ir.Value {
	if l.opt.PreciseFP {
		return l.elements(s, s.elem(), func(x ...ir.Value) ir.Value {
			k := c.pack(c.mode, t == ir.I64, fbits)
			return l.fromBits(l.helperFP(softfloat.ToInt32, s.double, l.bits(x[0]), l.I64(0), l.I64(k)), t)
		}, a)
	}
	if fbits != 0 {
		// exact, unless it overflows to an infinity, which saturates as it should
		a = l.Op(opMul.of(s), a, l.pow2(s, fbits))
	}
	if c.mode != softfloat.RZ {
		a = l.round(s, a, c.mode)
	}
	switch {
	case s.n != 0 && !s.double && c.unsigned:
		return l.Op(ir.I32x4TruncSatF32x4U, a)
	case s.n != 0 && !s.double:
		return l.Op(ir.I32x4TruncSatF32x4S, a)
	}
	op := truncSat[index(t == ir.I64)][index(s.double)][index(c.unsigned)]
	return l.elements(s, ir.F64, func(x ...ir.Value) ir.Value { return l.Op(op, x[0]) }, a)
}

// fromInt converts integers to floating point of shape s: the scalar v, or the elements of the vector v.
func (l *lifter) fromInt(s shape, v ir.Value, c conversion, fbits int) ir.Value {
	wide := s.double
	if s.n == 0 {
		wide = l.Type(v) == ir.I64
	}
	if l.opt.PreciseFP {
		return l.elements(s, typ(wide), func(x ...ir.Value) ir.Value {
			k := c.pack(softfloat.RFPCR, wide, fbits)
			return l.fromBits(l.helperFP(softfloat.FromInt32, s.double, l.ZExt(x[0]), l.I64(0), l.I64(k)), s.elem())
		}, v)
	}
	var r ir.Value
	switch {
	case s.n != 0 && !s.double && c.unsigned:
		r = l.Op(ir.F32x4ConvertI32x4U, v)
	case s.n != 0 && !s.double:
		r = l.Op(ir.F32x4ConvertI32x4S, v)
	default:
		op := convertInt[index(wide)][index(s.double)][index(c.unsigned)]
		r = l.elements(s, ir.I64, func(x ...ir.Value) ir.Value { return l.Op(op, x[0]) }, v)
	}
	if fbits != 0 { // exact: at least 2^-64 in magnitude
		r = l.Op(opMul.of(s), r, l.pow2(s, -fbits))
	}
	return r
}

// The values of the type fields of FCVT.
const (
	typeSingle = 0
	typeDouble = 1
	typeHalf   = 3
)

// cvtOps is softfloat's conversion, by the type converted from and to.
var cvtOps = [4][4]softfloat.Op{
	typeSingle: {typeDouble: softfloat.Cvt32To64, typeHalf: softfloat.Cvt32To16},
	typeDouble: {typeSingle: softfloat.Cvt64To32, typeHalf: softfloat.Cvt64To16},
	typeHalf:   {typeSingle: softfloat.Cvt16To32, typeDouble: softfloat.Cvt16To64},
}

func fcvt(l *lifter, in decode.Inst) {
	switch from, to := in.F('f'), in.F('g'); {
	case l.opt.PreciseFP || from == typeHalf || to == typeHalf:
		l.setV(in.Rd(), l.cvt(cvtOps[from][to], l.v(in.Rn(), ir.I64)))
	case to == typeDouble:
		l.setV(in.Rd(), l.promote(l.v(in.Rn(), ir.F32)))
	default:
		l.setV(in.Rd(), l.demote(l.v(in.Rn(), ir.F64)))
	}
}

// cvt converts the encoding in the low bits of the I64 v between formats, through softfloat.
func (l *lifter) cvt(op softfloat.Op, v ir.Value) ir.Value {
	return l.Helper(HelperFP+ir.Helper(op), v)
}

// promote widens an F32 to F64 in fast code. A NaN keeps its sign and the bits of its
// payload, from the top, and becomes quiet.
func (l *lifter) promote(a ir.Value) ir.Value {
	// shifted so, the sign stands right and its copies under it in the exponent, which is all ones
	nan := l.Or(l.ShrSI(l.ShlI(l.bits(a), 32), 3), l.I64(0x7ff8000000000000))
	return l.Select(l.Op(ir.F32Eq, a, a), l.Op(ir.F64PromoteF32, a), l.Op(ir.F64ReinterpretI64, nan))
}

// demote narrows an F64 to F32 in fast code, NaNs as promote does.
func (l *lifter) demote(a ir.Value) ir.Value {
	bits := l.bits(a)
	sign := l.AndI(l.Wrap(l.ShrUI(bits, 32)), 1<<31)
	nan := l.Or(l.Or(l.AndI(l.Wrap(l.ShrUI(bits, 29)), 1<<31-1), sign), l.I32(0x00400000))
	return l.Select(l.Op(ir.F64Eq, a, a), l.Op(ir.F32DemoteF64, a), l.Op(ir.F32ReinterpretI32, nan))
}
