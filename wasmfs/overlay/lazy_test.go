package overlay

import (
	"archive/tar"
	"bytes"
	"io"
	"sync"
	"testing"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/tarfs"
)

// farTar is an archive that is far away: blocks of 4 KiB must be loaded.
type farTar struct {
	*bytes.Reader
	mu   sync.Mutex
	here map[int64]bool
}

func (f *farTar) Resident(off, n int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for b := off &^ 4095; b < off+n; b += 4096 {
		if !f.here[b] {
			return false
		}
	}
	return true
}

func (f *farTar) Load(off, n int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for b := off &^ 4095; b < off+n; b += 4096 {
		f.here[b] = true
	}
	return nil
}

// TestLazy asks an open file what of it is resident: the layer's, and what
// was written over it.
func TestLazy(t *testing.T) {
	const size = 3*chunk.Size + 1000
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "file", Mode: 0o644, Size: size}); err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, size))
	w.Close()
	far := &farTar{Reader: bytes.NewReader(b.Bytes()), here: map[int64]bool{}}
	l, err := tarfs.Index(far, int64(b.Len()), tarfs.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := New(newStore(t), l)
	if err != nil {
		t.Fatal(err)
	}
	ns := wasmfs.NewNamespace(root, "overlay", 0)
	env := &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
	_, f, err := ns.Open(env, wasmfs.Path{}, "/file", abi.O_RDWR, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lazy := f.(wasmfs.LazyFile)
	check := func(what string, off, n int64, want bool) {
		t.Helper()
		if got := lazy.Resident(off, n); got != want {
			t.Errorf("%s: %d bytes at %d resident: %v", what, n, off, got)
		}
	}
	check("at first", 0, 1, false)
	check("behind the end", size, 10, true)
	if err := lazy.Load(chunk.Size+5, 100); err != nil {
		t.Fatal(err)
	}
	check("loaded", chunk.Size+5, 100, true)
	check("more than loaded", 0, size, false)
	if _, err := f.(io.WriterAt).WriteAt(make([]byte, chunk.Size), 2*chunk.Size); err != nil {
		t.Fatal(err)
	}
	check("written", 2*chunk.Size, chunk.Size, true)
	check("written and more", 2*chunk.Size, size, false)
	if err := lazy.Load(0, size); err != nil {
		t.Fatal(err)
	}
	check("loaded whole", 0, 2*size, true)
}
