package mm

import (
	"bytes"
	"fmt"
	"testing"

	"boxer/runtime/abi"
)

func TestFork(t *testing.T) {
	s := testSpace(t, cProgram)
	f := elfFile("prog", 8192)
	digest, _ := f.Digest()
	text := mustMap(t, s, MapArgs{Len: 8192, Prot: rx, Flags: abi.MAP_PRIVATE, File: f})
	heap := s.Brk(0)
	s.Brk(heap + 100<<10)
	s.CopyOut(heap+50<<10, []byte("heap"))
	kept := mustMap(t, s, MapArgs{Len: 8192, Prot: rw, Flags: anon})
	lost := mustMap(t, s, MapArgs{Addr: kept + 8192, Len: 4096, Prot: rw, Flags: fixed})
	wiped := mustMap(t, s, MapArgs{Addr: lost + 4096, Len: 4096, Prot: rw, Flags: fixed})
	for _, a := range []uint64{kept, lost, wiped} {
		s.CopyOut(a, []byte("data"))
	}
	s.Advise(lost, 4096, abi.MADV_DONTFORK)
	s.Advise(wiped, 4096, abi.MADV_WIPEONFORK)
	none := mustMap(t, s, MapArgs{Len: 1 << 30, Prot: abi.PROT_NONE, Flags: anon})
	reserved, err := s.Reserve(100)
	if err != nil {
		t.Fatal(err)
	}
	s.Memory().Write(reserved-MinAddr, []byte("cpu"))
	s.Memory().Write(s.Hidden()-MinAddr, []byte("cpu"))
	s.Protect(kept, 4096, abi.PROT_NONE)

	c, err := s.Fork()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	read := func(s *Space, a uint64) string {
		var b [4]byte
		if err := s.CopyIn(a, b[:]); err != nil {
			return err.Error()
		}
		return string(b[:])
	}
	s.Protect(kept, 4096, rw)
	c.Protect(kept, 4096, rw)
	s.CopyOut(kept+4096, []byte("late"))
	c.CopyOut(kept+4100, []byte("mine"))
	efault := abi.EFAULT.Error()
	for _, x := range []struct {
		what      string
		got, want string
	}{
		{"text", read(c, text), "\x7fELF"},
		{"heap", read(c, heap+50<<10), "heap"},
		{"protected page", read(c, kept), "data"},
		{"what the parent wrote later", read(c, kept+4096), "\x00\x00\x00\x00"},
		{"what the child wrote, in the parent", read(s, kept+4100), "\x00\x00\x00\x00"},
		{"MADV_DONTFORK", read(c, lost), efault},
		{"MADV_WIPEONFORK", read(c, wiped), "\x00\x00\x00\x00"},
		{"the parent's wiped page", read(s, wiped), "data"},
		{"reservation", read(c, none), efault},
	} {
		if x.got != x.want {
			t.Errorf("%s: %q, want %q", x.what, x.got, x.want)
		}
	}
	if got := c.Brk(0); got != heap+100<<10 {
		t.Errorf("the child's break is %#x", got)
	}
	if tx, ok := c.Text(text); !ok || tx.Digest != digest {
		t.Errorf("the child's text: %+v", tx)
	}
	if c.Hidden() != s.Hidden() {
		t.Error("the CPU's range moved")
	}
	again, err := c.Reserve(100)
	if err != nil || again != reserved {
		t.Errorf("the child's first reservation is at %#x (%v), the parent's at %#x", again, err, reserved)
	}
	for _, a := range []uint64{again, c.Hidden()} {
		var b [3]byte
		if c.Memory().Read(a-MinAddr, b[:]); string(b[:]) != "\x00\x00\x00" {
			t.Errorf("the child's hidden range at %#x holds %q", a, b)
		}
	}
	checkInvariants(t, c)
}

// BenchmarkFork measures fork and exit of a process with so much touched.
func BenchmarkFork(b *testing.B) {
	for _, mb := range []int{1, 5, 100} {
		for _, keep := range []int{-1, 2} {
			b.Run(fmt.Sprintf("%dMB/pool%d", mb, keep), func(b *testing.B) {
				e := testEngine(b)
				s, err := New(e, Options{Pool: NewPool(e, PoolOptions{Keep: keep, KeepBytes: 1 << 30, KeepTouched: 8 << 20})})
				if err != nil {
					b.Fatal(err)
				}
				s.SetLayout(cProgram)
				defer s.Release()
				for range mb {
					a := mustMap(b, s, MapArgs{Len: 1 << 20, Prot: rw, Flags: anon})
					s.CopyOut(a, bytes.Repeat([]byte{1}, 1<<20))
				}
				mustMap(b, s, MapArgs{Len: 200 << 20, Prot: rw, Flags: anon}) // untouched
				b.ResetTimer()
				for b.Loop() {
					c, err := s.Fork()
					if err != nil {
						b.Fatal(err)
					}
					c.Release()
				}
			})
		}
	}
}
