package mm

import (
	"cmp"
	"io"
	"sync"

	"boxer/runtime/engine"
)

// PoolOptions say how many memories a Pool keeps and how large they may be.
// The zero value has defaults for a server.
type PoolOptions struct {
	// Keep is how many released memories wait for reuse. 0: 8; negative:
	// none.
	Keep int
	// KeepBytes is the largest size of one that is kept: a memory never
	// shrinks, and what a process sees beyond its end should fault. 0: 512 MiB;
	// with Slots no bound, see largeSlot.
	KeepBytes uint64
	// KeepTouched is how many touched bytes of each stay with it, to be
	// cleared when it is used again; the host gets the rest back. A page
	// that is there already costs a tenth of a new one. 0: 8 MiB.
	KeepTouched uint64
	// MaxPages is the maximum declared for each memory, in Wasm pages. 0:
	// engine.MaxPages. With Slots it is a wish: a host that refuses it (a
	// phone) is asked for half, down to 256 MiB.
	MaxPages uint32
	// Slots bounds the memories that exist, idle ones included; fewer are
	// used where the host refuses one. Spaces beyond that wait in stores
	// (Space.Evict). A memory that held more than KeepTouched is not kept,
	// since its pages would stay with it. 0: no bound.
	Slots int
}

// A Pool reuses memories across exec, fork and exit: in a page they are
// scarce (DESIGN §5), on a server a reused one saves its set-up and its page
// faults.
type Pool struct {
	eng  engine.Engine
	opts PoolOptions

	mu     sync.Mutex
	idle   []idleMemory
	slots  int // memories that may exist, once the host refused more
	live   int // memories that exist
	pinned int
}

// An idleMemory is zero but for the ranges that its last user touched.
type idleMemory struct {
	mem   engine.Memory
	dirty []span // linear, ascending, disjoint
	// With Slots: whose it was, what executed on it, and ranges that need not be zero, ascending: its last user
	// had nothing mapped there, but can have stored there.
	like    places
	left    io.Closer
	suspect []span
}

// close closes an idle memory and what is linked to it.
func (p *Pool) close(m idleMemory) {
	if m.left != nil {
		m.left.Close()
	}
	m.mem.Close()
	p.mu.Lock()
	p.live--
	p.mu.Unlock()
}

// NewPool makes a pool over eng.
func NewPool(eng engine.Engine, opts PoolOptions) *Pool {
	opts.Keep = cmp.Or(opts.Keep, 8)
	if opts.Slots > 0 {
		opts.Keep = opts.Slots
		opts.KeepBytes = cmp.Or(opts.KeepBytes, engine.MaxPages*engine.PageSize)
	}
	opts.KeepBytes = cmp.Or(opts.KeepBytes, 512<<20)
	opts.KeepTouched = cmp.Or(opts.KeepTouched, 8<<20)
	opts.MaxPages = min(cmp.Or(opts.MaxPages, engine.MaxPages), engine.MaxPages)
	return &Pool{eng: eng, opts: opts, slots: opts.Slots}
}

// get returns a memory of at least size bytes: the smallest idle
// one that is large enough, else the largest of the smaller ones, else a new one.
// One that was used for the same program comes first, with what was left on
// it. It is zero when the cleaner is done. errNoSlot: all memories are in use.
func (p *Pool) get(size uint64, like places) (cleaner, error) {
	if m, ok := p.take(size, like); ok {
		if m.mem.Size() >= size || m.mem.Grow(p.step(size)) || m.mem.Grow(size) {
			return cleaner(m), nil
		}
		p.close(m)
	}
	p.dropLarge()
	m, err := p.newMemory(uint32(max((size+engine.PageSize-1)/engine.PageSize, 1)))
	return cleaner{mem: m}, err
}

func (p *Pool) take(size uint64, like places) (idleMemory, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, m := range p.idle {
		if p.opts.Slots > 0 && m.like != like && m.mem.Size() > max(size, largeSlot) {
			continue
		}
		if best < 0 {
			best = i
			continue
		}
		n, b := m.mem.Size(), p.idle[best].mem.Size()
		if same := m.like == like; p.opts.Slots > 0 && same != (p.idle[best].like == like) {
			if same {
				best = i
			}
			continue
		}
		if fits := n >= size; fits != (b >= size) && fits || fits == (b >= size) && fits == (n < b) {
			best = i
		}
	}
	if best < 0 {
		return idleMemory{}, false
	}
	m := p.idle[best]
	last := len(p.idle) - 1
	p.idle[best], p.idle[last] = p.idle[last], idleMemory{}
	p.idle = p.idle[:last]
	return m, true
}

// largeSlot is the size above which only the program that made a slot so large gets it again: others see
// faults where they should.
const largeSlot = 128 << 20

// dropLarge closes an idle slot that nobody wanted, where there is no room for another.
func (p *Pool) dropLarge() {
	p.mu.Lock()
	if p.opts.Slots == 0 || p.live < p.slots || len(p.idle) == 0 {
		p.mu.Unlock()
		return
	}
	m := p.idle[0]
	p.idle = append(p.idle[:0], p.idle[1:]...)
	p.mu.Unlock()
	p.close(m)
}

// put keeps m for reuse or closes it. touched are the ranges of it that were
// mapped and may differ from zero, ascending; the others are cleared at once,
// for a guest can store beside its mappings.
//
// With Slots, gaps are what was not mapped: to look through them takes longer than all else of a
// small program's end, so it is left to those who map something there (Space.claim).
func (p *Pool) put(m engine.Memory, touched, gaps []span, like places, left io.Closer) {
	idle := idleMemory{mem: m, like: like, left: left, suspect: gaps}
	if m.Size() > p.opts.KeepBytes || !p.room() || p.opts.Slots > 0 && total(touched) > p.opts.KeepTouched {
		p.close(idle)
		return
	}
	kept, end := uint64(0), uint64(0)
	if p.opts.Slots > 0 {
		idle.dirty, touched, end = touched, nil, m.Size()
	}
	for _, t := range touched {
		t.hi = min(t.hi, t.lo+p.opts.KeepTouched-kept)
		if t.lo == t.hi {
			break
		}
		kept += t.hi - t.lo
		if n := len(idle.dirty); n > 0 && t.lo-end < 4*pageSize {
			idle.dirty[n-1].hi = t.hi
		} else {
			m.Zero(end, t.lo-end)
			idle.dirty = append(idle.dirty, t)
		}
		end = t.hi
	}
	m.Zero(end, m.Size()-end)
	p.mu.Lock()
	room := len(p.idle) < p.opts.Keep
	if room {
		p.idle = append(p.idle, idle)
	}
	p.mu.Unlock()
	if !room {
		p.close(idle)
	}
}

// total is the number of bytes in ranges.
func total(ranges []span) (n uint64) {
	for _, r := range ranges {
		n += r.hi - r.lo
	}
	return n
}

func (p *Pool) room() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.idle) < p.opts.Keep
}

// Close closes the idle memories. Spaces that are alive keep theirs.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.opts.Keep = -1
	p.mu.Unlock()
	for _, m := range idle {
		p.close(m)
	}
}

// A cleaner clears what an idle memory's last user left, in ascending order,
// and can leave out what is about to be overwritten.
type cleaner idleMemory

var zeros [scratchSize]byte

// below clears what is left below the linear offset end.
func (c *cleaner) below(end uint64) {
	for len(c.dirty) > 0 && c.dirty[0].lo < end {
		d := &c.dirty[0]
		for hi := min(d.hi, end); d.lo < hi; {
			n := min(hi-d.lo, scratchSize)
			if !c.mem.Write(d.lo, zeros[:n]) { // not Zero, which may give the pages back
				panic("BUG: mm: dirty range outside the memory")
			}
			d.lo += n
		}
		if d.lo == d.hi {
			c.dirty = c.dirty[1:]
		}
	}
}

// skip takes [.., end) for overwritten.
func (c *cleaner) skip(end uint64) {
	for len(c.dirty) > 0 && c.dirty[0].lo < end {
		if c.dirty[0].lo = end; end >= c.dirty[0].hi {
			c.dirty = c.dirty[1:]
		}
	}
}

// rest clears all that is left.
func (c *cleaner) rest() { c.below(^uint64(0)) }
