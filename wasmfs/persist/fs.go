package persist

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

// DefaultInterval is how long a change waits for a flush that nobody asks for.
const DefaultInterval = time.Second

// Options configure an FS. Name is required, the rest may be zero.
type Options struct {
	// Name is what the user calls the stored files, for messages.
	Name string
	// Layers are the digests of the layers of Inode.Lower, lowest first.
	Layers []string
	// Inode and Chunk are the file system's and its contents'. Their
	// Store, Changed and Volatile are set here.
	Inode inode.Options
	Chunk chunk.Options
	// Interval is how long a change waits for a flush that nobody asks for;
	// 0 means DefaultInterval, less than 0 that only Flush flushes.
	Interval time.Duration
	// ReadOnly keeps the store as it is, which somebody else may be writing to:
	// the FS is a copy in memory, and changes live as long as it.
	ReadOnly bool
	// Salvage drops what is damaged instead of refusing all. It implies
	// ReadOnly, and takes files of another image.
	Salvage bool
	// Failed is told when a flush fails, and nil when one succeeds after that. It
	// is called in a goroutine without locks.
	Failed func(error)
}

// FS is a kept inode.FS with its Store. It implements wasmfs.FlushFS.
type FS struct {
	*inode.FS
	opt   Options
	store Store
	found []byte // the commit record that Open found
	log   logState
	doubt *writer      // a commit that failed, and may have happened; belongs to flush
	armed atomic.Bool  // a flush will follow the changes so far
	full  atomic.Int64 // how much was used when the last flush found no room; 0: it found some

	mu        sync.Mutex
	wanted    bool // a flush was asked for since the last one started
	running   bool // the goroutine of flushes runs
	closed    bool
	started   uint64 // flushes
	finished  uint64
	errs      map[uint64]error // of those that failed
	failing   bool             // Failed was told an error last
	backoff   time.Duration
	listeners []func()
	idle      *sync.Cond // a flush ended
}

var _ wasmfs.FlushFS = (*FS)(nil)

// Open makes the file system of what store holds; an empty store holds an
// unchanged tree. The FS owns the store from then on; after an error Open has
// closed it.
func Open(store Store, opt Options) (*FS, error) {
	f, err := open(store, opt)
	if err != nil {
		store.Close()
		return nil, err
	}
	return f, nil
}

func open(store Store, opt Options) (*FS, error) {
	if opt.Interval == 0 {
		opt.Interval = DefaultInterval
	}
	opt.ReadOnly = opt.ReadOnly || opt.Salvage
	for range maxReads {
		f, err := load(store, opt)
		same := true
		if f != nil && opt.ReadOnly { // somebody may have written meanwhile
			v, herr := store.Get(headKey)
			if herr != nil {
				return nil, herr
			}
			same = bytes.Equal(v[0], f.found)
		}
		switch {
		case !same:
		case err != nil:
			return nil, err
		default:
			return f, nil
		}
	}
	return nil, fmt.Errorf("the stored files %q cannot be copied: %w, which changes them all the time", opt.Name, ErrBusy)
}

// maxReads is how often a copy is begun anew because somebody wrote.
const maxReads = 5

// load reads what store holds. With ReadOnly it returns the FS beside an error
// that may come from somebody who writes.
func load(store Store, opt Options) (*FS, error) {
	f := &FS{opt: opt, store: store, errs: map[uint64]error{}}
	f.idle = sync.NewCond(&f.mu)
	st, err := f.read()
	if err != nil {
		return f, err
	}
	for range maxSalvage {
		var orphans []inode.Record
		if f.FS, err = f.newInodes(); err != nil {
			return nil, err
		}
		if orphans, err = f.FS.Restore(&st.State); err == nil {
			f.log.orphans = orphans
			if opt.ReadOnly {
				err = f.detach()
			}
			return f, err
		}
		var bad *inode.RestoreError
		if !opt.Salvage || !errors.As(err, &bad) || !st.drop(bad) {
			break
		}
	}
	return f, &DamagedError{Name: opt.Name, What: err.Error()}
}

// maxCopy bounds the contents of a copy in bytes: they are in memory.
const maxCopy = 512 << 20

// detach makes the tree independent of the store, whose chunks somebody may
// change.
func (f *FS) detach() error {
	if n := f.Store().Used(); n > maxCopy {
		return fmt.Errorf("the stored files %q have %d bytes, too many for a copy: wait until the other box has ended", f.opt.Name, n)
	}
	err := f.FS.Detach()
	if err != nil && !f.opt.Salvage {
		return &DamagedError{Name: f.opt.Name, What: "the contents of a file: " + err.Error()}
	}
	return nil
}

func (f *FS) newInodes() (*inode.FS, error) {
	copt, iopt := f.opt.Chunk, f.opt.Inode
	copt.Volatile, copt.Pressed = false, func() { go f.Flush() }
	copt.Full = func() bool { return f.noRoom() || f.opt.Chunk.Full != nil && f.opt.Chunk.Full() }
	iopt.Store, iopt.Changed = chunk.NewKept(f, copt), f.changed
	return inode.New(iopt)
}

// noRoom reports whether files must not grow: the last flush found no room,
// and nothing was freed since.
func (f *FS) noRoom() bool {
	at := f.full.Load()
	return at > 0 && f.Store().Used() >= at
}

// Load implements chunk.Keeper.
func (f *FS) Load(id uint64, index int64) ([]byte, error) {
	v, err := f.store.Get(chunkKey(id, index))
	if err != nil {
		return nil, err
	}
	if v[0] == nil {
		return nil, abi.EIO
	}
	return v[0], nil
}

// changed is told the first change after a Capture, with locks held.
func (f *FS) changed() {
	if f.opt.Interval < 0 || f.opt.ReadOnly || f.armed.Swap(true) {
		return
	}
	f.mu.Lock()
	wait := max(f.opt.Interval, f.backoff)
	f.mu.Unlock()
	time.AfterFunc(wait, func() {
		f.armed.Store(false)
		f.Flush()
	})
}

// Flush implements wasmfs.FlushFS.
func (f *FS) Flush() (ticket uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.opt.ReadOnly || f.closed:
		return 0
	case f.wanted || f.Unsaved():
		f.wanted = true
		if !f.running {
			f.running = true
			go f.run()
		}
		return f.started + 1
	case f.finished < f.started:
		return f.started // under way, and it has everything
	}
	return 0
}

// Flushed implements wasmfs.FlushFS.
func (f *FS) Flushed(ticket uint64) (done bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return ticket <= f.finished, f.errs[ticket]
}

// OnFlush implements wasmfs.FlushFS.
func (f *FS) OnFlush(fn func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners = append(f.listeners, fn)
}

// Sync implements wasmfs.SyncFS: it flushes, and waits for the end.
func (f *FS) Sync() error {
	t := f.Flush()
	if t == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for t > f.finished {
		f.idle.Wait()
	}
	return f.errs[t]
}

// Close flushes, and gives the store back. The store is at the last flush that
// succeeded; the error is why that was not this one.
func (f *FS) Close() error {
	err := f.Sync()
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return ErrClosed
	}
	f.closed = true
	for f.running {
		f.idle.Wait()
	}
	f.mu.Unlock()
	return errors.Join(err, f.store.Close())
}

// Used is how many bytes the stored files take, about: the log and the contents.
func (f *FS) Used() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.size + f.Store().Used()
}

// keptErrors is how many failed flushes are remembered for those who wait.
const keptErrors = 64

// maxBackoff bounds the wait after flushes that failed.
const maxBackoff = 30 * time.Second

// run flushes until no flush is wanted.
func (f *FS) run() {
	for {
		f.mu.Lock()
		if !f.wanted {
			f.running = false
			f.idle.Broadcast()
			f.mu.Unlock()
			return
		}
		f.wanted = false
		f.started++
		n := f.started
		f.mu.Unlock()

		err := f.flush()

		f.mu.Lock()
		f.finished = n
		told := (err != nil) != f.failing
		f.failing = err != nil
		if err != nil {
			f.errs[n] = err
			delete(f.errs, n-keptErrors)
			f.backoff = min(max(2*f.backoff, f.opt.Interval), maxBackoff)
		} else {
			f.backoff = 0
		}
		f.full.Store(0)
		if errors.Is(err, abi.ENOSPC) {
			f.full.Store(f.Store().Used())
		}
		fns := slices.Clone(f.listeners)
		f.idle.Broadcast()
		f.mu.Unlock()
		for _, fn := range fns {
			fn()
		}
		if told && f.opt.Failed != nil {
			f.opt.Failed(err)
		}
		if err != nil {
			f.changed() // try again
		}
	}
}
