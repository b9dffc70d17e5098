package wazero

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/tetratelabs/wazero"

	"boxer/runtime/diskstore"
)

// diskCache keeps compiled code in a directory, by keys of the engine's users.
//
// wazero has a cache interface of its own (Get, Add and Delete by a key that covers
// the module's bytes, wazero's settings and the processor's features), and
// diskCache implements it, but only as the way that code takes in and out: which code wazero gets is
// decided before it is asked. So a module from the directory needs not be
// decoded, validated and hashed again, which took two thirds of the
// time to load one: wazero is given its shell (shell.go), whose functions have no bodies.
type diskCache struct {
	store   *diskstore.Store
	machine sha256Sum // of the processor's features and wazero's settings

	gate sync.Mutex // held from begin until wazero has asked, or end
	cur  *lookup    // whose turn it is to ask; guarded by gate

	mu     sync.Mutex
	asking map[sha256Sum]*lookup // by wazero's key, from Get to end
}

type sha256Sum = [sha256.Size]byte

// A lookup is one CompileModule and its question to the cache.
type lookup struct {
	d     *diskCache
	offer []byte    // what Get answers, nil for nothing
	asked bool      // guarded by d.gate until set
	key   sha256Sum // wazero's, once asked
	added []byte    // what wazero compiled
}

// diskMinEntry is the size below which there is no code in an entry: what
// wazero writes of a module that only has a memory.
const diskMinEntry = 64

// openDiskCache opens or creates the directory.
func openDiskCache(dir string, size int64) (*diskCache, error) {
	s, err := diskstore.Open(dir, size)
	if err != nil {
		return nil, fmt.Errorf("code cache: %w", err)
	}
	return &diskCache{store: s, asking: map[sha256Sum]*lookup{}}, nil
}

// identify finds out what rt's code depends on beside the module: wazero's key of
// the empty module says it. It reports false where wazero does not ask its cache,
// since it interprets.
func (d *diskCache) identify(rt wazero.Runtime) (bool, error) {
	l := d.begin(nil)
	defer l.end()
	code, err := rt.CompileModule(context.Background(), []byte("\x00asm\x01\x00\x00\x00"))
	if err != nil {
		return false, err
	}
	d.machine = l.key
	return l.asked, code.Close(context.Background())
}

// begin announces a CompileModule, which gets offer when it asks for code. To know who asks, only one
// lookup at a time is before its question; what follows, compiling or copying code, runs in
// parallel.
func (d *diskCache) begin(offer []byte) *lookup {
	l := &lookup{d: d, offer: offer}
	d.gate.Lock()
	d.cur = l
	return l
}

// end must follow the CompileModule. It may be called twice.
func (l *lookup) end() {
	d := l.d
	if !l.asked {
		l.asked = true
		d.cur = nil
		d.gate.Unlock()
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asking[l.key] == l {
		delete(d.asking, l.key)
	}
}

// Get is called by wazero within a CompileModule, once, unless the module is in its memory.
func (d *diskCache) Get(key sha256Sum) (content io.ReadCloser, ok bool, err error) {
	l := d.cur
	d.cur = nil
	l.asked, l.key = true, key
	d.mu.Lock()
	d.asking[key] = l
	d.mu.Unlock()
	d.gate.Unlock()
	if l.offer == nil {
		return nil, false, nil
	}
	return io.NopCloser(bytes.NewReader(l.offer)), true, nil
}

// Add is called by wazero with what it compiled.
func (d *diskCache) Add(key sha256Sum, content io.Reader) error {
	code, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.asking[key]; l != nil {
		l.added = code
	}
	return nil
}

// Delete is called by wazero where it finds the code to be another version's.
func (d *diskCache) Delete(sha256Sum) error { return nil }

// diskEntry is what the directory has of a module.
type diskEntry struct{ note, shell, code []byte }

// name is the key of a file.
func (d *diskCache) name(key [32]byte) sha256Sum {
	return sha256.Sum256(append(d.machine[:], key[:]...))
}

// get returns the entry under key.
func (d *diskCache) get(key [32]byte) (e diskEntry, ok bool) {
	p, ok := d.store.Get(d.name(key))
	if !ok {
		return e, false
	}
	for _, part := range []*[]byte{&e.note, &e.shell} {
		if len(p) < 4 || uint64(len(p)-4) < uint64(binary.LittleEndian.Uint32(p)) {
			d.Remove(key)
			return e, false
		}
		n := int(binary.LittleEndian.Uint32(p))
		*part, p = p[4:4+n:4+n], p[4+n:]
	}
	e.code = p
	return e, true
}

// put stores what was compiled of bin.
func (d *diskCache) put(key [32]byte, bin, note, code []byte) {
	sh, ok := shell(bin, d.name(key))
	if !ok {
		return
	}
	p := make([]byte, 0, 8+len(note)+len(sh)+len(code))
	for _, part := range [][]byte{note, sh} {
		p = binary.LittleEndian.AppendUint32(p, uint32(len(part)))
		p = append(p, part...)
	}
	d.store.Put(d.name(key), append(p, code...))
}

// Remove forgets the entry under key.
func (d *diskCache) Remove(key [32]byte) { d.store.Remove(d.name(key)) }
