package persist

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/hack-pad/hackpadfs"
)

// Dir is a Store in a hackpadfs FS that can create, write, rename, remove and
// list files: a directory of the host's. It belongs to one process at a time,
// for which the caller has a lock.
//
// A transaction writes its large values to files of their own, then one file
// tx-SEQ with the keys, the small values, and what is removed. That file is
// written under another name, synced and renamed: then the transaction has
// happened. Now and then a file all-SEQ takes the place of those before it. What
// no such file names is a rest of a transaction that never happened, and goes when
// the directory is opened.
type Dir struct {
	fs  hackpadfs.FS
	mu  sync.Mutex
	seq uint64 // of the last transaction
	all uint64 // of the last file of all keys; 0: none
	at  map[string]dirValue
	// broken says why nobody knows what the directory holds after a crash.
	broken error
}

// dirValue is a value: in the index, or in a file.
type dirValue struct {
	inline []byte
	file   string // "": inline
	size   int64
	sum    uint32
}

const (
	dirMagic  = "bxdir\x00\x01"
	txPrefix  = "tx-"
	allPrefix = "all-"
	valPrefix = "v-"
	tmpSuffix = ".tmp"

	// inlineValue is the largest value that needs no file of its own.
	inlineValue = 4096
	// maxIndex bounds an index file, and maxValue a value.
	maxIndex = 1 << 30
	maxValue = 1 << 26
	// maxKey bounds a key.
	maxKey = 1 << 10
	// manyTx is how many transactions are reason for a file of all keys.
	manyTx = 64
)

// OpenDir opens the Store in fs, an empty directory or what a Dir left there.
func OpenDir(fs hackpadfs.FS) (*Dir, error) {
	list, err := hackpadfs.ReadDir(fs, ".")
	if err != nil {
		return nil, err
	}
	d := &Dir{fs: fs, at: map[string]dirValue{}}
	var txs []uint64
	for _, e := range list {
		if seq, ok := number(e.Name(), allPrefix); ok {
			d.all = max(d.all, seq)
		}
		if seq, ok := number(e.Name(), txPrefix); ok {
			txs = append(txs, seq)
		}
	}
	d.seq = d.all
	if d.all > 0 {
		if err := d.apply(allPrefix, d.all); err != nil {
			return nil, err
		}
	}
	slices.Sort(txs)
	for _, seq := range txs {
		if seq <= d.all {
			continue
		}
		if seq != d.seq+1 {
			return nil, fmt.Errorf("%s: %w", indexName(txPrefix, d.seq+1), hackpadfs.ErrNotExist)
		}
		if err := d.apply(txPrefix, seq); err != nil {
			return nil, err
		}
		d.seq = seq
	}
	d.sweep(list)
	return d, nil
}

func indexName(prefix string, seq uint64) string { return fmt.Sprintf("%s%016x", prefix, seq) }

// number is the number in an index file's name.
func number(name, prefix string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok || len(digits) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, err == nil && n > 0
}

// sweep removes what no index names. What cannot be removed does no harm.
func (d *Dir) sweep(list []hackpadfs.DirEntry) {
	used := map[string]bool{}
	for _, s := range d.at {
		used[s.file] = true
	}
	for _, e := range list {
		name := e.Name()
		tx, isTx := number(name, txPrefix)
		all, isAll := number(name, allPrefix)
		switch {
		case isTx && tx <= d.all, isAll && all < d.all,
			strings.HasPrefix(name, valPrefix) && !used[name], strings.HasSuffix(name, tmpSuffix):
			_ = hackpadfs.Remove(d.fs, name)
		}
	}
}

// apply reads an index file.
func (d *Dir) apply(prefix string, seq uint64) error {
	name := indexName(prefix, seq)
	b, err := d.read(name, maxIndex)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	body, err := unseal(b, dirMagic)
	if err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	r := &decoder{b: body}
	if r.uint() != seq {
		r.fail()
	}
	for len(r.b) > 0 && r.err == nil {
		key := r.string(maxKey)
		switch kind := r.byte(); kind {
		case 0:
			delete(d.at, key)
		case 1:
			v := r.bytes(inlineValue)
			d.at[key] = dirValue{inline: v, size: int64(len(v))}
		case 2:
			s := dirValue{file: r.string(64), size: r.size(), sum: r.fixed32()}
			if !strings.HasPrefix(s.file, valPrefix) || !hackpadfs.ValidPath(s.file) || strings.Contains(s.file, "/") || s.size > maxValue {
				r.fail()
			}
			d.at[key] = s
		default:
			r.fail()
		}
	}
	if err := r.end(); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	return nil
}

func appendStored(b []byte, key string, s *dirValue) []byte {
	b = appendString(b, key)
	switch {
	case s == nil:
		return append(b, 0)
	case s.file == "":
		return appendString(append(b, 1), string(s.inline))
	}
	b = appendString(append(b, 2), s.file)
	b = binary.AppendUvarint(b, uint64(s.size))
	return binary.LittleEndian.AppendUint32(b, s.sum)
}

// read reads a file of at most max bytes.
func (d *Dir) read(name string, max int64) ([]byte, error) {
	f, err := d.fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = errFormat
	}
	return b, err
}

// write writes a new file, and syncs it.
func (d *Dir) write(name string, data []byte) error {
	f, err := hackpadfs.OpenFile(d.fs, name, hackpadfs.FlagWriteOnly|hackpadfs.FlagCreate|hackpadfs.FlagTruncate, 0o600)
	if err != nil {
		return hostError(err)
	}
	n, err := hackpadfs.WriteFile(f, data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = syncFile(f)
	}
	return hostError(errors.Join(err, f.Close()))
}

// publish makes a file that is complete under its name whenever it is there.
func (d *Dir) publish(name string, data []byte) error {
	if err := d.write(name+tmpSuffix, data); err != nil {
		return err
	}
	if err := hackpadfs.Rename(d.fs, name+tmpSuffix, name); err != nil {
		return hostError(err)
	}
	for range 2 {
		if d.syncNames() == nil {
			return nil
		}
	}
	// It is there now, and after a crash perhaps not. No transaction can be
	// built on that.
	d.broken = fmt.Errorf("%s: the directory could not be synced", name)
	return d.broken
}

// syncNames makes durable what files there are.
func (d *Dir) syncNames() error {
	dir, err := d.fs.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(syncFile(dir), dir.Close())
}

// syncFile syncs where the FS can: memory and some systems' directories cannot.
func syncFile(f hackpadfs.File) error {
	err := hackpadfs.SyncFile(f)
	if errors.Is(err, hackpadfs.ErrNotImplemented) || errors.Is(err, hackpadfs.ErrPermission) {
		return nil
	}
	return err
}

// hostError makes a full disk a QuotaError.
func hostError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &QuotaError{Err: err}
	}
	return err
}

// Get implements Store.
func (d *Dir) Get(keys ...string) ([][]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([][]byte, len(keys))
	for i, k := range keys {
		s, ok := d.at[k]
		switch {
		case !ok:
		case s.file == "":
			out[i] = append([]byte{}, s.inline...)
		default:
			b, err := d.read(s.file, s.size)
			if err != nil && !errors.Is(err, hackpadfs.ErrNotExist) && !errors.Is(err, errFormat) {
				return nil, err
			}
			if err == nil && int64(len(b)) == s.size && crc32.Checksum(b, castagnoli) == s.sum {
				out[i] = b
			} // else it is lost, as a key that is not there
		}
	}
	return out, nil
}

// Begin implements Store.
func (d *Dir) Begin() (Tx, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken != nil {
		return nil, d.broken
	}
	return &dirTx{d: d, seq: d.seq + 1, set: map[string]*dirValue{}}, nil
}

// Close implements Store.
func (d *Dir) Close() error { return nil }

// dirTx is a transaction of a Dir.
type dirTx struct {
	d     *Dir
	seq   uint64
	set   map[string]*dirValue // nil: remove
	add   []string
	files []string
}

// Put implements Tx.
func (t *dirTx) Put(key string, value []byte) error {
	s := &dirValue{size: int64(len(value))}
	if len(value) <= inlineValue {
		s.inline = slices.Clone(value)
	} else {
		s.file = fmt.Sprintf("%s%016x-%x", valPrefix, t.seq, len(t.files))
		s.sum = crc32.Checksum(value, castagnoli)
		t.files = append(t.files, s.file)
		if err := t.d.write(s.file, value); err != nil {
			return err
		}
	}
	t.set[key] = s
	return nil
}

// Add implements Tx.
func (t *dirTx) Add(key string, value []byte) error {
	t.add = append(t.add, key)
	return t.Put(key, value)
}

// Delete implements Tx.
func (t *dirTx) Delete(key string) error {
	t.set[key] = nil
	return nil
}

// Abort implements Tx.
func (t *dirTx) Abort() {
	for _, name := range t.files {
		_ = hackpadfs.Remove(t.d.fs, name) // else OpenDir does it
	}
}

// Commit implements Tx.
func (t *dirTx) Commit() error {
	d := t.d
	d.mu.Lock()
	defer d.mu.Unlock()
	name := indexName(txPrefix, t.seq)
	err := t.check(name)
	if err == nil {
		b := binary.AppendUvarint([]byte(dirMagic), t.seq)
		for _, key := range slices.Sorted(maps.Keys(t.set)) {
			b = appendStored(b, key, t.set[key])
		}
		err = d.publish(name, seal(b))
	}
	if err != nil {
		if d.broken == nil {
			t.Abort()
		}
		return err
	}
	d.seq = t.seq
	var old []string
	for key, s := range t.set {
		if was, ok := d.at[key]; ok && was.file != "" {
			old = append(old, was.file)
		}
		if s == nil {
			delete(d.at, key)
		} else {
			d.at[key] = *s
		}
	}
	for _, name := range old {
		_ = hackpadfs.Remove(d.fs, name)
	}
	if d.seq-d.all > manyTx+uint64(len(d.at)/16) {
		d.compact()
	}
	return nil
}

// check is ErrBusy where somebody else writes to the directory.
func (t *dirTx) check(name string) error {
	for _, key := range t.add {
		if _, ok := t.d.at[key]; ok {
			return ErrBusy
		}
	}
	if _, err := hackpadfs.Stat(t.d.fs, name); err == nil || t.d.seq != t.seq-1 {
		return ErrBusy
	}
	return nil
}

// compact writes all keys to one file and removes those before. Where that
// fails, those before are still good. Preconditions: mu is held.
func (d *Dir) compact() {
	b := binary.AppendUvarint([]byte(dirMagic), d.seq)
	type pair struct {
		key string
		s   dirValue
	}
	list := make([]pair, 0, len(d.at))
	for key, s := range d.at {
		list = append(list, pair{key, s})
	}
	slices.SortFunc(list, func(a, b pair) int { return cmp.Compare(a.key, b.key) })
	for i := range list {
		b = appendStored(b, list[i].key, &list[i].s)
	}
	if d.publish(indexName(allPrefix, d.seq), seal(b)) != nil {
		return
	}
	was := d.all
	d.all = d.seq
	if was > 0 {
		_ = hackpadfs.Remove(d.fs, indexName(allPrefix, was))
	}
	for seq := was + 1; seq <= d.all; seq++ {
		_ = hackpadfs.Remove(d.fs, indexName(txPrefix, seq))
	}
}
