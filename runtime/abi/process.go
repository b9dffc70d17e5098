package abi

import "encoding/binary"

// Flags of clone(2).
const (
	CSIGNAL              = 0x000000ff
	CLONE_VM             = 0x00000100
	CLONE_FS             = 0x00000200
	CLONE_FILES          = 0x00000400
	CLONE_SIGHAND        = 0x00000800
	CLONE_PIDFD          = 0x00001000
	CLONE_PTRACE         = 0x00002000
	CLONE_VFORK          = 0x00004000
	CLONE_PARENT         = 0x00008000
	CLONE_THREAD         = 0x00010000
	CLONE_NEWNS          = 0x00020000
	CLONE_SYSVSEM        = 0x00040000
	CLONE_SETTLS         = 0x00080000
	CLONE_PARENT_SETTID  = 0x00100000
	CLONE_CHILD_CLEARTID = 0x00200000
	CLONE_DETACHED       = 0x00400000
	CLONE_UNTRACED       = 0x00800000
	CLONE_CHILD_SETTID   = 0x01000000
	CLONE_NEWCGROUP      = 0x02000000
	CLONE_NEWUTS         = 0x04000000
	CLONE_NEWIPC         = 0x08000000
	CLONE_NEWUSER        = 0x10000000
	CLONE_NEWPID         = 0x20000000
	CLONE_NEWNET         = 0x40000000
	CLONE_IO             = 0x80000000
	CLONE_CLEAR_SIGHAND  = 0x100000000
	CLONE_INTO_CGROUP    = 0x200000000

	// CLONE_NEW asks for a namespace of any kind.
	CLONE_NEW = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET
)

// Options of wait4(2) and waitid(2).
const (
	WNOHANG    = 0x00000001
	WUNTRACED  = 0x00000002
	WSTOPPED   = WUNTRACED
	WEXITED    = 0x00000004
	WCONTINUED = 0x00000008
	WNOWAIT    = 0x01000000
	WNOTHREAD  = 0x20000000
	WALL       = 0x40000000
	WCLONE     = 0x80000000
)

// idtype of waitid(2).
const (
	P_ALL   = 0
	P_PID   = 1
	P_PGID  = 2
	P_PIDFD = 3
)

// WaitStatus is the status word of wait4(2).
type WaitStatus uint32

// ExitedStatus is the status of a process that called exit with code.
func ExitedStatus(code int) WaitStatus { return WaitStatus(code&0xff) << 8 }

// KilledStatus is the status of a process that sig ended.
func KilledStatus(sig Signal) WaitStatus { return WaitStatus(sig) & 0x7f }

// StoppedStatus is the status of a process that sig stopped.
func StoppedStatus(sig Signal) WaitStatus { return WaitStatus(sig)<<8 | 0x7f }

// ContinuedStatus is the status of a process that SIGCONT resumed.
const ContinuedStatus WaitStatus = 0xffff

// Exited reports whether the process ended by exit.
func (w WaitStatus) Exited() bool { return w&0x7f == 0 }

// ExitCode is the argument of exit.
func (w WaitStatus) ExitCode() int { return int(w>>8) & 0xff }

// Signal is the signal that ended the process, or 0.
func (w WaitStatus) Signal() Signal {
	if s := w & 0x7f; s != 0x7f {
		return Signal(s)
	}
	return 0
}

// Rusage is struct rusage of getrusage(2), times in nanoseconds.
type Rusage struct {
	UTime, STime   int64
	MaxRSS         int64 // KiB
	MinFlt, MajFlt int64
	NVCSw, NIvCSw  int64
}

// SizeofRusage is the size of struct rusage on 64-bit machines.
const SizeofRusage = 144

// Encode writes the structure to b[:144].
func (r *Rusage) Encode(b []byte) {
	le := binary.LittleEndian
	clear(b[:SizeofRusage])
	le.PutUint64(b, uint64(r.UTime/1e9))
	le.PutUint64(b[8:], uint64(r.UTime%1e9/1e3))
	le.PutUint64(b[16:], uint64(r.STime/1e9))
	le.PutUint64(b[24:], uint64(r.STime%1e9/1e3))
	le.PutUint64(b[32:], uint64(r.MaxRSS))
	le.PutUint64(b[64:], uint64(r.MinFlt))
	le.PutUint64(b[72:], uint64(r.MajFlt))
	le.PutUint64(b[128:], uint64(r.NVCSw))
	le.PutUint64(b[136:], uint64(r.NIvCSw))
}

// who argument of getrusage(2).
const (
	RUSAGE_SELF     = 0
	RUSAGE_CHILDREN = -1
	RUSAGE_THREAD   = 1
)

// Resources of getrlimit(2).
const (
	RLIMIT_CPU        = 0
	RLIMIT_FSIZE      = 1
	RLIMIT_DATA       = 2
	RLIMIT_STACK      = 3
	RLIMIT_CORE       = 4
	RLIMIT_RSS        = 5
	RLIMIT_NPROC      = 6
	RLIMIT_NOFILE     = 7
	RLIMIT_MEMLOCK    = 8
	RLIMIT_AS         = 9
	RLIMIT_LOCKS      = 10
	RLIMIT_SIGPENDING = 11
	RLIMIT_MSGQUEUE   = 12
	RLIMIT_NICE       = 13
	RLIMIT_RTPRIO     = 14
	RLIMIT_RTTIME     = 15
	RLIM_NLIMITS      = 16
	RLIM_INFINITY     = ^uint64(0)
)

// Rlimit is struct rlimit64.
type Rlimit struct{ Cur, Max uint64 }

// Options of prctl(2).
const (
	PR_SET_PDEATHSIG        = 1
	PR_GET_PDEATHSIG        = 2
	PR_GET_DUMPABLE         = 3
	PR_SET_DUMPABLE         = 4
	PR_GET_KEEPCAPS         = 7
	PR_SET_KEEPCAPS         = 8
	PR_SET_NAME             = 15
	PR_GET_NAME             = 16
	PR_GET_SECCOMP          = 21
	PR_CAPBSET_READ         = 23
	PR_CAPBSET_DROP         = 24
	PR_GET_SECUREBITS       = 27
	PR_SET_TIMERSLACK       = 29
	PR_GET_TIMERSLACK       = 30
	PR_SET_CHILD_SUBREAPER  = 36
	PR_GET_CHILD_SUBREAPER  = 37
	PR_SET_NO_NEW_PRIVS     = 38
	PR_GET_NO_NEW_PRIVS     = 39
	PR_GET_TID_ADDRESS      = 40
	PR_SET_THP_DISABLE      = 41
	PR_GET_THP_DISABLE      = 42
	PR_CAP_AMBIENT          = 47
	PR_GET_TAGGED_ADDR_CTRL = 56
	PR_SET_VMA              = 0x53564d41
)

// Operations of futex(2).
const (
	FUTEX_WAIT            = 0
	FUTEX_WAKE            = 1
	FUTEX_FD              = 2
	FUTEX_REQUEUE         = 3
	FUTEX_CMP_REQUEUE     = 4
	FUTEX_WAKE_OP         = 5
	FUTEX_LOCK_PI         = 6
	FUTEX_UNLOCK_PI       = 7
	FUTEX_TRYLOCK_PI      = 8
	FUTEX_WAIT_BITSET     = 9
	FUTEX_WAKE_BITSET     = 10
	FUTEX_WAIT_REQUEUE_PI = 11
	FUTEX_CMP_REQUEUE_PI  = 12
	FUTEX_LOCK_PI2        = 13
	FUTEX_PRIVATE_FLAG    = 128
	FUTEX_CLOCK_REALTIME  = 256

	FUTEX_BITSET_MATCH_ANY = 0xffffffff

	// Bits of a robust futex's word (get_robust_list(2)).
	FUTEX_WAITERS    = 0x80000000
	FUTEX_OWNER_DIED = 0x40000000
	FUTEX_TID_MASK   = 0x3fffffff
)

// Utsname is struct new_utsname of uname(2): six fields of 65 bytes.
type Utsname struct {
	Sysname, Nodename, Release, Version, Machine, Domainname string
}

// SizeofUtsname is the size of struct new_utsname.
const SizeofUtsname = 6 * 65

// Encode writes the structure to b[:390].
func (u *Utsname) Encode(b []byte) {
	clear(b[:SizeofUtsname])
	for i, s := range [...]string{u.Sysname, u.Nodename, u.Release, u.Version, u.Machine, u.Domainname} {
		copy(b[i*65:i*65+64], s)
	}
}

// SizeofSysinfo is the size of struct sysinfo on 64-bit machines.
const SizeofSysinfo = 112

// Sysinfo is struct sysinfo of sysinfo(2), sizes in bytes.
type Sysinfo struct {
	Uptime              int64
	Loads               [3]uint64
	TotalRAM, FreeRAM   uint64
	SharedRAM, BufRAM   uint64
	TotalSwap, FreeSwap uint64
	Procs               uint16
}

// Encode writes the structure to b[:112].
func (s *Sysinfo) Encode(b []byte) {
	le := binary.LittleEndian
	clear(b[:SizeofSysinfo])
	le.PutUint64(b, uint64(s.Uptime))
	for i, l := range s.Loads {
		le.PutUint64(b[8+8*i:], l)
	}
	for i, v := range [...]uint64{s.TotalRAM, s.FreeRAM, s.SharedRAM, s.BufRAM, s.TotalSwap, s.FreeSwap} {
		le.PutUint64(b[32+8*i:], v)
	}
	le.PutUint16(b[80:], s.Procs)
	le.PutUint32(b[104:], 1) // mem_unit
}
