//go:build !js

// Package host shows a host directory as a read-only file system, to stand
// below an inode.FS (boxer run --rootfs DIR).
//
// Every access goes through os.Root, so no symbolic link leads out of the
// directory, whoever changes what meanwhile. Links are the guest's: they are
// handed over as text and resolved inside the box, where /etc means the box's own.
//
// The host's user is uid 0 in the box, its group gid 0; other ids are shown as
// they are. Extended attributes are not shown. The directory should not change
// while a box uses it: names are taken over when the box first looks, a file
// that shrank reads as EIO, one that grew is cut to its old length.
package host

import (
	"crypto/sha256"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// FS is a host directory. It is safe for concurrent use.
type FS struct {
	dir  *os.Root
	root *dirNode

	mu      sync.Mutex
	inos    map[identity]uint64
	digests map[identity]hashed
}

// identity is what makes two host names one file.
type identity struct{ dev, ino uint64 }

// hashed is a digest with the state of the file it was computed of.
type hashed struct {
	sum                [32]byte
	size, mtime, ctime int64
}

// New opens a host directory.
func New(dir string) (*FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	x := &FS{dir: root, inos: map[identity]uint64{}, digests: map[identity]hashed{}}
	x.root = &dirNode{node{fs: x, path: ".", typ: abi.S_IFDIR}, nil}
	x.root.parent = x.root
	st, id := x.stat(".", info)
	x.root.st, x.root.id = st, id
	return x, nil
}

// Close gives the directory back; files that are open stay usable.
func (x *FS) Close() error { return x.dir.Close() }

// Root implements wasmfs.FS.
func (x *FS) Root() wasmfs.Node { return x.root }

// Kind implements wasmfs.FS.
func (x *FS) Kind() string { return "host" }

// number is the inode number of a host file, counted from 1.
func (x *FS) number(id identity) uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	n, ok := x.inos[id]
	if !ok {
		n = uint64(len(x.inos) + 1)
		x.inos[id] = n
	}
	return n
}

// stat turns what the host says into what the guest sees.
func (x *FS) stat(path string, info fs.FileInfo) (abi.Stat, identity) {
	st := abi.Stat{Mode: guestMode(info.Mode()), Nlink: 1, Size: info.Size(), Blksize: 4096, Mtime: info.ModTime().UnixNano()}
	st.Atime, st.Ctime = st.Mtime, st.Mtime
	id, ok := hostStat(info, &st)
	if !ok {
		h := fnv.New64a() // each name is a file
		io.WriteString(h, path)
		id = identity{ino: h.Sum64()}
	}
	st.Ino = x.number(id)
	st.Blocks = (st.Size + 511) / 512
	return st, id
}

// guestMode is a mode as Linux has it.
func guestMode(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	for _, b := range []struct {
		host  fs.FileMode
		guest uint32
	}{{fs.ModeSetuid, abi.S_ISUID}, {fs.ModeSetgid, abi.S_ISGID}, {fs.ModeSticky, abi.S_ISVTX}} {
		if m&b.host != 0 {
			mode |= b.guest
		}
	}
	switch m.Type() {
	case 0:
		return mode | abi.S_IFREG
	case fs.ModeDir:
		return mode | abi.S_IFDIR
	case fs.ModeSymlink:
		return mode | abi.S_IFLNK
	case fs.ModeNamedPipe:
		return mode | abi.S_IFIFO
	case fs.ModeSocket:
		return mode | abi.S_IFSOCK
	case fs.ModeDevice:
		return mode | abi.S_IFBLK
	default:
		return mode | abi.S_IFCHR
	}
}

// errno is what the guest sees of the host's error.
func errno(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return abi.ENOENT
	case errors.Is(err, fs.ErrPermission):
		return abi.EACCES
	}
	return abi.EIO
}

// node is a file as it was when it was looked up.
type node struct {
	fs   *FS
	path string // in os.Root's form
	typ  uint32
	st   abi.Stat
	id   identity
}

// Type implements wasmfs.Node.
func (n *node) Type() uint32 { return n.typ }

// Stat implements wasmfs.Node.
func (n *node) Stat() (abi.Stat, error) { return n.st, nil }

// dirNode is a directory.
type dirNode struct {
	node
	parent *dirNode
}

// Parent implements wasmfs.ParentNode.
func (d *dirNode) Parent() (wasmfs.Node, string, bool) {
	return d.parent, d.path[strings.LastIndexByte(d.path, '/')+1:], true
}

// below is the path of an entry.
func (d *dirNode) below(name string) string {
	if d.path == "." {
		return name
	}
	return d.path + "/" + name
}

// Lookup implements wasmfs.LookupNode.
func (d *dirNode) Lookup(name string) (wasmfs.Node, error) {
	path := d.below(name)
	info, err := d.fs.dir.Lstat(path)
	if err != nil {
		return nil, errno(err)
	}
	st, id := d.fs.stat(path, info)
	n := node{fs: d.fs, path: path, typ: st.Mode & abi.S_IFMT, st: st, id: id}
	switch n.typ {
	case abi.S_IFDIR:
		return &dirNode{n, d}, nil
	case abi.S_IFREG:
		return &fileNode{n}, nil
	case abi.S_IFLNK:
		return &linkNode{n}, nil
	}
	return &n, nil
}

// ReadDir implements wasmfs.ReadDirNode. Cookies are places in the sorted list.
func (d *dirNode) ReadDir(cookie int64, yield func(wasmfs.Dirent) bool) error {
	f, err := d.fs.dir.Open(d.path)
	if err != nil {
		return errno(err)
	}
	list, err := f.ReadDir(-1)
	f.Close()
	if err != nil {
		return errno(err)
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for i := cookie; i < int64(len(list)); i++ {
		info, err := list[i].Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return errno(err)
		}
		st, _ := d.fs.stat(d.below(list[i].Name()), info)
		if !yield(wasmfs.Dirent{Name: list[i].Name(), Ino: st.Ino, Type: st.Mode & abi.S_IFMT, Next: i + 1}) {
			return nil
		}
	}
	return nil
}

// linkNode is a symbolic link.
type linkNode struct{ node }

// Readlink implements wasmfs.ReadlinkNode.
func (l *linkNode) Readlink(*wasmfs.Env) (string, error) {
	s, err := l.fs.dir.Readlink(l.path)
	return s, errno(err)
}

// fileNode is a regular file.
type fileNode struct{ node }

// Open implements wasmfs.OpenNode.
func (n *fileNode) Open(_ *wasmfs.Env, flags int) (wasmfs.File, error) {
	if flags&abi.O_ACCMODE != abi.O_RDONLY || flags&abi.O_TRUNC != 0 {
		return nil, abi.EROFS
	}
	f, err := n.fs.dir.OpenFile(n.path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, errno(err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, abi.EIO
	}
	return &file{n: n, f: f}, nil
}

// file is an open regular file.
type file struct {
	n *fileNode
	f *os.File
}

// Close implements wasmfs.File.
func (f *file) Close() error { return errno(f.f.Close()) }

// Size implements wasmfs.SizeFile.
func (f *file) Size() int64 { return f.n.st.Size }

// ReadAt implements io.ReaderAt.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	if err == io.EOF {
		return n, err
	}
	return n, errno(err)
}

// Digest implements wasmfs.DigestFile. A digest is remembered with the file's
// size and times and computed again when these differ. ok is false when the
// file is not the one that was looked up, or changes while it is read.
func (f *file) Digest() (sum [32]byte, ok bool) {
	before, id, err := f.state()
	if err != nil || id != f.n.id || before.size != f.n.st.Size || before.mtime != f.n.st.Mtime {
		return sum, false
	}
	x := f.n.fs
	x.mu.Lock()
	known, have := x.digests[id]
	x.mu.Unlock()
	if have && known.size == before.size && known.mtime == before.mtime && known.ctime == before.ctime {
		return known.sum, true
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f.f, 0, before.size)); err != nil {
		return sum, false
	}
	if after, _, err := f.state(); err != nil || after != before {
		return sum, false
	}
	h.Sum(before.sum[:0])
	x.mu.Lock()
	x.digests[id] = before
	x.mu.Unlock()
	return before.sum, true
}

// state is what tells one version of the file from the next.
func (f *file) state() (hashed, identity, error) {
	info, err := f.f.Stat()
	if err != nil {
		return hashed{}, identity{}, err
	}
	st := abi.Stat{Ctime: info.ModTime().UnixNano()}
	id, ok := hostStat(info, &st)
	if !ok {
		return hashed{}, identity{}, errors.ErrUnsupported
	}
	return hashed{size: info.Size(), mtime: info.ModTime().UnixNano(), ctime: st.Ctime}, id, nil
}
