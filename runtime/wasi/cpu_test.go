package wasi

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/engine"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
	"boxer/runtime/wasm"
)

// endless are programs that never end by themselves, each in a way of its own.
var endless = map[string]func(m *wasm.Module, c *wasm.Code){
	"loop": func(_ *wasm.Module, c *wasm.Code) {
		c.Loop(wasm.BlockEmpty)
		c.Br(0)
		c.End()
	},
	"tail calls": func(m *wasm.Module, c *wasm.Code) {
		f := m.Func(m.FuncType(nil, nil))
		var b wasm.Code
		b.Reset(0)
		b.ReturnCall(f)
		b.End()
		m.Body(f, &b)
		c.Call(f)
	},
	"calls in a loop": func(m *wasm.Module, c *wasm.Code) {
		f := m.Func(m.FuncType(nil, nil))
		var b wasm.Code
		b.Reset(0)
		b.End()
		m.Body(f, &b)
		c.Loop(wasm.BlockEmpty)
		c.Call(f)
		c.Br(0)
		c.End()
	},
	"fills of memory": func(_ *wasm.Module, c *wasm.Code) {
		c.I32Const(4000)
		c.Op(wasm.OpMemoryGrow)
		c.Raw([]byte{0})
		c.Op(wasm.OpDrop)
		c.Loop(wasm.BlockEmpty)
		c.I32Const(0)
		c.I32Const(1)
		c.I32Const(4000 << 16)
		c.MemoryFill()
		c.Br(0)
		c.End()
	},
	"binary recursion": func(m *wasm.Module, c *wasm.Code) {
		f := m.Func(m.FuncType([]wasm.ValType{wasm.I32}, nil))
		var b wasm.Code
		b.Reset(1)
		b.LocalGet(0)
		b.If(wasm.BlockEmpty)
		for range 2 {
			b.LocalGet(0)
			b.I32Const(1)
			b.Op(wasm.OpI32Sub)
			b.Call(f)
		}
		b.End()
		b.End()
		m.Body(f, &b)
		c.I32Const(1000)
		c.Call(f)
	},
}

// TestEndless: a program that never ends does not keep Go's garbage collector
// waiting, and a signal ends it. Both need it to stop by itself every while.
func TestEndless(t *testing.T) {
	needsToWait(t)
	for name, code := range endless {
		for _, serial := range []bool{false, true} {
			b := newBox(t, start(code), func(c *kernel.Config) { c.Serial = serial })
			if _, err := b.Spawn(kernel.Exec{Path: "/app.wasm"}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			done := make(chan kernel.ExitStatus)
			go func() { done <- b.Run(context.Background()) }()
			time.Sleep(20 * time.Millisecond)
			began := time.Now()
			runtime.GC()
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s, serial %v: the garbage collector took %v", name, serial, took)
			}
			b.Signal(abi.SIGINT)
			select {
			case st := <-done:
				if st.Signal != abi.SIGINT {
					t.Errorf("%s, serial %v: %+v", name, serial, st)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s, serial %v: not ended by SIGINT", name, serial)
			}
		}
	}
}

// TestTraps: how a program ends that traps.
func TestTraps(t *testing.T) {
	needsToWait(t)
	for name, c := range map[string]struct {
		code func(m *wasm.Module, c *wasm.Code)
		want abi.Signal
		log  string
	}{
		"unreachable": {func(_ *wasm.Module, c *wasm.Code) { c.Op(wasm.OpUnreachable) }, abi.SIGILL, "app.wasm[1]: trap: unreachable\n"},
		"out of bounds": {func(_ *wasm.Module, c *wasm.Code) {
			c.I32Const(-1)
			c.Mem(wasm.OpI32Load8U, 0, 0)
			c.Op(wasm.OpDrop)
		}, abi.SIGSEGV, ""},
		"divide": {func(_ *wasm.Module, c *wasm.Code) {
			c.I32Const(1)
			c.I32Const(0)
			c.Op(wasm.OpI32DivS)
			c.Op(wasm.OpDrop)
		}, abi.SIGILL, "app.wasm[1]: trap: integer divide error\n"},
		"stack overflow": {func(m *wasm.Module, c *wasm.Code) {
			f := m.Func(m.FuncType(nil, nil))
			var b wasm.Code
			b.Reset(0)
			b.Call(f)
			b.Op(wasm.OpNop)
			b.End()
			m.Body(f, &b)
			c.Call(f)
		}, abi.SIGSEGV, ""},
	} {
		b := newBox(t, start(c.code))
		if st, _ := b.run(kernel.Exec{}); st.Signal != c.want || b.logged() != c.log {
			t.Errorf("%s: %+v, want %v; log %q, want %q", name, st, c.want, b.logged(), c.log)
		}
	}
}

// TestGrow: memory grows to the module's maximum and not beyond, memory.size
// follows, and the kernel can write to what is new.
func TestGrow(t *testing.T) {
	s := newScript("clock_res_get")
	s.call(wFAULT, "clock_res_get", 0, 2<<16)
	grow := func(n, want int32) {
		s.c.I32Const(n)
		s.c.Op(wasm.OpMemoryGrow)
		s.c.Raw([]byte{0})
		s.check("memory.grow", uint32(want))
	}
	size := func(want uint32) {
		s.c.Op(wasm.OpMemorySize)
		s.c.Raw([]byte{0})
		s.check("memory.size", want)
	}
	size(2)
	grow(0, 2)
	grow(3, 2)
	size(5)
	s.call(success, "clock_res_get", 0, 5<<16-8)
	s.call(wFAULT, "clock_res_get", 0, 5<<16-7)
	grow(-1, -1)
	grow(65536, -1)
	grow(1000, 5)
	s.call(success, "clock_res_get", 0, 1000<<16)
	s.is64(1000<<16, 1)
	size(1005)
	runScript(t, s, kernel.Exec{})
}

// TestMaximum: memory.grow heeds the maximum that the module declares.
func TestMaximum(t *testing.T) {
	var m wasm.Module
	c := callByName["proc_exit"]
	exit := m.ImportFunc(preview1, "proc_exit", m.FuncType(c.params, nil))
	m.Memory(wasm.Limits{Min: 1, Max: 3, HasMax: true})
	var b wasm.Code
	b.Reset(0)
	for _, n := range []int32{2, 1, 0} { // 1, −1, 3: 1 × 100 + 9 × 10 + 3 as decimal digits, −1 as 9
		b.I32Const(n)
		b.Op(wasm.OpMemoryGrow)
		b.Raw([]byte{0})
		b.I32Const(10)
		b.Op(wasm.OpI32RemU)
	}
	b.LocalSet(b.AddLocal(wasm.I32))
	b.I32Const(10)
	b.Op(wasm.OpI32Mul)
	b.Op(wasm.OpI32Add)
	b.LocalGet(0)
	b.Op(wasm.OpI32Add)
	b.Call(exit)
	b.End()
	f := m.Func(m.FuncType(nil, nil))
	m.Body(f, &b)
	m.ExportFunc("_start", f)
	// −1 is 4294967295: its last digit is 5.
	if st, _ := newBox(t, m.Bytes()).run(kernel.Exec{}); st.Code != 1+5*10+3 {
		t.Errorf("%+v", st)
	}
}

// TestBlocking: a read parks until the host gives something, and a signal ends it.
func TestBlocking(t *testing.T) {
	needsToWait(t)
	cat := func() *script {
		s := newScript("fd_read", "fd_write")
		v := s.iovec(64, 5)
		s.call(success, "fd_read", 0, v, 1, 0)
		s.is32(0, 5)
		s.call(success, "fd_write", 1, v, 1, 0)
		return s
	}
	for _, serial := range []bool{false, true} {
		s := cat()
		r, w := io.Pipe()
		go func() {
			time.Sleep(20 * time.Millisecond)
			w.Write([]byte("hello"))
			w.Close()
		}()
		b := newBox(t, s.bytes(), func(c *kernel.Config) { c.Serial = serial })
		if st, out := b.run(kernel.Exec{Stdin: r}); st.Code != 0 || out != "hello" {
			t.Errorf("%+v %q %s", st, out, s.failed(st.Code))
		}
	}

	r, _ := io.Pipe()
	b := newBox(t, cat().bytes())
	time.AfterFunc(30*time.Millisecond, func() { b.Signal(abi.SIGTERM) })
	if st, _ := b.run(kernel.Exec{Stdin: r}); st.Signal != abi.SIGTERM {
		t.Errorf("%+v, want SIGTERM", st)
	}
	r.Close()
}

// TestPoll: clocks and descriptors, ready and not.
func TestPoll(t *testing.T) {
	needsToWait(t)
	s := newScript("poll_oneoff", "clock_time_get")
	clock := func(user uint64, id uint32, timeout uint64, flags byte) []byte {
		b := make([]byte, sizeofSubscription)
		le.PutUint64(b, user)
		le.PutUint32(b[16:], id)
		le.PutUint64(b[24:], timeout)
		b[40] = flags
		return b
	}
	fd := func(user uint64, tag byte, fd uint32) []byte {
		b := make([]byte, sizeofSubscription)
		le.PutUint64(b, user)
		b[8] = tag
		le.PutUint32(b[16:], fd)
		return b
	}
	poll := func(want errno, subs ...[]byte) {
		at := s.place([]byte(strings.Join(asStrings(subs), "")))
		s.call(want, "poll_oneoff", at, 256, uint64(len(subs)), 0)
	}
	event := func(i uint32, user uint64, e errno, tag uint32) {
		s.is64(256+uint64(i)*sizeofEvent, user)
		s.is32(256+uint64(i)*sizeofEvent+8, uint32(e)|tag<<16)
	}
	poll(wINVAL)
	poll(success, clock(7, clockMonotonic, 20e6, 0))
	s.is32(0, 1)
	event(0, 7, success, eventClock)
	poll(success, clock(8, clockRealtime, 1, 1), clock(9, clockMonotonic, 1<<62, 0)) // 1970 is over
	s.is32(0, 1)
	event(0, 8, success, eventClock)
	poll(success, clock(1, clockMonotonic, 1<<62, 0), fd(2, eventFdWrite, 1), fd(3, eventFdRead, 0))
	s.is32(0, 1)
	event(0, 2, success, eventFdWrite)
	poll(success, fd(4, eventFdRead, 0), clock(5, clockMonotonic, 1e6, 0))
	s.is32(0, 1)
	event(0, 5, success, eventClock)
	poll(success, fd(6, eventFdRead, 99), clock(5, clockMonotonic, 1<<62, 0), clock(7, 9, 0, 0), fd(8, 77, 0))
	s.is32(0, 3)
	event(0, 6, wBADF, eventFdRead)
	event(1, 7, wINVAL, eventClock)
	event(2, 8, wINVAL, 77)
	r, w := io.Pipe()
	defer w.Close()
	began := time.Now()
	runScript(t, s, kernel.Exec{Stdin: r})
	if took := time.Since(began); took < 20*time.Millisecond {
		t.Errorf("took %v, and had to wait for 21 ms", took)
	}
}

func asStrings(list [][]byte) (out []string) {
	for _, b := range list {
		out = append(out, string(b))
	}
	return out
}

// TestCPU holds the CPU's own promises.
func TestCPU(t *testing.T) {
	needsToWait(t)
	newCPU := func(module []byte) (*mm.Space, arch.CPU, arch.Regs) {
		space, err := mm.New(testEngine(), mm.Options{})
		if err != nil {
			t.Fatal(err)
		}
		cpu, regs, err := New(testEngine(), space, kernel.WASIProgram{Module: func() ([]byte, error) { return module, nil }})
		if err != nil {
			t.Fatal(err)
		}
		return space, cpu, regs
	}
	space, cpu, regs := newCPU(start(endless["loop"]))
	cpu.Interrupt()
	if e := cpu.Run(regs, 1e6); e.Kind != arch.ExitPreempted || cpu.Stats()["wasi.switches"] != 0 {
		t.Errorf("interrupted before: %v, %v", e, cpu.Stats())
	}
	for range 3 {
		if e := cpu.Run(regs, 1e5); e.Kind != arch.ExitPreempted {
			t.Errorf("a loop: %v", e)
		}
	}
	if err := cpu.Close(); err != nil { // in the middle of it
		t.Error(err)
	}
	space.Release()

	// A call that is declined leaves by Run, and its result comes back; one
	// that is served stays inside.
	s := newScript("fd_close", "sched_yield")
	s.call(wBADF, "fd_close", 5)
	s.call(success, "sched_yield")
	s.call(wEXIST, "fd_close", 6)
	space, cpu, regs = newCPU(s.bytes())
	served := 0
	cpu.SetSyscall(func(nr uint64, args *[6]uint64) (int64, arch.SyscallStatus) {
		if nr != callByName["sched_yield"].nr {
			return 0, arch.SyscallDecline
		}
		served++
		return 0, arch.SyscallDone
	})
	for i, c := range []struct {
		name   string
		arg    uint64
		result abi.Errno
	}{{"fd_close", 5, abi.EBADF}, {"fd_close", 6, abi.EEXIST}, {"proc_exit", 0, 0}} {
		e := cpu.Run(regs, 1e6)
		if nr, args := regs.Syscall(); e.Kind != arch.ExitSyscall || nr != callByName[c.name].nr || args[0] != c.arg {
			t.Fatalf("exit %d: %v, call %d %v; %v", i, e, nr, args, regs)
		}
		if c.result != 0 {
			regs.SetResult(c.result.Result())
		}
	}
	if served != 1 {
		t.Errorf("%d calls served inside", served)
	}
	if err := cpu.Close(); err != nil {
		t.Error(err)
	}
	space.Release()

	space, cpu, regs = newCPU(start(func(*wasm.Module, *wasm.Code) {}))
	for range 2 {
		if e := cpu.Run(regs, 1); e.Kind != arch.ExitDone || e.Code != 0 {
			t.Errorf("the end: %v", e)
		}
	}
	cpu.Close()
	space.Release()
}

// TestInline: an engine that can neither block nor suspend runs a program from start to end. It has
// its input first; what would wait is refused, by name.
func TestInline(t *testing.T) {
	inline := func(c *kernel.Config) {
		c.Serial = true
		c.NewWASI = func(s *mm.Space, p kernel.WASIProgram) (arch.CPU, arch.Regs, error) {
			return New(noSuspend{testEngine()}, s, p)
		}
	}
	s := newScript("fd_read", "fd_write", "poll_oneoff")
	v := s.iovec(64, 5)
	for range 2 {
		s.call(success, "fd_read", 0, v, 1, 0)
		s.is32(0, 5)
		s.call(success, "fd_write", 1, v, 1, 0)
	}
	s.call(success, "fd_read", 0, v, 1, 0)
	s.is32(0, 0)
	sleep := make([]byte, sizeofSubscription)
	sleep[16] = clockMonotonic
	le.PutUint64(sleep[24:], 1e9)
	s.call(wNOTSUP, "poll_oneoff", s.place(sleep), 256, 1, 0)
	r, w := io.Pipe()
	go func() {
		for _, part := range []string{"hello", "world"} {
			time.Sleep(5 * time.Millisecond)
			w.Write([]byte(part))
		}
		w.Close()
	}()
	b := newBox(t, s.bytes(), inline)
	st, out := b.run(kernel.Exec{Stdin: r})
	if st.Code != 0 || st.Err != nil || out != "helloworld" {
		t.Errorf("%+v %q %s", st, out, s.failed(st.Code))
	}
	if log := b.logged(); !strings.Contains(log, "poll_oneoff that waits: this host has no JavaScript Promise Integration") {
		t.Errorf("log %q", log)
	}

	// Much output, a loop longer than its fuel, and an exit code from within.
	s = newScript("fd_write", "proc_exit")
	v = s.iovec(64, 60000)
	for range 20 {
		s.call(success, "fd_write", 1, v, 1, 0)
		s.call(success, "fd_write", 2, v, 1, 0)
	}
	if st, out := newBox(t, s.bytes(), inline).run(kernel.Exec{}); st.Code != 0 || len(out) != 40*60000 {
		t.Errorf("%+v, %d bytes", st, len(out))
	}
}

// TestStartSection: what a module does at its start is done as the task.
func TestStartSection(t *testing.T) {
	var m wasm.Module
	var fns [3]uint32
	for i, n := range []string{"proc_exit", "sched_yield"} {
		c := callByName[n]
		fns[i] = m.ImportFunc(preview1, n, m.FuncType(c.params, c.results))
	}
	g := m.Global(wasm.I32, true, wasm.ConstI32(40))
	none := m.FuncType(nil, nil)
	body := func(f func(c *wasm.Code)) uint32 {
		var c wasm.Code
		c.Reset(0)
		f(&c)
		c.End()
		fn := m.Func(none)
		m.Body(fn, &c)
		return fn
	}
	m.Start(body(func(c *wasm.Code) {
		c.Call(fns[1])
		c.GlobalGet(g)
		c.Op(wasm.OpI32Add)
		c.I32Const(2)
		c.Op(wasm.OpI32Add)
		c.GlobalSet(g)
	}))
	m.ExportFunc("_start", body(func(c *wasm.Code) {
		c.GlobalGet(g)
		c.Call(fns[0])
	}))
	if st, _ := newBox(t, m.Bytes()).run(kernel.Exec{}); st.Code != 42 {
		t.Errorf("%+v", st)
	}
}

// TestLongLoop: an iteration that weighs more than settleAt ends like any
// other, and passes its operands.
func TestLongLoop(t *testing.T) {
	needsToWait(t)
	i32 := []wasm.ValType{wasm.I32}
	bin := start(func(m *wasm.Module, c *wasm.Code) {
		c.I32Const(40)
		c.Loop(wasm.BlockType(m.FuncType(i32, i32)))
		for range 2 * settleAt {
			c.Op(wasm.OpNop)
		}
		c.I32Const(1)
		c.Op(wasm.OpI32Add)
		i := c.AddLocal(wasm.I32)
		c.LocalTee(i)
		c.LocalGet(i)
		c.I32Const(50)
		c.Op(wasm.OpI32LtU)
		c.BrIf(0)
		c.End()
		c.Call(0)
	}, "proc_exit")
	if st, _ := newBox(t, bin).run(kernel.Exec{}); st.Code != 50 {
		t.Errorf("%+v", st)
	}
}

// TestNoexec: what cannot run is a *kernel.SpawnError with shell code 126.
func TestNoexec(t *testing.T) {
	err := spawnError(t, []byte("\x00asm\x01\x00\x00\x00"))
	var spawn *kernel.SpawnError
	if !errors.As(err, &spawn) || spawn.ShellCode() != 126 ||
		!strings.Contains(err.Error(), "exec format error: the module exports no _start function") {
		t.Errorf("%v", err)
	}
}

// runCPU runs a module that makes no calls to its end, in slices of 2 million.
func runCPU(t testing.TB, eng engine.Engine, module []byte) {
	t.Helper()
	space, err := mm.New(eng, mm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer space.Release()
	cpu, regs, err := New(eng, space, kernel.WASIProgram{Module: func() ([]byte, error) { return module, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer cpu.Close()
	for {
		switch e := cpu.Run(regs, 2_000_000); e.Kind {
		case arch.ExitDone:
			return
		case arch.ExitPreempted:
		default:
			t.Fatal(e)
		}
	}
}
