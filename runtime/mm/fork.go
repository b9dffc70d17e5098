package mm

import (
	"boxer/runtime/abi"
	"boxer/runtime/engine"
)

// Fork makes a copy of the address space for a child process: the same
// mappings, with a memory of its own into which what was ever touched is
// copied. The CPU's ranges are reserved again but not copied; the child's CPU
// rebuilds them. ENOMEM: the host gives no more memory.
func (s *Space) Fork() (*Space, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.lay.hidden - MinAddr
	for _, v := range s.vmas {
		if v.backed && v.inherited() {
			end = max(end, v.end-MinAddr)
		}
	}
	mem, err := s.opts.Pool.get(alignUp(end, engine.PageSize))
	if err != nil {
		return nil, err
	}
	c := newSpace(mem, s.opts)
	c.maxSize, c.maxData = s.maxSize, s.maxData
	if err := c.setPlaces(s.lay); err != nil {
		c.Release()
		return nil, err
	}
	c.brk = s.brk
	for _, v := range s.vmas {
		if !v.inherited() {
			continue
		}
		w := *v
		if w.file != nil && w.file.hashes != nil {
			b := *w.file
			b.hashes = append([]uint64(nil), b.hashes...)
			w.file = &b
		}
		c.insert(&w)
	}
	if !s.copyTouched(mem) {
		c.Release()
		return nil, abi.ENOMEM
	}
	return c, nil
}

// inherited reports whether a child gets the mapping.
func (v *vma) inherited() bool { return !v.hidden && !v.dontFork }

// copyTouched copies what the child inherits and may differ from zero. Neighbouring
// mappings are copied as one range.
func (s *Space) copyTouched(dst engine.Memory) bool {
	ok := true
	flush := func(r span) {
		s.mem.Touched(r.lo-MinAddr, r.hi-r.lo, func(off, n uint64) bool {
			ok = s.mem.CopyTo(dst, off, n)
			return ok
		})
	}
	var run span
	for _, v := range s.vmas {
		if !v.backed || !v.inherited() || v.wipe {
			continue
		}
		if run.hi != v.start {
			if run.lo < run.hi {
				flush(run)
			}
			run.lo = v.start
		}
		run.hi = v.end
	}
	if run.lo < run.hi {
		flush(run)
	}
	return ok
}

// Resident counts the bytes of host memory that the mappings hold, in
// host pages or coarser: what limits are about. It costs a look at every page
// of the memory on some hosts.
func (s *Space) Resident() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum uint64
	for _, v := range s.vmas {
		if v.backed {
			s.mem.Touched(v.linear(), v.len(), func(_, n uint64) bool {
				sum += n
				return true
			})
		}
	}
	return sum
}
