package wasmfs

import "boxer/runtime/abi"

// FS is a file system that can be mounted.
type FS interface {
	// Root is the root directory; always the same Node.
	Root() Node
	// Kind is the name mount(8) shows: "overlay", "proc", "tmpfs".
	Kind() string
}

// StatFS is an FS that answers statfs(2).
type StatFS interface {
	FS
	Statfs() abi.Statfs
}

// SyncFS is an FS that has something to write back, sync(2).
type SyncFS interface {
	FS
	Sync() error
}

// FlushFS is a SyncFS whose contents outlive the process. Writing back takes
// long there, and nobody who holds a lock may wait for it.
type FlushFS interface {
	SyncFS
	// Flush starts writing back all that was changed before. ticket is 0 when
	// nothing is left to do, else Flushed tells what became of it.
	Flush() (ticket uint64)
	// Flushed reports whether the flush is done, and its error: ENOSPC,
	// EDQUOT, EIO.
	Flushed(ticket uint64) (done bool, err error)
	// OnFlush has fn called after each flush, whatever its end, in a
	// goroutine that holds no lock.
	OnFlush(fn func())
}

// WouldWait is the error of a file whose contents are not in memory, when the
// caller cannot wait for them (a page's system calls that are served from inside
// guest code). Nothing was done; the same call succeeds where it can wait. It
// never reaches a guest.
const WouldWait abi.Errno = 602

// Node is a file of any type. Nodes are comparable; one file is one Node.
type Node interface {
	// Type is the file type, one of abi.S_IFREG, S_IFDIR…; it never changes.
	Type() uint32
	// Stat fills everything but Dev and MountID, which the mount decides; a
	// Dev that is not zero is kept.
	Stat() (abi.Stat, error)
}

// LookupNode is a directory whose entries can be found by name.
type LookupNode interface {
	Node
	// Lookup finds an entry; ENOENT. It is never asked for "." or "..", a
	// name with a slash or a name longer than abi.NameMax.
	Lookup(name string) (Node, error)
}

// Dirent is one directory entry.
type Dirent struct {
	Name string
	Ino  uint64
	Type uint32 // as Node.Type
	Next int64  // the cookie that continues behind this entry
}

// ReadDirNode is a directory that lists its entries.
type ReadDirNode interface {
	Node
	// ReadDir calls yield for the entries behind cookie, in a fixed order,
	// until it returns false. Cookie 0 is the start; others come from
	// Dirent.Next and stay good while entries come and go: an entry that is there
	// all the time is seen exactly once. "." and ".." are not included.
	ReadDir(cookie int64, yield func(Dirent) bool) error
}

// ParentNode tells where a node hangs. Every directory implements it; other
// nodes may, to give /proc/self/fd a name after a rename.
type ParentNode interface {
	Node
	// Parent is the directory and the name in it. A root is its own parent.
	// linked is false once the name was removed; dir is then where it was.
	Parent() (dir Node, name string, linked bool)
}

// ReadlinkNode is a symbolic link.
type ReadlinkNode interface {
	Node
	// Readlink is the target. env is the process that asks (/proc/self).
	Readlink(env *Env) (string, error)
}

// JumpNode is a magic link: following it goes straight to a place, whatever its
// text says (/proc/self/fd/3, /proc/self/exe). It is a ReadlinkNode too.
type JumpNode interface {
	Node
	Jump(env *Env) (Path, error)
}

// OpenNode is a file that can be opened here. A special file that is no
// OpenNode is opened by the kernel.
type OpenNode interface {
	Node
	// Open opens the file; flags are open(2)'s. Permissions were checked.
	// ESTALE says that the file was removed since it was looked up.
	// O_TRUNC is not Open's business: Namespace.Open truncates.
	Open(env *Env, flags int) (File, error)
}

// MakeAttr is what a new node is to be.
type MakeAttr struct {
	Mode   uint32 // type and permissions, the umask applied
	Rdev   uint64 // devices
	Target string // symbolic links
}

// MakeNode is a directory in which nodes can be made.
type MakeNode interface {
	Node
	// Make makes a node owned by c; EEXIST, ENOENT in a removed directory,
	// ENOSPC. The group and the setgid bit follow inode(7).
	Make(c *Cred, name string, a MakeAttr) (Node, error)
}

// TmpfileNode is a directory that makes nodes without a name, O_TMPFILE.
type TmpfileNode interface {
	Node
	// MakeUnnamed makes a file that Link may name later if linkable.
	MakeUnnamed(c *Cred, a MakeAttr, linkable bool) (Node, error)
}

// LinkNode is a directory that takes hard links.
type LinkNode interface {
	Node
	// Link gives n, a node of the same FS, another name; EEXIST, EMLINK,
	// EXDEV, ENOENT where n has no name left and was not made unnamed.
	Link(c *Cred, name string, n Node) error
}

// UnlinkNode is a directory from which names can be removed.
type UnlinkNode interface {
	Node
	// Unlink removes a name. dir says that it must be an empty directory
	// (rmdir: ENOTDIR, ENOTEMPTY), else it must be none (EISDIR). It applies the
	// sticky bit's rule (EPERM).
	Unlink(c *Cred, name string, dir bool) error
}

// RenameNode is a directory whose entries can be renamed.
type RenameNode interface {
	Node
	// Rename moves name to toName in to, a directory of the same FS, as
	// renameat2(2) with abi.RENAME_NOREPLACE or RENAME_EXCHANGE: EXDEV, EINVAL
	// (into itself), ENOTEMPTY, EISDIR, ENOTDIR, EEXIST. Sticky bits apply.
	Rename(c *Cred, name string, to Node, toName string, flags uint32) error
}

// AttrMask says which fields of an Attr are to be set.
type AttrMask uint16

// The fields of Attr. SetAtimeNow and SetMtimeNow use the FS's clock.
const (
	SetMode AttrMask = 1 << iota
	SetUID
	SetGID
	SetAtime
	SetMtime
	SetAtimeNow
	SetMtimeNow
)

// Attr are new attributes.
type Attr struct {
	Set          AttrMask
	Mode         uint32 // permission bits only
	UID, GID     uint32
	Atime, Mtime int64 // ns
}

// AttrNode is a file whose attributes can be set. The change time follows.
// Permissions were checked.
type AttrNode interface {
	Node
	SetAttr(a Attr) error
}

// XattrNode has extended attributes, xattr(7). Permissions were checked.
type XattrNode interface {
	Node
	// Getxattr is the value of an attribute; ENODATA.
	Getxattr(name string) ([]byte, error)
	// Listxattr lists the names, sorted.
	Listxattr() ([]string, error)
	// Setxattr sets one, flags as setxattr(2): EEXIST, ENODATA, ENOSPC, E2BIG.
	Setxattr(name string, value []byte, flags int) error
	// Removexattr removes one; ENODATA.
	Removexattr(name string) error
}
