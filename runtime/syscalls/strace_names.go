package syscalls

import (
	"fmt"
	"strings"

	"boxer/runtime/abi"
)

// bit is a flag's name.
type bit struct {
	v    uint64
	name string
}

// bits prints a set of flags.
func bits(names []bit, v uint64) string {
	var parts []string
	for _, b := range names {
		if b.v != 0 && v&b.v == b.v {
			parts = append(parts, b.name)
			v &^= b.v
		}
	}
	if v != 0 || len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%#x", v))
	}
	return strings.Join(parts, "|")
}

var openFlags = []bit{
	{abi.O_TMPFILE, "O_TMPFILE"}, {abi.O_SYNC, "O_SYNC"}, {abi.O_CREAT, "O_CREAT"}, {abi.O_EXCL, "O_EXCL"},
	{abi.O_NOCTTY, "O_NOCTTY"}, {abi.O_TRUNC, "O_TRUNC"}, {abi.O_APPEND, "O_APPEND"}, {abi.O_NONBLOCK, "O_NONBLOCK"},
	{abi.O_DSYNC, "O_DSYNC"}, {abi.O_ASYNC, "O_ASYNC"}, {abi.O_DIRECTORY, "O_DIRECTORY"}, {abi.O_NOFOLLOW, "O_NOFOLLOW"},
	{abi.O_DIRECT, "O_DIRECT"}, {abi.O_LARGEFILE, "O_LARGEFILE"}, {abi.O_NOATIME, "O_NOATIME"},
	{abi.O_CLOEXEC, "O_CLOEXEC"}, {abi.O_PATH, "O_PATH"},
}

var atFlags = []bit{
	{abi.AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"}, {abi.AT_REMOVEDIR, "AT_REMOVEDIR"},
	{abi.AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"}, {abi.AT_NO_AUTOMOUNT, "AT_NO_AUTOMOUNT"}, {abi.AT_EMPTY_PATH, "AT_EMPTY_PATH"},
}

var protFlags = []bit{{abi.PROT_READ, "PROT_READ"}, {abi.PROT_WRITE, "PROT_WRITE"}, {abi.PROT_EXEC, "PROT_EXEC"}}

var mapFlags = []bit{
	{abi.MAP_SHARED, "MAP_SHARED"}, {abi.MAP_PRIVATE, "MAP_PRIVATE"}, {abi.MAP_FIXED, "MAP_FIXED"},
	{abi.MAP_ANONYMOUS, "MAP_ANONYMOUS"}, {abi.MAP_GROWSDOWN, "MAP_GROWSDOWN"}, {abi.MAP_DENYWRITE, "MAP_DENYWRITE"},
	{abi.MAP_LOCKED, "MAP_LOCKED"}, {abi.MAP_NORESERVE, "MAP_NORESERVE"}, {abi.MAP_POPULATE, "MAP_POPULATE"},
	{abi.MAP_STACK, "MAP_STACK"}, {abi.MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE"},
}

var cloneFlags = []bit{
	{abi.CLONE_VM, "CLONE_VM"}, {abi.CLONE_FS, "CLONE_FS"}, {abi.CLONE_FILES, "CLONE_FILES"}, {abi.CLONE_SIGHAND, "CLONE_SIGHAND"},
	{abi.CLONE_VFORK, "CLONE_VFORK"}, {abi.CLONE_PARENT, "CLONE_PARENT"}, {abi.CLONE_THREAD, "CLONE_THREAD"},
	{abi.CLONE_SYSVSEM, "CLONE_SYSVSEM"}, {abi.CLONE_SETTLS, "CLONE_SETTLS"}, {abi.CLONE_PARENT_SETTID, "CLONE_PARENT_SETTID"},
	{abi.CLONE_CHILD_CLEARTID, "CLONE_CHILD_CLEARTID"}, {abi.CLONE_CHILD_SETTID, "CLONE_CHILD_SETTID"},
	{abi.CLONE_NEWNS, "CLONE_NEWNS"}, {abi.CLONE_NEWUTS, "CLONE_NEWUTS"}, {abi.CLONE_NEWIPC, "CLONE_NEWIPC"},
	{abi.CLONE_NEWUSER, "CLONE_NEWUSER"}, {abi.CLONE_NEWPID, "CLONE_NEWPID"}, {abi.CLONE_NEWNET, "CLONE_NEWNET"},
}

var sigFlags = []bit{
	{abi.SA_NOCLDSTOP, "SA_NOCLDSTOP"}, {abi.SA_NOCLDWAIT, "SA_NOCLDWAIT"}, {abi.SA_SIGINFO, "SA_SIGINFO"},
	{abi.SA_RESTORER, "SA_RESTORER"}, {abi.SA_ONSTACK, "SA_ONSTACK"}, {abi.SA_RESTART, "SA_RESTART"},
	{abi.SA_NODEFER, "SA_NODEFER"}, {abi.SA_RESETHAND, "SA_RESETHAND"},
}

var waitOpts = []bit{
	{abi.WNOHANG, "WNOHANG"}, {abi.WSTOPPED, "WSTOPPED"}, {abi.WEXITED, "WEXITED"}, {abi.WCONTINUED, "WCONTINUED"},
	{abi.WNOWAIT, "WNOWAIT"}, {abi.WALL, "__WALL"}, {abi.WCLONE, "__WCLONE"},
}

// enums are the arguments that are one of a list of names.
var enums = map[kind]map[uint64]string{
	kWhence: {0: "SEEK_SET", 1: "SEEK_CUR", 2: "SEEK_END", 3: "SEEK_DATA", 4: "SEEK_HOLE"},
	kClock: {0: "CLOCK_REALTIME", 1: "CLOCK_MONOTONIC", 2: "CLOCK_PROCESS_CPUTIME_ID", 3: "CLOCK_THREAD_CPUTIME_ID",
		4: "CLOCK_MONOTONIC_RAW", 5: "CLOCK_REALTIME_COARSE", 6: "CLOCK_MONOTONIC_COARSE", 7: "CLOCK_BOOTTIME"},
	kFcntlCmd: {0: "F_DUPFD", 1: "F_GETFD", 2: "F_SETFD", 3: "F_GETFL", 4: "F_SETFL", 5: "F_GETLK", 6: "F_SETLK",
		7: "F_SETLKW", 8: "F_SETOWN", 9: "F_GETOWN", 36: "F_OFD_GETLK", 37: "F_OFD_SETLK", 38: "F_OFD_SETLKW",
		1030: "F_DUPFD_CLOEXEC", 1031: "F_SETPIPE_SZ", 1032: "F_GETPIPE_SZ", 1033: "F_ADD_SEALS", 1034: "F_GET_SEALS"},
	kIoctlReq: {abi.TCGETS: "TCGETS", abi.TCSETS: "TCSETS", abi.TCSETSW: "TCSETSW", abi.TCSETSF: "TCSETSF",
		abi.TIOCGPGRP: "TIOCGPGRP", abi.TIOCSPGRP: "TIOCSPGRP", abi.TIOCGWINSZ: "TIOCGWINSZ", abi.TIOCSWINSZ: "TIOCSWINSZ",
		abi.TIOCSCTTY: "TIOCSCTTY", abi.TIOCNOTTY: "TIOCNOTTY", abi.TIOCGSID: "TIOCGSID", abi.FIONREAD: "FIONREAD",
		abi.FIONBIO: "FIONBIO", abi.FIOCLEX: "FIOCLEX", abi.FIONCLEX: "FIONCLEX", abi.TCGETS2: "TCGETS2"},
	kEpollOp: {1: "EPOLL_CTL_ADD", 2: "EPOLL_CTL_DEL", 3: "EPOLL_CTL_MOD"},
	kSigHow:  {0: "SIG_BLOCK", 1: "SIG_UNBLOCK", 2: "SIG_SETMASK"},
	kResource: {0: "RLIMIT_CPU", 1: "RLIMIT_FSIZE", 2: "RLIMIT_DATA", 3: "RLIMIT_STACK", 4: "RLIMIT_CORE", 5: "RLIMIT_RSS",
		6: "RLIMIT_NPROC", 7: "RLIMIT_NOFILE", 8: "RLIMIT_MEMLOCK", 9: "RLIMIT_AS", 10: "RLIMIT_LOCKS",
		11: "RLIMIT_SIGPENDING", 12: "RLIMIT_MSGQUEUE", 13: "RLIMIT_NICE", 14: "RLIMIT_RTPRIO", 15: "RLIMIT_RTTIME"},
	kPrctlOp: {1: "PR_SET_PDEATHSIG", 2: "PR_GET_PDEATHSIG", 3: "PR_GET_DUMPABLE", 4: "PR_SET_DUMPABLE", 15: "PR_SET_NAME",
		16: "PR_GET_NAME", 23: "PR_CAPBSET_READ", 36: "PR_SET_CHILD_SUBREAPER", 38: "PR_SET_NO_NEW_PRIVS",
		39: "PR_GET_NO_NEW_PRIVS", 41: "PR_SET_THP_DISABLE", 47: "PR_CAP_AMBIENT", abi.PR_SET_VMA: "PR_SET_VMA"},
	kFamily: {1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK", 17: "AF_PACKET"},
	kAccess: {0: "F_OK", 1: "X_OK", 2: "W_OK", 3: "W_OK|X_OK", 4: "R_OK", 5: "R_OK|X_OK", 6: "R_OK|W_OK", 7: "R_OK|W_OK|X_OK"},
}

var futexOps = [...]string{"FUTEX_WAIT", "FUTEX_WAKE", "FUTEX_FD", "FUTEX_REQUEUE", "FUTEX_CMP_REQUEUE", "FUTEX_WAKE_OP",
	"FUTEX_LOCK_PI", "FUTEX_UNLOCK_PI", "FUTEX_TRYLOCK_PI", "FUTEX_WAIT_BITSET", "FUTEX_WAKE_BITSET",
	"FUTEX_WAIT_REQUEUE_PI", "FUTEX_CMP_REQUEUE_PI", "FUTEX_LOCK_PI2"}

// named prints an argument that has names; ok is false for other kinds and
// for values without one.
func named(k kind, v uint64) (s string, ok bool) {
	switch k {
	case kOpenFlags:
		mode := [...]string{"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"}[v&abi.O_ACCMODE]
		if v &^= abi.O_ACCMODE; uint32(v) != 0 {
			mode += "|" + bits(openFlags, uint64(uint32(v)))
		}
		return mode, true
	case kFDFlags:
		if v == 0 {
			return "0", true
		}
		return bits(openFlags, uint64(uint32(v))), true
	case kAtFlags:
		if v == 0 {
			return "0", true
		}
		return bits(atFlags, v), true
	case kProt:
		if v == 0 {
			return "PROT_NONE", true
		}
		return bits(protFlags, v), true
	case kMapFlags:
		return bits(mapFlags, v), true
	case kCloneFlags:
		sig := abi.Signal(v & abi.CSIGNAL)
		switch {
		case sig == 0:
			return bits(cloneFlags, v), true
		case v == uint64(sig):
			return sig.String(), true
		}
		return bits(cloneFlags, v&^abi.CSIGNAL) + "|" + sig.String(), true
	case kWaitOpts:
		if v == 0 {
			return "0", true
		}
		return bits(waitOpts, v), true
	case kFutexOp:
		op := v &^ (abi.FUTEX_PRIVATE_FLAG | abi.FUTEX_CLOCK_REALTIME)
		if op >= uint64(len(futexOps)) {
			return "", false
		}
		s := futexOps[op]
		if v&abi.FUTEX_PRIVATE_FLAG != 0 {
			s += "_PRIVATE"
		}
		if v&abi.FUTEX_CLOCK_REALTIME != 0 {
			s += "|FUTEX_CLOCK_REALTIME"
		}
		return s, true
	case kSig:
		return abi.Signal(int32(v)).String(), true
	}
	s, ok = enums[k][v]
	return s, ok
}
