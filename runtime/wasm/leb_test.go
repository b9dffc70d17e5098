package wasm

import (
	"bytes"
	"math"
	"testing"
)

func TestLEB(t *testing.T) {
	for _, c := range []struct {
		v uint32
		b string
	}{
		{0, "\x00"}, {127, "\x7f"}, {128, "\x80\x01"}, {16383, "\xff\x7f"}, {16384, "\x80\x80\x01"},
		{math.MaxUint32, "\xff\xff\xff\xff\x0f"},
	} {
		b := appendU(nil, c.v)
		if string(b) != c.b || sizeU(c.v) != len(b) {
			t.Errorf("appendU(%d) = %x, sizeU %d; want %x", c.v, b, sizeU(c.v), c.b)
		}
		r := reader{b: b}
		if v := r.u32(); v != c.v || r.err != nil || len(r.b) != 0 {
			t.Errorf("u32(%x) = %d, %v", b, v, r.err)
		}
	}
	for _, c := range []struct {
		v int64
		b string
	}{
		{0, "\x00"}, {63, "\x3f"}, {64, "\xc0\x00"}, {-1, "\x7f"}, {-64, "\x40"}, {-65, "\xbf\x7f"}, {127, "\xff\x00"}, {-128, "\x80\x7f"},
		{math.MaxInt32, "\xff\xff\xff\xff\x07"}, {math.MinInt32, "\x80\x80\x80\x80\x78"},
		{math.MaxUint32, "\xff\xff\xff\xff\x0f"}, // the largest type index as a block type
		{math.MaxInt64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"},
		{math.MinInt64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f"},
	} {
		if b := appendS(nil, c.v); string(b) != c.b {
			t.Errorf("appendS(%d) = %x, want %x", c.v, b, c.b)
		}
		for _, width := range []int{32, 33, 64} {
			r := reader{b: []byte(c.b)}
			v := r.signed(width)
			if fits := c.v>>(width-1) == 0 || c.v>>(width-1) == -1; !fits {
				if r.err == nil {
					t.Errorf("signed %d bits of %x = %d, want an error", width, c.b, v)
				}
			} else if v != c.v || r.err != nil || len(r.b) != 0 {
				t.Errorf("signed %d bits of %x = %d, %v; want %d", width, c.b, v, r.err, c.v)
			}
		}
	}
}

func TestLEBMalformed(t *testing.T) {
	for _, b := range []string{
		"", "\x80", "\xff\xff\xff\xff\x10", "\x80\x80\x80\x80\x80\x00", "\xff\xff\xff\xff\xff",
	} {
		r := reader{b: []byte(b)}
		if v := r.u32(); r.err == nil {
			t.Errorf("u32(%x) = %d, want an error", b, v)
		}
	}
	for _, b := range []string{
		"", "\x80", "\xff\xff\xff\xff\x4f", "\x80\x80\x80\x80\x08", "\x80\x80\x80\x80\x80\x00",
	} {
		r := reader{b: []byte(b)}
		if v := r.signed(32); r.err == nil {
			t.Errorf("signed 32 bits of %x = %d, want an error", b, v)
		}
	}
	for _, last := range []byte{0x01, 0x40, 0x7e, 0x80, 0xff} {
		r := reader{b: append(bytes.Repeat([]byte{0x80}, 9), last)}
		if v := r.signed(64); r.err == nil {
			t.Errorf("signed 64 bits with last byte %#x = %d, want an error", last, v)
		}
	}
	// Longer forms of small values are legal.
	r := reader{b: []byte("\x83\x80\x00\xfd\xff\x7f")}
	if u, s := r.u32(), r.signed(32); u != 3 || s != -3 || r.err != nil {
		t.Errorf("padded forms: %d, %d, %v", u, s, r.err)
	}
}
