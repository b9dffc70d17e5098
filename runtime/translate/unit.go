package translate

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"

	"boxer/runtime/arch"
)

// A unit is the code of one executable mapping: its bytes, read as needed, and
// where its functions start. Units of file-backed mappings are shared by all
// processes that map the same file at the same address.
type unit struct {
	start, end uint64
	text       arch.Text
	funcs      int // of a batch at most

	mu      sync.Mutex
	known   bool              // discover was here
	pages   map[uint64][]byte // by address, codePage bytes each or up to the end
	entries []uint64          // function starts, ascending
	batch   []uint64          // entries that start a batch, ascending
	isEntry map[uint64]bool
}

const (
	codePage = 1 << 16
	// A batch is a run of functions that become one module. A cached module costs 0.2 ms of CPU however
	// little is in it, and one that is not cached is compiled whole for the function that was called. A Go
	// hello takes 68 ms from the cache with 16 functions and 1,000 instructions, 56 with 32 and
	// 2,000, 54 with 40 and 3,000, and 8.0, 7.0 and 10.0 s the first time; busybox does not care.
	batchFuncs = 32
	batchWords = 2000
	// scanLimit is the size up to which a mapping is searched for call targets even when its
	// file lists functions.
	scanLimit = 8 << 20
)

// newUnit makes the unit of a mapping. What costs time waits for discover: code that was all made
// ahead needs none of it.
func newUnit(t arch.Text, funcs int) *unit {
	t.Entries = nil // it reads a file of the process that asked
	return &unit{start: t.Start, end: t.End, text: t, funcs: cmp.Or(funcs, batchFuncs), pages: map[uint64][]byte{}, isEntry: map[uint64]bool{}}
}

// discover finds the functions of the mapping: those that the file lists, and
// targets of BL instructions. Both are functions of the file's bytes, so that batches are too.
// Preconditions: u.mu is held, and space has the mapping.
func (u *unit) discover(space Space) {
	if u.known {
		return
	}
	u.known = true
	if t, ok := space.Text(u.start); ok && t.Entries != nil {
		for _, e := range t.Entries() {
			u.add(e)
		}
	}
	if len(u.isEntry) == 0 || u.end-u.start <= scanLimit {
		u.scan(space)
	}
	for e := range u.isEntry {
		u.entries = append(u.entries, e)
	}
	slices.Sort(u.entries)
	u.cut()
}

// unknown reports whether discover is still to come.
func (u *unit) unknown() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.known
}

func (u *unit) add(e uint64) {
	if e&3 == 0 && e >= u.start && e < u.end {
		u.isEntry[e] = true
	}
}

// scan adds the targets of all BL instructions. Data between functions can
// look like one; an entry too many costs a jump, no more.
func (u *unit) scan(space Space) {
	for pc := u.start &^ 3; pc < u.end; {
		p := u.page(pc, space)
		off := pc & (codePage - 1)
		if uint64(len(p)) <= off {
			pc = pc&^(codePage-1) + codePage
			continue
		}
		for ; off+4 <= uint64(len(p)); off, pc = off+4, pc+4 {
			if w := binary.LittleEndian.Uint32(p[off:]); w>>26 == 0x25 {
				u.add(pc + uint64(int64(int32(w<<6)>>6)*4))
			}
		}
		pc = pc&^(codePage-1) + codePage
	}
}

// page returns the code of the page around pc, from the page's start.
func (u *unit) page(pc uint64, space Space) []byte {
	base := pc &^ (codePage - 1)
	if p, ok := u.pages[base]; ok {
		return p
	}
	p := make([]byte, codePage)
	lo, hi := max(base, u.start), min(base+codePage, u.end)
	n := 0
	if lo < hi {
		n = space.ReadText(lo, p[lo-base:hi-base])
	}
	p = p[:lo-base+uint64(n)]
	u.pages[base] = p
	return p
}

// cut divides the entries into batches.
func (u *unit) cut() {
	funcs, from := 0, uint64(0)
	for _, e := range u.entries {
		if funcs == 0 || funcs >= u.funcs || e-from >= batchWords*4 {
			u.batch = append(u.batch, e)
			funcs, from = 0, e
		}
		funcs++
	}
}

// batchOf returns the entries of the batch that entry e belongs to.
func (u *unit) batchOf(e uint64) []uint64 {
	i, ok := slices.BinarySearch(u.batch, e)
	if !ok {
		i--
	}
	lo, _ := slices.BinarySearch(u.entries, u.batch[i])
	hi := len(u.entries)
	if i+1 < len(u.batch) {
		hi, _ = slices.BinarySearch(u.entries, u.batch[i+1])
	}
	return u.entries[lo:hi]
}

// function returns the bounds of the function around pc by the known entries.
func (u *unit) function(pc uint64) (start, end uint64) {
	i, ok := slices.BinarySearch(u.entries, pc)
	if !ok {
		i--
	}
	start, end = u.start, u.end
	if i >= 0 {
		start = u.entries[i]
	}
	if i+1 < len(u.entries) {
		end = u.entries[i+1]
	}
	return start, end
}

// source is a unit as the lifter sees it, through one process's memory.
type source struct {
	u     *unit
	space Space
	base  uint64 // of last
	last  []byte
}

// Word implements lift.Source.
func (s *source) Word(pc uint64) (uint32, bool) {
	if pc < s.u.start || pc >= s.u.end {
		return 0, false
	}
	if base := pc &^ (codePage - 1); s.last == nil || base != s.base {
		s.base, s.last = base, s.u.page(pc, s.space)
	}
	off := pc & (codePage - 1)
	if off+4 > uint64(len(s.last)) {
		return 0, false
	}
	return binary.LittleEndian.Uint32(s.last[off:]), true
}

// IsEntry implements lift.Source.
func (s *source) IsEntry(pc uint64) bool { return s.u.isEntry[pc] }

// Data implements lift.Source.
func (s *source) Data(addr uint64, p []byte) int {
	n, _ := s.space.CopyInSome(addr, p)
	return n
}
