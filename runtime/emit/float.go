package emit

import (
	"boxer/runtime/ir"
	"boxer/runtime/wasm"
)

// nan repairs the NaN of an operation (ir.NaN1, ir.NaN2). NaNs are rare: the code for them stands in an
// if, on vectors for scalars too.
func (e *fn) nan(in *ir.Inst) {
	c := e.c
	t := in.Type
	var operands []ir.Value
	for _, a := range in.Args[1:] {
		if a != 0 {
			operands = append(operands, a)
		}
	}
	r := e.temp(t)
	e.value(in.Args[0])
	c.LocalTee(r)
	c.LocalGet(r)
	lanes := int(in.Aux)
	double := t == ir.F64 || t == ir.V128 && lanes == 2
	switch t {
	case ir.F64:
		c.Op(wasm.OpF64Ne)
	case ir.F32:
		c.Op(wasm.OpF32Ne)
	default:
		c.Op(wasmOp(neOp(double)))
		c.Op(wasmOp(ir.V128AnyTrue))
	}
	c.If(wasm.BlockEmpty)
	// Operands that are used here only are computed here only.
	e.nanChoice(t, double, r, operands)
	e.endIf()
	e.merged()
	c.LocalGet(r)
}

func neOp(double bool) ir.Op {
	if double {
		return ir.F64x2Ne
	}
	return ir.F32x4Ne
}

// nanChoice sets r, where it is a NaN, to what Arm's FPProcessNaNs gives: the first
// signalling operand made quiet, else the first quiet one, else the default.
func (e *fn) nanChoice(t ir.Type, double bool, r uint32, operands []ir.Value) {
	c := e.c
	quiet, def := uint64(0x0040000000400000), uint64(0x7fc000007fc00000)
	splat, eq := ir.F32x4Splat, ir.I32x4Eq
	if double {
		quiet, def = 0x0008000000000000, 0x7ff8000000000000
		splat, eq = ir.F64x2Splat, ir.I64x2Eq
	}
	res := e.temp(ir.V128)
	var vecs []uint32
	for _, a := range operands {
		v := e.temp(ir.V128)
		e.value(a)
		if t != ir.V128 {
			c.Op(wasmOp(splat))
		}
		c.LocalSet(v)
		vecs = append(vecs, v)
	}
	c.V128Const(def, def)
	c.LocalSet(res)
	quieted := func(v uint32) {
		c.LocalGet(v)
		c.V128Const(quiet, quiet)
		c.Op(wasmOp(ir.V128Or))
	}
	isNaN := func(v uint32) {
		c.LocalGet(v)
		c.LocalGet(v)
		c.Op(wasmOp(neOp(double)))
	}
	for _, signalling := range []bool{false, true} {
		for i := len(vecs) - 1; i >= 0; i-- {
			v := vecs[i]
			quieted(v)
			c.LocalGet(res)
			isNaN(v)
			if signalling {
				c.LocalGet(v)
				c.V128Const(quiet, quiet)
				c.Op(wasmOp(ir.V128And))
				c.V128Const(0, 0)
				c.Op(wasmOp(eq))
				c.Op(wasmOp(ir.V128And))
			}
			c.Op(wasmOp(ir.V128Bitselect))
			c.LocalSet(res)
		}
	}
	c.LocalGet(res)
	switch t {
	case ir.F64:
		c.Lane(wasmOp(ir.F64x2ExtractLane), 0)
	case ir.F32:
		c.Lane(wasmOp(ir.F32x4ExtractLane), 0)
	default:
		c.LocalGet(r)
		isNaN(r)
		c.Op(wasmOp(ir.V128Bitselect))
	}
	c.LocalSet(r)
}

// fma writes a fused multiply-add.
func (e *fn) fma(in *ir.Inst) {
	if e.conf.Profile.RelaxedMadd {
		e.relaxedMadd(in)
		return
	}
	var args [3]func()
	for i, a := range in.Args {
		if in.Type == ir.V128 {
			args[i] = e.again(a)
		} else {
			args[i] = func() { e.value(a) }
		}
	}
	e.fmaCalls(in, args)
}

// relaxedMadd uses the engine's own. Which NaN that gives is the machine's choice: where there is one the
// module's functions are called, which then only call the helper.
func (e *fn) relaxedMadd(in *ir.Inst) {
	c := e.c
	double := in.Type == ir.F64 || in.Type == ir.V128 && in.Aux == 2
	madd := wasm.OpF32x4RelaxedMadd
	if double {
		madd = wasm.OpF64x2RelaxedMadd
	}
	r := e.temp(in.Type)
	var args [3]func()
	for i, a := range in.Args {
		args[i] = e.again(a)
	}
	for _, push := range args {
		push()
		switch in.Type {
		case ir.F64:
			c.Op(wasm.OpF64x2Splat)
		case ir.F32:
			c.Op(wasm.OpF32x4Splat)
		}
	}
	c.Op(madd)
	switch in.Type {
	case ir.F64:
		c.Lane(wasm.OpF64x2ExtractLane, 0)
		c.LocalTee(r)
		c.LocalGet(r)
		c.Op(wasm.OpF64Ne)
	case ir.F32:
		c.Lane(wasm.OpF32x4ExtractLane, 0)
		c.LocalTee(r)
		c.LocalGet(r)
		c.Op(wasm.OpF32Ne)
	default:
		c.LocalTee(r)
		c.LocalGet(r)
		c.Op(wasmOp(neOp(double)))
		c.Op(wasm.OpV128AnyTrue)
	}
	c.If(wasm.BlockEmpty)
	e.fmaCalls(in, args)
	c.LocalSet(r)
	e.endIf()
	c.LocalGet(r)
}

// fmaCalls calls the module's function for each lane of args.
func (e *fn) fmaCalls(in *ir.Inst, args [3]func()) {
	c := e.c
	switch {
	case in.Type == ir.F64 || in.Type == ir.F32:
		for _, push := range args {
			push()
		}
		c.Call(e.fmaFunc(in.Type == ir.F64))
	default:
		double := in.Aux == 2
		extract, replace := wasmOp(ir.F32x4ExtractLane), wasmOp(ir.F32x4ReplaceLane)
		if double {
			extract, replace = wasmOp(ir.F64x2ExtractLane), wasmOp(ir.F64x2ReplaceLane)
		}
		c.V128Const(0, 0)
		for lane := range in.Aux {
			for _, push := range args {
				push()
				c.Lane(extract, lane)
			}
			c.Call(e.fmaFunc(double))
			c.Lane(replace, lane)
		}
	}
}

// fmaFunc returns the function (x, y, z) → x·y+z of the module, rounded once.
func (m *module) fmaFunc(double bool) uint32 {
	slot, t := &m.fma32, wasm.F32
	if double {
		slot, t = &m.fma64, wasm.F64
	}
	if *slot == 0 {
		*slot = m.mod.Func(m.mod.FuncType([]wasm.ValType{t, t, t}, []wasm.ValType{t}))
	}
	return *slot
}

// fmaBodies writes the bodies of the functions that fmaFunc promised.
func (m *module) fmaBodies() {
	for _, f := range []struct {
		index uint32
		body  func()
		help  ir.Helper
		t     wasm.ValType
	}{{m.fma32, m.fma32Body, m.conf.FMA32, wasm.F32}, {m.fma64, m.fma64Body, m.conf.FMA64, wasm.F64}} {
		switch {
		case f.index == 0:
		case m.conf.Profile.RelaxedMadd:
			m.code.Reset(3)
			m.fmaHelper(&m.code, f.help, f.t)
			m.body(f.index, &m.code)
		default:
			f.body()
		}
	}
}

// fma32Body: the product of two floats is exact as a double. The sum is
// rounded to odd in double, then to float: two more bits than needed make that exact (Boldo and
// Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
func (m *module) fma32Body() {
	c := &m.code
	c.Reset(3)
	p, z, s := c.AddLocal(wasm.F64), c.AddLocal(wasm.F64), c.AddLocal(wasm.F64)
	promote := func(l uint32) { c.LocalGet(l); c.Op(wasm.OpF64PromoteF32) }
	promote(0)
	promote(1)
	c.Op(wasm.OpF64Mul)
	c.LocalSet(p)
	promote(2)
	c.LocalSet(z)
	c.LocalGet(p)
	c.LocalGet(z)
	c.Op(wasm.OpF64Add)
	c.LocalTee(s)
	c.LocalGet(s)
	c.Op(wasm.OpF64Ne)
	c.If(wasm.BlockEmpty)
	m.fmaHelper(c, m.conf.FMA32, wasm.F32)
	c.Op(wasm.OpReturn)
	c.End()
	// an infinity has no rounding error
	c.LocalGet(s)
	c.Op(wasm.OpF64Abs)
	c.F64Const(0x7ff0000000000000)
	c.Op(wasm.OpF64Lt)
	c.If(wasm.BlockEmpty)
	m.roundToOdd(c, p, z, s)
	c.End()
	c.LocalGet(s)
	c.Op(wasm.OpF32DemoteF64)
	m.body(m.fma32, c)
}

// roundToOdd turns s, the rounded sum x+y, into the sum rounded to odd.
func (m *module) roundToOdd(c *wasm.Code, x, y, s uint32) {
	err, b := c.AddLocal(wasm.F64), c.AddLocal(wasm.I64)
	m.sumError(c, x, y, s)
	c.LocalTee(err)
	c.F64Const(0)
	c.Op(wasm.OpF64Ne)
	c.LocalGet(s)
	c.Op(wasm.OpI64ReinterpretF64)
	c.LocalTee(b)
	c.Op(wasm.OpI32WrapI64)
	c.I32Const(1)
	c.Op(wasm.OpI32And)
	c.Op(wasm.OpI32Eqz)
	c.Op(wasm.OpI32And)
	c.If(wasm.BlockEmpty)
	// one step towards the error: away from zero if the signs agree
	c.LocalGet(b)
	c.I64Const(1)
	c.I64Const(-1)
	c.LocalGet(err)
	c.Op(wasm.OpI64ReinterpretF64)
	c.LocalGet(b)
	c.Op(wasm.OpI64Xor)
	c.I64Const(0)
	c.Op(wasm.OpI64GeS)
	c.Op(wasm.OpSelect)
	c.Op(wasm.OpI64Add)
	c.Op(wasm.OpF64ReinterpretI64)
	c.LocalSet(s)
	c.End()
}

// sumError pushes x + y − s exactly, for s the rounded sum (Knuth's TwoSum).
func (m *module) sumError(c *wasm.Code, x, y, s uint32) {
	b := c.AddLocal(wasm.F64)
	c.LocalGet(s)
	c.LocalGet(x)
	c.Op(wasm.OpF64Sub)
	c.LocalSet(b)
	c.LocalGet(x)
	c.LocalGet(s)
	c.LocalGet(b)
	c.Op(wasm.OpF64Sub)
	c.Op(wasm.OpF64Sub)
	c.LocalGet(y)
	c.LocalGet(b)
	c.Op(wasm.OpF64Sub)
	c.Op(wasm.OpF64Add)
}

// fmaHelper calls the helper with the three parameters and leaves its result.
func (m *module) fmaHelper(c *wasm.Code, h ir.Helper, t wasm.ValType) {
	c.I32Const(int32(h))
	for l := range uint32(3) {
		c.LocalGet(l)
		if t == wasm.F32 {
			c.Op(wasm.OpI32ReinterpretF32)
			c.Op(wasm.OpI64ExtendI32U)
		} else {
			c.Op(wasm.OpI64ReinterpretF64)
		}
	}
	c.Call(m.helper)
	if t == wasm.F32 {
		c.Op(wasm.OpI32WrapI64)
		c.Op(wasm.OpF32ReinterpretI32)
	} else {
		c.Op(wasm.OpF64ReinterpretI64)
	}
}

// fma64Body: Dekker's exact product, two exact sums, the small parts added with rounding
// to odd (Boldo and Melquiond). Operands near the ends of the exponent range, where a step would overflow or
// lose bits, go to the helper; so do NaNs.
func (m *module) fma64Body() {
	c := &m.code
	c.Reset(3)
	const x, y, z = 0, 1, 2
	f64 := func() uint32 { return c.AddLocal(wasm.F64) }
	p := f64()
	get := c.LocalGet
	op := c.Op
	bound := func(l uint32, bits uint64, cmp wasm.Op) {
		get(l)
		op(wasm.OpF64Abs)
		c.F64Const(bits)
		op(cmp)
	}
	const twoTo = 1 << 52
	pow2 := func(e int) uint64 { return uint64(1023+e) * twoTo }
	get(x)
	get(y)
	op(wasm.OpF64Mul)
	c.LocalSet(p)
	bound(p, pow2(-900), wasm.OpF64Ge)
	bound(p, pow2(1000), wasm.OpF64Le)
	op(wasm.OpI32And)
	bound(z, pow2(1000), wasm.OpF64Le)
	op(wasm.OpI32And)
	bound(x, pow2(990), wasm.OpF64Le)
	op(wasm.OpI32And)
	bound(y, pow2(990), wasm.OpF64Le)
	op(wasm.OpI32And)
	op(wasm.OpI32Eqz)
	c.If(wasm.BlockEmpty)
	{
		// An exact zero product is common: then the sum is right as it is.
		zero := func(l uint32) { get(l); c.F64Const(0); op(wasm.OpF64Eq) }
		zero(x)
		zero(y)
		op(wasm.OpI32Or)
		get(p)
		get(z)
		op(wasm.OpF64Add)
		c.LocalTee(p)
		get(p)
		op(wasm.OpF64Eq)
		op(wasm.OpI32And)
		c.If(wasm.BlockEmpty)
		get(p)
		op(wasm.OpReturn)
		c.End()
		m.fmaHelper(c, m.conf.FMA64, wasm.F64)
		op(wasm.OpReturn)
	}
	c.End()
	// Veltkamp's split: l = h + (l−h), each of at most 26 bits.
	split := func(l uint32) (h, low uint32) {
		h, low = f64(), f64()
		t := f64()
		get(l)
		c.F64Const(0x41a0000002000000) // 2^27 + 1
		op(wasm.OpF64Mul)
		c.LocalTee(t)
		get(t)
		get(l)
		op(wasm.OpF64Sub)
		op(wasm.OpF64Sub)
		c.LocalSet(h)
		get(l)
		get(h)
		op(wasm.OpF64Sub)
		c.LocalSet(low)
		return h, low
	}
	xh, xl := split(x)
	yh, yl := split(y)
	mul := func(a, b uint32) { get(a); get(b); op(wasm.OpF64Mul) }
	e := f64()
	mul(xh, yh)
	get(p)
	op(wasm.OpF64Sub)
	mul(xh, yl)
	op(wasm.OpF64Add)
	mul(xl, yh)
	op(wasm.OpF64Add)
	mul(xl, yl)
	op(wasm.OpF64Add)
	c.LocalSet(e) // x·y = p + e
	sum := func(a, b uint32) (s, err uint32) {
		s, err = f64(), f64()
		get(a)
		get(b)
		op(wasm.OpF64Add)
		c.LocalSet(s)
		m.sumError(c, a, b, s)
		c.LocalSet(err)
		return s, err
	}
	th, tl := sum(z, e)
	vh, vl := sum(p, th)
	s := f64()
	get(tl)
	get(vl)
	op(wasm.OpF64Add)
	c.LocalSet(s)
	m.roundToOdd(c, tl, vl, s)
	get(vh)
	get(s)
	op(wasm.OpF64Add)
	m.body(m.fma64, c)
}
