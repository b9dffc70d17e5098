//go:build js

package port

import (
	"io"
	"syscall/js"
)

// Buffer collects what is written to it on JavaScript's side.
type Buffer struct {
	parts []js.Value
	n     int
	last  []byte // not moved yet
}

// bufferPart is how much is moved at once.
const bufferPart = 1 << 20

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.last = append(b.last, p...)
	if len(b.last) >= bufferPart {
		b.flush()
	}
	return len(p), nil
}

func (b *Buffer) flush() {
	b.parts = append(b.parts, Array(b.last))
	b.n += len(b.last)
	b.last = b.last[:0]
}

// Array is one Uint8Array of all.
func (b *Buffer) Array() js.Value {
	b.flush()
	if len(b.parts) == 1 {
		return b.parts[0]
	}
	a, at := bytes.New(b.n), 0
	for _, p := range b.parts {
		a.Call("set", p, at)
		at += p.Length()
	}
	return a
}

// A Reader reads a Uint8Array where it is.
type Reader struct {
	a js.Value
	n int
}

// NewReader makes a Reader of a Uint8Array or an ArrayBuffer; ok is false for
// anything else.
func NewReader(v js.Value) (r *Reader, ok bool) {
	a, ok := array(v)
	if !ok {
		return nil, false
	}
	return &Reader{a, a.Get("length").Int()}, true
}

// Size is the number of bytes.
func (r *Reader) Size() int64 { return int64(r.n) }

// ReadAt implements io.ReaderAt.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(r.n) {
		return 0, io.EOF
	}
	end := min(r.n, int(off)+len(p))
	n := js.CopyBytesToGo(p, r.a.Call("subarray", int(off), end))
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
