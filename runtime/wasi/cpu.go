package wasi

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/engine"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
)

// New is Programs.New without a memory of other programs.
func New(eng engine.Engine, space *mm.Space, wp kernel.WASIProgram) (arch.CPU, arch.Regs, error) {
	return new(Programs).New(eng, space, wp)
}

// New makes the CPU of a program in the address space that it is to have,
// which must be empty. The error says why the module cannot run.
func (ps *Programs) New(eng engine.Engine, space *mm.Space, wp kernel.WASIProgram) (arch.CPU, arch.Regs, error) {
	made, err := ps.get(eng, wp)
	if err != nil {
		return nil, nil, err
	}
	prog := made.prog
	if err := space.Pin(); err != nil {
		made.Close()
		return nil, nil, err
	}
	c := &CPU{space: space, module: made, pages: prog.min, max: prog.max}
	if s, ok := eng.(engine.Suspender); ok && s.Suspends() {
		c.stack = &threaded{c: c, resume: make(chan struct{}), exits: make(chan arch.Exit)}
	} else if f, ok := eng.(engine.FiberEngine); ok && f.Fibers() {
		fiber, err := f.NewFiber()
		if err != nil {
			made.Close()
			return nil, nil, err
		}
		c.stack = &fibered{c: c, fiber: fiber}
	} else {
		c.stack = &inline{c: c}
	}
	if err := c.link(eng, made); err != nil {
		c.free()
		return nil, nil, err
	}
	_, alone := c.stack.(*inline)
	return c, &Regs{proc: &process{argv: wp.Argv, env: wp.Env, inline: alone}}, nil
}

// CPU runs one module. It implements arch.CPU.
type CPU struct {
	space              *mm.Space
	stack              stack
	module, host, inst io.Closer
	main               engine.Func

	// What belongs to whoever runs: Run or the module.
	pages, max uint32
	fast       arch.SyscallFunc
	regs       *Regs
	grant      int32 // fuel that the module has not taken yet
	started    bool
	stopping   bool
	ended      bool
	last       arch.Exit // once ended
	calls      int64     // made by the module
	switches   int64     // of stacks

	interrupted atomic.Bool
}

var _ arch.CPU = (*CPU)(nil)

// link instantiates a program.
func (c *CPU) link(eng engine.Engine, made *compiled) error {
	prog := made.prog
	imports := engine.Imports{}
	if prog.hasMemory {
		if n := uint64(prog.min) * engine.PageSize; n > 0 {
			if err := c.mapPages(mm.MinAddr, n); err != nil {
				return fmt.Errorf("a memory of %d pages: %w", prog.min, err)
			}
		}
		imports[memModule] = c.space.Memory().Instance()
	}
	host, err := eng.NewHost(c.hostFuncs(prog.calls))
	if err != nil {
		return err
	}
	c.host, imports[hostModule] = host, host
	if imports[fiberModule], err = c.stack.wait(eng); err != nil {
		return err
	}
	inst, err := eng.Instantiate(made.module, imports)
	if err != nil {
		return err
	}
	c.inst = inst
	c.main, err = inst.Func(runExport)
	return err
}

// mapPages makes n bytes at addr the module's.
func (c *CPU) mapPages(addr, n uint64) error {
	_, err := c.space.Map(mm.MapArgs{Addr: addr, Len: n, Prot: abi.PROT_READ | abi.PROT_WRITE,
		Flags: abi.MAP_PRIVATE | abi.MAP_ANONYMOUS | abi.MAP_FIXED})
	return err
}

// stop is the host's answer that ends the module.
const stop = math.MaxUint64

func (c *CPU) hostFuncs(calls []*call) []engine.HostFunc {
	i32 := []engine.ValType{engine.I32}
	fns := []engine.HostFunc{
		{Name: pauseImport, Results: i32, Fn: c.pause},
		{Name: growImport, Params: i32, Results: i32, Fn: c.grow},
	}
	for _, f := range calls {
		params := make([]engine.ValType, len(f.params))
		for i, t := range f.params {
			params[i] = engine.ValType(t)
		}
		fns = append(fns, engine.HostFunc{Name: f.name, Params: params, Results: []engine.ValType{engine.I64},
			Fn: func(stack []uint64) { stack[0] = c.call(f, stack) }})
	}
	return fns
}

// pause is where the module arrives when its fuel is used up.
func (c *CPU) pause(stack []uint64) {
	if !c.stopping && c.grant == 0 {
		if !c.stack.leave(arch.Exit{Kind: arch.ExitPreempted}, inPause) {
			stack[0] = stop
			return
		}
	}
	stack[0] = c.answer(inPause)
}

// answer is what the module is told when it goes on, in place of the host's answer to
// a pause or a call (rewrite_write.go).
func (c *CPU) answer(where place) uint64 {
	switch {
	case c.stopping:
		return stop
	case where == inPause:
		return uint64(c.takeGrant())
	}
	return uint64(c.takeGrant())<<32 | uint64(c.regs.errno())
}

func (c *CPU) takeGrant() uint32 {
	g := c.grant
	c.grant = 0
	return uint32(g)
}

// grow is memory.grow; all ones where that fails.
func (c *CPU) grow(stack []uint64) {
	old, delta := c.pages, uint32(stack[0])
	stack[0] = math.MaxUint32
	if delta > c.max-old {
		return
	}
	if delta > 0 {
		if c.mapPages(mm.MinAddr+uint64(old)*engine.PageSize, uint64(delta)*engine.PageSize) != nil {
			return
		}
		c.pages += delta
	}
	stack[0] = uint64(old)
}

// call is a call of preview 1. It returns what the wrapper expects.
func (c *CPU) call(f *call, stack []uint64) uint64 {
	if c.stopping {
		return stop
	}
	c.calls++
	r := c.regs
	r.call = f
	for i, t := range f.params {
		r.args[i] = stack[i]
		if engine.ValType(t) == engine.I32 {
			r.args[i] = uint64(uint32(stack[i]))
		}
	}
	exit, served := arch.Exit{Kind: arch.ExitSyscall}, false
	if c.fast != nil {
		nr, args := r.Syscall()
		v, st := c.fast(nr, &args)
		if served = st != arch.SyscallDecline; served {
			r.SetResult(uint64(v))
			exit.Kind = arch.ExitPreempted
			if st == arch.SyscallDone && !c.interrupted.Load() {
				return uint64(r.errno())
			}
		}
	}
	if !c.stack.leave(exit, inCall) {
		return stop
	}
	return c.answer(inCall)
}

// Run implements arch.CPU. fuel is in Wasm instructions.
func (c *CPU) Run(regs arch.Regs, fuel int64) arch.Exit {
	switch {
	case c.ended:
		return c.last
	case c.interrupted.Swap(false):
		return arch.Exit{Kind: arch.ExitPreempted}
	}
	c.regs = regs.(*Regs)
	c.grant = int32(min(max(fuel, 1), 1<<30))
	c.switches++
	return c.stack.run()
}

// exitOf tells how the module ended.
func exitOf(err error) arch.Exit {
	var trap *engine.Trap
	switch {
	case err == nil:
		return arch.Exit{Kind: arch.ExitDone}
	case !errors.As(err, &trap):
		return arch.Exit{Kind: arch.ExitError, Err: fmt.Errorf("WebAssembly: %w", err)}
	case trap.Kind == engine.TrapOutOfBounds, trap.Kind == engine.TrapStackOverflow:
		return arch.Exit{Kind: arch.ExitFault}
	case trap.Kind == engine.TrapUnaligned:
		return arch.Exit{Kind: arch.ExitAlign}
	}
	return arch.Exit{Kind: arch.ExitUndefined, Name: trap.Kind.String()}
}

// Interrupt implements arch.CPU.
func (c *CPU) Interrupt() { c.interrupted.Store(true) }

// SetSyscall implements arch.CPU.
func (c *CPU) SetSyscall(f arch.SyscallFunc) { c.fast = f }

// SetFaultPrecise implements arch.CPU: no handler ever runs.
func (c *CPU) SetFaultPrecise(bool) {}

// SetStackGuard implements arch.CPU: the engine guards its own stack.
func (c *CPU) SetStackGuard(lo, hi uint64) {}

// Invalidate implements arch.CPU: code and memory are apart.
func (c *CPU) Invalidate(addr, n uint64) {}

// Stats implements arch.CPU.
func (c *CPU) Stats() map[string]int64 {
	return map[string]int64{"wasi.calls": c.calls, "wasi.switches": c.switches}
}

// Close implements arch.CPU. A module that is not at its end is taken off its stack.
func (c *CPU) Close() error {
	if c.started && !c.ended {
		c.stopping = true
		c.stack.run()
	}
	return c.free()
}

// free closes what link made.
func (c *CPU) free() error {
	var errs []error
	for _, x := range []io.Closer{c.inst, c.host, c.module, c.stack} {
		if x != nil {
			errs = append(errs, x.Close())
		}
	}
	return errors.Join(errs...)
}
