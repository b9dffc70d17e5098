package inode

import (
	"io"
	"strconv"
	"sync"
	"sync/atomic"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
)

// fileNode is a regular file.
type fileNode struct {
	node
	data  *chunk.File
	below *lowerFile // the lower contents; nil if there are none

	// guarded by mu
	opens    int  // Files
	writers  int  // Files open for writing
	running  int  // programs that forbid writing
	freed    bool // the contents are gone: no name and no File was left
	linkable bool // made without a name, and may still get one
}

// Stat implements wasmfs.Node.
func (n *fileNode) Stat() (abi.Stat, error) {
	st := n.stat()
	st.Size = n.data.Size()
	st.Blocks = (n.data.Occupied() + 511) / 512
	return st, nil
}

// Open implements wasmfs.OpenNode.
func (n *fileNode) Open(env *wasmfs.Env, flags int) (wasmfs.File, error) {
	write := flags&abi.O_ACCMODE != abi.O_RDONLY || flags&abi.O_TRUNC != 0
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.freed:
		return nil, abi.ESTALE
	case write && n.running > 0:
		return nil, abi.ETXTBSY
	}
	if n.opens == 0 && n.below != nil {
		if err := n.below.open(); err != nil {
			return nil, err
		}
	}
	n.opens++
	if write {
		n.writers++
	}
	return &File{n: n, write: write, noatime: flags&abi.O_NOATIME != 0, capable: env != nil && env.Cred.Capable}, nil
}

// drop frees the contents unless somebody has the file open.
func (n *fileNode) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.freeUnused()
}

// freeUnused frees the contents of a file without a name and without a File.
// Preconditions: mu is held for writing.
func (n *fileNode) freeUnused() error {
	if n.opens > 0 || n.freed {
		return nil
	}
	n.freed = true
	n.node.drop()
	return n.data.Free()
}

// revive counts the first name of a file that was made without one, unless
// its contents are gone. Preconditions: tree is held for writing.
func (n *fileNode) revive() bool {
	n.mu.Lock() // against Close, which frees a file without a name
	defer n.mu.Unlock()
	if !n.linkable || n.freed {
		return false
	}
	n.linkable = false
	n.nlink.Store(1)
	return true
}

// File is an open regular file. It has all the capabilities of package wasmfs.
type File struct {
	n       *fileNode
	write   bool
	noatime bool
	capable bool // may write without losing the setuid bit
	closed  atomic.Bool
}

// Close implements wasmfs.File.
func (f *File) Close() error {
	if f.closed.Swap(true) {
		return abi.EBADF
	}
	n := f.n
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opens--
	if f.write {
		n.writers--
	}
	if n.opens > 0 {
		return nil
	}
	var err error
	if n.below != nil {
		err = n.below.close()
	}
	if n.nlink.Load() == 0 {
		if ferr := n.freeUnused(); err == nil {
			err = ferr
		}
	}
	return err
}

// Size implements wasmfs.SizeFile.
func (f *File) Size() int64 { return f.n.data.Size() }

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.n.data.ReadAt(p, off)
	if n > 0 && !f.noatime {
		f.n.accessed()
	}
	return n, err
}

// accessed updates the access time as a mount with relatime does: only the
// first time after a change (the daily update is left out).
func (n *fileNode) accessed() {
	n.mu.RLock()
	stale := n.atime <= n.mtime || n.atime <= n.ctime
	n.mu.RUnlock()
	if stale {
		now := n.fs.opt.Now()
		n.mu.Lock()
		n.atime = now
		n.mu.Unlock()
	}
}

// WriteAt implements io.WriterAt.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.n.data.WriteAt(p, off)
	if n > 0 {
		f.wrote()
	}
	return n, err
}

// Append implements wasmfs.AppendFile.
func (f *File) Append(p []byte) (int, int64, error) {
	n, end, err := f.n.data.Append(p)
	if n > 0 {
		f.wrote()
	}
	return n, end, err
}

// wrote notes that the contents changed.
func (f *File) wrote() {
	n := f.n
	now := n.fs.opt.Now()
	n.mu.Lock()
	n.mtime, n.ctime = now, now
	if !f.capable && n.mode&(abi.S_ISUID|abi.S_ISGID) != 0 {
		n.mode = wasmfs.DropSetID(n.mode)
	}
	n.mu.Unlock()
	n.mark()
}

// Truncate implements wasmfs.TruncateFile.
func (f *File) Truncate(size int64) error {
	if err := f.n.data.Truncate(size); err != nil {
		return err
	}
	f.wrote()
	return nil
}

// Allocate implements wasmfs.AllocateFile.
func (f *File) Allocate(mode int, off, n int64) error {
	if off < 0 || n <= 0 {
		return abi.EINVAL
	}
	if n > chunk.MaxSize-off {
		return abi.EFBIG
	}
	d := f.n.data
	var err error
	switch mode {
	case 0, abi.FALLOC_FL_KEEP_SIZE:
		err = d.Reserve(off, n, mode == 0)
	case abi.FALLOC_FL_PUNCH_HOLE | abi.FALLOC_FL_KEEP_SIZE, abi.FALLOC_FL_ZERO_RANGE | abi.FALLOC_FL_KEEP_SIZE:
		err = d.Punch(off, n)
	case abi.FALLOC_FL_ZERO_RANGE:
		if err = d.Reserve(off, n, true); err == nil {
			err = d.Punch(off, n)
		}
	default:
		return abi.EOPNOTSUPP
	}
	if err == nil {
		f.wrote()
	}
	return err
}

// SeekData implements wasmfs.HoleFile.
func (f *File) SeekData(off int64) (int64, error) { return f.n.data.SeekData(off) }

// SeekHole implements wasmfs.HoleFile.
func (f *File) SeekHole(off int64) (int64, error) { return f.n.data.SeekHole(off) }

// Sync implements wasmfs.SyncFile.
func (f *File) Sync() error { return f.n.data.Sync() }

// Resident implements wasmfs.LazyFile.
func (f *File) Resident(off, n int64) bool { return f.n.data.Resident(off, n) }

// Load implements wasmfs.LazyFile.
func (f *File) Load(off, n int64) error { return f.n.data.Load(off, n) }

// Digest implements wasmfs.DigestFile: the lower file's, until a byte is written.
func (f *File) Digest() (sum [32]byte, ok bool) {
	if f.n.below == nil || f.n.data.Written() {
		return sum, false
	}
	if sum, ok = f.n.below.digest(); !ok || f.n.data.Written() {
		return [32]byte{}, false
	}
	return sum, true
}

// DenyWrite implements wasmfs.ProgramFile.
func (f *File) DenyWrite() error {
	f.n.mu.Lock()
	defer f.n.mu.Unlock()
	if f.n.writers > 0 {
		return abi.ETXTBSY
	}
	f.n.running++
	return nil
}

// AllowWrite implements wasmfs.ProgramFile.
func (f *File) AllowWrite() {
	f.n.mu.Lock()
	defer f.n.mu.Unlock()
	f.n.running--
}

// lowerFile reads the lower contents of a fileNode. It is open while the node is.
type lowerFile struct {
	node wasmfs.OpenNode
	mu   sync.RWMutex
	file wasmfs.File
}

func (l *lowerFile) open() error {
	f, err := l.node.Open(nil, abi.O_RDONLY)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.file = f
	l.mu.Unlock()
	return nil
}

func (l *lowerFile) close() error {
	l.mu.Lock()
	f := l.file
	l.file = nil
	l.mu.Unlock()
	return f.Close()
}

// ReadAt implements io.ReaderAt for chunk.File.
func (l *lowerFile) ReadAt(p []byte, off int64) (int, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	r, ok := l.file.(io.ReaderAt)
	if !ok {
		return 0, abi.EIO
	}
	return r.ReadAt(p, off)
}

// lazy is the lower file, if it may have to be fetched.
func (l *lowerFile) lazy() wasmfs.LazyFile {
	l.mu.RLock()
	defer l.mu.RUnlock()
	f, _ := l.file.(wasmfs.LazyFile)
	return f
}

// Resident implements chunk.Lazy.
func (l *lowerFile) Resident(off, n int64) bool {
	f := l.lazy()
	return f == nil || f.Resident(off, n)
}

// Load implements chunk.Lazy.
func (l *lowerFile) Load(off, n int64) error {
	if f := l.lazy(); f != nil {
		return f.Load(off, n)
	}
	return nil
}

func (l *lowerFile) digest() ([32]byte, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if d, ok := l.file.(wasmfs.DigestFile); ok {
		return d.Digest()
	}
	return [32]byte{}, false
}

func uitoa(n uint64) string { return strconv.FormatUint(n, 10) }
