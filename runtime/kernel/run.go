package kernel

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/mm"
	"boxer/wasmfs"
)

const (
	// SliceTime is how long guest code runs before another thread of its
	// space gets a turn, where Config does not say, in nanoseconds.
	SliceTime = 1e6

	firstFuel = 2_000_000
	minFuel   = 200_000
	maxFuel   = 50_000_000

	// callsPerTurn is how many exits a task may take before its siblings get
	// a turn although it never used up its fuel.
	callsPerTurn = 128
)

// A space is an address space: its memory, its CPU, and the tasks that take turns on it.
// Tasks of several processes share one after vfork.
type space struct {
	k   *Kernel
	mm  *mm.Space
	cpu arch.CPU

	tasks []*Task
	next  int    // whose turn is next
	cur   *Task  // whose turn it is
	last  *Task  // who ran last: its stack guard is set,
	gen   uint64 // as of this generation of the mappings
	guard [2]uint64

	cond     *sync.Cond // a task became runnable
	inGuest  bool       // guest code is running
	fastCall bool       // a call is being served from inside guest code
	started  bool
	woken    bool // in Kernel.woken
	scratch  []byte

	sliceStart int64 // monotonic; when guest code was entered
	slot       slotted
	rss        resident

	sigreturn uint64 // address of the code that handlers return to
}

// newSpace makes the CPU for a memory. Not to be called with the kernel lock held.
func (k *Kernel) newSpace(m *mm.Space, cpu arch.CPU) *space {
	s := &space{k: k, mm: m, cpu: cpu}
	s.slot.ran = k.monotonic()
	s.cond = sync.NewCond(&k.mu)
	cpu.SetSyscall(s.fast)
	m.OnCodeChange(cpu.Invalidate)
	return s
}

// start lets the space's tasks run.
func (s *space) start() {
	if s.started {
		return
	}
	s.started = true
	s.k.running++
	if s.k.cfg.Serial {
		s.k.spaces = append(s.k.spaces, s)
		s.k.idle.Signal()
	} else {
		go s.loop()
	}
}

// ready tells the goroutine of the space that there may be something to do.
func (s *space) ready() {
	if s.k.cfg.Serial {
		if k := s.k; s.started && !s.woken && s != k.turning {
			s.woken = true
			k.woken = append(k.woken, s)
		}
		s.k.idle.Signal()
	} else {
		s.cond.Signal()
	}
}

// kick brings the space out of guest code soon.
func (s *space) kick() {
	if s.inGuest {
		s.cpu.Interrupt()
	}
	s.ready()
}

// loop turns the space until it has no tasks left.
func (s *space) loop() {
	s.k.mu.Lock()
	for len(s.tasks) > 0 {
		if !s.turn() {
			s.cond.Wait()
		}
	}
	s.k.mu.Unlock()
	s.close()
}

// close frees what belongs to the space. Called without the kernel lock.
func (s *space) close() {
	s.free()
	s.k.mu.Lock()
	s.k.running--
	s.k.checkDone()
	s.k.mu.Unlock()
}

// free frees the CPU and the memory.
func (s *space) free() {
	if err := s.cpu.Close(); err != nil {
		s.k.logf("closing a CPU: %v", err)
	}
	if err := s.mm.Release(); err != nil {
		s.k.logf("writing shared mappings back: %v", err)
	}
}

// runSerial turns all spaces in this goroutine until the box has ended.
func (k *Kernel) runSerial() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for !k.finished() {
		// First: who is woken here must not be missed below, where the wait begins.
		k.expireTimers()
		busy := false
		for i := 0; i < len(k.spaces); i++ {
			s := k.spaces[i]
			if len(s.tasks) == 0 {
				k.spaces = slices.Delete(k.spaces, i, i+1)
				i--
				k.mu.Unlock()
				s.close()
				k.mu.Lock()
				busy = true // somebody may have become runnable meanwhile
				continue
			}
			busy = k.turnWoken() || busy
			busy = k.turnSerial(s) || busy
		}
		busy = k.slotsTurned(busy)
		if !busy && !k.finished() {
			k.wait()
			k.now = k.clock.Monotonic()
			k.yielded = k.now
		}
	}
}

// turnWoken turns the spaces that something happened to, before those that only compute: who answers
// a key need not wait for a slice of each of the others. It reports false if nothing could run.
func (k *Kernel) turnWoken() (busy bool) {
	list := k.woken
	k.woken = nil
	for _, s := range list {
		s.woken = false
		busy = len(s.tasks) > 0 && k.turnSerial(s) || busy
	}
	return busy
}

// wait waits until something became runnable, or leaves that to Config.Idle.
func (k *Kernel) wait() {
	if k.cfg.Idle == nil {
		k.idle.Wait()
		return
	}
	next := int64(0)
	if len(k.timers.list) > 0 {
		next = max(k.timers.list[0].when, 1)
	}
	k.mu.Unlock()
	k.cfg.Idle(next)
	k.mu.Lock()
}

// turnSerial turns s for about a slice, or until it waits, and yields when it is time. It
// reports false if nothing could run.
func (k *Kernel) turnSerial(s *space) (busy bool) {
	// A slice that was used up may have been a little short of its time.
	enough := int64(k.cfg.Slice) * 3 / 4
	for start := k.now; k.now-start < enough && s.turn(); {
		busy = true
		if k.cfg.Yield != nil && k.now-k.yielded >= enough {
			k.mu.Unlock()
			k.cfg.Yield()
			k.mu.Lock()
			k.yielded = k.clock.Monotonic()
		}
	}
	return busy
}

// pick chooses the next task, or nil if none can run.
func (s *space) pick() *Task {
	if t := s.cur; t != nil && t.canRun() {
		return t
	}
	s.cur = nil
	for i := range s.tasks {
		j := (s.next + i) % len(s.tasks)
		if t := s.tasks[j]; t.canRun() {
			s.next = j + 1
			s.cur = t
			t.turns = 0
			t.switches++
			return t
		}
	}
	return nil
}

// rotate ends the current task's turn.
func (s *space) rotate() { s.cur = nil }

// others reports whether a task other than t could run.
func (s *space) others(t *Task) bool {
	for _, o := range s.tasks {
		if o != t && o.canRun() {
			return true
		}
	}
	return false
}

// canRun reports whether t may have a turn. A stopped process's tasks may not,
// unless they are to die.
func (t *Task) canRun() bool {
	return t.state == runnable && (!t.p.stopped || t.p.exiting || t.killed())
}

// turn does one step for one task: what became pending while it was away, then
// guest code until the next exit. It reports false if nothing could run.
func (s *space) turn() bool {
	t := s.pick()
	if t == nil {
		return false
	}
	k := s.k
	k.turning = s
	if !t.prepare() {
		return true
	}
	if !s.admit() {
		return false
	}
	s.switchTo(t)
	fuel := k.fuel.Load()
	s.inGuest = true
	k.mu.Unlock()
	s.sliceStart = k.clock.Monotonic()
	exit := s.cpu.Run(t.regs, fuel)
	now := k.clock.Monotonic()
	took := now - s.sliceStart
	k.mu.Lock()
	k.now = now
	s.inGuest = false
	t.utime += took
	if exit.Kind == arch.ExitPreempted && k.cfg.Fuel == 0 {
		k.adaptFuel(took, fuel)
	}
	s.rss.seen = false
	t.exited(exit)
	k.checkMemory(s)
	t.turns++
	if exit.Kind == arch.ExitPreempted || t.yields || t.turns > callsPerTurn {
		t.yields = false
		s.rotate()
	}
	return true
}

// adaptFuel moves the slice towards Config.Slice, an eighth of the way each time.
func (k *Kernel) adaptFuel(took, fuel int64) {
	slice := int64(k.cfg.Slice)
	if took < slice/20 { // interrupted early
		return
	}
	want := min(max(int64(float64(fuel)*float64(slice)/float64(took)), minFuel), maxFuel)
	k.fuel.Store(fuel + (want-fuel)/8)
}

// switchTo tells the CPU about the task that runs next: the range below its
// stack, which changes with the mappings.
func (s *space) switchTo(t *Task) {
	gen := s.mm.Generation()
	if s.last == t && s.gen == gen {
		return
	}
	s.last, s.gen = t, gen
	// Not below the stack in use now: coroutines have many, side by side.
	s.guard = s.guardOf(t)
	s.cpu.SetStackGuard(s.guard[0], s.guard[1])
}

// maxGuard bounds a guard range, of which stack_guard_gap is one in Linux. Where it reached down to the
// heap, each brk would move it and take guest code off its stack.
const maxGuard = 16 << 20

// guardOf is t's guard range.
func (s *space) guardOf(t *Task) [2]uint64 {
	lo, hi := s.mm.GuardBelow(t.stack)
	if hi-lo > maxGuard {
		lo = hi - maxGuard
	}
	return [2]uint64{lo, hi}
}

// guardMoved reports whether t's guard range is not what the CPU was told, now that
// guest code has changed mappings.
func (s *space) guardMoved(t *Task) bool {
	if s.gen == s.mm.Generation() {
		return false
	}
	if s.guardOf(t) != s.guard {
		return true
	}
	s.gen = s.mm.Generation()
	return false
}

// prepare brings t to the point where guest code can run: it continues a call
// in progress and delivers signals. It reports false if t cannot run now.
func (t *Task) prepare() bool {
	if t.p.exiting {
		t.exit()
		return false
	}
	if t.sys.active {
		t.attempt()
		if t.state != runnable {
			return false
		}
	}
	t.deliver()
	return t.state == runnable && !t.sys.active && t.canRun()
}

// exited handles the reason why guest code returned.
func (t *Task) exited(e arch.Exit) {
	switch e.Kind {
	case arch.ExitPreempted:
	case arch.ExitSyscall:
		nr, args := t.regs.Syscall()
		if !t.sys.active || t.sys.Nr != nr || t.sys.Args != args {
			t.sys = Sys{Nr: nr, Args: args, active: true}
		}
		t.attempt()
	case arch.ExitFault:
		si := abi.SigInfo{Signo: abi.SIGSEGV, Code: abi.SEGV_MAPERR, Addr: e.Addr}
		if t.space.mm.Mapped(e.Addr) {
			si.Code = abi.SEGV_ACCERR
		}
		t.fault(&si, e)
	case arch.ExitAlign:
		t.fault(&abi.SigInfo{Signo: abi.SIGBUS, Code: abi.BUS_ADRALN, Addr: e.Addr}, e)
	case arch.ExitUndefined:
		t.k.undefined(t, e)
		t.fault(&abi.SigInfo{Signo: abi.SIGILL, Code: abi.ILL_ILLOPC, Addr: e.PC}, e)
	case arch.ExitBreakpoint:
		t.fault(&abi.SigInfo{Signo: abi.SIGTRAP, Code: abi.TRAP_BRKPT, Addr: e.PC}, e)
	case arch.ExitDone:
		t.p.exitGroup(abi.ExitedStatus(e.Code))
		t.exit()
	case arch.ExitError:
		t.p.fail(fmt.Errorf("%s[%d]: %w", t.comm, t.tid, e.Err))
		t.exit()
	case arch.ExitNoMemory:
		t.k.killForMemory(t.p, "the host has no memory for a program ("+e.Err.Error()+")")
	default:
		panic("BUG: unknown exit " + e.String())
	}
}

// attempt runs the handler of the call in progress once.
func (t *Task) attempt() {
	k := t.k
	var ret uint64
	var errno abi.Errno
	if h := k.cfg.Host; h != nil && !t.sys.waited && k.cfg.Syscalls.Class(t.sys.Nr)&Reads != 0 {
		h.Try()
		ret, errno = k.cfg.Syscalls.Dispatch(t, t.sys.Nr, &t.sys.Args)
		if wait := h.Tried(); wait != nil && errno != 0 && errno != Blocked {
			t.waitHost(wait)
			return
		}
	} else {
		ret, errno = k.cfg.Syscalls.Dispatch(t, t.sys.Nr, &t.sys.Args)
	}
	t.sys.Attempt++
	switch errno {
	case Blocked:
		if t.state == runnable {
			// Declined on the fast path and never parked, or woken already.
			t.sys.active = true
		}
		return
	case NoReturn:
		t.sys.active = false
		return
	case ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND:
		t.interruptedCode = errno
		return // still active: deliver decides
	}
	t.sys.active = false
	t.regs.SetResult(result(ret, errno))
}

// waitHost parks the task until wait returns. The next attempt may wait itself, and
// so it finds out why wait was in vain.
func (t *Task) waitHost(wait func()) {
	k, q := t.k, &WaitQueue{}
	t.sys.waited = true
	t.park([]*WaitQueue{q})
	go func() {
		wait()
		k.mu.Lock()
		defer k.mu.Unlock()
		q.Wake()
	}()
}

// result is what the guest finds in its result register.
func result(ret uint64, errno abi.Errno) uint64 {
	if errno != 0 {
		return errno.Result()
	}
	return ret
}

// fast serves a call from inside guest code; see arch.SyscallFunc.
func (s *space) fast(nr uint64, args *[6]uint64) (int64, arch.SyscallStatus) {
	t, k := s.cur, s.k
	class := k.cfg.Syscalls.Class(nr)
	if class&Fast == 0 {
		return 0, arch.SyscallDecline
	}
	if class&Unlocked != 0 {
		ret, errno := k.cfg.Syscalls.Dispatch(t, nr, args)
		return int64(result(ret, errno)), arch.SyscallDone
	}
	h := k.cfg.Host
	if h == nil {
		k.mu.Lock()
	} else if !k.mu.TryLock() {
		return 0, arch.SyscallDecline
	}
	defer k.mu.Unlock()
	if t.p.exiting || h != nil && k.loading > 0 {
		return 0, arch.SyscallDecline // who loads a program may wait with a lock that the call needs
	}
	t.sys = Sys{Nr: nr, Args: *args, active: true}
	s.fastCall = true
	k.fastCalls.Add(1)
	if h != nil {
		h.Try()
	}
	ret, errno := k.cfg.Syscalls.Dispatch(t, nr, args)
	k.fastCalls.Add(-1)
	s.fastCall = false
	if h != nil && h.Tried() != nil && errno != 0 {
		return 0, arch.SyscallDecline // nothing was done
	}
	t.sys.Attempt++
	switch errno {
	case Blocked, wasmfs.WouldWait:
		return 0, arch.SyscallDecline
	case ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND:
		return 0, arch.SyscallDecline
	case NoReturn:
		panic(fmt.Sprintf("BUG: system call %d is Fast but changes registers", nr))
	}
	t.sys.active = false
	if t.needsKernel() || s.guardMoved(t) {
		return int64(result(ret, errno)), arch.SyscallDoneStop
	}
	return int64(result(ret, errno)), arch.SyscallDone
}

// needsKernel reports whether something is to be done before t runs more guest code.
func (t *Task) needsKernel() bool {
	return t.p.exiting || t.p.stopped || t.restoreSet || t.yields || t.signalPending()
}

// finished reports whether nothing is left of the box.
func (k *Kernel) finished() bool {
	select {
	case <-k.done:
		return true
	default:
		return false
	}
}

// run implements Run.
func (k *Kernel) run(ctx context.Context) ExitStatus {
	stop := context.AfterFunc(ctx, k.Kill)
	defer stop()
	if k.cfg.Serial {
		k.runSerial()
	} else {
		<-k.done
	}
	k.mu.Lock()
	left := slices.Collect(maps.Keys(k.streams))
	k.mu.Unlock()
	for _, s := range left {
		s.drain(ctx)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var st ExitStatus
	if k.init != nil {
		st = k.init.exitStatus()
	}
	if st.Err == nil {
		st.Err = k.failure
	}
	return st
}
