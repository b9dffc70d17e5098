package overlay

import (
	"cmp"
	"io"
	"maps"
	"slices"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/tarfs"
)

// FS is a merged, read-only tree. It is immutable and safe for concurrent use.
type FS struct {
	root *node
	last uint64 // inode number
}

// number gives a node its inode number, once.
func (fs *FS) number(n *node) {
	if n.ino == 0 {
		fs.last++
		n.ino = fs.last
	}
}

// Root implements wasmfs.FS.
func (fs *FS) Root() wasmfs.Node { return fs.root.as() }

// Kind implements wasmfs.FS.
func (fs *FS) Kind() string { return "overlay" }

// node is a file of any type; as gives it the methods of its type.
type node struct {
	typ      uint32
	ino      uint64
	nlink    uint32       // files
	entry    *tarfs.Entry // nil: a directory that no layer describes
	layer    *tarfs.Layer
	parent   *node // directories
	name     string
	children []child // directories, by name

	names map[string]*node // while merging
}

// child is a directory entry.
type child struct {
	name string
	node *node
}

// dirNode, fileNode and linkNode are a node with the methods of its type. They
// are equal when their nodes are.
type (
	dirNode  struct{ *node }
	fileNode struct{ *node }
	linkNode struct{ *node }
)

func (n *node) as() wasmfs.Node {
	switch n.typ {
	case abi.S_IFDIR:
		return dirNode{n}
	case abi.S_IFREG:
		return fileNode{n}
	case abi.S_IFLNK:
		return linkNode{n}
	}
	return n
}

// Type implements wasmfs.Node.
func (n *node) Type() uint32 { return n.typ }

// Stat implements wasmfs.Node.
func (n *node) Stat() (abi.Stat, error) {
	st := abi.Stat{Ino: n.ino, Mode: abi.S_IFDIR | 0o755, Nlink: n.nlink, Blksize: 4096}
	if e := n.entry; e != nil {
		st.Mode, st.UID, st.GID, st.Rdev = e.Mode, e.UID, e.GID, e.Rdev
		st.Atime, st.Mtime, st.Ctime, st.Btime = e.Atime, e.Mtime, e.Ctime, e.Mtime
	}
	switch n.typ {
	case abi.S_IFDIR:
		st.Nlink, st.Size, st.Blocks = 2, 4096, 8
		for _, c := range n.children {
			if c.node.typ == abi.S_IFDIR {
				st.Nlink++
			}
		}
	case abi.S_IFREG:
		st.Size = n.entry.Size
		st.Blocks = (st.Size + 511) / 512
	case abi.S_IFLNK:
		st.Size = int64(len(n.entry.Link))
	}
	return st, nil
}

// Getxattr implements wasmfs.XattrNode.
func (n *node) Getxattr(name string) ([]byte, error) {
	if n.entry != nil {
		if v, ok := n.entry.Xattrs[name]; ok {
			return []byte(v), nil
		}
	}
	return nil, abi.ENODATA
}

// Listxattr implements wasmfs.XattrNode.
func (n *node) Listxattr() ([]string, error) {
	if n.entry == nil {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(n.entry.Xattrs)), nil
}

// Setxattr implements wasmfs.XattrNode.
func (n *node) Setxattr(string, []byte, int) error { return abi.EROFS }

// Removexattr implements wasmfs.XattrNode.
func (n *node) Removexattr(string) error { return abi.EROFS }

// Readlink implements wasmfs.ReadlinkNode.
func (l linkNode) Readlink(*wasmfs.Env) (string, error) { return l.entry.Link, nil }

// find is the place of a name in d's children.
func (d dirNode) find(name string) (int, bool) {
	return slices.BinarySearchFunc(d.children, name, func(c child, name string) int { return cmp.Compare(c.name, name) })
}

// Lookup implements wasmfs.LookupNode.
func (d dirNode) Lookup(name string) (wasmfs.Node, error) {
	i, ok := d.find(name)
	if !ok {
		return nil, abi.ENOENT
	}
	return d.children[i].node.as(), nil
}

// ReadDir implements wasmfs.ReadDirNode.
func (d dirNode) ReadDir(cookie int64, yield func(wasmfs.Dirent) bool) error {
	for i := cookie; i < int64(len(d.children)); i++ {
		c := d.children[i]
		if !yield(wasmfs.Dirent{Name: c.name, Ino: c.node.ino, Type: c.node.typ, Next: i + 1}) {
			return nil
		}
	}
	return nil
}

// Parent implements wasmfs.ParentNode.
func (d dirNode) Parent() (wasmfs.Node, string, bool) { return dirNode{d.parent}, d.name, true }

// Open implements wasmfs.OpenNode.
func (f fileNode) Open(_ *wasmfs.Env, flags int) (wasmfs.File, error) {
	if flags&abi.O_ACCMODE != abi.O_RDONLY || flags&abi.O_TRUNC != 0 {
		return nil, abi.EROFS
	}
	return &file{ReaderAt: f.layer.Contents(f.entry), f: f}, nil
}

// file is an open regular file.
type file struct {
	io.ReaderAt
	f fileNode
}

// Close implements wasmfs.File.
func (f *file) Close() error { return nil }

// Size implements wasmfs.SizeFile.
func (f *file) Size() int64 { return f.f.entry.Size }

// Resident implements wasmfs.LazyFile.
func (f *file) Resident(off, n int64) bool { return f.f.layer.Resident(f.f.entry, off, n) }

// Load implements wasmfs.LazyFile.
func (f *file) Load(off, n int64) error { return f.f.layer.Load(f.f.entry, off, n) }

// Digest implements wasmfs.DigestFile.
func (f *file) Digest() ([32]byte, bool) {
	sum, err := f.f.layer.Digest(f.f.entry)
	return sum, err == nil
}
