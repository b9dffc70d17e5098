package loader

import (
	"io"

	"boxer/runtime/sha2"
)

// Blob is a file made of bytes in the program, with an identity, so that
// code in it is translated once.
type Blob struct {
	name   string
	data   []byte
	digest [32]byte
}

// NewBlob makes a Blob; data must not change.
func NewBlob(name string, data []byte) *Blob {
	return &Blob{name, data, sha2.Sum256(data)}
}

// ReadAt implements mm.File.
func (b *Blob) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(b.data)) {
		return 0, io.EOF
	}
	n := copy(p, b.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Size implements mm.File.
func (b *Blob) Size() int64 { return int64(len(b.data)) }

// Digest implements mm.File.
func (b *Blob) Digest() ([32]byte, bool) { return b.digest, true }

// Name implements mm.File.
func (b *Blob) Name() string { return b.name }
