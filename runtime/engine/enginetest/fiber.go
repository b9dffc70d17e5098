package enginetest

import (
	"errors"
	"fmt"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// testFibers runs two programs that leave the stack by turns, each from within
// a few calls, and call the host in between; one traps at its end.
func testFibers(s *suite) {
	f, ok := s.e.(engine.FiberEngine)
	if !ok || !f.Fibers() {
		s.Skipf("%s cannot take code off the stack", s.e.Name())
	}
	var seen []string
	type program struct {
		fiber engine.Fiber
		run   engine.Func
	}
	start := func(name string, trap bool) program {
		host := s.host(engine.HostFunc{Name: "see", Params: []engine.ValType{engine.I64}, Fn: func(stack []uint64) {
			seen = append(seen, fmt.Sprint(name, stack[0]))
		}})
		fiber, err := f.NewFiber()
		if err != nil {
			s.Fatal(err)
		}
		var m wasm.Module
		see := m.ImportFunc("host", "see", m.FuncType(types(wasm.I64), nil))
		wait := m.ImportFunc("fiber", "wait", m.FuncType(nil, types(wasm.I64)))
		// deep(n) calls itself n times and then waits.
		typ := m.FuncType(types(wasm.I64), types(wasm.I64))
		deep := m.Func(typ)
		var c wasm.Code
		c.Reset(1)
		c.LocalGet(0)
		c.Op(wasm.OpI64Eqz)
		c.If(wasm.BlockOf(wasm.I64))
		c.Call(wait)
		c.Op(wasm.OpElse)
		c.LocalGet(0)
		c.I64Const(1)
		c.Op(wasm.OpI64Sub)
		c.Call(deep)
		c.LocalGet(0)
		c.Op(wasm.OpI64Add)
		c.End()
		c.End()
		m.Body(deep, &c)
		define(&m, "run", nil, nil, func(c *wasm.Code) {
			for range 3 {
				c.I64Const(4)
				c.Call(deep)
				c.Call(see)
			}
			if trap {
				c.Op(wasm.OpUnreachable)
			}
		})
		inst := s.load(&m, engine.Imports{"host": host, "fiber": fiber.Instance()})
		run, err := inst.Func("run")
		if err != nil {
			s.Fatal(err)
		}
		return program{fiber, run}
	}
	a, b := start("a", false), start("b", true)
	step := func(p program, ended bool, err error) func(bool) error {
		return func(want bool) error {
			s.Helper()
			if ended != want {
				s.Fatalf("ended: %v (%v), want %v; seen %v", ended, err, want, seen)
			}
			return err
		}
	}
	for _, p := range []program{a, b} {
		ended, err := p.fiber.Start(p.run)
		step(p, ended, err)(false)
	}
	for i := range uint64(3) {
		ended, err := a.fiber.Resume(100 * i)
		if err := step(a, ended, err)(i == 2); err != nil {
			s.Error(err)
		}
		ended, err = b.fiber.Resume(1000 * i)
		err = step(b, ended, err)(i == 2)
		var trap *engine.Trap
		if i == 2 && (!errors.As(err, &trap) || trap.Kind != engine.TrapUnreachable) {
			s.Errorf("a program that traps: %v", err)
		}
	}
	if got, want := fmt.Sprint(seen), "[a10 b10 a110 b1010 a210 b2010]"; got != want {
		s.Errorf("seen %s, want %s", got, want)
	}
	for _, p := range []program{a, b} {
		if err := p.fiber.Close(); err != nil {
			s.Error(err)
		}
	}
}
