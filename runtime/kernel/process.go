package kernel

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel/kernfs"
	"boxer/wasmfs"
)

// A Process is a thread group.
type Process struct {
	k      *Kernel
	pid    int
	parent *Process // nil for those that Spawn started
	// children by start time; a dead child stays until it is waited for.
	children []*Process
	tasks    []*Task // alive; the leader's tid is pid
	pgrp     int
	session  *session
	execed   bool // since fork: setpgid by the parent is over

	handlers *SigHandlers
	pending  sigQueue
	childQ   WaitQueue // woken when a child changes state
	signalQ  WaitQueue // woken when a signal arrives
	limits   [abi.RLIM_NLIMITS]abi.Rlimit

	exe     string // path of the program
	exePath wasmfs.Path
	argv    []string
	environ []string
	auxv    []byte
	dir     *kernfs.Dir // /proc/PID, once somebody looked
	started int64       // monotonic, ns

	exitSignal abi.Signal // what the parent gets when this process ends
	exiting    bool       // no task may run guest code any more
	status     abi.WaitStatus
	zombie     bool
	failure    error         // the box's fault, not the program's
	ended      chan struct{} // closed when the last task has ended

	stopped  bool
	stopSig  abi.Signal
	stopNews bool // a stop that no wait has reported
	contNews bool // a continue that no wait has reported

	itimers  [3]itimer
	timers   map[int32]*posixTimer
	timerID  int32
	deadCPU  cpuTimes // of tasks that have ended
	childCPU cpuTimes // of children that were waited for

	streams *streams // to the host, where Spawn started the process

	lastCred  *Cred  // of the thread that ended last
	lastComm  string // likewise
	dumpable  bool
	subreaper bool
	maxRSS    int64
}

// cpuTimes are nanoseconds.
type cpuTimes struct{ user, sys int64 }

func (c *cpuTimes) add(d cpuTimes) { c.user += d.user; c.sys += d.sys }

// session is a session of process groups (setsid(2)).
type session struct {
	id  int
	tty *console // the controlling terminal, or nil
}

// Kernel is the process's kernel.
func (p *Process) Kernel() *Kernel { return p.k }

// Parent is the id of the parent, 0 if there is none in the box.
func (p *Process) ParentID() int {
	if p.parent == nil {
		return 0
	}
	return p.parent.pid
}

// Group is the process group's id.
func (p *Process) Group() int { return p.pgrp }

// SessionID is the session's id.
func (p *Process) SessionID() int { return p.session.id }

// Limit is a resource limit.
func (p *Process) Limit(r int) abi.Rlimit { return p.limits[r] }

// SetLimit sets a resource limit; the caller has checked who may. CPU time,
// locked memory, locks and queues are not limited.
func (p *Process) SetLimit(r int, l abi.Rlimit) {
	p.limits[r] = l
	if r == abi.RLIMIT_AS || r == abi.RLIMIT_DATA {
		if t := p.leader(); t != nil {
			p.limitMemory(t.space)
		}
	}
}

// limitMemory applies the limits on address space to s.
func (p *Process) limitMemory(s *space) {
	s.mm.SetLimits(p.limits[abi.RLIMIT_AS].Cur, p.limits[abi.RLIMIT_DATA].Cur)
}

// Threads is the number of live threads.
func (p *Process) Threads() int { return len(p.tasks) }

// Dumpable is PR_GET_DUMPABLE.
func (p *Process) Dumpable() bool { return p.dumpable }

// SetDumpable is PR_SET_DUMPABLE.
func (p *Process) SetDumpable(on bool) { p.dumpable = on }

// Subreaper is PR_GET_CHILD_SUBREAPER.
func (p *Process) Subreaper() bool { return p.subreaper }

// SetSubreaper is PR_SET_CHILD_SUBREAPER.
func (p *Process) SetSubreaper(on bool) { p.subreaper = on }

// leader is the task that stands for the process: its first that is alive, or nil.
func (p *Process) leader() *Task {
	if len(p.tasks) == 0 {
		return nil
	}
	return p.tasks[0]
}

// cpu is the time used by all threads so far.
func (p *Process) cpu() cpuTimes {
	c := p.deadCPU
	for _, t := range p.tasks {
		c.user += t.utime
		c.sys += t.stime
	}
	return c
}

// Usage is what getrusage(2) reports for who; RUSAGE_THREAD is t's alone.
func (t *Task) Usage(who int32) (abi.Rusage, abi.Errno) {
	var c cpuTimes
	switch who {
	case abi.RUSAGE_SELF:
		c = t.p.cpu()
	case abi.RUSAGE_CHILDREN:
		c = t.p.childCPU
	case abi.RUSAGE_THREAD:
		c = cpuTimes{t.utime, t.stime}
	default:
		return abi.Rusage{}, abi.EINVAL
	}
	return abi.Rusage{UTime: c.user, STime: c.sys, MaxRSS: t.p.maxRSS, NVCSw: t.switches}, 0
}

// Times is what times(2) reports: nanoseconds of this process and of its
// children that were waited for.
func (t *Task) Times() (user, sys, childUser, childSys int64) {
	c := t.p.cpu()
	return c.user, c.sys, t.p.childCPU.user, t.p.childCPU.sys
}

// defaultLimits are those of a container without limits.
func defaultLimits(l Limits) (r [abi.RLIM_NLIMITS]abi.Rlimit) {
	for i := range r {
		r[i] = abi.Rlimit{Cur: abi.RLIM_INFINITY, Max: abi.RLIM_INFINITY}
	}
	r[abi.RLIMIT_STACK] = abi.Rlimit{Cur: 8 << 20, Max: abi.RLIM_INFINITY}
	r[abi.RLIMIT_CORE] = abi.Rlimit{Cur: 0, Max: abi.RLIM_INFINITY}
	r[abi.RLIMIT_NPROC] = abi.Rlimit{Cur: uint64(l.Processes), Max: uint64(l.Processes)}
	r[abi.RLIMIT_NOFILE] = abi.Rlimit{Cur: 1024, Max: l.Files}
	r[abi.RLIMIT_MEMLOCK] = abi.Rlimit{Cur: 8 << 20, Max: 8 << 20}
	r[abi.RLIMIT_SIGPENDING] = abi.Rlimit{Cur: maxQueued, Max: maxQueued}
	r[abi.RLIMIT_MSGQUEUE] = abi.Rlimit{Cur: 819200, Max: 819200}
	r[abi.RLIMIT_NICE] = abi.Rlimit{}
	r[abi.RLIMIT_RTPRIO] = abi.Rlimit{}
	return r
}

// idTable hands out process and thread ids, which share one space.
type idTable struct {
	tasks map[int]*Task    // live threads by tid
	procs map[int]*Process // live and dead processes by pid
	last  int
}

// maxID bounds ids as a default pid_max does.
const maxID = 4194304

// next returns an id that no thread, process, group or session uses.
func (ids *idTable) next() int {
	for {
		ids.last++
		if ids.last >= maxID {
			ids.last = 300 // as Linux: low ones were the first to be taken
		}
		if !ids.used(ids.last) {
			return ids.last
		}
	}
}

// used reports whether a thread, process, group or session has the id.
func (ids *idTable) used(id int) bool {
	return ids.tasks[id] != nil || ids.procs[id] != nil || ids.inUse(id)
}

// inUse reports whether a group or session that lost its leader still has the
// id.
func (ids *idTable) inUse(id int) bool {
	for _, p := range ids.procs {
		if p.pgrp == id || p.session.id == id {
			return true
		}
	}
	return false
}

// Lookup finds a process by id, or nil.
func (k *Kernel) Lookup(pid int) *Process { return k.ids.procs[pid] }

// LookupTask finds a live thread by id, or nil.
func (k *Kernel) LookupTask(tid int) *Task { return k.ids.tasks[tid] }

// group calls f for each live process of a group; it reports whether there is one.
func (k *Kernel) group(pgrp int, f func(*Process)) bool {
	found := false
	for _, p := range k.sortedProcs() {
		if p.pgrp == pgrp {
			found = true
			f(p)
		}
	}
	return found
}

// sortedProcs lists all processes by id, so that nothing depends on the order
// of a map.
func (k *Kernel) sortedProcs() []*Process {
	list := make([]*Process, 0, len(k.ids.procs))
	for _, p := range k.ids.procs {
		list = append(list, p)
	}
	sortProcs(list)
	return list
}
