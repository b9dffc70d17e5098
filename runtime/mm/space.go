package mm

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/engine"
)

// Options are a process's fixed properties.
type Options struct {
	// Pool supplies and takes back the memory; nil makes one that keeps
	// nothing.
	Pool *Pool
	// Entries returns the file offsets of the known function starts in an
	// executable file, ascending. It is called lazily, from the CPU, and serves
	// Text.Entries. May be nil.
	Entries func(File) []uint64
}

// maxMappings is Linux's vm.max_map_count.
const maxMappings = 65530

// Space is the address space of a process. Its methods are safe for
// concurrent use; what guest code does to the memory meanwhile is its own
// affair.
type Space struct {
	opts Options
	refs atomic.Int64

	mu   sync.Mutex
	mem  engine.Memory // a *store while the space has no slot
	vmas []*vma        // ascending, disjoint
	last *vma          // the mapping found last, or nil
	gen  uint64

	lay       places
	arenaNext uint64 // next free byte of the hidden arena
	brk       uint64 // current program break, not page aligned

	size, data       uint64 // bytes mapped; bytes private and writable
	reach            uint64 // bytes of mappings that were ever accessible
	seen             seen
	maxSize, maxData uint64 // RLIMIT_AS, RLIMIT_DATA
	hole, holeLen    uint64 // see firstFit

	evicted func() io.Closer // see Occupy
	left    io.Closer        // what to leave with the memory
	suspect []span           // linear ranges without mappings that need not be zero; see claim
	pinned  bool

	onCode  func(addr, n uint64)
	changed []span // code changes to report when mu is released
}

type span struct{ lo, hi uint64 }

// New makes an empty address space with a memory of its own. SetLayout must
// be called before anything is mapped.
func New(eng engine.Engine, opts Options) (*Space, error) {
	if opts.Pool == nil {
		opts.Pool = NewPool(eng, PoolOptions{Keep: -1})
	}
	if opts.Pool.Limited() { // Occupy finds the right one
		return newSpace(opts.Pool.newStore(0), opts), nil
	}
	clean, err := opts.Pool.get(0, places{})
	if err != nil {
		return nil, err
	}
	clean.rest()
	return newSpace(clean.mem, opts), nil
}

func newSpace(mem engine.Memory, opts Options) *Space {
	s := &Space{opts: opts, mem: mem, maxSize: ^uint64(0), maxData: ^uint64(0)}
	s.refs.Store(1)
	return s
}

// SetLayout lays the address space out for a program and reserves the CPU's
// range. It is called once. ENOMEM: the program does not fit in 32 bits, or
// the host does not give the memory.
func (s *Space) SetLayout(l Layout) error {
	s.mu.Lock()
	defer s.unlock()
	if s.lay != (places{}) {
		panic("BUG: mm: SetLayout called twice")
	}
	p, err := l.places()
	if err != nil {
		return err
	}
	if err := s.setPlaces(p); err != nil {
		return err
	}
	// While it is empty, moving costs nothing.
	if err := s.enter(); err != nil && !errors.Is(err, ErrNoSlot) {
		return abi.ENOMEM
	}
	return nil
}

func (s *Space) setPlaces(p places) error {
	if !s.grow(p.hidden + arch.HiddenSize) {
		return abi.ENOMEM
	}
	s.lay, s.brk, s.arenaNext = p, p.brk, p.arena
	s.claim(p.hidden, p.hidden+arch.HiddenSize)
	s.insert(&vma{start: p.hidden, end: p.hidden + arch.HiddenSize, hidden: true, backed: true})
	return nil
}

// unlock releases mu and then reports code changes.
func (s *Space) unlock() {
	changed, f := s.changed, s.onCode
	s.changed = nil
	s.mu.Unlock()
	if f != nil {
		for _, c := range changed {
			f(c.lo, c.hi-c.lo)
		}
	}
}

// OnCodeChange sets the function that is told, after the fact, about bytes
// that were executable and are now unmapped, replaced, moved, written by the
// kernel or not executable any more. It is called without locks held.
func (s *Space) OnCodeChange(f func(addr, n uint64)) {
	s.mu.Lock()
	s.onCode = f
	s.mu.Unlock()
}

// codeChanged notes that [lo, hi) of v is about to change, if v is code.
func (s *Space) codeChanged(v *vma, lo, hi uint64) {
	if v.prot&abi.PROT_EXEC == 0 {
		return
	}
	if n := len(s.changed); n > 0 && s.changed[n-1].hi == lo {
		s.changed[n-1].hi = hi
		return
	}
	s.changed = append(s.changed, span{lo, hi})
}

// Memory is the linear memory. It is nil after the last Release. With
// PoolOptions.Slots it may be one that cannot be linked to; see Occupy.
func (s *Space) Memory() engine.Memory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mem
}

// grow makes the memory reach to the guest address end.
func (s *Space) grow(end uint64) bool {
	if s.mem == nil || end > MaxAddr {
		return false
	}
	n := alignUp(end-MinAddr, engine.PageSize)
	return n <= s.mem.Size() || s.mem.Grow(s.opts.Pool.step(n)) || s.mem.Grow(n)
}

// SetLimits sets RLIMIT_AS and RLIMIT_DATA, in bytes.
func (s *Space) SetLimits(as, data uint64) {
	s.mu.Lock()
	s.maxSize, s.maxData = as, data
	s.mu.Unlock()
}

// Generation changes whenever mappings do. The kernel asks GuardBelow again
// when it has.
func (s *Space) Generation() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gen
}

// Stack returns the range set aside for the main thread's stack. The loader
// maps it.
func (s *Space) Stack() (low, top uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lay.stackLow, s.lay.stackTop
}

// GuardBelow returns the unmapped or PROT_NONE range directly below the
// mapping that contains sp, in which no stack pointer can be right; lo == hi
// when something usable is mapped there or sp lies in no mapping.
func (s *Space) GuardBelow(sp uint64) (lo, hi uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp == 0 || s.at(sp-1) == nil { // an empty stack's pointer is its mapping's end
		return 0, 0
	}
	i := s.find(sp - 1)
	hi = s.vmas[i].start
	for lo = hi; ; i-- {
		if i == 0 {
			return MinAddr, hi
		}
		below := s.vmas[i-1]
		lo = below.end
		if below.can(access) {
			return lo, hi
		}
		lo = below.start
	}
}

// Retain counts one more user (CLONE_VM).
func (s *Space) Retain() {
	if s.refs.Add(1) <= 1 {
		panic("BUG: mm: Retain of a released space")
	}
}

// Release counts one user less. The last one writes shared files back and
// gives the memory to the pool: whatever executes on it must be closed by then.
// The error is a failed write-back's.
func (s *Space) Release() error {
	switch n := s.refs.Add(-1); {
	case n < 0:
		panic("BUG: mm: Release of a released space")
	case n > 0:
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, v := range s.vmas {
		if e := s.writeBack(v, v.start, v.end); err == nil {
			err = e
		}
	}
	mem, touched := s.mem, s.touched(func(*vma) bool { return true })
	left, slot := s.left, s.inSlot()
	var gaps []span
	if slot && s.opts.Pool.Limited() {
		gaps = s.gaps()
	}
	s.mem, s.vmas, s.last, s.onCode = nil, nil, nil, nil
	s.left, s.evicted = nil, nil
	if s.pinned {
		s.opts.Pool.unpin()
	}
	if slot {
		s.opts.Pool.put(mem, touched, gaps, s.lay, left)
	} else {
		mem.Close()
	}
	return err
}

// touched lists the linear ranges that the mappings which want selects have
// touched, ascending.
func (s *Space) touched(want func(*vma) bool) []span {
	if s.mem == nil {
		return nil
	}
	var out []span
	add := func(off, n uint64) bool {
		if k := len(out); k > 0 && out[k-1].hi == off {
			out[k-1].hi = off + n
		} else {
			out = append(out, span{off, off + n})
		}
		return true
	}
	var run span // of neighbours: one question to the host instead of several
	for _, v := range s.vmas {
		if !v.backed || !want(v) {
			continue
		}
		if run.hi != v.start {
			s.mem.Touched(run.lo-MinAddr, run.hi-run.lo, add)
			run.lo = v.start
		}
		run.hi = v.end
	}
	s.mem.Touched(run.lo-MinAddr, run.hi-run.lo, add)
	return out
}

// Shared reports whether more than one user holds the space.
func (s *Space) Shared() bool { return s.refs.Load() > 1 }
