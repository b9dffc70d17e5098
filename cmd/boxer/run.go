package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"boxer/runtime/box"
	"boxer/runtime/kernel"
	"boxer/runtime/oci"
)

// runFlags are the flags of `boxer run`, docker's of the same name.
type runFlags struct {
	env, envFile                                  []string
	memory                                        string
	workdir, user, name, platform, host, entry    string
	interactive, tty, remove, rootfs, quiet, help bool
	entrySet                                      bool // --entrypoint "" clears the image's
}

func newRun() *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
		Short: "Run a program of an image in a new box",
		Long: `Run a program of an image in a new box.

IMAGE is an OCI layout directory, an oci-archive or docker-archive tar
(skopeo, podman or docker save), or with --rootfs a directory or tar that
holds a root file system. PATH:NAME picks one of several images. The box starts
with nothing of the host: no network, no files, no environment.

The exit code is the program's; 128+n when signal n ended it; 127 when COMMAND
is not there, 126 when it cannot be executed, 125 when boxer itself failed.`,
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("'boxer run' requires at least 1 argument: an IMAGE")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := refuse(c.Flags()); err != nil {
				return err
			}
			f.entrySet = c.Flags().Changed("entrypoint")
			return run(f, args)
		},
	}
	s := c.Flags()
	s.SetInterspersed(false) // what follows IMAGE belongs to the command
	s.StringArrayVarP(&f.env, "env", "e", nil, "Set an environment variable: `NAME=value`, or NAME for the host's value")
	s.StringArrayVar(&f.envFile, "env-file", nil, "Read environment variables from a `file`")
	s.StringVarP(&f.workdir, "workdir", "w", "", "Working `directory` in the box")
	s.StringVarP(&f.user, "user", "u", "", "Run as this `user`: a name or uid, with an optional :group")
	s.BoolVarP(&f.interactive, "interactive", "i", false, "Give the program boxer's standard input")
	s.BoolVarP(&f.tty, "tty", "t", false, "Give the program a terminal")
	s.StringVar(&f.entry, "entrypoint", "", "Run this `program` instead of the image's entrypoint")
	s.StringVar(&f.name, "name", "", "Give the box a `name`")
	s.BoolVar(&f.remove, "rm", false, "Remove the box when it ends (this version keeps none)")
	s.StringVar(&f.platform, "platform", "", "Run the image's variant for this `platform`: linux/arm64 or wasi/wasm")
	s.BoolVar(&f.rootfs, "rootfs", false, "IMAGE is a root file system: a directory or a tar")
	s.StringVarP(&f.host, "hostname", "h", "", "The box's host `name`")
	s.StringVarP(&f.memory, "memory", "m", "", "Most memory that the box may hold, its files included: a `size` like 256m or 1g")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "Show no progress")
	s.BoolVar(&f.help, "help", false, "Print this help")
	addRefused(s)
	return c
}

// validName is docker's rule for names of containers.
var validName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`)

// maxHostname is HOST_NAME_MAX, gethostname(2).
const maxHostname = 64

func (f *runFlags) check() error {
	switch {
	case f.name != "" && !validName.MatchString(f.name):
		return usagef("invalid box name (%s), only %s are allowed", f.name, strings.Trim(validName.String(), "^$"))
	case len(f.host) > maxHostname:
		return usagef("invalid hostname: %s is longer than %d characters", f.host, maxHostname)
	case f.workdir != "" && !strings.HasPrefix(f.workdir, "/"):
		return usagef("the working directory '%s' is invalid, it needs to be an absolute path", f.workdir)
	case f.tty && f.interactive && !term.IsTerminal(int(os.Stdin.Fd())):
		return &codeError{exitBoxer, errors.New("the input device is not a TTY: leave -t out to use standard input as it is")}
	}
	return nil
}

// run is `boxer run`: it ends with the program's exit code.
func run(f *runFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	env, err := environment(f.envFile, f.env)
	if err != nil {
		return &codeError{exitBoxer, err}
	}
	dir := cacheDir()
	cfg := box.Config{
		Args:     args[1:],
		Env:      env,
		WorkDir:  f.workdir,
		User:     f.user,
		Hostname: f.host,
		Random:   rand.Reader,
		Stdout:   guarded(os.Stdout),
		Stderr:   guarded(os.Stderr),
		Log:      logLine,
	}
	if f.memory != "" {
		if cfg.Memory, err = parseMemory(f.memory); err != nil {
			return &codeError{exitBoxer, fmt.Errorf("--memory: %w", err)}
		}
	}
	if f.entrySet {
		cfg.Entrypoint = []string{}
		if f.entry != "" {
			cfg.Entrypoint = []string{f.entry}
		}
	}
	if f.interactive {
		cfg.Stdin = os.Stdin
	}
	closeImage, err := openImage(f, args[0], dir, &cfg)
	if err != nil {
		return &codeError{exitBoxer, err}
	}
	defer closeImage()
	status, err := runBox(f, cfg, dir)
	if err != nil {
		return err
	}
	if status.Err != nil {
		return &codeError{exitBoxer, status.Err}
	}
	if code := status.ShellCode(); code != 0 {
		return &codeError{code: code}
	}
	return nil
}

// openImage finds what arg means and hands it to the box.
func openImage(f *runFlags, arg, dir string, cfg *box.Config) (closeImage func(), err error) {
	if f.rootfs {
		cfg.RootFS, err = oci.OpenRootFS(arg, layerCache(dir))
		return func() {}, err // the box closes it
	}
	image, layers, err := openLayers(arg, f.platform, dir, f.quiet)
	if err != nil {
		return nil, err
	}
	cfg.Image, cfg.Layers = image.Spec(), layers
	return func() { image.Close() }, nil
}

// layerCache is where unpacked layers are kept; nil where there is no such place.
func layerCache(dir string) *oci.Cache {
	if dir == "" {
		return nil
	}
	cache, err := oci.OpenCache(filepath.Join(dir, "images"), 0)
	if err != nil {
		warn("%v; going on without it", err)
		return nil
	}
	return cache
}

// openLayers opens the image that arg means, with all its layers: unpacking
// happens here, so that its progress is shown and done with before anything else is
// written to the terminal.
func openLayers(arg, platform, dir string, quiet bool) (*oci.Image, []*oci.Tar, error) {
	opt := oci.Options{Cache: layerCache(dir)}
	if platform != "" {
		var err error
		if opt.Platform, err = oci.ParsePlatform(platform); err != nil {
			return nil, nil, fmt.Errorf("--platform: %w", err)
		}
		if !opt.Platform.Supported() {
			return nil, nil, fmt.Errorf("--platform %s: boxer runs linux/arm64 and wasi/wasm programs", platform)
		}
	}
	ref, err := parseImageRef(arg)
	if err != nil {
		return nil, nil, err
	}
	opt.Reference = ref.reference
	if !quiet {
		p := newProgress()
		opt.Progress = p.report
		defer p.clear()
	}
	image, err := oci.Open(ref.path, opt)
	if err != nil {
		return nil, nil, err
	}
	layers, err := image.OpenLayers()
	if err != nil {
		image.Close()
		return nil, nil, err
	}
	return image, layers, nil
}

// runBox makes the box, connects terminal and signals, and waits for its end.
func runBox(f *runFlags, cfg box.Config, dir string) (kernel.ExitStatus, error) {
	closeEngine, err := newEngine(dir, &cfg)
	if err != nil {
		return kernel.ExitStatus{}, &codeError{exitBoxer, err}
	}
	defer closeEngine()

	var tty *terminal
	if f.tty {
		if tty, err = openTerminal(f.interactive); err != nil {
			return kernel.ExitStatus{}, &codeError{exitBoxer, err}
		}
		defer tty.restore()
		cfg.TTY = tty.tty()
	}
	b, err := box.Create(cfg)
	if err != nil {
		return kernel.ExitStatus{}, startError(err)
	}
	defer b.Close()
	signals := catchSignals(tty)
	if err := b.Start(); err != nil {
		signal.Stop(signals)
		return kernel.ExitStatus{}, startError(err)
	}
	stop := forwardSignals(signals, b, tty)
	defer stop()
	status := b.Wait(context.Background())
	if reportKnob.Enabled() {
		printReport(b)
	}
	return status, nil
}

// startError gives an error that kept the program from starting docker's
// exit code.
func startError(err error) error {
	var spawn *kernel.SpawnError
	if !errors.As(err, &spawn) {
		return &codeError{exitBoxer, err}
	}
	return &codeError{spawn.ShellCode(), spawn}
}

// cacheDir is where boxer keeps unpacked layers and compiled code: none where
// the user has no home.
func cacheDir() string {
	if dir := os.Getenv("BOXER_CACHE_DIR"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "boxer")
}

// never is a reader without input and without end: the keyboard of a terminal
// that was not given one.
type never struct{ io.Reader }

func (never) Read([]byte) (int, error) { select {} }
