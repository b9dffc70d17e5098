package mm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
)

const (
	rw    = abi.PROT_READ | abi.PROT_WRITE
	rx    = abi.PROT_READ | abi.PROT_EXEC
	anon  = abi.MAP_PRIVATE | abi.MAP_ANONYMOUS
	fixed = anon | abi.MAP_FIXED
)

// cProgram is the layout of a small static C program.
var cProgram = Layout{Low: 0x400000, High: 0x480000}

func testEngine(t testing.TB) engine.Engine {
	t.Helper()
	e, err := wazero.New(wazero.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func testSpace(t testing.TB, l Layout) *Space {
	t.Helper()
	s, err := New(testEngine(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetLayout(l); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.mem != nil {
			s.Release()
		}
	})
	return s
}

func mustMap(t testing.TB, s *Space, a MapArgs) uint64 {
	t.Helper()
	addr, err := s.Map(a)
	if err != nil {
		t.Fatalf("Map(%+v): %v", a, err)
	}
	return addr
}

func wantErr(t testing.TB, what string, err error, want abi.Errno) {
	t.Helper()
	if want == 0 && err == nil {
		return
	}
	var got abi.Errno
	if !errors.As(err, &got) || got != want {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// memFile is a File and WriterFile in memory.
type memFile struct {
	name   string
	data   []byte
	noHash bool
	reads  int64 // bytes read
	fail   error
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	if f.fail != nil {
		return 0, f.fail
	}
	if off >= int64(len(f.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.data[off:])
	f.reads += int64(n)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > int64(len(f.data)) {
		return 0, abi.ENOSPC
	}
	return copy(f.data[off:], p), nil
}

func (f *memFile) Size() int64  { return int64(len(f.data)) }
func (f *memFile) Name() string { return f.name }
func (f *memFile) Digest() ([32]byte, bool) {
	if f.noHash {
		return [32]byte{}, false
	}
	return sha256.Sum256(f.data), true
}

func elfFile(name string, n int) *memFile {
	f := &memFile{name: name, data: bytes.Repeat([]byte(name), n/len(name)+1)[:n]}
	copy(f.data, "\x7fELF")
	return f
}

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		name       string
		l          Layout
		hidden     uint64
		maxNominal uint64 // the stack's top and what lies below it should be small
	}{
		{"Go", Layout{Low: 0x10000, High: 0x1c0000}, 0x4000000, 90 << 20},
		{"C static", cProgram, 0x20000, 50 << 20},
		{"PIE", Layout{Low: PIEBase, High: PIEBase + 0x20000, Dynamic: true}, 0x20000, 140 << 20},
		{"large Go", Layout{Low: 0x10000, High: 0x6400000}, 0x8000000, 160 << 20},
		{"ends below", Layout{Low: 0x10000, High: 0x20000}, 0x20000, 50 << 20},
		{"starts behind", Layout{Low: 0xa0000, High: 0xb0000}, 0x20000, 50 << 20},
		{"touches", Layout{Low: 0x9f000, High: 0xb0000}, 0x4000000, 90 << 20},
		{"linked high", Layout{Low: 0x40000000, High: 0x40100000}, 0x20000, 90 << 20},
	} {
		p, err := c.l.places()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if p.hidden != c.hidden {
			t.Errorf("%s: hidden at %#x, want %#x", c.name, p.hidden, c.hidden)
		}
		if p.stackTop > c.maxNominal {
			t.Errorf("%s: stack's top at %#x, want at most %#x", c.name, p.stackTop, c.maxNominal)
		}
		parts := []span{{c.l.Low, c.l.High}, {p.hidden, p.hidden + arch.HiddenSize}, {p.stackLow - stackGap, p.stackTop}, {p.arena, p.arenaEnd}}
		for i, a := range parts {
			for _, b := range parts[:i] {
				if a.lo < b.hi && b.lo < a.hi {
					t.Errorf("%s: %#x and %#x overlap", c.name, a, b)
				}
			}
		}
	}
	for _, l := range []Layout{{Low: 0x10000, High: 0xFFFF0000}, {Low: 0x1000, High: 0x30000}, {Low: 0x10000, High: 1 << 40}, {Low: 0x30000, High: 0x20000},
		{Low: 0x400000, High: 0xFFFE0000}} {
		if p, err := l.places(); err == nil {
			t.Errorf("Layout %+v is accepted: %+v", l, p)
		}
	}
}

// Reservations must not grow the memory before they are made accessible: Go
// makes 1.2 GB of them at start.
func TestReservationsAreFree(t *testing.T) {
	s := testSpace(t, Layout{Low: 0x10000, High: 0x1c0000})
	before := s.Memory().Size()
	var first uint64
	for i, n := range []uint64{128 << 10, 1 << 20, 8 << 20, 64 << 20, 512 << 20, 512 << 20, 64 << 20} {
		a := mustMap(t, s, MapArgs{Len: n, Prot: abi.PROT_NONE, Flags: anon})
		if i == 0 {
			first = a
		}
	}
	if now := s.Memory().Size(); now != before {
		t.Errorf("the memory grew from %d to %d bytes", before, now)
	}
	mustMap(t, s, MapArgs{Addr: first + 4096, Len: 4096, Prot: rw, Flags: fixed})
	if now, want := s.Memory().Size(), first+8192-MinAddr; now < want || now > want+engine.PageSize {
		t.Errorf("the memory has %#x bytes, want %#x", now, want)
	}
	wantErr(t, "read of a reservation", s.CopyIn(first, make([]byte, 1)), abi.EFAULT)
	wantErr(t, "read of its page", s.CopyIn(first+4096, make([]byte, 4096)), 0)
}

func TestMapErrors(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("f", 8192)
	at := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon})
	readOnly := struct{ File }{f} // no WriteAt
	for _, c := range []struct {
		name string
		a    MapArgs
		want abi.Errno
	}{
		{"empty", MapArgs{Len: 0, Flags: anon}, abi.EINVAL},
		{"no type", MapArgs{Len: 1, Flags: abi.MAP_ANONYMOUS}, abi.EINVAL},
		{"unaligned offset", MapArgs{Len: 1, Flags: abi.MAP_PRIVATE, File: f, Off: 1}, abi.EINVAL},
		{"offset overflow", MapArgs{Len: 4096, Flags: abi.MAP_PRIVATE, File: f, Off: 1<<63 - 4096}, abi.EOVERFLOW},
		{"no file", MapArgs{Len: 1, Flags: abi.MAP_PRIVATE}, abi.EBADF},
		{"unaligned fixed", MapArgs{Addr: at + 1, Len: 1, Flags: fixed}, abi.EINVAL},
		{"fixed at 0", MapArgs{Addr: 0, Len: 1, Flags: fixed}, abi.EPERM},
		{"fixed beyond", MapArgs{Addr: MaxAddr - 4096, Len: 8192, Flags: fixed}, abi.ENOMEM},
		{"fixed above 4 GiB", MapArgs{Addr: 1 << 40, Len: 8192, Flags: fixed}, abi.ENOMEM},
		{"fixed over the CPU's range", MapArgs{Addr: 0x1f000, Len: 8192, Flags: fixed}, abi.ENOMEM},
		{"no replace", MapArgs{Addr: at + 4096, Len: 8192, Flags: anon | abi.MAP_FIXED_NOREPLACE}, abi.EEXIST},
		{"too large", MapArgs{Len: 1 << 33, Flags: anon}, abi.ENOMEM},
		{"largest length", MapArgs{Len: ^uint64(0), Flags: anon}, abi.ENOMEM},
		{"huge pages", MapArgs{Len: 1 << 21, Flags: anon | abi.MAP_HUGETLB}, abi.ENOMEM},
		{"shared anonymous", MapArgs{Len: 4096, Flags: abi.MAP_SHARED | abi.MAP_ANONYMOUS}, abi.ENODEV},
		{"unknown validated flag", MapArgs{Len: 4096, Flags: abi.MAP_SHARED_VALIDATE | abi.MAP_SYNC, File: f}, abi.EOPNOTSUPP},
		{"shared, cannot write", MapArgs{Len: 4096, Prot: rw, Flags: abi.MAP_SHARED, File: readOnly}, abi.EACCES},
		{"shared, descriptor read-only", MapArgs{Len: 4096, Prot: rw, Flags: abi.MAP_SHARED, File: f, ReadOnly: true}, abi.EACCES},
		{"failing file", MapArgs{Len: 4096, Prot: rw, Flags: abi.MAP_PRIVATE, File: &memFile{data: make([]byte, 9), fail: abi.EISDIR}}, abi.EISDIR},
		{"failing file of the host", MapArgs{Len: 4096, Prot: rw, Flags: abi.MAP_PRIVATE, File: &memFile{data: make([]byte, 9), fail: io.ErrClosedPipe}}, abi.EIO},
	} {
		addr, err := s.Map(c.a)
		if err == nil {
			t.Errorf("%s: mapped at %#x", c.name, addr)
		} else {
			wantErr(t, c.name, err, c.want)
		}
	}
	var r *Refused
	if _, err := s.Map(MapArgs{Len: 4096, Flags: abi.MAP_SHARED | abi.MAP_ANONYMOUS}); !errors.As(err, &r) || !strings.Contains(r.Error(), "shared anonymous") {
		t.Errorf("shared anonymous memory is refused with %v", err)
	}
}

func TestUnmapErrors(t *testing.T) {
	s := testSpace(t, cProgram)
	a := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon})
	wantErr(t, "unaligned", s.Unmap(a+1, 4096), abi.EINVAL)
	wantErr(t, "empty", s.Unmap(a, 0), abi.EINVAL)
	wantErr(t, "wrapping", s.Unmap(a, ^uint64(0)-4096), abi.EINVAL)
	wantErr(t, "above 4 GiB", s.Unmap(0xc000000000, 64<<20), 0)
	wantErr(t, "to above 4 GiB", s.Unmap(a+4096, 1<<40), 0)
	wantErr(t, "the CPU's range", s.Unmap(0, 1<<20), 0)
	if err := s.CopyIn(a, make([]byte, 4096)); err != nil {
		t.Error(err)
	}
	wantErr(t, "the unmapped page", s.CopyIn(a+4096, make([]byte, 1)), abi.EFAULT)
	checkInvariants(t, s)
	if i := s.find(lowHidden); !s.vmas[i].hidden {
		t.Error("the CPU's range is gone")
	}
}

func TestHints(t *testing.T) {
	s := testSpace(t, cProgram)
	first := mustMap(t, s, MapArgs{Len: 4096, Prot: rw, Flags: anon})
	free := first + 1<<20
	for _, c := range []struct{ hint, want uint64 }{
		{free, free},
		{free, first + 4096},            // taken now
		{free + 8192 + 5, free + 3<<12}, // rounded up
		{0xc000000000, first + 8192},    // above 4 GiB: no hint
		{0x1000, first + 12288},         // below the least address
	} {
		if got := mustMap(t, s, MapArgs{Addr: c.hint, Len: 4096, Prot: rw, Flags: anon}); got != c.want {
			t.Errorf("hint %#x: mapped at %#x, want %#x", c.hint, got, c.want)
		}
	}
	low, top := s.Stack()
	mustMap(t, s, MapArgs{Addr: low, Len: top - low, Prot: rw, Flags: fixed, Name: StackName})
	if got := mustMap(t, s, MapArgs{Addr: low - 4096, Len: 4096, Prot: rw, Flags: anon}); got == low-4096 {
		t.Error("a hint was taken inside the stack's gap")
	}
}

func TestLimits(t *testing.T) {
	s := testSpace(t, cProgram)
	s.SetLimits(1<<20, 512<<10)
	a := mustMap(t, s, MapArgs{Len: 512 << 10, Prot: rw, Flags: anon})
	_, err := s.Map(MapArgs{Len: 4096, Prot: rw, Flags: anon})
	wantErr(t, "data limit", err, abi.ENOMEM)
	b := mustMap(t, s, MapArgs{Len: 512 << 10, Prot: abi.PROT_READ, Flags: anon})
	_, err = s.Map(MapArgs{Len: 4096, Prot: abi.PROT_READ, Flags: anon})
	wantErr(t, "size limit", err, abi.ENOMEM)
	wantErr(t, "mprotect over the data limit", s.Protect(b, 4096, rw), abi.ENOMEM)
	if got := s.Brk(s.Brk(0) + 4096); got != s.lay.brk {
		t.Errorf("brk moved to %#x over the limit", got)
	}
	mustMap(t, s, MapArgs{Addr: a, Len: 512 << 10, Prot: rw, Flags: fixed}) // replaces: no more than before
	if err := s.Unmap(a, 4096); err != nil {
		t.Fatal(err)
	}
	mustMap(t, s, MapArgs{Len: 4096, Prot: rw, Flags: anon})
	if u := s.Usage(); u.Size != 1<<20 || u.Data != 512<<10 {
		t.Errorf("usage %+v", u)
	}
}

func TestBrk(t *testing.T) {
	s := testSpace(t, cProgram)
	start := s.Brk(0)
	if start != 0x480000 {
		t.Fatalf("the break starts at %#x", start)
	}
	if got := s.Brk(start + 5000); got != start+5000 {
		t.Fatalf("brk gave %#x", got)
	}
	wantErr(t, "write", s.CopyOut(start+4999, []byte("x")), 0)
	wantErr(t, "write behind the last page", s.CopyOut(start+8192, []byte("x")), abi.EFAULT)
	if got := s.Brk(start + 100); got != start+100 {
		t.Fatalf("brk gave %#x", got)
	}
	s.Brk(start + 8192)
	if x, err := s.ReadU32(start + 4999); err != nil || x != 0 {
		t.Errorf("memory taken again holds %#x, %v", x, err)
	}
	if got := s.Brk(start - 1); got != start+8192 {
		t.Errorf("brk below the start gave %#x", got)
	}
	mustMap(t, s, MapArgs{Addr: start + 16384, Len: 4096, Flags: fixed})
	if got := s.Brk(start + 20000); got != start+8192 {
		t.Errorf("brk through a mapping gave %#x", got)
	}
	if m := s.Maps(); m[0].Name != "[heap]" || m[0].End != start+8192 {
		t.Errorf("maps: %v", m[0])
	}
	if got := s.Brk(1 << 60); got != start+8192 {
		t.Errorf("brk of 2^60 gave %#x", got)
	}
}

func TestGuardBelow(t *testing.T) {
	s := testSpace(t, cProgram)
	low, top := s.Stack()
	mustMap(t, s, MapArgs{Addr: low, Len: top - low, Prot: rw, Flags: fixed, Name: StackName})
	lo, hi := s.GuardBelow(top)
	if hi != low || hi-lo < stackGap {
		t.Errorf("main stack: guard [%#x, %#x), stack from %#x", lo, hi, low)
	}
	// A thread's stack as glibc makes it: a reservation, then all but the
	// lowest page accessible; another one directly below.
	a := mustMap(t, s, MapArgs{Len: 64 << 10, Prot: abi.PROT_NONE, Flags: anon})
	if err := s.Protect(a+4096, 60<<10, rw); err != nil {
		t.Fatal(err)
	}
	b := mustMap(t, s, MapArgs{Addr: a + 64<<10, Len: 64 << 10, Prot: abi.PROT_NONE, Flags: fixed})
	if err := s.Protect(b+4096, 60<<10, rw); err != nil {
		t.Fatal(err)
	}
	if lo, hi := s.GuardBelow(b + 8192); lo != b || hi != b+4096 {
		t.Errorf("thread: guard [%#x, %#x), want the page at %#x", lo, hi, b)
	}
	mustMap(t, s, MapArgs{Addr: b + 64<<10, Len: 4096, Prot: abi.PROT_READ, Flags: fixed})
	if lo, hi := s.GuardBelow(b + 64<<10 + 16); lo != hi {
		t.Errorf("no guard: [%#x, %#x)", lo, hi)
	}
	if lo, hi := s.GuardBelow(0x12345678); lo != hi {
		t.Errorf("no mapping: [%#x, %#x)", lo, hi)
	}
	gen := s.Generation()
	s.Unmap(b+64<<10, 4096)
	if s.Generation() == gen {
		t.Error("the generation stayed the same")
	}
}

func TestManyMappings(t *testing.T) {
	s := testSpace(t, cProgram)
	const n = 20000
	for i := range n {
		prot := uint32(rw)
		if i%2 == 1 {
			prot = abi.PROT_READ
		}
		mustMap(t, s, MapArgs{Len: 4096, Prot: prot, Flags: anon})
	}
	if got := len(s.Maps()); got != n {
		t.Fatalf("%d mappings, want %d", got, n)
	}
	first := s.lay.base
	for i := range uint64(n / 2) { // every second one leaves a hole
		if err := s.Unmap(first+2*i*4096, 4096); err != nil {
			t.Fatal(err)
		}
	}
	if a := mustMap(t, s, MapArgs{Len: 4096, Prot: rw, Flags: anon}); a != first {
		t.Errorf("mapped at %#x, the first hole is at %#x", a, first)
	}
	if a := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon}); a != first+n*4096 {
		t.Errorf("mapped at %#x, want %#x", a, first+n*4096)
	}
	if err := s.Protect(first+4096, (n-1)*4096, rw); err == nil {
		t.Error("mprotect over holes succeeded")
	}
}

// The limit on the number of mappings is Linux's; what would exceed it fails
// and leaves everything as it was.
func TestMappingLimit(t *testing.T) {
	s := testSpace(t, cProgram)
	a := mustMap(t, s, MapArgs{Len: 140000 * 4096, Prot: abi.PROT_NONE, Flags: anon})
	var err error
	n := uint64(0)
	for ; err == nil && n < 70000; n++ {
		err = s.Unmap(a+(2*n+1)*4096, 4096)
	}
	wantErr(t, "munmap", err, abi.ENOMEM)
	if got := len(s.vmas); got > maxMappings || got < maxMappings-4 {
		t.Errorf("%d mappings", got)
	}
	_, err = s.Map(MapArgs{Addr: a + 139000*4096, Len: 4096, Prot: rw, Flags: fixed})
	wantErr(t, "mmap", err, abi.ENOMEM)
	wantErr(t, "mprotect", s.Protect(a+139000*4096, 4096, rw), abi.ENOMEM)
}

func TestMapsText(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("/bin/x", 5000)
	mustMap(t, s, MapArgs{Addr: 0x400000, Len: 8192, Prot: rx, Flags: abi.MAP_PRIVATE | abi.MAP_FIXED, File: f})
	mustMap(t, s, MapArgs{Addr: 0x402000, Len: 4096, Prot: rw, Flags: fixed})
	want := "00400000-00402000 r-xp 00000000 00:00 0                                  /bin/x\n" +
		"00402000-00403000 rw-p 00000000 00:00 0 \n"
	if got := s.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPool(t *testing.T) {
	e := testEngine(t)
	p := NewPool(e, PoolOptions{Keep: 2, KeepBytes: 64 << 20, KeepTouched: 512 << 10})
	defer p.Close()
	run := func(size uint64) engine.Memory {
		s, err := New(e, Options{Pool: p})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetLayout(Layout{Low: 0x10000, High: 0x20000}); err != nil {
			t.Fatal(err)
		}
		m := s.Memory()
		var hidden [3]byte
		if m.Read(s.Hidden()-MinAddr, hidden[:]); hidden != [3]byte{} {
			t.Errorf("the CPU's range holds %q at start", hidden)
		}
		a := mustMap(t, s, MapArgs{Len: size, Prot: rw, Flags: anon})
		b := make([]byte, size)
		if err := s.CopyIn(a, b); err != nil || len(bytes.Trim(b, "\x00")) != 0 {
			t.Fatalf("fresh memory is not zero (%v)", err)
		}
		for i := range b {
			b[i] = 0xee
		}
		if err := s.CopyOut(a, b); err != nil {
			t.Fatal(err)
		}
		if !m.Write(s.Hidden()-MinAddr, []byte("cpu")) { // the CPU's data goes as well
			t.Fatal("no hidden range")
		}
		s.Release()
		return m
	}
	first := run(1 << 20)
	for range 5 {
		if m := run(1 << 20); m != first {
			t.Fatal("a released memory was not used again")
		}
	}
	run(80 << 20) // too large to keep
	if len(p.idle) != 0 {
		t.Errorf("%d memories kept, the only one is too large", len(p.idle))
	}
}

func TestRetain(t *testing.T) {
	s := testSpace(t, cProgram)
	s.Retain()
	if !s.Shared() {
		t.Error("not shared")
	}
	s.Release()
	if s.Shared() || s.Memory() == nil {
		t.Error("released too early")
	}
	s.Release()
	if s.Memory() != nil {
		t.Error("the memory is still there")
	}
	wantErr(t, "read after release", s.CopyIn(0x400000, make([]byte, 1)), abi.EFAULT)
	if _, err := s.Map(MapArgs{Len: 1, Prot: rw, Flags: anon}); err == nil {
		t.Error("mapped after release")
	}
}
