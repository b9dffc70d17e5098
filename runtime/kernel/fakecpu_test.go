package kernel_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
	"boxer/runtime/syscalls"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

// The fake CPU executes Go functions instead of machine code. A program is a
// coroutine: each of its system calls is where guest code would leave. Its registers hold
// the coroutine, so signal frames and restarts work as on a real machine.

// A program runs in a process of its own; its result is the exit status.
type program func(g *guest) int

// guest is what a program has.
type guest struct {
	space *mm.Space
	r     *fakeRegs
	yield func(event) bool
	heap  uint64
	t     testing.TB
}

// event is why a coroutine gave up control.
type event struct {
	kind arch.ExitKind
	nr   uint64
	args [6]uint64
	addr uint64
}

type coroutine struct {
	next func() (event, bool)
	stop func()
}

type fakeRegs struct {
	pc, sp, tls uint64
	call        event // the last system call
	result      uint64
	again       bool // the call is to be made again
	child       func(*guest)
	co          *coroutine
	frames      []fakeFrame
}

type fakeFrame struct {
	r    fakeRegs
	mask uint64
	alt  arch.AltStack
}

func (r *fakeRegs) PC() uint64                   { return r.pc }
func (r *fakeRegs) SetPC(v uint64)               { r.pc = v }
func (r *fakeRegs) SP() uint64                   { return r.sp }
func (r *fakeRegs) SetSP(v uint64)               { r.sp = v }
func (r *fakeRegs) Syscall() (uint64, [6]uint64) { return r.call.nr, r.call.args }
func (r *fakeRegs) SetResult(v uint64)           { r.result = v }
func (r *fakeRegs) SetArg(int, uint64)           {}
func (r *fakeRegs) TLS() uint64                  { return r.tls }
func (r *fakeRegs) SetTLS(v uint64)              { r.tls = v }
func (r *fakeRegs) String() string               { return "fake registers" }

// Clone gives the child the function that Fork or Thread left here.
func (r *fakeRegs) Clone() arch.Regs {
	c := *r
	c.co, c.frames, c.child = nil, nil, r.child
	return &c
}

// world is the fake machine and all that runs on it.
type world struct {
	t        testing.TB
	mu       sync.Mutex
	programs []program
	handlers []func(g *guest, sig abi.Signal, info []byte)
	stops    []func()
	fast     bool
	eng      engine.Engine
}

const (
	codeBase    = 0x400000
	heapBase    = 0x600000
	heapSize    = 1 << 20
	handlerBase = 0x10000000
)

// start makes a coroutine of f; last is the call it ends with.
func (w *world) start(c *fakeCPU, r *fakeRegs, f func(*guest), last func(*guest)) *coroutine {
	next, stop := iter.Pull(func(yield func(event) bool) {
		defer func() {
			if e := recover(); e != nil && e != errStopped {
				panic(e)
			}
		}()
		g := &guest{space: c.space, r: r, yield: yield, heap: heapBase, t: w.t}
		f(g)
		last(g)
	})
	w.mu.Lock()
	w.stops = append(w.stops, stop)
	w.mu.Unlock()
	return &coroutine{next, stop}
}

var errStopped = errors.New("coroutine stopped")

func (w *world) Info() arch.MachineInfo {
	return arch.MachineInfo{Name: "aarch64", Platform: "linux/arm64", ELF: 183, Features: []string{"fp"}, MinSigStack: 5120}
}
func (w *world) NewRegs() arch.Regs    { return &fakeRegs{} }
func (w *world) Restart(r arch.Regs)   { r.(*fakeRegs).again = true }
func (w *world) SigreturnCode() []byte { return []byte{1, 2, 3, 4} }

func (w *world) PushSignal(m arch.GuestMemory, regs arch.Regs, f *arch.SignalFrame) error {
	r := regs.(*fakeRegs)
	if err := m.CopyOut(f.Stack-256, f.Info[:]); err != nil {
		return err
	}
	old := *r
	r.frames = append(r.frames, fakeFrame{old, f.Mask, f.Alt})
	r.sp, r.pc, r.co, r.again = f.Stack-256, f.Handler, nil, false
	return nil
}

func (w *world) PopSignal(_ arch.GuestMemory, regs arch.Regs) (uint64, arch.AltStack, error) {
	r := regs.(*fakeRegs)
	if len(r.frames) == 0 {
		return 0, arch.AltStack{}, errors.New("no frame")
	}
	n := len(r.frames) - 1
	f := r.frames[n]
	frames := r.frames[:n]
	*r = f.r
	r.frames = frames
	return f.mask, f.alt, nil
}

type fakeCPU struct {
	w           *world
	space       *mm.Space
	sys         arch.SyscallFunc
	interrupted atomic.Bool
	closed      bool
}

func (c *fakeCPU) Interrupt()                    { c.interrupted.Store(true) }
func (c *fakeCPU) SetSyscall(f arch.SyscallFunc) { c.sys = f }
func (c *fakeCPU) SetFaultPrecise(bool)          {}
func (c *fakeCPU) SetStackGuard(lo, hi uint64)   {}
func (c *fakeCPU) Invalidate(addr, n uint64)     {}
func (c *fakeCPU) Stats() map[string]int64       { return nil }
func (c *fakeCPU) Close() error                  { c.closed = true; return nil }

func (c *fakeCPU) Run(regs arch.Regs, fuel int64) arch.Exit {
	r := regs.(*fakeRegs)
	for range 1000 {
		if c.interrupted.Swap(false) {
			return arch.Exit{Kind: arch.ExitPreempted}
		}
		if r.co == nil {
			c.begin(r)
		}
		ev := r.call
		if r.again {
			r.again = false
		} else {
			var ok bool
			if ev, ok = r.co.next(); !ok {
				return arch.Exit{Kind: arch.ExitError, Err: errors.New("a program ran past its end")}
			}
		}
		switch ev.kind {
		case arch.ExitSyscall:
			r.call = ev
			if c.w.fast && c.sys != nil {
				res, st := c.sys(ev.nr, &ev.args)
				switch st {
				case arch.SyscallDone:
					r.result = uint64(res)
					continue
				case arch.SyscallDoneStop:
					r.result = uint64(res)
					return arch.Exit{Kind: arch.ExitPreempted}
				}
			}
			return arch.Exit{Kind: arch.ExitSyscall}
		case arch.ExitPreempted:
			time.Sleep(10 * time.Microsecond) // what a slice would take
			return arch.Exit{Kind: ev.kind}
		default:
			return arch.Exit{Kind: ev.kind, Addr: ev.addr, Precise: true, Insn: uint32(ev.addr)}
		}
	}
	return arch.Exit{Kind: arch.ExitPreempted}
}

// begin makes the coroutine that the registers ask for: a signal handler, a
// clone's function or a program.
func (c *fakeCPU) begin(r *fakeRegs) {
	w := c.w
	switch {
	case r.pc >= handlerBase:
		w.mu.Lock()
		h := w.handlers[r.pc-handlerBase]
		w.mu.Unlock()
		info := make([]byte, 128)
		if err := c.space.CopyIn(r.sp, info); err != nil {
			w.t.Error(err)
		}
		sig := abi.Signal(binary.LittleEndian.Uint32(info))
		r.co = w.start(c, r, func(g *guest) { h(g, sig, info) }, func(g *guest) { g.sys(139) })
	case r.child != nil:
		f := r.child
		r.child = nil
		r.co = w.start(c, r, f, func(g *guest) { g.sys(93, 0) })
	default:
		f := w.programs[(r.pc-codeBase)/16]
		r.co = w.start(c, r, func(g *guest) { g.sys(94, uint64(f(g))) }, func(*guest) {})
	}
}

// sys makes a system call; negative results are errno.
func (g *guest) sys(nr uint64, args ...uint64) int64 {
	ev := event{kind: arch.ExitSyscall, nr: nr}
	copy(ev.args[:], args)
	g.give(ev)
	return int64(g.r.result)
}

func (g *guest) give(ev event) {
	if !g.yield(ev) {
		panic(errStopped)
	}
}

// spin uses up a slice.
func (g *guest) spin() { g.give(event{kind: arch.ExitPreempted}) }

// alloc returns the address of n bytes of zeroed memory.
func (g *guest) alloc(n uint64) uint64 {
	a := g.heap
	g.heap += (n + 15) &^ 15
	if g.heap > heapBase+heapSize {
		panic("BUG: the fake heap is full")
	}
	return a
}

func (g *guest) put(addr uint64, p []byte) uint64 {
	if err := g.space.CopyOut(addr, p); err != nil {
		g.t.Errorf("guest write at %#x: %v", addr, err)
	}
	return addr
}

func (g *guest) str(s string) uint64 { return g.put(g.alloc(uint64(len(s))+1), append([]byte(s), 0)) }

func (g *guest) bytes(addr uint64, n int) []byte {
	b := make([]byte, n)
	if err := g.space.CopyIn(addr, b); err != nil {
		g.t.Errorf("guest read at %#x: %v", addr, err)
	}
	return b
}

func (g *guest) u32(addr uint64) uint32      { return binary.LittleEndian.Uint32(g.bytes(addr, 4)) }
func (g *guest) u64(addr uint64) uint64      { return binary.LittleEndian.Uint64(g.bytes(addr, 8)) }
func (g *guest) put32(addr uint64, v uint32) { g.put(addr, binary.LittleEndian.AppendUint32(nil, v)) }
func (g *guest) put64(addr, v uint64) uint64 {
	return g.put(addr, binary.LittleEndian.AppendUint64(nil, v))
}

// want checks a system call's result.
func (g *guest) want(got, want int64, what string) {
	g.t.Helper()
	if got != want {
		g.t.Errorf("%s = %d, want %d", what, got, want)
	}
}

// print writes to standard output.
func (g *guest) print(s string) {
	g.t.Helper()
	g.want(g.sys(64, 1, g.str(s), uint64(len(s))), int64(len(s)), "write")
}

// fork starts a process that runs f and then exits 0.
func (g *guest) fork(f func(*guest)) int64 { return g.clone(uint64(abi.SIGCHLD), f) }

func (g *guest) clone(flags uint64, f func(*guest)) int64 {
	heap := g.heap
	g.r.child = func(c *guest) {
		c.heap = heap + 1<<16
		f(c)
	}
	pid := g.sys(220, flags, 0, 0, 0, 0)
	g.r.child = nil
	return pid
}

const threadFlags = abi.CLONE_VM | abi.CLONE_FS | abi.CLONE_FILES | abi.CLONE_SIGHAND | abi.CLONE_THREAD | abi.CLONE_SYSVSEM

// wait waits for a child and returns its status.
func (g *guest) wait(pid int64) (int64, abi.WaitStatus) {
	p := g.alloc(8)
	got := g.sys(260, uint64(pid), p, 0, 0)
	return got, abi.WaitStatus(g.u32(p))
}

// handle installs a handler.
func (g *guest) handle(w *world, sig abi.Signal, flags uint64, f func(g *guest, sig abi.Signal, info []byte)) {
	w.mu.Lock()
	w.handlers = append(w.handlers, f)
	addr := handlerBase + uint64(len(w.handlers)-1)
	w.mu.Unlock()
	g.action(sig, abi.SigAction{Handler: addr, Flags: flags})
}

func (g *guest) action(sig abi.Signal, a abi.SigAction) {
	b := make([]byte, 32)
	a.Encode(b)
	g.want(g.sys(134, uint64(sig), g.put(g.alloc(32), b), 0, 8), 0, "rt_sigaction")
}

func (g *guest) sleep(d time.Duration) int64 {
	p := g.alloc(32)
	b := make([]byte, 16)
	abi.NsToTimespec(int64(d)).Encode(b)
	return g.sys(101, g.put(p, b), p+16)
}

// pipe makes a pipe: reading and writing end.
func (g *guest) pipe(flags uint64) (r, w uint64) {
	p := g.alloc(8)
	g.want(g.sys(59, p, flags), 0, "pipe2")
	return uint64(g.u32(p)), uint64(g.u32(p + 4))
}

func (g *guest) read(fd uint64, n int) (int64, string) {
	p := g.alloc(uint64(n))
	got := g.sys(63, fd, p, uint64(n))
	return got, string(g.bytes(p, int(max(got, 0))))
}

func (g *guest) write(fd uint64, s string) int64 {
	return g.sys(64, fd, g.str(s), uint64(len(s)))
}

// elfFor is a program file whose entry is program i.
func elfFor(i int) []byte {
	b := make([]byte, 0x1010)
	le := binary.LittleEndian
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 2)
	le.PutUint16(b[18:], 183)
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[24:], codeBase+16*uint64(i))
	le.PutUint64(b[32:], 64)
	le.PutUint16(b[52:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 2)
	seg := func(at int, flags uint32, off, addr, filesz, memsz uint64) {
		le.PutUint32(b[at:], 1)
		le.PutUint32(b[at+4:], flags)
		for j, v := range []uint64{off, addr, addr, filesz, memsz, 0x1000} {
			le.PutUint64(b[at+8+8*j:], v)
		}
	}
	seg(64, 5, 0x1000, codeBase, 16, 0x1000)
	seg(120, 6, 0, heapBase, 0, heapSize)
	return b
}

// option changes the configuration of a test's box.
type option func(*kernel.Config)

// newBox makes a box whose programs are /bin/p0, /bin/p1…
func newBox(t testing.TB, w *world, opts ...option) *kernel.Kernel {
	t.Helper()
	eng := w.eng
	if eng == nil {
		var err error
		if eng, err = wazero.New(wazero.Config{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { eng.Close() })
	}
	w.t = t
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	root, err := inode.New(inode.Options{Store: chunk.New(backend, chunk.Options{Volatile: true})})
	if err != nil {
		t.Fatal(err)
	}
	ns := wasmfs.NewNamespace(root, "root", 0)
	env := &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
	for _, d := range []string{"/bin", "/tmp"} {
		if err := ns.Mkdir(env, wasmfs.Path{}, d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i := range w.programs {
		_, f, err := ns.Open(env, wasmfs.Path{}, "/bin/p"+string(rune('0'+i)), abi.O_CREAT|abi.O_WRONLY, 0o755, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.(io.WriterAt).WriteAt(elfFor(i), 0); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	pool := mm.NewPool(eng, mm.PoolOptions{})
	cfg := kernel.Config{
		Machine:  w,
		NewSpace: func() (*mm.Space, error) { return mm.New(eng, mm.Options{Pool: pool}) },
		NewCPU:   func(s *mm.Space) (arch.CPU, error) { return &fakeCPU{w: w, space: s}, nil },
		Syscalls: syscalls.New(),
		Files:    ns,
		Random:   rand.Reader,
		Log:      func(s string) { t.Log(s) },
	}
	for _, o := range opts {
		o(&cfg)
	}
	k, err := kernel.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, stop := range w.stops {
			stop()
		}
		pool.Close()
	})
	return k
}

// run runs programs[0] as pid 1, in all four ways: with and without the fast path, in
// parallel and serially. It returns what it wrote, which must be the same each time.
func run(t *testing.T, want kernel.ExitStatus, out string, programs ...program) {
	t.Helper()
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			w := &world{programs: programs, fast: mode.fast}
			k := newBox(t, w, func(c *kernel.Config) { c.Serial = mode.serial })
			var stdout bytes.Buffer
			st := spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdout: &stdout, Stderr: &stdout})
			if st != want {
				t.Errorf("exit %+v, want %+v", st, want)
			}
			if got := stdout.String(); got != out {
				t.Errorf("output:\n%s\nwant:\n%s", got, out)
			}
		})
	}
}

// runIn is run for tests whose programs need the world (to install handlers).
func runIn(t *testing.T, want kernel.ExitStatus, out string, make func(w *world) []program) {
	t.Helper()
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			w := &world{fast: mode.fast}
			w.programs = make(w)
			k := newBox(t, w, func(c *kernel.Config) { c.Serial = mode.serial })
			var stdout bytes.Buffer
			st := spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdout: &stdout, Stderr: &stdout})
			if st != want {
				t.Errorf("exit %+v, want %+v", st, want)
			}
			if got := stdout.String(); got != out {
				t.Errorf("output:\n%s\nwant:\n%s", got, out)
			}
		})
	}
}

var modes = []struct {
	name         string
	fast, serial bool
}{{"slow", false, false}, {"fast", true, false}, {"serial", false, true}, {"fast serial", true, true}}

// spawn starts a box and waits, at most half a minute.
func spawn(t *testing.T, k *kernel.Kernel, e kernel.Exec) kernel.ExitStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := k.Spawn(e); err != nil {
		t.Fatal(err)
	}
	st := k.Run(ctx)
	if ctx.Err() != nil {
		t.Error("the box did not end by itself")
	}
	return st
}

func exited(code int) kernel.ExitStatus       { return kernel.ExitStatus{Code: code} }
func signaled(s abi.Signal) kernel.ExitStatus { return kernel.ExitStatus{Signal: s} }
