package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

func sysUname(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	u := t.Kernel().Uname()
	var b [abi.SizeofUtsname]byte
	u.Encode(b[:])
	return result(t.MM().CopyOut(a[0], b[:]))
}

func sysSysinfo(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	s := t.Kernel().Sysinfo()
	var b [abi.SizeofSysinfo]byte
	s.Encode(b[:])
	return result(t.MM().CopyOut(a[0], b[:]))
}

// sysSethostname is sethostname(2) and setdomainname(2), which ordinary
// containers may not call either.
func sysSethostname(*kernel.Task, *[6]uint64) (uint64, abi.Errno) { return 0, abi.EPERM }

// sysGetrandom is getrandom(2). The source is always ready.
func sysGetrandom(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	const nonblock, random, insecure = 1, 2, 4
	if a[2]&^(nonblock|random|insecure) != 0 || a[2]&(random|insecure) == random|insecure {
		return 0, abi.EINVAL
	}
	n, done := min(a[1], maxRW), uint64(0)
	for done < n {
		b := t.Scratch(int(min(n-done, kernel.ScratchSize)))
		t.Kernel().Random(b)
		c, err := t.MM().CopyOutSome(a[0]+done, b)
		done += uint64(c)
		if err != nil && done == 0 {
			return 0, errnoOf(err)
		}
		if c < len(b) {
			break
		}
	}
	return done, 0
}

func flag(on bool) uint64 {
	if on {
		return 1
	}
	return 0
}

// sysPrctl is prctl(2), as far as programs were seen to use it.
func sysPrctl(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	p := t.Process()
	switch int32(a[0]) {
	case abi.PR_SET_NAME:
		var b [16]byte
		n, err := t.MM().CopyInSome(a[1], b[:])
		if err != nil {
			return 0, errnoOf(err)
		}
		name := b[:min(n, 15)]
		for i, c := range name {
			if c == 0 {
				name = name[:i]
				break
			}
		}
		t.SetComm(string(name))
		return 0, 0
	case abi.PR_GET_NAME:
		var b [16]byte
		copy(b[:], t.Comm())
		return result(t.MM().CopyOut(a[1], b[:]))
	case abi.PR_SET_PDEATHSIG:
		if sig := abi.Signal(a[1]); sig != 0 && !sig.Valid() {
			return 0, abi.EINVAL
		}
		t.SetDeathSignal(abi.Signal(a[1]))
		return 0, 0
	case abi.PR_GET_PDEATHSIG:
		return result(t.MM().WriteU32(a[1], uint32(t.DeathSignal())))
	case abi.PR_GET_DUMPABLE:
		return flag(p.Dumpable()), 0
	case abi.PR_SET_DUMPABLE:
		if a[1] > 1 {
			return 0, abi.EINVAL
		}
		p.SetDumpable(a[1] == 1)
		return 0, 0
	case abi.PR_GET_KEEPCAPS:
		return flag(t.KeepCaps()), 0
	case abi.PR_SET_KEEPCAPS:
		if a[1] > 1 {
			return 0, abi.EINVAL
		}
		t.SetKeepCaps(a[1] == 1)
		return 0, 0
	case abi.PR_SET_CHILD_SUBREAPER:
		p.SetSubreaper(a[1] != 0)
		return 0, 0
	case abi.PR_GET_CHILD_SUBREAPER:
		return result(t.MM().WriteU32(a[1], uint32(flag(p.Subreaper()))))
	case abi.PR_SET_NO_NEW_PRIVS:
		if a[1] != 1 || a[2]|a[3]|a[4] != 0 {
			return 0, abi.EINVAL
		}
		t.SetNoNewPrivs()
		return 0, 0
	case abi.PR_GET_NO_NEW_PRIVS:
		return flag(t.NoNewPrivs()), 0
	case abi.PR_GET_TID_ADDRESS:
		return result(t.MM().WriteU64(a[1], t.ClearTID()))
	case abi.PR_GET_SECCOMP, abi.PR_GET_SECUREBITS, abi.PR_GET_THP_DISABLE, abi.PR_SET_THP_DISABLE, abi.PR_SET_TIMERSLACK:
		return 0, 0
	case abi.PR_GET_TIMERSLACK:
		return 50000, 0
	case abi.PR_SET_VMA: // names for anonymous memory: a kernel option that may be off
		return 0, abi.EINVAL
	case abi.PR_CAPBSET_READ:
		if a[1] > 40 {
			return 0, abi.EINVAL
		}
		return t.Cred().Bounding >> a[1] & 1, 0
	case abi.PR_CAPBSET_DROP:
		if a[1] > 40 {
			return 0, abi.EINVAL
		}
		const setpcap = 8
		if !t.Cred().Has(setpcap) {
			return 0, abi.EPERM
		}
		c := *t.Cred()
		c.Bounding &^= 1 << a[1]
		t.SetCred(&c)
		return 0, 0
	case abi.PR_CAP_AMBIENT:
		const isSet, clearAll = 1, 4
		switch a[1] {
		case isSet, clearAll:
			return 0, 0 // the set is always empty
		}
		return 0, abi.EPERM
	}
	return 0, abi.EINVAL
}

func sysPersonality(_ *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if p := uint32(a[0]); p != 0xffffffff && p != 0 {
		return 0, abi.EINVAL // only PER_LINUX, without flags
	}
	return 0, 0
}

// denied serves calls that need privileges a container does not have.
func denied(*kernel.Task, *[6]uint64) (uint64, abi.Errno) { return 0, abi.EPERM }

// absent is ENOSYS for what every program asks for and does without: not worth
// a line in the report.
func absent(*kernel.Task, *[6]uint64) (uint64, abi.Errno) { return 0, abi.ENOSYS }
