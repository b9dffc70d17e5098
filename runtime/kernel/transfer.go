package kernel

import (
	"math/bits"

	"boxer/runtime/abi"
	"boxer/runtime/mm"
	"boxer/wasmfs"
)

// ScratchSize is the largest piece in which data moves between files and guest
// memory: a pipe's capacity.
const ScratchSize = 1 << 16

// Scratch returns a buffer of n bytes, at most ScratchSize, good until the
// next call of Scratch by a task of the same space.
func (t *Task) Scratch(n int) []byte {
	s := t.space
	if cap(s.scratch) < n {
		s.scratch = make([]byte, 1<<max(bits.Len(uint(n-1)), 12))
	}
	return s.scratch[:n]
}

// advance skips the first n bytes of v.
func advance(v []mm.Iovec, n uint64) []mm.Iovec {
	for len(v) > 0 && n >= v[0].Len {
		n -= v[0].Len
		v = v[1:]
	}
	if n == 0 || len(v) == 0 {
		return v
	}
	rest := append([]mm.Iovec{{Base: v[0].Base + n, Len: v[0].Len - n}}, v[1:]...)
	return rest
}

// Read is readv(2) and preadv(2) into v: off is −1 for the description's own
// position. It blocks unless the description is non-blocking.
func (t *Task) Read(d *Description, v []mm.Iovec, off int64) (uint64, abi.Errno) {
	if !d.Readable() {
		return 0, abi.EBADF
	}
	total := mm.IovecLen(v)
	_, regular := d.File.(*treeFile)
	if total > 0 && !regular {
		// What a stream gives must not be lost because the buffer is bad.
		for len(v) > 1 && v[0].Len == 0 {
			v = v[1:]
		}
		if t.space.mm.Writable(v[0].Base, v[0].Len) == 0 {
			return 0, abi.EFAULT
		}
	}
	done := uint64(0)
	for {
		buf := t.Scratch(int(min(total-done, ScratchSize)))
		at := off
		if off >= 0 {
			at += int64(done)
		}
		n, errno := d.File.Read(t, d, buf, at)
		if errno != 0 {
			switch {
			case errno == wasmfs.WouldWait:
				// The call is made again from the start.
				if off < 0 {
					d.Pos -= int64(done)
				}
				return 0, errno
			case done > 0:
				return done, 0
			case errno == abi.EAGAIN && !d.NonBlocking():
				if t.Expired() {
					return 0, 0 // a terminal's VTIME
				}
				return 0, t.Block(ERESTARTSYS, d.File.Queue())
			}
			return 0, errno
		}
		rest := v
		if done > 0 {
			rest = advance(v, done)
		}
		c, err := t.space.mm.CopyOutVec(rest, buf[:n])
		if c < n && regular && off < 0 {
			d.Pos -= int64(n - c)
		}
		if err != nil && done == 0 && n > 0 {
			return 0, errnoOf(err)
		}
		done += uint64(c)
		if !regular || c < n || n < len(buf) || done == total {
			return done, 0
		}
	}
}

// Write is writev(2) and pwritev(2) from v.
func (t *Task) Write(d *Description, v []mm.Iovec, off int64) (uint64, abi.Errno) {
	if t.Flushing() {
		return t.syncedAgain(d)
	}
	n, errno := t.write(d, v, off)
	return t.synced(d, n, errno, false)
}

// WriteSync is Write with RWF_DSYNC.
func (t *Task) WriteSync(d *Description, v []mm.Iovec, off int64) (uint64, abi.Errno) {
	if t.Flushing() {
		return t.syncedAgain(d)
	}
	n, errno := t.write(d, v, off)
	return t.synced(d, n, errno, true)
}

// write writes. What it has moved before it must wait is kept in the call's
// record.
func (t *Task) write(d *Description, v []mm.Iovec, off int64) (uint64, abi.Errno) {
	if !d.Writable() {
		return 0, abi.EBADF
	}
	total, done := mm.IovecLen(v), uint64(t.sys.Done)
	for {
		buf := t.Scratch(int(min(total-done, ScratchSize)))
		rest := v
		if done > 0 {
			rest = advance(v, done)
		}
		n, err := t.space.mm.CopyInVec(rest, buf)
		if err != nil {
			return partial(done, errnoOf(err))
		}
		at := off
		if off >= 0 {
			at += int64(done)
		}
		w, errno := d.File.Write(t, d, buf[:n], at)
		done += uint64(w)
		switch {
		case errno == abi.EPIPE:
			t.Raise(abi.SIGPIPE)
			return partial(done, errno)
		case errno == abi.EAGAIN && !d.NonBlocking():
			t.sys.Done = int64(done)
			errno = t.Block(ERESTARTSYS, d.File.Queue())
			if errno == Blocked {
				return 0, Blocked
			}
			return partial(done, errno)
		case errno == wasmfs.WouldWait:
			t.sys.Done = int64(done)
			return 0, errno
		case errno != 0:
			return partial(done, errno)
		case done == total || n < len(buf):
			return done, 0
		case w == 0:
			return done, 0
		}
	}
}

// partial is the result of a transfer that ended early.
func partial(done uint64, errno abi.Errno) (uint64, abi.Errno) {
	if done > 0 {
		return done, 0
	}
	return 0, errno
}

// Copy moves up to n bytes from one description to another without guest
// memory: sendfile(2), splice(2), copy_file_range(2). An offset of −1 stands for the description's
// position. It returns after the first piece that came short.
func (t *Task) Copy(in, out *Description, inOff, outOff int64, n uint64) (uint64, abi.Errno) {
	if t.Flushing() {
		return t.syncedAgain(out)
	}
	done, errno := t.copy(in, out, inOff, outOff, n)
	return t.synced(out, done, errno, false)
}

func (t *Task) copy(in, out *Description, inOff, outOff int64, n uint64) (uint64, abi.Errno) {
	if !in.Readable() || !out.Writable() {
		return 0, abi.EBADF
	}
	done := uint64(t.sys.Done)
	for done < n {
		buf := t.Scratch(int(min(n-done, ScratchSize)))
		if q := out.File.Queue(); q != nil && out.File.Ready(out)&(abi.POLLOUT|abi.POLLERR) == 0 {
			// Nothing may be read that cannot be written.
			return t.copyBlocked(done, out, q)
		} else if q != nil {
			buf = buf[:min(len(buf), pipeBuf)]
		}
		n1, errno := in.File.Read(t, in, buf, offsetBy(inOff, done))
		if errno == abi.EAGAIN {
			return t.copyBlocked(done, in, in.File.Queue())
		}
		if errno != 0 || n1 == 0 {
			return partial(done, errno)
		}
		for w := 0; w < n1; {
			m, errno := out.File.Write(t, out, buf[w:n1], offsetBy(outOff, done))
			if errno == abi.EPIPE {
				t.Raise(abi.SIGPIPE)
			}
			if errno != 0 || m == 0 {
				if s, ok := in.File.(Seeker); ok && inOff < 0 {
					s.Seek(in, int64(w-n1), abi.SEEK_CUR)
				}
				return partial(done, errno)
			}
			w += m
			done += uint64(m)
		}
		if n1 < len(buf) && in.File.Queue() != nil {
			break
		}
	}
	return done, 0
}

func (t *Task) copyBlocked(done uint64, d *Description, q *WaitQueue) (uint64, abi.Errno) {
	if done > 0 {
		return done, 0
	}
	if d.NonBlocking() {
		return 0, abi.EAGAIN
	}
	return 0, t.Block(ERESTARTSYS, q)
}

func offsetBy(off int64, done uint64) int64 {
	if off < 0 {
		return -1
	}
	return off + int64(done)
}
