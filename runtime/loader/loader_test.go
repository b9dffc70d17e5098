package loader

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/mm"
)

var errNoEntry error = abi.ENOENT

var sigreturn = []byte{0x68, 0x11, 0x80, 0xd2, 1, 0, 0, 0xd4}

var testPool = sync.OnceValue(func() *mm.Pool {
	e, err := wazero.New(wazero.Config{})
	if err != nil {
		panic(err)
	}
	testEngine = e
	return mm.NewPool(e, mm.PoolOptions{Keep: 2, KeepBytes: 1 << 30, KeepTouched: 1 << 20})
})

var testEngine *wazero.Engine

func params(open func(string) (mm.File, error), path string) Params {
	pool := testPool()
	return Params{
		Open:     open,
		NewSpace: func() (*mm.Space, error) { return mm.New(testEngine, mm.Options{Pool: pool}) },
		Path:     path,
		Argv:     []string{path},
		Target:   ARM64(abi.HWCAP_FP|abi.HWCAP_ASIMD, sigreturn),
	}
}

// hostFiles opens files of the host.
func hostFiles(path string) (mm.File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, abi.ENOENT
	}
	return NewBlob(path, b), nil
}

func TestErrors(t *testing.T) {
	type edit = func(*elfSpec)
	seg := func(f func(*segment)) edit {
		return func(s *elfSpec) {
			g := code()
			f(&g)
			s.segs = []segment{g}
		}
	}
	for _, c := range []struct {
		name string
		file []byte
		want string // part of the message
		err  abi.Errno
	}{
		{"x86-64", minimal(func(s *elfSpec) { s.machine = 62 }), "exec format error: x86-64 program; this box runs linux/arm64", abi.ENOEXEC},
		{"i386", minimal(func(s *elfSpec) { s.machine, s.class = 3, 1 }), "32-bit x86 (i386) program", abi.ENOEXEC},
		{"arm", minimal(func(s *elfSpec) { s.machine, s.class = 40, 1 }), "32-bit arm program", abi.ENOEXEC},
		{"riscv", minimal(func(s *elfSpec) { s.machine = 243 }), "riscv64 program", abi.ENOEXEC},
		{"s390x", minimal(func(s *elfSpec) { s.machine, s.data = 22, 2 }), "s390x program", abi.ENOEXEC},
		{"ppc64le", minimal(func(s *elfSpec) { s.machine = 21 }), "ppc64le program", abi.ENOEXEC},
		{"mips64le", minimal(func(s *elfSpec) { s.machine = 8 }), "mips64le program", abi.ENOEXEC},
		{"big endian", minimal(func(s *elfSpec) { s.data = 2 }), "big-endian arm64 program", abi.ENOEXEC},
		{"ILP32", minimal(func(s *elfSpec) { s.class = 1 }), "ILP32 arm64 program", abi.ENOEXEC},
		{"unknown machine", minimal(func(s *elfSpec) { s.machine = 9999 }), "machine type 9999 program", abi.ENOEXEC},
		{"FreeBSD", minimal(func(s *elfSpec) { s.osabi = 9 }), "FreeBSD program; this box runs linux/arm64", abi.ENOEXEC},
		{"object file", minimal(func(s *elfSpec) { s.typ = 1 }), "object file", abi.ENOEXEC},
		{"core", minimal(func(s *elfSpec) { s.typ = 4 }), "core dump", abi.ENOEXEC},
		{"empty", nil, "is empty", abi.ENOEXEC},
		{"text", []byte("hello\n"), "neither an ELF program", abi.ENOEXEC},
		{"Windows", []byte("MZ\x90\x00"), "a Windows program", abi.ENOEXEC},
		{"header cut", minimal(nil)[:40], "truncated ELF header", abi.ENOEXEC},
		{"program headers cut", minimal(nil)[:100], "truncated", abi.ENOEXEC},
		{"segment cut", minimal(nil)[:0x1008], "segment 0 is truncated", abi.ENOEXEC},
		{"no segments", minimal(func(s *elfSpec) { s.segs = []segment{{typ: ptNote}} }), "nothing to load", abi.ENOEXEC},
		{"phnum 0", minimal(func(s *elfSpec) { s.phnum = 0 }), "0 program headers", abi.ENOEXEC},
		{"phnum 65535", minimal(func(s *elfSpec) { s.phnum = 65535 }), "65535 program headers", abi.ENOEXEC},
		{"phnum beyond the file", minimal(func(s *elfSpec) { s.phnum = 1000 }), "truncated", abi.ENOEXEC},
		{"phentsize", minimal(func(s *elfSpec) { s.phentsize = 32 }), "program headers of 32 bytes", abi.ENOEXEC},
		{"phoff far", minimal(func(s *elfSpec) { s.phoff = 1 << 62 }), "truncated", abi.ENOEXEC},
		{"phoff wraps", minimal(func(s *elfSpec) { s.phoff = ^uint64(0) - 10 }), "truncated", abi.ENOEXEC},
		{"phoff on itself", minimal(func(s *elfSpec) { s.phoff = 0 }), "", abi.ENOEXEC},
		{"memsz 2^63", minimal(seg(func(g *segment) { g.memsz = 1 << 63 })), "does not fit", abi.ENOEXEC},
		{"memsz wraps", minimal(seg(func(g *segment) { g.memsz = ^uint64(0) - 0x400000 })), "does not fit", abi.ENOEXEC},
		{"address 2^63", minimal(seg(func(g *segment) { g.vaddr = 1 << 63 })), "does not fit", abi.ENOEXEC},
		{"filesz 2^63", minimal(seg(func(g *segment) { g.filesz, g.memsz = 1<<63, 1<<63 })), "truncated", abi.ENOEXEC},
		{"filesz above memsz", minimal(seg(func(g *segment) { g.filesz = 17 })), "more bytes in the file", abi.ENOEXEC},
		{"offset 2^64-1", minimal(seg(func(g *segment) { g.off = ^uint64(0) })), "truncated", abi.ENOEXEC},
		{"misaligned", minimal(seg(func(g *segment) { g.vaddr++ })), "not aligned", abi.ENOEXEC},
		{"null page", minimal(seg(func(g *segment) { g.vaddr = 0x1000 })), "entry point", abi.ENOEXEC},
		{"linked low", minimal(func(s *elfSpec) { s.segs[0].vaddr, s.entry = 0x8000, 0x8000 }), "cannot be mapped", abi.ENOEXEC},
		{"overlap", minimal(func(s *elfSpec) { s.segs = append(s.segs, code()) }), "overlaps", abi.ENOEXEC},
		{"descending", minimal(func(s *elfSpec) {
			g := code()
			g.vaddr = 0x10000
			s.segs = append(s.segs, g)
		}), "overlaps", abi.ENOEXEC},
		{"no room for the CPU", minimal(func(s *elfSpec) {
			s.segs[0].vaddr, s.segs[0].memsz, s.entry = 0x10000, 0xfe000000, 0x10000
		}), "", abi.ENOMEM},
		{"entry outside", minimal(func(s *elfSpec) { s.entry = 0x500000 }), "entry point 0x500000", abi.ENOEXEC},
		{"interpreter missing", minimal(func(s *elfSpec) { s.segs = append(s.segs, interpSegment()) }),
			"no such file: /ld.so (interpreter of /bin/x)", abi.ENOENT},
		{"two interpreters", minimal(func(s *elfSpec) { s.segs = append(s.segs, interpSegment(), interpSegment()) }), "two interpreters", abi.ENOEXEC},
		{"interpreter's name too long", minimal(func(s *elfSpec) {
			g := interpSegment()
			g.filesz = 5000
			s.segs = append(s.segs, g)
		}), "name of 5000 bytes", abi.ENOEXEC},
		{"interpreter's name unterminated", minimal(func(s *elfSpec) {
			g := interpSegment()
			g.filesz = 4
			s.segs = append(s.segs, g)
		}), "malformed interpreter", abi.ENOEXEC},
		{"needs a feature", withProperty(0xb0008000, []byte{4, 0, 0, 0}), "needs program property 1_NEEDED 0x4", abi.ENOEXEC},
		{"needs pointer authentication", withProperty(0xc0000001, append([]byte{1, 0, 0, 0x10}, make([]byte, 12)...)), "pointer authentication ABI", abi.ENOEXEC},
		{"malformed property", withProperty(0xc0000000, nil)[:0x1238], "", abi.ENOEXEC},
		{"#! without a name", []byte("#!  \n"), "names no interpreter", abi.ENOEXEC},
		{"#! missing", []byte("#!/no/such\n"), "no such file: /no/such (interpreter of /bin/x)", abi.ENOENT},
		{"#! too long", []byte("#!/" + strings.Repeat("x", 300)), "longer than", abi.ENOEXEC},
		{"#! of itself", []byte("#!/bin/x\n"), "too many levels", abi.ELOOP},
	} {
		img, err := Load(params(files{"/bin/x": c.file}.open, "/bin/x"))
		if err == nil {
			img.Space.Release()
			t.Errorf("%s: loaded", c.name)
			continue
		}
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v (%v), want %q and %v", c.name, err, errors.Unwrap(err), c.want, c.err)
		}
	}
}

// withProperty is a program with one GNU property.
func withProperty(typ uint32, data []byte) []byte {
	return minimal(func(s *elfSpec) {
		le := binary.LittleEndian
		n := 8 + (len(data)+7)&^7
		note := le.AppendUint32(nil, 4)
		note = le.AppendUint32(note, uint32(n))
		note = le.AppendUint32(note, 5)
		note = append(note, "GNU\x00"...)
		note = le.AppendUint32(note, typ)
		note = le.AppendUint32(note, uint32(len(data)))
		note = append(note, data...)
		note = append(note, make([]byte, n-8-len(data))...)
		copy(s.body[0x200:], note)
		s.segs = append(s.segs, segment{typ: ptGNUProperty, off: 0x1200, filesz: uint64(len(note)) + 40, memsz: uint64(len(note))})
	})
}

func TestAcceptedNotes(t *testing.T) {
	for name, f := range map[string][]byte{
		"BTI, PAC, GCS":             withProperty(0xc0000000, []byte{7, 0, 0, 0}),
		"no pointer authentication": withProperty(0xc0000001, make([]byte, 16)),
		"indirect extern access":    withProperty(0xb0008000, []byte{1, 0, 0, 0}),
		"unknown":                   withProperty(0xc0001234, make([]byte, 100)),
	} {
		img, err := Load(params(files{"/bin/x": f}.open, "/bin/x"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img.Space.Release()
	}
}

// An interpreter's own PT_INTERP counts for nothing, so one that names itself
// is no loop.
func TestInterpreterOfItself(t *testing.T) {
	ld := minimal(func(s *elfSpec) { s.typ, s.segs = etDyn, append(s.segs, interpSegment()) })
	img, err := Load(params(files{"/ld.so": ld}.open, "/ld.so"))
	if err != nil {
		t.Fatal(err)
	}
	defer img.Space.Release()
	if img.Base == 0 || img.Base == img.Bias+0x400000 || img.PC != img.Base || img.Interp != "/ld.so" {
		t.Errorf("base %#x, bias %#x, PC %#x", img.Base, img.Bias, img.PC)
	}
	for path, want := range map[string]string{"/text": "is not an ELF file", "/x86": "x86-64 program"} {
		fs := files{"/ld.so": []byte("hello"), "/x": ld}
		if path == "/x86" {
			fs["/ld.so"] = minimal(func(s *elfSpec) { s.machine = 62 })
		}
		if _, err := Load(params(fs.open, "/x")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("interpreter %s: %v", path, err)
		}
	}
}

func TestWasm(t *testing.T) {
	img, err := Load(params(files{"/app.wasm": []byte("\x00asm\x01\x00\x00\x00")}.open, "/app.wasm"))
	if err != nil || img.Kind != Wasm || img.File.Size() != 8 || img.Space != nil {
		t.Errorf("%+v, %v", img, err)
	}
}

// A file that fails to read does not leave a half-made space behind.
func TestReadError(t *testing.T) {
	released := false
	p := params(func(string) (mm.File, error) {
		return brokenFile{NewBlob("/bin/x", minimal(nil))}, nil
	}, "/bin/x")
	newSpace := p.NewSpace
	var s *mm.Space
	p.NewSpace = func() (_ *mm.Space, err error) { s, err = newSpace(); return s, err }
	_, err := Load(p)
	if released = s != nil && s.Memory() == nil; !errors.Is(err, abi.EIO) || !released {
		t.Errorf("%v, released: %v", err, released)
	}
}

// stack is the first stack as a program finds it.
type stack struct {
	argv, envp []string
	auxv       map[uint64]uint64
}

func readStack(t *testing.T, img *Image) stack {
	t.Helper()
	if img.SP%16 != 0 {
		t.Errorf("SP %#x is not aligned", img.SP)
	}
	at := img.SP
	next := func() uint64 {
		x, err := img.Space.ReadU64(at)
		if err != nil {
			t.Fatal(err)
		}
		at += 8
		return x
	}
	str := func(a uint64) string {
		s, err := img.Space.ReadString(a, 1<<17)
		if err != nil {
			t.Fatalf("string at %#x: %v", a, err)
		}
		return s
	}
	st := stack{auxv: map[uint64]uint64{}}
	argc := next()
	for a := next(); a != 0; a = next() {
		st.argv = append(st.argv, str(a))
	}
	if argc != uint64(len(st.argv)) {
		t.Errorf("argc %d, %d arguments", argc, len(st.argv))
	}
	for a := next(); a != 0; a = next() {
		st.envp = append(st.envp, str(a))
	}
	auxv := at
	for k := next(); k != abi.AT_NULL; k = next() {
		st.auxv[k] = next()
	}
	next()
	b := make([]byte, at-auxv)
	if img.Space.CopyIn(auxv, b); !bytes.Equal(b, img.Auxv) {
		t.Error("Image.Auxv is not what lies in memory")
	}
	return st
}

func TestStack(t *testing.T) {
	p := params(files{"/bin/x": minimal(nil)}.open, "/bin/x")
	p.Argv = []string{"x", "", "two words", strings.Repeat("long", 1000)}
	p.Envp = []string{"A=1", "EMPTY="}
	p.Random = [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	p.Cred = func(mm.File) Cred { return Cred{UID: 1000, EUID: 0, GID: 100, EGID: 50, Secure: true} }
	img, err := Load(p)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Space.Release()
	st := readStack(t, img)
	if strings.Join(st.argv, "|") != strings.Join(p.Argv, "|") || strings.Join(st.envp, "|") != strings.Join(p.Envp, "|") {
		t.Errorf("argv %q, envp %q", st.argv, st.envp)
	}
	for k, want := range map[uint64]uint64{abi.AT_PAGESZ: 4096, abi.AT_CLKTCK: 100, abi.AT_HWCAP: 3, abi.AT_HWCAP2: 0, abi.AT_UID: 1000,
		abi.AT_EUID: 0, abi.AT_GID: 100, abi.AT_EGID: 50, abi.AT_SECURE: 1, abi.AT_ENTRY: 0x400000, abi.AT_PHNUM: 1, abi.AT_PHENT: 56,
		abi.AT_BASE: 0, abi.AT_FLAGS: 0, abi.AT_MINSIGSTKSZ: 5168} {
		if got, ok := st.auxv[k]; !ok || got != want {
			t.Errorf("auxv %d: %d, %v, want %d", k, got, ok, want)
		}
	}
	if s, _ := img.Space.ReadString(st.auxv[abi.AT_EXECFN], 100); s != "/bin/x" {
		t.Errorf("AT_EXECFN %q", s)
	}
	if s, _ := img.Space.ReadString(st.auxv[abi.AT_PLATFORM], 100); s != "aarch64" {
		t.Errorf("AT_PLATFORM %q", s)
	}
	var random [16]byte
	if img.Space.CopyIn(st.auxv[abi.AT_RANDOM], random[:]); random != p.Random {
		t.Errorf("AT_RANDOM %v", random)
	}
	read := func(lo, hi uint64) string {
		b := make([]byte, hi-lo)
		if err := img.Space.CopyIn(lo, b); err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if got := read(img.ArgStart, img.ArgEnd); got != strings.Join(p.Argv, "\x00")+"\x00" {
		t.Errorf("cmdline %q", got)
	}
	if got := read(img.EnvStart, img.EnvEnd); got != "A=1\x00EMPTY=\x00" {
		t.Errorf("environ %q", got)
	}
	if code := read(img.Sigreturn, img.Sigreturn+8); code != string(sigreturn) {
		t.Errorf("signal return code % x", code)
	}
	if tx, ok := img.Space.Text(img.Sigreturn); !ok || tx.Anonymous() || tx.Name != "[vdso]" {
		t.Errorf("signal return text: %+v", tx)
	}
	low, top := img.Space.Stack()
	if img.SP < low || img.SP >= top || read(top-8, top) != "\x00\x00\x00\x00\x00\x00\x00\x00" {
		t.Errorf("stack [%#x, %#x), SP %#x", low, top, img.SP)
	}
	if lo, hi := img.Space.GuardBelow(img.SP); hi != low || hi-lo < 1<<20 {
		t.Errorf("guard [%#x, %#x)", lo, hi)
	}
}

func TestStringLimits(t *testing.T) {
	p := params(files{"/bin/x": minimal(nil)}.open, "/bin/x")
	load := func() error {
		img, err := Load(p)
		if err == nil {
			img.Space.Release()
		}
		return err
	}
	p.Argv = []string{"x", strings.Repeat("a", 128<<10-1)}
	if err := load(); err != nil {
		t.Errorf("one of 128 KiB: %v", err)
	}
	p.Argv = []string{"x", strings.Repeat("a", 128<<10)}
	if err := load(); !errors.Is(err, abi.E2BIG) {
		t.Errorf("one above 128 KiB: %v", err)
	}
	p.Argv = make([]string, 200000)
	if err := load(); err != nil {
		t.Errorf("many empty ones: %v", err)
	}
	p.Argv = make([]string, 240000)
	if err := load(); !errors.Is(err, abi.E2BIG) {
		t.Errorf("too many empty ones: %v", err)
	}
	p.Argv, p.StackSize = make([]string, 20000), 64<<10
	if err := load(); !errors.Is(err, abi.E2BIG) {
		t.Errorf("a small stack: %v", err)
	}
	p.Argv, p.StackSize = nil, 0
	img, err := Load(p)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Space.Release()
	if st := readStack(t, img); len(st.argv) != 1 || st.argv[0] != "" {
		t.Errorf("no arguments give %q", st.argv)
	}
}

// build makes a program for linux/arm64 from Go or C source.
func build(t testing.TB, src string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "prog")
	var cmd *exec.Cmd
	if strings.HasPrefix(src, "package") {
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd = exec.Command("go", append(append([]string{"build", "-o", out}, args...), "main.go")...)
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=")
	} else {
		const cc = "aarch64-linux-gnu-gcc"
		if _, err := exec.LookPath(cc); err != nil {
			t.Skipf("no %s", cc)
		}
		if err := os.WriteFile(filepath.Join(dir, "main.c"), []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd = exec.Command(cc, append(append([]string{"-O1", "-o", out}, args...), "main.c")...)
	}
	cmd.Dir = dir
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, msg)
	}
	return out
}

const (
	goHello = "package main\n\nvar data = [...]int{1, 2, 3}\nvar bss [100000]int\n\nfunc main() { println(data[1], bss[5]) }\n"
	cHello  = "#include <stdio.h>\nint data[] = {1, 2, 3};\nstatic int bss[100000];\nint main(void) { printf(\"%d %d\\n\", data[1], bss[5]); return 0; }\n"
)

func TestPrograms(t *testing.T) {
	for _, c := range []struct {
		name, src string
		args      []string
		bias      uint64
		hidden    uint64
		interp    bool
	}{
		{"Go", goHello, nil, 0, 0x4000000, false},
		{"Go, PIE", goHello, []string{"-buildmode=pie"}, mm.PIEBase - 0x10000, 0x20000, true},
		{"C, static", cHello, []string{"-static"}, 0, 0x20000, false},
		{"C, static PIE", cHello, []string{"-static-pie"}, mm.PIEBase, 0x20000, false},
		{"C, dynamic", cHello, []string{"-no-pie"}, 0, 0x20000, true},
		{"C, dynamic PIE", cHello, []string{"-pie"}, mm.PIEBase, 0x20000, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := build(t, c.src, c.args...)
			open := func(p string) (mm.File, error) {
				if strings.HasPrefix(p, "/lib/") {
					p = "/usr/aarch64-linux-gnu" + p
				}
				return hostFiles(p)
			}
			var bases []uint64
			for range 2 {
				img, err := Load(params(open, path))
				if err != nil && c.interp && errors.Is(err, abi.ENOENT) {
					t.Skip(err)
				} else if err != nil {
					t.Fatal(err)
				}
				if img.Bias != c.bias || img.Space.Hidden() != c.hidden || (img.Interp != "") != c.interp {
					t.Errorf("bias %#x, hidden %#x, interpreter %q", img.Bias, img.Space.Hidden(), img.Interp)
				}
				checkImage(t, img, path, img.Bias)
				st := readStack(t, img)
				bases = append(bases, st.auxv[abi.AT_BASE])
				if c.interp {
					checkImage(t, img, "/usr/aarch64-linux-gnu"+img.Interp, img.Base)
				} else if img.PC != st.auxv[abi.AT_ENTRY] {
					t.Errorf("starts at %#x, the entry is %#x", img.PC, st.auxv[abi.AT_ENTRY])
				}
				var phdr [4]byte
				if err := img.Space.CopyIn(st.auxv[abi.AT_PHDR], phdr[:]); err != nil || phdr[1] != 0 {
					t.Errorf("no program headers at AT_PHDR %#x: %x, %v", st.auxv[abi.AT_PHDR], phdr, err)
				}
				if _, ok := img.Space.Text(img.PC); !ok {
					t.Errorf("PC %#x is not in text", img.PC)
				}
				if size := img.Space.Memory().Size(); size > 160<<20 {
					t.Errorf("the memory has %d MiB", size>>20)
				}
				if brk := img.Space.Brk(0); brk == 0 || img.Space.Brk(brk+1<<20) != brk+1<<20 {
					t.Errorf("the break at %#x cannot be moved", brk)
				}
				img.Space.Release()
			}
			if bases[0] != bases[1] {
				t.Errorf("the interpreter is at %#x, then at %#x", bases[0], bases[1])
			}
		})
	}
}

// checkImage compares memory with the file's segments.
func checkImage(t *testing.T, img *Image, path string, bias uint64) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := parse(NewBlob(path, file), path, file[:headSize], ARM64(0, nil))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range p.loads {
		n := s.memsz
		if s.memsz > s.filesz { // zeros reach to the page's end
			n = (s.vaddr+s.memsz+4095)&^4095 - s.vaddr
		}
		got := make([]byte, n)
		if err := img.Space.CopyIn(s.vaddr+bias, got); err != nil {
			t.Fatalf("segment %d: %v", i, err)
		}
		if !bytes.Equal(got[:s.filesz], file[s.off:s.off+s.filesz]) {
			t.Errorf("%s: segment %d differs from the file", path, i)
		}
		if len(bytes.Trim(got[s.filesz:], "\x00")) > 0 {
			t.Errorf("%s: segment %d: bss is not zero", path, i)
		}
		writable := img.Space.Writable(s.vaddr+bias, 1) == 1
		if want := s.flags&pfW != 0; writable != want {
			t.Errorf("%s: segment %d writable: %v", path, i, writable)
		}
		if tx, ok := img.Space.Text(s.vaddr + bias); ok != (s.flags&pfX != 0) || ok && tx.Anonymous() {
			t.Errorf("%s: segment %d: text %+v %v", path, i, tx, ok)
		}
	}
	if p.hdr.typ == etExec && img.Space.Hidden() != mm.HiddenFor(p.low, p.high) {
		t.Error("the CPU's range is not where the executable's addresses say")
	}
}

func TestHiddenAvoidsSegments(t *testing.T) {
	img, err := Load(params(files{"/bin/x": minimal(func(s *elfSpec) {
		s.segs[0].vaddr, s.entry = 0x1f000, 0x1f000
		s.segs[0].memsz = 0x10000
	})}.open, "/bin/x"))
	if err != nil {
		t.Fatal(err)
	}
	defer img.Space.Release()
	if h := img.Space.Hidden(); h != 64<<20 {
		t.Errorf("hidden at %#x", h)
	}
	if err := img.Space.CopyIn(0x1f000, make([]byte, 0x10000)); err != nil {
		t.Error(err)
	}
	if img.Sigreturn != 64<<20+arch.HiddenSize {
		t.Errorf("signal return code at %#x", img.Sigreturn)
	}
	if runtime.GOOS == "linux" && !strings.Contains(img.Space.String(), "[vdso]") {
		t.Error(img.Space.String())
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(minimal(nil))
	f.Add(minimal(func(s *elfSpec) { s.typ = etDyn; s.segs = append(s.segs, interpSegment()) }))
	f.Add(minimal(func(s *elfSpec) {
		s.segs = append(s.segs, segment{typ: ptLoad, flags: pfR | pfW, off: 0x1010, vaddr: 0x401010, filesz: 20, memsz: 0x12345},
			segment{typ: ptLoad, flags: pfR | pfW, vaddr: 0x500123, memsz: 0x12345})
	}))
	f.Add(withProperty(0xc0000000, []byte{3, 0, 0, 0}))
	f.Add(withProperty(0xb0008000, []byte{4, 0, 0, 0}))
	f.Add([]byte("#!/bin/x a b\n"))
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		fs := files{"/bin/x": b, "/ld.so": minimal(func(s *elfSpec) { s.typ = etDyn })}
		img, err := Load(params(fs.open, "/bin/x"))
		if err != nil {
			var e abi.Errno
			if !errors.As(err, &e) || e == 0 {
				t.Errorf("an error without a number: %v", err)
			}
			return
		}
		if img.Kind == ELF {
			if _, ok := img.Space.Text(img.PC); ok {
				img.Space.ReadText(img.PC, make([]byte, 64))
			}
			readStack(t, img)
			img.Space.Release()
		}
		FindEntries(NewBlob("/bin/x", b))
	})
}

func BenchmarkLoad(b *testing.B) {
	path := build(b, cHello, "-static")
	file, err := hostFiles(path)
	if err != nil {
		b.Fatal(err)
	}
	p := params(func(string) (mm.File, error) { return file, nil }, path)
	b.SetBytes(file.Size())
	for b.Loop() {
		img, err := Load(p)
		if err != nil {
			b.Fatal(err)
		}
		img.Space.Release()
	}
}
