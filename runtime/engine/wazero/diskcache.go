package wazero

import (
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
	offer io.Reader // what Get answers, nil for nothing
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
func (d *diskCache) begin(offer io.Reader) *lookup {
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
	return io.NopCloser(l.offer), true, nil
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

// diskEntry is what the directory has of a module. before and after are what wazero writes around the
// machine code.
type diskEntry struct {
	note, shell, before, after []byte
	code                       *diskstore.Body
}

// Read gives wazero the machine code with what it wrote around it. wazero reads the code in one
// piece into the place where it is to be executed, and checks it.
func (e *diskEntry) Read(p []byte) (int, error) {
	switch {
	case len(e.before) > 0:
		n := copy(p, e.before)
		e.before = e.before[n:]
		return n, nil
	case e.code != nil && e.code.Size > 0:
		n := min(int64(len(p)), e.code.Size)
		if err := readCode(e.code.File, e.code.Offset, p[:n]); err != nil {
			return 0, err
		}
		e.code.Offset += n
		e.code.Size -= n
		return int(n), nil
	case len(e.after) > 0:
		n := copy(p, e.after)
		e.after = e.after[n:]
		return n, nil
	}
	return 0, io.EOF
}

func (e *diskEntry) close() {
	if e.code != nil {
		e.code.Close()
	}
}

// splitCode finds the machine code in what wazero writes of a module: "WAZEVO", the version
// with its length in a byte, the number of functions in 4 bytes, and 8 for the offset of each,
// 8 for the code's size, the code, and more. Anything else is all before.
func splitCode(p []byte) (before, code, after []byte) {
	at := uint64(6)
	if uint64(len(p)) <= at {
		return p, nil, nil
	}
	at += 1 + uint64(p[at])
	if uint64(len(p)) < at+4 {
		return p, nil, nil
	}
	at += 4 + 8*uint64(binary.LittleEndian.Uint32(p[at:]))
	if uint64(len(p)) < at+8 {
		return p, nil, nil
	}
	n := binary.LittleEndian.Uint64(p[at:])
	if at += 8; uint64(len(p))-at < n {
		return p, nil, nil
	}
	return p[:at], p[at : at+n], p[at+n:]
}

// name is the key of a file.
func (d *diskCache) name(key [32]byte) sha256Sum {
	return sha256.Sum256(append(d.machine[:], key[:]...))
}

// get returns the entry under key. It is to be closed.
func (d *diskCache) get(key [32]byte) (*diskEntry, bool) {
	p, code, ok := d.store.GetBody(d.name(key))
	if !ok {
		return nil, false
	}
	e := &diskEntry{code: code}
	for _, part := range []*[]byte{&e.note, &e.shell, &e.before, &e.after} {
		if len(p) < 4 || uint64(len(p)-4) < uint64(binary.LittleEndian.Uint32(p)) {
			e.close()
			d.reject(key)
			return nil, false
		}
		n := int(binary.LittleEndian.Uint32(p))
		*part, p = p[4:4+n:4+n], p[4+n:]
	}
	return e, true
}

// put stores what was compiled of bin.
func (d *diskCache) put(key [32]byte, bin, note, compiled []byte) {
	sh, ok := shell(bin, d.name(key))
	if !ok {
		return
	}
	before, code, after := splitCode(compiled)
	p := make([]byte, 0, 16+len(note)+len(sh)+len(before)+len(after))
	for _, part := range [][]byte{note, sh, before, after} {
		p = binary.LittleEndian.AppendUint32(p, uint32(len(part)))
		p = append(p, part...)
	}
	d.store.PutBody(d.name(key), p, code)
}

// reject forgets the entry under key, which get found and wazero could not use.
func (d *diskCache) reject(key [32]byte) { d.store.Reject(d.name(key)) }
