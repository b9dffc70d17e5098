package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"boxer/runtime/box"
	"boxer/runtime/kernel"
	"boxer/runtime/knob"
	_ "boxer/runtime/translate/dump" // the debug switches ir and wat
)

var reportKnob = knob.New("report", "print at the end what the programs asked for and boxer lacks, and the translator's counters")

// logLine prints a line of boxer's own on standard error, which may be a
// terminal in raw mode.
func logLine(line string) {
	fmt.Fprint(os.Stderr, "boxer: ", strings.ReplaceAll(line, "\n", newline()), newline())
}

func warn(format string, args ...any) { logLine(fmt.Sprintf(format, args...)) }

// printReport is the exit report.
func printReport(b *box.Box) {
	r := b.Report()
	for _, line := range r.Killed {
		warn("report: %s", line)
	}
	if r.Peak > 0 {
		warn("report: the box was seen to hold %d MiB at most", r.Peak>>20)
	}
	for _, part := range []struct {
		what   string
		counts []kernel.Count
	}{{"not supported", r.Unsupported}, {"instruction", r.Instructions}} {
		for _, c := range part.counts {
			warn("report: %s: %s, %d times", part.what, c.Name, c.N)
		}
	}
	stats := b.Stats()
	for _, name := range slices.Sorted(maps.Keys(stats)) {
		warn("report: %s %d", name, stats[name])
	}
}
