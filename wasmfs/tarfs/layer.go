// Package tarfs indexes an uncompressed tar archive in place: an image layer's
// entries in order, with their attributes and the places of their contents in the
// archive. Nothing is unpacked and no host path is ever named; package overlay
// makes a tree of one or several layers.
//
// It reads the formats that layers come in: v7, ustar, PAX and GNU with long
// names, base-256 numbers, GNU and PAX sparse files, xattrs in SCHILY.xattr
// records. Global PAX headers are ignored, as Docker ignores them.
//
// An archive is a stranger's input. Index checks every number, follows nothing
// and stops at Limits, so time and memory are bounded by the archive's size; each
// refusal is an *Error with one of the Err values below.
package tarfs

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"boxer/runtime/abi"
	"boxer/runtime/sha2"
)

// The reasons for which an archive is refused.
var (
	ErrHeader    = errors.New("invalid tar header")
	ErrTruncated = errors.New("tar archive is truncated")
	ErrName      = errors.New("invalid name in tar archive")
	ErrPAX       = errors.New("invalid PAX record")
	ErrSparse    = errors.New("invalid sparse file map")
	ErrType      = errors.New("tar entry type is not supported")
	ErrLimit     = errors.New("tar archive exceeds a limit")
)

// Error says where in an archive something is wrong.
type Error struct {
	Offset int64  // of the entry's header
	Name   string // of the entry, where known
	Err    error
}

func (e *Error) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("tar offset %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("tar offset %d, %q: %v", e.Offset, e.Name, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Limits bound what one archive may hold.
type Limits struct {
	Entries int   // 0 means DefaultEntries
	Sparse  int64 // size of a sparse file in bytes; 0 means DefaultSparse
}

// The limits where Limits say nothing.
const (
	DefaultEntries = 1_000_000
	DefaultSparse  = 1 << 40
)

// Kind says what an entry does to the tree below its layer.
type Kind uint8

const (
	// Node: the entry is a file of the type in Mode.
	Node Kind = iota
	// Hardlink: another name for the file at Link.
	Hardlink
	// Whiteout: what lower layers have at Name is not there.
	Whiteout
	// Opaque: lower layers' entries in directory Name are not there.
	Opaque
)

// Entry is one entry of a layer.
type Entry struct {
	// Name is the path, its components parted by single slashes, none of
	// them "." or ".."; "" is the root.
	Name string
	Kind Kind
	Mode uint32 // type and permissions
	UID  uint32
	GID  uint32
	Rdev uint64
	// Size is the length of the contents in bytes, holes included.
	Size int64
	// Times in ns since the epoch.
	Atime, Mtime, Ctime int64
	// Link is a symbolic link's target as it is, or a hard link's in the form of Name.
	Link string
	// Xattrs are extended attributes; nil if there are none.
	Xattrs map[string]string

	offset int64    // of the contents in the archive
	stored int64    // their length there
	sparse []extent // nil: contents are stored whole
}

// extent is a piece of a sparse file that is stored; the rest is holes.
type extent struct {
	start, n int64 // in the file
	at       int64 // from the start of the stored contents
}

// Layer is an indexed archive. It is safe for concurrent use.
type Layer struct {
	r       io.ReaderAt
	entries []Entry
	end     int64 // of the last block that was read

	mu      sync.Mutex
	digests map[int64][32]byte // by Entry.offset
}

// Entries are the layer's entries in the archive's order. They are shared: not to be changed.
func (l *Layer) Entries() []Entry { return l.entries }

// Contents reads a regular file's contents.
func (l *Layer) Contents(e *Entry) io.ReaderAt {
	if e.sparse != nil {
		return &sparseReader{r: io.NewSectionReader(l.r, e.offset, e.stored), extents: e.sparse, size: e.Size}
	}
	return io.NewSectionReader(l.r, e.offset, e.Size)
}

// A Lazy archive is one whose parts may have to be fetched before they can be read.
type Lazy interface {
	io.ReaderAt
	// Resident reports whether n bytes at off can be read without waiting.
	Resident(off, n int64) bool
	// Load waits until they can.
	Load(off, n int64) error
}

// Resident reports whether n bytes of a regular file's contents at off can be
// read without waiting. For a sparse file it answers for all of it.
func (l *Layer) Resident(e *Entry, off, n int64) bool {
	lazy, ok := l.r.(Lazy)
	if !ok {
		return true
	}
	return lazy.Resident(e.place(off, n))
}

// Load waits until Resident is true.
func (l *Layer) Load(e *Entry, off, n int64) error {
	lazy, ok := l.r.(Lazy)
	if !ok {
		return nil
	}
	return lazy.Load(e.place(off, n))
}

// place is where in the archive a part of the contents is stored.
func (e *Entry) place(off, n int64) (int64, int64) {
	off = max(off, 0)
	if e.sparse != nil {
		return e.offset, e.stored
	}
	off = min(off, e.stored)
	return e.offset + off, min(n, e.stored-off)
}

// Stored is where in the archive the contents are; ok is false for a sparse
// file, which is stored in pieces.
func (e *Entry) Stored() (r Range, ok bool) {
	return Range{e.offset, e.stored}, e.sparse == nil
}

// A Range is a part of an archive, in bytes.
type Range struct{ Start, Size int64 }

// Headers are the parts of the archive that Index needs, ascending and with
// gaps between them: all but files' contents. Index can be repeated with
// nothing else of the archive at hand, if all else reads as zeros.
func (l *Layer) Headers() []Range {
	var list []Range
	at := int64(0)
	for i := range l.entries {
		e := &l.entries[i]
		if e.stored == 0 {
			continue
		}
		if e.offset > at {
			list = append(list, Range{at, e.offset - at})
		}
		at = e.offset + e.stored + -e.stored&(blockSize-1)
	}
	if l.end > at {
		list = append(list, Range{at, l.end - at})
	}
	return list
}

// Digest is the SHA-256 of a regular file's contents. The file is read when it is first asked for.
func (l *Layer) Digest(e *Entry) ([32]byte, error) {
	if e.Kind != Node || e.Mode&abi.S_IFMT != abi.S_IFREG {
		return [32]byte{}, abi.EINVAL
	}
	l.mu.Lock()
	sum, ok := l.digests[e.offset]
	l.mu.Unlock()
	if ok {
		return sum, nil
	}
	h := sha2.New256()
	if _, err := io.Copy(h, io.NewSectionReader(l.Contents(e), 0, e.Size)); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.digests == nil {
		l.digests = map[int64][32]byte{}
	}
	l.digests[e.offset] = sum
	return sum, nil
}

// sparseReader reads a file with holes.
type sparseReader struct {
	r       io.ReaderAt // the stored pieces, one behind the other
	extents []extent    // ascending
	size    int64
}

// ReadAt implements io.ReaderAt.
func (s *sparseReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, abi.EINVAL
	}
	if off >= s.size {
		return 0, io.EOF
	}
	var end error
	if int64(len(p)) > s.size-off {
		p, end = p[:s.size-off], io.EOF
	}
	clear(p)
	for i := s.search(off); i < len(s.extents); i++ {
		x := s.extents[i]
		from, to := max(x.start, off), min(x.start+x.n, off+int64(len(p)))
		if from >= to {
			break
		}
		q := p[from-off : to-off]
		if n, err := s.r.ReadAt(q, x.at+from-x.start); n < len(q) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return int(from-off) + n, err
		}
	}
	return len(p), end
}

// search is the index of the first extent that ends behind off.
func (s *sparseReader) search(off int64) int {
	lo, hi := 0, len(s.extents)
	for lo < hi {
		mid := (lo + hi) / 2
		if x := s.extents[mid]; x.start+x.n <= off {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
