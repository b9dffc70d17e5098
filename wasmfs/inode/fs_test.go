package inode

import (
	"testing"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/fstest"
)

func newFS(t testing.TB, opt Options) *FS {
	t.Helper()
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	opt.Store = chunk.New(backend, chunk.Options{Volatile: true})
	fs, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

func TestConformance(t *testing.T) {
	fstest.Run(t, func(t *testing.T) fstest.System {
		return fstest.NewGuest(t, wasmfs.NewNamespace(newFS(t, Options{}), "tmpfs", 0), "/t")
	})
}
