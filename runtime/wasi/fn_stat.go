package wasi

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

// filetype is the type of a file from its mode (docs.md, "filetype"). Pipes
// have no word of their own: unknown.
func filetype(mode uint32) byte {
	switch mode & abi.S_IFMT {
	case abi.S_IFBLK:
		return 1
	case abi.S_IFCHR:
		return 2
	case abi.S_IFDIR:
		return 3
	case abi.S_IFREG:
		return 4
	case abi.S_IFSOCK:
		return 6
	case abi.S_IFLNK:
		return 7
	}
	return 0
}

// Descriptor flags (docs.md, "fdflags").
const (
	fdAppend = 1 << iota
	fdDsync
	fdNonblock
	fdRsync
	fdSyncFlag

	fdAllFlags = fdAppend | fdDsync | fdNonblock | fdRsync | fdSyncFlag
)

// openFlags are descriptor flags as open(2) takes them. Linux has no O_RSYNC of
// its own.
func openFlags(fdflags uint64) (flags int) {
	if fdflags&fdAppend != 0 {
		flags |= abi.O_APPEND
	}
	if fdflags&fdNonblock != 0 {
		flags |= abi.O_NONBLOCK
	}
	if fdflags&fdDsync != 0 {
		flags |= abi.O_DSYNC
	}
	if fdflags&(fdSyncFlag|fdRsync) != 0 {
		flags |= abi.O_SYNC
	}
	return flags
}

// fdflags are open(2)'s flags as descriptor flags.
func fdflags(flags int) (f uint16) {
	if flags&abi.O_APPEND != 0 {
		f |= fdAppend
	}
	if flags&abi.O_NONBLOCK != 0 {
		f |= fdNonblock
	}
	switch {
	case flags&abi.O_SYNC == abi.O_SYNC:
		f |= fdSyncFlag
	case flags&abi.O_DSYNC != 0:
		f |= fdDsync
	}
	return f
}

// Rights (docs.md, "rights").
const (
	rightFdDatasync = 1 << iota
	rightFdRead
	rightFdSeek
	rightFdFdstatSetFlags
	rightFdSync
	rightFdTell
	rightFdWrite
	rightFdAdvise
	rightFdAllocate
	rightPathCreateDirectory
	rightPathCreateFile
	rightPathLinkSource
	rightPathLinkTarget
	rightPathOpen
	rightFdReaddir
	rightPathReadlink
	rightPathRenameSource
	rightPathRenameTarget
	rightPathFilestatGet
	rightPathFilestatSetSize
	rightPathFilestatSetTimes
	rightFdFilestatGet
	rightFdFilestatSetSize
	rightFdFilestatSetTimes
	rightPathSymlink
	rightPathRemoveDirectory
	rightPathUnlinkFile
	rightPollFdReadwrite
	rightSockShutdown
	rightSockAccept

	rightsAll  = 1<<iota - 1
	rightsPath = rightPathCreateDirectory | rightPathCreateFile | rightPathLinkSource | rightPathLinkTarget |
		rightPathOpen | rightPathReadlink | rightPathRenameSource | rightPathRenameTarget |
		rightPathFilestatGet | rightPathFilestatSetSize | rightPathFilestatSetTimes |
		rightPathSymlink | rightPathRemoveDirectory | rightPathUnlinkFile
	rightsAny = rightFdFdstatSetFlags | rightFdSync | rightFdFilestatGet | rightFdFilestatSetTimes | rightPollFdReadwrite
	// rightsRead and rightsWrite are what asks for an access mode.
	rightsRead  = rightFdRead | rightFdReaddir
	rightsWrite = rightFdDatasync | rightFdWrite | rightFdAllocate | rightFdFilestatSetSize
)

// rights are what a descriptor can do. wasi-libc takes a character device that
// cannot seek for a terminal.
func rights(d *kernel.Description) (base, inheriting uint64) {
	if isDir(d) {
		return rightsAny | rightsPath | rightFdReaddir, rightsAll
	}
	base = rightsAny | rightFdAdvise
	if seekable(d) {
		base |= rightFdSeek | rightFdTell
	}
	if d.Readable() {
		base |= rightFdRead
	}
	if d.Writable() {
		base |= rightsWrite
	}
	return base, 0
}

// fdFdstatGet is fd_fdstat_get(fd, *fdstat): filetype, flags at 2, rights at 8,
// inherited rights at 16, 24 bytes.
func fdFdstatGet(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	st, errno := d.Stat()
	if errno != 0 {
		return errno
	}
	var b [24]byte
	b[0] = filetype(st.Mode)
	le.PutUint16(b[2:], fdflags(d.Flags))
	base, inheriting := rights(d)
	le.PutUint64(b[8:], base)
	le.PutUint64(b[16:], inheriting)
	return put(t, a[1], b[:])
}

// fdFdstatSetFlags is fd_fdstat_set_flags(fd, flags). As fcntl(2), it changes
// append and nonblock; the others must stay.
func fdFdstatSetFlags(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	const settable = fdAppend | fdNonblock
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	if a[1]&^fdAllFlags != 0 || (uint64(fdflags(d.Flags))^a[1])&^settable != 0 {
		return abi.EINVAL
	}
	d.Flags = d.Flags&^(abi.O_APPEND|abi.O_NONBLOCK) | openFlags(a[1]&settable)
	return 0
}

// fdFdstatSetRights is fd_fdstat_set_rights(fd, base, inheriting), refused
// whatever it asks for, so that no program believes to have given up a right
// that it keeps. Preview 1's later documents withdraw rights altogether.
func fdFdstatSetRights(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	if _, errno := t.FD(int32(a[0])); errno != 0 {
		return errno
	}
	t.Kernel().Unsupported("WASI fd_fdstat_set_rights")
	return abi.EOPNOTSUPP
}

// putFilestat writes a filestat: dev, ino, filetype, nlink at 24, size, atim,
// mtim, ctim, 64 bytes.
func putFilestat(t *kernel.Task, p uint64, st *abi.Stat) abi.Errno {
	var b [64]byte
	le.PutUint64(b[0:], st.Dev)
	le.PutUint64(b[8:], st.Ino)
	b[16] = filetype(st.Mode)
	for i, v := range []int64{int64(st.Nlink), st.Size, st.Atime, st.Mtime, st.Ctime} {
		le.PutUint64(b[24+8*i:], uint64(v))
	}
	return put(t, p, b[:])
}

// fdFilestatGet is fd_filestat_get(fd, *filestat).
func fdFilestatGet(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	st, errno := d.Stat()
	if errno != 0 {
		return errno
	}
	return putFilestat(t, a[1], &st)
}

// fdFilestatSetSize is fd_filestat_set_size(fd, size).
func fdFilestatSetSize(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	tr, ok := d.File.(kernel.Truncater)
	if !ok || int64(a[1]) < 0 || !d.Writable() {
		return abi.EINVAL
	}
	return tr.Truncate(t, int64(a[1]))
}

// timesAttr are the times to set, from nanoseconds and flags (docs.md,
// "fstflags"): atim, atim_now, mtim, mtim_now.
func timesAttr(atim, mtim, flags uint64) (wasmfs.Attr, abi.Errno) {
	const (
		setAtim = 1 << iota
		setAtimNow
		setMtim
		setMtimNow
		all = 1<<iota - 1
	)
	if flags&^all != 0 || flags&(setAtim|setAtimNow) == setAtim|setAtimNow || flags&(setMtim|setMtimNow) == setMtim|setMtimNow {
		return wasmfs.Attr{}, abi.EINVAL
	}
	attr := wasmfs.Attr{Atime: int64(atim), Mtime: int64(mtim)}
	for _, m := range []struct {
		flag uint64
		set  wasmfs.AttrMask
	}{{setAtim, wasmfs.SetAtime}, {setAtimNow, wasmfs.SetAtimeNow}, {setMtim, wasmfs.SetMtime}, {setMtimNow, wasmfs.SetMtimeNow}} {
		if flags&m.flag != 0 {
			attr.Set |= m.set
		}
	}
	return attr, 0
}

// fdFilestatSetTimes is fd_filestat_set_times(fd, atim, mtim, fstflags).
func fdFilestatSetTimes(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	attr, errno := timesAttr(a[1], a[2], a[3])
	if errno != 0 {
		return errno
	}
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return errno
	}
	if d.Path.IsZero() {
		return abi.EINVAL
	}
	env := t.Env()
	return kernel.ErrnoOf(d.Path.SetTimes(env.Cred, attr))
}
