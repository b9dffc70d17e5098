package kernel

import (
	"container/heap"
	"sync"
	"time"
)

// A Clock is where a box's time comes from.
type Clock interface {
	// Monotonic is the time in nanoseconds since some fixed point, never
	// going back.
	Monotonic() int64
	// Realtime is the time in nanoseconds since the Unix epoch.
	Realtime() int64
	// Alarm calls f once, in a goroutine of its own, when Monotonic has
	// reached at; soon, if it already has. cancel may come too late.
	Alarm(at int64, f func()) (cancel func())
}

// hostClock is the host's time.
type hostClock struct{ start time.Time }

// HostClock returns the host's clock. Its monotonic time starts near zero.
func HostClock() Clock { return &hostClock{time.Now()} }

func (c *hostClock) Monotonic() int64 { return int64(time.Since(c.start)) }
func (c *hostClock) Realtime() int64  { return time.Now().UnixNano() }

func (c *hostClock) Alarm(at int64, f func()) func() {
	t := time.AfterFunc(time.Duration(at-c.Monotonic()), f)
	return func() { t.Stop() }
}

// A timer calls fire, with the kernel locked, when its time has come.
type timer struct {
	when  int64 // monotonic, ns
	seq   uint64
	index int // in the heap, −1 when not armed
	fire  func()
}

func newTimer(fire func()) *timer { return &timer{index: -1, fire: fire} }

func (t *timer) armed() bool { return t.index >= 0 }

// timerHeap orders the armed timers of a kernel; equal times fire in the
// order in which they were armed.
type timerHeap struct {
	list []*timer
	seq  uint64
}

func (h *timerHeap) Len() int { return len(h.list) }
func (h *timerHeap) Less(i, j int) bool {
	a, b := h.list[i], h.list[j]
	return a.when < b.when || a.when == b.when && a.seq < b.seq
}
func (h *timerHeap) Swap(i, j int) {
	h.list[i], h.list[j] = h.list[j], h.list[i]
	h.list[i].index, h.list[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(h.list)
	h.list = append(h.list, t)
}
func (h *timerHeap) Pop() any {
	n := len(h.list) - 1
	t := h.list[n]
	h.list[n] = nil
	h.list = h.list[:n]
	t.index = -1
	return t
}

// alarm is the one call that is outstanding at the Clock.
type alarm struct {
	mu     sync.Mutex
	at     int64 // 0: none
	cancel func()
}

// arm sets t to fire at the monotonic time when, replacing an earlier setting.
func (k *Kernel) arm(t *timer, when int64) {
	k.timers.seq++
	t.when, t.seq = when, k.timers.seq
	if t.armed() {
		heap.Fix(&k.timers, t.index)
	} else {
		heap.Push(&k.timers, t)
	}
	if t.index == 0 {
		k.setAlarm()
	}
}

// disarm keeps t from firing. The outstanding alarm is left to find nothing to do.
func (k *Kernel) disarm(t *timer) {
	if t.armed() {
		heap.Remove(&k.timers, t.index)
	}
}

// setAlarm makes sure that the Clock calls when the first timer is due.
func (k *Kernel) setAlarm() {
	if len(k.timers.list) == 0 {
		return
	}
	at := max(k.timers.list[0].when, 1)
	a := &k.alarm
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at != 0 && a.at <= at {
		return
	}
	if a.cancel != nil {
		a.cancel()
	}
	a.at = at
	a.cancel = k.clock.Alarm(at, func() { k.alarmed(at) })
}

// alarmed is called by the Clock.
func (k *Kernel) alarmed(at int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alarm.mu.Lock()
	if k.alarm.at == at {
		k.alarm.at, k.alarm.cancel = 0, nil
	}
	k.alarm.mu.Unlock()
	k.expireTimers()
	k.setAlarm()
}

// expireTimers fires what is due. A timer that its own fire arms again for a
// time already past waits for the next call, so this ends.
func (k *Kernel) expireTimers() {
	now := k.clock.Monotonic()
	last := k.timers.seq
	for len(k.timers.list) > 0 {
		t := k.timers.list[0]
		if t.when > now || t.seq > last {
			return
		}
		heap.Pop(&k.timers)
		t.fire()
	}
}

// monotonic is CLOCK_MONOTONIC in nanoseconds since the box started.
func (k *Kernel) monotonic() int64 { return k.clock.Monotonic() }

// Monotonic is CLOCK_MONOTONIC, in nanoseconds. No lock is needed.
func (k *Kernel) Monotonic() int64 { return k.clock.Monotonic() }

// Realtime is CLOCK_REALTIME, in nanoseconds. No lock is needed.
func (k *Kernel) Realtime() int64 { return k.clock.Realtime() }
