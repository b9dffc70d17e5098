package wasi

import (
	"slices"
	"sync"
	"sync/atomic"

	"boxer/runtime/engine"
	"boxer/runtime/kernel"
)

// keepPrograms is how many programs are kept ready to be started again.
const keepPrograms = 4

// Programs remembers the programs of one engine that were started last: a Go
// program of 2.5 MB takes half a second to read and rewrite in a page. The zero value is ready; it is
// safe for concurrent use.
type Programs struct {
	mu   sync.Mutex
	list []*compiled // the one used last is the last
}

// compiled is a module made ready to be instantiated.
type compiled struct {
	digest [32]byte
	prog   *program
	module engine.Module
	refs   atomic.Int32
}

// Close implements io.Closer for each who has it: the list, and programs that run.
func (c *compiled) Close() error {
	if c.refs.Add(-1) == 0 {
		return c.module.Close()
	}
	return nil
}

// get returns the program, from the list or from its module. It is the caller's to close.
func (ps *Programs) get(eng engine.Engine, wp kernel.WASIProgram) (*compiled, error) {
	ps.mu.Lock()
	for i, c := range ps.list {
		if c.digest == wp.Digest {
			ps.list = append(slices.Delete(ps.list, i, i+1), c)
			c.refs.Add(1)
			ps.mu.Unlock()
			return c, nil
		}
	}
	ps.mu.Unlock()
	bin, err := wp.Module()
	if err != nil {
		return nil, err
	}
	c := &compiled{digest: wp.Digest}
	if c.prog, err = rewrite(bin); err != nil {
		return nil, err
	}
	if c.module, err = eng.Compile(c.prog.bin); err != nil {
		return nil, err
	}
	c.prog.bin = nil
	c.refs.Store(1)
	if c.digest == [32]byte{} {
		return c, nil // the engine has a cache of its own, by content
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.list = append(ps.list, c)
	c.refs.Add(1)
	if len(ps.list) > keepPrograms {
		ps.list[0].Close()
		ps.list = slices.Delete(ps.list, 0, 1)
	}
	return c, nil
}
