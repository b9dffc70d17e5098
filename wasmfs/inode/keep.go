package inode

import "sync"

// keeping is what a kept FS changed since the last Capture.
type keeping struct {
	changed func()

	mu    sync.Mutex // after every other lock
	nodes map[*node]struct{}
	names map[nameKey]struct{}

	// Guarded by FS.tree.
	saved map[*node]struct{} // nodes of which a record was captured
	taken *Changes           // captured, and not committed yet
}

// nameKey is a name in a directory, whether there is such an entry or not.
type nameKey struct {
	dir  *dirNode
	name string
}

func newKeeping(changed func()) *keeping {
	return &keeping{changed: changed, nodes: map[*node]struct{}{}, names: map[nameKey]struct{}{}, saved: map[*node]struct{}{}}
}

// mark notes that a node's record is to be captured. Access times alone are
// not worth it: they go with the next change, as a mount with lazytime has it.
func (n *node) mark() {
	k := n.fs.keep
	if k == nil || n.marked.Load() {
		return
	}
	k.mu.Lock()
	n.marked.Store(true)
	k.nodes[n] = struct{}{}
	k.mu.Unlock()
	k.changed()
}

// markName notes that an entry came, went, or leads to another node.
// Preconditions: tree is held for writing.
func (d *dirNode) markName(name string) {
	k := d.fs.keep
	if k == nil {
		return
	}
	k.mu.Lock()
	k.names[nameKey{d, name}] = struct{}{}
	k.mu.Unlock()
}

// Unsaved reports whether anything changed that Capture has not handed out.
func (fs *FS) Unsaved() bool {
	if fs.keep == nil {
		return false
	}
	fs.keep.mu.Lock()
	defer fs.keep.mu.Unlock()
	return len(fs.keep.nodes) > 0 || len(fs.keep.names) > 0
}

// found notes where the node's lower node is. Preconditions: tree is held for
// writing.
func (n *node) found(d *dirNode, name string) {
	if n.origin == nil && n.lower != nil && d.lower != nil && &d.node != n {
		n.origin, n.originName = d, name
	}
}

// lowerPath is the path of the lower node, "" for the root. Preconditions:
// tree is held.
func (n *node) lowerPath() string {
	if n.origin == nil {
		return ""
	}
	if up := n.origin.lowerPath(); up != "" {
		return up + "/" + n.originName
	}
	return n.originName
}
