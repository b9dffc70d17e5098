package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// sysFutex is futex(2): addr, op, val, timeout or val2, addr2, val3.
func sysFutex(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	op := uint32(a[1]) &^ (abi.FUTEX_PRIVATE_FLAG | abi.FUTEX_CLOCK_REALTIME)
	val := uint32(a[2])
	wakes, val2 := int(int32(a[2])), int(int32(a[3]))
	switch op {
	case abi.FUTEX_WAIT:
		if errno := timeout(t, a[3]); errno != 0 {
			return 0, errno
		}
		return 0, t.FutexWait(a[0], val, abi.FUTEX_BITSET_MATCH_ANY)
	case abi.FUTEX_WAIT_BITSET:
		if a[3] != 0 {
			clock := uint64(abi.CLOCK_MONOTONIC)
			if a[1]&abi.FUTEX_CLOCK_REALTIME != 0 {
				clock = abi.CLOCK_REALTIME
			}
			if errno := deadline(t, clock, a[3]); errno != 0 {
				return 0, errno
			}
		}
		return 0, t.FutexWait(a[0], val, uint32(a[5]))
	case abi.FUTEX_WAKE:
		return t.FutexWake(a[0], max(wakes, 1), abi.FUTEX_BITSET_MATCH_ANY)
	case abi.FUTEX_WAKE_BITSET:
		return t.FutexWake(a[0], max(wakes, 1), uint32(a[5]))
	case abi.FUTEX_REQUEUE:
		return t.FutexRequeue(a[0], wakes, val2, a[4], nil)
	case abi.FUTEX_CMP_REQUEUE:
		cmp := uint32(a[5])
		return t.FutexRequeue(a[0], wakes, val2, a[4], &cmp)
	case abi.FUTEX_WAKE_OP:
		return t.FutexWakeOp(a[0], max(wakes, 1), max(val2, 1), a[4], uint32(a[5]))
	case abi.FUTEX_LOCK_PI, abi.FUTEX_UNLOCK_PI, abi.FUTEX_TRYLOCK_PI, abi.FUTEX_WAIT_REQUEUE_PI,
		abi.FUTEX_CMP_REQUEUE_PI, abi.FUTEX_LOCK_PI2:
		t.Kernel().Unsupported("futex with priority inheritance")
	}
	return 0, abi.ENOSYS
}

// robustHead is the size of struct robust_list_head.
const robustHead = 24

func sysSetRobustList(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[1] != robustHead {
		return 0, abi.EINVAL
	}
	t.SetRobustList(a[0], a[1])
	return 0, 0
}

func sysGetRobustList(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	o, errno := thread(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	if o.Process() != t.Process() && !t.SameUser(o.Process()) {
		return 0, abi.EPERM
	}
	head, _ := o.RobustList()
	if err := t.MM().WriteU64(a[1], head); err != nil {
		return 0, errnoOf(err)
	}
	return result(t.MM().WriteU64(a[2], robustHead))
}
