package kernel

import (
	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// Sizes of pipes (pipe(7)).
const (
	pipeBuf      = 4096    // PIPE_BUF: smaller writes are atomic
	pipeCapacity = 1 << 16 // default
	pipeMax      = 1 << 20 // /proc/sys/fs/pipe-max-size
)

// A pipe is a bounded byte queue with a reading and a writing end. A FIFO is
// one that its node in the tree finds again.
type pipe struct {
	k        *Kernel
	q        WaitQueue
	buf      []byte // ring; allocated by the first write, len is the room now
	head, n  int
	capacity int
	readers  int
	writers  int
	// Ends opened so far: a FIFO's open waits for the other side's next one.
	readOpens, writeOpens int
	fifo                  wasmfs.Node // nil for pipe(2)
	ino                   uint64
	uid, gid              uint32
}

// pipeTable finds FIFOs by their node.
type pipeTable struct {
	fifos   map[wasmfs.Node]*pipe
	lastIno uint64
}

func (k *Kernel) newPipe() *pipe {
	k.pipes.lastIno++
	return &pipe{k: k, capacity: pipeCapacity, ino: k.pipes.lastIno}
}

// pipeEnd is the File of one end, or of both (a FIFO opened for reading and writing).
type pipeEnd struct {
	p    *pipe
	r, w bool
}

func (k *Kernel) openEnd(p *pipe, r, w bool) *pipeEnd {
	if r {
		p.readers++
		p.readOpens++
	}
	if w {
		p.writers++
		p.writeOpens++
	}
	p.q.Wake()
	return &pipeEnd{p: p, r: r, w: w}
}

// Pipe makes a pipe: the descriptions of its reading and writing end.
func (t *Task) Pipe(flags int) (r, w *Description) {
	k := t.k
	p := k.newPipe()
	p.uid, p.gid = t.cred.FSUID, t.cred.FSGID
	flags &= abi.O_NONBLOCK | abi.O_DIRECT
	return NewDescription(k.openEnd(p, true, false), flags|abi.O_RDONLY),
		NewDescription(k.openEnd(p, false, true), flags|abi.O_WRONLY)
}

func (e *pipeEnd) Read(_ *Task, _ *Description, b []byte, off int64) (int, abi.Errno) {
	if off >= 0 {
		return 0, abi.ESPIPE
	}
	p := e.p
	if len(b) == 0 {
		return 0, 0
	}
	if p.n == 0 {
		if p.writers == 0 {
			return 0, 0
		}
		return 0, abi.EAGAIN
	}
	n := copy(b, p.buf[p.head:min(p.head+p.n, len(p.buf))])
	if n < len(b) && n < p.n {
		n += copy(b[n:], p.buf[:p.n-n])
	}
	p.head = (p.head + n) % len(p.buf)
	p.n -= n
	if p.n == 0 {
		p.head = 0
		p.shrink()
	}
	p.q.Wake()
	return n, 0
}

// Write copies what fits. Pieces of up to pipeBuf bytes go in as a whole.
func (e *pipeEnd) Write(t *Task, _ *Description, b []byte, off int64) (int, abi.Errno) {
	if off >= 0 {
		return 0, abi.ESPIPE
	}
	p := e.p
	if p.readers == 0 {
		return 0, abi.EPIPE
	}
	if p.k.runsInline() {
		p.capacity = max(p.capacity, min(p.n+len(b), maxInline))
	}
	room := p.capacity - p.n
	if room == 0 || len(b) <= pipeBuf && room < len(b) {
		if len(b) == 0 {
			return 0, 0
		}
		return 0, abi.EAGAIN
	}
	n := min(room, len(b))
	if !p.reserve(p.n + n) {
		return 0, abi.ENOMEM
	}
	tail := (p.head + p.n) % len(p.buf)
	c := copy(p.buf[tail:], b[:n])
	copy(p.buf, b[c:n])
	p.n += n
	p.q.Wake()
	return n, 0
}

// reserve makes the ring at least n bytes large, within the box's budget.
func (p *pipe) reserve(n int) bool {
	if n <= len(p.buf) {
		return true
	}
	size := max(len(p.buf), pipeBuf)
	for size < n {
		size *= 2
	}
	if p.k.pipeUsed+int64(size-len(p.buf)) > p.k.cfg.Limits.PipeBytes {
		return false
	}
	p.resize(size)
	return true
}

func (p *pipe) resize(size int) {
	buf := make([]byte, size)
	c := copy(buf, p.buf[p.head:min(p.head+p.n, len(p.buf))])
	copy(buf[c:], p.buf[:p.n-c])
	p.k.pipeUsed += int64(size - len(p.buf))
	p.buf, p.head = buf, 0
}

// shrink gives a large empty ring back.
func (p *pipe) shrink() {
	if len(p.buf) > pipeCapacity {
		p.k.pipeUsed -= int64(len(p.buf))
		p.buf = nil
	}
}

func (e *pipeEnd) Ready(*Description) (ev uint32) {
	p := e.p
	if e.r {
		if p.n > 0 {
			ev |= abi.POLLIN | abi.POLLRDNORM
		}
		if p.writers == 0 && p.writeOpens > 0 {
			ev |= abi.POLLHUP
		}
	}
	if e.w {
		if p.capacity-p.n >= pipeBuf {
			ev |= abi.POLLOUT | abi.POLLWRNORM
		}
		if p.readers == 0 {
			ev |= abi.POLLERR
		}
	}
	return ev
}

func (e *pipeEnd) Queue() *WaitQueue { return &e.p.q }

func (e *pipeEnd) Stat() (abi.Stat, abi.Errno) {
	st, errno := e.p.k.anonStat(abi.S_IFIFO|0o600, e.p.ino)
	st.Dev, st.UID, st.GID = abi.Makedev(0, 13), e.p.uid, e.p.gid
	return st, errno
}

func (e *pipeEnd) Ioctl(t *Task, _ *Description, req uint32, arg uint64) (uint64, abi.Errno) {
	if req == abi.FIONREAD {
		return 0, errnoOf(t.space.mm.WriteU32(arg, uint32(e.p.n)))
	}
	return 0, abi.ENOTTY
}

func (e *pipeEnd) Release(*Description) {
	p := e.p
	if e.r {
		p.readers--
	}
	if e.w {
		p.writers--
	}
	p.q.Wake()
	if p.readers == 0 && p.writers == 0 {
		p.k.pipeUsed -= int64(len(p.buf))
		p.buf, p.n, p.head = nil, 0, 0
		if p.fifo != nil {
			delete(p.k.pipes.fifos, p.fifo)
		}
	}
}

// PipeSize is F_GETPIPE_SZ; EBADF if d is no pipe.
func (d *Description) PipeSize() (uint64, abi.Errno) {
	e, ok := d.File.(*pipeEnd)
	if !ok {
		return 0, abi.EBADF
	}
	return uint64(e.p.capacity), 0
}

// SetPipeSize is F_SETPIPE_SZ: the capacity becomes a power of two pages.
func (d *Description) SetPipeSize(n uint64) (uint64, abi.Errno) {
	e, ok := d.File.(*pipeEnd)
	if !ok {
		return 0, abi.EBADF
	}
	if n > pipeMax {
		return 0, abi.EPERM
	}
	size := pipeBuf
	for uint64(size) < n {
		size *= 2
	}
	if size < e.p.n {
		return 0, abi.EBUSY
	}
	e.p.capacity = size
	if len(e.p.buf) > size {
		e.p.resize(size)
	}
	e.p.q.Wake()
	return uint64(size), 0
}

// openFIFO opens a FIFO in the tree (fifo(7)): without O_NONBLOCK one side
// waits for the other. The call is made again after the wait, with the end
// already taken kept in the call's record: Done is its count of the other
// side's opens plus 1.
func (t *Task) openFIFO(path wasmfs.Path, flags int) (*Description, abi.Errno) {
	k := t.k
	p := k.pipes.fifos[path.Node]
	if p == nil {
		p = k.newPipe()
		p.fifo = path.Node
		k.pipes.fifos[path.Node] = p
	}
	acc := flags & abi.O_ACCMODE
	r, w := acc != abi.O_WRONLY, acc != abi.O_RDONLY
	if w && !r && flags&abi.O_NONBLOCK != 0 && p.readers == 0 {
		p.forgetIfUnused()
		return nil, abi.ENXIO
	}
	if t.opening == nil {
		t.opening = k.openEnd(p, r, w)
		t.sys.Aux[0] = int64(p.writeOpens)
		t.sys.Aux[1] = int64(p.readOpens)
	}
	e := t.opening
	wait := flags&abi.O_NONBLOCK == 0 &&
		(r && !w && p.writers == 0 && int64(p.writeOpens) == t.sys.Aux[0] ||
			w && !r && p.readers == 0 && int64(p.readOpens) == t.sys.Aux[1])
	if wait {
		errno := t.Block(ERESTARTSYS, &p.q)
		if errno != Blocked {
			t.opening = nil
			e.Release(nil)
		}
		return nil, errno
	}
	t.opening = nil
	d := NewDescription(e, flags)
	d.Path = path
	return d, 0
}

func (p *pipe) forgetIfUnused() {
	if p.readers == 0 && p.writers == 0 {
		delete(p.k.pipes.fifos, p.fifo)
	}
}
