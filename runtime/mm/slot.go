package mm

import (
	"errors"
	"io"
	"slices"
	"sort"

	"boxer/runtime/engine"
)

// With PoolOptions.Slots memories are execution slots (DESIGN §5): a Space has
// one while it executes, and keeps its contents in a store otherwise. All
// methods of a Space work in both states. Who executes on a Space calls
// Occupy, and whoever schedules decides which Space to Evict when Free says
// that all slots are taken. A Space that is being executed on must not be
// evicted.

// ErrNoSlot: all memories are in use. Evict one.
var ErrNoSlot = errors.New("all memories that may exist are in use")

// ErrPinned: Pin is refused.
var ErrPinned = errors.New("as many programs as there are memories are running that cannot leave theirs")

// leastPages is the smallest maximum that is asked for: 256 MiB, which phones grant.
const leastPages = 4096

// newMemory makes a memory of the given pages, unless there are enough.
func (p *Pool) newMemory(pages uint32) (engine.Memory, error) {
	p.mu.Lock()
	if p.opts.Slots > 0 && p.live >= p.slots {
		p.mu.Unlock()
		return nil, ErrNoSlot
	}
	p.live++
	live, most := p.live, p.opts.MaxPages
	p.mu.Unlock()
	m, err := p.eng.NewMemory(pages, max(pages, most))
	for p.opts.Slots > 0 && err != nil && live == 1 && most > max(pages, leastPages) {
		most /= 2
		m, err = p.eng.NewMemory(pages, max(pages, most))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.opts.MaxPages = most
		return m, nil
	}
	p.live--
	if p.opts.Slots > 0 && p.live > 0 {
		p.slots, err = p.live, ErrNoSlot
	}
	return nil, err
}

// step rounds a size up to a multiple that memories grow by: each growth
// makes JavaScript forget its views of the memory.
func (p *Pool) step(size uint64) uint64 {
	const step = 1 << 20
	if p.opts.Slots == 0 {
		return size
	}
	return min(alignUp(size, step), uint64(p.opts.MaxPages)*engine.PageSize)
}

// Free reports whether a Space without a memory would get one now. It may be
// wrong about a host that is about to refuse.
func (p *Pool) Free() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opts.Slots == 0 || len(p.idle) > 0 || p.live < p.slots
}

// Limited reports whether memories are slots.
func (p *Pool) Limited() bool { return p.opts.Slots > 0 }

// InSlot reports whether the space has a memory.
func (s *Space) InSlot() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inSlot()
}

func (s *Space) inSlot() bool {
	_, out := s.mem.(*store)
	return !out
}

// Pool is where the space's memory comes from.
func (s *Space) Pool() *Pool { return s.opts.Pool }

// Occupy gives the space a memory to execute on, if it has none, and returns it
// with what its last user left there (Leave, or evicted), nil if nothing. evicted is called before
// the memory is taken away again; what it returns stays with the memory, and is
// closed with it unless the next one to execute there takes it. Nothing of the
// hidden ranges survives. ErrNoSlot: another space must be evicted first; other
// errors: the host gives no room.
func (s *Space) Occupy(evicted func() io.Closer) (m engine.Memory, left io.Closer, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enter(); err != nil {
		return nil, nil, err
	}
	left, s.left, s.evicted = s.left, nil, nil
	if s.opts.Pool.Limited() {
		s.evicted = evicted
	}
	return s.mem, left, nil
}

// Leave gives back what executed on the space's memory, for the next one that
// does. It reports false, having done nothing, where nobody would want it.
func (s *Space) Leave(left io.Closer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opts.Pool.Limited() || s.mem == nil || !s.inSlot() {
		return false
	}
	s.left, s.evicted = left, nil
	return true
}

// Pin gives the space a memory that stays: programs whose code keeps its
// state where nobody can copy it. One slot remains for the others: ErrPinned.
func (s *Space) Pin() error {
	p := s.opts.Pool
	if !p.Limited() {
		return nil
	}
	p.mu.Lock()
	full := p.pinned+1 >= p.slots
	if !full {
		p.pinned++
	}
	p.mu.Unlock()
	if full {
		return ErrPinned
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enter(); err != nil {
		p.unpin()
		return err
	}
	s.pinned = true
	return nil
}

func (p *Pool) unpin() {
	p.mu.Lock()
	p.pinned--
	p.mu.Unlock()
}

// enter moves the space from its store to a memory.
func (s *Space) enter() error {
	st, ok := s.mem.(*store)
	if !ok {
		return nil
	}
	clean, err := s.opts.Pool.get(st.size, s.lay)
	if err != nil {
		return err
	}
	s.mem, s.left, s.suspect = clean.mem, clean.left, clean.suspect
	for _, v := range s.vmas { // before their contents come
		if v.backed {
			s.claim(v.start, v.end)
		}
	}
	st.Touched(0, st.size, func(off, n uint64) bool {
		clean.below(off)
		copyRange(clean.mem, st, off, n)
		clean.skip(off + n)
		return true
	})
	clean.rest()
	st.Close()
	return nil
}

// gaps lists the linear ranges of the memory that no mapping covers.
func (s *Space) gaps() []span {
	var out []span
	end := uint64(0)
	for _, v := range s.vmas {
		if !v.backed {
			continue
		}
		if lo := v.start - MinAddr; lo > end {
			out = append(out, span{end, lo})
		}
		end = v.end - MinAddr
	}
	if size := s.mem.Size(); size > end {
		out = append(out, span{end, size})
	}
	return out
}

// claim makes what is suspect of the guest addresses [lo, hi) zero.
func (s *Space) claim(lo, hi uint64) {
	if len(s.suspect) == 0 || lo == hi {
		return
	}
	lo, hi = lo-MinAddr, hi-MinAddr
	i := sort.Search(len(s.suspect), func(i int) bool { return s.suspect[i].hi > lo })
	for i < len(s.suspect) && s.suspect[i].lo < hi {
		g := s.suspect[i]
		from, to := max(g.lo, lo), min(g.hi, hi)
		if !s.mem.Zero(from, to-from) {
			panic("BUG: mm: suspect range outside the memory")
		}
		var rest []span
		if g.lo < from {
			rest = append(rest, span{g.lo, from})
		}
		if to < g.hi {
			rest = append(rest, span{to, g.hi})
		}
		s.suspect = slices.Replace(s.suspect, i, i+1, rest...)
		if g.lo < from {
			i++
		}
	}
}

// Evict moves the space from its memory to a store. It reports false where
// that cannot be, or is done already.
func (s *Space) Evict() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pinned || s.mem == nil || !s.opts.Pool.Limited() || !s.inSlot() {
		return false
	}
	if s.evicted != nil {
		s.left, s.evicted = s.evicted(), nil
	}
	st := s.opts.Pool.newStore(s.mem.Size())
	keep := s.touched(func(v *vma) bool { return !v.hidden })
	for _, r := range keep {
		copyRange(st, s.mem, r.lo, r.hi-r.lo)
	}
	s.opts.Pool.put(s.mem, merge(keep, s.touched(func(v *vma) bool { return v.hidden })), s.gaps(), s.lay, s.left)
	s.mem, s.left, s.suspect = st, nil, nil
	return true
}

// merge joins two ascending lists of ranges that do not overlap.
func merge(a, b []span) []span {
	out := make([]span, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		from := &a
		if len(a) == 0 || len(b) > 0 && b[0].lo < a[0].lo {
			from = &b
		}
		out = append(out, (*from)[0])
		*from = (*from)[1:]
	}
	return out
}
