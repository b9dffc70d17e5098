package kernel

import "boxer/runtime/abi"

// FDTable is a table of file descriptors (CLONE_FILES shares it).
type FDTable struct {
	refs  int
	slots []fdSlot
	free  int      // no slot below is free
	owner *Process // whose record locks end with a descriptor
}

type fdSlot struct {
	d       *Description
	cloexec bool
}

func newFDTable() *FDTable { return &FDTable{refs: 1} }

// Get returns the description of a descriptor, or nil.
func (ft *FDTable) Get(fd int32) *Description {
	if fd < 0 || int(fd) >= len(ft.slots) {
		return nil
	}
	return ft.slots[fd].d
}

// Install puts d, whose reference it takes over, into the lowest free
// descriptor at or above min. EMFILE: that would not be below limit; d is released.
func (ft *FDTable) Install(d *Description, min int, cloexec bool, limit uint64) (int, abi.Errno) {
	fd := max(min, ft.free)
	for fd < len(ft.slots) && ft.slots[fd].d != nil {
		fd++
	}
	if uint64(fd) >= limit {
		d.Release()
		return 0, abi.EMFILE
	}
	if min <= ft.free {
		ft.free = fd + 1
	}
	ft.grow(fd)
	ft.slots[fd] = fdSlot{d, cloexec}
	return fd, 0
}

func (ft *FDTable) grow(fd int) {
	for len(ft.slots) <= fd {
		ft.slots = append(ft.slots, fdSlot{})
	}
}

// Put makes fd refer to d, whose reference it takes over; what fd was before is closed.
func (ft *FDTable) Put(fd int, d *Description, cloexec bool) {
	ft.grow(fd)
	old := ft.slots[fd].d
	ft.slots[fd] = fdSlot{d, cloexec}
	if old != nil {
		ft.closed(old)
	}
}

// Close closes a descriptor; EBADF.
func (ft *FDTable) Close(fd int32) abi.Errno {
	d := ft.Get(fd)
	if d == nil {
		return abi.EBADF
	}
	ft.slots[fd] = fdSlot{}
	ft.free = min(ft.free, int(fd))
	ft.closed(d)
	return 0
}

// closed releases the reference that a descriptor held. Closing any descriptor of a
// file ends the process's record locks on it (fcntl(2)).
func (ft *FDTable) closed(d *Description) {
	if d.k != nil && ft.owner != nil && len(d.k.locks) > 0 {
		d.k.unlockAll(d, ft.owner)
	}
	d.Release()
}

// CloseOnExec is FD_CLOEXEC of an open descriptor.
func (ft *FDTable) CloseOnExec(fd int32) bool { return ft.slots[fd].cloexec }

// SetCloseOnExec sets FD_CLOEXEC of an open descriptor.
func (ft *FDTable) SetCloseOnExec(fd int32, on bool) { ft.slots[fd].cloexec = on }

// Each calls f for the open descriptors in [lo, hi], ascending, until it
// returns false. f may close the descriptor it is called with.
func (ft *FDTable) Each(lo, hi int, f func(fd int, d *Description) bool) {
	for fd := max(lo, 0); fd <= hi && fd < len(ft.slots); fd++ {
		if d := ft.slots[fd].d; d != nil && !f(fd, d) {
			return
		}
	}
}

// Count is the number of open descriptors.
func (ft *FDTable) Count() int {
	n := 0
	for _, s := range ft.slots {
		if s.d != nil {
			n++
		}
	}
	return n
}

// share returns what a child gets: the same table or a copy.
func (ft *FDTable) share(same bool) *FDTable {
	if same {
		ft.refs++
		return ft
	}
	c := &FDTable{refs: 1, free: ft.free, slots: append([]fdSlot(nil), ft.slots...)}
	for _, s := range c.slots {
		if s.d != nil {
			s.d.Retain()
		}
	}
	return c
}

// release counts one user less; the last closes everything.
func (ft *FDTable) release() {
	ft.refs--
	if ft.refs > 0 {
		return
	}
	for fd := range ft.slots {
		if ft.slots[fd].d != nil {
			ft.Close(int32(fd))
		}
	}
}

// closeExec closes what is marked for it.
func (ft *FDTable) closeExec() {
	for fd := range ft.slots {
		if ft.slots[fd].d != nil && ft.slots[fd].cloexec {
			ft.Close(int32(fd))
		}
	}
}

// FD returns the description of a descriptor that can be read, written and
// polled; EBADF also for O_PATH.
func (t *Task) FD(fd int32) (*Description, abi.Errno) {
	d := t.files.Get(fd)
	if d == nil || d.Flags&abi.O_PATH != 0 {
		return nil, abi.EBADF
	}
	return d, 0
}

// Install puts d into the lowest free descriptor within RLIMIT_NOFILE.
func (t *Task) Install(d *Description, cloexec bool) (uint64, abi.Errno) {
	return t.InstallFrom(d, 0, cloexec)
}

// InstallFrom is Install for descriptors from min on (F_DUPFD).
func (t *Task) InstallFrom(d *Description, min int, cloexec bool) (uint64, abi.Errno) {
	fd, errno := t.files.Install(d, min, cloexec, t.p.limits[abi.RLIMIT_NOFILE].Cur)
	return uint64(fd), errno
}
