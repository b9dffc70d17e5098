package wazero

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"

	"boxer/runtime/diskstore"
)

// diskCache keeps compiled code in a directory. It implements the interface
// that wazero's compilation cache has for this (Get, Add and Delete by a key
// that covers the module, wazero's settings and the processor's features).
type diskCache struct{ *diskstore.Store }

// diskMinEntry is the size below which there is no code in an entry: what
// wazero writes of a module that only has a memory.
const diskMinEntry = 64

// openDiskCache opens or creates the directory.
func openDiskCache(dir string, size int64) (*diskCache, error) {
	s, err := diskstore.Open(dir, size)
	if err != nil {
		return nil, fmt.Errorf("code cache: %w", err)
	}
	return &diskCache{s}, nil
}

// Get returns the content stored under key.
func (d *diskCache) Get(key [sha256.Size]byte) (content io.ReadCloser, ok bool, err error) {
	code, ok := d.Store.Get(key)
	if !ok {
		return nil, false, nil
	}
	return io.NopCloser(bytes.NewReader(code)), true, nil
}

// Add stores content under key.
func (d *diskCache) Add(key [sha256.Size]byte, content io.Reader) error {
	code, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if len(code) >= diskMinEntry {
		d.Put(key, code)
	}
	return nil
}

// Delete removes what is stored under key: another version's code.
func (d *diskCache) Delete(key [sha256.Size]byte) error {
	d.Remove(key)
	return nil
}
