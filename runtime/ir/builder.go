package ir

import "math/bits"

// Builder appends to a Func, one block at a time. It folds constants, shares
// equal pure values within a block and forwards slots from SetReg to GetReg,
// so that a front end can emit each instruction without looking around.
type Builder struct {
	F   *Func
	blk BlockID
	pos uint32

	out *[]Value // where new insts go: the block's list, or a pass's

	regs  [256]regState
	epoch uint32 // invalidates regs and cse at a block's start
	flags Value  // the block's current Flags, 0 if none is known

	cse [1 << cseBits]cseEntry
}

type regState struct {
	epoch uint32
	val   Value    // the slot's value as last written or read
	alt   [7]Value // the same at other types
}

const cseBits = 10

type cseEntry struct {
	epoch uint32
	val   Value
}

// NewBuilder starts a Func whose positions count from base.
func NewBuilder(a *Arch, name string, base uint64) *Builder {
	b := &Builder{}
	b.Reset(a, name, base)
	return b
}

// Reset starts another Func, keeping the builder's tables.
func (b *Builder) Reset(a *Arch, name string, base uint64) {
	b.F = &Func{Arch: a, Name: name, Base: base, Insts: make([]Inst, 1, 512), Entry: 0}
	b.blk = NoBlock
	b.epoch++
	b.out = nil
}

// NewBlock adds an empty block at guest address pc.
func (b *Builder) NewBlock(pc uint64) BlockID {
	b.F.Blocks = append(b.F.Blocks, Block{PC: pc})
	if b.blk != NoBlock {
		b.out = &b.F.Blocks[b.blk].Insts // the slice may have moved
	}
	return BlockID(len(b.F.Blocks) - 1)
}

// SetBlock makes id the block that is appended to. A block is filled in one go.
func (b *Builder) SetBlock(id BlockID) {
	b.blk = id
	b.out = &b.F.Blocks[id].Insts
	b.epoch++
	b.flags = 0
}

// Block is the block being filled.
func (b *Builder) Block() *Block { return &b.F.Blocks[b.blk] }

// At says that what follows belongs to the guest instruction at pc.
func (b *Builder) At(pc uint64) { b.pos = uint32(pc - b.F.Base) }

// PC is the address given to At.
func (b *Builder) PC() uint64 { return b.F.Base + uint64(b.pos) }

// Ended reports whether the current block has its terminator.
func (b *Builder) Ended() bool { return b.Block().Term.Kind != TermNone }

// End sets the current block's terminator.
//
//go:noinline
func (b *Builder) End(t Term) {
	if b.Ended() {
		panic("BUG: block ended twice")
	}
	b.Block().Term = t
}

// emit appends in. It is not inlined: 150 copies of two appends are large and no
// faster (decode.Inst.F has the figure).
//
//go:noinline
func (b *Builder) emit(in Inst) Value {
	in.Pos = b.pos
	v := Value(len(b.F.Insts))
	b.F.Insts = append(b.F.Insts, in)
	*b.out = append(*b.out, v)
	return v
}

// pure emits in, or finds an equal inst of this block.
func (b *Builder) pure(in Inst) Value {
	const k = 0x9e3779b97f4a7c15
	h := (uint64(in.Op)<<16 | uint64(in.Aux)<<8 | uint64(in.Type)) * k
	h = (h ^ h>>32 ^ uint64(in.Args[0])<<32 ^ uint64(in.Args[1])) * k
	h = (h ^ h>>32 ^ uint64(in.Args[2]) ^ in.Imm) * k
	h = (h ^ h>>32 ^ in.Imm2) * k
	h >>= 64 - cseBits
	var e *cseEntry
	for i := range uint64(4) {
		e = &b.cse[(h+i)%(1<<cseBits)]
		if e.epoch != b.epoch {
			break
		}
		o := &b.F.Insts[e.val]
		if o.Op == in.Op && o.Type == in.Type && o.Aux == in.Aux && o.Args == in.Args && o.Imm == in.Imm && o.Imm2 == in.Imm2 {
			return e.val
		}
	}
	v := b.emit(in)
	*e = cseEntry{b.epoch, v}
	return v
}

// I32 and I64 make integer constants, F32Bits and F64Bits floating-point ones from their
// encodings, V128 a vector from its halves.
func (b *Builder) I32(v uint32) Value     { return b.pure(Inst{Op: Const, Type: I32, Imm: uint64(v)}) }
func (b *Builder) I64(v uint64) Value     { return b.pure(Inst{Op: Const, Type: I64, Imm: v}) }
func (b *Builder) F32Bits(v uint32) Value { return b.pure(Inst{Op: Const, Type: F32, Imm: uint64(v)}) }
func (b *Builder) F64Bits(v uint64) Value { return b.pure(Inst{Op: Const, Type: F64, Imm: v}) }
func (b *Builder) V128(lo, hi uint64) Value {
	return b.pure(Inst{Op: Const, Type: V128, Imm: lo, Imm2: hi})
}

// Int makes an integer constant of type t.
func (b *Builder) Int(t Type, v uint64) Value {
	if t == I32 {
		return b.I32(uint32(v))
	}
	return b.I64(v)
}

// Type returns v's type.
func (b *Builder) Type(v Value) Type { return b.F.Insts[v].Type }

// Const returns v's bits if it is an integer constant.
func (b *Builder) Const(v Value) (uint64, bool) { return b.F.ConstOf(v) }

// Get reads slot s at type t (at most as wide as the slot, and convertible: I32 and I64 for
// integers; F32, F64, I64 and V128 for vectors).
func (b *Builder) Get(s Slot, t Type) Value {
	r := &b.regs[s]
	if r.epoch != b.epoch {
		*r = regState{epoch: b.epoch}
	} else if r.val != 0 {
		if v := r.alt[t]; v != 0 {
			return v
		}
		if v, ok := b.convert(r.val, t, b.F.Arch.Slots[s].Type); ok {
			r.alt[t] = v
			return v
		}
	}
	v := b.emit(Inst{Op: GetReg, Type: t, Aux: uint8(s)})
	r.alt[t] = v
	if t == b.F.Arch.Slots[s].Type {
		r.val = v
	}
	return v
}

// convert gives the slot value v (as written, or read at full width) at type t.
func (b *Builder) convert(v Value, t, wide Type) (Value, bool) {
	from := b.Type(v)
	if from == t {
		return v, true
	}
	if wide != V128 {
		switch {
		case from == I64 && t == I32:
			return b.Op(I32WrapI64, v), true
		case from == I32 && t == I64:
			return b.Op(I64ExtendI32U, v), true
		}
		return 0, false
	}
	// Vectors: narrow through the low lane, widen with zeros.
	if from == V128 {
		switch t {
		case F32:
			return b.Lane(F32x4ExtractLane, 0, v), true
		case F64:
			return b.Lane(F64x2ExtractLane, 0, v), true
		case I64:
			return b.Lane(I64x2ExtractLane, 0, v), true
		case I32:
			return b.Lane(I32x4ExtractLane, 0, v), true
		}
		return 0, false
	}
	switch t {
	case V128:
		switch from {
		case F32:
			return b.Lane(F32x4ReplaceLane, 0, b.V128(0, 0), v), true
		case F64:
			return b.Lane(F64x2ReplaceLane, 0, b.V128(0, 0), v), true
		case I64:
			return b.Lane(I64x2ReplaceLane, 0, b.V128(0, 0), v), true
		case I32:
			return b.Lane(I32x4ReplaceLane, 0, b.V128(0, 0), v), true
		}
	case F64:
		switch from {
		case I64:
			return b.Op(F64ReinterpretI64, v), true
		case I32:
			return b.Op(F64ReinterpretI64, b.Op(I64ExtendI32U, v)), true
		case F32:
			return b.Op(F64ReinterpretI64, b.Op(I64ExtendI32U, b.Op(I32ReinterpretF32, v))), true
		}
	case I64:
		switch from {
		case F64:
			return b.Op(I64ReinterpretF64, v), true
		case I32:
			return b.Op(I64ExtendI32U, v), true
		case F32:
			return b.Op(I64ExtendI32U, b.Op(I32ReinterpretF32, v)), true
		}
	case F32:
		switch from {
		case I32:
			return b.Op(F32ReinterpretI32, v), true
		case I64:
			return b.Op(F32ReinterpretI32, b.Op(I32WrapI64, v)), true
		case F64:
			return b.Op(F32ReinterpretI32, b.Op(I32WrapI64, b.Op(I64ReinterpretF64, v))), true
		}
	case I32:
		switch from {
		case I64:
			return b.Op(I32WrapI64, v), true
		case F32:
			return b.Op(I32ReinterpretF32, v), true
		case F64:
			return b.Op(I32WrapI64, b.Op(I64ReinterpretF64, v)), true
		}
	}
	return 0, false
}

// Set writes slot s. A value narrower than the slot clears the rest.
func (b *Builder) Set(s Slot, v Value) {
	b.emit(Inst{Op: SetReg, Aux: uint8(s), Args: [3]Value{v}})
	r := &b.regs[s]
	*r = regState{epoch: b.epoch, val: v}
	r.alt[b.Type(v)] = v
}

// Load reads guest memory at addr+off as type t.
func (b *Builder) Load(a Access, t Type, addr Value, off int64) Value {
	return b.emit(Inst{Op: Load, Type: t, Aux: uint8(a), Args: [3]Value{addr}, Imm: uint64(off)})
}

// Store writes v to guest memory at addr+off.
func (b *Builder) Store(a Access, addr Value, off int64, v Value) {
	b.emit(Inst{Op: Store, Aux: uint8(a), Args: [3]Value{addr, v}, Imm: uint64(off)})
}

// AtomicLoad, AtomicStore, AtomicRMW and AtomicCAS act on guest memory at addr;
// t is I32 or I64.
func (b *Builder) AtomicLoad(a Access, t Type, addr Value) Value {
	return b.emit(Inst{Op: AtomicLoad, Type: t, Aux: uint8(a), Args: [3]Value{addr}})
}

func (b *Builder) AtomicStore(a Access, addr, v Value) {
	b.emit(Inst{Op: AtomicStore, Aux: uint8(a), Args: [3]Value{addr, v}})
}

func (b *Builder) AtomicRMW(k RMW, a Access, addr, v Value) Value {
	return b.emit(Inst{Op: AtomicRMW, Type: b.Type(v), Aux: uint8(a), Args: [3]Value{addr, v}, Imm2: uint64(k)})
}

func (b *Builder) AtomicCAS(a Access, addr, expect, v Value) Value {
	return b.emit(Inst{Op: AtomicCAS, Type: b.Type(v), Aux: uint8(a), Args: [3]Value{addr, expect, v}})
}

// Fence orders memory accesses.
func (b *Builder) Fence() { b.emit(Inst{Op: Fence}) }

// Lane emits an operation with a lane number.
func (b *Builder) Lane(op Op, lane int, args ...Value) Value {
	if bits := laneBits(op); bits != 0 {
		if len(args) == 1 {
			v, found := b.findLane(op, bits, lane, args[0])
			if found {
				return v
			}
			args[0] = v
		} else if v, ok := b.replaceConst(bits, lane, args[0], args[1]); ok {
			return v
		}
	}
	in := Inst{Op: op, Type: op.Info().Result, Imm: uint64(lane)}
	copy(in.Args[:], args)
	return b.pure(in)
}

// laneBits is the width of the lane that op reads or replaces, if that is 32 or 64; else 0.
func laneBits(op Op) int {
	switch op {
	case I32x4ExtractLane, I32x4ReplaceLane, F32x4ExtractLane, F32x4ReplaceLane:
		return 32
	case I64x2ExtractLane, I64x2ReplaceLane, F64x2ExtractLane, F64x2ReplaceLane:
		return 64
	}
	return 0
}

// findLane looks for the scalar that op would read from v: one that was put there, or part of a
// constant. Failing that, it returns the vector to read, from before other lanes were replaced.
func (b *Builder) findLane(op Op, bits, lane int, v Value) (Value, bool) {
	for {
		src := b.F.Inst(v)
		if src.Op == Const {
			half := src.Imm
			if lane*bits >= 64 {
				half = src.Imm2
			}
			return b.pure(Inst{Op: Const, Type: op.Info().Result, Imm: half >> (lane * bits % 64) & (1<<bits - 1)}), true
		}
		put := laneBits(src.Op)
		if put == 0 || src.Op.Info().Result != V128 {
			return v, false
		}
		at := int(src.Imm)
		if put == bits && at == lane && b.Type(src.Args[1]) == op.Info().Result {
			return src.Args[1], true
		}
		if at*put < (lane+1)*bits && lane*bits < (at+1)*put { // they overlap
			return v, false
		}
		v = src.Args[0]
	}
}

// replaceConst replaces a lane of a constant by a constant.
func (b *Builder) replaceConst(bits, lane int, v, x Value) (Value, bool) {
	vec, scalar := b.F.Inst(v), b.F.Inst(x)
	if vec.Op != Const || scalar.Op != Const {
		return 0, false
	}
	half := [2]uint64{vec.Imm, vec.Imm2}
	h, shift, mask := lane*bits/64, lane*bits%64, uint64(1)<<bits-1
	half[h] = half[h]&^(mask<<shift) | scalar.Imm&mask<<shift
	return b.V128(half[0], half[1]), true
}

// Shuffle picks 16 bytes from the 32 of a and c; mask bytes are in ascending order.
func (b *Builder) Shuffle(a, c Value, mask [16]byte) Value {
	var lo, hi uint64
	for i := range 8 {
		lo |= uint64(mask[i]) << (8 * i)
		hi |= uint64(mask[i+8]) << (8 * i)
	}
	return b.pure(Inst{Op: I8x16Shuffle, Type: V128, Args: [3]Value{a, c}, Imm: lo, Imm2: hi})
}

// FMA is x×y+z with one rounding; lanes is 0 for scalars, else 4 (F32) or 2 (F64).
func (b *Builder) FMA(x, y, z Value, lanes int) Value {
	return b.pure(Inst{Op: FMA, Type: b.Type(x), Aux: uint8(lanes), Args: [3]Value{x, y, z}})
}

// NaN1 and NaN2 repair r, the result of an operation on x (and y); lanes as for FMA.
func (b *Builder) NaN1(r, x Value, lanes int) Value {
	return b.pure(Inst{Op: NaN1, Type: b.Type(r), Aux: uint8(lanes), Args: [3]Value{r, x}})
}

func (b *Builder) NaN2(r, x, y Value, lanes int) Value {
	return b.pure(Inst{Op: NaN2, Type: b.Type(r), Aux: uint8(lanes), Args: [3]Value{r, x, y}})
}

// Helper calls h with I64 arguments. It is never shared or dropped: helpers may have effects.
func (b *Builder) Helper(h Helper, args ...Value) Value {
	in := Inst{Op: CallHelper, Type: I64, Imm: uint64(h)}
	copy(in.Args[:], args)
	return b.emit(in)
}

// ExitIf leaves the region before the current instruction if cond holds. info is an I64 or 0.
func (b *Builder) ExitIf(cond Value, code ExitCode, info Value) {
	if c, ok := b.Const(cond); ok && c == 0 {
		return
	}
	b.emit(Inst{Op: ExitIf, Aux: uint8(code), Args: [3]Value{cond, info}})
}

// GuardSP checks v, about to become the stack pointer, against the guard range.
func (b *Builder) GuardSP(v Value) { b.emit(Inst{Op: GuardSP, Args: [3]Value{v}}) }

// Select is x if cond is not zero, else y.
func (b *Builder) Select(cond, x, y Value) Value {
	if c, ok := b.Const(cond); ok {
		if c != 0 {
			return x
		}
		return y
	}
	if x == y {
		return x
	}
	return b.pure(Inst{Op: Select, Type: b.Type(x), Args: [3]Value{x, y, cond}})
}

// Div divides x by y (see DivS); MulHi gives the high half of a 64-bit product.
func (b *Builder) Div(signed bool, x, y Value) Value {
	op := DivU
	if signed {
		op = DivS
	}
	return b.pure(Inst{Op: op, Type: b.Type(x), Args: [3]Value{x, y}})
}

func (b *Builder) MulHi(signed bool, x, y Value) Value {
	op := MulHiU
	if signed {
		op = MulHiS
	}
	return b.pure(Inst{Op: op, Type: I64, Args: [3]Value{x, y}})
}

// pair gives the I32 or the I64 form of an integer operation by x's type.
func (b *Builder) pair(x Value, op32, op64 Op) Op {
	if b.Type(x) == I32 {
		return op32
	}
	return op64
}

// Integer operations on two I32 or two I64. Shift counts have the operand's type and count modulo its width.
func (b *Builder) Add(x, y Value) Value  { return b.Op(b.pair(x, I32Add, I64Add), x, y) }
func (b *Builder) Sub(x, y Value) Value  { return b.Op(b.pair(x, I32Sub, I64Sub), x, y) }
func (b *Builder) Mul(x, y Value) Value  { return b.Op(b.pair(x, I32Mul, I64Mul), x, y) }
func (b *Builder) And(x, y Value) Value  { return b.Op(b.pair(x, I32And, I64And), x, y) }
func (b *Builder) Or(x, y Value) Value   { return b.Op(b.pair(x, I32Or, I64Or), x, y) }
func (b *Builder) Xor(x, y Value) Value  { return b.Op(b.pair(x, I32Xor, I64Xor), x, y) }
func (b *Builder) Shl(x, y Value) Value  { return b.Op(b.pair(x, I32Shl, I64Shl), x, y) }
func (b *Builder) ShrU(x, y Value) Value { return b.Op(b.pair(x, I32ShrU, I64ShrU), x, y) }
func (b *Builder) ShrS(x, y Value) Value { return b.Op(b.pair(x, I32ShrS, I64ShrS), x, y) }
func (b *Builder) Rotr(x, y Value) Value { return b.Op(b.pair(x, I32Rotr, I64Rotr), x, y) }
func (b *Builder) Not(x Value) Value     { return b.Xor(x, b.Int(b.Type(x), ^uint64(0))) }
func (b *Builder) Neg(x Value) Value     { return b.Sub(b.Int(b.Type(x), 0), x) }

// ShlI, ShrUI, ShrSI and RotrI shift by a constant, AndI masks with one, AddI adds one.
func (b *Builder) ShlI(x Value, n uint) Value   { return b.Shl(x, b.Int(b.Type(x), uint64(n))) }
func (b *Builder) ShrUI(x Value, n uint) Value  { return b.ShrU(x, b.Int(b.Type(x), uint64(n))) }
func (b *Builder) ShrSI(x Value, n uint) Value  { return b.ShrS(x, b.Int(b.Type(x), uint64(n))) }
func (b *Builder) RotrI(x Value, n uint) Value  { return b.Rotr(x, b.Int(b.Type(x), uint64(n))) }
func (b *Builder) AndI(x Value, m uint64) Value { return b.And(x, b.Int(b.Type(x), m)) }
func (b *Builder) AddI(x Value, n uint64) Value { return b.Add(x, b.Int(b.Type(x), n)) }

// Comparisons of two I32 or two I64, giving an I32.
func (b *Builder) Eq(x, y Value) Value  { return b.Op(b.pair(x, I32Eq, I64Eq), x, y) }
func (b *Builder) Ne(x, y Value) Value  { return b.Op(b.pair(x, I32Ne, I64Ne), x, y) }
func (b *Builder) LtS(x, y Value) Value { return b.Op(b.pair(x, I32LtS, I64LtS), x, y) }
func (b *Builder) LtU(x, y Value) Value { return b.Op(b.pair(x, I32LtU, I64LtU), x, y) }
func (b *Builder) GtS(x, y Value) Value { return b.Op(b.pair(x, I32GtS, I64GtS), x, y) }
func (b *Builder) GtU(x, y Value) Value { return b.Op(b.pair(x, I32GtU, I64GtU), x, y) }
func (b *Builder) LeS(x, y Value) Value { return b.Op(b.pair(x, I32LeS, I64LeS), x, y) }
func (b *Builder) LeU(x, y Value) Value { return b.Op(b.pair(x, I32LeU, I64LeU), x, y) }
func (b *Builder) GeS(x, y Value) Value { return b.Op(b.pair(x, I32GeS, I64GeS), x, y) }
func (b *Builder) GeU(x, y Value) Value { return b.Op(b.pair(x, I32GeU, I64GeU), x, y) }

// Eqz is 1 if x is zero, else 0.
func (b *Builder) Eqz(x Value) Value { return b.Op(b.pair(x, I32Eqz, I64Eqz), x) }

// ZExt and SExt widen an I32 to I64; Wrap takes the low half of an I64. Each leaves a
// value that has the type already as it is.
func (b *Builder) ZExt(x Value) Value {
	if b.Type(x) == I64 {
		return x
	}
	return b.Op(I64ExtendI32U, x)
}

func (b *Builder) SExt(x Value) Value {
	if b.Type(x) == I64 {
		return x
	}
	return b.Op(I64ExtendI32S, x)
}

func (b *Builder) Wrap(x Value) Value {
	if b.Type(x) == I32 {
		return x
	}
	return b.Op(I32WrapI64, x)
}

// Bswap reverses the bytes of x.
func (b *Builder) Bswap(x Value) Value {
	if b.Type(x) == I32 {
		// rotl 8 of the odd bytes, rotr 8 of the even ones
		return b.Or(b.And(b.RotrI(x, 8), b.I32(0xff00ff00)), b.And(b.RotrI(x, 24), b.I32(0x00ff00ff)))
	}
	m1, m2 := b.I64(0x00ff00ff00ff00ff), b.I64(0x0000ffff0000ffff)
	x = b.Or(b.ShlI(b.And(x, m1), 8), b.And(b.ShrUI(x, 8), m1))
	x = b.Or(b.ShlI(b.And(x, m2), 16), b.And(b.ShrUI(x, 16), m2))
	return b.RotrI(x, 32)
}

// BitReverse reverses the bits of x.
func (b *Builder) BitReverse(x Value) Value {
	t := b.Type(x)
	for i, m := range [...]uint64{0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f} {
		mask := b.Int(t, m)
		x = b.Or(b.ShlI(b.And(x, mask), 1<<i), b.And(b.ShrUI(x, 1<<i), mask))
	}
	return b.Bswap(x)
}

// Op emits one of WebAssembly's operations, folded where that is easy.
func (b *Builder) Op(op Op, args ...Value) Value {
	if v, ok := b.fold(op, args); ok {
		return v
	}
	in := Inst{Op: op, Type: op.Info().Result}
	copy(in.Args[:], args)
	return b.pure(in)
}

func mask(t Type, v uint64) uint64 {
	if t == I32 {
		return uint64(uint32(v))
	}
	return v
}

func (b *Builder) fold(op Op, args []Value) (Value, bool) {
	if len(args) == 0 {
		return 0, false
	}
	x := args[0]
	cx, kx := b.Const(x)
	if len(args) == 1 {
		return b.fold1(op, x, cx, kx)
	}
	y := args[1]
	cy, ky := b.Const(y)
	t := op.Info().Args[0]
	w := uint64(64)
	if t == I32 {
		w = 32
	}
	switch op {
	case I32Add, I64Add:
		switch {
		case kx && ky:
			return b.Int(t, mask(t, cx+cy)), true
		case kx && cx == 0:
			return y, true
		case ky && cy == 0:
			return x, true
		case ky:
			// (a + c1) + c2
			if in := b.F.Inst(x); in.Op == op {
				if c1, ok := b.Const(in.Args[1]); ok {
					return b.Op(op, in.Args[0], b.Int(t, mask(t, c1+cy))), true
				}
			}
		case kx:
			return b.Op(op, y, x), true
		}
	case I32Sub, I64Sub:
		switch {
		case kx && ky:
			return b.Int(t, mask(t, cx-cy)), true
		case ky:
			if cy == 0 {
				return x, true
			}
			return b.Op(b.pair(x, I32Add, I64Add), x, b.Int(t, mask(t, -cy))), true
		case x == y:
			return b.Int(t, 0), true
		}
	case I32Mul, I64Mul:
		switch {
		case kx && ky:
			return b.Int(t, mask(t, cx*cy)), true
		case kx && cx == 1:
			return y, true
		case ky && cy == 1:
			return x, true
		}
	case I32And, I64And:
		all := mask(t, ^uint64(0))
		switch {
		case kx && ky:
			return b.Int(t, cx&cy), true
		case kx && cx == 0 || ky && cy == 0:
			return b.Int(t, 0), true
		case kx && cx == all:
			return y, true
		case ky && cy == all, x == y:
			return x, true
		case kx:
			return b.Op(op, y, x), true
		}
	case I32Or, I64Or:
		switch {
		case kx && ky:
			return b.Int(t, cx|cy), true
		case kx && cx == 0:
			return y, true
		case ky && cy == 0, x == y:
			return x, true
		}
	case I32Xor, I64Xor:
		switch {
		case kx && ky:
			return b.Int(t, cx^cy), true
		case kx && cx == 0:
			return y, true
		case ky && cy == 0:
			return x, true
		case x == y:
			return b.Int(t, 0), true
		}
	case I32Shl, I64Shl, I32ShrU, I64ShrU, I32ShrS, I64ShrS, I32Rotr, I64Rotr, I32Rotl, I64Rotl:
		if ky && cy%w == 0 {
			return x, true
		}
		if kx && ky {
			n := cy % w
			switch op {
			case I32Shl, I64Shl:
				return b.Int(t, mask(t, cx<<n)), true
			case I32ShrU, I64ShrU:
				return b.Int(t, cx>>n), true
			case I32ShrS:
				return b.I32(uint32(int32(cx) >> n)), true
			case I64ShrS:
				return b.I64(uint64(int64(cx) >> n)), true
			case I32Rotr:
				return b.I32(bits.RotateLeft32(uint32(cx), -int(n))), true
			case I64Rotr:
				return b.I64(bits.RotateLeft64(cx, -int(n))), true
			}
		}
	case I32Eq, I64Eq:
		if kx && ky {
			return b.bool(cx == cy), true
		}
		if ky && cy == 0 {
			return b.Eqz(x), true
		}
	case I32Ne, I64Ne:
		if kx && ky {
			return b.bool(cx != cy), true
		}
	case I32LtU, I64LtU:
		if kx && ky {
			return b.bool(cx < cy), true
		}
	case I32GeU, I64GeU:
		if kx && ky {
			return b.bool(cx >= cy), true
		}
	}
	return 0, false
}

func (b *Builder) bool(v bool) Value {
	if v {
		return b.I32(1)
	}
	return b.I32(0)
}

func (b *Builder) fold1(op Op, x Value, cx uint64, kx bool) (Value, bool) {
	in := b.F.Inst(x)
	switch op {
	case F64ReinterpretI64:
		if in.Op == I64ReinterpretF64 {
			return in.Args[0], true
		}
	case F32ReinterpretI32:
		if in.Op == I32ReinterpretF32 {
			return in.Args[0], true
		}
	case I32WrapI64:
		if kx {
			return b.I32(uint32(cx)), true
		}
		if in.Op == I64ExtendI32U || in.Op == I64ExtendI32S {
			return in.Args[0], true
		}
	case I64ExtendI32U:
		if kx {
			return b.I64(cx), true
		}
	case I64ExtendI32S:
		if kx {
			return b.I64(uint64(int64(int32(cx)))), true
		}
	case I32Eqz, I64Eqz:
		if kx {
			return b.bool(cx == 0), true
		}
	case I32Extend8S, I64Extend8S:
		if kx {
			return b.Int(op.Info().Result, mask(op.Info().Result, uint64(int64(int8(cx))))), true
		}
	case I32Extend16S, I64Extend16S:
		if kx {
			return b.Int(op.Info().Result, mask(op.Info().Result, uint64(int64(int16(cx))))), true
		}
	case I64Extend32S:
		if kx {
			return b.I64(uint64(int64(int32(cx)))), true
		}
		if in.Op == I64ExtendI32U {
			return b.SExt(in.Args[0]), true
		}
	case I64ReinterpretF64:
		if in.Op == F64ReinterpretI64 {
			return in.Args[0], true
		}
	case I32ReinterpretF32:
		if in.Op == F32ReinterpretI32 {
			return in.Args[0], true
		}
	}
	return 0, false
}

// EntryIndex says by which of its entries the region was entered: an I32.
func (b *Builder) EntryIndex() Value { return b.emit(Inst{Op: EntryIndex, Type: I32}) }
