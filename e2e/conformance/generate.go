package main

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/softfloat"
)

// A Slot is the code of a case: one instruction of a row, behind another
// where it needs one, at a fixed place. Slots and the states they start from are
// functions of a seed.
type Slot struct {
	Row   *decode.Row
	Words []uint32 // the last one is the row's
	Addr  uint64   // of Words[0]

	mem    operand
	hasMem bool
}

// slotAddr is where the i-th slot of a batch starts.
func slotAddr(i int) uint64 { return codeAddr + uint64(i)*slotBytes + 4*slotStart }

// pc is the address of the instruction under test.
func (s *Slot) pc() uint64 { return s.Addr + 4*uint64(len(s.Words)-1) }

func (s *Slot) inst() decode.Inst {
	in, _ := decode.Decode(s.Words[len(s.Words)-1])
	return in
}

// text is the code as a person reads it.
func (s *Slot) text() string {
	var lines []string
	for i, w := range s.Words {
		in, _ := decode.Decode(w)
		lines = append(lines, strings.ReplaceAll(in.String(s.Addr+4*uint64(i)), "\t", " "))
	}
	return strings.Join(lines, "; ")
}

// random is the generator for one thing of one row; the table's order does
// not matter to it.
func random(seed uint64, row string, thing uint64) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(row))
	return rand.New(rand.NewPCG(seed^h.Sum64(), thing))
}

// newSlot makes the n-th slot of a row, to be placed as the i-th of a batch.
func newSlot(seed uint64, row *decode.Row, n, i int) *Slot {
	r := random(seed, row.Name, uint64(n)<<1)
	for {
		s := &Slot{Row: row, Addr: slotAddr(i), Words: []uint32{row.Random(r)}}
		if s.fit(r) {
			return s
		}
	}
}

// field replaces bits of w.
func field(w uint32, shift, width uint, v uint32) uint32 {
	mask := uint32(1)<<width - 1
	return w&^(mask<<shift) | v&mask<<shift
}

// The system registers whose value is the program's own.
var (
	sysNZCV = decode.MakeSysReg(3, 3, 4, 2, 0)
	sysFPCR = decode.MakeSysReg(3, 3, 4, 4, 0)
	sysFPSR = decode.MakeSysReg(3, 3, 4, 4, 1)
)

// cacheOps are op1, CRn, CRm and op2 of SYS as the word has them: DC ZVA, IC
// IVAU, DC CVAC, DC CVAU and DC CIVAC.
var cacheOps = []uint32{3<<11 | 7<<7 | 4<<3 | 1, 3<<11 | 7<<7 | 5<<3 | 1, 3<<11 | 7<<7 | 10<<3 | 1,
	3<<11 | 7<<7 | 11<<3 | 1, 3<<11 | 7<<7 | 14<<3 | 1}

// fit changes the word so that it can be judged where it stands: branches go
// to the exits behind them, literals lie in the window, system registers are
// ones whose value is not the machine's. It reports false for words to be
// drawn again.
func (s *Slot) fit(r *rand.Rand) bool {
	w := &s.Words[len(s.Words)-1]
	n, t := *w>>5&31, *w&31
	away := uint32(2 + r.IntN(4)) // words from a branch to its target
	switch s.Row.Name {
	case "B", "BL":
		*w = field(*w, 0, 26, away)
	case "B_cond", "CBZ", "CBNZ":
		*w = field(*w, 5, 19, away)
	case "TBZ", "TBNZ":
		*w = field(*w, 5, 14, away)
	case "BR", "BLR", "RET":
		return n != 31 // a jump to zero is no place to stop at
	case "LDR_lit", "LDRSW_lit", "LDR_fp_lit", "PRFM_lit":
		off := uint64(64 + 4*r.IntN(16))
		*w = field(*w, 5, 19, uint32(int64(windowAddr+off-s.pc())>>2))
	case "MRS", "MSR_reg":
		reg := []decode.SysReg{sysNZCV, sysFPCR, sysFPSR}[r.IntN(3)]
		*w = field(*w, 5, 15, uint32(reg))
		return true
	case "SYS":
		*w = field(*w, 5, 14, cacheOps[r.IntN(len(cacheOps))])
		return t != 31
	case "STXR", "STXP":
		s.openMonitor(r)
	}
	s.mem, s.hasMem = s.memory()
	// With base and index in one register the address is an equation.
	return !s.hasMem || s.mem.index != s.mem.base
}

// openMonitor puts a load-exclusive of the same place before a
// store-exclusive, most times, and sometimes a CLREX between them.
func (s *Slot) openMonitor(r *rand.Rand) {
	if r.IntN(4) == 0 {
		return // the store fails
	}
	w := s.Words[0]
	pair, n := w>>21&1, w>>5&31
	free := func(not ...uint32) uint32 {
		for {
			t := uint32(r.IntN(31))
			if t != n && (len(not) == 0 || t != not[0]) {
				return t
			}
		}
	}
	t := free()
	load := w&(3<<30) | 0x085f7c00 | n<<5 | t
	if pair != 0 {
		load = w&(1<<30) | 0x887f0000 | free(t)<<10 | n<<5 | t
	}
	s.Words = []uint32{load, w}
	if r.IntN(8) == 0 {
		s.Words = []uint32{load, 0xd503305f, w}
	}
}

// An operand is a memory operand [base, index or offset].
type operand struct {
	base   int   // register, 31 is SP
	offset int64 // added to base before the access
	index  int   // register added to base, or -1
	shift  uint
	extend string // "", uxtw, sxtw, sxtx
}

var (
	memText   = regexp.MustCompile(`\[([^\]]*)\]`)
	indexText = regexp.MustCompile(`^([xw])(\d+|zr)(?:, (lsl|uxtw|sxtw|sxtx)(?: #(\d+))?)?$`)
)

// memory finds the memory operand in the instruction's printed form, which
// holds for every addressing mode there is or will be.
func (s *Slot) memory() (m operand, ok bool) {
	in := s.inst()
	if in.Row.Class != decode.LoadStore && !strings.Contains(in.Row.Bits, "nnnnn") {
		return m, false
	}
	f := memText.FindAllStringSubmatch(in.String(s.pc()), -1)
	if f == nil {
		return m, false
	}
	base, rest, _ := strings.Cut(f[len(f)-1][1], ", ")
	m = operand{base: register(base), index: -1}
	if m.base < 0 {
		return m, false // an element number
	}
	if imm, found := strings.CutPrefix(rest, "#"); found {
		m.offset, _ = strconv.ParseInt(imm, 0, 64)
		return m, true
	}
	if f := indexText.FindStringSubmatch(rest); f != nil && f[2] != "zr" {
		m.index = register("x" + f[2])
		m.extend = f[3]
		n, _ := strconv.Atoi(f[4])
		m.shift = uint(n)
	}
	return m, true
}

func register(name string) int {
	if name == "sp" {
		return 31
	}
	n, err := strconv.Atoi(strings.TrimPrefix(name, "x"))
	if err != nil || name[0] != 'x' {
		return -1
	}
	return n
}

// address makes the operand's address the given one by setting its base
// register. With an index register it bounds that first.
func (m operand) address(st *State, at uint64, r *rand.Rand) {
	if m.index >= 0 {
		v := uint64(r.IntN(4096)) - 2048
		switch m.extend {
		case "uxtw":
			v = uint64(r.IntN(4096)) | uint64(r.Uint32())<<32 // the upper half does not count
		case "sxtw":
			v = v&math.MaxUint32 | uint64(r.Uint32())<<32
		}
		st.X[m.index] = v
		switch m.extend {
		case "uxtw":
			v = uint64(uint32(v))
		case "sxtw":
			v = uint64(int64(int32(v)))
		}
		at -= v << m.shift
	}
	at -= uint64(m.offset)
	if m.base == 31 {
		at &^= 15 // SP must be aligned (Arm ARM D1.8.2)
	}
	st.X[m.base] = at
}

// alignedOnly tells accesses that must not cross an alignment boundary.
func alignedOnly(row *decode.Row) bool {
	switch row.Feature {
	case decode.FeatLSE, decode.FeatLOR, decode.FeatLRCPC, decode.FeatLRCPC2:
		return true
	}
	switch row.Name {
	case "STXR", "LDXR", "STXP", "LDXP", "STLR", "LDAR":
		return true
	}
	return false
}

// start makes the k-th state that slot n of its row starts from.
func (s *Slot) start(seed uint64, n, k int, m mode) *State {
	r := random(seed, s.Row.Name, (uint64(n)<<16|uint64(k))<<1|1)
	in := s.inst()
	st := &State{NZCV: r.Uint32() & 0xf0000000}
	for i := range st.X[:31] {
		st.X[i] = integer(r, 64)
		if i > 0 && r.IntN(4) == 0 {
			st.X[i] = related(r, st.X[i-1])
		}
	}
	st.X[31] = windowAddr + 16*uint64(r.IntN(8))
	guess := laneOf(in)
	for i := range st.V {
		l := guess
		if r.IntN(3) == 0 {
			l = lane(r.IntN(int(lanes)))
		}
		st.V[i] = vector(r, l)
		if i > 0 && r.IntN(8) == 0 {
			st.V[i] = st.V[i-1]
		}
	}
	for i := 0; i < len(st.Mem); i += 16 {
		v := vector(r, lane(r.IntN(int(lanes))))
		for b := range 8 {
			st.Mem[i+b], st.Mem[i+8+b] = byte(v.Lo>>(8*b)), byte(v.Hi>>(8*b))
		}
	}
	m.environment(st, r)
	cancel(st, in, r)
	m.operands(st, in, r)
	s.fitState(st, in, r)
	return st
}

// related returns a value that compares, carries or cancels against v.
func related(r *rand.Rand, v uint64) uint64 {
	switch r.IntN(5) {
	case 0:
		return v
	case 1:
		return -v
	case 2:
		return ^v
	case 3:
		return v + 1
	}
	return v>>32 | v<<32
}

// fitState sets the registers that the code needs to stay in its arena.
func (s *Slot) fitState(st *State, in decode.Inst, r *rand.Rand) {
	switch s.Row.Name {
	case "BR", "BLR", "RET":
		st.X[in.Rn()] = s.pc() + 4*uint64(2+r.IntN(4))
		return
	case "CBZ", "CBNZ":
		if r.IntN(2) == 0 {
			st.X[in.Rt()] &^= math.MaxUint32 // zero, seen as 32 bits
			if r.IntN(2) == 0 {
				st.X[in.Rt()] = 0
			}
		}
		return
	case "SYS":
		st.X[in.Rt()] = windowAddr + 64 + uint64(r.IntN(64))
		return
	case "MSR_reg":
		switch in.SysReg() {
		case sysFPCR:
			st.X[in.Rt()] &= fpcrBits
		case sysFPSR:
			st.X[in.Rt()] &= fpsrBits
		}
		return
	}
	if !s.hasMem {
		return
	}
	at := uint64(windowAddr + 64 + r.IntN(64))
	if alignedOnly(s.Row) || r.IntN(2) == 0 {
		at &^= 15
	}
	if s.Row.Name == "CAS" || s.Row.Name == "CASP" {
		defer s.expect(st, in, at, r)
	}
	if strings.HasSuffix(s.Row.Name, "_lit") {
		return
	}
	s.mem.address(st, at, r)
}

// expect makes a compare-and-swap succeed, half of the times.
func (s *Slot) expect(st *State, in decode.Inst, at uint64, r *rand.Rand) {
	rs := int(in.Rs())
	if r.IntN(2) == 0 || rs == int(in.Rn()) || rs+1 == int(in.Rn()) {
		return
	}
	at = st.X[in.Rn()]
	word := func(n int) (v uint64) {
		for i := range n {
			v |= uint64(st.Mem[at-windowAddr+uint64(i)]) << (8 * i)
		}
		return v
	}
	if s.Row.Name == "CAS" {
		st.X[rs] = word(1<<in.MemSize()) | integer(r, 64)<<(8<<in.MemSize())
		return
	}
	size := 4 << in.Bits(30, 30)
	st.X[rs] = word(size)
	at += uint64(size)
	if rs+1 < 31 {
		st.X[rs+1] = word(size)
	}
}

// laneOf guesses what an instruction's vector operands are.
func laneOf(in decode.Inst) lane {
	name := in.Row.Name
	switch {
	case in.Row.Class == decode.FP:
		return [...]lane{singles, doubles, int32s, halves}[in.Size()]
	case in.Row.Class == decode.SIMD && (strings.HasPrefix(name, "F") || strings.Contains(name, "CVTF")):
		if in.Bit(22) {
			return doubles
		}
		return singles
	case in.Row.Class == decode.SIMD:
		return lane(in.Size())
	}
	return int64s
}

// cancel makes the addend of a fused multiply-add nearly the negated product,
// sometimes: where a result that was rounded twice differs most.
func cancel(st *State, in decode.Inst, r *rand.Rand) {
	acc := in.Rd()
	switch in.Row.Name {
	case "FMADD", "FMSUB", "FNMADD", "FNMSUB":
		acc = in.Ra()
	default:
		if !strings.HasPrefix(in.Row.Name, "FMLA") && !strings.HasPrefix(in.Row.Name, "FMLS") {
			return
		}
	}
	if r.IntN(3) != 0 {
		return
	}
	a, b := st.V[in.Rn()], st.V[in.Rm()]
	// Not the host's multiplication: which NaN that gives is up to the host, and
	// states are the same everywhere.
	var soft softfloat.Env
	product := func(a, b uint64) uint64 {
		if laneOf(in) == doubles {
			return soft.Mul64(a, b) ^ uint64(r.IntN(2))<<63
		}
		half := func(a, b uint32) uint32 { return soft.Mul32(a, b) ^ uint32(r.IntN(2))<<31 }
		return uint64(half(uint32(a>>32), uint32(b>>32)))<<32 | uint64(half(uint32(a), uint32(b)))
	}
	p := arm64.Vector{Lo: product(a.Lo, b.Lo), Hi: product(a.Hi, b.Hi)}
	p.Lo += uint64(r.IntN(3)) - 1 // one unit in the last place, either way
	st.V[acc] = p
}
