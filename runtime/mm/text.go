package mm

import (
	"slices"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
)

var _ arch.Space = (*Space)(nil)

// Hidden implements arch.Space.
func (s *Space) Hidden() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lay.hidden
}

// Reserve implements arch.Space. The ranges come from an arena that guest mappings
// never use, so that what the CPU does cannot be seen in the addresses that
// the guest gets; when that is full, from the guest's.
func (s *Space) Reserve(n uint64) (uint64, error) {
	if n == 0 || n > MaxAddr {
		return 0, abi.EINVAL
	}
	n = alignUp(n, pageSize)
	s.mu.Lock()
	defer s.unlock()
	a := s.arenaNext
	if s.lay.arenaEnd-a >= n && s.free(a, a+n) {
		s.arenaNext += n
	} else {
		var ok bool
		if a, ok = s.place(n, s.limit(access)); !ok {
			return 0, abi.ENOMEM
		}
	}
	if !s.grow(a + n) {
		return 0, abi.ENOMEM
	}
	s.claim(a, a+n)
	s.insert(&vma{start: a, end: a + n, hidden: true, backed: true})
	return a, nil
}

// Text implements arch.Space.
func (s *Space) Text(addr uint64) (arch.Text, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.at(addr)
	if v == nil || !v.can(abi.PROT_EXEC) {
		return arch.Text{}, false
	}
	t := arch.Text{Start: v.start, End: v.end, Offset: uint64(v.off), Name: v.name}
	if v.file == nil {
		return t, true
	}
	t.Name = v.file.file.Name()
	if v.written {
		return t, true
	}
	t.Digest = v.file.digest
	if f := s.opts.Entries; f != nil {
		file, start, off, n := v.file.file, v.start, uint64(v.off), v.len()
		t.Entries = func() []uint64 { return entriesIn(f(file), start, off, n) }
	}
	return t, true
}

// entriesIn turns the file offsets in [off, off+n) into guest addresses of a
// mapping at start.
func entriesIn(offsets []uint64, start, off, n uint64) []uint64 {
	lo, _ := slices.BinarySearch(offsets, off)
	hi, _ := slices.BinarySearch(offsets, off+n)
	out := make([]uint64, hi-lo)
	for i, o := range offsets[lo:hi] {
		out[i] = o - off + start
	}
	return out
}

// ReadText implements arch.Space.
func (s *Space) ReadText(addr uint64, p []byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.extent(addr, uint64(len(p)), abi.PROT_EXEC)
	s.read(addr, p[:n])
	return int(n)
}
