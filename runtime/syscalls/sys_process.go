package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

// sysClone is clone(2) with arm64's order: flags, stack, parent tid, tls, child tid.
func sysClone(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	c := kernel.CloneArgs{
		Flags:      a[0] &^ abi.CSIGNAL & 0xffffffff,
		Stack:      a[1],
		ParentTID:  a[2],
		TLS:        a[3],
		ChildTID:   a[4],
		ExitSignal: abi.Signal(a[0] & abi.CSIGNAL),
	}
	return clone(t, c)
}

// sysClone3 is clone3(2); struct clone_args has eleven 64-bit fields.
func sysClone3(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const v0, v2 = 64, 88
	if a[1] < v0 {
		return 0, abi.EINVAL
	}
	var b [v2]byte
	n := min(a[1], v2)
	if a[1] > v2 {
		if errno := zeroTail(t, a[0]+v2, a[1]-v2); errno != 0 {
			return 0, errno
		}
	}
	if err := t.MM().CopyIn(a[0], b[:n]); err != nil {
		return 0, errnoOf(err)
	}
	f := func(i int) uint64 { return le64(b[8*i:]) }
	c := kernel.CloneArgs{Flags: f(0), ChildTID: f(2), ParentTID: f(3), ExitSignal: abi.Signal(f(4)), TLS: f(7)}
	if c.Flags&(abi.CSIGNAL|abi.CLONE_DETACHED) != 0 || f(4) > uint64(abi.SIGRTMAX) || (f(5) == 0) != (f(6) == 0) {
		return 0, abi.EINVAL
	}
	if f(9) != 0 { // set_tid
		t.Kernel().Unsupported("clone3 set_tid")
		return 0, abi.EPERM
	}
	if f(5) != 0 {
		c.Stack = f(5) + f(6)
	}
	return clone(t, c)
}

func clone(t *kernel.Task, c kernel.CloneArgs) (uint64, abi.Errno) {
	if c.Flags&abi.CLONE_NEW != 0 {
		t.Kernel().Unsupported("clone of namespaces")
	}
	if c.Flags&abi.CLONE_PIDFD != 0 {
		t.Kernel().Unsupported("clone CLONE_PIDFD")
	}
	return t.Clone(c)
}

func sysExecve(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return exec(t, fdCwd, a[0], a[1], a[2], 0)
}

// sysExecveat is execveat(2).
func sysExecveat(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[4]&^(abi.AT_EMPTY_PATH|abi.AT_SYMLINK_NOFOLLOW) != 0 {
		return 0, abi.EINVAL
	}
	return exec(t, a[0], a[1], a[2], a[3], walkFlags(a[4]))
}

func exec(t *kernel.Task, fd, addr, argv, envp uint64, flags wasmfs.WalkFlags) (uint64, abi.Errno) {
	dir, name, errno := at(t, fd, addr)
	if errno != 0 {
		return 0, errno
	}
	args, errno := stringList(t, argv)
	if errno != 0 {
		return 0, errno
	}
	env, errno := stringList(t, envp)
	if errno != 0 {
		return 0, errno
	}
	return 0, t.Exec(dir, name, flags, args, env)
}

func sysExit(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return 0, t.Exit(int(a[0] & 0xff))
}

func sysExitGroup(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return 0, t.ExitGroup(int(a[0] & 0xff))
}

func sysWait4(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const allowed = abi.WNOHANG | abi.WUNTRACED | abi.WCONTINUED | abi.WNOTHREAD | abi.WALL | abi.WCLONE
	if uint32(a[2])&^uint32(allowed) != 0 {
		return 0, abi.EINVAL
	}
	w := kernel.WaitArgs{Options: int(uint32(a[2])) | abi.WEXITED}
	switch pid := int(int32(a[0])); {
	case pid > 0:
		w.Type, w.ID = abi.P_PID, pid
	case pid == 0:
		w.Type, w.ID = abi.P_PGID, t.Process().Group()
	case pid < -1:
		w.Type, w.ID = abi.P_PGID, -pid
	}
	got, errno := t.Wait(w)
	if errno != 0 || got.PID == 0 {
		return 0, errno
	}
	if a[1] != 0 {
		if err := t.MM().WriteU32(a[1], uint32(got.Status)); err != nil {
			return 0, errnoOf(err)
		}
	}
	return uint64(got.PID), putUsage(t, a[3], &got.Usage)
}

func putUsage(t *kernel.Task, addr uint64, u *abi.Rusage) abi.Errno {
	if addr == 0 {
		return 0
	}
	var b [abi.SizeofRusage]byte
	u.Encode(b[:])
	return errnoOf(t.MM().CopyOut(addr, b[:]))
}

// sysWaitid is waitid(2): idtype, id, *siginfo, options, *rusage.
func sysWaitid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const states = abi.WEXITED | abi.WSTOPPED | abi.WCONTINUED
	const allowed = states | abi.WNOHANG | abi.WNOWAIT | abi.WNOTHREAD | abi.WALL | abi.WCLONE
	opts := uint32(a[3])
	if opts&states == 0 || opts&^uint32(allowed) != 0 {
		return 0, abi.EINVAL
	}
	w := kernel.WaitArgs{Type: int(int32(a[0])), ID: int(int32(a[1])), Options: int(opts)}
	switch w.Type {
	case abi.P_ALL:
	case abi.P_PID:
		if w.ID <= 0 {
			return 0, abi.EINVAL
		}
	case abi.P_PGID:
		if w.ID == 0 {
			w.ID = t.Process().Group()
		}
		if w.ID < 0 {
			return 0, abi.EINVAL
		}
	case abi.P_PIDFD:
		t.Kernel().Unsupported("waitid P_PIDFD")
		return 0, abi.EBADF
	default:
		return 0, abi.EINVAL
	}
	got, errno := t.Wait(w)
	if errno != 0 {
		return 0, errno
	}
	if errno := putUsage(t, a[4], &got.Usage); errno != 0 {
		return 0, errno
	}
	if a[2] == 0 {
		return 0, 0
	}
	var b [abi.SizeofSigInfo]byte
	if got.PID != 0 {
		si := abi.SigInfo{Signo: abi.SIGCHLD, Code: got.Code, PID: int32(got.PID), UID: got.UID}
		switch got.Code {
		case abi.CLD_EXITED:
			si.Status = int32(got.Status.ExitCode())
		case abi.CLD_KILLED:
			si.Status = int32(got.Status.Signal())
		case abi.CLD_STOPPED:
			si.Status = int32(got.Status >> 8)
		case abi.CLD_CONTINUED:
			si.Status = int32(abi.SIGCONT)
		}
		si.Encode(b[:])
	}
	return result(t.MM().CopyOut(a[2], b[:]))
}

func sysGetpid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) {
	return uint64(t.Process().PID()), 0
}

func sysGettid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) { return uint64(t.TID()), 0 }

func sysGetppid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) {
	return uint64(t.Process().ParentID()), 0
}

func sysSetTidAddress(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	t.SetClearTID(a[0])
	return uint64(t.TID()), 0
}

func sysSetpgid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return 0, t.SetPGID(int(int32(a[0])), int(int32(a[1])))
}

func sysGetpgid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return t.GetPGID(int(int32(a[0])), false)
}

func sysGetsid(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return t.GetPGID(int(int32(a[0])), true)
}

func sysSetsid(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) { return t.SetSID() }

func sysUnshare(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[0]&abi.CLONE_NEW != 0 {
		t.Kernel().Unsupported("unshare of namespaces")
	}
	return 0, t.Unshare(a[0])
}

func sysGetrusage(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	u, errno := t.Usage(int32(a[0]))
	if errno != 0 {
		return 0, errno
	}
	var b [abi.SizeofRusage]byte
	u.Encode(b[:])
	return result(t.MM().CopyOut(a[1], b[:]))
}

// sysTimes is times(2): it returns ticks since the box started.
func sysTimes(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const tick = 1e9 / abi.ClockTick
	if a[0] != 0 {
		var b [32]byte
		user, sys, cuser, csys := t.Times()
		for i, v := range []int64{user, sys, cuser, csys} {
			put64(b[8*i:], uint64(v/tick))
		}
		if err := t.MM().CopyOut(a[0], b[:]); err != nil {
			return 0, errnoOf(err)
		}
	}
	return uint64(t.Kernel().Monotonic() / tick), 0
}

func sysPrlimit64(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p := t.Process()
	if pid := int(int32(a[0])); pid != 0 && pid != p.PID() {
		if p = t.Kernel().Lookup(pid); p == nil {
			return 0, abi.ESRCH
		}
		if !t.Cred().Has(kernel.CapSysResource) && !t.SameUser(p) {
			return 0, abi.EPERM
		}
	}
	return limits(t, p, a[1], a[2], a[3])
}

func sysGetrlimit(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return limits(t, t.Process(), a[0], 0, a[1])
}

func sysSetrlimit(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	return limits(t, t.Process(), a[0], a[1], 0)
}

func limits(t *kernel.Task, p *kernel.Process, resource, set, get uint64) (uint64, abi.Errno) {
	if uint32(resource) >= abi.RLIM_NLIMITS {
		return 0, abi.EINVAL
	}
	r := int(uint32(resource))
	old := p.Limit(r)
	if set != 0 {
		var b [16]byte
		if err := t.MM().CopyIn(set, b[:]); err != nil {
			return 0, errnoOf(err)
		}
		l := abi.Rlimit{Cur: le64(b[:]), Max: le64(b[8:])}
		switch {
		case l.Cur > l.Max:
			return 0, abi.EINVAL
		case l.Max > old.Max && !t.Cred().Has(kernel.CapSysResource):
			return 0, abi.EPERM
		}
		p.SetLimit(r, l)
	}
	if get != 0 {
		var b [16]byte
		put64(b[:], old.Cur)
		put64(b[8:], old.Max)
		return result(t.MM().CopyOut(get, b[:]))
	}
	return 0, 0
}
