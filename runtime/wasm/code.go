package wasm

import (
	"encoding/binary"
	"math"
)

// BlockType is the type of a block, loop or if: a type index, or one of the
// short forms BlockEmpty and BlockOf.
type BlockType int32

// BlockEmpty is the type of a block without parameters and results.
const BlockEmpty BlockType = -64

// BlockOf is the type of a block without parameters and with one result.
func BlockOf(result ValType) BlockType { return BlockType(result) - 0x80 }

// Code is a function body under construction. The zero Code is ready for a
// function without parameters. Methods append one instruction each; whether
// the whole is valid is for the engine to say.
type Code struct {
	buf    []byte
	runs   []localRun
	locals uint32 // parameters included
}

type localRun struct {
	n uint32
	t ValType
}

// Reset empties c for a function with that many parameters, keeping its
// buffers.
func (c *Code) Reset(params int) {
	c.buf, c.runs, c.locals = c.buf[:0], c.runs[:0], uint32(params)
}

// AddLocal declares a local and returns its index. Locals of one type should
// be declared together: neighbours share one declaration.
func (c *Code) AddLocal(t ValType) uint32 {
	if n := len(c.runs); n > 0 && c.runs[n-1].t == t {
		c.runs[n-1].n++
	} else {
		c.runs = append(c.runs, localRun{1, t})
	}
	c.locals++
	return c.locals - 1
}

// NumLocals returns the number of locals, parameters included.
func (c *Code) NumLocals() int { return int(c.locals) }

// Len returns the number of bytes of the instructions so far.
func (c *Code) Len() int { return len(c.buf) }

// Bytes returns the instructions so far, without the local declarations. The
// slice is valid until the next call of another method.
func (c *Code) Bytes() []byte { return c.buf }

// Raw appends encoded instructions.
func (c *Code) Raw(b []byte) { c.buf = append(c.buf, b...) }

// The emitter calls the methods below at a thousand places. Op, index and signed
// are their common parts and are not inlined: the appends in each copy made
// package emit 2.5 times as large, and a page's core 60 KB (brotli), and saved no
// measurable time.

// Op appends an instruction without immediates, or the opcode of one whose
// immediates follow by Raw.
//
//go:noinline
func (c *Code) Op(op Op) {
	if op < 1<<pageShift {
		c.buf = append(c.buf, byte(op))
		return
	}
	c.buf = appendU(append(c.buf, 0xf0|byte(op>>pageShift)), uint32(op&pageMask))
}

// index appends an instruction whose opcode is a byte, with an index or depth.
//
//go:noinline
func (c *Code) index(op Op, i uint32) {
	if i < 0x80 {
		c.buf = append(c.buf, byte(op), byte(i))
		return
	}
	c.buf = appendU(append(c.buf, byte(op)), i)
}

// signed is index for instructions with a signed immediate.
//
//go:noinline
func (c *Code) signed(op Op, v int64) {
	c.buf = appendS(append(c.buf, byte(op)), v)
}

// Idx appends an instruction with one index or depth.
func (c *Code) Idx(op Op, i uint32) {
	c.Op(op)
	c.buf = appendU(c.buf, i)
}

// Idx2 appends an instruction with two indices, in the order of the binary
// format: memory.init takes the segment first, table.copy the destination.
func (c *Code) Idx2(op Op, i, j uint32) {
	c.Idx(op, i)
	c.buf = appendU(c.buf, j)
}

// I32Const pushes v.
func (c *Code) I32Const(v int32) { c.signed(OpI32Const, int64(v)) }

// I64Const pushes v.
func (c *Code) I64Const(v int64) { c.signed(OpI64Const, v) }

// F32Const pushes the float with these bits.
func (c *Code) F32Const(bits uint32) {
	c.buf = binary.LittleEndian.AppendUint32(append(c.buf, byte(OpF32Const)), bits)
}

// F64Const pushes the float with these bits.
func (c *Code) F64Const(bits uint64) {
	c.buf = binary.LittleEndian.AppendUint64(append(c.buf, byte(OpF64Const)), bits)
}

// V128Const pushes the vector whose lanes of 64 bits are lo (lane 0) and hi.
func (c *Code) V128Const(lo, hi uint64) {
	c.Op(OpV128Const)
	c.buf = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(c.buf, lo), hi)
}

// LocalGet pushes local i.
func (c *Code) LocalGet(i uint32) { c.index(OpLocalGet, i) }

// LocalSet pops local i.
func (c *Code) LocalSet(i uint32) { c.index(OpLocalSet, i) }

// LocalTee copies the top of the stack to local i.
func (c *Code) LocalTee(i uint32) { c.index(OpLocalTee, i) }

// GlobalGet pushes global i.
func (c *Code) GlobalGet(i uint32) { c.index(OpGlobalGet, i) }

// GlobalSet pops global i.
func (c *Code) GlobalSet(i uint32) { c.index(OpGlobalSet, i) }

// Block opens a block; a branch to it goes to its end.
func (c *Code) Block(t BlockType) { c.signed(OpBlock, int64(t)) }

// Loop opens a loop; a branch to it goes to its start.
func (c *Code) Loop(t BlockType) { c.signed(OpLoop, int64(t)) }

// If pops a condition and opens a block that is skipped, or replaced by its
// Else half, when the condition is zero.
func (c *Code) If(t BlockType) { c.signed(OpIf, int64(t)) }

// Else opens the second half of an If.
func (c *Code) Else() { c.Op(OpElse) }

// End closes a Block, Loop or If, and finally the function.
func (c *Code) End() { c.Op(OpEnd) }

// Br branches out of depth blocks to the one around them; 0 is the innermost.
func (c *Code) Br(depth uint32) { c.index(OpBr, depth) }

// BrIf pops a condition and branches, as Br, if it is not zero.
func (c *Code) BrIf(depth uint32) { c.index(OpBrIf, depth) }

// BrTable pops an index and branches to targets[index], or to def when there
// is no such target.
func (c *Code) BrTable(targets []uint32, def uint32) {
	c.buf = appendU(append(c.buf, byte(OpBrTable)), uint32(len(targets)))
	for _, t := range targets {
		c.buf = appendU(c.buf, t)
	}
	c.buf = appendU(c.buf, def)
}

// Call calls function fn.
func (c *Code) Call(fn uint32) { c.index(OpCall, fn) }

// CallIndirect pops an index and calls that entry of the table, which must
// have the type.
func (c *Code) CallIndirect(typ, table uint32) { c.Idx2(OpCallIndirect, typ, table) }

// ReturnCall is Call in tail position: the frame is gone before the call.
func (c *Code) ReturnCall(fn uint32) { c.Idx(OpReturnCall, fn) }

// ReturnCallIndirect is CallIndirect in tail position.
func (c *Code) ReturnCallIndirect(typ, table uint32) { c.Idx2(OpReturnCallIndirect, typ, table) }

// SelectT is select for reference types, which the plain one does not take.
func (c *Code) SelectT(t ValType) { c.buf = append(c.buf, byte(OpSelectT), 1, byte(t)) }

// RefNull pushes the null of a reference type.
func (c *Code) RefNull(t ValType) { c.buf = append(c.buf, byte(OpRefNull), byte(t)) }

// Mem appends a load, store or atomic access. align is the logarithm of the
// alignment in bytes; offset is added to the popped address without wrapping.
func (c *Code) Mem(op Op, align, offset uint32) {
	c.Op(op)
	c.buf = appendU(appendU(c.buf, align), offset)
}

// MemLane appends a load or store of one vector lane.
func (c *Code) MemLane(op Op, align, offset uint32, lane uint8) {
	c.Mem(op, align, offset)
	c.buf = append(c.buf, lane)
}

// Lane appends extract_lane or replace_lane.
func (c *Code) Lane(op Op, lane uint8) {
	c.Op(op)
	c.buf = append(c.buf, lane)
}

// Shuffle pops two vectors and pushes the bytes that lanes selects: 0 to 15
// from the first, 16 to 31 from the second.
func (c *Code) Shuffle(lanes [16]byte) {
	c.Op(OpI8x16Shuffle)
	c.buf = append(c.buf, lanes[:]...)
}

// Fence appends atomic.fence.
func (c *Code) Fence() {
	c.Op(OpAtomicFence)
	c.buf = append(c.buf, 0)
}

// MemoryCopy pops length, source and destination and copies within the memory.
func (c *Code) MemoryCopy() { c.Idx2(OpMemoryCopy, 0, 0) }

// MemoryFill pops length, value and destination and fills the memory.
func (c *Code) MemoryFill() { c.Idx(OpMemoryFill, 0) }

// appendBody appends c as an entry of the code section: size, locals,
// instructions.
func (c *Code) appendBody(b []byte) []byte {
	size := sizeU(uint32(len(c.runs))) + len(c.buf)
	for _, r := range c.runs {
		size += sizeU(r.n) + 1
	}
	if size > math.MaxUint32 {
		panic("BUG: function body over 4 GiB")
	}
	b = appendU(b, uint32(size))
	b = appendU(b, uint32(len(c.runs)))
	for _, r := range c.runs {
		b = append(appendU(b, r.n), byte(r.t))
	}
	return append(b, c.buf...)
}

// ConstExpr is the initial value of a global or the offset of a segment.
type ConstExpr []byte

func constExpr(f func(*Code)) ConstExpr {
	var c Code
	f(&c)
	c.End()
	return c.buf
}

// ConstI32 is the constant v.
func ConstI32(v int32) ConstExpr { return constExpr(func(c *Code) { c.I32Const(v) }) }

// ConstI64 is the constant v.
func ConstI64(v int64) ConstExpr { return constExpr(func(c *Code) { c.I64Const(v) }) }

// ConstF32 is the float with these bits.
func ConstF32(bits uint32) ConstExpr { return constExpr(func(c *Code) { c.F32Const(bits) }) }

// ConstF64 is the float with these bits.
func ConstF64(bits uint64) ConstExpr { return constExpr(func(c *Code) { c.F64Const(bits) }) }

// ConstV128 is the vector with these lanes.
func ConstV128(lo, hi uint64) ConstExpr { return constExpr(func(c *Code) { c.V128Const(lo, hi) }) }

// ConstGlobal is the value of an imported, immutable global.
func ConstGlobal(i uint32) ConstExpr { return constExpr(func(c *Code) { c.GlobalGet(i) }) }

// ConstFunc is a reference to function fn.
func ConstFunc(fn uint32) ConstExpr { return constExpr(func(c *Code) { c.Idx(OpRefFunc, fn) }) }

// ConstNull is the null of reference type t.
func ConstNull(t ValType) ConstExpr { return constExpr(func(c *Code) { c.RefNull(t) }) }
