package translate

import (
	"fmt"
	"sync"
	"time"

	"boxer/runtime/arch"
	"boxer/runtime/emit"
	"boxer/runtime/engine"
)

// A Unit names code that translations are made from: a range of a file, at an address.
type Unit struct {
	Digest             [32]byte // of the whole file
	Start, End, Offset uint64   // guest addresses, and the file offset of Start
}

func unitOf(t arch.Text) Unit { return Unit{t.Digest, t.Start, t.End, t.Offset} }

// Form is the shape of all code of a CPU.
type Form struct {
	Hidden    uint32 // linear offset of the CPU's hidden range
	Faults    bool   // precise faults
	PreciseFP bool
}

// Span is a range of guest addresses.
type Span struct{ Lo, Hi uint64 }

// An AheadModule is a code module that was made before, from functions of one unit.
type AheadModule struct {
	Unit Unit
	Form Form
	// Entries are the guest PCs of the functions that it puts into the table, in order. Of two that
	// are equal the later one counts.
	Entries []uint64
	// Ranges are the guest code that it was made from, ascending and disjoint.
	Ranges []Span
	// Size is that of the module's binary, in bytes.
	Size int
	Madd Madd
}

// AheadInit is the function that such a module exports, of one I32 parameter and no result.
const AheadInit = emit.Init

// Madd says which engines a module is for, by how they multiply and add.
type Madd uint8

const (
	AnyMadd     Madd = iota // it does not matter: nothing in it does
	ExactMadd               // those without Profile.RelaxedMadd
	RelaxedMadd             // those with it
)

// Fits reports whether m can be used with a profile.
func (m *AheadModule) Fits(p *emit.Profile) bool {
	return m.Madd == AnyMadd || (m.Madd == RelaxedMadd) == p.RelaxedMadd
}

// Ahead has translations that were made before the run, elsewhere (package ahead). Its methods are
// safe for concurrent use.
type Ahead interface {
	// Find returns a module with a function for pc, or nil. What was nil may come later.
	Find(u Unit, f Form, pc uint64) *AheadModule
	// Compile returns the compiled form of one that Find returned.
	Compile(eng engine.Engine, m *AheadModule) (engine.Module, error)
	// Precise reports whether a program, by its file, is known to handle faults.
	Precise(program [32]byte) bool
}

// Identity says what made translations, and for which engine: one that was made under another
// identity must not be used.
func Identity(p *emit.Profile) string {
	q := *p
	q.RelaxedMadd = false // it makes faster code, not other code
	return fmt.Sprintf("%s %+v", Version, q)
}

// aheadCode is a module that is compiled when it is first wanted.
type aheadCode struct {
	once sync.Once
	code *code // nil if it could not be
}

// ahead returns the code that was made ahead for a place, or nil.
func (c *Cache) ahead(at place) *code {
	if c.opt.Ahead == nil || at.u.text.Anonymous() {
		return nil
	}
	m := c.opt.Ahead.Find(unitOf(at.u.text), at.form, at.pc)
	if m == nil || !m.Fits(c.opt.Profile) {
		return nil
	}
	c.mu.Lock()
	a := c.aheads[m]
	if a == nil {
		a = &aheadCode{}
		c.aheads[m] = a
	}
	c.mu.Unlock()
	a.once.Do(func() {
		start := time.Now()
		mod, err := c.opt.Ahead.Compile(c.eng, m)
		c.stat.compileNS.Add(int64(time.Since(start)))
		if err != nil {
			c.stat.aheadFailed.Add(1)
			return
		}
		c.stat.aheadModules.Add(1)
		a.code = &code{module: mod, entries: m.Entries, ranges: m.Ranges, size: m.Size}
	})
	return a.code
}
