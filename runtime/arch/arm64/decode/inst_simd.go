package decode

import "math/bits"

// Fields of Advanced SIMD that take more than one step to read. Element sizes are
// log2 of bytes, 0 to 3.

// Element is the indexed operand of the by-element forms: a register and an
// index into its elements of in.Size(), 1 (halfwords) to 3.
func (in Inst) Element() (reg, index uint32) {
	h, l, m := in.Word>>11&1, in.Word>>21&1, in.Word>>20&1
	switch in.Size() {
	case 1:
		return in.Rm() & 15, h<<2 | l<<1 | m
	case 2:
		return in.Rm(), h<<1 | l
	}
	return in.Rm(), h
}

// Imm5 is the element of DUP, INS, SMOV and UMOV.
func (in Inst) Imm5() (size, index uint32) {
	imm5 := in.Word >> 16 & 31
	size = uint32(bits.TrailingZeros32(imm5))
	return size, imm5 >> (size + 1)
}

// Imm4Index is the source element of INS (element), whose size Imm5 gives.
func (in Inst) Imm4Index() uint32 {
	size, _ := in.Imm5()
	return in.Word >> 11 & 15 >> size
}

// ShiftSize is the element size of a shift by immediate: that of the narrow
// elements where it narrows or widens.
func (in Inst) ShiftSize() uint32 { return uint32(bits.Len32(in.Word>>19&15) - 1) }

// ShiftRight is the amount of a right shift by immediate, 1 to the element's width, and
// the number of fraction bits of a fixed-point conversion.
func (in Inst) ShiftRight() uint32 { return 16<<in.ShiftSize() - in.Word>>16&127 }

// ShiftLeft is the amount of a left shift by immediate, 0 to the element's width less 1.
func (in Inst) ShiftLeft() uint32 { return in.Word>>16&127 - 8<<in.ShiftSize() }

// StructRegs is the number of registers of a structure load or store: of LD1 to
// ST4, multiple, single and replicating.
func (in Inst) StructRegs() uint32 {
	if in.Word>>24&1 != 0 { // single
		return in.Word>>13&1<<1 | in.Word>>21&1 + 1
	}
	switch in.Word >> 12 & 15 {
	case 7:
		return 1
	case 8, 10:
		return 2
	case 4, 6:
		return 3
	}
	return 4
}

// StructSize is the element size of a structure load or store.
func (in Inst) StructSize() uint32 {
	size := in.Word >> 10 & 3
	if in.Word>>24&1 == 0 { // multiple
		return size
	}
	switch class := in.Word >> 14 & 3; class {
	case 3: // replicating
		return size
	case 2:
		return 2 + size
	default:
		return class
	}
}

// StructLane is the index of a single structure's element.
func (in Inst) StructLane() uint32 {
	return (in.Word>>30&1<<3 | in.Word>>12&1<<2 | in.Word>>10&3) >> in.StructSize()
}
