//go:build js

package wasmhost

import (
	"bytes"
	"testing"

	"boxer/runtime/engine"
)

func TestBlocks(t *testing.T) {
	e := New()
	defer e.Close()
	m := must(e.NewMemory(2, 2))(t)
	b := e.NewBlock()
	defer b.Free()
	got := make([]byte, 8)
	b.Read(engine.BlockSize-8, got)
	if !bytes.Equal(got, make([]byte, 8)) {
		t.Errorf("a new block holds %x", got)
	}
	const at = 3*engine.BlockSize + 100 // the block is the memory's fourth
	m.Write(at, []byte("contents"))
	b.Load(m, at, 8)
	if b.Read(100, got); string(got) != "contents" {
		t.Errorf("loaded %q", got)
	}
	b.Write(102, []byte("xx"))
	b.Store(m, at+1, 7)
	if m.Read(at, got); string(got) != "coxxents" {
		t.Errorf("stored %q", got)
	}
	for _, bad := range []func(){
		func() { b.Read(engine.BlockSize-7, got) },
		func() { b.Load(m, engine.BlockSize-1, 2) },
		func() { b.Store(m, 2*engine.PageSize, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a range outside of the block or the memory is taken")
				}
			}()
			bad()
		}()
	}
}
