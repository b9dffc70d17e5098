package remote

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/spec"
)

// packings are the forms that a file may have by its first bytes; "" is gzip.
var packings = []struct{ magic, name string }{
	{"\x1f\x8b", ""},
	{"\x28\xb5\x2f\xfd", "zstd"}, {"\x50\x2a\x4d\x18", "zstd"},
	{"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"},
}

// sniff looks at r's first bytes.
func sniff(r *bufio.Reader) (gzipped bool, err error) {
	head, err := r.Peek(8)
	if err != nil && err != io.EOF {
		return false, err
	}
	for _, p := range packings {
		if strings.HasPrefix(string(head), p.magic) {
			if p.name != "" {
				return false, fmt.Errorf("it is packed with %s, which a page does not unpack: make it an image for pages with boxer export --web", p.name)
			}
			return true, nil
		}
	}
	return false, nil
}

// openWhole fetches a layer, unpacks it into memory and compares it with its
// digests.
func (o *opener) openWhole(l *layout.Layer) (*spec.Tar, error) {
	t, err := o.whole(l)
	var wrong *spec.DigestError
	if err != nil && !errors.As(err, &wrong) {
		return nil, fmt.Errorf("layer %s: %w", l.DiffID.Short(), err)
	}
	return t, err
}

func (o *opener) whole(l *layout.Layer) (*spec.Tar, error) {
	size := l.Descriptor.Size
	if l.Digest == "" {
		size = -1
	}
	f, err := o.src.open(l.File, size)
	if err != nil {
		return nil, err
	}
	if p, ok := f.(part); ok {
		size = p.size
	}
	in, err := f.stream(o.ctx, Cached)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	o.progress.expect(max(size, 0))
	packed := &hashing{r: in, progress: &o.progress}
	if l.Digest != "" {
		packed.h = l.Digest.NewHash()
	}
	r := bufio.NewReaderSize(packed, 64<<10)
	gzipped, err := sniff(r)
	if err != nil {
		return nil, err
	}
	plain := l.DiffID.NewHash()
	var out memory
	near := nearby(f)
	if gzipped {
		err = inflate(r, packed, &out, plain)
	} else {
		keep := &out
		if near != nil {
			keep = nil // it is read where it lies
		}
		err = plainInto(r, keep, plain)
	}
	if err == errBomb {
		return nil, err
	}
	// Content that is not what its digest says explains every other error, and
	// what follows the compressed stream is part of the digest.
	if _, e := io.Copy(io.Discard, r); err == nil {
		err = e
	}
	if packed.h != nil {
		if got := spec.DigestOf(packed.h); got != l.Digest {
			return nil, &spec.DigestError{What: "layer", Want: l.Digest, Got: got}
		}
	}
	if err != nil {
		return nil, err
	}
	if got := spec.DigestOf(plain); got != l.DiffID {
		return nil, &spec.DigestError{What: "unpacked layer", Want: l.DiffID, Got: got}
	}
	if !gzipped && near != nil {
		return spec.NewTar(near, near.Size(), nil), nil
	}
	return out.tar(), nil
}

// nearby is what f reads, if that is at hand; else nil.
func nearby(f file) *io.SectionReader {
	if p, ok := f.(part); ok {
		if m, ok := p.of.(memoryFile); ok {
			return io.NewSectionReader(m, p.off, p.size)
		}
	}
	return nil
}

// plainInto hashes a layer that is not packed, and copies it to out if that is
// not nil.
func plainInto(r io.Reader, out *memory, h hash.Hash) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		h.Write(buf[:n])
		if out != nil {
			if err := out.write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

var errBomb = errors.New("it is a decompression bomb")

// inflate unpacks r, within the limits on bombs.
func inflate(r io.Reader, packed *hashing, out *memory, h hash.Hash) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return damaged(err)
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := z.Read(buf)
		if h != nil {
			h.Write(buf[:n])
		}
		if e := out.write(buf[:n]); e != nil {
			return e
		}
		if out.size > spec.BombFree && out.size/spec.BombRatio > packed.n {
			return errBomb
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
	}
}

// damaged says what is wrong with packed data.
func damaged(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errTruncated
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("its gzip data is damaged: %w", err)
	}
	return err
}

// hashing hashes and counts what is read through it.
type hashing struct {
	r        io.Reader
	h        hash.Hash // may be nil
	n        int64
	progress *progress // may be nil
}

func (c *hashing) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.h != nil {
		c.h.Write(p[:n])
	}
	if c.progress != nil && n > 0 {
		c.progress.add(int64(n))
	}
	return n, err
}
