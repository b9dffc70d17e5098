package lazy

import "boxer/runtime/sha2"

// headers are the parts of the tar that the index holds.
type headers struct {
	extents []Extent
	starts  []int64 // of each extent in bytes
	bytes   []byte  // nil once they are not needed any more
}

func newHeaders(x *Index) *headers {
	h := &headers{extents: x.Headers, starts: make([]int64, len(x.Headers)), bytes: x.HeaderBytes}
	at := int64(0)
	for i, e := range x.Headers {
		h.starts[i] = at
		at += e.Size
	}
	return h
}

// overlap calls f for the parts of headers within n bytes of the tar at off:
// where in those bytes, where in h.bytes, and how long.
func (h *headers) overlap(off, n int64, f func(at, in, n int64)) {
	lo, hi := 0, len(h.extents)
	for lo < hi { // the first that ends behind off
		if mid := (lo + hi) / 2; h.extents[mid].Start+h.extents[mid].Size <= off {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for ; lo < len(h.extents) && h.extents[lo].Start < off+n; lo++ {
		e := h.extents[lo]
		from, to := max(e.Start, off), min(e.Start+e.Size, off+n)
		f(from-off, h.starts[lo]+from-e.Start, to-from)
	}
}

// sums are hashes of the headers in each member, by which a member is compared
// with the index when the headers themselves are gone.
func (h *headers) sums(members []Member) [][32]byte {
	sums := make([][32]byte, len(members))
	for i, m := range members {
		sum := sha2.New256()
		h.overlap(m.Start, m.Len, func(_, in, n int64) { sum.Write(h.bytes[in : in+n]) })
		sum.Sum(sums[i][:0])
	}
	return sums
}

// sumIn is the hash of the headers as member m's contents have them.
func (h *headers) sumIn(m *Member, contents []byte) (sum [32]byte) {
	s := sha2.New256()
	h.overlap(m.Start, m.Len, func(at, _, n int64) { s.Write(contents[at : at+n]) })
	s.Sum(sum[:0])
	return sum
}
