// Package ahead keeps translations that travel with an image: WebAssembly modules, a file each, and an
// index that says what is in them. The index is text, so that a person can read what an image brings:
//
//	boxer translations 1
//	by 12 {Name:v8 …}                       translate.Identity of who made them
//	precise 3f0e…                           a program that handles faults, by its file's digest
//	unit 2d03… 400000 5a3f2c 0              digest, start and end address, file offset
//	form 10000 faults fp                    offset of the hidden range; the last two may be missing
//	module 8d7f1e20c5b6a391.wasm 812345 8d7f…  name, size, SHA-256; exact or relaxed, rest
//	entries 100 1 1a …                      in words: the first, and each one's distance from the one before
//	ranges 100 40 8 3 …                     in words: the distance from the end of the one before, and the length
//
// Numbers are hexadecimal, sizes of files decimal. unit and form hold until the next; entries and ranges
// follow their module.
package ahead

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"boxer/runtime/engine"
	"boxer/runtime/sha2"
	"boxer/runtime/translate"
)

// IndexName is the name of the index among the files.
const IndexName = "index.txt"

// A File is a file of a set of translations.
type File struct {
	Name string
	Data []byte
}

// A Module is a module of a Set.
type Module struct {
	translate.AheadModule
	// Name is the file's: some of its digest in hexadecimal, and ".wasm".
	Name string
	// Sum is the SHA-256 of the file.
	Sum [32]byte
	// Rest says that nothing in it was executed when it was recorded, only what lies beside it.
	Rest bool
}

// A Set is the translations that came with an image. It is a translate.Ahead: those count that were
// given to it by Provide or ProvideBytes. Its methods are safe for concurrent use.
type Set struct {
	// Identity is that of the translator that made them; see Fits.
	Identity string
	// Modules are all that there are, in the index's order.
	Modules []*Module

	precise map[[32]byte]bool

	mu     sync.Mutex
	places map[key]map[uint64]*translate.AheadModule // of modules that were provided
	ready  map[*translate.AheadModule]provided
}

type key struct {
	unit translate.Unit
	form translate.Form
}

type provided struct {
	compiled engine.Module
	bin      []byte
}

var _ translate.Ahead = (*Set)(nil)

// Fits reports whether the translations were made by this translator for engines of a profile.
func (s *Set) Fits(p *translate.Profile) bool { return s.Identity == translate.Identity(p) }

// Precise implements translate.Ahead.
func (s *Set) Precise(program [32]byte) bool { return s.precise[program] }

// Provide gives the compiled form of m, whose file had the right digest.
func (s *Set) Provide(m *Module, compiled engine.Module) { s.provide(m, provided{compiled: compiled}) }

// ErrDigest is the error of a file that is not what the index says.
var ErrDigest = errors.New("a translation is damaged: its digest is not the index's")

// ProvideBytes gives the file of m, which is compiled when it is needed.
func (s *Set) ProvideBytes(m *Module, bin []byte) error {
	if len(bin) != m.Size || sha2.Sum256(bin) != m.Sum {
		return fmt.Errorf("%s: %w", m.Name, ErrDigest)
	}
	s.provide(m, provided{bin: bin})
	return nil
}

func (s *Set) provide(m *Module, p provided) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready[&m.AheadModule] = p
	k := key{m.Unit, m.Form}
	at := s.places[k]
	if at == nil {
		at = map[uint64]*translate.AheadModule{}
		s.places[k] = at
	}
	for _, pc := range m.Entries {
		if have := at[pc]; have == nil || !m.Rest {
			at[pc] = &m.AheadModule
		}
	}
}

// Find implements translate.Ahead.
func (s *Set) Find(u translate.Unit, f translate.Form, pc uint64) *translate.AheadModule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.places[key{u, f}][pc]
}

// Compile implements translate.Ahead.
func (s *Set) Compile(eng engine.Engine, m *translate.AheadModule) (engine.Module, error) {
	s.mu.Lock()
	p := s.ready[m]
	s.mu.Unlock()
	if p.compiled != nil {
		return p.compiled, nil
	}
	return eng.Compile(p.bin)
}

// Pack makes the files of a set: the index first.
func Pack(identity string, precise [][32]byte, mods []translate.MadeAhead) []File {
	var w bytes.Buffer
	fmt.Fprintf(&w, "%s\nby %s\n", magic, identity)
	for _, d := range precise {
		fmt.Fprintf(&w, "precise %x\n", d)
	}
	files := make([]File, 1, 1+len(mods))
	var last key
	for i := range mods {
		m := &mods[i]
		if k := (key{m.Unit, m.Form}); k != last {
			if k.unit != last.unit {
				fmt.Fprintf(&w, "unit %x %x %x %x\n", m.Unit.Digest, m.Unit.Start, m.Unit.End, m.Unit.Offset)
			}
			fmt.Fprintf(&w, "form %x%s%s\n", m.Form.Hidden, flag(m.Form.Faults, "faults"), flag(m.Form.PreciseFP, "fp"))
			last = k
		}
		sum := sha2.Sum256(m.Bin)
		f := File{hex.EncodeToString(sum[:8]) + ".wasm", m.Bin}
		files = append(files, f)
		fmt.Fprintf(&w, "module %s %d %x%s%s%s\n", f.Name, len(m.Bin), sum,
			flag(m.Madd == translate.ExactMadd, "exact"), flag(m.Madd == translate.RelaxedMadd, "relaxed"), flag(m.Rest, "rest"))
		writeEntries(&w, m.Unit.Start, m.Entries)
		writeRanges(&w, m.Unit.Start, m.Ranges)
	}
	files[0] = File{IndexName, w.Bytes()}
	return files
}

const magic = "boxer translations 1"

func flag(on bool, name string) string {
	if on {
		return " " + name
	}
	return ""
}

// writeEntries writes PCs as distances in words; each may lie before the one before it.
func writeEntries(w *bytes.Buffer, from uint64, entries []uint64) {
	w.WriteString("entries")
	for _, pc := range entries {
		fmt.Fprintf(w, " %x", int64(pc-from)/4)
		from = pc
	}
	w.WriteByte('\n')
}

func writeRanges(w *bytes.Buffer, from uint64, ranges []translate.Span) {
	w.WriteString("ranges")
	for _, r := range ranges {
		fmt.Fprintf(w, " %x %x", (r.Lo-from)/4, (r.Hi-r.Lo)/4)
		from = r.Hi
	}
	w.WriteByte('\n')
}
