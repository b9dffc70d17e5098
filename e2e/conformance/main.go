// Conformance holds boxer's translation of A64 instructions to what
// qemu-aarch64 makes of them.
//
//	go run ./e2e/conformance                      2,000,000 states over all lifted rows
//	go run ./e2e/conformance -row FMADD -n 100000 -seed 7
//	go run ./e2e/conformance -mode precise        any FPCR, and FPSR is compared
//	go run ./e2e/conformance -record              rewrite the recorded set
//
// Instructions are random words of the rows of the decode table, states are
// random with a liking for boundaries (values.go). Both are functions of the
// seed. A mismatch is printed with the command that repeats it. What is left
// out is in exclude.go, with the reason.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"boxer/runtime/arch/arm64/decode"
)

func main() {
	n := flag.Int("n", 2_000_000, "number of states, over all rows")
	states := flag.Int("states", 16, "states that each random instruction starts from")
	seed := flag.Uint64("seed", 1, "seed of instructions and states")
	first := flag.Int("first", 0, "number of the first instruction of each row")
	rows := flag.String("row", "", "`regexp` of the rows (default all)")
	modes := flag.String("mode", "plain,precise", "floating-point modes: plain, precise or both")
	judges := flag.String("judge", "boxer", "what is held to the oracle: boxer, or oracle (a second qemu)")
	show := flag.Int("show", 1, "mismatches shown of each row")
	flag.Parse()
	if err := run(*n, *states, *seed, *first, *rows, *modes, *judges, *show); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// pickRows returns the testable rows whose names match, anchored.
func pickRows(pattern string) ([]*decode.Row, error) {
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return nil, err
	}
	var rows []*decode.Row
	all := decode.Rows()
	for i := range all {
		if row := &all[i]; testable(row) && (pattern == "" || re.MatchString(row.Name)) {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no testable row is named %s", pattern)
	}
	return rows, nil
}

func run(n, states int, seed uint64, first int, pattern, modes, judgeName string, show int) error {
	rows, err := pickRows(pattern)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source, err := sourceFile("guest/oracle.c")
	if err != nil {
		return err
	}
	bin, err := buildOracle(source, dir)
	if err != nil {
		return err
	}
	truth, err := startOracle(bin)
	if err != nil {
		return err
	}
	defer truth.close()
	var tested judge
	if judgeName == "oracle" {
		second, err := startOracle(bin)
		if err != nil {
			return err
		}
		defer second.close()
		tested = second
	} else {
		return fmt.Errorf("no judge %s", judgeName)
	}
	rep := newTally(show)
	start := time.Now()
	names := strings.Split(modes, ",")
	for _, name := range names {
		p := plan{seed: seed, rows: rows, first: first, states: states}
		switch name {
		case "plain":
		case "precise":
			p.mode = precise
		default:
			return fmt.Errorf("no mode %s", name)
		}
		p.slots = max(1, n/len(names)/states/len(rows))
		err := p.batches(func(b *Batch) error {
			want, err := truth.run(b)
			if err != nil {
				return err
			}
			got, err := tested.run(b)
			if err != nil {
				return err
			}
			rep.compare(seed, b, want, got)
			return nil
		})
		if err != nil {
			return err
		}
	}
	rep.print(os.Stdout, len(rows), time.Since(start))
	if rep.wrong > 0 {
		return fmt.Errorf("%d states differ", rep.wrong)
	}
	return nil
}

// sourceFile finds a file of this package from the module's directory or the
// package's.
func sourceFile(name string) (string, error) {
	for _, dir := range []string{"e2e/conformance", "."} {
		p := filepath.Join(dir, name)
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("%s is not here: run from the module's directory", name)
}
