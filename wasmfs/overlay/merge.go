// Package overlay makes one file system of an image's layers: Merge applies
// tarfs layers one upon the other, as unpacking them in order would, to a
// read-only tree; New puts a writable inode.FS on top.
//
// Since the layers are applied rather than stacked, the rules are those of
// the OCI image specification for unpacking, and lookups cost one map. A
// layer's whiteouts come first, as they speak of lower layers only, whatever
// their place in the archive. Then its entries in order:
//
//   - a directory upon a directory changes its attributes; anything else
//     replaces what was there;
//   - missing directories are made, root's, mode 0755;
//   - a symbolic link on the way to an entry's parent is followed inside the
//     tree, as programs that unpack do (a layer with lib/x upon an image whose
//     /lib is a link to usr/lib), never out of it;
//   - a hard link may name a file of a lower layer.
//
// An inode number is the same for all names of a file and depends on the layers
// alone.
package overlay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"boxer/runtime/abi"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
	"boxer/wasmfs/tarfs"
)

// maxSteps bounds the work of Merge in directory lookups for each entry on
// average: real layers need some ten, hostile ones could ask for 80,000.
const maxSteps = 200

// maxNodes bounds the files and directories of a merged tree, with those that
// archives only imply.
const maxNodes = 2_000_000

// Error says which layer cannot be applied and why.
type Error struct {
	Layer int    // counted from 0, the lowest
	Name  string // of the entry
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("layer %d, %q: %v", e.Layer, e.Name, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// New makes the file system of a box: the layers, lowest first, below a
// writable tree whose contents go to store.
func New(store *chunk.Store, layers ...*tarfs.Layer) (*inode.FS, error) {
	lower, err := Merge(layers...)
	if err != nil {
		return nil, err
	}
	return inode.New(inode.Options{Store: store, Lower: lower})
}

// Merge applies layers, the lowest first. The result can be shared by boxes.
func Merge(layers ...*tarfs.Layer) (*FS, error) {
	m := &merger{}
	m.root = m.dir()
	m.root.parent = m.root
	for i, l := range layers {
		m.layer = l
		m.budget += 10_000 + maxSteps*len(l.Entries())
		if err := m.apply(l.Entries()); err != nil {
			err.Layer = i
			return nil, err
		}
	}
	fs := &FS{root: m.root}
	m.root.freeze(fs)
	return fs, nil
}

// merger is a tree being made.
type merger struct {
	root    *node
	layer   *tarfs.Layer
	budget  int // lookups left
	nodes   int
	lastDir string // the parent of the entry before
	lastHit *node
}

func (m *merger) dir() *node {
	return &node{typ: abi.S_IFDIR, names: map[string]*node{}}
}

// apply adds one layer's entries to the tree.
func (m *merger) apply(entries []tarfs.Entry) *Error {
	for i := range entries {
		if e := &entries[i]; e.Kind == tarfs.Whiteout || e.Kind == tarfs.Opaque {
			if err := m.hide(e); err != nil {
				return &Error{Name: e.Name, Err: err}
			}
		}
	}
	m.lastHit = nil
	for i := range entries {
		e := &entries[i]
		var err error
		switch e.Kind {
		case tarfs.Node:
			err = m.node(e)
		case tarfs.Hardlink:
			err = m.link(e)
		}
		if err != nil {
			return &Error{Name: e.Name, Err: err}
		}
	}
	return nil
}

// split parts a path into its directory and its last component.
func split(name string) (dir, base string) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}

// hide applies a whiteout or an opaque marker. Links on the way are not
// followed: a marker speaks of the directory that its layer has there.
func (m *merger) hide(e *tarfs.Entry) error {
	dir, base := split(e.Name)
	if e.Kind == tarfs.Opaque {
		dir = e.Name
	}
	d := m.root
	for part := range parts(dir) {
		if err := m.step(1); err != nil {
			return err
		}
		if d = d.names[part]; d == nil || d.typ != abi.S_IFDIR {
			return nil // nothing there to hide
		}
	}
	switch {
	case e.Kind == tarfs.Opaque:
		clear(d.names)
	case base != "":
		delete(d.names, base)
	}
	return nil
}

// parts are a clean path's components.
func parts(path string) func(func(string) bool) {
	if path == "" {
		return func(func(string) bool) {}
	}
	return strings.SplitSeq(path, "/")
}

// step counts n lookups.
func (m *merger) step(n int) error {
	if m.budget -= n; m.budget < 0 {
		return fmt.Errorf("%w: paths and links need too many lookups", tarfs.ErrLimit)
	}
	return nil
}

// grow counts a node.
func (m *merger) grow() error {
	if m.nodes++; m.nodes > maxNodes {
		return fmt.Errorf("%w: more than %d files", tarfs.ErrLimit, maxNodes)
	}
	return nil
}

// node adds a file or directory.
func (m *merger) node(e *tarfs.Entry) error {
	if e.Name == "" {
		if e.Mode&abi.S_IFMT != abi.S_IFDIR {
			return fmt.Errorf("%w: the root must be a directory", tarfs.ErrName)
		}
		m.root.entry, m.root.layer = e, m.layer
		return nil
	}
	dir, base := split(e.Name)
	d, err := m.parent(dir)
	if err != nil {
		return err
	}
	old := d.names[base]
	if old != nil && old.typ == abi.S_IFDIR && e.Mode&abi.S_IFMT == abi.S_IFDIR {
		old.entry, old.layer = e, m.layer
		return nil
	}
	if err := m.grow(); err != nil {
		return err
	}
	n := &node{typ: e.Mode & abi.S_IFMT, entry: e, layer: m.layer}
	if n.typ == abi.S_IFDIR {
		n.names, n.parent = map[string]*node{}, d
	}
	m.set(d, base, n)
	return nil
}

// set puts n in d, in the place of what was there.
func (m *merger) set(d *node, name string, n *node) {
	if old := d.names[name]; old != nil && old.typ != abi.S_IFREG {
		m.lastHit = nil // the way to the directory remembered may lead through old
	}
	d.names[name] = n
}

// link adds a hard link.
func (m *merger) link(e *tarfs.Entry) error {
	dir, base := split(e.Link)
	from, err := m.walk(m.root, dir, false)
	if err != nil {
		return fmt.Errorf("hard link to %q: %w", e.Link, err)
	}
	target := from.names[base]
	switch {
	case target == nil:
		return fmt.Errorf("%w: hard link to %q, which is not there", tarfs.ErrName, e.Link)
	case target.typ == abi.S_IFDIR:
		return fmt.Errorf("%w: hard link to directory %q", tarfs.ErrName, e.Link)
	case e.Name == "":
		return fmt.Errorf("%w: the root must be a directory", tarfs.ErrName)
	}
	dir, base = split(e.Name)
	d, err := m.parent(dir)
	if err != nil {
		return err
	}
	m.set(d, base, target)
	return nil
}

// parent finds the directory that an entry goes to, and makes it if need be.
func (m *merger) parent(dir string) (*node, error) {
	if m.lastHit != nil && m.lastDir == dir {
		return m.lastHit, nil
	}
	d, err := m.walk(m.root, dir, true)
	if err != nil {
		return nil, err
	}
	m.lastDir, m.lastHit = dir, d
	return d, nil
}

// walk follows a path of directories and links from d. Missing directories are
// made if create is set.
func (m *merger) walk(d *node, path string, create bool) (*node, error) {
	links := 0
	for path != "" {
		if err := m.step(1); err != nil {
			return nil, err
		}
		part, rest, _ := strings.Cut(path, "/")
		path = rest
		switch part {
		case "", ".":
			continue
		case "..":
			d = d.parent
			continue
		}
		if len(part) > abi.NameMax {
			return nil, tarfs.ErrName
		}
		n := d.names[part]
		if n == nil {
			if !create {
				return nil, fmt.Errorf("%w: directory %q is not there", tarfs.ErrName, part)
			}
			if err := m.grow(); err != nil {
				return nil, err
			}
			n = m.dir()
			n.parent = d
			d.names[part] = n
		}
		switch n.typ {
		case abi.S_IFDIR:
			d = n
		case abi.S_IFLNK:
			if links++; links > abi.SymlinksMax {
				return nil, fmt.Errorf("%w: more than %d symbolic links", tarfs.ErrName, abi.SymlinksMax)
			}
			if err := m.step(len(n.entry.Link) / 64); err != nil {
				return nil, err // the target is copied
			}
			if strings.HasPrefix(n.entry.Link, "/") {
				d = m.root
			}
			path = n.entry.Link + "/" + path
		default:
			return nil, fmt.Errorf("%w: %q is not a directory", tarfs.ErrName, part)
		}
	}
	return d, nil
}

// freeze counts links, gives inode numbers and puts entries in order. It walks
// with a list of its own: a tree may be deeper than is wise to recurse.
func (n *node) freeze(fs *FS) {
	todo := []*node{n}
	for len(todo) > 0 {
		d := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		fs.number(d)
		d.children = make([]child, 0, len(d.names))
		for name, c := range d.names {
			d.children = append(d.children, child{name, c})
		}
		d.names = nil
		slices.SortFunc(d.children, func(a, b child) int { return cmp.Compare(a.name, b.name) })
		for i := range d.children {
			c := d.children[i].node
			if c.typ == abi.S_IFDIR {
				c.parent, c.name = d, d.children[i].name
				todo = append(todo, c)
				continue
			}
			c.nlink++
			fs.number(c)
		}
	}
}
