package wasmfs

// File is an open file. What it can do, it tells by the interfaces below; a
// regular file has them all. It knows no offset and no access mode: the
// kernel's file description has them.
//
// Reading and writing are io.ReaderAt and io.WriterAt, by those contracts: a
// short read comes with an error, io.EOF at the end of the file. All other
// errors are abi.Errno. A write that runs out of space returns what it wrote
// and ENOSPC.
type File interface {
	// Close gives the file back; an unlinked file's contents are dropped at
	// its last Close.
	Close() error
}

// AppendFile is a File that can write at its end, O_APPEND.
type AppendFile interface {
	File
	// Append writes p behind the last byte in one step, whoever else
	// writes; end is the file's size behind what was written.
	Append(p []byte) (n int, end int64, err error)
}

// TruncateFile is a File whose size can be set, ftruncate(2).
type TruncateFile interface {
	File
	Truncate(size int64) error
}

// AllocateFile is a File that answers fallocate(2); EOPNOTSUPP for modes other
// than 0, KEEP_SIZE, PUNCH_HOLE|KEEP_SIZE and ZERO_RANGE.
type AllocateFile interface {
	File
	Allocate(mode int, off, n int64) error
}

// HoleFile is a File that knows its holes, lseek(2) with SEEK_DATA and SEEK_HOLE.
type HoleFile interface {
	File
	// SeekData is the next offset at or behind off with data; ENXIO.
	SeekData(off int64) (int64, error)
	// SeekHole is the next offset at or behind off in a hole, at the latest
	// the end of the file; ENXIO behind the end.
	SeekHole(off int64) (int64, error)
}

// LazyFile is a File whose contents may have to be fetched from far away before
// they can be read. Who must not wait, or holds a lock that others need, asks
// first. A write, too, waits for what it leaves of the 256 KiB around it.
type LazyFile interface {
	File
	// Resident reports whether n bytes at off can be read without waiting.
	Resident(off, n int64) bool
	// Load waits until they can; they stay so until others are loaded or
	// read. Its error is the one that reading would give.
	Load(off, n int64) error
}

// SyncFile is a File that can be written back, fsync(2).
type SyncFile interface {
	File
	Sync() error
}

// SizeFile is a File that knows its size without a stat.
type SizeFile interface {
	File
	Size() int64
}

// DigestFile is a File whose contents may have a stable identity.
type DigestFile interface {
	File
	// Digest is the SHA-256 of the whole contents, computed once for an
	// immutable lower file and then remembered. ok is false when the contents
	// were ever written to: such a file may change again.
	Digest() (sum [32]byte, ok bool)
}

// ProgramFile is a File that can be kept from being written while it runs.
type ProgramFile interface {
	File
	// DenyWrite makes opening for writing fail with ETXTBSY until AllowWrite;
	// it fails itself with ETXTBSY while somebody has the file open for writing.
	DenyWrite() error
	AllowWrite()
}
