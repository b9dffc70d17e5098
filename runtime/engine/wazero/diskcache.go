package wazero

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// diskCache keeps compiled code in a directory. It implements the interface
// that wazero's compilation cache has for this (Get, Add and Delete by a key
// that covers the module, wazero's settings and the processor's features).
//
// A file is named by its key and holds a magic number, the SHA-256 of the
// rest, and wazero's bytes. The sum guards against accidents; against malice
// there is only that nobody else may write to the directory, which is checked
// when it is opened and not evaded afterwards (os.Root).
//
// Files appear by rename, so that any number of processes can share the
// directory: whoever loses a race replaces a file by an equal one. Nothing is
// synced: what a crash damages fails its sum and is compiled again. Nor does
// a full or failing disk fail a compilation.
type diskCache struct {
	root *os.Root
	size int64 // aim for the sum of all files

	hits, misses, corrupt, failed counter

	mu      sync.Mutex
	written int64 // since the directory was last looked over
}

const (
	diskMagic   = "boxer code 1\n"
	tempPrefix  = "tmp-"
	tempMaxAge  = time.Hour
	touchMinAge = 24 * time.Hour
	// diskMinEntry is the size below which there is no code in an entry:
	// what wazero writes of a module that only has a memory.
	diskMinEntry = 64
)

// openDiskCache opens or creates the directory.
func openDiskCache(dir string, size int64) (*diskCache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("code cache: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("code cache: %w", err)
	}
	// The directory that is open, not whatever has the name by now.
	info, err := root.Stat(".")
	if err == nil {
		err = private(info)
	}
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("code cache %s: %w", dir, err)
	}
	return &diskCache{root: root, size: size}, nil
}

// Close lets go of the directory.
func (d *diskCache) Close() error { return d.root.Close() }

func (d *diskCache) stats() CacheStats {
	return CacheStats{Hits: d.hits.Load(), Misses: d.misses.Load(), Corrupt: d.corrupt.Load(), Failed: d.failed.Load()}
}

// Get returns the content stored under key.
func (d *diskCache) Get(key [sha256.Size]byte) (content io.ReadCloser, ok bool, err error) {
	file := hex.EncodeToString(key[:])
	b, err := d.root.ReadFile(file)
	if err != nil {
		d.misses.Add(1)
		return nil, false, nil
	}
	body, sum, ok := split(b)
	if !ok || sum != sha256.Sum256(body) {
		d.corrupt.Add(1)
		d.misses.Add(1)
		d.root.Remove(file)
		return nil, false, nil
	}
	d.hits.Add(1)
	if info, err := d.root.Stat(file); err == nil && time.Since(info.ModTime()) > touchMinAge {
		now := time.Now()
		d.root.Chtimes(file, now, now) // eviction goes by this time
	}
	return io.NopCloser(bytes.NewReader(body)), true, nil
}

// split takes a file apart without checking the sum.
func split(b []byte) (body []byte, sum [sha256.Size]byte, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte(diskMagic))
	if !ok || len(b) < len(sum) {
		return nil, sum, false
	}
	copy(sum[:], b)
	return b[len(sum):], sum, true
}

// Add stores content under key.
func (d *diskCache) Add(key [sha256.Size]byte, content io.Reader) error {
	body, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if len(body) < diskMinEntry {
		return nil
	}
	if err := d.write(hex.EncodeToString(key[:]), body); err != nil {
		d.failed.Add(1)
		return nil
	}
	if d.due(int64(len(body))) {
		d.evict()
	}
	return nil
}

func (d *diskCache) write(file string, body []byte) (err error) {
	temp := tempPrefix + rand.Text()
	f, err := d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	for _, p := range [][]byte{[]byte(diskMagic), sum[:], body} {
		if err == nil {
			_, err = f.Write(p)
		}
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = d.root.Rename(temp, file)
	}
	if err != nil {
		d.root.Remove(temp)
	}
	return err
}

// due reports whether to look the directory over now that n bytes were
// written. A process does it every 1/32 of the size, and before that with the
// probability that makes many short processes do it as often together.
func (d *diskCache) due(n int64) bool {
	every := max(d.size/32, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written += n; d.written >= every || mathrand.Int64N(every) < n {
		d.written = 0
		return true
	}
	return false
}

// evict removes the files that were used least recently, until an eighth of
// the size is free, and what writers that died left behind. Errors are not
// reported: another process may be doing the same.
func (d *diskCache) evict() {
	dir, err := d.root.Open(".")
	if err != nil {
		return
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	var total int64
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		switch {
		case strings.HasPrefix(info.Name(), tempPrefix):
			if time.Since(info.ModTime()) > tempMaxAge {
				d.root.Remove(info.Name())
			}
		case isKey(info.Name()):
			files = append(files, info)
			total += info.Size()
		}
	}
	if total <= d.size {
		return
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range files {
		if total <= d.size-d.size/8 {
			return
		}
		if err := d.root.Remove(info.Name()); err == nil || errors.Is(err, fs.ErrNotExist) {
			total -= info.Size()
		}
	}
}

// isKey reports whether a file's name is one of ours.
func isKey(name string) bool {
	b, err := hex.DecodeString(name)
	return err == nil && len(b) == sha256.Size
}

// Delete removes what is stored under key: another version's code.
func (d *diskCache) Delete(key [sha256.Size]byte) error {
	d.root.Remove(hex.EncodeToString(key[:]))
	return nil
}
