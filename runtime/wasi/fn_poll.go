package wasi

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// Sizes and tags of what poll_oneoff takes and gives (docs.md, "subscription",
// "event").
const (
	sizeofSubscription = 48
	sizeofEvent        = 32
	maxSubscriptions   = 4096

	eventClock   = 0
	eventFdRead  = 1
	eventFdWrite = 2
)

// A subscription is one thing that poll_oneoff waits for.
type subscription struct {
	userdata uint64
	tag      byte
	errno    abi.Errno // it cannot be waited for
	deadline int64     // of a clock, monotonic
	fd       int32
}

// pollOneoff is poll_oneoff(in, out, n, *nevents).
func pollOneoff(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	n := a[2]
	if n == 0 || n > maxSubscriptions {
		return abi.EINVAL
	}
	in, errno := get(t, a[0], n*sizeofSubscription)
	if errno != 0 {
		return errno
	}
	for _, out := range [][2]uint64{{a[1], n * sizeofEvent}, {a[3], 4}} {
		if errno := room(t, out[0], out[1]); errno != 0 {
			return errno
		}
	}
	sys := t.Sys()
	if sys.Attempt == 0 {
		sys.Aux[0] = t.Kernel().Monotonic() // relative times count from the first attempt
	}
	subs := make([]subscription, n)
	for i := range subs {
		subs[i] = decodeSubscription(t, in[i*sizeofSubscription:], sys.Aux[0])
	}
	fds := wait(t, subs)
	if _, errno := t.Poll(fds); errno != 0 {
		return errno
	}
	events := appendEvents(nil, t, subs, fds)
	if errno := put(t, a[1], events); errno != 0 {
		return errno
	}
	return put32(t, a[3], uint32(len(events)/sizeofEvent))
}

// decodeSubscription reads a subscription. A clock's is id, timeout, precision
// and flags at 16, 24, 32 and 40; a descriptor's is the descriptor at 16.
func decodeSubscription(t *kernel.Task, b []byte, start int64) subscription {
	const absolute = 1
	s := subscription{userdata: le.Uint64(b), tag: b[8], fd: -1}
	switch s.tag {
	case eventClock:
		timeout := int64(min(le.Uint64(b[24:]), 1<<62))
		from := start
		if le.Uint16(b[40:])&absolute != 0 {
			from = 0
		}
		switch k := t.Kernel(); le.Uint32(b[16:]) {
		case clockMonotonic:
		case clockRealtime:
			if from == 0 { // the monotonic time of that moment, as clocks stand now
				from = k.Monotonic() - k.Realtime()
			}
		case clockProcessCPU, clockThreadCPU:
			s.errno = abi.EOPNOTSUPP
		default:
			s.errno = abi.EINVAL
		}
		s.deadline = from + timeout
	case eventFdRead, eventFdWrite:
		s.fd = int32(le.Uint32(b[16:]))
		if _, s.errno = t.FD(s.fd); s.errno != 0 {
			s.fd = -1
		}
	default:
		s.errno = abi.EINVAL
	}
	return s
}

// wait sets the call's deadline, at the first attempt, and makes the list that
// Task.Poll takes, an entry for each subscription.
func wait(t *kernel.Task, subs []subscription) []abi.PollFD {
	const never = 1<<63 - 1
	deadline := int64(never)
	fds := make([]abi.PollFD, len(subs))
	for i, s := range subs {
		fds[i].FD = s.fd
		switch {
		case s.errno != 0:
			deadline = 0 // to be told at once
		case s.tag == eventClock:
			deadline = min(deadline, s.deadline)
		case s.tag == eventFdRead:
			fds[i].Events = abi.POLLIN
		default:
			fds[i].Events = abi.POLLOUT
		}
	}
	if deadline != never {
		t.SetDeadline(deadline)
	}
	return fds
}

// appendEvents appends what has happened: userdata, error and type at 8 and 10,
// number of bytes at 16, flags at 24.
func appendEvents(out []byte, t *kernel.Task, subs []subscription, fds []abi.PollFD) []byte {
	const hangup = 1
	now := t.Kernel().Monotonic()
	for i, s := range subs {
		got := fds[i].Revents
		if s.errno == 0 && got == 0 && (s.tag != eventClock || s.deadline > now) {
			continue
		}
		var e [sizeofEvent]byte
		le.PutUint64(e[:], s.userdata)
		if s.errno != 0 {
			le.PutUint16(e[8:], uint16(errnoOf(s.errno)))
		}
		e[10] = s.tag
		if s.errno == 0 && s.tag != eventClock {
			le.PutUint64(e[16:], available(t, s))
			if got&abi.POLLHUP != 0 {
				le.PutUint16(e[24:], hangup)
			}
		}
		out = append(out, e[:]...)
	}
	return out
}

// available is a number of bytes that can be read or written: of a file what
// is left of it, else that it is some.
func available(t *kernel.Task, s subscription) uint64 {
	d, errno := t.FD(s.fd)
	if errno != 0 || s.tag != eventFdRead || d.Backing() == nil {
		return 1
	}
	st, errno := d.Stat()
	if errno != 0 {
		return 0
	}
	return uint64(max(st.Size-d.Pos, 0))
}
