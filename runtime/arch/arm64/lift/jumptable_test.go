package lift_test

import (
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/ir"
)

// switchTargets lists where each BR of a region leads by a branch table, by its address; ways is how
// many indirect jumps there are, those for addresses that are in no table included.
func switchTargets(f *ir.Func) (targets map[uint64][]uint64, ways int) {
	targets = map[uint64][]uint64{}
	for _, sw := range terms(f, ir.TermSwitch) {
		away := f.Blocks[sw.Else]
		for _, b := range sw.Targets {
			if b != ir.NoBlock {
				targets[away.PC] = append(targets[away.PC], f.Blocks[b].PC)
			}
		}
	}
	for _, list := range targets {
		slices.Sort(list)
	}
	return targets, len(terms(f, ir.TermTailInd))
}

// TestSwitches: the jump tables in testdata/switches.txt are found, to their ends and no farther.
func TestSwitches(t *testing.T) {
	text, err := os.ReadFile("testdata/switches.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, cases, _ := strings.Cut(string(text), "== ")
	for _, c := range strings.Split(cases, "== ") {
		name, body, _ := strings.Cut(c, "\n")
		src := &code{data: map[uint64][]byte{}}
		want := map[uint64][]uint64{}
		number := func(s string) uint64 {
			v, err := strconv.ParseUint(s, 16, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return v
		}
		table := uint64(0)
		for line := range strings.Lines(body) {
			f := strings.Fields(line)
			switch {
			case len(f) == 0:
			case f[0] == "code":
				src.at, table = number(f[1]), 0
			case f[0] == "data":
				table = number(f[1])
			case f[0] == "br":
				at := number(strings.TrimSuffix(f[1], ":"))
				for _, target := range f[2:] {
					want[at] = append(want[at], number(target))
				}
			case table == 0:
				src.words = append(src.words, uint32(number(f[0])))
			default:
				b, err := hex.DecodeString(f[0])
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				src.data[table] = append(src.data[table], b...)
			}
		}
		src.entries = []uint64{src.at}
		f := region(src, lift.Options{}, src.at)
		got, ways := switchTargets(f)
		if len(want) == 0 || len(got) != len(want) || ways != len(want) {
			t.Errorf("%s: %d branch tables and %d indirect jumps, want %d", name, len(got), ways, len(want))
		}
		for at, list := range want {
			if !slices.Equal(got[at], list) {
				t.Errorf("%s: the branch at %#x leads to\n%x, want\n%x", name, at, got[at], list)
			}
		}
	}
}

// TestSwitchEnd: a table whose length nothing tells ends with the function's addresses: what follows
// is the next function's.
func TestSwitchEnd(t *testing.T) {
	words := []uint32{
		0x90000001, // adrp x1, this page
		0x91020021, // add x1, x1, #0x80
		0x38604820, // ldrb w0, [x1, w0, uxtw]
		0x10000061, // adr x1, .+12
		0x8b208820, // add x0, x1, w0, sxtb #2
		0xd61f0000, // br x0
		nop, ret, nop, ret,
		nop, ret, nop, ret, // another function
	}
	src := &code{at: 0x1000, words: words, entries: []uint64{0x1000, 0x1028}, data: map[uint64][]byte{0x1080: {0, 2, 6, 0}}}
	got, _ := switchTargets(region(src, lift.Options{}, 0x1000))
	if want := []uint64{0x1018, 0x1020}; !slices.Equal(got[0x1014], want) {
		t.Errorf("the targets are %x, want %x", got[0x1014], want)
	}
}

// counted is a Source that counts the words asked for.
type counted struct {
	code
	n int
}

func (c *counted) Word(pc uint64) (uint32, bool) { c.n++; return c.code.Word(pc) }

// TestLookingBack: code whose every branch has a table address to be looked for, far and in vain, takes
// bounded time.
func TestLookingBack(t *testing.T) {
	src := &counted{code: code{at: 0x1000, entries: []uint64{0x1000}}}
	for range 4000 {
		src.words = append(src.words,
			0x54000080, // b.eq .+16
			0xf94007e0, // ldr x0, [sp, #8]
			0xf8627801, // ldr x1, [x0, x2, lsl #3]
			0xd61f0020, // br x1
			0x91000400, // add x0, x0, #1
		)
	}
	f := region(src, lift.Options{}, 0x1000)
	if n := len(terms(f, ir.TermTailInd)); n != 4000 {
		t.Errorf("%d indirect jumps", n)
	}
	if src.n > 10_000_000 {
		t.Errorf("%d words were looked at", src.n)
	}
}

// readELF takes code, data and function starts from a linked program, and where the named
// function is.
func readELF(t *testing.T, file, function string) (*code, uint64) {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := &code{data: map[uint64][]byte{}}
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 || s.Type == elf.SHT_NOBITS {
			continue
		}
		data, err := s.Data()
		if err != nil {
			t.Fatal(err)
		}
		c.data[s.Addr] = data
		if s.Name == ".text" {
			c.at = s.Addr
			for i := 0; i+4 <= len(data); i += 4 {
				c.words = append(c.words, binary.LittleEndian.Uint32(data[i:]))
			}
		}
	}
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	entry := uint64(0)
	for _, s := range syms {
		if s.Name == function {
			entry = s.Value
		}
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC {
			c.entries = append(c.entries, s.Value)
		}
	}
	slices.Sort(c.entries)
	return c, entry
}

// TestCompiledSwitch: the switches that the compilers at hand make today are found, at each level of
// optimisation.
func TestCompiledSwitch(t *testing.T) {
	const n = 24 // with fewer cases gcc compares
	dir := t.TempDir()
	write := func(name, source string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	run := func(env []string, name string, args ...string) {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, msg)
		}
	}
	check := func(name, file, function string) {
		c, entry := readELF(t, file, function)
		got, ways := switchTargets(region(c, lift.Options{}, entry))
		if len(got) != 1 || ways != 1 {
			t.Errorf("%s: %d branch tables, %d indirect jumps, want one", name, len(got), ways)
		}
		for at, list := range got {
			if len(list) != n {
				t.Errorf("%s: the branch at %#x has %d targets, want %d", name, at, len(list), n)
			}
		}
	}
	cases := ""
	for i := range n {
		cases += fmt.Sprintf("case %d: sink[%d] %c= y; x = sink[%d];", i, i, "+-^|&"[i%5], i+n)
	}
	c := write("a.c", "int f(unsigned, int); int sink[64];\nvoid _start(void) { f(1, 2); }\n"+
		"__attribute__((noinline)) int f(unsigned x, int y) { for (;;) switch (x) {\n"+
		strings.ReplaceAll(cases, "];case", "]; break; case")+" break; default: return 0; } }\n")
	gcc, gccErr := exec.LookPath("aarch64-linux-gnu-gcc")
	for _, opt := range []string{"-O0", "-O1", "-O2", "-Os"} {
		if gccErr != nil {
			t.Log("aarch64-linux-gnu-gcc is not installed")
			break
		}
		run(nil, gcc, opt, "-static", "-nostdlib", "-o", "gcc"+opt, c)
		check("gcc "+opt, filepath.Join(dir, "gcc"+opt), "f")
		clang, err := exec.LookPath("clang")
		if err != nil {
			t.Log("clang is not installed")
			continue
		}
		run(nil, clang, "--target=aarch64-linux-gnu", opt, "-c", "-o", "clang.o", c)
		run(nil, gcc, "-static", "-nostdlib", "-o", "clang"+opt, "clang.o") // as a linker
		check("clang "+opt, filepath.Join(dir, "clang"+opt), "f")
	}
	write("go.mod", "module a\n")
	write("a.go", "package main\nvar sink [64]uint\nfunc main() { f(1, 2) }\n//go:noinline\n"+
		"func f(x, y uint) uint { for { switch x {\n"+strings.ReplaceAll(cases, "case", "\ncase")+"\ndefault: return 0 } } }\n")
	run([]string{"GOOS=linux", "GOARCH=arm64", "GOFLAGS="}, "go", "build", "-o", "go", "a.go")
	check("Go", filepath.Join(dir, "go"), "main.f")
}
