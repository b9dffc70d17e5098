package wasi

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// procExit is proc_exit(code). As on Linux, eight bits of the code arrive.
func procExit(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	return t.ExitGroup(int(a[0] & 0xff))
}

// procRaise is proc_raise(signal): the program sends itself a signal. Linux
// has one more than preview 1, SIGSTKFLT before SIGCHLD.
func procRaise(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	const last, chld = 30, 16
	sig := abi.Signal(a[0])
	switch {
	case a[0] > last:
		return abi.EINVAL
	case a[0] >= chld:
		sig++
	}
	pid := t.Process().PID()
	return t.Kill(pid, &abi.SigInfo{Signo: sig, Code: abi.SI_USER, PID: int32(pid), UID: t.Cred().UID})
}

// schedYield is sched_yield().
func schedYield(t *kernel.Task, _ *process, _ []uint64) abi.Errno {
	t.Yield()
	return 0
}

// maxRandom is the most random bytes of one call: they are made while no other
// task can call the kernel.
const maxRandom = 64 << 20

// randomGet is random_get(buf, len).
func randomGet(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	if a[1] > maxRandom {
		return abi.EINVAL
	}
	if errno := room(t, a[0], a[1]); errno != 0 {
		return errno
	}
	for done := uint64(0); done < a[1]; {
		b := t.Scratch(int(min(a[1]-done, kernel.ScratchSize)))
		t.Kernel().Random(b)
		if errno := put(t, a[0]+done, b); errno != 0 {
			return errno
		}
		done += uint64(len(b))
	}
	return 0
}

// noSocket is a sock_ function: no descriptor of a module is a socket.
func noSocket(name string) func(*kernel.Task, *process, []uint64) abi.Errno {
	return func(t *kernel.Task, _ *process, a []uint64) abi.Errno {
		d, errno := t.FD(int32(a[0]))
		if errno != 0 {
			return errno
		}
		if st, errno := d.Stat(); errno != 0 || st.Mode&abi.S_IFMT != abi.S_IFSOCK {
			return abi.ENOTSOCK
		}
		t.Kernel().Unsupported("WASI " + name)
		return abi.EOPNOTSUPP
	}
}
