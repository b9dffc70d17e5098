package oci

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand"
	"runtime"
	"testing"

	"boxer/runtime/oci/lazy"
	"boxer/wasmfs/tarfs"
)

// lazyTree is a tree of about 4 MB: small files, and one of several members.
func lazyTree(t testing.TB) *Tree {
	t.Helper()
	random := rand.New(rand.NewSource(1))
	tree := NewTree()
	for i := range 300 {
		data := make([]byte, random.Intn(8000))
		random.Read(data)
		if err := tree.AddFile(fmt.Sprintf("usr/share/f%d", i), 0o644, data); err != nil {
			t.Fatal(err)
		}
	}
	big := bytes.Repeat([]byte("all work and no play "), 100_000)
	if err := tree.AddFile("usr/bin/big", 0o755, big); err != nil {
		t.Fatal(err)
	}
	return tree
}

type blobFetcher []byte

func (b blobFetcher) Fetch(m *lazy.Member, _ bool) ([]byte, error) {
	return b[m.Offset : m.Offset+m.Size], nil
}

func TestPackLazy(t *testing.T) {
	in, err := lazyTree(t).Tar()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	plain := make([]byte, in.Size)
	if _, err := in.ReadAt(plain, 0); err != nil {
		t.Fatal(err)
	}
	var blob bytes.Buffer
	p, err := packLazy(&blob, in, []tarfs.Range{{Start: 1 << 20, Size: 1}, {Start: 0, Size: 10}, {Start: 1 << 20, Size: 10}}, func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if p.diffID != DigestBytes(plain) || p.digest != DigestBytes(blob.Bytes()) {
		t.Error("wrong digests")
	}
	x, err := lazy.Decode(p.index.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Prefetch) != 2 || x.Prefetch[1] != 0 {
		t.Errorf("prefetch %v", x.Prefetch)
	}
	atFile := 0
	for i, m := range x.Members {
		if m.Len > memberSize+memberSlack || i < len(x.Members)-1 && m.Len < memberSize-memberSlack || m.Start%512 != 0 {
			t.Errorf("member %d of %d has %d bytes", i, len(x.Members), m.Len)
		}
		for _, h := range x.Headers {
			if h.Start == m.Start {
				atFile++
			}
		}
	}
	if atFile < 2 {
		t.Errorf("%d of %d members begin with a file", atFile, len(x.Members))
	}
	r := lazy.NewReader(x, blobFetcher(blob.Bytes()), lazy.Options{})
	got := make([]byte, in.Size)
	if _, err := r.ReadAt(got, 0); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("what was packed does not read as it was: %v", err)
	}
}

// TestPackLazyDeterministic packs with one processor and with several.
func TestPackLazyDeterministic(t *testing.T) {
	var sums [2][32]byte
	for i, procs := range []int{1, 4} {
		old := runtime.GOMAXPROCS(procs)
		in, err := lazyTree(t).Tar()
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		if _, err := packLazy(h, in, nil, func(int64) {}); err != nil {
			t.Fatal(err)
		}
		in.Close()
		runtime.GOMAXPROCS(old)
		h.Sum(sums[i][:0])
	}
	if sums[0] != sums[1] {
		t.Error("two runs gave different blobs")
	}
}

// TestPackLazyEmpty packs a tar without a byte.
func TestPackLazyEmpty(t *testing.T) {
	var blob bytes.Buffer
	p, err := packLazy(&blob, &Tar{ReaderAt: bytes.NewReader(nil)}, nil, func(int64) {})
	if err != nil || p.diffID != DigestBytes(nil) || blob.Len() == 0 || p.index == nil {
		t.Errorf("%+v, %v", p, err)
	}
}
