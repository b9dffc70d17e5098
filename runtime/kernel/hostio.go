package kernel

import (
	"context"
	"io"
	"sync"

	"boxer/runtime/abi"
)

// hostBuffer bounds what is held between the box and a host stream, each way.
const hostBuffer = 1 << 16

// hostReader is a host stream that the box reads. A goroutine of its own
// reads ahead once the box has asked for the first time, so that a program which never reads
// takes nothing from the host.
type hostReader struct {
	k *Kernel
	r io.Reader
	q WaitQueue // kernel lock

	mu      sync.Mutex
	room    sync.Cond
	buf     []byte
	err     error // the stream has ended
	started bool
	closed  bool
	ahead   int // how much is read ahead
}

func newHostReader(k *Kernel, r io.Reader) *hostReader {
	h := &hostReader{k: k, r: r, ahead: hostBuffer}
	h.room.L = &h.mu
	return h
}

// start makes the reading goroutine run.
func (h *hostReader) start() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.started {
		h.started = true
		go h.pump()
	}
}

// pump reads ahead until the stream ends. A Read that the host never ends
// keeps this goroutine, and nothing else, behind the box.
func (h *hostReader) pump() {
	p := make([]byte, 4096)
	for {
		n, err := h.r.Read(p)
		h.mu.Lock()
		if h.closed {
			h.mu.Unlock()
			return
		}
		h.buf = append(h.buf, p[:n]...)
		h.err = err
		h.mu.Unlock()
		h.k.mu.Lock()
		h.q.Wake()
		h.k.mu.Unlock()
		if err != nil {
			return
		}
		h.mu.Lock()
		for len(h.buf) >= h.ahead && !h.closed {
			h.room.Wait()
		}
		closed := h.closed
		h.mu.Unlock()
		if closed {
			return
		}
	}
}

// read takes what is there: EAGAIN if nothing is, 0 at the end.
func (h *hostReader) read(p []byte) (int, abi.Errno) {
	h.start()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.buf) == 0 {
		switch h.err {
		case nil:
			return 0, abi.EAGAIN
		case io.EOF:
			return 0, 0
		}
		return 0, abi.EIO
	}
	n := copy(p, h.buf)
	h.buf = h.buf[n:]
	if len(h.buf) == 0 {
		h.buf = nil
	}
	h.room.Signal()
	return n, 0
}

func (h *hostReader) available() (n int, ended bool) {
	h.start()
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.buf), h.err != nil
}

// close ends the stream for whoever still reads it. Called with the kernel lock.
func (h *hostReader) close() {
	h.mu.Lock()
	h.closed, h.started = true, true
	if h.err == nil {
		h.err = io.EOF
	}
	h.mu.Unlock()
	h.room.Signal()
	h.q.Wake()
}

// outputs are the host streams that a program writes. A stream takes data only
// while the others are empty, so that what goes to one terminal by two streams stays
// in order.
type outputs struct {
	k      *Kernel
	list   []*hostWriter
	q      WaitQueue // kernel lock; woken when one has room or is empty
	closed bool      // kernel lock: no program's data is taken any more
}

// hostWriter is one of them; a goroutine writes what it holds.
type hostWriter struct {
	o *outputs
	w io.Writer

	mu   sync.Mutex
	more sync.Cond // data came
	idle sync.Cond // all is written
	buf  []byte
	busy bool // a host write is under way
	over bool // nothing will come any more
	err  error
}

func (o *outputs) add(w io.Writer) *hostWriter {
	h := &hostWriter{o: o, w: w}
	h.more.L, h.idle.L = &h.mu, &h.mu
	o.list = append(o.list, h)
	go h.pump()
	return h
}

// pump writes until drain says that nothing will come any more.
func (h *hostWriter) pump() {
	var spare []byte
	for {
		h.mu.Lock()
		h.busy = false
		if len(h.buf) == 0 {
			h.idle.Broadcast()
		}
		h.mu.Unlock()
		h.o.k.mu.Lock()
		h.o.q.Wake()
		h.o.k.mu.Unlock()

		h.mu.Lock()
		for len(h.buf) == 0 {
			if h.over {
				h.mu.Unlock()
				return
			}
			h.more.Wait()
		}
		p := h.buf
		h.buf, spare = spare[:0], p
		h.busy = true
		failed := h.err != nil
		h.mu.Unlock()
		if failed {
			continue // nobody wants it any more
		}
		if _, err := h.w.Write(p); err != nil {
			h.mu.Lock()
			h.err = err
			h.mu.Unlock()
			h.idle.Broadcast()
		}
	}
}

// empty reports whether all is written.
func (h *hostWriter) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.buf) == 0 && !h.busy
}

// room is how many bytes a write may hand over; 0 while another stream is not empty.
func (h *hostWriter) room() (n int, errno abi.Errno) {
	most := hostBuffer
	if h.o.k.runsInline() {
		most = maxInline
	} else {
		for _, o := range h.o.list {
			if o != h && !o.empty() {
				return 0, 0
			}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return 0, abi.EPIPE
	}
	return most - len(h.buf), 0
}

// write hands over what fits.
func (h *hostWriter) write(p []byte) (int, abi.Errno) {
	n, errno := h.room()
	if errno != 0 {
		return 0, errno
	}
	if n = min(n, len(p)); n <= 0 {
		if len(p) == 0 {
			return 0, 0
		}
		return 0, abi.EAGAIN
	}
	h.mu.Lock()
	h.buf = append(h.buf, p[:n]...)
	h.mu.Unlock()
	h.more.Signal()
	return n, 0
}

// wait waits until all is written or ctx is done.
func (o *outputs) wait(ctx context.Context) {
	for _, h := range o.list {
		h.wait(ctx)
	}
}

// end ends the goroutines: what is not written now never will be.
func (o *outputs) end() {
	for _, h := range o.list {
		h.mu.Lock()
		h.over = true
		h.mu.Unlock()
		h.more.Signal()
	}
}

// wait waits until all is written, or writing is hopeless.
func (h *hostWriter) wait(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		h.mu.Lock()
		h.err = ctx.Err()
		h.mu.Unlock()
		h.idle.Broadcast()
	})
	defer stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for (len(h.buf) > 0 || h.busy) && h.err == nil {
		h.idle.Wait()
	}
}

// hostInput is the File of a standard input.
type hostInput struct {
	plainFile
	k        *Kernel
	h        *hostReader
	uid, gid uint32
}

func (f *hostInput) Read(_ *Task, _ *Description, p []byte, off int64) (int, abi.Errno) {
	if off >= 0 {
		return 0, abi.ESPIPE
	}
	if len(p) == 0 {
		return 0, 0
	}
	return f.h.read(p)
}

func (f *hostInput) Ready(*Description) uint32 {
	n, ended := f.h.available()
	switch {
	case n > 0:
		return abi.POLLIN | abi.POLLRDNORM
	case ended:
		return abi.POLLIN | abi.POLLRDNORM | abi.POLLHUP
	}
	return 0
}

func (f *hostInput) Queue() *WaitQueue { return &f.h.q }

func (f *hostInput) Stat() (abi.Stat, abi.Errno) {
	st, errno := f.k.anonStat(abi.S_IFIFO|0o600, 0x10000)
	st.UID, st.GID = f.uid, f.gid
	return st, errno
}

func (f *hostInput) Ioctl(t *Task, _ *Description, req uint32, arg uint64) (uint64, abi.Errno) {
	if req == abi.FIONREAD {
		n, _ := f.h.available()
		return 0, errnoOf(t.space.mm.WriteU32(arg, uint32(n)))
	}
	return 0, abi.ENOTTY
}

func (f *hostInput) Release(*Description) { f.h.close() }

// hostOutput is the File of a standard output.
type hostOutput struct {
	plainFile
	h        *hostWriter
	ino      uint64
	uid, gid uint32
}

func (f *hostOutput) Write(_ *Task, _ *Description, p []byte, off int64) (int, abi.Errno) {
	if off >= 0 {
		return 0, abi.ESPIPE
	}
	if f.h.o.closed {
		return 0, abi.EPIPE
	}
	return f.h.write(p)
}

func (f *hostOutput) Ready(*Description) uint32 {
	n, errno := f.h.room()
	switch {
	case errno != 0 || f.h.o.closed:
		return abi.POLLERR
	case n > 0:
		return abi.POLLOUT | abi.POLLWRNORM
	}
	return 0
}

func (f *hostOutput) Queue() *WaitQueue { return &f.h.o.q }

func (f *hostOutput) Stat() (abi.Stat, abi.Errno) {
	st, errno := f.h.o.k.anonStat(abi.S_IFIFO|0o600, 0x10000+f.ino)
	st.UID, st.GID = f.uid, f.gid
	return st, errno
}
