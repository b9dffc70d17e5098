package emit

import (
	"iter"
	"math/bits"

	"boxer/runtime/ir"
)

// slotSet is a set of slots.
type slotSet [2]uint64

func (s *slotSet) add(i ir.Slot)     { s[i>>6] |= 1 << (i & 63) }
func (s slotSet) has(i ir.Slot) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s slotSet) or(o slotSet) slotSet  { return slotSet{s[0] | o[0], s[1] | o[1]} }
func (s slotSet) and(o slotSet) slotSet { return slotSet{s[0] & o[0], s[1] & o[1]} }
func (s slotSet) not(o slotSet) slotSet { return slotSet{s[0] &^ o[0], s[1] &^ o[1]} }

// all yields the members in ascending order.
func (s slotSet) all() iter.Seq[ir.Slot] {
	return func(yield func(ir.Slot) bool) {
		for w, m := range s {
			for ; m != 0; m &= m - 1 {
				if !yield(ir.Slot(w<<6 + bits.TrailingZeros64(m))) {
					return
				}
			}
		}
	}
}
