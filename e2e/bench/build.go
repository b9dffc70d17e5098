package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"boxer/e2e/debian"
)

// programs are the guests, built for both machines. The rootfs directory
// holds the arm64 ones; native twins lie beside it under the same names.
type programs struct {
	rootfs string // arm64: /bench, /gokernels, /hello, /hellogo, /bin/busybox
	native string
	notes  []string // what could not be built, and why
	wasm   string   // boxer for Node (the V8 runner), "" if not built
	module string   // the module's directory
	page   *page    // the chromium runner, nil if it was not asked for
}

// A toolchain builds one of the two variants.
type toolchain struct {
	cc      string
	goarch  string
	debarch string
	triplet string
	fused   []string // flags of the file whose multiply-adds are to be fused
	out     string
}

// libraries are static archives that kernels link, by the macro that enables
// the kernel's file.
var libraries = []struct {
	macro, source, pkg, archive string
	include                     []string // under usr/include; %t is the triplet
}{
	{"HAVE_ZLIB", "k_zlib.c", "zlib1g-dev", "libz.a", nil},
	{"HAVE_BZIP2", "k_bzip2.c", "libbz2-dev", "libbz2.a", nil},
	{"HAVE_LUA", "k_lua.c", "liblua5.4-dev", "liblua5.4.a", []string{"lua5.4", "%t"}},
	{"HAVE_SQLITE", "k_sqlite.c", "libsqlite3-dev", "libsqlite3.a", nil},
}

func build(work string) (*programs, error) {
	env, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	mod := strings.TrimSpace(string(env))
	if work, err = filepath.Abs(work); err != nil {
		return nil, err
	}
	p := &programs{
		module: filepath.Dir(mod),
		rootfs: filepath.Join(work, "rootfs"), native: filepath.Join(work, "native"),
	}
	if p.module == "." || p.module == "/" {
		return nil, fmt.Errorf("run it inside the boxer module")
	}
	machine := map[string][2]string{"amd64": {"x86_64-linux-gnu", "amd64"}, "arm64": {"aarch64-linux-gnu", "arm64"}}[runtime.GOARCH]
	native := toolchain{"gcc", runtime.GOARCH, machine[1], machine[0], nil, p.native}
	if runtime.GOARCH == "amd64" {
		// Baseline x86-64 has no fused multiply-add; arm64 always has. With it on
		// both sides gcc contracts the same expressions, and checksums agree.
		native.fused = []string{"-mfma"}
	}
	guest := toolchain{"aarch64-linux-gnu-gcc", "arm64", "arm64", "aarch64-linux-gnu", nil, p.rootfs}
	if a, b := version(native.cc), version(guest.cc); a != b {
		p.notes = append(p.notes, fmt.Sprintf("gcc differs: native %s, guest %s", a, b))
	}
	for _, t := range []toolchain{guest, native} {
		notes, err := t.build(p.module, work)
		if err != nil {
			return nil, err
		}
		p.notes = append(p.notes, notes...)
	}
	if err := p.busybox(work); err != nil {
		p.notes = append(p.notes, "no busybox rows: "+firstLine(err))
	}
	return p, nil
}

func version(cc string) string {
	out, err := exec.Command(cc, "-dumpfullversion").Output()
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(out))
}

// build compiles everything for one machine. Libraries that cannot be had
// become notes.
func (t toolchain) build(module, work string) (notes []string, err error) {
	if err := os.MkdirAll(t.out, 0o755); err != nil {
		return nil, err
	}
	src := filepath.Join(module, "e2e", "bench", "guest")
	deb := debian.Root{Dir: filepath.Join(work, "debian-"+t.debarch), Arch: t.debarch}
	flags := []string{"-O2", "-Wall"}
	sources := []string{"main.c", "k_loop.c", "k_call.c", "k_data.c", "k_float.c", "k_simd.c", "k_libc.c"}
	var archives []string
	for _, l := range libraries {
		if err := deb.Unpack(l.pkg); err != nil {
			notes = append(notes, fmt.Sprintf("no %s: %s", l.source, firstLine(err)))
			continue
		}
		sources = append(sources, l.source)
		flags = append(flags, "-D"+l.macro, "-isystem", deb.Path("usr/include"))
		for _, inc := range l.include {
			flags = append(flags, "-isystem", deb.Path("usr/include", strings.ReplaceAll(inc, "%t", t.triplet)))
		}
		archives = append(archives, deb.Path("usr/lib", t.triplet, l.archive))
	}
	objdir := filepath.Join(work, "obj-"+t.debarch)
	if err := os.MkdirAll(objdir, 0o755); err != nil {
		return nil, err
	}
	var objects []string
	compile := func(source, object string, extra ...string) error {
		object = filepath.Join(objdir, object)
		objects = append(objects, object)
		args := append(append(append([]string{}, flags...), extra...), "-c", "-o", object, filepath.Join(src, source))
		return command(module, nil, t.cc, args...)
	}
	for _, s := range sources {
		if err := compile(s, strings.TrimSuffix(s, ".c")+".o", "-ffp-contract=off"); err != nil {
			return nil, err
		}
	}
	if err := compile("k_float.c", "k_fused.o", append(t.fused, "-DFUSED")...); err != nil {
		return nil, err
	}
	link := append(append([]string{"-static", "-o", filepath.Join(t.out, "bench")}, objects...), archives...)
	if err := command(module, nil, t.cc, append(link, "-lm")...); err != nil {
		return nil, err
	}
	if err := command(module, nil, t.cc, "-O2", "-static", "-o", filepath.Join(t.out, "hello"), filepath.Join(src, "hello.c")); err != nil {
		return nil, err
	}
	for _, prog := range []string{"gokernels", "hellogo"} {
		env := []string{"GOOS=linux", "GOARCH=" + t.goarch, "CGO_ENABLED=0"}
		if err := command(module, env, "go", "build", "-o", filepath.Join(t.out, prog), "./e2e/bench/guest/"+prog); err != nil {
			return nil, err
		}
	}
	return notes, nil
}

// busybox puts Debian's busybox-static into the rootfs, with sh and true as
// links to it.
func (p *programs) busybox(work string) error {
	deb := debian.Root{Dir: filepath.Join(work, "debian-arm64"), Arch: "arm64"}
	if err := deb.Unpack("busybox-static"); err != nil {
		return err
	}
	text, err := os.ReadFile(deb.Path("bin/busybox"))
	if err != nil {
		return err
	}
	bin := filepath.Join(p.rootfs, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(bin, "busybox"), text, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"sh", "true", "echo"} {
		link := filepath.Join(bin, name)
		if _, err := os.Lstat(link); err != nil {
			if err := os.Symlink("busybox", link); err != nil {
				return err
			}
		}
	}
	return nil
}

// command runs a tool in dir; the error carries what it printed.
func command(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out.Bytes())
	}
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
