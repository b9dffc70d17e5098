package mm

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"slices"
	"sync"

	"boxer/runtime/abi"
)

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

// A backing is one file as one Map call saw it; the pieces that splitting
// makes of the mapping share it.
type backing struct {
	file   File
	digest [32]byte // zero: unknown, or of no use
	// For a shared mapping of a file that may be written: the file offset of
	// the first page, and what each page's contents hashed to when they last
	// equalled the file's, once a page was writable.
	writable bool
	off      int64
	hashes   []uint64
}

// clone is a backing whose hashes change by themselves.
func (b *backing) clone() *backing {
	c := *b
	c.hashes = slices.Clone(b.hashes)
	return &c
}

var hashSeed = maphash.MakeSeed()

// scratch is a buffer between files and memories.
const scratchSize = 128 << 10

var scratch = sync.Pool{New: func() any { return new([scratchSize]byte) }}

// load reads v's file into [lo, hi) of v, which is all zero. What lies beyond
// the file's end stays zero.
func (s *Space) load(v *vma, lo, hi uint64) error {
	if v.file == nil {
		return nil
	}
	off := v.off + int64(lo-v.start)
	n := min(int64(hi-lo), v.file.file.Size()-off)
	buf := scratch.Get().(*[scratchSize]byte)
	defer scratch.Put(buf)
	for at := lo; n > 0; {
		p := buf[:min(n, scratchSize)]
		got, err := v.file.file.ReadAt(p, off)
		if got == 0 {
			if err == nil || err == io.EOF { // truncated meanwhile
				break
			}
			return errnoOf(err)
		}
		if !bytes.Equal(p[:got], zeros[:got]) && !s.mem.Write(at-MinAddr, p[:got]) { // holes commit no pages
			panic("BUG: mm: file mapping outside the memory")
		}
		at, off, n = at+uint64(got), off+int64(got), n-int64(got)
	}
	if v.file.digest != [32]byte{} {
		if _, ok := v.file.file.Digest(); !ok { // the file was written meanwhile
			v.file.digest = [32]byte{}
		}
	}
	if v.shared && v.written {
		s.remember(v, lo, hi)
	}
	return nil
}

// remember takes the pages of [lo, hi) of a shared mapping for what the file
// holds.
func (s *Space) remember(v *vma, lo, hi uint64) {
	b := v.file
	if need := (v.off-b.off)/pageSize + int64(v.len()/pageSize); need > int64(len(b.hashes)) {
		b.hashes = append(b.hashes, make([]uint64, need-int64(len(b.hashes)))...)
	}
	s.eachPage(v, lo, hi, func(page []byte, hash *uint64, _ int64) error {
		*hash = maphash.Bytes(hashSeed, page)
		return nil
	})
}

// writeBack writes the pages of [lo, hi) that the guest changed to the file,
// if v is a shared mapping of one.
func (s *Space) writeBack(v *vma, lo, hi uint64) error {
	if !v.shared || !v.written {
		return nil
	}
	w, size := v.file.file.(WriterFile), v.file.file.Size()
	return s.eachPage(v, lo, hi, func(page []byte, hash *uint64, off int64) error {
		h := maphash.Bytes(hashSeed, page)
		if h == *hash || off >= size {
			return nil
		}
		if _, err := w.WriteAt(page[:min(pageSize, size-off)], off); err != nil {
			return errnoOf(err)
		}
		*hash = h
		return nil
	})
}

// eachPage calls f with each page of [lo, hi), its hash and its file offset.
// It goes on after an error and returns the first one.
func (s *Space) eachPage(v *vma, lo, hi uint64, f func(page []byte, hash *uint64, off int64) error) error {
	var page [pageSize]byte
	var first error
	for a := lo; a < hi; a += pageSize {
		if !s.mem.Read(a-MinAddr, page[:]) {
			panic("BUG: mm: shared mapping outside the memory")
		}
		off := v.off + int64(a-v.start)
		if err := f(page[:], &v.file.hashes[(off-v.file.off)/pageSize], off); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// errnoOf finds the Errno in a file system's error; EIO stands for others.
func errnoOf(err error) error {
	var e abi.Errno
	if errors.As(err, &e) {
		return e
	}
	return abi.EIO
}
