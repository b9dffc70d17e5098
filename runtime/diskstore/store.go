// Package diskstore keeps values by a 32-byte key in a directory: compiled
// code and translations, which are dear to make, may be lost at any time, and
// will be executed.
//
// A file is named by its key and holds a magic number, a CRC-32C, the sizes of
// the two parts of its value, and these. The first part is under the sum; the second begins on a page of its
// own, for who reads it straight into place, and is its user's to check (Body). The sum guards against
// accidents, for which a short one that costs nothing will do; against malice there
// is only that nobody else may write to the directory, which is checked when
// it is opened and not evaded afterwards (os.Root).
//
// Files appear by rename, so that any number of processes can share the
// directory: whoever loses a race replaces a file by an equal one. Nothing is
// synced: what a crash damages fails its sum and is made again. Nor does a
// full or failing disk fail anything: the value is just not kept.
package diskstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Store is an open directory. Its methods are safe for concurrent use.
type Store struct {
	root *os.Root
	size int64 // aim for the sum of all files

	hits, misses, corrupt, failed atomic.Int64

	mu      sync.Mutex
	written int64 // since the directory was last looked over
}

// Key names a value.
type Key = [sha256.Size]byte

const (
	magic       = "boxer code 3\n"
	sumSize     = 4
	headerSize  = len(magic) + sumSize + 4 + 8 // sizes of the value and of the body
	bodyAlign   = 4096
	tempPrefix  = "tmp-"
	tempMaxAge  = time.Hour
	touchMinAge = 24 * time.Hour
)

// Open opens or creates the directory for about size bytes of values; the
// least recently used go first. The error says why the directory cannot be
// used: another user owns it or may write to it.
func Open(dir string, size int64) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	// The directory that is open, not whatever has the name by now.
	info, err := root.Stat(".")
	if err == nil {
		err = Private(info)
	}
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Store{root: root, size: size}, nil
}

// Close lets go of the directory.
func (s *Store) Close() error { return s.root.Close() }

// Stats are what the store did since it was opened.
type Stats struct {
	Hits, Misses int64
	Corrupt      int64 // of the misses: a file was there and damaged
	Failed       int64 // values that could not be written
}

// Stats returns the numbers so far.
func (s *Store) Stats() Stats {
	return Stats{Hits: s.hits.Load(), Misses: s.misses.Load(), Corrupt: s.corrupt.Load(), Failed: s.failed.Load()}
}

// Get returns the value stored under key.
func (s *Store) Get(key Key) (value []byte, ok bool) {
	value, body, ok := s.GetBody(key)
	if body != nil {
		body.Close()
	}
	return value, ok
}

// A Body is the second part of a value, in its open file. The offset is a multiple of 4,096.
type Body struct {
	File         *os.File
	Offset, Size int64
}

// Close closes the file.
func (b *Body) Close() error { return b.File.Close() }

// GetBody returns the value stored under key in its two parts; body is nil if there is no second one.
// Its user checks it, and Rejects what is damaged.
func (s *Store) GetBody(key Key) (value []byte, body *Body, ok bool) {
	file := hex.EncodeToString(key[:])
	f, err := s.root.Open(file)
	if err != nil {
		s.misses.Add(1)
		return nil, nil, false
	}
	value, body, used, err := read(f)
	if body == nil {
		f.Close()
	}
	if err != nil {
		s.misses.Add(1)
		if err == errDamaged {
			s.corrupt.Add(1)
			s.root.Remove(file)
		}
		return nil, nil, false
	}
	s.hits.Add(1)
	if time.Since(used) > touchMinAge {
		now := time.Now()
		s.root.Chtimes(file, now, now) // eviction goes by this time
	}
	return value, body, true
}

// Reject takes the hit of a GetBody back: the body turned out to be damaged.
func (s *Store) Reject(key Key) {
	s.hits.Add(-1)
	s.misses.Add(1)
	s.corrupt.Add(1)
	s.Remove(key)
}

var errDamaged = errors.New("damaged")

// read returns a file's contents and when it was last used.
func read(f *os.File) (value []byte, body *Body, used time.Time, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, used, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, used, fs.ErrInvalid
	}
	// Most files without a body are small, and so is what is before a body.
	b := make([]byte, min(info.Size(), 2*bodyAlign))
	if _, err = io.ReadFull(f, b); err != nil {
		return nil, nil, used, err
	}
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return nil, nil, used, errDamaged
	}
	le := binary.LittleEndian
	h := b[len(magic):headerSize]
	n, m := int64(le.Uint32(h[sumSize:])), int64(le.Uint64(h[sumSize+4:]))
	end := bodyOffset(n, m)
	if m < 0 || info.Size()-end != m {
		return nil, nil, used, errDamaged
	}
	if end > int64(len(b)) {
		have := len(b)
		b = append(b, make([]byte, int(end)-have)...)
		if _, err = io.ReadFull(f, b[have:]); err != nil {
			return nil, nil, used, err
		}
	}
	b = b[:end]
	if sum(b[len(magic)+sumSize:]) != [sumSize]byte(h) {
		return nil, nil, used, errDamaged
	}
	if m > 0 {
		body = &Body{f, end, m}
	}
	return b[headerSize : headerSize+int(n)], body, info.ModTime(), nil
}

// bodyOffset is where the body begins, or the file ends if m is zero.
func bodyOffset(n, m int64) int64 {
	end := int64(headerSize) + n
	if m != 0 {
		end = (end + bodyAlign - 1) &^ (bodyAlign - 1)
	}
	return end
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum is the checksum of p as it stands in a file.
func sum(p []byte) (b [sumSize]byte) {
	binary.LittleEndian.PutUint32(b[:], crc32.Checksum(p, castagnoli))
	return b
}

// Put stores value under key, if the disk lets it.
func (s *Store) Put(key Key, value []byte) { s.PutBody(key, value, nil) }

// PutBody stores a value in two parts.
func (s *Store) PutBody(key Key, value, body []byte) {
	if err := s.write(hex.EncodeToString(key[:]), value, body); err != nil {
		s.failed.Add(1)
		return
	}
	if s.due(int64(len(value) + len(body))) {
		s.evict()
	}
}

// Remove forgets the value stored under key.
func (s *Store) Remove(key Key) { s.root.Remove(hex.EncodeToString(key[:])) }

func (s *Store) write(file string, value, body []byte) (err error) {
	head := make([]byte, bodyOffset(int64(len(value)), int64(len(body))))
	rest := head[copy(head, magic)+sumSize:]
	binary.LittleEndian.PutUint32(rest, uint32(len(value)))
	binary.LittleEndian.PutUint64(rest[4:], uint64(len(body)))
	copy(head[headerSize:], value)
	sum := sum(rest)
	copy(head[len(magic):], sum[:])
	temp := tempPrefix + rand.Text()
	f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	for _, p := range [][]byte{head, body} {
		if err == nil {
			_, err = f.Write(p)
		}
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = s.root.Rename(temp, file)
	}
	if err != nil {
		s.root.Remove(temp)
	}
	return err
}

// due reports whether to look the directory over now that n bytes were
// written. A process does it every 1/32 of the size, and before that with the
// probability that makes many short processes do it as often together.
func (s *Store) due(n int64) bool {
	every := max(s.size/32, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written += n; s.written >= every || mathrand.Int64N(every) < n {
		s.written = 0
		return true
	}
	return false
}

// evict removes the files that were used least recently, until an eighth of
// the size is free, and what writers that died left behind. Errors are not
// reported: another process may be doing the same.
func (s *Store) evict() {
	dir, err := s.root.Open(".")
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
				s.root.Remove(info.Name())
			}
		case isKey(info.Name()):
			files = append(files, info)
			total += info.Size()
		}
	}
	if total <= s.size {
		return
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range files {
		if total <= s.size-s.size/8 {
			return
		}
		if err := s.root.Remove(info.Name()); err == nil || errors.Is(err, fs.ErrNotExist) {
			total -= info.Size()
		}
	}
}

// isKey reports whether a file's name is one of ours.
func isKey(name string) bool {
	b, err := hex.DecodeString(name)
	return err == nil && len(b) == sha256.Size
}
