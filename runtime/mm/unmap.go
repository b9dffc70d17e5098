package mm

import (
	"slices"

	"boxer/runtime/abi"
)

// Unmap is munmap(2).
func (s *Space) Unmap(addr, n uint64) error {
	const end = 1 << 48 // of what a 64-bit process may name; nothing lies above MaxAddr
	if !aligned(addr) || n == 0 || addr > end || end-addr < n {
		return abi.EINVAL
	}
	lo, hi := min(addr, MaxAddr), min(addr+alignUp(n, pageSize), MaxAddr)
	if lo == hi {
		return nil
	}
	s.mu.Lock()
	defer s.unlock()
	return s.unmap(lo, hi)
}

// unmap removes what is mapped in [lo, hi), clears it and writes shared files back;
// the CPU's ranges stay. ENOMEM: too many mappings to split one.
func (s *Space) unmap(lo, hi uint64) error {
	if len(s.vmas)+1 > maxMappings && s.mapped(lo, hi) {
		return abi.ENOMEM
	}
	i, j := s.isolate(lo, hi)
	var run span // of neighbours, cleared at once
	for _, v := range s.vmas[i:j] {
		if v.hidden || !v.backed {
			continue
		}
		s.writeBack(v, v.start, v.end) // munmap cannot report it; msync can
		if run.hi != v.start {
			s.zero(run.lo, run.hi)
			run.lo = v.start
		}
		run.hi = v.end
	}
	s.zero(run.lo, run.hi)
	s.remove(i, j)
	return nil
}

// forget removes the mappings of [lo, hi) and leaves their bytes.
func (s *Space) forget(lo, hi uint64) {
	i, j := s.isolate(lo, hi)
	s.remove(i, j)
}

// remove takes vmas[i:j] off the list, the CPU's excepted.
func (s *Space) remove(i, j int) {
	if i == j {
		return
	}
	lo := s.vmas[i].start
	keep := i
	for _, v := range s.vmas[i:j] {
		if v.hidden {
			s.vmas[keep] = v
			keep++
			continue
		}
		s.codeChanged(v, v.start, v.end)
		s.count(v, -1)
	}
	s.vmas = slices.Delete(s.vmas, keep, j)
	s.last = nil
	s.gen++
	s.freed(lo)
}
