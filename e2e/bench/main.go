// Bench measures boxer: the kernels of guest/ as arm64 programs, timed inside
// the guest, against qemu-aarch64 and against the same source compiled
// natively, all in one interleaved run; then whole processes, system calls and
// compile latency. It prints a table with ratios and, with -o, JSON.
//
//	go run ./e2e/bench                          everything
//	go run ./e2e/bench -kernels 'sha|lua'       some kernels
//	go run ./e2e/bench -with native,qemu        some runners
//
// It needs gcc and aarch64-linux-gnu-gcc of one version, and qemu-aarch64;
// the library kernels need apt (package debian). What is missing is left out
// by name.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"boxer/e2e/pagerun"
)

func main() {
	var o options
	flag.IntVar(&o.runs, "runs", 3, "interleaved runs; the fastest of them counts")
	flag.IntVar(&o.reps, "reps", 10, "repetitions of a kernel in one run; the fastest counts. V8 compiles hot code a second time, behind the first few")
	kernels := flag.String("kernels", ".", "`regexp` of the kernels to run")
	with := flag.String("with", "native,qemu,boxer,v8,chromium", "runners, `list` of native, qemu, boxer, v8 (Node), chromium (a page)")
	flag.StringVar(&o.boxer, "boxer", "bin/boxer", "the boxer binary")
	flag.StringVar(&o.work, "work", defaultWork(), "`directory` for built programs and fetched libraries")
	flag.BoolVar(&o.processes, "processes", true, "measure whole processes, system calls and compile latency too")
	clock := flag.String("clock", "guest", "what times kernels: guest (its own clock), or cpu (processor time, for a busy machine)")
	out := flag.String("o", "", "write JSON to `file`")
	server := flag.String("page", "", "stand for boxer: run what follows in the page behind this `address`")
	flag.Parse()
	if *server != "" {
		os.Exit(pagerun.Main(*server, flag.Args()))
	}
	o.kernels = regexp.MustCompile(*kernels)
	o.with = strings.Split(*with, ",")
	o.cpu = *clock == "cpu"

	rep, err := bench(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	rep.print(os.Stdout)
	if *out != "" {
		text, _ := json.MarshalIndent(rep, "", "  ")
		if err := os.WriteFile(*out, append(text, '\n'), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
	if len(rep.Wrong) > 0 {
		os.Exit(1)
	}
}

type options struct {
	runs, reps  int
	kernels     *regexp.Regexp
	with        []string
	boxer, work string
	processes   bool
	cpu         bool // processor time instead of the guest's clock
}

func defaultWork() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "boxer-bench")
}

func bench(o options) (*report, error) {
	progs, err := build(o.work)
	if err != nil {
		return nil, err
	}
	rep := &report{Notes: progs.notes}
	defer func() {
		if progs.page != nil {
			progs.page.close()
		}
	}()
	runners := rep.findRunners(o, progs)
	if len(runners) == 0 {
		return nil, fmt.Errorf("none of the runners %v is available: %s", o.with, strings.Join(rep.Notes, "; "))
	}
	for _, r := range runners {
		rep.Runners = append(rep.Runners, r.name)
	}
	if err := rep.runKernels(o, progs, runners); err != nil {
		return nil, err
	}
	if o.processes {
		rep.measureProcesses(progs, runners)
		rep.measureLatency(progs)
		rep.measurePage(o, progs)
	}
	return rep, nil
}
