package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// clockNow is the time of a clock in ns; EINVAL for one that is not there.
// It needs no lock: the thread asks about itself.
func clockNow(t *kernel.Task, id uint64) (int64, abi.Errno) {
	switch int32(id) {
	case abi.CLOCK_REALTIME, abi.CLOCK_REALTIME_COARSE, abi.CLOCK_REALTIME_ALARM, abi.CLOCK_TAI:
		return t.Kernel().Realtime(), 0
	case abi.CLOCK_MONOTONIC, abi.CLOCK_MONOTONIC_RAW, abi.CLOCK_MONOTONIC_COARSE, abi.CLOCK_BOOTTIME, abi.CLOCK_BOOTTIME_ALARM:
		return t.Kernel().Monotonic(), 0
	case abi.CLOCK_PROCESS_CPUTIME_ID:
		return t.ProcessCPUTime(), 0
	case abi.CLOCK_THREAD_CPUTIME_ID:
		return t.CPUTime(), 0
	}
	// The CPU clock of a process or thread by id (clock_getcpuclockid(3)):
	// ^id<<3, with bit 2 for threads.
	if n := int32(id); n < 0 {
		who, perThread := ^(n >> 3), n&4 != 0
		switch {
		case perThread && (who == 0 || int(who) == t.TID()):
			return t.CPUTime(), 0
		case !perThread && (who == 0 || int(who) == t.Process().PID()):
			return t.ProcessCPUTime(), 0
		}
	}
	return 0, abi.EINVAL
}

func sysClockGettime(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	now, errno := clockNow(t, a[0])
	if errno != 0 {
		return 0, errno
	}
	return 0, putTimespec(t, a[1], now)
}

// sysClockGetres tells 1 ns, as machines with high-resolution timers do; the
// coarse clocks are no coarser here, but say 4 ms.
func sysClockGetres(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := clockNow(t, a[0]); errno != 0 {
		return 0, errno
	}
	res := int64(1)
	if id := a[0]; id == abi.CLOCK_REALTIME_COARSE || id == abi.CLOCK_MONOTONIC_COARSE {
		res = 4e6
	}
	if a[1] == 0 {
		return 0, 0
	}
	return 0, putTimespec(t, a[1], res)
}

// sysClockSettime: nobody in a box sets the time.
func sysClockSettime(*kernel.Task, *[6]uint64) (uint64, abi.Errno) { return 0, abi.EPERM }

func sysGettimeofday(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[0] != 0 {
		now := t.Kernel().Realtime()
		var b [16]byte
		put64(b[:], uint64(now/1e9))
		put64(b[8:], uint64(now%1e9/1e3))
		if err := t.MM().CopyOut(a[0], b[:]); err != nil {
			return 0, errnoOf(err)
		}
	}
	if a[1] != 0 {
		return result(t.MM().WriteU64(a[1], 0)) // struct timezone: UTC
	}
	return 0, 0
}

func sysNanosleep(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if errno := timeout(t, a[0]); errno != 0 {
		return 0, errno
	}
	return sleep(t, a[1])
}

// sleep waits for the call's deadline; a signal with a handler writes the time
// left to rem.
func sleep(t *kernel.Task, rem uint64) (uint64, abi.Errno) {
	if !t.Sys().HasLimit {
		return 0, abi.EFAULT
	}
	if t.Expired() {
		return 0, 0
	}
	errno := t.Block(kernel.ERESTARTNOHAND)
	if errno != kernel.Blocked {
		putTimeLeft(t, rem)
	}
	return 0, errno
}

// sysClockNanosleep is clock_nanosleep(2): clock, flags, *request, *remain.
func sysClockNanosleep(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	switch int32(a[0]) {
	case abi.CLOCK_REALTIME, abi.CLOCK_TAI, abi.CLOCK_MONOTONIC, abi.CLOCK_BOOTTIME,
		abi.CLOCK_REALTIME_ALARM, abi.CLOCK_BOOTTIME_ALARM:
	case abi.CLOCK_PROCESS_CPUTIME_ID:
		t.Kernel().Unsupported("clock_nanosleep on CPU time")
		return 0, abi.EOPNOTSUPP
	case abi.CLOCK_THREAD_CPUTIME_ID:
		return 0, abi.EINVAL
	default:
		return 0, abi.EOPNOTSUPP
	}
	if a[1]&^abi.TIMER_ABSTIME != 0 {
		return 0, abi.EINVAL
	}
	if a[2] == 0 {
		return 0, abi.EFAULT
	}
	if a[1] == 0 {
		if errno := timeout(t, a[2]); errno != 0 {
			return 0, errno
		}
		return sleep(t, a[3])
	}
	if errno := deadline(t, a[0], a[2]); errno != 0 {
		return 0, errno
	}
	return sleep(t, 0)
}

// deadline reads an absolute time of a clock as the call's deadline.
func deadline(t *kernel.Task, clock, addr uint64) abi.Errno {
	if t.Sys().HasLimit {
		return 0
	}
	ts, errno := timespec(t, addr)
	if errno != 0 {
		return errno
	}
	if !ts.Valid() {
		return abi.EINVAL
	}
	t.SetDeadline(monotonic(t, clock, ts.Ns()))
	return 0
}

// monotonic turns a time of a clock into one of CLOCK_MONOTONIC.
func monotonic(t *kernel.Task, clock uint64, ns int64) int64 {
	switch clock {
	case abi.CLOCK_REALTIME, abi.CLOCK_REALTIME_ALARM, abi.CLOCK_TAI:
		return ns - t.Kernel().Realtime() + t.Kernel().Monotonic()
	}
	return ns
}

// timeval reads a struct timeval in ns; EINVAL unless it is in range.
func timeval(b []byte) (int64, abi.Errno) {
	sec, usec := int64(le64(b)), int64(le64(b[8:]))
	if sec < 0 || usec < 0 || usec >= 1e6 {
		return 0, abi.EINVAL
	}
	return abi.Timespec{Sec: sec, Nsec: usec * 1e3}.Ns(), 0
}

func putItimer(t *kernel.Task, addr uint64, value, interval int64) (uint64, abi.Errno) {
	var b [32]byte
	for i, ns := range [2]int64{interval, value} {
		us := (ns + 999) / 1000
		put64(b[16*i:], uint64(us/1e6))
		put64(b[16*i+8:], uint64(us%1e6))
	}
	return result(t.MM().CopyOut(addr, b[:]))
}

func sysSetitimer(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[0] > abi.ITIMER_PROF {
		return 0, abi.EINVAL
	}
	var b [32]byte
	if a[1] != 0 {
		if err := t.MM().CopyIn(a[1], b[:]); err != nil {
			return 0, errnoOf(err)
		}
	}
	interval, errno := timeval(b[:])
	if errno != 0 {
		return 0, errno
	}
	value, errno := timeval(b[16:])
	if errno != 0 {
		return 0, errno
	}
	v, i := t.Process().SetItimer(int(a[0]), value, interval)
	if a[2] == 0 {
		return 0, 0
	}
	return putItimer(t, a[2], v, i)
}

func sysGetitimer(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[0] > abi.ITIMER_PROF {
		return 0, abi.EINVAL
	}
	v, i := t.Process().Itimer(int(a[0]))
	return putItimer(t, a[1], v, i)
}

// sysTimerCreate is timer_create(2): clock, *sigevent, *id.
func sysTimerCreate(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := clockNow(t, a[0]); errno != 0 {
		return 0, errno
	}
	spec := kernel.TimerSpec{Clock: int(int32(a[0])), Notify: abi.SIGEV_SIGNAL, Signal: abi.SIGALRM}
	if a[1] != 0 {
		var b [abi.SizeofSigEvent]byte
		if err := t.MM().CopyIn(a[1], b[:]); err != nil {
			return 0, errnoOf(err)
		}
		spec.Value, spec.HasValue = le64(b[:]), true
		spec.Signal, spec.Notify, spec.TID = abi.Signal(le32(b[8:])), int(le32(b[12:])), int(le32(b[16:]))
	}
	if t.MM().Writable(a[2], 4) < 4 {
		return 0, abi.EFAULT
	}
	id, errno := t.TimerCreate(spec)
	if errno != 0 {
		return 0, errno
	}
	return result(t.MM().WriteU32(a[2], uint32(id)))
}

func putItimerspec(t *kernel.Task, addr uint64, value, interval int64) (uint64, abi.Errno) {
	var b [32]byte
	abi.NsToTimespec(interval).Encode(b[:])
	abi.NsToTimespec(value).Encode(b[16:])
	return result(t.MM().CopyOut(addr, b[:]))
}

// itimerspec reads a struct itimerspec in ns.
func itimerspec(t *kernel.Task, addr uint64) (value, interval int64, errno abi.Errno) {
	var b [32]byte
	if err := t.MM().CopyIn(addr, b[:]); err != nil {
		return 0, 0, errnoOf(err)
	}
	var v, i abi.Timespec
	i.Decode(b[:])
	v.Decode(b[16:])
	if !v.Valid() || !i.Valid() {
		return 0, 0, abi.EINVAL
	}
	return v.Ns(), i.Ns(), 0
}

// sysTimerSettime is timer_settime(2): id, flags, *new, *old.
func sysTimerSettime(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	value, interval, errno := itimerspec(t, a[2])
	if errno != 0 {
		return 0, errno
	}
	abs := a[1]&abi.TIMER_ABSTIME != 0
	if abs && value != 0 {
		clock, errno := t.TimerClock(int32(a[0]))
		if errno != 0 {
			return 0, errno
		}
		value = max(monotonic(t, uint64(clock), value), 1)
	}
	v, i, errno := t.TimerSet(int32(a[0]), value, interval, abs)
	if errno != 0 || a[3] == 0 {
		return 0, errno
	}
	return putItimerspec(t, a[3], v, i)
}

func sysTimerGettime(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	v, i, errno := t.TimerGet(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	return putItimerspec(t, a[1], v, i)
}

func sysTimerGetoverrun(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	n, errno := t.TimerOverrun(int32(a[0]))
	return uint64(n), errno
}

func sysTimerDelete(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return 0, t.TimerDelete(int32(a[0]))
}
