package lift

import (
	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// The arithmetic that scalar and vector instructions share, named as in the pseudocode of
// the Arm ARM (J1.3). Fast code computes with Wasm's operations, which round to nearest and
// keep subnormals, as Arm does while FPCR is zero; only their NaNs need repair.

// arith2 is an operation that Wasm has.
func arith2(fast fpOp, op softfloat.Op) fp2 {
	return func(l *lifter, s shape, a, b ir.Value) ir.Value {
		if l.opt.PreciseFP {
			return l.soft(op, s, a, b)
		}
		return l.NaN2(l.Op(fast.of(s), a, b), a, b, s.lanes())
	}
}

// soft1 and soft2 are operations too rare to be worth Wasm code of their own.
func soft1(op softfloat.Op) fp1 {
	return func(l *lifter, s shape, a ir.Value) ir.Value { return l.soft(op, s, a) }
}

func soft2(op softfloat.Op) fp2 {
	return func(l *lifter, s shape, a, b ir.Value) ir.Value { return l.soft(op, s, a, b) }
}

var (
	opAdd   = fpOp{ir.F32Add, ir.F64Add, ir.F32x4Add, ir.F64x2Add}
	opSub   = fpOp{ir.F32Sub, ir.F64Sub, ir.F32x4Sub, ir.F64x2Sub}
	opMul   = fpOp{ir.F32Mul, ir.F64Mul, ir.F32x4Mul, ir.F64x2Mul}
	opDiv   = fpOp{ir.F32Div, ir.F64Div, ir.F32x4Div, ir.F64x2Div}
	opMax   = fpOp{ir.F32Max, ir.F64Max, ir.F32x4Max, ir.F64x2Max}
	opMin   = fpOp{ir.F32Min, ir.F64Min, ir.F32x4Min, ir.F64x2Min}
	opAbs   = fpOp{ir.F32Abs, ir.F64Abs, ir.F32x4Abs, ir.F64x2Abs}
	opNeg   = fpOp{ir.F32Neg, ir.F64Neg, ir.F32x4Neg, ir.F64x2Neg}
	opSqrt  = fpOp{ir.F32Sqrt, ir.F64Sqrt, ir.F32x4Sqrt, ir.F64x2Sqrt}
	opCeil  = fpOp{ir.F32Ceil, ir.F64Ceil, ir.F32x4Ceil, ir.F64x2Ceil}
	opFloor = fpOp{ir.F32Floor, ir.F64Floor, ir.F32x4Floor, ir.F64x2Floor}
	opTrunc = fpOp{ir.F32Trunc, ir.F64Trunc, ir.F32x4Trunc, ir.F64x2Trunc}
	opNear  = fpOp{ir.F32Nearest, ir.F64Nearest, ir.F32x4Nearest, ir.F64x2Nearest}
	opEq    = fpOp{ir.F32Eq, ir.F64Eq, ir.F32x4Eq, ir.F64x2Eq}
	opGe    = fpOp{ir.F32Ge, ir.F64Ge, ir.F32x4Ge, ir.F64x2Ge}
	opGt    = fpOp{ir.F32Gt, ir.F64Gt, ir.F32x4Gt, ir.F64x2Gt}
)

var (
	fpAdd = arith2(opAdd, softfloat.Add32)
	fpSub = arith2(opSub, softfloat.Sub32)
	fpMul = arith2(opMul, softfloat.Mul32)
	fpMax = arith2(opMax, softfloat.Max32)
	fpMin = arith2(opMin, softfloat.Min32)

	fpMaxNum = number(opMax, softfloat.MaxNum32)
	fpMinNum = number(opMin, softfloat.MinNum32)

	fpEQ = compare(opEq, softfloat.CmpEQ32)
	fpGE = compare(opGe, softfloat.CmpGE32)
	fpGT = compare(opGt, softfloat.CmpGT32)

	fpMulX          = soft2(softfloat.MulX32)
	fpRecipStep     = soft2(softfloat.RecipStep32)
	fpRSqrtStep     = soft2(softfloat.RSqrtStep32)
	fpRecipEstimate = soft1(softfloat.RecipEstimate32)
	fpRSqrtEstimate = soft1(softfloat.RSqrtEstimate32)
	fpRecpX         = soft1(softfloat.RecpX32)
)

var divide = arith2(opDiv, softfloat.Div32)

// fpDiv divides. In half a register the upper half is mostly 0/0, whose NaNs would be
// repaired for nothing, so there the elements are taken one by one.
func fpDiv(l *lifter, s shape, a, b ir.Value) ir.Value {
	if s.n == 0 || s.whole() {
		return divide(l, s, a, b)
	}
	return l.elements(s, s.elem(), func(x ...ir.Value) ir.Value {
		return divide(l, shape{double: s.double}, x[0], x[1])
	}, a, b)
}

func fpAbs(l *lifter, s shape, a ir.Value) ir.Value {
	return l.Op(opAbs.of(s), a)
}

func fpNeg(l *lifter, s shape, a ir.Value) ir.Value {
	return l.Op(opNeg.of(s), a)
}

func fpSqrt(l *lifter, s shape, a ir.Value) ir.Value {
	if l.opt.PreciseFP {
		return l.soft(softfloat.Sqrt32, s, a)
	}
	return l.NaN1(l.Op(opSqrt.of(s), a), a, s.lanes())
}

// fpNMul negates the product, a NaN's sign too.
func fpNMul(l *lifter, s shape, a, b ir.Value) ir.Value { return fpNeg(l, s, fpMul(l, s, a, b)) }

func fpAbd(l *lifter, s shape, a, b ir.Value) ir.Value { return fpAbs(l, s, fpSub(l, s, a, b)) }

// number makes FPMaxNum of FPMax and FPMinNum of FPMin: a number wins over a quiet NaN. Where
// an operand is a quiet NaN the other is compared with itself. If a NaN comes out even so,
// it is the one that the operands as they were call for.
func number(fast fpOp, op softfloat.Op) fp2 {
	return func(l *lifter, s shape, a, b ir.Value) ir.Value {
		if l.opt.PreciseFP {
			return l.soft(op, s, a, b)
		}
		r := l.Op(fast.of(s), l.choose(s, l.quietNaN(s, a), b, a), l.choose(s, l.quietNaN(s, b), a, b))
		return l.NaN2(r, a, b, s.lanes())
	}
}

// quietNaN tells which elements of a are quiet NaNs, for choose.
func (l *lifter) quietNaN(s shape, a ir.Value) ir.Value {
	const single, double = 0x7fc00000, 0x7ff8000000000000
	switch {
	case s.n == 0 && s.double:
		return l.Eq(l.AndI(l.Op(ir.I64ReinterpretF64, a), double), l.I64(double))
	case s.n == 0:
		return l.Eq(l.AndI(l.Op(ir.I32ReinterpretF32, a), single), l.I32(single))
	}
	eq, m := ir.I32x4Eq, l.splat(s, single, double)
	if s.double {
		eq = ir.I64x2Eq
	}
	return l.Op(eq, l.Op(ir.V128And, a, m), m)
}

// fpMulAdd is acc + a × b with one rounding.
func fpMulAdd(l *lifter, s shape, acc, a, b ir.Value) ir.Value {
	switch {
	case l.opt.PreciseFP:
		return l.soft(softfloat.MulAdd32, s, acc, a, b)
	case s.n == 0 || s.whole():
		return l.FMA(a, b, acc, s.lanes())
	}
	// It is dear: none for the unused half.
	return l.elements(s, s.elem(), func(x ...ir.Value) ir.Value { return l.FMA(x[0], x[1], x[2], 0) }, a, b, acc)
}

// fpRound rounds to an integral value (FRINTN and its kin). exact is FRINTX, which raises inexact.
func fpRound(mode softfloat.Rounding, exact bool) fp1 {
	return func(l *lifter, s shape, a ir.Value) ir.Value {
		if !l.opt.PreciseFP {
			return l.NaN1(l.round(s, a, mode), a, s.lanes())
		}
		c := uint64(mode)
		if exact {
			c |= softfloat.Exact
		}
		return l.elements(s, s.elem(), func(x ...ir.Value) ir.Value {
			return l.fromBits(l.helperFP(softfloat.RoundInt32, s.double, l.bits(x[0]), l.I64(0), l.I64(c)), s.elem())
		}, a)
	}
}

// round rounds to an integral value in fast code; NaNs are not repaired.
func (l *lifter) round(s shape, a ir.Value, mode softfloat.Rounding) ir.Value {
	switch mode {
	case softfloat.RP:
		return l.Op(opCeil.of(s), a)
	case softfloat.RM:
		return l.Op(opFloor.of(s), a)
	case softfloat.RZ:
		return l.Op(opTrunc.of(s), a)
	case softfloat.RA:
		// With t truncated, a − t is exact, and so is t ± 1 where that is a half or more.
		// Where it is less, t ± 0 keeps t and the sign of its zero.
		t := l.Op(opTrunc.of(s), a)
		rest := fpAbs(l, s, l.Op(opSub.of(s), a, t))
		half := l.Op(opGe.of(s), rest, l.pow2(s, -1))
		step := l.copySign(s, l.choose(s, half, l.pow2(s, 0), l.zero(s)), a)
		return l.Op(opAdd.of(s), t, step)
	}
	return l.Op(opNear.of(s), a)
}

// copySign gives the magnitude a, which is not negative, the sign of b.
func (l *lifter) copySign(s shape, a, b ir.Value) ir.Value {
	switch {
	case s.n != 0:
		return l.Op(ir.V128Or, a, l.Op(ir.V128And, b, l.splat(s, 1<<31, 1<<63)))
	case s.double:
		return l.Op(ir.F64Copysign, a, b)
	}
	return l.Op(ir.F32Copysign, a, b)
}

// compare is a comparison whose result is all ones or zero in each element.
func compare(fast fpOp, op softfloat.Op) fp2 {
	return func(l *lifter, s shape, a, b ir.Value) ir.Value {
		if l.opt.PreciseFP {
			return l.soft(op, s, a, b)
		}
		r := l.Op(fast.of(s), a, b)
		switch {
		case s.n != 0:
			return r
		case s.double:
			r = l.ZExt(r)
		}
		return l.Neg(r)
	}
}

// magnitudes is f of absolute values (FACGE, FACGT).
func magnitudes(f fp2) fp2 {
	return func(l *lifter, s shape, a, b ir.Value) ir.Value { return f(l, s, fpAbs(l, s, a), fpAbs(l, s, b)) }
}

// withZero is f of the operand and zero, zeroWith of zero and the operand.
func withZero(f fp2) fp1 {
	return func(l *lifter, s shape, a ir.Value) ir.Value { return f(l, s, a, l.zero(s)) }
}

func zeroWith(f fp2) fp1 {
	return func(l *lifter, s shape, a ir.Value) ir.Value { return f(l, s, l.zero(s), a) }
}
