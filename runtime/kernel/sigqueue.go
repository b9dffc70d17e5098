package kernel

import "boxer/runtime/abi"

// maxQueued bounds the signals queued for one task or process.
const maxQueued = 1024

// queued is one pending signal.
type queued struct {
	info  abi.SigInfo
	fault bool // raised by the task's own instruction
	write bool
}

// sigQueue holds pending signals in the order of their arrival.
type sigQueue struct {
	set  abi.SigSet
	list []queued
}

// add queues a signal. A standard signal that is pending already is merged. It
// reports false when a real-time signal finds the queue full (EAGAIN).
func (q *sigQueue) add(s queued) bool {
	bit := s.info.Signo.Bit()
	if q.set&bit != 0 && !s.info.Signo.Realtime() {
		return true
	}
	if len(q.list) >= maxQueued && s.info.Signo.Realtime() {
		return false
	}
	q.set |= bit
	q.list = append(q.list, s)
	return true
}

// synchronous signals come before all others: their registers are those of the
// faulting instruction.
const synchronous = abi.SigSet(1<<(abi.SIGSEGV-1) | 1<<(abi.SIGBUS-1) | 1<<(abi.SIGILL-1) |
	1<<(abi.SIGTRAP-1) | 1<<(abi.SIGFPE-1) | 1<<(abi.SIGSYS-1))

// take removes the first pending signal of want: synchronous ones first, then by number.
func (q *sigQueue) take(want abi.SigSet) (queued, bool) {
	ready := q.set & want
	if ready == 0 {
		return queued{}, false
	}
	if s := ready & synchronous; s != 0 {
		ready = s
	}
	sig := abi.Signal(1)
	for !ready.Has(sig) {
		sig++
	}
	found := -1
	more := false
	for i := range q.list {
		if q.list[i].info.Signo != sig {
			continue
		}
		if found >= 0 {
			more = true
			break
		}
		found = i
	}
	s := q.list[found]
	q.list = append(q.list[:found], q.list[found+1:]...)
	if !more {
		q.set &^= sig.Bit()
	}
	return s, true
}

// drop forgets the pending signals of set.
func (q *sigQueue) drop(set abi.SigSet) {
	if q.set&set == 0 {
		return
	}
	q.set &^= set
	keep := q.list[:0]
	for _, s := range q.list {
		if !set.Has(s.info.Signo) {
			keep = append(keep, s)
		}
	}
	q.list = keep
}

// SigHandlers are the signal actions that CLONE_SIGHAND shares.
type SigHandlers struct {
	refs    int
	actions [abi.SIGRTMAX + 1]abi.SigAction
}

// clone returns a copy with one user.
func (h *SigHandlers) clone() *SigHandlers {
	c := &SigHandlers{refs: 1, actions: h.actions}
	return c
}

// resetForExec sets every handler back to the default; ignored signals stay ignored.
func (h *SigHandlers) resetForExec() {
	for i := range h.actions {
		a := &h.actions[i]
		if a.Handler != abi.SIG_IGN {
			a.Handler = abi.SIG_DFL
		}
		a.Flags, a.Mask, a.Restorer = 0, 0, 0
	}
}

// defaultAction is what SIG_DFL does.
type defaultAction uint8

const (
	actTerminate defaultAction = iota
	actIgnore
	actStop
	actContinue
)

// actionOf is the default action of a signal (signal(7)). Core dumps are never
// written, so "core" is "terminate".
func actionOf(s abi.Signal) defaultAction {
	switch s {
	case abi.SIGCHLD, abi.SIGURG, abi.SIGWINCH:
		return actIgnore
	case abi.SIGSTOP, abi.SIGTSTP, abi.SIGTTIN, abi.SIGTTOU:
		return actStop
	case abi.SIGCONT:
		return actContinue
	}
	return actTerminate
}

const stopSignals = abi.SigSet(1<<(abi.SIGSTOP-1) | 1<<(abi.SIGTSTP-1) | 1<<(abi.SIGTTIN-1) | 1<<(abi.SIGTTOU-1))
