package kernel

import (
	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/mm"
	"boxer/wasmfs"
)

// taskState says whether a task takes part in the turns of its space.
type taskState uint8

const (
	runnable taskState = iota
	parked             // in a system call, waiting
	dead
)

// A Task is a thread. Unless said otherwise its fields are guarded by the
// kernel lock; regs belong to the goroutine of its space.
type Task struct {
	k     *Kernel
	p     *Process
	tid   int
	space *space
	regs  arch.Regs
	state taskState
	stack uint64 // stack pointer that the thread started with: its guard is below that

	sys    Sys      // the system call in progress
	waits  []waiter // places in wait queues while parked
	sleep  *timer   // wakes a parked task at its deadline
	futex  futexWait
	yields bool // gave up the rest of its slice
	turns  int  // exits since it was picked

	mask       abi.SigSet // blocked signals
	savedMask  abi.SigSet // what sigsuspend and its kin put back
	restoreSet bool       // savedMask is to be put back
	pending    sigQueue
	alt        arch.AltStack

	files *FDTable
	fs    *FSContext
	cred  *Cred
	comm  string

	robustHead uint64
	robustLen  uint64
	clearTID   uint64 // address to clear and wake at exit (set_tid_address)
	vforked    *Task  // the parent that waits for this task's exec or exit
	vforkChild *Task  // the child that this task waits for

	sigWait         abi.SigSet // what rt_sigtimedwait waits for
	started         int64      // monotonic
	utime           int64      // ns of guest code
	stime           int64      // ns in the kernel, where it was measured
	switches        int64
	pdeathsig       abi.Signal
	noNewPrivs      bool
	inline          bool // see inline.go
	keepCaps        bool
	opening         *pipeEnd    // the end of a FIFO whose open waits for the other side
	openingAt       wasmfs.Path // its place
	interruptedCode abi.Errno   // restart code of the call that a signal interrupted
}

// FSContext is what CLONE_FS shares: root, working directory and umask, kept
// in the form that wasmfs takes.
type FSContext struct {
	refs      int
	Root, Cwd wasmfs.Path
	Umask     uint32
}

// Cred are a task's credentials (credentials(7)). A Cred is never changed once
// in use.
type Cred struct {
	UID, EUID, SUID, FSUID uint32
	GID, EGID, SGID, FSGID uint32
	Groups                 []uint32
	// Caps are the effective capabilities; a bit a capability. Permitted bounds them.
	Caps, Permitted, Inheritable, Bounding uint64

	file *wasmfs.Cred // the same for wasmfs
}

// Capability numbers (capabilities(7)) that this kernel asks for.
const (
	CapChown       = 0
	CapDACOverride = 1
	CapKill        = 5
	CapSetGID      = 6
	CapSetUID      = 7
	CapSysChroot   = 18
	CapSysNice     = 23
	CapSysResource = 24
	CapSysTime     = 25
	CapMknod       = 27

	// defaultCaps are those that container engines leave to root: chown,
	// dac_override, fowner, fsetid, kill, setgid, setuid, setpcap,
	// net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap.
	defaultCaps = 1<<0 | 1<<1 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8 | 1<<10 | 1<<13 | 1<<18 | 1<<27 | 1<<29 | 1<<31
	// fileCaps are the capabilities that stand behind wasmfs.Cred.Capable.
	fileCaps = 1<<CapChown | 1<<CapDACOverride
)

// newCred returns the credentials of a program started as uid and gid.
func newCred(uid, gid uint32, groups []uint32) *Cred {
	c := &Cred{UID: uid, EUID: uid, SUID: uid, FSUID: uid, GID: gid, EGID: gid, SGID: gid, FSGID: gid, Groups: groups}
	c.Bounding = defaultCaps
	if uid == 0 {
		c.Caps, c.Permitted = defaultCaps, defaultCaps
	}
	return c.finish()
}

// finish computes what follows from the other fields.
func (c *Cred) finish() *Cred {
	c.file = &wasmfs.Cred{UID: c.FSUID, GID: c.FSGID, Groups: c.Groups, Capable: c.Caps&fileCaps == fileCaps}
	return c
}

// Has reports whether capability n is in effect.
func (c *Cred) Has(n int) bool { return c.Caps>>n&1 != 0 }

// Kernel is the kernel of the task's box.
func (t *Task) Kernel() *Kernel { return t.k }

// Process is the task's process.
func (t *Task) Process() *Process { return t.p }

// TID is the thread's id.
func (t *Task) TID() int { return t.tid }

// Regs are the task's registers, for calls that are not Fast.
func (t *Task) Regs() arch.Regs { return t.regs }

// MM is the task's address space.
func (t *Task) MM() *mm.Space { return t.space.mm }

// Files is the task's descriptor table.
func (t *Task) Files() *FDTable { return t.files }

// FS is the task's root, working directory and umask.
func (t *Task) FS() *FSContext { return t.fs }

// Cred are the task's credentials.
func (t *Task) Cred() *Cred { return t.cred }

// SetCred replaces the task's credentials by c, which the caller no longer
// changes. When user ids change, capabilities come and go with uid 0
// (capabilities(7), "Effect of user ID changes on capabilities").
func (t *Task) SetCred(c *Cred) {
	old := t.cred
	isRoot := func(c *Cred) bool { return c.UID == 0 || c.EUID == 0 || c.SUID == 0 }
	if isRoot(old) && !isRoot(c) && !t.keepCaps {
		c.Permitted, c.Caps = 0, 0
	}
	if old.EUID == 0 && c.EUID != 0 {
		c.Caps = 0
	}
	if old.EUID != 0 && c.EUID == 0 {
		c.Caps = c.Permitted
	}
	if (old.FSUID == 0) != (c.FSUID == 0) && old.EUID == c.EUID {
		if c.FSUID == 0 {
			c.Caps |= c.Permitted & fileCaps
		} else {
			c.Caps &^= fileCaps
		}
	}
	if old.EUID != c.EUID || old.EGID != c.EGID {
		t.p.dumpable = false
	}
	t.cred = c.finish()
}

// SameUser reports whether p belongs to the user that t is.
func (t *Task) SameUser(p *Process) bool {
	c := p.cred()
	return c != nil && t.cred.UID == c.UID && t.cred.UID == c.EUID && t.cred.UID == c.SUID
}

// Real are the credentials that access(2) checks with: the real ids.
func (c *Cred) Real() *wasmfs.Cred {
	caps := c.Permitted
	if c.UID != 0 {
		caps = 0
	}
	return &wasmfs.Cred{UID: c.UID, GID: c.GID, Groups: c.Groups, Capable: caps&fileCaps == fileCaps}
}

// NoNewPrivs is PR_GET_NO_NEW_PRIVS.
func (t *Task) NoNewPrivs() bool { return t.noNewPrivs }

// SetNoNewPrivs is PR_SET_NO_NEW_PRIVS, which cannot be undone.
func (t *Task) SetNoNewPrivs() { t.noNewPrivs = true }

// KeepCaps is PR_GET_KEEPCAPS.
func (t *Task) KeepCaps() bool { return t.keepCaps }

// SetKeepCaps is PR_SET_KEEPCAPS.
func (t *Task) SetKeepCaps(on bool) { t.keepCaps = on }

// DeathSignal is PR_GET_PDEATHSIG.
func (t *Task) DeathSignal() abi.Signal { return t.pdeathsig }

// SetDeathSignal is PR_SET_PDEATHSIG.
func (t *Task) SetDeathSignal(s abi.Signal) { t.pdeathsig = s }

// ClearTID is the address that SetClearTID recorded.
func (t *Task) ClearTID() uint64 { return t.clearTID }

// Comm is the thread's name, at most 15 bytes.
func (t *Task) Comm() string { return t.comm }

// SetComm sets the thread's name.
func (t *Task) SetComm(s string) {
	if len(s) > 15 {
		s = s[:15]
	}
	t.comm = s
}

// SetClearTID sets the address that is cleared and woken when the thread ends.
func (t *Task) SetClearTID(addr uint64) { t.clearTID = addr }

// SetRobustList records the list of robust futexes; size is checked by the caller.
func (t *Task) SetRobustList(head, size uint64) { t.robustHead, t.robustLen = head, size }

// RobustList is what SetRobustList recorded.
func (t *Task) RobustList() (head, size uint64) { return t.robustHead, t.robustLen }

// Env is what a path means to this task.
func (t *Task) Env() wasmfs.Env {
	return wasmfs.Env{Root: t.fs.Root, Cwd: t.fs.Cwd, Umask: t.fs.Umask, Cred: t.cred.file, Caller: t}
}

// CPUTime is the time that the thread has used, in nanoseconds, for the thread
// itself: no lock is needed.
func (t *Task) CPUTime() int64 { return t.utime + t.stime + t.space.slice(t) }

// ProcessCPUTime is the time that all threads of the caller's process have
// used, in nanoseconds. No lock is needed: they all run in the caller's goroutine.
func (t *Task) ProcessCPUTime() int64 {
	c := t.p.cpu()
	return c.user + c.sys + t.space.slice(t)
}

// slice is how long t's present slice of guest code has lasted. Only the
// goroutine of s may ask.
func (s *space) slice(t *Task) int64 {
	if !s.inGuest || s.cur != t {
		return 0
	}
	return s.k.monotonic() - s.sliceStart
}

// Yield ends the task's slice when the call returns; it reports false when no
// other thread of its space could run instead.
func (t *Task) Yield() bool {
	if !t.space.others(t) {
		return false
	}
	t.yields = true
	return true
}

// wake makes a parked task runnable and takes it off its queues.
func (t *Task) wake() {
	if t.state != parked {
		return
	}
	for i := range t.waits {
		t.waits[i].remove()
	}
	t.waits = t.waits[:0]
	if t.futex.queued {
		t.k.futexes.remove(t)
	}
	if t.sleep != nil {
		t.k.disarm(t.sleep)
	}
	t.state = runnable
	t.space.ready()
}
