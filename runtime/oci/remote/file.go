package remote

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
)

// A file is content somewhere.
type file interface {
	// read returns n bytes at off, fewer at the end.
	read(ctx context.Context, off, n int64, c Caching) ([]byte, error)
	// stream reads all of it.
	stream(ctx context.Context, c Caching) (io.ReadCloser, error)
}

var errTruncated = errors.New("the file ends too early: it is truncated")

// memoryFile is content at hand.
type memoryFile struct {
	io.ReaderAt
	size int64
}

func (m memoryFile) read(_ context.Context, off, n int64, _ Caching) ([]byte, error) {
	p := make([]byte, max(min(n, m.size-off), 0))
	k, err := m.ReadAt(p, off)
	if k < len(p) && (err == nil || err == io.EOF) {
		err = errTruncated
	}
	if k == len(p) {
		err = nil
	}
	return p, err
}

func (m memoryFile) stream(context.Context, Caching) (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(m, 0, m.size)), nil
}

// part is a part of another file.
type part struct {
	of        file
	off, size int64
}

func (p part) read(ctx context.Context, off, n int64, c Caching) ([]byte, error) {
	if off < 0 || off > p.size {
		return nil, fs.ErrInvalid
	}
	return p.of.read(ctx, p.off+off, min(n, p.size-off), c)
}

// pieceSize is how much of a part is asked for at a time.
const pieceSize = 1 << 20

func (p part) stream(ctx context.Context, c Caching) (io.ReadCloser, error) {
	return &pieces{ctx: ctx, from: p, c: c}, nil
}

// pieces reads a part from its beginning.
type pieces struct {
	ctx  context.Context
	from part
	c    Caching
	at   int64
	buf  []byte
}

func (r *pieces) Read(b []byte) (int, error) {
	if len(r.buf) == 0 {
		if r.at == r.from.size {
			return 0, io.EOF
		}
		want := min(pieceSize, r.from.size-r.at)
		p, err := r.from.read(r.ctx, r.at, want, r.c)
		if err == nil && int64(len(p)) < want {
			err = errTruncated
		}
		if err != nil {
			return 0, err
		}
		r.buf = p
		r.at += want
	}
	n := copy(b, r.buf)
	r.buf = r.buf[n:]
	return n, nil
}

func (r *pieces) Close() error { return nil }

// directory is a layout directory on a server.
type directory struct{ o *opener }

func (d directory) open(name string, size int64) (file, error) {
	return d.o.newHTTP(d.url(name), size), nil
}

// url is the address of a file. Names have no character that would need
// escaping: they are digests, or were checked by plainPath.
func (d directory) url(name string) string {
	base, query, ok := strings.Cut(d.o.opt.URL, "?")
	if ok {
		query = "?" + query
	}
	return base + name + query
}

// isDirectory reports whether url is that of a layout directory.
func isDirectory(url string) bool {
	path, _, _ := strings.Cut(url, "?")
	return strings.HasSuffix(path, "/")
}

// plainPath reports whether name is a path below a directory, of letters and
// digits that mean themselves in a URL.
func plainPath(name string) bool {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./"
	return fs.ValidPath(name) && strings.Trim(name, plain) == ""
}
