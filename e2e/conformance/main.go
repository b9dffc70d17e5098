// Conformance holds boxer's translation of A64 instructions to what
// qemu-aarch64 makes of them.
//
//	go run ./e2e/conformance                      4,000,000 states over all lifted rows
//	go run ./e2e/conformance -row FMADD -n 100000 -seed 7
//	go run ./e2e/conformance -mode precise        any FPCR, and FPSR is compared
//	go run ./e2e/conformance -judge v8            boxer in Node, with the page's engine
//	go run ./e2e/conformance -level -mode vectors,vectors-precise
//	                                              all floating-point operands, of every row
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
	var c config
	flag.IntVar(&c.n, "n", 4_000_000, "number of states, over all rows and modes")
	flag.IntVar(&c.states, "states", 0, "states that each random instruction starts from (default 16; 64 on V8, where the translator is slower)")
	flag.Uint64Var(&c.seed, "seed", 1, "seed of instructions and states")
	flag.IntVar(&c.first, "first", 0, "number of the first instruction of each row")
	flag.StringVar(&c.rows, "row", "", "`regexp` of the rows (default all)")
	flag.StringVar(&c.modes, "mode", strings.Join(modeNames[:], ","), "`list` of floating-point modes")
	flag.StringVar(&c.judge, "judge", "boxer", "what is held to the oracle: boxer (on wazero), v8 (boxer in Node), or oracle (a second qemu)")
	flag.StringVar(&c.form, "form", "fast", "boxer's form of memory accesses: fast or precise")
	flag.BoolVar(&c.level, "level", false, "in the vectors modes: every tuple of operands for every row in both formats (-n does not count)")
	flag.BoolVar(&c.record, "record", false, "write the recorded set instead")
	serving := flag.Bool("serve", false, "be a judge: read batches from standard input")
	flag.IntVar(&c.show, "show", 1, "mismatches shown of each row")
	flag.Parse()
	if c.states == 0 {
		c.states = 16
		if c.judge == "v8" {
			c.states = 64
		}
	}
	if *serving {
		if err := serve(c, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "conformance:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(c); err != nil {
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

type config struct {
	n, states, first, show int
	seed                   uint64
	rows, modes, judge     string
	form                   string
	record, level          bool
}

func run(c config) error {
	rows, err := pickRows(c.rows)
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
	truth, err := startQemu(bin)
	if err != nil {
		return err
	}
	defer truth.close()
	if c.record {
		path, err := sourceFile("testdata")
		if err != nil {
			return err
		}
		return record(truth, rows, filepath.Join(path, filepath.Base(recordFile)))
	}
	tested, done, err := newJudge(c, bin)
	if err != nil {
		return err
	}
	defer done()
	rep := newTally(c.show)
	names := strings.Split(c.modes, ",")
	for _, name := range names {
		start := time.Now()
		p := plan{seed: c.seed, first: c.first, states: c.states, level: c.level}
		if p.mode, err = modeNamed(name); err != nil {
			return err
		}
		for _, row := range rows {
			if p.mode.applies(row) {
				p.rows = append(p.rows, row)
			}
		}
		if len(p.rows) == 0 {
			continue
		}
		p.slots = max(1, c.n/len(names)/c.states/len(p.rows))
		if c.level {
			if !p.mode.vectors() {
				return fmt.Errorf("-level is for -mode vectors and vectors-precise, not %s", name)
			}
			p.slots = levelSlots(c.states)
		}
		before, wrong := rep.states, rep.wrong
		err := p.batches(func(b *Batch) error {
			var want []State
			var werr error
			asked := make(chan struct{})
			go func() {
				want, werr = truth.run(b)
				close(asked)
			}()
			got, err := tested.run(b)
			if <-asked; werr != nil {
				return werr
			}
			if err != nil {
				return err
			}
			rep.compare(c, b, want, got)
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Printf("%-15s %8d states, %3d rows, %5.1f s: %d differ\n", name, rep.states-before, len(p.rows), time.Since(start).Seconds(), rep.wrong-wrong)
	}
	rep.print(os.Stdout)
	if rep.wrong > 0 {
		return fmt.Errorf("%d of %d states differ", rep.wrong, rep.states)
	}
	return nil
}

// newJudge makes what is held to the oracle.
func newJudge(c config, oracleBin string) (tested judge, done func() error, err error) {
	if c.judge == "oracle" {
		o, err := startQemu(oracleBin)
		if err != nil {
			return nil, nil, err
		}
		return o, o.close, nil
	}
	if c.judge == "v8" {
		o, err := startNode(c, filepath.Dir(oracleBin))
		if err != nil {
			return nil, nil, err
		}
		return o, o.close, nil
	}
	if c.judge != "boxer" || c.form != "fast" && c.form != "precise" {
		return nil, nil, fmt.Errorf("no judge %s, form %s", c.judge, c.form)
	}
	m, err := newMachine(c.form == "precise")
	if err != nil {
		return nil, nil, err
	}
	return m, m.eng.Close, nil
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
