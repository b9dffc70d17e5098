// Package remote opens images that lie far away: an OCI layout directory on a
// server, or an archive there or in memory. It is what a page has instead of
// package oci, and has no JSON, no net/http and no disk: requests, JSON.parse and a
// cache are handed in.
//
//	image, err := remote.Open(ctx, remote.Options{URL: "https://…/image/", Client: c, ParseJSON: p})
//	box.Create(box.Config{Image: &image.Spec, Layers: image.Layers, …})
//
// Layers that were exported for a page (package lazy) are read by members, where the
// server has ranges. All others are fetched whole and unpacked into memory. Nothing
// is handed out that was not compared with its digest: documents, members, whole
// layers. What the server says is otherwise believed in nothing; time, memory
// and output are bounded as package oci bounds them.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/lazy"
	"boxer/runtime/oci/spec"
)

// Options say which image to open, and how.
type Options struct {
	// URL is where the image is: a layout directory if it ends in "/", else an
	// archive.
	URL string
	// Archive is an archive that is at hand, instead of URL.
	Archive io.ReaderAt
	Size    int64

	// Reference picks one of several images, Platform the variant; zero is
	// the best that boxer runs.
	Reference string
	Platform  spec.Platform

	Client Client
	// ParseJSON makes nil, bool, float64, string, []any or map[string]any of
	// a document.
	ParseJSON func(p []byte) (any, error)
	// Store keeps members between runs; it may be nil.
	Store Store
	// Sleep waits before a request is repeated; nil is a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Progress is told how many bytes have come of those that are on their way. The
	// total grows while the image is being opened.
	Progress func(done, total int64)
	// Failed is told of parts that could not be had when a program read them.
	Failed func(error)
	// MayWait is lazy.Options.MayWait.
	MayWait func(load func()) bool
	// Budget is how many bytes of unpacked members stay in memory, of all layers
	// together; 0 means lazy.DefaultBudget.
	Budget int64
}

// A Client makes requests.
type Client interface {
	// Get asks for n bytes of url at off, or for all of it where n < 0.
	// An error means that no answer came.
	Get(ctx context.Context, url string, off, n int64, c Caching) (*Response, error)
}

// Caching says what a cache between here and the server may answer.
type Caching int

const (
	Cached      Caching = iota // whatever it has
	Revalidated                // what the server says is still right
	Reloaded                   // nothing
)

// A Response is an answer. Its body must be closed.
type Response struct {
	Status int
	Size   int64 // of the body as announced, −1 if it was not
	Body   io.ReadCloser
}

// A Store keeps members of layers by their SHA-256. What it returns is verified
// again.
type Store interface {
	Get(sum [32]byte) []byte // nil: not there
	Put(sum [32]byte, packed []byte)
}

// An Image is an image that was opened.
type Image struct {
	Spec   spec.Image
	Layers []*spec.Tar // the lowest first; whoever makes a box of them closes them

	opener *opener
	found  *layout.Found
	lazy   []*lazy.Reader
}

// Open opens the image. Its error says in a person's words what is wrong.
func Open(ctx context.Context, opt Options) (*Image, error) {
	o := &opener{ctx: ctx, opt: opt, progress: progress{report: opt.Progress}, pool: lazy.NewPool(opt.Budget)}
	if o.opt.Sleep == nil {
		o.opt.Sleep = sleep
	}
	name := opt.URL
	if opt.Archive != nil {
		name = "the image"
	}
	m, err := o.open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// An opener is an image being opened.
type opener struct {
	ctx      context.Context
	opt      Options
	src      source
	progress progress
	pool     *lazy.Pool
	early    map[spec.Digest]*early // written only while documents are read one by one
	answered atomic.Bool            // some request was
}

// A source finds files by their slash-separated names. A file that is not there
// may be an error of its first read; it wraps fs.ErrNotExist then.
type source interface {
	open(name string, size int64) (file, error)
}

func (o *opener) open(name string) (*Image, error) {
	find := layout.Find
	switch {
	case o.opt.Archive != nil:
		a, err := o.openArchive(memoryFile{o.opt.Archive, o.opt.Size})
		if err != nil {
			return nil, err
		}
		o.src = a
	case isDirectory(o.opt.URL):
		o.src = directory{o}
	default:
		a, err := o.openArchive(o.newHTTP(o.opt.URL, -1))
		if err != nil {
			return nil, err
		}
		o.src = a
	}
	if a, ok := o.src.(*archive); ok && !a.has("index.json") {
		if !a.has("manifest.json") {
			return nil, errors.New("it has no index.json (oci-archive) or manifest.json (docker save): it is a tar, but not an image")
		}
		find = layout.FindSaved
	}
	found, err := find(docs{o}, name, o.opt.Reference, o.opt.Platform)
	if err != nil {
		return nil, err
	}
	m := &Image{Spec: found.Image, opener: o, found: found}
	if err := m.openLayers(); err != nil {
		return nil, err
	}
	return m, nil
}

// openLayers opens all layers at once and starts to fetch what they say will
// be needed.
func (m *Image) openLayers() error {
	m.Layers = make([]*spec.Tar, len(m.found.Layers))
	readers, errs := make([]*lazy.Reader, len(m.Layers)), make([]error, len(m.Layers))
	var wg sync.WaitGroup
	whole := make(chan struct{}, 2) // layers that are unpacked at a time
	for i := range m.found.Layers {
		l := &m.found.Layers[i]
		wg.Go(func() {
			readers[i], errs[i] = m.opener.openLazy(l)
			if readers[i] != nil {
				m.Layers[i] = readers[i].Tar()
			}
			if readers[i] == nil && errs[i] == nil {
				whole <- struct{}{}
				m.Layers[i], errs[i] = m.opener.openWhole(l)
				<-whole
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for d := range m.opener.early { // they have been read
		if string(d) != m.found.Descriptor.Annotations[layout.AnnotationTranslations] {
			delete(m.opener.early, d)
		}
	}
	for _, r := range readers {
		if r != nil {
			m.lazy = append(m.lazy, r)
		}
	}
	// The box starts meanwhile: what it needs and is on its way is waited
	// for there. What fails here is asked for again there.
	for _, r := range m.lazy {
		go m.opener.prefetch(r)
	}
	return nil
}

func (o *opener) prefetch(r *lazy.Reader) {
	size := r.PrefetchSize()
	o.progress.expect(size)
	var got atomic.Int64
	r.Prefetch(func(n int64) {
		got.Add(n)
		o.progress.add(n)
	})
	if rest := size - got.Load(); rest > 0 {
		o.progress.add(rest) // what failed is not under way any more
	}
}

// openLazy opens a layer that has an index; nil where it has none that is of use.
func (o *opener) openLazy(l *layout.Layer) (*lazy.Reader, error) {
	at, ok := lazyIndex(l.Descriptor)
	if !ok {
		return nil, nil
	}
	name := "layer " + l.DiffID.Short()
	blob, err := o.document("the index of "+name, at, lazy.MaxIndex)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // who copies an image may leave behind what its manifest does not list
	}
	if err != nil {
		return nil, err
	}
	x, err := lazy.Decode(blob)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if x.BlobSize != l.Descriptor.Size {
		return nil, fmt.Errorf("%s: %w: it is of another blob", name, lazy.ErrIndex)
	}
	f, err := o.src.open(l.File, l.Descriptor.Size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return lazy.NewReader(x, &fetcher{o, f}, lazy.Options{Name: name, Pool: o.pool, Failed: o.opt.Failed, MayWait: o.opt.MayWait}), nil
}

// lazyIndex is where a layer's index is, if it has one.
func lazyIndex(layer layout.Descriptor) (layout.Descriptor, bool) {
	digest, err := spec.ParseDigest(layer.Annotations[lazy.AnnotationDigest])
	if err != nil {
		return layout.Descriptor{}, false
	}
	size, err := strconv.ParseInt(layer.Annotations[lazy.AnnotationSize], 10, 64)
	return layout.Descriptor{Digest: digest, Size: size}, err == nil && size >= 0 && size <= lazy.MaxIndex
}

// A fetcher gets members from the store or the file.
type fetcher struct {
	o *opener
	f file
}

// Fetch implements lazy.Fetcher.
func (f *fetcher) Fetch(m *lazy.Member, again bool) ([]byte, error) {
	c := Cached
	switch {
	case again:
		c = Reloaded
	case f.o.opt.Store != nil && nearby(f.f) == nil:
		if p := f.o.opt.Store.Get(m.Sum); p != nil {
			return p, nil
		}
	}
	p, err := f.f.read(f.o.ctx, m.Offset, m.Size, c)
	if err == nil && int64(len(p)) < m.Size {
		err = errTruncated
	}
	return p, err
}

// Keep implements lazy.Keeper.
func (f *fetcher) Keep(m *lazy.Member, packed []byte) {
	if f.o.opt.Store != nil && nearby(f.f) == nil {
		f.o.opt.Store.Put(m.Sum, packed)
	}
}

// progress counts bytes.
type progress struct {
	mu          sync.Mutex
	done, total int64
	report      func(done, total int64)
}

func (p *progress) expect(n int64) { p.change(0, n) }
func (p *progress) add(n int64)    { p.change(n, 0) }

func (p *progress) change(done, total int64) {
	p.mu.Lock()
	p.done, p.total = p.done+done, p.total+total
	done, total = p.done, p.total
	p.mu.Unlock()
	if p.report != nil && total > 0 {
		p.report(min(done, total), total)
	}
}
