// Package gostd runs the Go standard library's own tests as guest programs:
// each package's test binary, built for linux/arm64, in a root directory that
// has the files it reads. What passes under qemu-aarch64 is recorded, and must
// pass in a box.
package gostd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Package is a package of the standard library whose tests are run.
type Package struct {
	Path  string
	Quick bool     // short enough for every test run, translation included
	Files []string // directories under GOROOT/src that it reads beside its own
}

// Packages are those that issue 2 names: arithmetic, memory, reflection,
// goroutines, timers.
var Packages = []Package{
	{Path: "errors", Quick: true},
	{Path: "sort", Quick: true},
	{Path: "bytes"},
	{Path: "bufio", Quick: true},
	{Path: "strconv"},
	{Path: "strings"},
	{Path: "io", Quick: true},
	{Path: "unicode/utf8", Quick: true},
	{Path: "math", Quick: true},
	{Path: "math/bits", Quick: true},
	{Path: "crypto/sha256"},
	{Path: "crypto/aes"},
	{Path: "hash/crc32", Quick: true},
	{Path: "encoding/json"},
	{Path: "encoding/binary", Quick: true},
	{Path: "compress/gzip", Files: []string{"compress/testdata"}},
	{Path: "compress/flate", Files: []string{"compress/testdata"}},
	{Path: "text/template"},
	{Path: "reflect"},
	{Path: "context"},
	{Path: "sync"},
	{Path: "sync/atomic"},
	{Path: "time", Files: []string{"../lib/time"}},
}

// An Exclusion is tests of a package that pass under qemu, on the host's kernel, and that a
// box does not pass yet.
type Exclusion struct {
	Package string
	Tests   *regexp.Regexp
	// Skip: they are not run either, since they take the tests behind them with them.
	Skip   bool
	Reason string
}

const noNetwork = "the first kernel has no network sockets"

// NotInBox are the exclusions.
var NotInBox = []Exclusion{
	{"bufio", regexp.MustCompile("^TestCopyUnixpacket$"), false, noNetwork + ": skips itself"},
	{"encoding/json", regexp.MustCompile("^TestHTTPDecoding$"), true, noNetwork + ": panics"},
	{"compress/gzip", regexp.MustCompile("^Example_compressingReader$"), true, noNetwork + ": panics"},
	{"context", regexp.MustCompile("^ExampleAfterFunc_connection$"), true, noNetwork},
	{"crypto/sha256", regexp.MustCompile("/Armv8.0(/|$)"), false, "the box's processor has no SHA instructions: that implementation is not there to be tested"},
	{"crypto/aes", regexp.MustCompile("/Armv8.0(/|$)"), false, "the box's processor has no AES instructions: that implementation is not there to be tested"},
	{"reflect", regexp.MustCompile("^TestTypeFieldReadOnly$"), true, "a store to a read-only page does not fault in guest code (README, limits): panics"},
	{"sync/atomic", regexp.MustCompile("^TestStoreLoad(SeqCst|RelAcq)(32|64)$"), false, "guests see one processor: they skip themselves"},
}

// Excluded returns why a test of the package need not pass, "" if it must.
func (p Package) Excluded(test string) string {
	for _, x := range NotInBox {
		if x.Package == p.Path && x.Tests.MatchString(test) {
			return x.Reason
		}
	}
	return ""
}

// skip are the arguments by which tests are not run.
func (p Package) skip() []string {
	var tests []string
	for _, x := range NotInBox {
		if x.Package == p.Path && x.Skip {
			tests = append(tests, x.Tests.String())
		}
	}
	if tests == nil {
		return nil
	}
	return []string{"-test.skip=" + strings.Join(tests, "|")}
}

// A Root is a directory that becomes the root of a box: test binaries as
// /t/NAME.test, package directories under /go/src.
type Root string

// binary is the guest path of a package's test binary.
func (p Package) binary() string { return "/t/" + strings.ReplaceAll(p.Path, "/", "-") + ".test" }

// dir is the guest path of the directory that the tests run in.
func (p Package) dir() string { return "/go/src/" + p.Path }

// Build compiles the package's tests into the root and copies its files.
func (r Root) Build(p Package) error {
	out := filepath.Join(string(r), p.binary())
	cmd := exec.Command("go", "test", "-c", "-o", out, p.Path)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go test -c %s: %w\n%s", p.Path, err, text)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	src := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	for _, d := range append([]string{p.Path}, p.Files...) {
		to := filepath.Join(string(r), "go", "src", d)
		if _, err := os.Stat(to); err == nil {
			continue
		}
		if err := os.CopyFS(to, os.DirFS(filepath.Join(src, d))); err != nil {
			return err
		}
	}
	// What programs expect of any Linux.
	for _, d := range []string{"tmp", "etc", "dev"} {
		if err := os.MkdirAll(filepath.Join(string(r), d), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// environment is what the tests see, under every runner. There is no go
// command, so tests that would build programs skip themselves.
var environment = []string{"HOME=/tmp", "GOROOT=/go", "PATH=/t", "TMPDIR=/tmp"}

// A Runner makes the command that runs a package's tests in a root.
type Runner func(ctx context.Context, r Root, p Package, args ...string) *exec.Cmd

// Qemu runs the binary on the host's kernel.
func Qemu(ctx context.Context, r Root, p Package, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "qemu-aarch64", append([]string{filepath.Join(string(r), p.binary())}, args...)...)
	cmd.Dir = filepath.Join(string(r), p.dir())
	cmd.Env = append(slices.Clone(environment), "GOROOT="+filepath.Join(string(r), "go"))
	return cmd
}

// Boxer runs it in a box.
func Boxer(bin string) Runner {
	return func(ctx context.Context, r Root, p Package, args ...string) *exec.Cmd {
		all := []string{"run", "--rootfs", "-w", p.dir()}
		for _, e := range environment {
			all = append(all, "-e", e)
		}
		all = append(append(all, string(r), p.binary()), args...)
		return exec.CommandContext(ctx, bin, all...)
	}
}

// Result is the outcome of a package's tests: the names of tests and subtests, by
// what became of them.
type Result struct {
	Outcome map[string]string // "PASS", "FAIL" or "SKIP"
	OK      bool              // exit status 0
	Took    time.Duration
	Output  string
}

// Run runs a package's tests.
func (r Root) Run(run Runner, p Package, limit time.Duration, args ...string) (*Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := run(ctx, r, p, append([]string{"-test.v", "-test.timeout=" + limit.String()}, args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	res := &Result{Outcome: map[string]string{}, OK: err == nil, Took: time.Since(start), Output: out.String()}
	for line := range strings.Lines(res.Output) {
		what, rest, ok := strings.Cut(strings.TrimLeft(line, " "), ": ")
		what, isResult := strings.CutPrefix(what, "--- ")
		if i := strings.LastIndex(rest, " ("); ok && isResult && i > 0 {
			res.Outcome[stable(rest[:i])] = what
		}
	}
	if err != nil && ctx.Err() != nil {
		return res, fmt.Errorf("%s: not done after %v", p.Path, limit)
	}
	if err != nil && len(res.Outcome) == 0 {
		return res, fmt.Errorf("%s: %w\n%s", p.Path, err, tail(res.Output, 40))
	}
	return res, nil
}

// address is a pointer in a test's name: `As(err, 0x40000120d8)`.
var address = regexp.MustCompile(`0x[0-9a-f]{6,}`)

// stable is a test's name without what differs from run to run.
func stable(name string) string { return address.ReplaceAllString(name, "0xADDR") }

// Passed lists the tests that passed, sorted.
func (res *Result) Passed() []string { return res.named("PASS") }

// Failed lists the tests that failed, sorted.
func (res *Result) Failed() []string { return res.named("FAIL") }

func (res *Result) named(outcome string) []string {
	var names []string
	for name, what := range res.Outcome {
		if what == outcome {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// tail is the last n lines of a text.
func tail(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}
