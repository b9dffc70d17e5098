package loader

import (
	"encoding/binary"

	"boxer/runtime/mm"
)

// A view reads a range of a file through a buffer, for tables that may be
// large and whose headers may lie. What lies outside of the range or the file
// reads as zero and sets bad.
type view struct {
	file mm.File
	off  int64
	n    uint64
	bad  bool
	at   uint64 // position of buf in the range
	buf  []byte
}

const viewBuffer = 64 << 10

// newView is the part of [off, off+n) that lies in the file.
func newView(f mm.File, off, n uint64) *view {
	size := uint64(f.Size())
	off = min(off, size)
	return &view{file: f, off: int64(off), n: min(n, size-off)}
}

// bytes returns k ≤ 16 bytes at i, valid until the next call.
func (v *view) bytes(i uint64, k int) []byte {
	if i > v.n || v.n-i < uint64(k) {
		v.bad = true
		return zero16[:k]
	}
	if i < v.at || i+uint64(k) > v.at+uint64(len(v.buf)) {
		n := min(v.n-i, viewBuffer)
		if uint64(cap(v.buf)) < n {
			v.buf = make([]byte, n)
		}
		got, err := readAt(v.file, v.buf[:n], v.off+int64(i))
		v.at, v.buf = i, v.buf[:got]
		if err != nil || got < k {
			v.bad = true
			return zero16[:k]
		}
	}
	return v.buf[i-v.at:][:k]
}

var zero16 [16]byte

func (v *view) u8(i uint64) byte    { return v.bytes(i, 1)[0] }
func (v *view) u16(i uint64) uint16 { return binary.LittleEndian.Uint16(v.bytes(i, 2)) }
func (v *view) u32(i uint64) uint32 { return binary.LittleEndian.Uint32(v.bytes(i, 4)) }
func (v *view) u64(i uint64) uint64 { return binary.LittleEndian.Uint64(v.bytes(i, 8)) }
