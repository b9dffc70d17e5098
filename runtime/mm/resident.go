package mm

import "boxer/runtime/engine"

// seen remembers which pieces of a memory, a Wasm page each, were found touched all over.
// Such a piece stays so until it is cleared, so that it need not be looked at again: what
// is looked through each time is only what a program might have touched since.
type seen struct {
	full []uint64 // a bit for each piece
}

const piece = engine.PageSize

func (s *seen) has(i uint64) bool { return i/64 < uint64(len(s.full)) && s.full[i/64]>>(i%64)&1 != 0 }

func (s *seen) set(i uint64) {
	for i/64 >= uint64(len(s.full)) {
		s.full = append(s.full, 0)
	}
	s.full[i/64] |= 1 << (i % 64)
}

// filled is told that what lies in [off, off+n) is touched although it may be zero: an engine that cannot
// ask its host finds only what is not (V8), and a program that collects zeros would pass every limit.
func (s *seen) filled(off, n uint64) {
	for i := (off + piece - 1) / piece; (i+1)*piece <= off+n; i++ {
		s.set(i)
	}
}

// forget is told that [off, off+n) was cleared.
func (s *seen) forget(off, n uint64) {
	if len(s.full) == 0 || n == 0 {
		return
	}
	last := min((off+n-1)/piece, uint64(len(s.full))*64-1)
	for i := off / piece; i <= last; i++ {
		s.full[i/64] &^= 1 << (i % 64)
	}
}

// Bound is the most that Resident can be, the CPU's ranges left out. It costs nothing.
func (s *Space) Bound() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reach
}

// Resident counts the bytes of host memory that the mappings hold, in
// host pages or coarser: what limits are about. It costs a look at every page
// that was not seen touched before.
func (s *Space) Resident() (sum uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mem == nil {
		return 0
	}
	var run span // of neighbours
	for _, v := range s.vmas {
		if !v.backed || v.hidden {
			continue
		}
		if run.hi != v.start {
			sum += s.look(run)
			run.lo = v.start
		}
		run.hi = v.end
	}
	return sum + s.look(run)
}

// look counts what is touched of a range of guest addresses.
func (s *Space) look(r span) (sum uint64) {
	if r.lo == r.hi {
		return 0
	}
	off, end := r.lo-MinAddr, r.hi-MinAddr
	count := func(at, n uint64) bool {
		sum += n
		for i := (at + piece - 1) / piece; (i+1)*piece <= at+n; i++ {
			s.seen.set(i)
		}
		return true
	}
	from := off // not looked at yet
	for i := (off + piece - 1) / piece; (i+1)*piece <= end; i++ {
		if s.seen.has(i) {
			s.mem.Touched(from, i*piece-from, count)
			sum += piece
			from = (i + 1) * piece
		}
	}
	s.mem.Touched(from, end-from, count)
	return sum
}
