package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

// statAt stats by descriptor and path; an empty path with AT_EMPTY_PATH is
// the descriptor itself, whatever it is.
func statAt(t *kernel.Task, fd, addr, flags uint64) (abi.Stat, abi.Errno) {
	if flags&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH|abi.AT_NO_AUTOMOUNT|abi.AT_STATX_SYNC_TYPE) != 0 {
		return abi.Stat{}, abi.EINVAL
	}
	if flags&abi.AT_EMPTY_PATH != 0 && int32(fd) != abi.AT_FDCWD {
		// statx(2) allows a null pointer here.
		if addr == 0 {
			return fstat(t, fd)
		}
		if b := [1]byte{1}; t.MM().CopyIn(addr, b[:]) == nil && b[0] == 0 {
			return fstat(t, fd)
		}
	}
	p, errno := resolve(t, fd, addr, flags)
	if errno != 0 {
		return abi.Stat{}, errno
	}
	st, err := p.Stat()
	return st, errnoOf(err)
}

func fstat(t *kernel.Task, fd uint64) (abi.Stat, abi.Errno) {
	d := t.Files().Get(int32(fd))
	if d == nil {
		return abi.Stat{}, abi.EBADF
	}
	return d.Stat()
}

func putStat(t *kernel.Task, addr uint64, st *abi.Stat) (uint64, abi.Errno) {
	b := st.Encode()
	return result(t.MM().CopyOut(addr, b[:]))
}

func sysNewfstatat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	st, errno := statAt(t, a[0], a[1], a[3])
	if errno != 0 {
		return 0, errno
	}
	return putStat(t, a[2], &st)
}

func sysFstat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	st, errno := fstat(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	return putStat(t, a[1], &st)
}

// sysStatx is statx(2): dirfd, path, flags, mask, buffer.
func sysStatx(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	st, errno := statAt(t, a[0], a[1], a[2])
	if errno != 0 {
		return 0, errno
	}
	b := st.EncodeStatx()
	return result(t.MM().CopyOut(a[4], b[:]))
}

func sysFaccessat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return access(t, a, 0)
}

func sysFaccessat2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return access(t, a, a[3])
}

func access(t *kernel.Task, a *[6]uint64, flags uint64) (uint64, abi.Errno) {
	if a[2]&^7 != 0 || flags&^(abi.AT_EACCESS|abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	dir, name, errno := at(t, a[0], a[1])
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	if flags&abi.AT_EACCESS == 0 {
		env.Cred = t.Cred().Real()
	}
	p, err := t.Kernel().Namespace().Resolve(&env, dir, name, walkFlags(flags))
	if err != nil {
		return 0, errnoOf(err)
	}
	return result(p.Access(env.Cred, uint32(a[2])))
}

func sysFchmodat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p, errno := resolve(t, a[0], a[1], 0)
	if errno != 0 {
		return 0, errno
	}
	return result(p.Chmod(fileCred(t), uint32(a[2])))
}

func sysFchmodat2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[3]&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	p, errno := resolve(t, a[0], a[1], a[3])
	if errno != 0 {
		return 0, errno
	}
	return result(p.Chmod(fileCred(t), uint32(a[2])))
}

// place is the place of a descriptor in the tree; EBADF also with O_PATH,
// EINVAL for what has none.
func place(t *kernel.Task, fd uint64) (wasmfs.Path, abi.Errno) {
	d, errno := t.FD(int32(fd))
	if errno != 0 {
		return wasmfs.Path{}, errno
	}
	if d.Path.IsZero() {
		return wasmfs.Path{}, abi.EINVAL
	}
	return d.Path, 0
}

func sysFchmod(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p, errno := place(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	return result(p.Chmod(fileCred(t), uint32(a[1])))
}

func sysFchownat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[4]&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_EMPTY_PATH) != 0 {
		return 0, abi.EINVAL
	}
	p, errno := resolve(t, a[0], a[1], a[4])
	if errno != 0 {
		return 0, errno
	}
	return result(p.Chown(fileCred(t), uint32(a[2]), uint32(a[3])))
}

func sysFchown(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p, errno := place(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	return result(p.Chown(fileCred(t), uint32(a[1]), uint32(a[2])))
}

// sysUtimensat is utimensat(2); a null path means the descriptor.
func sysUtimensat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	attr := wasmfs.Attr{Set: wasmfs.SetAtimeNow | wasmfs.SetMtimeNow}
	if a[2] != 0 {
		attr.Set = 0
		for i, w := range []struct {
			to       *int64
			set, now wasmfs.AttrMask
		}{{&attr.Atime, wasmfs.SetAtime, wasmfs.SetAtimeNow}, {&attr.Mtime, wasmfs.SetMtime, wasmfs.SetMtimeNow}} {
			ts, errno := timespec(t, a[2]+uint64(i)*abi.SizeofTimespec)
			if errno != 0 {
				return 0, errno
			}
			switch {
			case ts.Nsec == abi.UTIME_NOW:
				attr.Set |= w.now
			case ts.Nsec == abi.UTIME_OMIT:
			case ts.Nsec < 0 || ts.Nsec >= 1e9:
				return 0, abi.EINVAL
			default:
				attr.Set |= w.set
				*w.to = ts.Ns()
			}
		}
	}
	var p wasmfs.Path
	var errno abi.Errno
	if a[1] == 0 && int32(a[0]) != abi.AT_FDCWD {
		p, errno = place(t, a[0])
	} else {
		p, errno = resolve(t, a[0], a[1], a[3])
	}
	if errno != 0 {
		return 0, errno
	}
	return result(p.SetTimes(fileCred(t), attr))
}

func sysTruncate(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int64(a[1]) < 0 {
		return 0, abi.EINVAL
	}
	p, errno := resolve(t, fdCwd, a[0], 0)
	if errno != 0 {
		return 0, errno
	}
	env := t.Env()
	return result(t.Kernel().Namespace().Truncate(&env, p, int64(a[1])))
}

// fdCwd is AT_FDCWD as a register holds it.
const fdCwd = ^uint64(0) - 99

func sysFtruncate(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	tr, ok := d.File.(kernel.Truncater)
	if !ok || int64(a[1]) < 0 || !d.Writable() {
		return 0, abi.EINVAL
	}
	return 0, tr.Truncate(t, int64(a[1]))
}

func sysFallocate(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	if !d.Writable() {
		return 0, abi.EBADF
	}
	if int64(a[2]) < 0 || int64(a[3]) <= 0 {
		return 0, abi.EINVAL
	}
	if int64(a[2]+a[3]) < 0 {
		return 0, abi.EFBIG
	}
	switch f := d.Backing().(type) {
	case nil:
		return 0, abi.ENODEV
	case wasmfs.AllocateFile:
		return result(f.Allocate(int(int32(a[1])), int64(a[2]), int64(a[3])))
	}
	return 0, abi.EOPNOTSUPP
}

// sysFsync is fsync(2) and fdatasync(2).
func sysFsync(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	if d.Path.IsZero() {
		return 0, abi.EINVAL
	}
	if fs, ok := d.Path.Mount.FS().(wasmfs.FlushFS); ok {
		return 0, t.Flush(fs)
	}
	if f, ok := d.Backing().(wasmfs.SyncFile); ok {
		return result(f.Sync())
	}
	return 0, 0
}

func sysSync(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) {
	switch errno := t.FlushAll(); errno {
	case 0, kernel.Blocked, kernel.ERESTARTNOINTR:
		return 0, errno
	default: // sync(2) has no way to say so
		t.Kernel().Logf("sync: %v", errno)
		return 0, 0
	}
}

func sysSyncfs(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d := t.Files().Get(int32(a[0]))
	switch {
	case d == nil:
		return 0, abi.EBADF
	case d.Path.IsZero():
		return 0, 0 // a pipe and its kin have nothing to write back
	}
	return 0, t.Flush(d.Path.Mount.FS())
}

// sysFadvise64 is posix_fadvise(2): advice about speed.
func sysFadvise64(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	if _, err := d.PipeSize(); err == 0 {
		return 0, abi.ESPIPE
	}
	if a[3] > 5 {
		return 0, abi.EINVAL
	}
	return 0, 0
}

func sysReadahead(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	if d.Backing() == nil {
		return 0, abi.EINVAL
	}
	return 0, 0
}

func sysStatfs(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p, errno := resolve(t, fdCwd, a[0], 0)
	if errno != 0 {
		return 0, errno
	}
	return putStatfs(t, a[1], p.Statfs())
}

func sysFstatfs(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d := t.Files().Get(int32(a[0]))
	if d == nil {
		return 0, abi.EBADF
	}
	if d.Path.IsZero() {
		sf := abi.Statfs{Type: abi.ANON_MAGIC, Bsize: 4096, Frsize: 4096, Namelen: abi.NameMax}
		if _, errno := d.PipeSize(); errno == 0 {
			sf.Type = abi.PIPEFS_MAGIC
		}
		return putStatfs(t, a[1], sf)
	}
	return putStatfs(t, a[1], d.Path.Statfs())
}

func putStatfs(t *kernel.Task, addr uint64, sf abi.Statfs) (uint64, abi.Errno) {
	b := sf.Encode()
	return result(t.MM().CopyOut(addr, b[:]))
}
