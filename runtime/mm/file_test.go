package mm

import (
	"bytes"
	"testing"

	"boxer/runtime/abi"
)

func TestPrivateFileMapping(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("lib", 5000)
	orig := bytes.Clone(f.data)
	a := mustMap(t, s, MapArgs{Len: 12000, Prot: rw, Flags: abi.MAP_PRIVATE, File: f})
	got := make([]byte, 12288)
	if err := s.CopyIn(a, got); err != nil {
		t.Fatal(err)
	}
	if want := append(bytes.Clone(orig), make([]byte, 12288-5000)...); !bytes.Equal(got, want) {
		t.Error("the mapping does not hold the file and zeros")
	}
	s.CopyOut(a+100, []byte("changed"))
	if err := s.Sync(a, 8192, abi.MS_SYNC); err != nil {
		t.Error(err)
	}
	if err := s.Unmap(a, 12288); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(f.data, orig) {
		t.Error("a private mapping wrote to its file")
	}
}

// A PROT_NONE mapping of a file is read when it becomes accessible.
func TestLateFileMapping(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("lib", 5*4096)
	a := mustMap(t, s, MapArgs{Len: 4 * 4096, Prot: abi.PROT_NONE, Flags: abi.MAP_PRIVATE, File: f, Off: 4096})
	if f.reads > 4 { // the magic number
		t.Errorf("%d bytes read at once", f.reads)
	}
	f.reads = 0
	if err := s.Protect(a+4096, 4096, abi.PROT_READ); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 4096)
	if err := s.CopyIn(a+4096, got); err != nil || !bytes.Equal(got, f.data[8192:12288]) {
		t.Errorf("wrong contents (%v)", err)
	}
	if f.reads != 4096 {
		t.Errorf("%d bytes read", f.reads)
	}
}

func TestSharedFileMapping(t *testing.T) {
	for _, how := range []string{"msync", "munmap", "replace", "exit", "mremap", "mremap, both stay", "late"} {
		s := testSpace(t, cProgram)
		f := elfFile("db", 3*4096+100)
		orig := bytes.Clone(f.data)
		prot := uint32(rw)
		if how == "late" {
			prot = abi.PROT_READ
		}
		a := mustMap(t, s, MapArgs{Len: 4 * 4096, Prot: prot, Flags: abi.MAP_SHARED, File: f})
		if how == "late" {
			if err := s.Protect(a, 4*4096, rw); err != nil {
				t.Fatal(err)
			}
		}
		s.CopyOut(a+4096+5, []byte("hello"))
		s.CopyOut(a+3*4096+96, []byte("to the end and beyond"))
		copy(f.data[10:], "another process") // a page that the guest did not touch
		copy(orig[10:], "another process")
		switch how {
		case "msync", "late":
			if err := s.Sync(a, 4*4096, abi.MS_SYNC); err != nil {
				t.Fatal(err)
			}
		case "munmap":
			s.Unmap(a, 4*4096)
		case "replace":
			mustMap(t, s, MapArgs{Addr: a, Len: 4 * 4096, Prot: rw, Flags: fixed})
		case "exit":
			if err := s.Release(); err != nil {
				t.Fatal(err)
			}
		case "mremap":
			b, err := s.Remap(a, 4*4096, 8*4096, abi.MREMAP_MAYMOVE, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Sync(b, 8*4096, abi.MS_ASYNC); err != nil {
				t.Fatal(err)
			}
		case "mremap, both stay":
			if _, err := s.Remap(a, 4*4096, 4*4096, abi.MREMAP_MAYMOVE|abi.MREMAP_DONTUNMAP, 0); err != nil {
				t.Fatal(err)
			}
			s.Release()
		}
		copy(orig[4096+5:], "hello")
		copy(orig[3*4096+96:], "to t")
		if !bytes.Equal(f.data, orig) {
			t.Errorf("%s: the file is not as written", how)
		}
	}
}

func TestSharedWriteBackError(t *testing.T) {
	s := testSpace(t, cProgram)
	f := &failingWriter{*elfFile("db", 8192)}
	a := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: abi.MAP_SHARED, File: f})
	s.CopyOut(a, []byte("x"))
	wantErr(t, "msync", s.Sync(a, 8192, abi.MS_SYNC), abi.ENOSPC)
	wantErr(t, "exit", s.Release(), abi.ENOSPC)
}

type failingWriter struct{ memFile }

func (*failingWriter) WriteAt([]byte, int64) (int, error) { return 0, abi.ENOSPC }

// Libraries land at an address of their digest's, in every process and in
// whatever order.
func TestDigestPlacement(t *testing.T) {
	libs := []*memFile{elfFile("libc", 1900<<10), elfFile("libm", 500<<10), elfFile("libz", 100<<10), elfFile("libssl", 700<<10)}
	place := func(l Layout, order ...int) [4]uint64 {
		var at [4]uint64
		s := testSpace(t, l)
		for _, i := range order {
			at[i] = mustMap(t, s, MapArgs{Len: uint64(len(libs[i].data)), Prot: rx, Flags: abi.MAP_PRIVATE, File: libs[i]})
		}
		return at
	}
	pie := Layout{Low: PIEBase, High: PIEBase + 1<<20, Dynamic: true}
	a, b, c := place(pie, 0, 1, 2, 3), place(pie, 3, 1, 0, 2), place(cProgram, 2, 0, 1, 3)
	if a != b || a != c {
		t.Errorf("addresses differ: %#x %#x %#x", a, b, c)
	}
	for _, x := range a {
		if x < libLow || x >= libHigh {
			t.Errorf("%#x lies outside the window", x)
		}
	}
}

// glibc reserves room for a library before it maps it.
func TestReservationPlacement(t *testing.T) {
	pie := Layout{Low: PIEBase, High: PIEBase + 1<<20, Dynamic: true}
	place := func(l Layout, flags uint32, sizes ...uint64) map[uint64]uint64 {
		at := map[uint64]uint64{}
		s := testSpace(t, l)
		for _, n := range sizes {
			at[n] = mustMap(t, s, MapArgs{Len: n, Prot: abi.PROT_NONE, Flags: anon | flags})
		}
		return at
	}
	a, b := place(pie, 0, 1<<20, 1720<<10, 300<<10), place(pie, 0, 300<<10, 1720<<10, 1<<20)
	for n, at := range a {
		if b[n] != at || at < libLow || at >= libHigh {
			t.Errorf("%d KiB are at %#x, then at %#x", n>>10, at, b[n])
		}
	}
	for what, at := range map[string]uint64{
		"a thread's stack": place(pie, abi.MAP_NORESERVE|abi.MAP_STACK, 1<<20)[1<<20],
		"a large one":      place(pie, 0, 1<<30)[1<<30],
		"a static program": place(cProgram, 0, 1<<20)[1<<20],
	} {
		if at >= libLow && at < libHigh && what != "a static program" || what == "a static program" && at == a[1<<20] {
			t.Errorf("%s is at %#x", what, at)
		}
	}
}

// A dynamic linker maps a whole library, then its segments over that, and
// makes the hole between them inaccessible.
func TestLibraryAsLdSoMapsIt(t *testing.T) {
	s := testSpace(t, Layout{Low: PIEBase, High: PIEBase + 1<<20, Dynamic: true})
	f := elfFile("libc", 64<<10)
	digest, _ := f.Digest()
	base := mustMap(t, s, MapArgs{Len: 128 << 10, Prot: rx, Flags: abi.MAP_PRIVATE | abi.MAP_DENYWRITE, File: f})
	if err := s.Protect(base+32<<10, 64<<10, abi.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	read := f.reads
	mustMap(t, s, MapArgs{Addr: base + 4096, Len: 8192, Prot: rx, Flags: abi.MAP_PRIVATE | abi.MAP_FIXED, File: f, Off: 4096})
	if f.reads != read {
		t.Errorf("mapping the same pages again read %d bytes", f.reads-read)
	}
	mustMap(t, s, MapArgs{Addr: base + 96<<10, Len: 16 << 10, Prot: rw, Flags: abi.MAP_PRIVATE | abi.MAP_FIXED, File: f, Off: 32 << 10})
	mustMap(t, s, MapArgs{Addr: base + 112<<10, Len: 16 << 10, Prot: rw, Flags: fixed})
	got := make([]byte, 16<<10)
	s.CopyIn(base+96<<10, got)
	if !bytes.Equal(got, f.data[32<<10:48<<10]) {
		t.Error("the data segment is wrong")
	}
	s.CopyIn(base+112<<10, got)
	if len(bytes.Trim(got, "\x00")) != 0 {
		t.Error("bss is not zero")
	}
	text, ok := s.Text(base + 5000)
	if !ok || text.Digest != digest || text.Start != base || text.End != base+32<<10 || text.Offset != 0 || text.Name != "libc" {
		t.Errorf("text: %+v, %v", text, ok)
	}
	if _, ok := s.Text(base + 96<<10); ok {
		t.Error("data is text")
	}
}

func TestTextIdentity(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("prog", 64<<10)
	var calls int
	s.opts.Entries = func(File) []uint64 { calls++; return []uint64{0, 4096, 5000, 8192, 9000, 20000} }
	a := mustMap(t, s, MapArgs{Len: 16 << 10, Prot: rx, Flags: abi.MAP_PRIVATE, File: f, Off: 4096})
	text, _ := s.Text(a)
	if calls != 0 {
		t.Error("entries were computed early")
	}
	if got := text.Entries(); len(got) != 5 || got[0] != a || got[1] != a+904 || got[4] != a+20000-4096 {
		t.Errorf("entries %#x of a mapping at %#x", got, a)
	}
	if err := s.Protect(a+4096, 4096, rw); err != nil { // a relocation in the text
		t.Fatal(err)
	}
	if err := s.Protect(a+4096, 4096, rx); err != nil {
		t.Fatal(err)
	}
	for i, anonymous := range []bool{false, true, false, false} {
		text, ok := s.Text(a + uint64(i)*4096)
		if !ok || text.Anonymous() != anonymous {
			t.Errorf("page %d: %+v %v", i, text, ok)
		}
		if want := 4096 + (text.Start - a); text.Offset != want {
			t.Errorf("page %d: offset %#x, want %#x", i, text.Offset, want)
		}
	}
	s.Poke(a+8192, []byte("brk"))
	if text, _ := s.Text(a + 8192); !text.Anonymous() {
		t.Error("poked text still has its digest")
	}
	var buf [8192]byte
	if n := s.ReadText(a+12<<10, buf[:]); n != 4096 {
		t.Errorf("ReadText gave %d bytes at the end of the text", n)
	}
	b := mustMap(t, s, MapArgs{Len: 4096, Prot: rw | abi.PROT_EXEC, Flags: abi.MAP_PRIVATE, File: f})
	if text, ok := s.Text(b); !ok || !text.Anonymous() {
		t.Error("writable text has a digest")
	}
}

func TestCodeChanges(t *testing.T) {
	f := elfFile("prog", 64<<10)
	const n = 16 << 10
	for _, c := range []struct {
		name string
		do   func(s *Space, a uint64) error
		want []span // relative to the mapping
	}{
		{"unmap a page", func(s *Space, a uint64) error { return s.Unmap(a+4096, 4096) }, []span{{4096, 8192}}},
		{"unmap around", func(s *Space, a uint64) error { return s.Unmap(a-4096, n+8192) }, []span{{0, n}}},
		{"to data", func(s *Space, a uint64) error { return s.Protect(a, 4096, rw) }, []span{{0, 4096}}},
		{"to the same", func(s *Space, a uint64) error { return s.Protect(a, 4096, rx) }, nil},
		{"to writable code", func(s *Space, a uint64) error { return s.Protect(a, 4096, rw|abi.PROT_EXEC) }, nil},
		{"replaced", func(s *Space, a uint64) error {
			_, err := s.Map(MapArgs{Addr: a + 8192, Len: 4096, Prot: rx, Flags: fixed})
			return err
		}, []span{{8192, 12288}}},
		{"poked", func(s *Space, a uint64) error { return s.Poke(a+10, []byte("1234")) }, []span{{10, 14}}},
		{"dropped", func(s *Space, a uint64) error { return s.Advise(a, 4096, abi.MADV_DONTNEED) }, []span{{0, 4096}}},
		{"moved", func(s *Space, a uint64) error {
			_, err := s.Remap(a, n, 2*n, abi.MREMAP_MAYMOVE|abi.MREMAP_FIXED, a+1<<20)
			return err
		}, []span{{0, n}}},
		{"shrunk", func(s *Space, a uint64) error { _, err := s.Remap(a, n, 4096, 0, 0); return err }, []span{{4096, n}}},
	} {
		s := testSpace(t, cProgram)
		a := mustMap(t, s, MapArgs{Addr: 0x2000000, Len: n, Prot: rx, Flags: abi.MAP_PRIVATE | abi.MAP_FIXED, File: f})
		var got []span
		s.OnCodeChange(func(addr, n uint64) {
			s.Generation() // must not deadlock
			got = append(got, span{addr - a, addr - a + n})
		})
		if err := c.do(s, a); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
}

// A file that is written while it is mapped has no identity any more.
func TestDigestOfChangingFile(t *testing.T) {
	s := testSpace(t, cProgram)
	f := &changingFile{memFile: *elfFile("lib", 8192)}
	a := mustMap(t, s, MapArgs{Len: 8192, Prot: rx, Flags: abi.MAP_PRIVATE, File: f})
	if text, ok := s.Text(a); !ok || !text.Anonymous() {
		t.Errorf("%+v, %v", text, ok)
	}
}

// changingFile is written after its digest was asked for.
type changingFile struct {
	memFile
	asked bool
}

func (f *changingFile) Digest() ([32]byte, bool) {
	was := f.asked
	f.asked = true
	return [32]byte{1}, !was
}

// What is a hole in the file commits no memory.
func TestSparseFile(t *testing.T) {
	s := testSpace(t, cProgram)
	f := &memFile{name: "sparse", data: make([]byte, 64<<20)}
	f.data[40<<20] = 1
	mustMap(t, s, MapArgs{Len: 64 << 20, Prot: abi.PROT_READ, Flags: abi.MAP_PRIVATE, File: f})
	if r := s.Resident(); r == 0 || r > 1<<20 {
		t.Errorf("%d bytes are resident", r)
	}
}
