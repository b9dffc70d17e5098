package chunk

import "io"

// Lazy is a base whose contents may have to be fetched; see wasmfs.LazyFile.
type Lazy interface {
	io.ReaderAt
	Resident(off, n int64) bool
	Load(off, n int64) error
}

// Resident reports whether n bytes at off can be read without waiting, for the
// base or for the backend.
func (f *File) Resident(off, n int64) bool { return f.fetch(off, n, false) == nil }

// Load waits until n bytes at off are resident. Other parts of the file can be
// read and written meanwhile.
func (f *File) Load(off, n int64) error { return f.fetch(off, n, true) }

// fetch looks at the chunks of n bytes at off, and at the base where there are
// none. It loads what is missing, or returns errEvicted. No lock is held while the base is
// waited for.
func (f *File) fetch(off, n int64, load bool) error {
	off = max(off, 0)
	end := off + min(n, max(f.Size()-off, 0))
	lazy, _ := f.base.(Lazy)
	for off < end {
		i := off / Size
		next := min(end, (i+1)*Size)
		f.mu.RLock()
		c := f.chunks[i]
		here := c == nil || c.buf != nil || !c.stored
		last := min(next, f.baseEnd)
		for c == nil && lazy != nil && next < end && f.chunks[next/Size] == nil { // the base is asked once for a run
			next = min(end, next+Size)
			last = min(next, f.baseEnd)
		}
		f.mu.RUnlock()
		switch {
		case !here && !load:
			return errEvicted
		case !here:
			if _, err := f.ReadAt(make([]byte, 1), off); err != nil && err != io.EOF {
				return err
			}
		case c == nil && lazy != nil && last > off && !lazy.Resident(off, last-off):
			if !load {
				return errEvicted
			}
			if err := lazy.Load(off, last-off); err != nil {
				return backendError(err)
			}
		}
		off = next
	}
	return nil
}
