package mm

import (
	"slices"

	"boxer/runtime/abi"
)

// access is the protection bits that mean the pages can be used at all.
const access = abi.PROT_READ | abi.PROT_WRITE | abi.PROT_EXEC

// A vma is one mapping, or a piece of one. Its bounds are page aligned.
type vma struct {
	start, end uint64
	prot       uint32
	shared     bool
	hidden     bool // the CPU's: never read, written, changed or shown
	// backed: the pages were accessible at some time, so they lie inside the
	// memory and their contents may differ from zero (and, for a file, have
	// been read in).
	backed bool
	// written: a file's pages were writable at some time, so they may differ
	// from the file.
	written  bool
	dontFork bool     // MADV_DONTFORK
	wipe     bool     // MADV_WIPEONFORK
	gap      uint64   // bytes below start that stay free (the main stack)
	file     *backing // nil: anonymous
	off      int64    // file offset of start
	name     string   // "[stack]", "[heap]", "[vdso]"
}

func (v *vma) len() uint64       { return v.end - v.start }
func (v *vma) can(p uint32) bool { return v.prot&p != 0 && !v.hidden }

// data reports whether the mapping counts for RLIMIT_DATA.
func (v *vma) data() bool {
	return !v.shared && !v.hidden && v.prot&abi.PROT_WRITE != 0 && v.name != StackName
}

// same reports whether w, which starts where v ends, can be merged into it.
func (v *vma) same(w *vma) bool {
	return v.end == w.start && v.prot == w.prot && v.shared == w.shared && v.hidden == w.hidden &&
		v.backed == w.backed && v.written == w.written && v.dontFork == w.dontFork && v.wipe == w.wipe &&
		w.gap == 0 && v.file == w.file && v.name == w.name &&
		(v.file == nil || v.off+int64(v.len()) == w.off)
}

// find returns the index of the first mapping that ends above addr.
func (s *Space) find(addr uint64) int {
	lo, hi := 0, len(s.vmas)
	for lo < hi {
		if m := (lo + hi) / 2; s.vmas[m].end > addr {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

// at returns the mapping that contains addr, or nil.
func (s *Space) at(addr uint64) *vma {
	if v := s.last; v != nil && addr >= v.start && addr < v.end {
		return v
	}
	if i := s.find(addr); i < len(s.vmas) && s.vmas[i].start <= addr {
		s.last = s.vmas[i]
		return s.last
	}
	return nil
}

// splitAt makes addr a boundary: no mapping contains both addr-1 and addr.
func (s *Space) splitAt(addr uint64) {
	i := s.find(addr)
	if i == len(s.vmas) || s.vmas[i].start >= addr {
		return
	}
	v := s.vmas[i]
	w := *v
	w.start, w.gap = addr, 0
	if v.file != nil {
		w.off += int64(addr - v.start)
	}
	v.end = addr
	s.vmas = slices.Insert(s.vmas, i+1, &w)
	s.last = nil
}

// isolate splits at both ends of [lo, hi) and returns the indices of the
// mappings inside: vmas[i:j].
func (s *Space) isolate(lo, hi uint64) (i, j int) {
	s.splitAt(lo)
	s.splitAt(hi)
	return s.find(lo), s.find(hi)
}

// insert adds v, which overlaps nothing, and merges it with its neighbours.
func (s *Space) insert(v *vma) {
	i := s.find(v.start)
	s.vmas = slices.Insert(s.vmas, i, v)
	s.count(v, 1)
	s.mergeAround(i, i+1)
}

// mergeAround merges what can be merged among vmas[i-1 : j+1].
func (s *Space) mergeAround(i, j int) {
	lo, hi := max(i-1, 0), min(j+1, len(s.vmas))
	out := lo
	for k := lo + 1; k < hi; k++ {
		if a, b := s.vmas[out], s.vmas[k]; a.same(b) {
			a.end = b.end
		} else {
			out++
			s.vmas[out] = b
		}
	}
	if lo < hi {
		s.vmas = slices.Delete(s.vmas, out+1, hi)
	}
	s.last = nil
	s.gen++
}

// count adds v to the sums that the limits are about, or takes it away.
func (s *Space) count(v *vma, sign int64) {
	if v.hidden {
		return
	}
	s.size += uint64(sign * int64(v.len()))
	if v.data() {
		s.data += uint64(sign * int64(v.len()))
	}
	if v.backed {
		s.reach += uint64(sign * int64(v.len()))
	}
}

// free reports whether nothing is mapped in [lo, hi), the gap below a stack included.
func (s *Space) free(lo, hi uint64) bool {
	i := s.find(lo)
	return i == len(s.vmas) || s.vmas[i].start-s.vmas[i].gap >= hi
}

// place finds n free bytes: first fit from the layout's base, then in what is
// free below it. Bottom-up, because the Wasm memory grows to the highest page
// used and never shrinks.
func (s *Space) place(n uint64, limit uint64) (uint64, bool) {
	if a, ok := s.firstFit(s.lay.base, limit, n); ok {
		return a, true
	}
	return s.firstFit(PIEBase, min(s.lay.base, limit), n)
}

// firstFit searches [lo, hi) upward. It remembers, for searches from the
// base, that below hole there is no gap as large as holeLen.
func (s *Space) firstFit(lo, hi, n uint64) (uint64, bool) {
	a := lo
	if lo == s.lay.base && n >= s.holeLen {
		a = max(lo, s.hole)
	}
	for i := s.find(a); i < len(s.vmas) && a < hi; i++ {
		v := s.vmas[i]
		if low := v.start - v.gap; low >= a && low-a >= n {
			break
		}
		a = max(a, v.end)
	}
	if a >= hi || hi-a < n {
		return 0, false
	}
	if lo == s.lay.base {
		s.hole, s.holeLen = a, n
	}
	return a, true
}

// freed tells firstFit's memory that the mapping at lo is gone.
func (s *Space) freed(lo uint64) {
	if lo >= s.hole {
		return
	}
	s.hole = s.lay.base
	if i := s.find(lo); i > 0 {
		s.hole = max(s.hole, s.vmas[i-1].end)
	}
}
