package mm

import (
	"cmp"
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
	// shrinks, and what a process sees beyond its end should fault. 0: 512 MiB.
	KeepBytes uint64
	// KeepTouched is how many touched bytes of each stay with it, to be
	// cleared when it is used again; the host gets the rest back. A page
	// that is there already costs a tenth of a new one. 0: 8 MiB.
	KeepTouched uint64
	// MaxPages is the maximum declared for each memory, in Wasm pages. 0:
	// engine.MaxPages.
	MaxPages uint32
}

// A Pool reuses memories across exec, fork and exit: in a page they are
// scarce (DESIGN §5), on a server a reused one saves its set-up and its page
// faults.
type Pool struct {
	eng  engine.Engine
	opts PoolOptions

	mu   sync.Mutex
	idle []idleMemory
}

// An idleMemory is zero but for the ranges that its last user touched.
type idleMemory struct {
	mem   engine.Memory
	dirty []span // linear, ascending, disjoint
}

// NewPool makes a pool over eng.
func NewPool(eng engine.Engine, opts PoolOptions) *Pool {
	opts.Keep = cmp.Or(opts.Keep, 8)
	opts.KeepBytes = cmp.Or(opts.KeepBytes, 512<<20)
	opts.KeepTouched = cmp.Or(opts.KeepTouched, 8<<20)
	opts.MaxPages = min(cmp.Or(opts.MaxPages, engine.MaxPages), engine.MaxPages)
	return &Pool{eng: eng, opts: opts}
}

// get returns a memory of at least size bytes: the smallest idle
// one that is large enough, else the largest of the smaller ones, else a new one.
// It is zero when the cleaner is done.
func (p *Pool) get(size uint64) (engine.Memory, cleaner, error) {
	if m, ok := p.take(size); ok {
		if m.mem.Size() >= size || m.mem.Grow(size) {
			return m.mem, cleaner(m), nil
		}
		m.mem.Close()
	}
	pages := (size + engine.PageSize - 1) / engine.PageSize
	m, err := p.eng.NewMemory(uint32(max(pages, 1)), p.opts.MaxPages)
	return m, cleaner{mem: m}, err
}

func (p *Pool) take(size uint64) (idleMemory, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, m := range p.idle {
		if best < 0 {
			best = i
			continue
		}
		n, b := m.mem.Size(), p.idle[best].mem.Size()
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

// put keeps m for reuse or closes it. touched are the ranges of it that were
// mapped and may differ from zero, ascending; the others are cleared at once,
// for a guest can store beside its mappings.
func (p *Pool) put(m engine.Memory, touched []span) {
	if m.Size() > p.opts.KeepBytes || !p.room() {
		m.Close()
		return
	}
	idle := idleMemory{mem: m}
	kept, end := uint64(0), uint64(0)
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
	defer p.mu.Unlock()
	if len(p.idle) < p.opts.Keep {
		p.idle = append(p.idle, idle)
	} else {
		m.Close()
	}
}

func (p *Pool) room() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.idle) < p.opts.Keep
}

// Close closes the idle memories. Spaces that are alive keep theirs.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.idle {
		m.mem.Close()
	}
	p.idle = nil
	p.opts.Keep = -1
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
