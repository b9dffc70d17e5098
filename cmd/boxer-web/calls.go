//go:build js

package main

import (
	"errors"
	"fmt"
	"runtime"
	"syscall/js"

	"boxer/jsbridge/port"
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// call serves one operation. Those that a program's streams are about keep
// their order, so they are served in the event; the others each have a goroutine.
func (c *core) call(m js.Value) {
	op, args := port.Text(m.Get("op")), m.Get("args")
	if args.Type() != js.TypeObject {
		args = js.Global().Get("Object").New()
	}
	reply := replyTo(m.Get("id"))
	if !c.ready {
		reply(nil, errors.New("the box is not ready"))
		return
	}
	switch op {
	case "stdin":
		c.stdin(args, reply)
		return
	case "ack":
		if p := c.procs[int(port.Number(args.Get("proc")))]; p != nil {
			p.ack(int(port.Number(args.Get("bytes"))))
		}
		reply(nil, nil)
		return
	}
	serve, ok := operations[op]
	if !ok {
		reply(nil, fmt.Errorf("the core has no operation %q: boxer.js and core.wasm are not of one version", op))
		return
	}
	go func() { reply(serve(c, args)) }()
}

// operations are what calls ask for, besides those about streams.
var operations = map[string]func(c *core, args js.Value) (any, error){
	"spawn":     (*core).spawn,
	"signal":    (*core).signal,
	"resize":    (*core).resize,
	"fs":        (*core).fs,
	"tree":      (*core).tree,
	"exportTar": (*core).exportTar,
	"importTar": (*core).importTar,
	"sync":      (*core).sync,
	"stats":     (*core).stats,
	"stop":      (*core).stop,
}

// replyTo is the function that answers a call; a call without an id wants no
// answer.
func replyTo(id js.Value) func(value any, err error) {
	return func(value any, err error) {
		switch {
		case id.Type() != js.TypeNumber && id.Type() != js.TypeString:
		case err != nil:
			port.Post(map[string]any{"t": "error", "id": id, "error": errorFields(err)})
		default:
			port.Post(map[string]any{"t": "result", "id": id, "value": value})
		}
	}
}

// errorFields is an error as the page sees it: what it is, Linux's name for
// it, and the exit code that docker would give.
func errorFields(err error) map[string]any {
	f := map[string]any{"message": err.Error()}
	var errno abi.Errno
	if errors.As(err, &errno) {
		f["code"] = errno.Name()
	}
	var spawn *kernel.SpawnError
	if errors.As(err, &spawn) {
		f["exitCode"] = spawn.ShellCode()
	}
	return f
}

// stats are counters by name, for tests and the curious.
func (c *core) stats(js.Value) (any, error) {
	out := map[string]any{}
	for name, n := range c.box.Stats() {
		out[name] = n
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	out["heap_bytes"], out["heap_reserved_bytes"] = m.HeapInuse, m.Sys
	out["processes"] = c.box.Processes()
	return out, nil
}

// stop ends the box, and writes back what it keeps. The page ends the worker
// when it has the answer.
func (c *core) stop(js.Value) (any, error) {
	c.box.Kill()
	<-c.over
	return nil, c.box.Close()
}
