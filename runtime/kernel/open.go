package kernel

import (
	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// Open is openat2(2) without the descriptor. at is where a relative path
// starts; the zero Path is the working directory.
func (t *Task) Open(at wasmfs.Path, path string, flags int, mode, resolve uint32) (*Description, abi.Errno) {
	if t.opening != nil { // a FIFO whose other side has come
		return t.openFIFO(t.openingAt, flags)
	}
	k, env := t.k, t.Env()
	p, f, err := k.cfg.Files.Open(&env, at, path, flags, mode, resolve)
	if err != nil {
		return nil, errnoOf(err)
	}
	return t.opened(p, f, flags)
}

// statusFlags are those that a description keeps.
const statusFlags = abi.O_ACCMODE | abi.O_APPEND | abi.O_NONBLOCK | abi.O_DSYNC | abi.O_SYNC | abi.O_ASYNC |
	abi.O_DIRECT | abi.O_LARGEFILE | abi.O_DIRECTORY | abi.O_NOFOLLOW | abi.O_NOATIME | abi.O_PATH

// opened makes the description of what was found at p: a regular file or
// directory, or what the node's type and device number stand for.
func (t *Task) opened(p wasmfs.Path, f wasmfs.File, flags int) (*Description, abi.Errno) {
	k := t.k
	keep := flags&statusFlags | abi.O_LARGEFILE
	if flags&abi.O_PATH != 0 {
		d := NewDescription(&treeFile{}, flags&(abi.O_PATH|abi.O_DIRECTORY|abi.O_NOFOLLOW))
		d.Path = p
		return d, 0
	}
	if a, ok := p.Node.(*descriptionNode); ok {
		return t.reopen(a.d, keep)
	}
	if f != nil {
		d := NewDescription(&treeFile{f: newSharedFile(f)}, keep)
		d.Path, d.k = p, k
		return d, 0
	}
	var file File
	switch p.Node.Type() {
	case abi.S_IFDIR:
		file = &treeFile{}
	case abi.S_IFIFO:
		t.openingAt = p
		return t.openFIFO(p, keep)
	case abi.S_IFCHR:
		st, err := p.Node.Stat()
		if err != nil {
			return nil, errnoOf(err)
		}
		if p.Mount.Flags()&abi.ST_NODEV != 0 {
			return nil, abi.EACCES
		}
		var errno abi.Errno
		if file, errno = k.openDevice(t, st.Rdev, flags); errno != 0 {
			return nil, errno
		}
	default: // sockets and block devices
		return nil, abi.ENXIO
	}
	d := NewDescription(file, keep)
	d.Path = p
	return d, 0
}

// reopen is opening /proc/self/fd/N where N has no place in the tree: a pipe
// gives a new end of the same pipe, anything else the same description.
func (t *Task) reopen(d *Description, flags int) (*Description, abi.Errno) {
	e, ok := d.File.(*pipeEnd)
	if !ok {
		if d.File == nil {
			return nil, abi.ENXIO
		}
		return d.Retain(), 0
	}
	acc := flags & abi.O_ACCMODE
	return NewDescription(t.k.openEnd(e.p, acc != abi.O_WRONLY, acc != abi.O_RDONLY), flags), 0
}

// Device numbers of the character devices that every box has
// (Documentation/admin-guide/devices.txt).
var (
	devNull    = abi.Makedev(1, 3)
	devZero    = abi.Makedev(1, 5)
	devFull    = abi.Makedev(1, 7)
	devRandom  = abi.Makedev(1, 8)
	devURandom = abi.Makedev(1, 9)
	devTTY     = abi.Makedev(5, 0)
	devConsole = abi.Makedev(5, 1)
	devPtmx    = abi.Makedev(5, 2)
)

func (k *Kernel) openDevice(t *Task, rdev uint64, flags int) (File, abi.Errno) {
	switch rdev {
	case devNull, devZero, devFull, devRandom, devURandom:
		return &memDevice{k: k, rdev: rdev}, 0
	case devTTY:
		if c := t.p.session.tty; c != nil {
			return c, 0
		}
		return nil, abi.ENXIO
	case devPtmx:
		k.Unsupported("/dev/ptmx")
		return nil, abi.ENXIO
	case devConsole:
		if k.init != nil && k.init.streams.tty != nil {
			return k.init.streams.tty.open(t, flags), 0
		}
	}
	if c := k.consoles[abi.Minor(rdev)]; c != nil && abi.Major(rdev) == ptsMajor {
		return c.open(t, flags), 0
	}
	return nil, abi.ENXIO
}

// memDevice is /dev/null, zero, full, random or urandom.
type memDevice struct {
	plainFile
	k    *Kernel
	rdev uint64
}

func (m *memDevice) Read(_ *Task, _ *Description, p []byte, _ int64) (int, abi.Errno) {
	switch m.rdev {
	case devNull:
		return 0, 0
	case devRandom, devURandom:
		m.k.Random(p)
	default:
		clear(p)
	}
	return len(p), 0
}

func (m *memDevice) Write(_ *Task, _ *Description, p []byte, _ int64) (int, abi.Errno) {
	if m.rdev == devFull {
		return 0, abi.ENOSPC
	}
	return len(p), 0
}

func (m *memDevice) Seek(*Description, int64, int) (int64, abi.Errno) { return 0, 0 }

func (m *memDevice) Stat() (abi.Stat, abi.Errno) {
	st, errno := m.k.anonStat(abi.S_IFCHR|0o666, m.rdev)
	st.Rdev = m.rdev
	return st, errno
}

// At is where the path argument of a call that also takes a directory
// descriptor starts; the zero Path is the working directory.
func (t *Task) At(fd int32) (wasmfs.Path, abi.Errno) {
	if fd == abi.AT_FDCWD {
		return wasmfs.Path{}, 0
	}
	d := t.files.Get(fd)
	if d == nil {
		return wasmfs.Path{}, abi.EBADF
	}
	if d.Path.IsZero() {
		// A pipe or its kin: only an empty path can be meant.
		return wasmfs.Path{Mount: t.fs.Root.Mount, Node: &descriptionNode{d: d}}, 0
	}
	return d.Path, 0
}

// descriptionNode stands in the tree for an open file that has no place
// there: the target of /proc/self/fd/N.
type descriptionNode struct{ d *Description }

// Type implements wasmfs.Node.
func (n *descriptionNode) Type() uint32 {
	st, errno := n.d.File.Stat()
	if t := st.Mode & abi.S_IFMT; errno == 0 && t != 0 {
		return t
	}
	return abi.S_IFREG
}

// Stat implements wasmfs.Node.
func (n *descriptionNode) Stat() (abi.Stat, error) {
	st, errno := n.d.File.Stat()
	if errno != 0 {
		return st, errno
	}
	return st, nil
}

// String is the link's text in /proc/self/fd.
func (n *descriptionNode) String() string { return n.d.Name(wasmfs.Path{}) }

// Name is what /proc/self/fd shows, as seen from root.
func (d *Description) Name(root wasmfs.Path) string {
	if !d.Path.IsZero() {
		s, _ := d.Path.String(root)
		return s
	}
	st, _ := d.File.Stat()
	switch f := d.File.(type) {
	case *pipeEnd, *hostInput, *hostOutput:
		return "pipe:[" + itoa(st.Ino) + "]"
	case *eventfd:
		return "anon_inode:[eventfd]"
	case *epollInstance:
		return "anon_inode:[eventpoll]"
	case *console:
		return f.name()
	case *memDevice:
		return "/dev/null"
	}
	return "anon_inode:[file]"
}
