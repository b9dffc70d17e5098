package mm

import "boxer/runtime/abi"

// Remap is mremap(2): it returns where the mapping is now. An old length of
// 0, which would map shared memory a second time, is refused.
func (s *Space) Remap(old, oldLen, newLen uint64, flags uint32, target uint64) (uint64, error) {
	const known = abi.MREMAP_MAYMOVE | abi.MREMAP_FIXED | abi.MREMAP_DONTUNMAP
	fixed, stay := flags&abi.MREMAP_FIXED != 0, flags&abi.MREMAP_DONTUNMAP != 0
	if flags&^known != 0 || (fixed || stay) && flags&abi.MREMAP_MAYMOVE == 0 ||
		!aligned(old) || newLen == 0 || fixed && newLen > MaxAddr || stay && oldLen != newLen {
		return 0, abi.EINVAL
	}
	if newLen > MaxAddr {
		return 0, abi.ENOMEM
	}
	if oldLen == 0 {
		return 0, &Refused{abi.EINVAL, "mremap: a second mapping of shared memory"}
	}
	if old > MaxAddr || MaxAddr-old < oldLen {
		return 0, abi.EINVAL
	}
	oldLen, newLen = alignUp(oldLen, pageSize), alignUp(newLen, pageSize)
	s.mu.Lock()
	defer s.unlock()
	v := s.at(old)
	if v == nil || v.hidden {
		return 0, abi.EFAULT
	}
	if !fixed && !stay && newLen <= oldLen { // whatever lies in between, as munmap does
		if newLen < oldLen {
			return old, s.unmap(old+newLen, old+oldLen)
		}
		return old, nil
	}
	if v.end-old < oldLen {
		return 0, abi.EFAULT
	}
	if fixed {
		if !aligned(target) || target > MaxAddr || MaxAddr-target < newLen || target < MinAddr ||
			target < old+oldLen && old < target+newLen {
			return 0, abi.EINVAL
		}
		if s.hides(target, target+newLen) {
			return 0, abi.ENOMEM
		}
		if err := s.unmap(target, target+newLen); err != nil {
			return 0, err
		}
		return target, s.move(old, oldLen, target, newLen, stay)
	}
	limit := s.limit(v.prot)
	if end := old + newLen; !stay && v.end == old+oldLen && end <= limit && s.free(v.end, end) {
		return old, s.extend(v, end)
	}
	if flags&abi.MREMAP_MAYMOVE == 0 {
		return 0, abi.ENOMEM
	}
	target, ok := s.place(newLen, limit)
	if !ok {
		return 0, abi.ENOMEM
	}
	return target, s.move(old, oldLen, target, newLen, stay)
}

// extend grows v to end, where nothing is mapped.
func (s *Space) extend(v *vma, end uint64) error {
	w := *v
	w.start, w.end, w.gap, w.backed, w.written = v.end, end, 0, false, false
	if v.file != nil {
		w.off += int64(v.len())
	}
	if err := s.room(&w); err != nil {
		return err
	}
	if err := s.back(&w); err != nil {
		return err
	}
	start := v.start
	s.insert(&w)
	s.seen.filled(start-MinAddr, end-start) // who asks for more has filled what there was
	return nil
}

// move makes the n bytes at old appear at target with length m; nothing is
// mapped there. With stay, the old mapping remains, empty.
func (s *Space) move(old, n, target, m uint64, stay bool) error {
	v := *s.at(old)
	w := v
	w.start, w.end, w.gap = target, target+m, 0
	if v.file != nil {
		w.off += int64(old - v.start)
		if v.file.hashes != nil {
			w.file = v.file.clone() // DONTUNMAP leaves both
		}
	}
	if s.size+m-n > s.maxSize || len(s.vmas)+2 > maxMappings || w.data() && s.data+m-n > s.maxData {
		return abi.ENOMEM
	}
	if w.backed {
		if !s.grow(w.end) {
			return abi.ENOMEM
		}
		s.claim(w.start, w.end)
		s.moveBytes(old, target, min(n, m))
		if m > n {
			if err := s.load(&w, target+n, w.end); err != nil {
				s.zero(target, w.end)
				return err
			}
		}
	}
	if stay {
		s.codeChanged(&v, old, old+n)
		if v.backed {
			s.zero(old, old+n)
			if err := s.load(&v, old, old+n); err != nil {
				return err
			}
		}
	} else if err := s.unmap(old, old+n); err != nil {
		return err
	}
	s.insert(&w)
	if m > n && w.backed {
		s.seen.filled(target-MinAddr, m)
	}
	return nil
}

// moveBytes copies what is not zero of the n bytes at from to to, which is
// zero and does not overlap.
func (s *Space) moveBytes(from, to, n uint64) {
	buf := scratch.Get().(*[scratchSize]byte)
	defer scratch.Put(buf)
	s.mem.Touched(from-MinAddr, n, func(off, k uint64) bool {
		for k > 0 {
			p := buf[:min(k, scratchSize)]
			if !s.mem.Read(off, p) || !s.mem.Write(off-from+to, p) {
				panic("BUG: mm: backed pages outside the memory")
			}
			off, k = off+uint64(len(p)), k-uint64(len(p))
		}
		return true
	})
}

// Brk is brk(2) as the kernel has it: it returns the program break, moved to
// addr if that is possible.
func (s *Space) Brk(addr uint64) uint64 {
	s.mu.Lock()
	defer s.unlock()
	if addr < s.lay.brk || addr > MaxAddr {
		return s.brk
	}
	old, end := alignUp(s.brk, pageSize), alignUp(addr, pageSize)
	switch {
	case end < old:
		if s.unmap(end, old) != nil {
			return s.brk
		}
	case end > old:
		v := &vma{start: old, end: end, prot: abi.PROT_READ | abi.PROT_WRITE, name: heapName}
		if end > s.limit(v.prot) || !s.free(old, end) || s.room(v) != nil || s.back(v) != nil {
			return s.brk
		}
		s.insert(v)
		from := max(s.lay.brk-MinAddr, (old-MinAddr)&^(piece-1))
		s.seen.filled(from, end-MinAddr-from) // malloc asks for what it gives out
	}
	s.brk = addr
	return s.brk
}
