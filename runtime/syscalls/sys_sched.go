package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// Scheduling policies and priorities change nothing here: threads take turns.
// Programs may ask, and set what an ordinary user may set.

func sysSchedYield(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) {
	t.Yield()
	return 0, 0
}

// thread finds a thread by id; 0 is the caller.
func thread(t *kernel.Task, pid uint64) (*kernel.Task, abi.Errno) {
	id := int(int32(pid))
	if id < 0 {
		return nil, abi.EINVAL
	}
	if id == 0 {
		return t, 0
	}
	if o := t.Kernel().LookupTask(id); o != nil {
		return o, 0
	}
	return nil, abi.ESRCH
}

// sysSchedGetaffinity tells of one CPU (DESIGN §5). It returns the size of the mask.
func sysSchedGetaffinity(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := thread(t, a[0]); errno != 0 {
		return 0, errno
	}
	if a[1] < 8 || a[1]%8 != 0 {
		return 0, abi.EINVAL
	}
	return 8, errnoOf(t.MM().WriteU64(a[2], 1))
}

func sysSchedSetaffinity(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := thread(t, a[0]); errno != 0 {
		return 0, errno
	}
	var b [8]byte
	if err := t.MM().CopyIn(a[2], b[:min(a[1], 8)]); err != nil {
		return 0, errnoOf(err)
	}
	if b[0]&1 == 0 {
		return 0, abi.EINVAL // no CPU that exists
	}
	return 0, 0
}

func sysSchedGetscheduler(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	_, errno := thread(t, a[0])
	return 0, errno // SCHED_OTHER
}

// sysSchedSetscheduler accepts SCHED_OTHER, SCHED_BATCH and SCHED_IDLE.
func sysSchedSetscheduler(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := thread(t, a[0]); errno != 0 {
		return 0, errno
	}
	prio, err := t.MM().ReadU32(a[2])
	if err != nil {
		return 0, errnoOf(err)
	}
	switch policy := a[1] &^ 0x40000000; policy { // SCHED_RESET_ON_FORK
	case 0, 3, 5:
		if prio != 0 {
			return 0, abi.EINVAL
		}
		return 0, 0
	case 1, 2, 6:
		return 0, abi.EPERM
	}
	return 0, abi.EINVAL
}

func sysSchedGetparam(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := thread(t, a[0]); errno != 0 {
		return 0, errno
	}
	return result(t.MM().WriteU32(a[1], 0))
}

func sysSchedSetparam(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := thread(t, a[0]); errno != 0 {
		return 0, errno
	}
	prio, err := t.MM().ReadU32(a[1])
	if err == nil && prio != 0 {
		return 0, abi.EINVAL
	}
	return result(err)
}

// prioRange is sched_get_priority_max(2) and _min: real-time policies have a range.
func prioRange(realtime uint64) handler {
	return func(_ *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
		switch a[0] {
		case 0, 3, 5:
			return 0, 0
		case 1, 2:
			return realtime, 0
		}
		return 0, abi.EINVAL
	}
}

func sysSchedRRGetInterval(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := thread(t, a[0]); errno != 0 {
		return 0, errno
	}
	return 0, putTimespec(t, a[1], int64(t.Kernel().Slice()))
}

// sysGetpriority returns 20 − nice, as the system call does (getpriority(2), NOTES).
func sysGetpriority(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[0] > 2 {
		return 0, abi.EINVAL
	}
	return 20, 0
}

// sysSetpriority accepts to be nicer, without effect.
func sysSetpriority(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	switch {
	case a[0] > 2:
		return 0, abi.EINVAL
	case int32(a[2]) < 0 && !t.Cred().Has(kernel.CapSysNice):
		return 0, abi.EACCES
	}
	return 0, 0
}

func sysGetcpu(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	for _, addr := range a[:2] {
		if addr != 0 {
			if err := t.MM().WriteU32(addr, 0); err != nil {
				return 0, errnoOf(err)
			}
		}
	}
	return 0, 0
}
