package ir

// SetFlags makes Flags by comparing x and y (x alone for FlagsLogic and FlagsRaw; z is the
// carry for FlagsAddC) and makes them the block's current ones.
func (b *Builder) SetFlags(k FlagsKind, x, y, z Value) Value {
	v := b.pure(Inst{Op: SetFlags, Type: Flags, Aux: uint8(k), Args: [3]Value{x, y, z}})
	b.setFlags(v)
	return v
}

// SetFlagsIf makes Flags by comparing x and y if cond (an I32) is not zero, else from the
// packed nzcv (bits 31..28).
func (b *Builder) SetFlagsIf(cond Value, k FlagsKind, x, y Value, nzcv uint32) {
	if c, ok := b.Const(cond); ok {
		if c != 0 {
			b.SetFlags(k, x, y, 0)
		} else {
			b.SetFlags(FlagsRaw, b.I32(nzcv), 0, 0)
		}
		return
	}
	b.setFlags(b.pure(Inst{Op: SetFlagsIf, Type: Flags, Aux: uint8(k), Args: [3]Value{x, y, cond}, Imm: uint64(nzcv)}))
}

// setFlags also writes the flags slot; that write is nearly always dead, and then
// the packing goes with it.
func (b *Builder) setFlags(v Value) {
	b.flags = v
	b.Set(b.F.Arch.Flags, b.pure(Inst{Op: NZCV, Type: I32, Args: [3]Value{v}}))
}

// Test evaluates c on the current flags: an I32, 0 or 1.
func (b *Builder) Test(c Cond) Value {
	if c >= AL {
		return b.I32(1)
	}
	b.emit(Inst{Op: UseFlags})
	return b.TestOf(b.currentFlags(), c)
}

func (b *Builder) currentFlags() Value {
	if b.flags == 0 {
		b.flags = b.emit(Inst{Op: LiveFlags, Type: Flags})
	}
	return b.flags
}

// NZCV reads the current flags, packed in bits 31..28 of an I32.
func (b *Builder) NZCV() Value {
	b.emit(Inst{Op: UseFlags})
	return b.pure(Inst{Op: NZCV, Type: I32, Args: [3]Value{b.currentFlags()}})
}

// SetNZCV makes the I32 v (bits 31..28) the current flags.
func (b *Builder) SetNZCV(v Value) { b.SetFlags(FlagsRaw, v, 0, 0) }

// TestOf evaluates c on the Flags value f. Where f's definition is not known yet
// (LiveFlags) it leaves a Test for the pass that finds it.
func (b *Builder) TestOf(f Value, c Cond) Value {
	in := *b.F.Inst(f)
	x, y, z := in.Args[0], in.Args[1], in.Args[2]
	switch in.Op {
	case SetFlags:
		return b.test(FlagsKind(in.Aux), c, x, y, z)
	case SetFlagsIf:
		t := b.test(FlagsKind(in.Aux), c, x, y, 0)
		cond := b.truth(z)
		if c.Holds(uint32(in.Imm)) {
			return b.Or(b.Eqz(cond), t)
		}
		return b.And(cond, t)
	}
	return b.pure(Inst{Op: Test, Type: I32, Aux: uint8(c), Args: [3]Value{f}})
}

// truth makes an I32 exactly 0 or 1.
func (b *Builder) truth(v Value) Value {
	switch in := b.F.Inst(v); in.Op {
	case Test, I32Eqz, I64Eqz, I32Eq, I32Ne, I64Eq, I64Ne, I32LtS, I32LtU, I32GtS, I32GtU, I32LeS, I32LeU, I32GeS, I32GeU,
		I64LtS, I64LtU, I64GtS, I64GtU, I64LeS, I64LeU, I64GeS, I64GeU, F32Eq, F32Ne, F32Lt, F32Gt, F32Le, F32Ge,
		F64Eq, F64Ne, F64Lt, F64Gt, F64Le, F64Ge:
		return v
	}
	return b.Eqz(b.Eqz(v))
}

func (b *Builder) test(k FlagsKind, c Cond, x, y, z Value) Value {
	switch k {
	case FlagsSub:
		return b.testSub(c, x, y)
	case FlagsLogic:
		return b.testLogic(c, x)
	case FlagsFCmp:
		return b.testFCmp(c, x, y)
	case FlagsRaw:
		return b.testRaw(c, x)
	}
	return b.testAdd(c, x, y, z)
}

func (b *Builder) testSub(c Cond, x, y Value) Value {
	zero := b.Int(b.Type(x), 0)
	switch c {
	case EQ:
		return b.Eq(x, y)
	case NE:
		return b.Ne(x, y)
	case CS:
		return b.GeU(x, y)
	case CC:
		return b.LtU(x, y)
	case HI:
		return b.GtU(x, y)
	case LS:
		return b.LeU(x, y)
	case GE:
		return b.GeS(x, y)
	case LT:
		return b.LtS(x, y)
	case GT:
		return b.GtS(x, y)
	case LE:
		return b.LeS(x, y)
	case MI:
		return b.LtS(b.Sub(x, y), zero)
	case PL:
		return b.GeS(b.Sub(x, y), zero)
	}
	v := b.And(b.Xor(x, y), b.Xor(x, b.Sub(x, y)))
	if c == VS {
		return b.LtS(v, zero)
	}
	return b.GeS(v, zero)
}

func (b *Builder) testLogic(c Cond, x Value) Value {
	zero := b.Int(b.Type(x), 0)
	switch c {
	case EQ:
		return b.Eqz(x)
	case NE:
		return b.Ne(x, zero)
	case MI, LT:
		return b.LtS(x, zero)
	case PL, GE:
		return b.GeS(x, zero)
	case GT:
		return b.GtS(x, zero)
	case LE:
		return b.LeS(x, zero)
	case CC, VC, LS:
		return b.I32(1)
	}
	return b.I32(0) // CS, VS, HI
}

// testAdd serves x + y and x + y + carry.
func (b *Builder) testAdd(c Cond, x, y, carry Value) Value {
	t := b.Type(x)
	zero := b.Int(t, 0)
	r := b.Add(x, y)
	if carry != 0 {
		ci := carry
		if t == I64 {
			ci = b.ZExt(carry)
		}
		r = b.Add(r, ci)
	}
	overflow := func() Value { return b.And(b.Xor(x, r), b.Xor(y, r)) }
	carryOut := func() Value {
		if carry == 0 {
			return b.LtU(r, x)
		}
		// majority of x, y and not r
		m := b.Or(b.And(x, y), b.And(b.Or(x, y), b.Not(r)))
		return b.LtS(m, zero)
	}
	lt := func() Value { return b.LtS(b.Xor(r, overflow()), zero) }
	switch c {
	case EQ:
		return b.Eqz(r)
	case NE:
		return b.Ne(r, zero)
	case CS:
		return carryOut()
	case CC:
		return b.Eqz(carryOut())
	case MI:
		return b.LtS(r, zero)
	case PL:
		return b.GeS(r, zero)
	case VS:
		return b.LtS(overflow(), zero)
	case VC:
		return b.GeS(overflow(), zero)
	case HI:
		return b.And(carryOut(), b.Ne(r, zero))
	case LS:
		return b.Or(b.Eqz(carryOut()), b.Eqz(r))
	case GE:
		return b.Eqz(lt())
	case LT:
		return lt()
	case GT:
		return b.And(b.Eqz(lt()), b.Ne(r, zero))
	}
	return b.Or(lt(), b.Eqz(r)) // LE
}

func (b *Builder) testFCmp(c Cond, x, y Value) Value {
	op := func(f32, f64 Op) Value {
		if b.Type(x) == F32 {
			return b.Op(f32, x, y)
		}
		return b.Op(f64, x, y)
	}
	unordered := func() Value {
		if b.Type(x) == F32 {
			return b.Or(b.Op(F32Ne, x, x), b.Op(F32Ne, y, y))
		}
		return b.Or(b.Op(F64Ne, x, x), b.Op(F64Ne, y, y))
	}
	switch c {
	case EQ:
		return op(F32Eq, F64Eq)
	case NE:
		return op(F32Ne, F64Ne)
	case MI, CC:
		return op(F32Lt, F64Lt)
	case PL, CS:
		return b.Eqz(op(F32Lt, F64Lt))
	case VS:
		return unordered()
	case VC:
		return b.Eqz(unordered())
	case HI:
		return b.Eqz(op(F32Le, F64Le))
	case LS:
		return op(F32Le, F64Le)
	case GE:
		return op(F32Ge, F64Ge)
	case LT:
		return b.Eqz(op(F32Ge, F64Ge))
	case GT:
		return op(F32Gt, F64Gt)
	}
	return b.Eqz(op(F32Gt, F64Gt)) // LE
}

func (b *Builder) testRaw(c Cond, x Value) Value {
	bit := func(n uint) Value { return b.AndI(b.ShrUI(x, n), 1) }
	n, z, cf, v := func() Value { return bit(31) }, func() Value { return bit(30) }, func() Value { return bit(29) }, func() Value { return bit(28) }
	var r Value
	switch c &^ 1 {
	case EQ:
		r = z()
	case CS:
		r = cf()
	case MI:
		r = n()
	case VS:
		r = v()
	case HI:
		r = b.And(cf(), b.Eqz(z()))
	case GE:
		r = b.Eq(n(), v())
	case GT:
		r = b.And(b.Eq(n(), v()), b.Eqz(z()))
	}
	if c&1 == 1 {
		return b.Eqz(r)
	}
	return r
}

// Pack gives the Flags value f packed into bits 31..28 of an I32.
func (b *Builder) Pack(f Value) Value {
	in := *b.F.Inst(f)
	if in.Op == SetFlags && FlagsKind(in.Aux) == FlagsRaw {
		return b.AndI(in.Args[0], 0xf0000000)
	}
	if in.Op == SetFlagsIf {
		yes := b.packBits(func(c Cond) Value { return b.test(FlagsKind(in.Aux), c, in.Args[0], in.Args[1], 0) })
		return b.Select(in.Args[2], yes, b.I32(uint32(in.Imm)))
	}
	return b.packBits(func(c Cond) Value { return b.TestOf(f, c) })
}

func (b *Builder) packBits(t func(Cond) Value) Value {
	r := b.ShlI(t(MI), 31)
	r = b.Or(r, b.ShlI(t(EQ), 30))
	r = b.Or(r, b.ShlI(t(CS), 29))
	return b.Or(r, b.ShlI(t(VS), 28))
}
