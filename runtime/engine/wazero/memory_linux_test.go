package wazero

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"boxer/runtime/engine"
)

// resident is the process's resident anonymous memory in bytes.
func resident(t testing.TB) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	var kib int64
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// reservations counts mappings of about n bytes.
func reservations(t *testing.T, n uint64) (count int) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var from, to uint64
		if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err == nil && to-from == n {
			count++
		}
	}
	return count
}

const mib = 1 << 20

// TestMemoryResident: a memory costs what is touched of it, whatever its size,
// and Zero and Close give it back.
func TestMemoryResident(t *testing.T) {
	e := newEngine(t, Config{})
	debug.FreeOSMemory() // what earlier tests left must not go back to the host meanwhile
	start := resident(t)
	near := func(what string, want int64) {
		t.Helper()
		if got := resident(t) - start; got < want-8*mib || got > want+48*mib {
			t.Errorf("%s: %d MiB resident, want about %d", what, got/mib, want/mib)
		}
	}
	mem, err := e.NewMemory(1, engine.MaxPages)
	if err != nil {
		t.Fatal(err)
	}
	if !mem.Grow(engine.MaxPages * engine.PageSize) {
		t.Fatal("Grow failed")
	}
	near("after growth to 4 GiB", 0)
	block := bytes.Repeat([]byte{1}, 4*mib)
	for i := range uint64(64) {
		mem.Write(i*32*mib, block)
	}
	near("after touching 256 MiB", 256*mib)
	mem.Zero(0, 1024*mib)
	near("after Zero of half", 128*mib)

	var ranges, bytes uint64
	began := time.Now()
	mem.Touched(0, mem.Size(), func(off, n uint64) bool {
		ranges++
		bytes += n
		return true
	})
	t.Logf("Touched on 4 GiB with 128 MiB touched: %v", time.Since(began))
	if ranges != 32 || bytes != 128*mib {
		t.Errorf("Touched: %d bytes in %d ranges, want %d in 32", bytes, ranges, 128*mib)
	}
	// Asking did not touch anything, nor does clearing what is clear.
	mem.Zero(0, 3*4096)
	near("after Touched", 128*mib)
	mem.Close()
	near("after Close", 0)
}

// TestTouchedFallback: looking finds the same where the host does not say.
func TestTouchedFallback(t *testing.T) {
	e := newEngine(t, Config{})
	mem, err := e.NewMemory(4, 4)
	if err != nil {
		t.Fatal(err)
	}
	mem.Write(4095, []byte{1, 1})
	mem.Write(3*engine.PageSize+100, []byte{1})
	find := func() (s string) {
		mem.Touched(10, 4*engine.PageSize-20, func(off, n uint64) bool {
			s += fmt.Sprintf("%#x+%#x ", off, n)
			return true
		})
		return s
	}
	if e.pages.f == nil {
		t.Skip("the host does not say which pages are touched")
	}
	asked := find()
	e.pages.close()
	if looked := find(); looked != asked || looked != "0xa+0x1ff6 0x30000+0x1000 " {
		t.Errorf("looking: %s; asking: %s", looked, asked)
	}
}

// TestMemoryUnmapped: the address space of closed memories goes, and that of
// open ones does not.
func TestMemoryUnmapped(t *testing.T) {
	e := newEngine(t, Config{})
	const pages = 12345
	const n = 20
	kept, err := e.NewMemory(1, pages)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		mem, err := e.NewMemory(1, pages)
		if err != nil {
			t.Fatal(err)
		}
		mem.Write(0, []byte{1})
		mem.Close()
	}
	left := 0
	for range 100 {
		runtime.GC()
		if left = reservations(t, pages*engine.PageSize); left <= 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if left > 1 {
		t.Errorf("%d of %d closed memories are still mapped", left-1, n)
	}
	if !kept.Write(0, []byte{1}) {
		t.Error("the open memory cannot be used")
	}
}
