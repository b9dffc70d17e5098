package lazy

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"boxer/runtime/oci/spec"
	"boxer/wasmfs/tarfs"
)

// sampleTar has files around the size of a member, none, long names and links.
func sampleTar(t testing.TB) []byte {
	t.Helper()
	random := rand.New(rand.NewSource(1))
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(h *tar.Header, data []byte) {
		h.Size, h.Mode = int64(len(data)), 0o755
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	add(&tar.Header{Typeflag: tar.TypeDir, Name: "bin/"}, nil)
	for i, size := range []int{0, 1, 511, 512, 513, 5000, 100_000, 7} {
		data := make([]byte, size)
		random.Read(data)
		add(&tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprintf("bin/f%d", i)}, data)
	}
	add(&tar.Header{Typeflag: tar.TypeReg, Name: strings.Repeat("long/", 60) + "name", PAXRecords: map[string]string{"SCHILY.xattr.user.a": "b"}}, []byte("x"))
	add(&tar.Header{Typeflag: tar.TypeSymlink, Name: "sh", Linkname: "bin/f1"}, nil)
	add(&tar.Header{Typeflag: tar.TypeReg, Name: "bin/.wh.gone"}, nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pack makes a blob with members of n bytes, and its index.
func pack(t testing.TB, plain []byte, n int) ([]byte, *Index) {
	t.Helper()
	layer, err := tarfs.Index(bytes.NewReader(plain), int64(len(plain)), tarfs.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	x := &Index{TarSize: int64(len(plain))}
	for _, h := range layer.Headers() {
		x.Headers = append(x.Headers, Extent(h))
		x.HeaderBytes = append(x.HeaderBytes, plain[h.Start:h.Start+h.Size]...)
	}
	var blob bytes.Buffer
	for at := 0; at < len(plain); at += n {
		part := plain[at:min(at+n, len(plain))]
		from := blob.Len()
		z := gzip.NewWriter(&blob)
		z.Write(part)
		z.Close()
		x.Members = append(x.Members, Member{int64(from), int64(blob.Len() - from), int64(at), int64(len(part)), sha256.Sum256(blob.Bytes()[from:])})
	}
	x.BlobSize = int64(blob.Len())
	if err := x.Check(); err != nil {
		t.Fatal(err)
	}
	return blob.Bytes(), x
}

// memory serves a blob and counts.
type memory struct {
	blob  []byte
	good  []byte // what the blob was; nil: it is right
	kept  atomic.Int64
	count atomic.Int64
	fail  atomic.Bool
}

func (m *memory) Fetch(x *Member, again bool) ([]byte, error) {
	m.count.Add(1)
	if m.fail.Load() {
		return nil, errors.New("the network is down")
	}
	if again && m.good != nil {
		return m.good[x.Offset : x.Offset+x.Size], nil
	}
	return bytes.Clone(m.blob[x.Offset : x.Offset+x.Size]), nil
}

func (m *memory) Keep(x *Member, packed []byte) { m.kept.Add(int64(len(packed))) }

func TestEncodeDecode(t *testing.T) {
	_, x := pack(t, sampleTar(t), 4096)
	x.Prefetch = []int{3, 0, 5}
	got, err := Decode(x.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(x, got); diff != "" {
		t.Error(diff)
	}
	empty, err := Decode((&Index{}).Encode())
	if err != nil || empty.TarSize != 0 {
		t.Errorf("an empty index: %v", err)
	}
}

// TestListing lists the files without any member, and then reads them.
func TestListing(t *testing.T) {
	plain := sampleTar(t)
	for _, n := range []int{512, 4096, 10_000, 1 << 20} {
		blob, x := pack(t, plain, n)
		x, err := Decode(x.Encode())
		if err != nil {
			t.Fatal(err)
		}
		from := &memory{blob: blob}
		r := NewReader(x, from, Options{Name: "layer"})
		in := r.Tar()
		var layer *tarfs.Layer
		if err := in.Skim(func() (err error) { layer, err = tarfs.Index(in, in.Size, tarfs.Limits{}); return err }); err != nil {
			t.Fatal(err)
		}
		if from.count.Load() != 0 {
			t.Errorf("listing fetched %d members", from.count.Load())
		}
		want, err := tarfs.Index(bytes.NewReader(plain), int64(len(plain)), tarfs.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.Entries() {
			e, w := &layer.Entries()[i], &want.Entries()[i]
			if e.Name != w.Name || e.Size != w.Size || e.Kind != w.Kind || len(e.Xattrs) != len(w.Xattrs) {
				t.Fatalf("entry %d is %+v, want %+v", i, e, w)
			}
			a, _ := io.ReadAll(io.NewSectionReader(layer.Contents(e), 0, e.Size))
			b, _ := io.ReadAll(io.NewSectionReader(want.Contents(w), 0, w.Size))
			if !bytes.Equal(a, b) {
				t.Errorf("%s: contents differ", e.Name)
			}
		}
		whole := make([]byte, len(plain)+1)
		if n, err := r.ReadAt(whole, 0); n != len(plain) || err != io.EOF || !bytes.Equal(whole[:n], plain) {
			t.Errorf("the whole tar: %d bytes, %v", n, err)
		}
		z, err := gzip.NewReader(bytes.NewReader(blob))
		if err != nil {
			t.Fatal(err)
		}
		if all, err := io.ReadAll(z); err != nil || !bytes.Equal(all, plain) {
			t.Errorf("the blob is no ordinary gzip stream: %v", err)
		}
	}
}

func TestResident(t *testing.T) {
	plain := sampleTar(t)
	blob, x := pack(t, plain, 4096)
	from := &memory{blob: blob}
	r := NewReader(x, from, Options{Pool: NewPool(3 * 4096)})
	if r.Resident(5000, 10) {
		t.Error("resident before it was loaded")
	}
	if err := r.Load(4096, 5*4096); err != nil { // more than the budget
		t.Fatal(err)
	}
	if n := from.count.Load(); n != 5 || !r.Resident(4096, 5*4096) {
		t.Errorf("after Load: %d members fetched, resident %v", n, r.Resident(4096, 5*4096))
	}
	r.ReadAt(make([]byte, 5*4096), 4096)
	if n := from.count.Load(); n != 5 {
		t.Errorf("reading what is resident fetched %d members more", n-5)
	}
	if err := r.Load(0, 1); err != nil {
		t.Fatal(err)
	}
	if used := r.pool.used; used > 3*4096 {
		t.Errorf("%d bytes are kept with a budget of %d", used, 3*4096)
	}
	r.opt.MayWait = func(func()) bool { return false }
	if _, err := r.ReadAt(make([]byte, 10), 0); err != nil {
		t.Errorf("what is resident needs no waiting: %v", err)
	}
	if _, err := r.ReadAt(make([]byte, 10), 9*4096); err != ErrWait {
		t.Errorf("where it must not wait: %v", err)
	}
	if !r.Resident(x.TarSize, 10) || !r.Resident(5, 0) {
		t.Error("nothing to read is not resident")
	}
}

func TestPrefetch(t *testing.T) {
	blob, x := pack(t, sampleTar(t), 4096)
	x.Prefetch = []int{4, 1, 2, 3}
	from := &memory{blob: blob}
	r := NewReader(x, from, Options{Pool: NewPool(3 * 4096)})
	var got atomic.Int64
	if err := r.Prefetch(func(n int64) { got.Add(n) }); err != nil {
		t.Fatal(err)
	}
	if from.count.Load() != 3 || got.Load() != r.PrefetchSize() || !r.Resident(4*4096, 4096) || r.Resident(3*4096, 1) {
		t.Errorf("%d members, %d of %d bytes", from.count.Load(), got.Load(), r.PrefetchSize())
	}
}

// TestPool has two readers in one pool.
func TestPool(t *testing.T) {
	plain := sampleTar(t)
	blob, x := pack(t, plain, 4096)
	pool := NewPool(4 * 4096)
	var readers [2]*Reader
	for i := range readers {
		readers[i] = NewReader(x, &memory{blob: blob}, Options{Pool: pool})
		if _, err := readers[i].ReadAt(make([]byte, 3*4096), 0); err != nil {
			t.Fatal(err)
		}
	}
	if pool.used != 4*4096 {
		t.Errorf("%d bytes are kept with a budget of %d", pool.used, 4*4096)
	}
	if readers[0].Resident(0, 4096) || !readers[1].Resident(0, 3*4096) {
		t.Error("what was used last is gone, or what was used first is not")
	}
}

// TestParallel reads from many goroutines: every member is fetched once.
func TestParallel(t *testing.T) {
	plain := sampleTar(t)
	blob, x := pack(t, plain, 2048)
	from := &memory{blob: blob}
	r := NewReader(x, from, Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			p := make([]byte, 3000)
			for at := int64(i * 100); at < int64(len(plain)); at += 2900 {
				n, err := r.ReadAt(p, at)
				if err != nil && err != io.EOF || !bytes.Equal(p[:n], plain[at:at+int64(n)]) {
					t.Errorf("at %d: %v", at, err)
				}
			}
		})
	}
	wg.Wait()
	if n := from.count.Load(); n != int64(len(x.Members)) {
		t.Errorf("%d members were fetched %d times", len(x.Members), n)
	}
}

// TestLies gives readers what is not what the index says.
func TestLies(t *testing.T) {
	plain := sampleTar(t)
	blob, x := pack(t, plain, 4096)
	from := &memory{blob: bytes.Clone(blob)}
	var told error
	r := NewReader(x, from, Options{Name: "layer sha256:abc", Failed: func(err error) { told = err }})
	p := make([]byte, 10)

	from.blob[x.Members[2].Offset+20] ^= 1
	_, err := r.ReadAt(p, x.Members[2].Start)
	var wrong *spec.DigestError
	if !errors.As(err, &wrong) || told != err || !strings.Contains(err.Error(), "layer sha256:abc, bytes ") {
		t.Errorf("a flipped bit: %v", err)
	}
	from.good, from.kept = blob, atomic.Int64{}
	if _, err := r.ReadAt(p, x.Members[2].Start); err != nil || from.kept.Load() != x.Members[2].Size {
		t.Errorf("a damaged cache: %v, %d bytes kept", err, from.kept.Load())
	}
	from.fail.Store(true)
	if _, err := r.ReadAt(p, 0); err == nil || !strings.Contains(err.Error(), "network is down") {
		t.Errorf("no network: %v", err)
	}
	from.fail.Store(false)
	if _, err := r.ReadAt(p, 0); err != nil {
		t.Errorf("the network is back: %v", err)
	}

	// An index whose headers list other files than the blob has.
	other := *x
	other.HeaderBytes = bytes.Clone(x.HeaderBytes)
	other.HeaderBytes[0] ^= 1
	if _, err := NewReader(&other, &memory{blob: blob}, Options{}).ReadAt(p, 0); !errors.Is(err, ErrIndex) {
		t.Errorf("false headers: %v", err)
	}
}

func TestCheck(t *testing.T) {
	for name, change := range map[string]func(*Index){
		"too long":        func(x *Index) { x.TarSize++ },
		"a huge tar":      func(x *Index) { x.TarSize = spec.MaxLayer + 1 },
		"a huge member":   func(x *Index) { x.Members[0].Len = MaxMember + 1 },
		"empty packed":    func(x *Index) { x.Members[0].Size = 0 },
		"headers overlap": func(x *Index) { x.Headers[1].Start = x.Headers[0].Start },
		"header outside":  func(x *Index) { x.Headers[len(x.Headers)-1].Start = x.TarSize },
		"few headers":     func(x *Index) { x.HeaderBytes = x.HeaderBytes[1:] },
		"prefetch":        func(x *Index) { x.Prefetch = []int{len(x.Members)} },
	} {
		_, x := pack(t, sampleTar(t), 4096)
		change(x)
		if err := x.Check(); !errors.Is(err, ErrIndex) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Decode(x.Encode()); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
	_, gap := pack(t, sampleTar(t), 4096)
	gap.Members[1].Start++ // cannot be encoded at all
	if err := gap.Check(); !errors.Is(err, ErrIndex) {
		t.Errorf("a gap: %v", err)
	}
	bomb := &Index{TarSize: spec.BombFree + MaxMember}
	for at := int64(0); at < bomb.TarSize; at += MaxMember {
		bomb.Members = append(bomb.Members, Member{Offset: bomb.BlobSize, Size: 100, Start: at, Len: min(MaxMember, bomb.TarSize-at)})
		bomb.BlobSize += 100
	}
	if err := bomb.Check(); err == nil || !strings.Contains(err.Error(), "bomb") {
		t.Errorf("a bomb: %v", err)
	}
	for text, want := range map[string]string{"": "begin", "boxlazy2\nabc": "newer", magic: "short"} {
		if _, err := Decode([]byte(text)); !errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzDecode: any index is refused by name, or one that lists and reads
// within bounds.
func FuzzDecode(f *testing.F) {
	plain := sampleTar(f)
	_, x := pack(f, plain, 30_000)
	x.Prefetch = []int{1, 0}
	f.Add(x.Encode())
	f.Add((&Index{}).Encode())
	f.Add([]byte(magic + "\x80\x80\x80\x80\x80\x80\x80\x80\x7f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := Decode(data)
		if err != nil {
			return
		}
		if len(x.HeaderBytes) > 1100*len(data) {
			t.Fatalf("%d bytes became %d of headers", len(data), len(x.HeaderBytes))
		}
		again, err := Decode(x.Encode())
		if err != nil || !cmp.Equal(x, again) {
			t.Fatalf("not the same when encoded again: %v", err)
		}
		r := NewReader(x, &memory{blob: nil}, Options{}) // nothing may be fetched
		in := r.Tar()
		in.Skim(func() error { _, err := tarfs.Index(in, in.Size, tarfs.Limits{}); return err })
	})
}
