package lazy

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"boxer/runtime/oci/spec"
	"boxer/runtime/sha2"
)

// A Fetcher gets parts of a layer's blob. It is called from several goroutines.
type Fetcher interface {
	// Fetch returns the bytes of a member, and may take its time. They need
	// not be right: they are compared with the index. again is set when what came the
	// first time was wrong: then no cache should answer.
	Fetch(m *Member, again bool) ([]byte, error)
}

// A Keeper is a Fetcher that wants to keep what turned out to be right.
type Keeper interface {
	Fetcher
	Keep(m *Member, packed []byte)
}

// Options of a Reader.
type Options struct {
	// Name is what errors call the layer.
	Name string
	// Pool keeps unpacked members, those of several layers if they share it;
	// nil means one of DefaultBudget.
	Pool *Pool
	// Failed is told of each member that could not be had: the box itself
	// sees no more than EIO. It may be nil.
	Failed func(error)
	// MayWait reports whether the caller of ReadAt may wait at this moment; nil: always.
	// Where it may not, what is not resident is ErrWait; load waits until it is.
	MayWait func(load func()) bool
}

// ErrWait is the error of what would have to wait and must not.
var ErrWait = errors.New("it would have to wait")

// DefaultBudget is what a Pool keeps of unpacked members, in bytes.
const DefaultBudget = 32 << 20

// A Pool bounds what Readers keep in memory: of all their members those that
// were used longest ago go first.
type Pool struct {
	budget int64

	mu      sync.Mutex // of all its Readers, too
	readers []*Reader
	used    int64 // bytes of members that are here
	need    int64 // bytes of what the last Load asked for
	clock   int64
	// promised are the bytes of members that are prefetched.
	promised int64
}

// NewPool makes a Pool that keeps up to budget bytes; 0 means DefaultBudget.
func NewPool(budget int64) *Pool {
	if budget <= 0 {
		budget = DefaultBudget
	}
	return &Pool{budget: budget}
}

// maxParallel is how many members of one read are fetched at a time: as many
// connections as a browser opens to one server.
const maxParallel = 6

// A Reader is a layer's tar over its index: members are fetched when they are
// read. It is safe for concurrent use. A member that cannot be had is an
// error of that read, and is asked for again by the next.
type Reader struct {
	x       *Index
	from    Fetcher
	opt     Options
	headers *headers
	sums    [][32]byte

	pool *Pool
	// guarded by pool.mu
	skim     bool
	members  []state
	prefetch []int // nil until it is known
}

// state is what a Reader has of a member. Contents do not change once they
// are there.
type state struct {
	contents []byte // nil: not here
	last     int64  // when it was used
	call     *call
}

// A call is an attempt to get a member.
type call struct {
	done     chan struct{}
	contents []byte
	err      error
}

// NewReader makes a Reader. Preconditions: x.Check() == nil.
func NewReader(x *Index, from Fetcher, opt Options) *Reader {
	if opt.Pool == nil {
		opt.Pool = NewPool(0)
	}
	h := newHeaders(x)
	r := &Reader{x: x, from: from, opt: opt, headers: h, sums: h.sums(x.Members), pool: opt.Pool, members: make([]state, len(x.Members))}
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	r.pool.readers = append(r.pool.readers, r)
	return r
}

// Tar is the layer as a box takes it.
func (r *Reader) Tar() *spec.Tar { return spec.NewTar(r, r.x.TarSize, nil) }

// Skim implements spec.Skimmer: while it is on, headers come from the index
// and all else reads as zeros. The headers' memory is freed when it ends.
func (r *Reader) Skim(on bool) {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	r.skim = on && r.headers.bytes != nil
	if !on {
		r.headers.bytes, r.x.HeaderBytes = nil, nil
	}
}

// ReadAt implements io.ReaderAt.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	var end error
	if rest := max(r.x.TarSize-off, 0); int64(len(p)) > rest {
		p, end = p[:rest], io.EOF
	}
	r.pool.mu.Lock()
	if r.skim {
		clear(p)
		r.headers.overlap(off, int64(len(p)), func(at, in, n int64) { copy(p[at:], r.headers.bytes[in:in+n]) })
		r.pool.mu.Unlock()
		return len(p), end
	}
	r.pool.mu.Unlock()
	first, last := r.x.span(off, int64(len(p)))
	if n := int64(len(p)); r.opt.MayWait != nil && !r.Resident(off, n) && !r.opt.MayWait(func() { _ = r.Load(off, n) }) {
		return 0, ErrWait // what was in vain is an error of the next read
	}
	if last-first > 1 {
		// All at once; what cannot be had is an error below, where it is read.
		r.each(first, last)
	}
	done := 0
	for i := first; i < last; i++ {
		contents, err := r.get(i)
		if err != nil {
			return done, err
		}
		done += copy(p[done:], contents[off+int64(done)-r.x.Members[i].Start:])
	}
	return done, end
}

// Resident reports whether n bytes at off can be read without waiting. What
// is asked for counts as used.
func (r *Reader) Resident(off, n int64) bool {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	if r.skim {
		return true
	}
	first, end := r.x.span(off, n)
	for i := first; i < end; i++ {
		if r.members[i].contents == nil {
			return false
		}
		r.touch(i)
	}
	return true
}

// Load waits until n bytes at off are resident. They stay so until others are
// loaded or read.
func (r *Reader) Load(off, n int64) error {
	first, end := r.x.span(off, n)
	if first == end {
		return nil
	}
	r.pool.mu.Lock()
	r.pool.need = r.x.Members[end-1].Start + r.x.Members[end-1].Len - r.x.Members[first].Start
	r.pool.mu.Unlock()
	return r.each(first, end)
}

// Prefetch gets the members that the index says will be needed, the first
// first, as far as they fit into the pool with those of its other layers. It returns when
// they are here; done, if not nil, is told how many bytes of the blob have come.
func (r *Reader) Prefetch(done func(n int64)) error { return r.parallel(r.wanted(), done) }

// PrefetchSize is how many bytes of the blob Prefetch gets.
func (r *Reader) PrefetchSize() (n int64) {
	for _, i := range r.wanted() {
		n += r.x.Members[i].Size
	}
	return n
}

// wanted are the members that Prefetch gets.
func (r *Reader) wanted() []int {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	if r.prefetch == nil {
		r.prefetch = []int{}
		for _, i := range r.x.Prefetch {
			if r.pool.promised += r.x.Members[i].Len; r.pool.promised > r.pool.budget {
				break
			}
			r.prefetch = append(r.prefetch, i)
		}
	}
	return r.prefetch
}

func (r *Reader) each(first, end int) error {
	list := make([]int, 0, end-first)
	for i := first; i < end; i++ {
		list = append(list, i)
	}
	return r.parallel(list, nil)
}

// parallel gets the members of list, a few at a time and in that order. It
// returns the first error, after all have been tried.
func (r *Reader) parallel(list []int, done func(n int64)) error {
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	slots := make(chan struct{}, maxParallel)
	for _, i := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if _, err := r.get(i); err != nil {
				once.Do(func() { first = err })
			} else if done != nil {
				done(r.x.Members[i].Size)
			}
		})
	}
	wg.Wait()
	return first
}

// touch notes that member i is being used. Preconditions: mu is held.
func (r *Reader) touch(i int) {
	r.pool.clock++
	r.members[i].last = r.pool.clock
}

// get returns a member's contents, fetching it unless it is here or on its
// way.
func (r *Reader) get(i int) ([]byte, error) {
	r.pool.mu.Lock()
	s := &r.members[i]
	if s.contents != nil {
		r.touch(i)
		defer r.pool.mu.Unlock()
		return s.contents, nil
	}
	if c := s.call; c != nil {
		r.pool.mu.Unlock()
		<-c.done
		return c.contents, c.err
	}
	c := &call{done: make(chan struct{})}
	s.call = c
	r.pool.mu.Unlock()

	c.contents, c.err = r.fetch(i)
	if c.err != nil && r.opt.Failed != nil {
		r.opt.Failed(c.err)
	}

	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	s.call = nil
	if c.err == nil {
		s.contents = c.contents
		r.pool.used += int64(len(c.contents))
		r.touch(i)
		r.pool.evict()
	}
	close(c.done)
	return c.contents, c.err
}

// evict forgets the members used longest ago until what is kept is within
// the budget. Preconditions: mu is held.
func (p *Pool) evict() {
	for limit := max(p.budget, p.need); p.used > limit; {
		var oldest *state
		for _, r := range p.readers {
			for i := range r.members {
				if s := &r.members[i]; s.contents != nil && (oldest == nil || s.last < oldest.last) {
					oldest = s
				}
			}
		}
		if oldest.last == p.clock {
			return // the one that just came
		}
		p.used -= int64(len(oldest.contents))
		oldest.contents = nil
	}
}

// fetch gets member i, verifies and unpacks it.
func (r *Reader) fetch(i int) ([]byte, error) {
	m := &r.x.Members[i]
	packed, err := r.from.Fetch(m, false)
	var sum [32]byte
	if err == nil {
		if sum = sha2.Sum256(packed); sum != m.Sum {
			packed, err = r.from.Fetch(m, true)
			sum = sha2.Sum256(packed)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.opt.Name, err)
	}
	if sum != m.Sum {
		return nil, &spec.DigestError{
			What: fmt.Sprintf("%s, bytes %d to %d,", r.opt.Name, m.Offset, m.Offset+m.Size-1),
			Want: spec.Digest("sha256:" + hex.EncodeToString(m.Sum[:])),
			Got:  spec.Digest("sha256:" + hex.EncodeToString(sum[:])),
		}
	}
	if k, ok := r.from.(Keeper); ok {
		k.Keep(m, packed)
	}
	contents, err := unpack(packed, m.Len)
	if err != nil {
		return nil, fmt.Errorf("%s: member %d: %w", r.opt.Name, i, err)
	}
	if r.headers.sumIn(m, contents) != r.sums[i] {
		return nil, fmt.Errorf("%s: %w: its headers are not the layer's", r.opt.Name, ErrIndex)
	}
	return contents, nil
}
