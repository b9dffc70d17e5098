package translate

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/emit"
	"boxer/runtime/ir"
)

// A Recorder keeps what the processes of a Cache ask for, so that it can be made ahead of another
// run, for another engine. The recorded run translates function by function instead of in
// batches: what it asks for is what it executes.
//
// Code is lifted for the other engine while its process is there, since jump tables are read from
// memory; Modules emits it. Its methods are safe for concurrent use.
type Recorder struct {
	profile *emit.Profile
	fuel    atomic.Int64

	mu      sync.Mutex
	units   map[aheadKey]*recorded
	precise map[[32]byte]bool
}

// aheadKey is what a module made ahead is of.
type aheadKey struct {
	unit Unit
	form Form
}

// recorded is what was asked for of a unit in a form.
type recorded struct {
	regions map[uint64]*recordedRegion // with one entry, by that
	resumes map[uint64]*recordedRegion // with several, by the first
}

type recordedRegion struct {
	emit.Region
	ranges []Span
	insns  int
	rest   bool
	madd   bool // fused multiply-add is in it
}

// NewRecorder makes a Recorder for an engine's profile.
func NewRecorder(p *emit.Profile) *Recorder {
	return &Recorder{profile: p, units: map[aheadKey]*recorded{}, precise: map[[32]byte]bool{}}
}

// Fuel is how many guest instructions ran so far, roughly.
func (r *Recorder) Fuel() int64 { return r.fuel.Load() }

// Precise lists the programs that turned out to handle faults, ascending.
func (r *Recorder) Precise() [][32]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Keys(r.precise), func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
}

func (r *Recorder) setPrecise(program [32]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.precise[program] = true
}

// add notes what plan chose for pc and returns the part of it that the recorded run shall translate.
func (r *Recorder) add(u *unit, groups [][]uint64, pc uint64, f Form, space Space) [][]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	key := aheadKey{unitOf(u.text), f}
	rec := r.units[key]
	if rec == nil {
		rec = &recorded{map[uint64]*recordedRegion{}, map[uint64]*recordedRegion{}}
		r.units[key] = rec
	}
	b := ir.NewBuilder(arm64.IR, "", 0)
	asked := groups
	for _, g := range groups {
		at := rec.regions
		if len(g) > 1 {
			at = rec.resumes
		}
		hot := slices.Contains(g, pc)
		if hot {
			asked = [][]uint64{g}
		}
		reg := at[g[0]]
		if reg == nil {
			reg = r.lift(b, u, g, f, space)
			reg.rest = true
			at[g[0]] = reg
		}
		reg.rest = reg.rest && !hot
	}
	return asked
}

// lift makes the IR of a region. Preconditions: u.mu is held.
func (r *Recorder) lift(b *ir.Builder, u *unit, entries []uint64, f Form, space Space) *recordedRegion {
	conf := config(r.profile, f)
	fn := lift.Region(b, &source{u: u, space: space}, entries, lift.Options{PreciseFP: f.PreciseFP})
	reg := &recordedRegion{Region: emit.Region{Func: fn, Entries: entries}, ranges: liftedFrom(fn)}
	for i := range fn.Blocks {
		reg.insns += int(fn.Blocks[i].Cost)
	}
	ir.Optimize(fn, conf.PassOptions())
	reg.madd = slices.ContainsFunc(fn.Insts, func(in ir.Inst) bool { return in.Op == ir.FMA })
	return reg
}

// A MadeAhead is a module that Modules made.
type MadeAhead struct {
	AheadModule
	Bin   []byte
	Insns int // guest instructions in it
	// Rest says that nothing in it was executed: neighbours of what was.
	Rest bool
}

// Modules emits what was recorded: for each unit and form, modules of up to about limit guest
// instructions each. Its result depends on what was recorded and on nothing else. With rest, the functions that share a
// batch with an executed one are there too, in modules of their own.
func (r *Recorder) Modules(limit int, rest bool) []MadeAhead {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []MadeAhead
	for _, key := range slices.SortedFunc(maps.Keys(r.units), aheadKey.compare) {
		rec := r.units[key]
		// Of two functions for one PC the later one counts, in calls within the module and in the call map: that
		// with one entry, which is the better code.
		var all []*recordedRegion
		for _, m := range []map[uint64]*recordedRegion{rec.resumes, rec.regions} {
			for _, pc := range slices.Sorted(maps.Keys(m)) {
				all = append(all, m[pc])
			}
		}
		for _, kind := range []struct {
			rest bool
			madd Madd
		}{{false, AnyMadd}, {false, ExactMadd}, {false, RelaxedMadd}, {true, AnyMadd}, {true, ExactMadd}, {true, RelaxedMadd}} {
			if kind.rest && !rest {
				break
			}
			var part []*recordedRegion
			insns := 0
			flush := func() {
				if len(part) > 0 {
					out = append(out, r.module(key, part, kind.madd, kind.rest))
				}
				part, insns = nil, 0
			}
			for _, reg := range all {
				if reg.rest != kind.rest || reg.madd != (kind.madd != AnyMadd) {
					continue
				}
				if insns > 0 && insns+reg.insns > limit {
					flush()
				}
				part = append(part, reg)
				insns += reg.insns
			}
			flush()
		}
	}
	return out
}

func (r *Recorder) module(key aheadKey, part []*recordedRegion, madd Madd, rest bool) MadeAhead {
	m := MadeAhead{AheadModule: AheadModule{Unit: key.unit, Form: key.form, Madd: madd}, Rest: rest}
	var regions []emit.Region
	for _, reg := range part {
		regions = append(regions, reg.Region)
		m.Entries = append(m.Entries, reg.Entries...)
		m.Ranges = append(m.Ranges, reg.ranges...)
		m.Insns += reg.insns
	}
	m.Ranges = mergeSpans(m.Ranges)
	p := *r.profile
	p.RelaxedMadd = madd == RelaxedMadd
	m.Bin = emit.Module(config(&p, key.form), regions)
	m.Size = len(m.Bin)
	return m
}

func (k aheadKey) compare(o aheadKey) int {
	return cmp.Or(bytes.Compare(k.unit.Digest[:], o.unit.Digest[:]), cmp.Compare(k.unit.Start, o.unit.Start), cmp.Compare(k.unit.End, o.unit.End),
		cmp.Compare(k.unit.Offset, o.unit.Offset), cmp.Compare(k.form.Hidden, o.form.Hidden),
		cmp.Compare(bit(k.form.Faults), bit(o.form.Faults)), cmp.Compare(bit(k.form.PreciseFP), bit(o.form.PreciseFP)))
}
