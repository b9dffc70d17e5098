package decode

import "math/rand/v2"

// Random returns a word that decodes to the row and whose result the manual defines: free
// bits are random, unallocated, unpredictable and more specific words are left out.
func (r *Row) Random(rng *rand.Rand) uint32 {
	for range 100_000 {
		w := rng.Uint32()&^(r.mask|r.zeros) | r.value | r.ones
		if in, ok := Decode(w); ok && in.Row == r && !in.Unpredictable() {
			return w
		}
	}
	panic("BUG: row " + r.Name + " has no word of its own")
}
