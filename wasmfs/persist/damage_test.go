package persist

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"boxer/runtime/abi"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

// stored is a store with a bit of everything in it.
func stored(t testing.TB) (*Mem, *guest) {
	store := &Mem{}
	g := mustOpen(t, store, image(t))
	rnd := rand.New(rand.NewPCG(11, 12))
	for range 8 {
		for range 60 {
			g.randomCall(rnd)
		}
		g.sync()
	}
	return store, g
}

// TestDamage changes each value in turn, and takes it away. What is then read
// is an error by name, or all as it was but for EIO where a chunk is bad.
func TestDamage(t *testing.T) {
	store, g := stored(t)
	lower := image(t)
	want := sorted(dump(t, g.fs))
	rnd := rand.New(rand.NewPCG(1, 1))
	store.Each(func(key string, value []byte) {
		for try := range 12 {
			bad := append([]byte{}, value...)
			switch {
			case try == 0:
				bad = nil
			case try == 1:
				bad = bad[:len(bad)/2]
			case try == 2:
				bad = []byte{}
			default:
				bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
			}
			c := store.Copy()
			c.Set(key, bad)
			if try < 4 { // a salvaged tree, or an error
				if left, err := openGuest(t, c, lower, func(o *Options) { o.Salvage = true }); err == nil {
					dump(t, left.fs)
				} else if d := (*DamagedError)(nil); !errors.As(err, &d) {
					t.Fatalf("%s salvaged: %v", key, err)
				}
			}
			got, err := openGuest(t, c, lower, nil)
			if err != nil {
				var d *DamagedError
				if !errors.As(err, &d) {
					t.Fatalf("%s damaged: %v", key, err)
				}
				continue
			}
			if !strings.HasPrefix(key, "c/") {
				if key == headKey && bad == nil && g.fs.log.head.first > 1 {
					continue
				}
				t.Fatalf("%s damaged: not noticed", key)
			}
			gotLines, wantLines := strings.Split(sorted(dump(t, got.fs)), "\n"), strings.Split(want, "\n")
			for i := range gotLines {
				if gotLines[i] != wantLines[i] && !strings.Contains(gotLines[i], abi.EIO.Error()) {
					t.Fatalf("%s damaged: %s\n%s", key, gotLines[i], wantLines[i])
				}
			}
		}
	})
}

// TestSalvage reads what is left when a segment is lost.
func TestSalvage(t *testing.T) {
	store := &Mem{}
	g := mustOpen(t, store, image(t))
	for _, name := range []string{"/one", "/two", "/three"} {
		g.mustWrite(name, "contents of "+name)
		g.sync()
	}
	store.Set(logKey(g.fs.log.head.last-1), nil)
	if _, err := openGuest(t, store, image(t), nil); err == nil || !strings.Contains(err.Error(), "salvage") {
		t.Fatalf("Open = %v", err)
	}
	left, err := openGuest(t, store, image(t), func(o *Options) { o.Salvage = true })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"/one": nil, "/two": abi.ENOENT, "/three": nil, "/etc/passwd": nil} {
		if _, err := left.open(name, abi.O_RDONLY); err != want {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	left.mustWrite("/new", "x")
	left.sync()
	if _, err := openGuest(t, store, image(t), nil); err == nil {
		t.Error("salvaging wrote to the store")
	}
}

// TestHostileState: states that no Capture made are refused, not believed.
func TestHostileState(t *testing.T) {
	dir := inode.Record{Ino: 1 << 33, Mode: abi.S_IFDIR | 0o755, Nlink: 1}
	at := func(ino uint64, r inode.Record) inode.Record { r.Ino = ino; return r }
	file := inode.Record{Ino: 1 << 34, Mode: abi.S_IFREG, Nlink: 1}
	root := inode.Record{Ino: 1, Mode: abi.S_IFDIR, Nlink: 1, Based: true}
	usr := inode.Record{Ino: 0, Mode: abi.S_IFDIR, Nlink: 1, Based: true, Lower: "usr"}
	lower := image(t)
	if st, err := lower.Root().Stat(); err != nil || st.Ino != 1 {
		t.Fatal(st, err)
	}
	big := file
	big.Data = chunk.Layout{Size: 10, Chunks: []chunk.Ref{{Index: 0, Size: chunk.Size + 1}}}
	base := file
	base.Data = chunk.Layout{Size: 10, BaseEnd: 10}
	for _, c := range []struct {
		what string
		s    inode.State
		want string
	}{
		{"a circle", inode.State{Records: records(root, dir, at(1<<33+1, dir)),
			Names: []inode.Name{{Dir: 1 << 33, Name: "x", Ino: 1<<33 + 1}, {Dir: 1<<33 + 1, Name: "y", Ino: 1 << 33}}}, "below the root"},
		{"a directory in itself", inode.State{Records: records(dir), Names: []inode.Name{{Dir: 1 << 33, Name: "x", Ino: 1 << 33}}}, "below the root"},
		{"two names", inode.State{Records: records(root, dir),
			Names: []inode.Name{{Dir: 1, Name: "x", Ino: 1 << 33}, {Dir: 1, Name: "y", Ino: 1 << 33}}}, "two names"},
		{"the root in the tree", inode.State{Records: records(root), Names: []inode.Name{{Dir: 1, Name: "x", Ino: 1}}}, "two names"},
		{"no names", inode.State{Records: records(file)}, "0 names"},
		{"a dangling name", inode.State{Records: records(root), Names: []inode.Name{{Dir: 1, Name: "x", Ino: 77}}}, "not there"},
		{"no directory", inode.State{Records: records(file), Names: []inode.Name{{Dir: 1 << 34, Name: "x"}}}, "no directory"},
		{"a bad name", inode.State{Records: records(root), Names: []inode.Name{{Dir: 1, Name: "a/b"}}}, "can have that name"},
		{"a name of dots", inode.State{Records: records(root), Names: []inode.Name{{Dir: 1, Name: ".."}}}, "can have that name"},
		{"no file below", inode.State{Records: records(at(5, func() inode.Record { r := usr; r.Lower = "../etc"; return r }()))}, "in the image"},
		{"another type", inode.State{Records: records(func() inode.Record { r := root; r.Mode = abi.S_IFREG; return r }())}, "another type"},
		{"a number of the image", inode.State{Records: records(at(3, file))}, "given out"},
		{"a chunk too large", inode.State{Records: records(root, big), Names: []inode.Name{{Dir: 1, Name: "x", Ino: 1 << 34}}}, "chunk"},
		{"a base that is not there", inode.State{Records: records(root, base), Names: []inode.Name{{Dir: 1, Name: "x", Ino: 1 << 34}}}, "image"},
	} {
		c.s.LastIno = 1 << 40
		g := mustOpen(t, &Mem{}, lower)
		_, err := g.fs.Restore(&c.s)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
}

func records(list ...inode.Record) (out []*inode.Record) {
	for i := range list {
		out = append(out, &list[i])
	}
	return out
}

// FuzzSegment: any bytes decode in bounded memory, and what decodes restores or is refused.
func FuzzSegment(f *testing.F) {
	store, g := stored(f)
	epoch := g.fs.log.head.epoch
	for seq := g.fs.log.head.first; seq <= g.fs.log.head.last; seq++ {
		v, _ := store.Get(logKey(seq))
		f.Add(v[0][len(segmentHeader(epoch, seq)) : len(v[0])-4])
	}
	lower := image(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		b = seal(append(segmentHeader(7, 1), b...))
		if _, err := decodeSegment(b, 7, 1); err != nil {
			return
		}
		h := &head{epoch: 7, layers: layers, first: 1, last: 1, lastIno: 1 << 40}
		m := &Mem{}
		m.Set(headKey, h.encode())
		m.Set(logKey(1), b)
		got, err := openGuest(t, m, lower, nil)
		if err != nil {
			return
		}
		dump(t, got.fs)
		got.mustWrite("/fuzz", "x")
		got.sync()
		mustOpen(t, m, lower)
	})
}

// FuzzHead: any bytes decode, or are refused.
func FuzzHead(f *testing.F) {
	f.Add((&head{epoch: 1, layers: layers, first: 1, last: 3}).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > len(headMagic) {
			b = seal(append([]byte(headMagic), b[len(headMagic):]...))
		}
		if h, err := decodeHead(b); err == nil && h.last < h.first-1 {
			t.Error(h)
		}
	})
}
