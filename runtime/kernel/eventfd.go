package kernel

import (
	"encoding/binary"

	"boxer/runtime/abi"
)

// eventfd is the object of eventfd2(2): a counter.
type eventfd struct {
	plainFile
	k         *Kernel
	q         WaitQueue
	n         uint64
	semaphore bool
}

// EventFD makes an eventfd description.
func (k *Kernel) EventFD(n uint32, semaphore bool, flags int) *Description {
	return NewDescription(&eventfd{k: k, n: uint64(n), semaphore: semaphore}, abi.O_RDWR|flags&abi.O_NONBLOCK)
}

func (e *eventfd) Read(_ *Task, _ *Description, p []byte, _ int64) (int, abi.Errno) {
	if len(p) < 8 {
		return 0, abi.EINVAL
	}
	if e.n == 0 {
		return 0, abi.EAGAIN
	}
	v := e.n
	if e.semaphore {
		v = 1
	}
	e.n -= v
	binary.LittleEndian.PutUint64(p, v)
	e.q.Wake()
	return 8, 0
}

func (e *eventfd) Write(_ *Task, _ *Description, p []byte, _ int64) (int, abi.Errno) {
	if len(p) < 8 {
		return 0, abi.EINVAL
	}
	v := binary.LittleEndian.Uint64(p)
	if v == ^uint64(0) {
		return 0, abi.EINVAL
	}
	if v > ^uint64(0)-1-e.n {
		return 0, abi.EAGAIN
	}
	e.n += v
	e.q.Wake()
	return 8, 0
}

func (e *eventfd) Ready(*Description) (ev uint32) {
	if e.n > 0 {
		ev |= abi.POLLIN
	}
	if e.n < ^uint64(0)-1 {
		ev |= abi.POLLOUT
	}
	return ev
}

func (e *eventfd) Queue() *WaitQueue { return &e.q }

func (e *eventfd) Stat() (abi.Stat, abi.Errno) { return e.k.anonStat(0o600, 1) }
