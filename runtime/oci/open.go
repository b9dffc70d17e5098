package oci

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"boxer/runtime/oci/layout"
)

// Options say which image to open and where to keep what is unpacked.
type Options struct {
	// Reference picks one of several images: a tag or whole name.
	Reference string
	// Platform picks the variant; zero means the best that boxer runs:
	// linux/arm64, then WASI.
	Platform Platform
	// Cache keeps unpacked layers; nil unpacks them to a temporary place.
	Cache *Cache
	// Progress is called while a layer is read: done of total bytes. Layers
	// opened in parallel report in parallel.
	Progress func(layer Digest, done, total int64)
}

// ErrNoImage is wrapped by Open's error where path holds files, but no image.
var ErrNoImage = errors.New("not an image")

// Open reads the image at path: an OCI layout directory, an oci-archive or a
// docker-archive tar, plain or packed with gzip or zstd.
func Open(path string, opt Options) (*Image, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	m, err := func() (*Image, error) {
		if st.IsDir() {
			return openDir(path, &opt)
		}
		return openTar(path, &opt)
	}()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func openDir(path string, opt *Options) (*Image, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	from := dirBlobs{root, path}
	m, err := func() (*Image, error) {
		if _, err := root.Stat("index.json"); err == nil {
			return openImage(from, path, opt, layout.Find)
		}
		if _, err := root.Stat("manifest.json"); err == nil {
			return openImage(from, path, opt, layout.FindSaved)
		}
		return nil, fmt.Errorf("%w: the directory has no index.json (OCI layout) or manifest.json (docker save); to run it as a root file system: boxer run --rootfs %s COMMAND", ErrNoImage, path)
	}()
	if err != nil {
		root.Close()
		return nil, err
	}
	m.close = root.Close
	return m, nil
}

func openTar(path string, opt *Options) (*Image, error) {
	file, err := openPlainTar(path, opt.Cache)
	if err != nil {
		return nil, err
	}
	m, err := openArchiveImage(file, path, opt)
	if err != nil {
		file.Close()
		return nil, err
	}
	m.close = file.Close
	return m, nil
}

// OpenArchive reads the image whose archive is in r, an uncompressed tar of
// size bytes. name is for people.
func OpenArchive(r io.ReaderAt, size int64, name string, opt Options) (*Image, error) {
	m, err := openArchiveImage(&blob{ReaderAt: r, size: size}, name, &opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m.close = func() error { return nil }
	return m, nil
}

// openArchiveImage finds out which kind of image the tar in file is.
func openArchiveImage(file *blob, path string, opt *Options) (*Image, error) {
	if file.size == 0 {
		return nil, errors.New("the file is empty")
	}
	a, err := openArchive(file)
	if err != nil {
		return nil, err
	}
	switch {
	case a.has("index.json"):
		return openImage(a, path, opt, layout.Find)
	case a.has("manifest.json"):
		return openImage(a, path, opt, layout.FindSaved)
	}
	return nil, fmt.Errorf("%w: the tar has no index.json (oci-archive) or manifest.json (docker save); to run it as a root file system: boxer run --rootfs %s COMMAND", ErrNoImage, path)
}

// openPlainTar opens the tar file at path and unpacks it first where it is
// packed as a whole.
func openPlainTar(path string, cache *Cache) (*blob, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("it is neither a regular file nor a directory")
	}
	if err == nil && st.Size() == 0 {
		err = errors.New("the file is empty")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	file := &blob{f, st.Size(), fileIdentity(path, st), f.Close}
	kind, err := sniffBlob(file)
	if err != nil {
		f.Close()
		return nil, err
	}
	if kind == plain {
		return file, nil
	}
	defer f.Close()
	return unpackFile(file, kind, cache)
}

// unpackFile makes the plain form of a file that is packed as a whole. No
// digest names its contents, so the cache knows it by its identity.
func unpackFile(file *blob, kind compression, cache *Cache) (*blob, error) {
	key := DigestBytes([]byte("file\n" + file.identity))
	if b := cache.layer(key); b != nil {
		b.identity = string(key)
		return b, nil
	}
	d, err := decompress(file.reader(), kind)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if cache == nil || file.identity == "" {
		return spoolAll(d)
	}
	pending, err := cache.create()
	if err != nil {
		return nil, fmt.Errorf("layer cache: %w", err)
	}
	size, err := pending.ReadFrom(d)
	if err != nil {
		pending.discard()
		return nil, err
	}
	b, err := pending.commit(key, size)
	if err != nil {
		return nil, err
	}
	b.identity = string(key)
	return b, nil
}

// OpenRootFS opens a root file system that is not an image: a directory, or a
// tar, plain or packed. A directory's files are read when they are asked for;
// they belong to root in the box.
func OpenRootFS(path string, cache *Cache) (*Tar, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		t := NewTree()
		if err := t.AddDir(filepath.Clean(path)); err != nil {
			t.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return t.Tar()
	}
	b, err := openPlainTar(path, cache)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tarOf(b), nil
}
