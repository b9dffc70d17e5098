// Package box puts the parts together: an image's files, a kernel, and the
// translator that executes its programs, as one box that can be created,
// started and waited for.
//
// What differs between a server and a page is handed in by the command: the
// engine, the streams, the cache's place, and whether processes take turns.
//
//	layers, err := image.OpenLayers() // package oci; a page has its own reader
//	b, err := box.Create(box.Config{Engine: eng, Image: image.Spec(), Layers: layers, Stdout: os.Stdout, Random: rand.Reader})
//	err = b.Start()
//	status := b.Wait(ctx)
//	b.Close()
//
// A box made with Config.Keep needs no program to live: Exec starts any number in
// it, one after the other or at a time, until Kill. Wait still has to be called
// for it to run.
//
// A Box's methods are safe for concurrent use. There are no locks here: a Box
// does not change once it is created, and the kernel has its own.
package box

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/hack-pad/hackpadfs"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/engine"
	"boxer/runtime/kernel"
	"boxer/runtime/loader"
	"boxer/runtime/mm"
	"boxer/runtime/oci/spec"
	"boxer/runtime/syscalls"
	"boxer/runtime/translate"
	"boxer/runtime/wasi"
)

// Config says what a box is made of. Engine and one of Image and RootFS are
// required.
type Config struct {
	Engine engine.Engine

	// Image says how its program is run; Layers are its files, the lowest
	// first. The box closes them.
	Image  *spec.Image
	Layers []*spec.Tar
	// RootFS is a root file system without an image. The box closes it.
	RootFS *spec.Tar

	// Entrypoint, if not nil, replaces the image's entrypoint and its default
	// arguments. Args, if not empty, replace the default arguments.
	Entrypoint []string
	Args       []string
	// Env are NAME=value pairs that replace or add to the image's; NAME alone
	// takes one away.
	Env []string
	// WorkDir and User replace the image's where they are not "". User is a
	// name or number, with an optional ":group".
	WorkDir, User string
	// Hostname is the box's host name; "" makes one up, as docker does.
	Hostname string

	// The standard streams, or a terminal instead of them; see kernel.Exec.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	TTY            *kernel.TTY

	// Profile is the Engine's; nil means translate.Wazero.
	Profile *translate.Profile
	// Translations keeps translated code between runs; nil keeps none.
	Translations translate.Store
	// Ahead has translations that came with the image; nil has none.
	Ahead translate.Ahead
	// Record keeps what the translator is asked for (package warmup).
	Record *translate.Recorder
	// Serial, Yield, Idle and Slice are kernel.Config's: a page runs processes
	// by turns. Yield is also called while code is translated, where there is a Host.
	Serial bool
	Yield  func()
	Idle   func(next int64)
	Slice  time.Duration
	// Host is kernel.Config's: where a file's contents may have to be fetched.
	Host kernel.Host
	// Clock, Random and Fuel are kernel.Config's too: the host's, unless a run is to be repeatable. Random
	// is required: rand.Reader of crypto/rand, or random.Reader of jsbridge in a page.
	Clock  kernel.Clock
	Random io.Reader
	Fuel   int64
	// Persist keeps what is written in the box; nil keeps it as long as the box
	// lives.
	Persist *Persist
	// Keep makes a box without a program of its own, for Exec.
	Keep bool
	// Memory bounds what the box may hold, in bytes: pages that its programs touched, and
	// files. 0: no limit. See kernel.Limits.
	Memory uint64
	// Backend has what the box writes, without Persist, but for FileCache bytes of it (0: chunk.DefaultCache);
	// nil keeps it in Go's memory.
	Backend   hackpadfs.FS
	FileCache int64
	// Slots bounds the Wasm memories that the box uses, and MaxMemory, in
	// bytes, is the maximum that each is declared with: in a page both are
	// scarce (mm.PoolOptions). Slots needs Serial. 0: no bound; 4 GiB.
	Slots     int
	MaxMemory uint64
	// Log takes lines about what the program asked for and boxer does not
	// have, and what debug switches print.
	Log func(line string)
}

// A Box is an isolated run of an image's programs.
type Box struct {
	kernel *kernel.Kernel
	code   *translate.Cache
	exec   kernel.Exec // what Start starts
	layers []*spec.Tar
	files  *files

	image    spec.Config
	platform spec.Platform
	hostname string
	env      []string
	yield    func()
	dir      string
	user     string
}

// Create makes a box that has not started yet. Its error says what in the
// image or the configuration cannot be used. Config's layers belong to the
// box, also when Create fails.
func Create(cfg Config) (*Box, error) {
	b := &Box{layers: cfg.Layers}
	if cfg.RootFS != nil {
		b.layers = []*spec.Tar{cfg.RootFS}
	}
	if err := b.build(cfg); err != nil {
		if b.files == nil && cfg.Persist != nil {
			cfg.Persist.close()
		}
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *Box) build(cfg Config) (err error) {
	if cfg.Random == nil {
		return errors.New("box.Config has no source of random numbers (Random)")
	}
	if cfg.Hostname == "" {
		if cfg.Hostname, err = newID(cfg.Random); err != nil {
			return err
		}
	}
	if cfg.Image != nil {
		b.image, b.platform = cfg.Image.Config, cfg.Image.Platform
	}
	b.hostname, b.env, b.yield = cfg.Hostname, cfg.Env, cfg.Yield
	b.dir, b.user = firstOf(cfg.WorkDir, b.image.WorkingDir, "/"), firstOf(cfg.User, b.image.User)
	first := Command{Entrypoint: cfg.Entrypoint, Args: cfg.Args, Init: true,
		Stdin: cfg.Stdin, Stdout: cfg.Stdout, Stderr: cfg.Stderr, TTY: cfg.TTY}
	if _, err := first.argv(b.image); err != nil && !cfg.Keep {
		return err
	}
	files, err := newFiles(b.layers, cfg.Backend, cfg.FileCache, cfg.Persist.keep(b, cfg))
	if err != nil {
		return err
	}
	b.files = files
	if _, err := files.user(b.user); err != nil {
		return err
	}
	if err := files.prepare(cfg.Hostname, b.dir); err != nil {
		return err
	}
	if !cfg.Keep {
		if b.exec, err = b.resolve(first); err != nil {
			return err
		}
	}
	// Where time decides what is translated, as in a page, no run is repeatable.
	pause := cfg.Yield
	if cfg.Host == nil {
		pause = nil
	}
	b.code = translate.NewCache(cfg.Engine, translate.Options{Profile: cfg.Profile, Store: cfg.Translations, Ahead: cfg.Ahead, Record: cfg.Record, Yield: pause})
	if cfg.Slots > 0 && !cfg.Serial {
		panic("BUG: box: Slots without Serial")
	}
	pool := mm.NewPool(cfg.Engine, mm.PoolOptions{Slots: cfg.Slots, MaxPages: uint32(cfg.MaxMemory / engine.PageSize)})
	entries, modules := &loader.EntryCache{}, &wasi.Programs{}
	b.kernel, err = kernel.New(kernel.Config{
		Machine: arm64.ISA{},
		NewSpace: func() (*mm.Space, error) {
			return mm.New(cfg.Engine, mm.Options{Pool: pool, Entries: entries.Entries})
		},
		NewCPU: func(s *mm.Space) (arch.CPU, error) { return b.code.New(s) },
		NewWASI: func(s *mm.Space, p kernel.WASIProgram) (arch.CPU, arch.Regs, error) {
			return modules.New(cfg.Engine, s, p)
		},
		Syscalls: wasi.NewDispatcher(syscalls.New()),
		Files:    files.ns,
		Serial:   cfg.Serial,
		Yield:    cfg.Yield,
		Idle:     cfg.Idle,
		Host:     cfg.Host,
		Clock:    cfg.Clock,
		Random:   cfg.Random,
		Fuel:     cfg.Fuel,
		Slice:    cfg.Slice,
		Keep:     cfg.Keep,
		Limits:   kernel.Limits{Memory: cfg.Memory},
		Hostname: cfg.Hostname,
		Log:      cfg.Log,

		FileBytes: files.held.Held,
	})
	if err == nil {
		files.full = b.kernel.FilesFull
	}
	return err
}

// Start starts the program of a box without Config.Keep. The error is a
// *kernel.SpawnError where the program is not there or cannot be executed.
func (b *Box) Start() error {
	_, err := b.kernel.Spawn(b.exec)
	return err
}

// Wait waits until the box has ended and all its output is written. When ctx
// is done first, the box is killed.
func (b *Box) Wait(ctx context.Context) kernel.ExitStatus { return b.kernel.Run(ctx) }

// Signal sends sig to the box's process 1, as a terminal's Ctrl-C would.
func (b *Box) Signal(sig abi.Signal) { b.kernel.Signal(sig) }

// Resize tells the box's terminal its new size.
func (b *Box) Resize(rows, cols uint16) { b.kernel.Resize(rows, cols) }

// Report says what the box's programs asked for that boxer does not have, so
// far.
func (b *Box) Report() kernel.Report { return b.kernel.Report() }

// Stats are counters by name: the translator's, and how many bytes are kept.
func (b *Box) Stats() map[string]int64 {
	st := b.code.Stats()
	if b.files.kept != nil {
		st["kept_bytes"] = b.files.kept.Used()
	}
	return st
}

// Kill ends every process of the box, and the box.
func (b *Box) Kill() { b.kernel.Kill() }

// Close frees the box's files. It must have ended, or never have started.
func (b *Box) Close() error {
	var errs []error
	if b.files != nil {
		errs = append(errs, b.files.Close())
	}
	for _, l := range b.layers {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// newID makes a name for a box as docker makes them: 12 hexadecimal digits.
func newID(random io.Reader) (string, error) {
	var id [6]byte
	_, err := io.ReadFull(random, id[:])
	return hex.EncodeToString(id[:]), err
}

func firstOf(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}
