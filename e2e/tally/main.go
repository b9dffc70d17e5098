// Command tally reads `go test -json` and prints it as a person wants it: one
// line for each package, the whole output of what failed, every skipped test
// with its reason, and as the last line "N passed, N failed, N skipped". It
// exits with 1 when anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of `go test -json` (go doc test2json).
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
}

// A tally is what has been seen so far.
type tally struct {
	out                     io.Writer
	output                  map[string][]string // of running tests, by package and name
	passed, failed, skipped int
	broken                  int // packages that failed as a whole
}

func main() {
	t := &tally{out: os.Stdout, output: map[string][]string{}}
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	if !t.close() {
		os.Exit(1)
	}
}

func (t *tally) read(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Fprintln(t.out, in.Text()) // the go command's own words
			continue
		}
		t.add(e)
	}
	return in.Err()
}

func (t *tally) add(e event) {
	pkg := e.Package
	if pkg == "" {
		pkg = e.ImportPath
	}
	key := pkg + " " + e.Test
	switch e.Action {
	case "output":
		t.output[key] = append(t.output[key], e.Output)
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endPackage(pkg, e)
		} else {
			t.endTest(e, t.output[key])
		}
		delete(t.output, key)
	}
}

func (t *tally) endTest(e event, output []string) {
	switch e.Action {
	case "pass":
		t.passed++
	case "fail":
		t.failed++
		fmt.Fprintf(t.out, "--- FAIL: %s %s\n%s", e.Package, e.Test, strings.Join(output, ""))
	case "skip":
		t.skipped++
		fmt.Fprintf(t.out, "skip %s %s: %s\n", e.Package, e.Test, reason(output))
	}
}

// reason is what a skipped test said.
func reason(output []string) string {
	for _, line := range output {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}

func (t *tally) endPackage(pkg string, e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok   %-40s %.1fs\n", pkg, e.Elapsed)
	case "fail":
		t.broken++
		fmt.Fprintf(t.out, "FAIL %s\n%s", pkg, strings.Join(t.output[pkg+" "], ""))
		for key, lines := range t.output { // tests that never ended: a panic, a timeout
			if strings.HasPrefix(key, pkg+" ") && key != pkg+" " {
				t.failed++
				fmt.Fprintf(t.out, "--- FAIL (did not end): %s\n%s", key, strings.Join(lines, ""))
				delete(t.output, key)
			}
		}
	}
}

// close prints the totals and reports whether all is well.
func (t *tally) close() bool {
	fmt.Fprintf(t.out, "%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	return t.failed == 0 && t.broken == 0 && t.passed > 0
}
