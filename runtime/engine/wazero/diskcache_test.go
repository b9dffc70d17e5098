package wazero

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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
	for _, n := range []int{1, 13, 13 + 4, len(whole) / 2, len(whole) - 1} {
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
