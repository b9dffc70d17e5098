package chunk

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/hack-pad/hackpadfs"
	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
)

func newStore(t testing.TB, opt Options) *Store {
	t.Helper()
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	return New(backend, opt)
}

// TestModel compares random operations with the same ones on a byte slice, with
// a cache so small that most chunks are evicted in between, and with and
// without a base below.
func TestModel(t *testing.T) {
	for _, based := range []bool{false, true} {
		for seed := range uint64(4) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			s := newStore(t, Options{Cache: 300 << 10})
			var model []byte
			f := s.NewFile()
			if based {
				base := make([]byte, 3*Size+12345)
				for i := range base {
					base[i] = byte(rnd.Uint32() | 1)
				}
				model = bytes.Clone(base)
				f = s.NewFileOver(bytes.NewReader(base), int64(len(base)))
			}
			const limit = 5 * Size
			for step := range 250 {
				off := rnd.Int64N(limit)
				n := rnd.IntN(100)
				if rnd.IntN(3) == 0 {
					n = rnd.IntN(Size * 3 / 2)
				}
				switch op := rnd.IntN(8); op {
				case 0, 1, 2:
					p := make([]byte, n)
					for i, seq := 0, rnd.Uint32(); i < len(p); i++ {
						seq = seq*1664525 + 1013904223
						p[i] = byte(seq >> 24)
					}
					if rnd.IntN(3) == 0 {
						off = int64(len(model))
					}
					if grow := int(off) + n - len(model); n > 0 && grow > 0 {
						model = append(model, make([]byte, grow)...)
					}
					copy(model[min(int(off), len(model)):], p)
					if m, err := f.WriteAt(p, off); m != n || err != nil {
						t.Fatalf("seed %d step %d: WriteAt %d at %d = %d, %v", seed, step, n, off, m, err)
					}
				case 3:
					if rnd.IntN(3) > 0 {
						continue
					}
					if err := f.Truncate(off); err != nil {
						t.Fatal(err)
					}
					if grow := int(off) - len(model); grow > 0 {
						model = append(model, make([]byte, grow)...)
					}
					model = model[:off]
				case 4:
					if n == 0 {
						continue
					}
					if err := f.Punch(off, int64(n)); err != nil {
						t.Fatal(err)
					}
					if int(off) < len(model) {
						clear(model[off:min(int(off)+n, len(model))])
					}
				default:
					p := bytes.Repeat([]byte{0xee}, n)
					m, err := f.ReadAt(p, off)
					want := []byte{}
					if int(off) < len(model) {
						want = model[off:min(int(off)+n, len(model))]
					}
					if !bytes.Equal(p[:m], want) || err == nil && m < n || err != nil && err != io.EOF {
						t.Fatalf("based %v seed %d step %d: ReadAt %d at %d of %d: %d bytes, %v; contents differ: %v",
							based, seed, step, n, off, len(model), m, err, !bytes.Equal(p[:m], want))
					}
				}
				if f.Size() != int64(len(model)) {
					t.Fatalf("seed %d step %d: size %d, want %d", seed, step, f.Size(), len(model))
				}
				if s.Used() != f.Space() {
					t.Fatalf("seed %d step %d: used %d, file occupies %d", seed, step, s.Used(), f.Space())
				}
			}
			all, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
			if err != nil || !bytes.Equal(all, model) {
				t.Fatalf("seed %d: contents differ in the end (%v)", seed, err)
			}
			if err := f.Free(); err != nil || s.Used() != 0 || s.cached != 0 || len(s.ring) != 0 {
				t.Fatalf("after Free: %v, used %d, cached %d in %d chunks", err, s.Used(), s.cached, len(s.ring))
			}
			left, err := hackpadfs.ReadDir(s.backend, ".")
			if err != nil || len(left) != 0 {
				t.Fatalf("after Free the backend holds %d files (%v)", len(left), err)
			}
		}
	}
}

func TestSparse(t *testing.T) {
	s := newStore(t, Options{Limit: 1 << 20})
	f := s.NewFile()
	if err := f.Truncate(MaxSize); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("end"), MaxSize-3); err != nil {
		t.Fatal(err)
	}
	if f.Space() > Size {
		t.Errorf("three bytes at the end of a sparse file occupy %d", f.Space())
	}
	if off, err := f.SeekData(0); off != (MaxSize-3)/Size*Size || err != nil {
		t.Errorf("SeekData(0) = %#x, %v", off, err)
	}
	if off, err := f.SeekHole(0); off != 0 || err != nil {
		t.Errorf("SeekHole(0) = %d, %v", off, err)
	}
	if n, err := f.WriteAt([]byte("xyz"), MaxSize-1); n != 1 || err != nil {
		t.Errorf("a write over the largest size = %d, %v, want 1 byte written", n, err)
	}
	if n, err := f.WriteAt([]byte("x"), MaxSize); n != 0 || err != abi.EFBIG {
		t.Errorf("a write at the largest size = %d, %v, want EFBIG", n, err)
	}
	if err := f.Truncate(-1); err != abi.EINVAL {
		t.Errorf("Truncate(-1) = %v", err)
	}
}

func TestLimit(t *testing.T) {
	s := newStore(t, Options{Limit: Size + 4096})
	f := s.NewFile()
	n, err := f.WriteAt(make([]byte, 2*Size), 0)
	if n != Size || err != abi.ENOSPC {
		t.Errorf("write over the limit = %d, %v; want %d, ENOSPC", n, err, Size)
	}
	if f.Size() != Size {
		t.Errorf("size %d after a short write, want %d", f.Size(), Size)
	}
	if err := f.Reserve(0, 3*Size, true); err != abi.ENOSPC {
		t.Errorf("Reserve over the limit = %v", err)
	}
	if err := f.Free(); err != nil {
		t.Fatal(err)
	}
	if n, err := s.NewFile().WriteAt(make([]byte, Size), 0); n != Size || err != nil {
		t.Errorf("write after Free = %d, %v", n, err)
	}
}

// brokenFS fails on everything that would store something.
type brokenFS struct{ hackpadfs.FS }

func (brokenFS) OpenFile(string, int, hackpadfs.FileMode) (hackpadfs.File, error) {
	return nil, errors.New("disk on fire")
}

func TestBackendError(t *testing.T) {
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	s := New(brokenFS{backend}, Options{Cache: Size})
	f := s.NewFile()
	data := bytes.Repeat([]byte("x"), 2*Size)
	if n, err := f.WriteAt(data, 0); n != len(data) || err != nil {
		t.Errorf("write beyond the cache = %d, %v; want all", n, err)
	}
	if n, err := f.WriteAt(data, 0); n != 0 || err != abi.EIO {
		t.Errorf("write into a full cache = %d, %v; want EIO", n, err)
	}
	if _, _, err := f.Append(data); err != abi.EIO || f.Size() != int64(len(data)) {
		t.Errorf("append to a full cache: %v, size %d", err, f.Size())
	}
	got := make([]byte, len(data))
	if n, err := f.ReadAt(got, 0); n != len(got) || !bytes.Equal(got, data) {
		t.Errorf("what could not be stored must stay: %d bytes, %v", n, err)
	}
	if err := f.Sync(); err != abi.EIO {
		t.Errorf("Sync = %v, want EIO", err)
	}
}

func TestShortBase(t *testing.T) {
	f := newStore(t, Options{}).NewFileOver(bytes.NewReader([]byte("ab")), 100)
	if _, err := f.ReadAt(make([]byte, 10), 0); err != abi.EIO {
		t.Errorf("reading a base that lied = %v, want EIO", err)
	}
}

// TestConcurrent lets writers of several files evict each other's chunks.
func TestConcurrent(t *testing.T) {
	s := newStore(t, Options{Cache: Size})
	shared := s.NewFile()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			f := s.NewFile()
			rec := bytes.Repeat([]byte{byte('a' + g)}, 1000)
			for i := range 500 {
				if _, err := f.WriteAt(rec, int64(i)*1000); err != nil {
					t.Error(err)
					return
				}
				if _, _, err := shared.Append(rec); err != nil {
					t.Error(err)
					return
				}
			}
			got := make([]byte, 1000)
			for i := range 500 {
				if _, err := f.ReadAt(got, int64(i)*1000); err != nil && err != io.EOF || !bytes.Equal(got, rec) {
					t.Errorf("file %d record %d differs (%v)", g, i, err)
					return
				}
			}
			f.Free()
		})
	}
	wg.Wait()
	if shared.Size() != 4*500*1000 {
		t.Fatalf("size %d after appends", shared.Size())
	}
	rec := make([]byte, 1000)
	for i := range int64(4 * 500) {
		if _, err := shared.ReadAt(rec, i*1000); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if bytes.Count(rec, rec[:1]) != 1000 {
			t.Fatalf("record %d is torn", i)
		}
	}
}

func BenchmarkSequentialWrite(b *testing.B) {
	for _, c := range []struct {
		name  string
		piece int
	}{{"4KiB", 4 << 10}, {"64KiB", 64 << 10}} {
		b.Run(c.name, func(b *testing.B) {
			s := newStore(b, Options{Volatile: true})
			p := make([]byte, c.piece)
			b.SetBytes(int64(c.piece))
			f := s.NewFile()
			off := int64(0)
			for b.Loop() {
				if off >= 256<<20 { // four times the cache
					f.Free()
					f, off = s.NewFile(), 0
				}
				if _, err := f.WriteAt(p, off); err != nil {
					b.Fatal(err)
				}
				off += int64(c.piece)
			}
		})
	}
}
