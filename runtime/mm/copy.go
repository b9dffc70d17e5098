package mm

import (
	"bytes"

	"boxer/runtime/abi"
)

// Copies between the kernel and guest memory. "In" is from the guest to the
// kernel. All of them fail with EFAULT where the guest has no mapping with
// the protection that the copy needs; reading needs any access, since arm64
// has no unreadable accessible pages.

// CopyIn copies len(p) bytes at addr to p. On EFAULT p's contents are
// undefined.
func (s *Space) CopyIn(addr uint64, p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.last; v != nil && addr >= v.start && addr < v.end && uint64(len(p)) <= v.end-addr && v.can(access) {
		return s.read(addr, p)
	}
	if s.extent(addr, uint64(len(p)), access) != uint64(len(p)) {
		return abi.EFAULT
	}
	return s.read(addr, p)
}

// CopyInSome copies as much of [addr, addr+len(p)) as is readable from its
// start: n bytes, with EFAULT only when n is 0 and p is not empty.
func (s *Space) CopyInSome(addr uint64, p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = int(s.extent(addr, uint64(len(p)), access))
	if n == 0 && len(p) > 0 {
		return 0, abi.EFAULT
	}
	return n, s.read(addr, p[:n])
}

// CopyOut copies p to addr. On EFAULT nothing is written.
func (s *Space) CopyOut(addr uint64, p []byte) error {
	s.mu.Lock()
	defer s.unlock()
	if s.extent(addr, uint64(len(p)), abi.PROT_WRITE) != uint64(len(p)) {
		return abi.EFAULT
	}
	return s.write(addr, p)
}

// CopyOutSome copies as much of p as can be written from addr on: n bytes, with
// EFAULT only when n is 0 and p is not empty.
func (s *Space) CopyOutSome(addr uint64, p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.unlock()
	n = int(s.extent(addr, uint64(len(p)), abi.PROT_WRITE))
	if n == 0 && len(p) > 0 {
		return 0, abi.EFAULT
	}
	return n, s.write(addr, p[:n])
}

// ZeroOut clears n bytes at addr. On EFAULT nothing is written.
func (s *Space) ZeroOut(addr, n uint64) error {
	s.mu.Lock()
	defer s.unlock()
	if s.extent(addr, n, abi.PROT_WRITE) != n {
		return abi.EFAULT
	}
	if n > 0 {
		s.noteWrite(addr, n)
		s.zero(addr, addr+n)
	}
	return nil
}

// Writable returns how many of the n bytes at addr, from the start, the guest
// could write: what a read(2) may fill. Readable is the same for write(2).
func (s *Space) Writable(addr, n uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.extent(addr, n, abi.PROT_WRITE)
}

// Readable returns how many of the n bytes at addr, from the start, the guest
// could read.
func (s *Space) Readable(addr, n uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.extent(addr, n, access)
}

// Mapped reports whether addr lies in a mapping of the guest's, whatever its
// protection: SEGV_ACCERR rather than SEGV_MAPERR.
func (s *Space) Mapped(addr uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.at(addr)
	return v != nil && !v.hidden
}

// extent returns how many of the n bytes at addr, from the start, lie in
// mappings that allow one of the accesses in prot.
func (s *Space) extent(addr, n uint64, prot uint32) uint64 {
	v := s.at(addr)
	if v == nil || !v.can(prot) {
		return 0
	}
	if n <= v.end-addr {
		return n
	}
	end := v.end
	for i := s.find(end); i < len(s.vmas) && end-addr < n; i++ {
		if v := s.vmas[i]; v.start != end || !v.can(prot) {
			break
		}
		end = s.vmas[i].end
	}
	return min(n, end-addr)
}

func (s *Space) read(addr uint64, p []byte) error {
	if len(p) > 0 && !s.mem.Read(addr-MinAddr, p) {
		panic("BUG: mm: accessible pages outside the memory")
	}
	return nil
}

func (s *Space) write(addr uint64, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	s.noteWrite(addr, uint64(len(p)))
	if !s.mem.Write(addr-MinAddr, p) {
		panic("BUG: mm: accessible pages outside the memory")
	}
	if len(p) >= pageSize { // large reads fill what they are given; a piece counts when the first page of it is
		off := addr - MinAddr
		s.seen.filled(off&^(piece-1), off&(piece-1)+uint64(len(p))+piece-1)
	}
	return nil
}

// noteWrite reports a write to code that is writable as well.
func (s *Space) noteWrite(addr, n uint64) {
	for i := s.find(addr); i < len(s.vmas) && s.vmas[i].start < addr+n; i++ {
		v := s.vmas[i]
		s.codeChanged(v, max(addr, v.start), min(addr+n, v.end))
	}
}

// Poke writes p at addr whatever the protection, as a debugger does. Private
// file mappings lose their identity.
func (s *Space) Poke(addr uint64, p []byte) error {
	s.mu.Lock()
	defer s.unlock()
	n := uint64(len(p))
	if s.extent(addr, n, access) != n {
		return abi.EFAULT
	}
	for i := s.find(addr); i < len(s.vmas) && s.vmas[i].start < addr+n; i++ {
		if s.vmas[i].shared {
			return abi.EFAULT
		}
		if s.vmas[i].file != nil {
			s.vmas[i].written = true
		}
	}
	return s.write(addr, p)
}

// ReadString reads a string that ends in NUL, which is not part of the
// result. ENAMETOOLONG: there is no NUL among the first max bytes.
func (s *Space) ReadString(addr uint64, max int) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var short [256]byte
	buf := short[:0]
	for len(buf) < max {
		n := min(cap(short), max-len(buf))
		n = int(s.extent(addr, uint64(n), access))
		if n == 0 {
			return "", abi.EFAULT
		}
		at := len(buf)
		buf = append(buf, make([]byte, n)...)
		s.read(addr, buf[at:])
		if i := bytes.IndexByte(buf[at:], 0); i >= 0 {
			return string(buf[:at+i]), nil
		}
		addr += uint64(n)
	}
	return "", abi.ENAMETOOLONG
}
