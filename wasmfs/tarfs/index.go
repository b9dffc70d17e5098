package tarfs

import (
	"fmt"
	"io"
	"math"
	"strings"

	"boxer/runtime/abi"
)

// maxExtended is the size in bytes of the largest extended header (PAX records
// or a long name) that is read.
const maxExtended = 1 << 20

// Index reads the headers of an archive of size bytes. What lies behind the end
// marker is ignored; a missing end marker is allowed, as tar programs allow it.
func Index(r io.ReaderAt, size int64, lim Limits) (*Layer, error) {
	if lim.Entries <= 0 {
		lim.Entries = DefaultEntries
	}
	if lim.Sparse <= 0 {
		lim.Sparse = DefaultSparse
	}
	x := &indexer{r: r, size: size, lim: lim}
	for {
		e, err := x.next()
		if err == io.EOF {
			return &Layer{r: r, entries: x.entries, end: x.pos}, nil
		}
		if err != nil {
			return nil, &Error{Offset: x.start, Name: x.name, Err: err}
		}
		if e == nil {
			continue
		}
		if len(x.entries) == lim.Entries {
			return nil, &Error{Offset: x.start, Err: fmt.Errorf("%w: more than %d entries", ErrLimit, lim.Entries)}
		}
		x.entries = append(x.entries, *e)
	}
}

// indexer is an archive being read.
type indexer struct {
	r       io.ReaderAt
	size    int64
	lim     Limits
	pos     int64 // of the next block
	buf     []byte
	bufAt   int64 // where buf is in the archive
	entries []Entry

	start int64  // of the entry being read
	name  string // its name, for errors
}

// extended is what extended headers said about the entry that follows.
type extended struct {
	path, link       string
	havePath, haveLn bool
	pax              []record
}

// window is how many bytes are read at a time: headers of files without
// contents lie side by side.
const window = 8 << 10

// block reads the next block into h; io.EOF at the end of the archive.
func (x *indexer) block(h *header) error {
	if x.pos >= x.size {
		return io.EOF
	}
	if x.size-x.pos < blockSize {
		return ErrTruncated
	}
	if x.pos < x.bufAt || x.pos+blockSize > x.bufAt+int64(len(x.buf)) {
		if x.buf == nil {
			x.buf = make([]byte, window)
		}
		x.buf, x.bufAt = x.buf[:min(window, x.size-x.pos)], x.pos
		if n, err := x.r.ReadAt(x.buf, x.pos); n < blockSize {
			x.buf = x.buf[:0]
			if err == io.EOF || err == nil {
				err = ErrTruncated
			}
			return err
		} else {
			x.buf = x.buf[:n]
		}
	}
	copy(h[:], x.buf[x.pos-x.bufAt:])
	x.pos += blockSize
	return nil
}

// skip passes over n bytes of contents and their padding.
func (x *indexer) skip(n int64) error {
	if n < 0 || n > x.size-x.pos {
		return ErrTruncated
	}
	x.pos += n
	x.pos += min(-n&(blockSize-1), x.size-x.pos)
	return nil
}

// text reads the contents of an extended header.
func (x *indexer) text(h *header) (string, error) {
	n, err := number(h.size())
	if err != nil {
		return "", err
	}
	if n < 0 || n > maxExtended {
		return "", fmt.Errorf("%w: extended header of %d bytes", ErrLimit, n)
	}
	if n > x.size-x.pos {
		return "", ErrTruncated
	}
	b := make([]byte, n)
	if m, err := x.r.ReadAt(b, x.pos); m < len(b) {
		if err == io.EOF || err == nil {
			err = ErrTruncated
		}
		return "", err
	}
	return string(b), x.skip(n)
}

// next reads one entry with its extended headers. It returns nil for what is no file.
func (x *indexer) next() (*Entry, error) {
	x.start, x.name = x.pos, ""
	var ext extended
	var h header
	for headers := 0; ; headers++ {
		err := x.block(&h)
		if err == io.EOF && headers > 0 {
			return nil, ErrTruncated
		}
		if err != nil {
			return nil, err
		}
		if h.zero() {
			return nil, io.EOF
		}
		if !h.valid() {
			return nil, fmt.Errorf("%w: wrong checksum", ErrHeader)
		}
		switch h.typeflag() {
		case 'x':
			s, err := x.text(&h)
			if err != nil {
				return nil, err
			}
			if ext.pax, err = records(s); err != nil {
				return nil, err
			}
		case 'g':
			if _, err := x.text(&h); err != nil {
				return nil, err
			}
		case 'L':
			s, err := x.text(&h)
			if err != nil {
				return nil, err
			}
			ext.path, ext.havePath = cstring([]byte(s)), true
		case 'K':
			s, err := x.text(&h)
			if err != nil {
				return nil, err
			}
			ext.link, ext.haveLn = cstring([]byte(s)), true
		default:
			return x.entry(&h, &ext)
		}
	}
}

// entry makes the Entry of a header block.
func (x *indexer) entry(h *header, ext *extended) (*Entry, error) {
	e := &Entry{}
	path, link := h.path(), cstring(h.linkname())
	if ext.havePath {
		path = ext.path
	}
	if ext.haveLn {
		link = ext.link
	}
	x.name = path
	var size int64
	if err := x.numbers(h, e, &size); err != nil {
		return nil, err
	}
	sp, err := e.applyPAX(ext.pax, &path, &link, &size)
	if err != nil {
		return nil, err
	}
	x.name = path
	if h.magic() != magicUstar && h.magic() != magicGNU && h.typeflag() == 0 && strings.HasSuffix(path, "/") {
		h[156] = '5' // v7 has no type for directories
	}
	typ, known := typeOf(h.typeflag())
	if !known {
		return nil, fmt.Errorf("%w: %q", ErrType, h.typeflag())
	}
	e.Mode |= typ
	if typ == abi.S_IFREG {
		if err := x.contents(h, e, sp, size); err != nil {
			return nil, err
		}
	}
	if h.typeflag() == 'V' {
		return nil, nil // a volume's label
	}
	if e.Name, err = Clean(path); err != nil {
		return nil, err
	}
	switch h.typeflag() {
	case '1':
		e.Kind, e.Size = Hardlink, 0
		if e.Link, err = Clean(link); err != nil {
			return nil, fmt.Errorf("hard link target %q: %w", clip(link), err)
		}
	case '2':
		if link == "" || len(link) >= abi.PathMax || strings.IndexByte(link, 0) >= 0 {
			return nil, fmt.Errorf("symbolic link target %q: %w", clip(link), ErrName)
		}
		e.Link = link
		e.Mode = e.Mode&abi.S_IFMT | 0o777
	}
	return e, e.whiteout()
}

// typeOf is the file type of a typeflag.
func typeOf(flag byte) (mode uint32, known bool) {
	switch flag {
	case 0, '0', '7', 'S':
		return abi.S_IFREG, true
	case '1', 'V':
		return 0, true
	case '2':
		return abi.S_IFLNK, true
	case '3':
		return abi.S_IFCHR, true
	case '4':
		return abi.S_IFBLK, true
	case '5', 'D':
		return abi.S_IFDIR, true
	case '6':
		return abi.S_IFIFO, true
	}
	return 0, false
}

// numbers fills what the header block itself says.
func (x *indexer) numbers(h *header, e *Entry, size *int64) error {
	var v [7]int64
	fields := [7][]byte{h.mode(), h.uid(), h.gid(), h.size(), h.mtime(), h.major(), h.minor()}
	if h.typeflag() != '3' && h.typeflag() != '4' {
		fields[5], fields[6] = []byte{0}, []byte{0} // some programs leave garbage there
	}
	for i, f := range fields {
		var err error
		if v[i], err = number(f); err != nil {
			return err
		}
	}
	if v[3] < 0 {
		return fmt.Errorf("%w: negative size", ErrHeader)
	}
	e.Mode = uint32(v[0]) & 0o7777
	for i, id := range []*uint32{&e.UID, &e.GID} {
		if v[1+i] < 0 || v[1+i] >= math.MaxUint32 {
			return fmt.Errorf("%w: id %d", ErrHeader, v[1+i])
		}
		*id = uint32(v[1+i])
	}
	*size = v[3]
	e.Mtime = seconds(v[4], 0)
	e.Atime, e.Ctime = e.Mtime, e.Mtime
	if v[5] < 0 || v[5] > math.MaxUint32 || v[6] < 0 || v[6] > math.MaxUint32 {
		return fmt.Errorf("%w: device number", ErrHeader)
	}
	e.Rdev = abi.Makedev(uint32(v[5]), uint32(v[6]))
	return nil
}

// applyPAX lets PAX records override the header.
func (e *Entry) applyPAX(list []record, path, link *string, size *int64) (sp paxSparse, err error) {
	haveAtime := false
	for _, r := range list {
		switch r.key {
		case "path":
			*path = r.value
		case "linkpath":
			*link = r.value
		case "size":
			*size, err = decimal(r.value)
		case "uid", "gid":
			var id int64
			if id, err = decimal(r.value); err == nil && id >= math.MaxUint32 {
				err = fmt.Errorf("%w: %s %d", ErrPAX, r.key, id)
			}
			if r.key == "uid" {
				e.UID = uint32(id)
			} else {
				e.GID = uint32(id)
			}
		case "mtime":
			if e.Mtime, err = nanoseconds(r.value); err == nil {
				e.Ctime = e.Mtime
				if !haveAtime {
					e.Atime = e.Mtime
				}
			}
		case "atime":
			haveAtime = true
			e.Atime, err = nanoseconds(r.value)
		default:
			if name, ok := strings.CutPrefix(r.key, "SCHILY.xattr."); ok {
				err = e.setXattr(name, r.value)
			} else if name, ok := strings.CutPrefix(r.key, "GNU.sparse."); ok {
				err = sp.set(name, r.value, path)
			}
		}
		if err != nil {
			return sp, err
		}
	}
	return sp, nil
}

func (e *Entry) setXattr(name, value string) error {
	if name == "" || len(name) > abi.XattrNameMax || len(value) > abi.XattrSizeMax {
		return fmt.Errorf("%w: extended attribute %q of %d bytes", ErrPAX, clip(name), len(value))
	}
	if e.Xattrs == nil {
		e.Xattrs = map[string]string{}
	}
	e.Xattrs[name] = value
	return nil
}

// contents notes where a regular file's contents are and passes over them.
func (x *indexer) contents(h *header, e *Entry, sp paxSparse, size int64) error {
	e.Size = size
	var extents []extent
	var err error
	switch {
	case h.typeflag() == 'S':
		if e.Size, err = number(h.gnuRealsize()); err == nil {
			extents, err = x.gnuMap(h)
		}
	case sp.present():
		e.Size = sp.size
		extents, err = x.paxMap(sp, &size)
	default:
		e.offset, e.stored = x.pos, size
		return x.skip(size)
	}
	if err != nil {
		return err
	}
	if e.sparse, err = checkMap(extents, e.Size, size); err != nil {
		return err
	}
	if e.Size > x.lim.Sparse {
		return fmt.Errorf("%w: sparse file of %d bytes", ErrLimit, e.Size)
	}
	e.offset, e.stored = x.pos, size
	return x.skip(size)
}

// Whiteout markers, OCI image-spec layer.md.
const (
	whiteoutPrefix = ".wh."
	opaqueName     = ".wh..wh..opq"
)

// whiteout turns a marker into what it means.
func (e *Entry) whiteout() error {
	dir, base := "", e.Name
	if i := strings.LastIndexByte(e.Name, '/'); i >= 0 {
		dir, base = e.Name[:i], e.Name[i+1:]
	}
	switch {
	case !strings.HasPrefix(base, whiteoutPrefix):
		return nil
	case base == opaqueName:
		*e = Entry{Kind: Opaque, Name: dir}
		return nil
	}
	hidden := base[len(whiteoutPrefix):]
	if hidden == "" || hidden == "." || hidden == ".." {
		return fmt.Errorf("%w: whiteout %q", ErrName, base)
	}
	if dir != "" {
		hidden = dir + "/" + hidden
	}
	*e = Entry{Kind: Whiteout, Name: hidden}
	return nil
}

// Clean puts a path of an archive in Entry.Name's form. Slashes at the start, as
// all tar programs have it, mean nothing; ".." is refused (ErrName), and so are
// NUL bytes and what is longer than Linux allows.
func Clean(path string) (string, error) {
	if len(path) >= abi.PathMax {
		return "", fmt.Errorf("%w: %d bytes long", ErrName, len(path))
	}
	if strings.IndexByte(path, 0) >= 0 {
		return "", fmt.Errorf("%w: NUL byte", ErrName)
	}
	clean := true
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case part == "" || part == ".":
			clean = false
		case part == "..":
			return "", fmt.Errorf("%w: \"..\"", ErrName)
		case len(part) > abi.NameMax:
			return "", fmt.Errorf("%w: component of %d bytes", ErrName, len(part))
		}
	}
	if clean {
		return path, nil
	}
	var b strings.Builder
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(part)
	}
	return b.String(), nil
}

// clip shortens a string for an error message.
func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
