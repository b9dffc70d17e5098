package kernel

import (
	"slices"

	"boxer/runtime/abi"
)

// exitGroup fixes the status of the process and makes all its threads end,
// each when it gets its next turn.
func (p *Process) exitGroup(st abi.WaitStatus) {
	if p.exiting || p.zombie {
		return
	}
	p.exiting, p.status = true, st
	for _, t := range p.tasks {
		t.wake()
		t.space.kick()
	}
}

// fail ends the process because the box failed it.
func (p *Process) fail(err error) {
	p.k.logf("%v", err)
	if p.failure == nil {
		p.failure = err
	}
	p.exiting = false
	p.exitGroup(abi.KilledStatus(abi.SIGKILL))
	if p.k.failure == nil {
		p.k.failure = err
	}
}

// ExitGroup is exit_group(2).
func (t *Task) ExitGroup(code int) abi.Errno {
	t.p.exitGroup(abi.ExitedStatus(code))
	return NoReturn
}

// Exit is exit(2): it ends the thread, and the process with the last one.
func (t *Task) Exit(code int) abi.Errno {
	if len(t.p.tasks) == 1 {
		return t.ExitGroup(code)
	}
	t.exit()
	return NoReturn
}

// exit takes t out of the world. It runs in the goroutine of t's space.
func (t *Task) exit() {
	if t.state == dead {
		return
	}
	k, p, s := t.k, t.p, t.space
	t.wake() // off its queues
	if t.sleep != nil {
		k.disarm(t.sleep)
	}
	if len(s.tasks) > 1 {
		// Nobody is left to see it otherwise.
		k.exitRobust(t)
		if t.clearTID != 0 {
			_ = s.mm.WriteU32(t.clearTID, 0)
			k.futexes.wake(futexKey{s.mm, t.clearTID}, 1, abi.FUTEX_BITSET_MATCH_ANY)
		}
	}
	t.state = dead
	s.tasks = slices.DeleteFunc(s.tasks, func(o *Task) bool { return o == t })
	if s.cur == t {
		s.cur = nil
	}
	s.last = nil
	s.next = 0
	t.releaseVfork()
	t.files.release()
	t.fs.refs--
	delete(k.ids.tasks, t.tid)
	p.tasks = slices.DeleteFunc(p.tasks, func(o *Task) bool { return o == t })
	p.deadCPU.add(cpuTimes{t.utime, t.stime})
	p.lastCred, p.lastComm = t.cred, t.comm
	if t.opening != nil {
		t.opening.Release(nil)
		t.opening = nil
	}
	s.ready()
	if len(p.tasks) == 0 {
		p.finish()
	}
}

// finish makes a process without threads a zombie, or nothing at all if nobody
// will wait for it.
func (p *Process) finish() {
	k := p.k
	p.zombie = true
	p.stopped = false
	p.handlers.refs--
	p.stopTimers()
	k.reparent(p)
	if p.session.id == p.pid {
		k.endSession(p.session)
	}
	close(p.ended)

	parent := p.parent
	switch {
	case parent == nil:
		p.reap()
	case p.autoReaped():
		p.notifyExit()
		p.reap()
	default:
		p.notifyExit()
	}
	if p == k.init {
		k.killAll()
	}
	k.checkDone()
}

// notifyExit tells the parent that the process ended.
func (p *Process) notifyExit() {
	code, status := int32(abi.CLD_EXITED), int32(p.status.ExitCode())
	if sig := p.status.Signal(); sig != 0 {
		code, status = abi.CLD_KILLED, int32(sig)
	}
	p.notifyParent(code, status)
}

// autoReaped reports whether the parent said that it will not wait.
func (p *Process) autoReaped() bool {
	if p.exitSignal != abi.SIGCHLD {
		return false
	}
	a := &p.parent.handlers.actions[abi.SIGCHLD]
	return a.Handler == abi.SIG_IGN || a.Flags&abi.SA_NOCLDWAIT != 0
}

// reap forgets a zombie.
func (p *Process) reap() {
	delete(p.k.ids.procs, p.pid)
	if parent := p.parent; parent != nil {
		parent.children = slices.DeleteFunc(parent.children, func(c *Process) bool { return c == p })
	}
	p.k.checkDone()
}

// reparent hands p's children to the nearest subreaper or to pid 1.
func (k *Kernel) reparent(p *Process) {
	to := k.init
	for q := p.parent; q != nil; q = q.parent {
		if q.subreaper && !q.zombie {
			to = q
			break
		}
	}
	if to == p || to != nil && to.zombie {
		to = nil
	}
	for _, c := range p.children {
		c.parent = to
		for _, t := range c.tasks {
			if t.pdeathsig != 0 {
				k.sendTask(t, queued{info: abi.SigInfo{Signo: t.pdeathsig, PID: int32(p.pid)}}, true)
			}
		}
		if c.stopped && c.orphanedGroup() {
			k.signalGroup(c.pgrp, abi.SIGHUP)
			k.signalGroup(c.pgrp, abi.SIGCONT)
		}
		switch {
		case to == nil && c.zombie:
			delete(k.ids.procs, c.pid)
		case to != nil:
			to.children = append(to.children, c)
			c.exitSignal = abi.SIGCHLD
			if c.zombie {
				c.notifyExit()
				if c.autoReaped() {
					c.reap()
				}
			}
		}
	}
	p.children = nil
}

// endSession lets a session's terminal go when the leader ends.
func (k *Kernel) endSession(s *session) {
	if c := s.tty; c != nil {
		fg := c.foreground
		c.detach()
		s.tty = nil
		k.signalGroup(fg, abi.SIGHUP)
		k.signalGroup(fg, abi.SIGCONT)
	}
}

// checkDone ends the box when it is to end, no process is left and all memory
// is freed.
func (k *Kernel) checkDone() {
	if !k.shutdown || len(k.ids.tasks) > 0 || k.running > 0 || k.finished() {
		return
	}
	close(k.done)
	if k.idle != nil {
		k.idle.Signal()
	}
}

// exitStatus is how p ended.
func (p *Process) exitStatus() ExitStatus {
	return ExitStatus{Code: p.status.ExitCode(), Signal: p.status.Signal(), Err: p.failure}
}
