package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A report is what one run of bench found; its JSON is the file of -o.
type report struct {
	Runners []string `json:"runners"`
	Kernels []kernel `json:"kernels"`
	Means   []mean   `json:"means"`
	Rows    []row    `json:"rows"`            // everything that is not a kernel
	Notes   []string `json:"notes,omitempty"` // what was left out
	Wrong   []string `json:"wrong,omitempty"` // kernels that failed or gave another checksum
}

type kernel struct {
	Name  string             `json:"name"`
	Kind  string             `json:"kind"` // see guest/bench.h; go
	Sum   string             `json:"checksum"`
	Times map[string]*timing `json:"times"` // by runner
	prog  string
}

// A timing is in nanoseconds.
type timing struct {
	Best  int64 `json:"best"`  // of all repetitions
	First int64 `json:"first"` // the fastest of the first repetitions of a process
}

func (t timing) min(u *timing) *timing {
	if u != nil {
		t.Best, t.First = min(t.Best, u.Best), min(t.First, u.First)
	}
	return &t
}

// A mean is the geometric mean of a runner's time over a base's, for one
// group of kernels.
type mean struct {
	Group  string  `json:"group"`
	Runner string  `json:"runner"`
	Base   string  `json:"base"`
	Ratio  float64 `json:"ratio"`
	N      int     `json:"n"`
	Goal   string  `json:"goal,omitempty"`
	Met    bool    `json:"met,omitempty"`
}

// A row is a figure that belongs to no kernel.
type row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  string  `json:"goal,omitempty"`
	Met   bool    `json:"met,omitempty"`
}

// groups are the sets of kernels that means are taken over. What lives on
// fused multiply-add or on the C library's assembly is in none of the first
// two (guest/bench.h says why).
var groups = []struct {
	name string
	has  func(kind string) bool
}{
	{"all", func(k string) bool { return k != "fma" && k != "libc" }},
	{"loop", func(k string) bool { return k == "loop" }},
	{"call", func(k string) bool { return k == "call" }},
	{"fp", func(k string) bool { return k == "fp" }},
	{"simd", func(k string) bool { return k == "simd" }},
	{"lib", func(k string) bool { return k == "lib" }},
	{"go", func(k string) bool { return k == "go" }},
	{"fma", func(k string) bool { return k == "fma" }},
	{"libc", func(k string) bool { return k == "libc" }},
}

// goals are upper limits of means.
var goals = []struct {
	group, runner, base string
	limit               float64
}{
	{"all", "boxer", "native", 2.7},
	{"all", "boxer", "qemu", 1 / 1.7},
	{"all", "v8", "native", 1.7},
	{"all", "chromium", "native", 1.7},
	{"fma", "boxer", "qemu", 1.5},
}

// line is a kernel's line of the table: milliseconds for the first runner,
// then each runner's time as a multiple of it, then qemu's time as a multiple
// of boxer's.
func (rep *report) line(k kernel) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %-5s", k.Name, k.Kind)
	for i, name := range rep.Runners {
		t := k.Times[name]
		switch base := k.Times[rep.Runners[0]]; {
		case t == nil:
			fmt.Fprintf(&b, " %9s", "failed")
		case i == 0:
			fmt.Fprintf(&b, " %7.2fms", float64(t.Best)/1e6)
		case base == nil:
			fmt.Fprintf(&b, " %7.2fms", float64(t.Best)/1e6)
		default:
			fmt.Fprintf(&b, " %8.2fx", float64(t.Best)/float64(base.Best))
		}
	}
	if q, x := k.Times["qemu"], k.Times["boxer"]; q != nil && x != nil {
		fmt.Fprintf(&b, " %8.2fx", float64(q.Best)/float64(x.Best))
	}
	return b.String() + "\n"
}

// takeMeans fills Means: every runner over native and over qemu, by group.
func (rep *report) takeMeans() {
	rep.Means = nil
	for _, g := range groups {
		for _, base := range []string{"native", "qemu"} {
			for _, r := range rep.Runners {
				if r == base || r == "native" {
					continue
				}
				m := mean{Group: g.name, Runner: r, Base: base}
				sum := 0.0
				for _, k := range rep.Kernels {
					if t, u := k.Times[r], k.Times[base]; g.has(k.Kind) && t != nil && u != nil {
						sum += math.Log(float64(t.Best) / float64(u.Best))
						m.N++
					}
				}
				if m.N == 0 {
					continue
				}
				m.Ratio = math.Exp(sum / float64(m.N))
				for _, goal := range goals {
					if goal.group == g.name && goal.runner == r && goal.base == base {
						m.Goal, m.Met = fmt.Sprintf("at most %.2f", goal.limit), m.Ratio <= goal.limit
					}
				}
				rep.Means = append(rep.Means, m)
			}
		}
	}
}

// print writes the table.
func (rep *report) print(w io.Writer) {
	rep.takeMeans()
	fmt.Fprintf(w, "%-12s %-5s", "kernel", "kind")
	for _, r := range rep.Runners {
		fmt.Fprintf(w, " %9s", r)
	}
	if slices.Contains(rep.Runners, "qemu") && slices.Contains(rep.Runners, "boxer") {
		fmt.Fprintf(w, " %9s", "over qemu")
	}
	fmt.Fprintln(w)
	for _, k := range rep.Kernels {
		io.WriteString(w, rep.line(k))
	}
	if len(rep.Means) > 0 {
		fmt.Fprintf(w, "\ngeometric means (time as a multiple of the base's)\n")
	}
	for _, m := range rep.Means {
		fmt.Fprintf(w, "%-5s %-8s over %-7s %8.2f  of %-3d%s\n", m.Group, m.Runner, m.Base, m.Ratio, m.N, verdict(m.Goal, m.Met))
	}
	if len(rep.Rows) > 0 {
		fmt.Fprintln(w)
	}
	for _, r := range rep.Rows {
		fmt.Fprintf(w, "%-44s %12.2f %s%s\n", r.Name, r.Value, r.Unit, verdict(r.Goal, r.Met))
	}
	for _, n := range rep.Notes {
		fmt.Fprintln(w, "note:", n)
	}
	for _, n := range rep.Wrong {
		fmt.Fprintln(w, "WRONG:", n)
	}
}

func verdict(goal string, met bool) string {
	switch {
	case goal == "":
		return ""
	case met:
		return "  (goal: " + goal + ")"
	}
	return "  (goal: " + goal + "; MISSED)"
}
