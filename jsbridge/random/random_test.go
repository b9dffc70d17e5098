//go:build js

package random

import (
	"bytes"
	"io"
	"testing"
)

// TestReader: all of a slice is filled, also beyond what the host gives at once, and differently each time.
func TestReader(t *testing.T) {
	if n, err := Reader.Read(nil); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
	a, b := make([]byte, 3*most+17), make([]byte, 3*most+17)
	for _, p := range [][]byte{a, b} {
		if _, err := io.ReadFull(Reader, p); err != nil {
			t.Fatal(err)
		}
		for off := 0; off < len(p); off += 16 { // one in 2^128 by chance
			if part := p[off:min(off+16, len(p))]; len(part) == 16 && bytes.Equal(part, make([]byte, 16)) {
				t.Errorf("bytes at %d were not filled", off)
			}
		}
	}
	if bytes.Equal(a, b) {
		t.Error("two reads gave the same")
	}
}
