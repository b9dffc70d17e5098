package chunk

import (
	"math"

	"boxer/runtime/abi"
)

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
			c.change()
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
			f.note(i)
			continue
		}
		c, err := f.chunk(i, from, to)
		if err != nil {
			return err
		}
		clear(c.buf[from:to])
		c.change()
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
