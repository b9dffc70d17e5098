package chunk

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// InlineSize is the largest file whose bytes are part of its Layout: a chunk of
// its own would cost more than the bytes.
const InlineSize = 4096

// Layout is all of a kept file but its chunks' bytes.
type Layout struct {
	Size    int64
	BaseEnd int64 // how much of the base still shows
	Written bool  // File.Written
	Chunks  []Ref // by index
	// Inline is chunk 0 of a file of at most InlineSize bytes.
	Inline []byte
}

// Ref is a saved chunk.
type Ref struct {
	Index int64
	Size  int    // in bytes; 0: a hole in the base, of which nothing is saved
	Sum   uint32 // CRC-32C of the contents
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is the checksum of a chunk's contents, as in Ref.
func Sum(p []byte) uint32 { return crc32.Checksum(p, castagnoli) }

// note says that chunk i differs from what was captured last. Preconditions:
// mu is held for writing.
func (f *File) note(i int64) {
	if !f.store.kept() {
		return
	}
	if f.touched == nil {
		f.touched = map[int64]struct{}{}
	}
	if _, ok := f.touched[i]; ok {
		return
	}
	f.touched[i] = struct{}{}
	if s := f.store; s.unsaved.Add(1) == pressedAt && s.opt.Pressed != nil {
		s.opt.Pressed()
	}
}

// change says that buf was changed. Preconditions: file.mu is held for writing.
func (c *chunk) change() {
	if c.dirty && c.file.store.kept() {
		return // and noted
	}
	c.dirty = true
	c.file.note(c.index)
}

// fetch is load for a kept store.
func (c *chunk) fetch() error {
	s := c.file.store
	if s.opt.MayWait != nil && !s.opt.MayWait() {
		return wasmfs.WouldWait
	}
	buf, err := s.keeper.Load(c.file.id, c.index)
	if err != nil {
		return backendError(err)
	}
	if len(buf) != c.size || Sum(buf) != c.sum {
		return abi.EIO
	}
	c.buf = buf
	s.note(c)
	return nil
}

// A Capture is what Capture hands out.
type Capture struct {
	// Put takes a chunk's contents, which are good until it returns.
	Put func(index int64, data []byte) error
	// Delete says that a chunk is gone, which may never have been saved.
	Delete func(index int64) error
}

// Capture hands out every chunk that changed since the last Capture, and
// returns the layout of the same moment. Captured must be called before the
// next one. Preconditions: the store is a kept one.
func (f *File) Capture(to Capture) (Layout, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.saving != nil {
		panic("BUG: a file is captured twice at a time")
	}
	f.store.unsaved.Add(-int64(len(f.touched)))
	f.saving, f.touched = f.touched, nil
	if f.saving == nil {
		f.saving = map[int64]struct{}{}
	}
	l := Layout{Size: f.size.Load(), BaseEnd: f.baseEnd, Written: f.written.Load()}
	if first := f.chunks[0]; first != nil && first.buf != nil {
		switch inline := l.Size <= InlineSize; {
		case inline && first.stored:
			f.saving[0] = struct{}{} // the chunk of its own goes
		case !inline && !first.stored && !first.saving:
			f.saving[0] = struct{}{} // it was inline
		}
	}
	for _, i := range slices.Sorted(maps.Keys(f.saving)) {
		c := f.chunks[i]
		var err error
		if c == nil || c.buf == nil && !c.dirty {
			err = to.Delete(i)
		} else {
			c.dirty, c.saving, c.size, c.sum = false, true, len(c.buf), Sum(c.buf)
			if l.Size <= InlineSize {
				err = to.Delete(i)
			} else {
				err = to.Put(i, c.buf)
			}
		}
		if err != nil {
			return Layout{}, err
		}
	}
	for _, i := range slices.Sorted(maps.Keys(f.chunks)) {
		c := f.chunks[i]
		l.Chunks = append(l.Chunks, Ref{Index: i, Size: c.size, Sum: c.sum})
		if i == 0 && l.Size <= InlineSize && c.buf != nil {
			l.Inline = bytes.Clone(c.buf)
			c.inline = true
		} else {
			c.inline = false
		}
	}
	return l, nil
}

// Captured says whether what the last Capture handed out was saved. If it was
// not, it counts as changed.
func (f *File) Captured(ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.saving {
		c := f.chunks[i]
		if c != nil && c.saving {
			c.saving = false
			if ok {
				c.stored = !c.inline
			} else {
				c.dirty = true
			}
		}
		if !ok {
			f.note(i)
		}
	}
	f.saving = nil
}

// Detach loads all chunks, and keeps them in memory from then on. It goes on
// after an error and returns the first.
func (f *File) Detach() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var first error
	for _, c := range f.chunks {
		if err := c.load(); err == nil {
			c.stored = false
		} else if first == nil {
			first = err
		}
	}
	return first
}

// Unsaved reports whether the file has bytes that Capture has not handed out yet.
func (f *File) Unsaved() bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return len(f.touched) > 0
}

// Restore gives a new file of a kept store its saved contents. What cannot be
// is an error.
func (f *File) Restore(l Layout) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.Size < 0 || l.Size > MaxSize || l.BaseEnd < 0 || l.BaseEnd > f.baseEnd || l.BaseEnd > l.Size {
		return fmt.Errorf("size %d with %d bytes of the image's file", l.Size, l.BaseEnd)
	}
	chunks := make(map[int64]*chunk, len(l.Chunks))
	last, space := int64(-1), int64(0)
	for _, r := range l.Chunks {
		if r.Index <= last || r.Size < 0 || r.Size > Size || r.Index >= (l.Size+Size-1)/Size ||
			r.Index*Size+int64(r.Size) > l.Size {
			return fmt.Errorf("chunk %d of %d bytes in a file of %d", r.Index, r.Size, l.Size)
		}
		last = r.Index
		c := &chunk{file: f, index: r.Index, size: r.Size, sum: r.Sum, stored: r.Size > 0}
		c.space = int64(r.Size+block-1) &^ (block - 1)
		space += c.space
		chunks[r.Index] = c
		if r.Index == 0 && l.Inline != nil {
			if len(l.Inline) != r.Size || Sum(l.Inline) != r.Sum {
				return errors.New("wrong checksum of the contents")
			}
			c.buf, c.stored, c.inline = l.Inline, false, true
		}
	}
	f.chunks, f.baseEnd = chunks, l.BaseEnd
	for _, c := range chunks {
		if c.buf != nil {
			f.store.note(c)
		}
	}
	f.store.used.Add(space)
	f.space.Add(space)
	f.size.Store(l.Size)
	f.written.Store(l.Written)
	return nil
}
