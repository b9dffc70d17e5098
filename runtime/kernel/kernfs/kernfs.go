// Package kernfs builds file systems whose files are made by functions: what
// /proc and /sys are. It knows nothing of processes; the kernel supplies the functions.
//
// A Dir is either static, filled with Add before it is mounted, or dynamic, with a
// Lister that is asked each time. Functions are called with whatever locks the caller of
// wasmfs holds. Nothing here changes after it is mounted, so there are no locks.
package kernfs

import (
	"hash/fnv"
	"io"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// FS is a file system of such nodes.
type FS struct {
	kind  string
	magic int64
	root  *Dir
}

// New makes a file system; kind is what mount(8) shows, magic what statfs(2)
// tells, now the time in ns since the epoch that all files show.
func New(kind string, magic int64, now func() int64, root *Dir) *FS {
	root.parent, root.name, root.now = root, "/", now
	return &FS{kind, magic, root}
}

// Root implements wasmfs.FS.
func (fs *FS) Root() wasmfs.Node { return fs.root }

// Kind implements wasmfs.FS.
func (fs *FS) Kind() string { return fs.kind }

// Statfs implements wasmfs.StatFS.
func (fs *FS) Statfs() abi.Statfs {
	return abi.Statfs{Type: fs.magic, Bsize: 4096, Frsize: 4096, Namelen: abi.NameMax}
}

// A Node is a file that a Dir can hold.
type Node interface {
	wasmfs.Node
	// placed tells the node where it hangs.
	placed(dir *Dir, name string)
}

// base is what all nodes have.
type base struct {
	parent   *Dir
	name     string
	mode     uint32
	uid, gid uint32
}

func (b *base) placed(dir *Dir, name string) { b.parent, b.name = dir, name }

// Own makes a user the node's owner.
func (b *base) Own(uid, gid uint32) { b.uid, b.gid = uid, gid }

// Type implements wasmfs.Node.
func (b *base) Type() uint32 { return b.mode & abi.S_IFMT }

// Parent implements wasmfs.ParentNode.
func (b *base) Parent() (wasmfs.Node, string, bool) { return b.parent, b.name, true }

func (b *base) stat() abi.Stat {
	root := b.parent
	for root.parent != root {
		root = root.parent
	}
	now := root.now()
	return abi.Stat{Ino: b.ino(), Mode: b.mode, Nlink: 1, UID: b.uid, GID: b.gid, Blksize: 1024,
		Atime: now, Mtime: now, Ctime: now}
}

// ino is an inode number that follows from the place, so that it is the same
// each time a dynamic node is made.
func (b *base) ino() uint64 {
	h := fnv.New64a()
	d, name := b.parent, b.name
	for d != nil {
		io.WriteString(h, name)
		h.Write([]byte{'/'})
		if d.parent == d {
			break
		}
		d, name = d.parent, d.name
	}
	return h.Sum64()&(1<<48-1) | 1
}

// A Lister supplies the entries of a dynamic directory.
type Lister struct {
	// Lookup finds an entry, nil if there is none.
	Lookup func(name string) Node
	// List calls yield for each entry, in a fixed order: its name and its type.
	List func(yield func(name string, typ uint32) bool)
}

// Dir is a directory.
type Dir struct {
	base
	names []string
	nodes map[string]Node
	more  *Lister
	now   func() int64 // of the root
}

// NewDir makes a directory. more, if not nil, supplies entries besides those
// that are added.
//
//go:noinline
func NewDir(mode uint32, more *Lister) *Dir {
	return &Dir{base: base{mode: abi.S_IFDIR | mode}, nodes: map[string]Node{}, more: more}
}

// Add adds an entry and returns d. It and what makes nodes are not inlined: the
// kernel calls them 200 times, once a box.
//
//go:noinline
func (d *Dir) Add(name string, n Node) *Dir {
	n.placed(d, name)
	d.names = append(d.names, name)
	d.nodes[name] = n
	return d
}

// Stat implements wasmfs.Node.
func (d *Dir) Stat() (abi.Stat, error) {
	st := d.stat()
	st.Nlink = 2
	return st, nil
}

// Lookup implements wasmfs.LookupNode.
func (d *Dir) Lookup(name string) (wasmfs.Node, error) {
	if n := d.nodes[name]; n != nil {
		return n, nil
	}
	if d.more != nil {
		if n := d.more.Lookup(name); n != nil {
			n.placed(d, name)
			return n, nil
		}
	}
	return nil, abi.ENOENT
}

// ReadDir implements wasmfs.ReadDirNode: cookies count entries, dynamic ones
// after the static ones.
func (d *Dir) ReadDir(cookie int64, yield func(wasmfs.Dirent) bool) error {
	i := int64(0)
	entry := func(name string, typ uint32) bool {
		i++
		if i <= cookie {
			return true
		}
		b := base{parent: d, name: name}
		return yield(wasmfs.Dirent{Name: name, Ino: b.ino(), Type: typ, Next: i})
	}
	for _, name := range d.names {
		if !entry(name, d.nodes[name].Type()) {
			return nil
		}
	}
	if d.more != nil {
		d.more.List(entry)
	}
	return nil
}

// File is a regular file whose contents a function makes.
type File struct {
	base
	read  func(env *wasmfs.Env) ([]byte, error)
	write func(env *wasmfs.Env, p []byte) error
}

// NewFile makes a file of fixed permissions. The contents are made when it is
// opened and do not change for that opening.
//
//go:noinline
func NewFile(mode uint32, read func(*wasmfs.Env) ([]byte, error)) *File {
	return &File{base: base{mode: abi.S_IFREG | mode}, read: read}
}

// Text is a file of constant contents.
//
//go:noinline
func Text(s string) *File {
	return NewFile(0o444, func(*wasmfs.Env) ([]byte, error) { return []byte(s), nil })
}

// OnWrite makes the file writable: f gets each write as a whole.
func (f *File) OnWrite(w func(env *wasmfs.Env, p []byte) error) *File {
	f.write = w
	return f
}

// Stat implements wasmfs.Node. As in /proc, the size is 0.
func (f *File) Stat() (abi.Stat, error) { return f.stat(), nil }

// Open implements wasmfs.OpenNode.
func (f *File) Open(env *wasmfs.Env, flags int) (wasmfs.File, error) {
	o := &openFile{f: f, env: *env}
	if acc := flags & abi.O_ACCMODE; acc != abi.O_WRONLY {
		data, err := f.read(env)
		if err != nil {
			return nil, err
		}
		o.data = data
	}
	return o, nil
}

type openFile struct {
	f    *File
	env  wasmfs.Env
	data []byte
}

// ReadAt implements io.ReaderAt.
func (o *openFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(o.data)) {
		return 0, io.EOF
	}
	n := copy(p, o.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements io.WriterAt.
func (o *openFile) WriteAt(p []byte, _ int64) (int, error) {
	if o.f.write == nil {
		return 0, abi.EINVAL
	}
	if err := o.f.write(&o.env, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Truncate implements wasmfs.TruncateFile: "> /proc/x" opens with O_TRUNC.
func (o *openFile) Truncate(int64) error { return nil }

// Close implements wasmfs.File.
func (o *openFile) Close() error { return nil }

// Link is a symbolic link whose text a function makes.
type Link struct {
	base
	text func(env *wasmfs.Env) (string, error)
}

// NewLink makes a link.
func NewLink(text func(*wasmfs.Env) (string, error)) *Link {
	return &Link{base: base{mode: abi.S_IFLNK | 0o777}, text: text}
}

// LinkTo is a link of constant text.
func LinkTo(s string) *Link {
	return NewLink(func(*wasmfs.Env) (string, error) { return s, nil })
}

// Stat implements wasmfs.Node.
func (l *Link) Stat() (abi.Stat, error) { return l.stat(), nil }

// Readlink implements wasmfs.ReadlinkNode.
func (l *Link) Readlink(env *wasmfs.Env) (string, error) { return l.text(env) }

// Jump is a magic link: following it goes to a place, whatever its text says.
type Jump struct {
	Link
	to func(env *wasmfs.Env) (wasmfs.Path, error)
}

// NewJump makes a magic link.
func NewJump(text func(*wasmfs.Env) (string, error), to func(*wasmfs.Env) (wasmfs.Path, error)) *Jump {
	j := &Jump{Link: *NewLink(text), to: to}
	j.mode = abi.S_IFLNK | 0o700
	return j
}

// Jump implements wasmfs.JumpNode.
func (j *Jump) Jump(env *wasmfs.Env) (wasmfs.Path, error) { return j.to(env) }
