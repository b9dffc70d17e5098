package mm

import (
	"sync"

	"boxer/runtime/engine"
)

// PoolOptions say how many memories a Pool keeps and how large they may be.
type PoolOptions struct {
	// Keep is how many released memories wait for reuse.
	Keep int
	// KeepBytes is the largest size of one that is kept: a memory never
	// shrinks, and what a process sees beyond its end should fault.
	KeepBytes uint64
	// MaxPages is the maximum declared for each memory, in Wasm pages; 0
	// means engine.MaxPages.
	MaxPages uint32
}

// A Pool reuses memories across exec, fork and exit: in a page they are
// scarce (DESIGN §5), on a server a reused one saves its set-up.
type Pool struct {
	eng  engine.Engine
	opts PoolOptions

	mu   sync.Mutex
	idle []engine.Memory
}

// NewPool makes a pool over eng.
func NewPool(eng engine.Engine, opts PoolOptions) *Pool {
	if opts.MaxPages == 0 || opts.MaxPages > engine.MaxPages {
		opts.MaxPages = engine.MaxPages
	}
	return &Pool{eng: eng, opts: opts}
}

// get returns a memory of at least size bytes, all zero: the smallest idle
// one that is large enough, else the largest of the smaller ones, else a new one.
func (p *Pool) get(size uint64) (engine.Memory, error) {
	if m := p.take(size); m != nil {
		if m.Size() >= size || m.Grow(size) {
			return m, nil
		}
		m.Close()
	}
	pages := (size + engine.PageSize - 1) / engine.PageSize
	return p.eng.NewMemory(uint32(max(pages, 1)), p.opts.MaxPages)
}

func (p *Pool) take(size uint64) engine.Memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, m := range p.idle {
		if best < 0 {
			best = i
			continue
		}
		n, b := m.Size(), p.idle[best].Size()
		if fits := n >= size; fits != (b >= size) && fits || fits == (b >= size) && fits == (n < b) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	m := p.idle[best]
	last := len(p.idle) - 1
	p.idle[best], p.idle[last] = p.idle[last], nil
	p.idle = p.idle[:last]
	return m
}

// put clears m and keeps it, or closes it.
func (p *Pool) put(m engine.Memory) {
	n := m.Size()
	if n <= p.opts.KeepBytes && p.room() && m.Zero(0, n) {
		p.mu.Lock()
		if len(p.idle) < p.opts.Keep {
			p.idle = append(p.idle, m)
			m = nil
		}
		p.mu.Unlock()
	}
	if m != nil {
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
		m.Close()
	}
	p.idle = nil
	p.opts.Keep = 0
}
