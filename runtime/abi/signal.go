package abi

import "encoding/binary"

// Signal is a signal number (signal(7)), 1 to 64. Zero means none.
type Signal int

// The standard signals as arm64 Linux numbers them.
const (
	SIGHUP    Signal = 1
	SIGINT    Signal = 2
	SIGQUIT   Signal = 3
	SIGILL    Signal = 4
	SIGTRAP   Signal = 5
	SIGABRT   Signal = 6
	SIGBUS    Signal = 7
	SIGFPE    Signal = 8
	SIGKILL   Signal = 9
	SIGUSR1   Signal = 10
	SIGSEGV   Signal = 11
	SIGUSR2   Signal = 12
	SIGPIPE   Signal = 13
	SIGALRM   Signal = 14
	SIGTERM   Signal = 15
	SIGSTKFLT Signal = 16
	SIGCHLD   Signal = 17
	SIGCONT   Signal = 18
	SIGSTOP   Signal = 19
	SIGTSTP   Signal = 20
	SIGTTIN   Signal = 21
	SIGTTOU   Signal = 22
	SIGURG    Signal = 23
	SIGXCPU   Signal = 24
	SIGXFSZ   Signal = 25
	SIGVTALRM Signal = 26
	SIGPROF   Signal = 27
	SIGWINCH  Signal = 28
	SIGIO     Signal = 29
	SIGPWR    Signal = 30
	SIGSYS    Signal = 31
	SIGRTMIN  Signal = 32
	SIGRTMAX  Signal = 64
)

var signalNames = [...]string{"SIG_0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS",
	"SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD",
	"SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF",
	"SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS"}

// String returns the name as signal(7) has it, "SIGRT_n" for real-time ones.
func (s Signal) String() string {
	switch {
	case s >= 0 && int(s) < len(signalNames):
		return signalNames[s]
	case s.Valid():
		return "SIGRT_" + itoa(int(s-SIGRTMIN))
	}
	return itoa(int(s))
}

// Valid reports whether s is between 1 and 64.
func (s Signal) Valid() bool { return s >= 1 && s <= SIGRTMAX }

// Realtime reports whether instances of s queue up instead of merging.
func (s Signal) Realtime() bool { return s >= SIGRTMIN }

// Bit is s as a member of a SigSet.
func (s Signal) Bit() SigSet { return 1 << (uint(s) - 1) }

// SigSet is the kernel's sigset_t: bit n−1 stands for signal n.
type SigSet uint64

// Has reports whether s is in the set.
func (m SigSet) Has(s Signal) bool { return m&s.Bit() != 0 }

// Unblockable holds the signals that no mask can hold back.
const Unblockable = SigSet(1<<(SIGKILL-1) | 1<<(SIGSTOP-1))

// Values of sa_handler (sigaction(2)).
const (
	SIG_DFL = 0
	SIG_IGN = 1
)

// Flags of sigaction(2).
const (
	SA_NOCLDSTOP = 0x00000001
	SA_NOCLDWAIT = 0x00000002
	SA_SIGINFO   = 0x00000004
	SA_RESTORER  = 0x04000000
	SA_ONSTACK   = 0x08000000
	SA_RESTART   = 0x10000000
	SA_NODEFER   = 0x40000000
	SA_RESETHAND = 0x80000000
)

// how arguments of rt_sigprocmask(2).
const (
	SIG_BLOCK   = 0
	SIG_UNBLOCK = 1
	SIG_SETMASK = 2
)

// Flags of sigaltstack(2).
const (
	SS_ONSTACK    = 1
	SS_DISABLE    = 2
	SS_AUTODISARM = 0x80000000
	MINSIGSTKSZ   = 5120 // arm64's; larger than other machines' for SVE
)

// Values of si_code (sigaction(2)).
const (
	SI_USER       = 0
	SI_KERNEL     = 0x80
	SI_QUEUE      = -1
	SI_TIMER      = -2
	SI_TKILL      = -6
	ILL_ILLOPC    = 1
	FPE_INTDIV    = 1
	SEGV_MAPERR   = 1
	SEGV_ACCERR   = 2
	BUS_ADRALN    = 1
	BUS_ADRERR    = 2
	TRAP_BRKPT    = 1
	CLD_EXITED    = 1
	CLD_KILLED    = 2
	CLD_DUMPED    = 3
	CLD_TRAPPED   = 4
	CLD_STOPPED   = 5
	CLD_CONTINUED = 6
)

// SigAction is the kernel's struct sigaction.
type SigAction struct {
	Handler  uint64
	Flags    uint64
	Restorer uint64
	Mask     SigSet
}

// SizeofSigAction is the size of the kernel's struct sigaction on arm64.
const SizeofSigAction = 32

// Decode reads the structure from b[:32].
func (a *SigAction) Decode(b []byte) {
	a.Handler = binary.LittleEndian.Uint64(b)
	a.Flags = binary.LittleEndian.Uint64(b[8:])
	a.Restorer = binary.LittleEndian.Uint64(b[16:])
	a.Mask = SigSet(binary.LittleEndian.Uint64(b[24:]))
}

// Encode writes the structure to b[:32].
func (a *SigAction) Encode(b []byte) {
	binary.LittleEndian.PutUint64(b, a.Handler)
	binary.LittleEndian.PutUint64(b[8:], a.Flags)
	binary.LittleEndian.PutUint64(b[16:], a.Restorer)
	binary.LittleEndian.PutUint64(b[24:], uint64(a.Mask))
}

// StackT is stack_t of sigaltstack(2).
type StackT struct {
	SP    uint64
	Flags uint32
	Size  uint64
}

// SizeofStackT is the size of stack_t on 64-bit machines.
const SizeofStackT = 24

// Decode reads the structure from b[:24].
func (s *StackT) Decode(b []byte) {
	s.SP = binary.LittleEndian.Uint64(b)
	s.Flags = binary.LittleEndian.Uint32(b[8:])
	s.Size = binary.LittleEndian.Uint64(b[16:])
}

// Encode writes the structure to b[:24].
func (s *StackT) Encode(b []byte) {
	binary.LittleEndian.PutUint64(b, s.SP)
	binary.LittleEndian.PutUint32(b[8:], s.Flags)
	binary.LittleEndian.PutUint32(b[12:], 0)
	binary.LittleEndian.PutUint64(b[16:], s.Size)
}

// SizeofSigInfo is the size of siginfo_t.
const SizeofSigInfo = 128

// SigInfo is siginfo_t without its unions: which fields count depends on Code
// and Signo, as sigaction(2) describes.
type SigInfo struct {
	Signo  Signal
	Errno  int32
	Code   int32
	PID    int32  // sender or child; the timer's id for SI_TIMER
	UID    uint32 // sender or child; the overrun count for SI_TIMER
	Status int32  // SIGCHLD
	Addr   uint64 // SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP
	Value  uint64 // sigval of SI_QUEUE and SI_TIMER
	UTime  int64  // SIGCHLD, in clock ticks
	STime  int64
}

// fault reports whether the _sigfault member of the union is in use.
func (si *SigInfo) fault() bool {
	if si.Code <= 0 || si.Code == SI_KERNEL {
		return false
	}
	switch si.Signo {
	case SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP:
		return true
	}
	return false
}

// Encode writes the structure to b[:128] as the 64-bit ABI lays it out.
func (si *SigInfo) Encode(b []byte) {
	le := binary.LittleEndian
	clear(b[:SizeofSigInfo])
	le.PutUint32(b, uint32(si.Signo))
	le.PutUint32(b[4:], uint32(si.Errno))
	le.PutUint32(b[8:], uint32(si.Code))
	switch {
	case si.fault():
		le.PutUint64(b[16:], si.Addr)
	case si.Signo == SIGCHLD && si.Code > 0:
		le.PutUint32(b[16:], uint32(si.PID))
		le.PutUint32(b[20:], si.UID)
		le.PutUint32(b[24:], uint32(si.Status))
		le.PutUint64(b[32:], uint64(si.UTime))
		le.PutUint64(b[40:], uint64(si.STime))
	default:
		le.PutUint32(b[16:], uint32(si.PID))
		le.PutUint32(b[20:], si.UID)
		le.PutUint64(b[24:], si.Value)
	}
}

// Decode reads what a program passes to rt_sigqueueinfo(2).
func (si *SigInfo) Decode(b []byte) {
	le := binary.LittleEndian
	*si = SigInfo{
		Signo: Signal(le.Uint32(b)),
		Errno: int32(le.Uint32(b[4:])),
		Code:  int32(le.Uint32(b[8:])),
		PID:   int32(le.Uint32(b[16:])),
		UID:   le.Uint32(b[20:]),
		Value: le.Uint64(b[24:]),
	}
}

// SizeofSigEvent is the size of struct sigevent (timer_create(2)).
const SizeofSigEvent = 64

// Values of sigev_notify.
const (
	SIGEV_SIGNAL    = 0
	SIGEV_NONE      = 1
	SIGEV_THREAD    = 2
	SIGEV_THREAD_ID = 4
)

func itoa(n int) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
