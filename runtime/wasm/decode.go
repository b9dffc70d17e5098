package wasm

import "math"

// Decoder takes a binary module apart for those that change one. It tells
// sections, vectors and instructions from each other by their encoding; what
// they mean together is for the engine's validation. The first error sticks:
// after it every method returns zero values.
type Decoder struct {
	r      reader
	labels []uint32
}

// NewDecoder returns a Decoder of b, which it does not copy. offset is where b
// lies in its module, for messages.
func NewDecoder(b []byte, offset int) *Decoder { return &Decoder{r: reader{b: b, pos: offset}} }

// Err is the first error.
func (d *Decoder) Err() error { return d.r.err }

// Fail makes an error of the caller's stick, unless there is one.
func (d *Decoder) Fail(format string, args ...any) { d.r.fail(format, args...) }

// Len is the number of bytes left, 0 after an error.
func (d *Decoder) Len() int { return len(d.r.b) }

// Offset is the position in the module.
func (d *Decoder) Offset() int { return d.r.pos }

// Rest returns the bytes left, without taking them.
func (d *Decoder) Rest() []byte { return d.r.b }

// Byte takes one byte.
func (d *Decoder) Byte() byte { return d.r.byte() }

// Bytes takes n bytes, a part of the input.
func (d *Decoder) Bytes(n uint32) []byte { return d.r.bytes(n) }

// Sub takes n bytes as a Decoder of their own.
func (d *Decoder) Sub(n uint32) *Decoder { return &Decoder{r: d.r.sub(n)} }

// U32 takes an unsigned LEB128 of 32 bits.
func (d *Decoder) U32() uint32 { return d.r.u32() }

// Count takes the length of a vector, which is no more than the bytes left.
func (d *Decoder) Count() int { return d.r.count() }

// Name takes a name.
func (d *Decoder) Name() string { return d.r.name() }

// ValType takes a value type.
func (d *Decoder) ValType() ValType { return d.r.valType() }

// ValTypes takes a vector of value types.
func (d *Decoder) ValTypes() []ValType { return d.r.valTypes() }

// RefType takes a reference type.
func (d *Decoder) RefType() ValType { return d.r.refType() }

// Insn is one instruction as it stands in a module.
type Insn struct {
	Op Op
	// X and Y are the first and second index among the immediates, in the
	// order of the binary format; Y of Idx2's instructions only.
	X, Y uint32
	// Block is the type of a block, loop or if.
	Block BlockType
	// Labels are those of a br_table, the default last. They are the Decoder's
	// until the next br_table.
	Labels []uint32
	// Raw is the whole instruction, a part of the input.
	Raw []byte
}

// Insn takes one instruction.
func (d *Decoder) Insn() (in Insn) {
	r := &d.r
	start := r.b
	in.Op = r.op()
	if !r.ok() {
		return Insn{}
	}
	switch row := in.Op.info(); row.imm {
	case immNone:
	case immBlock:
		in.Block = r.blockType()
	case immLabel, immFunc, immLocal, immGlobal, immTable, immElem, immData, immMemory:
		in.X = r.u32()
	case immTypeTable, immTableTable, immElemTable, immDataMem, immMemMem:
		in.X, in.Y = r.u32(), r.u32()
	case immBrTable:
		d.labels = d.labels[:0]
		for n := r.count() + 1; n > 0 && r.ok(); n-- {
			d.labels = append(d.labels, r.u32())
		}
		in.Labels = d.labels
	case immTypes:
		r.valTypes()
	case immFence:
		r.byte()
	case immRefType:
		r.refType()
	case immI32:
		r.signed(32)
	case immI64:
		r.signed(64)
	case immF32:
		r.bytes(4)
	case immF64:
		r.bytes(8)
	case immV128, immShuffle:
		r.bytes(16)
	default:
		if row.imm >= immMem8 {
			r.u32()
			r.u32()
		}
		if row.imm.lanes() > 0 {
			r.byte()
		}
	}
	if !r.ok() {
		return Insn{}
	}
	in.Raw = start[:len(start)-len(r.b)]
	return in
}

// blockType reads the type of a block: a type index or a short form.
func (r *reader) blockType() BlockType {
	switch v := r.signed(33); {
	case v >= 0 && v <= math.MaxInt32, BlockType(v) == BlockEmpty:
		return BlockType(v)
	case v < 0 && v >= -64 && ValType(v+0x80).valid():
		return BlockType(v)
	default:
		r.fail("unknown block type %d", v)
	}
	return 0
}
