package wasi

import (
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

// followLinks is the lookup flag symlink_follow.
const followLinks = 1

// walkFlags are lookup flags as wasmfs takes them.
func walkFlags(lookup uint64) wasmfs.WalkFlags {
	if lookup&followLinks == 0 {
		return wasmfs.NoFollow
	}
	return 0
}

// at reads a directory descriptor and a path of n bytes at p. Both are
// relative by the rules of the API: a path that is absolute or leaves its
// directory is refused.
func at(t *kernel.Task, fd, p, n uint64) (wasmfs.Path, string, abi.Errno) {
	d := t.Files().Get(int32(fd))
	switch {
	case d == nil:
		return wasmfs.Path{}, "", abi.EBADF
	case !isDir(d):
		return wasmfs.Path{}, "", abi.ENOTDIR
	}
	name, errno := path(t, p, n)
	if errno == 0 && escapes(name) {
		errno = abi.EPERM
	}
	return d.Path, name, errno
}

// path reads a path, or the text of a symbolic link.
func path(t *kernel.Task, p, n uint64) (string, abi.Errno) {
	if n >= abi.PathMax {
		return "", abi.ENAMETOOLONG
	}
	b, errno := get(t, p, n)
	if errno != 0 {
		return "", errno
	}
	if strings.IndexByte(string(b), 0) >= 0 {
		return "", abi.EINVAL
	}
	return string(b), 0
}

// escapes reports whether a path, by its names alone, leads out of where it
// starts.
func escapes(name string) bool {
	if strings.HasPrefix(name, "/") {
		return true
	}
	depth := 0
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

// resolve reads a directory descriptor, lookup flags and a path, and walks it.
func resolve(t *kernel.Task, fd, lookup, p, n uint64) (wasmfs.Path, abi.Errno) {
	dir, name, errno := at(t, fd, p, n)
	if errno != 0 {
		return wasmfs.Path{}, errno
	}
	env := t.Env()
	to, err := t.Kernel().Namespace().Resolve(&env, dir, name, walkFlags(lookup))
	return to, kernel.ErrnoOf(err)
}

// pathOpen is path_open(fd, lookup, path, len, oflags, rights, inheriting,
// fdflags, *fd). The rights ask for an access mode.
func pathOpen(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	const creat, directory, excl, trunc, all = 1, 2, 4, 8, 15
	oflags, base, fdf := a[4], a[5], a[7]
	if oflags&^all != 0 || fdf&^fdAllFlags != 0 {
		return abi.EINVAL
	}
	dir, name, errno := at(t, a[0], a[2], a[3])
	if errno != 0 {
		return errno
	}
	if errno := room(t, a[8], 4); errno != 0 {
		return errno
	}
	flags := openFlags(fdf)
	write := base&rightsWrite != 0
	switch {
	case write && base&rightsRead != 0:
		flags |= abi.O_RDWR
	case write:
		flags |= abi.O_WRONLY
	}
	for _, f := range [][2]int{{creat, abi.O_CREAT}, {directory, abi.O_DIRECTORY}, {excl, abi.O_EXCL}, {trunc, abi.O_TRUNC}} {
		if oflags&uint64(f[0]) != 0 {
			flags |= f[1]
		}
	}
	if a[1]&followLinks == 0 {
		flags |= abi.O_NOFOLLOW
	}
	d, errno := t.Open(dir, name, flags, 0o666, 0)
	if errno != 0 {
		return errno
	}
	fd, errno := t.Install(d, false)
	if errno != 0 {
		return errno
	}
	return put32(t, a[8], uint32(fd))
}

// pathFilestatGet is path_filestat_get(fd, lookup, path, len, *filestat).
func pathFilestatGet(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	p, errno := resolve(t, a[0], a[1], a[2], a[3])
	if errno != 0 {
		return errno
	}
	st, err := p.Stat()
	if err != nil {
		return kernel.ErrnoOf(err)
	}
	return putFilestat(t, a[4], &st)
}

// pathFilestatSetTimes is path_filestat_set_times(fd, lookup, path, len, atim,
// mtim, fstflags).
func pathFilestatSetTimes(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	attr, errno := timesAttr(a[4], a[5], a[6])
	if errno != 0 {
		return errno
	}
	p, errno := resolve(t, a[0], a[1], a[2], a[3])
	if errno != 0 {
		return errno
	}
	env := t.Env()
	return kernel.ErrnoOf(p.SetTimes(env.Cred, attr))
}

// pathCreateDirectory is path_create_directory(fd, path, len).
func pathCreateDirectory(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return change(t, a, func(ns *wasmfs.Namespace, env *wasmfs.Env, dir wasmfs.Path, name string) error {
		return ns.Mkdir(env, dir, name, 0o777)
	})
}

// pathRemoveDirectory is path_remove_directory(fd, path, len).
func pathRemoveDirectory(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return change(t, a, (*wasmfs.Namespace).Rmdir)
}

// pathUnlinkFile is path_unlink_file(fd, path, len).
func pathUnlinkFile(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return change(t, a, (*wasmfs.Namespace).Unlink)
}

// change does something to a name: fd, path and its length are a[0:3].
func change(t *kernel.Task, a []uint64, f func(*wasmfs.Namespace, *wasmfs.Env, wasmfs.Path, string) error) abi.Errno {
	dir, name, errno := at(t, a[0], a[1], a[2])
	if errno != 0 {
		return errno
	}
	env := t.Env()
	return kernel.ErrnoOf(f(t.Kernel().Namespace(), &env, dir, name))
}

// pathLink is path_link(old_fd, lookup, old_path, len, new_fd, new_path, len).
func pathLink(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	old, errno := resolve(t, a[0], a[1], a[2], a[3])
	if errno != 0 {
		return errno
	}
	return change(t, a[4:], func(ns *wasmfs.Namespace, env *wasmfs.Env, dir wasmfs.Path, name string) error {
		return ns.Link(env, old, dir, name)
	})
}

// pathRename is path_rename(fd, old_path, len, new_fd, new_path, len).
func pathRename(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	from, old, errno := at(t, a[0], a[1], a[2])
	if errno != 0 {
		return errno
	}
	return change(t, a[3:], func(ns *wasmfs.Namespace, env *wasmfs.Env, dir wasmfs.Path, name string) error {
		return ns.Rename(env, from, old, dir, name, 0)
	})
}

// pathSymlink is path_symlink(text, len, fd, path, len).
func pathSymlink(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	text, errno := path(t, a[0], a[1])
	if errno != 0 {
		return errno
	}
	return change(t, a[2:], func(ns *wasmfs.Namespace, env *wasmfs.Env, dir wasmfs.Path, name string) error {
		return ns.Symlink(env, text, dir, name)
	})
}

// pathReadlink is path_readlink(fd, path, len, buf, buf_len, *used). As
// readlink(2), it cuts what does not fit.
func pathReadlink(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	p, errno := resolve(t, a[0], 0, a[1], a[2])
	if errno != 0 {
		return errno
	}
	env := t.Env()
	text, err := t.Kernel().Namespace().Readlink(&env, p)
	if err != nil {
		return kernel.ErrnoOf(err)
	}
	n := min(uint64(len(text)), a[4])
	if errno := put(t, a[3], []byte(text[:n])); errno != 0 {
		return errno
	}
	return put32(t, a[5], uint32(n))
}
