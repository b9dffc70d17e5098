package lift

import (
	"encoding/binary"
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
)

// jumpTable returns the candidate targets of a BR of register n at pc, ascending.
func (r *region) jumpTable(pc uint64, n uint32) []uint64 {
	var t tableShape
	if !r.matchTable(pc, n, &t) {
		return nil
	}
	count := maxTable
	if bound, ok := r.bound(pc); ok {
		count = int(bound) + 1
	}
	buf := make([]byte, count<<t.scale)
	buf = buf[:r.src.Data(t.table, buf)]
	var targets []uint64
	for i := 0; (i+1)<<t.scale <= len(buf); i++ {
		target := t.entry(buf[i<<t.scale:])
		if !r.internal(target) {
			break
		}
		targets = append(targets, target)
	}
	slices.Sort(targets)
	return slices.Compact(targets)
}

// tableShape is how a jump table's entries give addresses.
type tableShape struct {
	table  uint64
	scale  uint // log2 of an entry's size
	signed bool
	abs    bool // entries are addresses
	base   uint64
	shift  uint
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

// matchTable recognises
//
//	ldr  xn, [xt, idx, lsl #3]                          (addresses)
//	ldrX wi, [xt, idx, …]; add xn, xb, wi, sxtX #2      (gcc: offsets from xb, in words)
//	ldrX xi, [xt, idx, …]; add xn, xb, xi{, lsl #2}     (clang)
func (r *region) matchTable(pc uint64, n uint32, t *tableShape) bool {
	in, at, ok := r.def(pc, n, nearBack)
	if !ok {
		return false
	}
	switch in.Row.ID {
	case decode.LDR_reg:
		if in.MemSize() != 3 {
			return false
		}
		t.scale, t.abs = 3, true
		t.table, ok = r.constant(at, in.Rn())
		return ok
	case decode.ADD_ext:
		t.shift = uint(in.F('i'))
		t.signed = in.Extend().Signed()
	case decode.ADD_shift:
		kind, amount := in.Shift()
		if kind != decode.LSL {
			return false
		}
		t.shift = uint(amount)
	default:
		return false
	}
	for _, op := range [2][2]uint32{{in.Rn(), in.Rm()}, {in.Rm(), in.Rn()}} {
		ld, ldAt, ok := r.def(at, op[1], nearBack)
		if !ok {
			continue
		}
		switch ld.Row.ID {
		case decode.LDR_reg:
		case decode.LDRS_reg:
			t.signed = true
		default:
			continue
		}
		t.scale = uint(ld.MemSize())
		if t.base, ok = r.constant(at, op[0]); !ok {
			continue
		}
		if t.table, ok = r.constant(ldAt, ld.Rn()); ok && t.scale < 3 {
			return true
		}
	}
	return false
}

// def finds the last instruction before pc, within n, that writes register reg.
func (r *region) def(pc uint64, reg uint32, n int) (decode.Inst, uint64, bool) {
	for range n {
		pc -= 4
		w, ok := r.src.Word(pc)
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

// constant evaluates register reg before pc if ADR, or ADRP and ADD, made it.
func (r *region) constant(pc uint64, reg uint32) (uint64, bool) {
	in, at, ok := r.def(pc, reg, farBack)
	if !ok {
		return 0, false
	}
	switch in.Row.ID {
	case decode.ADR, decode.ADRP:
		return in.BranchTarget(at), true
	case decode.ADD_imm:
		if base, ok := r.constant(at, in.Rn()); ok {
			imm := uint64(in.F('i'))
			if in.F('h') != 0 {
				imm <<= 12
			}
			return base + imm, true
		}
	}
	return 0, false
}

// bound finds the comparison that guards the switch at pc: CMP with n, then B.HI or B.LS.
func (r *region) bound(pc uint64) (uint32, bool) {
	for at := pc - 4; at > pc-4*nearBack; at -= 4 {
		w, ok := r.src.Word(at)
		if !ok {
			break
		}
		if w>>24 == 0x54 && (w&15 == 8 || w&15 == 9) {
			for back := at - 4; back > at-16; back -= 4 {
				if c, ok := r.src.Word(back); ok && c&0x7fc0001f == 0x7100001f {
					return c >> 10 & 0xfff, true
				}
			}
		}
	}
	return 0, false
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
