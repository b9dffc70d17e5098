package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

func sysMkdirat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	dir, name, errno := at(t, a[0], a[1])
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	return result(t.Kernel().Namespace().Mkdir(&env, dir, name, uint32(a[2])))
}

func sysMknodat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	dir, name, errno := at(t, a[0], a[1])
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	_, err := t.Kernel().Namespace().Mknod(&env, dir, name, uint32(a[2]), a[3])
	return result(err)
}

func sysUnlinkat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[2]&^abi.AT_REMOVEDIR != 0 {
		return 0, abi.EINVAL
	}
	dir, name, errno := at(t, a[0], a[1])
	if errno != 0 {
		return 0, errno
	}
	env, ns := t.Env(), t.Kernel().Namespace()
	if a[2] != 0 {
		return result(ns.Rmdir(&env, dir, name))
	}
	return result(ns.Unlink(&env, dir, name))
}

func sysSymlinkat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	target, errno := path(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	dir, name, errno := at(t, a[1], a[2])
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	return result(t.Kernel().Namespace().Symlink(&env, target, dir, name))
}

func sysLinkat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[4]&^(abi.AT_SYMLINK_FOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	flags := a[4] & abi.AT_EMPTY_PATH
	if a[4]&abi.AT_SYMLINK_FOLLOW == 0 {
		flags |= abi.AT_SYMLINK_NOFOLLOW
	}
	old, errno := resolve(t, a[0], a[1], flags)
	if errno != 0 {
		return 0, errno
	}
	dir, name, errno := at(t, a[2], a[3])
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	return result(t.Kernel().Namespace().Link(&env, old, dir, name))
}

func sysRenameat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return rename(t, a, 0)
}

func sysRenameat2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return rename(t, a, uint32(a[4]))
}

func rename(t *kernel.Task, a *[6]uint64, flags uint32) (uint64, abi.Errno) {
	from, old, errno := at(t, a[0], a[1])
	if errno != 0 {
		return 0, errno
	}
	to, name, errno := at(t, a[2], a[3])
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	return result(t.Kernel().Namespace().Rename(&env, from, old, to, name, flags))
}

func sysReadlinkat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int32(a[3]) <= 0 {
		return 0, abi.EINVAL
	}
	p, errno := resolve(t, a[0], a[1], abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH)
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	s, err := t.Kernel().Namespace().Readlink(&env, p)
	if err != nil {
		return 0, errnoOf(err)
	}
	n := min(uint64(len(s)), uint64(int32(a[3])))
	return n, errnoOf(t.MM().CopyOut(a[2], []byte(s[:n])))
}

func sysChdir(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p, errno := directory(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	t.FS().Cwd = p
	return 0, 0
}

// directory resolves a path to a directory that may be searched.
func directory(t *kernel.Task, addr uint64) (wasmfs.Path, abi.Errno) {
	name, errno := path(t, addr)
	if errno != 0 {
		return wasmfs.Path{}, errno
	}
	env := t.Env()
	p, err := t.Kernel().Namespace().Resolve(&env, wasmfs.Path{}, name, wasmfs.Directory)
	if err != nil {
		return wasmfs.Path{}, errnoOf(err)
	}
	return p, errnoOf(p.Access(env.Cred, abi.X_OK))
}

func sysFchdir(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d := t.Files().Get(int32(a[0]))
	switch {
	case d == nil:
		return 0, abi.EBADF
	case d.Path.IsZero() || d.Path.Node.Type() != abi.S_IFDIR:
		return 0, abi.ENOTDIR
	}
	if err := d.Path.Access(fileCred(t), abi.X_OK); err != nil {
		return 0, errnoOf(err)
	}
	t.FS().Cwd = d.Path
	return 0, 0
}

func sysChroot(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p, errno := directory(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	if !t.Cred().Has(kernel.CapSysChroot) {
		return 0, abi.EPERM
	}
	t.FS().Root = p
	return 0, 0
}

// sysGetcwd is the system call, which counts the NUL: getcwd(2), NOTES.
func sysGetcwd(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	fs := t.FS()
	s, reachable := fs.Cwd.String(fs.Root)
	if pn, ok := fs.Cwd.Node.(wasmfs.ParentNode); ok {
		if _, _, linked := pn.Parent(); !linked {
			return 0, abi.ENOENT
		}
	}
	if !reachable {
		s = "(unreachable)" + s
	}
	n := uint64(len(s)) + 1
	if a[1] < n {
		return 0, abi.ERANGE
	}
	return n, errnoOf(t.MM().CopyOut(a[0], append([]byte(s), 0)))
}

func sysUmask(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	old := t.FS().Umask
	t.FS().Umask = uint32(a[0]) & 0o777
	return uint64(old), 0
}

// sysGetdents64 is getdents64(2).
func sysGetdents64(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	r, ok := d.File.(kernel.DirReader)
	if !ok {
		return 0, abi.ENOTDIR
	}
	size := int(min(a[2], kernel.ScratchSize))
	buf := make([]byte, 0, size)
	full := false
	start := d.Pos
	errno = r.ReadDir(t, d, func(e wasmfs.Dirent) bool {
		if len(buf)+abi.DirentSize(e.Name) > size {
			full = true
			return false
		}
		buf = abi.AppendDirent(buf, e.Ino, e.Next, abi.DirentType(e.Type), e.Name)
		return true
	})
	switch {
	case errno != 0:
		return 0, errno
	case len(buf) == 0 && full:
		return 0, abi.EINVAL // not even one entry fits
	}
	if err := t.MM().CopyOut(a[1], buf); err != nil {
		d.Pos = start
		return 0, errnoOf(err)
	}
	return uint64(len(buf)), 0
}
