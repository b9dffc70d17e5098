package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// sysPpoll is ppoll(2): fds, n, *timeout, *mask, size.
func sysPpoll(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	n := uint64(uint32(a[1]))
	if n > t.Process().Limit(abi.RLIMIT_NOFILE).Cur || n > 1<<20 {
		return 0, abi.EINVAL
	}
	if errno := timeout(t, a[2]); errno != 0 {
		return 0, errno
	}
	if errno := tempMask(t, a[3], a[4]); errno != 0 {
		return 0, errno
	}
	b := make([]byte, n*abi.SizeofPollFD)
	if err := t.MM().CopyIn(a[0], b); err != nil {
		return 0, errnoOf(err)
	}
	fds := make([]abi.PollFD, n)
	for i := range fds {
		fds[i].Decode(b[i*abi.SizeofPollFD:])
	}
	ready, errno := t.Poll(fds)
	if errno == kernel.Blocked {
		return 0, errno
	}
	putTimeLeft(t, a[2])
	if errno != 0 {
		return 0, errno
	}
	for i := range fds {
		put16(b[i*abi.SizeofPollFD+6:], fds[i].Revents)
	}
	return uint64(ready), errnoOf(t.MM().CopyOut(a[0], b))
}

// What the three sets of select(2) mean in terms of poll(2), and what makes a
// descriptor appear in each.
var selectSets = [3]struct{ want, hit uint16 }{
	{abi.POLLIN | abi.POLLRDNORM, abi.POLLIN | abi.POLLRDNORM | abi.POLLHUP | abi.POLLERR},
	{abi.POLLOUT | abi.POLLWRNORM, abi.POLLOUT | abi.POLLWRNORM | abi.POLLERR},
	{abi.POLLPRI, abi.POLLPRI},
}

// sysPselect6 is pselect6(2): n, *read, *write, *except, *timeout, *{mask, size}.
func sysPselect6(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	n := int(int32(a[0]))
	if n < 0 {
		return 0, abi.EINVAL
	}
	n = min(n, 1<<20)
	if errno := timeout(t, a[4]); errno != 0 {
		return 0, errno
	}
	if a[5] != 0 && t.Sys().Attempt == 0 {
		mask, err := t.MM().ReadU64(a[5])
		if err != nil {
			return 0, errnoOf(err)
		}
		size, err := t.MM().ReadU64(a[5] + 8)
		if err != nil {
			return 0, errnoOf(err)
		}
		if errno := tempMask(t, mask, size); errno != 0 {
			return 0, errno
		}
	}
	bytes := (n + 63) / 64 * 8
	var sets [3][]byte
	for i := range sets {
		if a[1+i] != 0 {
			sets[i] = make([]byte, bytes)
			if err := t.MM().CopyIn(a[1+i], sets[i]); err != nil {
				return 0, errnoOf(err)
			}
		}
	}
	var fds []abi.PollFD
	for fd := range n {
		var want uint16
		for i, s := range sets {
			if s != nil && s[fd/8]>>(fd%8)&1 != 0 {
				want |= selectSets[i].want
			}
		}
		if want != 0 {
			if t.Files().Get(int32(fd)) == nil {
				return 0, abi.EBADF
			}
			fds = append(fds, abi.PollFD{FD: int32(fd), Events: want})
		}
	}
	_, errno := t.Poll(fds)
	if errno == kernel.Blocked {
		return 0, errno
	}
	putTimeLeft(t, a[4])
	if errno != 0 {
		return 0, errno
	}
	count := uint64(0)
	for i, s := range sets {
		if s == nil {
			continue
		}
		clear(s)
		for _, f := range fds {
			if f.Events&selectSets[i].want != 0 && f.Revents&selectSets[i].hit != 0 {
				s[f.FD/8] |= 1 << (f.FD % 8)
				count++
			}
		}
		if err := t.MM().CopyOut(a[1+i], s); err != nil {
			return 0, errnoOf(err)
		}
	}
	return count, 0
}

func sysEpollCreate1(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[0]&^abi.O_CLOEXEC != 0 {
		return 0, abi.EINVAL
	}
	return t.Install(t.Kernel().Epoll(), a[0] != 0)
}

func sysEpollCtl(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	var ev abi.EpollEvent
	if a[1] != abi.EPOLL_CTL_DEL {
		var b [abi.SizeofEpollEvent]byte
		if err := t.MM().CopyIn(a[3], b[:]); err != nil {
			return 0, errnoOf(err)
		}
		ev.Decode(b[:])
	}
	return 0, t.EpollCtl(int32(a[0]), int(int32(a[1])), int32(a[2]), ev)
}

// sysEpollPwait is epoll_pwait(2): epfd, *events, n, timeout in ms, *mask, size.
func sysEpollPwait(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if ms := int32(a[3]); ms >= 0 {
		t.SetTimeout(int64(ms) * 1e6)
	}
	return epollWait(t, a)
}

// sysEpollPwait2 takes a struct timespec instead.
func sysEpollPwait2(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if errno := timeout(t, a[3]); errno != 0 {
		return 0, errno
	}
	return epollWait(t, a)
}

func epollWait(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	n := int32(a[2])
	if n <= 0 || n > 1<<26 {
		return 0, abi.EINVAL
	}
	if t.MM().Writable(a[1], abi.SizeofEpollEvent) < abi.SizeofEpollEvent {
		return 0, abi.EFAULT
	}
	if errno := tempMask(t, a[4], a[5]); errno != 0 {
		return 0, errno
	}
	var small [16]abi.EpollEvent
	out := small[:]
	if n := min(int(n), 1024); n > len(out) {
		out = make([]abi.EpollEvent, n)
	} else {
		out = out[:n]
	}
	got, errno := t.EpollWait(int32(a[0]), out)
	if errno != 0 {
		return 0, errno
	}
	b := t.Scratch(got*abi.SizeofEpollEvent + 1)[:got*abi.SizeofEpollEvent]
	for i := range got {
		out[i].Encode(b[i*abi.SizeofEpollEvent:])
	}
	return uint64(got), errnoOf(t.MM().CopyOut(a[1], b))
}
