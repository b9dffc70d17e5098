//go:build js

// Package heapfs is a hackpadfs.FS of flat files in JavaScript's heap. What a
// box writes lies there and not in Go's memory, which never shrinks: what is
// removed is the host's again.
//
// It does what package chunk asks of a backend: a file is written at once and
// whole, read from its start, and removed.
package heapfs

import (
	"io"
	"io/fs"
	"time"

	"github.com/hack-pad/hackpadfs"

	"boxer/jsbridge/wasmhost"
	"boxer/runtime/abi"
)

// FS holds files by name. It is for one goroutine at a time.
type FS struct{ files map[string]wasmhost.Bytes }

// New makes an empty FS.
func New() *FS { return &FS{files: map[string]wasmhost.Bytes{}} }

var (
	_ hackpadfs.OpenFileFS = (*FS)(nil)
	_ hackpadfs.RemoveFS   = (*FS)(nil)
)

// Open implements fs.FS.
func (f *FS) Open(name string) (hackpadfs.File, error) {
	b, ok := f.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{fs: f, name: name, bytes: b}, nil
}

// OpenFile implements hackpadfs.OpenFileFS. A file that is opened for writing
// is empty until something is written.
func (f *FS) OpenFile(name string, flag int, _ hackpadfs.FileMode) (hackpadfs.File, error) {
	if flag&hackpadfs.FlagTruncate == 0 {
		return f.Open(name)
	}
	f.drop(name)
	f.files[name] = wasmhost.Bytes{}
	return &file{fs: f, name: name, write: true}, nil
}

// Remove implements hackpadfs.RemoveFS.
func (f *FS) Remove(name string) error {
	if _, ok := f.files[name]; !ok {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	f.drop(name)
	delete(f.files, name)
	return nil
}

func (f *FS) drop(name string) {
	if b := f.files[name]; b.Len() > 0 {
		b.Free()
	}
}

// file is an open file.
type file struct {
	fs    *FS
	name  string
	write bool
	bytes wasmhost.Bytes
	pos   int
}

// Read implements io.Reader.
func (f *file) Read(p []byte) (int, error) {
	n := f.bytes.ReadAt(p, f.pos)
	f.pos += n
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Write is called once, with all there is. ENOSPC: JavaScript's heap is full.
func (f *file) Write(p []byte) (int, error) {
	if !f.write || f.pos > 0 {
		return 0, &fs.PathError{Op: "write", Path: f.name, Err: fs.ErrInvalid}
	}
	if len(p) == 0 {
		return 0, nil
	}
	b, ok := wasmhost.NewBytes(len(p))
	if !ok {
		return 0, &fs.PathError{Op: "write", Path: f.name, Err: abi.ENOSPC}
	}
	b.Set(p)
	f.fs.files[f.name], f.pos = b, len(p)
	return len(p), nil
}

// Close implements fs.File.
func (f *file) Close() error { return nil }

// Stat implements fs.File.
func (f *file) Stat() (hackpadfs.FileInfo, error) { return info{f.name, f.fs.files[f.name].Len()}, nil }

type info struct {
	name string
	size int
}

func (i info) Name() string             { return i.name }
func (i info) Size() int64              { return int64(i.size) }
func (i info) Mode() hackpadfs.FileMode { return 0o600 }
func (i info) ModTime() time.Time       { return time.Time{} }
func (i info) IsDir() bool              { return false }
func (i info) Sys() any                 { return nil }
