package ahead

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"boxer/runtime/translate"
)

// Bounds of an index, which anybody may have written.
const (
	maxIndex   = 16 << 20
	maxModule  = 64 << 20
	maxModules = 4096
)

var errIndex = errors.New("the image's index of translations is not understood")

// Parse reads an index. Modules of it must be provided before they are of use.
func Parse(text []byte) (*Set, error) {
	s := &Set{precise: map[[32]byte]bool{}, places: map[key]map[uint64]*translate.AheadModule{}, ready: map[*translate.AheadModule]provided{}}
	if len(text) > maxIndex {
		return nil, fmt.Errorf("%w: it has %d bytes", errIndex, len(text))
	}
	p := parser{set: s}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if err := p.line(n, strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", errIndex, n, err)
		}
	}
	if n == 0 {
		return nil, fmt.Errorf("%w: it is empty", errIndex)
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("%w: %w", errIndex, err)
	}
	return s, nil
}

// parser is what an index's lines so far said.
type parser struct {
	set  *Set
	key  key
	unit bool
	form bool
}

func (p *parser) line(n int, line string) error {
	if n == 1 {
		if line != magic {
			return fmt.Errorf("%.40q where %q should be", line, magic)
		}
		return nil
	}
	word, rest, _ := strings.Cut(line, " ")
	f := strings.Fields(rest)
	switch word {
	case "by":
		p.set.Identity = rest
		return nil
	case "precise":
		d, err := digest(f, 0)
		p.set.precise[d] = true
		return err
	case "unit":
		d, err := digest(f, 0)
		v, err2 := numbers(f, 1, 3)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		p.key.unit = translate.Unit{Digest: d, Start: v[0], End: v[1], Offset: v[2]}
		p.unit, p.form = true, false
		if v[0] >= v[1] || v[1] > 1<<32 {
			return errors.New("a unit outside the address space")
		}
		return p.end()
	case "form":
		v, err := numbers(f, 0, 1)
		if err != nil || v[0] > 1<<32-1 {
			return errors.New("a form without an offset")
		}
		p.key.form = translate.Form{Hidden: uint32(v[0])}
		for _, flag := range f[1:] {
			switch flag {
			case "faults":
				p.key.form.Faults = true
			case "fp":
				p.key.form.PreciseFP = true
			default:
				return fmt.Errorf("form: %.20q", flag)
			}
		}
		p.form = true
		return p.end()
	case "module":
		return p.module(f)
	case "entries":
		return p.entries(f)
	case "ranges":
		return p.ranges(f)
	}
	return fmt.Errorf("%.20q", word)
}

func (p *parser) module(f []string) error {
	if err := p.end(); err != nil {
		return err
	}
	if !p.unit || !p.form {
		return errors.New("a module without unit or form")
	}
	if len(p.set.Modules) == maxModules || len(f) < 3 {
		return errors.New("too many modules, or too few words")
	}
	sum, err := digest(f, 2)
	if err != nil {
		return err
	}
	size, err := strconv.ParseUint(f[1], 10, 32)
	if err != nil || size > maxModule {
		return fmt.Errorf("a module of %.20s bytes", f[1])
	}
	if f[0] != hex.EncodeToString(sum[:8])+".wasm" {
		return fmt.Errorf("the name %.40q", f[0])
	}
	m := &Module{AheadModule: translate.AheadModule{Unit: p.key.unit, Form: p.key.form, Size: int(size)}, Name: f[0], Sum: sum}
	for _, flag := range f[3:] {
		switch flag {
		case "exact":
			m.Madd = translate.ExactMadd
		case "relaxed":
			m.Madd = translate.RelaxedMadd
		case "rest":
			m.Rest = true
		default:
			return fmt.Errorf("module: %.20q", flag)
		}
	}
	p.set.Modules = append(p.set.Modules, m)
	return nil
}

// last is the module that lines belong to.
func (p *parser) last() (*Module, error) {
	if n := len(p.set.Modules); n > 0 {
		return p.set.Modules[n-1], nil
	}
	return nil, errors.New("no module before it")
}

func (p *parser) entries(f []string) error {
	m, err := p.last()
	if err != nil || m.Entries != nil || len(f) == 0 {
		return errors.New("entries without a module, or twice, or none")
	}
	m.Entries = make([]uint64, len(f))
	at := m.Unit.Start
	for i, s := range f {
		d, err := strconv.ParseInt(s, 16, 32)
		if at += uint64(4 * d); err != nil || at < m.Unit.Start || at >= m.Unit.End {
			return fmt.Errorf("entry %.20q lies outside the unit", s)
		}
		m.Entries[i] = at
	}
	return nil
}

func (p *parser) ranges(f []string) error {
	m, err := p.last()
	if err != nil || m.Ranges != nil || len(f) == 0 || len(f)%2 != 0 {
		return errors.New("ranges without a module, or twice, or none")
	}
	v, err := numbers(f, 0, len(f))
	if err != nil {
		return err
	}
	m.Ranges = make([]translate.Span, len(f)/2)
	at := m.Unit.Start
	for i := range m.Ranges {
		gap, n := v[2*i], v[2*i+1]
		if gap > 1<<30 || n > 1<<30 {
			return errors.New("a range outside the address space")
		}
		lo := at + 4*gap
		at = lo + 4*n
		m.Ranges[i] = translate.Span{Lo: lo, Hi: at}
	}
	return nil
}

// end checks that the module before is complete.
func (p *parser) end() error {
	if m, err := p.last(); err == nil && (m.Entries == nil || m.Ranges == nil) {
		return fmt.Errorf("module %s without entries or ranges", m.Name)
	}
	return nil
}

func digest(f []string, i int) (d [32]byte, err error) {
	if i >= len(f) || len(f[i]) != 64 {
		return d, errors.New("no digest")
	}
	_, err = hex.Decode(d[:], []byte(f[i]))
	return d, err
}

// numbers reads n numbers from f[from:], hexadecimal and below 2^40.
func numbers(f []string, from, n int) ([]uint64, error) {
	if len(f) < from+n {
		return nil, errors.New("too few numbers")
	}
	v := make([]uint64, n)
	for i := range v {
		var err error
		if v[i], err = strconv.ParseUint(f[from+i], 16, 40); err != nil {
			return nil, fmt.Errorf("%.20q is no number", f[from+i])
		}
	}
	return v, nil
}
