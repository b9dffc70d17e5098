package wasmfs

import (
	"errors"

	"boxer/runtime/abi"
)

// openRetries bounds the race with others that make and remove the same name.
const openRetries = 100

// Open is openat(2) and openat2(2) without the descriptor: flags are open's,
// mode the permissions of a new file before the umask, resolve a set of
// abi.RESOLVE_*. The File is nil with O_PATH, for directories, and for special
// files that the kernel opens by their node. The kernel keeps the Path with
// its file description: it answers fstat, getdents and /proc/self/fd.
func (ns *Namespace) Open(env *Env, at Path, path string, flags int, mode, resolve uint32) (Path, File, error) {
	if flags&abi.O_PATH != 0 {
		flags &= abi.O_PATH | abi.O_DIRECTORY | abi.O_NOFOLLOW
	}
	if flags&abi.O_TMPFILE == abi.O_TMPFILE {
		return ns.openTmpfile(env, at, path, flags, mode, resolve)
	}
	if flags&abi.O_CREAT != 0 && flags&abi.O_DIRECTORY != 0 || resolve&^uint32(resolveMask) != 0 {
		return Path{}, nil, abi.EINVAL
	}
	for range openRetries {
		p, made, err := ns.openWalk(env, at, path, flags, mode, WalkFlags(resolve))
		if err != nil {
			return Path{}, nil, err
		}
		f, err := ns.openNode(env, p, flags, made)
		if err == abi.ESTALE {
			continue // removed since it was found: now it is missing, or another
		}
		if err != nil {
			return Path{}, nil, err
		}
		return p, f, nil
	}
	return Path{}, nil, abi.ENOENT
}

// openWalk finds or makes the file. made tells that it is new: its maker may
// open it whatever its mode says.
func (ns *Namespace) openWalk(env *Env, at Path, path string, flags int, mode uint32, resolve WalkFlags) (p Path, made bool, err error) {
	w, err := ns.walker(env, at, path, resolve)
	if err != nil {
		return Path{}, false, err
	}
	create, excl := flags&abi.O_CREAT != 0, flags&(abi.O_CREAT|abi.O_EXCL) == abi.O_CREAT|abi.O_EXCL
	name, err := w.parent()
	if err != nil {
		return Path{}, false, err
	}
	for range openRetries {
		if create && w.slash && name != "." && name != ".." {
			return Path{}, false, abi.EISDIR // whatever is there
		}
		p, err = w.lookup(name)
		if err == abi.ENOENT && create {
			p, err = w.make(name, MakeAttr{Mode: abi.S_IFREG | mode&0o7777&^env.Umask})
			if err == abi.EEXIST {
				continue
			}
			return p, err == nil, err
		}
		if err != nil {
			return Path{}, false, err
		}
		if excl {
			return Path{}, false, abi.EEXIST
		}
		if p.Node.Type() == abi.S_IFLNK && (flags&abi.O_NOFOLLOW == 0 || w.slash) {
			jumped, err := w.follow(p)
			if err != nil {
				return Path{}, false, err
			}
			if !jumped {
				if name, err = w.parent(); err != nil {
					return Path{}, false, err
				}
				continue
			}
			p = w.cur
		}
		if (w.slash || flags&abi.O_DIRECTORY != 0) && p.Node.Type() != abi.S_IFDIR {
			return Path{}, false, abi.ENOTDIR
		}
		if create && p.Node.Type() == abi.S_IFDIR {
			return Path{}, false, abi.EISDIR
		}
		return p, false, nil
	}
	return Path{}, false, abi.ELOOP
}

// make makes a node in w.cur.
func (w *walker) make(name string, a MakeAttr) (Path, error) {
	if err := w.cur.mayChange(w.env.Cred); err != nil {
		return Path{}, err
	}
	d, ok := w.cur.Node.(MakeNode)
	if !ok {
		return Path{}, abi.EPERM
	}
	n, err := d.Make(w.env.Cred, name, a)
	if err != nil {
		return Path{}, err
	}
	return w.cur.child(name, n), nil
}

// mayChange checks that entries of directory p may be made and removed.
func (p Path) mayChange(c *Cred) error {
	if err := p.Mount.writable(); err != nil {
		return err
	}
	return p.permission(c, abi.W_OK|abi.X_OK)
}

// permission checks want against p's mode.
func (p Path) permission(c *Cred, want uint32) error {
	st, err := p.Node.Stat()
	if err != nil {
		return err
	}
	return Permission(&st, c, want)
}

// accessMode is what opening with flags asks for.
func accessMode(flags int) uint32 {
	want := [4]uint32{abi.R_OK, abi.W_OK, abi.R_OK | abi.W_OK, abi.R_OK | abi.W_OK}[flags&abi.O_ACCMODE]
	if flags&abi.O_TRUNC != 0 {
		want |= abi.W_OK
	}
	return want
}

// openNode checks permissions, opens and truncates what openWalk found.
func (ns *Namespace) openNode(env *Env, p Path, flags int, made bool) (File, error) {
	typ := p.Node.Type()
	if flags&abi.O_PATH != 0 {
		return nil, nil
	}
	want := accessMode(flags)
	switch typ {
	case abi.S_IFLNK:
		return nil, abi.ELOOP // O_NOFOLLOW
	case abi.S_IFSOCK:
		return nil, abi.ENXIO
	case abi.S_IFDIR:
		if want&abi.W_OK != 0 {
			return nil, abi.EISDIR
		}
	case abi.S_IFREG:
		if want&abi.W_OK != 0 && !made {
			if err := p.Mount.writable(); err != nil {
				return nil, err
			}
		}
	}
	if !made {
		st, err := p.Node.Stat()
		if err != nil {
			return nil, err
		}
		if err := Permission(&st, env.Cred, want); err != nil {
			return nil, err
		}
		if flags&abi.O_NOATIME != 0 && !Owner(&st, env.Cred) {
			return nil, abi.EPERM
		}
	}
	o, ok := p.Node.(OpenNode)
	if !ok || typ == abi.S_IFDIR {
		return nil, nil
	}
	f, err := o.Open(env, flags)
	if err != nil {
		return nil, err
	}
	if flags&abi.O_TRUNC != 0 && typ == abi.S_IFREG && !made {
		if t, ok := f.(TruncateFile); ok {
			if err := t.Truncate(0); err != nil {
				return nil, errors.Join(err, f.Close())
			}
		}
	}
	return f, nil
}

// OpenPath opens a place that is already known with flags, as opening
// /proc/self/fd/N does.
func (ns *Namespace) OpenPath(env *Env, p Path, flags int) (File, error) {
	if flags&abi.O_DIRECTORY != 0 && p.Node.Type() != abi.S_IFDIR {
		return nil, abi.ENOTDIR
	}
	f, err := ns.openNode(env, p, flags, false)
	if err == abi.ESTALE {
		err = abi.ENOENT
	}
	return f, err
}

// openTmpfile makes a file without a name in a directory, O_TMPFILE. The Link
// method can name it later, unless O_EXCL was given.
func (ns *Namespace) openTmpfile(env *Env, at Path, path string, flags int, mode, resolve uint32) (Path, File, error) {
	if flags&abi.O_CREAT != 0 || accessMode(flags)&abi.W_OK == 0 {
		return Path{}, nil, abi.EINVAL
	}
	dir, err := ns.Resolve(env, at, path, WalkFlags(resolve)|Directory)
	if err != nil {
		return Path{}, nil, err
	}
	if err := dir.mayChange(env.Cred); err != nil {
		return Path{}, nil, err
	}
	d, ok := dir.Node.(TmpfileNode)
	if !ok {
		return Path{}, nil, abi.EOPNOTSUPP
	}
	n, err := d.MakeUnnamed(env.Cred, MakeAttr{Mode: abi.S_IFREG | mode&0o7777&^env.Umask}, flags&abi.O_EXCL == 0)
	if err != nil {
		return Path{}, nil, err
	}
	p := Path{Mount: dir.Mount, Node: n}
	f, err := ns.openNode(env, p, flags&^abi.O_TRUNC, true)
	if err != nil {
		return Path{}, nil, err
	}
	return p, f, nil
}
