//go:build js

package heapfs

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"

	"github.com/hack-pad/hackpadfs"

	"boxer/wasmfs/chunk"
)

// TestChunks: package chunk keeps a file's contents here and finds them again.
func TestChunks(t *testing.T) {
	backend := New()
	s := chunk.New(backend, chunk.Options{Cache: 2 * chunk.Size, Volatile: true})
	f := s.NewFile()
	data := make([]byte, 9*chunk.Size+1234)
	for i := range data {
		data[i] = byte(i * i >> 8)
	}
	for range 2 { // written anew the second time
		for at := 0; at < len(data); at += 1000 {
			if _, err := f.WriteAt(data[at:min(at+1000, len(data))], int64(at)); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, len(data))
		if _, err := f.ReadAt(got, 0); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("read back: %v", err)
		}
		if len(backend.files) < 7 {
			t.Errorf("%d chunks are here, of 10", len(backend.files))
		}
		data[12345]++
	}
	if err := f.Free(); err != nil || len(backend.files) != 0 {
		t.Errorf("freed: %v, %d chunks are still here", err, len(backend.files))
	}
}

func TestFiles(t *testing.T) {
	f := New()
	if _, err := f.Open("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := f.Remove("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, text := range []string{"first", "", "second"} {
		w, err := hackpadfs.OpenFile(f, "a", hackpadfs.FlagWriteOnly|hackpadfs.FlagCreate|hackpadfs.FlagTruncate, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hackpadfs.WriteFile(w, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := hackpadfs.ReadFile(f, "a"); string(got) != text || err != nil {
			t.Errorf("%q, %v; want %q", got, err, text)
		}
	}
	if err := f.Remove("a"); err != nil {
		t.Error(err)
	}
}
