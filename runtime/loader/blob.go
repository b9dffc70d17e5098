package loader

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
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
	return &Blob{name, data, sha256.Sum256(data)}
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

// arm64Trampoline is the code that signal handlers return to: arm64 programs
// pass no sa_restorer, so the kernel supplies __kernel_rt_sigreturn. The NOP stands where
// unwinders look for the call, the instruction before the return address.
//
// It is not a vDSO image with AT_SYSINFO_EHDR: whose clock functions would only
// make the system call that libc makes itself without them.
var arm64Trampoline = NewBlob("[vdso]", words(
	0xd503201f, // nop
	0xd2801168, // mov x8, #139 (rt_sigreturn)
	0xd4000001, // svc #0
))

// TrampolineEntry is the offset of the return code in ARM64's trampoline.
const TrampolineEntry = 4

func words(w ...uint32) []byte {
	var b []byte
	for _, x := range w {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}
