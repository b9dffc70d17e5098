package fpvectors

import (
	"slices"
	"testing"
)

// TestValues: every class of number is there, of both signs.
func TestValues(t *testing.T) {
	for _, width := range []int{16, 32, 64} {
		frac, _ := format(width)
		v := Values(width)
		if !slices.IsSorted(v) || len(slices.Compact(slices.Clone(v))) != len(v) {
			t.Errorf("%d bits: not ascending", width)
		}
		mask := uint64(1)<<frac - 1
		inf := uint64(1)<<(width-1) - 1 - mask
		for _, want := range []uint64{0, 1, mask, mask + 1, inf - 1, inf, inf | 1, inf | (mask+1)/2, inf | mask} {
			for _, sign := range []uint64{0, 1 << (width - 1)} {
				if _, ok := slices.BinarySearch(v, want|sign); !ok {
					t.Errorf("%d bits: %#x is missing among %d values", width, want|sign, len(v))
				}
			}
		}
	}
}

// TestDeterministic pins a few operands: recorded results depend on them.
func TestDeterministic(t *testing.T) {
	var sum uint64
	add := func(v uint64) { sum = (sum ^ v) * 0x100000001b3 }
	for _, width := range []int{16, 32, 64} {
		for _, tu := range Tuples(width, 1000, 7) {
			for _, v := range tu {
				add(v)
			}
		}
	}
	for _, width := range []int{32, 64} {
		for _, tu := range IntTuples(width, 1000, 7) {
			add(tu[0])
			if width == 32 && tu[0]>>32 != 0 {
				t.Fatalf("%#x has more than 32 bits", tu[0])
			}
		}
	}
	const want = 0xbffeab8a054f70a7
	if sum != want {
		t.Errorf("the operands changed: %#x, want %#x; record the results anew", sum, uint64(want))
	}
}
