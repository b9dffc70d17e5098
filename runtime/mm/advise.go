package mm

import "boxer/runtime/abi"

// Advise is madvise(2). DONTNEED and FREE drop the pages at once (FREE may, "at
// any time"); DONTFORK, WIPEONFORK and their opposites count at Fork; advice
// about speed is accepted. As Linux does, it goes on past holes and then
// reports ENOMEM.
func (s *Space) Advise(addr, n uint64, advice int) error {
	apply, err := adviceFunc(advice)
	end := addr + alignUp(n, pageSize)
	if !aligned(addr) || n > ^uint64(0)-pageSize || end < addr {
		return abi.EINVAL
	}
	if err != nil || n == 0 {
		return err
	}
	s.mu.Lock()
	defer s.unlock()
	switch advice {
	case abi.MADV_POPULATE_READ:
		return s.populate(addr, end, access)
	case abi.MADV_POPULATE_WRITE:
		return s.populate(addr, end, abi.PROT_WRITE)
	}
	return s.eachMapping(addr, end, apply)
}

// eachMapping calls f for every mapping in [addr, end), split at the ends,
// until f fails. Holes, and what the CPU hides, are ENOMEM when f has seen the
// rest.
func (s *Space) eachMapping(addr, end uint64, f func(*Space, *vma) error) error {
	if len(s.vmas)+2 > maxMappings {
		return abi.ENOMEM
	}
	i, j := s.isolate(addr, end)
	defer func() { s.mergeAround(i, j) }()
	hole := false
	for _, v := range s.vmas[i:j] {
		hole = hole || v.start != addr || v.hidden
		addr = v.end
		if v.hidden {
			continue
		}
		if err := f(s, v); err != nil {
			return err
		}
	}
	if hole || addr != end {
		return abi.ENOMEM
	}
	return nil
}

func adviceFunc(advice int) (func(*Space, *vma) error, error) {
	switch advice {
	case abi.MADV_NORMAL, abi.MADV_RANDOM, abi.MADV_SEQUENTIAL, abi.MADV_WILLNEED, abi.MADV_COLD, abi.MADV_PAGEOUT,
		abi.MADV_HUGEPAGE, abi.MADV_NOHUGEPAGE, abi.MADV_MERGEABLE, abi.MADV_UNMERGEABLE,
		abi.MADV_DONTDUMP, abi.MADV_DODUMP, abi.MADV_POPULATE_READ, abi.MADV_POPULATE_WRITE:
		return func(*Space, *vma) error { return nil }, nil
	case abi.MADV_DONTNEED, abi.MADV_DONTNEED_LOCKED:
		return (*Space).drop, nil
	case abi.MADV_FREE:
		return func(s *Space, v *vma) error {
			if v.file != nil || v.shared {
				return abi.EINVAL
			}
			return s.drop(v)
		}, nil
	case abi.MADV_DONTFORK:
		return func(_ *Space, v *vma) error { v.dontFork = true; return nil }, nil
	case abi.MADV_DOFORK:
		return func(_ *Space, v *vma) error { v.dontFork = false; return nil }, nil
	case abi.MADV_WIPEONFORK:
		return func(_ *Space, v *vma) error {
			if v.file != nil || v.shared {
				return abi.EINVAL
			}
			v.wipe = true
			return nil
		}, nil
	case abi.MADV_KEEPONFORK:
		return func(_ *Space, v *vma) error { v.wipe = false; return nil }, nil
	case abi.MADV_HWPOISON:
		return nil, abi.EPERM
	}
	return nil, abi.EINVAL // MADV_REMOVE too: no file system here punches holes
}

// populate judges MADV_POPULATE_READ and _WRITE, which stop at the first hole.
func (s *Space) populate(addr, end uint64, prot uint32) error {
	for i := s.find(addr); addr < end; i++ {
		if i == len(s.vmas) || s.vmas[i].start > addr {
			return abi.ENOMEM
		}
		if !s.vmas[i].can(prot) {
			return abi.EINVAL
		}
		addr = s.vmas[i].end
	}
	return nil
}

// drop forgets what a private mapping's pages hold: zero, or the file's
// bytes again.
func (s *Space) drop(v *vma) error {
	if v.shared || !v.backed {
		return nil
	}
	s.codeChanged(v, v.start, v.end)
	s.zero(v.start, v.end)
	return s.load(v, v.start, v.end)
}

// Sync is msync(2). MS_ASYNC writes at once too.
func (s *Space) Sync(addr, n uint64, flags uint32) error {
	const known = abi.MS_ASYNC | abi.MS_INVALIDATE | abi.MS_SYNC
	if flags&^known != 0 || flags&abi.MS_ASYNC != 0 && flags&abi.MS_SYNC != 0 || !aligned(addr) {
		return abi.EINVAL
	}
	end := addr + alignUp(n, pageSize)
	if n > MaxAddr || end < addr {
		return abi.ENOMEM
	}
	if n == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.unlock()
	return s.eachMapping(addr, end, func(s *Space, v *vma) error { return s.writeBack(v, v.start, v.end) })
}

// Mincore is mincore(2): one byte for each page, 1 if it holds anything.
func (s *Space) Mincore(addr, n uint64) ([]byte, error) {
	if !aligned(addr) {
		return nil, abi.EINVAL
	}
	end := addr + alignUp(n, pageSize)
	if n > MaxAddr || end < addr || end > MaxAddr {
		return nil, abi.ENOMEM
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	vec := make([]byte, (end-addr)/pageSize)
	at := addr
	for i := s.find(addr); i < len(s.vmas) && at < end; i++ {
		v := s.vmas[i]
		if v.start > at || v.hidden {
			break
		}
		hi := min(v.end, end)
		if v.backed {
			s.mem.Touched(at-MinAddr, hi-at, func(off, k uint64) bool {
				first := (off + MinAddr - addr) / pageSize
				last := (off + MinAddr + k - 1 - addr) / pageSize
				for p := first; p <= last && p < uint64(len(vec)); p++ {
					vec[p] = 1
				}
				return true
			})
		}
		at = hi
	}
	if at != end {
		return nil, abi.ENOMEM
	}
	return vec, nil
}
