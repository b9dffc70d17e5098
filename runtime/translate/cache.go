package translate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/ir"
	"boxer/runtime/sha2"
)

// Version names the translator's output. It changes whenever the same code may
// become other Wasm, so that translations stored by another version are not used.
const Version = "13"

// Store keeps translations between runs, by key. What Get returns is trusted to be
// what Put was given: it will be executed. Both are safe for concurrent use.
type Store interface {
	Get(key [32]byte) ([]byte, bool)
	Put(key [32]byte, data []byte)
}

// Options of a Cache.
type Options struct {
	// Profile is the engine's; nil means Wazero.
	Profile *emit.Profile
	// Store may be nil.
	Store Store
	// Ahead has translations that were made before, or is nil. They are executed as they are.
	Ahead Ahead
	// Record, if not nil, keeps what is asked for.
	Record *Recorder
	// Verify, if not nil, checks the IR after each pass: ir.Verify.
	Verify func(*ir.Func) error
	// Yield, if not nil, is called between functions, while no guest code is
	// on the stack: a page lets its events in.
	Yield func()
}

// Cache holds what the processes of an engine share: units of code and compiled
// translations. It is safe for concurrent use.
type Cache struct {
	eng  engine.Engine
	opt  Options
	stat counters
	// version is the part of keys that all translations share.
	version []byte

	mu     sync.Mutex
	units  map[Unit]*unitSlot
	code   map[[32]byte]*codeSlot
	states map[Form]*codeSlot
	aheads map[*AheadModule]*aheadCode
	places map[place]*code   // what make found, to find it again without plan and key
	faults map[[32]byte]bool // programs by their file: whether they handle faults, once looked up
}

type unitSlot struct {
	once sync.Once
	u    *unit
}

type codeSlot struct {
	once sync.Once
	code *code
	err  error
}

// code is a compiled module: a function for each entry.
type code struct {
	module  engine.Module
	entries []uint64
	ranges  []Span // guest code that it was made from, ascending
	size    int    // of the Wasm module, in bytes
	own     bool   // of one CPU, not shared
}

// counters are the numbers behind Stats.
type counters struct {
	insns, functions, modules, hits, misses, resumes, traps, generations, adopted atomic.Int64
	translateNS, compileNS, bytes                                                 atomic.Int64
	aheadModules, aheadFailed                                                     atomic.Int64
}

// NewCache makes a cache for the processes of eng.
func NewCache(eng engine.Engine, opt Options) *Cache {
	if opt.Profile == nil {
		opt.Profile = Wazero()
	}
	version := fmt.Sprintf("boxer %s %+v\n", Version, *opt.Profile)
	return &Cache{eng: eng, opt: opt, version: []byte(version), units: map[Unit]*unitSlot{}, code: map[[32]byte]*codeSlot{}, states: map[Form]*codeSlot{}, aheads: map[*AheadModule]*aheadCode{},
		faults: map[[32]byte]bool{}, places: map[place]*code{}}
}

func (c *Cache) config(f Form) *emit.Config { return config(c.opt.Profile, f) }

// config is the emitter's configuration for a form.
func config(p *emit.Profile, f Form) *emit.Config {
	conf := &emit.Config{Arch: arm64.IR, Profile: p, Bias: arch.LinearBias, Hidden: f.Hidden, PreciseFaults: f.Faults,
		FMA32: lift.HelperFMA32, FMA64: lift.HelperFMA64, SyscallResult: arm64.SlotX}
	conf.SyscallArgs = append(conf.SyscallArgs, arm64.SlotX+8)
	for i := range ir.Slot(6) {
		conf.SyscallArgs = append(conf.SyscallArgs, arm64.SlotX+i)
	}
	return conf
}

// unit returns the unit of a mapping.
func (c *Cache) unit(t arch.Text) *unit {
	if t.Anonymous() {
		return newUnit(t, c.opt.Profile.Batch)
	}
	key := unitOf(t)
	c.mu.Lock()
	s := c.units[key]
	if s == nil {
		s = &unitSlot{}
		c.units[key] = s
	}
	c.mu.Unlock()
	s.once.Do(func() { s.u = newUnit(t, c.opt.Profile.Batch) })
	return s.u
}

// state returns the compiled state module of a form.
func (c *Cache) state(f Form) (*code, error) {
	f.Faults, f.PreciseFP = false, false // the state does not differ
	c.mu.Lock()
	s := c.states[f]
	if s == nil {
		s = &codeSlot{}
		c.states[f] = s
	}
	c.mu.Unlock()
	s.once.Do(func() {
		m, err := c.eng.Compile(emit.State(c.config(f)))
		s.code, s.err = &code{module: m}, err
	})
	return s.code, s.err
}

// A place is where a CPU found no code, in a unit that is shared.
type place struct {
	u    *unit
	pc   uint64
	form Form
}

// known returns the code for a place that some process asked for before, or nil.
func (c *Cache) known(at place) *code {
	c.mu.Lock()
	defer c.mu.Unlock()
	cd := c.places[at]
	if cd != nil {
		c.stat.hits.Add(1)
	}
	return cd
}

func (c *Cache) know(at place, cd *code) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.places[at] = cd
}

// precise reports whether a program is known to handle faults.
func (c *Cache) precise(program [32]byte) bool {
	c.mu.Lock()
	p, known := c.faults[program]
	c.mu.Unlock()
	if !known && (c.opt.Store != nil || c.opt.Ahead != nil) {
		if c.opt.Store != nil {
			_, p = c.opt.Store.Get(preciseKey(program))
		}
		p = p || c.opt.Ahead != nil && c.opt.Ahead.Precise(program)
		c.mu.Lock()
		c.faults[program] = p || c.faults[program]
		c.mu.Unlock()
	}
	return p
}

// setPrecise remembers that a program handles faults.
func (c *Cache) setPrecise(program [32]byte) {
	c.mu.Lock()
	known := c.faults[program]
	c.faults[program] = true
	c.mu.Unlock()
	if c.opt.Record != nil {
		c.opt.Record.setPrecise(program)
	}
	if !known && c.opt.Store != nil {
		c.opt.Store.Put(preciseKey(program), []byte("handles faults"))
	}
}

func preciseKey(program [32]byte) [32]byte {
	return sha2.Sum256(append([]byte("boxer handles faults "), program[:]...))
}

// translation returns the compiled code for groups of entries of u, a region each; a group of
// several is one region with several entries. pause, if not nil, is called now and then.
func (c *Cache) translation(u *unit, groups [][]uint64, f Form, space Space, pause func()) (*code, error) {
	if u.text.Anonymous() {
		// Code without a stable identity may change as soon as it is translated, and is
		// made anew without end (JIT compilers): it is not shared by guest address. The
		// engine finds the same Wasm again, if this is a fork.
		return c.load([32]byte{}, u, groups, f, space, pause)
	}
	key := c.key(u, groups, f)
	c.mu.Lock()
	s := c.code[key]
	if s == nil {
		s = &codeSlot{}
		c.code[key] = s
	}
	c.mu.Unlock()
	hit := true
	s.once.Do(func() {
		hit = false
		s.code, s.err = c.load(key, u, groups, f, space, pause)
	})
	if hit {
		c.stat.hits.Add(1)
	}
	return s.code, s.err
}

// load takes a translation from the engine or the store, or makes it. Code without a stable
// identity is not worth a place on disk.
func (c *Cache) load(key [32]byte, u *unit, groups [][]uint64, f Form, space Space, pause func()) (*code, error) {
	keep := !u.text.Anonymous()
	keeper, _ := c.eng.(engine.Keeper)
	compile := func(bin []byte, cd *code) (err error) {
		start := time.Now()
		if keep && keeper != nil {
			cd.module, err = keeper.CompileKept(key, bin, cd.note(len(bin)))
		} else {
			cd.module, err = c.eng.Compile(bin)
		}
		c.stat.compileNS.Add(int64(time.Since(start)))
		cd.size = len(bin)
		return err
	}
	if keep && keeper != nil {
		if m, note, ok := keeper.Recall(key); ok {
			if cd, rest, err := decodeNote(note); err == nil && len(rest) == 0 {
				c.stat.hits.Add(1)
				cd.module = m
				return cd, nil
			}
			m.Close()
		}
	}
	if keep && c.opt.Store != nil {
		if data, ok := c.opt.Store.Get(key); ok {
			if cd, bin, err := decodeNote(data); err == nil && len(bin) == cd.size {
				if compile(bin, cd) == nil {
					c.stat.hits.Add(1)
					return cd, nil
				}
			}
		}
	}
	c.stat.misses.Add(1)
	start := time.Now()
	bin, cd := c.translate(u, groups, f, space, pause)
	c.stat.translateNS.Add(int64(time.Since(start)))
	if err := compile(bin, cd); err != nil {
		return nil, fmt.Errorf("translation of %#x: %w", groups[0][0], err)
	}
	c.stat.bytes.Add(int64(len(bin)))
	if keep && c.opt.Store != nil {
		c.opt.Store.Put(key, append(cd.note(len(bin)), bin...))
	}
	return cd, nil
}

// translate lifts, optimises and emits.
func (c *Cache) translate(u *unit, groups [][]uint64, f Form, space Space, pause func()) ([]byte, *code) {
	u.mu.Lock()
	defer u.mu.Unlock()
	src := &source{u: u, space: space}
	b := ir.NewBuilder(arm64.IR, "", 0)
	conf := c.config(f)
	passes := conf.PassOptions()
	passes.Verify = c.opt.Verify
	var regions []emit.Region
	cd := &code{own: u.text.Anonymous()}
	for _, g := range groups {
		fn := lift.Region(b, src, g, lift.Options{PreciseFP: f.PreciseFP})
		if pause != nil {
			pause()
		}
		cd.ranges = append(cd.ranges, liftedFrom(fn)...)
		for i := range fn.Blocks {
			c.stat.insns.Add(int64(fn.Blocks[i].Cost))
		}
		ir.Optimize(fn, passes)
		regions = append(regions, emit.Region{Func: fn, Entries: g})
		cd.entries = append(cd.entries, g...)
		if pause != nil {
			pause()
		}
	}
	c.stat.functions.Add(int64(len(groups)))
	c.stat.modules.Add(1)
	cd.ranges = mergeSpans(cd.ranges)
	if pause != nil {
		pause()
	}
	bin := emit.Module(conf, regions)
	if Dump != nil {
		Dump(regions, bin)
	}
	return bin, cd
}

// Dump, if not nil, is shown each translation: the IR after the passes and the module.
// Package translate/dump sets it.
var Dump func(regions []emit.Region, module []byte)

// liftedFrom lists the guest code that fn, as it was lifted, depends on.
func liftedFrom(fn *ir.Func) (out []Span) {
	for i := range fn.Blocks {
		blk := &fn.Blocks[i]
		out = append(out, Span{blk.PC, blk.PC + 4*uint64(blk.Cost)})
	}
	for _, s := range fn.Inlined {
		out = append(out, Span{s.Lo, s.Hi})
	}
	return out
}

func mergeSpans(s []Span) []Span {
	slices.SortFunc(s, func(a, b Span) int {
		if a.Lo < b.Lo {
			return -1
		}
		return 1
	})
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r.Lo <= out[n-1].Hi {
			out[n-1].Hi = max(out[n-1].Hi, r.Hi)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// key identifies a translation of a file's code by all that its bytes depend on.
func (c *Cache) key(u *unit, groups [][]uint64, f Form) [32]byte {
	h := sha2.New256()
	h.Write(c.version)
	var b []byte
	for _, v := range []uint64{uint64(f.Hidden), u.start, u.end, u.text.Offset} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	h.Write(append(b, bit(f.Faults), bit(f.PreciseFP)))
	h.Write(u.text.Digest[:])
	b = b[:0]
	for _, g := range groups {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(g)))
		for _, pc := range g {
			b = binary.LittleEndian.AppendUint64(b, pc)
		}
	}
	h.Write(b)
	return [32]byte(h.Sum(nil))
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// note is what is kept of a translation beside its module of size bytes: the size, the numbers of
// entries and ranges, and these. decodeNote reads it back from the start of p.
func (c *code) note(size int) []byte {
	le := binary.LittleEndian
	p := make([]byte, 0, 12+8*len(c.entries)+16*len(c.ranges))
	p = le.AppendUint32(p, uint32(size))
	p = le.AppendUint32(p, uint32(len(c.entries)))
	p = le.AppendUint32(p, uint32(len(c.ranges)))
	for _, e := range c.entries {
		p = le.AppendUint64(p, e)
	}
	for _, r := range c.ranges {
		p = le.AppendUint64(p, r.Lo)
		p = le.AppendUint64(p, r.Hi)
	}
	return p
}

var errStored = errors.New("stored translation is damaged")

func decodeNote(p []byte) (c *code, rest []byte, err error) {
	le := binary.LittleEndian
	if len(p) < 12 {
		return nil, nil, errStored
	}
	size, n, m := le.Uint32(p), uint64(le.Uint32(p[4:])), uint64(le.Uint32(p[8:]))
	p = p[12:]
	if uint64(len(p)) < 8*n+16*m {
		return nil, nil, errStored
	}
	c = &code{size: int(size), entries: make([]uint64, n), ranges: make([]Span, m)}
	for i := range c.entries {
		c.entries[i] = le.Uint64(p)
		p = p[8:]
	}
	for i := range c.ranges {
		c.ranges[i] = Span{le.Uint64(p), le.Uint64(p[8:])}
		p = p[16:]
	}
	return c, p, nil
}

// Stats reports the cache's counters by name.
func (c *Cache) Stats() map[string]int64 {
	s := &c.stat
	return map[string]int64{
		"translated_insns": s.insns.Load(), "translated_functions": s.functions.Load(), "translated_modules": s.modules.Load(),
		"translate_ns": s.translateNS.Load(), "compile_ns": s.compileNS.Load(), "wasm_bytes": s.bytes.Load(),
		"cache_hits": s.hits.Load(), "cache_misses": s.misses.Load(), "resumes": s.resumes.Load(), "traps": s.traps.Load(),
		"generations": s.generations.Load(), "generations_adopted": s.adopted.Load(),
		"ahead_modules": s.aheadModules.Load(), "ahead_failed": s.aheadFailed.Load(),
	}
}
