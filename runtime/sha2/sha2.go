// Package sha2 is SHA-256 and SHA-512 for what a box is made of. On servers it is
// the standard library's, which has the processor's instructions (std.go). In a page
// it is the code below, as fast there as the standard library's: that one brings the
// tables and self-tests of AES, SHA-3, HMAC and a random generator into every program
// (crypto/internal/fips140), 36 KB of the page's core after brotli.
//
// Source: FIPS 180-4.
package sha2

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// The sizes of the hashes in bytes.
const (
	Size256 = 32
	Size512 = 64
)

// digest is a hash under way: SHA-512 if wide, else SHA-256, whose words are the low
// halves of h.
type digest struct {
	wide bool
	h    [8]uint64
	buf  [128]byte
	n    int    // bytes in buf
	size uint64 // bytes written
}

var _ hash.Hash = (*digest)(nil)

func newDigest(wide bool) *digest {
	d := &digest{wide: wide}
	d.Reset()
	return d
}

// Reset implements hash.Hash.
func (d *digest) Reset() {
	d.n, d.size = 0, 0
	for i, v := range &initial {
		if !d.wide {
			v >>= 32
		}
		d.h[i] = v
	}
}

// BlockSize implements hash.Hash.
func (d *digest) BlockSize() int {
	if d.wide {
		return 128
	}
	return 64
}

// Size implements hash.Hash.
func (d *digest) Size() int {
	if d.wide {
		return Size512
	}
	return Size256
}

// Write implements hash.Hash. It never fails.
func (d *digest) Write(p []byte) (int, error) {
	total, block := len(p), d.BlockSize()
	d.size += uint64(total)
	if d.n > 0 {
		k := copy(d.buf[d.n:block], p)
		d.n, p = d.n+k, p[k:]
		if d.n < block {
			return total, nil
		}
		d.blocks(d.buf[:block])
		d.n = 0
	}
	whole := len(p) &^ (block - 1)
	d.blocks(p[:whole])
	d.n = copy(d.buf[:], p[whole:])
	return total, nil
}

// Sum implements hash.Hash: what was written so far, padded, is hashed in a copy of d.
func (d *digest) Sum(b []byte) []byte {
	c := *d
	block := c.BlockSize()
	length := block / 8 // of the message's length at the end, in bits
	pad := make([]byte, block+length)
	pad[0] = 0x80
	end := block - length
	if c.n >= end {
		end += block
	}
	pad = pad[:end-c.n+length]
	binary.BigEndian.PutUint64(pad[len(pad)-8:], c.size<<3)
	if c.wide {
		binary.BigEndian.PutUint64(pad[len(pad)-16:], c.size>>61)
	}
	c.Write(pad)
	for _, v := range &c.h {
		if c.wide {
			b = binary.BigEndian.AppendUint64(b, v)
		} else {
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		}
	}
	return b
}

func (d *digest) blocks(p []byte) {
	if d.wide {
		d.blocks512(p)
	} else {
		d.blocks256(p)
	}
}

// blocks256 is 6.2.2, for each 64 bytes of p.
func (d *digest) blocks256(p []byte) {
	var w [64]uint32
	var s [8]uint32
	for i, v := range &d.h {
		s[i] = uint32(v)
	}
	for ; len(p) >= 64; p = p[64:] {
		for i := range 16 {
			w[i] = binary.BigEndian.Uint32(p[4*i:])
		}
		for i := 16; i < 64; i++ {
			x, y := w[i-2], w[i-15]
			w[i] = (bits.RotateLeft32(x, -17) ^ bits.RotateLeft32(x, -19) ^ x>>10) + w[i-7] +
				(bits.RotateLeft32(y, -7) ^ bits.RotateLeft32(y, -18) ^ y>>3) + w[i-16]
		}
		a, b, c, d, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
		for i, k := range w {
			t1 := h + (bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25)) +
				(e&f ^ ^e&g) + uint32(rounds[i]>>32) + k
			t2 := (bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)) + (a&b ^ a&c ^ b&c)
			h, g, f, e, d, c, b, a = g, f, e, d+t1, c, b, a, t1+t2
		}
		for i, v := range [8]uint32{a, b, c, d, e, f, g, h} {
			s[i] += v
		}
	}
	for i, v := range s {
		d.h[i] = uint64(v)
	}
}

// blocks512 is 6.4.2, for each 128 bytes of p.
func (d *digest) blocks512(p []byte) {
	var w [80]uint64
	for ; len(p) >= 128; p = p[128:] {
		for i := range 16 {
			w[i] = binary.BigEndian.Uint64(p[8*i:])
		}
		for i := 16; i < 80; i++ {
			x, y := w[i-2], w[i-15]
			w[i] = (bits.RotateLeft64(x, -19) ^ bits.RotateLeft64(x, -61) ^ x>>6) + w[i-7] +
				(bits.RotateLeft64(y, -1) ^ bits.RotateLeft64(y, -8) ^ y>>7) + w[i-16]
		}
		a, b, c, e, f, g, h, s := d.h[0], d.h[1], d.h[2], d.h[4], d.h[5], d.h[6], d.h[7], d.h[3]
		for i, k := range w {
			t1 := h + (bits.RotateLeft64(e, -14) ^ bits.RotateLeft64(e, -18) ^ bits.RotateLeft64(e, -41)) +
				(e&f ^ ^e&g) + rounds[i] + k
			t2 := (bits.RotateLeft64(a, -28) ^ bits.RotateLeft64(a, -34) ^ bits.RotateLeft64(a, -39)) + (a&b ^ a&c ^ b&c)
			h, g, f, e, s, c, b, a = g, f, e, s+t1, c, b, a, t1+t2
		}
		for i, v := range [8]uint64{a, b, c, s, e, f, g, h} {
			d.h[i] += v
		}
	}
}
