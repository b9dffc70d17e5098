package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"
)

// attempts is how often a request is made before its failure is believed, twice
// where nothing was ever answered: that is rather a wrong address than a bad line.
// delay is what is waited after the first; each later wait is three times as long.
const (
	attempts = 4
	delay    = 300 * time.Millisecond
)

// A StatusError is an answer that is no success.
type StatusError struct {
	URL    string
	Status int
}

func (e *StatusError) Error() string {
	hint := ""
	switch {
	case e.Status == 404 || e.Status == 410:
		hint = "there is no such file"
	case e.Status == 401 || e.Status == 403:
		hint = "the server refuses it"
	case e.Status >= 500:
		hint = "the server failed"
	default:
		hint = "the server's answer is no success"
	}
	return fmt.Sprintf("%s: %s (HTTP %d)", e.URL, hint, e.Status)
}

// Is makes missing files fs.ErrNotExist.
func (e *StatusError) Is(target error) bool {
	return target == fs.ErrNotExist && (e.Status == 404 || e.Status == 410)
}

// passing reports whether the same request may succeed later.
func (e *StatusError) passing() bool {
	return e.Status >= 500 || e.Status == 408 || e.Status == 425 || e.Status == 429
}

// httpFile is a file on a server.
type httpFile struct {
	o    *opener
	url  string
	size int64 // −1: not known

	mu    sync.Mutex
	mode  rangeMode
	probe chan struct{} // while the first request for a range is under way
	whole *arriving     // of a server without ranges
}

// rangeMode is what is known of a server.
type rangeMode int

const (
	unknown rangeMode = iota
	ranges            // answers with what was asked for
	wholes            // answers with everything
)

func (o *opener) newHTTP(url string, size int64) *httpFile {
	return &httpFile{o: o, url: url, size: size}
}

// get makes a request until it is answered.
func (f *httpFile) get(ctx context.Context, off, n int64, c Caching) (*Response, error) {
	wait := delay
	for try := 1; ; try++ {
		r, err := f.o.opt.Client.Get(ctx, f.url, off, n, c)
		if err == nil {
			f.o.answered.Store(true)
			if r.Status == 200 || r.Status == 206 {
				return r, nil
			}
			r.Body.Close()
			status := &StatusError{f.url, r.Status}
			if err = status; !status.passing() {
				return nil, err
			}
		}
		if try == attempts || try == 2 && !f.o.answered.Load() || ctx.Err() != nil {
			return nil, err
		}
		if err := f.o.opt.Sleep(ctx, wait); err != nil {
			return nil, err
		}
		wait *= 3
	}
}

// read implements file. The first range that is asked for shows what the server
// does with ranges; others wait for it.
func (f *httpFile) read(ctx context.Context, off, n int64, c Caching) ([]byte, error) {
	if f.size >= 0 {
		n = min(n, f.size-off)
	}
	if n <= 0 {
		return nil, nil
	}
	f.mu.Lock()
	for f.mode == unknown && f.probe != nil {
		probe := f.probe
		f.mu.Unlock()
		<-probe
		f.mu.Lock()
	}
	mode, s := f.mode, f.whole
	if mode == unknown {
		f.probe = make(chan struct{})
	}
	f.mu.Unlock()
	switch mode {
	case wholes:
		return s.read(off, n)
	case ranges:
		return f.readRange(ctx, off, n, c)
	}
	p, err := f.readRange(ctx, off, n, c)
	f.mu.Lock()
	close(f.probe)
	f.probe = nil
	if f.mode == unknown && err == nil {
		f.mode = ranges
	}
	f.mu.Unlock()
	return p, err
}

// readRange asks for a range. A server that answers with everything gets no
// second request: what comes is kept, and all later reads wait for their part
// of it.
func (f *httpFile) readRange(ctx context.Context, off, n int64, c Caching) ([]byte, error) {
	var last error
	for range attempts {
		r, err := f.get(ctx, off, n, c)
		var status *StatusError
		if errors.As(err, &status) && status.Status == 416 && f.size < 0 {
			return nil, nil // behind the end
		}
		if err != nil {
			return nil, err
		}
		if r.Status == 200 {
			return f.arrive(r).read(off, n)
		}
		p, err := io.ReadAll(io.LimitReader(r.Body, n))
		r.Body.Close()
		if err == nil && (int64(len(p)) == n || f.size < 0) {
			return p, nil
		}
		if last = err; err == nil {
			last = errTruncated
		}
		c = Reloaded
	}
	return nil, fmt.Errorf("%s: %w", f.url, last)
}

// arrive keeps the answer of a server without ranges. If two come at a time, one
// is enough.
func (f *httpFile) arrive(r *Response) *arriving {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole != nil {
		r.Body.Close()
		return f.whole
	}
	f.mode = wholes
	f.whole = newArriving(f, r)
	return f.whole
}

// stream implements file.
func (f *httpFile) stream(ctx context.Context, c Caching) (io.ReadCloser, error) {
	f.mu.Lock()
	s := f.whole
	f.mu.Unlock()
	if s != nil {
		return &pieces{ctx: ctx, from: part{of: f, size: s.end()}}, nil
	}
	r, err := f.get(ctx, 0, -1, c)
	if err != nil {
		return nil, err
	}
	return &body{f: f, ctx: ctx, c: c, r: r.Body, size: max(f.size, r.Size), tries: 1}, nil
}

// body reads a file from its beginning, and goes on where it was when the
// connection breaks.
type body struct {
	f     *httpFile
	ctx   context.Context
	c     Caching
	r     io.ReadCloser
	at    int64
	size  int64 // −1: not known
	tries int
}

func (b *body) Read(p []byte) (int, error) {
	for {
		n, err := b.r.Read(p)
		b.at += int64(n)
		if err == io.EOF && b.size >= 0 && b.at < b.size {
			err = errTruncated
		}
		if err == nil || err == io.EOF || n > 0 {
			if n > 0 {
				err = nil // it comes again
			}
			return n, err
		}
		if b.tries++; b.tries > attempts || b.ctx.Err() != nil || b.size < 0 {
			return 0, fmt.Errorf("%s: %w", b.f.url, err)
		}
		b.r.Close()
		if err := b.f.o.opt.Sleep(b.ctx, delay); err != nil {
			return 0, err
		}
		r, err := b.f.get(b.ctx, b.at, b.size-b.at, b.c)
		var status *StatusError
		if errors.As(err, &status) && status.Status == 416 {
			err = fmt.Errorf("%s: %w", b.f.url, errTruncated)
		}
		if err != nil {
			return 0, err
		}
		b.r = r.Body
		if r.Status == 200 {
			if _, err := io.CopyN(io.Discard, r.Body, b.at); err != nil {
				return 0, fmt.Errorf("%s: %w", b.f.url, err)
			}
		}
	}
}

func (b *body) Close() error { return b.r.Close() }
