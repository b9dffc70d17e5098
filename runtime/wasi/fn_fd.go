package wasi

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
	"boxer/wasmfs"
)

// A mover is Task.Read or Task.Write.
type mover func(*kernel.Task, *kernel.Description, []mm.Iovec, int64) (uint64, abi.Errno)

// fdRead is fd_read(fd, iovs, n, *nread).
func fdRead(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return transfer(t, (*kernel.Task).Read, a, a[3], -1)
}

// fdWrite is fd_write(fd, iovs, n, *nwritten).
func fdWrite(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return transfer(t, (*kernel.Task).Write, a, a[3], -1)
}

// fdPread is fd_pread(fd, iovs, n, offset, *nread).
func fdPread(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return transferAt(t, (*kernel.Task).Read, a)
}

// fdPwrite is fd_pwrite(fd, iovs, n, offset, *nwritten).
func fdPwrite(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return transferAt(t, (*kernel.Task).Write, a)
}

func transferAt(t *kernel.Task, move mover, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	if !seekable(d) {
		return abi.ESPIPE
	}
	if int64(a[3]) < 0 {
		return abi.EINVAL
	}
	return transfer(t, move, a, a[4], int64(a[3]))
}

// transfer reads or writes a[1], a[2] iovecs of descriptor a[0] and tells how
// much at size.
func transfer(t *kernel.Task, move mover, a []uint64, size uint64, off int64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	v, errno := iovecs(t, a[1], a[2])
	if errno != 0 {
		return errno
	}
	if errno := room(t, size, 4); errno != 0 {
		return errno
	}
	n, errno := move(t, d, v, off)
	if errno != 0 {
		return errno
	}
	return put32(t, size, uint32(n))
}

func seekable(d *kernel.Description) bool {
	_, ok := d.File.(kernel.Seeker)
	return ok
}

// isDir reports whether d is an open directory.
func isDir(d *kernel.Description) bool {
	return !d.Path.IsZero() && d.Path.Node.Type() == abi.S_IFDIR
}

// fdSeek is fd_seek(fd, delta, whence, *offset). A directory has no offset that
// a module could know: fd_readdir takes cookies.
func fdSeek(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	if isDir(d) {
		return abi.EBADF
	}
	s, ok := d.File.(kernel.Seeker)
	if !ok {
		return abi.ESPIPE
	}
	if a[2] > abi.SEEK_END {
		return abi.EINVAL
	}
	if errno := room(t, a[3], 8); errno != 0 {
		return errno
	}
	at, errno := s.Seek(d, int64(a[1]), int(a[2]))
	if errno != 0 {
		return errno
	}
	return put64(t, a[3], uint64(at))
}

// fdTell is fd_tell(fd, *offset).
func fdTell(t *kernel.Task, p *process, a []uint64) abi.Errno {
	return fdSeek(t, p, []uint64{a[0], 0, abi.SEEK_CUR, a[1]})
}

// fdClose is fd_close(fd).
func fdClose(t *kernel.Task, _ *process, a []uint64) abi.Errno { return t.Files().Close(int32(a[0])) }

// fdRenumber is fd_renumber(from, to): dup2(2) and close(2) of two descriptors
// that are open.
func fdRenumber(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	from, to := int32(a[0]), int32(a[1])
	ft := t.Files()
	d := ft.Get(from)
	if d == nil || ft.Get(to) == nil {
		return abi.EBADF
	}
	if from == to {
		return 0
	}
	ft.Put(int(to), d.Retain(), false)
	return ft.Close(from)
}

// fdSync is fd_sync(fd) and fd_datasync(fd).
func fdSync(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	if f, ok := d.Backing().(wasmfs.SyncFile); ok {
		return kernel.ErrnoOf(f.Sync())
	}
	if d.Path.IsZero() {
		return abi.EINVAL
	}
	return 0
}

// fdAdvise is fd_advise(fd, offset, len, advice): a hint that nothing needs.
func fdAdvise(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	const lastAdvice = 5
	d, errno := t.FD(int32(a[0]))
	switch {
	case errno != 0:
		return errno
	case isDir(d):
		return abi.EBADF
	case !seekable(d):
		return abi.ESPIPE
	case a[3] > lastAdvice, int64(a[1]) < 0, int64(a[2]) < 0:
		return abi.EINVAL
	}
	return 0
}

// fdAllocate is fd_allocate(fd, offset, len).
func fdAllocate(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	switch {
	case errno != 0:
		return errno
	case !d.Writable():
		return abi.EBADF
	case int64(a[1]) < 0 || int64(a[2]) <= 0:
		return abi.EINVAL
	case int64(a[1]+a[2]) < 0:
		return abi.EFBIG
	}
	switch f := d.Backing().(type) {
	case nil:
		return abi.ENODEV
	case wasmfs.AllocateFile:
		return kernel.ErrnoOf(f.Allocate(0, int64(a[1]), int64(a[2])))
	}
	return abi.EOPNOTSUPP
}

// fdReaddir is fd_readdir(fd, buf, len, cookie, *used). An entry is d_next
// (64 bits), d_ino (64), d_namlen (32), d_type (8), 24 bytes in all, then the
// name. The last one is cut where the buffer ends; used < len tells the end.
func fdReaddir(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	r, ok := d.File.(kernel.DirReader)
	if !ok {
		return abi.ENOTDIR
	}
	if int64(a[3]) < 0 {
		return abi.EINVAL
	}
	buf, size := a[1], a[2]
	for _, out := range [][2]uint64{{buf, size}, {a[4], 4}} {
		if errno := room(t, out[0], out[1]); errno != 0 {
			return errno
		}
	}
	const header = 24
	var used uint64
	var fault abi.Errno
	d.Pos = int64(a[3])
	errno = r.ReadDir(t, d, func(e wasmfs.Dirent) bool {
		b := make([]byte, header, header+len(e.Name))
		le.PutUint64(b, uint64(e.Next))
		le.PutUint64(b[8:], e.Ino)
		le.PutUint32(b[16:], uint32(len(e.Name)))
		b[20] = filetype(e.Type)
		b = append(b, e.Name...)
		b = b[:min(uint64(len(b)), size-used)]
		fault = put(t, buf+used, b)
		used += uint64(len(b))
		return fault == 0 && used < size
	})
	if errno == 0 {
		errno = fault
	}
	if errno != 0 {
		return errno
	}
	return put32(t, a[4], uint32(used))
}

// The program's one preopened directory.
const (
	preopenFD   = 3
	preopenName = "/"
)

// preopened checks that a descriptor is the preopened directory.
func (p *process) preopened(t *kernel.Task, fd uint64) abi.Errno {
	if fd != preopenFD || p.preopen == nil || t.Files().Get(preopenFD) != p.preopen {
		return abi.EBADF
	}
	return 0
}

// fdPrestatGet is fd_prestat_get(fd, *prestat): a tag, 0 for a directory, and
// at 4 the length of its name.
func fdPrestatGet(t *kernel.Task, p *process, a []uint64) abi.Errno {
	if errno := p.preopened(t, a[0]); errno != 0 {
		return errno
	}
	return put64(t, a[1], uint64(len(preopenName))<<32)
}

// fdPrestatDirName is fd_prestat_dir_name(fd, buf, len).
func fdPrestatDirName(t *kernel.Task, p *process, a []uint64) abi.Errno {
	if errno := p.preopened(t, a[0]); errno != 0 {
		return errno
	}
	if a[2] < uint64(len(preopenName)) {
		return abi.ENAMETOOLONG
	}
	return put(t, a[1], []byte(preopenName))
}
