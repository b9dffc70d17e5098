package kernel

import "math"

// In a page, spaces take turns in few memories (package mm, "slot"). The run loop
// turns those that have one; a space whose program could go on without one waits until it
// is admitted, and another is evicted for it. Calls that complete, and signals, need no
// memory to execute on: a parked process wakes, looks and parks again where it is.

const (
	// slotRest is how long a space must have been idle to be evicted at once, and slotWait
	// how long one waits, and has stayed, where all others could go on; in
	// nanoseconds. Two programs that talk through a pipe are each idle all the time.
	slotRest = 2e6
	slotWait = 30e6
)

// slotted is a space's part in this, guarded by the kernel lock.
type slotted struct {
	asked   int64 // since when it waits to be admitted, 0 if it does not
	entered int64 // when it was admitted last
	ran     int64 // when it ran last
	must    bool  // it is admitted whoever must go for it
}

// admit reports whether s may execute now: whether it has a memory, or there is one for it.
func (s *space) admit() bool {
	p := s.mm.Pool()
	if !p.Limited() {
		return true
	}
	k := s.k
	now := k.monotonic()
	if !s.mm.InSlot() {
		if s.slot.asked == 0 {
			s.slot.asked = now
		}
		waited := s.slot.must || now-s.slot.asked >= slotWait
		if !p.Free() && !k.evict(now, waited, s.slot.must) && !s.slot.must {
			k.gated = append(k.gated, s)
			return false
		}
		s.slot.entered = now
	}
	s.slot.asked, s.slot.must, s.slot.ran = 0, false, now
	return true
}

// evict takes the memory of the space that ran longest ago: one that is idle for a
// while, else, with waited, any that had its time, or with must any at all. It reports false if there is none.
func (k *Kernel) evict(now int64, waited, must bool) bool {
	for tried := map[*space]bool{}; ; {
		var victim *space
		best := int64(math.MaxInt64)
		for _, s := range k.spaces {
			if s == k.turning || tried[s] || s.slot.ran >= best || !s.mm.InSlot() {
				continue
			}
			if rests := !s.runnable() && now-s.slot.ran >= slotRest; !rests && !must && (!waited || now-s.slot.entered < slotWait) {
				continue
			}
			victim, best = s, s.slot.ran
		}
		if victim == nil {
			return false
		}
		if victim.mm.Evict() {
			return true
		}
		tried[victim] = true // it is pinned
	}
}

// makeRoom sees to it that a space that is about to be made finds a memory, if one
// that is idle has it. Else the new one starts without.
func (k *Kernel) makeRoom() {
	if k.turning == nil {
		return
	}
	if p := k.turning.mm.Pool(); p.Limited() && !p.Free() {
		k.evict(k.monotonic()+slotRest, false, false)
	}
}

// runnable reports whether a task of s could have a turn.
func (s *space) runnable() bool {
	for _, t := range s.tasks {
		if t.canRun() {
			return true
		}
	}
	return false
}

// slotsTurned is called when all spaces had a turn. Where nothing was busy although somebody
// waits for a memory, the one that waits longest gets one. It reports whether there is
// something to do.
func (k *Kernel) slotsTurned(busy bool) bool {
	if len(k.gated) == 0 {
		return busy
	}
	if !busy {
		longest := k.gated[0]
		for _, s := range k.gated {
			if s.slot.asked < longest.slot.asked {
				longest = s
			}
		}
		longest.slot.must = true
	}
	clear(k.gated)
	k.gated = k.gated[:0]
	return true
}
