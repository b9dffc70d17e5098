package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"boxer/cmd/boxer/site"
	"boxer/cmd/boxer/webdist"
	"boxer/runtime/abi"
)

// siteFlags say what a page shows and runs; export and serve have them.
type siteFlags struct {
	env, envFile                              []string
	name, title, about, memory, user, workdir string
	persist, platform, format                 string
	tty, noWarmup, quiet                      bool
}

func (f *siteFlags) add(s *pflag.FlagSet) {
	s.SetInterspersed(false) // what follows IMAGE belongs to the command
	s.StringArrayVarP(&f.env, "env", "e", nil, "Set an environment variable: `NAME=value`, or NAME for the host's value")
	s.StringArrayVar(&f.envFile, "env-file", nil, "Read environment variables from a `file`")
	s.StringVarP(&f.workdir, "workdir", "w", "", "Working `directory` in the box")
	s.StringVarP(&f.user, "user", "u", "", "Run as this `user`: a name or uid, with an optional :group")
	s.BoolVarP(&f.tty, "tty", "t", true, "Give the program a terminal")
	s.StringVarP(&f.memory, "memory", "m", "", "The most memory that the box's programs may use in the page, such as `256m`")
	s.StringVar(&f.persist, "persist", "", "Keep what the box writes in the visitor's browser, under this `name`")
	s.StringVar(&f.name, "name", "", "The image's `name` in what is written; its own if not given")
	s.StringVar(&f.title, "title", "", "The page's `title`")
	s.StringVar(&f.about, "about", "", "A `sentence` below it")
	s.StringVar(&f.platform, "platform", "", "Use the image's variant for this `platform`: linux/arm64 or wasi/wasm")
	s.BoolVar(&f.noWarmup, "no-warmup", false, "Do not run the program to find out what it needs: no translations travel along")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "Show no progress")
	s.StringVar(&f.format, "format", "", "Print what was done as `json`")
}

func (f *siteFlags) check() error {
	if f.format != "" && f.format != "json" {
		return usagef("--format %s: only json is there", f.format)
	}
	if f.memory != "" {
		if _, err := parseMemory(f.memory); err != nil {
			return usagef("--memory: %v", err)
		}
	}
	if f.workdir != "" && !strings.HasPrefix(f.workdir, "/") {
		return usagef("the working directory '%s' is invalid, it needs to be an absolute path", f.workdir)
	}
	return nil
}

// prepare opens the image and warms it up. Its caller calls done at the end.
func (f *siteFlags) prepare(ctx context.Context, args []string, needPage bool) (cfg *site.Config, done func(), err error) {
	cfg = &site.Config{
		Generator: "boxer " + version, Name: f.name, Title: f.title, About: f.about,
		Memory: f.memory, User: f.user, WorkDir: f.workdir, TTY: f.tty, Persist: f.persist,
	}
	if needPage {
		if cfg.Page, err = webdist.Files(); err != nil {
			return nil, nil, err
		}
	}
	if cfg.Env, err = environment(f.envFile, f.env); err != nil {
		return nil, nil, err
	}
	for _, e := range cfg.Env {
		if !strings.Contains(e, "=") {
			return nil, nil, fmt.Errorf("--env %s: it is not set here, and a page cannot take a variable away", e)
		}
	}
	if len(args) > 1 {
		cfg.Command = args[1:]
	}
	dir := cacheDir()
	image, layers, err := openLayers(args[0], f.platform, dir, f.quiet)
	if err != nil {
		return nil, nil, err
	}
	done = func() {
		for _, l := range layers {
			l.Close()
		}
		image.Close()
	}
	cfg.Image, cfg.Layers = image, layers
	if cfg.Name == "" && image.Name() != args[0] {
		cfg.Name = image.Name()
	}
	if cfg.Title == "" && cfg.Name == "" {
		cfg.Title = strings.TrimSuffix(nameToFile(args[0]), ".tar")
	}
	if cfg.About == "" {
		cfg.About = image.Config().Labels["org.opencontainers.image.description"]
	}
	if !f.noWarmup {
		if err := warmUp(ctx, cfg, dir, f.quiet); err != nil {
			warn("%v; the page will translate its programs itself", err)
		}
	}
	if !f.quiet {
		p := newProgress()
		p.what = "packing the image"
		cfg.Progress = func(done, total int64) { p.report("", done, total) }
		closeImage := done
		done = func() { p.clear(); closeImage() }
	}
	return cfg, done, nil
}

func newExport() *cobra.Command {
	f := &siteFlags{}
	var web, html, archive string
	var force, offline, help bool
	c := &cobra.Command{
		Use:   "export [OPTIONS] (--web DIR | --html FILE | --box FILE) IMAGE [COMMAND] [ARG...]",
		Short: "Write an image as a web site, as one HTML file, or as a file",
		Long: `Write an image as a web site, as one HTML file, or as a file.

--web DIR writes a static site that any web server can host: a page that runs
COMMAND (or the image's own) in a terminal, boxer.js for pages of your own, and
the image as an OCI layout in DIR/image/. A server needs no special header. One
that has ranges (nearly all have) lets the page fetch only what it uses.

--html FILE writes the same as one file, which opens from disk too.
--box FILE writes the image alone, as an oci-archive (skopeo, podman and docker
read it).

The program runs once here, until it waits for input or ends, to find out what
a page needs first: translations of the code it executed travel with the image.

An earlier export in DIR is replaced; another directory only with --force.`,
		DisableFlagsInUseLine: true,
		Args:                  needImage("export"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if web == "" && html == "" && archive == "" {
				return usagef("say what to write: --web DIR, --html FILE or --box FILE")
			}
			ctx, stop := interruptible()
			defer stop()
			cfg, done, err := f.prepare(ctx, args, web != "" || html != "")
			if err != nil {
				return &codeError{exitBoxer, err}
			}
			cfg.Offline = offline
			reports, err := export(ctx, cfg, web, html, archive, force)
			done()
			if ctx.Err() != nil {
				return &codeError{signalledBase + int(abi.SIGINT), errors.New("interrupted: nothing was written")}
			}
			if err != nil {
				return &codeError{exitBoxer, err}
			}
			return printReports(reports, f.format)
		},
	}
	s := c.Flags()
	f.add(s)
	s.StringVar(&web, "web", "", "Write a web site to this `directory`")
	s.StringVar(&html, "html", "", "Write one HTML `file`")
	s.StringVar(&archive, "box", "", "Write an oci-archive to this `file`")
	s.BoolVar(&force, "force", false, "Replace a directory that is no earlier export")
	s.BoolVar(&offline, "offline", false, "Keep the whole image for offline use, however large it is")
	s.BoolVar(&help, "help", false, "Print this help")
	return c
}

// needImage checks that a command has its IMAGE.
func needImage(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("'boxer %s' requires at least 1 argument: an IMAGE", command)
		}
		return nil
	}
}

func export(ctx context.Context, cfg *site.Config, web, html, archive string, force bool) (reports []*site.Report, err error) {
	add := func(r *site.Report, e error) {
		if e != nil {
			err = e
			return
		}
		reports = append(reports, r)
	}
	if web != "" {
		add(site.Write(ctx, web, force, *cfg))
	}
	if html != "" && err == nil {
		add(site.WriteHTML(ctx, html, *cfg))
	}
	if archive != "" && err == nil {
		add(site.WriteBox(ctx, archive, *cfg))
	}
	return reports, err
}

// printReports says what was written.
func printReports(reports []*site.Report, format string) error {
	if format == "json" {
		e := json.NewEncoder(os.Stdout)
		for _, r := range reports {
			if err := e.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range reports {
		files := ""
		if r.Kind == "web" {
			files = fmt.Sprintf("%d files, ", r.Files)
		}
		fmt.Printf("%s: %s%s", r.Path, files, megabytes(r.Bytes))
		if r.Kind != "box" {
			fmt.Printf(" (the image %s", megabytes(r.ImageBytes))
			if r.Kind == "web" && r.Translations > 0 {
				fmt.Printf(", its translations %s", megabytes(r.TranslationBytes))
			}
			fmt.Print(")")
		}
		fmt.Println()
		if r.Kind == "web" {
			fmt.Printf("any web server can host it; to look at it here: boxer serve %s\n", r.Path)
		}
	}
	return nil
}

// megabytes is a size as people read it.
func megabytes(n int64) string {
	if n < 100_000 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// interruptible is a context that ends when the user or the system wants this
// process to end.
func interruptible() (ctx context.Context, stop func()) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}
