package kernel

import "boxer/runtime/abi"

// SetPGID is setpgid(2); 0 stands for the caller's own pid, twice.
func (t *Task) SetPGID(pid, pgid int) abi.Errno {
	if pgid < 0 {
		return abi.EINVAL
	}
	p := t.p
	if pid != 0 && pid != p.pid {
		p = t.k.ids.procs[pid]
		if p == nil || p.parent != t.p {
			return abi.ESRCH
		}
		if p.session != t.p.session {
			return abi.EPERM
		}
		if p.execed {
			return abi.EACCES
		}
	}
	if p.session.id == p.pid {
		return abi.EPERM
	}
	if pgid == 0 {
		pgid = p.pid
	}
	if pgid != p.pid {
		found := false
		for _, o := range t.k.ids.procs {
			found = found || o.pgrp == pgid && o.session == t.p.session
		}
		if !found {
			return abi.EPERM
		}
	}
	p.pgrp = pgid
	return 0
}

// GetPGID is getpgid(2), or getsid(2) if session.
func (t *Task) GetPGID(pid int, session bool) (uint64, abi.Errno) {
	p := t.p
	if pid != 0 {
		if p = t.k.ids.procs[pid]; p == nil {
			return 0, abi.ESRCH
		}
	}
	if session {
		return uint64(p.session.id), 0
	}
	return uint64(p.pgrp), 0
}

// SetSID is setsid(2).
func (t *Task) SetSID() (uint64, abi.Errno) {
	p := t.p
	for _, o := range t.k.ids.procs {
		if o.pgrp == p.pid {
			return 0, abi.EPERM
		}
	}
	p.session, p.pgrp = &session{id: p.pid}, p.pid
	return uint64(p.pid), 0
}
