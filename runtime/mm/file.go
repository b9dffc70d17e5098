package mm

import "boxer/runtime/abi"

// File is what a mapping needs of an open file. A File is retained by the
// mappings made of it: it must stay readable after its descriptor is closed
// and its name is gone.
type File interface {
	// ReadAt is io.ReaderAt.
	ReadAt(p []byte, off int64) (int, error)
	// Size is the current size in bytes.
	Size() int64
	// Digest is the SHA-256 of the whole contents, false when it is not known
	// to be stable (a file of the writable layer that may still change).
	Digest() ([32]byte, bool)
	// Name is the path that /proc/self/maps shows.
	Name() string
}

// WriterFile is a File that can be mapped shared and writable.
type WriterFile interface {
	File
	// WriteAt is io.WriterAt. Mappings never write beyond Size.
	WriteAt(p []byte, off int64) (int, error)
}

// Refused is the error of a request that Linux would grant and boxer does
// not: an Errno for the guest and a name for the person.
type Refused struct {
	Errno abi.Errno
	What  string // "mmap: shared anonymous memory"
}

func (r *Refused) Error() string { return r.What + " is not supported" }

// Unwrap returns the Errno that the guest gets.
func (r *Refused) Unwrap() error { return r.Errno }
