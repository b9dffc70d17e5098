package kernel

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/mm"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
)

// Config is what a box's kernel is made of. Fields without a default are
// required.
type Config struct {
	// Machine is the guest's instruction set.
	Machine arch.Machine
	// NewSpace makes the empty address space of a program that execve starts.
	NewSpace func() (*mm.Space, error)
	// NewCPU makes the CPU of an address space. The kernel closes it.
	NewCPU func(*mm.Space) (arch.CPU, error)
	// NewWASI makes the CPU of a program that is a WebAssembly module, in an
	// address space from NewSpace. Its Regs are whatever it returns beside
	// it. nil: such programs are refused with ENOEXEC.
	NewWASI func(*mm.Space, WASIProgram) (arch.CPU, arch.Regs, error)
	// Syscalls decodes and serves system calls.
	Syscalls Dispatcher
	// Files is the box's mount table. The kernel mounts its own /proc, /sys and /dev.
	Files *wasmfs.Namespace

	// Clock, Random and Fuel are all that a guest can observe of time, chance
	// and scheduling. Random is required: crypto/rand's Reader, or a page's own
	// source, since crypto/rand is 45 KB of a page's core (brotli). nil or 0 of
	// the others: the host's clock, slices that adapt to about Slice.
	Clock  Clock
	Random io.Reader
	Fuel   int64

	// Serial runs all processes by turns in the goroutine that calls Run, as
	// a page must; otherwise each address space has a goroutine of its own.
	// Yield, if not nil, is then called about once a slice.
	Serial bool
	Yield  func()
	// Idle, if not nil, is called instead of waiting where, in a Serial kernel, nothing can run. next is when
	// the Clock will have something to do, 0 if nothing is armed. When it returns the kernel looks
	// again. It is called without the kernel lock.
	Idle func(next int64)

	// Host, if not nil, is a host where a file may not be there yet, and where
	// nothing may wait while guest code is on the stack: a page.
	Host Host

	// Slice is how long guest code should run before another thread of its
	// space, or with Serial another process, gets a turn; default SliceTime.
	Slice time.Duration

	// Keep makes a box that lives until Kill, whatever runs in it, unless a
	// program was started with Exec.Init. Otherwise the first program is the
	// box's process 1.
	Keep bool

	// FileBytes is what the box's files hold in memory, for Limits.Memory; nil
	// means nothing. See FilesFull.
	FileBytes func() int64

	Hostname string // default "box"
	Limits   Limits

	// Log takes lines, without newline, about what the box did that boxer
	// does not support, and the system call trace (knob "strace"). It must not
	// block for long. nil drops them.
	Log func(line string)
}

// Host knows of waiting for a host, as reads of files that have to be fetched do.
type Host interface {
	// Try begins a time in which what would have to wait fails instead. (A pair of calls, since a function
	// handed over would be made for each system call.)
	Try()
	// Tried ends it. wait is nil unless something has failed so; then it waits for the first of those.
	Tried() (wait func())
	// Refused reports, between the two, whether something has failed so.
	Refused() bool
}

// Limits bounds what a box may take. Zero fields get the defaults.
type Limits struct {
	Processes int    // processes and threads alive at a time; default 4096
	Files     uint64 // RLIMIT_NOFILE, hard; default 1 << 20 (soft is 1024)
	Memory    uint64 // bytes, see memlimit.go; default none. Programs are told of at most 2 GiB
	PipeBytes int64  // bytes that all pipes may hold together; default 64 MiB
}

// A Dispatcher serves system calls (package syscalls).
type Dispatcher interface {
	// Dispatch serves one attempt of a call, with the kernel locked. It
	// returns the result, or an error number; Blocked means that the task is
	// parked and the same call is to be dispatched again when it wakes.
	Dispatch(t *Task, nr uint64, args *[6]uint64) (uint64, abi.Errno)
	// Class says how call nr may be served.
	Class(nr uint64) Class
}

// Class says how a system call may be served.
type Class uint8

const (
	// Fast: without unwinding guest code (arch.SyscallFunc).
	Fast Class = 1 << iota
	// Unlocked: without the kernel lock.
	Unlocked
	// Reads: it reads files, which Config.Host may have to fetch. While it waits for that, the
	// task is parked and the box goes on.
	Reads
)

// WASIProgram is a WebAssembly module as execve found it.
type WASIProgram struct {
	Path   string
	Digest [32]byte // SHA-256 of the file; zero if it may change
	Module func() ([]byte, error)
	Argv   []string
	Env    []string
}

// Exec says what to run.
type Exec struct {
	Path string // looked up in PATH of Env if it has no slash
	Argv []string
	Env  []string
	Dir  string // default "/"
	UID  uint32
	GID  uint32
	// Groups are the supplementary groups.
	Groups []uint32
	// Init makes the program process 1, with which the box ends. It says
	// nothing new without Config.Keep.
	Init bool

	// Stdin, Stdout and Stderr are the host's ends of the standard files.
	// nil reads as end of file, nil drops what is written. Reads and writes
	// happen in goroutines of their own.
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// TTY, if not nil, replaces all three by a terminal that becomes the
	// program's controlling terminal.
	TTY *TTY
}

// TTY is a host terminal in raw mode, or a page's terminal widget.
type TTY struct {
	In         io.Reader
	Out        io.Writer
	Rows, Cols uint16
}

// ExitStatus is how a program ended.
type ExitStatus struct {
	Code   int        // exit status, if Signal is 0
	Signal abi.Signal // the signal that ended it
	Err    error      // the box itself failed: a bug or the host
}

// ShellCode is the number that a shell would report in $?.
func (s ExitStatus) ShellCode() int {
	switch {
	case s.Err != nil:
		return 125
	case s.Signal != 0:
		return 128 + int(s.Signal)
	}
	return s.Code
}

// A Kernel runs one box.
type Kernel struct {
	cfg    Config
	clock  Clock
	random io.Reader
	boot   int64 // realtime when the kernel started, ns

	mu sync.Mutex // the kernel lock; see the package comment

	ids      idTable
	init     *Process   // pid 1
	spaces   []*space   // Serial: those to turn
	running  int        // spaces that were started and are not closed
	idle     *sync.Cond // Serial: something became runnable
	turning  *space     // whose turn it is, or was last
	woken    []*space   // Serial: those that became runnable, to be turned next
	gated    []*space   // those that wait for a memory, see slots.go
	memory   memory
	devFiles *chunk.Store // of /dev
	timers   timerHeap
	alarm    alarm
	futexes  futexTable
	pipes    pipeTable
	consoles map[uint32]*console   // terminals by number
	streams  map[*streams]struct{} // of the programs that Spawn started, until they are drained
	hostname string
	domain   string
	counts   counts
	pipeUsed int64
	locks    map[wasmfs.Node]*fileLocks

	flushes   WaitQueue // woken when a flush of a file system ends
	listening map[wasmfs.FlushFS]bool
	fastCalls atomic.Int32
	loading   int // programs being loaded, without the kernel lock but perhaps with those of files

	now      int64 // Serial: when guest code returned last
	yielded  int64 // Serial: when Config.Yield or waiting let others run
	fuel     atomic.Int64
	shutdown bool
	failure  error
	done     chan struct{} // closed when the box is to end and every process is gone
}

// New makes a kernel with an empty process table and mounts its file systems
// on cfg.Files.
func New(cfg Config) (*Kernel, error) {
	if cfg.Machine == nil || cfg.NewSpace == nil || cfg.NewCPU == nil || cfg.Syscalls == nil || cfg.Files == nil || cfg.Random == nil {
		panic("BUG: kernel.Config lacks a required field")
	}
	if cfg.Clock == nil {
		cfg.Clock = HostClock()
	}
	if cfg.Slice == 0 {
		cfg.Slice = SliceTime
	}
	if cfg.Hostname == "" {
		cfg.Hostname = "box"
	}
	l := &cfg.Limits
	limit := l.Memory
	if l.Processes == 0 {
		l.Processes = 4096
	}
	if l.Files == 0 {
		l.Files = 1 << 20
	}
	if l.Memory == 0 || l.Memory > 2<<30 {
		l.Memory = 2 << 30
	}
	if l.PipeBytes == 0 {
		l.PipeBytes = 64 << 20
		if limit != 0 {
			l.PipeBytes = min(l.PipeBytes, int64(limit/8))
		}
	}
	k := &Kernel{cfg: cfg, clock: cfg.Clock, random: cfg.Random, hostname: cfg.Hostname, domain: "(none)",
		done: make(chan struct{})}
	k.memory.limit = limit
	k.memory.rest.Store(int64(limit))
	k.boot = k.clock.Realtime()
	k.idle = sync.NewCond(&k.mu)
	k.ids.tasks, k.ids.procs = map[int]*Task{}, map[int]*Process{}
	k.futexes.queues = map[futexKey]*futexQueue{}
	k.pipes.fifos = map[wasmfs.Node]*pipe{}
	k.consoles, k.streams = map[uint32]*console{}, map[*streams]struct{}{}
	if cfg.Keep {
		k.ids.last = 1 // which a program with Exec.Init may take later
	}
	k.fuel.Store(firstFuel)
	if cfg.Fuel != 0 {
		k.fuel.Store(cfg.Fuel)
	}
	return k, k.mountOwn()
}

// Spawn starts a program: the first becomes pid 1, and when that ends the box
// ends; with Config.Keep see Exec.Init. Others are like what `docker exec` starts: without a
// parent, and leader of a session. The error is a *SpawnError. With
// Config.Serial nothing executes before Run.
func (k *Kernel) Spawn(e Exec) (*Process, error) { return k.spawn(e) }

// Run waits until the box has ended, all output is written and all processes are gone.
// When ctx is done first, everything is killed. With Config.Serial it executes the
// box. The status is that of pid 1.
func (k *Kernel) Run(ctx context.Context) ExitStatus { return k.run(ctx) }

// Signal sends sig to pid 1 as the host's operator would: default actions
// apply even to pid 1.
func (k *Kernel) Signal(sig abi.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.init != nil {
		k.sendProcess(k.init, &abi.SigInfo{Signo: sig, Code: abi.SI_KERNEL}, true)
	}
}

// Resize tells the terminal of pid 1 its new size; its foreground processes
// get SIGWINCH.
func (k *Kernel) Resize(rows, cols uint16) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.init != nil {
		k.init.resize(rows, cols)
	}
}

// Locked calls f with the kernel locked: whoever uses Config.Files while the
// box runs needs that, as /proc looks at the processes. f must not wait.
func (k *Kernel) Locked(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

// Processes is how many processes there are, dead ones that nobody waited for too.
func (k *Kernel) Processes() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.ids.procs)
}

// Slice is Config.Slice.
func (k *Kernel) Slice() time.Duration { return k.cfg.Slice }

// Kill ends every process of the box, and the box.
func (k *Kernel) Kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.killAll()
}

// SpawnError is why a program could not be started.
type SpawnError struct {
	Path  string
	Errno abi.Errno
	Err   error // a reason in more words, or nil
}

// Error has docker's words.
func (e *SpawnError) Error() string {
	reason := strings.ToLower(e.Errno.Error())
	if _, plain := e.Err.(abi.Errno); e.Err != nil && !plain {
		reason = e.Err.Error() // the working directory or the interpreter is not there, but the program may be
	} else if e.Errno == abi.ENOENT && !strings.Contains(e.Path, "/") {
		reason = "executable file not found in $PATH"
	}
	return fmt.Sprintf("exec: %q: %s", e.Path, reason)
}

func (e *SpawnError) Unwrap() error { return e.Errno }

// ShellCode is 127 when the program is not there and 126 when it cannot be
// executed.
func (e *SpawnError) ShellCode() int {
	if e.Errno == abi.ENOENT {
		return 127
	}
	return 126
}
