// Package guests builds the programs that end-to-end tests run in boxes, from
// the sources in its subdirectories (C in c/, the others Go), and the images
// they stand in. What is built is kept in e2e/.cache.
//
//	hello    := guests.Go(t, "hello")    linux/arm64, static
//	hello    := guests.C(t, "hello")     linux/arm64, static, by aarch64-linux-gnu-gcc
//	module   := guests.WASI(t, "hello")  wasip1/wasm, by Go
//	busybox  := guests.Busybox(t)        an oci-archive with Debian's busybox
//
// A test whose tools cannot be had is skipped by name.
package guests

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"boxer/e2e/debian"
	"boxer/runtime/oci"
)

// A T is a *testing.T, or a command's own.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Dir is the directory of the guests' sources.
func Dir() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) { // built with -trimpath: stand in the module
		out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "boxer/e2e/guests").Output()
		if err != nil {
			return "."
		}
		return strings.TrimSpace(string(out))
	}
	return filepath.Dir(file)
}

// Cache is a directory of e2e/.cache, made when needed.
func Cache(elem ...string) (string, error) {
	dir := filepath.Join(append([]string{filepath.Dir(Dir()), ".cache"}, elem...)...)
	return dir, os.MkdirAll(dir, 0o755)
}

// building keeps parallel tests from building the same thing twice at once.
var building sync.Mutex

// Go builds the Go program in the directory name for linux/arm64 and returns
// its path.
func Go(t T, name string) string {
	t.Helper()
	return goBuild(t, name, "linux", "arm64", "")
}

// WASI builds the Go program in the directory name as a WASI preview 1
// module.
func WASI(t T, name string) string {
	t.Helper()
	return goBuild(t, name, "wasip1", "wasm", ".wasm")
}

// GoFor builds the Go program for another platform, to be refused.
func GoFor(t T, name, goos, goarch string) string {
	t.Helper()
	return goBuild(t, name, goos, goarch, "")
}

func goBuild(t T, name, goos, goarch, suffix string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	dir, err := Cache("guests", goos+"-"+goarch)
	if err != nil {
		t.Fatalf("%v", err)
	}
	out := filepath.Join(dir, "go-"+name+suffix)
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, "./"+name)
	cmd.Dir = Dir()
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", name, err, msg)
	}
	return out
}

// arm64CC is the C compiler for guests; `make test` installs it.
const arm64CC = "aarch64-linux-gnu-gcc"

// C builds name.c as a static linux/arm64 program and returns its path. The
// test is skipped where there is no cross compiler.
func C(t T, name string) string {
	t.Helper()
	return compile(t, name, "-static")
}

// PIE is C for a static program that is loaded anywhere.
func PIE(t T, name string) string {
	t.Helper()
	return compile(t, name, "-static-pie")
}

// AddDynamic builds name.c as a dynamically linked program and adds it to
// tree at path, with the C library and its loader, which are the cross
// compiler's.
func AddDynamic(t T, tree *oci.Tree, name, path string) error {
	t.Helper()
	errs := []error{tree.AddHostFile(path, compile(t, name))}
	for _, lib := range []string{"ld-linux-aarch64.so.1", "libc.so.6"} {
		out, err := exec.Command(arm64CC, "-print-file-name="+lib).Output()
		if err != nil {
			return err
		}
		file, err := filepath.EvalSymlinks(strings.TrimSpace(string(out)))
		errs = append(errs, err)
		if err == nil {
			errs = append(errs, tree.AddHostFile("lib/"+lib, file))
		}
	}
	return errors.Join(errs...)
}

func compile(t T, name string, flags ...string) string {
	t.Helper()
	if _, err := exec.LookPath(arm64CC); err != nil {
		t.Skipf("no %s to build %s.c with (make test installs it by apt)", arm64CC, name)
	}
	building.Lock()
	defer building.Unlock()
	source := filepath.Join(Dir(), "c", name+".c")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatalf("%v", err)
	}
	dir, err := Cache("guests", "linux-arm64")
	if err != nil {
		t.Fatalf("%v", err)
	}
	args := append([]string{"-O2", "-Wall", "-Werror"}, flags...)
	key := sha256.Sum256([]byte(strings.Join(args, " ") + "\n" + string(text)))
	out := filepath.Join(dir, fmt.Sprintf("c-%s-%x", name, key[:6]))
	if _, err := os.Stat(out); err == nil {
		return out
	}
	tmp := fmt.Sprintf("%s.%d.tmp", out, os.Getpid()) // other test binaries build it too
	cmd := exec.Command(arm64CC, append(args, "-o", tmp, source, "-lpthread")...)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", arm64CC, source, err, msg)
	}
	if err := os.Rename(tmp, out); err != nil {
		t.Fatalf("%v", err)
	}
	return out
}

// Busybox returns an oci-archive whose root file system is Debian's
// busybox-static for arm64 with its usual links, /etc/passwd and /etc/group,
// and whose command is sh. The test is skipped where apt cannot be reached.
func Busybox(t T) string {
	t.Helper()
	image, err := BusyboxImage()
	if err != nil {
		t.Skipf("Debian's busybox-static:arm64 cannot be had: %v", err)
	}
	return image
}

// BusyboxTree is the root file system of Busybox, to add to.
func BusyboxTree(t T) *oci.Tree {
	t.Helper()
	tree, err := NewBusyboxTree()
	if err != nil {
		t.Skipf("Debian's busybox-static:arm64 cannot be had: %v", err)
	}
	return tree
}

// NewBusyboxTree is BusyboxTree without a test.
func NewBusyboxTree() (*oci.Tree, error) {
	building.Lock()
	defer building.Unlock()
	return busyboxTree()
}

// BusyboxImage is Busybox without a test.
func BusyboxImage() (string, error) {
	building.Lock()
	defer building.Unlock()
	dir, err := Cache("images")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "busybox.tar")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	tree, err := busyboxTree()
	if err != nil {
		return "", err
	}
	defer tree.Close()
	return path, WriteImage(path, tree, oci.PackOptions{Reference: "busybox:latest", Config: oci.Config{Cmd: []string{"sh"}}})
}

func busyboxTree() (*oci.Tree, error) {
	dir, err := Cache("debian-arm64")
	if err != nil {
		return nil, err
	}
	root := debian.Root{Dir: dir, Arch: "arm64"}
	if err := root.Unpack("busybox-static"); err != nil {
		return nil, err
	}
	tree := oci.NewTree()
	errs := []error{
		tree.AddHostFile("bin/busybox", root.Path("bin", "busybox")),
		tree.AddMkdir("tmp", 0o777|os.ModeSticky),
		tree.AddMkdir("root", 0o700),
		tree.AddMkdir("home/alice", 0o755),
		tree.AddFile("etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001:Alice:/home/alice:/bin/sh\n")),
		tree.AddFile("etc/group", 0o644, []byte("root:x:0:\nadm:x:4:alice\nalice:x:1001:\n")),
	}
	for _, applet := range strings.Fields(applets) {
		errs = append(errs, tree.AddSymlink("bin/"+applet, "busybox"))
	}
	return tree, errors.Join(errs...)
}

// applets are the commands linked to busybox: those of Debian's build that
// make sense in a box without devices and network.
const applets = `[ [[ ar arch ash awk base64 basename bc bunzip2 bzcat bzip2 cal cat chgrp chmod chown chroot clear cmp comm cp cpio cut
date dc dd df diff dirname dos2unix du echo ed egrep env expand expr factor fallocate false fgrep find flock fold free getopt grep
groups gunzip gzip head hexdump hostname id install kill killall last less link ln logname ls lzcat md5sum mkdir mkfifo mknod
mktemp more mv nice nl nohup nproc od paste patch pidof printenv printf ps pwd readlink realpath renice rev rm rmdir sed seq
setsid sh sha1sum sha256sum sha512sum shuf sleep sort split stat strings stty sync tac tail tar tee test time timeout touch tr
true truncate tty uname uniq unix2dos unlink unxz usleep uudecode uuencode vi watch wc which who whoami xargs xxd xz xzcat yes zcat`

// WriteImage packs one layer into an oci-archive at path.
func WriteImage(path string, tree *oci.Tree, opt oci.PackOptions) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "tmp-*")
	if err != nil {
		return err
	}
	_, err = oci.Pack(tmp, []*oci.Tree{tree}, opt)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
