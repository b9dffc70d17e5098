// Package flat is an address space without a kernel: bytes at given addresses
// of a linear memory, some of them code. It lets tests and measurements run the
// translator alone.
package flat

import (
	"io"

	"fmt"

	"boxer/runtime/arch"
	"boxer/runtime/engine"
)

// A Space implements translate.Space. Everything in its memory is readable and
// writable; what MapText added is executable.
type Space struct {
	mem    engine.Memory
	hidden uint64
	next   uint64 // where Reserve goes on
	texts  []arch.Text
}

// New makes a space of size bytes (guest addresses below size) whose hidden
// range starts at hidden; what the CPU reserves lies above size.
func New(eng engine.Engine, size, hidden uint64) (*Space, error) {
	size = (size + engine.PageSize - 1) &^ (engine.PageSize - 1)
	mem, err := eng.NewMemory(uint32((size-arch.LinearBias)/engine.PageSize), engine.MaxPages/8)
	if err != nil {
		return nil, err
	}
	return &Space{mem: mem, hidden: hidden, next: size}, nil
}

// Close frees the memory.
func (s *Space) Close() error { return s.mem.Close() }

// Write copies p to addr.
func (s *Space) Write(addr uint64, p []byte) error {
	if addr < arch.LinearBias || !s.mem.Write(addr-arch.LinearBias, p) {
		return fmt.Errorf("%d bytes at %#x lie outside the space", len(p), addr)
	}
	return nil
}

// Read copies len(p) bytes at addr into p.
func (s *Space) Read(addr uint64, p []byte) error {
	if addr < arch.LinearBias || !s.mem.Read(addr-arch.LinearBias, p) {
		return fmt.Errorf("%d bytes at %#x lie outside the space", len(p), addr)
	}
	return nil
}

// MapText makes [t.Start, t.End) executable and writes code to its start.
func (s *Space) MapText(t arch.Text, code []byte) error {
	s.texts = append(s.texts, t)
	return s.Write(t.Start, code)
}

// Memory implements translate.Space.
func (s *Space) Memory() engine.Memory { return s.mem }

// Occupy implements translate.Space: nothing takes the memory away.
func (s *Space) Occupy(func() io.Closer) (engine.Memory, io.Closer, error) { return s.mem, nil, nil }

// Leave implements translate.Space.
func (s *Space) Leave(io.Closer) bool { return false }

// Hidden implements arch.Space.
func (s *Space) Hidden() uint64 { return s.hidden }

// Reserve implements arch.Space.
func (s *Space) Reserve(n uint64) (uint64, error) {
	at := s.next
	s.next += (n + engine.PageSize - 1) &^ (engine.PageSize - 1)
	if !s.mem.Grow(s.next - arch.LinearBias) {
		return 0, fmt.Errorf("cannot reserve %d bytes", n)
	}
	return at, nil
}

// Text implements arch.Space.
func (s *Space) Text(addr uint64) (arch.Text, bool) {
	for _, t := range s.texts {
		if addr >= t.Start && addr < t.End {
			return t, true
		}
	}
	return arch.Text{}, false
}

// ReadText implements arch.Space.
func (s *Space) ReadText(addr uint64, p []byte) int {
	t, ok := s.Text(addr)
	if !ok {
		return 0
	}
	n := min(uint64(len(p)), t.End-addr)
	if s.Read(addr, p[:n]) != nil {
		return 0
	}
	return int(n)
}

// CopyInSome implements translate.Space.
func (s *Space) CopyInSome(addr uint64, p []byte) (int, error) {
	if end := s.mem.Size() + arch.LinearBias; addr < end {
		p = p[:min(uint64(len(p)), end-addr)]
	}
	if err := s.Read(addr, p); err != nil {
		return 0, err
	}
	return len(p), nil
}
