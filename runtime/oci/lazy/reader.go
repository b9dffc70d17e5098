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
	// Budget is how many bytes of unpacked members are kept; 0 means
	// DefaultBudget.
	Budget int64
	// Failed is told of each member that could not be had: the box itself
	// sees no more than EIO. It may be nil.
	Failed func(error)
	// MayWait reports whether the caller of ReadAt may wait at this moment; nil: always.
	// Where it may not, what is not resident is ErrWait; load waits until it is.
	MayWait func(load func()) bool
}

// ErrWait is the error of what would have to wait and must not.
var ErrWait = errors.New("it would have to wait")

// DefaultBudget is what a Reader keeps of unpacked members, in bytes.
const DefaultBudget = 32 << 20

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

	mu      sync.Mutex
	skim    bool
	members []state
	used    int64 // bytes of members that are here
	need    int64 // bytes of what the last Load asked for
	clock   int64
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
	if opt.Budget <= 0 {
		opt.Budget = DefaultBudget
	}
	h := newHeaders(x)
	return &Reader{x: x, from: from, opt: opt, headers: h, sums: h.sums(x.Members), members: make([]state, len(x.Members))}
}

// Tar is the layer as a box takes it.
func (r *Reader) Tar() *spec.Tar { return spec.NewTar(r, r.x.TarSize, nil) }

// Skim implements spec.Skimmer: while it is on, headers come from the index
// and all else reads as zeros. The headers' memory is freed when it ends.
func (r *Reader) Skim(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
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
	r.mu.Lock()
	if r.skim {
		clear(p)
		r.headers.overlap(off, int64(len(p)), func(at, in, n int64) { copy(p[at:], r.headers.bytes[in:in+n]) })
		r.mu.Unlock()
		return len(p), end
	}
	r.mu.Unlock()
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
	r.mu.Lock()
	defer r.mu.Unlock()
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
	r.mu.Lock()
	r.need = r.x.Members[end-1].Start + r.x.Members[end-1].Len - r.x.Members[first].Start
	r.mu.Unlock()
	return r.each(first, end)
}

// Prefetch gets the members that the index says will be needed, the first
// first, as far as they fit. It returns when they are here; done, if not nil, is told
// how many bytes of the blob have come.
func (r *Reader) Prefetch(done func(n int64)) error {
	var list []int
	var size int64
	for _, i := range r.x.Prefetch {
		if size += r.x.Members[i].Len; size > r.opt.Budget {
			break
		}
		list = append(list, i)
	}
	return r.parallel(list, done)
}

// PrefetchSize is how many bytes of the blob Prefetch gets.
func (r *Reader) PrefetchSize() (n int64) {
	var size int64
	for _, i := range r.x.Prefetch {
		if size += r.x.Members[i].Len; size > r.opt.Budget {
			break
		}
		n += r.x.Members[i].Size
	}
	return n
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
	r.clock++
	r.members[i].last = r.clock
}

// get returns a member's contents, fetching it unless it is here or on its
// way.
func (r *Reader) get(i int) ([]byte, error) {
	r.mu.Lock()
	s := &r.members[i]
	if s.contents != nil {
		r.touch(i)
		defer r.mu.Unlock()
		return s.contents, nil
	}
	if c := s.call; c != nil {
		r.mu.Unlock()
		<-c.done
		return c.contents, c.err
	}
	c := &call{done: make(chan struct{})}
	s.call = c
	r.mu.Unlock()

	c.contents, c.err = r.fetch(i)
	if c.err != nil && r.opt.Failed != nil {
		r.opt.Failed(c.err)
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	s.call = nil
	if c.err == nil {
		s.contents = c.contents
		r.used += int64(len(c.contents))
		r.touch(i)
		r.evict()
	}
	close(c.done)
	return c.contents, c.err
}

// evict forgets the members used longest ago until what is kept is within
// the budget. Preconditions: mu is held.
func (r *Reader) evict() {
	for limit := max(r.opt.Budget, r.need); r.used > limit; {
		oldest := -1
		for i := range r.members {
			if r.members[i].contents != nil && (oldest < 0 || r.members[i].last < r.members[oldest].last) {
				oldest = i
			}
		}
		if r.members[oldest].last == r.clock {
			return // the one that just came
		}
		r.used -= int64(len(r.members[oldest].contents))
		r.members[oldest].contents = nil
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
