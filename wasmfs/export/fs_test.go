package export

import (
	"errors"
	"io/fs"
	"testing"
	stdfstest "testing/fstest"

	hackfstest "github.com/hack-pad/hackpadfs/fstest"
	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

func newFS(t testing.TB) *FS {
	t.Helper()
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := inode.New(inode.Options{Store: chunk.New(backend, chunk.Options{Volatile: true})})
	if err != nil {
		t.Fatal(err)
	}
	ns := wasmfs.NewNamespace(tree, "tmpfs", 0)
	return New(ns, &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root})
}

// TestHackpadfs runs hackpadfs's own suite.
func TestHackpadfs(t *testing.T) {
	opt := hackfstest.FSOptions{Name: "guest", TestFS: func(tb testing.TB) hackfstest.SetupFS { return newFS(tb) }}
	hackfstest.FS(t, opt)
	hackfstest.File(t, opt)
}

// TestStandard runs the standard library's checks of an io/fs.FS.
func TestStandard(t *testing.T) {
	x := newFS(t)
	for _, err := range []error{x.MkdirAll("a/b/c", 0o755), x.WriteFile("a/f", []byte("contents"), 0o644),
		x.WriteFile("a/b/empty", nil, 0o600), x.Symlink("f", "a/l"), x.Symlink("/a/b", "abs")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := stdfstest.TestFS(x, "a/f", "a/b/empty", "a/b/c", "a/l"); err != nil {
		t.Error(err)
	}
	sub, err := x.Sub("abs")
	if err != nil {
		t.Fatal(err)
	}
	if err := stdfstest.TestFS(sub, "empty", "c"); err != nil {
		t.Error(err)
	}
	if s, err := x.ReadLink("abs"); s != "/a/b" || err != nil {
		t.Errorf("ReadLink = %q, %v", s, err)
	}
}

func TestRemoveAll(t *testing.T) {
	x := newFS(t)
	deep := "top"
	for range 1000 {
		deep += "/d"
	}
	for _, err := range []error{x.MkdirAll("keep/me", 0o755), x.MkdirAll(deep, 0o755),
		x.WriteFile("top/d/f", nil, 0o600), x.Symlink("../keep", "top/link"), x.RemoveAll("top"), x.RemoveAll("absent")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.Stat("top"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("top is still there: %v", err)
	}
	if _, err := x.Stat("keep/me"); err != nil {
		t.Errorf("RemoveAll followed a link: %v", err)
	}
}

func TestSpecial(t *testing.T) {
	x := newFS(t)
	if _, err := x.ns.Mknod(x.env, wasmfs.Path{}, "null", abi.S_IFCHR|0o666, abi.Makedev(1, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Open("null"); !errors.Is(err, abi.ENXIO) {
		t.Errorf("opening a device: %v", err)
	}
	info, err := x.Stat("null")
	if err != nil || info.Mode() != fs.ModeDevice|fs.ModeCharDevice|0o666 || info.Sys().(*abi.Stat).Rdev != abi.Makedev(1, 3) {
		t.Errorf("stat: %v, %v", info, err)
	}
}
