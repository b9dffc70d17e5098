package mm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"boxer/runtime/abi"
)

// TestAgainstLinux does the same random calls here and on the host's kernel,
// in a window that is free in both, and compares results, protections and contents.
// What differs by design is left out: shared anonymous memory; fixed mremap, when the
// target's old mapping is lost although the call fails.
func TestAgainstLinux(t *testing.T) {
	if os.Getpagesize() != pageSize {
		t.Skipf("the host has pages of %d bytes", os.Getpagesize())
	}
	const base = 0x30000000 // Go's own mappings are far away
	r := rand.New(rand.NewPCG(3, 4))
	e := testEngine(t)
	calls := 0
	for round := range 30 {
		s, err := New(e, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetLayout(cProgram); err != nil {
			t.Fatal(err)
		}
		h := host{t: t, base: base}
		h.clear()
		var log []string
		for range 60 {
			var b [7]byte
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			o := decodeOp(b[:])
			what, mine, theirs := h.both(s, o)
			log = append(log, what)
			calls++
			if mine != abi.Errno(theirs) {
				t.Fatalf("round %d: %s: errno %d, Linux %d\n%s", round, what, mine, theirs, strings.Join(log[max(0, len(log)-8):], "\n"))
			}
			if diff := h.compare(s); diff != "" {
				t.Fatalf("round %d: after %s: %s\n%s", round, what, diff, strings.Join(log[max(0, len(log)-8):], "\n"))
			}
		}
		checkInvariants(t, s)
		s.Release()
		h.clear()
	}
	t.Logf("%d calls", calls)
}

type host struct {
	t    *testing.T
	base uint64
	tick byte
}

func (h *host) clear() { unix.Syscall(unix.SYS_MUNMAP, uintptr(h.base), 2*window*pageSize, 0) }

// both does o on both sides and returns its text and the two errnos.
func (h *host) both(s *Space, o op) (what string, mine abi.Errno, theirs unix.Errno) {
	addr, n := h.base+o.at*pageSize, o.n*pageSize
	call := func(nr uintptr, args ...uint64) {
		var a [6]uintptr
		for i, x := range args {
			a[i] = uintptr(x)
		}
		_, _, theirs = unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	}
	var err error
	switch o.kind {
	case 0, 1, 2:
		flags := uint32(anon | abi.MAP_FIXED)
		if o.variant%2 == 0 {
			flags = anon | abi.MAP_FIXED_NOREPLACE
		}
		what = fmt.Sprintf("mmap(%#x, %#x, %d, %#x)", addr, n, o.prot, flags)
		_, err = s.Map(MapArgs{Addr: addr, Len: n, Prot: o.prot, Flags: flags})
		call(unix.SYS_MMAP, addr, n, uint64(o.prot), uint64(flags), ^uint64(0), 0)
	case 3:
		what = fmt.Sprintf("munmap(%#x, %#x)", addr, n)
		err = s.Unmap(addr, n)
		call(unix.SYS_MUNMAP, addr, n)
	case 4:
		prot := o.prot
		if o.variant%16 == 0 {
			prot |= 0x40
		}
		what = fmt.Sprintf("mprotect(%#x, %#x, %d)", addr, n, prot)
		err = s.Protect(addr, n, prot)
		call(unix.SYS_MPROTECT, addr, n, uint64(prot))
	case 5:
		to, m := h.base+(window+o.to)*pageSize, o.m*pageSize
		flags := uint32(0)
		if o.variant%3 == 0 {
			n = m
		}
		if o.variant%4 == 0 {
			flags = abi.MREMAP_FIXED | abi.MREMAP_MAYMOVE
			if v := s.at(addr); v == nil || v.end-addr < n || !h.whole(addr, n) {
				// Linux since 6.17 moves several mappings at once, may unmap the
				// target and then fail, and does not merge all that it could.
				return "skip", 0, 0
			}
			s.Unmap(to, m)
			unix.Syscall(unix.SYS_MUNMAP, uintptr(to), uintptr(m), 0)
		}
		if m > n && s.Mapped(addr) && !(h.whole(addr, n) && s.at(addr).end-addr >= n) {
			return "skip", 0, 0
		}
		what = fmt.Sprintf("mremap(%#x, %#x, %#x, %d, %#x)", addr, n, m, flags, to)
		_, err = s.Remap(addr, n, m, flags, to)
		call(unix.SYS_MREMAP, addr, n, m, uint64(flags), to)
	case 6:
		advice := []int{abi.MADV_DONTNEED, abi.MADV_NORMAL, abi.MADV_DONTFORK, abi.MADV_DOFORK, abi.MADV_HWPOISON + 900,
			abi.MADV_POPULATE_READ, abi.MADV_POPULATE_WRITE, abi.MADV_WILLNEED}[o.variant%8]
		what = fmt.Sprintf("madvise(%#x, %#x, %d)", addr, n, advice)
		err = s.Advise(addr, n, advice)
		call(unix.SYS_MADVISE, addr, n, uint64(advice))
	case 7:
		h.tick++
		if s.CopyOut(addr, []byte{h.tick}) == nil {
			*h.byteAt(addr) = h.tick
		}
		return fmt.Sprintf("write(%#x)", addr), 0, 0
	}
	if err != nil {
		errors.As(err, &mine)
	}
	return what, mine, theirs
}

func (h *host) byteAt(addr uint64) *byte {
	return *(**byte)(unsafe.Pointer(&addr)) // memory that Go does not know
}

// whole reports whether one mapping of Linux's contains the range.
func (h *host) whole(addr, n uint64) bool {
	for _, m := range h.maps() {
		if m.lo <= addr && addr+n <= m.hi {
			return true
		}
	}
	return false
}

type hostMapping struct {
	lo, hi uint64
	perm   string
}

func (h *host) maps() []hostMapping {
	text, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		h.t.Skip(err)
	}
	var out []hostMapping
	for _, line := range strings.Split(string(text), "\n") {
		var m hostMapping
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &m.lo, &m.hi, &m.perm); n == 3 {
			out = append(out, m)
		}
	}
	return out
}

// compare compares the pages of the two windows: protection and first byte.
func (h *host) compare(s *Space) string {
	end := h.base + 2*window*pageSize
	theirs := map[uint64]string{}
	for _, m := range h.maps() {
		for a := max(m.lo, h.base); a < min(m.hi, end); a += pageSize {
			theirs[a] = m.perm
		}
	}
	mine := map[uint64]string{}
	for _, m := range s.Maps() {
		for a := max(m.Start, h.base); a < min(m.End, end); a += pageSize {
			mine[a] = strings.Fields(m.String())[1]
		}
	}
	for a := h.base; a < end; a += pageSize {
		if mine[a] != theirs[a] {
			return fmt.Sprintf("page %#x is %q, on Linux %q", a, mine[a], theirs[a])
		}
		if mine[a] == "" || mine[a][0] != 'r' {
			continue
		}
		var b [1]byte
		if err := s.CopyIn(a, b[:]); err != nil || b[0] != *h.byteAt(a) {
			return fmt.Sprintf("page %#x holds %d (%v), on Linux %d", a, b[0], err, *h.byteAt(a))
		}
	}
	return ""
}
