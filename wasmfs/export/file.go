package export

import (
	"errors"
	"io"
	"io/fs"
	"sync"
	"time"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// file is an open file or directory with an offset of its own.
type file struct {
	fs    *FS
	name  string
	path  wasmfs.Path
	file  wasmfs.File // nil for directories
	flags int

	mu     sync.Mutex // guards what follows
	offset int64      // of a directory: the cookie
	closed bool
}

// errNegative is what package os and hackpadfs's suite say.
var errNegative = errors.New("negative offset")

func (f *file) err(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return pathError(op, f.name, err)
}

// Close implements fs.File.
func (f *file) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return &fs.PathError{Op: "close", Path: f.name, Err: fs.ErrClosed}
	}
	f.closed = true
	if f.file == nil {
		return nil
	}
	return f.err("close", f.file.Close())
}

// usable checks that an operation of that access mode is allowed.
func (f *file) usable(op string, write bool) error {
	mode := f.flags & abi.O_ACCMODE
	switch {
	case f.closed:
		return &fs.PathError{Op: op, Path: f.name, Err: fs.ErrClosed}
	case f.file == nil:
		return pathError(op, f.name, abi.EISDIR)
	case write && mode == abi.O_RDONLY, !write && mode == abi.O_WRONLY:
		return pathError(op, f.name, abi.EBADF)
	}
	return nil
}

// Stat implements fs.File.
func (f *file) Stat() (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, &fs.PathError{Op: "stat", Path: f.name, Err: fs.ErrClosed}
	}
	st, err := f.path.Stat()
	if err != nil {
		return nil, f.err("stat", err)
	}
	return &info{name: base(f.name), st: st}, nil
}

// Read implements fs.File.
func (f *file) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.readAt("read", p, f.offset)
	f.offset += int64(n)
	if n > 0 && err == io.EOF {
		err = nil // told by the next Read, as package os does
	}
	return n, err
}

// ReadAt implements hackpadfs.ReaderAtFile.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.readAt("readat", p, off)
}

func (f *file) readAt(op string, p []byte, off int64) (int, error) {
	if err := f.usable("read", false); err != nil {
		return 0, err
	}
	r, ok := f.file.(io.ReaderAt)
	if !ok {
		return 0, f.err(op, abi.EINVAL)
	}
	n, err := r.ReadAt(p, off)
	return n, f.err(op, err)
}

// Write implements hackpadfs.ReadWriterFile.
func (f *file) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.flags&abi.O_APPEND != 0 {
		if err := f.usable("write", true); err != nil {
			return 0, err
		}
		a, ok := f.file.(wasmfs.AppendFile)
		if !ok {
			return 0, f.err("write", abi.EINVAL)
		}
		n, end, err := a.Append(p)
		f.offset = end
		return n, f.err("write", err)
	}
	n, err := f.writeAt("write", p, f.offset)
	f.offset += int64(n)
	return n, err
}

// WriteAt implements hackpadfs.WriterAtFile.
func (f *file) WriteAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writeAt("writeat", p, off)
}

func (f *file) writeAt(op string, p []byte, off int64) (int, error) {
	if err := f.usable("write", true); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, f.err(op, errNegative)
	}
	w, ok := f.file.(io.WriterAt)
	if !ok {
		return 0, f.err(op, abi.EINVAL)
	}
	n, err := w.WriteAt(p, off)
	return n, f.err(op, err)
}

// Seek implements hackpadfs.SeekerFile.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return 0, &fs.PathError{Op: "seek", Path: f.name, Err: fs.ErrClosed}
	}
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += f.offset
	case io.SeekEnd:
		st, err := f.path.Stat()
		if err != nil {
			return 0, f.err("seek", err)
		}
		offset += st.Size
	default:
		return 0, f.err("seek", abi.EINVAL)
	}
	if offset < 0 {
		return 0, f.err("seek", abi.EINVAL)
	}
	f.offset = offset
	return offset, nil
}

// Sync implements hackpadfs.SyncerFile.
func (f *file) Sync() error {
	if s, ok := f.file.(wasmfs.SyncFile); ok {
		return f.err("sync", s.Sync())
	}
	return nil
}

// Truncate implements hackpadfs.TruncaterFile.
func (f *file) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable("truncate", true); err != nil {
		return err
	}
	t, ok := f.file.(wasmfs.TruncateFile)
	if !ok {
		return f.err("truncate", abi.EINVAL)
	}
	return f.err("truncate", t.Truncate(size))
}

// Chmod implements hackpadfs.ChmoderFile.
func (f *file) Chmod(mode fs.FileMode) error {
	return f.err("chmod", f.path.Chmod(f.fs.env.Cred, guestMode(mode)))
}

// Chown implements hackpadfs.ChownerFile.
func (f *file) Chown(uid, gid int) error {
	return f.err("chown", f.path.Chown(f.fs.env.Cred, uint32(uid), uint32(gid)))
}

// Chtimes implements hackpadfs.ChtimeserFile.
func (f *file) Chtimes(atime, mtime time.Time) error {
	return f.err("chtimes", setTimes(f.path, f.fs.env.Cred, atime, mtime))
}

// ReadDir implements fs.ReadDirFile.
func (f *file) ReadDir(n int) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, &fs.PathError{Op: "readdir", Path: f.name, Err: fs.ErrClosed}
	}
	list := []fs.DirEntry{}
	err := f.path.ReadDir(f.fs.env.Root, max(f.offset, 2), func(e wasmfs.Dirent) bool {
		if n > 0 && len(list) == n {
			return false
		}
		list = append(list, &dirEntry{dir: f, entry: e})
		f.offset = e.Next
		return true
	})
	if err != nil {
		return list, f.err("readdir", err)
	}
	if n > 0 && len(list) == 0 {
		return list, io.EOF
	}
	return list, nil
}

// dirEntry is an fs.DirEntry.
type dirEntry struct {
	dir   *file
	entry wasmfs.Dirent
}

func (d *dirEntry) Name() string      { return d.entry.Name }
func (d *dirEntry) IsDir() bool       { return d.entry.Type == abi.S_IFDIR }
func (d *dirEntry) Type() fs.FileMode { return hostMode(d.entry.Type).Type() }
func (d *dirEntry) String() string    { return fs.FormatDirEntry(d) }

func (d *dirEntry) Info() (fs.FileInfo, error) {
	x := d.dir.fs
	p, err := x.ns.Resolve(x.env, d.dir.path, d.entry.Name, wasmfs.NoFollow)
	if err != nil {
		return nil, pathError("lstat", d.dir.name+"/"+d.entry.Name, err)
	}
	st, err := p.Stat()
	if err != nil {
		return nil, pathError("lstat", d.dir.name+"/"+d.entry.Name, err)
	}
	return &info{name: d.entry.Name, st: st}, nil
}

// info is an fs.FileInfo; Sys is a *abi.Stat.
type info struct {
	name string
	st   abi.Stat
}

func (i *info) Name() string       { return i.name }
func (i *info) Size() int64        { return i.st.Size }
func (i *info) Mode() fs.FileMode  { return hostMode(i.st.Mode) }
func (i *info) ModTime() time.Time { return time.Unix(0, i.st.Mtime) }
func (i *info) IsDir() bool        { return i.st.Mode&abi.S_IFMT == abi.S_IFDIR }
func (i *info) Sys() any           { return &i.st }
func (i *info) String() string     { return fs.FormatFileInfo(i) }

// modeBits are the bits that have other places in fs.FileMode.
var modeBits = []struct {
	guest uint32
	host  fs.FileMode
}{
	{abi.S_ISUID, fs.ModeSetuid}, {abi.S_ISGID, fs.ModeSetgid}, {abi.S_ISVTX, fs.ModeSticky},
}

// guestMode is the permission part of a mode.
func guestMode(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	for _, b := range modeBits {
		if m&b.host != 0 {
			mode |= b.guest
		}
	}
	return mode
}

// hostMode is a mode as io/fs has it.
func hostMode(mode uint32) fs.FileMode {
	m := fs.FileMode(mode & 0o777)
	for _, b := range modeBits {
		if mode&b.guest != 0 {
			m |= b.host
		}
	}
	switch mode & abi.S_IFMT {
	case abi.S_IFDIR:
		m |= fs.ModeDir
	case abi.S_IFLNK:
		m |= fs.ModeSymlink
	case abi.S_IFIFO:
		m |= fs.ModeNamedPipe
	case abi.S_IFSOCK:
		m |= fs.ModeSocket
	case abi.S_IFCHR:
		m |= fs.ModeDevice | fs.ModeCharDevice
	case abi.S_IFBLK:
		m |= fs.ModeDevice
	}
	return m
}
