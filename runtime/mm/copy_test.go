package mm

import (
	"bytes"
	"strings"
	"testing"

	"boxer/runtime/abi"
)

func TestCopyAcrossMappings(t *testing.T) {
	s := testSpace(t, cProgram)
	// rw, r, rw, none, rw: five pages
	a := mustMap(t, s, MapArgs{Len: 5 * 4096, Prot: rw, Flags: anon})
	for i, p := range []uint32{rw, abi.PROT_READ, rw, abi.PROT_NONE, rw} {
		if err := s.Protect(a+uint64(i)*4096, 4096, p); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 8192)
	for _, c := range []struct {
		name    string
		addr    uint64
		n       int
		in, out int // how much can be copied
	}{
		{"one page", a, 4096, 4096, 4096},
		{"into a read-only page", a + 4000, 200, 200, 96},
		{"read-only", a + 4096, 10, 10, 0},
		{"up to none", a + 2*4096 + 4090, 10, 6, 6},
		{"in none", a + 3*4096 + 1, 1, 0, 0},
		{"end of all", a + 5*4096 - 1, 2, 1, 1},
		{"nothing there", a + 5*4096, 1, 0, 0},
		{"null", 0, 1, 0, 0},
		{"the CPU's range", lowHidden, 8, 0, 0},
		{"4 GiB", 1 << 32, 1, 0, 0},
		{"aliased", a + 1<<32, 1, 0, 0},
		{"negative", ^uint64(0), 1, 0, 0},
		{"negative and long", ^uint64(0) - 10, 8192, 0, 0},
		{"empty", 0, 0, 0, 0},
	} {
		p := buf[:c.n]
		want := func(got int) abi.Errno {
			if got < c.n {
				return abi.EFAULT
			}
			return 0
		}
		wantErr(t, c.name+": CopyIn", s.CopyIn(c.addr, p), want(c.in))
		wantErr(t, c.name+": CopyOut", s.CopyOut(c.addr, p), want(c.out))
		wantErr(t, c.name+": ZeroOut", s.ZeroOut(c.addr, uint64(c.n)), want(c.out))
		for _, some := range []struct {
			what string
			f    func(uint64, []byte) (int, error)
			n    int
		}{{"CopyInSome", s.CopyInSome, c.in}, {"CopyOutSome", s.CopyOutSome, c.out}} {
			n, err := some.f(c.addr, p)
			if n != some.n || (err == nil) != (some.n > 0 || c.n == 0) {
				t.Errorf("%s: %s gave %d, %v, want %d", c.name, some.what, n, err, some.n)
			}
		}
		if got := s.Writable(c.addr, uint64(c.n)); got != uint64(c.out) {
			t.Errorf("%s: Writable %d, want %d", c.name, got, c.out)
		}
	}
	if err := s.CopyOut(a+4000, bytes.Repeat([]byte("x"), 200)); err == nil {
		t.Error("wrote to a read-only page")
	}
	if x, _ := s.ReadU32(a + 4000); x != 0 {
		t.Error("a failing CopyOut wrote something")
	}
}

func TestReadString(t *testing.T) {
	s := testSpace(t, cProgram)
	a := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon})
	long := strings.Repeat("x", 5000)
	s.CopyOut(a, []byte(long+"\x00"))
	s.CopyOut(a+8192-3, []byte("end"))
	for _, c := range []struct {
		addr uint64
		max  int
		want string
		err  abi.Errno
	}{
		{a, 8192, long, 0},
		{a, 5001, long, 0},
		{a, 5000, "", abi.ENAMETOOLONG},
		{a + 5000, 10, "", 0},
		{a + 8192 - 3, 10, "", abi.EFAULT},
		{a + 8192 - 3, 3, "", abi.ENAMETOOLONG},
		{a + 8192, 10, "", abi.EFAULT},
		{0, 10, "", abi.EFAULT},
	} {
		got, err := s.ReadString(c.addr, c.max)
		wantErr(t, "ReadString", err, c.err)
		if got != c.want {
			t.Errorf("ReadString(%#x, %d) gave %d bytes, want %d", c.addr, c.max, len(got), len(c.want))
		}
	}
}

func TestWords(t *testing.T) {
	s := testSpace(t, cProgram)
	a := mustMap(t, s, MapArgs{Len: 4096, Prot: rw, Flags: anon})
	if err := s.WriteU64(a+1, 0x1122334455667788); err != nil {
		t.Fatal(err)
	}
	if x, err := s.ReadU32(a + 5); err != nil || x != 0x11223344 {
		t.Errorf("%#x, %v", x, err)
	}
	s.WriteU32(a+8, 7)
	if x, err := s.Load32(a + 8); err != nil || x != 7 {
		t.Errorf("%d, %v", x, err)
	}
	if ok, err := s.CAS32(a+8, 7, 9); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if ok, err := s.CAS32(a+8, 7, 10); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if x, err := s.ReadU64(a + 8); err != nil || x != 9 {
		t.Errorf("%#x, %v", x, err)
	}
	_, err := s.Load32(a + 2)
	wantErr(t, "misaligned", err, abi.EINVAL)
	_, err = s.Load32(a + 4096)
	wantErr(t, "unmapped", err, abi.EFAULT)
	s.Protect(a, 4096, abi.PROT_READ)
	_, err = s.CAS32(a+8, 9, 1)
	wantErr(t, "read-only", err, abi.EFAULT)
}

func TestIovecs(t *testing.T) {
	s := testSpace(t, cProgram)
	a := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon})
	put := func(v ...uint64) {
		for i, x := range v {
			s.WriteU64(a+uint64(8*i), x)
		}
	}
	put(a+4096, 3, a+4196, 0, a+4200, 5)
	v, err := s.ReadIovecs(a, 3)
	if err != nil || IovecLen(v) != 8 {
		t.Fatalf("%v, %v", v, err)
	}
	if n, err := s.CopyOutVec(v, []byte("abcdefgh-too-much")); n != 8 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	got := make([]byte, 20)
	if n, err := s.CopyInVec(v, got); n != 8 || err != nil || string(got[:n]) != "abcdefgh" {
		t.Errorf("%q, %v", got[:n], err)
	}
	if n, err := s.CopyInVec(v, got[:4]); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := s.CopyOutVec([]Iovec{{a + 8190, 10}, {a, 5}}, got); n != 2 || err != nil {
		t.Errorf("up to the end: %d, %v", n, err)
	}
	if n, err := s.CopyOutVec([]Iovec{{a + 8192, 10}, {a, 5}}, got); n != 0 || err != abi.EFAULT {
		t.Errorf("bad first: %d, %v", n, err)
	}
	put(a, 1<<63)
	_, err = s.ReadIovecs(a, 1)
	wantErr(t, "negative length", err, abi.EINVAL)
	_, err = s.ReadIovecs(a, 1<<31)
	wantErr(t, "count", err, abi.EINVAL)
	_, err = s.ReadIovecs(a+8192-8, 1)
	wantErr(t, "pointer", err, abi.EFAULT)
	put(a, 1<<40, a, 1<<62, a, 1<<62)
	if v, err := s.ReadIovecs(a, 3); err != nil || IovecLen(v) != maxRW {
		t.Errorf("sum %#x, %v", IovecLen(v), err)
	}
}

func BenchmarkCopyIn16(b *testing.B) {
	s := testSpace(b, cProgram)
	a := mustMap(b, s, MapArgs{Len: 1 << 20, Prot: rw, Flags: anon})
	for range 1000 { // neighbours that cannot be merged
		mustMap(b, s, MapArgs{Len: 4096, Prot: abi.PROT_READ, Flags: anon})
		mustMap(b, s, MapArgs{Len: 4096, Prot: rw, Flags: anon})
	}
	var p [16]byte
	for b.Loop() {
		if err := s.CopyIn(a+64, p[:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCopyOut16(b *testing.B) {
	s := testSpace(b, cProgram)
	a := mustMap(b, s, MapArgs{Len: 1 << 20, Prot: rw, Flags: anon})
	var p [16]byte
	for b.Loop() {
		if err := s.CopyOut(a+64, p[:]); err != nil {
			b.Fatal(err)
		}
	}
}
