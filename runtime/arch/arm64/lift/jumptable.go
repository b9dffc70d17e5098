package lift

import (
	"encoding/binary"
	"iter"
	"slices"

	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Compilers turn a switch into a load from a table and an indirect branch. The table's
// contents are read here to learn which blocks the branch can reach; the lifted code still computes the
// address as the program does and compares it with those candidates, so a
// wrong guess costs time only.

const (
	maxTable = 4096 // entries read from one table
	nearBack = 24   // instructions looked at before the branch for the pattern
	farBack  = 8192 // … and for a table address that was hoisted out of a loop

	maxWriters = 8       // instructions tried that may have made that address
	maxLooks   = 1 << 23 // instructions and entries looked at in a region for all its tables
)

// jumpTable returns the candidate targets of a BR of register n at pc, ascending.
func (r *region) jumpTable(pc uint64, n uint32) []uint64 {
	var targets []uint64
	for t := range r.matchTables(pc, n) {
		list, clean := r.read(pc, &t)
		if targets == nil || clean {
			targets = list
		}
		if clean {
			break
		}
	}
	slices.Sort(targets)
	return slices.Compact(targets)
}

// read returns the targets in the table of the BR at pc. clean tells that it looks like one: there are
// targets, and all of them may be.
func (r *region) read(pc uint64, t *tableShape) (targets []uint64, clean bool) {
	count, known := r.bound(pc)
	lo, hi := uint64(0), ^uint64(0)
	if !known {
		count = r.indexBound(t.load, t.index)
		lo, hi = r.extent(pc)
	}
	if r.looks += count; r.looks > maxLooks {
		return nil, false
	}
	buf := make([]byte, count<<t.scale)
	buf = buf[:r.src.Data(t.table, buf)]
	clean = true
	for i := 0; (i+1)<<t.scale <= len(buf); i++ {
		target := t.entry(buf[i<<t.scale:])
		if r.internal(target) && lo <= target && target < hi {
			targets = append(targets, target)
		} else if !known {
			break // behind the table's end
		} else {
			clean = false
		}
	}
	return targets, clean && len(targets) > 0
}

// tableShape is how a jump table's entries give addresses.
type tableShape struct {
	table  uint64
	scale  uint // log2 of an entry's size
	signed bool
	base   uint64
	shift  uint
	load   uint64 // address of the instruction that reads the table …
	index  uint32 // … and the register that it is indexed by
}

func (t *tableShape) entry(p []byte) uint64 {
	var v int64
	switch t.scale {
	case 0:
		v = int64(p[0])
		if t.signed {
			v = int64(int8(p[0]))
		}
	case 1:
		u := binary.LittleEndian.Uint16(p)
		v = int64(u)
		if t.signed {
			v = int64(int16(u))
		}
	case 2:
		u := binary.LittleEndian.Uint32(p)
		v = int64(u)
		if t.signed {
			v = int64(int32(u))
		}
	default:
		return binary.LittleEndian.Uint64(p)
	}
	return t.base + uint64(v<<t.shift)
}

// matchTables recognises
//
//	ldr  xn, [xt, idx, lsl #3]                          (addresses: Go, computed goto)
//	ldrX wi, [xt, idx, …]; add xn, xb, wi, sxtX #2      (gcc: offsets from xb, in words)
//	ldrX xi, [xt, idx, …]; add xn, xb, xi{, lsl #2}     (clang)
//
// and gives what the tables may be, the most likely first.
func (r *region) matchTables(pc uint64, n uint32) iter.Seq[tableShape] {
	return func(yield func(tableShape) bool) {
		in, at, ok := r.def(pc, n, nearBack)
		if !ok {
			return
		}
		var t tableShape
		switch in.Row.ID {
		case decode.LDR_reg:
			if in.MemSize() != 3 {
				return
			}
			t.scale, t.load, t.index = 3, at, in.Rm()
			for t.table = range r.constants(at, in.Rn()) {
				if !yield(t) {
					return
				}
			}
			return
		case decode.ADD_ext:
			t.shift = uint(in.F('i'))
			t.signed = in.Extend().Signed()
		case decode.ADD_shift:
			kind, amount := in.Shift()
			if kind != decode.LSL {
				return
			}
			t.shift = uint(amount)
		default:
			return
		}
		for _, op := range [2][2]uint32{{in.Rn(), in.Rm()}, {in.Rm(), in.Rn()}} {
			if !r.offsets(t, at, op[0], op[1], yield) {
				return
			}
		}
	}
}

// offsets is matchTables of the addition at pc: of register base and of an offset loaded into register
// off. It returns false if yield did.
func (r *region) offsets(t tableShape, pc uint64, base, off uint32, yield func(tableShape) bool) bool {
	ld, at, ok := r.def(pc, off, nearBack)
	if !ok {
		return true
	}
	switch ld.Row.ID {
	case decode.LDR_reg:
	case decode.LDRS_reg:
		t.signed = true
	default:
		return true
	}
	if t.scale = uint(ld.MemSize()); t.scale == 3 {
		return true
	}
	t.load, t.index = at, ld.Rm()
	for t.table = range r.constants(at, ld.Rn()) {
		for t.base = range r.constants(pc, base) {
			if !yield(t) {
				return false
			}
		}
	}
	return true
}

// look reads the word at pc, until the region has had its share: code could be made so that each of
// its branches asks for all of it.
func (r *region) look(pc uint64) (uint32, bool) {
	if r.looks++; r.looks > maxLooks {
		return 0, false
	}
	return r.src.Word(pc)
}

// def finds the last instruction before pc, within n, that writes register reg.
func (r *region) def(pc uint64, reg uint32, n int) (decode.Inst, uint64, bool) {
	for range n {
		pc -= 4
		w, ok := r.look(pc)
		if !ok || reg == 31 {
			break
		}
		if w&31 != reg {
			continue
		}
		switch op := w >> 25 & 15; {
		case op&0xe == 8, op&7 == 5: // data processing
		case op&5 == 4 && w>>22&3 != 0 && w>>26&1 == 0: // a load
		default:
			continue
		}
		if in, ok := decode.Decode(w); ok {
			return in, pc, true
		}
	}
	return decode.Inst{}, 0, false
}

// constants evaluates register reg before pc where ADR, or ADRP and ADD, made it, or it was loaded from
// where such a value was kept on the stack. What lies between may be another path that uses the
// register otherwise, so the last few writers are tried: each may give values.
func (r *region) constants(pc uint64, reg uint32) iter.Seq[uint64] {
	return func(yield func(uint64) bool) { r.sums(pc, reg, 3, yield) }
}

// sums yields what constants gives, with at most depth steps from one register to another. It
// returns false if yield did.
func (r *region) sums(pc uint64, reg uint32, depth int, yield func(uint64) bool) bool {
	start := pc
	for range maxWriters {
		in, at, ok := r.def(pc, reg, farBack-int(start-pc)/4)
		if !ok {
			break
		}
		switch in.Row.ID {
		case decode.ADR, decode.ADRP:
			if !yield(in.BranchTarget(at)) {
				return false
			}
		case decode.ADD_imm:
			imm := uint64(in.F('i'))
			if in.F('h') != 0 {
				imm <<= 12
			}
			if depth > 0 && !r.sums(at, in.Rn(), depth-1, func(base uint64) bool { return yield(base + imm) }) {
				return false
			}
		case decode.LDR_imm_uoff:
			if from, store, ok := r.kept(at, in.Word); ok && depth > 0 && !r.sums(store, from, depth-1, yield) {
				return false
			}
		}
		pc = at
	}
	return true
}

// kept finds the register that was stored to the stack slot that the load at pc reads.
func (r *region) kept(pc uint64, load uint32) (reg uint32, at uint64, ok bool) {
	if load&0xffc003e0 != 0xf94003e0 { // LDR Xt, [SP, #imm]
		return 0, 0, false
	}
	slot := load >> 10 & 0xfff
	for range farBack {
		pc -= 4
		w, ok := r.look(pc)
		if !ok {
			break
		}
		switch {
		case w&0xffc003e0 == 0xf90003e0 && w>>10&0xfff == slot: // STR Xt, [SP, #imm]
			return w & 31, pc, true
		case w&0xffe003e0 == 0xa90003e0 && w>>15&0x3f == slot: // STP Xt, Xt2, [SP, #imm]
			return w & 31, pc, true
		case w&0xffe003e0 == 0xa90003e0 && w>>15&0x3f+1 == slot:
			return w >> 10 & 31, pc, true
		}
	}
	return 0, 0, false
}

// bound finds the comparison that guards the switch at pc, and from it the number of the table's
// entries: CMP with n, then B.HI over the switch, or B.LS to it.
func (r *region) bound(pc uint64) (entries int, known bool) {
	for at := pc - 4; at > pc-4*nearBack; at -= 4 {
		if n, ok := r.guards[at+4]; ok {
			return n, true
		}
		w, ok := r.src.Word(at)
		if !ok {
			break
		}
		switch flow, _ := classify(w, at); {
		case flow == flowCond && w&0xff00001f == 0x54000008: // B.HI
			if n, ok := r.compared(at); ok {
				return n, true
			}
		case flow == flowJump || flow == flowIndirect || flow == flowEnd: // does not come here
			return 0, false
		}
	}
	return 0, false
}

// compared is how many values pass the comparison that the B.HI or B.LS at pc decides on: those up
// to the immediate of a CMP, or of a SUBS, which clang makes without optimisation.
func (r *region) compared(pc uint64) (values int, known bool) {
	for at := pc - 4; at >= pc-12; at -= 4 {
		if w, ok := r.src.Word(at); ok && w&0x7fc00000 == 0x71000000 {
			return int(w>>10&0xfff) + 1, true
		}
	}
	return 0, false
}

// indexBound bounds a table by the values that its index can have, where register reg was masked or
// cut out of something larger just before pc: as in dispatch on an opcode, or Go's type switches on a hash.
// Often that only makes a byte of a byte, so there may be fewer entries.
func (r *region) indexBound(pc uint64, reg uint32) int {
	in, _, ok := r.def(pc, reg, nearBack)
	if !ok {
		return maxTable
	}
	largest := uint64(maxTable)
	switch in.Row.ID {
	case decode.AND_imm:
		largest = in.BitMask()
	case decode.UBFM:
		if first, last := in.Word>>16&63, in.Word>>10&63; last >= first {
			largest = 1<<(last-first+1) - 1
		}
	}
	return int(min(largest, maxTable-1)) + 1
}

// extent gives the addresses around pc up to the nearest known function entries: where the targets of
// a table without a bound must lie. What follows it in memory is often the next function's table.
func (r *region) extent(pc uint64) (lo, hi uint64) {
	if r.hi == 0 || pc < r.lo || pc >= r.hi {
		other := func(pc uint64) bool { return r.src.IsEntry(pc) && !r.own[pc] }
		for r.lo = pc; r.lo >= 4 && pc-r.lo < maxSpan && !other(r.lo); r.lo -= 4 {
		}
		for r.hi = pc + 4; r.hi-pc < maxSpan && !other(r.hi); r.hi += 4 {
		}
	}
	return r.lo, r.hi
}

// jumpTo ends the block with an indirect jump: to a block of the region if
// target is one of the candidates found for the instruction, else away.
func (l *lifter) jumpTo(target ir.Value) {
	cands := l.r.switches[l.pc]
	if len(cands) == 0 {
		l.End(ir.Term{Kind: ir.TermTailInd, Val: target})
		return
	}
	// A target that is not a multiple of 4 from the first rotates to a large index.
	index := l.RotrI(l.Sub(l.Wrap(target), l.I32(uint32(cands[0]))), 2)
	away := l.NewBlock(l.pc)
	l.F.Blocks[away].Term = ir.Term{Kind: ir.TermTailInd, Val: target}
	l.switchOn(index, cands[0], cands, away)
}

// maxDense bounds a branch table in words of guest code: wazero's compiler
// takes time square in a table's size, and targets far apart leave it mostly
// empty (14 s for one of 121,000 words).
const maxDense = 1024

// switchOn ends the block with a jump to the candidate that index, in words
// from base, stands for, else to away. Candidates that lie too far apart for one
// table are told apart by comparisons first.
func (l *lifter) switchOn(index ir.Value, base uint64, cands []uint64, away ir.BlockID) {
	first := cands[0]
	words := (cands[len(cands)-1]-first)/4 + 1
	if words > maxDense {
		mid := len(cands) / 2
		below, above := l.NewBlock(l.pc), l.NewBlock(l.pc)
		less := l.LtU(index, l.I32(uint32((cands[mid]-base)/4)))
		l.End(ir.Term{Kind: ir.TermBranch, Val: less, To: below, Else: above})
		l.SetBlock(below)
		l.switchOn(index, base, cands[:mid], away)
		l.SetBlock(above)
		l.switchOn(index, base, cands[mid:], away)
		return
	}
	t := ir.Term{Kind: ir.TermSwitch, Val: index, Targets: make([]ir.BlockID, words), Else: away}
	if first != base {
		t.Val = l.Sub(index, l.I32(uint32((first-base)/4)))
	}
	for i := range t.Targets {
		t.Targets[i] = ir.NoBlock
	}
	for _, c := range cands {
		if b, ok := l.r.block(c); ok {
			t.Targets[(c-first)/4] = b
		}
	}
	l.End(t)
}
