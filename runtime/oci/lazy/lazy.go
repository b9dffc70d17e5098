// Package lazy lets a layer be read before all of it is there. The layer's blob
// is an ordinary gzip layer whose stream consists of many members, each of which
// can be unpacked by itself; an index beside it says where they lie, what
// each hashes to, and holds the tar's headers, so that the file tree can be listed
// without a single member. The tar is not changed and neither is its diffID:
// who knows nothing of the index reads the blob as any other.
//
//	layer blob   gzip member 0 | gzip member 1 | …      each about 512 KiB of the tar
//	index blob   magic, sizes, members, headers, prefetch list; see Encode
//
// The index is found by annotations of the layer's descriptor, with its digest:
// whoever trusts the manifest can trust it. Members are compared with their
// hashes, and with the headers of the index, before anything is read of them.
//
// An index is a stranger's input. Decode checks every number and the sum of
// all, and its time and memory are bounded by the blob's size.
//
// This package is part of a page's core: it has no JSON and no zstd.
package lazy

import (
	"errors"
	"fmt"

	"boxer/runtime/oci/spec"
)

// Annotations of a layer's descriptor that lead to its index.
const (
	AnnotationDigest = "vnd.boxer.index.digest"
	AnnotationSize   = "vnd.boxer.index.size"
)

// Bounds on what an index may say.
const (
	// MaxIndex is the size of an index in bytes. That of Python's library, 2,807
	// files, has 61,000.
	MaxIndex = 32 << 20
	// MaxHeaders bounds the headers' bytes when unpacked: about 200,000 files.
	MaxHeaders = 128 << 20
	// MaxMember is the longest part of a tar in one member.
	MaxMember = 4 << 20
	// maxPacked is the longest member: what does not shrink grows by little.
	maxPacked = MaxMember + 64<<10
)

// ErrIndex is wrapped by every error about an index that makes no sense.
var ErrIndex = errors.New("the layer's index is damaged")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrIndex, fmt.Sprintf(format, args...))
}

// An Extent is a part of the tar.
type Extent struct{ Start, Size int64 }

// A Member is one member of the blob's gzip stream.
type Member struct {
	Offset, Size int64    // in the blob
	Start, Len   int64    // of what it unpacks to, in the tar
	Sum          [32]byte // SHA-256 of its bytes in the blob
}

// An Index describes a layer's blob.
type Index struct {
	TarSize, BlobSize int64
	// Members are in order and leave no gap, in the blob and in the tar.
	Members []Member
	// Headers are the parts of the tar that listing its files needs,
	// ascending; HeaderBytes are their contents, one behind the other.
	Headers     []Extent
	HeaderBytes []byte
	// Prefetch lists members that will be needed at once, the first first.
	Prefetch []int
}

// Check reports what in x contradicts itself or the limits on layers.
func (x *Index) Check() error {
	if x.TarSize < 0 || x.TarSize > spec.MaxLayer || x.BlobSize < 0 {
		return damaged("a tar of %d bytes", x.TarSize)
	}
	if x.TarSize > spec.BombFree && x.TarSize/spec.BombRatio > x.BlobSize {
		return fmt.Errorf("it is a decompression bomb: %d bytes become %d MiB", x.BlobSize, x.TarSize>>20)
	}
	var at, from int64
	for i, m := range x.Members {
		if m.Start != at || m.Offset != from || m.Len < 0 || m.Len > MaxMember || m.Size <= 0 || m.Size > maxPacked {
			return damaged("member %d", i)
		}
		at, from = at+m.Len, from+m.Size
	}
	if at != x.TarSize || from != x.BlobSize {
		return damaged("its members hold %d of %d bytes", at, x.TarSize)
	}
	var end, sum int64
	for i, h := range x.Headers {
		if h.Size <= 0 || h.Start < end || h.Start > x.TarSize || h.Size > x.TarSize-h.Start {
			return damaged("header %d", i)
		}
		end, sum = h.Start+h.Size, sum+h.Size
	}
	if sum != int64(len(x.HeaderBytes)) || sum > MaxHeaders {
		return damaged("%d bytes of headers", sum)
	}
	for _, p := range x.Prefetch {
		if p < 0 || p >= len(x.Members) {
			return damaged("prefetch of member %d", p)
		}
	}
	return nil
}

// find returns the member that holds the tar's byte at off; −1 for none.
func (x *Index) find(off int64) int {
	if off < 0 || off >= x.TarSize {
		return -1
	}
	lo, hi := 0, len(x.Members)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; x.Members[mid].Start <= off {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// span returns the members that hold n bytes at off, as a half-open range.
func (x *Index) span(off, n int64) (first, end int) {
	n = min(n, x.TarSize-off)
	if off < 0 || n <= 0 {
		return 0, 0
	}
	return x.find(off), x.find(off+n-1) + 1
}
