package inode

import (
	"fmt"
	"math"
	"strings"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// State is a saved tree: the last Record of each node and the last Name of each entry.
type State struct {
	Records []*Record // by Ino
	Names   []Name
	LastIno uint64
}

// RestoreError says which saved node or name does not fit the rest.
type RestoreError struct {
	Ino  uint64
	Name string
	What string
}

func (e *RestoreError) Error() string {
	if e.Name != "" {
		return fmt.Sprintf("name %q in directory %d: %s", e.Name, e.Ino, e.What)
	}
	return fmt.Sprintf("file %d: %s", e.Ino, e.What)
}

// Restore gives a new, kept FS a saved state. Nodes without a name, files that
// were open when the process ended, are returned with their chunks for the
// caller to delete.
//
// s comes from storage that anybody may have changed: what does not fit together
// is a *RestoreError, and the FS is then not to be used.
func (fs *FS) Restore(s *State) (orphans []Record, err error) {
	fs.tree.Lock()
	defer fs.tree.Unlock()
	r := &restorer{fs: fs, nodes: make(map[uint64]*restoredNode, len(s.Records))}
	fs.restored = map[uint64]inode{}
	if s.LastIno > fs.lastIno {
		fs.lastIno = min(s.LastIno, math.MaxUint64/2)
	}
	for _, rec := range s.Records {
		if r.nodes[rec.Ino] != nil {
			return nil, r.bad(rec, "is there twice")
		}
		if rec.Nlink == 0 {
			r.nodes[rec.Ino] = &restoredNode{rec: rec}
			orphans = append(orphans, *rec)
			continue
		}
		if err := r.node(rec); err != nil {
			return nil, err
		}
	}
	for i := range s.Names {
		if err := r.name(&s.Names[i]); err != nil {
			return nil, err
		}
	}
	for _, rec := range s.Records {
		if err := r.check(r.nodes[rec.Ino]); err != nil {
			return nil, err
		}
	}
	return orphans, nil
}

// Detach loads the contents of all restored files, which then need the store's
// Keeper no more. It goes on after an error and returns the first.
func (fs *FS) Detach() error {
	fs.tree.Lock()
	defer fs.tree.Unlock()
	var first error
	for n := range fs.keep.saved {
		if f, ok := n.self.(*fileNode); ok {
			if err := f.data.Detach(); err != nil && first == nil {
				first = err
			}
		}
	}
	return first
}

// restoredNode is a node being restored; n is nil for one without a name.
type restoredNode struct {
	rec   *Record
	n     inode
	names uint32 // explicit ones
	above bool   // it is known to lie below the root
}

type restorer struct {
	fs    *FS
	nodes map[uint64]*restoredNode
}

func (r *restorer) bad(rec *Record, format string, args ...any) error {
	return &RestoreError{Ino: rec.Ino, What: fmt.Sprintf(format, args...)}
}

// node makes one node, or finds it above its lower node.
func (r *restorer) node(rec *Record) error {
	fs := r.fs
	var n inode
	switch {
	case rec.Based:
		var err error
		if n, err = r.at(rec); err != nil {
			return err
		}
		if n.base().saved {
			return r.bad(rec, "stands on %q as another file does", rec.Lower)
		}
		if n.base().ino != rec.Ino {
			// Chunks are named by number, and the image's files are numbered by
			// its layers alone.
			return r.bad(rec, "%q is numbered %d in this image", rec.Lower, n.base().ino)
		}
	case rec.Ino == fs.root.ino:
		n = fs.root
	default:
		if rec.Ino > fs.lastIno || fs.opt.Lower != nil && rec.Ino <= firstUpper || rec.Ino == 0 {
			return r.bad(rec, "its number was never given out")
		}
		if fs.inodes.Add(1) > fs.opt.MaxInodes {
			return r.bad(rec, "more than %d files", fs.opt.MaxInodes)
		}
		n = newNode(typeOf(rec.Mode))
		b := n.base()
		b.fs, b.ino, b.made, b.self = fs, rec.Ino, true, n
	}
	b := n.base()
	if typeOf(rec.Mode) != b.typ {
		return r.bad(rec, "it has another type than the file below")
	}
	if rec.Nlink > maxLinks {
		return r.bad(rec, "%d links", rec.Nlink)
	}
	b.saved = true
	fs.keep.saved[b] = struct{}{}
	b.attributes = attributes{mode: rec.Mode, uid: rec.UID, gid: rec.GID, rdev: rec.Rdev,
		atime: rec.Atime, mtime: rec.Mtime, ctime: rec.Ctime, btime: rec.Btime}
	b.nlink.Store(rec.Nlink)
	if rec.OwnXattrs {
		b.xattrs = make(map[string][]byte, len(rec.Xattrs))
		for _, x := range rec.Xattrs {
			b.xattrs[x.Name] = x.Value
		}
	}
	switch n := n.(type) {
	case *fileNode:
		if n.data == nil {
			n.data = fs.opt.Store.NewFile()
			fs.name(n)
		}
		if err := n.data.Restore(rec.Data); err != nil {
			return r.bad(rec, "%v", err)
		}
	case *linkNode:
		if rec.Target == "" || len(rec.Target) >= abi.PathMax {
			return r.bad(rec, "a symbolic link to %d bytes", len(rec.Target))
		}
		n.target = rec.Target
	case *dirNode:
		b.nlink.Store(1)
		n.loaded = false
		if n.restored == nil {
			n.restored = &delta{}
		}
	}
	r.nodes[rec.Ino] = &restoredNode{rec: rec, n: n}
	return nil
}

// at is the node that stands on a lower node, with all the directories that
// lead there in the lower FS, wherever they are now.
func (r *restorer) at(rec *Record) (inode, error) {
	fs := r.fs
	if fs.opt.Lower == nil {
		return nil, r.bad(rec, "there is no image below")
	}
	d := fs.root
	if rec.Lower == "" {
		return d, nil
	}
	for path := rec.Lower; ; {
		name, rest, more := strings.Cut(path, "/")
		l, ok := d.lower.(wasmfs.LookupNode)
		if !ok || checkName(name) != nil {
			return nil, r.bad(rec, "no file %q in the image", rec.Lower)
		}
		lower, err := l.Lookup(name)
		if err != nil {
			return nil, r.bad(rec, "no file %q in the image", rec.Lower)
		}
		n, err := fs.adopt(lower)
		if err != nil {
			return nil, r.bad(rec, "%q in the image: %v", rec.Lower, err)
		}
		b := n.base()
		b.found(d, name)
		if b.parent == nil {
			b.parent, b.name = d, name
		}
		fs.restored[b.ino] = n
		if !more {
			return n, nil
		}
		if d, ok = n.(*dirNode); !ok {
			return nil, r.bad(rec, "%q in the image is no directory", name)
		}
		d.nlink.Store(1)
		path = rest
	}
}

// name notes one entry in its directory.
func (r *restorer) name(e *Name) error {
	bad := func(what string) error { return &RestoreError{Ino: e.Dir, Name: e.Name, What: what} }
	in := r.nodes[e.Dir]
	if in == nil || in.n == nil {
		return bad("there is no such directory")
	}
	d, ok := in.n.(*dirNode)
	if !ok {
		return bad("that is no directory")
	}
	if checkName(e.Name) != nil {
		return bad("no file can have that name")
	}
	if d.restored.has(e.Name) {
		return bad("it is there twice")
	}
	var n inode
	if e.Ino != 0 {
		to := r.nodes[e.Ino]
		if to == nil || to.n == nil {
			return bad("the file that it leads to is not there")
		}
		n = to.n
		b := n.base()
		if to.names++; b.typ == abi.S_IFDIR && to.names > 1 || n == r.fs.root {
			return bad("a directory has two names")
		}
		b.parent, b.name = d, e.Name
	}
	d.restored.set(e.Name, n)
	return nil
}

// check sees that a node hangs where one path leads to it, and only one if it
// is a directory.
func (r *restorer) check(x *restoredNode) error {
	if x.n == nil {
		return nil
	}
	b := x.n.base()
	if x.n == r.fs.root {
		return nil
	}
	if b.made && b.typ != abi.S_IFDIR && x.names != x.rec.Nlink || b.made && x.names == 0 {
		return r.bad(x.rec, "%d names for %d links", x.names, x.rec.Nlink)
	}
	if !b.made && x.names > 0 && b.typ == abi.S_IFDIR && (b.parent != b.origin || b.name != b.originName) &&
		!b.origin.restored.has(b.originName) {
		return r.bad(x.rec, "a directory of the image has two names")
	}
	d, ok := x.n.(*dirNode)
	if !ok {
		return nil
	}
	// Up to the root, or to what was seen to lie below it. A chain longer
	// than there are nodes goes round in a circle.
	for steps := 0; d != r.fs.root; steps++ {
		at := r.nodes[d.ino]
		if at != nil && at.n == d && at.above {
			break
		}
		if d.parent == nil || steps > len(r.nodes)+maxLowerDepth {
			return r.bad(x.rec, "a directory does not lie below the root")
		}
		d = d.parent
	}
	x.above = true
	return nil
}

// maxLowerDepth bounds the directories of an image that lie between a
// restored one and the root without having changed.
const maxLowerDepth = abi.PathMax

// delta are entries that differ from the lower directory's, in the order in
// which they were made. nil has none.
type delta struct {
	list []deltaEntry
	at   map[string]int
}

type deltaEntry struct {
	name string
	node inode // nil: no such entry
}

func (t *delta) has(name string) bool {
	if t == nil {
		return false
	}
	_, ok := t.at[name]
	return ok
}

func (t *delta) set(name string, n inode) {
	if t.at == nil {
		t.at = map[string]int{}
	}
	t.at[name] = len(t.list)
	t.list = append(t.list, deltaEntry{name, n})
}

// enter adds the entries to d.
func (t *delta) enter(d *dirNode) {
	if t == nil {
		return
	}
	for _, e := range t.list {
		if e.node != nil {
			b := e.node.base()
			d.insert(&entry{name: e.name, node: e.node, ino: b.ino, typ: b.typ})
		}
	}
}
