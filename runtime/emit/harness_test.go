package emit_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

// Places in linear memory, behind the memory of ireval's programs.
const (
	hidden  = ireval.MemSize
	chunks  = hidden + 0x80000 // a part of the call map for each 64 KiB of code
	memSize = chunks + 4*emit.ChunkSize
)

// wazeroLike and v8Like have what the real profiles have, in the registers of ireval.
func wazeroLike() *emit.Profile {
	return &emit.Profile{Name: "wazero", Params: []ir.Slot{ireval.SlotX, ireval.SlotSP}, FuelParam: true, IntLocals: 5, VecLocals: 8,
		ProbeBounds: true, BranchInIf: true, IntSelect: true, Unroll: true, StackBytes: 1 << 20}
}

func v8Like() *emit.Profile {
	return &emit.Profile{Name: "v8", Params: []ir.Slot{ireval.SlotX, ireval.SlotSP, ireval.SlotLR}, IntLocals: -1, VecLocals: -1, StackBytes: 400 << 10}
}

func config(p *emit.Profile, precise bool) *emit.Config {
	c := &emit.Config{Arch: ireval.Arch, Profile: p, Bias: ireval.Bias, Hidden: hidden, PreciseFaults: precise,
		FMA32: lift.HelperFMA32 + 1000, FMA64: lift.HelperFMA64 + 1000, SyscallResult: ireval.SlotX}
	for i := range ir.Slot(7) {
		c.SyscallArgs = append(c.SyscallArgs, ireval.SlotX+i)
	}
	return c
}

func newEngine(tb testing.TB) engine.Engine {
	tb.Helper()
	eng, err := wazero.New(wazero.Config{KeepSize: 1 << 20})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { eng.Close() })
	return eng
}

// process runs a program of ireval as translated code. It is what package translate is to arm64
// code, with nothing left over for speed.
type process struct {
	conf   *emit.Config
	layout *emit.Layout
	eng    engine.Engine
	mem    engine.Memory
	host   engine.Instance
	state  engine.Instance
	run    engine.Func
	grow   engine.Func
	next   uint32
	size   uint32
	insts  []engine.Instance
	runs   int // entries into translated code

	// syscall chooses what the fast path says of a system call.
	syscall func() (st int)
	stopped bool
}

// What the fast path of a system call says.
const (
	served = iota
	declined
	servedStop
)

func newProcess(eng engine.Engine, conf *emit.Config) (*process, error) {
	p := &process{conf: conf, layout: emit.NewLayout(conf.Arch), eng: eng, next: 1, size: 256, syscall: func() int { return served }}
	var err error
	if p.mem, err = eng.NewMemory(memSize/engine.PageSize, memSize/engine.PageSize); err != nil {
		return nil, err
	}
	i64 := engine.I64
	params := []engine.ValType{i64, i64, i64, i64, i64, i64, i64}
	if p.host, err = eng.NewHost([]engine.HostFunc{
		{Name: emit.HostHelper, Params: []engine.ValType{engine.I32, i64, i64, i64}, Results: []engine.ValType{i64}, Fn: func(s []uint64) {
			s[0] = helper(ir.Helper(uint32(s[0])), s[1], s[2], s[3])
		}},
		{Name: emit.HostMiss, Params: []engine.ValType{engine.I32}, Results: []engine.ValType{engine.I32}, Fn: func(s []uint64) { s[0] = 0 }},
		{Name: emit.HostSyscall, Params: params, Results: []engine.ValType{i64}, Fn: func(s []uint64) {
			switch p.syscall() {
			case declined:
				s[0] = 1 << 63
			case servedStop:
				p.stopped = true
				s[0] = 1<<63 + 1
			default:
				s[0] = syscallResult([7]uint64(s))
			}
		}},
	}); err != nil {
		return nil, err
	}
	m, err := eng.Compile(emit.State(conf))
	if err != nil {
		return nil, fmt.Errorf("state module: %w", err)
	}
	if p.state, err = eng.Instantiate(m, engine.Imports{emit.ImportMemory: p.mem.Instance(), emit.ImportHost: p.host}); err != nil {
		return nil, fmt.Errorf("state module: %w", err)
	}
	if p.run, err = p.state.Func(emit.Run); err != nil {
		return nil, err
	}
	p.grow, err = p.state.Func(emit.Grow)
	return p, err
}

func (p *process) close() {
	for _, i := range p.insts {
		i.Close()
	}
	p.state.Close()
	p.host.Close()
	p.mem.Close()
}

// helper is some function of its arguments, or a fused multiply-add.
func helper(h ir.Helper, a, b, c uint64) uint64 {
	if h >= 1000 {
		var e lift.Env
		return e.Call(h-1000, a, b, c)
	}
	return (a*0x9e3779b97f4a7c15 ^ b ^ c<<7 ^ uint64(h)) * 0xbf58476d1ce4e5b9
}

// syscallResult is what a system call gives; results near the smallest integer mean something else.
func syscallResult(args [7]uint64) uint64 {
	r := uint64(0)
	for _, a := range args {
		r = r*31 + a
	}
	return r &^ (1 << 63)
}

// load adds regions.
func (p *process) load(regions []emit.Region) error {
	bin := emit.Module(p.conf, regions)
	m, err := p.eng.Compile(bin)
	if err != nil {
		return err
	}
	defer m.Close()
	inst, err := p.eng.Instantiate(m, engine.Imports{emit.ImportMemory: p.mem.Instance(), emit.ImportState: p.state, emit.ImportHost: p.host})
	if err != nil {
		return err
	}
	p.insts = append(p.insts, inst)
	init, err := inst.Func(emit.Init)
	if err != nil {
		return err
	}
	n := uint32(0)
	for _, r := range regions {
		n += uint32(len(r.Entries))
	}
	if p.next+n > p.size {
		if err := p.grow.Call([]uint64{uint64(n)}); err != nil {
			return err
		}
		p.size += n
	}
	if err := init.Call([]uint64{uint64(p.next)}); err != nil {
		return err
	}
	for _, r := range regions {
		for _, pc := range r.Entries {
			p.setMap(pc, p.next)
			p.next++
		}
	}
	return nil
}

func (p *process) write32(off uint64, v uint32) {
	if !p.mem.Write(off, binary.LittleEndian.AppendUint32(nil, v)) {
		panic("BUG: the test's memory is too small")
	}
}

func (p *process) setMap(pc uint64, index uint32) {
	chunk := uint64(chunks) + (pc>>16-0x40)*emit.ChunkSize
	p.write32(hidden+emit.HiddenDir+pc>>16*4, uint32(chunk-(hidden+emit.HiddenZero)))
	p.write32(chunk+pc&0xfffc, index)
}

// mapped reports whether there is a function for pc.
func (p *process) mapped(pc uint64) bool {
	if pc>>16 < 0x40 || pc>>16 >= 0x44 {
		return false
	}
	var w [4]byte
	p.mem.Read(uint64(chunks)+(pc>>16-0x40)*emit.ChunkSize+pc&0xfffc, w[:])
	return binary.LittleEndian.Uint32(w[:]) != 0
}

// setState and getState move m's slots into the register block and back, and its memory.
func (p *process) setState(m *ireval.Machine) {
	p.mem.Write(0, m.Mem)
	p.setSlots(m)
	p.write32(hidden+emit.HiddenBlock+uint64(p.layout.Var[emit.VarGuardLo]), m.GuardLo)
	p.write32(hidden+emit.HiddenBlock+uint64(p.layout.Var[emit.VarGuardLen]), m.GuardLen)
}

func (p *process) setSlots(m *ireval.Machine) {
	for i, v := range m.Slots {
		b := binary.LittleEndian.AppendUint64(nil, v.Lo)
		b = binary.LittleEndian.AppendUint64(b, v.Hi)
		p.mem.Write(hidden+emit.HiddenBlock+uint64(p.layout.Slot[i]), b[:slotSize(m.Arch.Slots[i].Type)])
	}
}

func slotSize(t ir.Type) int { return map[ir.Type]int{ir.I32: 4, ir.I64: 8, ir.V128: 16}[t] }

func (p *process) getSlots(m *ireval.Machine) {
	for i := range m.Slots {
		var b [16]byte
		p.mem.Read(hidden+emit.HiddenBlock+uint64(p.layout.Slot[i]), b[:slotSize(m.Arch.Slots[i].Type)])
		m.Slots[i] = ireval.V{Lo: binary.LittleEndian.Uint64(b[:]), Hi: binary.LittleEndian.Uint64(b[8:])}
	}
}

func (p *process) getState(m *ireval.Machine) {
	p.mem.Read(0, m.Mem)
	p.getSlots(m)
}

func (p *process) blockVar(v emit.Var) uint64 {
	var b [8]byte
	p.mem.Read(hidden+emit.HiddenBlock+uint64(p.layout.Var[v]), b[:])
	return binary.LittleEndian.Uint64(b[:])
}

var errRuns = errors.New("too many entries into translated code")

// exec runs prog on m's state until it stops, entering translated code with some fuel each
// time and making more of it where it is missed.
func (p *process) exec(prog *ireval.Program, m *ireval.Machine, pc uint64, fuel func() int32, miss func(pc uint64) error) (ireval.Stop, error) {
	p.setState(m)
	defer p.getState(m)
	last, stuck := uint64(0), false
	for {
		if p.runs++; p.runs > 20_000 {
			return ireval.Stop{}, errRuns
		}
		n := fuel()
		if stuck { // less than a function charges when it is entered
			n += 20_000
		}
		last, stuck = pc, false
		stack := []uint64{pc, uint64(uint32(n))}
		if err := p.run.Call(stack); err != nil {
			return ireval.Stop{}, err
		}
		next := uint64(uint32(stack[0]))
		pc = next &^ 3
		switch next & 3 {
		case emit.Continue:
			if _, ok := prog.At[pc]; !ok {
				return ireval.Stop{Kind: ireval.StopGoto, PC: pc}, nil
			}
			if p.mapped(pc) {
				return ireval.Stop{}, fmt.Errorf("run came back to %#x, which it has code for", pc)
			}
			if err := miss(pc); err != nil {
				return ireval.Stop{}, err
			}
		case emit.Preempt:
			stuck = pc == last
			if p.stopped {
				p.stopped = false
				p.finishSyscall(m)
			}
		case emit.Syscall:
			p.finishSyscall(m)
		case emit.Exit:
			return ireval.Stop{Kind: ireval.StopExit, PC: pc, Code: ir.ExitCode(uint32(p.blockVar(emit.VarExitCode))), Info: p.blockVar(emit.VarExitInfo)}, nil
		}
	}
}

// finishSyscall does what the kernel would.
func (p *process) finishSyscall(m *ireval.Machine) {
	p.getSlots(m)
	syscall(m)
	p.setSlots(m)
}

func syscall(m *ireval.Machine) {
	var args [7]uint64
	for i := range args {
		args[i] = m.Slots[int(ireval.SlotX)+i].Lo
	}
	m.Slots[ireval.SlotX] = ireval.V{Lo: syscallResult(args)}
}
