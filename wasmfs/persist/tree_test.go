package persist

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
	"boxer/wasmfs/overlay"
	"boxer/wasmfs/tarfs"
)

// image is a lower FS with every type of file, links and a large file.
func image(t testing.TB) *overlay.FS {
	t.Helper()
	big := bytes.Repeat([]byte("big!"), (chunk.Size+5000)/4)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "etc/passwd", Typeflag: tar.TypeReg, Mode: 0o644, Size: 5},
		{Name: "etc/hard", Typeflag: tar.TypeLink, Linkname: "etc/passwd"},
		{Name: "usr/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "usr/lib/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "usr/lib/big", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(big)), PAXRecords: map[string]string{"SCHILY.xattr.user.a": "1"}},
		{Name: "usr/lib/deep/er/", Typeflag: tar.TypeDir, Mode: 0o700},
		{Name: "usr/lib/deep/er/f", Typeflag: tar.TypeReg, Mode: 0o600, Size: 5},
		{Name: "lib", Typeflag: tar.TypeSymlink, Linkname: "usr/lib"},
		{Name: "fifo", Typeflag: tar.TypeFifo, Mode: 0o622},
	} {
		h.ModTime, h.Uid, h.Gid, h.Format = time.Unix(1_600_000_000, 0), 1, 2, tar.FormatPAX
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		data := big
		if h.Size == 5 {
			data = []byte("text\n")
		}
		if _, err := w.Write(data[:h.Size]); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	l, err := tarfs.Index(bytes.NewReader(b.Bytes()), int64(b.Len()), tarfs.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	fs, err := overlay.Merge(l)
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// layers is the identity of image.
var layers = []string{"sha256:aaaa"}

// guest is an FS and what a process does with it.
type guest struct {
	t   testing.TB
	fs  *FS
	ns  *wasmfs.Namespace
	env *wasmfs.Env
}

func openGuest(t testing.TB, store Store, lower wasmfs.FS, change func(*Options)) (*guest, error) {
	t.Helper()
	clock := int64(1_700_000_000e9)
	opt := Options{Name: "home", Layers: layers, Interval: -1,
		Inode: inode.Options{Lower: lower, Now: func() int64 { clock++; return clock }}}
	if lower == nil {
		opt.Layers = nil
	}
	if change != nil {
		change(&opt)
	}
	fs, err := Open(store, opt)
	if err != nil {
		return nil, err
	}
	g := &guest{t: t, fs: fs, ns: wasmfs.NewNamespace(fs, "overlay", 0)}
	g.env = &wasmfs.Env{Root: g.ns.Root(), Cwd: g.ns.Root(), Cred: wasmfs.Root}
	return g, nil
}

func mustOpen(t testing.TB, store Store, lower wasmfs.FS) *guest {
	t.Helper()
	g, err := openGuest(t, store, lower, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *guest) open(name string, flags int) (wasmfs.File, error) {
	_, f, err := g.ns.Open(g.env, wasmfs.Path{}, name, flags, 0o640, 0)
	if err == nil && f == nil {
		err = abi.EISDIR
	}
	return f, err
}

// write writes data at off, making the file.
func (g *guest) write(name string, data []byte, off int64) error {
	f, err := g.open(name, abi.O_RDWR|abi.O_CREAT)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.(io.WriterAt).WriteAt(data, off)
	return err
}

func (g *guest) mustWrite(name, data string) {
	g.t.Helper()
	if err := g.write(name, []byte(data), 0); err != nil {
		g.t.Fatalf("write %s: %v", name, err)
	}
}

func (g *guest) sync() {
	g.t.Helper()
	if err := g.fs.Sync(); err != nil {
		g.t.Fatalf("sync: %v", err)
	}
}

// dump describes a tree in full, but for access times, which are kept lazily.
func dump(t testing.TB, fs wasmfs.FS) string {
	t.Helper()
	var b strings.Builder
	var walk func(path string, n wasmfs.Node)
	walk = func(path string, n wasmfs.Node) {
		st, err := n.Stat()
		if err != nil {
			t.Fatalf("stat %s: %v", path, err)
		}
		fmt.Fprintf(&b, "%s ino %d mode %o links %d owner %d:%d rdev %d size %d times %d %d %d", path,
			st.Ino, st.Mode, st.Nlink, st.UID, st.GID, st.Rdev, st.Size, st.Mtime, st.Ctime, st.Btime)
		if x, ok := n.(wasmfs.XattrNode); ok {
			names, err := x.Listxattr()
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				v, _ := x.Getxattr(name)
				fmt.Fprintf(&b, " %s=%q", name, v)
			}
		}
		switch n := n.(type) {
		case wasmfs.ReadlinkNode:
			s, _ := n.Readlink(nil)
			fmt.Fprintf(&b, " -> %s", s)
		case wasmfs.OpenNode:
			f, err := n.Open(nil, abi.O_RDONLY|abi.O_NOATIME)
			if err != nil {
				t.Fatalf("open %s: %v", path, err)
			}
			// A hostile file is as large as it says.
			data, err := io.ReadAll(io.NewSectionReader(f.(io.ReaderAt), 0, min(st.Size, 8*chunk.Size)))
			fmt.Fprintf(&b, " sum %x %v", chunk.Sum(data), err)
			f.Close()
		}
		b.WriteByte('\n')
		d, ok := n.(wasmfs.ReadDirNode)
		if !ok {
			return
		}
		names := map[string]bool{}
		var order []string
		if err := d.ReadDir(0, func(e wasmfs.Dirent) bool {
			if names[e.Name] {
				t.Fatalf("%s lists %s twice", path, e.Name)
			}
			names[e.Name] = true
			order = append(order, e.Name)
			return true
		}); err != nil {
			t.Fatal(err)
		}
		for _, name := range order {
			c, err := n.(wasmfs.LookupNode).Lookup(name)
			if err != nil {
				t.Fatalf("lookup %s/%s: %v", path, name, err)
			}
			if p, ok := c.(wasmfs.ParentNode); ok {
				if dir, _, linked := p.Parent(); c.Type() == abi.S_IFDIR && (dir != n || !linked) {
					t.Fatalf("%s/%s has another parent", path, name)
				}
			}
			walk(path+"/"+name, c)
		}
	}
	walk("", fs.Root())
	return b.String()
}

// sorted makes dumps comparable whatever the order in directories.
func sorted(s string) string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// randomCall changes something, or fails as Linux would.
func (g *guest) randomCall(rnd *rand.Rand) error {
	names := []string{"a", "b", "c", "etc", "usr", "lib", "passwd", "hard", "big", "deep", "er", "f", "fifo"}
	path := func() string {
		p := ""
		for range 1 + rnd.IntN(4) {
			p += "/" + names[rnd.IntN(len(names))]
		}
		return p
	}
	at := wasmfs.Path{}
	p, q := path(), path()
	attr := func(fn func(n wasmfs.Node) error) error {
		where, err := g.ns.Resolve(g.env, at, p, wasmfs.NoFollow)
		if err != nil {
			return err
		}
		return fn(where.Node)
	}
	switch rnd.IntN(16) {
	case 0, 1:
		return g.ns.Mkdir(g.env, at, p, 0o755)
	case 2, 3, 4:
		data := bytes.Repeat([]byte{byte(rnd.Uint32())}, []int{10, 3000, 9000, chunk.Size + 10}[rnd.IntN(4)])
		return g.write(p, data, []int64{0, 100, 5000, chunk.Size - 5}[rnd.IntN(4)])
	case 5:
		return g.ns.Unlink(g.env, at, p)
	case 6:
		return g.ns.Rmdir(g.env, at, p)
	case 7, 8, 9:
		return g.ns.Rename(g.env, at, p, at, q, []uint32{0, 0, 0, abi.RENAME_EXCHANGE}[rnd.IntN(4)])
	case 10:
		old, err := g.ns.Resolve(g.env, at, p, wasmfs.NoFollow)
		if err != nil {
			return err
		}
		return g.ns.Link(g.env, old, at, q)
	case 11:
		return g.ns.Symlink(g.env, q, at, p)
	case 12:
		_, err := g.ns.Mknod(g.env, at, p, abi.S_IFIFO|0o600, 0)
		return err
	case 13:
		return attr(func(n wasmfs.Node) error {
			return n.(wasmfs.AttrNode).SetAttr(wasmfs.Attr{Set: wasmfs.SetMode | wasmfs.SetUID, Mode: uint32(rnd.IntN(0o10000)), UID: 7})
		})
	case 14:
		return attr(func(n wasmfs.Node) error {
			x := n.(wasmfs.XattrNode)
			if rnd.IntN(3) == 0 {
				return x.Removexattr("user.a")
			}
			return x.Setxattr("user.a", []byte(q), 0)
		})
	default:
		f, err := g.open(p, abi.O_RDWR)
		if err != nil {
			return err
		}
		defer f.Close()
		size := []int64{0, 50, 4000, 6000, chunk.Size + 1, 2 * chunk.Size}[rnd.IntN(6)]
		if rnd.IntN(3) == 0 {
			return f.(wasmfs.AllocateFile).Allocate(abi.FALLOC_FL_PUNCH_HOLE|abi.FALLOC_FL_KEEP_SIZE, size, chunk.Size)
		}
		return f.(wasmfs.TruncateFile).Truncate(size)
	}
}
