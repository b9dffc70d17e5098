// Package inode is the writable file system: names, links, owners, times and
// extended attributes in memory, file contents in a chunk.Store.
//
// It can stand on a read-only lower FS. Nothing is copied when it is made: a
// directory takes its entries over from the lower one when it is first looked
// into, a file reads the lower contents until each chunk is first written. From
// then on names belong to the tree alone, so a removal needs no whiteout and
// the rename of a lower directory is the move of one pointer. What changed
// against the lower FS can be found by comparing the two (an image layer
// is made that way).
//
// # Locks
//
// FS.tree guards all names: directory entries, parents, link counts. It is one
// lock for the file system, since structural changes take well below a microsecond
// and a lock for each directory makes rename the classic source of deadlocks.
// node.mu guards one node's attributes, and what fileNode adds. Order: tree, mu,
// then package chunk's.
package inode

import (
	"sync"
	"sync/atomic"
	"time"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
)

// firstUpper is the first inode number that the tree gives out above a lower
// FS, whose numbers lie below it.
const firstUpper = 1 << 32

// DefaultMaxInodes bounds the files a box can make where Options say nothing.
const DefaultMaxInodes = 1 << 20

// maxLinks is the most names a file can have, as ext4 has it.
const maxLinks = 65000

// Options configure an FS.
type Options struct {
	// Store keeps the contents.
	Store *chunk.Store
	// Lower is the read-only FS below; nil for an empty file system. It
	// gives inode numbers below 1<<32, the same one for each name of a file, and
	// never changes.
	Lower wasmfs.FS
	// Kind is the FS's name in /proc/mounts; "" means tmpfs, or overlay above
	// a Lower.
	Kind string
	// Now is the clock, in ns since the epoch; nil means the host's.
	Now func() int64
	// MaxInodes bounds the files that are made (ENOSPC); 0 means
	// DefaultMaxInodes.
	MaxInodes int64
	// RootMode are the root directory's permissions without a Lower; 0 means 0755.
	RootMode uint32
	// Changed makes a kept FS, which Capture and Restore can save; Store is
	// then a kept store. It is called when something changed that Capture has
	// not handed out, with locks held: it must return at once.
	Changed func()
}

// FS is a writable file system. It implements wasmfs.StatFS and SyncFS.
type FS struct {
	opt    Options
	root   *dirNode
	inodes atomic.Int64 // made here and still alive

	tree    sync.RWMutex
	lastIno uint64
	shared  map[uint64]inode // lower files with several names, by number

	keep     *keeping         // nil: not kept
	restored map[uint64]inode // by the lower node's number; guarded by tree
}

// New makes a file system.
func New(opt Options) (*FS, error) {
	if opt.Now == nil {
		opt.Now = func() int64 { return time.Now().UnixNano() }
	}
	if opt.MaxInodes <= 0 {
		opt.MaxInodes = DefaultMaxInodes
	}
	if opt.RootMode == 0 {
		opt.RootMode = 0o755
	}
	if opt.Kind == "" {
		opt.Kind = "tmpfs"
		if opt.Lower != nil {
			opt.Kind = "overlay"
		}
	}
	fs := &FS{opt: opt, shared: map[uint64]inode{}}
	if opt.Changed != nil {
		fs.keep = newKeeping(opt.Changed)
	}
	if opt.Lower != nil {
		fs.lastIno = firstUpper
		n, err := fs.adopt(opt.Lower.Root())
		if err != nil {
			return nil, err
		}
		root, ok := n.(*dirNode)
		if !ok {
			return nil, abi.ENOTDIR
		}
		fs.root = root
	} else {
		n, err := fs.make(wasmfs.Root, nil, wasmfs.MakeAttr{Mode: abi.S_IFDIR | opt.RootMode})
		if err != nil {
			return nil, err
		}
		fs.root = n.(*dirNode)
	}
	fs.root.parent, fs.root.name = fs.root, "/"
	fs.root.nlink.Store(1)
	return fs, nil
}

// Root implements wasmfs.FS.
func (fs *FS) Root() wasmfs.Node { return fs.root }

// Kind implements wasmfs.FS.
func (fs *FS) Kind() string { return fs.opt.Kind }

// Store is the store of the contents.
func (fs *FS) Store() *chunk.Store { return fs.opt.Store }

// unlimited is the size that statfs shows for a store without a limit.
const unlimited = 64 << 30

// Statfs implements wasmfs.StatFS.
func (fs *FS) Statfs() abi.Statfs {
	const block = 4096
	used := fs.opt.Store.Used()
	size := fs.opt.Store.Limit()
	if size == 0 {
		size = max(unlimited, 2*used)
	}
	st := abi.Statfs{
		Type: abi.TMPFS_MAGIC, Bsize: block, Frsize: block, Namelen: abi.NameMax,
		Blocks: uint64(size / block), Bfree: uint64(max(size-used, 0) / block),
		Files: uint64(fs.opt.MaxInodes), Ffree: uint64(max(fs.opt.MaxInodes-fs.inodes.Load(), 0)),
	}
	if fs.opt.Lower != nil {
		st.Type = abi.OVERLAYFS_MAGIC
	}
	st.Bavail = st.Bfree
	return st
}

// Sync implements wasmfs.SyncFS.
func (fs *FS) Sync() error { return fs.opt.Store.Sync() }

// name gives a file's chunks their name in a kept store.
func (fs *FS) name(n *fileNode) {
	if fs.keep != nil {
		n.data.SetID(n.ino)
	}
}

// make makes a node that has no name yet; dir, which may be nil, is where it
// will get one. Preconditions: tree is held for writing, or fs is new.
func (fs *FS) make(c *wasmfs.Cred, dir *dirNode, a wasmfs.MakeAttr) (inode, error) {
	if fs.inodes.Add(1) > fs.opt.MaxInodes {
		fs.inodes.Add(-1)
		return nil, abi.ENOSPC
	}
	fs.lastIno++
	now := fs.opt.Now()
	uid, gid, mode := c.UID, c.GID, a.Mode
	if dir != nil {
		dir.mu.RLock()
		uid, gid, mode = wasmfs.NewOwner(&abi.Stat{Mode: dir.mode, GID: dir.gid}, c, mode)
		dir.mu.RUnlock()
	}
	n := newNode(mode & abi.S_IFMT)
	b := n.base()
	b.fs, b.ino, b.made, b.self = fs, fs.lastIno, true, n
	b.attributes = attributes{mode: mode, uid: uid, gid: gid, rdev: a.Rdev, atime: now, mtime: now, ctime: now, btime: now}
	switch n := n.(type) {
	case *dirNode:
		n.loaded = true
	case *fileNode:
		n.data = fs.opt.Store.NewFile()
		fs.name(n)
	case *linkNode:
		n.target = a.Target
	}
	b.mark()
	return n, nil
}

// newNode makes an empty node of a type.
func newNode(typ uint32) inode {
	switch typ {
	case abi.S_IFDIR:
		return &dirNode{node: node{typ: typ}}
	case abi.S_IFREG:
		return &fileNode{node: node{typ: typ}}
	case abi.S_IFLNK:
		return &linkNode{node: node{typ: typ}}
	default:
		return &specialNode{node{typ: typ}}
	}
}

// adopt makes the node of a lower node, or finds it where that has several
// names. Preconditions: tree is held for writing, or fs is new.
func (fs *FS) adopt(lower wasmfs.Node) (inode, error) {
	st, err := lower.Stat()
	if err != nil {
		return nil, err
	}
	dir := lower.Type() == abi.S_IFDIR
	if n := fs.shared[st.Ino]; n != nil && !dir {
		return n, nil
	}
	if n := fs.restored[st.Ino]; n != nil {
		return n, nil
	}
	n, err := fs.copyUp(lower, &st)
	if err != nil {
		return nil, err
	}
	if !dir {
		n.base().nlink.Store(max(st.Nlink, 1))
		if st.Nlink > 1 {
			fs.shared[st.Ino] = n
		}
	}
	return n, nil
}

// copyUp makes a node with a lower node's attributes.
func (fs *FS) copyUp(lower wasmfs.Node, st *abi.Stat) (inode, error) {
	n := newNode(lower.Type())
	b := n.base()
	b.fs, b.ino, b.lower, b.self = fs, st.Ino, lower, n
	b.attributes = attributes{mode: st.Mode, uid: st.UID, gid: st.GID, rdev: st.Rdev,
		atime: st.Atime, mtime: st.Mtime, ctime: st.Ctime, btime: st.Btime}
	switch n := n.(type) {
	case *fileNode:
		if o, ok := lower.(wasmfs.OpenNode); ok && st.Size > 0 {
			n.below = &lowerFile{node: o}
			n.data = fs.opt.Store.NewFileOver(n.below, st.Size)
		} else {
			n.data = fs.opt.Store.NewFile()
		}
		fs.name(n)
	case *linkNode:
		l, ok := lower.(wasmfs.ReadlinkNode)
		if !ok {
			return nil, abi.EIO
		}
		var err error
		if n.target, err = l.Readlink(nil); err != nil {
			return nil, err
		}
	}
	return n, nil
}
