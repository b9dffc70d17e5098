// Package decode knows the A64 instruction set: it finds the encoding that a
// word belongs to, gives access to its fields, and prints it as GNU objdump
// does.
//
// There is one table. Each encoding is one row: its name, its 32 bits as a
// string ("s0010001 0hiiiiii iiiiiinn nnnddddd": digits are fixed, letters
// name fields), its text, and where the bits alone do not tell allocated from
// unallocated words, a predicate. Rows stand in files named after the chapters of
// the Arm Architecture Reference Manual (DDI 0487, C4.1). Everything else follows
// from the rows: the order of matching (more fixed bits first), the index, the
// constants that lifters register under, the coverage list (rows of features
// that boxer does not run are in the table too, marked so), and the random words that
// the conformance generator feeds to the oracle.
package decode

import (
	"math/bits"
	"sort"
	"sync"
)

//go:generate go test -run TestIDs -update

// ID names a row of the table; the constants are generated from it (ids.go).
type ID uint16

func (id ID) String() string { return table()[id].Name }

// Row is one encoding.
type Row struct {
	ID      ID
	Name    string  // a Go identifier, the name of the ID constant
	Class   Class   // the manual's chapter
	Feature Feature // the extension that brought it; Base for ARMv8.0
	Lifted  bool    // false: boxer does not run it, and traps by name
	Bits    string  // 32 digits and letters, and spaces; 'x' should be 1, 'y' should be 0

	mask, value uint32
	ones, zeros uint32 // should be 1, should be 0
	text        string
	ok          func(uint32) bool
	alias       func(uint32) string
	avoid       func(uint32) bool
	fields      []field
}

// field is the place of one letter of a row's bit string.
type field struct{ letter, shift, width uint8 }

// Mask has a 1 for each bit that the row fixes.
func (r *Row) Mask() uint32 { return r.mask }

// Value has the values of the fixed bits.
func (r *Row) Value() uint32 { return r.value }

// Matches reports whether w belongs to the row, more specific rows aside.
func (r *Row) Matches(w uint32) bool {
	return w&r.mask == r.value && (r.ok == nil || r.ok(w))
}

// Inst is a decoded word. Its methods read fields by the places that the A64
// encodings share (Rd, Rn, …) or by the letters of the row's bit string (F).
type Inst struct {
	Word uint32
	Row  *Row
}

// Decode finds the row of w. ok is false when w is unallocated (undefined)
// and Inst then has no Row. Constrained unpredictable words decode.
func Decode(w uint32) (in Inst, ok bool) {
	n := index()[w>>rootShift]
	for n.kids != nil {
		n = n.kids[w>>n.shift&n.mask]
	}
	for i := range n.cands {
		c := &n.cands[i]
		if w&c.mask == c.value && (c.ok == nil || c.ok(w)) {
			return Inst{w, c.row}, true
		}
	}
	return Inst{Word: w}, false
}

// Rows returns the table, indexed by ID. It must not be changed.
func Rows() []Row { return table() }

// rootShift leaves the bits of the index's first level: the instruction
// class, the opcode bits beside it, size and opc.
const rootShift = 21

// maxCands is the number of candidates that are tried one after the other
// rather than told apart by another level.
const maxCands = 3

// node is a step of the index: it either picks a child by some bits of the
// word or holds the rows left, most fixed bits first.
type node struct {
	shift uint8
	mask  uint32
	kids  []*node
	cands []cand
}

// cand is a Row's match, kept apart so that a scan stays in few cache lines.
type cand struct {
	mask, value uint32
	ok          func(uint32) bool
	row         *Row
}

// table parses the rows on first use: it costs a fraction of a millisecond,
// which commands that translate nothing do not pay.
var table = sync.OnceValue(func() []Row {
	n := 0
	for _, t := range tables {
		n += len(t.rows)
	}
	rows := make([]Row, 0, n)
	for _, t := range tables {
		for i := range t.rows {
			d := &t.rows[i]
			r := Row{ID: ID(len(rows)), Name: d.name, Class: t.class, Feature: t.feature, Lifted: t.feature.Lifted(),
				Bits: d.bits, text: d.text, ok: d.ok, alias: d.alias, avoid: t.avoid}
			r.parseBits(d.bits)
			rows = append(rows, r)
		}
	}
	return rows
})

// parseBits reads a bit string. Equal letters must be neighbours: an encoding
// that splits an immediate uses two letters.
func (r *Row) parseBits(s string) {
	r.fields = make([]field, 0, 8)
	bit := uint8(32)
	last := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == ' ' {
			continue
		}
		bit--
		switch {
		case c == '0' || c == '1':
			r.mask |= 1 << bit
			r.value |= uint32(c-'0') << bit
		case c == 'x':
			r.ones |= 1 << bit
		case c == 'y':
			r.zeros |= 1 << bit
		case c == last:
			f := &r.fields[len(r.fields)-1]
			f.shift = bit
			f.width++
		default:
			r.fields = append(r.fields, field{c, bit, 1})
		}
		last = c
	}
	if bit != 0 {
		panic("BUG: bit string of wrong length: " + s)
	}
}

// lookup is the index with what building it needs.
type lookup struct {
	root []*node
	made map[string]*node // nodes by their candidates, so that equal lists share one
	key  []byte
}

var indexOnce sync.Once
var indexRoot []*node

func index() []*node {
	indexOnce.Do(buildIndex)
	return indexRoot
}

func buildIndex() {
	rows := table()
	sorted := make([]*Row, len(rows))
	for i := range rows {
		sorted[i] = &rows[i]
	}
	// More fixed bits first: a row may so be an exception to a wider one.
	sort.SliceStable(sorted, func(i, j int) bool {
		return bits.OnesCount32(sorted[i].mask) > bits.OnesCount32(sorted[j].mask)
	})
	lists := make([][]*Row, 1<<(32-rootShift))
	for _, r := range sorted {
		free := ^r.mask >> rootShift
		for sub := free; ; sub = (sub - 1) & free {
			k := r.value>>rootShift | sub
			lists[k] = append(lists[k], r)
			if sub == 0 {
				break
			}
		}
	}
	b := lookup{made: make(map[string]*node)}
	const rootMask = (uint32(1)<<(32-rootShift) - 1) << rootShift
	root := make([]*node, len(lists))
	for k, l := range lists {
		root[k] = b.node(l, ^rootMask)
	}
	indexRoot = root
}

// windows are the bit ranges that A64 encodings distinguish themselves by below
// the top ones.
var windows = [...]struct{ shift, width uint8 }{{10, 6}, {16, 5}, {12, 4}, {10, 2}, {5, 5}, {0, 5}, {12, 9}}

// node makes the node for a list of rows; left has the bits not yet looked at.
func (b *lookup) node(l []*Row, left uint32) *node {
	b.key = b.key[:0]
	for _, r := range l {
		b.key = append(b.key, byte(r.ID), byte(r.ID>>8))
	}
	b.key = append(b.key, byte(left), byte(left>>8), byte(left>>16), byte(left>>24))
	key := string(b.key)
	if n := b.made[key]; n != nil {
		return n
	}
	n := &node{}
	b.made[key] = n
	best, bestCost := -1, 0
	if len(l) > maxCands {
		for i, w := range windows {
			m := (uint32(1)<<w.width - 1) << w.shift
			if m&left != m {
				continue
			}
			cost := 0 // candidates left over all children, scaled to 9 bits
			for _, r := range l {
				cost += 1 << bits.OnesCount32(m&^r.mask) << (9 - w.width)
			}
			if cost < len(l)<<9*3/4 && (best < 0 || cost < bestCost) {
				best, bestCost = i, cost
			}
		}
	}
	if best < 0 {
		n.cands = make([]cand, len(l))
		for i, r := range l {
			n.cands[i] = cand{r.mask, r.value, r.ok, r}
		}
		return n
	}
	w := windows[best]
	n.shift, n.mask = w.shift, 1<<w.width-1
	n.kids = make([]*node, 1<<w.width)
	m := n.mask << w.shift
	var sub []*Row
	for k := range n.kids {
		sub = sub[:0]
		for _, r := range l {
			if (uint32(k)<<w.shift^r.value)&r.mask&m == 0 {
				sub = append(sub, r)
			}
		}
		n.kids[k] = b.node(sub, left&^m)
	}
	return n
}
