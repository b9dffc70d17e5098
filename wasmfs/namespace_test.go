package wasmfs_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

func newTree(t testing.TB) *inode.FS {
	t.Helper()
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	fs, err := inode.New(inode.Options{Store: chunk.New(backend, chunk.Options{Volatile: true})})
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// box is a namespace with a process in it.
type box struct {
	testing.TB
	ns  *wasmfs.Namespace
	env *wasmfs.Env
}

func newBox(t testing.TB) *box {
	t.Helper()
	ns := wasmfs.NewNamespace(newTree(t), "root", 0)
	return &box{t, ns, &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}}
}

func (b *box) mkdir(names ...string) {
	b.Helper()
	for _, name := range names {
		if err := b.ns.Mkdir(b.env, wasmfs.Path{}, name, 0o755); err != nil {
			b.Fatalf("mkdir %s: %v", name, err)
		}
	}
}

func (b *box) create(names ...string) {
	b.Helper()
	for _, name := range names {
		_, f, err := b.ns.Open(b.env, wasmfs.Path{}, name, abi.O_WRONLY|abi.O_CREAT, 0o644, 0)
		if err != nil {
			b.Fatalf("create %s: %v", name, err)
		}
		f.Close()
	}
}

func (b *box) symlink(target, name string) {
	b.Helper()
	if err := b.ns.Symlink(b.env, target, wasmfs.Path{}, name); err != nil {
		b.Fatalf("symlink %s: %v", name, err)
	}
}

func (b *box) path(name string) wasmfs.Path {
	b.Helper()
	p, err := b.ns.Resolve(b.env, wasmfs.Path{}, name, 0)
	if err != nil {
		b.Fatalf("resolve %s: %v", name, err)
	}
	return p
}

func (b *box) mount(at string, flags uint32) *wasmfs.Mount {
	b.Helper()
	m, err := b.ns.Mount(newTree(b), b.path(at), at, flags)
	if err != nil {
		b.Fatalf("mount %s: %v", at, err)
	}
	return m
}

// is checks an error.
func (b *box) is(err error, want abi.Errno) {
	b.Helper()
	var got abi.Errno
	errors.As(err, &got)
	if got != want || want == 0 && err != nil {
		b.Errorf("got %v, want %s", err, want.Name())
	}
}

// name checks what getcwd or /proc/self/fd would say.
func (b *box) name(p wasmfs.Path, want string) {
	b.Helper()
	if s, ok := p.String(b.env.Root); s != want || !ok {
		b.Errorf("name %q, reachable %v; want %q", s, ok, want)
	}
}

func TestMount(t *testing.T) {
	b := newBox(t)
	b.mkdir("/mnt", "/mnt/hidden")
	b.create("/file")
	dev := func(name string) uint64 {
		st, err := b.path(name).Stat()
		b.is(err, 0)
		return st.Dev
	}
	m := b.mount("/mnt", 0)
	if _, err := b.ns.Resolve(b.env, wasmfs.Path{}, "/mnt/hidden", 0); err != abi.ENOENT {
		t.Errorf("a mount does not cover its point: %v", err)
	}
	b.mkdir("/mnt/sub")
	b.create("/mnt/sub/f")
	b.name(b.path("/mnt/sub/f"), "/mnt/sub/f")
	b.name(b.path("/mnt/sub/../.."), "/")
	if dev("/mnt") == dev("/") || dev("/mnt/sub") != dev("/mnt") {
		t.Error("device numbers do not tell mounts apart")
	}
	// Nothing is renamed or linked across, and the point itself stays.
	b.is(b.ns.Rename(b.env, wasmfs.Path{}, "/file", wasmfs.Path{}, "/mnt/file", 0), abi.EXDEV)
	b.is(b.ns.Link(b.env, b.path("/file"), wasmfs.Path{}, "/mnt/file"), abi.EXDEV)
	b.is(b.ns.Rmdir(b.env, wasmfs.Path{}, "/mnt"), abi.EBUSY)
	b.is(b.ns.Rename(b.env, wasmfs.Path{}, "/mnt", wasmfs.Path{}, "/other", 0), abi.EBUSY)
	b.is(b.ns.Rename(b.env, wasmfs.Path{}, "/mnt/sub", wasmfs.Path{}, "/sub", 0), abi.EXDEV)
	// A second mount hides the first.
	top := b.mount("/mnt", 0)
	b.is(b.ns.Unmount(m.Root()), abi.EBUSY)
	b.is(b.ns.Unmount(top.Root()), 0)
	b.name(b.path("/mnt/sub"), "/mnt/sub")
	// A directory in use keeps working after the unmount.
	cwd := b.path("/mnt/sub")
	b.is(b.ns.Unmount(cwd), abi.EINVAL)
	b.is(b.ns.Unmount(m.Root()), 0)
	b.is(b.ns.Unmount(m.Root()), abi.EINVAL)
	b.is(b.ns.Unmount(b.ns.Root()), abi.EINVAL)
	if _, err := b.ns.Resolve(b.env, cwd, "f", 0); err != nil {
		t.Errorf("a file below an unmounted working directory: %v", err)
	}
	b.path("/mnt/hidden")
	// Files are mounted on files.
	b.is(func() error { _, err := b.ns.Bind(b.path("/file"), b.path("/mnt"), 0); return err }(), abi.ENOTDIR)
	b.create("/mnt/target")
	if _, err := b.ns.Bind(b.path("/file"), b.path("/mnt/target"), 0); err != nil {
		t.Fatal(err)
	}
	b.name(b.path("/mnt/target"), "/mnt/target")
	if b.path("/mnt/target").Node != b.path("/file").Node {
		t.Error("a bind mount shows another file")
	}
	b.is(b.ns.Unlink(b.env, wasmfs.Path{}, "/mnt/target"), abi.EBUSY)
	if n := len(b.ns.Mounts()); n != 2 {
		t.Errorf("%d mounts in the end, want 2", n)
	}
}

func TestReadOnlyMount(t *testing.T) {
	b := newBox(t)
	b.mkdir("/d", "/d/e")
	b.create("/d/f")
	b.symlink("f", "/d/l")
	b.mkdir("/ro")
	if _, err := b.ns.Bind(b.path("/d"), b.path("/ro"), abi.ST_RDONLY); err != nil {
		t.Fatal(err)
	}
	at := wasmfs.Path{}
	f := b.path("/ro/f")
	_, _, openErr := b.ns.Open(b.env, at, "/ro/f", abi.O_RDWR, 0, 0)
	_, _, createErr := b.ns.Open(b.env, at, "/ro/new", abi.O_WRONLY|abi.O_CREAT, 0o644, 0)
	_, _, tmpErr := b.ns.Open(b.env, at, "/ro", abi.O_WRONLY|abi.O_TMPFILE, 0o644, 0)
	for i, err := range []error{openErr, createErr, tmpErr,
		b.ns.Unlink(b.env, at, "/ro/missing"), b.ns.Rename(b.env, at, "/ro/missing", at, "/ro/g", 0),
		b.ns.Mkdir(b.env, at, "/ro/new", 0o755), b.ns.Unlink(b.env, at, "/ro/f"), b.ns.Rmdir(b.env, at, "/ro/e"),
		b.ns.Rename(b.env, at, "/ro/f", at, "/ro/g", 0), b.ns.Symlink(b.env, "x", at, "/ro/new"),
		b.ns.Link(b.env, f, at, "/ro/new"), b.ns.Truncate(b.env, f, 0), f.Chmod(wasmfs.Root, 0o600),
		f.Chown(wasmfs.Root, 1, 1), f.SetTimes(wasmfs.Root, wasmfs.Attr{Set: wasmfs.SetMtimeNow}),
		f.Setxattr(wasmfs.Root, "user.a", nil, 0), f.Access(wasmfs.Root, abi.W_OK)} {
		if err != abi.EROFS {
			t.Errorf("change %d on a read-only mount: %v", i, err)
		}
	}
	if _, _, err := b.ns.Open(b.env, at, "/ro/l", abi.O_RDONLY|abi.O_CREAT, 0, 0); err != nil {
		t.Errorf("opening to read: %v", err)
	}
	b.is(b.ns.Mkdir(b.env, at, "/ro/f", 0o755), abi.EEXIST) // told first
	b.is(b.ns.Mkdir(b.env, at, "/d/new", 0o755), 0)         // the other way in is writable
	if p := b.path("/ro"); p.Statfs().Flags&abi.ST_RDONLY == 0 {
		t.Error("statfs does not say read-only")
	}
}

func TestChroot(t *testing.T) {
	b := newBox(t)
	b.mkdir("/jail", "/jail/etc", "/etc", "/jail/mnt")
	b.create("/jail/etc/inside", "/etc/outside")
	b.symlink("/etc", "/jail/abs")
	b.symlink("../../../etc", "/jail/up")
	b.mount("/jail/mnt", 0)
	b.symlink("../..", "/jail/mnt/out")
	outside := b.path("/etc")
	jail := &box{t, b.ns, &wasmfs.Env{Root: b.path("/jail"), Cwd: b.path("/jail"), Cred: wasmfs.Root}}
	for _, name := range []string{"/etc/inside", "/../etc/inside", "../../etc/inside", "abs/inside", "up/inside", "mnt/out/etc/inside", "mnt/../../etc/inside"} {
		jail.name(jail.path(name), "/etc/inside")
	}
	jail.name(jail.path("/.."), "/")
	if s, ok := outside.String(jail.env.Root); ok || s != "/etc" {
		t.Errorf("a directory outside the root is called %q, reachable %v", s, ok)
	}
}

func TestResolveFlags(t *testing.T) {
	b := newBox(t)
	b.mkdir("/d", "/d/e", "/mnt", "/d/mnt")
	b.create("/d/f", "/f")
	b.symlink("f", "/d/rel")
	b.symlink("/f", "/d/abs")
	b.symlink("../f", "/d/up")
	b.symlink("e/../f", "/d/inside")
	b.mount("/d/mnt", 0)
	d := b.path("/d")
	for _, c := range []struct {
		path  string
		flags wasmfs.WalkFlags
		want  abi.Errno
	}{
		{"f", abi.RESOLVE_BENEATH, 0},
		{"e/../f", abi.RESOLVE_BENEATH, 0},
		{"inside", abi.RESOLVE_BENEATH, 0},
		{"up", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"abs", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"..", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"/d/f", abi.RESOLVE_BENEATH, abi.EXDEV},
		{"/f", abi.RESOLVE_IN_ROOT, 0},
		{"../../f", abi.RESOLVE_IN_ROOT, 0},
		{"abs", abi.RESOLVE_IN_ROOT, 0},
		{"up", abi.RESOLVE_IN_ROOT, 0},
		{"rel", abi.RESOLVE_NO_SYMLINKS, abi.ELOOP},
		{"f", abi.RESOLVE_NO_SYMLINKS, 0},
		{"rel", wasmfs.NoFollow | abi.RESOLVE_NO_SYMLINKS, 0},
		{"mnt", abi.RESOLVE_NO_XDEV, abi.EXDEV},
		{"e", abi.RESOLVE_NO_XDEV, 0},
		{"mnt/..", 0, 0},
		{"", 0, abi.ENOENT},
		{"", wasmfs.Empty, 0},
		{"f", wasmfs.Directory, abi.ENOTDIR},
		{"rel", wasmfs.NoFollow | wasmfs.Directory, abi.ENOTDIR},
	} {
		p, err := b.ns.Resolve(b.env, d, c.path, c.flags)
		if err == nil && c.want == 0 {
			if c.flags&(abi.RESOLVE_BENEATH|abi.RESOLVE_IN_ROOT) != 0 && p.Node.Type() == abi.S_IFREG {
				b.name(p, "/d/f")
			}
			continue
		}
		if err != c.want {
			t.Errorf("%q with %#x: %v, want %s", c.path, c.flags, err, c.want.Name())
		}
	}
	_, _, err := b.ns.Open(b.env, d, "f", abi.O_RDONLY, 0, 1<<20)
	b.is(err, abi.EINVAL)
	_, f, err := b.ns.Open(b.env, d, "new", abi.O_WRONLY|abi.O_CREAT, 0o644, abi.RESOLVE_BENEATH)
	b.is(err, 0)
	f.Close()
	b.name(b.path("/d/new"), "/d/new")
}

// magic is a node as procfs has them: a link that leads to a place.
type magic struct{ to wasmfs.Path }

func (m *magic) Type() uint32                          { return abi.S_IFLNK }
func (m *magic) Stat() (abi.Stat, error)               { return abi.Stat{Mode: abi.S_IFLNK | 0o777, Ino: 9}, nil }
func (m *magic) Readlink(*wasmfs.Env) (string, error)  { return "whatever it says", nil }
func (m *magic) Jump(*wasmfs.Env) (wasmfs.Path, error) { return m.to, nil }

// magicFS is a directory of magic links.
type magicFS map[string]*magic

func (m *magicDir) Root() wasmfs.Node                   { return m }
func (m *magicDir) Kind() string                        { return "proc" }
func (m *magicDir) Type() uint32                        { return abi.S_IFDIR }
func (m *magicDir) Stat() (abi.Stat, error)             { return abi.Stat{Mode: abi.S_IFDIR | 0o555, Ino: 1}, nil }
func (m *magicDir) Parent() (wasmfs.Node, string, bool) { return m, "/", true }
func (m *magicDir) Lookup(name string) (wasmfs.Node, error) {
	if n := m.links[name]; n != nil {
		return n, nil
	}
	return nil, abi.ENOENT
}

type magicDir struct{ links magicFS }

func TestMagicLinks(t *testing.T) {
	b := newBox(t)
	b.mkdir("/d", "/proc")
	b.create("/d/f", "/gone")
	file, dir, gone := b.path("/d/f"), b.path("/d"), b.path("/gone")
	b.is(b.ns.Unlink(b.env, wasmfs.Path{}, "/gone"), 0)
	proc := &magicDir{magicFS{"file": {file}, "dir": {dir}, "gone": {gone}}}
	if _, err := b.ns.Mount(proc, b.path("/proc"), "proc", 0); err != nil {
		t.Fatal(err)
	}
	b.name(b.path("/proc/file"), "/d/f")
	b.name(b.path("/proc/dir/f"), "/d/f")
	b.name(b.path("/proc/dir/../proc/dir/f"), "/d/f")
	b.name(b.path("/proc/gone"), "/gone (deleted)")
	resolve := func(path string, flags wasmfs.WalkFlags) error {
		_, err := b.ns.Resolve(b.env, wasmfs.Path{}, path, flags)
		return err
	}
	b.is(resolve("/proc/file/x", 0), abi.ENOTDIR)
	b.is(resolve("/proc/file/", 0), abi.ENOTDIR)
	b.is(resolve("/proc/file", abi.RESOLVE_NO_MAGICLINKS), abi.ELOOP)
	b.is(resolve("/proc/file", abi.RESOLVE_BENEATH), abi.EXDEV)
	p, f, err := b.ns.Open(b.env, wasmfs.Path{}, "/proc/file", abi.O_RDWR|abi.O_CREAT, 0, 0)
	b.is(err, 0)
	if !p.Same(file) {
		t.Error("opening a magic link opened another file")
	}
	f.Close()
	_, _, err = b.ns.Open(b.env, wasmfs.Path{}, "/proc/file", abi.O_RDONLY|abi.O_NOFOLLOW, 0, 0)
	b.is(err, abi.ELOOP)
	// What a directory cannot do has an error of its own.
	b.is(b.ns.Mkdir(b.env, wasmfs.Path{}, "/proc/new", 0o755), abi.EPERM)
	b.is(b.ns.Unlink(b.env, wasmfs.Path{}, "/proc/file"), abi.EPERM)
	b.is(b.ns.Rename(b.env, wasmfs.Path{}, "/proc/file", wasmfs.Path{}, "/proc/x", 0), abi.EPERM)
	b.is(b.path("/proc").Chmod(wasmfs.Root, 0o700), abi.EPERM)
	b.is(b.path("/proc").Setxattr(wasmfs.Root, "user.a", nil, 0), abi.EOPNOTSUPP)
	b.is(b.path("/proc").ReadDir(b.env.Root, 0, func(wasmfs.Dirent) bool { return true }), abi.ENOTDIR)
}

func TestReadDirCookies(t *testing.T) {
	b := newBox(t)
	b.mkdir("/d")
	for i := range 150 {
		b.create(fmt.Sprintf("/d/%d", i))
	}
	d := b.path("/d")
	var all []wasmfs.Dirent
	collect := func(cookie int64, n int) (list []wasmfs.Dirent) {
		b.is(d.ReadDir(b.env.Root, cookie, func(e wasmfs.Dirent) bool {
			if len(list) == n {
				return false
			}
			list = append(list, e)
			return true
		}), 0)
		return list
	}
	all = collect(0, 1000)
	if len(all) != 152 || all[0].Name != "." || all[1].Name != ".." {
		t.Fatalf("%d entries, the first %+v", len(all), all[:2])
	}
	for i, e := range all[:len(all)-1] {
		if got := collect(e.Next, 1); len(got) != 1 || got[0] != all[i+1] {
			t.Fatalf("behind %q: %+v, want %+v", e.Name, got, all[i+1])
		}
	}
	if st, _ := b.path("/").Stat(); all[1].Ino != st.Ino {
		t.Errorf("..'s inode is %d, want %d", all[1].Ino, st.Ino)
	}
	b.is(d.ReadDir(b.env.Root, -1, func(wasmfs.Dirent) bool { return true }), abi.EINVAL)
}

func TestTrustedXattr(t *testing.T) {
	b := newBox(t)
	b.create("/f")
	f, user := b.path("/f"), &wasmfs.Cred{UID: 1000, GID: 1000}
	b.is(f.Setxattr(wasmfs.Root, "trusted.a", []byte("1"), 0), 0)
	b.is(f.Setxattr(wasmfs.Root, "security.a", []byte("2"), 0), 0)
	b.is(f.Setxattr(user, "trusted.a", nil, 0), abi.EPERM)
	b.is(f.Setxattr(user, "security.a", nil, 0), abi.EPERM)
	_, err := f.Getxattr(user, "trusted.a")
	b.is(err, abi.ENODATA)
	if v, err := f.Getxattr(user, "security.a"); string(v) != "2" || err != nil {
		t.Errorf("security attribute: %q, %v", v, err)
	}
	for c, want := range map[*wasmfs.Cred]string{user: "security.a", wasmfs.Root: "security.a trusted.a"} {
		names, err := f.Listxattr(c)
		if strings.Join(names, " ") != want || err != nil {
			t.Errorf("uid %d sees %q, %v", c.UID, names, err)
		}
	}
	b.is(f.Setxattr(wasmfs.Root, "system.posix_acl_access", nil, 0), abi.EOPNOTSUPP)
}

func TestTextBusy(t *testing.T) {
	b := newBox(t)
	b.create("/prog")
	open := func(flags int) (wasmfs.File, error) {
		_, f, err := b.ns.Open(b.env, wasmfs.Path{}, "/prog", flags, 0, 0)
		return f, err
	}
	f, err := open(abi.O_RDONLY)
	b.is(err, 0)
	w, err := open(abi.O_WRONLY)
	b.is(err, 0)
	p := f.(wasmfs.ProgramFile)
	b.is(p.DenyWrite(), abi.ETXTBSY)
	b.is(w.Close(), 0)
	b.is(w.Close(), abi.EBADF)
	b.is(p.DenyWrite(), 0)
	_, err = open(abi.O_RDWR)
	b.is(err, abi.ETXTBSY)
	_, err = open(abi.O_RDONLY | abi.O_TRUNC)
	b.is(err, abi.ETXTBSY)
	p.AllowWrite()
	w, err = open(abi.O_RDWR)
	b.is(err, 0)
	w.Close()
}

// FuzzResolve: any path ends in an errno or in a place whose name leads there
// again, and never outside the process's root.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{"/", "a/b/../f", "loop", "/jail/up/f", "./..//a/./l/x", "deep/" + strings.Repeat("../", 50), strings.Repeat("l/", 100), "\x00", "a/\xff"} {
		f.Add(s, uint32(0))
		f.Add(s, uint32(abi.RESOLVE_BENEATH))
		f.Add(s, uint32(abi.RESOLVE_IN_ROOT|abi.RESOLVE_NO_XDEV))
	}
	b := newBox(f)
	b.mkdir("/jail", "/jail/a", "/jail/a/b", "/jail/mnt")
	b.create("/outside", "/jail/f", "/jail/a/f")
	b.symlink("loop2", "/jail/loop")
	b.symlink("loop", "/jail/loop2")
	b.symlink("../../../../..", "/jail/up")
	b.symlink("/a", "/jail/abs")
	b.symlink(".", "/jail/l")
	b.symlink("../l", "/jail/a/l")
	b.mount("/jail/mnt", 0)
	b.symlink("../../../outside", "/jail/mnt/out")
	outside := b.path("/outside")
	top := b.path("/")
	jail := b.path("/jail")
	env := &wasmfs.Env{Root: jail, Cwd: b.path("/jail/a"), Cred: &wasmfs.Cred{UID: 1, GID: 1}}
	f.Fuzz(func(t *testing.T, path string, flags uint32) {
		p, err := b.ns.Resolve(env, wasmfs.Path{}, path, wasmfs.WalkFlags(flags))
		if err != nil {
			if _, ok := err.(abi.Errno); !ok {
				t.Fatalf("%q: error %v is no errno", path, err)
			}
			return
		}
		if p.Same(outside) || p.Same(top) {
			t.Fatalf("%q leads out of the root", path)
		}
		name, ok := p.String(jail)
		if !ok {
			t.Fatalf("%q leads to %q, which is not reachable", path, name)
		}
		q, err := b.ns.Resolve(env, wasmfs.Path{}, name, wasmfs.NoFollow)
		if err != nil || !q.Same(p) {
			t.Fatalf("%q leads to %q, which leads elsewhere (%v)", path, name, err)
		}
	})
}

func TestMountsListed(t *testing.T) {
	b := newBox(t)
	b.mkdir("/a", "/b")
	b.mount("/b", abi.ST_NOSUID)
	b.mount("/a", 0)
	var got []string
	for _, m := range b.ns.Mounts() {
		name, _ := m.Root().String(b.env.Root)
		got = append(got, fmt.Sprintf("%s %s %s %d", m.Source(), name, m.FS().Kind(), m.Flags()))
	}
	want := []string{"root / tmpfs 0", "/b /b tmpfs 2", "/a /a tmpfs 0"}
	if !slices.Equal(got, want) {
		t.Errorf("mounts %q, want %q", got, want)
	}
}
