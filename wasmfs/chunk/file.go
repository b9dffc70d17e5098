package chunk

import (
	"errors"
	"io"
	"math"
	"sync"
	"sync/atomic"

	"boxer/runtime/abi"
)

// MaxSize is the largest size of a file, as Linux has it with 4 KiB pages.
const MaxSize = math.MaxInt64 &^ 4095

// File is the contents of one file.
type File struct {
	store *Store
	id    uint64
	size  atomic.Int64 // written under mu
	space atomic.Int64 // bytes, in whole blocks

	mu sync.RWMutex
	// chunks holds what was written, by index. An absent chunk below baseEnd
	// is read from base, others are holes.
	chunks  map[int64]*chunk
	base    io.ReaderAt
	baseEnd int64
	written atomic.Bool // contents may differ from base's

	// A kept store's file: chunks that differ from what was captured last,
	// and those that were captured and not committed yet.
	touched, saving map[int64]struct{}
}

// NewFile makes an empty file.
func (s *Store) NewFile() *File { return &File{store: s, id: s.lastID.Add(1)} }

// SetID makes id the name of the file's chunks in a kept store. Preconditions:
// nothing was captured yet, and no other file of the store has that number.
func (f *File) SetID(id uint64) { f.id = id }

// NewFileOver makes a file that starts with base's first size bytes. base is
// never written and must not change.
func (s *Store) NewFileOver(base io.ReaderAt, size int64) *File {
	f := s.NewFile()
	f.base, f.baseEnd = base, size
	f.size.Store(size)
	return f
}

// Size is the length in bytes.
func (f *File) Size() int64 { return f.size.Load() }

// Space is how much of the store the file occupies, in bytes.
func (f *File) Space() int64 { return f.space.Load() }

// Occupied is the space of the contents, in bytes: the store's and that of
// the base's parts that still show.
func (f *File) Occupied() int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n := f.space.Load() + f.baseEnd
	if f.baseEnd > 0 {
		for i := range f.chunks {
			n -= min(max(f.baseEnd-i*Size, 0), Size)
		}
	}
	return n
}

// Written reports whether the contents were ever changed, so that they may
// differ from the base's.
func (f *File) Written() bool { return f.written.Load() }

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, abi.EINVAL
	}
	f.mu.RLock()
	size := f.size.Load()
	if off >= size {
		f.mu.RUnlock()
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	var end error
	if int64(len(p)) > size-off {
		p, end = p[:size-off], io.EOF
	}
	n, err := f.read(p, off, false)
	f.mu.RUnlock()
	if err == errEvicted {
		var m int
		f.mu.Lock()
		// The file may have shrunk meanwhile; what is gone reads as zero
		// then, as if the read had come half before and half after.
		m, err = f.read(p[n:], off+int64(n), true)
		f.mu.Unlock()
		n += m
		f.store.trim()
	}
	if err != nil {
		return n, err
	}
	return n, end
}

// errEvicted tells ReadAt that it needs the lock for writing.
var errEvicted = errors.New("chunk is not in memory")

// read fills p from the chunks. Preconditions: mu is held, for writing if load.
func (f *File) read(p []byte, off int64, load bool) (n int, err error) {
	for n < len(p) {
		at := off + int64(n)
		i, from := at/Size, int(at%Size)
		part := p[n:min(len(p), n+Size-from)]
		c := f.chunks[i]
		switch {
		case c == nil:
			if err := f.readBase(part, at); err != nil {
				return n, err
			}
		default:
			if c.buf == nil && c.stored {
				if !load {
					return n, errEvicted
				}
				if err := c.load(); err != nil {
					return n, err
				}
			}
			m := 0
			if from < len(c.buf) {
				m = copy(part, c.buf[from:])
			}
			clear(part[m:])
			if !c.recent.Load() {
				c.recent.Store(true)
			}
		}
		n += len(part)
	}
	return n, nil
}

// readBase fills p with the base's bytes at off and zeros behind its end.
func (f *File) readBase(p []byte, off int64) error {
	n := 0
	if off < f.baseEnd {
		q := p[:min(int64(len(p)), f.baseEnd-off)]
		var err error
		if n, err = f.base.ReadAt(q, off); n < len(q) {
			if err == io.EOF || err == nil {
				return abi.EIO // the base is shorter than it was
			}
			return backendError(err)
		}
	}
	clear(p[n:])
	return nil
}

// WriteAt implements io.WriterAt. Where the space or the file's largest size
// does not suffice, it writes what fits and returns ENOSPC or EFBIG. While the
// cache is full and the backend takes nothing, nothing is written (EIO).
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, abi.EINVAL
	}
	if err := f.store.trim(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(p, off)
}

// Append writes p behind the last byte; end is the size after it.
func (f *File) Append(p []byte) (n int, end int64, err error) {
	if err := f.store.trim(); err != nil {
		return 0, f.size.Load(), err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err = f.write(p, f.size.Load())
	return n, f.size.Load(), err
}

// write writes p at off. Preconditions: mu is held for writing.
func (f *File) write(p []byte, off int64) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	if off >= MaxSize {
		return 0, abi.EFBIG
	}
	if int64(len(p)) > MaxSize-off {
		p = p[:MaxSize-off]
	}
	f.written.Store(true)
	for n < len(p) {
		at := off + int64(n)
		i, from := at/Size, int(at%Size)
		part := p[n:min(len(p), n+Size-from)]
		c, err := f.chunk(i, from, from+len(part))
		if err != nil {
			return n, err
		}
		copy(c.buf[from:], part)
		c.change()
		n += len(part)
		if at += int64(len(part)); at > f.size.Load() {
			f.size.Store(at)
		}
	}
	return n, nil
}

// chunk makes chunk i ready for bytes [from, to) to be written: present in
// memory and long enough, with whatever it held before outside that range.
// Preconditions: mu is held for writing.
func (f *File) chunk(i int64, from, to int) (*chunk, error) {
	c := f.chunks[i]
	have := 0 // bytes that the chunk holds already
	switch {
	case c == nil:
		c = &chunk{file: f, index: i}
		if rest := f.baseEnd - i*Size; rest > 0 {
			have = int(min(rest, Size))
		}
	case c.buf == nil:
		if err := c.load(); err != nil {
			return nil, err
		}
		have = len(c.buf)
	default:
		have = len(c.buf)
	}
	need := max(have, to)
	if space := int64(need+block-1) &^ (block - 1); space > c.space {
		grow := space - c.space
		if !f.store.reserve(grow) {
			return nil, abi.ENOSPC
		}
		f.space.Add(grow)
		c.space = space
	}
	if f.chunks[i] == nil {
		// A file that grew past a chunk will likely fill the next one too.
		prev := f.chunks[i-1]
		buf := f.store.buffer(nil, need, prev != nil && len(prev.buf) == Size)
		if have > 0 && (from > 0 || to < have) {
			if err := f.readBase(buf[:have], i*Size); err != nil {
				f.store.reserve(-c.space)
				f.space.Add(-c.space)
				return nil, err
			}
		}
		if have < from {
			clear(buf[have:from])
		}
		c.buf = buf
		if f.chunks == nil {
			f.chunks = map[int64]*chunk{}
		}
		f.chunks[i] = c
	} else if need > len(c.buf) {
		if need <= cap(c.buf) {
			c.buf = c.buf[:need]
		} else {
			c.buf = f.store.buffer(c.buf, need, false)
		}
		if have < from {
			clear(c.buf[have:from])
		}
	}
	f.store.note(c)
	return c, nil
}

// Truncate sets the size; what is added reads as zero.
func (f *File) Truncate(size int64) error {
	if size < 0 {
		return abi.EINVAL
	}
	if size > MaxSize {
		return abi.EFBIG
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if size == f.size.Load() {
		return nil
	}
	f.written.Store(true)
	if size < f.size.Load() {
		if err := f.cut(size); err != nil {
			return err
		}
	}
	f.size.Store(size)
	return nil
}

// cut drops everything at and behind size. Preconditions: mu is held for writing.
func (f *File) cut(size int64) error {
	var first error
	for i, c := range f.chunks {
		switch keep := size - i*Size; {
		case keep <= 0:
			if err := c.drop(); err != nil && first == nil {
				first = err
			}
			delete(f.chunks, i)
		case keep < Size:
			if err := c.load(); err != nil {
				return err
			}
			if int64(len(c.buf)) > keep {
				c.buf = c.buf[:keep]
				c.change()
				space := (keep + block - 1) &^ (block - 1)
				f.store.reserve(space - c.space)
				f.space.Add(space - c.space)
				c.space = space
			}
		}
	}
	f.baseEnd = min(f.baseEnd, size)
	return first
}

// Sync writes the file back. A volatile store has nothing to write.
func (f *File) Sync() error {
	if f.store.opt.Volatile || f.store.kept() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.chunks {
		if err := c.flush(); err != nil {
			return err
		}
	}
	return nil
}

// Free drops the contents and gives the space back; the file is empty then.
func (f *File) Free() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.written.Store(true)
	err := f.cut(0)
	f.base, f.baseEnd = nil, 0
	f.size.Store(0)
	return err
}
