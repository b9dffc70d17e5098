//go:build js

package main

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"

	"boxer/jsbridge/port"
	"boxer/runtime/abi"
	"boxer/runtime/box"
	"boxer/runtime/kernel"
)

// proc is a program that the page started.
type proc struct {
	id    int
	p     *box.Process
	in    *input
	unack window
}

// spawn starts a program.
func (c *core) spawn(args js.Value) (any, error) {
	cmd := box.Command{
		Env:     environment(args.Get("env")),
		WorkDir: port.Text(args.Get("cwd")),
		User:    port.Text(args.Get("user")),
		Init:    args.Get("init").Truthy(),
	}
	cmd.Args, _ = port.Texts(args.Get("argv"))
	if e, ok := port.Texts(args.Get("entrypoint")); ok {
		cmd.Entrypoint = e
	}
	c.last++
	p := &proc{id: c.last, unack: newWindow()}
	stdout, stderr := &output{p, 1}, &output{p, 2}
	switch tty := args.Get("tty"); {
	case tty.Type() == js.TypeObject:
		p.in = newInput()
		cmd.TTY = &kernel.TTY{In: p.in, Out: stdout, Rows: size(tty.Get("rows"), 24), Cols: size(tty.Get("cols"), 80)}
	default:
		cmd.Stdout, cmd.Stderr = stdout, stderr
		if args.Get("stdin").Truthy() {
			p.in = newInput()
			cmd.Stdin = p.in
		}
	}
	var err error
	if p.p, err = c.box.Exec(cmd); err != nil {
		return nil, err
	}
	c.procs[p.id] = p
	go c.wait(p)
	return map[string]any{"proc": p.id, "pid": p.p.PID()}, nil
}

// size is a terminal's rows or columns.
func size(v js.Value, otherwise uint16) uint16 {
	if n := port.Number(v); n >= 1 && n < 1<<16 {
		return uint16(n)
	}
	return otherwise
}

// wait tells the page when p has ended and all it wrote is there.
func (c *core) wait(p *proc) {
	// A page that does not read what came before the end is told of the end all the
	// same: what is left to send is bounded.
	p.p.WaitEnd()
	p.unack.open()
	st := p.p.Wait(context.Background())
	delete(c.procs, p.id)
	if p.in != nil {
		p.in.close()
	}
	m := map[string]any{"t": "exit", "proc": p.id, "code": st.ShellCode(), "signal": "", "error": "", "report": list(c.report())}
	if st.Signal != 0 {
		m["signal"] = st.Signal.String()
	}
	if st.Err != nil {
		m["error"] = st.Err.Error()
	}
	port.Post(m)
}

// report says what the box's programs asked for and boxer does not have.
func (c *core) report() (lines []string) {
	r := c.box.Report()
	lines = append(lines, r.Killed...)
	for _, n := range r.Unsupported {
		lines = append(lines, fmt.Sprintf("not supported: %s, %d times", n.Name, n.N))
	}
	for _, n := range r.Instructions {
		lines = append(lines, fmt.Sprintf("instruction: %s, %d times", n.Name, n.N))
	}
	return lines
}

var errEnded = errors.New("the program has ended")

// of finds the program that a call is about.
func (c *core) of(args js.Value) (*proc, error) {
	p := c.procs[int(port.Number(args.Get("proc")))]
	if p == nil {
		return nil, errEnded
	}
	return p, nil
}

func (c *core) stdin(args js.Value, reply func(any, error)) {
	p, err := c.of(args)
	switch {
	case err != nil:
		reply(nil, err)
	case p.in == nil:
		reply(nil, errors.New("the program was started without stdin"))
	case args.Get("data").IsNull() || args.Get("data").IsUndefined():
		p.in.end()
		reply(nil, nil)
	default:
		data, ok := port.Bytes(args.Get("data"))
		if !ok {
			reply(nil, errors.New("stdin takes a Uint8Array"))
			return
		}
		p.in.push(data, func() { reply(nil, nil) })
	}
}

// ack takes the page's word that it has dealt with n bytes.
func (p *proc) ack(n int) { p.unack.done(n) }

func (c *core) signal(args js.Value) (any, error) {
	p, err := c.of(args)
	if err != nil {
		return nil, err
	}
	sig, ok := signalOf(args.Get("signal"))
	if !ok {
		return nil, errors.New("there is no such signal")
	}
	if sig == abi.SIGKILL {
		p.p.Kill()
	} else {
		p.p.Signal(sig)
	}
	return nil, nil
}

// signalOf reads a signal's number or name, with SIG or without.
func signalOf(v js.Value) (abi.Signal, bool) {
	if v.Type() == js.TypeNumber {
		s := abi.Signal(v.Int())
		return s, s.Valid()
	}
	name := port.Text(v)
	for s := abi.Signal(1); s.Valid(); s++ {
		if s.String() == name || s.String() == "SIG"+name {
			return s, true
		}
	}
	return 0, false
}

func (c *core) resize(args js.Value) (any, error) {
	p, err := c.of(args)
	if err == nil {
		p.p.Resize(size(args.Get("rows"), 24), size(args.Get("cols"), 80))
	}
	return nil, err
}
