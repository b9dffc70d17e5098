package remote

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"boxer/runtime/abi"
	"boxer/runtime/oci/spec"
	"boxer/wasmfs/tarfs"
)

// Bounds on an archive: entries, of which an image has a few for each layer,
// and a chain of links among them. Old `docker save` wrote one link where two
// images share a layer.
const (
	maxArchiveEntries = 100_000
	maxArchiveLinks   = 8
)

// An archive is a tar whose files are read where they lie.
type archive struct {
	file    file
	entries map[string]*tarfs.Entry
}

// isText tells the start of a page or a message from that of an archive, whose headers are full of zeros.
func isText(head []byte) bool {
	control := func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }
	return utf8.Valid(head[:max(0, len(head)-utf8.UTFMax)]) && bytes.IndexFunc(head, control) < 0
}

// openArchive lists the tar in f, which is unpacked first where it is packed as
// a whole.
func (o *opener) openArchive(f file) (*archive, error) {
	head, err := f.read(o.ctx, 0, 512, Revalidated)
	if err != nil {
		return nil, err
	}
	if len(head) == 0 {
		return nil, errors.New("the file is empty")
	}
	gzipped, err := sniff(bufio.NewReader(strings.NewReader(string(head))))
	if err != nil {
		return nil, err
	}
	if !gzipped && isText(head) {
		return nil, fmt.Errorf("it is not an image: it is no tar archive, but text that begins with %.40q, as a server's answer for what is not there", head)
	}
	if gzipped {
		if f, err = o.unpackArchive(f); err != nil {
			return nil, err
		}
	}
	in := &blocks{o: o, f: f}
	size := int64(spec.MaxLayer) // where nobody says: the end marker does
	if m, ok := f.(memoryFile); ok {
		size = m.size
	}
	layer, err := tarfs.Index(in, size, tarfs.Limits{Entries: maxArchiveEntries})
	if err != nil {
		if errors.Is(err, tarfs.ErrHeader) {
			return nil, errors.New("it is not an image: it is no tar archive, or a damaged one (invalid header)")
		}
		if errors.Is(err, tarfs.ErrTruncated) {
			return nil, errTruncated
		}
		return nil, err
	}
	a := &archive{f, map[string]*tarfs.Entry{}}
	for i := range layer.Entries() {
		e := &layer.Entries()[i]
		a.entries[e.Name] = e
	}
	return a, nil
}

// unpackArchive makes the plain form of an archive in memory.
func (o *opener) unpackArchive(f file) (file, error) {
	in, err := f.stream(o.ctx, Cached)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if b, ok := in.(*body); ok {
		o.progress.expect(max(b.size, 0))
	}
	var out memory
	packed := &hashing{r: in, progress: &o.progress}
	if err := inflate(bufio.NewReaderSize(packed, 64<<10), packed, &out, nil); err != nil {
		return nil, err
	}
	return memoryFile{&out, out.size}, nil
}

func (a *archive) has(name string) bool { return a.entries[name] != nil }

// open implements source.
func (a *archive) open(name string, _ int64) (file, error) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	for range maxArchiveLinks {
		e := a.entries[name]
		switch {
		case e == nil:
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		case e.Kind == tarfs.Hardlink:
			name = e.Link
			continue
		case e.Kind == tarfs.Node && e.Mode&abi.S_IFMT == abi.S_IFLNK:
			name = strings.TrimPrefix(path.Clean("/"+path.Join(path.Dir(name), e.Link)), "/")
			continue
		}
		r, ok := e.Stored()
		if e.Kind != tarfs.Node || e.Mode&abi.S_IFMT != abi.S_IFREG || !ok {
			return nil, fmt.Errorf("%s is not a regular file", name)
		}
		return part{a.file, r.Start, r.Size}, nil
	}
	return nil, fmt.Errorf("%s: too many links", name)
}

// blockSize is how much of an archive is fetched at a time while it is listed:
// what exports put first fits, documents and all.
const blockSize = 64 << 10

// blocks reads a file in blocks and keeps the last one.
type blocks struct {
	o *opener
	f file

	mu   sync.Mutex
	at   int64
	data []byte
}

// ReadAt implements io.ReaderAt.
func (b *blocks) ReadAt(p []byte, off int64) (int, error) {
	if m, ok := b.f.(memoryFile); ok {
		return m.ReadAt(p, off)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at < b.at || at >= b.at+int64(len(b.data)) {
			data, err := b.f.read(b.o.ctx, at, blockSize, Cached)
			if err != nil {
				return done, err
			}
			if len(data) == 0 {
				return done, io.EOF
			}
			b.at, b.data = at, data
		}
		done += copy(p[done:], b.data[at-b.at:])
	}
	return done, nil
}
