package kernel

import (
	"io"
	"runtime"
	"sync/atomic"

	"boxer/runtime/abi"
	"boxer/runtime/mm"
	"boxer/wasmfs"
)

// treeFile is an open regular file or directory of the tree.
type treeFile struct {
	plainFile
	f *sharedFile // nil: a directory, or a place opened with O_PATH
}

// sharedFile is a wasmfs.File that descriptions and mappings use.
type sharedFile struct {
	wasmfs.File
	refs atomic.Int32
}

func newSharedFile(f wasmfs.File) *sharedFile {
	s := &sharedFile{File: f}
	s.refs.Store(1)
	return s
}

// release closes the file with its last user. A failure to write back was
// already reported to whoever synced it.
func (s *sharedFile) release() {
	if s.refs.Add(-1) == 0 {
		_ = s.Close()
	}
}

func (f *treeFile) Read(_ *Task, d *Description, p []byte, off int64) (int, abi.Errno) {
	if f.f == nil {
		return 0, abi.EISDIR
	}
	r, ok := f.f.File.(io.ReaderAt)
	if !ok {
		return 0, abi.EINVAL
	}
	at := off
	if off < 0 {
		at = d.Pos
	}
	n, err := r.ReadAt(p, at)
	if off < 0 {
		d.Pos += int64(n)
	}
	if n > 0 || err == io.EOF {
		return n, 0
	}
	return 0, errnoOf(err)
}

func (f *treeFile) Write(t *Task, d *Description, p []byte, off int64) (int, abi.Errno) {
	if f.f == nil {
		return 0, abi.EISDIR
	}
	if len(p) == 0 {
		return 0, 0
	}
	if a, ok := f.f.File.(wasmfs.AppendFile); ok && d.Flags&abi.O_APPEND != 0 {
		n, end, err := a.Append(p)
		if off < 0 {
			d.Pos = end
		}
		return some(n, err)
	}
	w, ok := f.f.File.(io.WriterAt)
	if !ok {
		return 0, abi.EINVAL
	}
	at := off
	if off < 0 {
		at = d.Pos
	}
	if limit := t.p.limits[abi.RLIMIT_FSIZE].Cur; limit != abi.RLIM_INFINITY {
		if uint64(at) >= limit {
			t.Raise(abi.SIGXFSZ)
			return 0, abi.EFBIG
		}
		p = p[:min(uint64(len(p)), limit-uint64(at))]
	}
	n, err := w.WriteAt(p, at)
	if off < 0 {
		d.Pos += int64(n)
	}
	return some(n, err)
}

// some drops the error of a transfer that moved something.
func some(n int, err error) (int, abi.Errno) {
	if n > 0 {
		return n, 0
	}
	return 0, errnoOf(err)
}

func (f *treeFile) size(d *Description) (int64, abi.Errno) {
	if s, ok := f.f.File.(wasmfs.SizeFile); ok {
		return s.Size(), 0
	}
	st, errno := d.Stat()
	return st.Size, errno
}

// Seek is lseek(2). A directory's position is a cookie of ReadDir.
func (f *treeFile) Seek(d *Description, off int64, whence int) (int64, abi.Errno) {
	if f.f == nil {
		if whence == abi.SEEK_CUR {
			off += d.Pos
		} else if whence != abi.SEEK_SET {
			return 0, abi.EINVAL
		}
		if off < 0 {
			return 0, abi.EINVAL
		}
		d.Pos = off
		return off, 0
	}
	var base int64
	switch whence {
	case abi.SEEK_SET:
	case abi.SEEK_CUR:
		base = d.Pos
	case abi.SEEK_END:
		n, errno := f.size(d)
		if errno != 0 {
			return 0, errno
		}
		base = n
	case abi.SEEK_DATA, abi.SEEK_HOLE:
		return f.seekHole(d, off, whence)
	default:
		return 0, abi.EINVAL
	}
	if off > 0 && base > 1<<63-1-off {
		return 0, abi.EOVERFLOW
	}
	if base+off < 0 {
		return 0, abi.EINVAL
	}
	d.Pos = base + off
	return d.Pos, 0
}

func (f *treeFile) seekHole(d *Description, off int64, whence int) (int64, abi.Errno) {
	size, errno := f.size(d)
	if errno != 0 {
		return 0, errno
	}
	if off < 0 || off >= size {
		return 0, abi.ENXIO
	}
	to := off // a file without holes: data everywhere, a hole at its end
	if whence == abi.SEEK_HOLE {
		to = size
	}
	if h, ok := f.f.File.(wasmfs.HoleFile); ok {
		var err error
		if whence == abi.SEEK_DATA {
			to, err = h.SeekData(off)
		} else {
			to, err = h.SeekHole(off)
		}
		if err != nil {
			return 0, errnoOf(err)
		}
	}
	d.Pos = to
	return to, 0
}

func (f *treeFile) ReadDir(t *Task, d *Description, yield func(wasmfs.Dirent) bool) abi.Errno {
	if f.f != nil || d.Path.Node.Type() != abi.S_IFDIR {
		return abi.ENOTDIR
	}
	return errnoOf(d.Path.ReadDir(t.fs.Root, d.Pos, func(e wasmfs.Dirent) bool {
		if !yield(e) {
			return false
		}
		d.Pos = e.Next
		return true
	}))
}

func (f *treeFile) Truncate(t *Task, size int64) abi.Errno {
	if f.f == nil {
		return abi.EINVAL
	}
	tr, ok := f.f.File.(wasmfs.TruncateFile)
	if !ok {
		return abi.EINVAL
	}
	if limit := t.p.limits[abi.RLIMIT_FSIZE].Cur; uint64(size) > limit {
		t.Raise(abi.SIGXFSZ)
		return abi.EFBIG
	}
	return errnoOf(tr.Truncate(size))
}

func (f *treeFile) Stat() (abi.Stat, abi.Errno) { return abi.Stat{}, abi.EBADF } // Description.Stat knows the place

func (f *treeFile) Ioctl(t *Task, d *Description, req uint32, arg uint64) (uint64, abi.Errno) {
	if req == abi.FIONREAD && f.f != nil {
		n, errno := f.size(d)
		if errno != 0 {
			return 0, errno
		}
		return 0, errnoOf(t.space.mm.WriteU32(arg, uint32(max(n-d.Pos, 0))))
	}
	return 0, abi.ENOTTY
}

func (f *treeFile) Ready(*Description) uint32 {
	return abi.POLLIN | abi.POLLOUT | abi.POLLRDNORM | abi.POLLWRNORM
}

func (f *treeFile) Release(*Description) {
	if f.f != nil {
		f.f.release()
	}
}

// Backing returns the wasmfs.File of a regular file, or nil.
func (d *Description) Backing() wasmfs.File {
	if f, ok := d.File.(*treeFile); ok && f.f != nil {
		return f.f.File
	}
	return nil
}

// mapped is a regular file as mappings see it. It holds the file open until
// the last mapping of it is garbage.
type mapped struct {
	*sharedFile
	path wasmfs.Path
	name string
}

// Mapped returns what mmap(2) needs of d: ENODEV if it is no regular file.
func (t *Task) Mapped(d *Description) (mm.File, abi.Errno) {
	f, ok := d.File.(*treeFile)
	if !ok || f.f == nil {
		return nil, abi.ENODEV
	}
	name, _ := d.Path.String(t.fs.Root)
	m, errno := newMapped(f.f, d.Path, name)
	if h := t.k.cfg.Host; h != nil && errno == 0 {
		// What is mapped without its digest because it was not there yet would
		// be translated as if it had none.
		if m.Digest(); h.Refused() {
			return nil, abi.EIO
		}
	}
	return m, errno
}

func newMapped(s *sharedFile, path wasmfs.Path, name string) (mm.File, abi.Errno) {
	if _, ok := s.File.(io.ReaderAt); !ok {
		return nil, abi.ENODEV
	}
	s.refs.Add(1)
	m := &mapped{s, path, name}
	runtime.AddCleanup(m, (*sharedFile).release, s)
	if _, ok := s.File.(io.WriterAt); ok {
		return &mappedWriter{m}, 0
	}
	return m, 0
}

func (m *mapped) ReadAt(p []byte, off int64) (int, error) {
	return m.File.(io.ReaderAt).ReadAt(p, off)
}

func (m *mapped) Size() int64 {
	if s, ok := m.File.(wasmfs.SizeFile); ok {
		return s.Size()
	}
	st, err := m.path.Stat()
	if err != nil {
		return 0
	}
	return st.Size
}

func (m *mapped) Digest() ([32]byte, bool) {
	if d, ok := m.File.(wasmfs.DigestFile); ok {
		return d.Digest()
	}
	return [32]byte{}, false
}

func (m *mapped) Name() string { return m.name }

// mappedWriter is a mapped file that can be mapped shared and writable.
type mappedWriter struct{ *mapped }

func (m *mappedWriter) WriteAt(p []byte, off int64) (int, error) {
	return m.File.(io.WriterAt).WriteAt(p, off)
}
