package decode

import (
	"math/bits"
	"sync/atomic"
)

// The index is a tree over the word's bits. Its first level is an array by the
// instruction class and the opcode bits beside it; what hangs below an entry is made when
// the first word of that kind is decoded, in a few microseconds, so that a
// program pays for the classes that it uses.

// rootShift is the lowest of the bits that the first level looks at.
const rootShift = 21

var roots [1 << (32 - rootShift)]atomic.Pointer[node]

// node is a step of the index: it either picks a child by some bits of the word or
// has the rows left, most fixed bits first.
type node struct {
	kids  []node // their number is a power of two
	cands []cand
	shift uint8
}

// cand is a Row's match, kept apart so that a scan stays in few cache lines.
type cand struct {
	mask, value uint32
	ok          func(uint32) bool
	row         *Row
}

// maxCands is the number of candidates that are tried one after the other
// rather than told apart by another level.
const maxCands = 3

// windows are the bit ranges that A64 encodings distinguish themselves by below
// the first level.
var windows = [...]struct{ shift, width uint8 }{{10, 6}, {16, 5}, {12, 4}, {10, 2}, {5, 5}, {0, 5}, {12, 9}}

// makeRoot makes the tree of the words whose top bits are top. Two goroutines
// may do so at once; the trees are equal.
func makeRoot(top uint32) *node {
	const seen = ^uint32(1<<rootShift - 1)
	n := makeNode(matching(nil, byMask(), top<<rootShift, seen), ^seen)
	roots[top].Store(&n)
	return &n
}

// matching appends to dst those of rows whose fixed bits among mask agree with value.
func matching(dst, rows []*Row, value, mask uint32) []*Row {
	for _, r := range rows {
		if (value^r.value)&r.mask&mask == 0 {
			dst = append(dst, r)
		}
	}
	return dst
}

// makeNode makes the tree for a list of rows; left has the bits not looked at yet.
func makeNode(rows []*Row, left uint32) node {
	n := node{}
	w, ok := bestWindow(rows, left)
	if !ok {
		n.cands = make([]cand, len(rows))
		for i, r := range rows {
			n.cands[i] = cand{r.mask, r.value, r.ok, r}
		}
		return n
	}
	shift, width := windows[w].shift, windows[w].width
	mask := (uint32(1)<<width - 1) << shift
	n.shift = shift
	n.kids = make([]node, 1<<width)
	var sub []*Row
	for k := range n.kids {
		sub = matching(sub[:0], rows, uint32(k)<<shift, mask)
		n.kids[k] = makeNode(sub, left&^mask)
	}
	return n
}

// bestWindow picks the window that leaves the fewest candidates on average; ok is false
// when a scan is as good.
func bestWindow(rows []*Row, left uint32) (best int, ok bool) {
	if len(rows) <= maxCands {
		return 0, false
	}
	const scale = 9 // the widest window: costs are sums over 1<<scale children
	cost := len(rows) << scale * 3 / 4
	for i, w := range windows {
		mask := (uint32(1)<<w.width - 1) << w.shift
		if mask&left != mask {
			continue
		}
		c := 0
		for _, r := range rows {
			c += 1 << bits.OnesCount32(mask&^r.mask) << (scale - w.width)
		}
		if c < cost {
			best, cost, ok = i, c, true
		}
	}
	return best, ok
}
