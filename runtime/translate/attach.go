package translate

import (
	"encoding/binary"
	"errors"
	"io"

	"boxer/runtime/arch"
	"boxer/runtime/emit"
)

// A CPU executes on its space's memory only while the space has one. Where
// memories are slots that spaces take turns in, the generation stays with the memory that
// it is linked to, and the next CPU there goes on with it if it wants code of the same form: a
// shell's children, and the shell itself when it is back, find all they have in common. The call map is
// the guest's to write, so none of it is taken over: it starts empty and is filled as
// functions are missed, from the generation's own index.

// attach takes a memory to execute on, from pc.
func (p *CPU) attach(pc uint64) error {
	if len(p.units) == 0 { // the program's first instruction, or a child's
		if u := p.unitAt(pc); u != nil && !u.text.Anonymous() && p.cache.precise(u.text.Digest) {
			p.want.Faults = true
		}
	}
	m, left, err := p.space.Occupy(p.evicted)
	if err != nil {
		return err
	}
	if !m.Grow(p.hidden + arch.HiddenSize) {
		return errors.New("no memory for the CPU's hidden range")
	}
	p.mem = m
	if g, ok := left.(*generation); ok && g.form == p.want && g.cache == p.cache && g.reusable() {
		g.owner, p.gen, p.form = p, g, g.form
		p.cache.stat.adopted.Add(1)
	} else if left != nil {
		left.Close()
	}
	var w [4]byte
	for hi, lin := range p.chunks { // whose contents are gone
		binary.LittleEndian.PutUint32(w[:], uint32(lin-(p.hidden+emit.HiddenZero)))
		p.mem.Write(p.hidden+emit.HiddenDir+uint64(hi)*4, w[:])
	}
	return nil
}

// detach lets go of the memory and returns what is linked to it, or nil.
func (p *CPU) detach() *generation {
	g := p.gen
	p.mem, p.gen = nil, nil
	if g != nil {
		g.owner = nil
	}
	return g
}

// evicted is called when the memory is taken away.
func (p *CPU) evicted() io.Closer {
	g := p.detach()
	if g == nil {
		return nil
	}
	if !g.reusable() {
		g.Close()
		return nil
	}
	return g
}

// maxShared is how many functions a generation may have before no other
// process goes on with it: what it has for the one before is of no use then.
const maxShared = 1 << 14

// reusable reports whether the generation is worth keeping. Code without an identity is
// nobody else's: it counts as dead.
func (g *generation) reusable() bool {
	if g.stale || g.next > maxShared {
		return false
	}
	dead := 0
	for _, m := range g.mods {
		if m.unit.text.Anonymous() {
			dead += len(m.entries)
		}
	}
	return dead <= 256 || dead <= int(g.next)/4
}
