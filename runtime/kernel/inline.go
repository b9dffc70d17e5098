package kernel

import "boxer/runtime/abi"

// A program is inline if nothing can take it off the stack: it runs from its start to its end, and nothing else
// of the box meanwhile (package wasi, where the engine can neither suspend code nor block). What would have to wait is
// avoided: its input is there before it starts, and its output is taken however much it is.

// maxInline bounds what is held of an inline program's output, each stream, and of its input, in bytes.
const maxInline = 64 << 20

// inlineRetry is after how many nanoseconds to look again whether a program is still being loaded.
const inlineRetry = 5e6

// SetInline makes t's program inline.
func (t *Task) SetInline() { t.inline = true }

// runsInline reports whether an inline program is running.
func (k *Kernel) runsInline() bool {
	s := k.turning
	return s != nil && s.cur != nil && s.cur.inline && s.fastCall
}

// AwaitInput waits until no more input will come: the end of the host's stream, or of the writers of
// a pipe. Other files, and terminals, are as they are.
func (t *Task) AwaitInput() abi.Errno {
	if t.k.cfg.Host != nil && t.k.loading > 0 { // whoever loads a program may wait, and hold what a call needs
		t.sys.Deadline, t.sys.HasLimit = t.k.monotonic()+inlineRetry, true
		return t.Block(ERESTARTSYS)
	}
	d, errno := t.FD(0)
	if errno != 0 {
		return 0
	}
	switch f := d.File.(type) {
	case *hostInput:
		if n, ended := f.h.readAll(); !ended && n < maxInline {
			return t.Block(ERESTARTSYS, f.Queue())
		}
	case *pipeEnd:
		if p := f.p; f.r && p.writers > 0 && p.capacity < maxInline {
			p.capacity = maxInline
			p.q.Wake()
			return t.Block(ERESTARTSYS, f.Queue())
		} else if f.r && p.writers > 0 && p.n < maxInline {
			return t.Block(ERESTARTSYS, f.Queue())
		}
	}
	return 0
}

// readAll is available of a stream that is to be read ahead to its end.
func (h *hostReader) readAll() (n int, ended bool) {
	h.mu.Lock()
	h.ahead = maxInline
	h.mu.Unlock()
	h.room.Signal()
	return h.available()
}
