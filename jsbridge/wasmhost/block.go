//go:build js

package wasmhost

import (
	"unsafe"

	"boxer/runtime/engine"
)

// block is bytes in JavaScript's heap, whose collector gives them back to the
// host when they are dropped. Go's memory never shrinks.
type block int32

var _ engine.BlockKeeper = (*Engine)(nil)

// NewBlock implements engine.BlockKeeper.
func (e *Engine) NewBlock() engine.Block {
	h := jsNewBlock(engine.BlockSize)
	if h < 0 {
		return nil
	}
	return block(h)
}

// Read implements engine.Block.
func (b block) Read(off uint64, p []byte) {
	b.check(off, uint64(len(p)))
	jsReadBlock(int32(b), uint32(off), unsafe.Pointer(unsafe.SliceData(p)), uint32(len(p)))
}

// Write implements engine.Block.
func (b block) Write(off uint64, p []byte) {
	b.check(off, uint64(len(p)))
	jsWriteBlock(int32(b), uint32(off), unsafe.Pointer(unsafe.SliceData(p)), uint32(len(p)))
}

// Load implements engine.Block.
func (b block) Load(m engine.Memory, off, n uint64) {
	b.check(off%engine.BlockSize, n)
	jsLoadBlock(int32(b), uint32(off%engine.BlockSize), memoryOf(m, off, n), uint32(off), uint32(n))
}

// Store implements engine.Block.
func (b block) Store(m engine.Memory, off, n uint64) {
	b.check(off%engine.BlockSize, n)
	jsStoreBlock(int32(b), uint32(off%engine.BlockSize), memoryOf(m, off, n), uint32(off), uint32(n))
}

// Free implements engine.Block.
func (b block) Free() { jsDropBlock(int32(b)) }

// check panics where JavaScript would throw, which Go does not survive.
func (block) check(off, n uint64) {
	if off > engine.BlockSize || n > engine.BlockSize-off {
		panic("BUG: wasmhost: a range outside of its block")
	}
}

// memoryOf is the handle of m, which has [off, off+n).
func memoryOf(m engine.Memory, off, n uint64) int32 {
	mem := m.(*memory)
	if !mem.has(off, n) {
		panic("BUG: wasmhost: a range outside of the memory")
	}
	return mem.h
}
