package tarfs

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"boxer/runtime/abi"
)

// A Writer writes an archive that Index reads, and every other program that
// knows pax: what does not fit a header block stands in a record before it.
type Writer struct {
	w    io.Writer
	left int64 // contents of the last entry that were not written yet
	pad  int64
	err  error
}

// NewWriter makes a Writer on w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Header starts an entry of kind Node or Hardlink; Size bytes must be written
// before the next. Of the times only Mtime is kept, in seconds. Sockets have no form
// in an archive: they are EINVAL.
func (w *Writer) Header(e *Entry) error {
	if err := w.finish(); err != nil {
		return err
	}
	name, link, flag, size := e.Name, e.Link, byte('0'), int64(0)
	if e.Name == "" {
		name = "."
	}
	switch {
	case e.Kind == Hardlink:
		flag = '1'
	case e.Kind != Node:
		return abi.EINVAL
	default:
		switch e.Mode & abi.S_IFMT {
		case abi.S_IFREG:
			size = e.Size
		case abi.S_IFDIR:
			flag = '5'
			name += "/"
		case abi.S_IFLNK:
			flag = '2'
		case abi.S_IFCHR:
			flag = '3'
		case abi.S_IFBLK:
			flag = '4'
		case abi.S_IFIFO:
			flag = '6'
		default:
			return abi.EINVAL
		}
	}
	var pax []byte
	text := func(field []byte, s, key string) {
		if copy(field, s) < len(s) {
			pax = appendRecord(pax, key, s)
		}
	}
	num := func(field []byte, n int64, key string) {
		if s := strconv.FormatInt(n, 8); n >= 0 && len(s) < len(field) {
			copy(field, fmt.Sprintf("%0*s", len(field)-1, s))
		} else {
			copy(field, fmt.Sprintf("%0*d", len(field)-1, 0))
			pax = appendRecord(pax, key, strconv.FormatInt(n, 10))
		}
	}
	h := &header{}
	text(h.name(), name, "path")
	text(h.linkname(), link, "linkpath")
	num(h.mode(), int64(e.Mode&0o7777), "")
	num(h.uid(), int64(e.UID), "uid")
	num(h.gid(), int64(e.GID), "gid")
	num(h.size(), size, "size")
	num(h.mtime(), e.Mtime/1e9, "mtime")
	if t := e.Mode & abi.S_IFMT; e.Kind == Node && (t == abi.S_IFCHR || t == abi.S_IFBLK) {
		num(h.major(), int64(abi.Major(e.Rdev)), "SCHILY.devmajor")
		num(h.minor(), int64(abi.Minor(e.Rdev)), "SCHILY.devminor")
	}
	for _, name := range slices.Sorted(maps.Keys(e.Xattrs)) {
		pax = appendRecord(pax, "SCHILY.xattr."+name, e.Xattrs[name])
	}
	if len(pax) > 0 {
		x := &header{}
		copy(x.name(), "pax")
		copy(x.mode(), "0000644")
		copy(x.size(), fmt.Sprintf("%011o", len(pax)))
		w.block(x, 'x')
		w.left = int64(len(pax))
		w.pad = padding(w.left)
		w.Write(pax)
		if err := w.finish(); err != nil {
			return err
		}
	}
	w.block(h, flag)
	w.left, w.pad = size, padding(size)
	return w.err
}

func padding(n int64) int64 { return -n & (blockSize - 1) }

// block writes a header with its type and sum.
func (w *Writer) block(h *header, flag byte) {
	h[156] = flag
	copy(h[257:], magicUstar)
	sum := int64(8 * ' ')
	for _, b := range h {
		sum += int64(b)
	}
	copy(h.checksum(), fmt.Sprintf("%06o\x00 ", sum))
	w.raw(h[:])
}

func (w *Writer) raw(p []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(p)
	}
}

// Write writes contents of the entry that Header started.
func (w *Writer) Write(p []byte) (int, error) {
	if int64(len(p)) > w.left {
		return 0, errors.New("more contents than the tar entry's size")
	}
	w.raw(p)
	w.left -= int64(len(p))
	return len(p), w.err
}

// finish ends the entry under way.
func (w *Writer) finish() error {
	if w.left > 0 {
		return fmt.Errorf("%d bytes of the tar entry are missing", w.left)
	}
	if w.pad > 0 {
		w.raw(make([]byte, w.pad))
		w.pad = 0
	}
	return w.err
}

// Close ends the archive.
func (w *Writer) Close() error {
	if err := w.finish(); err != nil {
		return err
	}
	w.raw(make([]byte, 2*blockSize))
	return w.err
}

// appendRecord adds a pax record, whose length counts its own digits.
func appendRecord(b []byte, key, value string) []byte {
	n := len(key) + len(value) + 3
	for size := n + 1; ; size++ {
		if s := strconv.Itoa(size); n+len(s) == size {
			return append(b, s+" "+key+"="+value+"\n"...)
		}
	}
}
