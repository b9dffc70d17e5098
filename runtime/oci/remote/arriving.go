package remote

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"boxer/runtime/oci/spec"
)

// arriving is a file that comes from its beginning to its end, while parts of
// it are read already.
type arriving struct {
	f *httpFile

	mu      sync.Mutex
	chunks  memory
	done    bool
	err     error
	changed chan struct{} // closed when more has come
}

func newArriving(f *httpFile, r *Response) *arriving {
	a := &arriving{f: f, changed: make(chan struct{})}
	go a.pump(&body{f: f, ctx: f.o.ctx, r: r.Body, size: max(f.size, r.Size), tries: 1})
	return a
}

// pump takes what comes.
func (a *arriving) pump(b *body) {
	defer b.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := b.Read(buf)
		a.mu.Lock()
		if n > 0 {
			if full := a.chunks.write(buf[:n]); full != nil && err == nil {
				err = full
			}
		}
		if err != nil {
			a.done = true
			if err != io.EOF {
				a.err = err
			}
		}
		close(a.changed)
		a.changed = make(chan struct{})
		a.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// read waits for n bytes at off; fewer come at the end.
func (a *arriving) read(off, n int64) ([]byte, error) {
	a.mu.Lock()
	for !a.done && a.chunks.size < off+n {
		changed := a.changed
		a.mu.Unlock()
		<-changed
		a.mu.Lock()
	}
	defer a.mu.Unlock()
	have := max(min(n, a.chunks.size-off), 0)
	if have < n && a.err != nil {
		return nil, a.err
	}
	p := make([]byte, have)
	a.chunks.ReadAt(p, off)
	return p, nil
}

// end waits for all and returns how much there is.
func (a *arriving) end() int64 {
	a.read(0, 1<<62)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.chunks.size
}

// maxMemory bounds what is held whole in memory, in bytes: half of what a page's
// Wasm memory is given at most.
const maxMemory = 1 << 30

// errTooLarge says what to do with an image that does not fit.
var errTooLarge = errors.New("it is too large to be held in memory whole: make it an image that is read in parts, with boxer export --web or --box, and serve it with a server that has ranges")

const chunkSize = 1 << 20

// memory is content in chunks, so that nothing is copied while it grows.
type memory struct {
	chunks [][]byte
	size   int64
}

func (m *memory) write(p []byte) error {
	if m.size+int64(len(p)) > maxMemory {
		return fmt.Errorf("%w (the limit is %d MiB)", errTooLarge, maxMemory>>20)
	}
	for len(p) > 0 {
		if m.size == int64(len(m.chunks))*chunkSize {
			m.chunks = append(m.chunks, nil)
		}
		last := &m.chunks[len(m.chunks)-1]
		n := min(len(p), chunkSize-len(*last))
		*last = append(*last, p[:n]...)
		m.size += int64(n)
		p = p[n:]
	}
	return nil
}

// ReadAt implements io.ReaderAt.
func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	done := 0
	for done < len(p) && off < m.size {
		n := copy(p[done:], m.chunks[off/chunkSize][off%chunkSize:])
		done, off = done+n, off+int64(n)
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

func (m *memory) tar() *spec.Tar { return spec.NewTar(m, m.size, nil) }
