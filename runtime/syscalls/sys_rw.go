package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
)

// maxRW is the most bytes that one call transfers: Linux's MAX_RW_COUNT, read(2).
const maxRW = 0x7ffff000

func sysRead(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return read(t, a[0], a[1], a[2], -1)
}

func sysWrite(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return write(t, a[0], a[1], a[2], -1)
}

func sysPread64(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int64(a[3]) < 0 {
		return 0, abi.EINVAL
	}
	return read(t, a[0], a[1], a[2], int64(a[3]))
}

func sysPwrite64(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int64(a[3]) < 0 {
		return 0, abi.EINVAL
	}
	return write(t, a[0], a[1], a[2], int64(a[3]))
}

func read(t *kernel.Task, fd, addr, n uint64, off int64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(fd))
	if errno != 0 {
		return 0, errno
	}
	if off >= 0 && !seekable(d) {
		return 0, abi.ESPIPE
	}
	v := [1]mm.Iovec{{Base: addr, Len: min(n, maxRW)}}
	return t.Read(d, v[:], off)
}

func write(t *kernel.Task, fd, addr, n uint64, off int64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(fd))
	if errno != 0 {
		return 0, errno
	}
	if off >= 0 && !seekable(d) {
		return 0, abi.ESPIPE
	}
	v := [1]mm.Iovec{{Base: addr, Len: min(n, maxRW)}}
	return t.Write(d, v[:], off)
}

func seekable(d *kernel.Description) bool {
	_, ok := d.File.(kernel.Seeker)
	return ok
}

func sysReadv(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return vector(t, a[0], a[1], a[2], -1, (*kernel.Task).Read)
}

func sysWritev(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return vector(t, a[0], a[1], a[2], -1, (*kernel.Task).Write)
}

// The offset of preadv(2) and its kin comes in two halves, of which 64-bit
// machines use the first.
func sysPreadv(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int64(a[3]) < 0 {
		return 0, abi.EINVAL
	}
	return vector(t, a[0], a[1], a[2], int64(a[3]), (*kernel.Task).Read)
}

func sysPwritev(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int64(a[3]) < 0 {
		return 0, abi.EINVAL
	}
	return vector(t, a[0], a[1], a[2], int64(a[3]), (*kernel.Task).Write)
}

// The flags of preadv2(2) ask for speed or durability; RWF_NOWAIT and
// RWF_APPEND change the meaning.
func sysPreadv2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[5]&^0x7 != 0 {
		return 0, abi.EOPNOTSUPP
	}
	return vector(t, a[0], a[1], a[2], max(int64(a[3]), -1), (*kernel.Task).Read)
}

func sysPwritev2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const dsync, sync = 2, 4
	if a[5]&^0x7 != 0 {
		return 0, abi.EOPNOTSUPP
	}
	write := (*kernel.Task).Write
	if a[5]&(dsync|sync) != 0 {
		write = (*kernel.Task).WriteSync
	}
	return vector(t, a[0], a[1], a[2], max(int64(a[3]), -1), write)
}

func vector(t *kernel.Task, fd, addr, n uint64, off int64,
	move func(*kernel.Task, *kernel.Description, []mm.Iovec, int64) (uint64, abi.Errno)) (uint64, abi.Errno) {
	d, errno := t.FD(int32(fd))
	if errno != 0 {
		return 0, errno
	}
	if off >= 0 && !seekable(d) {
		return 0, abi.ESPIPE
	}
	v, err := t.MM().ReadIovecs(addr, n)
	if err != nil {
		return 0, errnoOf(err)
	}
	return move(t, d, v, off)
}

func sysLseek(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	d, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	s, ok := d.File.(kernel.Seeker)
	if !ok {
		return 0, abi.ESPIPE
	}
	n, errno := s.Seek(d, int64(a[1]), int(int32(a[2])))
	return uint64(n), errno
}

// sysSendfile is sendfile(2): out, in, *offset, count.
func sysSendfile(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return copyFiles(t, a[1], a[2], a[0], 0, a[3])
}

// sysCopyFileRange is copy_file_range(2): in, *off, out, *off, len, flags.
func sysCopyFileRange(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[5] != 0 {
		return 0, abi.EINVAL
	}
	var files [2]*kernel.Description
	for i, fd := range []uint64{a[0], a[2]} {
		d, errno := t.FD(int32(fd))
		if errno != 0 {
			return 0, errno
		}
		files[i] = d
		if d.Backing() == nil {
			if !d.Path.IsZero() && d.Path.Node.Type() == abi.S_IFDIR {
				return 0, abi.EISDIR
			}
			return 0, abi.EINVAL
		}
	}
	if in, out := files[0], files[1]; in.Path.Node == out.Path.Node {
		from, errno := offset(t, in, a[1])
		if errno != 0 {
			return 0, errno
		}
		to, errno := offset(t, out, a[3])
		if errno != 0 {
			return 0, errno
		}
		if from < 0 {
			from = in.Pos
		}
		if to < 0 {
			to = out.Pos
		}
		if n := int64(min(a[4], maxRW)); from < to+n && to < from+n {
			return 0, abi.EINVAL // the ranges overlap
		}
	}
	return copyFiles(t, a[0], a[1], a[2], a[3], a[4])
}

// sysSplice is splice(2): in, *off, out, *off, len, flags.
func sysSplice(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	in, errno := t.FD(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	out, errno := t.FD(int32(a[2]))
	if errno != 0 {
		return 0, errno
	}
	_, e1 := in.PipeSize()
	_, e2 := out.PipeSize()
	switch {
	case e1 != 0 && e2 != 0:
		return 0, abi.EINVAL
	case e1 == 0 && a[1] != 0 || e2 == 0 && a[3] != 0:
		return 0, abi.ESPIPE
	}
	return copyFiles(t, a[0], a[1], a[2], a[3], a[4])
}

// copyFiles moves up to n bytes between descriptors; an address of an offset,
// if not 0, stands for the position, and is updated.
func copyFiles(t *kernel.Task, infd, inAddr, outfd, outAddr, n uint64) (uint64, abi.Errno) {
	in, errno := t.FD(int32(infd))
	if errno != 0 {
		return 0, errno
	}
	out, errno := t.FD(int32(outfd))
	if errno != 0 {
		return 0, errno
	}
	inOff, errno := offset(t, in, inAddr)
	if errno != 0 {
		return 0, errno
	}
	outOff, errno := offset(t, out, outAddr)
	if errno != 0 {
		return 0, errno
	}
	done, errno := t.Copy(in, out, inOff, outOff, min(n, maxRW))
	if errno != 0 {
		return 0, errno
	}
	if inOff >= 0 {
		if err := t.MM().WriteU64(inAddr, uint64(inOff)+done); err != nil {
			return 0, errnoOf(err)
		}
	}
	if outOff >= 0 {
		if err := t.MM().WriteU64(outAddr, uint64(outOff)+done); err != nil {
			return 0, errnoOf(err)
		}
	}
	return done, 0
}

func offset(t *kernel.Task, d *kernel.Description, addr uint64) (int64, abi.Errno) {
	if addr == 0 {
		return -1, 0
	}
	if !seekable(d) {
		return 0, abi.ESPIPE
	}
	v, err := t.MM().ReadU64(addr)
	if err != nil {
		return 0, errnoOf(err)
	}
	if int64(v) < 0 {
		return 0, abi.EINVAL
	}
	return int64(v), 0
}
