package kernel

import (
	"boxer/runtime/abi"
	"boxer/runtime/mm"
)

// futexKey names a futex: a word of an address space.
type futexKey struct {
	mm   *mm.Space
	addr uint64
}

// futexWait is a task's place in a futex's queue.
type futexWait struct {
	key        futexKey
	bitset     uint32
	queued     bool
	woken      bool // taken off by a wake, not by a signal or timeout
	next, prev *Task
}

// futexTable holds the tasks that wait, in the order in which they came.
type futexTable struct {
	queues map[futexKey]*futexQueue
	spare  []*futexQueue // so that a wait does not allocate
}

type futexQueue struct{ head, tail *Task }

func (ft *futexTable) add(t *Task, key futexKey, bitset uint32) {
	q := ft.queues[key]
	if q == nil {
		if n := len(ft.spare); n > 0 {
			q, ft.spare = ft.spare[n-1], ft.spare[:n-1]
		} else {
			q = &futexQueue{}
		}
		ft.queues[key] = q
	}
	t.futex = futexWait{key: key, bitset: bitset, queued: true, prev: q.tail}
	if q.tail != nil {
		q.tail.futex.next = t
	} else {
		q.head = t
	}
	q.tail = t
}

// remove takes t off its queue.
func (ft *futexTable) remove(t *Task) {
	w := &t.futex
	q := ft.queues[w.key]
	if w.prev != nil {
		w.prev.futex.next = w.next
	} else {
		q.head = w.next
	}
	if w.next != nil {
		w.next.futex.prev = w.prev
	} else {
		q.tail = w.prev
	}
	w.queued, w.next, w.prev = false, nil, nil
	if q.head == nil {
		delete(ft.queues, w.key)
		if len(ft.spare) < 64 {
			ft.spare = append(ft.spare, q)
		}
	}
}

// wake wakes up to n tasks whose bitsets meet.
func (ft *futexTable) wake(key futexKey, n int, bitset uint32) int {
	q := ft.queues[key]
	if q == nil {
		return 0
	}
	woken := 0
	for t := q.head; t != nil && woken < n; {
		next := t.futex.next
		if t.futex.bitset&bitset != 0 {
			ft.remove(t)
			t.futex.woken = true
			t.wake()
			woken++
		}
		t = next
	}
	return woken
}

// requeue moves up to n tasks to another futex.
func (ft *futexTable) requeue(from, to futexKey, n int) int {
	q := ft.queues[from]
	if q == nil || from == to {
		return 0
	}
	moved := 0
	for t := q.head; t != nil && moved < n; {
		next := t.futex.next
		bitset := t.futex.bitset
		ft.remove(t)
		ft.add(t, to, bitset)
		moved++
		t = next
	}
	return moved
}

// FutexWait is FUTEX_WAIT_BITSET: it waits while the word at addr is val. The
// caller has set the call's deadline. EAGAIN: it is not; ETIMEDOUT.
func (t *Task) FutexWait(addr uint64, val, bitset uint32) abi.Errno {
	if t.sys.Attempt > 0 && t.futex.woken {
		t.futex.woken = false
		return 0
	}
	t.futex.woken = false
	if t.sys.Attempt > 0 && t.Expired() {
		return abi.ETIMEDOUT
	}
	if bitset == 0 {
		return abi.EINVAL
	}
	v, err := t.space.mm.Load32(addr)
	if err != nil {
		return errnoOf(err)
	}
	if v != val {
		return abi.EAGAIN
	}
	if t.Expired() {
		return abi.ETIMEDOUT
	}
	errno := t.Block(ERESTARTSYS)
	if t.state == parked {
		t.k.futexes.add(t, futexKey{t.space.mm, addr}, bitset)
	}
	return errno
}

// FutexWake is FUTEX_WAKE_BITSET; it returns how many were woken.
func (t *Task) FutexWake(addr uint64, n int, bitset uint32) (uint64, abi.Errno) {
	if addr%4 != 0 || bitset == 0 {
		return 0, abi.EINVAL
	}
	return uint64(t.k.futexes.wake(futexKey{t.space.mm, addr}, n, bitset)), 0
}

// FutexRequeue wakes up to n tasks at addr and moves up to m to addr2. If cmp
// is not nil the word at addr must hold that value, else EAGAIN.
func (t *Task) FutexRequeue(addr uint64, n, m int, addr2 uint64, cmp *uint32) (uint64, abi.Errno) {
	if addr%4 != 0 || addr2%4 != 0 || n < 0 || m < 0 {
		return 0, abi.EINVAL
	}
	if cmp != nil {
		v, err := t.space.mm.Load32(addr)
		if err != nil {
			return 0, errnoOf(err)
		}
		if v != *cmp {
			return 0, abi.EAGAIN
		}
	}
	from, to := futexKey{t.space.mm, addr}, futexKey{t.space.mm, addr2}
	woken := t.k.futexes.wake(from, n, abi.FUTEX_BITSET_MATCH_ANY)
	return uint64(woken + t.k.futexes.requeue(from, to, m)), 0
}

// FutexWakeOp is FUTEX_WAKE_OP (futex(2)): it changes the word at addr2, wakes
// up to n tasks at addr and, if the old value compares, up to m at addr2.
func (t *Task) FutexWakeOp(addr uint64, n, m int, addr2 uint64, enc uint32) (uint64, abi.Errno) {
	op, cmp := enc>>28, enc>>24&15
	arg, cmpArg := int32(enc<<8)>>20, int32(enc<<20)>>20
	if op&8 != 0 {
		op, arg = op&7, 1<<(uint32(arg)&31)
	}
	if op > 4 || cmp > 5 || addr%4 != 0 {
		return 0, abi.ENOSYS
	}
	var old uint32
	for {
		v, err := t.space.mm.Load32(addr2)
		if err != nil {
			return 0, errnoOf(err)
		}
		a := uint32(arg)
		set := [...]uint32{a, v + a, v | a, v &^ a, v ^ a}[op]
		swapped, err := t.space.mm.CAS32(addr2, v, set)
		if err != nil {
			return 0, errnoOf(err)
		}
		if swapped {
			old = v
			break
		}
	}
	o, c := int32(old), cmpArg
	hit := [...]bool{o == c, o != c, o < c, o <= c, o > c, o >= c}[cmp]
	woken := t.k.futexes.wake(futexKey{t.space.mm, addr}, n, abi.FUTEX_BITSET_MATCH_ANY)
	if hit {
		woken += t.k.futexes.wake(futexKey{t.space.mm, addr2}, m, abi.FUTEX_BITSET_MATCH_ANY)
	}
	return uint64(woken), 0
}

// robustMax bounds the list that a dying thread's robust futexes form.
const robustMax = 2048

// exitRobust marks the robust futexes that t still holds (get_robust_list(2)).
// The list is the guest's: any address may be bad, and it may be a circle.
func (k *Kernel) exitRobust(t *Task) {
	if t.robustHead == 0 {
		return
	}
	m := t.space.mm
	next, err := m.ReadU64(t.robustHead)
	if err != nil {
		return
	}
	off, err := m.ReadU64(t.robustHead + 8)
	if err != nil {
		return
	}
	pending, err := m.ReadU64(t.robustHead + 16)
	if err != nil {
		return
	}
	const pi = 1 // the low bit marks a PI futex
	for range robustMax {
		entry := next &^ pi
		if entry == t.robustHead {
			break
		}
		next, err = m.ReadU64(entry)
		if entry != pending&^pi {
			k.ownerDied(t, entry+off)
		}
		if err != nil {
			break
		}
	}
	if p := pending &^ pi; p != 0 {
		k.ownerDied(t, p+off)
	}
}

// ownerDied marks one futex if t holds it, and wakes one who waits for it.
func (k *Kernel) ownerDied(t *Task, addr uint64) {
	for {
		v, err := t.space.mm.Load32(addr)
		if err != nil || v&abi.FUTEX_TID_MASK != uint32(t.tid) {
			return
		}
		swapped, err := t.space.mm.CAS32(addr, v, v&abi.FUTEX_WAITERS|abi.FUTEX_OWNER_DIED)
		if err != nil {
			return
		}
		if swapped {
			if v&abi.FUTEX_WAITERS != 0 {
				k.futexes.wake(futexKey{t.space.mm, addr}, 1, abi.FUTEX_BITSET_MATCH_ANY)
			}
			return
		}
	}
}
