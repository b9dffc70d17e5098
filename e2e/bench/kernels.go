package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A runner is a way to execute a guest program.
type runner struct {
	name string
	// command runs prog (a path in the rootfs) with args.
	command func(ctx context.Context, prog string, args ...string) *exec.Cmd
}

// limit ends a run that hangs; the slowest kernel takes a few seconds.
const limit = 2 * time.Minute

// findRunners returns the runners of o.with that work here; the others become
// notes.
func (rep *report) findRunners(o options, p *programs) []runner {
	var rs []runner
	boxer, _ := filepath.Abs(o.boxer)
	for _, name := range o.with {
		var r runner
		var err error
		switch name {
		case "native":
			r = runner{name, func(ctx context.Context, prog string, args ...string) *exec.Cmd {
				return exec.CommandContext(ctx, filepath.Join(p.native, prog), args...)
			}}
		case "qemu":
			r = runner{name, func(ctx context.Context, prog string, args ...string) *exec.Cmd {
				return exec.CommandContext(ctx, "qemu-aarch64", append([]string{filepath.Join(p.rootfs, prog)}, args...)...)
			}}
		case "boxer":
			var env []string
			env, err = ownCache(boxer, o.work)
			r = runner{name, func(ctx context.Context, prog string, args ...string) *exec.Cmd {
				cmd := exec.CommandContext(ctx, boxer, append([]string{"run", "--rootfs", p.rootfs, prog}, args...)...)
				cmd.Env = env
				return cmd
			}}
		case "v8":
			err = p.buildNode(o.work)
			r = runner{name, func(ctx context.Context, prog string, args ...string) *exec.Cmd {
				return nodeCommand(ctx, p, append([]string{prog}, args...))
			}}
		case "chromium":
			if o.cpu {
				err = fmt.Errorf("its processor time is the browser's")
			} else if p.page, err = startPage(p, o.work); err == nil {
				r = runner{name, p.page.command}
			}
		default:
			err = fmt.Errorf("no such runner")
		}
		if err == nil {
			_, err = r.output("/hello")
		}
		if err != nil {
			rep.Notes = append(rep.Notes, fmt.Sprintf("no %s: %s", name, firstLine(err)))
			continue
		}
		rs = append(rs, r)
	}
	return rs
}

// ownCache gives each build of boxer a cache directory of its own, so that no
// translation of another is measured.
func ownCache(boxer, work string) (env []string, err error) {
	text, err := os.ReadFile(boxer)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(work, fmt.Sprintf("cache-%.6x", sha256.Sum256(text)))
	if old, err := filepath.Glob(filepath.Join(work, "cache-*")); err == nil {
		for _, d := range old {
			if d != dir {
				os.RemoveAll(d)
			}
		}
	}
	return append(os.Environ(), "BOXER_CACHE_DIR="+dir), nil
}

// output runs a program to its end and returns what it printed.
func (r runner) output(prog string, args ...string) (string, error) {
	out, _, err := r.measured(prog, args...)
	return out, err
}

// measured also returns the processor time that the runner's process took.
func (r runner) measured(prog string, args ...string) (string, time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := r.command(ctx, prog, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", 0, fmt.Errorf("%s: %s %s: %w: %s", r.name, prog, strings.Join(args, " "), err, bytes.TrimSpace(errs.Bytes()))
	}
	return out.String(), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// runKernels times every selected kernel under every runner, one runner
// after the other for each kernel, so that a busy moment of the machine hits
// all of them.
func (rep *report) runKernels(o options, p *programs, runners []runner) error {
	list, err := listKernels(p)
	if err != nil {
		return err
	}
	for _, k := range list {
		if !o.kernels.MatchString(k.Name) {
			continue
		}
		k.Times = map[string]*timing{}
		failed := map[string]bool{}
		for range o.runs {
			for _, r := range runners {
				if failed[r.name] {
					continue
				}
				sum, t, err := r.kernel(k.prog, k.Name, o)
				if err == nil && k.Sum == "" {
					k.Sum = sum
				}
				if err == nil && sum != k.Sum {
					err = fmt.Errorf("%s: %s: checksum %s, %s gave %s", r.name, k.Name, sum, runners[0].name, k.Sum)
				}
				if err != nil {
					failed[r.name] = true
					delete(k.Times, r.name)
					rep.Wrong = append(rep.Wrong, err.Error())
					continue
				}
				k.Times[r.name] = t.min(k.Times[r.name])
			}
		}
		rep.Kernels = append(rep.Kernels, k)
		fmt.Fprintf(os.Stderr, "%s", rep.line(k))
	}
	return nil
}

// listKernels asks the native programs for their kernels.
func listKernels(p *programs) ([]kernel, error) {
	var ks []kernel
	for _, prog := range []string{"bench", "gokernels"} {
		out, err := exec.Command(filepath.Join(p.native, prog), "list").Output()
		if err != nil {
			return nil, fmt.Errorf("%s list: %w", prog, err)
		}
		for line := range strings.Lines(string(out)) {
			f := strings.Fields(line)
			k := kernel{Name: f[0], Kind: "go", prog: "/" + prog}
			if len(f) > 1 {
				k.Kind = f[1]
			}
			ks = append(ks, k)
		}
	}
	return ks, nil
}

// kernel runs one kernel and parses its line: name checksum best first.
func (r runner) kernel(prog, name string, o options) (sum string, t timing, err error) {
	if o.cpu {
		return r.kernelCPU(prog, name, o.reps)
	}
	out, _, err := r.measured(prog, "-r", strconv.Itoa(o.reps), name)
	if err != nil {
		return "", t, err
	}
	return parseKernel(r, name, out)
}

// kernelCPU measures processor time: that of a run with more repetitions less
// that of one with fewer, for each of those between. The first run fills caches.
func (r runner) kernelCPU(prog, name string, reps int) (sum string, t timing, err error) {
	const few = 2
	var took [3]time.Duration
	var out string
	for i, n := range []int{few, few + reps, few} {
		if out, took[i], err = r.measured(prog, "-r", strconv.Itoa(n), name); err != nil {
			return "", t, err
		}
		if i == 0 {
			if sum, t, err = parseKernel(r, name, out); err != nil {
				return "", t, err
			}
		}
	}
	t.Best = max(1, int64(took[1]-min(took[0], took[2]))/int64(reps))
	return sum, t, nil
}

func parseKernel(r runner, name, out string) (sum string, t timing, err error) {
	f := strings.Fields(out)
	if len(f) != 4 || f[0] != name {
		return "", t, fmt.Errorf("%s: %s printed %q", r.name, name, out)
	}
	best, err1 := strconv.ParseInt(f[2], 10, 64)
	first, err2 := strconv.ParseInt(f[3], 10, 64)
	if err1 != nil || err2 != nil {
		return "", t, fmt.Errorf("%s: %s printed %q", r.name, name, out)
	}
	return f[1], timing{best, first}, nil
}
