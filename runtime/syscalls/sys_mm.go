package syscalls

import (
	"errors"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
)

// refused counts what mm refuses by name, and gives the Errno.
func refused(t *kernel.Task, err error) abi.Errno {
	var r *mm.Refused
	if errors.As(err, &r) {
		t.Kernel().Unsupported(r.What)
	}
	return errnoOf(err)
}

func sysMmap(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	args := mm.MapArgs{Addr: a[0], Len: a[1], Prot: uint32(a[2]), Flags: uint32(a[3]), Off: a[5]}
	if args.Flags&abi.MAP_ANONYMOUS == 0 {
		d, errno := t.FD(int32(a[4]))
		if errno != 0 {
			return 0, errno
		}
		if !d.Readable() {
			return 0, abi.EACCES
		}
		if args.File, errno = t.Mapped(d); errno != 0 {
			return 0, errno
		}
		if args.Prot&abi.PROT_EXEC != 0 && d.Path.Mount.Flags()&abi.ST_NOEXEC != 0 {
			return 0, abi.EPERM
		}
		args.ReadOnly = !d.Writable()
	}
	addr, err := t.MM().Map(args)
	return addr, refused(t, err)
}

func sysMunmap(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return result(t.MM().Unmap(a[0], a[1]))
}

func sysMprotect(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return 0, refused(t, t.MM().Protect(a[0], a[1], uint32(a[2])))
}

func sysMremap(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	addr, err := t.MM().Remap(a[0], a[1], a[2], uint32(a[3]), a[4])
	return addr, refused(t, err)
}

func sysMadvise(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return 0, refused(t, t.MM().Advise(a[0], a[1], int(int32(a[2]))))
}

func sysMsync(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if !t.Flushing() {
		if err := t.MM().Sync(a[0], a[1], uint32(a[2])); err != nil || a[2]&abi.MS_SYNC == 0 {
			return result(err)
		}
	}
	return 0, t.FlushAll() // which file systems the mappings are of, mm does not know
}

func sysMincore(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	v, err := t.MM().Mincore(a[0], a[1])
	if err != nil {
		return 0, errnoOf(err)
	}
	return result(t.MM().CopyOut(a[2], v))
}

func sysBrk(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return t.MM().Brk(a[0]), 0
}

// sysNop serves calls that have nothing to do here: everything is always
// locked in memory, and one CPU needs no barrier.
func sysNop(*kernel.Task, *[6]uint64) (uint64, abi.Errno) { return 0, 0 }

// sysMembarrier is membarrier(2): with one CPU all commands are done at once.
func sysMembarrier(_ *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const commands = 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6
	switch {
	case a[1] != 0:
		return 0, abi.EINVAL
	case a[0] == 0:
		return commands, 0
	case a[0]&(a[0]-1) != 0 || a[0]&commands == 0:
		return 0, abi.EINVAL
	}
	return 0, 0
}
