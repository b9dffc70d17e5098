package mm

import (
	"encoding/binary"

	"boxer/runtime/abi"
)

// ReadU32 reads a little-endian word at addr, aligned or not.
func (s *Space) ReadU32(addr uint64) (uint32, error) {
	var b [4]byte
	err := s.CopyIn(addr, b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

// ReadU64 reads a little-endian double word at addr, aligned or not.
func (s *Space) ReadU64(addr uint64) (uint64, error) {
	var b [8]byte
	err := s.CopyIn(addr, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

// WriteU32 writes a little-endian word at addr, aligned or not.
func (s *Space) WriteU32(addr uint64, x uint32) error {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], x)
	return s.CopyOut(addr, b[:])
}

// WriteU64 writes a little-endian double word at addr, aligned or not.
func (s *Space) WriteU64(addr, x uint64) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], x)
	return s.CopyOut(addr, b[:])
}

// Load32 reads a word atomically (futex(2)). EINVAL: not aligned to 4.
func (s *Space) Load32(addr uint64) (uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkWord(addr, access); err != nil {
		return 0, err
	}
	v, ok := s.mem.Load32(addr - MinAddr)
	if !ok {
		panic("BUG: mm: accessible word outside the memory")
	}
	return v, nil
}

// CAS32 replaces old by new at addr atomically; it reports whether the word
// was old. EINVAL: not aligned to 4.
func (s *Space) CAS32(addr uint64, old, new uint32) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkWord(addr, abi.PROT_WRITE); err != nil {
		return false, err
	}
	swapped, ok := s.mem.CompareAndSwap32(addr-MinAddr, old, new)
	if !ok {
		panic("BUG: mm: accessible word outside the memory")
	}
	return swapped, nil
}

func (s *Space) checkWord(addr uint64, prot uint32) error {
	if addr%4 != 0 {
		return abi.EINVAL
	}
	if s.extent(addr, 4, prot) != 4 {
		return abi.EFAULT
	}
	return nil
}

// An Iovec is one range of guest memory, struct iovec.
type Iovec struct{ Base, Len uint64 }

// maxRW is the most bytes that one read or write transfers: Linux's
// MAX_RW_COUNT, read(2).
const maxRW = 0x7ffff000

// ReadIovecs reads n of them at addr for readv(2) and its kin: EINVAL when n or
// a length is out of range. The sum of the lengths is cut to what one call transfers.
func (s *Space) ReadIovecs(addr, n uint64) ([]Iovec, error) {
	if n > abi.IovMax {
		return nil, abi.EINVAL
	}
	b := make([]byte, n*abi.SizeofIovec)
	if err := s.CopyIn(addr, b); err != nil {
		return nil, err
	}
	out := make([]Iovec, n)
	left := uint64(maxRW)
	for i := range out {
		e := b[i*abi.SizeofIovec:]
		out[i] = Iovec{binary.LittleEndian.Uint64(e), binary.LittleEndian.Uint64(e[8:])}
		if int64(out[i].Len) < 0 {
			return nil, abi.EINVAL
		}
		out[i].Len = min(out[i].Len, left)
		left -= out[i].Len
	}
	return out, nil
}

// IovecLen is the sum of the lengths.
func IovecLen(v []Iovec) uint64 {
	var n uint64
	for _, e := range v {
		n += e.Len
	}
	return n
}

// CopyInVec gathers from v to p until either is used up or a range is not
// readable; EFAULT only when that leaves n at 0 and there was something to do.
func (s *Space) CopyInVec(v []Iovec, p []byte) (n int, err error) {
	return eachRange(v, p, s.CopyInSome)
}

// CopyOutVec scatters p over v, with the rules of CopyInVec.
func (s *Space) CopyOutVec(v []Iovec, p []byte) (n int, err error) {
	return eachRange(v, p, s.CopyOutSome)
}

func eachRange(v []Iovec, p []byte, move func(uint64, []byte) (int, error)) (n int, err error) {
	for _, e := range v {
		want := int(min(e.Len, uint64(len(p)-n)))
		got, err := move(e.Base, p[n:n+want])
		n += got
		if err != nil && n == 0 {
			return 0, err
		}
		if got < want || n == len(p) {
			break
		}
	}
	return n, nil
}
