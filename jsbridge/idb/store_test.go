//go:build js

package idb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"syscall/js"
	"testing"
	"time"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/persist"
)

// open opens a database that does not outlive the test. Node has none.
func open(t testing.TB, name string) *Store {
	t.Helper()
	if !js.Global().Get("indexedDB").Truthy() {
		t.Skip("no IndexedDB here")
	}
	s, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		js.Global().Get("indexedDB").Call("deleteDatabase", prefix+name)
	})
	return s
}

func commit(t testing.TB, s *Store, fill func(persist.Tx)) error {
	t.Helper()
	tx, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	fill(tx)
	return tx.Commit()
}

func TestTransactions(t *testing.T) {
	s := open(t, "transactions")
	want := func(what string, key string, value []byte) {
		t.Helper()
		v, err := s.Get("other", key)
		if err != nil || v[0] != nil || !bytes.Equal(v[1], value) || (v[1] == nil) != (value == nil) {
			t.Errorf("%s: Get(%s) = %q, %v", what, key, v, err)
		}
	}
	want("at first", "a", nil)
	value := []byte("one")
	if err := commit(t, s, func(tx persist.Tx) {
		tx.Put("a", value)
		value[0] = 'X'
		tx.Put("empty", nil)
		tx.Put("big", make([]byte, 1<<20))
		want("before Commit", "a", nil)
	}); err != nil {
		t.Fatal(err)
	}
	want("after Commit", "a", []byte("one"))
	want("after Commit", "empty", []byte{})
	want("after Commit", "big", make([]byte, 1<<20))
	err := commit(t, s, func(tx persist.Tx) {
		tx.Put("a", []byte("two"))
		tx.Delete("big")
		tx.Add("empty", []byte("taken"))
	})
	if !errors.Is(err, persist.ErrBusy) {
		t.Errorf("Add over a key = %v", err)
	}
	want("after a conflict", "a", []byte("one"))
	want("after a conflict", "big", make([]byte, 1<<20))
	tx, _ := s.Begin()
	tx.Put("a", []byte("three"))
	tx.Abort()
	want("after Abort", "a", []byte("one"))
	if err := commit(t, s, func(tx persist.Tx) {
		tx.Delete("a")
		tx.Delete("never there")
		tx.Add("new", []byte("n"))
	}); err != nil {
		t.Fatal(err)
	}
	want("deleted", "a", nil)
	want("added", "new", []byte("n"))
}

// TestForeignValue: what somebody else put there is no value of ours, and no panic.
func TestForeignValue(t *testing.T) {
	s := open(t, "foreign")
	for _, v := range []any{"text", 7, js.Null(), js.Global().Get("Object").New(), js.Global().Get("Float64Array").New(4)} {
		done := make(chan struct{})
		db := js.Global().Get("indexedDB").Call("open", prefix+"foreign")
		db.Set("onsuccess", js.FuncOf(func(js.Value, []js.Value) any {
			d := db.Get("result")
			txn := d.Call("transaction", objects, "readwrite")
			txn.Call("objectStore", objects).Call("put", v, "head")
			txn.Set("oncomplete", js.FuncOf(func(js.Value, []js.Value) any {
				d.Call("close")
				close(done)
				return nil
			}))
			return nil
		}))
		<-done
		if got, err := s.Get("head"); err != nil || len(got[0]) != 0 {
			t.Errorf("%v: %q, %v", v, got, err)
		}
		_, err := persist.Open(&leaveOpen{s}, persist.Options{Name: "foreign"})
		var d *persist.DamagedError
		if !errors.As(err, &d) {
			t.Errorf("%v: %v", v, err)
		}
	}
}

// leaveOpen is a Store that somebody else closes.
type leaveOpen struct{ *Store }

func (leaveOpen) Close() error { return nil }

// TestRefused: a browser that gives no storage is an error that says what to do.
func TestRefused(t *testing.T) {
	idb := js.Global().Get("indexedDB")
	if !idb.Truthy() {
		t.Skip("no IndexedDB here")
	}
	object := js.Global().Get("Object")
	fake := object.New()
	fake.Set("open", js.Global().Get("Function").New(`throw new DOMException("no storage for you", "SecurityError")`))
	restore := js.Global().Get("Function").New(`delete globalThis.indexedDB`)
	js.Global().Get("Function").New("v", `Object.defineProperty(globalThis, "indexedDB", { value: v, configurable: true })`).Invoke(fake)
	defer restore.Invoke()
	_, err := Open("refused")
	if !errors.Is(err, persist.ErrRefused) {
		t.Fatalf("Open = %v", err)
	}
	t.Log(err)
	js.Global().Get("Function").New(`Object.defineProperty(globalThis, "indexedDB", { get() { throw new Error("blocked") }, configurable: true })`).Invoke()
	if _, err := Open("refused"); !errors.Is(err, persist.ErrRefused) {
		t.Fatalf("Open = %v", err)
	}
}

// files is a file system on s.
func files(t testing.TB, s *Store) (*persist.FS, *wasmfs.Namespace, *wasmfs.Env) {
	t.Helper()
	fs, err := persist.Open(&leaveOpen{s}, persist.Options{Name: "files", Interval: -1})
	if err != nil {
		t.Fatal(err)
	}
	ns := wasmfs.NewNamespace(fs, "test", 0)
	return fs, ns, &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
}

func write(t testing.TB, ns *wasmfs.Namespace, env *wasmfs.Env, name string, data []byte, off int64) {
	t.Helper()
	_, f, err := ns.Open(env, wasmfs.Path{}, name, abi.O_RDWR|abi.O_CREAT, 0o644, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.(io.WriterAt).WriteAt(data, off); err != nil {
		t.Fatal(err)
	}
}

// TestFiles saves 10,000 files and 4 MiB in small pieces, opens them again, and
// says how long each took.
func TestFiles(t *testing.T) {
	s := open(t, "files")
	fs, ns, env := files(t, s)
	took := func(what string, start time.Time) {
		t.Logf("%s: %v", what, time.Since(start).Round(100*time.Microsecond))
	}

	start := time.Now()
	for i := range 10_000 {
		if i%100 == 0 {
			if err := ns.Mkdir(env, wasmfs.Path{}, fmt.Sprintf("/d%d", i/100), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		write(t, ns, env, fmt.Sprintf("/d%d/file-%d", i/100, i), fmt.Appendf(nil, "contents of file %d\n", i), 0)
	}
	took("10,000 files made", start)
	start = time.Now()
	if err := fs.Sync(); err != nil {
		t.Fatal(err)
	}
	took("and synced", start)

	page := bytes.Repeat([]byte("0123456789abcdef"), 256)
	start = time.Now()
	for off := int64(0); off < 4<<20; off += int64(len(page)) {
		write(t, ns, env, "/big", page, off)
	}
	if err := fs.Sync(); err != nil {
		t.Fatal(err)
	}
	took("4 MiB appended in pieces of 4 KiB, synced once", start)
	start = time.Now()
	for off := int64(0); off < 4<<20; off += int64(len(page)) {
		write(t, ns, env, "/log", page, off)
		if err := fs.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	took("4 MiB appended in pieces of 4 KiB, synced after each", start)
	start = time.Now()
	write(t, ns, env, "/d7/file-701", []byte("changed"), 0)
	if err := fs.Sync(); err != nil {
		t.Fatal(err)
	}
	took("one small change synced", start)

	start = time.Now()
	_, ns, env = files(t, s)
	took("10,000 files restored", start)
	start = time.Now()
	for i := range 10_000 {
		if st, err := stat(ns, env, fmt.Sprintf("/d%d/file-%d", i/100, i)); err != nil || st.Size < 19 {
			t.Fatal(st, err)
		}
	}
	took("and each looked at", start)
	start = time.Now()
	for _, name := range []string{"/big", "/log"} {
		_, f, err := ns.Open(env, wasmfs.Path{}, name, abi.O_RDONLY, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(f.(io.ReaderAt), 0, 8<<20))
		if err != nil || len(got) != 4<<20 || !bytes.Equal(got, bytes.Repeat(page, 1024)) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		f.Close()
	}
	took("8 MiB read back", start)
}

func stat(ns *wasmfs.Namespace, env *wasmfs.Env, name string) (abi.Stat, error) {
	p, err := ns.Resolve(env, wasmfs.Path{}, name, 0)
	if err != nil {
		return abi.Stat{}, err
	}
	return p.Stat()
}
