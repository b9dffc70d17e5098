package persist

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"boxer/runtime/abi"
	"boxer/wasmfs/inode"
)

// Keys of a Store.
const headKey = "head"

func logKey(seq uint64) string { return fmt.Sprintf("log/%016x", seq) }

func chunkKey(ino uint64, index int64) string { return fmt.Sprintf("c/%x/%x", ino, index) }

// logState is the log as the store has it. Only one goroutine at a time
// touches it: Open's, then that of flushes; size is guarded by FS.mu.
type logState struct {
	head    *head // nil: the store is empty
	orphans []inode.Record
	size    int64 // bytes of all segments
	// live and dead are the bytes of entries that still hold and of those
	// that later ones replaced, roughly; nodes is how many records live is for.
	live, dead, nodes int64
}

// slack is how many bytes of dead entries are no reason to write the log anew.
const slack = 1 << 20

// add counts an entry of n bytes.
func (l *logState) add(n int, fresh bool) {
	if fresh {
		l.live += int64(n)
		l.nodes++
	} else {
		l.dead += int64(n)
	}
}

// remove counts that a node is gone.
func (l *logState) remove(n int) {
	if l.nodes > 0 {
		was := l.live / l.nodes
		l.live -= was
		l.dead += was
		l.nodes--
	}
	l.dead += int64(n)
}

// stale reports whether the log should be written anew.
func (l *logState) stale() bool {
	segments := int64(0)
	if l.head != nil {
		segments = int64(l.head.last - l.head.first + 1)
	}
	return l.dead > l.live+slack || segments > manySegments+l.live/(segmentSize/8)
}

// manySegments is how many segments may stay although they are small: each is
// a request when the log is read.
const manySegments = 256

// maxSegments bounds the log that is read.
const maxSegments = 1 << 16

// batch is how many segments are read at a time.
const batch = 32

// read reads the log into the state it leads to.
func (f *FS) read() (*state, error) {
	st := newState()
	damaged := func(what string, err error) error {
		return &DamagedError{Name: f.opt.Name, What: fmt.Sprintf("%s %v", what, err)}
	}
	v, err := f.store.Get(headKey)
	if err != nil {
		return nil, fmt.Errorf("the stored files %q cannot be read: %w", f.opt.Name, err)
	}
	f.found = v[0]
	if v[0] == nil {
		// A head alone may be missing: then its segments are still there.
		if v, err := f.store.Get(logKey(1)); err == nil && v[0] != nil && !f.opt.Salvage {
			return nil, damaged("the commit record", errors.New("is missing"))
		}
		return st, nil
	}
	h, err := decodeHead(v[0])
	if err != nil {
		return nil, damaged("the commit record", err)
	}
	if !f.opt.Salvage && !slices.Equal(h.layers, f.opt.Layers) {
		return nil, &ImageError{Name: f.opt.Name, Stored: h.layers, Here: f.opt.Layers}
	}
	if h.last-h.first+1 > maxSegments {
		return nil, damaged("the commit record", fmt.Errorf("names %d segments", h.last-h.first+1))
	}
	for at := h.first; at <= h.last; at += batch {
		var keys []string
		for seq := at; seq <= min(at+batch-1, h.last); seq++ {
			keys = append(keys, logKey(seq))
		}
		values, err := f.store.Get(keys...)
		if err != nil {
			return nil, fmt.Errorf("the stored files %q cannot be read: %w", f.opt.Name, err)
		}
		for i, b := range values {
			seq := at + uint64(i)
			var s *segment
			err := errors.New("is missing")
			if b != nil {
				s, err = decodeSegment(b, h.epoch, seq)
			}
			if err != nil {
				if f.opt.Salvage {
					continue
				}
				return nil, damaged(fmt.Sprintf("part %d of their names and attributes", seq), err)
			}
			f.log.size += int64(len(b))
			st.apply(s, len(b), &f.log)
		}
	}
	st.finish(h)
	f.log.head = h
	return st, nil
}

// flush saves what changed in one transaction. It runs in one goroutine at a time.
func (f *FS) flush() error {
	if !f.Unsaved() {
		return nil
	}
	if err := f.settle(); err != nil {
		return errnoErr(err)
	}
	tx, err := f.store.Begin()
	if err != nil {
		return errnoErr(err)
	}
	w := &writer{f: f, tx: tx, next: f.log}
	if err := w.write(); err != nil {
		tx.Abort()
		f.Captured(false)
		return errnoErr(err)
	}
	if err := tx.Commit(); err != nil {
		f.Captured(false)
		w.tx, f.doubt = nil, w
		return errnoErr(err)
	}
	f.Captured(true)
	f.setLog(w.next)
	return nil
}

func (f *FS) setLog(l logState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = l
}

// settle finds out what became of a commit that failed. It may have happened:
// an error can come after the fact. Then the log goes on from there.
func (f *FS) settle() error {
	w := f.doubt
	if w == nil {
		return nil
	}
	happened, err := f.headIs(w.next.head)
	if err != nil {
		return err
	}
	if happened {
		f.setLog(w.next)
	} else if same, err := f.headIs(f.log.head); err != nil {
		return err
	} else if !same {
		return ErrBusy
	}
	f.doubt = nil
	return nil
}

// headIs reports whether h is the head in the store; nil stands for none.
func (f *FS) headIs(h *head) (bool, error) {
	v, err := f.store.Get(headKey)
	if err != nil {
		return false, err
	}
	var want []byte
	if h != nil {
		want = h.encode()
	}
	return bytes.Equal(v[0], want), nil
}

// errnoErr gives an error of a Store an Errno for the guest, EIO if it has none.
func errnoErr(err error) error {
	var e abi.Errno
	if err == nil || errors.As(err, &e) {
		return err
	}
	if errors.Is(err, abi.ENOSPC) {
		return &flushError{abi.ENOSPC, err}
	}
	return &flushError{abi.EIO, err}
}

// flushError is an error with the Errno that the guest gets.
type flushError struct {
	errno abi.Errno
	err   error
}

func (e *flushError) Error() string   { return e.err.Error() }
func (e *flushError) Unwrap() []error { return []error{e.errno, e.err} }

// writer is one flush.
type writer struct {
	f    *FS
	tx   Tx
	next logState // the log once this is committed
	seg  []byte
}

func (w *writer) write() error {
	h := w.next.head
	if h == nil {
		h = &head{epoch: rand.Uint64(), layers: w.f.opt.Layers, first: 1}
	}
	h = &head{epoch: h.epoch, layers: h.layers, first: h.first, last: h.last, lastIno: h.lastIno}
	w.next.head = h
	whole := w.next.stale()
	c, err := w.f.Capture(whole, w.put, w.del)
	if err != nil {
		return err
	}
	h.lastIno = c.LastIno
	if whole {
		for seq := h.first; seq <= h.last; seq++ {
			if err := w.tx.Delete(logKey(seq)); err != nil {
				return err
			}
		}
		h.first = h.last + 1
		w.next.size, w.next.live, w.next.dead, w.next.nodes = 0, 0, 0, 0
	}
	for _, r := range w.next.orphans {
		if err := w.orphan(&r); err != nil {
			return err
		}
	}
	w.next.orphans = nil
	for i := range c.Records {
		r := &c.Records[i]
		err := w.entry(func(b []byte) []byte { return appendRecord(b, r) }, func(n int) {
			if r.Gone {
				w.next.remove(n)
			} else {
				w.next.add(n, r.New || whole)
			}
		})
		if err != nil {
			return err
		}
	}
	for i := range c.Names {
		err := w.entry(func(b []byte) []byte { return appendName(b, &c.Names[i]) }, func(n int) {
			if c.Names[i].Ino == 0 && !whole {
				w.next.dead += 2 * int64(n) // and the entry that it takes away
			} else {
				w.next.live += int64(n)
			}
		})
		if err != nil {
			return err
		}
	}
	if err := w.cut(); err != nil {
		return err
	}
	return w.tx.Put(headKey, h.encode())
}

// orphan removes a file that had no name when the process before ended.
func (w *writer) orphan(r *inode.Record) error {
	for _, c := range r.Data.Chunks {
		if err := w.tx.Delete(chunkKey(r.Ino, c.Index)); err != nil {
			return err
		}
	}
	gone := inode.Record{Ino: r.Ino, Gone: true}
	return w.entry(func(b []byte) []byte { return appendRecord(b, &gone) }, w.next.remove)
}

func (w *writer) put(ino uint64, index int64, data []byte) error {
	return w.tx.Put(chunkKey(ino, index), data)
}

func (w *writer) del(ino uint64, index int64) error { return w.tx.Delete(chunkKey(ino, index)) }

// entry adds an entry to the segment, or to a new one where it is full.
func (w *writer) entry(appendTo func([]byte) []byte, count func(n int)) error {
	if w.seg == nil {
		w.seg = segmentHeader(w.next.head.epoch, w.next.head.last+1)
	}
	was := len(w.seg)
	w.seg = appendTo(w.seg)
	count(len(w.seg) - was)
	if len(w.seg) > maxSegment-4 {
		return abi.EFBIG // a file of more pieces than can be named
	}
	if len(w.seg) >= segmentSize {
		return w.cut()
	}
	return nil
}

// cut puts the segment into the transaction.
func (w *writer) cut() error {
	if w.seg == nil {
		return nil
	}
	w.next.head.last++
	b := seal(w.seg)
	w.seg = nil
	w.next.size += int64(len(b))
	return w.tx.Add(logKey(w.next.head.last), b)
}

// state is what the log says.
type state struct {
	inode.State
	records map[uint64]*inode.Record
	names   map[uint64]map[string]nameAt // by directory
	seen    int                          // names
}

// nameAt is a name's node, and its place in the order of names.
type nameAt struct {
	ino uint64
	at  int
}

func newState() *state {
	return &state{records: map[uint64]*inode.Record{}, names: map[uint64]map[string]nameAt{}}
}

// apply adds a segment of size bytes.
func (s *state) apply(seg *segment, size int, l *logState) {
	each := max(size/max(len(seg.records)+len(seg.names), 1), 1)
	for i := range seg.records {
		r := &seg.records[i]
		if r.Gone {
			delete(s.records, r.Ino)
			delete(s.names, r.Ino)
			l.remove(each)
			continue
		}
		_, old := s.records[r.Ino]
		s.records[r.Ino] = r
		l.add(each, !old)
	}
	for _, n := range seg.names {
		dir := s.names[n.Dir]
		if dir == nil {
			dir = map[string]nameAt{}
			s.names[n.Dir] = dir
		}
		at := nameAt{n.Ino, s.seen}
		s.seen++
		if old, ok := dir[n.Name]; ok && old.ino != 0 && n.Ino != 0 {
			at.at = old.at // it stays where it is in the directory
		}
		if n.Ino == 0 {
			l.dead += int64(each)
		} else {
			l.live += int64(each)
		}
		dir[n.Name] = at
	}
}

// finish puts everything in order.
func (s *state) finish(h *head) {
	s.LastIno = h.lastIno
	s.Records = make([]*inode.Record, 0, len(s.records))
	for _, ino := range slices.Sorted(maps.Keys(s.records)) {
		s.Records = append(s.Records, s.records[ino])
	}
	for _, dir := range slices.Sorted(maps.Keys(s.names)) {
		r, there := s.records[dir]
		list := make([]orderedName, 0, len(s.names[dir]))
		for name, to := range s.names[dir] {
			if to.ino == 0 && there && !r.Based {
				continue // nothing below that would show
			}
			list = append(list, orderedName{inode.Name{Dir: dir, Name: name, Ino: to.ino}, to.at})
		}
		slices.SortFunc(list, func(a, b orderedName) int { return cmp.Compare(a.at, b.at) })
		for _, n := range list {
			s.Names = append(s.Names, n.Name)
		}
	}
	s.records, s.names = nil, nil
}

type orderedName struct {
	inode.Name
	at int
}

// maxSalvage bounds what is dropped one by one, each at the price of a restore.
const maxSalvage = 1000

// drop takes what does not fit out of the state; it reports false if that
// cannot be found.
func (s *state) drop(bad *inode.RestoreError) bool {
	n := len(s.Records) + len(s.Names)
	if bad.Name != "" {
		s.Names = slices.DeleteFunc(s.Names, func(x inode.Name) bool { return x.Dir == bad.Ino && x.Name == bad.Name })
	} else {
		s.Records = slices.DeleteFunc(s.Records, func(r *inode.Record) bool { return r.Ino == bad.Ino })
		s.Names = slices.DeleteFunc(s.Names, func(x inode.Name) bool { return x.Dir == bad.Ino || x.Ino == bad.Ino })
	}
	return len(s.Records)+len(s.Names) < n
}
