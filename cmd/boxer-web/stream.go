//go:build js

package main

import (
	"io"
	"sync"

	"boxer/jsbridge/port"
)

const (
	// maxUnacknowledged is how much output of a program may be on its way to
	// the page, in bytes.
	maxUnacknowledged = 256 << 10
	// maxOut is the most in one message.
	maxOut = 64 << 10
	// maxInput is how much input waits in the core before the page is told
	// to wait.
	maxInput = 64 << 10
)

// A window bounds what is on its way.
type window struct {
	cond *sync.Cond
	n    int
	wide bool // no bound any more
}

func newWindow() window { return window{cond: sync.NewCond(&sync.Mutex{})} }

// take waits until n bytes more may go.
func (w *window) take(n int) {
	w.cond.L.Lock()
	defer w.cond.L.Unlock()
	for !w.wide && w.n > 0 && w.n+n > maxUnacknowledged {
		w.cond.Wait()
	}
	w.n += n
}

// open ends the bound.
func (w *window) open() {
	w.cond.L.Lock()
	defer w.cond.L.Unlock()
	w.wide = true
	w.cond.Broadcast()
}

// done gives n bytes back.
func (w *window) done(n int) {
	w.cond.L.Lock()
	defer w.cond.L.Unlock()
	w.n -= max(0, min(n, w.n))
	w.cond.Broadcast()
}

// output posts what a program writes.
type output struct {
	p  *proc
	fd int
}

func (o *output) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		n := min(len(p)-done, maxOut)
		o.p.unack.take(n)
		port.Post(map[string]any{"t": "out", "proc": o.p.id, "fd": o.fd, "data": p[done : done+n]})
		done += n
	}
	return len(p), nil
}

// input is what the page gave a program to read. A Read waits for more.
type input struct {
	mu     sync.Mutex
	more   sync.Cond
	buf    []byte
	ended  bool
	closed bool     // nobody will read
	taken  []func() // tell that the page may go on
}

func newInput() *input {
	in := &input{}
	in.more.L = &in.mu
	return in
}

// push adds data, and calls taken when there is room for more.
func (in *input) push(data []byte, taken func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed || in.ended {
		taken()
		return
	}
	in.buf = append(in.buf, data...)
	if len(in.buf) <= maxInput {
		taken()
	} else {
		in.taken = append(in.taken, taken)
	}
	in.more.Signal()
}

// end is the end of input.
func (in *input) end() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
	in.more.Signal()
}

// close says that nobody will read any more.
func (in *input) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed, in.ended, in.buf = true, true, nil
	in.release()
	in.more.Signal()
}

func (in *input) release() {
	for _, f := range in.taken {
		f()
	}
	in.taken = nil
}

func (in *input) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.buf) == 0 {
		if in.ended {
			return 0, io.EOF
		}
		in.more.Wait()
	}
	n := copy(p, in.buf)
	if in.buf = in.buf[n:]; len(in.buf) == 0 {
		in.buf = nil
	}
	if len(in.buf) <= maxInput {
		in.release()
	}
	return n, nil
}
