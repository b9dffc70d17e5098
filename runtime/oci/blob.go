package oci

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/spec"
)

// A blob is stored content: a file or a part of one.
type blob struct {
	io.ReaderAt
	size int64
	// identity tells this content from any other on this machine without
	// reading it: path, size and time of change. It is "" where nothing
	// vouches for the content between two runs.
	identity string
	close    func() error
}

func (b *blob) reader() io.Reader { return io.NewSectionReader(b, 0, b.size) }

func (b *blob) Close() error {
	if b.close == nil {
		return nil
	}
	return b.close()
}

// blobs finds files by their slash-separated name in a directory or archive,
// such as "index.json" or "blobs/sha256/…". The error wraps fs.ErrNotExist
// where there is no such file.
type blobs interface {
	open(name string) (*blob, error)
}

// dirBlobs is a directory on the host. Names never leave it, symbolic links
// included.
type dirBlobs struct {
	root *os.Root
	path string
}

func (d dirBlobs) open(name string) (*blob, error) {
	f, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if !st.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	return &blob{f, st.Size(), fileIdentity(filepath.Join(d.path, name), st), f.Close}, nil
}

// fileIdentity describes the file at path as it is now. It is a cache key,
// not a proof: who can change the file at a given size and time is its owner.
func fileIdentity(path string, st fs.FileInfo) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s\n%d\n%d", abs, st.Size(), st.ModTime().UnixNano())
}

// readAll reads the small file name whole.
func readAll(from blobs, name string) ([]byte, error) {
	b, err := from.open(name)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if b.size > spec.MaxDocument {
		return nil, fmt.Errorf("%s is %d bytes long; the limit is %d", name, b.size, spec.MaxDocument)
	}
	p := make([]byte, b.size)
	if n, err := b.ReadAt(p, 0); n < len(p) {
		return nil, fmt.Errorf("%s: %w", name, truncated(err))
	}
	return p, nil
}

func blobName(d Digest) string { return layout.BlobName(d) }

// readDocument reads the document called d and checks that it is what its
// digest says.
func readDocument(from blobs, what string, d descriptor) ([]byte, Digest, error) {
	digest, err := ParseDigest(string(d.Digest))
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", what, err)
	}
	p := d.Data
	if len(p) == 0 {
		p, err = readAll(from, blobName(digest))
	}
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, "", fmt.Errorf("%s %s is not in the image: %w", what, digest, fs.ErrNotExist)
		}
		return nil, "", fmt.Errorf("%s %s: %w", what, digest.Short(), err)
	}
	h := digest.NewHash()
	h.Write(p)
	if got := spec.DigestOf(h); got != digest {
		return nil, "", &DigestError{What: what, Want: digest, Got: got}
	}
	return p, digest, nil
}

// truncated names the end of input for what it is.
func truncated(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return err
}

var errTruncated = errors.New("the file ends too early: it is truncated")

// verify reads all of r, which should hash to want.
func verify(what string, want Digest, r io.Reader) error {
	h := want.NewHash()
	if _, err := io.Copy(h, r); err != nil {
		return fmt.Errorf("%s %s: %w", what, want.Short(), err)
	}
	if got := spec.DigestOf(h); got != want {
		return &DigestError{What: what, Want: want, Got: got}
	}
	return nil
}

// clip keeps a hostile string short enough for an error message.
func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
