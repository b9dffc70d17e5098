package kernel

import "boxer/runtime/abi"

// mayKill reports whether t may signal p (kill(2)).
func (t *Task) mayKill(p *Process, sig abi.Signal) bool {
	c := t.cred
	target := p.cred()
	if c.Has(CapKill) || target == nil || c.EUID == target.UID || c.EUID == target.SUID ||
		c.UID == target.UID || c.UID == target.SUID {
		return true
	}
	return sig == abi.SIGCONT && p.session == t.p.session
}

// cred are the credentials of the process's first thread, or nil for a zombie.
func (p *Process) cred() *Cred {
	if t := p.leader(); t != nil {
		return t.cred
	}
	return p.lastCred
}

// uid is the process's real user id.
func (p *Process) uid() uint32 {
	if c := p.cred(); c != nil {
		return c.UID
	}
	return 0
}

// Kill is kill(2): pid selects a process, a group or all.
func (t *Task) Kill(pid int, si *abi.SigInfo) abi.Errno {
	k := t.k
	switch {
	case pid > 0:
		p := k.ids.procs[pid]
		if p == nil {
			th := k.ids.tasks[pid]
			if th == nil {
				return abi.ESRCH
			}
			p = th.p
		}
		return t.kill1(p, si)
	case pid == -1:
		errno := abi.ESRCH
		for _, p := range k.sortedProcs() {
			if p.pid == 1 || p == t.p || p.zombie {
				continue
			}
			if e := t.kill1(p, si); e == 0 || errno == abi.ESRCH {
				errno = e
			}
		}
		return errno
	}
	group := -pid
	if pid == 0 {
		group = t.p.pgrp
	}
	errno := abi.ESRCH
	k.group(group, func(p *Process) {
		if e := t.kill1(p, si); e == 0 || errno == abi.ESRCH {
			errno = e
		}
	})
	return errno
}

func (t *Task) kill1(p *Process, si *abi.SigInfo) abi.Errno {
	if !t.mayKill(p, si.Signo) {
		return abi.EPERM
	}
	if si.Signo == 0 || p.zombie {
		return 0
	}
	return t.k.sendProcess(p, si, false)
}

// KillThread is tgkill(2); tgid < 0 leaves the process open (tkill).
func (t *Task) KillThread(tgid, tid int, si *abi.SigInfo) abi.Errno {
	target := t.k.ids.tasks[tid]
	if target == nil || tgid >= 0 && target.p.pid != tgid {
		if p := t.k.ids.procs[tid]; p != nil && p.zombie && (tgid < 0 || tgid == tid) {
			return 0 // a dead leader that was not waited for
		}
		return abi.ESRCH
	}
	if !t.mayKill(target.p, si.Signo) {
		return abi.EPERM
	}
	if si.Signo == 0 {
		return 0
	}
	return t.k.sendTask(target, queued{info: *si}, false)
}

// Raise sends t a signal from the kernel itself, such as SIGPIPE.
func (t *Task) Raise(sig abi.Signal) {
	t.k.sendTask(t, queued{info: abi.SigInfo{Signo: sig, Code: abi.SI_USER, PID: int32(t.p.pid), UID: t.cred.UID}}, true)
}

// signalGroup sends sig to every process of a group.
func (k *Kernel) signalGroup(pgrp int, sig abi.Signal) {
	if pgrp <= 0 {
		return
	}
	k.group(pgrp, func(p *Process) {
		k.sendProcess(p, &abi.SigInfo{Signo: sig, Code: abi.SI_KERNEL}, true)
	})
}

// killAll ends every process.
func (k *Kernel) killAll() {
	k.shutdown = true
	for _, p := range k.sortedProcs() {
		if !p.zombie {
			p.exitGroup(abi.KilledStatus(abi.SIGKILL))
		}
	}
	k.checkDone()
}

// orphanedGroup reports whether no process of p's group has a parent in
// another group of the same session: nobody could continue it.
func (p *Process) orphanedGroup() bool {
	for _, q := range p.k.ids.procs {
		if q.pgrp != p.pgrp || q.zombie || q.parent == nil {
			continue
		}
		if q.parent.pgrp != q.pgrp && q.parent.session == q.session {
			return false
		}
	}
	return true
}
