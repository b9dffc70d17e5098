package inode

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// inode is any node of this package.
type inode interface {
	wasmfs.Node
	base() *node
	// drop is called once the last name is gone. Preconditions: tree is held
	// for writing.
	drop()
}

// attributes of a node, guarded by its mu.
type attributes struct {
	mode                       uint32 // with the type
	uid, gid                   uint32
	rdev                       uint64
	atime, mtime, ctime, btime int64
}

// node is what all types of file have.
type node struct {
	fs    *FS
	ino   uint64
	typ   uint32
	made  bool          // counted in FS.inodes
	lower wasmfs.Node   // what it stands for; nil if made here
	nlink atomic.Uint32 // names; written with tree held. Directories: 1, or 0 once removed

	// The last name it was given; guarded by tree. Other names may exist.
	parent *dirNode
	name   string
	// Where the lower node was found: by this name in what origin stands
	// for. Guarded by tree.
	origin     *dirNode
	originName string

	// A kept FS (keep.go): the node itself, whether it is in keeping.nodes,
	// and whether a record of it was captured.
	self   inode
	marked atomic.Bool
	saved  bool // guarded by tree

	mu sync.RWMutex
	attributes
	xattrs map[string][]byte // nil: as the lower node's
}

func (n *node) base() *node { return n }

// Type implements wasmfs.Node.
func (n *node) Type() uint32 { return n.typ }

// drop gives the inode back.
func (n *node) drop() {
	n.mark()
	if n.made {
		n.fs.inodes.Add(-1)
	}
}

// stat fills what all types share.
func (n *node) stat() abi.Stat {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return abi.Stat{Ino: n.ino, Mode: n.mode, Nlink: n.nlink.Load(), UID: n.uid, GID: n.gid, Rdev: n.rdev,
		Blksize: 4096, Atime: n.atime, Mtime: n.mtime, Ctime: n.ctime, Btime: n.btime}
}

// touch sets change time, and the modification time with it if contents is set.
func (n *node) touch(contents bool) {
	now := n.fs.opt.Now()
	n.mu.Lock()
	n.ctime = now
	if contents {
		n.mtime = now
	}
	n.mu.Unlock()
	n.mark()
}

// Parent implements wasmfs.ParentNode.
func (n *node) Parent() (wasmfs.Node, string, bool) {
	n.fs.tree.RLock()
	defer n.fs.tree.RUnlock()
	if n.parent == nil {
		return nil, n.name, false
	}
	if n.typ == abi.S_IFDIR {
		return n.parent, n.name, n.nlink.Load() > 0
	}
	e := n.parent.byName[n.name]
	return n.parent, n.name, e != nil && e.node != nil && e.node.base() == n
}

// SetAttr implements wasmfs.AttrNode.
func (n *node) SetAttr(a wasmfs.Attr) error {
	now := n.fs.opt.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if a.Set&wasmfs.SetMode != 0 {
		n.mode = n.mode&abi.S_IFMT | a.Mode&0o7777
	}
	if a.Set&wasmfs.SetUID != 0 {
		n.uid = a.UID
	}
	if a.Set&wasmfs.SetGID != 0 {
		n.gid = a.GID
	}
	switch {
	case a.Set&wasmfs.SetAtimeNow != 0:
		n.atime = now
	case a.Set&wasmfs.SetAtime != 0:
		n.atime = a.Atime
	}
	switch {
	case a.Set&wasmfs.SetMtimeNow != 0:
		n.mtime = now
	case a.Set&wasmfs.SetMtime != 0:
		n.mtime = a.Mtime
	}
	n.ctime = now
	n.mark()
	return nil
}

// maxXattrs is the most bytes of names and values that one file's attributes
// take, as ext4 has with large inodes.
const maxXattrs = 64 << 10

// ownXattrs copies the lower node's attributes up. Preconditions: mu is held for writing.
func (n *node) ownXattrs() error {
	if n.xattrs != nil {
		return nil
	}
	own := map[string][]byte{}
	if x, ok := n.lower.(wasmfs.XattrNode); ok {
		names, err := x.Listxattr()
		if err != nil {
			return err
		}
		for _, name := range names {
			if own[name], err = x.Getxattr(name); err != nil {
				return err
			}
		}
	}
	n.xattrs = own
	return nil
}

// Getxattr implements wasmfs.XattrNode.
func (n *node) Getxattr(name string) ([]byte, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.xattrs == nil {
		if x, ok := n.lower.(wasmfs.XattrNode); ok {
			return x.Getxattr(name)
		}
	}
	v, ok := n.xattrs[name]
	if !ok {
		return nil, abi.ENODATA
	}
	return slices.Clone(v), nil
}

// Listxattr implements wasmfs.XattrNode.
func (n *node) Listxattr() ([]string, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.xattrs == nil {
		if x, ok := n.lower.(wasmfs.XattrNode); ok {
			return x.Listxattr()
		}
	}
	return slices.Sorted(maps.Keys(n.xattrs)), nil
}

// Setxattr implements wasmfs.XattrNode.
func (n *node) Setxattr(name string, value []byte, flags int) error {
	now := n.fs.opt.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.ownXattrs(); err != nil {
		return err
	}
	_, have := n.xattrs[name]
	switch {
	case have && flags&abi.XATTR_CREATE != 0:
		return abi.EEXIST
	case !have && flags&abi.XATTR_REPLACE != 0:
		return abi.ENODATA
	}
	total := len(name) + len(value)
	for k, v := range n.xattrs {
		if k != name {
			total += len(k) + len(v)
		}
	}
	if total > maxXattrs {
		return abi.ENOSPC
	}
	n.xattrs[name] = slices.Clone(value)
	n.ctime = now
	n.mark()
	return nil
}

// Removexattr implements wasmfs.XattrNode.
func (n *node) Removexattr(name string) error {
	now := n.fs.opt.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.ownXattrs(); err != nil {
		return err
	}
	if _, ok := n.xattrs[name]; !ok {
		return abi.ENODATA
	}
	delete(n.xattrs, name)
	n.ctime = now
	n.mark()
	return nil
}

// linkNode is a symbolic link.
type linkNode struct {
	node
	target string // never changes
}

// Stat implements wasmfs.Node.
func (n *linkNode) Stat() (abi.Stat, error) {
	st := n.stat()
	st.Size = int64(len(n.target))
	return st, nil
}

// Readlink implements wasmfs.ReadlinkNode.
func (n *linkNode) Readlink(*wasmfs.Env) (string, error) { return n.target, nil }

// specialNode is a FIFO, a socket or a device.
type specialNode struct{ node }

// Stat implements wasmfs.Node.
func (n *specialNode) Stat() (abi.Stat, error) { return n.stat(), nil }
