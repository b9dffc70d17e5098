package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

func sysOpenat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return open(t, a[0], a[1], int(int32(a[2])), uint32(a[3]), 0)
}

// sysOpenat2 is openat2(2): struct open_how is flags, mode, resolve.
func sysOpenat2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const size = 24
	if a[3] < size {
		return 0, abi.EINVAL
	}
	if a[3] > size {
		if errno := zeroTail(t, a[2]+size, a[3]-size); errno != 0 {
			return 0, errno
		}
	}
	var how [3]uint64
	for i := range how {
		v, err := t.MM().ReadU64(a[2] + uint64(i)*8)
		if err != nil {
			return 0, errnoOf(err)
		}
		how[i] = v
	}
	if how[0]>>32 != 0 || how[1]&^0o7777 != 0 || how[2]>>32 != 0 ||
		how[1] != 0 && how[0]&(abi.O_CREAT|abi.O_TMPFILE&^abi.O_DIRECTORY) == 0 {
		return 0, abi.EINVAL
	}
	return open(t, a[0], a[1], int(how[0]), uint32(how[1]), uint32(how[2]))
}

// zeroTail checks that what a newer structure has beyond ours is zero: E2BIG.
func zeroTail(t *kernel.Task, addr, n uint64) abi.Errno {
	if n > 4096 {
		return abi.E2BIG
	}
	b := make([]byte, n)
	if err := t.MM().CopyIn(addr, b); err != nil {
		return errnoOf(err)
	}
	for _, c := range b {
		if c != 0 {
			return abi.E2BIG
		}
	}
	return 0
}

func open(t *kernel.Task, dirfd, addr uint64, flags int, mode, resolve uint32) (uint64, abi.Errno) {
	dir, name, errno := at(t, dirfd, addr)
	if errno != 0 {
		return 0, errno
	}
	d, errno := t.Open(dir, name, flags, mode, resolve)
	if errno != 0 {
		return 0, errno
	}
	return t.Install(d, flags&abi.O_CLOEXEC != 0)
}

func sysClose(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return 0, t.Files().Close(int32(a[0]))
}

func sysCloseRange(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const unshare, cloexec = 2, 4
	lo, hi, flags := uint32(a[0]), uint32(a[1]), a[2]
	if lo > hi || flags&^(unshare|cloexec) != 0 {
		return 0, abi.EINVAL
	}
	if flags&unshare != 0 {
		if errno := t.Unshare(abi.CLONE_FILES); errno != 0 {
			return 0, errno
		}
	}
	ft := t.Files()
	ft.Each(int(lo), int(hi), func(fd int, _ *kernel.Description) bool {
		if flags&cloexec != 0 {
			ft.SetCloseOnExec(int32(fd), true)
		} else {
			ft.Close(int32(fd))
		}
		return true
	})
	return 0, 0
}

func sysDup(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d := t.Files().Get(int32(a[0]))
	if d == nil {
		return 0, abi.EBADF
	}
	return t.Install(d.Retain(), false)
}

func sysDup3(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[2]&^abi.O_CLOEXEC != 0 || int32(a[0]) == int32(a[1]) {
		return 0, abi.EINVAL
	}
	d := t.Files().Get(int32(a[0]))
	if d == nil || int32(a[1]) < 0 || uint64(uint32(a[1])) >= t.Process().Limit(abi.RLIMIT_NOFILE).Cur {
		return 0, abi.EBADF
	}
	t.Files().Put(int(int32(a[1])), d.Retain(), a[2]&abi.O_CLOEXEC != 0)
	return uint64(uint32(a[1])), 0
}

// Commands of fcntl(2).
const (
	fDupFD        = 0
	fGetFD        = 1
	fSetFD        = 2
	fGetFL        = 3
	fSetFL        = 4
	fGetLK        = 5
	fSetLK        = 6
	fSetLKW       = 7
	fSetOwn       = 8
	fGetOwn       = 9
	fOFDGetLK     = 36
	fOFDSetLK     = 37
	fOFDSetLKW    = 38
	fDupFDCloexec = 1030
	fSetPipeSize  = 1031
	fGetPipeSize  = 1032
	fAddSeals     = 1033
	fGetSeals     = 1034

	settable = abi.O_APPEND | abi.O_NONBLOCK | abi.O_ASYNC | abi.O_DIRECT | abi.O_NOATIME
)

func sysFcntl(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	fd, arg := int32(a[0]), a[2]
	ft := t.Files()
	d := ft.Get(fd)
	if d == nil {
		return 0, abi.EBADF
	}
	switch int32(a[1]) {
	case fDupFD, fDupFDCloexec:
		if arg >= t.Process().Limit(abi.RLIMIT_NOFILE).Cur {
			return 0, abi.EINVAL
		}
		return t.InstallFrom(d.Retain(), int(arg), int32(a[1]) == fDupFDCloexec)
	case fGetFD:
		if ft.CloseOnExec(fd) {
			return 1, 0
		}
		return 0, 0
	case fSetFD:
		ft.SetCloseOnExec(fd, arg&1 != 0)
		return 0, 0
	case fGetFL:
		return uint64(d.Flags), 0
	}
	if d.Flags&abi.O_PATH != 0 {
		return 0, abi.EBADF
	}
	switch int32(a[1]) {
	case fSetFL:
		d.Flags = d.Flags&^settable | int(int32(arg))&settable
		return 0, 0
	case fGetLK, fSetLK, fSetLKW, fOFDGetLK, fOFDSetLK, fOFDSetLKW:
		return recordLock(t, d, int32(a[1]), arg)
	case fSetOwn:
		d.SetOwner(int(int32(arg)))
		return 0, 0
	case fGetOwn:
		return uint64(d.Owner()), 0
	case fSetPipeSize:
		return d.SetPipeSize(arg)
	case fGetPipeSize:
		return d.PipeSize()
	case fAddSeals, fGetSeals:
		return 0, abi.EINVAL
	}
	return 0, abi.EINVAL
}

// sysFlock is flock(2).
func sysFlock(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	const shared, exclusive, nonblock, unlock = 1, 2, 4, 8
	switch op := a[1] &^ nonblock; op {
	case shared, exclusive, unlock:
		return 0, t.Flock(d, op == exclusive, op == unlock, a[1]&nonblock != 0)
	}
	return 0, abi.EINVAL
}

// recordLock is fcntl(2)'s locks on byte ranges. struct flock is type, whence
// (16 bits each), start, len (64 bits each) and pid.
func recordLock(t *kernel.Task, d *kernel.Description, cmd int32, addr uint64) (uint64, abi.Errno) {
	var b [32]byte
	if err := t.MM().CopyIn(addr, b[:]); err != nil {
		return 0, errnoOf(err)
	}
	l := kernel.RecordLock{
		Type:   le16(b[0:]),
		Whence: le16(b[2:]),
		Start:  int64(le64(b[8:])),
		Len:    int64(le64(b[16:])),
		OFD:    cmd >= fOFDGetLK,
	}
	switch cmd {
	case fGetLK, fOFDGetLK:
		if errno := t.GetRecordLock(d, &l); errno != 0 {
			return 0, errno
		}
		put16(b[0:], l.Type)
		put16(b[2:], l.Whence)
		put64(b[8:], uint64(l.Start))
		put64(b[16:], uint64(l.Len))
		put32(b[24:], uint32(l.PID))
		return result(t.MM().CopyOut(addr, b[:]))
	}
	return 0, t.SetRecordLock(d, l, cmd == fSetLKW || cmd == fOFDSetLKW)
}

func sysIoctl(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	fd, req, arg := int32(a[0]), uint32(a[1]), a[2]
	d, errno := t.FD(fd)
	if errno != 0 {
		return 0, errno
	}
	switch req {
	case abi.FIOCLEX, abi.FIONCLEX:
		t.Files().SetCloseOnExec(fd, req == abi.FIOCLEX)
		return 0, 0
	case abi.FIONBIO:
		on, err := t.MM().ReadU32(arg)
		if err != nil {
			return 0, errnoOf(err)
		}
		d.Flags &^= abi.O_NONBLOCK
		if on != 0 {
			d.Flags |= abi.O_NONBLOCK
		}
		return 0, 0
	}
	return d.File.Ioctl(t, d, req, arg)
}

func sysPipe2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	flags := int(int32(a[1]))
	if flags&^(abi.O_CLOEXEC|abi.O_NONBLOCK|abi.O_DIRECT) != 0 {
		return 0, abi.EINVAL
	}
	if flags&abi.O_DIRECT != 0 {
		t.Kernel().Unsupported("pipe2 O_DIRECT")
		return 0, abi.EINVAL
	}
	if t.MM().Writable(a[0], 8) < 8 {
		return 0, abi.EFAULT
	}
	r, w := t.Pipe(flags)
	rfd, errno := t.Install(r, flags&abi.O_CLOEXEC != 0)
	if errno != 0 {
		w.Release()
		return 0, errno
	}
	wfd, errno := t.Install(w, flags&abi.O_CLOEXEC != 0)
	if errno != 0 {
		t.Files().Close(int32(rfd))
		return 0, errno
	}
	return result(t.MM().WriteU64(a[0], rfd|wfd<<32))
}

func sysEventfd2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	flags := int(int32(a[1]))
	if flags&^(abi.O_CLOEXEC|abi.O_NONBLOCK|abi.EFD_SEMAPHORE) != 0 {
		return 0, abi.EINVAL
	}
	return t.Install(t.Kernel().EventFD(uint32(a[0]), flags&abi.EFD_SEMAPHORE != 0, flags), flags&abi.O_CLOEXEC != 0)
}
