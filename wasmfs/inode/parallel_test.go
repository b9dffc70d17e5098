package inode

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
)

// TestParallel lets several processes change one tree at random, then checks
// that all counts and parents are right and that nothing is left behind when
// everything is removed.
func TestParallel(t *testing.T) {
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	store := chunk.New(backend, chunk.Options{Cache: 2 * chunk.Size})
	fs, err := New(Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	ns := wasmfs.NewNamespace(fs, "tmpfs", 0)
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(worker, 7))
			env := &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
			name := func() string {
				p := ""
				for range rnd.IntN(3) + 1 {
					p += fmt.Sprintf("/%d", rnd.IntN(4))
				}
				return p
			}
			var held []wasmfs.File
			at := wasmfs.Path{}
			for range 3000 {
				p, q := name(), name()
				switch rnd.IntN(9) {
				case 0, 1:
					ns.Mkdir(env, at, p, 0o755)
				case 2, 3:
					_, f, err := ns.Open(env, at, p, abi.O_RDWR|abi.O_CREAT, 0o644, 0)
					if err != nil || f == nil {
						break
					}
					f.(*File).WriteAt(make([]byte, rnd.IntN(100_000)), rnd.Int64N(100_000))
					held = append(held, f)
				case 4:
					ns.Unlink(env, at, p)
				case 5:
					ns.Rmdir(env, at, p)
				case 6:
					ns.Rename(env, at, p, at, q, []uint32{0, abi.RENAME_NOREPLACE, abi.RENAME_EXCHANGE}[rnd.IntN(3)])
				case 7:
					if old, err := ns.Resolve(env, at, p, wasmfs.NoFollow); err == nil {
						ns.Link(env, old, at, q)
						old.Stat()
						old.String(env.Root)
					}
				default:
					if d, err := ns.Resolve(env, at, p, 0); err == nil {
						d.ReadDir(env.Root, 0, func(wasmfs.Dirent) bool { return true })
					}
				}
				if len(held) > 5 || len(held) > 0 && rnd.IntN(3) == 0 {
					held[0].Close()
					held = held[1:]
				}
			}
			for _, f := range held {
				f.Close()
			}
		})
	}
	wg.Wait()
	links, nodes := map[inode]uint32{}, int64(1)
	var space int64
	var check func(path string, d *dirNode)
	check = func(path string, d *dirNode) {
		subdirs := uint32(0)
		for name, e := range d.byName {
			b := e.node.base()
			if e.name != name || e.ino != b.ino || e.typ != b.typ {
				t.Errorf("%s/%s: entry %+v", path, name, e)
			}
			if links[e.node]++; links[e.node] == 1 {
				nodes++
			}
			switch n := e.node.(type) {
			case *dirNode:
				subdirs++
				if n.parent != d || n.name != name || n.nlink.Load() != 1 {
					t.Errorf("%s/%s: parent %p, name %q, links %d", path, name, n.parent, n.name, n.nlink.Load())
				}
				check(path+"/"+name, n)
			case *fileNode:
				if links[e.node] == 1 {
					space += n.data.Space()
				}
				if n.opens != 0 || n.writers != 0 || n.freed {
					t.Errorf("%s/%s: opens %d, writers %d, freed %v", path, name, n.opens, n.writers, n.freed)
				}
			}
		}
		if d.subdirs != subdirs || len(d.order)-d.removed != len(d.byName) {
			t.Errorf("%s: %d subdirectories, want %d; %d entries in order, %d of them removed, %d by name",
				path, d.subdirs, subdirs, len(d.order), d.removed, len(d.byName))
		}
	}
	check("", fs.root)
	for n, want := range links {
		if got := n.base().nlink.Load(); got != want {
			t.Errorf("inode %d has %d links, want %d", n.base().ino, got, want)
		}
	}
	if got := fs.inodes.Load(); got != nodes {
		t.Errorf("%d inodes counted, %d found", got, nodes)
	}
	if got := store.Used(); got != space {
		t.Errorf("%d bytes used, files hold %d", got, space)
	}
	var clear func(d *dirNode)
	clear = func(d *dirNode) {
		for name, e := range d.byName {
			if sub, ok := e.node.(*dirNode); ok {
				clear(sub)
			}
			if err := d.Unlink(wasmfs.Root, name, e.typ == abi.S_IFDIR); err != nil {
				t.Error(err)
			}
		}
	}
	clear(fs.root)
	if fs.inodes.Load() != 1 || store.Used() != 0 {
		t.Errorf("after removing everything: %d inodes, %d bytes", fs.inodes.Load(), store.Used())
	}
}

func TestInodeLimit(t *testing.T) {
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	fs, err := New(Options{Store: chunk.New(backend, chunk.Options{}), MaxInodes: 3})
	if err != nil {
		t.Fatal(err)
	}
	a := wasmfs.MakeAttr{Mode: abi.S_IFREG | 0o644}
	for i, want := range []error{nil, nil, abi.ENOSPC} {
		if _, err := fs.root.Make(wasmfs.Root, fmt.Sprint(i), a); err != want {
			t.Errorf("file %d: %v, want %v", i, err, want)
		}
	}
	if st := fs.Statfs(); st.Ffree != 0 || st.Files != 3 {
		t.Errorf("statfs: %+v", st)
	}
	if err := fs.root.Unlink(wasmfs.Root, "0", false); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.root.Make(wasmfs.Root, "again", a); err != nil {
		t.Errorf("after a removal: %v", err)
	}
	for _, bad := range []string{"", ".", "..", "a/b", "a\x00b"} {
		if _, err := fs.root.Make(wasmfs.Root, bad, a); err != abi.EINVAL {
			t.Errorf("name %q: %v", bad, err)
		}
	}
}

// TestCreateRace opens one name with O_CREAT while others remove it: opening
// always succeeds.
func TestCreateRace(t *testing.T) {
	ns := wasmfs.NewNamespace(newFS(t, Options{}), "tmpfs", 0)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			env := &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
			for range 2000 {
				_, f, err := ns.Open(env, wasmfs.Path{}, "lock", abi.O_RDWR|abi.O_CREAT, 0o600, 0)
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				ns.Unlink(env, wasmfs.Path{}, "lock")
				f.Close()
			}
		})
	}
	wg.Wait()
}
