package wasmfs

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"boxer/runtime/abi"
)

// Mount is a file system at a place in a namespace.
type Mount struct {
	id     uint64
	fs     FS
	root   Node
	dev    uint64 // of the FS: bind mounts of one FS share it
	source string
	flags  atomic.Uint32
	parent *Mount // nil for the namespace's root
	point  Path   // the covered place, in parent

	// points are the mounts on nodes of this one; replaced, never changed, so
	// that lookups need no lock.
	points atomic.Pointer[map[Node]*Mount]
}

// ID is the mount's number, as statx(2) and mountinfo show it.
func (m *Mount) ID() uint64 { return m.id }

// FS is the file system.
func (m *Mount) FS() FS { return m.fs }

// Dev is the device number of its files.
func (m *Mount) Dev() uint64 { return m.dev }

// Source is what was mounted, the first field of /proc/mounts.
func (m *Mount) Source() string { return m.source }

// Flags are abi.ST_RDONLY, ST_NOSUID, ST_NODEV and ST_NOEXEC.
func (m *Mount) Flags() uint32 { return m.flags.Load() }

// Root is the mount's root directory as a place.
func (m *Mount) Root() Path { return Path{Mount: m, Node: m.root} }

// Point is where it is mounted; the zero Path for the namespace's root.
func (m *Mount) Point() Path { return m.point }

// writable is EROFS on a read-only mount.
func (m *Mount) writable() error {
	if m.Flags()&abi.ST_RDONLY != 0 {
		return abi.EROFS
	}
	return nil
}

// at is the mount that covers n, a node of m.
func (m *Mount) at(n Node) *Mount {
	if p := m.points.Load(); p != nil {
		return (*p)[n]
	}
	return nil
}

// Namespace is a tree of mounts. Its other methods, in the files ops.go,
// open.go and attr.go, are the system calls that take a path.
//
// Their parameters at and path go together as in the *at calls: at is where a
// relative path starts; the zero Path stands for env.Cwd (AT_FDCWD).
type Namespace struct {
	mu      sync.Mutex
	root    *Mount
	mounts  []*Mount // in the order they were made
	lastID  uint64
	lastDev uint32
	devs    map[FS]uint64 // of what is mounted
}

// NewNamespace makes a namespace with fs at its root.
func NewNamespace(fs FS, source string, flags uint32) *Namespace {
	ns := &Namespace{devs: map[FS]uint64{}}
	ns.root = ns.add(fs, fs.Root(), source, flags)
	return ns
}

// Root is the namespace's root directory.
func (ns *Namespace) Root() Path { return ns.topmost(ns.root.Root()) }

// Mounts lists the mounts in the order they were made, for /proc/mounts.
func (ns *Namespace) Mounts() []*Mount {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return slices.Clone(ns.mounts)
}

// firstDev is below the minor numbers of mounted file systems.
const firstDev = 19

// add makes a Mount that hangs nowhere yet. Preconditions: ns.mu is held, or ns is new.
func (ns *Namespace) add(fs FS, root Node, source string, flags uint32) *Mount {
	dev, ok := ns.devs[fs]
	if !ok {
		ns.lastDev++
		dev = abi.Makedev(0, firstDev+ns.lastDev)
		ns.devs[fs] = dev
	}
	ns.lastID++
	m := &Mount{id: ns.lastID, fs: fs, root: root, dev: dev, source: source}
	m.flags.Store(flags)
	ns.mounts = append(ns.mounts, m)
	return m
}

// Mount puts fs at a place: a directory for a directory, anything else for a
// file (a bind mount of one file). EBUSY, ENOTDIR as mount(2).
func (ns *Namespace) Mount(fs FS, at Path, source string, flags uint32) (*Mount, error) {
	return ns.attach(fs, fs.Root(), at, source, flags)
}

// Bind makes what is at from visible at to as well, mount(2) with MS_BIND.
func (ns *Namespace) Bind(from, to Path, flags uint32) (*Mount, error) {
	return ns.attach(from.Mount.fs, from.Node, to, from.Mount.source, flags)
}

func (ns *Namespace) attach(fs FS, root Node, at Path, source string, flags uint32) (*Mount, error) {
	if (root.Type() == abi.S_IFDIR) != (at.Node.Type() == abi.S_IFDIR) {
		return nil, abi.ENOTDIR
	}
	if pn, ok := at.Node.(ParentNode); ok {
		if _, _, linked := pn.Parent(); !linked {
			return nil, abi.ENOENT
		}
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	at = ns.topmost(at)
	m := ns.add(fs, root, source, flags)
	m.parent, m.point = at.Mount, at
	at.Mount.setPoint(at.Node, m)
	return m, nil
}

// setPoint replaces the mount on n; nil removes it. Preconditions: Namespace.mu is held.
func (m *Mount) setPoint(n Node, child *Mount) {
	points := map[Node]*Mount{}
	if p := m.points.Load(); p != nil {
		points = maps.Clone(*p)
	}
	if child == nil {
		delete(points, n)
	} else {
		points[n] = child
	}
	m.points.Store(&points)
}

// Unmount removes the mount whose root p is. EINVAL where p is no mount's
// root, EBUSY while something is mounted below it. Open files stay usable.
func (ns *Namespace) Unmount(p Path) error {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	m := p.Mount
	if p.Node != m.root || m.parent == nil {
		return abi.EINVAL
	}
	if pts := m.points.Load(); pts != nil && len(*pts) > 0 {
		return abi.EBUSY
	}
	i := slices.Index(ns.mounts, m)
	if i < 0 {
		return abi.EINVAL // unmounted already
	}
	ns.mounts = slices.Delete(ns.mounts, i, i+1)
	m.parent.setPoint(m.point.Node, nil)
	if !slices.ContainsFunc(ns.mounts, func(o *Mount) bool { return o.fs == m.fs }) {
		delete(ns.devs, m.fs)
	}
	return nil
}

// Remount changes a mount's flags.
func (ns *Namespace) Remount(m *Mount, flags uint32) { m.flags.Store(flags) }

// Systems lists the file systems that are mounted, each once, in the order of
// their first mounts.
func (ns *Namespace) Systems() (list []FS) {
	seen := map[FS]bool{}
	for _, m := range ns.Mounts() {
		if !seen[m.fs] {
			seen[m.fs] = true
			list = append(list, m.fs)
		}
	}
	return list
}

// Sync writes every file system back, sync(2). It goes on after an error and returns the first.
func (ns *Namespace) Sync() error {
	var first error
	for _, fs := range ns.Systems() {
		if s, ok := fs.(SyncFS); ok {
			if err := s.Sync(); err != nil && first == nil {
				first = err
			}
		}
	}
	return first
}

// topmost follows mounts upon mounts to what is visible at p.
func (ns *Namespace) topmost(p Path) Path {
	for {
		m := p.Mount.at(p.Node)
		if m == nil {
			return p
		}
		p = m.Root()
	}
}

// covered reports whether something is mounted on a node of m: such a name is
// neither removed nor renamed (EBUSY).
func (m *Mount) covered(n Node) bool { return m.at(n) != nil }

// Path is a place in a namespace: a node as seen through a mount. The zero
// Path is no place. Equality of Paths is Same, not ==.
type Path struct {
	Mount *Mount
	Node  Node

	// dir and name are how a non-directory was reached, for its name only.
	dir  Node
	name string
}

// IsZero reports whether p is no place.
func (p Path) IsZero() bool { return p.Node == nil }

// Same reports whether p and q are the same file through the same mount.
func (p Path) Same(q Path) bool { return p.Mount == q.Mount && p.Node == q.Node }

// child is a place reached by name from directory p.
func (p Path) child(name string, n Node) Path {
	c := Path{Mount: p.Mount, Node: n}
	if n.Type() != abi.S_IFDIR {
		c.dir, c.name = p.Node, name
	}
	return c
}

// up is the directory above p, never above root. crossed tells that a mount's
// edge was passed.
func (p Path) up(root Path) (q Path, crossed bool) {
	for {
		if p.Same(root) {
			return p, crossed
		}
		if p.Node != p.Mount.root {
			break
		}
		if p.Mount.parent == nil {
			return p, crossed
		}
		p, crossed = p.Mount.point, true
	}
	pn, ok := p.Node.(ParentNode)
	if !ok {
		return p, crossed
	}
	dir, _, _ := pn.Parent()
	return Path{Mount: p.Mount, Node: dir}, crossed
}

// maxDepth bounds the walk to the root in String: a path of more components
// cannot be written in a few PathMax anyway.
const maxDepth = 1 << 16

// String is p's absolute name as seen from root: getcwd(2) and the links in
// /proc/PID/fd. A removed file's has " (deleted)" behind it. reachable is
// false where p does not lie below root; the name then starts at the top.
func (p Path) String(root Path) (name string, reachable bool) {
	if p.IsZero() {
		return "", false
	}
	var parts []string
	suffix := ""
	if p.Node.Type() != abi.S_IFDIR && p.Node != p.Mount.root {
		dir, name, linked := p.place()
		if !linked {
			suffix = " (deleted)"
		}
		if dir == nil {
			return "/" + name + suffix, false
		}
		parts = append(parts, name)
		p = Path{Mount: p.Mount, Node: dir}
	}
	for range maxDepth {
		if p.Same(root) {
			reachable = true
			break
		}
		if p.Node == p.Mount.root {
			if p.Mount.parent == nil {
				break
			}
			p = p.Mount.point
			if p.Node.Type() != abi.S_IFDIR {
				dir, name, _ := p.place()
				parts = append(parts, name)
				p = Path{Mount: p.Mount, Node: dir}
			}
			continue
		}
		pn, ok := p.Node.(ParentNode)
		if !ok {
			break
		}
		dir, name, linked := pn.Parent()
		if !linked {
			suffix = " (deleted)"
		}
		parts = append(parts, name)
		p = Path{Mount: p.Mount, Node: dir}
	}
	slices.Reverse(parts)
	return "/" + strings.Join(parts, "/") + suffix, reachable
}

// place is where a non-directory hangs: by the name it was reached by while
// that still holds, else by the name its file system knows.
func (p Path) place() (dir Node, name string, linked bool) {
	if l, ok := p.dir.(LookupNode); ok {
		if n, err := l.Lookup(p.name); err == nil && n == p.Node {
			if pn, ok := p.dir.(ParentNode); ok {
				_, _, linked = pn.Parent()
			}
			return p.dir, p.name, linked
		}
	}
	if pn, ok := p.Node.(ParentNode); ok {
		if dir, name, linked := pn.Parent(); dir != nil || p.dir == nil {
			return dir, name, linked
		}
	}
	return p.dir, p.name, false
}

// ReadDir lists directory p with "." and "..", whose cookies are 0 and 1, as
// ReadDirNode does. Permissions were checked at open. ENOENT once it was removed.
func (p Path) ReadDir(root Path, cookie int64, yield func(Dirent) bool) error {
	d, ok := p.Node.(ReadDirNode)
	if !ok {
		return abi.ENOTDIR
	}
	if cookie < 0 {
		return abi.EINVAL
	}
	if pn, ok := p.Node.(ParentNode); ok {
		if _, _, linked := pn.Parent(); !linked {
			return abi.ENOENT
		}
	}
	dots := [2]Path{p, {}}
	dots[1], _ = p.up(root)
	for i := cookie; i < 2; i++ {
		st, err := dots[i].Node.Stat()
		if err != nil {
			return err
		}
		if !yield(Dirent{Name: "..."[:i+1], Ino: st.Ino, Type: abi.S_IFDIR, Next: i + 1}) {
			return nil
		}
	}
	return d.ReadDir(max(cookie-2, 0), func(e Dirent) bool {
		e.Next += 2
		return yield(e)
	})
}
