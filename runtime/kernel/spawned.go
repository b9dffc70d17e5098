package kernel

import (
	"context"
	"io"

	"boxer/runtime/abi"
)

// streams are what connects a program that Spawn started with the host. They
// are freed when it has ended and its output is written.
type streams struct {
	k   *Kernel
	in  *hostReader // or nil
	out *outputs
	tty *console // or nil
}

// newStreams opens descriptors 0 to 2 of a program that is about to start.
func (k *Kernel) newStreams(t *Task, e *Exec) *streams {
	s := &streams{k: k, out: &outputs{k: k}}
	k.streams[s] = struct{}{}
	if e.TTY != nil {
		s.in = newHostReader(k, e.TTY.In)
		s.tty = k.newConsole(e.TTY, s.in, s.out.add(e.TTY.Out))
		d := NewDescription(s.tty, abi.O_RDWR)
		d.Path = s.tty.place(t)
		for fd := range 3 {
			t.files.Put(fd, d.Retain(), false)
		}
		d.refs--
		return s
	}
	null := func(flags int) *Description { return NewDescription(&memDevice{k: k, rdev: devNull}, flags) }
	in := null(abi.O_RDONLY)
	if e.Stdin != nil {
		s.in = newHostReader(k, e.Stdin)
		in = NewDescription(&hostInput{k: k, h: s.in, uid: e.UID, gid: e.GID}, abi.O_RDONLY)
	}
	t.files.Put(0, in, false)
	for i, w := range []io.Writer{e.Stdout, e.Stderr} {
		out := null(abi.O_WRONLY)
		if w != nil {
			out = NewDescription(&hostOutput{h: s.out.add(w), ino: uint64(i + 1), uid: e.UID, gid: e.GID}, abi.O_WRONLY)
		}
		t.files.Put(i+1, out, false)
	}
	return s
}

// drain waits until all is written or ctx is done, and frees the streams. What
// a terminal still holds is moved first. Nothing more is taken: programs left behind
// get EPIPE, or EIO from the terminal.
func (s *streams) drain(ctx context.Context) {
	k := s.k
	k.mu.Lock()
	s.out.closed = true
	if s.tty != nil {
		s.tty.hangup()
	}
	s.out.q.Wake()
	k.mu.Unlock()
	for {
		s.out.wait(ctx)
		k.mu.Lock()
		pending := 0
		if s.tty != nil {
			pending = s.tty.line.Pending()
			s.tty.flush()
		}
		k.mu.Unlock()
		if pending == 0 || ctx.Err() != nil {
			break
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	s.free()
}

// free ends what serves the streams; once more is harmless.
func (s *streams) free() {
	if _, ok := s.k.streams[s]; !ok {
		return
	}
	delete(s.k.streams, s)
	s.out.closed = true
	s.out.end()
	if s.in != nil {
		s.in.close()
	}
	if s.tty != nil {
		s.tty.remove()
	}
}

// PID is the process's id.
func (p *Process) PID() int { return p.pid }

// Wait waits until the process has ended, however it was started.
func (p *Process) Wait() ExitStatus {
	<-p.ended
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	return p.exitStatus()
}

// Drain waits until what a process that Spawn started wrote has reached the
// host, or ctx is done, and frees its streams and its terminal. Processes that it left
// behind cannot write any more. Preconditions: it has ended.
func (p *Process) Drain(ctx context.Context) { p.streams.drain(ctx) }

// Signal sends sig to the process as the host's operator would: default
// actions apply even to pid 1.
func (p *Process) Signal(sig abi.Signal) {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.k.sendProcess(p, &abi.SigInfo{Signo: sig, Code: abi.SI_KERNEL}, true)
}

// Resize tells the terminal that the process was started on its new size; the
// terminal's foreground processes get SIGWINCH.
func (p *Process) Resize(rows, cols uint16) {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.resize(rows, cols)
}

func (p *Process) resize(rows, cols uint16) {
	if p.streams.tty != nil {
		p.streams.tty.resize(abi.Winsize{Rows: rows, Cols: cols})
	}
}

// Kill ends the process and all others of its session, which is what its
// terminal's end would take with it.
func (p *Process) Kill() {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	for _, q := range p.k.sortedProcs() {
		if q.session == p.session && !q.zombie {
			q.exitGroup(abi.KilledStatus(abi.SIGKILL))
		}
	}
}
