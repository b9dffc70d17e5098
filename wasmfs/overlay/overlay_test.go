package overlay

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/fstest"
	"boxer/wasmfs/tarfs"
)

// layer makes a layer of lines: "d name", "f name contents", "l name target",
// "h name target", "p name" (FIFO).
func layer(t testing.TB, lines ...string) *tarfs.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, line := range lines {
		f := append(strings.SplitN(line, " ", 3), "", "")
		h := &tar.Header{Name: f[1], Mode: 0o644, Uid: 1, Gid: 2, ModTime: time.Unix(1_600_000_000, 0)}
		switch f[0] {
		case "d":
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		case "f":
			h.Typeflag, h.Size = tar.TypeReg, int64(len(f[2]))
		case "l":
			h.Typeflag, h.Linkname = tar.TypeSymlink, f[2]
		case "h":
			h.Typeflag, h.Linkname = tar.TypeLink, f[2]
		case "p":
			h.Typeflag = tar.TypeFifo
		default:
			t.Fatalf("line %q", line)
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if f[0] == "f" {
			if _, err := io.WriteString(w, f[2]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := tarfs.Index(bytes.NewReader(b.Bytes()), int64(b.Len()), tarfs.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newStore(t testing.TB) *chunk.Store {
	t.Helper()
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	return chunk.New(backend, chunk.Options{Volatile: true})
}

// show lists a tree in the form of layer's lines, sorted, the type first.
func show(t testing.TB, fs wasmfs.FS) []string {
	t.Helper()
	var lines []string
	var walk func(prefix string, n wasmfs.Node)
	walk = func(prefix string, n wasmfs.Node) {
		err := n.(wasmfs.ReadDirNode).ReadDir(0, func(e wasmfs.Dirent) bool {
			c, err := n.(wasmfs.LookupNode).Lookup(e.Name)
			if err != nil {
				t.Errorf("%s%s: %v", prefix, e.Name, err)
				return true
			}
			st, err := c.Stat()
			if err != nil || st.Ino != e.Ino || st.Mode&abi.S_IFMT != e.Type || c.Type() != e.Type {
				t.Errorf("%s%s: entry %+v, stat %+v, %v", prefix, e.Name, e, st, err)
			}
			name := prefix + e.Name
			switch e.Type {
			case abi.S_IFDIR:
				lines = append(lines, "d "+name)
				walk(name+"/", c)
			case abi.S_IFREG:
				f, err := c.(wasmfs.OpenNode).Open(nil, abi.O_RDONLY)
				if err != nil {
					t.Fatal(err)
				}
				p := make([]byte, st.Size)
				if n, err := f.(io.ReaderAt).ReadAt(p, 0); n < len(p) {
					t.Errorf("%s: read %d of %d: %v", name, n, len(p), err)
				}
				f.Close()
				lines = append(lines, fmt.Sprintf("f %s %s", name, p))
			case abi.S_IFLNK:
				target, err := c.(wasmfs.ReadlinkNode).Readlink(nil)
				if err != nil {
					t.Error(err)
				}
				lines = append(lines, "l "+name+" "+target)
			default:
				lines = append(lines, "p "+name)
			}
			return true
		})
		if err != nil {
			t.Errorf("%s: %v", prefix, err)
		}
	}
	walk("", fs.Root())
	slices.Sort(lines)
	return lines
}

func TestMerge(t *testing.T) {
	base := []string{"d usr/", "d usr/lib", "f usr/lib/libc.so C", "l lib usr/lib", "d etc", "f etc/passwd root", "f etc/hosts H"}
	for _, c := range []struct {
		name  string
		upper []string
		want  []string
	}{
		{"add", []string{"f etc/new N", "f a/b/c deep"},
			[]string{"d a", "d a/b", "d etc", "d usr", "d usr/lib", "f a/b/c deep", "f etc/hosts H", "f etc/new N", "f etc/passwd root", "f usr/lib/libc.so C", "l lib usr/lib"}},
		{"replace", []string{"f etc/hosts other", "f usr gone"},
			[]string{"d etc", "f etc/hosts other", "f etc/passwd root", "f usr gone", "l lib usr/lib"}},
		{"whiteout", []string{"f etc/.wh.hosts ", "f .wh.usr ", "f etc/.wh.absent ", "f no/such/.wh.thing "},
			[]string{"d etc", "f etc/passwd root", "l lib usr/lib"}},
		{"whiteout of a name the layer has too", []string{"f etc/hosts mine", "f etc/.wh.hosts ", "d usr", "f .wh.usr "},
			[]string{"d etc", "d usr", "f etc/hosts mine", "f etc/passwd root", "l lib usr/lib"}},
		{"opaque", []string{"d etc", "f etc/only O", "f etc/.wh..wh..opq "},
			[]string{"d etc", "d usr", "d usr/lib", "f etc/only O", "f usr/lib/libc.so C", "l lib usr/lib"}},
		{"whiteout does not follow links", []string{"f lib/.wh.libc.so "},
			[]string{"d etc", "d usr", "d usr/lib", "f etc/hosts H", "f etc/passwd root", "f usr/lib/libc.so C", "l lib usr/lib"}},
		{"link on the way", []string{"f lib/libx.so X"},
			[]string{"d etc", "d usr", "d usr/lib", "f etc/hosts H", "f etc/passwd root", "f usr/lib/libc.so C", "f usr/lib/libx.so X", "l lib usr/lib"}},
		{"directory replaces link", []string{"d lib", "f lib/libx.so X"},
			[]string{"d etc", "d lib", "d usr", "d usr/lib", "f etc/hosts H", "f etc/passwd root", "f lib/libx.so X", "f usr/lib/libc.so C"}},
		{"hard link to a lower file", []string{"h etc/again etc/passwd", "f .wh.usr ", "f .wh.lib "},
			[]string{"d etc", "f etc/again root", "f etc/hosts H", "f etc/passwd root"}},
		{"links stay inside", []string{"l out ../../../..", "f out/evil E", "l abs /etc", "f abs/two 2", "f .wh.usr ", "f .wh.lib "},
			[]string{"d etc", "f etc/hosts H", "f etc/passwd root", "f etc/two 2", "f evil E", "l abs /etc", "l out ../../../.."}},
		{"duplicates", []string{"f x one", "f x two", "d x", "f x/y three", "d x", "f .wh.usr ", "f .wh.lib ", "f .wh.etc "},
			[]string{"d x", "f x/y three"}},
		{"aufs leftovers", []string{"f .wh..wh.plnk ", "f .wh..wh.aufs ", "f .wh.usr ", "f .wh.lib ", "f .wh.etc "}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs, err := Merge(layer(t, base...), layer(t, c.upper...))
			if err != nil {
				t.Fatal(err)
			}
			if got := show(t, fs); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			top, err := New(newStore(t), layer(t, base...), layer(t, c.upper...))
			if err != nil {
				t.Fatal(err)
			}
			if got := show(t, top); !slices.Equal(got, c.want) {
				t.Errorf("below a writable tree:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestMergeErrors(t *testing.T) {
	loop := []string{}
	for i := range 41 {
		loop = append(loop, fmt.Sprintf("l l%d l%d", i, i+1))
	}
	for _, c := range []struct {
		name  string
		lines []string
		want  error
	}{
		{"root is a link", []string{"l . /etc"}, tarfs.ErrName},
		{"root is a file", []string{"f . x"}, tarfs.ErrName},
		{"below a file", []string{"f a x", "f a/b y"}, tarfs.ErrName},
		{"hard link to nothing", []string{"h a b"}, tarfs.ErrName},
		{"hard link to a directory", []string{"d d", "h a d"}, tarfs.ErrName},
		{"hard link out", []string{"l up ../../..", "h a up/etc/passwd"}, tarfs.ErrName},
		{"link loop", []string{"l a b", "l b a", "f a/x 1"}, tarfs.ErrName},
		{"too many links", append(loop, "d l41", "f l0/x 1"), tarfs.ErrName},
	} {
		_, err := Merge(layer(t, c.lines...))
		var e *Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}

// TestBudget merges a layer whose every entry goes through 39 long links.
func TestBudget(t *testing.T) {
	lines := []string{"d d"}
	for i := range 39 {
		lines = append(lines, fmt.Sprintf("l l%d %sl%d", i, strings.Repeat("d/../", 700), i+1))
	}
	lines = append(lines, "l l39 d")
	for i := range 1000 {
		lines = append(lines, fmt.Sprintf("f l0/x%d ", i), fmt.Sprintf("f d/x%d ", i))
	}
	start := time.Now()
	_, err := Merge(layer(t, lines...))
	if !errors.Is(err, tarfs.ErrLimit) {
		t.Errorf("error %v, want a limit", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestConformance(t *testing.T) {
	fstest.Run(t, func(t *testing.T) fstest.System {
		fs, err := New(newStore(t), layer(t, "d etc", "f etc/passwd root"), layer(t, "d t", "f t/.wh.x "))
		if err != nil {
			t.Fatal(err)
		}
		g := fstest.NewGuest(t, wasmfs.NewNamespace(fs, "overlay", 0), "/t")
		if err := g.Chmod("/t", 0o777); err != nil {
			t.Fatal(err)
		}
		return g
	})
}

// TestLower works on files of the layers.
func TestLower(t *testing.T) {
	l := layer(t, "d dir", "f dir/a contents", "h dir/b dir/a", "l dir/l a", "d dir/sub", "f dir/sub/x X", "f big "+strings.Repeat("z", 600_000))
	fs, err := New(newStore(t), l)
	if err != nil {
		t.Fatal(err)
	}
	ns := wasmfs.NewNamespace(fs, "overlay", 0)
	g := fstest.NewGuest(t, ns, "/")
	stat := func(path string) abi.Stat {
		t.Helper()
		st, err := g.Stat(path, false)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	digest := func(path string) ([32]byte, bool) {
		t.Helper()
		env := &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
		_, f, err := ns.Open(env, wasmfs.Path{}, path, abi.O_RDONLY, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return f.(wasmfs.DigestFile).Digest()
	}
	a, b := stat("dir/a"), stat("dir/b")
	if a.Ino != b.Ino || a.Nlink != 2 || a.UID != 1 || a.GID != 2 || a.Mtime != 1_600_000_000e9 {
		t.Errorf("hard links of a layer: %+v, %+v", a, b)
	}
	d1, ok := digest("dir/b")
	if !ok {
		t.Error("a lower file has no digest")
	}
	// Writing through one name shows through the other; the inode stays.
	h, err := g.Open("dir/a", abi.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.WriteAt([]byte("CON"), 0); err != nil {
		t.Fatal(err)
	}
	h.Close()
	p := make([]byte, 20)
	h, err = g.Open("dir/b", abi.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := h.ReadAt(p, 0)
	if string(p[:n]) != "CONtents" {
		t.Errorf("the other name reads %q", p[:n])
	}
	if st := stat("dir/b"); st.Ino != a.Ino || st.Mtime == a.Mtime {
		t.Errorf("after a write: %+v", st)
	}
	if _, ok := digest("dir/b"); ok {
		t.Error("a file that was written to has a digest")
	}
	h.Close()
	// The layer itself is untouched.
	fresh, err := New(newStore(t), l)
	if err != nil {
		t.Fatal(err)
	}
	if got := show(t, fresh); !slices.Contains(got, "f dir/b contents") {
		t.Errorf("the layer changed: %q", got)
	}
	if d2, err := l.Digest(&l.Entries()[1]); err != nil || d1 != d2 {
		t.Errorf("digests differ: %x, %x, %v", d1, d2, err)
	}
	// A lower directory moves, and what was removed stays away.
	for _, err := range []error{g.Unlink("dir/a"), g.Unlink("dir/sub/x"), g.Rename("dir", "moved", 0)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"d moved", "d moved/sub", "f moved/b CONtents", "l moved/l a"}
	if got := show(t, fs); !slices.Equal(got[:4], []string{want[0], want[1], "f big " + strings.Repeat("z", 600_000), want[2]}) || got[4] != want[3] {
		t.Errorf("after changes: %.200q", got)
	}
	if st := stat("moved/b"); st.Nlink != 1 {
		t.Errorf("links after unlink: %d", st.Nlink)
	}
	// One byte in a big file copies one chunk, not the file.
	h, err = g.Open("big", abi.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.WriteAt([]byte("!"), 0); err != nil {
		t.Fatal(err)
	}
	if used := fs.Store().Used(); used > 300_000 {
		t.Errorf("a byte written takes %d bytes of the store", used)
	}
	if n, err := h.ReadAt(p[:3], 599_998); n != 2 || err != io.EOF || string(p[:2]) != "zz" {
		t.Errorf("the file's end reads %q, %v", p[:n], err)
	}
	h.Close()
}
