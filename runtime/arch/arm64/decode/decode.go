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
//
// To add an encoding, write its row, run go generate, and let go test -words 1000000
// compare it with objdump.
package decode

import (
	"math/bits"
	"strconv"
	"sync"
)

//go:generate go test -run TestIDs -update

// ID names a row of the table; the constants are generated from it (ids.go).
type ID uint16

// String is the row's name.
func (id ID) String() string {
	if rows := table(); int(id) < len(rows) {
		return rows[id].Name
	}
	return "row " + strconv.Itoa(int(id))
}

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
	fields      [8]field // in use while width is not 0
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
	n := roots[w>>rootShift].Load()
	if n == nil {
		n = makeRoot(w >> rootShift)
	}
	for n.kids != nil {
		n = &n.kids[w>>n.shift&uint32(len(n.kids)-1)]
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

// Both are made on first use: that takes some tenths of a millisecond, which commands
// that translate nothing do not pay.
var (
	table  = sync.OnceValue(parseTable)
	byMask = sync.OnceValue(func() []*Row { return sortRows(table()) }) // in the order of matching
)

func parseTable() []Row {
	n := 0
	for _, t := range tables {
		n += len(t.rows)
	}
	rows := make([]Row, 0, n)
	for _, t := range tables {
		for i := range t.rows {
			d := &t.rows[i]
			rows = append(rows, Row{ID: ID(len(rows)), Name: d.name, Class: t.class, Feature: t.feature, Lifted: t.feature.Lifted(),
				Bits: d.bits, text: d.text, ok: d.ok, alias: d.alias, avoid: t.avoid})
			rows[len(rows)-1].parseBits(d.bits)
		}
	}
	return rows
}

// sortRows puts rows with more fixed bits first, so that a row may be an exception to a
// wider one; among equals the table's order stands.
func sortRows(rows []Row) []*Row {
	var end [34]int // end[n]: how many rows fix 33-n bits or more
	for i := range rows {
		end[33-fixed(&rows[i])]++
	}
	for n := 1; n < len(end); n++ {
		end[n] += end[n-1]
	}
	sorted := make([]*Row, len(rows))
	for i := len(rows) - 1; i >= 0; i-- {
		n := 33 - fixed(&rows[i])
		end[n]--
		sorted[end[n]] = &rows[i]
	}
	return sorted
}

// fixed is the number of bits that a row fixes.
func fixed(r *Row) int { return bits.OnesCount32(r.mask) }

// parseBits reads a bit string. Equal letters must be neighbours: an encoding
// that splits an immediate uses two letters.
func (r *Row) parseBits(s string) {
	bit := uint8(32)
	last := byte(0)
	n := 0
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
			r.fields[n-1].shift = bit
			r.fields[n-1].width++
		default:
			r.fields[n] = field{c, bit, 1}
			n++
		}
		last = c
	}
	if bit != 0 {
		panic("BUG: bit string of wrong length: " + s)
	}
}
