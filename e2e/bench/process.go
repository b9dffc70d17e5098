package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// measureProcesses fills Rows: whole processes, system calls, and a box's
// memory over many short processes. A figure that cannot be had is a note.
func (rep *report) measureProcesses(p *programs, runners []runner) {
	byName := map[string]runner{}
	for _, r := range runners {
		byName[r.name] = r
	}
	note := func(err error) {
		if err != nil {
			rep.Notes = append(rep.Notes, firstLine(err))
		}
	}
	// Nanoseconds a system call: the loop runs long enough to hide its start.
	for _, call := range []struct{ arg, name string }{{"getpid", "getpid"}, {"read", "read of 4 KiB"}} {
		for _, r := range runners {
			out, err := r.output("/bench", call.arg, "300000")
			if ns, perr := strconv.ParseFloat(strings.TrimSpace(out), 64); err == nil && perr == nil {
				rep.Rows = append(rep.Rows, row{Name: r.name + " " + call.name, Value: ns, Unit: "ns"})
			} else {
				note(err)
			}
		}
	}
	boxer, ok := byName["boxer"]
	if !ok {
		return
	}
	v := boxer.command(context.Background(), "/")
	if d, err := median(15, func() *exec.Cmd { return exec.Command(v.Path, "version") }); err == nil {
		rep.add("boxer version", ms(d), "ms", 8)
	} else {
		note(err)
	}
	qemu, hasQemu := byName["qemu"]
	for _, c := range []struct {
		name string
		goal float64 // ms; 0: twice qemu's
		prog string
		args []string
	}{
		{"hello in C", 60, "/hello", nil},
		{"hello in Go", 60, "/hellogo", nil},
		{"busybox echo", 0, "/bin/busybox", []string{"echo", "hi"}},
	} {
		if _, err := os.Stat(filepath.Join(p.rootfs, c.prog)); err != nil {
			continue
		}
		d, err := median(11, func() *exec.Cmd { return boxer.command(context.Background(), c.prog, c.args...) })
		if err != nil {
			note(err)
			continue
		}
		goal := c.goal
		if hasQemu {
			q, err := median(11, func() *exec.Cmd { return qemu.command(context.Background(), c.prog, c.args...) })
			if err == nil {
				rep.Rows = append(rep.Rows, row{Name: c.name + ", whole process under qemu", Value: ms(q), Unit: "ms"})
				if goal == 0 {
					goal = 2 * ms(q)
				}
			}
		}
		rep.add(c.name+", whole process, cached", ms(d), "ms", goal)
	}
	note(rep.manyProcesses(boxer))
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// add appends a row whose goal is an upper limit.
func (rep *report) add(name string, v float64, unit string, goal float64) {
	r := row{Name: name, Value: v, Unit: unit}
	if goal > 0 {
		r.Goal, r.Met = fmt.Sprintf("at most %.3g", goal), v <= goal
	}
	rep.Rows = append(rep.Rows, r)
}

// median is the median wall time of n runs of a command, after one that is
// not counted (it fills the caches).
func median(n int, command func() *exec.Cmd) (time.Duration, error) {
	var ds []time.Duration
	for i := range n + 1 {
		cmd := command()
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, out)
		}
		if i > 0 {
			ds = append(ds, time.Since(start))
		}
	}
	slices.Sort(ds)
	return ds[n/2], nil
}

// manyProcesses runs 2,000 short processes one after another in one box and
// compares boxer's resident memory after the first 400 and at the end.
func (rep *report) manyProcesses(boxer runner) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := boxer.command(ctx, "/bin/sh", "-c",
		`i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i+1)); [ $((i%400)) = 0 ] && echo $i; done`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	var rss []float64
	for lines := bufio.NewScanner(out); lines.Scan(); {
		rss = append(rss, residentMiB(cmd.Process.Pid))
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("2,000 processes: %w", err)
	}
	if len(rss) != 5 {
		return fmt.Errorf("2,000 processes: %d of 5 progress lines", len(rss))
	}
	rep.Rows = append(rep.Rows,
		row{Name: "2,000 processes, each", Value: ms(time.Since(start)) / 2000, Unit: "ms"},
		row{Name: "2,000 processes, boxer's memory at the end", Value: rss[4], Unit: "MiB"})
	rep.add("2,000 processes, growth since the 400th", 100*(rss[4]/rss[0]-1), "%", 10)
	return nil
}

// residentMiB is a process's resident memory (proc(5), status).
func residentMiB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb / 1024
		}
	}
	return 0
}
