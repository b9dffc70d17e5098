package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// Floating-point operands, and the ways to compute with them: what follows lets the
// files fp_*.go and simd_fp_*.go say each operation once, for scalars and vectors, in fast and
// in precise code.

// shape is how an instruction arranges its floating-point operands: n elements of a
// vector (2 or 4), or with n = 0 a scalar.
type shape struct {
	double bool
	n      int
}

// scalarShape is the shape of a scalar instruction, whose size is bit 22.
func scalarShape(in decode.Inst) shape { return shape{double: in.Bit(22)} }

// vectorShape is the shape of a vector instruction, whose size is bit 22.
func vectorShape(in decode.Inst) shape {
	switch {
	case in.Bit(22):
		return shape{true, 2}
	case in.Q():
		return shape{false, 4}
	}
	return shape{false, 2}
}

// typ is the IR type of an operand.
func (s shape) typ() ir.Type {
	switch {
	case s.n != 0:
		return ir.V128
	case s.double:
		return ir.F64
	}
	return ir.F32
}

// elem is the type of an element.
func (s shape) elem() ir.Type { return shape{double: s.double}.typ() }

// lanes is how the IR counts the elements: those of a whole register, or 0.
func (s shape) lanes() int {
	switch {
	case s.n == 0:
		return 0
	case s.double:
		return 2
	}
	return 4
}

// whole reports whether a vector fills its register.
func (s shape) whole() bool { return s.double || s.n == 4 }

// fpOp is an operation of Wasm for F32, F64, F32x4 and F64x2.
type fpOp [4]ir.Op

// of is the operation for operands of shape s.
func (op fpOp) of(s shape) ir.Op {
	i := 0
	if s.double {
		i = 1
	}
	if s.n != 0 {
		i += 2
	}
	return op[i]
}

// fp reads register n.
func (l *lifter) fp(n uint32, s shape) ir.Value { return l.v(n, s.typ()) }

// setFP writes v to register n; what lies above it becomes zero. A scalar may be an
// integer of the same width.
func (l *lifter) setFP(n uint32, s shape, v ir.Value) {
	if s.n != 0 {
		l.setVQ(n, v, s.whole())
		return
	}
	l.setV(n, v)
}

// splat is the constant whose every element has the bits single or double.
func (l *lifter) splat(s shape, single uint32, double uint64) ir.Value {
	switch {
	case s.n == 0 && s.double:
		return l.F64Bits(double)
	case s.n == 0:
		return l.F32Bits(single)
	case s.double:
		return l.V128(double, double)
	}
	w := uint64(single) | uint64(single)<<32
	return l.V128(w, w)
}

func (l *lifter) zero(s shape) ir.Value { return l.splat(s, 0, 0) }

// pow2 is the constant 2^e.
func (l *lifter) pow2(s shape, e int) ir.Value {
	return l.splat(s, uint32(127+e)<<23, uint64(1023+e)<<52)
}

// bits gives a scalar's encoding as an I64.
func (l *lifter) bits(v ir.Value) ir.Value {
	switch l.Type(v) {
	case ir.F64:
		return l.Op(ir.I64ReinterpretF64, v)
	case ir.F32:
		v = l.Op(ir.I32ReinterpretF32, v)
	}
	return l.ZExt(v)
}

// fromBits gives the low bits of the I64 v as a scalar of type t.
func (l *lifter) fromBits(v ir.Value, t ir.Type) ir.Value {
	switch t {
	case ir.F64:
		return l.Op(ir.F64ReinterpretI64, v)
	case ir.F32:
		return l.Op(ir.F32ReinterpretI32, l.Wrap(v))
	case ir.I32:
		return l.Wrap(v)
	}
	return v
}

// extract takes element i of vector v as a scalar of type t.
func (l *lifter) extract(v ir.Value, i int, t ir.Type) ir.Value {
	op := ir.F32x4ExtractLane
	switch t {
	case ir.F64:
		op = ir.F64x2ExtractLane
	case ir.I32:
		op = ir.I32x4ExtractLane
	case ir.I64:
		op = ir.I64x2ExtractLane
	}
	return l.Lane(op, i, v)
}

// insert makes the scalar x element i of vector v.
func (l *lifter) insert(v ir.Value, i int, x ir.Value) ir.Value {
	op := ir.F32x4ReplaceLane
	switch l.Type(x) {
	case ir.F64:
		op = ir.F64x2ReplaceLane
	case ir.I32:
		op = ir.I32x4ReplaceLane
	case ir.I64:
		op = ir.I64x2ReplaceLane
	}
	return l.Lane(op, i, v, x)
}

// elements applies f to scalars: to x themselves, or to the elements of the vectors x in
// turn, taken as t. The results stand in a vector over zeros.
func (l *lifter) elements(s shape, t ir.Type, f func(x ...ir.Value) ir.Value, x ...ir.Value) ir.Value {
	if s.n == 0 {
		return f(x...)
	}
	r := l.V128(0, 0)
	var e [3]ir.Value
	for i := range s.n {
		for j, v := range x {
			e[j] = l.extract(v, i, t)
		}
		r = l.insert(r, i, f(e[:len(x)]...))
	}
	return r
}

// helperFP calls softfloat for scalars: op is of singles, the one after it of doubles.
func (l *lifter) helperFP(op softfloat.Op, double bool, args ...ir.Value) ir.Value {
	if double {
		op++
	}
	return l.Helper(HelperFP+ir.Helper(op), args...)
}

// soft performs op through softfloat, element by element; op is of singles, the one
// after it of doubles.
func (l *lifter) soft(op softfloat.Op, s shape, x ...ir.Value) ir.Value {
	return l.elements(s, s.elem(), func(x ...ir.Value) ir.Value {
		var args [3]ir.Value
		for i, v := range x {
			args[i] = l.bits(v)
		}
		return l.fromBits(l.helperFP(op, s.double, args[:len(x)]...), s.elem())
	}, x...)
}

// choose is x where mask is set, else y. For scalars mask is an I32, zero or not.
func (l *lifter) choose(s shape, mask, x, y ir.Value) ir.Value {
	if s.n == 0 {
		return l.Select(mask, x, y)
	}
	return l.Op(ir.V128Bitselect, x, y, mask)
}

// An fp1 and an fp2 are operations on elements with one and two operands.
type (
	fp1 func(l *lifter, s shape, a ir.Value) ir.Value
	fp2 func(l *lifter, s shape, a, b ir.Value) ir.Value
)

// lift1 and lift2 make the lifting function of an operation whose operands are Rn and Rm.
func lift1(shape func(decode.Inst) shape, f fp1) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setFP(in.Rd(), s, f(l, s, l.fp(in.Rn(), s)))
	}
}

func lift2(shape func(decode.Inst) shape, f fp2) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setFP(in.Rd(), s, f(l, s, l.fp(in.Rn(), s), l.fp(in.Rm(), s)))
	}
}
