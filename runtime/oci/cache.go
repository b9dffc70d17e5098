package oci

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"boxer/runtime/diskstore"
)

// DefaultCacheSize is how many bytes of unpacked layers a Cache keeps.
const DefaultCacheSize = 20 << 30

// A Cache keeps unpacked layers on disk, so that an image is unpacked once
// for a machine, and remembers which plain layers were verified where they
// lie. It belongs to one user: its directory is private, and a directory or
// file that others can write to is not used. Any number of processes may
// share it: files appear whole, by rename, and are never changed.
type Cache struct {
	dir string
	max int64
}

// OpenCache makes the cache in dir, creating dir as needed. max bounds its
// size in bytes; 0 means DefaultCacheSize.
func OpenCache(dir string, max int64) (*Cache, error) {
	if max == 0 {
		max = DefaultCacheSize
	}
	for _, sub := range []string{"", "layers", "verified"} {
		path := filepath.Join(dir, sub)
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("layer cache: %w", err)
		}
		st, err := os.Lstat(path)
		if err != nil {
			return nil, fmt.Errorf("layer cache: %w", err)
		}
		if !st.IsDir() {
			return nil, fmt.Errorf("layer cache: %s is not a directory", path)
		}
		if err := diskstore.Private(st); err != nil {
			return nil, fmt.Errorf("layer cache: %s: %w", path, err)
		}
	}
	return &Cache{dir, max}, nil
}

// Cached layers end in a trailer, so that a file which a crash cut short is
// never taken for a layer: magic, the layer's size in bytes (little-endian)
// and its digest, padded with zeros.
const (
	trailerMagic = "boxlayer"
	trailerSize  = 8 + 8 + 144
)

func trailer(size int64, diffID Digest) []byte {
	t := make([]byte, trailerSize)
	copy(t, trailerMagic)
	binary.LittleEndian.PutUint64(t[8:], uint64(size))
	copy(t[16:], diffID)
	return t
}

func (c *Cache) layerPath(diffID Digest) string {
	return filepath.Join(c.dir, "layers", diffID.Algorithm()+"-"+diffID.Hex())
}

// layer returns the unpacked layer, or nil where the cache does not hold it.
func (c *Cache) layer(diffID Digest) *blob {
	if c == nil {
		return nil
	}
	path := c.layerPath(diffID)
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	st, err := f.Stat()
	if err == nil && st.Mode().IsRegular() && diskstore.Private(st) == nil && st.Size() >= trailerSize {
		size := st.Size() - trailerSize
		var got [trailerSize]byte
		if _, err := f.ReadAt(got[:], size); err == nil && slices.Equal(got[:], trailer(size, diffID)) {
			now := time.Now()
			if now.Sub(st.ModTime()) > time.Hour {
				os.Chtimes(path, now, now) // least recently used goes first; a failure only ages it
			}
			return &blob{ReaderAt: io.NewSectionReader(f, 0, size), size: size, close: f.Close}
		}
	}
	f.Close()
	os.Remove(path)
	return nil
}

// A pendingLayer is written to and then becomes a cached layer, or nothing.
type pendingLayer struct {
	*os.File
	cache *Cache
}

func (c *Cache) create() (*pendingLayer, error) {
	f, err := os.CreateTemp(filepath.Join(c.dir, "layers"), "tmp-*")
	if err != nil {
		return nil, err
	}
	return &pendingLayer{f, c}, nil
}

func (p *pendingLayer) discard() {
	p.Close()
	os.Remove(p.Name())
}

// commit makes the verified layer of size bytes part of the cache and
// returns it.
func (p *pendingLayer) commit(diffID Digest, size int64) (*blob, error) {
	path := p.cache.layerPath(diffID)
	_, err := p.Write(trailer(size, diffID))
	if err == nil {
		err = p.Sync() // else a crash may leave the name without the contents
	}
	if err == nil {
		err = p.Close()
	}
	if err == nil {
		err = os.Rename(p.Name(), path)
	}
	if err != nil {
		p.discard()
		return nil, err
	}
	p.cache.trim(filepath.Base(path))
	if b := p.cache.layer(diffID); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("layer cache: %s vanished", path)
}

// staleAfter is the age at which an unfinished file of a dead process goes.
const staleAfter = 24 * time.Hour

// trim removes the layers used longest ago until the cache is within its
// size, sparing the one called keep.
func (c *Cache) trim(keep string) {
	entries, err := os.ReadDir(filepath.Join(c.dir, "layers"))
	if err != nil {
		return
	}
	var infos []fs.FileInfo
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue
		}
		if strings.HasPrefix(e.Name(), "tmp-") {
			if time.Since(info.ModTime()) > staleAfter {
				os.Remove(filepath.Join(c.dir, "layers", e.Name()))
			}
			continue
		}
		total += info.Size()
		infos = append(infos, info)
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range infos {
		if total <= c.max {
			return
		}
		if info.Name() != keep && os.Remove(filepath.Join(c.dir, "layers", info.Name())) == nil {
			total -= info.Size()
		}
	}
}

// verified reports whether b was found to be the content called digest
// before, and has not changed since.
func (c *Cache) verified(b *blob, digest Digest) bool {
	if c == nil || b.identity == "" {
		return false
	}
	st, err := os.Lstat(c.stampPath(b, digest))
	return err == nil && st.Mode().IsRegular() && diskstore.Private(st) == nil
}

// stamp remembers that b is the content called digest.
func (c *Cache) stamp(b *blob, digest Digest) {
	if c == nil || b.identity == "" {
		return
	}
	f, err := os.OpenFile(c.stampPath(b, digest), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		f.Close()
	}
}

func (c *Cache) stampPath(b *blob, digest Digest) string {
	key := DigestBytes([]byte(b.identity + "\n" + string(digest)))
	return filepath.Join(c.dir, "verified", key.Hex())
}
