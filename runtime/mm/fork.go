package mm

import (
	"errors"

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
	if s.mem == nil {
		panic("BUG: mm: Fork of a released space")
	}
	end := s.lay.hidden - MinAddr
	for _, v := range s.vmas {
		if v.backed && v.inherited() {
			end = max(end, v.end-MinAddr)
		}
	}
	clean, err := s.opts.Pool.get(alignUp(end, engine.PageSize), s.lay)
	if errors.Is(err, ErrNoSlot) {
		clean, err = cleaner{mem: s.opts.Pool.newStore(alignUp(end, engine.PageSize))}, nil
	}
	if err != nil {
		return nil, err
	}
	mem, ok := clean.mem, true
	c := newSpace(mem, s.opts)
	c.left, c.suspect = clean.left, clean.suspect
	for _, v := range s.vmas { // before their contents come
		if v.backed && v.inherited() {
			c.claim(v.start, v.end)
		}
	}
	for _, r := range s.touched(func(v *vma) bool { return v.inherited() && !v.wipe }) {
		clean.below(r.lo)
		if ok = copyRange(mem, s.mem, r.lo, r.hi-r.lo); !ok {
			break
		}
		clean.skip(r.hi)
	}
	clean.rest()
	c.maxSize, c.maxData = s.maxSize, s.maxData
	if !ok || c.setPlaces(s.lay) != nil {
		c.Release()
		return nil, abi.ENOMEM
	}
	c.brk = s.brk
	for _, v := range s.vmas {
		if !v.inherited() {
			continue
		}
		w := *v
		if w.file != nil && w.file.hashes != nil {
			w.file = w.file.clone()
		}
		c.insert(&w)
	}
	return c, nil
}

// inherited reports whether a child gets the mapping.
func (v *vma) inherited() bool { return !v.hidden && !v.dontFork }
