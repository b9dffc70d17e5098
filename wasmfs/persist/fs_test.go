package persist

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
)

// first is the first line in which two dumps differ.
func first(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// TestRandom does random things to a tree on an image and to an empty one,
// flushes now and then, and opens what was stored each time.
func TestRandom(t *testing.T) {
	for _, based := range []bool{true, false} {
		for seed := range uint64(12) {
			rnd := rand.New(rand.NewPCG(seed, 5))
			var lower wasmfs.FS
			if based {
				lower = image(t)
			}
			store := &Mem{}
			g := mustOpen(t, store, lower)
			var held []wasmfs.File
			for step := range 600 {
				g.randomCall(rnd)
				switch rnd.IntN(40) {
				case 0:
					g.sync()
					got := sorted(dump(t, mustOpen(t, store.Copy(), lower).fs))
					if want := sorted(dump(t, g.fs)); got != want {
						t.Fatalf("based %v seed %d step %d: stored and live trees differ:\n%s", based, seed, step, first(got, want))
					}
				case 1: // the next process goes on
					g.sync()
					for _, f := range held {
						f.Close()
					}
					held = nil
					g.sync()
					g = mustOpen(t, store, lower)
				case 2: // a file that outlives its name
					if f, err := g.open("/a", abi.O_RDWR); err == nil {
						held = append(held, f)
						g.ns.Unlink(g.env, wasmfs.Path{}, "/a")
					}
				case 3: // the log is written anew
					g.fs.log.dead = g.fs.log.live + slack + 1
				}
			}
			for _, f := range held {
				f.Close()
			}
			g.sync()
			checkKeys(t, store, g)
		}
	}
}

// checkKeys fails for chunks that no file has.
func checkKeys(t *testing.T, store *Mem, g *guest) {
	t.Helper()
	want := map[string]bool{headKey: true}
	for seq := g.fs.log.head.first; seq <= g.fs.log.head.last; seq++ {
		want[logKey(seq)] = true
	}
	c, err := g.fs.Capture(true, func(uint64, int64, []byte) error { return nil }, func(uint64, int64) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	g.fs.Captured(false)
	for _, r := range c.Records {
		for _, ref := range r.Data.Chunks {
			if ref.Size > 0 && r.Data.Inline == nil {
				want[chunkKey(r.Ino, ref.Index)] = true
			}
		}
	}
	store.Each(func(key string, _ []byte) {
		if !want[key] {
			t.Errorf("the store still has %s", key)
		}
		delete(want, key)
	})
	for key := range want {
		t.Errorf("the store lacks %s", key)
	}
}

var errFault = errors.New("disk on fire")

// TestFaults fails each operation of a run in turn. Whatever fails, what is
// stored is the last state that was synced.
func TestFaults(t *testing.T) {
	lower := image(t)
	for n := 1; ; n++ {
		store, count := &Mem{}, 0
		store.Fail = func(op string) error {
			if op == "get" {
				return nil
			}
			if count++; count != n {
				return nil
			}
			return errFault
		}
		g := mustOpen(t, store, lower)
		stored := func() string { return sorted(dump(t, mustOpen(t, store.Copy(), lower).fs)) }
		before := stored()
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 6 {
			for range 60 {
				g.randomCall(rnd)
			}
			err := g.fs.Sync()
			got, want := stored(), sorted(dump(t, g.fs))
			if err != nil {
				if !errors.Is(err, errFault) {
					t.Fatal(err)
				}
				if got != before {
					t.Fatalf("fault %d: the flush that failed changed what is stored:\n%s", n, first(got, before))
				}
				g.sync() // the next one makes up for it
				got = stored()
			}
			if got != want {
				t.Fatalf("fault %d: synced and stored differ:\n%s", n, first(got, want))
			}
			before = got
		}
		if count < n {
			if n < 30 {
				t.Fatalf("only %d operations", n)
			}
			break
		}
	}
}

// TestLostAnswer has commits that happen although they say that they failed.
func TestLostAnswer(t *testing.T) {
	lower := image(t)
	store := &lossy{Mem: &Mem{}, lose: true}
	g := mustOpen(t, store, lower)
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		for range 15 {
			g.randomCall(rnd)
		}
		store.lose = rnd.IntN(2) == 0
		err := g.fs.Sync()
		if store.lose && g.fs.Unsaved() != (err != nil) {
			t.Fatalf("a lost answer: %v", err)
		}
		got, want := sorted(dump(t, mustOpen(t, store.Copy(), lower).fs)), sorted(dump(t, g.fs))
		if got != want {
			t.Fatal(first(got, want))
		}
	}
}

type lossy struct {
	*Mem
	lose bool
}

func (l *lossy) Begin() (Tx, error) {
	tx, err := l.Mem.Begin()
	return &lossyTx{tx, l}, err
}

type lossyTx struct {
	Tx
	l *lossy
}

func (t *lossyTx) Commit() error {
	if err := t.Tx.Commit(); err != nil {
		return err
	}
	if t.l.lose {
		return errFault
	}
	return nil
}

// counted counts the bytes and values that transactions write.
type counted struct {
	*Mem
	puts, bytes int
}

func (c *counted) Begin() (Tx, error) {
	tx, err := c.Mem.Begin()
	return &countedTx{tx, c}, err
}

type countedTx struct {
	Tx
	c *counted
}

func (t *countedTx) Add(key string, v []byte) error {
	t.c.puts++
	t.c.bytes += len(v)
	return t.Tx.Add(key, v)
}

func (t *countedTx) Put(key string, v []byte) error {
	t.c.puts++
	t.c.bytes += len(v)
	return t.Tx.Put(key, v)
}

// TestIncremental: a flush costs what changed, not what there is.
func TestIncremental(t *testing.T) {
	store := &counted{Mem: &Mem{}}
	g := mustOpen(t, store, image(t))
	for i := range 10_000 {
		if i%100 == 0 {
			if err := g.ns.Mkdir(g.env, wasmfs.Path{}, fmt.Sprintf("/d%d", i/100), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		g.mustWrite(fmt.Sprintf("/d%d/f%d", i/100, i), "a small file")
	}
	g.sync()
	anew := 0
	for i := range 300 {
		store.puts, store.bytes = 0, 0
		g.mustWrite(fmt.Sprintf("/d%d/f%d", i%100, 9999-i), fmt.Sprint("changed ", i))
		g.sync()
		if store.puts != 2 {
			t.Fatalf("change %d wrote %d values", i, store.puts)
		}
		if store.bytes > 1000 {
			anew++
		}
	}
	if anew > 1 { // the log, when it has manySegments
		t.Errorf("%d of 300 small changes wrote everything", anew)
	}
	big := make([]byte, 8*chunk.Size)
	if err := g.write("/big", big, 0); err != nil {
		t.Fatal(err)
	}
	g.sync()
	store.puts, store.bytes = 0, 0
	if err := g.write("/big", []byte("x"), 3*chunk.Size); err != nil {
		t.Fatal(err)
	}
	g.sync()
	if store.puts != 3 || store.bytes > chunk.Size+1000 {
		t.Errorf("one byte of a large file wrote %d values, %d bytes", store.puts, store.bytes)
	}
}

// TestOrphan: a file without a name goes when its process ended, whatever
// the process could still do with it.
func TestOrphan(t *testing.T) {
	store := &Mem{}
	g := mustOpen(t, store, nil)
	if err := g.write("/f", make([]byte, 2*chunk.Size), 0); err != nil {
		t.Fatal(err)
	}
	g.sync()
	f, err := g.open("/f", abi.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	g.ns.Unlink(g.env, wasmfs.Path{}, "/f")
	g.sync()
	next := mustOpen(t, store, nil)
	if _, err := next.open("/f", abi.O_RDONLY); err != abi.ENOENT {
		t.Errorf("the file is there: %v", err)
	}
	next.mustWrite("/other", "x")
	next.sync()
	checkKeys(t, store, next)
	f.Close()
}

// TestNoRoom: the guest gets ENOSPC, keeps what it has, and goes on once there is room.
func TestNoRoom(t *testing.T) {
	full, told := false, 0
	store := &Mem{}
	store.Fail = func(op string) error {
		if full && op == "commit" {
			return &QuotaError{Used: 90, Quota: 100}
		}
		return nil
	}
	g, err := openGuest(t, store, nil, func(o *Options) {
		o.Failed = func(err error) {
			if err != nil {
				told++
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	g.mustWrite("/kept", "synced")
	g.sync()
	full = true
	g.mustWrite("/new", "not yet")
	err = g.fs.Sync()
	var q *QuotaError
	if !errors.As(err, &q) || q.Quota != 100 || !errors.Is(err, abi.ENOSPC) {
		t.Fatalf("Sync = %v", err)
	}
	if err := g.write("/more", make([]byte, 10000), 0); err != abi.ENOSPC {
		t.Errorf("a write without room = %v", err)
	}
	if got := mustOpen(t, store.Copy(), nil); got != nil {
		if _, err := got.open("/kept", abi.O_RDONLY); err != nil {
			t.Errorf("what was synced: %v", err)
		}
	}
	if err := g.ns.Unlink(g.env, wasmfs.Path{}, "/new"); err != nil {
		t.Fatal(err)
	}
	g.mustWrite("/more", "where something was") // if it fits, the next flush will tell
	full = false
	g.sync()
	g.mustWrite("/more", "again")
	g.sync()
	got, want := sorted(dump(t, mustOpen(t, store.Copy(), nil).fs)), sorted(dump(t, g.fs))
	if got != want {
		t.Error(first(got, want))
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

// TestTwoWriters: the second to write is told, and what the first wrote stays.
func TestTwoWriters(t *testing.T) {
	store := &Mem{}
	a, b := mustOpen(t, store, nil), mustOpen(t, store, nil)
	a.mustWrite("/f", "a")
	b.mustWrite("/f", "b")
	a.sync()
	want := dump(t, a.fs)
	for range 3 {
		if err := b.fs.Sync(); !errors.Is(err, ErrBusy) {
			t.Fatalf("the second writer: %v", err)
		}
	}
	if got := dump(t, mustOpen(t, store, nil).fs); got != want {
		t.Error(first(got, want))
	}
}

// TestOtherImage: files that stand on another image are not touched.
func TestOtherImage(t *testing.T) {
	store := &Mem{}
	g := mustOpen(t, store, image(t))
	g.mustWrite("/etc/passwd", "root")
	g.sync()
	_, err := openGuest(t, store, image(t), func(o *Options) { o.Layers = []string{"sha256:bbbb"} })
	var e *ImageError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "another name") {
		t.Fatalf("Open on another image = %v", err)
	}
	mustOpen(t, store, image(t))
}

// TestReadOnly: changes live as long as the FS, and the store stays.
func TestReadOnly(t *testing.T) {
	store := &Mem{}
	g := mustOpen(t, store, nil)
	g.mustWrite("/f", "one")
	if err := g.write("/big", make([]byte, 3*chunk.Size), 0); err != nil {
		t.Fatal(err)
	}
	g.sync()
	want := sorted(dump(t, g.fs))
	ro, err := openGuest(t, store, nil, func(o *Options) { o.ReadOnly = true })
	if err != nil {
		t.Fatal(err)
	}
	g.mustWrite("/f", "three") // which the copy does not see
	if err := g.write("/big", []byte{7}, 2*chunk.Size); err != nil {
		t.Fatal(err)
	}
	g.sync()
	if got := sorted(dump(t, ro.fs)); got != want {
		t.Error(first(got, want))
	}
	ro.mustWrite("/f", "two")
	if n := ro.fs.Flush(); n != 0 {
		t.Errorf("Flush = %d", n)
	}
	ro.sync()
}

// TestCopyWhileWriting: a copy of what somebody writes all the time is one
// state of it, or an error that says so.
func TestCopyWhileWriting(t *testing.T) {
	store := &Mem{}
	g := mustOpen(t, store, nil)
	if err := g.write("/f", bytes.Repeat([]byte{1}, 2*chunk.Size), 0); err != nil {
		t.Fatal(err)
	}
	g.sync()
	for _, writes := range []int{1, 3, 1000} {
		left, n := writes, byte(1)
		busy := &busyStore{Mem: store, before: func() {
			if left == 0 {
				return
			}
			left--
			n++
			g.fs.log.dead = g.fs.log.live + slack + 1 // the log is written anew each time
			if err := g.write("/f", bytes.Repeat([]byte{n}, 2*chunk.Size), 0); err != nil {
				t.Fatal(err)
			}
			g.sync()
		}}
		ro, err := openGuest(t, busy, nil, func(o *Options) { o.ReadOnly = true })
		if writes == 1000 {
			if !errors.Is(err, ErrBusy) {
				t.Errorf("a copy of what never stands still: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, want := dump(t, ro.fs), dump(t, g.fs); got != want {
			t.Error(first(got, want))
		}
	}
}

// busyStore is a store to which somebody writes before each Get.
type busyStore struct {
	*Mem
	before func()
}

func (b *busyStore) Get(keys ...string) ([][]byte, error) {
	b.before()
	return b.Mem.Get(keys...)
}

// TestCache evicts chunks that are stored, and only those.
func TestCache(t *testing.T) {
	store := &Mem{}
	g, err := openGuest(t, store, nil, func(o *Options) { o.Chunk.Cache = 4 * chunk.Size })
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(9, 9))
	want := make([]byte, 20*chunk.Size)
	for i := range want {
		want[i] = byte(i >> 8)
	}
	if err := g.write("/f", want, 0); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		off, n := rnd.IntN(len(want)-100), rnd.IntN(100)
		for i := range n {
			want[off+i]++
		}
		if err := g.write("/f", want[off:off+n], int64(off)); err != nil {
			t.Fatal(err)
		}
		if rnd.IntN(10) == 0 {
			g.sync()
		}
	}
	f, _ := g.open("/f", abi.O_RDONLY)
	got := make([]byte, len(want))
	if n, err := f.(interface {
		ReadAt([]byte, int64) (int, error)
	}).ReadAt(got, 0); n != len(want) || err != nil && n != len(want) || string(got) != string(want) {
		t.Errorf("read %d, %v; equal %v", n, err, string(got) == string(want))
	}
}
