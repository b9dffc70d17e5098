package decode

import (
	"math"
	"math/bits"
	"testing"
)

// TestDecodeBitMask builds every value that the logical instructions can take, as the
// manual describes it, and looks for it among the decoded ones.
func TestDecodeBitMask(t *testing.T) {
	for _, width := range []uint{32, 64} {
		want := map[uint64]bool{}
		for esize := uint(2); esize <= width; esize *= 2 {
			for ones := uint(1); ones < esize; ones++ {
				for rot := range esize {
					var v uint64
					for i := range width {
						if (i+rot)%esize < ones {
							v |= 1 << i
						}
					}
					want[v] = true
				}
			}
		}
		got := map[uint64]bool{}
		for f := range uint32(1 << 13) {
			v, ok := DecodeBitMask(f>>12, f>>6&63, f&63, width)
			if !ok {
				continue
			}
			if !want[v] {
				t.Fatalf("width %d, N:imms:immr %013b: %#x", width, f, v)
			}
			got[v] = true
		}
		if len(got) != len(want) {
			t.Errorf("width %d: %d values, want %d", width, len(got), len(want))
		}
	}
}

// TestVFPExpandImm: the immediates are ±n/16·2^r, n from 16 to 31 and r from −3 to 4.
func TestVFPExpandImm(t *testing.T) {
	for imm := range uint32(256) {
		r := int(imm >> 4 & 7)
		if r >= 4 {
			r -= 8
		}
		want := float64(16+imm&15) / 16 * math.Pow(2, float64(r+1))
		if imm&0x80 != 0 {
			want = -want
		}
		if got := math.Float64frombits(VFPExpandImm(imm, 64)); got != want {
			t.Errorf("%#x: %v as double, want %v", imm, got, want)
		}
		if got := math.Float32frombits(uint32(VFPExpandImm(imm, 32))); float64(got) != want {
			t.Errorf("%#x: %v as single, want %v", imm, got, want)
		}
		h := VFPExpandImm(imm, 16)
		half := math.Ldexp(float64(1<<10|h&0x3ff), int(h>>10&31)-15-10)
		if h>>15 != 0 {
			half = -half
		}
		if half != want {
			t.Errorf("%#x: %v as half, want %v", imm, half, want)
		}
	}
}

func TestAdvSIMDExpandImm(t *testing.T) {
	for _, c := range []struct {
		op, cmode, imm8 uint32
		want            uint64
	}{
		{0, 0b0000, 0xa5, 0x000000a5_000000a5},
		{1, 0b0010, 0xa5, 0x0000a500_0000a500},
		{0, 0b0101, 0xa5, 0x00a50000_00a50000},
		{1, 0b0111, 0xa5, 0xa5000000_a5000000},
		{0, 0b1000, 0xa5, 0x00a500a5_00a500a5},
		{0, 0b1011, 0xa5, 0xa500a500_a500a500},
		{0, 0b1100, 0xa5, 0x0000a5ff_0000a5ff},
		{0, 0b1101, 0xa5, 0x00a5ffff_00a5ffff},
		{0, 0b1110, 0xa5, 0xa5a5a5a5_a5a5a5a5},
		{1, 0b1110, 0xa5, 0xff00ff00_00ff00ff},
		{0, 0b1111, 0x70, 0x3f800000_3f800000},
		{1, 0b1111, 0x70, 0x3ff00000_00000000},
	} {
		if got := AdvSIMDExpandImm(c.op, c.cmode, c.imm8); got != c.want {
			t.Errorf("op %d, cmode %04b, %#x: %#016x, want %#016x", c.op, c.cmode, c.imm8, got, c.want)
		}
	}
}

func TestBranchTarget(t *testing.T) {
	const pc = 0x1234_5678
	for _, c := range []struct {
		word uint32
		want uint64
	}{
		{0x14000001, pc + 4},      // b
		{0x97ffffff, pc - 4},      // bl
		{0x54ffffe1, pc - 4},      // b.ne
		{0xb4000040, pc + 8},      // cbz
		{0x37fbffe0, pc + 0x7ffc}, // tbnz
		{0xb7040000, pc - 0x8000}, // tbnz
		{0x18000020, pc + 4},      // ldr (literal)
		{0x70000000, pc + 3},      // adr
		{0xb0000000, 0x1234_6000}, // adrp
		{0xf0ffffe0, 0x1234_4000}, // adrp
	} {
		in, ok := Decode(c.word)
		if !ok {
			t.Fatalf("%08x does not decode", c.word)
		}
		if got := in.BranchTarget(pc); got != c.want {
			t.Errorf("%08x %s: %#x, want %#x", c.word, in.Row.Name, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	in, _ := Decode(0xa97f7bfd) // ldp x29, x30, [sp, #-16]
	if in.Row.ID != LDP_off || in.Rt() != 29 || in.Rt2() != 30 || in.Rn() != 31 || in.S('i') != -2 || in.F('i') != 126 || in.F('z') != 1 {
		t.Errorf("%v: %+v", in.Row.Name, in)
	}
	for _, r := range Rows() {
		sum := bits.OnesCount32(r.mask | r.ones | r.zeros)
		for _, f := range r.fields {
			sum += int(f.width)
		}
		seen := map[byte]bool{}
		for _, f := range r.fields {
			if f.width != 0 && seen[f.letter] {
				t.Errorf("%s: the bits of field %c are not neighbours", r.Name, f.letter)
			}
			seen[f.letter] = true
		}
		if sum != 32 {
			t.Errorf("%s: fields and fixed bits cover %d bits", r.Name, sum)
		}
	}
}
