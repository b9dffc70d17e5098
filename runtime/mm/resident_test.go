package mm

import (
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/engine"
)

// blank is a memory of an engine that finds no page that holds only zeros, as V8's.
type blank struct{ engine.Memory }

func (blank) Touched(uint64, uint64, func(off, n uint64) bool) {}

// TestZerosCount: what programs fill with zeros counts where nothing can tell it from
// what they did not touch.
func TestZerosCount(t *testing.T) {
	s := testSpace(t, cProgram)
	s.mem = blank{s.mem}
	const most = 2 * piece // what is not a whole piece, at both ends
	grown := func(what string, by uint64, f func()) {
		t.Helper()
		was := s.Resident()
		f()
		if now := s.Resident(); now < was+by-most || now > was+by+most {
			t.Errorf("%s: resident memory went from %d to %d, want %d more", what, was, now, by)
		}
	}
	const n = 1 << 20
	grown("a heap that grows", n, func() {
		brk := s.Brk(0)
		for i := uint64(1); i <= n/0x21000; i++ { // malloc's steps
			s.Brk(brk + i*0x21000)
		}
		s.Brk(brk + n)
	})
	var at uint64
	grown("a mapping", 0, func() {
		at = mustMap(t, s, MapArgs{Len: n, Prot: abi.PROT_READ | abi.PROT_WRITE, Flags: abi.MAP_PRIVATE | abi.MAP_ANONYMOUS})
	})
	grown("a mapping that grows", 2*n, func() {
		var err error
		if at, err = s.Remap(at, n, 2*n, abi.MREMAP_MAYMOVE, 0); err != nil {
			t.Fatal(err)
		}
	})
	big := mustMap(t, s, MapArgs{Len: n, Prot: abi.PROT_READ | abi.PROT_WRITE, Flags: abi.MAP_PRIVATE | abi.MAP_ANONYMOUS})
	grown("large reads", n, func() {
		zeros := make([]byte, 4096)
		for off := uint64(0); off < n; off += uint64(len(zeros)) {
			if err := s.CopyOut(big+off, zeros); err != nil {
				t.Fatal(err)
			}
		}
	})
	if err := s.Unmap(big, n); err != nil {
		t.Fatal(err)
	}
	if err := s.Unmap(at, 2*n); err != nil {
		t.Fatal(err)
	}
	s.Brk(s.lay.brk)
	mustMap(t, s, MapArgs{Len: 3 * n, Prot: abi.PROT_READ | abi.PROT_WRITE, Flags: abi.MAP_PRIVATE | abi.MAP_ANONYMOUS})
	if r := s.Resident(); r > most {
		t.Errorf("%d bytes are left when all is gone", r)
	}
}
