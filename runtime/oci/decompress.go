package oci

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"boxer/runtime/oci/spec"
)

// zstdWindow bounds the decoder's memory; `zstd --ultra -22` uses 128 MiB.
const zstdWindow = 128 << 20

var errBomb = errors.New("it is a decompression bomb")

// compression is how a file is packed, told by its first bytes.
type compression string

const (
	plain     compression = "plain"
	gzipped   compression = "gzip"
	zstandard compression = "zstd"
)

var magics = []struct {
	magic string
	kind  compression
}{
	{"\x1f\x8b", gzipped},
	{"\x28\xb5\x2f\xfd", zstandard},
	{"\x50\x2a\x4d\x18", zstandard}, // a skippable frame, as zstd:chunked begins
	{"BZh", "bzip2"},
	{"\xfd7zXZ\x00", "xz"},
}

func sniff(head []byte) compression {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.kind
		}
	}
	return plain
}

// sniffBlob looks at the blob's beginning.
func sniffBlob(b *blob) (compression, error) {
	var head [8]byte
	n, err := b.ReadAt(head[:], 0)
	if n < len(head) && err != io.EOF {
		return plain, err
	}
	return sniff(head[:n]), nil
}

// A counter counts the bytes read through it.
type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// decompressor reads the plain bytes of a packed stream, within the limits.
type decompressor struct {
	from *counter // packed bytes
	r    io.Reader
	out  int64
	kind compression
	end  func()
}

// decompress unpacks r, which is packed as kind says.
func decompress(r io.Reader, kind compression) (*decompressor, error) {
	d := &decompressor{from: &counter{Reader: r}, kind: kind, end: func() {}}
	switch kind {
	case plain:
		d.r = d.from
	case gzipped:
		z, err := gzip.NewReader(bufio.NewReaderSize(d.from, 64<<10))
		if err != nil {
			return nil, d.named(err)
		}
		d.r, d.end = z, func() { z.Close() }
	case zstandard:
		z, err := zstd.NewReader(d.from, zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, d.named(err)
		}
		d.r, d.end = z, z.Close
	default:
		return nil, fmt.Errorf("it is packed with %s; gzip, zstd and plain tar are supported: unpack it first", kind)
	}
	return d, nil
}

func (d *decompressor) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	d.out += int64(n)
	switch {
	case d.out > spec.MaxLayer:
		return 0, fmt.Errorf("%w: it unpacks to more than %d GiB, the limit", errBomb, spec.MaxLayer>>30)
	case d.out > spec.BombFree && d.out/spec.BombRatio > d.from.n:
		return 0, fmt.Errorf("%w: %d bytes became more than %d MiB", errBomb, d.from.n, d.out>>20)
	case err != nil && err != io.EOF:
		return n, d.named(err)
	}
	return n, err
}

// named says what is wrong with the stream in plain words.
func (d *decompressor) named(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errTruncated
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("its zstd window is larger than %d MiB, the limit", zstdWindow>>20)
	}
	return fmt.Errorf("its %s data is damaged: %w", d.kind, err)
}

func (d *decompressor) Close() { d.end() }
