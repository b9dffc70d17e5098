package decode

import (
	"math"
	"math/bits"
)

// signExtend takes the low n bits of v as a signed number.
func signExtend(v uint32, n uint) int64 { return int64(int32(v<<(32-n)) >> (32 - n)) }

// BranchOffset is the distance in bytes from the instruction to what it names:
// the target of a direct branch, the word that a literal load reads, the
// result of ADR. For ADRP it is counted from the instruction's page.
func (in Inst) BranchOffset() int64 {
	w := in.Word
	switch {
	case w&0x7c000000 == 0x14000000: // B, BL
		return signExtend(w, 26) << 2
	case w&0x7e000000 == 0x36000000: // TBZ, TBNZ
		return signExtend(w>>5, 14) << 2
	case w&0x1f000000 == 0x10000000: // ADR, ADRP
		off := signExtend(w>>5, 19)<<2 | int64(w>>29&3)
		if w>>31 != 0 {
			off <<= 12
		}
		return off
	}
	return signExtend(w>>5, 19) << 2 // B.cond, CBZ, CBNZ, LDR (literal)
}

// BranchTarget is BranchOffset applied to the instruction's address.
func (in Inst) BranchTarget(pc uint64) uint64 {
	if in.Word&0x9f000000 == 0x90000000 { // ADRP
		pc &^= 0xfff
	}
	return pc + uint64(in.BranchOffset())
}

// TestedBit is the number of the bit that TBZ and TBNZ test.
func (in Inst) TestedBit() uint32 { return in.Word>>31<<5 | in.Word>>19&31 }

// DecodeBitMask expands the immediate of the logical instructions
// (DecodeBitMasks, Arm ARM aarch64/instrs/integer/bitmasks): a run of ones, rotated, in an
// element of 2 to 64 bits, repeated. width is 32 or 64. ok is false for
// reserved values.
func DecodeBitMask(n, imms, immr uint32, width uint) (mask uint64, ok bool) {
	length := bits.Len32(n<<6|^imms&0x3f) - 1
	if length < 1 || width == 32 && n != 0 {
		return 0, false
	}
	esize := uint32(1) << length
	s, r := imms&(esize-1), immr&(esize-1)
	if s == esize-1 {
		return 0, false
	}
	elem := uint64(1)<<(s+1) - 1
	elem = elem>>r | elem<<(esize-r)
	if esize < 64 {
		elem &= 1<<esize - 1
		for e := esize; e < 64; e *= 2 {
			elem |= elem << e
		}
	}
	if width == 32 {
		elem &= math.MaxUint32
	}
	return elem, true
}

// BitMask is the immediate of AND, ORR, EOR and ANDS.
func (in Inst) BitMask() uint64 {
	width := uint(32)
	if in.SF() {
		width = 64
	}
	m, _ := DecodeBitMask(in.Word>>22&1, in.Word>>10&63, in.Word>>16&63, width)
	return m
}

// VFPExpandImm expands an 8-bit floating-point immediate to the bits of a number of
// 16, 32 or 64 bits.
func VFPExpandImm(imm8 uint32, width uint) uint64 {
	exp := [...]uint{5, 8, 11}[width>>5] // bits of the exponent
	frac := width - exp - 1
	sign := uint64(imm8 >> 7)
	top := uint64(imm8 >> 6 & 1)
	e := (top ^ 1) << (exp - 1)
	if top != 0 {
		e |= (1<<(exp-3) - 1) << 2
	}
	e |= uint64(imm8 >> 4 & 3)
	return sign<<(width-1) | e<<frac | uint64(imm8&15)<<(frac-4)
}

// AdvSIMDExpandImm expands the modified immediate of MOVI, MVNI, ORR, BIC and
// FMOV to 64 bits; a 128-bit vector has it twice. MVNI and BIC apply its
// complement, which is not taken here except for what op selects itself.
func AdvSIMDExpandImm(op, cmode, imm8 uint32) uint64 {
	v := uint64(imm8)
	switch cmode >> 1 {
	case 0, 1, 2, 3:
		return v << (8 * (cmode >> 1)) * 0x1_0000_0001
	case 4, 5:
		return v << (8 * (cmode >> 1 & 1)) * 0x1_0001_0001_0001
	case 6:
		if cmode&1 == 0 {
			return (v<<8 | 0xff) * 0x1_0000_0001
		}
		return (v<<16 | 0xffff) * 0x1_0000_0001
	}
	switch {
	case cmode&1 == 0 && op == 0:
		return v * 0x01010101_01010101
	case cmode&1 == 0:
		var m uint64
		for i := range 8 {
			if v>>i&1 != 0 {
				m |= 0xff << (8 * i)
			}
		}
		return m
	case op == 0:
		return VFPExpandImm(imm8, 32) * 0x1_0000_0001
	}
	return VFPExpandImm(imm8, 64)
}

// SIMDImm is AdvSIMDExpandImm of the word's own fields.
func (in Inst) SIMDImm() uint64 {
	return AdvSIMDExpandImm(in.Word>>29&1, in.Word>>12&15, simdImm8(in.Word))
}

// simdImm8 is the 8-bit immediate of the modified immediate encodings, abc:defgh.
func simdImm8(w uint32) uint32 { return w>>16&7<<5 | w>>5&31 }

// FPImm is the value of FMOV (scalar, immediate) in the format of the instruction's
// type: 16, 32 or 64 bits.
func (in Inst) FPImm() uint64 {
	return VFPExpandImm(in.Word>>13&0xff, [...]uint{32, 64, 0, 16}[in.Size()])
}
