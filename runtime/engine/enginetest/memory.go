package enginetest

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"boxer/runtime/engine"
)

const page = engine.PageSize

func testMemoryLimits(s *suite) {
	for _, c := range [][2]uint32{{2, 1}, {0, engine.MaxPages + 1}, {engine.MaxPages + 1, engine.MaxPages + 1}, {0, math.MaxUint32}} {
		if mem, err := s.e.NewMemory(c[0], c[1]); err == nil {
			mem.Close()
			s.Errorf("a memory of %d to %d pages was made", c[0], c[1])
		}
	}
	if size := s.memory(0, 0).Size(); size != 0 {
		s.Errorf("the empty memory has %d bytes", size)
	}
	if size := s.memory(3, 300).Size(); size != 3*page {
		s.Errorf("a memory of 3 pages has %d bytes", size)
	}
}

func testMemoryBounds(s *suite) {
	mem := s.memory(2, 4)
	const size = 2 * page
	text := []byte("boundary")
	n := uint64(len(text))
	for _, c := range []struct {
		off uint64
		ok  bool
	}{
		{0, true}, {page - 3, true}, {size - n, true},
		{size - n + 1, false}, {size - 1, false}, {size, false}, {size + 1, false},
		{1<<32 - 4, false}, {1 << 32, false}, {math.MaxUint64 - 3, false}, {math.MaxUint64, false},
	} {
		got := bytes.Repeat([]byte{7}, len(text))
		if mem.Write(c.off, text) != c.ok {
			s.Errorf("Write at %#x: %v", c.off, !c.ok)
		}
		if mem.Read(c.off, got) != c.ok {
			s.Errorf("Read at %#x: %v", c.off, !c.ok)
		}
		if c.ok && !bytes.Equal(got, text) || !c.ok && !bytes.Equal(got, bytes.Repeat([]byte{7}, len(text))) {
			s.Errorf("Read at %#x left %q", c.off, got)
		}
		if mem.Zero(c.off, n) != c.ok {
			s.Errorf("Zero at %#x: %v", c.off, !c.ok)
		}
		if mem.CopyTo(mem, c.off, n) != c.ok {
			s.Errorf("CopyTo at %#x: %v", c.off, !c.ok)
		}
		if c.ok {
			mem.Read(c.off, got)
			if !bytes.Equal(got, make([]byte, n)) {
				s.Errorf("after Zero at %#x: %q", c.off, got)
			}
		}
		touched := false
		mem.Touched(c.off, n, func(off, n uint64) bool {
			touched = true
			return off >= c.off && off+n <= c.off+8
		})
		if touched && !c.ok {
			s.Errorf("Touched yielded for %#x", c.off)
		}
	}
	if !mem.Write(size, nil) || !mem.Read(size, nil) || !mem.Zero(size, 0) {
		s.Error("empty ranges at the end were refused")
	}
	if mem.Write(size+1, nil) || mem.Read(size+1, nil) || mem.Zero(size+1, 0) {
		s.Error("empty ranges past the end were accepted")
	}
	if mem.Zero(8, math.MaxUint64) || mem.Zero(math.MaxUint64, 8) || mem.CopyTo(mem, 8, math.MaxUint64-4) {
		s.Error("a length that wraps was accepted")
	}
}

func testMemoryGrow(s *suite) {
	mem := s.memory(1, 10)
	inst := s.load(peekPoke(), importsOf(mem))
	mem.Write(page-4, []byte{1, 2, 3, 4})

	s.trap(engine.TrapOutOfBounds, inst, "peek", 2*page)
	if !mem.Grow(2*page + 1) {
		s.Fatal("Grow within the maximum failed")
	}
	if mem.Size() != 3*page {
		s.Errorf("size %d after Grow to two pages and a byte", mem.Size())
	}
	s.want(3, inst, "size")
	s.want(0, inst, "peek", 2*page)
	s.call(inst, "poke", 3*page-4, 99)
	s.want(0x04030201, inst, "peek", page-4)

	// The other way round.
	s.want(3, inst, "grow", 2)
	if mem.Size() != 5*page {
		s.Errorf("size %d after memory.grow to 5 pages", mem.Size())
	}
	p := make([]byte, 4)
	if !mem.Read(3*page-4, p) || p[0] != 99 || !mem.Write(5*page-4, []byte{5, 6, 7, 8}) {
		s.Errorf("access after memory.grow: %v", p)
	}
	s.want(0x08070605, inst, "peek", 5*page-4)

	if !mem.Grow(page) || !mem.Grow(0) || mem.Size() != 5*page {
		s.Errorf("Grow to less: size %d", mem.Size())
	}
	for _, size := range []uint64{10*page + 1, 1 << 32, 1<<32 + 1, math.MaxUint64} {
		if mem.Grow(size) {
			s.Errorf("grew to %#x, past the maximum", size)
		}
	}
	s.want(math.MaxUint32, inst, "grow", 6)
	if !mem.Grow(10*page) || mem.Size() != 10*page {
		s.Errorf("Grow to the maximum: size %d", mem.Size())
	}
	// An instance made later sees the same memory.
	s.want(10, s.load(peekPoke(), importsOf(mem)), "size")
}

// testMemoryGrowAfterClose: the end of one user does not change the memory
// for the others.
func testMemoryGrowAfterClose(s *suite) {
	mem := s.memory(1, 100)
	code := s.compile(peekPoke())
	a, b := s.instantiate(code, importsOf(mem)), s.instantiate(code, importsOf(mem))
	s.call(a, "poke", 16, 1)
	a.Close()
	s.want(1, b, "peek", 16)
	s.want(1, b, "grow", 1)
	s.call(b, "poke", 2*page-4, 2)
	if !mem.Grow(100 * page) {
		s.Fatal("Grow failed")
	}
	s.want(1, b, "peek", 16)
	s.want(2, b, "peek", 2*page-4)
	s.call(b, "poke", 100*page-4, 3)
	p := make([]byte, 1)
	if !mem.Read(100*page-4, p) || p[0] != 3 {
		s.Errorf("Read of what was poked: %v", p)
	}
	s.want(3, s.instantiate(code, importsOf(mem)), "peek", 100*page-4)
}

func testMemoryZero(s *suite) {
	mem := s.memory(16, 16)
	full := bytes.Repeat([]byte{0xa5}, 16*page)
	got := make([]byte, len(full))
	for _, c := range [][2]uint64{
		{0, 0}, {0, 1}, {1, 1}, {4095, 2}, {0, 4096}, {4096, 4096}, {100, 3 * 4096}, {8192, 5 * 4096},
		{1, 16*page - 2}, {0, 16 * page}, {page - 1, page + 2}, {5000, 100_000}, {16 * page, 0},
	} {
		off, n := c[0], c[1]
		mem.Write(0, full)
		if !mem.Zero(off, n) {
			s.Fatalf("Zero(%d, %d) failed", off, n)
		}
		mem.Read(0, got)
		want := slices.Clone(full)
		clear(want[off : off+n])
		if !bytes.Equal(got, want) {
			s.Fatalf("Zero(%d, %d) cleared something else", off, n)
		}
	}
	// Cleared memory can be used again.
	inst := s.load(peekPoke(), importsOf(mem))
	mem.Zero(0, 16*page)
	s.call(inst, "poke", 5*page, 11)
	s.want(11, inst, "peek", 5*page)
	s.want(0, inst, "peek", 5*page+4)
}

func testMemoryTouched(s *suite) {
	const pages = 64
	mem := s.memory(pages, pages)
	touched := func(off, n uint64) (rs [][2]uint64) {
		mem.Touched(off, n, func(at, size uint64) bool {
			if size == 0 || at < off || at+size > off+n {
				s.Fatalf("Touched(%#x, %#x) yielded %#x, %#x", off, n, at, size)
			}
			rs = append(rs, [2]uint64{at, size})
			return true
		})
		for i := 1; i < len(rs); i++ {
			if rs[i][0] < rs[i-1][0]+rs[i-1][1] {
				s.Fatalf("Touched(%#x, %#x) is not ascending: %v", off, n, rs)
			}
		}
		return rs
	}
	covers := func(rs [][2]uint64, at uint64) bool {
		return slices.ContainsFunc(rs, func(r [2]uint64) bool { return at >= r[0] && at < r[0]+r[1] })
	}
	spots := []uint64{0, 1000, 5 * page, 9*page + 4095, 20*page + 1, 63*page - 1, pages*page - 1}
	for _, at := range spots {
		mem.Write(at, []byte{1})
	}
	rs := touched(0, pages*page)
	sum := uint64(0)
	for _, r := range rs {
		sum += r[1]
	}
	for _, at := range spots {
		if !covers(rs, at) {
			s.Errorf("%#x is not among the touched ranges %v", at, rs)
		}
	}
	if limit := uint64(len(spots)) * page; sum > limit {
		s.Errorf("%d bytes touched are reported as %d in %v, want at most %d", len(spots), sum, rs, limit)
	}
	// Parts, clipped.
	if rs := touched(9*page+4095, 1); !covers(rs, 9*page+4095) {
		s.Errorf("one byte: %v", rs)
	}
	if rs := touched(5*page+1, 20*page); covers(rs, 5*page) || !covers(rs, 9*page+4095) || !covers(rs, 20*page+1) {
		s.Errorf("a part: %v", rs)
	}
	// Stop early.
	calls := 0
	mem.Touched(0, pages*page, func(_, _ uint64) bool {
		calls++
		return false
	})
	if calls != 1 {
		s.Errorf("%d calls of a yield that wants no more", calls)
	}
	mem.Touched(0, pages*page+1, func(off, n uint64) bool {
		s.Errorf("a range that leaves the memory yielded %#x, %#x", off, n)
		return true
	})
	// What was given back is not touched any more.
	mem.Zero(0, pages*page)
	if rs := touched(0, pages*page); len(rs) != 0 {
		s.Errorf("touched after Zero: %v", rs)
	}
}

func testMemoryCopyTo(s *suite) {
	src, dst := s.memory(4, 4), s.memory(2, 2)
	text := []byte("copied by fork")
	src.Write(page-5, text)
	dst.Write(0, []byte("kept"))
	if !src.CopyTo(dst, page-5, uint64(len(text))) {
		s.Fatal("CopyTo failed")
	}
	got := make([]byte, len(text)+1)
	dst.Read(page-5, got)
	if string(got) != string(text)+"\x00" {
		s.Errorf("copied %q", got)
	}
	dst.Read(0, got[:4])
	if string(got[:4]) != "kept" {
		s.Errorf("CopyTo changed what it was not to: %q", got[:4])
	}
	if src.CopyTo(dst, 2*page-1, 2) || src.CopyTo(dst, 4*page, 1) {
		s.Error("CopyTo out of bounds succeeded")
	}
	if v, _ := dst.Load32(2*page - 4); v != 0 {
		s.Errorf("a refused CopyTo wrote %#x", v)
	}
	if !src.CopyTo(dst, 2*page, 0) {
		s.Error("CopyTo of nothing failed")
	}
}

func testMemoryAtomics(s *suite) {
	mem := s.memory(1, 1)
	mem.Write(8, []byte{0x78, 0x56, 0x34, 0x92})
	if v, ok := mem.Load32(8); !ok || v != 0x92345678 {
		s.Errorf("Load32 = %#x, %v", v, ok)
	}
	for _, c := range []struct {
		old, new    uint32
		swapped     bool
		description string
	}{
		{1, 2, false, "another value"},
		{0x92345678, 0xfedcba98, true, "the value"},
		{0x92345678, 0, false, "the old value"},
		{0xfedcba98, 0xfedcba98, true, "the same value"},
	} {
		swapped, ok := mem.CompareAndSwap32(8, c.old, c.new)
		if !ok || swapped != c.swapped {
			s.Errorf("CompareAndSwap32 with %s: %v, %v", c.description, swapped, ok)
		}
	}
	if v, _ := mem.Load32(8); v != 0xfedcba98 {
		s.Errorf("after CompareAndSwap32: %#x", v)
	}
	p := make([]byte, 12)
	mem.Read(4, p)
	if fmt.Sprintf("%x", p) != "0000000098badcfe00000000" {
		s.Errorf("bytes after CompareAndSwap32: %x", p)
	}
	for _, off := range []uint64{1, 2, 9, page - 2, page, page + 4, 1 << 32, 1<<32 + 8, math.MaxUint64 - 3} {
		if _, ok := mem.Load32(off); ok {
			s.Errorf("Load32(%#x) is ok", off)
		}
		if swapped, ok := mem.CompareAndSwap32(off, 0, 1); ok || swapped {
			s.Errorf("CompareAndSwap32(%#x) is ok", off)
		}
	}
	if _, ok := mem.Load32(page - 4); !ok {
		s.Error("Load32 of the last word failed")
	}
}
