package kernel

import (
	"slices"

	"boxer/runtime/abi"
)

// CloneArgs are the arguments of clone(2) and clone3(2).
type CloneArgs struct {
	Flags      uint64
	Stack      uint64 // the new stack pointer, 0: the parent's
	ParentTID  uint64
	ChildTID   uint64
	TLS        uint64
	ExitSignal abi.Signal
}

// Clone makes a thread or a process and returns its id. With CLONE_VFORK it
// is called again, and finishes, once the child has executed or ended.
//
// Threads run in turns in the same space. A child with CLONE_VM but not
// CLONE_THREAD (vfork, posix_spawn) does so too until it executes.
func (t *Task) Clone(a CloneArgs) (uint64, abi.Errno) {
	if t.sys.Done != 0 {
		return t.awaitVfork()
	}
	if errno := a.check(); errno != 0 {
		return 0, errno
	}
	k := t.k
	if errno := k.roomForTask(t); errno != 0 {
		return 0, errno
	}
	s := t.space
	if a.Flags&abi.CLONE_VM == 0 {
		var errno abi.Errno
		if s, errno = k.forkSpace(s); errno != 0 {
			return 0, errno
		}
		if s.mm.Bound() > k.memory.limit/16 {
			k.memory.next = 0 // so much at once may be too much
		}
	}
	c := k.newTask(t.p, s, k.ids.next())
	c.regs = t.regs.Clone()
	c.regs.SetResult(0)
	c.stack = t.stack
	if a.Stack != 0 {
		c.regs.SetSP(a.Stack)
		c.stack = a.Stack
	}
	if a.Flags&abi.CLONE_SETTLS != 0 {
		c.regs.SetTLS(a.TLS)
	}
	c.mask, c.cred, c.comm = t.mask, t.cred, t.comm
	if t.restoreSet {
		c.mask = t.savedMask
	}
	c.noNewPrivs, c.keepCaps = t.noNewPrivs, t.keepCaps
	c.files = t.files.share(a.Flags&abi.CLONE_FILES != 0)
	c.fs = t.fs.share(a.Flags&abi.CLONE_FS != 0)
	if a.Flags&abi.CLONE_THREAD != 0 {
		t.p.tasks = append(t.p.tasks, c)
	} else {
		c.p = k.newChild(t, c, &a)
		if c.files != t.files {
			c.files.owner = c.p
		}
		if a.Flags&abi.CLONE_VM == 0 || a.Flags&abi.CLONE_VFORK != 0 {
			c.alt = t.alt
		}
	}
	if a.Flags&abi.CLONE_CHILD_CLEARTID != 0 {
		c.clearTID = a.ChildTID
	}
	// As in Linux, addresses that cannot be written are the caller's loss.
	if a.Flags&abi.CLONE_PARENT_SETTID != 0 {
		_ = t.space.mm.WriteU32(a.ParentTID, uint32(c.tid))
	}
	if a.Flags&abi.CLONE_CHILD_SETTID != 0 {
		_ = s.mm.WriteU32(a.ChildTID, uint32(c.tid))
	}
	s.tasks = append(s.tasks, c)
	s.updatePrecise()
	s.start()
	t.sys.Done = int64(c.tid)
	if a.Flags&abi.CLONE_VFORK != 0 {
		c.vforked, t.vforkChild = t, c
		return t.awaitVfork()
	}
	return uint64(c.tid), 0
}

// awaitVfork parks t until its vfork child lets go. Signals wait meanwhile, as
// in Linux; only the end of the process is noticed.
func (t *Task) awaitVfork() (uint64, abi.Errno) {
	if t.vforkChild != nil {
		t.park(nil)
		return 0, Blocked
	}
	return uint64(t.sys.Done), 0
}

// releaseVfork lets the parent of a vfork child go on.
func (t *Task) releaseVfork() {
	if parent := t.vforked; parent != nil {
		t.vforked, parent.vforkChild = nil, nil
		parent.wake()
	}
}

// check refuses combinations that Linux refuses, and what boxer does not do.
func (a *CloneArgs) check() abi.Errno {
	f := a.Flags
	switch {
	case f&abi.CLONE_NEW != 0:
		return abi.EPERM // as for a user without CAP_SYS_ADMIN
	case f&abi.CLONE_THREAD != 0 && f&abi.CLONE_SIGHAND == 0,
		f&abi.CLONE_SIGHAND != 0 && f&abi.CLONE_VM == 0,
		f&abi.CLONE_SIGHAND != 0 && f&abi.CLONE_CLEAR_SIGHAND != 0,
		f&(abi.CLONE_PIDFD|abi.CLONE_INTO_CGROUP) != 0,
		f&abi.CLONE_VM != 0 && f&(abi.CLONE_THREAD|abi.CLONE_VFORK) == 0 && a.Stack == 0:
		return abi.EINVAL
	}
	return 0
}

// roomForTask checks the box's and the user's limit on threads.
func (k *Kernel) roomForTask(t *Task) abi.Errno {
	if k.shutdown || k.memory.full || len(k.ids.tasks) >= k.cfg.Limits.Processes || len(k.ids.procs) >= k.cfg.Limits.Processes {
		return abi.EAGAIN
	}
	lim := t.p.limits[abi.RLIMIT_NPROC].Cur
	if lim >= uint64(k.cfg.Limits.Processes) || t.cred.Has(CapSysResource) || t.cred.UID == 0 {
		return 0
	}
	n := uint64(0)
	for _, o := range k.ids.tasks {
		if o.cred.UID == t.cred.UID {
			n++
		}
	}
	if n >= lim {
		return abi.EAGAIN
	}
	return 0
}

// forkSpace copies an address space, without the kernel lock: only the
// goroutine of s, which is this one, can touch it.
func (k *Kernel) forkSpace(s *space) (*space, abi.Errno) {
	k.makeRoom()
	k.mu.Unlock()
	defer k.mu.Lock()
	m, err := s.mm.Fork()
	if err != nil {
		return nil, errnoOf(err)
	}
	cpu, err := k.cfg.NewCPU(m)
	if err != nil {
		k.logf("fork: %v", err)
		_ = m.Release() // nothing was written through it
		return nil, abi.ENOMEM
	}
	c := k.newSpace(m, cpu)
	c.sigreturn = s.sigreturn
	return c, 0
}

// newTask makes a task with a new id, in no list but the id table.
func (k *Kernel) newTask(p *Process, s *space, id int) *Task {
	t := &Task{k: k, p: p, space: s, tid: id, started: k.monotonic()}
	k.ids.tasks[t.tid] = t
	return t
}

// newChild makes the process that t's clone c leads.
func (k *Kernel) newChild(t, c *Task, a *CloneArgs) *Process {
	parent := t.p
	if a.Flags&abi.CLONE_PARENT != 0 && parent.parent != nil {
		parent = parent.parent
	}
	p := &Process{
		k: k, pid: c.tid, parent: parent, tasks: []*Task{c},
		pgrp: t.p.pgrp, session: t.p.session, limits: t.p.limits,
		exe: t.p.exe, exePath: t.p.exePath, argv: t.p.argv, environ: t.p.environ,
		started: c.started, exitSignal: a.ExitSignal, ended: make(chan struct{}),
		dumpable: t.p.dumpable,
	}
	switch {
	case a.Flags&abi.CLONE_SIGHAND != 0:
		p.handlers = t.p.handlers
		p.handlers.refs++
	default:
		p.handlers = t.p.handlers.clone()
		if a.Flags&abi.CLONE_CLEAR_SIGHAND != 0 {
			p.handlers.resetForExec()
		}
	}
	parent.children = append(parent.children, p)
	k.ids.procs[p.pid] = p
	return p
}

// share returns what a child gets of an FSContext: the same or a copy.
func (f *FSContext) share(same bool) *FSContext {
	if same {
		f.refs++
		return f
	}
	c := *f
	c.refs = 1
	return &c
}

// Unshare is unshare(2) for what threads share: descriptors and the working
// directory. Namespaces are refused.
func (t *Task) Unshare(flags uint64) abi.Errno {
	if flags&abi.CLONE_NEW != 0 {
		return abi.EPERM
	}
	if flags&^(abi.CLONE_FILES|abi.CLONE_FS|abi.CLONE_SYSVSEM) != 0 {
		return abi.EINVAL
	}
	if flags&abi.CLONE_FILES != 0 && t.files.refs > 1 {
		old := t.files
		t.files = old.share(false)
		t.files.owner = t.p
		old.release()
	}
	if flags&abi.CLONE_FS != 0 && t.fs.refs > 1 {
		t.fs.refs--
		t.fs = t.fs.share(false)
	}
	return 0
}

func sortProcs(list []*Process) {
	slices.SortFunc(list, func(a, b *Process) int { return a.pid - b.pid })
}
