package wasi

import (
	"fmt"
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/knob"
	"boxer/wasmfs"
)

var trace = knob.New("wasi", "print each call of a WebAssembly program")

// Dispatcher serves the calls of modules, and hands those of Linux programs
// on. It implements kernel.Dispatcher.
type Dispatcher struct{ linux kernel.Dispatcher }

// NewDispatcher returns a Dispatcher in front of the one for Linux programs.
func NewDispatcher(linux kernel.Dispatcher) *Dispatcher { return &Dispatcher{linux} }

var _ kernel.Dispatcher = (*Dispatcher)(nil)

// Class implements kernel.Dispatcher.
func (d *Dispatcher) Class(nr uint64) kernel.Class {
	if i := nr - firstCall; i < uint64(len(calls)) {
		return calls[i].class
	}
	return d.linux.Class(nr)
}

// Dispatch implements kernel.Dispatcher.
func (d *Dispatcher) Dispatch(t *kernel.Task, nr uint64, args *[6]uint64) (uint64, abi.Errno) {
	r, ok := (*Regs)(nil), false
	if nr >= firstCall {
		r, ok = t.Regs().(*Regs)
	}
	if !ok {
		return d.linux.Dispatch(t, nr, args)
	}
	if r.call.class&kernel.Unlocked == 0 && !r.proc.ready {
		r.proc.prepare(t)
	}
	errno := r.call.fn(t, r.proc, r.args[:len(r.call.params)])
	if r.proc.inline && r.proc.given {
		errno = r.instead(t, errno)
	}
	if trace.Enabled() {
		r.trace(t, errno)
	}
	return 0, errno
}

// awaitInput is what an inline program calls before it starts.
var awaitInput = call{name: "await input", nr: firstCall + uint64(len(rows)), fn: func(t *kernel.Task, p *process, _ []uint64) abi.Errno {
	errno := t.AwaitInput()
	if errno == 0 {
		p.given = true
		t.SetInline()
	}
	return errno
}}

// instead is the result of an inline program's call where it would have to wait: the end of input, or a refusal.
func (r *Regs) instead(t *kernel.Task, errno abi.Errno) abi.Errno {
	switch errno {
	case kernel.Blocked, wasmfs.WouldWait, kernel.ERESTARTSYS, kernel.ERESTARTNOHAND, kernel.ERESTARTNOINTR:
	default:
		return errno
	}
	if d, bad := t.FD(int32(r.args[0])); r.call.name == "fd_read" && bad == 0 && d.Backing() == nil {
		return put32(t, r.args[3], 0)
	}
	t.Kernel().Unsupported("WASI " + r.call.name + " that waits: " + noWaiting)
	return abi.EOPNOTSUPP
}

// prepare gives the program what it finds at its start: it is done at the first call,
// when the task is the program's and nobody else's.
func (p *process) prepare(t *kernel.Task) {
	p.ready = true
	p.setPWD(t)
	d, errno := t.Open(wasmfs.Path{}, "/", abi.O_RDONLY|abi.O_DIRECTORY, 0, 0)
	if errno != 0 {
		t.Kernel().Logf("%s[%d]: opening / for a WebAssembly program: %v", t.Comm(), t.TID(), errno)
		return
	}
	p.preopen = d
	t.Files().Put(preopenFD, d, false)
}

// setPWD makes PWD name the working directory, if it does not: a shell's
// PWD stays, which may lead there through symbolic links.
func (p *process) setPWD(t *kernel.Task) {
	fs, env := t.FS(), t.Env()
	for i, v := range p.env {
		dir, ok := strings.CutPrefix(v, "PWD=")
		if !ok {
			continue
		}
		if at, err := t.Kernel().Namespace().Resolve(&env, wasmfs.Path{}, dir, 0); err == nil && strings.HasPrefix(dir, "/") && at.Same(fs.Cwd) {
			return
		}
		p.env = append(append([]string(nil), p.env[:i]...), p.env[i+1:]...)
		break
	}
	cwd, _ := fs.Cwd.String(fs.Root)
	p.env = append(p.env[:len(p.env):len(p.env)], "PWD="+cwd)
}

// trace prints a call that has completed, or parked.
func (r *Regs) trace(t *kernel.Task, errno abi.Errno) {
	outcome := "success"
	switch errno {
	case 0:
	case kernel.Blocked:
		outcome = "<unfinished ...>"
	case kernel.NoReturn:
		outcome = "?"
	case kernel.ERESTARTSYS, kernel.ERESTARTNOHAND, kernel.ERESTARTNOINTR:
		outcome = "? ERESTARTSYS (to be restarted)"
	default:
		outcome = fmt.Sprintf("%d (%s)", errnoOf(errno), errno.Name())
	}
	_, text, _ := strings.Cut(r.String(), ": ")
	t.Kernel().Logf("[%d] %s = %s", t.TID(), text, outcome)
}
