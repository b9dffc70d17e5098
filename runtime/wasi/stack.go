package wasi

import (
	"boxer/runtime/arch"
	"boxer/runtime/engine"
)

// A stack is how a module runs on an engine: where its frames are while the
// kernel serves it.
type stack interface {
	// run lets the module run, from its start or from where it left, and
	// returns why it left or ended.
	run() arch.Exit
	// leave is called by the module's calls: it hands e to run's caller and returns when the module
	// may go on; false: it must wait for the answer, which ends it or is given to it there.
	leave(e arch.Exit, where place) bool
	// wait is the instance that has the function that modules wait in.
	wait(eng engine.Engine) (engine.Instance, error)
	Close() error
}

// A place is what a module called when it left.
type place bool

const (
	inCall  place = false
	inPause place = true
)

// end notes how the module ended.
func (c *CPU) end(err error) arch.Exit {
	c.ended, c.last = true, exitOf(err)
	return c.last
}

// noWaiting is the limit of inline modules, for reports.
const noWaiting = "this host has no JavaScript Promise Integration to suspend it with"

// threaded is a goroutine of the module's own, on engines whose host functions may block.
type threaded struct {
	c      *CPU
	host   engine.Instance
	resume chan struct{}  // run: the module goes on
	exits  chan arch.Exit // the module: why it stopped
}

func (s *threaded) run() arch.Exit {
	if s.c.started {
		s.resume <- struct{}{}
	} else {
		s.c.started = true
		go func() {
			s.exits <- s.c.end(s.c.main.Call(make([]uint64, 1)))
		}()
	}
	return <-s.exits
}

func (s *threaded) leave(e arch.Exit, _ place) bool {
	s.exits <- e
	<-s.resume
	return !s.c.stopping
}

func (s *threaded) wait(eng engine.Engine) (inst engine.Instance, err error) {
	s.host, err = stopper(eng)
	return s.host, err
}

func (s *threaded) Close() error { return closeHost(s.host) }

// stopper is for modules that have no need to wait: they do so to end.
func stopper(eng engine.Engine) (engine.Instance, error) {
	return eng.NewHost([]engine.HostFunc{{Name: waitImport, Results: []engine.ValType{engine.I64}, Fn: func(stack []uint64) { stack[0] = stop }}})
}

func closeHost(h engine.Instance) error {
	if h == nil {
		return nil
	}
	return h.Close()
}

// fibered is a fiber: the module leaves by waiting in it.
type fibered struct {
	c     *CPU
	fiber engine.Fiber
	left  arch.Exit
	where place
}

func (s *fibered) run() arch.Exit {
	c := s.c
	var ended bool
	var err error
	if c.started {
		ended, err = s.fiber.Resume(c.answer(s.where))
	} else {
		c.started = true
		ended, err = s.fiber.Start(c.main)
	}
	if ended {
		return c.end(err)
	}
	return s.left
}

func (s *fibered) leave(e arch.Exit, where place) bool {
	s.left, s.where = e, where
	return false
}

func (s *fibered) wait(engine.Engine) (engine.Instance, error) { return s.fiber.Instance(), nil }

func (s *fibered) Close() error { return s.fiber.Close() }

// inline is the caller's own stack, where nothing else is to be had: the module runs to its end at
// once. What would wait is answered otherwise (Dispatcher.inline), and proc_exit ends it.
type inline struct {
	c    *CPU
	host engine.Instance
	left arch.Exit // what it was ended for
}

func (s *inline) run() arch.Exit {
	c := s.c
	if !c.regs.proc.given { // first, all of its input
		c.regs.call = &awaitInput
		return arch.Exit{Kind: arch.ExitSyscall}
	}
	c.started = true
	e := c.end(c.main.Call(make([]uint64, 1)))
	if c.stopping { // proc_exit; nothing else comes back
		c.last = arch.Exit{Kind: arch.ExitUndefined, Name: "a WebAssembly program had to wait, and " + noWaiting}
		return s.left
	}
	return e
}

func (s *inline) leave(e arch.Exit, where place) bool {
	switch {
	case where == inPause: // nobody else can run
		s.c.grant = 1 << 30
		return true
	case e.Kind == arch.ExitPreempted && s.c.regs.call.name != "proc_raise": // the call is served
		return true
	}
	s.left, s.c.stopping = e, true
	return false
}

func (s *inline) wait(eng engine.Engine) (inst engine.Instance, err error) {
	s.host, err = stopper(eng)
	return s.host, err
}

func (s *inline) Close() error { return closeHost(s.host) }
