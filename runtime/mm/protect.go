package mm

import "boxer/runtime/abi"

// Protect is mprotect(2). As Linux does, it applies prot up to the first hole
// before it fails with ENOMEM.
func (s *Space) Protect(addr, n uint64, prot uint32) error {
	if prot&^(access|abi.PROT_SEM|abi.PROT_BTI) != 0 || !aligned(addr) {
		return abi.EINVAL // PROT_GROWSDOWN too: no mapping grows down
	}
	prot &= access
	if n == 0 {
		return nil
	}
	end := addr + alignUp(n, pageSize)
	if n > MaxAddr || end < addr || end > MaxAddr {
		return abi.ENOMEM
	}
	s.mu.Lock()
	defer s.unlock()
	if len(s.vmas)+2 > maxMappings {
		return abi.ENOMEM
	}
	i, j := s.isolate(addr, end)
	defer func() { s.mergeAround(i, j) }()
	for _, v := range s.vmas[i:j] {
		if v.start != addr || v.hidden {
			return abi.ENOMEM
		}
		if err := s.protect(v, prot); err != nil {
			return err
		}
		addr = v.end
	}
	if addr != end {
		return abi.ENOMEM
	}
	return nil
}

func (s *Space) protect(v *vma, prot uint32) error {
	if v.shared && prot&abi.PROT_WRITE != 0 && !v.file.writable {
		return abi.EACCES
	}
	w := *v
	w.prot = prot
	if !v.data() && w.data() && s.data+w.len() > s.maxData {
		return abi.ENOMEM
	}
	if err := s.back(&w); err != nil {
		return err
	}
	if prot&abi.PROT_EXEC == 0 {
		s.codeChanged(v, v.start, v.end)
	}
	s.count(v, -1)
	*v = w
	s.count(v, 1)
	return nil
}
