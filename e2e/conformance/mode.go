package main

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/softfloat/fpvectors"
)

// A mode is the floating-point environment that cases run in, and where their
// operands come from.
type mode uint8

const (
	plain          mode = iota // FPCR is 0; FPSR is not compared
	precise                    // any FPCR; FPSR is compared
	vectors                    // as plain, with the operands of package fpvectors
	vectorsPrecise             // as precise, likewise
	modeCount
)

var modeNames = [modeCount]string{"plain", "precise", "vectors", "vectors-precise"}

func (m mode) String() string { return modeNames[m] }

func (m mode) precise() bool { return m == precise || m == vectorsPrecise }
func (m mode) vectors() bool { return m == vectors || m == vectorsPrecise }

func modeNamed(name string) (mode, error) {
	for m, s := range modeNames {
		if s == name {
			return mode(m), nil
		}
	}
	return 0, fmt.Errorf("no mode %s; there are %v", name, modeNames)
}

// applies tells the rows that a mode says something about: precise mode is
// for those that can read or write FPCR and FPSR, vectors for those of
// floating-point registers.
func (m mode) applies(row *decode.Row) bool {
	switch {
	case m.vectors():
		return row.Class == decode.FP
	case m.precise():
		return row.Class == decode.FP || row.Class == decode.SIMD || row.Name == "MRS" || row.Name == "MSR_reg"
	}
	return true
}

// The bits of FPCR and FPSR that boxer's core has (Arm ARM C5.2.8, C5.2.10).
const (
	fpcrBits = 0x07c00000 // AHP, DN, FZ, RMode
	fpsrBits = 0x0800009f // QC, IDC, IXC, UFC, OFC, DZC, IOC
)

// environment sets FPCR and FPSR.
func (m mode) environment(st *State, r *rand.Rand) {
	if !m.precise() {
		return
	}
	st.FPCR = r.Uint32() & fpcrBits
	if r.IntN(2) == 0 {
		st.FPCR &= 0x00c00000 // the rounding mode alone
	}
	if r.IntN(4) == 0 {
		st.FPSR = r.Uint32() & fpsrBits
	}
}

// levelTuples is the size of the set of operands of one format.
const levelTuples = 100_000

// tuples are the operands of one format, made once.
var tuples = map[int]func() []fpvectors.Tuple{}

// ints are the operands of conversions from integers.
var ints = sync.OnceValue(func() []uint64 { return fpvectors.Ints(64) })

func init() {
	for _, width := range []int{16, 32, 64} {
		tuples[width] = sync.OnceValue(func() []fpvectors.Tuple { return fpvectors.Tuples(width, levelTuples, uint64(width)) })
	}
}

// operands puts a tuple into the registers that the instruction reads.
func (m mode) operands(st *State, in decode.Inst, r *rand.Rand) {
	if !m.vectors() {
		return
	}
	width := operandWidth(in)
	all := tuples[width]()
	t := all[r.IntN(len(all))]
	above := uint64(0)
	if width < 64 {
		above = r.Uint64() << width // what lies above the operand does not count
	}
	for i, reg := range operandRegs(in) {
		st.V[reg] = arm64.Vector{Lo: t[i] | above, Hi: r.Uint64()}
	}
	st.X[in.Rn()] = ints()[r.IntN(len(ints()))]
}

// operandRegs are the registers of a tuple's members.
func operandRegs(in decode.Inst) [3]uint32 { return [3]uint32{in.Ra(), in.Rn(), in.Rm()} }

func operandWidth(in decode.Inst) int { return [...]int{32, 64, 32, 16}[in.Size()] }

// levelSlots is the number of slots of a row in which a level uses every tuple of both formats.
func levelSlots(states int) int { return 2 * ((levelTuples + states - 1) / states) }

// levelSlot gives the n-th slot of a row the format that it tests: double precision and single by turns,
// where the row has both.
func levelSlot(s *Slot, n int) {
	const double = 1 << 22
	w := &s.Words[len(s.Words)-1]
	word := *w&^double | uint32(n&1)<<22
	if in, ok := decode.Decode(word); ok && in.Row == s.Row {
		*w = word
	}
}

// levelOperands replaces the operands of the k-th of the slot's states by the tuple whose turn it is.
func levelOperands(s *Slot, st *State, n, k, states int) {
	in, i := s.inst(), n/2*states+k
	t := tuples[operandWidth(in)]()[i%levelTuples]
	for j, reg := range operandRegs(in) {
		st.V[reg].Lo = t[j]
	}
	st.X[in.Rn()] = ints()[i%len(ints())]
}
