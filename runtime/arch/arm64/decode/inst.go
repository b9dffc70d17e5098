package decode

// The places below are those that A64 encodings share; a method is meaningful
// only for rows that have the field.

// Bits returns bits hi down to lo of the word.
func (in Inst) Bits(hi, lo uint) uint32 { return in.Word >> lo & (1<<(hi-lo+1) - 1) }

// Bit reports whether bit n of the word is set.
func (in Inst) Bit(n uint) bool { return in.Word>>n&1 != 0 }

// F returns the field that the row's bit string names with letter. A row that has
// no such field is a bug of the caller. It is not inlined: the lifter asks in many
// places, and the search in each, with ir.Builder.emit, was 19 KB of a page's core
// (brotli).
//
//go:noinline
func (in Inst) F(letter byte) uint32 {
	f := in.field(letter)
	return in.Word >> f.shift & (1<<f.width - 1)
}

// S returns the field letter sign-extended.
//
//go:noinline
func (in Inst) S(letter byte) int64 {
	f := in.field(letter)
	return signExtend(in.Word>>f.shift, uint(f.width))
}

func (in Inst) field(letter byte) field {
	for i := range in.Row.fields {
		if f := in.Row.fields[i]; f.letter == letter {
			return f
		}
	}
	panic("BUG: row " + in.Row.Name + " has no field " + string(letter))
}

// Rd is the destination register.
func (in Inst) Rd() uint32 { return in.Word & 31 }

// Rt is the register loaded or stored, or tested by a branch.
func (in Inst) Rt() uint32 { return in.Word & 31 }

// Rn is the first source or the base register.
func (in Inst) Rn() uint32 { return in.Word >> 5 & 31 }

// Rm is the second source or the index register.
func (in Inst) Rm() uint32 { return in.Word >> 16 & 31 }

// Rs is the status register of a store-exclusive and the operand of an atomic.
func (in Inst) Rs() uint32 { return in.Word >> 16 & 31 }

// Ra is the addend of the three-source instructions.
func (in Inst) Ra() uint32 { return in.Word >> 10 & 31 }

// Rt2 is the second register of a pair.
func (in Inst) Rt2() uint32 { return in.Word >> 10 & 31 }

// SF reports whether a data-processing instruction works on 64 bits.
func (in Inst) SF() bool { return in.Word>>31 != 0 }

// Q reports whether an Advanced SIMD instruction works on 128 bits.
func (in Inst) Q() bool { return in.Word>>30&1 != 0 }

// Size is bits 23 and 22: an Advanced SIMD instruction's element size (log2 of
// bytes) or a floating-point instruction's type (0 single, 1 double, 3 half).
func (in Inst) Size() uint32 { return in.Word >> 22 & 3 }

// MemSize is bits 31 and 30, the access size (log2 of bytes) of single loads and
// stores of general registers, exclusives and atomics.
func (in Inst) MemSize() uint32 { return in.Word >> 30 }

// Cond is the condition of B.cond (bits 3 to 0) or, elsewhere, of conditional
// selects and compares (bits 15 to 12).
func (in Inst) Cond() Cond {
	if in.Word>>24 == 0x54 {
		return Cond(in.Word & 15)
	}
	return Cond(in.Word >> 12 & 15)
}

// Unpredictable reports whether the manual calls the word CONSTRAINED
// UNPREDICTABLE, such as a load pair into one register.
func (in Inst) Unpredictable() bool {
	return in.Row != nil && in.Row.avoid != nil && in.Row.avoid(in.Word)
}

// Cond is a condition code (C1.2.4).
type Cond uint8

// The condition codes. AL and NV both mean always.
const (
	CondEQ Cond = iota
	CondNE
	CondCS
	CondCC
	CondMI
	CondPL
	CondVS
	CondVC
	CondHI
	CondLS
	CondGE
	CondLT
	CondGT
	CondLE
	CondAL
	CondNV
)

var condNames = [16]string{"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"}

func (c Cond) String() string { return condNames[c&15] }

// Invert returns the opposite condition; AL and NV have none and swap.
func (c Cond) Invert() Cond { return c ^ 1 }

// Extend is the option field of extended-register and register-offset forms.
type Extend uint8

// The extensions. UXTX is LSL in a register offset.
const (
	UXTB Extend = iota
	UXTH
	UXTW
	UXTX
	SXTB
	SXTH
	SXTW
	SXTX
)

var extendNames = [8]string{"uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"}

func (e Extend) String() string { return extendNames[e&7] }

// Signed reports whether the extension replicates the sign.
func (e Extend) Signed() bool { return e&4 != 0 }

// Width is the number of bits taken from the register: 8, 16, 32 or 64.
func (e Extend) Width() uint { return 8 << (e & 3) }

// Extend is bits 15 to 13.
func (in Inst) Extend() Extend { return Extend(in.Word >> 13 & 7) }

// Shift is the shift type of shifted-register forms.
type Shift uint8

// The shift types.
const (
	LSL Shift = iota
	LSR
	ASR
	ROR
)

var shiftNames = [4]string{"lsl", "lsr", "asr", "ror"}

func (s Shift) String() string { return shiftNames[s&3] }

// Shift is the type (bits 23 and 22) of a shifted register; its amount is in
// bits 15 to 10.
func (in Inst) Shift() (Shift, uint32) { return Shift(in.Word >> 22 & 3), in.Word >> 10 & 63 }

// SysReg is the system register of MRS and MSR, as SysReg packs it.
func (in Inst) SysReg() SysReg { return SysReg(in.Word >> 5 & 0x7fff) }
