// Package export shows a guest's files to the host side as a hackpadfs.FS: for
// copying in and out, packing layers, and the page's box.fs. What a path means
// is the guest's business: symbolic links, mounts and permissions are followed
// as the process whose Env it is would follow them, and none leads out of the box.
package export

import (
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hack-pad/hackpadfs"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// FS is a guest's directory as a hackpadfs.FS with every optional interface
// that hackpadfs and io/fs have. Errors are *fs.PathError or
// *hackpadfs.LinkError around hackpadfs's errors, or else an abi.Errno.
type FS struct {
	ns  *wasmfs.Namespace
	env *wasmfs.Env
}

var _ interface {
	hackpadfs.OpenFileFS
	hackpadfs.CreateFS
	hackpadfs.MkdirFS
	hackpadfs.MkdirAllFS
	hackpadfs.RemoveFS
	hackpadfs.RemoveAllFS
	hackpadfs.RenameFS
	hackpadfs.StatFS
	hackpadfs.LstatFS
	hackpadfs.ChmodFS
	hackpadfs.ChownFS
	hackpadfs.ChtimesFS
	hackpadfs.ReadDirFS
	hackpadfs.ReadFileFS
	hackpadfs.WriteFileFS
	hackpadfs.SymlinkFS
	hackpadfs.SubFS
	fs.ReadLinkFS
} = (*FS)(nil)

// New shows what env sees from its working directory.
func New(ns *wasmfs.Namespace, env *wasmfs.Env) *FS { return &FS{ns: ns, env: env} }

// hostErrors are the errors that hackpadfs has names for.
var hostErrors = map[abi.Errno]error{
	abi.ENOENT:    hackpadfs.ErrNotExist,
	abi.EEXIST:    hackpadfs.ErrExist,
	abi.EINVAL:    hackpadfs.ErrInvalid,
	abi.EACCES:    hackpadfs.ErrPermission,
	abi.EPERM:     hackpadfs.ErrPermission,
	abi.EISDIR:    hackpadfs.ErrIsDir,
	abi.ENOTDIR:   hackpadfs.ErrNotDir,
	abi.ENOTEMPTY: hackpadfs.ErrNotEmpty,
	abi.EBADF:     syscall.EBADF,
}

// hostError turns an errno into what callers of hackpadfs test for.
func hostError(err error) error {
	var e abi.Errno
	if errors.As(err, &e) {
		if h, ok := hostErrors[e]; ok {
			return h
		}
	}
	return err
}

func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &hackpadfs.PathError{Op: op, Path: path, Err: hostError(err)}
}

// resolve checks a name as io/fs wants it and walks to it.
func (x *FS) resolve(name string, flags wasmfs.WalkFlags) (wasmfs.Path, error) {
	if !fs.ValidPath(name) {
		return wasmfs.Path{}, abi.EINVAL
	}
	return x.ns.Resolve(x.env, wasmfs.Path{}, name, flags)
}

// Sub implements hackpadfs.SubFS.
func (x *FS) Sub(dir string) (fs.FS, error) {
	p, err := x.resolve(dir, wasmfs.Directory)
	if err != nil {
		return nil, pathError("sub", dir, err)
	}
	env := *x.env
	env.Cwd = p
	return New(x.ns, &env), nil
}

// Open implements hackpadfs.FS.
func (x *FS) Open(name string) (fs.File, error) {
	return x.OpenFile(name, hackpadfs.FlagReadOnly, 0)
}

// Create implements hackpadfs.CreateFS.
func (x *FS) Create(name string) (fs.File, error) {
	return x.OpenFile(name, hackpadfs.FlagReadWrite|hackpadfs.FlagCreate|hackpadfs.FlagTruncate, 0o666)
}

// OpenFile implements hackpadfs.OpenFileFS. Special files cannot be opened: they
// belong to the kernel (ENXIO).
func (x *FS) OpenFile(name string, flag int, perm fs.FileMode) (fs.File, error) {
	f, err := x.open(name, flag, perm)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	return f, nil
}

func (x *FS) open(name string, flag int, perm fs.FileMode) (*file, error) {
	if !fs.ValidPath(name) {
		return nil, abi.EINVAL
	}
	flags := 0
	switch {
	case flag&hackpadfs.FlagReadWrite != 0:
		flags = abi.O_RDWR
	case flag&hackpadfs.FlagWriteOnly != 0:
		flags = abi.O_WRONLY
	}
	for host, guest := range map[int]int{hackpadfs.FlagAppend: abi.O_APPEND, hackpadfs.FlagCreate: abi.O_CREAT,
		hackpadfs.FlagExclusive: abi.O_EXCL, hackpadfs.FlagTruncate: abi.O_TRUNC} {
		if flag&host != 0 {
			flags |= guest
		}
	}
	p, f, err := x.ns.Open(x.env, wasmfs.Path{}, name, flags, guestMode(perm), 0)
	if err != nil {
		return nil, err
	}
	if f == nil && p.Node.Type() != abi.S_IFDIR {
		return nil, abi.ENXIO
	}
	return &file{fs: x, name: name, path: p, file: f, flags: flags}, nil
}

// Mkdir implements hackpadfs.MkdirFS.
func (x *FS) Mkdir(name string, perm fs.FileMode) error {
	return pathError("mkdir", name, x.mkdir(name, perm))
}

func (x *FS) mkdir(name string, perm fs.FileMode) error {
	if !fs.ValidPath(name) {
		return abi.EINVAL
	}
	return x.ns.Mkdir(x.env, wasmfs.Path{}, name, guestMode(perm))
}

// MkdirAll implements hackpadfs.MkdirAllFS.
func (x *FS) MkdirAll(name string, perm fs.FileMode) error {
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		dir := name[:i]
		if err := x.mkdir(dir, perm); err != nil {
			p, rerr := x.resolve(dir, 0)
			switch {
			case rerr != nil:
				return pathError("mkdir", dir, err)
			case p.Node.Type() != abi.S_IFDIR:
				return pathError("mkdir", dir, abi.ENOTDIR)
			}
		}
	}
	return nil
}

// Remove implements hackpadfs.RemoveFS.
func (x *FS) Remove(name string) error {
	return pathError("remove", name, x.remove(name))
}

func (x *FS) remove(name string) error {
	p, err := x.resolve(name, wasmfs.NoFollow)
	if err != nil {
		return err
	}
	if p.Node.Type() == abi.S_IFDIR {
		return x.ns.Rmdir(x.env, wasmfs.Path{}, name)
	}
	return x.ns.Unlink(x.env, wasmfs.Path{}, name)
}

// RemoveAll implements hackpadfs.RemoveAllFS. Symbolic links are removed, not followed.
func (x *FS) RemoveAll(name string) error {
	p, err := x.resolve(name, wasmfs.NoFollow)
	if err == abi.ENOENT {
		return nil
	}
	if err == nil && p.Node.Type() == abi.S_IFDIR {
		err = x.clear(p)
	}
	if err == nil {
		err = x.remove(name)
	}
	if err == abi.ENOENT {
		return nil
	}
	return pathError("removeall", name, err)
}

// clear empties a directory. It keeps a list instead of recursing: a guest can
// make trees deeper than a stack.
func (x *FS) clear(top wasmfs.Path) error {
	type level struct {
		dir  wasmfs.Path
		name string // in the level above
	}
	levels := []level{{dir: top}}
	for len(levels) > 0 {
		l := levels[len(levels)-1]
		sub := ""
		var files []string
		err := l.dir.ReadDir(x.env.Root, 2, func(e wasmfs.Dirent) bool {
			if e.Type == abi.S_IFDIR {
				sub = e.Name
				return false
			}
			files = append(files, e.Name)
			return true
		})
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := x.ns.Unlink(x.env, l.dir, f); err != nil && err != abi.ENOENT {
				return err
			}
		}
		switch {
		case sub != "":
			p, err := x.ns.Resolve(x.env, l.dir, sub, wasmfs.NoFollow|wasmfs.Directory)
			if err != nil {
				return err
			}
			if p.Mount != l.dir.Mount {
				return abi.EBUSY
			}
			levels = append(levels, level{p, sub})
		default:
			levels = levels[:len(levels)-1]
			if len(levels) > 0 {
				if err := x.ns.Rmdir(x.env, levels[len(levels)-1].dir, l.name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Rename implements hackpadfs.RenameFS.
func (x *FS) Rename(oldname, newname string) error {
	var err error = abi.EINVAL
	if fs.ValidPath(oldname) && fs.ValidPath(newname) {
		err = x.rename(oldname, newname)
	}
	if err != nil {
		return &hackpadfs.LinkError{Op: "rename", Old: oldname, New: newname, Err: hostError(err)}
	}
	return nil
}

// rename does what package os does before it calls rename(2): nothing may be
// renamed onto a directory, not even an empty one.
func (x *FS) rename(oldname, newname string) error {
	if to, err := x.resolve(newname, wasmfs.NoFollow); err == nil && to.Node.Type() == abi.S_IFDIR {
		from, err := x.resolve(oldname, wasmfs.NoFollow)
		if err != nil {
			return err
		}
		if !(from.Same(to) && oldname != newname) {
			return abi.EEXIST
		}
	}
	return x.ns.Rename(x.env, wasmfs.Path{}, oldname, wasmfs.Path{}, newname, 0)
}

// Symlink implements hackpadfs.SymlinkFS. The target is the guest's and may be any text.
func (x *FS) Symlink(oldname, newname string) error {
	var err error = abi.EINVAL
	if fs.ValidPath(newname) {
		err = x.ns.Symlink(x.env, oldname, wasmfs.Path{}, newname)
	}
	if err != nil {
		return &hackpadfs.LinkError{Op: "symlink", Old: oldname, New: newname, Err: hostError(err)}
	}
	return nil
}

// ReadLink implements fs.ReadLinkFS.
func (x *FS) ReadLink(name string) (string, error) {
	p, err := x.resolve(name, wasmfs.NoFollow)
	if err == nil {
		var s string
		if s, err = x.ns.Readlink(x.env, p); err == nil {
			return s, nil
		}
	}
	return "", pathError("readlink", name, err)
}

// Stat implements hackpadfs.StatFS.
func (x *FS) Stat(name string) (fs.FileInfo, error) { return x.stat("stat", name, 0) }

// Lstat implements hackpadfs.LstatFS.
func (x *FS) Lstat(name string) (fs.FileInfo, error) {
	return x.stat("lstat", name, wasmfs.NoFollow)
}

func (x *FS) stat(op, name string, flags wasmfs.WalkFlags) (fs.FileInfo, error) {
	p, err := x.resolve(name, flags)
	if err != nil {
		return nil, pathError(op, name, err)
	}
	st, err := p.Stat()
	if err != nil {
		return nil, pathError(op, name, err)
	}
	return &info{name: base(name), st: st}, nil
}

// Chmod implements hackpadfs.ChmodFS.
func (x *FS) Chmod(name string, mode fs.FileMode) error {
	p, err := x.resolve(name, 0)
	if err == nil {
		err = p.Chmod(x.env.Cred, guestMode(mode))
	}
	return pathError("chmod", name, err)
}

// Chown implements hackpadfs.ChownFS; −1 leaves an id as it is.
func (x *FS) Chown(name string, uid, gid int) error {
	p, err := x.resolve(name, 0)
	if err == nil {
		err = p.Chown(x.env.Cred, uint32(uid), uint32(gid))
	}
	return pathError("chown", name, err)
}

// Chtimes implements hackpadfs.ChtimesFS; a zero time is left as it is.
func (x *FS) Chtimes(name string, atime, mtime time.Time) error {
	p, err := x.resolve(name, 0)
	if err == nil {
		err = setTimes(p, x.env.Cred, atime, mtime)
	}
	return pathError("chtimes", name, err)
}

func setTimes(p wasmfs.Path, c *wasmfs.Cred, atime, mtime time.Time) error {
	a := wasmfs.Attr{}
	if !atime.IsZero() {
		a.Set, a.Atime = a.Set|wasmfs.SetAtime, atime.UnixNano()
	}
	if !mtime.IsZero() {
		a.Set, a.Mtime = a.Set|wasmfs.SetMtime, mtime.UnixNano()
	}
	return p.SetTimes(c, a)
}

// ReadDir implements hackpadfs.ReadDirFS; the entries are sorted by name.
func (x *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := x.open(name, hackpadfs.FlagReadOnly, 0)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	defer f.Close()
	list, err := f.ReadDir(-1)
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, err
}

// ReadFile implements hackpadfs.ReadFileFS.
func (x *FS) ReadFile(name string) ([]byte, error) {
	f, err := x.open(name, hackpadfs.FlagReadOnly, 0)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	defer f.Close()
	return io.ReadAll(f)
}

// WriteFile implements hackpadfs.WriteFileFS.
func (x *FS) WriteFile(name string, data []byte, perm fs.FileMode) error {
	f, err := x.open(name, hackpadfs.FlagWriteOnly|hackpadfs.FlagCreate|hackpadfs.FlagTruncate, perm)
	if err != nil {
		return pathError("open", name, err)
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// base is the last component of a valid path.
func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
