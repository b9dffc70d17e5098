package wazero

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"boxer/runtime/wasm"
)

// returns is a module that exports f, which returns v.
func returns(v int32) []byte {
	var m wasm.Module
	f := m.Func(m.FuncType(nil, []wasm.ValType{wasm.I32}))
	var c wasm.Code
	c.Reset(0)
	c.I32Const(v)
	c.End()
	m.Body(f, &c)
	m.ExportFunc("f", f)
	return m.Bytes()
}

// check compiles and calls a module on an engine of its own.
func check(t *testing.T, cfg Config, v int32) CacheStats {
	t.Helper()
	e := newEngine(t, cfg)
	defer e.Close()
	mod, err := e.Compile(returns(v))
	if err != nil {
		t.Fatal(err)
	}
	inst, err := e.Instantiate(mod, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := inst.Func("f")
	if err != nil {
		t.Fatal(err)
	}
	stack := make([]uint64, 1)
	if err := f.Call(stack); err != nil || int32(stack[0]) != v {
		t.Fatalf("f() = %d, %v; want %d", int32(stack[0]), err, v)
	}
	return e.CacheStats()
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDiskCache(t *testing.T) {
	cfg := Config{CacheDir: filepath.Join(t.TempDir(), "not", "there", "yet")}
	if st := check(t, cfg, 1); st != (CacheStats{Misses: 1}) {
		t.Errorf("first run: %+v", st)
	}
	if st := check(t, cfg, 1); st != (CacheStats{Hits: 1}) {
		t.Errorf("second run: %+v", st)
	}
	if info, err := os.Stat(cfg.CacheDir); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the directory is %v, %v; want it private", info.Mode(), err)
	}
	for _, f := range files(t, cfg.CacheDir) {
		if info, _ := os.Stat(f); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f, info.Mode())
		}
	}
}

// TestDiskCacheDamage: whatever happens to a file, the module is compiled
// again and the file replaced.
func TestDiskCacheDamage(t *testing.T) {
	cfg := Config{CacheDir: filepath.Join(t.TempDir(), "cache")}
	check(t, cfg, 1)
	name := files(t, cfg.CacheDir)[0]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string][]byte{"empty": {}, "garbage": []byte("garbage"), "trailing": append(bytes.Clone(whole), 0)}
	for _, n := range []int{1, len(diskMagic), len(diskMagic) + 32, len(whole) / 2, len(whole) - 1} {
		damage[fmt.Sprintf("first %d bytes", n)] = whole[:n]
	}
	for i := 0; i < len(whole); i += 7 {
		b := bytes.Clone(whole)
		b[i] ^= 0x10
		damage[fmt.Sprintf("bit flipped in byte %d", i)] = b
	}
	for what, b := range damage {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if st := check(t, cfg, 1); st != (CacheStats{Misses: 1, Corrupt: 1}) {
			t.Errorf("%s: %+v", what, st)
		}
		if st := check(t, cfg, 1); st != (CacheStats{Hits: 1}) {
			t.Errorf("after %s: %+v", what, st)
		}
	}
}

// TestDiskCacheFull: a directory that cannot be written to, or holds
// something else under the name, only costs time.
func TestDiskCacheFull(t *testing.T) {
	cfg := Config{CacheDir: filepath.Join(t.TempDir(), "cache")}
	check(t, cfg, 1)
	name := files(t, cfg.CacheDir)[0]
	os.Remove(name)
	if err := os.MkdirAll(filepath.Join(name, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if st := check(t, cfg, 1); st.Misses != 1 || st.Failed != 1 {
		t.Errorf("a directory in the way: %+v", st)
	}
	if left := files(t, cfg.CacheDir); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

func TestDiskCacheRefused(t *testing.T) {
	dir := t.TempDir()
	for _, mode := range []os.FileMode{0o770, 0o707, 0o722, 0o777} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if e, err := New(Config{CacheDir: dir}); err == nil {
			e.Close()
			t.Errorf("a directory of mode %#o was accepted", mode)
		} else if !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "chmod") {
			t.Errorf("mode %#o: %v", mode, err)
		}
	}
	for _, mode := range []os.FileMode{0o700, 0o755} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		newEngine(t, Config{CacheDir: dir})
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{CacheDir: file}); err == nil {
		t.Error("a file was accepted as the directory")
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Config{CacheDir: dir}); err == nil || !strings.Contains(err.Error(), "12345") {
			t.Errorf("a directory of another user: %v", err)
		}
	}
}

func TestDiskCacheEviction(t *testing.T) {
	const size, entry = 100_000, 10_000
	d, err := openDiskCache(filepath.Join(t.TempDir(), "cache"), size)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	dir := d.root.Name()
	key := func(i int) [32]byte { return sha256.Sum256([]byte{byte(i)}) }
	stale, fresh := filepath.Join(dir, tempPrefix+"stale"), filepath.Join(dir, tempPrefix+"fresh")
	other := filepath.Join(dir, "README")
	for _, f := range []string{stale, fresh, other} {
		if err := os.WriteFile(f, make([]byte, entry), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * tempMaxAge)
	os.Chtimes(stale, past, past)

	for i := range 9 {
		d.Add(key(i), bytes.NewReader(make([]byte, entry)))
		age := time.Now().Add(time.Duration(i-100) * 48 * time.Hour)
		k := key(i)
		if err := os.Chtimes(filepath.Join(dir, hex.EncodeToString(k[:])), age, age); err != nil {
			t.Fatal(err)
		}
	}
	// A hit makes the oldest the newest.
	r, ok, err := d.Get(key(0))
	if err != nil || !ok {
		t.Fatalf("Get: %v, %v", ok, err)
	}
	if b, _ := io.ReadAll(r); len(b) != entry {
		t.Errorf("Get: %d bytes", len(b))
	}
	for i := 9; i < 12; i++ {
		d.Add(key(i), bytes.NewReader(make([]byte, entry)))
	}
	var total int64
	kept := map[int]bool{}
	for i := range 12 {
		k := key(i)
		if info, err := os.Stat(filepath.Join(dir, hex.EncodeToString(k[:]))); err == nil {
			kept[i] = true
			total += info.Size()
		}
	}
	if total > size || total < size/2 {
		t.Errorf("%d bytes kept in a cache of %d", total, size)
	}
	if !kept[0] || kept[1] || kept[2] || !kept[11] {
		t.Errorf("kept %v; want the recently used ones", kept)
	}
	for f, want := range map[string]bool{stale: false, fresh: true, other: true} {
		if _, err := os.Stat(f); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(f), err == nil, want)
		}
	}
}

// TestDiskCacheShared: engines as in several processes, on one directory that
// is always too small.
func TestDiskCacheShared(t *testing.T) {
	cfg := Config{CacheDir: filepath.Join(t.TempDir(), "cache"), CacheSize: 1000}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 15 {
				check(t, cfg, int32((g+i)%6))
			}
		})
	}
	wg.Wait()
}
