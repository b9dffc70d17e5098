// Package translate executes arm64 guest code by turning it into WebAssembly. It
// implements arch.CPU: Run enters translated code; where there is none for a
// PC it finds the function around it, lifts, optimises, emits, compiles and links it, and goes on.
//
// A Cache is shared by the processes of an engine; a CPU belongs to one address space. A CPU
// has a generation: a state module, with registers and function table, and the code
// modules linked to it. Code is only ever added to a generation; what is invalidated loses
// its places in the call map, and when too much is dead the generation is dropped and
// refilled as needed. Where memories are scarce the generation belongs to the memory (attach.go).
package translate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/ir"
	"boxer/runtime/knob"
)

var debugJIT = knob.New("jit", "print each translation: what was asked for, how much, how long")

// Space is the address space as the translator needs it.
type Space interface {
	arch.Space
	// Occupy returns the memory to execute on, and what the last CPU to do so
	// left there. evicted is called before the memory is taken away, and
	// returns what stays with it.
	Occupy(evicted func() io.Closer) (m engine.Memory, left io.Closer, err error)
	// Leave gives up what executes on the memory; false: nobody wants it.
	Leave(left io.Closer) bool
	// CopyInSome reads up to len(p) readable bytes.
	CopyInSome(addr uint64, p []byte) (int, error)
}

// slice is the most guest instructions that run before Run looks up again: about
// a millisecond, since Go's collector waits for it.
const slice = 2_000_000

// minSlice is the least: more than any region charges on entry, so that there is progress.
const minSlice = 20_000

// CPU implements arch.CPU.
type CPU struct {
	cache  *Cache
	space  Space
	mem    engine.Memory // nil before it first runs, and while the space has none
	layout *emit.Layout
	form   Form   // of the generation
	want   Form   // of the next one
	hidden uint64 // linear offset

	sys   arch.SyscallFunc
	env   lift.Env
	dirty []uint64 // instruction cache lines to invalidate at the next ISB

	interrupted atomic.Bool
	inside      bool          // regions are on the stack
	spent       time.Duration // on translations since regions were entered
	leave       bool          // they must leave before more of them runs
	stopResult  int64         // result of a system call after which Run must return
	stopped     bool
	guardLo     uint32
	guardLen    uint32

	gen    *generation
	chunks map[uint32]uint64 // second-level parts of the call map: linear offsets by PC >> 16
	units  []*unit
	block  []byte
	stack  [2]uint64
	closed bool
}

var _ arch.CPU = (*CPU)(nil)

// New makes the CPU of an address space. The space's layout must be set.
func (c *Cache) New(space Space) (*CPU, error) {
	p := &CPU{cache: c, space: space, layout: emit.NewLayout(arm64.IR), chunks: map[uint32]uint64{}}
	p.hidden = space.Hidden() - arch.LinearBias
	p.want.Hidden = uint32(p.hidden)
	p.block = make([]byte, p.layout.Size)
	start := time.Now()
	p.env.Counter = func() uint64 { return uint64(time.Since(start)) }
	p.env.Invalidate = func(addr uint64) { p.dirty = append(p.dirty, addr) }
	return p, nil
}

// syscall serves a system call without unwinding, if the kernel can.
func (p *CPU) syscall(nr uint64, args *[6]uint64) int64 {
	if p.sys == nil {
		return emit.SyscallDecline
	}
	a := *args
	r, st := p.sys(nr, &a)
	switch {
	case st == arch.SyscallDecline:
		return emit.SyscallDecline
	case st == arch.SyscallDoneStop || p.leave || p.interrupted.Load():
		p.stopResult, p.stopped = r, true
		return emit.SyscallDecline + 1
	}
	return r
}

// Run implements arch.CPU.
func (p *CPU) Run(regs arch.Regs, fuel int64) arch.Exit {
	r := regs.(*arm64.Regs)
	if r.FPCR != 0 || r.FPSR != 0 {
		p.want.PreciseFP = true
	}
	if p.want.PreciseFP {
		p.env.Soft.FPCR, p.env.Soft.FPSR = r.FPCR, r.FPSR
	}
	if p.mem == nil {
		if err := p.attach(r.Next); err != nil {
			return arch.Exit{Kind: arch.ExitNoMemory, PC: r.Next, Err: err}
		}
	}
	p.load(r)
	e := p.run(r, fuel)
	if p.form.PreciseFP {
		r.FPSR = p.env.Soft.FPSR
	}
	e.PC = r.Next
	return e
}

// load writes r to the register block.
func (p *CPU) load(r *arm64.Regs) {
	pack(p.layout, p.block, r)
	le := binary.LittleEndian
	le.PutUint32(p.block[p.layout.Var[emit.VarGuardLo]:], p.guardLo)
	le.PutUint32(p.block[p.layout.Var[emit.VarGuardLen]:], p.guardLen)
	p.mem.Write(p.hidden+emit.HiddenBlock, p.block)
}

// store reads r back from the register block.
func (p *CPU) store(r *arm64.Regs) {
	p.mem.Read(p.hidden+emit.HiddenBlock, p.block)
	unpack(p.layout, p.block, r)
}

func (p *CPU) blockVar(v emit.Var) uint64 {
	return uint64(binary.LittleEndian.Uint32(p.block[p.layout.Var[v]:]))
}

// run enters translated code until something is for the kernel.
func (p *CPU) run(r *arm64.Regs, fuel int64) arch.Exit {
	for {
		if p.interrupted.Swap(false) || fuel <= 0 {
			return arch.Exit{Kind: arch.ExitPreempted}
		}
		if p.gen == nil || p.gen.stale || p.form != p.want {
			if err := p.newGeneration(); err != nil {
				return arch.Exit{Kind: arch.ExitError, Err: err}
			}
		}
		n := max(min(fuel, slice), minSlice)
		p.stack[0], p.stack[1] = uint64(uint32(r.Next)), uint64(n)
		p.inside, p.spent = true, 0
		err := p.gen.run.Call(p.stack[:])
		p.inside, p.leave = false, false
		if err != nil {
			return p.trap(r, err)
		}
		pc := uint64(uint32(p.stack[0]))
		p.store(r)
		r.Next = pc &^ 3
		used := n - int64(int32(p.blockVar(emit.VarFuel)))
		fuel -= max(used, 1)
		if rec := p.cache.opt.Record; rec != nil {
			rec.fuel.Add(max(used, 1))
		}
		switch pc & 3 {
		case emit.Continue:
			if e, ok := p.miss(pc); !ok {
				return e
			}
			if yield := p.cache.opt.Yield; yield != nil {
				yield()
			}
		case emit.Preempt:
			if p.stopped {
				p.stopped = false
				p.interrupted.Store(false)
				r.X[0] = uint64(p.stopResult)
				return arch.Exit{Kind: arch.ExitPreempted}
			}
		case emit.Syscall:
			return arch.Exit{Kind: arch.ExitSyscall}
		case emit.Exit:
			if e, ok := p.exit(r); !ok {
				return e
			}
		}
	}
}

// exit handles a region's exit. ok reports that Run goes on.
func (p *CPU) exit(r *arm64.Regs) (e arch.Exit, ok bool) {
	code := ir.ExitCode(p.blockVar(emit.VarExitCode))
	info := binary.LittleEndian.Uint64(p.block[p.layout.Var[emit.VarExitInfo]:])
	switch code {
	case ir.ExitUndefined:
		return undefined(uint32(info)), false
	case ir.ExitBreakpoint:
		return arch.Exit{Kind: arch.ExitBreakpoint, Insn: uint32(info)}, false
	case ir.ExitFault:
		return arch.Exit{Kind: arch.ExitFault, Addr: info & 0xffffffff, Write: info>>32 != 0, Precise: true}, false
	case ir.ExitAlign:
		return arch.Exit{Kind: arch.ExitAlign, Addr: info, Precise: true}, false
	case ir.ExitSync:
		for _, line := range p.dirty {
			p.Invalidate(line&^(cacheLine-1), cacheLine)
		}
		p.dirty = p.dirty[:0]
		return e, true
	case ir.ExitYield:
		return arch.Exit{Kind: arch.ExitPreempted}, false
	case ir.ExitFPMode:
		p.want.PreciseFP = true
		p.env.Soft.FPCR, p.env.Soft.FPSR = r.FPCR, r.FPSR
		return e, true
	}
	return arch.Exit{Kind: arch.ExitError, Err: fmt.Errorf("translated code left with unknown code %d", code)}, false
}

// cacheLine is the instruction cache line that CTR_EL0 reports, in bytes.
const cacheLine = 64

// trap turns a Wasm trap into what the kernel knows. The registers are those of the
// last time that state was in its places.
func (p *CPU) trap(r *arm64.Regs, err error) arch.Exit {
	p.cache.stat.traps.Add(1)
	var t *engine.Trap
	if !errors.As(err, &t) {
		return arch.Exit{Kind: arch.ExitError, Err: err}
	}
	switch t.Kind {
	case engine.TrapOutOfBounds:
		return arch.Exit{Kind: arch.ExitFault}
	case engine.TrapUnaligned:
		return arch.Exit{Kind: arch.ExitAlign}
	}
	return arch.Exit{Kind: arch.ExitError, Err: fmt.Errorf("translated code near %#x: %w", r.Next, err)}
}

// Interrupt implements arch.CPU.
func (p *CPU) Interrupt() { p.interrupted.Store(true) }

// SetSyscall implements arch.CPU.
func (p *CPU) SetSyscall(f arch.SyscallFunc) { p.sys = f }

// SetFaultPrecise implements arch.CPU. The precise form serves everybody, so a space that
// has changed to it stays there; and a program that asked for it once gets it from the start the
// next time (preciseFrom), or it would load most of its code twice.
func (p *CPU) SetFaultPrecise(on bool) {
	if !on || p.want.Faults {
		return
	}
	p.want.Faults = true
	p.leave = p.leave || p.inside
	if d, ok := p.program(); ok {
		p.cache.setPrecise(d)
	}
}

// program identifies the program by its file, if all code so far was of one: in a dynamic one the
// loader's says nothing.
func (p *CPU) program() (d [32]byte, ok bool) {
	for _, u := range p.units {
		if u.text.Anonymous() || ok && u.text.Digest != d {
			return d, false
		}
		d, ok = u.text.Digest, true
	}
	return d, ok
}

// SetStackGuard implements arch.CPU.
func (p *CPU) SetStackGuard(lo, hi uint64) {
	p.guardLo, p.guardLen = uint32(lo), uint32(hi-lo)
}

// Stats implements arch.CPU: the shared cache's counters.
func (p *CPU) Stats() map[string]int64 { return p.cache.Stats() }

// Close implements arch.CPU.
func (p *CPU) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	if g := p.detach(); g != nil && !(g.reusable() && p.space.Leave(g)) {
		return g.Close()
	}
	return nil
}
