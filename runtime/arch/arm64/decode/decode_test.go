package decode

import (
	"math/rand/v2"
	"testing"
)

// FuzzDecode: no word may panic, and a decoded one belongs to its row.
func FuzzDecode(f *testing.F) {
	for _, r := range Rows() {
		f.Add(r.value)
		f.Add(r.value | ^r.mask)
	}
	f.Fuzz(func(t *testing.T, w uint32) { checkWord(t, w) })
}

// TestDecodeAny is the fuzz test's property on more words than its seeds.
func TestDecodeAny(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 300_000 {
		checkWord(t, rng.Uint32())
	}
}

func checkWord(t *testing.T, w uint32) {
	in, ok := Decode(w)
	if ok != (in.Row != nil) || in.Word != w {
		t.Fatalf("%08x: Decode returns %v, %v", w, in, ok)
	}
	if ok && !in.Row.Matches(w) {
		t.Fatalf("%08x decodes to %s, which it does not match", w, in.Row.Name)
	}
	if in.String(0x1000) == "" {
		t.Fatalf("%08x prints as nothing", w)
	}
	in.Unpredictable()
}

// TestDecodeFirst holds the index to its definition: of the rows that match, the one with
// most fixed bits, and of several such the first.
func TestDecodeFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	rows := Rows()
	for i := range rows {
		for range 20 {
			w := rng.Uint32()&^rows[i].mask | rows[i].value
			var want *Row
			for j := range rows {
				if r := &rows[j]; r.Matches(w) && (want == nil || fixed(r) > fixed(want)) {
					want = r
				}
			}
			if in, _ := Decode(w); in.Row != want {
				t.Fatalf("%08x decodes to %v, want %v", w, in.Row, want)
			}
		}
	}
}

// BenchmarkDecode decodes words that programs executed, in no order.
func BenchmarkDecode(b *testing.B) {
	words, _ := readRecorded(b)
	b.ResetTimer()
	for i := range b.N {
		Decode(words[i&4095])
	}
}

// BenchmarkTable is what the first Decode costs, BenchmarkRoot the first of each kind.
func BenchmarkTable(b *testing.B) {
	for range b.N {
		sortRows(parseTable())
	}
}

func BenchmarkRoot(b *testing.B) {
	for i := range b.N {
		makeRoot(uint32(i) % uint32(len(roots)))
	}
}

func BenchmarkString(b *testing.B) {
	in, _ := Decode(0xf9400c41)
	for range b.N {
		_ = in.String(0)
	}
}
