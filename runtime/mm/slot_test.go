package mm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/engine"
)

// TestSlots: a space that is moved between memories and stores answers every
// call as one that has a memory of its own.
func TestSlots(t *testing.T) {
	e := testEngine(t)
	plain, slots := NewPool(e, PoolOptions{}), NewPool(e, PoolOptions{Slots: 2})
	defer plain.Close()
	defer slots.Close()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		pair := newPair(t, e, plain, slots)
		pairs := [][2]*Space{pair}
		for range 60 {
			i := r.IntN(len(pairs))
			p := pairs[i]
			switch r.IntN(4) {
			case 0:
				p[1].Evict()
			case 1:
				_, left, err := p[1].Occupy(nil)
				if errors.Is(err, ErrNoSlot) {
					for _, o := range pairs {
						o[1].Evict()
					}
					_, left, err = p[1].Occupy(nil)
				}
				if err != nil || left != nil {
					t.Fatal(left, err)
				}
			}
			if r.IntN(12) == 0 && len(pairs) < 4 {
				var c [2]*Space
				for k, s := range p {
					var err error
					if c[k], err = s.Fork(); err != nil {
						t.Fatal(err)
					}
				}
				pairs = append(pairs, c)
				continue
			}
			if r.IntN(3) == 0 { // the guest stores beside its mappings; whoever is next there must not see it
				for page := uint64(0x2000000); page < 0x2000000+60*4096 && p[1].InSlot(); page += 4096 {
					if s := p[1]; s.at(page) == nil && page-MinAddr < s.mem.Size() {
						s.mem.Write(page-MinAddr+r.Uint64N(4096), []byte{1})
					}
				}
				p[1].Evict()
			}
			call := randomCall(r)
			a, b := call(p[0]), call(p[1])
			if a != b {
				t.Fatalf("seed %d: %s, and %s where the space moves", seed, a, b)
			}
			checkInvariants(t, p[1])
			if r.IntN(4) == 0 { // on a memory, exactly what is touched
				for _, s := range p {
					if got, most := s.Resident(), s.Bound(); got > most {
						t.Fatalf("seed %d: %d bytes resident, of %d", seed, got, most)
					}
				}
				if got, want := p[0].Resident(), total(p[0].touched(func(v *vma) bool { return !v.hidden })); got != want {
					t.Fatalf("seed %d: %d bytes resident, %d are touched", seed, got, want)
				}
			}
		}
		for _, p := range pairs {
			for _, v := range p[0].vmas {
				if v.hidden {
					continue
				}
				a, b := make([]byte, v.len()), make([]byte, v.len())
				if errA, errB := p[0].CopyIn(v.start, a), p[1].CopyIn(v.start, b); errA != errB || errA == nil && !bytes.Equal(a, b) {
					t.Fatalf("seed %d: contents at %#x differ (%v, %v)", seed, v.start, errA, errB)
				}
			}
			p[0].Release()
			p[1].Release()
		}
	}
	if slots.live > 2 || len(slots.idle) > 2 {
		t.Errorf("%d memories live, %d idle", slots.live, len(slots.idle))
	}
}

func newPair(t *testing.T, e engine.Engine, plain, slots *Pool) (pair [2]*Space) {
	for i, p := range []*Pool{plain, slots} {
		s, err := New(e, Options{Pool: p})
		if err == nil {
			err = s.SetLayout(cProgram)
		}
		if err != nil {
			t.Fatal(err)
		}
		pair[i] = s
	}
	return pair
}

// randomCall is a call on a window of pages; it returns what came of it.
func randomCall(r *rand.Rand) func(*Space) string {
	const base = 0x2000000
	addr, n := base+uint64(r.IntN(40))*4096, uint64(1+r.IntN(8))*4096
	off, x := uint64(r.IntN(4096)), byte(r.Uint32())
	switch r.IntN(10) {
	case 0:
		return func(s *Space) string {
			a, err := s.Map(MapArgs{Addr: addr, Len: n, Prot: rw, Flags: fixed})
			return fmt.Sprint("Map ", a, err)
		}
	case 1:
		return func(s *Space) string { return fmt.Sprint("Unmap ", s.Unmap(addr, n)) }
	case 2:
		return func(s *Space) string { return fmt.Sprint("Protect ", s.Protect(addr, n, uint32(x)%4)) }
	case 3:
		return func(s *Space) string { return fmt.Sprint("Advise ", s.Advise(addr, n, abi.MADV_DONTNEED)) }
	case 4:
		return func(s *Space) string {
			a, err := s.Remap(addr, n, n+4096, abi.MREMAP_MAYMOVE, 0)
			return fmt.Sprint("Remap ", a, err)
		}
	case 5:
		return func(s *Space) string {
			v, err := s.Load32(addr + off&^3)
			ok, err2 := s.CAS32(addr+off&^3, v, v+7)
			return fmt.Sprint("CAS32 ", v, ok, err, err2)
		}
	case 6:
		return func(s *Space) string {
			a, err := s.Map(MapArgs{Addr: addr, Len: n, Prot: rw, Flags: abi.MAP_PRIVATE | abi.MAP_FIXED, File: elfFile("f", 20000)})
			return fmt.Sprint("Map file ", a, err)
		}
	case 7:
		return func(s *Space) string { return fmt.Sprint("ZeroOut ", s.ZeroOut(addr+off, n)) }
	default:
		return func(s *Space) string {
			k, err := s.CopyOutSome(addr+off, bytes.Repeat([]byte{x}, int(n)))
			b := make([]byte, n)
			m, err2 := s.CopyInSome(addr+off-1, b)
			return fmt.Sprint("Copy ", k, err, m, err2, b[:m])
		}
	}
}

type closed struct{ n int }

func (c *closed) Close() error { c.n++; return nil }

// TestLeft: what executed on a memory is given to the next space there of the
// same layout, and is closed with the memory otherwise.
func TestLeft(t *testing.T) {
	e := testEngine(t)
	pool := NewPool(e, PoolOptions{Slots: 2})
	other := Layout{Low: 0x400000, High: 0x500000}
	make := func(l Layout) *Space {
		s, err := New(e, Options{Pool: pool})
		if err == nil {
			err = s.SetLayout(l)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a, b := make(cProgram), make(other)
	fromA, fromB := &closed{}, &closed{}
	if _, left, err := a.Occupy(func() io.Closer { return fromA }); left != nil || err != nil {
		t.Fatal(left, err)
	}
	if _, _, err := b.Occupy(nil); err != nil {
		t.Fatal(err)
	}
	if pool.Free() {
		t.Error("both memories are in use, and one is free")
	}
	c := make(other)
	if _, _, err := c.Occupy(nil); !errors.Is(err, ErrNoSlot) {
		t.Errorf("a third memory: %v", err)
	}
	if !a.Evict() || a.Evict() || a.InSlot() || !pool.Free() {
		t.Error("Evict")
	}
	if !b.Leave(fromB) {
		t.Error("Leave")
	}
	b.Release()
	if _, left, err := c.Occupy(nil); left != fromB || err != nil {
		t.Errorf("left for the next program of the kind: %v, %v", left, err)
	}
	if _, left, err := a.Occupy(nil); left != fromA || err != nil {
		t.Errorf("left for the space that is back: %v, %v", left, err)
	}
	if err := a.Pin(); err != nil || a.Evict() {
		t.Errorf("Pin: %v, or it was evicted", err)
	}
	if err := c.Pin(); err != ErrPinned {
		t.Errorf("no memory left to take turns in: %v", err)
	}
	c.Leave(fromB)
	c.Release()
	a.Release()
	pool.Close()
	if fromB.n != 1 || fromA.n != 0 || pool.live != 0 || pool.pinned != 0 {
		t.Errorf("closed %d and %d times; %d memories live, %d pinned", fromB.n, fromA.n, pool.live, pool.pinned)
	}
}
