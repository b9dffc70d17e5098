package syscalls

import (
	"fmt"
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/knob"
	"boxer/runtime/mm"
)

var strace = knob.New("strace", "print each system call, as strace(1) does")

// kind says how an argument is printed. Those that the call fills in are
// printed when it has returned, and are addresses if it failed.
type kind uint8

const (
	kInt         kind = iota // 32-bit signed decimal
	kHex                     // hexadecimal
	kPtr                     // address, NULL
	kSize                    // 64-bit signed decimal
	kFD                      // descriptor
	kAtFD                    // descriptor or AT_FDCWD
	kPath                    // string
	kStr                     // string
	kInBuf                   // bytes; the next argument is their number
	kOutBuf                  // bytes; the result is their number
	kOutStr                  // string that the call writes
	kStrings                 // argv
	kEnvp                    // environment: only its size
	kIovec                   // struct iovec; the next argument is their number
	kMode                    // octal
	kCreateMode              // octal, if the flags before say that a file is made
	kOpenFlags               //
	kFDFlags                 // O_CLOEXEC, O_NONBLOCK
	kAtFlags                 //
	kAccess                  //
	kWhence                  //
	kProt                    //
	kMapFlags                //
	kCloneFlags              //
	kFutexOp                 //
	kFcntlCmd                //
	kIoctlReq                //
	kEpollOp                 //
	kEpollEvent              // struct epoll_event
	kClock                   //
	kTimespec                // struct timespec
	kOutTimespec             // struct timespec that the call writes
	kSig                     //
	kSigHow                  //
	kSigset                  // sigset_t
	kSigaction               // struct sigaction
	kStat                    // struct stat that the call writes
	kFDPair                  // two descriptors that the call writes
	kPollFDs                 // struct pollfd; the next argument is their number
	kWaitStatus              // status that the call writes
	kWaitOpts                //
	kResource                //
	kPrctlOp                 //
	kFamily                  //
)

// maxShown is how many bytes of a buffer are printed.
const maxShown = 32

// traced serves a call and prints it: one line when it completes. A call that
// parks is printed twice, as strace(1) does for those it sees interrupted.
func traced(t *kernel.Task, r *row, a *[6]uint64) (uint64, abi.Errno) {
	first := t.Sys().Attempt == 0 || r.class&kernel.Unlocked != 0
	// What the call changes or never returns from is looked at before.
	before := ""
	if first {
		before = arguments(t, r, a, false, 0)
	}
	ret, errno := r.serve(t, a)
	k := t.Kernel()
	switch {
	case errno == kernel.Blocked:
		if first {
			k.Logf("[%d] %s(%s <unfinished ...>", t.TID(), r.name, before)
		}
	case errno == kernel.NoReturn:
		k.Logf("[%d] %s(%s) = ?", t.TID(), r.name, before)
	case first && errno != 0:
		k.Logf("[%d] %s(%s) = %s", t.TID(), r.name, before, outcome(ret, errno, r))
	case first:
		k.Logf("[%d] %s(%s) = %s", t.TID(), r.name, arguments(t, r, a, true, ret), outcome(ret, errno, r))
	default:
		k.Logf("[%d] <... %s resumed> %s) = %s", t.TID(), r.name, arguments(t, r, a, errno == 0, ret), outcome(ret, errno, r))
	}
	return ret, errno
}

// outcome prints a result.
func outcome(ret uint64, errno abi.Errno, r *row) string {
	switch errno {
	case 0:
	case kernel.ERESTARTSYS, kernel.ERESTARTNOHAND, kernel.ERESTARTNOINTR:
		return "? ERESTARTSYS (to be restarted, or EINTR)"
	default:
		return "-1 " + errno.Name() + " (" + errno.Error() + ")"
	}
	switch r.name {
	case "mmap", "brk", "mremap", "shmat":
		return fmt.Sprintf("%#x", ret)
	}
	return fmt.Sprint(int64(ret))
}

// arguments prints the arguments; done says that the call has succeeded with
// ret, so that what it wrote can be shown.
func arguments(t *kernel.Task, r *row, a *[6]uint64, done bool, ret uint64) string {
	var b strings.Builder
	for i, k := range r.args {
		if k == kCreateMode && i > 0 && a[i-1]&(abi.O_CREAT|abi.O_TMPFILE&^abi.O_DIRECTORY) == 0 {
			continue
		}
		if i > 0 {
			b.WriteString(", ")
		}
		next := uint64(0)
		if i < 5 {
			next = a[i+1]
		}
		b.WriteString(argument(t.MM(), k, a[i], next, done, ret))
	}
	return b.String()
}

func argument(m *mm.Space, k kind, v, next uint64, done bool, ret uint64) string {
	switch k {
	case kInt, kFD:
		return fmt.Sprint(int32(v))
	case kSize:
		return fmt.Sprint(int64(v))
	case kHex:
		return fmt.Sprintf("%#x", v)
	case kAtFD:
		if int32(v) == abi.AT_FDCWD {
			return "AT_FDCWD"
		}
		return fmt.Sprint(int32(v))
	case kMode, kCreateMode:
		return fmt.Sprintf("0%o", uint32(v))
	}
	if s, ok := named(k, v); ok {
		return s
	}
	if v == 0 {
		return "NULL"
	}
	if s, ok := memory(m, k, v, next, done, ret); ok {
		return s
	}
	return fmt.Sprintf("%#x", v)
}

// memory prints what lies at v.
func memory(m *mm.Space, k kind, v, next uint64, done bool, ret uint64) (string, bool) {
	switch k {
	case kPath, kStr:
		return quotedString(m, v)
	case kOutStr:
		if done {
			return quotedString(m, v)
		}
	case kInBuf:
		return quotedBytes(m, v, next)
	case kOutBuf:
		if done && next > 0 {
			return quotedBytes(m, v, ret)
		}
	case kStrings, kEnvp:
		return stringsAt(m, v, k == kEnvp)
	case kIovec:
		return fmt.Sprintf("%#x", v), true
	case kTimespec:
		return timespecAt(m, v)
	case kOutTimespec:
		if done {
			return timespecAt(m, v)
		}
	case kSigset:
		if set, err := m.ReadU64(v); err == nil {
			return setString(abi.SigSet(set)), true
		}
	case kSigaction:
		var b [abi.SizeofSigAction]byte
		if m.CopyIn(v, b[:]) == nil {
			var s abi.SigAction
			s.Decode(b[:])
			h := fmt.Sprintf("%#x", s.Handler)
			if s.Handler < 2 {
				h = [...]string{"SIG_DFL", "SIG_IGN"}[s.Handler]
			}
			return fmt.Sprintf("{sa_handler=%s, sa_mask=%s, sa_flags=%s}", h, setString(s.Mask), bits(sigFlags, s.Flags)), true
		}
	case kStat:
		if b := [abi.StatSize]byte{}; done && m.CopyIn(v, b[:]) == nil {
			return fmt.Sprintf("{st_mode=0%o, st_size=%d, ...}", le32(b[16:]), int64(le64(b[48:]))), true
		}
	case kFDPair:
		if p, err := m.ReadU64(v); done && err == nil {
			return fmt.Sprintf("[%d, %d]", int32(p), int32(p>>32)), true
		}
	case kWaitStatus:
		if s, err := m.ReadU32(v); done && err == nil {
			return waitString(abi.WaitStatus(s)), true
		}
	case kPollFDs:
		return pollString(m, v, next, done)
	case kEpollEvent:
		var b [abi.SizeofEpollEvent]byte
		if m.CopyIn(v, b[:]) == nil {
			return fmt.Sprintf("{events=%#x, data=%#x}", le32(b[:]), le64(b[8:])), true
		}
	}
	return "", false
}

func quotedString(m *mm.Space, addr uint64) (string, bool) {
	s, err := m.ReadString(addr, abi.PathMax)
	if err != nil {
		return "", false
	}
	return fmt.Sprintf("%q", s), true
}

func quotedBytes(m *mm.Space, addr, n uint64) (string, bool) {
	b := make([]byte, min(n, maxShown))
	if m.CopyIn(addr, b) != nil {
		return "", false
	}
	s := fmt.Sprintf("%q", b)
	if n > maxShown {
		s += "..."
	}
	return s, true
}

func stringsAt(m *mm.Space, addr uint64, count bool) (string, bool) {
	const most = 32
	var b strings.Builder
	n := 0
	for ; n < 1<<16; n++ {
		p, err := m.ReadU64(addr + uint64(n)*8)
		if err != nil {
			return "", false
		}
		if p == 0 {
			break
		}
		if count || n > most {
			continue
		}
		if n > 0 {
			b.WriteString(", ")
		}
		if n == most {
			b.WriteString("...")
			continue
		}
		if s, ok := quotedString(m, p); ok {
			b.WriteString(s)
		} else {
			fmt.Fprintf(&b, "%#x", p)
		}
	}
	if count {
		return fmt.Sprintf("%#x /* %d vars */", addr, n), true
	}
	return "[" + b.String() + "]", true
}

func timespecAt(m *mm.Space, addr uint64) (string, bool) {
	var b [abi.SizeofTimespec]byte
	if m.CopyIn(addr, b[:]) != nil {
		return "", false
	}
	return fmt.Sprintf("{tv_sec=%d, tv_nsec=%d}", int64(le64(b[:])), int64(le64(b[8:]))), true
}

func setString(set abi.SigSet) string {
	if set == ^abi.SigSet(0) {
		return "~[]"
	}
	var names []string
	for s := abi.Signal(1); s <= abi.SIGRTMAX; s++ {
		if set.Has(s) {
			names = append(names, strings.TrimPrefix(s.String(), "SIG"))
		}
	}
	return "[" + strings.Join(names, " ") + "]"
}

func waitString(s abi.WaitStatus) string {
	switch {
	case s == abi.ContinuedStatus:
		return "[{WIFCONTINUED(s)}]"
	case s.Exited():
		return fmt.Sprintf("[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", s.ExitCode())
	case s.Signal() != 0:
		return fmt.Sprintf("[{WIFSIGNALED(s) && WTERMSIG(s) == %v}]", s.Signal())
	}
	return fmt.Sprintf("[{WIFSTOPPED(s) && WSTOPSIG(s) == %v}]", abi.Signal(s>>8))
}

func pollString(m *mm.Space, addr, n uint64, done bool) (string, bool) {
	var out []string
	for i := range min(n, 8) {
		var b [abi.SizeofPollFD]byte
		if m.CopyIn(addr+i*abi.SizeofPollFD, b[:]) != nil {
			return "", false
		}
		s := fmt.Sprintf("{fd=%d, events=%#x", int32(le32(b[:])), le16(b[4:]))
		if done {
			s += fmt.Sprintf(", revents=%#x", le16(b[6:]))
		}
		out = append(out, s+"}")
	}
	if n > 8 {
		out = append(out, "...")
	}
	return "[" + strings.Join(out, ", ") + "]", true
}
