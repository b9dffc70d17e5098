//go:build js

package wasmhost

import "unsafe"

// Bytes are some bytes in JavaScript's heap, as blocks are; see Engine.NewBlock.
type Bytes struct {
	h int32
	n int
}

// NewBytes makes n bytes, all zero; false where the host has no room.
func NewBytes(n int) (Bytes, bool) {
	h := jsNewBlock(uint32(n))
	return Bytes{h, n}, h >= 0
}

// Len is their number.
func (b Bytes) Len() int { return b.n }

// ReadAt copies to p what it has room for, from off on, and returns how much that is.
func (b Bytes) ReadAt(p []byte, off int) int {
	n := min(len(p), max(b.n-off, 0))
	if n > 0 {
		jsReadBlock(b.h, uint32(off), unsafe.Pointer(unsafe.SliceData(p)), uint32(n))
	}
	return n
}

// Set copies p, at most Len bytes of it, to their start.
func (b Bytes) Set(p []byte) {
	if n := min(len(p), b.n); n > 0 {
		jsWriteBlock(b.h, 0, unsafe.Pointer(unsafe.SliceData(p)), uint32(n))
	}
}

// Free gives them back.
func (b Bytes) Free() { jsDropBlock(b.h) }
