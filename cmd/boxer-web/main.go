//go:build js

// Command boxer-web is the core of a box in a page: what cmd/boxer wires on a
// server, for a worker. It speaks the worker protocol with boxer.js:
//
//	page → core   {t:"init", base, options}            once
//	              {t:"call", id, op, args}             answered by result or error
//	core → page   {t:"ready", info} or {t:"fatal", message}
//	              {t:"result", id, value}, {t:"error", id, error: {message, code, exitCode}}
//	              {t:"out", proc, fd, data}, {t:"exit", proc, code, signal, error, report}
//	              {t:"progress", what, done, total}, {t:"log", line}, {t:"notice", kind, message}
//
// The operations are in calls.go. A panic ends the program; worker.js tells the page.
//
// One goroutine runs the box, in Box.Wait, and lets events in every 10 ms. Each call is
// served by a goroutine of its own, while the box waits or yields; what has to stay in
// order (a program's input) is put in order in the event.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"syscall/js"
	"time"

	"boxer/jsbridge/heapfs"
	"boxer/jsbridge/loop"
	"boxer/jsbridge/port"
	"boxer/jsbridge/random"
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/box"
	"boxer/runtime/knob"
	"boxer/runtime/translate"
)

// slice is how long guest code runs before events get in: a tenth of the time
// after which a person notices.
const slice = 10 * time.Millisecond

// slots is how many Wasm memories a box takes at most: Chromium gives a page 124, to all its
// boxes together. maxMemory is what a program may use of addresses: Go reserves 1.2 GB. A phone that refuses
// to declare it is asked for less.
const (
	slots     = 8
	maxMemory = 2 << 30
	// defaultMemory is the limit of a box that names none: a page that takes more is ended by the browser, with all that is in it.
	defaultMemory = 1 << 30
	// fileCache is how much of what a box writes is in Go's memory, which never shrinks.
	fileCache = 8 << 20
)

// core is the state of the protocol. Goroutines take turns only where they
// wait, so nothing here is locked.
type core struct {
	box   *box.Box
	ready bool
	procs map[int]*proc
	last  int           // number of a proc
	over  chan struct{} // closed when the box has ended
}

func main() {
	c := &core{procs: map[int]*proc{}, over: make(chan struct{})}
	if err := knob.Set(os.Getenv("BOXER_DEBUG")); err != nil {
		logLine(err.Error())
	}
	port.Listen(c.receive)
	select {}
}

// receive takes a message.
func (c *core) receive(m js.Value) {
	switch t := port.Text(m.Get("t")); t {
	case "init":
		go c.init(m)
	case "call":
		c.call(m)
	default:
		logLine(fmt.Sprintf("boxer's core was sent a message %q that it does not know: boxer.js and core.wasm are not of one version", t))
	}
}

func (c *core) init(m js.Value) {
	if err := c.create(m.Get("options"), port.Text(m.Get("base"))); err != nil {
		m := map[string]any{"t": "fatal", "message": err.Error()}
		if aboutStorage(err) {
			m["code"] = "STORAGE"
		}
		port.Post(m)
	}
}

// create makes the box and starts to run it.
func (c *core) create(o js.Value, base string) error {
	if net := port.Text(o.Get("net")); net != "" && net != "none" {
		return fmt.Errorf("net=%q: a box in a page has no network yet; leave net out, or say none", net)
	}
	opened, err := openImage(o.Get("image"), base)
	if err != nil {
		return err
	}
	image, layers := &opened.Spec, opened.Layers
	files, err := seedFiles(o.Get("files"))
	if err != nil {
		return err
	}
	kept, err := openKept(o)
	if err != nil {
		return err
	}
	eng, profile := wasmhost.New(), translate.V8()
	profile.RelaxedMadd = eng.FusedMadd()
	set, wait := loadTranslations(opened, eng, profile)
	cfg := box.Config{
		Engine:   eng,
		Profile:  profile,
		Image:    image,
		Layers:   layers,
		Env:      environment(o.Get("env")),
		WorkDir:  port.Text(o.Get("workdir")),
		User:     port.Text(o.Get("user")),
		Hostname: port.Text(o.Get("hostname")),
		Memory:   cmp.Or(uint64(max(port.Number(o.Get("memory")), 0)), defaultMemory),
		Keep:     true,
		Persist:  kept,
		Serial:   true,
		Yield:    loop.Pace(slice / 2), // the kernel asks about once a slice
		Slice:    slice,
		Slots:    slots,
		Host:     loop.Host{},
		Random:   random.Reader,
		Log:      logLine,

		MaxMemory: maxMemory,
		Backend:   heapfs.New(),
		FileCache: fileCache,
	}
	if set != nil { // else nil, and not a nil of *ahead.Set
		cfg.Ahead = set
	}
	if c.box, err = box.Create(cfg); err != nil {
		return err
	}
	for _, f := range files {
		if err := c.box.SeedFile(f.path, f.data, f.mode); err != nil {
			return fmt.Errorf("files: %s: %w", f.path, err)
		}
	}
	wait()
	go func() {
		c.box.Wait(context.Background())
		if err := c.box.Sync(); err != nil {
			logLine("writing back: " + err.Error())
		}
		close(c.over)
	}()
	c.ready = true
	run := image.Config
	port.Post(map[string]any{"t": "ready", "info": map[string]any{
		"config": map[string]any{"cmd": list(run.Cmd), "entrypoint": list(run.Entrypoint), "env": list(run.Env),
			"workdir": run.WorkingDir, "user": run.User},
		"platform": image.Platform.String(),
		"digest":   string(image.Digest),
	}})
	return nil
}

func logLine(line string) { port.Post(map[string]any{"t": "log", "line": line}) }

// list is what js.ValueOf makes an array of.
func list(s []string) []any {
	l := make([]any, len(s))
	for i, v := range s {
		l[i] = v
	}
	return l
}
