package fstest

import (
	"errors"
	"io"
	"testing"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// Guest is a System on a namespace: what the kernel's system calls do with
// package wasmfs.
type Guest struct {
	ns  *wasmfs.Namespace
	env *wasmfs.Env
	dir string
}

// NewGuest makes the directory dir in ns and works there.
func NewGuest(t testing.TB, ns *wasmfs.Namespace, dir string) *Guest {
	t.Helper()
	g := &Guest{ns: ns, dir: dir, env: &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}}
	if err := ns.Mkdir(g.env, wasmfs.Path{}, dir, 0o777); err != nil && err != abi.EEXIST {
		t.Fatal(err)
	}
	cwd, err := ns.Resolve(g.env, wasmfs.Path{}, dir, wasmfs.Directory)
	if err != nil {
		t.Fatal(err)
	}
	g.env.Cwd = cwd
	return g
}

// Abs implements System.
func (g *Guest) Abs(path string) string { return g.dir + "/" + path }

// As implements System.
func (g *Guest) As(uid, gid uint32, groups ...uint32) System {
	env := *g.env
	env.Cred = &wasmfs.Cred{UID: uid, GID: gid, Groups: groups, Capable: uid == 0}
	return &Guest{ns: g.ns, env: &env, dir: g.dir}
}

func (g *Guest) resolve(path string, follow bool) (wasmfs.Path, error) {
	flags := wasmfs.NoFollow
	if follow {
		flags = 0
	}
	return g.ns.Resolve(g.env, wasmfs.Path{}, path, flags)
}

// Open implements System.
func (g *Guest) Open(path string, flags int, mode uint32) (Handle, error) {
	p, f, err := g.ns.Open(g.env, wasmfs.Path{}, path, flags, mode, 0)
	if err != nil {
		return nil, err
	}
	return &guestHandle{g: g, path: p, file: f}, nil
}

// Mkdir implements System.
func (g *Guest) Mkdir(path string, mode uint32) error {
	return g.ns.Mkdir(g.env, wasmfs.Path{}, path, mode)
}

// Mknod implements System.
func (g *Guest) Mknod(path string, mode uint32, dev uint64) error {
	_, err := g.ns.Mknod(g.env, wasmfs.Path{}, path, mode, dev)
	return err
}

// Symlink implements System.
func (g *Guest) Symlink(target, path string) error {
	return g.ns.Symlink(g.env, target, wasmfs.Path{}, path)
}

// Link implements System.
func (g *Guest) Link(old, new string, follow bool) error {
	p, err := g.resolve(old, follow)
	if err != nil {
		return err
	}
	return g.ns.Link(g.env, p, wasmfs.Path{}, new)
}

// Unlink implements System.
func (g *Guest) Unlink(path string) error { return g.ns.Unlink(g.env, wasmfs.Path{}, path) }

// Rmdir implements System.
func (g *Guest) Rmdir(path string) error { return g.ns.Rmdir(g.env, wasmfs.Path{}, path) }

// Rename implements System.
func (g *Guest) Rename(old, new string, flags uint32) error {
	return g.ns.Rename(g.env, wasmfs.Path{}, old, wasmfs.Path{}, new, flags)
}

// Stat implements System.
func (g *Guest) Stat(path string, follow bool) (abi.Stat, error) {
	p, err := g.resolve(path, follow)
	if err != nil {
		return abi.Stat{}, err
	}
	return p.Stat()
}

// Access implements System.
func (g *Guest) Access(path string, mode uint32) error {
	p, err := g.resolve(path, true)
	if err != nil {
		return err
	}
	return p.Access(g.env.Cred, mode)
}

// Readlink implements System.
func (g *Guest) Readlink(path string) (string, error) {
	p, err := g.resolve(path, false)
	if err != nil {
		return "", err
	}
	return g.ns.Readlink(g.env, p)
}

// Chmod implements System.
func (g *Guest) Chmod(path string, mode uint32) error {
	p, err := g.resolve(path, true)
	if err != nil {
		return err
	}
	return p.Chmod(g.env.Cred, mode)
}

// Chown implements System.
func (g *Guest) Chown(path string, uid, gid uint32, follow bool) error {
	p, err := g.resolve(path, follow)
	if err != nil {
		return err
	}
	return p.Chown(g.env.Cred, uid, gid)
}

// Utimes implements System.
func (g *Guest) Utimes(path string, atime, mtime Time) error {
	p, err := g.resolve(path, true)
	if err != nil {
		return err
	}
	a := wasmfs.Attr{Atime: atime.NS, Mtime: mtime.NS}
	switch {
	case atime.Now:
		a.Set |= wasmfs.SetAtimeNow
	case !atime.Omit:
		a.Set |= wasmfs.SetAtime
	}
	switch {
	case mtime.Now:
		a.Set |= wasmfs.SetMtimeNow
	case !mtime.Omit:
		a.Set |= wasmfs.SetMtime
	}
	return p.SetTimes(g.env.Cred, a)
}

// Truncate implements System.
func (g *Guest) Truncate(path string, size int64) error {
	p, err := g.resolve(path, true)
	if err != nil {
		return err
	}
	return g.ns.Truncate(g.env, p, size)
}

// Getxattr implements System.
func (g *Guest) Getxattr(path, name string) ([]byte, error) {
	p, err := g.resolve(path, true)
	if err != nil {
		return nil, err
	}
	return p.Getxattr(g.env.Cred, name)
}

// Setxattr implements System.
func (g *Guest) Setxattr(path, name string, value []byte, flags int) error {
	p, err := g.resolve(path, true)
	if err != nil {
		return err
	}
	return p.Setxattr(g.env.Cred, name, value, flags)
}

// Listxattr implements System.
func (g *Guest) Listxattr(path string) ([]string, error) {
	p, err := g.resolve(path, true)
	if err != nil {
		return nil, err
	}
	return p.Listxattr(g.env.Cred)
}

// Removexattr implements System.
func (g *Guest) Removexattr(path, name string) error {
	p, err := g.resolve(path, true)
	if err != nil {
		return err
	}
	return p.Removexattr(g.env.Cred, name)
}

// guestHandle is an open file description.
type guestHandle struct {
	g      *Guest
	path   wasmfs.Path
	file   wasmfs.File // nil for directories, special files and O_PATH
	cookie int64
}

func (h *guestHandle) ReadAt(p []byte, off int64) (int, error) {
	r, ok := h.file.(io.ReaderAt)
	if !ok {
		return 0, abi.EISDIR
	}
	return r.ReadAt(p, off)
}

func (h *guestHandle) WriteAt(p []byte, off int64) (int, error) {
	w, ok := h.file.(io.WriterAt)
	if !ok {
		return 0, abi.EBADF
	}
	return w.WriteAt(p, off)
}

func (h *guestHandle) Append(p []byte) (int, error) {
	n, _, err := h.file.(wasmfs.AppendFile).Append(p)
	return n, err
}

func (h *guestHandle) Truncate(size int64) error {
	return h.file.(wasmfs.TruncateFile).Truncate(size)
}

func (h *guestHandle) Allocate(mode int, off, n int64) error {
	return h.file.(wasmfs.AllocateFile).Allocate(mode, off, n)
}

func (h *guestHandle) Seek(off int64, whence int) (int64, error) {
	f := h.file.(wasmfs.HoleFile)
	switch whence {
	case abi.SEEK_DATA:
		return f.SeekData(off)
	case abi.SEEK_HOLE:
		return f.SeekHole(off)
	}
	return 0, abi.EINVAL
}

func (h *guestHandle) Stat() (abi.Stat, error) { return h.path.Stat() }

func (h *guestHandle) ReadDir(n int) ([]Entry, error) {
	var list []Entry
	err := h.path.ReadDir(h.g.env.Root, h.cookie, func(e wasmfs.Dirent) bool {
		if len(list) == n {
			return false
		}
		list = append(list, Entry{Name: e.Name, Ino: e.Ino, Type: abi.DirentType(e.Type)})
		h.cookie = e.Next
		return true
	})
	return list, err
}

func (h *guestHandle) LinkTo(path string) error {
	return h.g.ns.Link(h.g.env, h.path, wasmfs.Path{}, path)
}

func (h *guestHandle) Path() string {
	s, _ := h.path.String(h.g.env.Root)
	return s
}

func (h *guestHandle) Close() error {
	if h.path.IsZero() {
		return errors.New("closed twice")
	}
	h.path = wasmfs.Path{}
	if h.file == nil {
		return nil
	}
	return h.file.Close()
}
