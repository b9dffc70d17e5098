package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/kernel"
)

func sysRtSigaction(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	sig := abi.Signal(int32(a[0]))
	if !sig.Valid() || a[3] != 8 {
		return 0, abi.EINVAL
	}
	old := t.Process().Action(sig)
	var b [abi.SizeofSigAction]byte
	if a[1] != 0 {
		if abi.Unblockable.Has(sig) {
			return 0, abi.EINVAL
		}
		if err := t.MM().CopyIn(a[1], b[:]); err != nil {
			return 0, errnoOf(err)
		}
		var act abi.SigAction
		act.Decode(b[:])
		t.SetAction(sig, act)
	}
	if a[2] != 0 {
		old.Encode(b[:])
		return result(t.MM().CopyOut(a[2], b[:]))
	}
	return 0, 0
}

func sysRtSigprocmask(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	old := t.Mask()
	if a[3] != 8 {
		return 0, abi.EINVAL
	}
	if a[1] != 0 {
		set, errno := sigset(t, a[1], a[3])
		if errno != 0 {
			return 0, errno
		}
		switch int32(a[0]) {
		case abi.SIG_BLOCK:
			t.SetMask(old | set)
		case abi.SIG_UNBLOCK:
			t.SetMask(old &^ set)
		case abi.SIG_SETMASK:
			t.SetMask(set)
		default:
			return 0, abi.EINVAL
		}
	}
	if a[2] != 0 {
		return result(t.MM().WriteU64(a[2], uint64(old)))
	}
	return 0, 0
}

func sysRtSigpending(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if a[1] > 8 {
		return 0, abi.EINVAL
	}
	var b [8]byte
	put64(b[:], uint64(t.PendingSet()))
	return result(t.MM().CopyOut(a[0], b[:a[1]]))
}

// sysRtSigsuspend waits for a signal that has a handler, with another mask.
func sysRtSigsuspend(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if errno := tempMask(t, a[0], a[1]); errno != 0 {
		return 0, errno
	}
	return 0, t.Block(kernel.ERESTARTNOHAND)
}

// sysRtSigtimedwait is rt_sigtimedwait(2): set, *siginfo, *timespec, size.
func sysRtSigtimedwait(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	set, errno := sigset(t, a[0], a[3])
	if errno != 0 {
		return 0, errno
	}
	if errno := timeout(t, a[2]); errno != 0 {
		return 0, errno
	}
	si, errno := t.SigWait(set)
	if errno != 0 {
		return 0, errno
	}
	if a[1] != 0 {
		var b [abi.SizeofSigInfo]byte
		si.Encode(b[:])
		if err := t.MM().CopyOut(a[1], b[:]); err != nil {
			return 0, errnoOf(err)
		}
	}
	return uint64(si.Signo), 0
}

func sysRtSigreturn(t *kernel.Task, _ *[6]uint64) (uint64, abi.Errno) { return 0, t.Sigreturn() }

func sysSigaltstack(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	old := t.AltStack()
	var b [abi.SizeofStackT]byte
	if a[0] != 0 {
		if err := t.MM().CopyIn(a[0], b[:]); err != nil {
			return 0, errnoOf(err)
		}
		var s abi.StackT
		s.Decode(b[:])
		if errno := t.SetAltStack(arch.AltStack{SP: s.SP, Size: s.Size, Flags: s.Flags}); errno != 0 {
			return 0, errno
		}
	}
	if a[1] != 0 {
		s := abi.StackT{SP: old.SP, Size: old.Size, Flags: old.Flags}
		s.Encode(b[:])
		return result(t.MM().CopyOut(a[1], b[:]))
	}
	return 0, 0
}

// sender is the siginfo of a signal that t sends itself or others.
func sender(t *kernel.Task, sig uint64, code int32) (abi.SigInfo, abi.Errno) {
	s := abi.Signal(int32(sig))
	if s != 0 && !s.Valid() {
		return abi.SigInfo{}, abi.EINVAL
	}
	return abi.SigInfo{Signo: s, Code: code, PID: int32(t.Process().PID()), UID: t.Cred().UID}, 0
}

func sysKill(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	si, errno := sender(t, a[1], abi.SI_USER)
	if errno != 0 {
		return 0, errno
	}
	pid := int(int32(a[0]))
	if pid == -1<<31 {
		return 0, abi.ESRCH
	}
	return 0, t.Kill(pid, &si)
}

func sysTkill(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int32(a[0]) <= 0 {
		return 0, abi.EINVAL
	}
	si, errno := sender(t, a[1], abi.SI_TKILL)
	if errno != 0 {
		return 0, errno
	}
	return 0, t.KillThread(-1, int(int32(a[0])), &si)
}

func sysTgkill(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if int32(a[0]) <= 0 || int32(a[1]) <= 0 {
		return 0, abi.EINVAL
	}
	si, errno := sender(t, a[2], abi.SI_TKILL)
	if errno != 0 {
		return 0, errno
	}
	return 0, t.KillThread(int(int32(a[0])), int(int32(a[1])), &si)
}

// queueInfo reads the siginfo of rt_sigqueueinfo(2). Only to itself may a
// process claim that the kernel or kill(2) sent it.
func queueInfo(t *kernel.Task, sig, addr uint64, self bool) (abi.SigInfo, abi.Errno) {
	var b [abi.SizeofSigInfo]byte
	if err := t.MM().CopyIn(addr, b[:]); err != nil {
		return abi.SigInfo{}, errnoOf(err)
	}
	var si abi.SigInfo
	si.Decode(b[:])
	si.Signo = abi.Signal(int32(sig))
	if si.Signo != 0 && !si.Signo.Valid() {
		return si, abi.EINVAL
	}
	if !self && (si.Code >= 0 || si.Code == abi.SI_TKILL) {
		return si, abi.EPERM
	}
	return si, 0
}

func sysRtSigqueueinfo(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	pid := int(int32(a[0]))
	si, errno := queueInfo(t, a[1], a[2], pid == t.Process().PID())
	if errno != 0 {
		return 0, errno
	}
	if pid <= 0 {
		return 0, abi.ESRCH
	}
	return 0, t.Kill(pid, &si)
}

func sysRtTgsigqueueinfo(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	si, errno := queueInfo(t, a[2], a[3], int(int32(a[0])) == t.Process().PID())
	if errno != 0 {
		return 0, errno
	}
	if int32(a[0]) <= 0 || int32(a[1]) <= 0 {
		return 0, abi.EINVAL
	}
	return 0, t.KillThread(int(int32(a[0])), int(int32(a[1])), &si)
}
