package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"boxer/cmd/boxer/site"
	"boxer/cmd/boxer/verify"
	"boxer/runtime/box"
	"boxer/runtime/kernel"
)

// exitDiffers is verify's exit code for boxes that are not equal.
const exitDiffers = 1

// verifyFlags are the flags of `boxer verify`.
type verifyFlags struct {
	siteFlags
	entry, browser string
	interactive    bool
	entrySet       bool
	timeout        time.Duration
}

func newVerify() *cobra.Command {
	f := &verifyFlags{}
	var help bool
	c := &cobra.Command{
		Use:   "verify [OPTIONS] IMAGE [COMMAND] [ARG...]",
		Short: "Run a program here and in a browser, and compare",
		Long: `Run a program here and in a browser, and compare.

COMMAND, or the image's own, runs twice: by boxer, and in a page of a browser on
this machine, without a window. Standard output, standard error, the exit code and
a hash over all of the box's files are compared. The browser is the first of
chromium, chrome, edge and firefox that is there, --browser or $BOXER_BROWSER.

The exit code is 0 when all is equal, 1 when something differs, 125 when one of
the two could not be run. What a program makes of the time or of chance differs
every time.`,
		DisableFlagsInUseLine: true,
		Args:                  needImage("verify"),
		RunE: func(c *cobra.Command, args []string) error {
			f.entrySet = c.Flags().Changed("entrypoint")
			if err := f.check(); err != nil {
				return err
			}
			rows, browser, err := f.run(args)
			if err != nil {
				return &codeError{exitBoxer, err}
			}
			if f.format == "json" {
				if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"browser": browser, "equal": verify.Equal(rows), "rows": rows}); err != nil {
					return err
				}
			} else {
				verify.Print(os.Stdout, rows, browser)
			}
			if !verify.Equal(rows) {
				return &codeError{code: exitDiffers}
			}
			return nil
		},
	}
	s := c.Flags()
	s.SetInterspersed(false)
	s.StringArrayVarP(&f.env, "env", "e", nil, "Set an environment variable: `NAME=value`, or NAME for the host's value")
	s.StringArrayVar(&f.envFile, "env-file", nil, "Read environment variables from a `file`")
	s.StringVarP(&f.workdir, "workdir", "w", "", "Working `directory` in the box")
	s.StringVarP(&f.user, "user", "u", "", "Run as this `user`: a name or uid, with an optional :group")
	s.StringVar(&f.entry, "entrypoint", "", "Run this `program` instead of the image's entrypoint")
	s.StringVarP(&f.memory, "memory", "m", "", "The most memory that the programs may use, such as `256m`")
	s.BoolVarP(&f.interactive, "interactive", "i", false, "Give both programs boxer's standard input, which is read first")
	s.StringVar(&f.platform, "platform", "", "Use the image's variant for this `platform`: linux/arm64 or wasi/wasm")
	s.StringVar(&f.browser, "browser", "", "The browser's `program`")
	s.DurationVar(&f.timeout, "timeout", 5*time.Minute, "How long either may take")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "Show no progress")
	s.StringVar(&f.format, "format", "", "Print the comparison as `json`")
	s.BoolVar(&help, "help", false, "Print this help")
	f.noWarmup, f.tty = true, false
	return c
}

// maxInput and maxOutput bound what verify keeps of a stream, in bytes.
const (
	maxInput  = 16 << 20
	maxOutput = 64 << 20
)

// run runs both boxes.
func (f *verifyFlags) run(args []string) (rows []verify.Row, browser string, err error) {
	b, err := verify.FindBrowser(f.browser)
	if err != nil {
		return nil, "", err
	}
	ctx, stop := interruptible()
	defer stop()
	job := verify.Job{Hostname: "box", User: f.user, WorkDir: f.workdir, Memory: f.memory}
	if f.entrySet {
		job.Entrypoint = []string{f.entry}
		if f.entry == "" {
			return nil, "", errors.New("--entrypoint \"\": a page cannot leave the entrypoint out; name the program")
		}
	}
	if f.interactive {
		data, err := io.ReadAll(io.LimitReader(os.Stdin, maxInput+1))
		if err != nil {
			return nil, "", err
		}
		if len(data) > maxInput {
			return nil, "", fmt.Errorf("standard input has more than %d MiB", maxInput>>20)
		}
		job.Stdin = &data
	}
	cfg, done, err := f.prepare(ctx, args, true)
	if err != nil {
		return nil, "", err
	}
	job.Command, job.Env = cfg.Command, cfg.Env
	tmp, err := os.MkdirTemp("", "boxer-verify-*")
	if err != nil {
		done()
		return nil, "", err
	}
	defer os.RemoveAll(tmp)
	cfg.NoApp = true
	dir := filepath.Join(tmp, "site")
	if _, err = site.Write(ctx, dir, false, *cfg); err != nil {
		done()
		return nil, "", err
	}
	here, err := f.here(ctx, cfg, job)
	done()
	if err != nil {
		return nil, "", fmt.Errorf("here: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", err
	}
	defer root.Close()
	limited, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	there, err := verify.InPage(limited, b, site.NewServer(root.FS(), nil, false), job)
	if err != nil {
		return nil, "", fmt.Errorf("in a page: %w", err)
	}
	return verify.Compare(here, there), there.BrowserName(), nil
}

// here runs the box with this boxer.
func (f *verifyFlags) here(ctx context.Context, cfg *site.Config, job verify.Job) (*verify.Result, error) {
	var stdout, stderr limitedBuffer
	c := box.Config{
		Image: cfg.Image.Spec(), Layers: cfg.Layers, Args: job.Command, Entrypoint: job.Entrypoint, Env: job.Env,
		Hostname: job.Hostname, User: job.User, WorkDir: job.WorkDir, Stdout: &stdout, Stderr: &stderr, Random: rand.Reader, Log: logLine,
	}
	if job.Stdin != nil {
		c.Stdin = bytes.NewReader(*job.Stdin)
	}
	if job.Memory != "" {
		var err error
		if c.Memory, err = parseMemory(job.Memory); err != nil {
			return nil, err
		}
	}
	closeEngine, err := newEngine(cacheDir(), &c)
	if err != nil {
		return nil, err
	}
	defer closeEngine()
	b, err := box.Create(c)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var spawn *kernel.SpawnError
	if err := b.Start(); errors.As(err, &spawn) {
		r := &verify.Result{ExitCode: spawn.ShellCode(), Error: spawn.Error()}
		r.Tree, err = b.TreeHash() // it has a box and its files all the same
		return r, err
	} else if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	status := b.Wait(ctx)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("the program had not ended after %v", f.timeout)
	}
	r := &verify.Result{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), ExitCode: status.ShellCode()}
	if status.Err != nil {
		r.Error = status.Err.Error()
	}
	r.Tree, err = b.TreeHash()
	return r, err
}

// limitedBuffer is a bytes.Buffer that takes maxOutput bytes.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		return 0, fmt.Errorf("the output has more than %d MiB", maxOutput>>20)
	}
	return b.Buffer.Write(p)
}
