package kernel

import "boxer/runtime/abi"

// maxTimers bounds the POSIX timers of a process.
const maxTimers = 4096

// itimer is one of setitimer(2)'s three. The two that count CPU time run on
// the wall clock here: a process that computes sees what it expects, one that
// sleeps gets SIGVTALRM or SIGPROF too early, never too late.
type itimer struct {
	t        *timer
	interval int64
}

var itimerSignals = [3]abi.Signal{abi.SIGALRM, abi.SIGVTALRM, abi.SIGPROF}

// SetItimer sets interval timer which to fire in value ns and then every
// interval ns; value 0 stops it. It returns the former setting.
func (p *Process) SetItimer(which int, value, interval int64) (oldValue, oldInterval int64) {
	it := &p.itimers[which]
	oldValue, oldInterval = p.Itimer(which)
	if it.t == nil {
		it.t = newTimer(func() { p.itimerFired(which) })
	}
	if value == 0 {
		p.k.disarm(it.t)
		it.interval = 0
		return
	}
	it.interval = interval
	p.k.arm(it.t, p.k.monotonic()+value)
	return
}

// Itimer is the time left and the interval of timer which.
func (p *Process) Itimer(which int) (value, interval int64) {
	it := &p.itimers[which]
	if it.t == nil || !it.t.armed() {
		return 0, it.interval
	}
	return max(it.t.when-p.k.monotonic(), 1), it.interval
}

func (p *Process) itimerFired(which int) {
	it := &p.itimers[which]
	p.k.sendProcess(p, &abi.SigInfo{Signo: itimerSignals[which], Code: abi.SI_KERNEL}, true)
	if it.interval > 0 && !p.zombie {
		p.k.arm(it.t, max(it.t.when+it.interval, p.k.monotonic()))
	}
}

// posixTimer is the object of timer_create(2).
type posixTimer struct {
	id       int32
	p        *Process
	task     *Task // SIGEV_THREAD_ID
	t        *timer
	clock    int
	notify   int
	sig      abi.Signal
	value    uint64
	interval int64
	overrun  int32
}

// TimerSpec says what timer_create(2) is to make.
type TimerSpec struct {
	Clock  int
	Notify int
	Signal abi.Signal
	Value  uint64 // sigval; the timer's id if HasValue is false
	TID    int

	HasValue bool
}

// TimerCreate makes a timer and returns its id.
func (t *Task) TimerCreate(s TimerSpec) (int32, abi.Errno) {
	p := t.p
	if len(p.timers) >= maxTimers {
		return 0, abi.EAGAIN
	}
	pt := &posixTimer{id: p.timerID, p: p, clock: s.Clock, notify: s.Notify, sig: s.Signal, value: s.Value}
	switch s.Notify {
	case abi.SIGEV_NONE:
	case abi.SIGEV_SIGNAL, abi.SIGEV_THREAD:
		if !s.Signal.Valid() {
			return 0, abi.EINVAL
		}
	case abi.SIGEV_THREAD_ID:
		pt.task = t.k.ids.tasks[s.TID]
		if pt.task == nil || pt.task.p != p || !s.Signal.Valid() {
			return 0, abi.EINVAL
		}
	default:
		return 0, abi.EINVAL
	}
	if !s.HasValue {
		pt.value = uint64(pt.id)
	}
	pt.t = newTimer(pt.fired)
	if p.timers == nil {
		p.timers = map[int32]*posixTimer{}
	}
	p.timers[pt.id] = pt
	p.timerID++
	return pt.id, 0
}

// TimerSet arms or stops a timer: value and interval in ns, value as a
// monotonic time if abs. It returns the former setting.
func (t *Task) TimerSet(id int32, value, interval int64, abs bool) (oldValue, oldInterval int64, errno abi.Errno) {
	pt := t.p.timers[id]
	if pt == nil {
		return 0, 0, abi.EINVAL
	}
	oldValue, oldInterval, _ = t.TimerGet(id)
	t.k.disarm(pt.t)
	pt.interval, pt.overrun = interval, 0
	if value != 0 {
		if !abs {
			value += t.k.monotonic()
		}
		t.k.arm(pt.t, value)
	}
	return oldValue, oldInterval, 0
}

// TimerClock is the clock of a timer.
func (t *Task) TimerClock(id int32) (int, abi.Errno) {
	if pt := t.p.timers[id]; pt != nil {
		return pt.clock, 0
	}
	return 0, abi.EINVAL
}

// TimerGet is the time left and the interval, in ns.
func (t *Task) TimerGet(id int32) (value, interval int64, errno abi.Errno) {
	pt := t.p.timers[id]
	if pt == nil {
		return 0, 0, abi.EINVAL
	}
	if pt.t.armed() {
		value = max(pt.t.when-t.k.monotonic(), 1)
	}
	return value, pt.interval, 0
}

// TimerOverrun is timer_getoverrun(2).
func (t *Task) TimerOverrun(id int32) (int32, abi.Errno) {
	pt := t.p.timers[id]
	if pt == nil {
		return 0, abi.EINVAL
	}
	return pt.overrun, 0
}

// TimerDelete is timer_delete(2).
func (t *Task) TimerDelete(id int32) abi.Errno {
	pt := t.p.timers[id]
	if pt == nil {
		return abi.EINVAL
	}
	t.k.disarm(pt.t)
	delete(t.p.timers, id)
	return 0
}

func (pt *posixTimer) fired() {
	k, now := pt.p.k, pt.p.k.monotonic()
	pt.overrun = 0
	if pt.interval > 0 {
		// Expirations that were missed are counted, not sent.
		missed := max(0, (now-pt.t.when)/pt.interval)
		pt.overrun = int32(min(missed, 1<<31-1))
		k.arm(pt.t, pt.t.when+(missed+1)*pt.interval)
	}
	si := abi.SigInfo{Signo: pt.sig, Code: abi.SI_TIMER, PID: pt.id, UID: uint32(pt.overrun), Value: pt.value}
	switch {
	case pt.notify == abi.SIGEV_NONE:
	case pt.task != nil:
		if pt.task.state != dead {
			k.sendTask(pt.task, queued{info: si}, true)
		}
	default:
		k.sendProcess(pt.p, &si, true)
	}
}

// stopTimers disarms all timers of a process that ended or executes another program.
func (p *Process) stopTimers() {
	for i := range p.itimers {
		if t := p.itimers[i].t; t != nil {
			p.k.disarm(t)
		}
	}
	p.dropTimers()
}

// dropTimers deletes the POSIX timers, which exec does not keep.
func (p *Process) dropTimers() {
	for _, pt := range p.timers {
		p.k.disarm(pt.t)
	}
	p.timers = nil
}
