package translate

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"time"

	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/ir"
)

// generation is a state module and the code linked to it.
type generation struct {
	cache *Cache
	owner *CPU // nil while it waits for the next one
	form  Form
	host  engine.Instance // the functions that translated code calls
	state engine.Instance
	run   engine.Func
	grow  engine.Func
	next  uint32 // free index of the function table
	size  uint32
	mods  []*linked
	index map[uint64]function // by PC: what was linked for it last
	dead  int                 // functions without a place in the call map
	stale bool                // to be replaced before it runs again
}

// linked is a code module of a generation.
type linked struct {
	*code
	unit *unit
	inst engine.Instance
	base uint32
	dead bool
}

// function is a place in the function table and the module that it is of.
type function struct {
	m     *linked
	index uint32
}

// Close implements io.Closer.
func (g *generation) Close() error {
	for _, m := range g.mods {
		m.inst.Close()
	}
	if g.state != nil {
		g.state.Close()
	}
	g.mods, g.state, g.index = nil, nil, nil
	if g.host == nil {
		return nil
	}
	return g.host.Close()
}

// newHost makes the functions that translated code calls.
func (g *generation) newHost(eng engine.Engine) (err error) {
	i64 := engine.I64
	g.host, err = eng.NewHost([]engine.HostFunc{
		{Name: emit.HostHelper, Params: []engine.ValType{engine.I32, i64, i64, i64}, Results: []engine.ValType{i64}, Fn: func(s []uint64) {
			s[0] = g.owner.env.Call(ir.Helper(uint32(s[0])), s[1], s[2], s[3])
		}},
		{Name: emit.HostSyscall, Params: []engine.ValType{i64, i64, i64, i64, i64, i64, i64}, Results: []engine.ValType{i64}, Fn: func(s []uint64) {
			s[0] = uint64(g.owner.syscall(s[0], (*[6]uint64)(s[1:7])))
		}},
		{Name: emit.HostMiss, Params: []engine.ValType{engine.I32}, Results: []engine.ValType{engine.I32}, Fn: func(s []uint64) {
			s[0] = uint64(g.owner.missInside(uint64(uint32(s[0]))))
		}},
	})
	return err
}

// newGeneration drops all code and starts afresh. The call map's parts stay reserved and
// are cleared.
func (p *CPU) newGeneration() error {
	p.cache.stat.generations.Add(1)
	if p.gen != nil {
		p.gen.Close()
		for _, lin := range p.chunks {
			p.mem.Zero(lin, emit.ChunkSize)
		}
	}
	p.form, p.gen = p.want, nil
	g := &generation{cache: p.cache, owner: p, form: p.form, next: 1, size: emit.FirstTable, index: map[uint64]function{}}
	err := g.newHost(p.cache.eng)
	if err == nil {
		err = g.link(p.cache, p.mem)
	}
	if err != nil {
		g.Close()
		return fmt.Errorf("state module: %w", err)
	}
	p.gen = g
	return nil
}

// link makes the state module.
func (g *generation) link(c *Cache, mem engine.Memory) error {
	st, err := c.state(g.form)
	if err != nil {
		return err
	}
	g.state, err = c.eng.Instantiate(st.module, engine.Imports{emit.ImportMemory: mem.Instance(), emit.ImportHost: g.host})
	if err != nil {
		return err
	}
	if g.run, err = g.state.Func(emit.Run); err != nil {
		return err
	}
	g.grow, err = g.state.Func(emit.Grow)
	return err
}

// resumeInsns is the size in instructions above which a function has one
// translation for all places it is resumed at, instead of one for each.
const resumeInsns = 500

// miss makes code for pc. It reports false with an exit if there is no code to run there.
func (p *CPU) miss(pc uint64) (arch.Exit, bool) {
	if pc&3 != 0 {
		return arch.Exit{Kind: arch.ExitAlign, Addr: pc, Precise: true}, false
	}
	u := p.unitAt(pc)
	if u == nil {
		return arch.Exit{Kind: arch.ExitFault, Addr: pc, Precise: true}, false
	}
	if p.found(u, pc) != 0 {
		return arch.Exit{}, true
	}
	cd, err := p.make(u, pc)
	if err == nil {
		err = p.link(cd, u)
	}
	if err != nil {
		return arch.Exit{Kind: arch.ExitError, Err: err}, false
	}
	return arch.Exit{}, true
}

// patience is how long a page's events wait for translations that cannot be interrupted. Leaving
// costs a translation for each place on the stack.
const patience = 20 * time.Millisecond

// missInside is miss while regions wait on the stack: what they called is not linked yet. It returns
// the index of the function for pc, or zero where only the dispatcher can say what to do. Without it
// each first call would unwind the stack, and each function on it would need translations for
// the places where it goes on: they were two thirds of what a starting program loads.
func (p *CPU) missInside(pc uint64) uint32 {
	if pc&3 != 0 || p.gen.stale {
		return 0
	}
	u := p.unitAt(pc)
	if u == nil {
		return 0
	}
	if i := p.found(u, pc); i != 0 {
		return i
	}
	cd, err := p.have(u, pc), error(nil)
	if cd == nil {
		if p.cache.opt.Yield != nil && (p.spent > patience || u.unknown()) {
			return 0 // outside others may run, and finding the functions may wait for the file
		}
		start := time.Now()
		cd, err = p.make(u, pc)
		p.spent += time.Since(start)
	}
	if err != nil || p.gen.next+uint32(len(cd.entries)) > p.gen.size || p.link(cd, u) != nil {
		return 0 // the dispatcher finds the same, and knows more
	}
	return p.mapped(pc)
}

// have returns the code for pc that is there already, or nil.
func (p *CPU) have(u *unit, pc uint64) *code {
	at := place{u, pc, p.form}
	cd := p.cache.known(at)
	if cd == nil {
		if cd = p.cache.ahead(at); cd != nil {
			p.cache.know(at, cd)
		}
	}
	return cd
}

// make translates what plan chooses for pc.
func (p *CPU) make(u *unit, pc uint64) (cd *code, err error) {
	if cd := p.have(u, pc); cd != nil {
		return cd, nil
	}
	at := place{u, pc, p.form}
	start := time.Now()
	groups, kind := p.plan(u, pc)
	if rec := p.cache.opt.Record; rec != nil && !u.text.Anonymous() {
		groups = rec.add(u, groups, pc, p.form, p.space)
	}
	pause := p.cache.opt.Yield
	if p.inside {
		pause = nil // what waits on the engine's stack could not be left
	}
	cd, err = p.cache.translation(u, groups, p.form, p.space, pause)
	if err == nil && !u.text.Anonymous() {
		p.cache.know(at, cd)
	}
	if debugJIT.Enabled() && err == nil {
		fmt.Fprintf(os.Stderr, "jit: %#x %s: %d functions, %d instructions, %d bytes in %v (%s)\n", pc, kind, len(groups), cd.insns(), cd.size, time.Since(start).Round(time.Microsecond), u.text.Name)
	}
	return cd, err
}

// plan chooses what to translate when pc has no code: the batch of a function, one
// place where a function goes on, or all such places of a large one.
func (p *CPU) plan(u *unit, pc uint64) (groups [][]uint64, kind string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.discover(p.space)
	if u.isEntry[pc] && !u.text.Anonymous() {
		for _, e := range u.batchOf(pc) {
			groups = append(groups, []uint64{e})
		}
		return groups, "batch"
	}
	p.cache.stat.resumes.Add(1)
	lo, hi := u.function(pc)
	if (hi-lo)/4 <= resumeInsns {
		return [][]uint64{{pc}}, "resume"
	}
	places := p.resumePlaces(u, lo, hi)
	if _, ok := slices.BinarySearch(places, pc); !ok {
		return [][]uint64{{pc}}, "resume"
	}
	return [][]uint64{places}, "resume all"
}

// resumePlaces lists where a function can be entered after an exit: behind calls and system calls,
// and at loop heads.
func (p *CPU) resumePlaces(u *unit, lo, hi uint64) []uint64 {
	src := &source{u: u, space: p.space}
	var places []uint64
	for pc := lo; pc < hi; pc += 4 {
		w, ok := src.Word(pc)
		if !ok {
			break
		}
		switch {
		case w>>26 == 0x25, w&0xfffffc1f == 0xd63f0000, w&0xffe0001f == 0xd4000001: // BL, BLR, SVC
			if pc+4 < hi {
				places = append(places, pc+4)
			}
			continue
		}
		var off int64
		switch {
		case w>>26 == 0x05: // B
			off = int64(int32(w<<6)>>6) * 4
		case w>>24 == 0x54, w>>25&0x3f == 0x1a: // B.cond, CBZ, CBNZ
			off = int64(int32(w<<8)>>13) * 4
		case w>>25&0x3f == 0x1b: // TBZ, TBNZ
			off = int64(int32(w<<13)>>18) * 4
		}
		if t := pc + uint64(off); off < 0 && t >= lo {
			places = append(places, t)
		}
	}
	// Where a switch is shared by the cases of an interpreter, that is its loop head.
	places = append(places, lift.SwitchTargets(src, lo)...)
	slices.Sort(places)
	return slices.Compact(places)
}

// unitAt returns the unit of the mapping around pc, nil if pc is not executable.
func (p *CPU) unitAt(pc uint64) *unit {
	for _, u := range p.units {
		if pc >= u.start && pc < u.end {
			return u
		}
	}
	t, ok := p.space.Text(pc)
	if !ok {
		return nil
	}
	u := p.cache.unit(t)
	p.units = append(p.units, u)
	return u
}

// link instantiates cd, which is of u, puts its functions into the table and its entries into the
// call map.
func (p *CPU) link(cd *code, u *unit) error {
	g := p.gen
	n := uint32(len(cd.entries))
	if g.next+n > g.size {
		more := max(n, g.size/2)
		stack := [1]uint64{uint64(more)}
		if err := g.grow.Call(stack[:]); err != nil || int32(stack[0]) < 0 {
			return fmt.Errorf("the function table cannot grow beyond %d functions", g.size)
		}
		g.size += more
	}
	inst, err := p.cache.eng.Instantiate(cd.module, engine.Imports{emit.ImportMemory: p.mem.Instance(), emit.ImportState: g.state, emit.ImportHost: g.host})
	if cd.own {
		cd.module.Close()
	}
	if err != nil {
		return err
	}
	init, err := inst.Func(emit.Init)
	if err != nil {
		return err
	}
	stack := [1]uint64{uint64(g.next)}
	if err := init.Call(stack[:]); err != nil {
		return err
	}
	m := &linked{code: cd, unit: u, inst: inst, base: g.next}
	g.next += n
	g.mods = append(g.mods, m)
	for i, pc := range cd.entries {
		g.index[pc] = function{m, m.base + uint32(i)}
		if err := p.setMap(pc, m.base+uint32(i)); err != nil {
			return err
		}
	}
	return nil
}

// found looks for pc, in u, among what is linked already and has lost its place in the call
// map: left by another process, or unmapped meanwhile. Zero: there is none.
func (p *CPU) found(u *unit, pc uint64) uint32 {
	f, ok := p.gen.index[pc]
	if !ok || f.m.unit != u || u.text.Anonymous() || p.setMap(pc, f.index) != nil {
		return 0
	}
	if f.m.dead {
		f.m.dead = false
		p.gen.dead -= len(f.m.entries)
	}
	return f.index
}

// setMap makes index the function for pc.
func (p *CPU) setMap(pc uint64, index uint32) error {
	hi := uint32(pc) >> 16
	lin, ok := p.chunks[hi]
	var w [4]byte
	if !ok {
		addr, err := p.space.Reserve(emit.ChunkSize)
		if err != nil {
			return fmt.Errorf("no memory for the call map: %w", err)
		}
		lin = addr - arch.LinearBias
		if lin < p.hidden+emit.HiddenZero {
			return fmt.Errorf("call map at %#x lies below the hidden range", addr)
		}
		p.chunks[hi] = lin
		binary.LittleEndian.PutUint32(w[:], uint32(lin-(p.hidden+emit.HiddenZero)))
		p.mem.Write(p.hidden+emit.HiddenDir+uint64(hi)*4, w[:])
	}
	binary.LittleEndian.PutUint32(w[:], index)
	p.mem.Write(lin+pc&0xfffc, w[:])
	return nil
}

// mapped returns the index of the function for pc, zero if there is none.
func (p *CPU) mapped(pc uint64) uint32 {
	lin, ok := p.chunks[uint32(pc)>>16]
	if !ok {
		return 0
	}
	var w [4]byte
	p.mem.Read(lin+pc&0xfffc, w[:])
	return binary.LittleEndian.Uint32(w[:])
}

// clearMap forgets the function for pc if it is index.
func (p *CPU) clearMap(pc uint64, index uint32) {
	if p.mapped(pc) == index {
		p.mem.Write(p.chunks[uint32(pc)>>16]+pc&0xfffc, make([]byte, 4))
	}
}

// Invalidate implements arch.CPU. Functions of a module call each other
// directly, so a module goes as a whole when any of its code changed.
func (p *CPU) Invalidate(addr, n uint64) {
	end := addr + n
	p.units = slices.DeleteFunc(p.units, func(u *unit) bool { return addr < u.end && end > u.start })
	g := p.gen
	if g == nil {
		return
	}
	for _, m := range g.mods {
		if m.dead || !m.overlaps(addr, end) {
			continue
		}
		m.dead = true
		p.leave = p.leave || p.inside
		g.dead += len(m.entries)
		for i, pc := range m.entries {
			p.clearMap(pc, m.base+uint32(i))
		}
	}
	// Dead code stays in the table; start afresh when it is much.
	g.stale = g.stale || g.dead > 256 && g.dead > int(g.next)/4
}

// insns is the number of guest instructions that c was made from.
func (c *code) insns() (n uint64) {
	for _, r := range c.ranges {
		n += (r.Hi - r.Lo) / 4
	}
	return n
}

func (c *code) overlaps(lo, hi uint64) bool {
	i, _ := slices.BinarySearchFunc(c.ranges, lo, func(s Span, lo uint64) int {
		if s.Hi <= lo {
			return -1
		}
		return 1
	})
	return i < len(c.ranges) && c.ranges[i].Lo < hi
}

// undefined is the exit of a word that is no instruction, or is not lifted.
func undefined(w uint32) arch.Exit {
	e := arch.Exit{Kind: arch.ExitUndefined, Insn: w}
	if in, ok := decode.Decode(w); ok {
		e.Name = in.Row.Name
	}
	return e
}
