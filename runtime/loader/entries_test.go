package loader

import (
	"debug/elf"
	"os"
	"os/exec"
	"slices"
	"testing"
)

// symbolsOf lists the file offsets of a program's functions by its symbols, as
// the standard library reads them.
func symbolsOf(t *testing.T, path string) map[uint64]string {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	out := map[uint64]string{}
	for _, s := range syms {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Section == elf.SHN_UNDEF {
			continue
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && s.Value >= p.Vaddr && s.Value-p.Vaddr < p.Filesz {
				out[s.Value-p.Vaddr+p.Off] = s.Name
			}
		}
	}
	return out
}

func entriesOf(t *testing.T, path string) []uint64 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := FindEntries(NewBlob(path, b))
	if !slices.IsSorted(list) {
		t.Error("not sorted")
	}
	for i, x := range list {
		if x%4 != 0 || i > 0 && list[i-1] == x {
			t.Errorf("entry %#x", x)
		}
	}
	return list
}

// missing counts the functions that are not in list.
func missing(t *testing.T, funcs map[uint64]string, list []uint64) int {
	t.Helper()
	n := 0
	for off, name := range funcs {
		if _, ok := slices.BinarySearch(list, off); !ok {
			if n++; n < 5 {
				t.Logf("missing %s at %#x", name, off)
			}
		}
	}
	return n
}

func TestEntriesGo(t *testing.T) {
	for _, mode := range [][]string{nil, {"-buildmode=pie"}} {
		full := build(t, goHello, mode...)
		funcs := symbolsOf(t, full)
		for off, name := range funcs {
			if name == "runtime.etext" { // the end of the text
				delete(funcs, off)
			}
		}
		if len(funcs) < 1000 {
			t.Fatalf("%d functions", len(funcs))
		}
		if n := missing(t, funcs, entriesOf(t, full)); n > 0 {
			t.Errorf("%v: %d of %d missing", mode, n, len(funcs))
		}
		stripped := entriesOf(t, build(t, goHello, append(mode, "-ldflags=-s -w")...))
		if n := missing(t, funcs, stripped); n > 0 || len(stripped) > len(funcs)+20 {
			t.Errorf("%v, stripped: %d of %d missing, %d found", mode, n, len(funcs), len(stripped))
		}
	}
}

func TestEntriesC(t *testing.T) {
	const src = `#include <stdio.h>
#include <stdlib.h>
static int __attribute__((noinline)) twice(int x) { return 2 * x; }
int three(int x) { return twice(x) + x; }
int main(int argc, char **argv) { printf("%d\n", three(atoi(argv[0]))); return 0; }
`
	for _, c := range []struct {
		name  string
		flags []string
		most  int // percent that may be missing when stripped
	}{
		{"static", []string{"-static"}, 5},
		{"static PIE", []string{"-static-pie"}, 5},
		{"dynamic", []string{"-pie"}, 40}, // crt files have little unwind data
		{"no .eh_frame_hdr", []string{"-static", "-Wl,--no-eh-frame-hdr"}, 5},
	} {
		path := build(t, src, c.flags...)
		funcs := symbolsOf(t, path)
		if n := missing(t, funcs, entriesOf(t, path)); n > 0 {
			t.Errorf("%s: %d of %d missing", c.name, n, len(funcs))
		}
		if msg, err := exec.Command("aarch64-linux-gnu-strip", path).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, msg)
		}
		list := entriesOf(t, path)
		if n := missing(t, funcs, list); n*100 > len(funcs)*c.most {
			t.Errorf("%s, stripped: %d of %d missing", c.name, n, len(funcs))
		}
		if len(list) < len(funcs)/2 {
			t.Errorf("%s, stripped: %d entries, %d functions", c.name, len(list), len(funcs))
		}
	}
}

// The stubs of .plt have no symbols.
func TestEntriesPLT(t *testing.T) {
	const src = "#include <stdio.h>\n#include <stdlib.h>\nint main(void) { puts(getenv(\"A\")); return rand() + getchar(); }\n"
	for _, flags := range [][]string{{"-pie"}, {"-pie", "-mbranch-protection=standard", "-Wl,-z,force-bti"}} {
		path := build(t, src, flags...)
		list := entriesOf(t, path)
		f, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		plt := f.Section(".plt")
		syms, err := f.DynamicSymbols()
		if plt == nil || err != nil {
			t.Fatal(plt, err)
		}
		stubs := 0
		for _, off := range list {
			if off > plt.Offset && off < plt.Offset+plt.Size {
				stubs++
			}
		}
		if stubs < 4 || stubs > len(syms) || (plt.Size-32)%uint64(stubs) != 0 {
			t.Errorf("%v: %d stubs in %d bytes", flags, stubs, plt.Size)
		}
		for _, name := range []string{".init", ".plt", ".text", ".fini"} {
			if _, ok := slices.BinarySearch(list, f.Section(name).Offset); !ok {
				t.Errorf("%s is no entry", name)
			}
		}
	}
}

func TestEntryCache(t *testing.T) {
	var c EntryCache
	f := NewBlob("x", minimal(nil))
	if a, b := c.Entries(f), c.Entries(f); len(a) != 1 || a[0] != 0x1000 || &a[0] != &b[0] {
		t.Errorf("%#x, %#x", a, b)
	}
	for i := range 2 * cachedFiles {
		c.Entries(NewBlob("y", append(minimal(nil), byte(i), byte(i>>8), 1)))
	}
	if len(c.files) > cachedFiles || len(c.order) != len(c.files) || c.total != len(c.files) {
		t.Errorf("%d files, %d in order, %d entries", len(c.files), len(c.order), c.total)
	}
	if got := c.Entries(NewBlob("z", []byte("#!/bin/sh\n"))); got != nil {
		t.Errorf("a script has entries %v", got)
	}
}

// FuzzEntries: tables of any kind are read without panic, in bounded time,
// and only offsets inside of code come out.
func FuzzEntries(f *testing.F) {
	le := func(b []byte, x uint32) []byte { return append(b, byte(x), byte(x>>8), byte(x>>16), byte(x>>24)) }
	hdr := le(le(le(le([]byte{1, 0x1b, 3, 0x3b}, 0), 1), 0xffffff00), 0)
	f.Add(minimal(func(s *elfSpec) {
		copy(s.body[0x200:], hdr)
		s.segs = append(s.segs, segment{typ: ptEHFrame, off: 0x1200, vaddr: 0x400100, filesz: 64, memsz: 64})
	}))
	f.Add(withSection(".gopclntab", append(le(nil, go120Magic), 0, 0, 4, 8, 1, 0, 0, 0, 0, 0, 0, 0)))
	f.Add(withSection(".eh_frame", []byte{12, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 4, 0x78, 30, 1, 0x1b, 0, 0, 0, 12, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}))
	f.Add(withSection(".symtab", make([]byte, 96)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, off := range FindEntries(NewBlob("x", b)) {
			if off >= uint64(len(b)) {
				t.Errorf("entry at %#x of %d bytes", off, len(b))
			}
		}
	})
}

// withSection is a program with a section.
func withSection(name string, data []byte) []byte {
	b := minimal(nil)
	put := func(at int, x uint64, n int) {
		for i := range n {
			b[at+i] = byte(x >> (8 * i))
		}
	}
	str, at := len(b), 0
	b = append(b, "\x00.shstrtab\x00"+name+"\x00"...)
	at = len(b)
	b = append(b, data...)
	table := len(b)
	b = append(b, make([]byte, 2*shdrSize)...)
	put(40, uint64(table), 8)
	put(58, shdrSize, 2)
	put(60, 2, 2)
	put(table, 1, 4)
	put(table+4, 3, 4)
	put(table+24, uint64(str), 8)
	put(table+32, uint64(at-str), 8)
	put(table+shdrSize, 11, 4)
	put(table+shdrSize+4, 2, 4)
	put(table+shdrSize+24, uint64(at), 8)
	put(table+shdrSize+32, uint64(len(data)), 8)
	put(table+shdrSize+56, 24, 8)
	return b
}
