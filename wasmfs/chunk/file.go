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
}

// NewFile makes an empty file.
func (s *Store) NewFile() *File { return &File{store: s, id: s.lastID.Add(1)} }

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
		c.dirty = true
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
				c.dirty = true
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

// Punch makes [off, off+n) read as zero and gives whole chunks back; the size
// stays.
func (f *File) Punch(off, n int64) error {
	if off < 0 || n <= 0 {
		return abi.EINVAL
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	end := f.size.Load()
	if off >= end {
		return nil
	}
	if n < end-off {
		end = off + n
	}
	f.written.Store(true)
	first, last := off/Size, (end-1)/Size
	for i, c := range f.chunks {
		if i < first || i > last {
			continue
		}
		from, to := max(off-i*Size, 0), min(end-i*Size, Size)
		if from == 0 && to == Size && i*Size >= f.baseEnd {
			if err := c.drop(); err != nil {
				return err
			}
			delete(f.chunks, i)
			continue
		}
		if err := c.load(); err != nil {
			return err
		}
		if from < int64(len(c.buf)) {
			clear(c.buf[from:min(to, int64(len(c.buf)))])
			c.dirty = true
		}
	}
	// A hole in the base must be written down: by a shorter base where it
	// reaches its end, else as zeros where the chunk is partly kept, as an empty
	// chunk where it is not.
	if end >= f.baseEnd {
		f.baseEnd = min(f.baseEnd, off)
		return nil
	}
	for i := first; i <= last && i*Size < f.baseEnd; i++ {
		if f.chunks[i] != nil {
			continue
		}
		from, to := int(max(off-i*Size, 0)), int(min(end-i*Size, Size))
		if from == 0 && to == Size {
			if f.chunks == nil {
				f.chunks = map[int64]*chunk{}
			}
			f.chunks[i] = &chunk{file: f, index: i}
			continue
		}
		c, err := f.chunk(i, from, to)
		if err != nil {
			return err
		}
		clear(c.buf[from:to])
		c.dirty = true
	}
	return nil
}

// Reserve makes the file at least off+n long where grow is set; space is
// promised by the store's limit only, not set aside (posix_fallocate's
// promise is kept as tmpfs without a limit keeps it).
func (f *File) Reserve(off, n int64, grow bool) error {
	if off < 0 || n <= 0 {
		return abi.EINVAL
	}
	if n > MaxSize-off {
		return abi.EFBIG
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	end := off + n
	s := f.store
	if extra := end - f.size.Load(); extra > 0 && s.opt.Limit > 0 && extra > s.opt.Limit-s.used.Load() {
		return abi.ENOSPC
	}
	if grow && end > f.size.Load() {
		f.written.Store(true)
		f.size.Store(end)
	}
	return nil
}

// SeekData is the next offset at or behind off that holds data; ENXIO.
func (f *File) SeekData(off int64) (int64, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	size := f.size.Load()
	if off < 0 || off >= size {
		return 0, abi.ENXIO
	}
	if f.hasData(off / Size) {
		return off, nil
	}
	// The next data is the next written chunk or the next piece of the base.
	next := int64(math.MaxInt64)
	for i := range f.chunks {
		if i > off/Size && f.hasData(i) {
			next = min(next, i*Size)
		}
	}
	for at := (off/Size + 1) * Size; at < min(f.baseEnd, next); at += Size {
		if f.hasData(at / Size) {
			next = at
		}
	}
	if next >= size {
		return 0, abi.ENXIO
	}
	return next, nil
}

// SeekHole is the next offset at or behind off in a hole, or the size; ENXIO.
func (f *File) SeekHole(off int64) (int64, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	size := f.size.Load()
	if off < 0 || off >= size {
		return 0, abi.ENXIO
	}
	for at := off; at < size; at = (at/Size + 1) * Size {
		if !f.hasData(at / Size) {
			return at, nil
		}
	}
	return size, nil
}

// hasData reports whether chunk i is no hole.
func (f *File) hasData(i int64) bool {
	if c := f.chunks[i]; c != nil {
		return c.buf != nil || c.stored
	}
	return i*Size < f.baseEnd
}

// Sync writes the file back. A volatile store has nothing to write.
func (f *File) Sync() error {
	if f.store.opt.Volatile {
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
