package persist

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hack-pad/hackpadfs"
	hackos "github.com/hack-pad/hackpadfs/os"

	"boxer/runtime/abi"
	"boxer/wasmfs/chunk"
)

// hostDir is a directory of the host as a hackpadfs FS.
func hostDir(t testing.TB, dir string) hackpadfs.FS {
	t.Helper()
	fs, err := hackos.NewFS().Sub(strings.TrimPrefix(filepath.ToSlash(dir), "/"))
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

func openDir(t testing.TB, dir string) *Dir {
	t.Helper()
	d, err := OpenDir(hostDir(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDir keeps a tree in a directory over many transactions, with files of
// all keys among them.
func TestDir(t *testing.T) {
	dir := t.TempDir()
	lower := image(t)
	rnd := rand.New(rand.NewPCG(21, 22))
	g := mustOpen(t, openDir(t, dir), lower)
	for i := range 200 {
		for range 4 {
			g.randomCall(rnd)
		}
		g.sync()
		if i%20 == 0 {
			want := sorted(dump(t, g.fs))
			g = mustOpen(t, openDir(t, dir), lower)
			if got := sorted(dump(t, g.fs)); got != want {
				t.Fatal(first(got, want))
			}
		}
	}
	all, _ := filepath.Glob(filepath.Join(dir, "all-*"))
	txs, _ := filepath.Glob(filepath.Join(dir, "tx-*"))
	if len(all) != 1 || len(txs) > 2*manyTx {
		t.Errorf("%d files of all keys, %d of transactions", len(all), len(txs))
	}
	values, _ := filepath.Glob(filepath.Join(dir, "v-*"))
	d := openDir(t, dir)
	used := 0
	for _, s := range d.at {
		if s.file != "" {
			used++
		}
	}
	if len(values) != used {
		t.Errorf("%d files of values, and %d are used", len(values), used)
	}
}

// crashFS is a host that dies at the n-th call that changes something. What was
// not synced is then cut in half.
type crashFS struct {
	hackpadfs.FS
	dir   string
	n     int
	dirty map[string]bool
}

var errCrash = errors.New("the power is off")

func (c *crashFS) step() error {
	if c.n--; c.n > 0 {
		return nil
	}
	if c.n == 0 {
		for name := range c.dirty {
			p := filepath.Join(c.dir, name)
			if st, err := os.Stat(p); err == nil {
				os.Truncate(p, st.Size()/2)
			}
		}
	}
	return errCrash
}

func (c *crashFS) OpenFile(name string, flag int, perm hackpadfs.FileMode) (hackpadfs.File, error) {
	if err := c.step(); err != nil {
		return nil, err
	}
	f, err := hackpadfs.OpenFile(c.FS, name, flag, perm)
	if err != nil {
		return nil, err
	}
	c.dirty[name] = true
	return &crashFile{f, c, name}, nil
}

func (c *crashFS) Open(name string) (hackpadfs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil || name != "." {
		return f, err
	}
	return &crashFile{f, c, name}, nil
}

func (c *crashFS) Rename(old, new string) error {
	if err := c.step(); err != nil {
		return err
	}
	return hackpadfs.Rename(c.FS, old, new)
}

func (c *crashFS) Remove(name string) error {
	if err := c.step(); err != nil {
		return err
	}
	return hackpadfs.Remove(c.FS, name)
}

func (c *crashFS) Stat(name string) (hackpadfs.FileInfo, error) { return hackpadfs.Stat(c.FS, name) }

func (c *crashFS) ReadDir(name string) ([]hackpadfs.DirEntry, error) {
	return hackpadfs.ReadDir(c.FS, name)
}

type crashFile struct {
	hackpadfs.File
	c    *crashFS
	name string
}

func (f *crashFile) Write(p []byte) (int, error) {
	if err := f.c.step(); err != nil {
		return 0, err
	}
	return hackpadfs.WriteFile(f.File, p)
}

func (f *crashFile) Sync() error {
	if err := f.c.step(); err != nil {
		return err
	}
	delete(f.c.dirty, f.name)
	return hackpadfs.SyncFile(f.File)
}

// TestCrash lets the host die at each call in turn. What is found then is the last state that was
// synced, or the one that was being synced, and it can be gone on with.
func TestCrash(t *testing.T) {
	lower := image(t)
	for n := 1; ; n++ {
		dir := t.TempDir()
		host := &crashFS{FS: hostDir(t, dir), dir: dir, n: n, dirty: map[string]bool{}}
		store, err := OpenDir(host)
		if err != nil {
			t.Fatal(err)
		}
		g := mustOpen(t, store, lower)
		before, after := sorted(dump(t, g.fs)), ""
		rnd := rand.New(rand.NewPCG(31, 32))
		crashed := false
		for round := 0; round < 4 && !crashed; round++ {
			for range 40 {
				g.randomCall(rnd)
			}
			if err := g.write("/big", make([]byte, chunk.Size+round), 0); err != nil {
				t.Fatal(err)
			}
			after = sorted(dump(t, g.fs))
			err := g.fs.Sync()
			crashed = host.n <= 0
			if err == nil {
				before = after
			} else if !crashed {
				t.Fatal(err)
			}
			if round == 2 && !crashed {
				store.mu.Lock()
				store.compact()
				store.mu.Unlock()
				crashed = host.n <= 0
			}
		}
		next := mustOpen(t, openDir(t, dir), lower)
		if got := sorted(dump(t, next.fs)); got != before && got != after {
			t.Fatalf("crash at call %d:\n%s", n, first(got, after))
		}
		next.mustWrite("/after", "the crash")
		next.sync()
		got, want := sorted(dump(t, mustOpen(t, openDir(t, dir), lower).fs)), sorted(dump(t, next.fs))
		if got != want {
			t.Fatalf("after the crash at call %d:\n%s", n, first(got, want))
		}
		if !crashed {
			if n < 60 {
				t.Fatalf("only %d calls", n)
			}
			return
		}
	}
}

// TestDirDamage changes each file in turn: an error that says which, or a
// value that is lost.
func TestDirDamage(t *testing.T) {
	dir := t.TempDir()
	lower := image(t)
	g := mustOpen(t, openDir(t, dir), lower)
	for i := range 5 {
		if err := g.write(fmt.Sprintf("/f%d", i), bytes.Repeat([]byte{byte(i)}, chunk.Size), 0); err != nil {
			t.Fatal(err)
		}
		g.sync()
	}
	files, _ := os.ReadDir(dir)
	for _, e := range files {
		name := filepath.Join(dir, e.Name())
		good, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(good)
		bad[len(bad)/2] ^= 1
		os.WriteFile(name, bad, 0o600)
		d, err := OpenDir(hostDir(t, dir))
		switch {
		case strings.HasPrefix(e.Name(), txPrefix):
			if err == nil || !strings.Contains(err.Error(), e.Name()) {
				t.Errorf("%s: %v", e.Name(), err)
			}
		case err != nil:
			t.Errorf("%s: %v", e.Name(), err)
		default:
			if lost := dump(t, mustOpen(t, d, lower).fs); !strings.Contains(lost, abi.EIO.Error()) {
				t.Errorf("%s: nobody noticed", e.Name())
			}
		}
		os.WriteFile(name, good, 0o600)
	}
}

// FuzzDir: any index is read, or refused.
func FuzzDir(f *testing.F) {
	f.Add([]byte("\x01\x01k\x01\x02vv"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, indexName(txPrefix, 1)), seal(append([]byte(dirMagic), b...)), 0o600)
		d, err := OpenDir(hostDir(t, dir))
		if err != nil {
			return
		}
		for key := range d.at {
			if _, err := d.Get(key); err != nil {
				t.Log(err)
			}
		}
	})
}
