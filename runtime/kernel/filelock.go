package kernel

import (
	"slices"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// Locks on files: flock(2), which belongs to a description, and fcntl(2)'s on
// byte ranges, which belong to a process or, as OFD locks, to a description.
// Both kinds are advisory and do not see each other.

// Types of a RecordLock (fcntl(2)).
const (
	LockRead   = 0
	LockWrite  = 1
	LockUnlock = 2
)

// maxLocks bounds the record locks of one file.
const maxLocks = 8192

// RecordLock is struct flock.
type RecordLock struct {
	Type, Whence uint16
	Start, Len   int64
	PID          int
	OFD          bool // belongs to the description
}

// fileLocks are the locks of one file.
type fileLocks struct {
	q      WaitQueue
	flocks map[*Description]bool // true: exclusive
	ranges []rangeLock           // by owner and start
}

type rangeLock struct {
	owner  any // *Process or *Description
	pid    int
	write  bool
	lo, hi int64 // [lo, hi)
}

// locksOf finds the locks of d's file, making room for them if asked.
func (k *Kernel) locksOf(d *Description, create bool) *fileLocks {
	if d.Path.IsZero() {
		return nil
	}
	l := k.locks[d.Path.Node]
	if l == nil && create {
		l = &fileLocks{flocks: map[*Description]bool{}}
		if k.locks == nil {
			k.locks = map[wasmfs.Node]*fileLocks{}
		}
		k.locks[d.Path.Node] = l
	}
	return l
}

func (k *Kernel) dropLocks(n wasmfs.Node, l *fileLocks) {
	l.q.Wake()
	if len(l.flocks) == 0 && len(l.ranges) == 0 {
		delete(k.locks, n)
	}
}

// Flock is flock(2).
func (t *Task) Flock(d *Description, exclusive, unlock, nonblock bool) abi.Errno {
	l := t.k.locksOf(d, true)
	if l == nil {
		return abi.EINVAL
	}
	if unlock {
		delete(l.flocks, d)
		t.k.dropLocks(d.Path.Node, l)
		return 0
	}
	for o, ex := range l.flocks {
		if o != d && (ex || exclusive) {
			if nonblock {
				return abi.EAGAIN
			}
			return t.Block(ERESTARTSYS, &l.q)
		}
	}
	was, had := l.flocks[d]
	l.flocks[d] = exclusive
	if had && was && !exclusive {
		l.q.Wake()
	}
	return 0
}

// span turns a RecordLock into a range.
func (r *RecordLock) span(d *Description) (lo, hi int64, errno abi.Errno) {
	base := int64(0)
	switch r.Whence {
	case abi.SEEK_SET:
	case abi.SEEK_CUR:
		base = d.Pos
	case abi.SEEK_END:
		st, errno := d.Stat()
		if errno != 0 {
			return 0, 0, errno
		}
		base = st.Size
	default:
		return 0, 0, abi.EINVAL
	}
	lo = base + r.Start
	hi = lo + r.Len
	switch {
	case r.Len == 0:
		hi = 1<<63 - 1
	case r.Len < 0:
		lo, hi = hi, lo
	}
	if lo < 0 || hi < lo {
		return 0, 0, abi.EINVAL
	}
	return lo, hi, 0
}

func (t *Task) lockOwner(d *Description, r *RecordLock) any {
	if r.OFD {
		return d
	}
	return t.p
}

// conflict finds a lock of somebody else that excludes this one.
func (l *fileLocks) conflict(owner any, write bool, lo, hi int64) *rangeLock {
	for i := range l.ranges {
		o := &l.ranges[i]
		if o.owner != owner && (o.write || write) && o.lo < hi && lo < o.hi {
			return o
		}
	}
	return nil
}

// GetRecordLock is F_GETLK: r becomes the lock that would be in the way, or
// gets the type LockUnlock.
func (t *Task) GetRecordLock(d *Description, r *RecordLock) abi.Errno {
	if r.Type != LockRead && r.Type != LockWrite {
		return abi.EINVAL
	}
	lo, hi, errno := r.span(d)
	if errno != 0 {
		return errno
	}
	l := t.k.locksOf(d, false)
	if l != nil {
		if o := l.conflict(t.lockOwner(d, r), r.Type == LockWrite, lo, hi); o != nil {
			*r = RecordLock{Type: LockRead, Start: o.lo, Len: o.hi - o.lo, PID: o.pid}
			if o.write {
				r.Type = LockWrite
			}
			if o.hi == 1<<63-1 {
				r.Len = 0
			}
			return 0
		}
	}
	r.Type = LockUnlock
	return 0
}

// SetRecordLock is F_SETLK or, with wait, F_SETLKW. Deadlocks are not detected.
func (t *Task) SetRecordLock(d *Description, r RecordLock, wait bool) abi.Errno {
	lo, hi, errno := r.span(d)
	if errno != 0 {
		return errno
	}
	switch {
	case r.Type > LockUnlock:
		return abi.EINVAL
	case r.Type == LockRead && !d.Readable(), r.Type == LockWrite && !d.Writable():
		return abi.EBADF
	}
	l := t.k.locksOf(d, true)
	if l == nil {
		return abi.EBADF
	}
	owner := t.lockOwner(d, &r)
	if r.Type != LockUnlock {
		if l.conflict(owner, r.Type == LockWrite, lo, hi) != nil {
			if wait {
				return t.Block(ERESTARTSYS, &l.q)
			}
			return abi.EAGAIN
		}
		if len(l.ranges) >= maxLocks {
			return abi.ENOLCK
		}
	}
	l.cut(owner, lo, hi)
	if r.Type != LockUnlock {
		l.ranges = append(l.ranges, rangeLock{owner, t.p.pid, r.Type == LockWrite, lo, hi})
	}
	t.k.dropLocks(d.Path.Node, l)
	return 0
}

// cut takes [lo, hi) out of the owner's locks.
func (l *fileLocks) cut(owner any, lo, hi int64) {
	var rest []rangeLock
	for _, o := range l.ranges {
		if o.owner != owner || o.hi <= lo || hi <= o.lo {
			rest = append(rest, o)
			continue
		}
		if o.lo < lo {
			left := o
			left.hi = lo
			rest = append(rest, left)
		}
		if hi < o.hi {
			right := o
			right.lo = hi
			rest = append(rest, right)
		}
	}
	l.ranges = rest
}

// unlockAll drops what an owner holds on d's file: a process that closes any
// descriptor of it, a description that is released.
func (k *Kernel) unlockAll(d *Description, owner any) {
	l := k.locksOf(d, false)
	if l == nil {
		return
	}
	if desc, ok := owner.(*Description); ok {
		delete(l.flocks, desc)
	}
	l.ranges = slices.DeleteFunc(l.ranges, func(o rangeLock) bool { return o.owner == owner })
	k.dropLocks(d.Path.Node, l)
}
