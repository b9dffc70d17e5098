package mm

import (
	"bytes"
	"testing"

	"boxer/runtime/abi"
)

func TestRemap(t *testing.T) {
	const page = 4096
	for _, c := range []struct {
		name           string
		n, m           uint64 // old and new pages
		flags          uint32
		blocked, fixed bool // something lies behind; the target is 1 MiB on
		moved          bool
		err            abi.Errno
	}{
		{name: "same", n: 4, m: 4},
		{name: "shrink", n: 4, m: 1},
		{name: "grow in place", n: 4, m: 9},
		{name: "grow, blocked, must stay", n: 4, m: 9, blocked: true, err: abi.ENOMEM},
		{name: "grow, blocked", n: 4, m: 9, blocked: true, flags: abi.MREMAP_MAYMOVE, moved: true},
		{name: "fixed, larger", n: 4, m: 9, flags: abi.MREMAP_MAYMOVE | abi.MREMAP_FIXED, fixed: true, moved: true},
		{name: "fixed, smaller", n: 4, m: 2, flags: abi.MREMAP_MAYMOVE | abi.MREMAP_FIXED, fixed: true, moved: true},
		{name: "dontunmap", n: 4, m: 4, flags: abi.MREMAP_MAYMOVE | abi.MREMAP_DONTUNMAP, moved: true},
		{name: "fixed without maymove", n: 4, m: 4, flags: abi.MREMAP_FIXED, fixed: true, err: abi.EINVAL},
		{name: "dontunmap of another size", n: 4, m: 5, flags: abi.MREMAP_MAYMOVE | abi.MREMAP_DONTUNMAP, err: abi.EINVAL},
		{name: "to nothing", n: 4, m: 0, err: abi.EINVAL},
		{name: "unknown flag", n: 4, m: 4, flags: 8, err: abi.EINVAL},
		{name: "beyond the mapping", n: 6, m: 7, err: abi.EFAULT},
		{name: "too large", n: 4, m: 1<<20 - 1, flags: abi.MREMAP_MAYMOVE, err: abi.ENOMEM},
	} {
		s := testSpace(t, cProgram)
		a := mustMap(t, s, MapArgs{Len: 4 * page, Prot: rw, Flags: anon})
		if c.blocked {
			mustMap(t, s, MapArgs{Addr: a + 4*page, Len: page, Prot: abi.PROT_READ, Flags: fixed})
		}
		data := bytes.Repeat([]byte("0123456789abcde\n"), 4*page/16)
		s.CopyOut(a, data)
		target := uint64(0)
		if c.fixed {
			target = a + 1<<20
			mustMap(t, s, MapArgs{Addr: target, Len: 2 * page, Prot: rw, Flags: fixed})
			s.CopyOut(target, data[:8192])
		}
		b, err := s.Remap(a, c.n*page, c.m*page, c.flags, target)
		wantErr(t, c.name, err, c.err)
		checkInvariants(t, s)
		if c.err != 0 {
			if err := s.CopyIn(a, make([]byte, len(data))); err != nil {
				t.Errorf("%s: the mapping is gone", c.name)
			}
			continue
		}
		if (b != a) != c.moved || c.fixed && b != target {
			t.Errorf("%s: now at %#x, was at %#x", c.name, b, a)
		}
		got := make([]byte, c.m*page)
		if err := s.CopyIn(b, got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		want := make([]byte, c.m*page)
		copy(want, data)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the contents differ", c.name)
		}
		stay := c.flags&abi.MREMAP_DONTUNMAP != 0
		if c.moved && s.Mapped(a) != stay {
			t.Errorf("%s: old place mapped: %v", c.name, s.Mapped(a))
		}
		if n := s.Readable(b, 100*page); n != c.m*page && c.moved {
			t.Errorf("%s: %d bytes are mapped", c.name, n)
		}
		if stay {
			if x, _ := s.ReadU32(a); x != 0 {
				t.Errorf("%s: the old place is not empty", c.name)
			}
		}
	}
	s := testSpace(t, cProgram)
	_, err := s.Remap(0x12345000, 4096, 8192, abi.MREMAP_MAYMOVE, 0)
	wantErr(t, "nothing there", err, abi.EFAULT)
	_, err = s.Remap(lowHidden, 4096, 8192, abi.MREMAP_MAYMOVE, 0)
	wantErr(t, "the CPU's range", err, abi.EFAULT)
	a := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon})
	for _, target := range []uint64{a + 4096, lowHidden, a + 1, 0x1000, 1 << 32, MaxAddr} {
		if _, err = s.Remap(a, 8192, 8192, abi.MREMAP_MAYMOVE|abi.MREMAP_FIXED, target); err == nil {
			t.Errorf("moved to %#x", target)
		}
	}
	_, err = s.Remap(a, 0, 8192, abi.MREMAP_MAYMOVE, 0)
	wantErr(t, "second mapping", err, abi.EINVAL)
}

func TestRemapFile(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("data", 10*4096)
	a := mustMap(t, s, MapArgs{Len: 2 * 4096, Prot: abi.PROT_READ, Flags: abi.MAP_PRIVATE, File: f, Off: 4096})
	for _, flags := range []uint32{0, abi.MREMAP_MAYMOVE} {
		b, err := s.Remap(a, 2*4096, 5*4096, flags, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 5*4096)
		if err := s.CopyIn(b, got); err != nil || !bytes.Equal(got, f.data[4096:6*4096]) {
			t.Errorf("flags %d: the grown mapping does not hold the file (%v)", flags, err)
		}
		s.Remap(b, 5*4096, 2*4096, 0, 0)
		mustMap(t, s, MapArgs{Addr: a + 2*4096, Len: 4096, Flags: fixed})
	}
}

func TestAdvise(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("data", 2*4096)
	file := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: abi.MAP_PRIVATE, File: f})
	a := mustMap(t, s, MapArgs{Len: 4 * 4096, Prot: rw, Flags: anon})
	shared := mustMap(t, s, MapArgs{Len: 4096, Prot: rw, Flags: abi.MAP_SHARED, File: elfFile("db", 4096)})
	for _, x := range []uint64{file, a, a + 4096, a + 3*4096, shared} {
		s.CopyOut(x, []byte("written"))
	}
	if err := s.Advise(file, 8192, abi.MADV_DONTNEED); err != nil {
		t.Error(err)
	}
	if x, _ := s.ReadU32(file); x != 0x464c457f {
		t.Errorf("the file's page holds %#x", x)
	}
	s.Advise(shared, 4096, abi.MADV_DONTNEED)
	if x, _ := s.ReadU32(shared); x != 0x74697277 {
		t.Errorf("a shared page lost its contents: %#x", x)
	}
	s.Unmap(a+2*4096, 4096)
	wantErr(t, "hole", s.Advise(a, 4*4096, abi.MADV_DONTNEED), abi.ENOMEM)
	for _, x := range []uint64{a, a + 4096, a + 3*4096} {
		if v, err := s.ReadU64(x); v != 0 || err != nil {
			t.Errorf("%#x holds %#x (%v) after MADV_DONTNEED", x, v, err)
		}
	}
	wantErr(t, "unaligned", s.Advise(a+1, 4096, abi.MADV_NORMAL), abi.EINVAL)
	wantErr(t, "unknown", s.Advise(a, 4096, 77), abi.EINVAL)
	wantErr(t, "poison", s.Advise(a, 4096, abi.MADV_HWPOISON), abi.EPERM)
	wantErr(t, "remove", s.Advise(a, 4096, abi.MADV_REMOVE), abi.EINVAL)
	wantErr(t, "free of a file", s.Advise(file, 4096, abi.MADV_FREE), abi.EINVAL)
	wantErr(t, "wipe a file", s.Advise(file, 4096, abi.MADV_WIPEONFORK), abi.EINVAL)
	wantErr(t, "empty", s.Advise(a, 0, abi.MADV_DONTNEED), 0)
	wantErr(t, "everything", s.Advise(0, ^uint64(0)&^4095, abi.MADV_NORMAL), abi.EINVAL)
	s.Protect(a, 4096, abi.PROT_READ)
	wantErr(t, "populate to write", s.Advise(a, 4096, abi.MADV_POPULATE_WRITE), abi.EINVAL)
	wantErr(t, "populate to read", s.Advise(a, 4096, abi.MADV_POPULATE_READ), 0)
	if n := len(s.Maps()); n != 5 {
		t.Errorf("%d mappings:\n%v", n, s)
	}
}

func TestMincore(t *testing.T) {
	s := testSpace(t, cProgram)
	a := mustMap(t, s, MapArgs{Len: 4 * 4096, Prot: rw, Flags: anon})
	s.CopyOut(a+2*4096, []byte("x"))
	vec, err := s.Mincore(a, 4*4096-5)
	if err != nil || !bytes.Equal(vec, []byte{0, 0, 1, 0}) {
		t.Errorf("%v, %v", vec, err)
	}
	_, err = s.Mincore(a, 5*4096)
	wantErr(t, "beyond", err, abi.ENOMEM)
	_, err = s.Mincore(a+1, 4096)
	wantErr(t, "unaligned", err, abi.EINVAL)
	_, err = s.Mincore(a, 1<<60)
	wantErr(t, "too long", err, abi.ENOMEM)
	if r := s.Resident(); r != 4096 {
		t.Errorf("%d bytes resident", r)
	}
}

func TestSyncErrors(t *testing.T) {
	s := testSpace(t, cProgram)
	a := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon})
	wantErr(t, "anonymous", s.Sync(a, 8192, abi.MS_SYNC), 0)
	wantErr(t, "hole", s.Sync(a, 12288, abi.MS_SYNC), abi.ENOMEM)
	wantErr(t, "unaligned", s.Sync(a+1, 1, abi.MS_SYNC), abi.EINVAL)
	wantErr(t, "both", s.Sync(a, 1, abi.MS_SYNC|abi.MS_ASYNC), abi.EINVAL)
	wantErr(t, "unknown", s.Sync(a, 1, 8), abi.EINVAL)
}
