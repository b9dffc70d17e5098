package engine

import (
	"container/list"
	"errors"
	"sync"

	"boxer/runtime/sha2"
)

// ErrClosed is the error of what is asked of a closed Engine.
var ErrClosed = errors.New("the engine is closed")

// A ModuleCache keeps an engine's compiled modules by the SHA-256 of their
// bytes, or by another name that is as good (CompileAs). Modules that nobody uses stay while there is room, since the next
// process wants what the last one had. All methods are safe for concurrent
// use; modules compile in parallel, and the same one only once.
type ModuleCache[T any] struct {
	compile func(bin []byte) (T, error)
	free    func(T)
	keep    int64

	mu      sync.Mutex
	entries map[[sha2.Size256]byte]*cacheEntry[T]
	idle    list.List // of *cacheEntry without users, the longest unused first
	size    int64     // of those in idle
	closed  bool
}

type cacheEntry[T any] struct {
	key  [sha2.Size256]byte
	size int64
	once sync.Once // guards the compilation
	code T
	err  error

	// Guarded by ModuleCache.mu.
	users int
	idle  *list.Element // while users is 0
}

// NewModuleCache makes a cache for an engine that compiles with compile and
// lets go of compiled code with free. keep is how many bytes of Wasm stay
// compiled without users.
func NewModuleCache[T any](keep int64, compile func(bin []byte) (T, error), free func(T)) *ModuleCache[T] {
	return &ModuleCache[T]{compile: compile, free: free, keep: keep, entries: map[[sha2.Size256]byte]*cacheEntry[T]{}}
}

// Compile returns a reference to the compiled form of bin.
func (c *ModuleCache[T]) Compile(bin []byte) (*CachedModule[T], error) {
	return c.CompileAs(sha2.Sum256(bin), int64(len(bin)), func() (T, error) { return c.compile(bin) })
}

// CompileAs returns a reference to what compile makes, or made under the same
// key before. size is what it counts for, in bytes of Wasm.
func (c *ModuleCache[T]) CompileAs(key [sha2.Size256]byte, size int64, compile func() (T, error)) (*CachedModule[T], error) {
	e, err := c.take(key, size)
	if err != nil {
		return nil, err
	}
	e.once.Do(func() { e.code, e.err = compile() })
	if e.err != nil {
		c.drop(e)
		return nil, e.err
	}
	return &CachedModule[T]{cache: c, entry: e}, nil
}

// take finds or makes an entry and counts a user.
func (c *ModuleCache[T]) take(key [sha2.Size256]byte, size int64) (*cacheEntry[T], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	e := c.entries[key]
	if e == nil {
		e = &cacheEntry[T]{key: key, size: size}
		c.entries[key] = e
	} else if e.idle != nil {
		c.unlinkIdle(e)
	}
	e.users++
	return e, nil
}

// drop counts a user less.
func (c *ModuleCache[T]) drop(e *cacheEntry[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.users--; e.users > 0 || c.closed {
		return
	}
	if e.err != nil {
		delete(c.entries, e.key)
		return
	}
	e.idle = c.idle.PushBack(e)
	c.size += e.size
	for c.size > c.keep {
		old := c.idle.Front().Value.(*cacheEntry[T])
		c.unlinkIdle(old)
		delete(c.entries, old.key)
		c.free(old.code)
	}
}

// unlinkIdle takes e off the idle list. Preconditions: c.mu is held.
func (c *ModuleCache[T]) unlinkIdle(e *cacheEntry[T]) {
	c.idle.Remove(e.idle)
	e.idle = nil
	c.size -= e.size
}

// Close makes the cache empty and refuse new modules. It does not call free:
// the engine goes as a whole.
func (c *ModuleCache[T]) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed, c.entries = true, nil
	c.idle.Init()
}

// A CachedModule is one user's reference to a module in a cache. It is a
// Module.
type CachedModule[T any] struct {
	cache *ModuleCache[T]
	entry *cacheEntry[T]
	once  sync.Once
}

// Code is the engine's compiled form. It must not be used after Close.
func (m *CachedModule[T]) Code() T { return m.entry.code }

// Close implements Module.
func (m *CachedModule[T]) Close() error {
	m.once.Do(func() { m.cache.drop(m.entry) })
	return nil
}
