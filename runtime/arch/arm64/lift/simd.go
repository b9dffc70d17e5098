package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Advanced SIMD on integers: what the files simd_*.go share. An operation is a function
// from vectors to a vector; it computes whole registers, and vec says how much of its
// result counts. So one function serves both arrangements and the scalar form.

// vec is the part of a register that an instruction works on, and its elements.
type vec struct {
	size uint32 // log2 of an element's bytes, 0 to 3
	bits uint   // that count, from the bottom: 128, 64, or one element's (scalar forms)
}

// vectorOf is the arrangement that bits 23:22 and Q name.
func vectorOf(in decode.Inst) vec { return vec{in.Size(), vecBits(in.Q())} }

// scalarOf is one element of the size that bits 23:22 name.
func scalarOf(in decode.Inst) vec { return vec{in.Size(), 8 << in.Size()} }

func vecBits(q bool) uint {
	if q {
		return 128
	}
	return 64
}

// width is an element's, in bits.
func (s vec) width() uint { return 8 << s.size }

// count is the number of elements.
func (s vec) count() int { return int(s.bits / s.width()) }

// long is the arrangement of elements twice as wide: a whole register, or a scalar.
func (s vec) long() vec {
	if s.bits == s.width() && s.size < 3 {
		return vec{s.size + 1, 2 * s.bits}
	}
	return vec{s.size + 1, 128}
}

// The functions that compute the result of an instruction.
type (
	vecFunc1 func(l *lifter, s vec, a ir.Value) ir.Value
	vecFunc2 func(l *lifter, s vec, a, b ir.Value) ir.Value
	vecFunc3 func(l *lifter, s vec, d, a, b ir.Value) ir.Value
)

// vec1 lifts Rd = f(Rn), on the elements that shape finds; likewise vec2 with Rm,
// and vec3, whose d is Rd.
func vec1(shape func(decode.Inst) vec, f vecFunc1) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setVec(in.Rd(), s, f(l, s, l.vec(in.Rn())))
	}
}

func vec2(shape func(decode.Inst) vec, f vecFunc2) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setVec(in.Rd(), s, f(l, s, l.vec(in.Rn()), l.vec(in.Rm())))
	}
}

func vec3(shape func(decode.Inst) vec, f vecFunc3) liftFunc {
	return func(l *lifter, in decode.Inst) {
		s := shape(in)
		l.setVec(in.Rd(), s, f(l, s, l.vec(in.Rd()), l.vec(in.Rn()), l.vec(in.Rm())))
	}
}

// accumulateVec adds the result of f to Rd, or subtracts it.
func accumulateVec(op laneOp, f vecFunc2) vecFunc3 {
	return func(l *lifter, s vec, d, a, b ir.Value) ir.Value { return l.Op(op[s.size], d, f(l, s, a, b)) }
}

// vec reads a whole SIMD&FP register.
func (l *lifter) vec(n uint32) ir.Value { return l.v(n, ir.V128) }

// setVec writes the part of v that counts to register n, with zeros above.
func (l *lifter) setVec(n uint32, s vec, v ir.Value) {
	switch s.bits {
	case 32:
		v = l.Lane(ir.I32x4ExtractLane, 0, v)
	case 16:
		v = l.Lane(ir.I16x8ExtractLaneU, 0, v)
	case 8:
		v = l.Lane(ir.I8x16ExtractLaneU, 0, v)
	case 64:
		l.setVQ(n, v, false)
		return
	}
	l.setV(n, v)
}

// saturated notes in FPSR, in precise code, that an element of shape s saturated: one
// where mask has a bit set. Fast code drops mask.
func (l *lifter) saturated(s vec, mask ir.Value) {
	if !l.opt.PreciseFP {
		return
	}
	switch s.bits {
	case 128:
		mask = l.Op(ir.V128AnyTrue, mask)
	case 64:
		mask = l.Lane(ir.I64x2ExtractLane, 0, mask)
	case 32:
		mask = l.Lane(ir.I32x4ExtractLane, 0, mask)
	case 16:
		mask = l.Lane(ir.I16x8ExtractLaneU, 0, mask)
	case 8:
		mask = l.Lane(ir.I8x16ExtractLaneU, 0, mask)
	}
	l.Helper(HelperSetQC, l.ZExt(mask))
}

// laneOp is an operation for each size of elements; zero where Wasm has none.
type laneOp [4]ir.Op

var (
	vAdd  = laneOp{ir.I8x16Add, ir.I16x8Add, ir.I32x4Add, ir.I64x2Add}
	vSub  = laneOp{ir.I8x16Sub, ir.I16x8Sub, ir.I32x4Sub, ir.I64x2Sub}
	vNeg  = laneOp{ir.I8x16Neg, ir.I16x8Neg, ir.I32x4Neg, ir.I64x2Neg}
	vAbs  = laneOp{ir.I8x16Abs, ir.I16x8Abs, ir.I32x4Abs, ir.I64x2Abs}
	vEq   = laneOp{ir.I8x16Eq, ir.I16x8Eq, ir.I32x4Eq, ir.I64x2Eq}
	vNe   = laneOp{ir.I8x16Ne, ir.I16x8Ne, ir.I32x4Ne, ir.I64x2Ne}
	vGtS  = laneOp{ir.I8x16GtS, ir.I16x8GtS, ir.I32x4GtS, ir.I64x2GtS}
	vGeS  = laneOp{ir.I8x16GeS, ir.I16x8GeS, ir.I32x4GeS, ir.I64x2GeS}
	vLtS  = laneOp{ir.I8x16LtS, ir.I16x8LtS, ir.I32x4LtS, ir.I64x2LtS}
	vLeS  = laneOp{ir.I8x16LeS, ir.I16x8LeS, ir.I32x4LeS, ir.I64x2LeS}
	vGtU  = laneOp{ir.I8x16GtU, ir.I16x8GtU, ir.I32x4GtU, 0}
	vGeU  = laneOp{ir.I8x16GeU, ir.I16x8GeU, ir.I32x4GeU, 0}
	vMinS = laneOp{ir.I8x16MinS, ir.I16x8MinS, ir.I32x4MinS, 0}
	vMinU = laneOp{ir.I8x16MinU, ir.I16x8MinU, ir.I32x4MinU, 0}
	vMaxS = laneOp{ir.I8x16MaxS, ir.I16x8MaxS, ir.I32x4MaxS, 0}
	vMaxU = laneOp{ir.I8x16MaxU, ir.I16x8MaxU, ir.I32x4MaxU, 0}
	vShl  = laneOp{ir.I8x16Shl, ir.I16x8Shl, ir.I32x4Shl, ir.I64x2Shl}
	vShrS = laneOp{ir.I8x16ShrS, ir.I16x8ShrS, ir.I32x4ShrS, ir.I64x2ShrS}
	vShrU = laneOp{ir.I8x16ShrU, ir.I16x8ShrU, ir.I32x4ShrU, ir.I64x2ShrU}

	vSplat   = laneOp{ir.I8x16Splat, ir.I16x8Splat, ir.I32x4Splat, ir.I64x2Splat}
	vExtract = laneOp{ir.I8x16ExtractLaneU, ir.I16x8ExtractLaneU, ir.I32x4ExtractLane, ir.I64x2ExtractLane}
	vReplace = laneOp{ir.I8x16ReplaceLane, ir.I16x8ReplaceLane, ir.I32x4ReplaceLane, ir.I64x2ReplaceLane}

	// By the size of the narrow elements.
	vExtendLowS    = laneOp{ir.I16x8ExtendLowI8x16S, ir.I32x4ExtendLowI16x8S, ir.I64x2ExtendLowI32x4S}
	vExtendLowU    = laneOp{ir.I16x8ExtendLowI8x16U, ir.I32x4ExtendLowI16x8U, ir.I64x2ExtendLowI32x4U}
	vExtendHighS   = laneOp{ir.I16x8ExtendHighI8x16S, ir.I32x4ExtendHighI16x8S, ir.I64x2ExtendHighI32x4S}
	vExtendHighU   = laneOp{ir.I16x8ExtendHighI8x16U, ir.I32x4ExtendHighI16x8U, ir.I64x2ExtendHighI32x4U}
	vExtmulLowS    = laneOp{ir.I16x8ExtmulLowI8x16S, ir.I32x4ExtmulLowI16x8S, ir.I64x2ExtmulLowI32x4S}
	vExtmulLowU    = laneOp{ir.I16x8ExtmulLowI8x16U, ir.I32x4ExtmulLowI16x8U, ir.I64x2ExtmulLowI32x4U}
	vExtmulHighS   = laneOp{ir.I16x8ExtmulHighI8x16S, ir.I32x4ExtmulHighI16x8S, ir.I64x2ExtmulHighI32x4S}
	vExtmulHighU   = laneOp{ir.I16x8ExtmulHighI8x16U, ir.I32x4ExtmulHighI16x8U, ir.I64x2ExtmulHighI32x4U}
	vExtaddPairedS = laneOp{ir.I16x8ExtaddPairwiseI8x16S, ir.I32x4ExtaddPairwiseI16x8S}
	vExtaddPairedU = laneOp{ir.I16x8ExtaddPairwiseI8x16U, ir.I32x4ExtaddPairwiseI16x8U}
)

// direct1 and direct2 are operations that Wasm has as they are.
func direct1(op laneOp) vecFunc1 {
	return func(l *lifter, s vec, a ir.Value) ir.Value { return l.Op(op[s.size], a) }
}

func direct2(op laneOp) vecFunc2 {
	return func(l *lifter, s vec, a, b ir.Value) ir.Value { return l.Op(op[s.size], a, b) }
}

// each is the vector whose elements are all v.
func (l *lifter) each(size uint32, v uint64) ir.Value {
	for n := uint(8) << size; n < 64; n *= 2 {
		v = v&(1<<n-1) | v<<n
	}
	return l.V128(v, v)
}

// most is the vector of the largest signed elements, least of the smallest.
func (l *lifter) most(size uint32) ir.Value  { return l.each(size, 1<<(8<<size-1)-1) }
func (l *lifter) least(size uint32) ir.Value { return l.each(size, 1<<(8<<size-1)) }

// shlVec, shrVec and sarVec shift each element by n, which may be its width: left, right and right
// with the sign. (Wasm counts modulo the width.)
func (l *lifter) shlVec(size uint32, a ir.Value, n uint) ir.Value {
	return l.shiftVec(vShl, size, a, n)
}

func (l *lifter) shrVec(size uint32, a ir.Value, n uint) ir.Value {
	return l.shiftVec(vShrU, size, a, n)
}

func (l *lifter) sarVec(size uint32, a ir.Value, n uint) ir.Value {
	if n >= 8<<size-1 && (size == 0 || size == 3) { // one instruction of x86 where the shift takes several
		return l.Op(vLtS[size], a, l.V128(0, 0))
	}
	return l.shiftVec(vShrS, size, a, min(n, 8<<size-1))
}

func (l *lifter) shiftVec(op laneOp, size uint32, a ir.Value, n uint) ir.Value {
	switch {
	case n == 0:
		return a
	case n >= 8<<size:
		return l.V128(0, 0)
	}
	return l.Op(op[size], a, l.I32(uint32(n)))
}

// extend widens the low or the high half of a's elements, which have the given size.
func (l *lifter) extend(size uint32, a ir.Value, high, signed bool) ir.Value {
	op := &vExtendLowU
	switch {
	case high && signed:
		op = &vExtendHighS
	case high:
		op = &vExtendHighU
	case signed:
		op = &vExtendLowS
	}
	return l.Op(op[size], a)
}

// arrange makes the vector whose i-th element, of s.count(), is element pick(i) of those of a and
// b together. In 64-bit arrangements the upper half is of no account.
func (l *lifter) arrange(s vec, a, b ir.Value, pick func(i int) int) ir.Value {
	var mask [16]byte
	n, bytes := s.count(), 1<<s.size
	for i := range n {
		from := pick(i)
		at := from * bytes
		if from >= n {
			at = 16 + (from-n)*bytes
		}
		for k := range bytes {
			mask[i*bytes+k] = byte(at + k)
		}
	}
	return l.Shuffle(a, b, mask)
}

// dupElement makes all elements that of index i.
func (l *lifter) dupElement(size uint32, a ir.Value, i uint32) ir.Value {
	return l.arrange(vec{size, 128}, a, a, func(int) int { return int(i) })
}

// merge takes the bits of x where mask has ones, else those of y.
func (l *lifter) merge(mask, x, y ir.Value) ir.Value { return l.Op(ir.V128Bitselect, x, y, mask) }

func (l *lifter) andVec(a, b ir.Value) ir.Value { return l.Op(ir.V128And, a, b) }
func (l *lifter) orVec(a, b ir.Value) ir.Value  { return l.Op(ir.V128Or, a, b) }
func (l *lifter) xorVec(a, b ir.Value) ir.Value { return l.Op(ir.V128Xor, a, b) }
