package sha2

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"math/rand/v2"
	"testing"
)

// same compares a hash of ours with the standard library's, for p written in pieces.
func same(t *testing.T, wide bool, p []byte, rng *rand.Rand) {
	t.Helper()
	var std hash.Hash = sha256.New()
	if wide {
		std = sha512.New()
	}
	own := newDigest(wide)
	if own.Size() != std.Size() || own.BlockSize() != std.BlockSize() {
		t.Fatalf("sizes %d and %d", own.Size(), own.BlockSize())
	}
	for rest := p; len(rest) > 0; {
		n := min(1+rng.IntN(200), len(rest))
		std.Write(rest[:n])
		if k, err := own.Write(rest[:n]); k != n || err != nil {
			t.Fatalf("Write: %d, %v", k, err)
		}
		rest = rest[n:]
		own.Sum(nil) // leaves the hash as it is
	}
	if got, want := own.Sum([]byte("x")), std.Sum([]byte("x")); !bytes.Equal(got, want) {
		t.Fatalf("%d bytes, wide %v:\n got %x\nwant %x", len(p), wide, got, want)
	}
	own.Reset()
	own.Write(p)
	if got, want := own.Sum(nil), std.Sum(nil); !bytes.Equal(got, want) {
		t.Fatalf("%d bytes at once, wide %v:\n got %x\nwant %x", len(p), wide, got, want)
	}
}

// TestSame: every length around the blocks' ends, and larger ones, as the standard library has it.
func TestSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 600 {
		if n > 400 {
			n = rng.IntN(100_000)
		}
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		same(t, false, p, rng)
		same(t, true, p, rng)
		if Sum256(p) != sha256.Sum256(p) {
			t.Fatalf("Sum256 of %d bytes", n)
		}
		for _, h := range []hash.Hash{New256(), New512()} {
			if h.Write(p); h.Size() == Size512 && [Size512]byte(h.Sum(nil)) != sha512.Sum512(p) || h.Size() == Size256 && [Size256]byte(h.Sum(nil)) != sha256.Sum256(p) {
				t.Fatalf("New%d of %d bytes", h.Size()*8, n)
			}
		}
	}
}

func FuzzSame(f *testing.F) {
	f.Add([]byte("abc"), uint64(1))
	f.Fuzz(func(t *testing.T, p []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		same(t, false, p, rng)
		same(t, true, p, rng)
	})
}

func BenchmarkOwn256(b *testing.B) { bench(b, newDigest(false)) }
func BenchmarkStd256(b *testing.B) { bench(b, sha256.New()) }
func BenchmarkOwn512(b *testing.B) { bench(b, newDigest(true)) }
func BenchmarkStd512(b *testing.B) { bench(b, sha512.New()) }

func bench(b *testing.B, h hash.Hash) {
	p := make([]byte, 64<<10)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		h.Write(p)
	}
}
