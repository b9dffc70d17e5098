package kernel

import "boxer/runtime/abi"

// WaitArgs say which children waitid(2) and wait4(2) are about.
type WaitArgs struct {
	Type    int // abi.P_ALL, P_PID or P_PGID
	ID      int
	Options int
}

// Waited is a child's change of state.
type Waited struct {
	PID    int
	UID    uint32
	Status abi.WaitStatus
	Code   int32 // abi.CLD_*
	Usage  abi.Rusage
}

// Wait takes the first change of state of a child that a selects. With
// WNOHANG and nothing to report, PID is 0. ECHILD: there is no such child.
func (t *Task) Wait(a WaitArgs) (Waited, abi.Errno) {
	p := t.p
	found := false
	for _, c := range p.children {
		if !a.selects(p, c) {
			continue
		}
		found = true
		switch {
		case c.zombie && a.Options&abi.WEXITED != 0:
			w := c.waited(c.status, abi.CLD_EXITED)
			if c.status.Signal() != 0 {
				w.Code = abi.CLD_KILLED
			}
			if a.Options&abi.WNOWAIT == 0 {
				p.childCPU.add(c.cpu())
				p.childCPU.add(c.childCPU)
				c.reap()
			}
			return w, 0
		case c.stopNews && c.stopped && a.Options&abi.WSTOPPED != 0:
			if a.Options&abi.WNOWAIT == 0 {
				c.stopNews = false
			}
			return c.waited(abi.StoppedStatus(c.stopSig), abi.CLD_STOPPED), 0
		case c.contNews && a.Options&abi.WCONTINUED != 0:
			if a.Options&abi.WNOWAIT == 0 {
				c.contNews = false
			}
			return c.waited(abi.ContinuedStatus, abi.CLD_CONTINUED), 0
		}
	}
	if !found {
		return Waited{}, abi.ECHILD
	}
	if a.Options&abi.WNOHANG != 0 {
		return Waited{}, 0
	}
	return Waited{}, t.Block(ERESTARTSYS, &p.childQ)
}

// selects reports whether c is one of the children a is about.
func (a *WaitArgs) selects(p, c *Process) bool {
	switch a.Type {
	case abi.P_PID:
		if c.pid != a.ID {
			return false
		}
	case abi.P_PGID:
		if c.pgrp != a.ID {
			return false
		}
	}
	// A "clone" child is one that reports by another signal than SIGCHLD.
	if a.Options&abi.WALL != 0 {
		return true
	}
	return (c.exitSignal != abi.SIGCHLD) == (a.Options&abi.WCLONE != 0)
}

func (p *Process) waited(st abi.WaitStatus, code int32) Waited {
	c := p.cpu()
	c.add(p.childCPU)
	return Waited{PID: p.pid, UID: p.uid(), Status: st, Code: code,
		Usage: abi.Rusage{UTime: c.user, STime: c.sys, MaxRSS: p.maxRSS}}
}
