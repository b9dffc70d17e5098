// Package warmup runs an image's program for a moment, so that what it needs can travel with the image:
// the translations of the code that it executed, and which parts of the layers it
// read.
//
// The run is repeatable. Processes take turns, slices are counted in instructions, the clock moves by itself
// and chance is always the same; so the same image and command give the same files.
package warmup

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"boxer/runtime/box"
	"boxer/runtime/engine"
	"boxer/runtime/kernel"
	"boxer/runtime/oci/spec"
	"boxer/runtime/translate"
	"boxer/runtime/translate/ahead"
)

// Config says what to run, and for how long.
type Config struct {
	// Engine executes the run, with code for Profile: nil is translate.Wazero.
	Engine  engine.Engine
	Profile *translate.Profile
	// Target is the profile of the engine that the translations are for; nil is translate.V8.
	Target *translate.Profile

	// Image, Layers, Entrypoint, Args, Env, WorkDir and User are box.Config's. The layers stay the
	// caller's.
	Image         *spec.Image
	Layers        []*spec.Tar
	Entrypoint    []string
	Args          []string
	Env           []string
	WorkDir, User string
	// TTY gives the program a terminal of 24 rows and 80 columns; without one its input is empty.
	TTY bool
	// Input is typed on the terminal, a string each time when the program waits for it.
	Input []string

	// Instructions bounds the run in guest instructions; 0: 2,000 million.
	Instructions int64
	// ModuleInsns is about how many guest instructions one module has at most; 0: 60,000, more than 1 MB.
	ModuleInsns int
	// Rest adds modules with the functions beside those that were executed.
	Rest bool
}

// Result is what a run left.
type Result struct {
	// Files are the translations, package ahead's index first. There are none for a program that is
	// WebAssembly itself.
	Files []ahead.File
	// Reads has for each layer the ranges of its tar that were read, headers aside: ascending and disjoint.
	Reads [][]Range
	// Status is how the program ended; Waited says that it did not, but was stopped where all of the
	// box waited, and Cut that it was stopped since it had used up its instructions or the time of the context.
	Status      kernel.ExitStatus
	Waited, Cut bool
	// Executed and Made are guest instructions: how many were executed, and how many the modules have.
	Executed int64
	Made     int
}

// Range is [Off, Off+Len) of a layer's tar.
type Range struct{ Off, Len int64 }

// Run runs the program until it ends, waits for input that does not come, or has used up what Config
// gives it. An end of ctx cuts it too, and then the result is not repeatable. The error is
// box.Create's or Start's: a program that fails is no error.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if cfg.Target == nil {
		cfg.Target = translate.V8()
	}
	if cfg.Instructions == 0 {
		cfg.Instructions = 2e9
	}
	if cfg.ModuleInsns == 0 {
		cfg.ModuleInsns = 60_000
	}
	r := &run{cfg: cfg, rec: translate.NewRecorder(cfg.Target)}
	res, err := r.once(ctx)
	if err != nil {
		return nil, err
	}
	// A program that turned out to handle faults has the other form of its code from the
	// start the next time: that run is the one that counts.
	if precise := r.rec.Precise(); len(precise) > 0 {
		r = &run{cfg: cfg, rec: translate.NewRecorder(cfg.Target), known: knownPrecise{}}
		for _, d := range precise {
			r.known[d] = true
		}
		if res, err = r.once(ctx); err != nil {
			return nil, err
		}
		res.pack(cfg, r.rec, precise)
		return res, nil
	}
	res.pack(cfg, r.rec, nil)
	return res, nil
}

// pack makes the files.
func (res *Result) pack(cfg Config, rec *translate.Recorder, precise [][32]byte) {
	mods := rec.Modules(cfg.ModuleInsns, cfg.Rest)
	for _, m := range mods {
		res.Made += m.Insns
	}
	if len(mods) > 0 {
		res.Files = ahead.Pack(translate.Identity(cfg.Target), precise, mods)
	}
}

// run is one run of the program.
type run struct {
	cfg   Config
	rec   *translate.Recorder
	known knownPrecise
	clock clock
	keys  chan []byte
	box   *box.Box

	stalls int   // how often nothing could run, since
	fuel   int64 // so much was executed
	waited atomic.Bool
	cut    atomic.Bool
}

// sliceInsns is the length of a slice.
const sliceInsns = 1_000_000

func (r *run) once(ctx context.Context) (*Result, error) {
	layers := make([]*spec.Tar, len(r.cfg.Layers))
	readers := make([]*reader, len(layers))
	for i, l := range r.cfg.Layers {
		readers[i] = &reader{tar: l}
		layers[i] = spec.NewTar(readers[i], l.Size, nil)
	}
	c := box.Config{
		Engine: r.cfg.Engine, Profile: r.cfg.Profile, Record: r.rec,
		Image: r.cfg.Image, Layers: layers,
		Entrypoint: r.cfg.Entrypoint, Args: r.cfg.Args, Env: r.cfg.Env, WorkDir: r.cfg.WorkDir, User: r.cfg.User,
		Hostname: "box",
		Serial:   true, Yield: r.yield, Idle: r.idle,
		Clock: &r.clock, Random: rand.NewChaCha8([32]byte{}), Fuel: sliceInsns,
	}
	if r.known != nil {
		c.Ahead = r.known
	}
	if r.cfg.TTY {
		r.keys = make(chan []byte)
		defer close(r.keys)
		c.TTY = &kernel.TTY{In: keyboard(r.keys), Out: io.Discard, Rows: 24, Cols: 80}
	}
	b, err := box.Create(c)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	r.box = b
	if err := b.Start(); err != nil {
		return nil, err
	}
	res := &Result{Status: b.Wait(ctx)}
	res.Waited, res.Cut = r.waited.Load(), r.cut.Load() || ctx.Err() != nil
	res.Executed = r.rec.Fuel()
	for _, l := range readers {
		res.Reads = append(res.Reads, l.ranges())
	}
	return res, nil
}

// yield is called between slices.
func (r *run) yield() {
	if r.rec.Fuel() > r.cfg.Instructions && !r.cut.Swap(true) {
		r.box.Kill()
	}
}

const (
	// settled is how often in a row, a millisecond apart, nothing can run before that is taken for
	// final: what a goroutine still moves between the box and the host has arrived by then.
	settled = 20
	// maxClock is how far the clock may be moved for a program that only waits for the time to pass.
	maxClock = int64(5 * time.Second)
)

// idle is called when nothing can run.
func (r *run) idle(next int64) {
	if f := r.rec.Fuel(); f != r.fuel {
		r.fuel, r.stalls = f, 0
	}
	r.stalls++
	time.Sleep(time.Millisecond)
	switch {
	case r.stalls < settled:
	case next > 0 && next < maxClock:
		r.clock.now.Store(max(next, r.clock.now.Load()))
		r.stalls = 0
	case r.keys != nil && len(r.cfg.Input) > 0:
		r.keys <- []byte(r.cfg.Input[0])
		r.cfg.Input = r.cfg.Input[1:]
		r.stalls = 0
	case !r.waited.Swap(true):
		r.box.Kill()
	}
}

// clock is a kernel.Clock that moves when it is looked at. Nothing needs to be called at a
// time: the kernel looks at its timers on every turn.
type clock struct{ now atomic.Int64 }

// tick is how far it moves, and epoch what it starts at.
const (
	tick  = int64(20 * time.Microsecond)
	epoch = int64(1_700_000_000 * time.Second)
)

func (c *clock) Monotonic() int64                  { return c.now.Add(tick) }
func (c *clock) Realtime() int64                   { return epoch + c.now.Load() }
func (c *clock) Alarm(int64, func()) (stop func()) { return func() {} }

// keyboard is the host's side of the terminal.
type keyboard chan []byte

func (k keyboard) Read(p []byte) (int, error) {
	keys, ok := <-k
	if !ok {
		return 0, io.EOF
	}
	return copy(p, keys), nil
}

// knownPrecise is a translate.Ahead that only knows which programs handle faults.
type knownPrecise map[[32]byte]bool

func (k knownPrecise) Find(translate.Unit, translate.Form, uint64) *translate.AheadModule { return nil }

func (k knownPrecise) Compile(engine.Engine, *translate.AheadModule) (engine.Module, error) {
	return nil, errors.New("there is no such module")
}

func (k knownPrecise) Precise(program [32]byte) bool { return k[program] }
