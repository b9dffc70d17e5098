package inode

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
)

// Record is all that a node is, but for its names and its chunks' bytes.
type Record struct {
	Ino   uint64
	Gone  bool   // the node is no more; nothing else is set
	New   bool   // no record of it was captured before; it is not saved
	Mode  uint32 // with the type
	Nlink uint32 // directories: 1, or 0 once removed
	UID   uint32
	GID   uint32
	Rdev  uint64
	// Times in ns since the epoch.
	Atime, Mtime, Ctime, Btime int64

	// Based says that the node stands on the lower FS's node at path Lower,
	// components parted by slashes; "" is the root. Lower layers have no
	// pointer that outlives the process, and their names never change.
	Based bool
	Lower string
	// OwnXattrs says that Xattrs replace the lower node's.
	OwnXattrs bool
	Xattrs    []Xattr
	Target    string       // symbolic links
	Data      chunk.Layout // regular files
}

// Xattr is an extended attribute.
type Xattr struct {
	Name  string
	Value []byte
}

// Name is an entry of directory Dir, or, with Ino 0, says that there is none.
type Name struct {
	Dir  uint64
	Name string
	Ino  uint64
}

// Changes are what Capture found. Records come before the Names that need them.
type Changes struct {
	Records []Record
	Names   []Name
	LastIno uint64
	Whole   bool // everything that differs from the lower FS

	nodes []*node     // whose records these are
	names []nameKey   // whose names these are
	files []*fileNode // captured, to be told the end
	gone  []*node
}

// Capture collects what changed since the last one, or, if whole is set, all
// that differs from the lower FS. It is one moment of the tree: no name changes
// meanwhile, and each file's chunks go with its record. Chunks that changed are
// handed out by put and del as in chunk.Capture. Captured must be called before the
// next Capture, and also after an error. Preconditions: the FS is a kept one.
func (fs *FS) Capture(whole bool, put func(ino uint64, index int64, data []byte) error, del func(ino uint64, index int64) error) (*Changes, error) {
	fs.tree.Lock()
	defer fs.tree.Unlock()
	k := fs.keep
	c := &Changes{LastIno: fs.lastIno, Whole: whole}
	k.taken = c
	k.mu.Lock()
	dirty := k.nodes
	k.nodes = map[*node]struct{}{}
	for n := range dirty {
		n.marked.Store(false)
	}
	c.names = slices.Collect(maps.Keys(k.names))
	clear(k.names)
	k.mu.Unlock()
	if whole {
		for n := range k.saved {
			dirty[n] = struct{}{}
		}
	}
	c.nodes = slices.SortedFunc(maps.Keys(dirty), func(a, b *node) int { return cmp.Compare(a.ino, b.ino) })
	for _, n := range c.nodes {
		r, ok, err := fs.record(n, c, put, del)
		if err != nil {
			return c, err
		}
		if ok {
			c.Records = append(c.Records, r)
		}
	}
	if whole {
		return c, fs.allNames(c)
	}
	slices.SortFunc(c.names, func(a, b nameKey) int {
		return cmp.Or(cmp.Compare(a.dir.ino, b.dir.ino), cmp.Compare(a.name, b.name))
	})
	for _, key := range c.names {
		if key.dir.nlink.Load() == 0 {
			continue
		}
		to := Name{Dir: key.dir.ino, Name: key.name}
		if e := key.dir.byName[key.name]; e != nil {
			to.Ino = e.ino
		}
		c.Names = append(c.Names, to)
	}
	return c, nil
}

// record makes a node's record; ok is false where none is needed.
// Preconditions: tree is held for writing.
func (fs *FS) record(n *node, c *Changes, put func(uint64, int64, []byte) error, del func(uint64, int64) error) (r Record, ok bool, err error) {
	f, _ := n.self.(*fileNode)
	n.mu.RLock()
	a, freed := n.attributes, n.nlink.Load() == 0 && (f == nil || f.freed)
	r = Record{Ino: n.ino, New: !n.saved, Mode: a.mode, Nlink: n.nlink.Load(), UID: a.uid, GID: a.gid, Rdev: a.rdev,
		Atime: a.atime, Mtime: a.mtime, Ctime: a.ctime, Btime: a.btime}
	if n.xattrs != nil {
		r.OwnXattrs = true
		for _, name := range slices.Sorted(maps.Keys(n.xattrs)) {
			r.Xattrs = append(r.Xattrs, Xattr{name, bytes.Clone(n.xattrs[name])})
		}
	}
	n.mu.RUnlock()
	if freed {
		c.gone = append(c.gone, n)
		if !n.saved {
			return r, false, nil
		}
		r = Record{Ino: n.ino, Gone: true}
	} else if n.lower != nil {
		r.Based, r.Lower = true, n.lowerPath()
	}
	switch x := n.self.(type) {
	case *linkNode:
		if !freed {
			r.Target = x.target
		}
	case *fileNode:
		c.files = append(c.files, x)
		l, err := x.data.Capture(chunk.Capture{
			Put:    func(i int64, data []byte) error { return put(n.ino, i, data) },
			Delete: func(i int64) error { return del(n.ino, i) },
		})
		if err != nil {
			return r, false, err
		}
		if !freed {
			r.Data = l
		}
	}
	return r, true, nil
}

// allNames collects every entry that is not the lower FS's. Preconditions:
// tree is held for writing.
func (fs *FS) allNames(c *Changes) error {
	for _, n := range c.nodes {
		d, ok := n.self.(*dirNode)
		if !ok || d.nlink.Load() == 0 {
			continue
		}
		if err := d.load(); err != nil {
			return err
		}
		lower, _ := d.lower.(wasmfs.LookupNode)
		for _, e := range d.order {
			if e.name == "" || e.node == nil || e.node.base().isAt(lower, e.name) {
				continue
			}
			c.Names = append(c.Names, Name{Dir: d.ino, Name: e.name, Ino: e.ino})
		}
		r, ok := d.lower.(wasmfs.ReadDirNode)
		if !ok {
			continue
		}
		err := r.ReadDir(0, func(e wasmfs.Dirent) bool {
			if d.byName[e.Name] == nil {
				c.Names = append(c.Names, Name{Dir: d.ino, Name: e.Name})
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// isAt reports whether the lower directory has n's own lower node by a name.
func (n *node) isAt(lower wasmfs.LookupNode, name string) bool {
	if n.lower == nil || lower == nil {
		return false
	}
	at, err := lower.Lookup(name)
	return err == nil && at == n.lower
}

// Captured says whether the last Capture's changes were saved. If they were
// not, they count as changes again.
func (fs *FS) Captured(ok bool) {
	fs.tree.Lock()
	defer fs.tree.Unlock()
	k := fs.keep
	c := k.taken
	k.taken = nil
	for _, f := range c.files {
		f.data.Captured(ok)
	}
	if ok {
		for _, n := range c.nodes {
			n.saved = true
			k.saved[n] = struct{}{}
		}
		for _, n := range c.gone {
			n.saved = false
			delete(k.saved, n)
		}
		return
	}
	for _, n := range c.nodes {
		n.mark()
	}
	k.mu.Lock()
	for _, key := range c.names {
		k.names[key] = struct{}{}
	}
	k.mu.Unlock()
}

// typeOf is the file type in a mode.
func typeOf(mode uint32) uint32 { return mode & abi.S_IFMT }
