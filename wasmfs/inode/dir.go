package inode

import (
	"slices"
	"sort"
	"strings"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// entry is one name in a directory.
type entry struct {
	name   string      // "": removed
	node   inode       // nil until somebody asks, where it comes from lower
	lower  wasmfs.Node // what node will be made from
	ino    uint64
	typ    uint32
	cookie int64
}

// dirNode is a directory. Its fields are guarded by FS.tree.
type dirNode struct {
	node
	loaded  bool // the lower directory's entries were taken over
	byName  map[string]*entry
	order   []*entry // by cookie, with removed ones
	removed int      // how many of them are removed
	last    int64    // the last cookie given out
	subdirs uint32
	// restored is how the entries differ from the lower directory's, until
	// they are taken over.
	restored *delta
}

// load takes the lower directory's entries over. Preconditions: tree is held for writing.
func (d *dirNode) load() error {
	if d.loaded {
		return nil
	}
	if r, ok := d.lower.(wasmfs.ReadDirNode); ok {
		l, ok := d.lower.(wasmfs.LookupNode)
		if !ok {
			return abi.EIO
		}
		var failed error
		err := r.ReadDir(0, func(e wasmfs.Dirent) bool {
			child, err := l.Lookup(e.Name)
			if err != nil {
				failed = err
				return false
			}
			if d.restored.has(e.Name) {
				return true
			}
			d.insert(&entry{name: e.Name, lower: child, ino: e.Ino, typ: e.Type})
			return true
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			d.byName, d.order, d.subdirs = nil, nil, 0
			return err
		}
	}
	d.restored.enter(d)
	d.restored = nil
	d.loaded = true
	return nil
}

// rlock takes tree for reading with d loaded.
func (d *dirNode) rlock() error {
	d.fs.tree.RLock()
	if d.loaded {
		return nil
	}
	d.fs.tree.RUnlock()
	d.fs.tree.Lock()
	err := d.load()
	d.fs.tree.Unlock()
	if err != nil {
		return err
	}
	d.fs.tree.RLock()
	return nil
}

// insert adds an entry. Preconditions: tree is held for writing, the name is free.
func (d *dirNode) insert(e *entry) {
	if d.byName == nil {
		d.byName = map[string]*entry{}
	}
	d.last++
	e.cookie = d.last
	d.byName[e.name] = e
	d.order = append(d.order, e)
	if e.typ == abi.S_IFDIR {
		d.subdirs++
	}
}

// remove takes an entry away. Preconditions: tree is held for writing.
func (d *dirNode) remove(e *entry) {
	delete(d.byName, e.name)
	e.name, e.node, e.lower = "", nil, nil
	d.removed++
	if e.typ == abi.S_IFDIR {
		d.subdirs--
	}
	if d.removed > 16 && d.removed > len(d.order)/2 {
		d.order = slices.DeleteFunc(d.order, func(e *entry) bool { return e.name == "" })
		d.removed = 0
	}
}

// get is the node of an entry. Preconditions: tree is held for writing.
func (d *dirNode) get(e *entry) (inode, error) {
	if e.node != nil {
		return e.node, nil
	}
	n, err := d.fs.adopt(e.lower)
	if err != nil {
		return nil, err
	}
	e.node, e.lower = n, nil
	b := n.base()
	b.found(d, e.name)
	if b.parent == nil {
		b.parent, b.name = d, e.name
	}
	if b.typ == abi.S_IFDIR {
		b.nlink.Store(1)
	}
	return n, nil
}

// Lookup implements wasmfs.LookupNode.
func (d *dirNode) Lookup(name string) (wasmfs.Node, error) {
	if err := d.rlock(); err != nil {
		return nil, err
	}
	e := d.byName[name]
	if e == nil {
		d.fs.tree.RUnlock()
		return nil, abi.ENOENT
	}
	n := e.node
	d.fs.tree.RUnlock()
	if n != nil {
		return n, nil
	}
	d.fs.tree.Lock()
	defer d.fs.tree.Unlock()
	if e = d.byName[name]; e == nil {
		return nil, abi.ENOENT
	}
	n, err := d.get(e)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Stat implements wasmfs.Node. A directory's link count is 2 and one for
// each directory in it, 0 once it is removed.
func (d *dirNode) Stat() (abi.Stat, error) {
	if err := d.rlock(); err != nil {
		return abi.Stat{}, err
	}
	subdirs := d.subdirs
	d.fs.tree.RUnlock()
	st := d.stat()
	if st.Nlink > 0 {
		st.Nlink = 2 + subdirs
	}
	st.Size, st.Blocks = 4096, 8
	return st, nil
}

// batch is how many entries ReadDir takes at a time, so that it yields unlocked.
const batch = 64

// ReadDir implements wasmfs.ReadDirNode.
func (d *dirNode) ReadDir(cookie int64, yield func(wasmfs.Dirent) bool) error {
	for {
		var list [batch]wasmfs.Dirent
		n := 0
		if err := d.rlock(); err != nil {
			return err
		}
		i := sort.Search(len(d.order), func(i int) bool { return d.order[i].cookie > cookie })
		for ; i < len(d.order) && n < batch; i++ {
			if e := d.order[i]; e.name != "" {
				list[n] = wasmfs.Dirent{Name: e.name, Ino: e.ino, Type: e.typ, Next: e.cookie}
				n++
			}
		}
		d.fs.tree.RUnlock()
		for _, e := range list[:n] {
			if !yield(e) {
				return nil
			}
			cookie = e.Next
		}
		if n < batch {
			return nil
		}
	}
}

// wlock takes tree for writing with d loaded and still in use; ENOENT once it
// was removed. The caller unlocks, error or not.
func (d *dirNode) wlock() error {
	d.fs.tree.Lock()
	if d.nlink.Load() == 0 {
		return abi.ENOENT
	}
	return d.load()
}

// checkName refuses what can be no entry's name.
func checkName(name string) error {
	switch {
	case len(name) > abi.NameMax:
		return abi.ENAMETOOLONG
	case name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00"):
		return abi.EINVAL
	}
	return nil
}

// put enters n, whose link count has this name already. Preconditions: tree is held for writing, the name is free.
func (d *dirNode) put(name string, n inode) {
	b := n.base()
	d.insert(&entry{name: name, node: n, ino: b.ino, typ: b.typ})
	b.parent, b.name = d, name
	d.markName(name)
}

// Make implements wasmfs.MakeNode.
func (d *dirNode) Make(c *wasmfs.Cred, name string, a wasmfs.MakeAttr) (wasmfs.Node, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	err := d.wlock()
	defer d.fs.tree.Unlock()
	if err != nil {
		return nil, err
	}
	if d.byName[name] != nil {
		return nil, abi.EEXIST
	}
	n, err := d.fs.make(c, d, a)
	if err != nil {
		return nil, err
	}
	n.base().nlink.Store(1)
	d.put(name, n)
	d.touch(true)
	return n, nil
}

// MakeUnnamed implements wasmfs.TmpfileNode.
func (d *dirNode) MakeUnnamed(c *wasmfs.Cred, a wasmfs.MakeAttr, linkable bool) (wasmfs.Node, error) {
	if a.Mode&abi.S_IFMT != abi.S_IFREG {
		return nil, abi.EINVAL
	}
	err := d.wlock()
	defer d.fs.tree.Unlock()
	if err != nil {
		return nil, err
	}
	n, err := d.fs.make(c, d, a)
	if err != nil {
		return nil, err
	}
	f := n.(*fileNode)
	f.linkable = linkable
	f.name = "#" + uitoa(f.ino)
	return f, nil
}

// Link implements wasmfs.LinkNode.
func (d *dirNode) Link(_ *wasmfs.Cred, name string, old wasmfs.Node) error {
	if err := checkName(name); err != nil {
		return err
	}
	n, ok := old.(inode)
	if !ok || n.base().fs != d.fs {
		return abi.EXDEV
	}
	if n.Type() == abi.S_IFDIR {
		return abi.EPERM
	}
	err := d.wlock()
	defer d.fs.tree.Unlock()
	if err != nil {
		return err
	}
	if d.byName[name] != nil {
		return abi.EEXIST
	}
	b := n.base()
	switch links := b.nlink.Load(); {
	case links >= maxLinks:
		return abi.EMLINK
	case links == 0:
		f, ok := n.(*fileNode)
		if !ok || !f.revive() {
			return abi.ENOENT
		}
	default:
		b.nlink.Add(1)
	}
	d.put(name, n)
	b.touch(false)
	d.touch(true)
	return nil
}

// Unlink implements wasmfs.UnlinkNode.
func (d *dirNode) Unlink(c *wasmfs.Cred, name string, dir bool) error {
	err := d.wlock()
	defer d.fs.tree.Unlock()
	if err != nil {
		return err
	}
	e := d.byName[name]
	if e == nil {
		return abi.ENOENT
	}
	n, err := d.get(e)
	if err != nil {
		return err
	}
	if err := d.mayRemove(c, n); err != nil {
		return err
	}
	sub, isDir := n.(*dirNode)
	switch {
	case dir && !isDir:
		return abi.ENOTDIR
	case !dir && isDir:
		return abi.EISDIR
	case isDir:
		if err := sub.empty(); err != nil {
			return err
		}
	}
	d.remove(e)
	d.markName(name)
	d.unname(n)
	d.touch(true)
	return nil
}

// mayRemove is the sticky bit's rule for n in d.
func (d *dirNode) mayRemove(c *wasmfs.Cred, n inode) error {
	if c.Capable {
		return nil
	}
	dst, st := d.stat(), n.base().stat()
	return wasmfs.MayRemove(&dst, &st, c)
}

// empty is ENOTEMPTY for a directory with entries. Preconditions: tree is held for writing.
func (d *dirNode) empty() error {
	if err := d.load(); err != nil {
		return err
	}
	if len(d.byName) > 0 {
		return abi.ENOTEMPTY
	}
	return nil
}

// unname takes one name from n, whose entry is gone already. Preconditions:
// tree is held for writing.
func (d *dirNode) unname(n inode) {
	b := n.base()
	left := b.nlink.Add(^uint32(0))
	b.touch(false)
	if left == 0 {
		delete(d.fs.shared, b.ino)
		delete(d.fs.restored, b.ino)
		n.drop()
	}
}
