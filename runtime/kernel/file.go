package kernel

import (
	"errors"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// A File is the object behind open file descriptions: a pipe's end, a
// terminal, an epoll instance, a file of the tree. Methods are called with
// the kernel lock held and never block: EAGAIN says that nothing can be done
// now, and the Queue is woken when that may have changed. p is never guest memory.
type File interface {
	// Read fills p from offset off, which is −1 where the description's own
	// position counts. 0 bytes mean the end.
	Read(t *Task, d *Description, p []byte, off int64) (int, abi.Errno)
	Write(t *Task, d *Description, p []byte, off int64) (int, abi.Errno)
	// Ready are the abi.POLL events that hold now.
	Ready(d *Description) uint32
	// Queue is woken when Ready changes; nil: it never does.
	Queue() *WaitQueue
	Stat() (abi.Stat, abi.Errno)
	// Ioctl is ioctl(2) for requests that are the file's own; ENOTTY.
	Ioctl(t *Task, d *Description, req uint32, arg uint64) (uint64, abi.Errno)
	// Release is called when the last descriptor is gone.
	Release(d *Description)
}

// Seeker is a File with a position. The others answer ESPIPE.
type Seeker interface {
	Seek(d *Description, off int64, whence int) (int64, abi.Errno)
}

// DirReader is a File that lists entries (getdents64(2)).
type DirReader interface {
	// ReadDir calls yield for entries from d's position on, and moves the
	// position behind those that yield took.
	ReadDir(t *Task, d *Description, yield func(wasmfs.Dirent) bool) abi.Errno
}

// Truncater is a File whose size can be set.
type Truncater interface {
	Truncate(t *Task, size int64) abi.Errno
}

// A Description is an open file description (open(2)): what descriptors that
// were duplicated or inherited share.
type Description struct {
	File  File
	Flags int         // status flags and access mode of open(2)
	Pos   int64       // where File has one
	Path  wasmfs.Path // the place in the tree; zero for pipes and their kin
	refs  int
	polls map[*epollItem]struct{} // epoll instances that watch this description
	owner int                     // F_SETOWN
	k     *Kernel                 // for files of the tree, which can be locked
}

// Owner and SetOwner are F_GETOWN and F_SETOWN of fcntl(2). No signal is ever
// sent there: O_ASYNC has no effect.
func (d *Description) Owner() int { return d.owner }

// SetOwner records who is to get SIGIO.
func (d *Description) SetOwner(pid int) { d.owner = pid }

// NewDescription wraps a file; it has one user, the caller.
func NewDescription(f File, flags int) *Description {
	return &Description{File: f, Flags: flags, refs: 1}
}

// Readable and Writable report whether the access mode allows it.
func (d *Description) Readable() bool {
	return d.Flags&abi.O_PATH == 0 && d.Flags&abi.O_ACCMODE != abi.O_WRONLY
}

// Writable reports whether the access mode allows writing.
func (d *Description) Writable() bool {
	return d.Flags&abi.O_PATH == 0 && d.Flags&abi.O_ACCMODE != abi.O_RDONLY
}

// NonBlocking reports whether O_NONBLOCK is set.
func (d *Description) NonBlocking() bool { return d.Flags&abi.O_NONBLOCK != 0 }

// Retain counts one more user.
func (d *Description) Retain() *Description {
	d.refs++
	return d
}

// Release counts one user less; the last closes the file.
func (d *Description) Release() {
	d.refs--
	if d.refs > 0 {
		return
	}
	for it := range d.polls {
		it.ep.remove(it)
	}
	if d.k != nil {
		d.k.unlockAll(d, d)
	}
	d.File.Release(d)
}

// Stat is fstat(2).
func (d *Description) Stat() (abi.Stat, abi.Errno) {
	if !d.Path.IsZero() {
		st, err := d.Path.Stat()
		return st, errnoOf(err)
	}
	return d.File.Stat()
}

// plainFile gives a File the answers of one that has none of its own.
type plainFile struct{}

func (plainFile) Read(*Task, *Description, []byte, int64) (int, abi.Errno)  { return 0, abi.EINVAL }
func (plainFile) Write(*Task, *Description, []byte, int64) (int, abi.Errno) { return 0, abi.EINVAL }
func (plainFile) Ready(*Description) uint32                                 { return abi.POLLIN | abi.POLLOUT }
func (plainFile) Queue() *WaitQueue                                         { return nil }
func (plainFile) Release(*Description)                                      {}

func (plainFile) Ioctl(*Task, *Description, uint32, uint64) (uint64, abi.Errno) {
	return 0, abi.ENOTTY
}

// anonStat is what fstat says of files that have no place in a tree.
func (k *Kernel) anonStat(mode uint32, ino uint64) (abi.Stat, abi.Errno) {
	return abi.Stat{Dev: abi.Makedev(0, 14), Ino: ino, Mode: mode, Nlink: 1, Blksize: 4096,
		Atime: k.boot, Mtime: k.boot, Ctime: k.boot}, 0
}

// ErrnoOf turns an error of mm, wasmfs or loader into what a guest gets: 0 for
// nil, EIO for what names no Errno.
func ErrnoOf(err error) abi.Errno {
	if err == nil {
		return 0
	}
	if e, ok := err.(abi.Errno); ok {
		return e
	}
	var e abi.Errno
	if errors.As(err, &e) {
		return e
	}
	return abi.EIO
}

func errnoOf(err error) abi.Errno { return ErrnoOf(err) }
