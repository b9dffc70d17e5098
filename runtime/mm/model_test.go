package mm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
)

// checkInvariants checks what must hold of a Space between calls.
func checkInvariants(t testing.TB, s *Space) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var size, data, reach uint64
	for i, v := range s.vmas {
		if v.start >= v.end || !aligned(v.start) || !aligned(v.end) || v.start < MinAddr || v.end > MaxAddr {
			t.Fatalf("mapping %d is [%#x, %#x)", i, v.start, v.end)
		}
		if i > 0 && s.vmas[i-1].end > v.start {
			t.Fatalf("mappings %d and %d overlap", i-1, i)
		}
		if v.prot&access != 0 && !v.backed {
			t.Fatalf("mapping %d is accessible but has no memory", i)
		}
		if v.backed && v.end-MinAddr > s.mem.Size() {
			t.Fatalf("mapping %d ends outside the memory", i)
		}
		if !v.hidden {
			size += v.len()
			if v.data() {
				data += v.len()
			}
			if v.backed {
				reach += v.len()
			}
		}
	}
	if size != s.size || data != s.data || reach != s.reach {
		t.Fatalf("size %d, data %d, reach %d; counted %d, %d, %d", s.size, s.data, s.reach, size, data, reach)
	}
	if s.last != nil && s.vmas[s.find(s.last.start)] != s.last {
		t.Fatal("the last mapping is not in the list")
	}
	// The memory below holes is zero.
	end := uint64(MinAddr)
	check := func(lo, hi uint64) {
		hi = min(hi, MinAddr+s.mem.Size())
		if lo >= hi {
			return
		}
		s.mem.Touched(lo-MinAddr, hi-lo, func(off, n uint64) bool {
			b := make([]byte, n)
			s.mem.Read(off, b)
			for i, x := range b {
				at := off + uint64(i)
				if x != 0 && !slices.ContainsFunc(s.suspect, func(g span) bool { return g.lo <= at && at < g.hi }) {
					t.Fatalf("unmapped memory at %#x holds %#x", off+uint64(i)+MinAddr, x)
				}
			}
			return true
		})
	}
	for _, v := range s.vmas {
		check(end, v.start)
		end = v.end
	}
	check(end, MinAddr+s.mem.Size())
}

// op is one call on a window of pages, as a fuzzer's bytes choose it.
type op struct {
	kind    int
	at, n   uint64 // pages in the window
	m       uint64
	to      uint64
	prot    uint32
	variant int
}

const window = 48 // pages

func decodeOp(b []byte) op {
	prots := []uint32{0, abi.PROT_READ, rw, rx, rw, rw | abi.PROT_EXEC}
	return op{kind: int(b[0] % 8), at: uint64(b[1] % window), n: uint64(b[2]%8) + 1, m: uint64(b[3]%8) + 1, to: uint64(b[4] % window),
		prot: prots[int(b[5])%len(prots)], variant: int(b[6])}
}

// FuzzSpace runs any sequence of calls: none may break what must always hold.
func FuzzSpace(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		b := make([]byte, 7*40)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		f.Add(b)
	}
	e := testEngine(f)
	pool := NewPool(e, PoolOptions{Keep: 2, KeepBytes: 1 << 30, KeepTouched: 1 << 20})
	file := elfFile("file", 20*4096+77)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := New(e, Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { s.Release() }()
		if err := s.SetLayout(cProgram); err != nil {
			t.Fatal(err)
		}
		s.OnCodeChange(func(addr, n uint64) {
			if n == 0 || addr+n > MaxAddr {
				t.Errorf("code change of %d bytes at %#x", n, addr)
			}
		})
		base := uint64(0x2000000)
		if len(b) > 0 && b[0]&1 != 0 {
			base = lowHidden + arch.HiddenSize - window/2*4096 // over the CPU's range
		}
		for ; len(b) >= 7; b = b[7:] {
			o := decodeOp(b)
			addr, n := base+o.at*4096, o.n*4096
			flags := uint32(abi.MAP_PRIVATE)
			switch o.variant % 3 {
			case 0:
				flags |= abi.MAP_FIXED
			case 1:
				flags |= abi.MAP_FIXED_NOREPLACE
			}
			switch o.kind {
			case 0:
				s.Map(MapArgs{Addr: addr, Len: n, Prot: o.prot, Flags: flags | abi.MAP_ANONYMOUS})
			case 1:
				if o.variant&0x80 != 0 {
					flags = flags&^abi.MAP_TYPE | abi.MAP_SHARED
				}
				s.Map(MapArgs{Addr: addr, Len: n, Prot: o.prot, Flags: flags, File: file, Off: o.m * 4096})
			case 2:
				s.Unmap(addr, n)
			case 3:
				s.Protect(addr, n, o.prot)
			case 4:
				f := uint32(o.variant) & 7
				s.Remap(addr, n, o.m*4096, f, base+o.to*4096)
			case 5:
				s.Advise(addr, n, o.variant%27)
			case 6:
				s.CopyOutSome(addr+o.m, make([]byte, n))
				s.Poke(addr+o.m, []byte("poke"))
			case 7:
				switch o.variant % 4 {
				case 0:
					s.Brk(s.lay.brk + o.at*1000)
				case 1:
					c, err := s.Fork()
					if err != nil {
						t.Fatal(err)
					}
					s.Release()
					s = c
				case 2:
					s.Sync(addr, n, uint32(o.m))
					s.Mincore(addr, n)
				case 3:
					s.Reserve(n)
				}
			}
		}
		checkInvariants(t, s)
	})
}
