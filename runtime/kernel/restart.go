package kernel

import "boxer/runtime/abi"

// Error numbers that never reach a guest. The restart codes are Linux's
// (linux/errno.h).
const (
	// ERESTARTSYS: EINTR if a handler without SA_RESTART ran, else the call
	// is made again.
	ERESTARTSYS abi.Errno = 512
	// ERESTARTNOINTR: the call is always made again.
	ERESTARTNOINTR abi.Errno = 513
	// ERESTARTNOHAND: EINTR if any handler ran, else the call goes on.
	ERESTARTNOHAND abi.Errno = 514

	// Blocked: the task is parked, the call is not finished.
	Blocked abi.Errno = 600
	// NoReturn: the call left no register to put a result into: rt_sigreturn,
	// execve and exit.
	NoReturn abi.Errno = 601
)

// Sys is a system call in progress. It is all that a call remembers between
// two attempts.
type Sys struct {
	Nr       uint64
	Args     [6]uint64
	Attempt  int   // 0 at the first
	Done     int64 // bytes moved so far, or what else the handler counts
	Deadline int64 // monotonic ns, 0: none
	HasLimit bool  // Deadline was computed
	Aux      [2]int64

	flush  flushing
	active bool
	waited bool // for Config.Host
}

// Sys is the record of the call in progress.
func (t *Task) Sys() *Sys { return &t.sys }

// SetTimeout sets the deadline of the call to ns nanoseconds from now, at the
// first attempt only.
func (t *Task) SetTimeout(ns int64) {
	if t.sys.HasLimit {
		return
	}
	at := t.k.monotonic() + ns
	if at < 0 { // beyond the end of time
		at = 1<<63 - 1
	}
	t.SetDeadline(at)
}

// SetDeadline sets the deadline of the call as a monotonic time, at the first
// attempt only.
func (t *Task) SetDeadline(at int64) {
	if !t.sys.HasLimit {
		t.sys.Deadline, t.sys.HasLimit = max(at, 1), true
	}
}

// Expired reports whether the call's deadline has passed.
func (t *Task) Expired() bool {
	return t.sys.HasLimit && t.k.monotonic() >= t.sys.Deadline
}

// Block parks the task until one of the queues is woken, its deadline has
// passed or a signal comes, and returns Blocked. If a signal is there already
// the task is not parked and Block returns restart, one of the restart codes.
// The handler returns what Block returns. Call Expired first: Block does not.
func (t *Task) Block(restart abi.Errno, queues ...*WaitQueue) abi.Errno {
	if t.interrupted() {
		return restart
	}
	if t.space.fastCall {
		// Served from inside guest code: only the slow path may park. The
		// record stays, so the call goes on there where it is now.
		return Blocked
	}
	t.park(queues)
	return Blocked
}

// park takes t out of the turns.
func (t *Task) park(queues []*WaitQueue) {
	if cap(t.waits) < len(queues) {
		t.waits = make([]waiter, 0, max(4, len(queues)))
	}
	t.waits = t.waits[:0]
	for _, q := range queues {
		if q == nil {
			continue
		}
		t.waits = append(t.waits, waiter{task: t})
		q.add(&t.waits[len(t.waits)-1])
	}
	t.state = parked
	if t.sys.HasLimit {
		if t.sleep == nil {
			t.sleep = newTimer(t.wake)
		}
		t.k.arm(t.sleep, t.sys.Deadline)
	}
}

// interrupted reports whether the call in progress must not park because a
// signal waits or the process is ending.
func (t *Task) interrupted() bool { return t.p.exiting || t.signalPending() }
