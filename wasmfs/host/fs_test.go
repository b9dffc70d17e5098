//go:build linux

package host

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/fstest"
	"boxer/wasmfs/inode"
)

// newBox makes a writable tree on a host directory.
func newBox(t *testing.T, dir string) *wasmfs.Namespace {
	t.Helper()
	lower, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lower.Close() })
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	fs, err := inode.New(inode.Options{Store: chunk.New(backend, chunk.Options{Volatile: true}), Lower: lower})
	if err != nil {
		t.Fatal(err)
	}
	return wasmfs.NewNamespace(fs, "host", 0)
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestHost(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.Mkdir(at("etc"), 0o755), os.WriteFile(at("etc/passwd"), []byte("box"), 0o640),
		os.Link(at("etc/passwd"), at("etc/again")), os.Symlink("/etc/passwd", at("abs")),
		os.Symlink("../../../../../../etc/passwd", at("up")), os.Symlink("/proc/self/root/etc", at("leak")),
		syscall.Mkfifo(at("fifo"), 0o600))
	g := fstest.NewGuest(t, newBox(t, dir), "/")
	read := func(name string) string {
		h, err := g.Open(name, abi.O_RDONLY, 0)
		if err != nil {
			return err.Error()
		}
		defer h.Close()
		p := make([]byte, 100)
		n, _ := h.ReadAt(p, 0)
		return string(p[:n])
	}
	// Links mean the box's own files, never the host's.
	for _, name := range []string{"etc/passwd", "etc/again", "abs", "up"} {
		if s := read(name); s != "box" {
			t.Errorf("%s reads %q", name, s)
		}
	}
	if s := read("leak/passwd"); s != abi.ENOENT.Error() {
		t.Errorf("a link through the host's /proc reads %q", s)
	}
	a, err := g.Stat("etc/passwd", true)
	must(t, err)
	b, err := g.Stat("etc/again", true)
	must(t, err)
	if a.Ino != b.Ino || a.Nlink != 2 || a.UID != 0 || a.Mode != abi.S_IFREG|0o640 {
		t.Errorf("hard links: %+v, %+v", a, b)
	}
	if st, err := g.Stat("fifo", false); err != nil || st.Mode != abi.S_IFIFO|0o600 {
		t.Errorf("fifo: %+v, %v", st, err)
	}
	// What the box writes does not reach the host.
	h, err := g.Open("etc/passwd", abi.O_RDWR|abi.O_TRUNC, 0)
	must(t, err)
	_, err = h.WriteAt([]byte("changed"), 0)
	must(t, err, h.Close(), g.Unlink("fifo"), g.Mkdir("new", 0o755), g.Rename("etc", "moved", 0))
	if s := read("moved/again"); s != "changed" {
		t.Errorf("after a write the other name reads %q", s)
	}
	if p, err := os.ReadFile(at("etc/again")); string(p) != "box" || err != nil {
		t.Errorf("the host's file is %q, %v", p, err)
	}
	if _, err := os.Lstat(at("new")); err == nil {
		t.Error("the box made a directory on the host")
	}
}

func TestDigest(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	must(t, os.WriteFile(name, []byte("one"), 0o644))
	x, err := New(dir)
	must(t, err)
	defer x.Close()
	open := func() *file {
		n, err := x.Root().(wasmfs.LookupNode).Lookup("f")
		must(t, err)
		f, err := n.(wasmfs.OpenNode).Open(nil, abi.O_RDONLY)
		must(t, err)
		t.Cleanup(func() { f.Close() })
		return f.(*file)
	}
	f := open()
	for range 2 {
		if sum, ok := f.Digest(); !ok || sum != sha256.Sum256([]byte("one")) {
			t.Errorf("digest %x, %v", sum, ok)
		}
	}
	must(t, os.WriteFile(name, []byte("two"), 0o644), os.Chtimes(name, time.Time{}, time.Now().Add(time.Hour)))
	if sum, ok := f.Digest(); ok {
		t.Errorf("a file that changed since it was looked up has digest %x", sum)
	}
	if sum, ok := open().Digest(); !ok || sum != sha256.Sum256([]byte("two")) {
		t.Errorf("after a new lookup: digest %x, %v", sum, ok)
	}
	// A file that shrank is an error, not silence.
	st, err := f.n.Stat()
	must(t, err)
	must(t, os.Truncate(name, 1))
	p := make([]byte, st.Size)
	if n, err := f.ReadAt(p, 0); n != 1 || err != io.EOF {
		t.Errorf("reading a file that shrank: %d, %v", n, err)
	}
}

func TestConformance(t *testing.T) {
	fstest.Run(t, func(t *testing.T) fstest.System {
		dir := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, "t"), 0o700), os.WriteFile(filepath.Join(dir, "other"), nil, 0o644))
		g := fstest.NewGuest(t, newBox(t, dir), "/t")
		must(t, g.Chmod("/t", 0o777))
		return g
	})
}
