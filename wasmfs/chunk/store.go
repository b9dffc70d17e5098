// Package chunk keeps file contents as chunks of 256 KiB in a hackpadfs FS,
// with a write-back cache above it. A chunk that nobody wrote is a hole, or a
// piece of the read-only base below the file (copy-up is by the chunk, when it
// is first written).
//
// The backend sees only whole chunks, each a file with a flat name that is
// written at once and removed at once. So its rules for rename, unlink and
// sharing do not matter, and appending in small pieces costs a copy into the
// cache (hackpadfs's indexeddb rewrites a file at each write).
//
// A kept store (NewKept) outlives the process instead. It writes nothing back
// by itself: File.Capture hands out what changed, to be saved in one transaction
// with the names and attributes of the same moment, and chunks leave the cache
// only while a Keeper has them.
//
// Lock order: File.mu, then Store.mu. Eviction, which must lock a file that is
// not the caller's, holds neither and only tries.
package chunk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/hack-pad/hackpadfs"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// Size is the size of a chunk in bytes.
const Size = 256 << 10

// block is the unit in which space is counted.
const block = 4096

// DefaultCache is the cache's size in bytes where Options say nothing.
const DefaultCache = 64 << 20

// maxSpare is how many full-size buffers are kept for reuse.
const maxSpare = 16

// Options configure a Store.
type Options struct {
	// Cache is how many bytes of chunks may be kept in memory besides the
	// backend; 0 means DefaultCache.
	Cache int64
	// Limit is how many bytes all files together may occupy (ENOSPC); 0 means
	// no limit.
	Limit int64
	// Volatile says that the backend does not outlive the process, so that
	// fsync has nothing to do.
	Volatile bool
	// MayWait tells a kept store whether it may wait for its Keeper now; nil
	// means always. Where it may not, a file answers wasmfs.WouldWait.
	MayWait func() bool
	// Full, if not nil, tells that the backend has no more room: files must
	// not grow then (ENOSPC).
	Full func() bool
	// Pressed, if not nil, is called each time that a kept store comes to hold
	// pressedAt chunks that are not saved, with locks held.
	Pressed func()
}

// pressedAt is how many chunks in memory only are a reason to save them.
const pressedAt = 64

// A Keeper holds the chunks of a kept store.
type Keeper interface {
	// Load reads chunk index of file id as it was last saved. It may wait.
	Load(id uint64, index int64) ([]byte, error)
}

// Store is the contents of many files in one backend. It is safe for
// concurrent use.
type Store struct {
	backend hackpadfs.FS // nil: kept
	keeper  Keeper
	opt     Options
	lastID  atomic.Uint64
	used    atomic.Int64 // bytes of space, in whole blocks
	unsaved atomic.Int64 // kept: chunks in File.touched

	mu     sync.Mutex
	cached int64    // bytes of buffers in the ring
	ring   []*chunk // every chunk that has a buffer; clock algorithm
	hand   int
	stuck  int64    // kept: cached when nothing could be evicted last
	spare  [][]byte // buffers of Size bytes
}

// chunk is one piece of a file. Its fields belong to file.mu, but for slot
// (Store.mu) and recent (atomic); cost is changed with both held.
type chunk struct {
	file   *File
	index  int64
	buf    []byte // contents; the rest of the chunk is zero. nil: only in the backend
	dirty  bool   // buf is newer than the backend
	saving bool   // kept: a Capture handed it out that was not committed yet
	inline bool   // kept: it was captured as part of the layout
	stored bool   // the backend has a file for it
	space  int64  // bytes counted in Store.used
	size   int    // len(buf) when it was evicted or captured
	sum    uint32 // kept: checksum of the contents that were captured

	slot   int   // index in Store.ring, where it is in the ring
	cost   int64 // bytes counted in Store.cached; 0: not in the ring
	recent atomic.Bool
}

// New makes a Store in a hackpadfs FS that can create, write and remove files
// (OpenFileFS, RemoveFS) and belongs to the Store alone.
func New(backend hackpadfs.FS, opt Options) *Store {
	if opt.Cache <= 0 {
		opt.Cache = DefaultCache
	}
	return &Store{backend: backend, opt: opt}
}

// NewKept makes a Store whose chunks k holds.
func NewKept(k Keeper, opt Options) *Store {
	s := New(nil, opt)
	s.keeper = k
	return s
}

// kept reports whether the store's contents are saved by Capture.
func (s *Store) kept() bool { return s.keeper != nil }

// Used is the space that all files occupy, in bytes.
func (s *Store) Used() int64 { return s.used.Load() }

// Held is how much of it is in memory. What has no room in the cache of a Store
// that is not kept is in its backend, which may be memory too.
func (s *Store) Held() int64 {
	if !s.kept() {
		return s.used.Load()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cached
}

// Limit is the most they may occupy; 0 if there is no limit.
func (s *Store) Limit() int64 { return s.opt.Limit }

// reserve counts n more bytes of space, or reports that there are too few.
func (s *Store) reserve(n int64) bool {
	if n > 0 && s.opt.Full != nil && s.opt.Full() {
		return false
	}
	if used := s.used.Add(n); n > 0 && s.opt.Limit > 0 && used > s.opt.Limit {
		s.used.Add(-n)
		return false
	}
	return true
}

// minBuffer is the smallest buffer of a chunk; others are doubled from it.
const minBuffer = 512

// buffer makes a buffer of length n that starts with old; its other bytes are
// not cleared. full asks for room for a whole chunk.
func (s *Store) buffer(old []byte, n int, full bool) []byte {
	size := max(minBuffer, 2*cap(old))
	if full {
		size = Size
	}
	for size < n {
		size *= 2
	}
	var b []byte
	if size >= Size {
		b = s.takeSpare()
	}
	if b == nil {
		b = make([]byte, min(size, Size))
	}
	copy(b, old)
	return b[:n]
}

func (s *Store) takeSpare() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.spare); n > 0 {
		b := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return b
	}
	return nil
}

// note puts c in the ring, or counts its grown buffer. Preconditions: the
// file's lock is held for writing.
func (s *Store) note(c *chunk) {
	c.recent.Store(true)
	n := int64(cap(c.buf))
	if c.cost == n {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.cost == 0 {
		c.slot = len(s.ring)
		s.ring = append(s.ring, c)
	}
	s.cached += n - c.cost
	c.cost = n
}

// forget takes c's buffer away. Preconditions: the file's lock is held for writing.
func (s *Store) forget(c *chunk) {
	if c.cost == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.ring) - 1
	s.ring[c.slot] = s.ring[last]
	s.ring[c.slot].slot = c.slot
	s.ring[last] = nil
	s.ring = s.ring[:last]
	s.cached -= c.cost
	if cap(c.buf) == Size && len(s.spare) < maxSpare {
		s.spare = append(s.spare, c.buf[:Size])
	}
	c.cost, c.buf = 0, nil
}

// trim evicts chunks until the cache fits. Chunks of files in use at this
// moment are passed over. Preconditions: the caller holds no lock. Errors of
// the backend keep the chunk in memory and are returned. It runs before each
// write, so the cache exceeds its size by one write at most.
func (s *Store) trim() error {
	for tries := 0; ; tries++ {
		c := s.candidate(tries)
		if c == nil {
			s.giveUp(tries)
			return nil
		}
		if !c.file.mu.TryLock() {
			continue
		}
		err := s.evict(c)
		c.file.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// candidate picks a chunk that was not used since the hand passed it; nil when
// the cache fits, or after two rounds without success.
func (s *Store) candidate(tries int) *chunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cached <= s.opt.Cache || tries > 2*len(s.ring) {
		return nil
	}
	if s.stuck > 0 && s.cached < s.stuck+stuckStep {
		return nil
	}
	for range 2 * len(s.ring) {
		if s.hand >= len(s.ring) {
			s.hand = 0
		}
		c := s.ring[s.hand]
		s.hand++
		if !c.recent.Swap(false) {
			return c
		}
	}
	return nil
}

// stuckStep is how much a kept store's cache grows before it is searched
// again, when nothing in it could be evicted.
const stuckStep = 1 << 20

// giveUp notes that a search found nothing that could be evicted, or begins
// anew when the cache fits: what is not saved stays, and each write would search
// through all of it.
func (s *Store) giveUp(tries int) {
	if !s.kept() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cached <= s.opt.Cache:
		s.stuck = 0
	case tries > 2*len(s.ring):
		s.stuck = s.cached
	}
}

// Sync writes every dirty chunk back. It goes on after an error and returns the first.
func (s *Store) Sync() error {
	if s.opt.Volatile || s.kept() {
		return nil
	}
	s.mu.Lock()
	all := slices.Clone(s.ring)
	s.mu.Unlock()
	var first error
	for _, c := range all {
		c.file.mu.Lock()
		if err := c.flush(); err != nil && first == nil {
			first = err
		}
		c.file.mu.Unlock()
	}
	return first
}

// evict writes c back and drops its buffer. Preconditions: c.file.mu is held
// for writing.
func (s *Store) evict(c *chunk) error {
	if c.buf == nil {
		return nil // somebody else was faster
	}
	if s.kept() && (c.dirty || c.saving || !c.stored) {
		return nil // nobody else has it
	}
	if err := c.flush(); err != nil {
		return err
	}
	c.size = len(c.buf)
	s.forget(c)
	return nil
}

func (c *chunk) name() string { return fmt.Sprintf("%x-%x", c.file.id, c.index) }

// flush writes a dirty chunk to the backend. Preconditions: file.mu held for writing.
func (c *chunk) flush() error {
	if !c.dirty {
		return nil
	}
	s := c.file.store
	f, err := hackpadfs.OpenFile(s.backend, c.name(), hackpadfs.FlagWriteOnly|hackpadfs.FlagCreate|hackpadfs.FlagTruncate, 0o600)
	if err != nil {
		return backendError(err)
	}
	n, err := hackpadfs.WriteFile(f, c.buf)
	if err == nil && n < len(c.buf) {
		err = io.ErrShortWrite
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return backendError(err)
	}
	c.dirty, c.stored = false, true
	return nil
}

// load reads an evicted chunk back. Preconditions: file.mu held for writing.
func (c *chunk) load() error {
	if c.buf != nil || !c.stored {
		return nil
	}
	s := c.file.store
	if s.kept() {
		return c.fetch()
	}
	f, err := s.backend.Open(c.name())
	if err != nil {
		return backendError(err)
	}
	defer f.Close()
	buf := s.buffer(nil, c.size, false)
	if n, err := io.ReadFull(f, buf); n < c.size {
		return backendError(err)
	}
	c.buf = buf
	s.note(c)
	return nil
}

// drop frees a chunk and its space. Preconditions: file.mu held for writing.
func (c *chunk) drop() error {
	s := c.file.store
	s.reserve(-c.space)
	c.file.space.Add(-c.space)
	c.space = 0
	s.forget(c)
	c.buf, c.dirty = nil, false
	if s.kept() {
		c.file.note(c.index)
		return nil
	}
	if !c.stored {
		return nil
	}
	c.stored = false
	if err := hackpadfs.Remove(s.backend, c.name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return backendError(err)
	}
	return nil
}

// backendError is what the guest sees of a backend's error.
func backendError(err error) error {
	var e abi.Errno
	if errors.As(err, &e) && (e == abi.ENOSPC || e == wasmfs.WouldWait) {
		return e
	}
	return abi.EIO
}
