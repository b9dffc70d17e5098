package abi

import "encoding/binary"

// Path limits (linux/limits.h). PathMax counts the terminating NUL.
const (
	NameMax      = 255
	PathMax      = 4096
	SymlinksMax  = 40 // path_resolution(7)
	XattrNameMax = 255
	XattrSizeMax = 65536
	XattrListMax = 65536
)

// Open flags, open(2), with arm64's numbers: it differs from asm-generic in
// O_DIRECTORY, O_NOFOLLOW, O_DIRECT and O_LARGEFILE (arch/arm64 uapi fcntl.h).
const (
	O_RDONLY    = 0
	O_WRONLY    = 1
	O_RDWR      = 2
	O_ACCMODE   = 3
	O_CREAT     = 0o100
	O_EXCL      = 0o200
	O_NOCTTY    = 0o400
	O_TRUNC     = 0o1000
	O_APPEND    = 0o2000
	O_NONBLOCK  = 0o4000
	O_DSYNC     = 0o10000
	O_ASYNC     = 0o20000
	O_DIRECTORY = 0o40000
	O_NOFOLLOW  = 0o100000
	O_DIRECT    = 0o200000
	O_LARGEFILE = 0o400000
	O_NOATIME   = 0o1000000
	O_CLOEXEC   = 0o2000000
	O_SYNC      = 0o4000000 | O_DSYNC
	O_PATH      = 0o10000000
	O_TMPFILE   = 0o20000000 | O_DIRECTORY
)

// openat2(2) how->resolve flags.
const (
	RESOLVE_NO_XDEV       = 0x01
	RESOLVE_NO_MAGICLINKS = 0x02
	RESOLVE_NO_SYMLINKS   = 0x04
	RESOLVE_BENEATH       = 0x08
	RESOLVE_IN_ROOT       = 0x10
	RESOLVE_CACHED        = 0x20
)

// File type and mode bits, inode(7).
const (
	S_IFMT   = 0o170000
	S_IFSOCK = 0o140000
	S_IFLNK  = 0o120000
	S_IFREG  = 0o100000
	S_IFBLK  = 0o060000
	S_IFDIR  = 0o040000
	S_IFCHR  = 0o020000
	S_IFIFO  = 0o010000
	S_ISUID  = 0o4000
	S_ISGID  = 0o2000
	S_ISVTX  = 0o1000
	S_IRUSR  = 0o400
	S_IWUSR  = 0o200
	S_IXUSR  = 0o100
	S_IRGRP  = 0o040
	S_IWGRP  = 0o020
	S_IXGRP  = 0o010
	S_IROTH  = 0o004
	S_IWOTH  = 0o002
	S_IXOTH  = 0o001
)

// access(2) modes.
const (
	F_OK = 0
	X_OK = 1
	W_OK = 2
	R_OK = 4
)

// Flags of the *at calls; the same bit means different things to different calls.
const (
	AT_FDCWD            = -100
	AT_SYMLINK_NOFOLLOW = 0x100
	AT_REMOVEDIR        = 0x200 // unlinkat(2)
	AT_EACCESS          = 0x200 // faccessat2(2)
	AT_SYMLINK_FOLLOW   = 0x400
	AT_NO_AUTOMOUNT     = 0x800
	AT_EMPTY_PATH       = 0x1000
	AT_STATX_SYNC_TYPE  = 0x6000
	AT_STATX_FORCE_SYNC = 0x2000
	AT_STATX_DONT_SYNC  = 0x4000
)

// renameat2(2) flags.
const (
	RENAME_NOREPLACE = 1
	RENAME_EXCHANGE  = 2
	RENAME_WHITEOUT  = 4
)

// lseek(2) whence.
const (
	SEEK_SET  = 0
	SEEK_CUR  = 1
	SEEK_END  = 2
	SEEK_DATA = 3
	SEEK_HOLE = 4
)

// fallocate(2) modes.
const (
	FALLOC_FL_KEEP_SIZE      = 0x01
	FALLOC_FL_PUNCH_HOLE     = 0x02
	FALLOC_FL_COLLAPSE_RANGE = 0x08
	FALLOC_FL_ZERO_RANGE     = 0x10
	FALLOC_FL_INSERT_RANGE   = 0x20
	FALLOC_FL_UNSHARE_RANGE  = 0x40
)

// setxattr(2) flags.
const (
	XATTR_CREATE  = 1
	XATTR_REPLACE = 2
)

// utimensat(2): special values of tv_nsec.
const (
	UTIME_NOW  = 1<<30 - 1
	UTIME_OMIT = 1<<30 - 2
)

// Directory entry types, getdents64(2).
const (
	DT_UNKNOWN = 0
	DT_FIFO    = 1
	DT_CHR     = 2
	DT_DIR     = 4
	DT_BLK     = 6
	DT_REG     = 8
	DT_LNK     = 10
	DT_SOCK    = 12
)

// statx(2) mask bits.
const (
	STATX_BASIC_STATS = 0x7ff
	STATX_BTIME       = 0x800
	STATX_MNT_ID      = 0x1000
)

// File system magic numbers, statfs(2).
const (
	TMPFS_MAGIC     = 0x01021994
	OVERLAYFS_MAGIC = 0x794c7630
	PROC_MAGIC      = 0x9fa0
	SYSFS_MAGIC     = 0x62656572
	DEVPTS_MAGIC    = 0x1cd1
	PIPEFS_MAGIC    = 0x50495045
	SOCKFS_MAGIC    = 0x534f434b
	ANON_MAGIC      = 0x09041934
)

// Statfs.Flags bits, statfs(2), and mount(2) flags of the same names.
const (
	ST_RDONLY = 0x1
	ST_NOSUID = 0x2
	ST_NODEV  = 0x4
	ST_NOEXEC = 0x8
)

// DirentType is the DT_ value of a file mode.
func DirentType(mode uint32) uint8 { return uint8(mode & S_IFMT >> 12) }

// Makedev packs a device number as stat(2) shows it; Major and Minor take it apart.
func Makedev(major, minor uint32) uint64 {
	ma, mi := uint64(major), uint64(minor)
	return mi&0xff | ma&0xfff<<8 | mi&^0xff<<12 | ma&^0xfff<<32
}

// Major is the major number of a device number made by Makedev.
func Major(dev uint64) uint32 { return uint32(dev>>8&0xfff | dev>>32&^0xfff) }

// Minor is the minor number of a device number made by Makedev.
func Minor(dev uint64) uint32 { return uint32(dev&0xff | dev>>12&^0xff) }

// Stat is what stat(2) and statx(2) tell about a file. Times are nanoseconds
// since the epoch, so they reach from 1677 to 2262.
type Stat struct {
	Dev     uint64 // as Makedev packs it
	Ino     uint64
	Mode    uint32 // type and permission bits
	Nlink   uint32
	UID     uint32
	GID     uint32
	Rdev    uint64
	Size    int64
	Blksize int32
	Blocks  int64 // of 512 bytes
	Atime   int64
	Mtime   int64
	Ctime   int64
	Btime   int64  // birth; statx only
	MountID uint64 // statx only
}

// StatSize is the size in bytes of arm64's struct stat (asm-generic/stat.h).
const StatSize = 128

// Encode lays s out as struct stat.
func (s *Stat) Encode() (b [StatSize]byte) {
	le := binary.LittleEndian
	le.PutUint64(b[0:], s.Dev)
	le.PutUint64(b[8:], s.Ino)
	le.PutUint32(b[16:], s.Mode)
	le.PutUint32(b[20:], s.Nlink)
	le.PutUint32(b[24:], s.UID)
	le.PutUint32(b[28:], s.GID)
	le.PutUint64(b[32:], s.Rdev)
	le.PutUint64(b[48:], uint64(s.Size))
	le.PutUint32(b[56:], uint32(s.Blksize))
	le.PutUint64(b[64:], uint64(s.Blocks))
	putTime(b[72:], s.Atime)
	putTime(b[88:], s.Mtime)
	putTime(b[104:], s.Ctime)
	return b
}

// StatxSize is the size in bytes of struct statx (linux/stat.h).
const StatxSize = 256

// EncodeStatx lays s out as struct statx. All basic fields are always given,
// whatever mask was asked for, as statx(2) allows.
func (s *Stat) EncodeStatx() (b [StatxSize]byte) {
	le := binary.LittleEndian
	mask := uint32(STATX_BASIC_STATS)
	if s.Btime != 0 {
		mask |= STATX_BTIME
	}
	if s.MountID != 0 {
		mask |= STATX_MNT_ID
	}
	le.PutUint32(b[0:], mask)
	le.PutUint32(b[4:], uint32(s.Blksize))
	le.PutUint32(b[16:], s.Nlink)
	le.PutUint32(b[20:], s.UID)
	le.PutUint32(b[24:], s.GID)
	le.PutUint16(b[28:], uint16(s.Mode))
	le.PutUint64(b[32:], s.Ino)
	le.PutUint64(b[40:], uint64(s.Size))
	le.PutUint64(b[48:], uint64(s.Blocks))
	putTime(b[64:], s.Atime)
	putTime(b[80:], s.Btime)
	putTime(b[96:], s.Ctime)
	putTime(b[112:], s.Mtime)
	le.PutUint32(b[128:], Major(s.Rdev))
	le.PutUint32(b[132:], Minor(s.Rdev))
	le.PutUint32(b[136:], Major(s.Dev))
	le.PutUint32(b[140:], Minor(s.Dev))
	le.PutUint64(b[144:], s.MountID)
	return b
}

// putTime writes a struct timespec (or statx_timestamp, which agrees with it
// in little-endian order) for ns since the epoch; tv_nsec is never negative.
func putTime(b []byte, ns int64) {
	sec, nsec := ns/1e9, ns%1e9
	if nsec < 0 {
		sec, nsec = sec-1, nsec+1e9
	}
	binary.LittleEndian.PutUint64(b, uint64(sec))
	binary.LittleEndian.PutUint64(b[8:], uint64(nsec))
}

// Statfs is what statfs(2) tells about a file system.
type Statfs struct {
	Type    int64
	Bsize   int64
	Blocks  uint64
	Bfree   uint64
	Bavail  uint64
	Files   uint64
	Ffree   uint64
	Fsid    uint64
	Namelen int64
	Frsize  int64
	Flags   int64
}

// StatfsSize is the size in bytes of arm64's struct statfs (asm-generic/statfs.h).
const StatfsSize = 120

// Encode lays s out as struct statfs.
func (s *Statfs) Encode() (b [StatfsSize]byte) {
	le := binary.LittleEndian
	for i, v := range [...]uint64{uint64(s.Type), uint64(s.Bsize), s.Blocks, s.Bfree, s.Bavail, s.Files,
		s.Ffree, s.Fsid, uint64(s.Namelen), uint64(s.Frsize), uint64(s.Flags)} {
		le.PutUint64(b[8*i:], v)
	}
	return b
}

// direntHeader is the size in bytes of linux_dirent64 before d_name.
const direntHeader = 19

// DirentSize is the size in bytes of a linux_dirent64 with that name: header,
// name and NUL, rounded up to 8.
func DirentSize(name string) int { return (direntHeader + len(name) + 1 + 7) &^ 7 }

// AppendDirent appends a linux_dirent64, getdents64(2). off is the cookie of
// the entry that follows.
func AppendDirent(b []byte, ino uint64, off int64, typ uint8, name string) []byte {
	n := DirentSize(name)
	le := binary.LittleEndian
	b = le.AppendUint64(b, ino)
	b = le.AppendUint64(b, uint64(off))
	b = le.AppendUint16(b, uint16(n))
	b = append(b, typ)
	b = append(b, name...)
	for range n - direntHeader - len(name) {
		b = append(b, 0)
	}
	return b
}
