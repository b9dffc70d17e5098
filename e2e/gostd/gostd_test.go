package gostd

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "record what passes under qemu-aarch64 in testdata/passed.gz")

// recordPath has lines "go VERSION", then for each package and mode
// "package NAME MODE" and a line for each test that passes.
const recordPath = "testdata/passed.gz"

// modes are the two ways the tests are run: -test.short in every test run, in
// full for conformance.
var modes = map[string][]string{"short": {"-test.short"}, "full": nil}

// TestQuick runs the quick packages in a box.
func TestQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs test binaries")
	}
	inBox(t, "short", func(p Package) bool { return p.Quick })
}

// TestConformanceGo runs all packages, in full.
func TestConformanceGo(t *testing.T) {
	if os.Getenv("BOXER_CONFORMANCE") == "" {
		t.Skip("part of make conformance")
	}
	only := regexp.MustCompile(os.Getenv("BOXER_GOSTD")) // "reflect|context"
	inBox(t, "full", func(p Package) bool { return only.MatchString(p.Path) })
}

func inBox(t *testing.T, mode string, pick func(Package) bool) {
	root := Root(t.TempDir())
	boxer := filepath.Join(string(root), "boxer")
	if out, err := exec.Command("go", "build", "-o", boxer, "boxer/cmd/boxer").CombinedOutput(); err != nil {
		t.Fatalf("go build boxer: %v\n%s", err, out)
	}
	want := readPassed(t, mode)
	for _, p := range Packages {
		if !pick(p) {
			continue
		}
		t.Run(p.Path, func(t *testing.T) {
			if err := root.Build(p); err != nil {
				t.Fatal(err)
			}
			res, err := root.Run(Boxer(boxer), p, 20*time.Minute, append(p.skip(), modes[mode]...)...)
			if err != nil {
				t.Fatal(err)
			}
			missing := 0
			for _, name := range want[p.Path] {
				name = stable(name)
				if res.Outcome[name] != "PASS" && p.Excluded(name) == "" {
					missing++
					if missing <= 10 {
						t.Errorf("%s: %q; it passes under qemu", name, res.Outcome[name])
					}
				}
			}
			// A test that fails under qemu too (TestStoreLoadSeqCst64 of
			// sync/atomic, now and then) is not held against the box.
			if missing > 0 || !res.OK && len(res.Failed()) == 0 || !res.OK && want[p.Path] == nil {
				t.Errorf("exit status ok: %v; %d tests that pass under qemu do not; failed: %v\n%s",
					res.OK, missing, res.Failed(), tail(res.Output, 60))
			}
			t.Logf("%d passed in %v", len(res.Passed()), res.Took.Round(time.Millisecond))
		})
	}
}

// TestRecord rewrites the record, with -update.
func TestRecord(t *testing.T) {
	if !*update {
		t.Skip("needs qemu-aarch64 and -update")
	}
	root := Root(t.TempDir())
	var text bytes.Buffer
	fmt.Fprintf(&text, "go %s\n", runtime.Version())
	for _, p := range Packages {
		if err := root.Build(p); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []string{"short", "full"} {
			res, err := root.Run(Qemu, p, 20*time.Minute, modes[mode]...)
			if err != nil {
				t.Fatal(err)
			}
			if !res.OK {
				t.Errorf("%s %s under qemu:\n%s", p.Path, mode, tail(res.Output, 60))
			}
			passed := res.Passed()
			t.Logf("%s %s: %d passed in %v", p.Path, mode, len(passed), res.Took.Round(time.Millisecond))
			fmt.Fprintf(&text, "package %s %s\n%s\n", p.Path, mode, strings.Join(passed, "\n"))
		}
	}
	f, err := os.Create(recordPath)
	if err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestCompression)
	z.Write(text.Bytes())
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// readPassed returns the recorded tests by package. Another release of Go has
// other tests: then only the exit status counts.
func readPassed(t *testing.T, mode string) map[string][]string {
	f, err := os.Open(recordPath)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	passed := map[string][]string{}
	pkg := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if version, ok := strings.CutPrefix(line, "go "); ok {
			if version != runtime.Version() {
				t.Logf("recorded with %s, this is %s: comparing exit statuses only", version, runtime.Version())
				return passed
			}
			continue
		}
		if rest, ok := strings.CutPrefix(line, "package "); ok {
			name, m, _ := strings.Cut(rest, " ")
			if pkg = name; m != mode {
				pkg = ""
			}
			continue
		}
		if pkg != "" && line != "" {
			passed[pkg] = append(passed[pkg], line)
		}
	}
	return passed
}
