package lift

import (
	"fmt"
	"slices"

	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Source gives the lifter guest code. Its answers must not change while a
// region is lifted.
type Source interface {
	// Word reads the instruction at pc, a multiple of 4.
	Word(pc uint64) (uint32, bool)
	// IsEntry reports whether pc is a known function entry, where regions end.
	IsEntry(pc uint64) bool
	// Data reads guest memory as it is now, for jump tables: candidates only,
	// what the table says at run time is what counts. It returns how many bytes it read.
	Data(addr uint64, p []byte) int
}

// defaultMaxInsns bounds a region; what lies beyond is reached by a tail jump.
const defaultMaxInsns = 20_000

// maxSpan is how far from its entry a region may reach, in bytes.
const maxSpan = 1 << 20

// region is a region while it is found and lifted.
type region struct {
	src   Source
	max   int
	entry uint64
	own   map[uint64]bool // entries that belong to this region although Source knows them

	// flags of the instructions at entry+4i and entry−4(i+1)
	fwd, back []uint8
	leaders   []uint64
	leaves    map[uint64]int // by address of a called function: see leaf
	insns     int
	switches  map[uint64][]uint64 // targets of the BR at this address
	guards    map[uint64]int      // blocks that a B.LS leads to: how many values pass it (see bound)
	lo, hi    uint64              // see extent
	looks     int                 // see look

	blocks map[uint64]ir.BlockID
	tails  map[uint64]ir.BlockID
	l      *lifter
}

const (
	scanned uint8 = 1 << iota
	leader
)

// Region lifts the guest code reachable from entries by direct branches and jump
// tables, up to known function entries. With more than one entry, the region starts at
// entries[EntryIndex]. A word that is no instruction is lifted as the exception it raises, so that
// Region never fails.
func Region(b *ir.Builder, src Source, entries []uint64, opt Options) *ir.Func {
	r := &region{src: src, max: opt.MaxInsns, entry: entries[0], own: map[uint64]bool{},
		switches: map[uint64][]uint64{}, guards: map[uint64]int{}, leaves: map[uint64]int{}, blocks: map[uint64]ir.BlockID{}, tails: map[uint64]ir.BlockID{}}
	if r.max == 0 {
		r.max = defaultMaxInsns
	}
	for _, e := range entries {
		r.own[e] = true
	}
	for _, e := range entries {
		r.lead(e)
		r.discover()
	}
	b.Reset(arm64.IR, fmt.Sprintf("%x", r.entry), r.entry)
	r.l = &lifter{Builder: b, r: r, opt: opt}
	r.build(entries)
	return b.F
}

// SwitchTargets lists where the jump tables of the function at entry lead, ascending.
func SwitchTargets(src Source, entry uint64) []uint64 {
	r := &region{src: src, max: defaultMaxInsns, entry: entry, own: map[uint64]bool{entry: true},
		switches: map[uint64][]uint64{}, guards: map[uint64]int{}, leaves: map[uint64]int{}}
	r.lead(entry)
	r.discover()
	var all []uint64
	for _, t := range r.switches {
		all = append(all, t...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// at returns the flags of pc, or nil if pc is out of reach.
func (r *region) at(pc uint64) *uint8 {
	if pc&3 != 0 {
		return nil
	}
	side, i := &r.fwd, (pc-r.entry)/4
	if pc < r.entry {
		side, i = &r.back, (r.entry-pc)/4-1
	}
	if i >= maxSpan/4 {
		return nil
	}
	if int(i) >= len(*side) {
		*side = append(*side, make([]uint8, int(i)+64-len(*side))...)
	}
	return &(*side)[i]
}

// internal reports whether a branch to pc stays in the region.
func (r *region) internal(pc uint64) bool {
	if pc&3 != 0 || r.src.IsEntry(pc) && !r.own[pc] {
		return false
	}
	if d := int64(pc - r.entry); d >= maxSpan || d < -maxSpan {
		return false
	}
	_, ok := r.src.Word(pc)
	return ok
}

// lead makes pc the start of a block if it is in the region.
func (r *region) lead(pc uint64) {
	if !r.internal(pc) {
		return
	}
	if f := r.at(pc); f != nil && *f&leader == 0 {
		*f |= leader
		r.leaders = append(r.leaders, pc)
	}
}

// discover scans from each leader until control leaves, adding leaders as it meets branches.
func (r *region) discover() {
	for i := 0; i < len(r.leaders); i++ {
		for pc := r.leaders[i]; r.insns < r.max; pc += 4 {
			f := r.at(pc)
			if f == nil || *f&scanned != 0 || pc != r.leaders[i] && !r.internal(pc) {
				break
			}
			w, ok := r.src.Word(pc)
			if !ok {
				break
			}
			*f |= scanned
			r.insns++
			flow, target := classify(w, pc)
			if flow == flowCall && r.leaf(target) > 0 {
				flow = flowNext
			}
			switch flow {
			case flowCond:
				if w&0xff00001f == 0x54000009 { // B.LS
					if n, ok := r.compared(pc); ok {
						r.guards[target] = n
					}
				}
				r.lead(target)
				r.lead(pc + 4)
			case flowCall, flowSyscall:
				r.lead(pc + 4)
			case flowJump:
				r.lead(target)
			case flowIndirect:
				targets := r.jumpTable(pc, w>>5&31)
				r.switches[pc] = targets
				for _, t := range targets {
					r.lead(t)
				}
			}
			if flow == flowJump || flow == flowIndirect || flow == flowEnd {
				break
			}
		}
	}
}

// flow is how an instruction passes control on.
type flow uint8

const (
	flowNext flow = iota
	flowCond
	flowJump
	flowCall
	flowSyscall
	flowIndirect
	flowEnd // return, exception, context synchronisation
)

// classify is the part of decoding that finding blocks needs.
func classify(w uint32, pc uint64) (flow, uint64) {
	switch {
	case w>>26 == 0x05: // B
		return flowJump, pc + uint64(int64(int32(w<<6)>>6)*4)
	case w>>26 == 0x25: // BL
		return flowCall, pc + uint64(int64(int32(w<<6)>>6)*4)
	case w>>24 == 0x54, w>>25&0x3f == 0x1a: // B.cond; CBZ, CBNZ
		return flowCond, pc + uint64(int64(int32(w<<8)>>13)*4)
	case w>>25&0x3f == 0x1b: // TBZ, TBNZ
		return flowCond, pc + uint64(int64(int32(w<<13)>>18)*4)
	case w&0xfffffc1f == 0xd61f0000: // BR
		return flowIndirect, 0
	case w&0xfffffc1f == 0xd63f0000: // BLR
		return flowCall, 0
	case w&0xfffffc1f == 0xd65f0000: // RET
		return flowEnd, 0
	case w&0xffe0001f == 0xd4000001: // SVC
		return flowSyscall, 0
	case w&0xff000000 == 0xd4000000, w>>16 == 0: // BRK and its kin; UDF
		return flowEnd, 0
	case w&0xfffff0ff == 0xd50330df: // ISB
		return flowEnd, 0
	}
	return flowNext, 0
}

// maxLeaf is the most instructions, the return aside, that a function may have to be lifted into
// its callers.
const maxLeaf = 10

// leaf returns the number of instructions of the function at pc if it is one straight run
// that returns by x30 and is small enough to be lifted in place of calls to it; else 0. Since its
// instructions act on the same guest state, nobody can tell, but that it is faster.
func (r *region) leaf(pc uint64) int {
	if pc == 0 {
		return 0
	}
	if n, ok := r.leaves[pc]; ok {
		return n
	}
	n := 0
	for i := range maxLeaf + 1 {
		w, ok := r.src.Word(pc + uint64(4*i))
		if !ok {
			break
		}
		if w == 0xd65f03c0 { // RET
			n = i + 1
			break
		}
		if f, _ := classify(w, pc); f != flowNext || w&31 == 30 || w>>10&31 == 30 || !plain(w) {
			break
		}
	}
	r.leaves[pc] = n
	return n
}

// plain reports whether w is lifted without ending the block.
func plain(w uint32) bool {
	in, ok := decode.Decode(w)
	return ok && in.Row.Lifted && table[in.Row.ID] != nil && in.Row.Class != decode.BranchSys
}

// inline lifts the leaf function at target in place of the call at l.pc.
func (r *region) inline(target uint64) uint32 {
	l := r.l
	l.Set(arm64.SlotX+30, l.I64(l.next()))
	n := r.leaf(target)
	for i := range n - 1 {
		l.pc = target + uint64(4*i)
		l.At(l.pc)
		w, _ := r.src.Word(l.pc)
		l.lift(w)
	}
	l.F.Inlined = append(l.F.Inlined, ir.Span{Lo: target, Hi: target + uint64(4*n)})
	return uint32(n)
}

// maxReload is the most instructions between the call of morestack and the jump back.
const maxReload = 20

// restarts reports whether the jump at pc starts a Go function again at its entry, after its stack was
// grown: `mov x3, x30; bl morestack`, loads of what was spilled, `b entry`. Taken as a loop
// the whole function would lie in it.
func (r *region) restarts(pc, entry uint64) bool {
	if !r.own[entry] || entry >= pc || !r.src.IsEntry(entry) {
		return false
	}
	for at := pc - 4; at > entry && at >= pc-4*maxReload; at -= 4 {
		w, _ := r.src.Word(at)
		switch flow, _ := classify(w, at); {
		case flow == flowCall:
			const movX3X30 = 0xaa1e03e3
			before, _ := r.src.Word(at - 4)
			return w>>26 == 0x25 && before == movX3X30
		case flow != flowNext:
			return false
		}
	}
	return false
}

// block returns the block at pc.
func (r *region) block(pc uint64) (ir.BlockID, bool) {
	b, ok := r.blocks[pc]
	return b, ok
}

// blockOrTail returns the block at pc, or one that leaves the region for pc.
func (r *region) blockOrTail(pc uint64) ir.BlockID {
	if b, ok := r.blocks[pc]; ok {
		return b
	}
	b, ok := r.tails[pc]
	if !ok {
		b = r.l.NewBlock(pc)
		r.l.F.Blocks[b].Term = ir.Term{Kind: ir.TermTail, PC: pc}
		r.tails[pc] = b
	}
	return b
}

func (r *region) build(entries []uint64) {
	l := r.l
	slices.Sort(r.leaders)
	first := ir.NoBlock
	if len(entries) > 1 {
		first = l.NewBlock(r.entry)
	}
	starts := r.leaders[:0]
	for _, pc := range r.leaders {
		if *r.at(pc)&scanned != 0 {
			starts = append(starts, pc)
			r.blocks[pc] = l.NewBlock(pc)
		}
	}
	if first != ir.NoBlock {
		l.F.Entry = first
		l.SetBlock(first)
		l.At(r.entry)
		t := ir.Term{Kind: ir.TermSwitch, Val: l.EntryIndex(), Else: r.blockOrTail(entries[0])}
		for _, e := range entries {
			t.Targets = append(t.Targets, r.blockOrTail(e))
		}
		l.End(t)
	} else {
		l.F.Entry = r.blockOrTail(entries[0])
	}
	for i, pc := range starts {
		end := ^uint64(0)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		r.fill(pc, end)
	}
}

// fill lifts the block at pc, at most up to end, the next block.
func (r *region) fill(pc, end uint64) {
	l := r.l
	id := r.blocks[pc]
	l.SetBlock(id)
	n := uint32(0)
	for {
		f := r.at(pc)
		if pc >= end || f == nil || *f&scanned == 0 {
			l.At(pc)
			l.goTo(pc)
			break
		}
		w, _ := r.src.Word(pc)
		l.pc = pc
		l.At(pc)
		n++
		if flow, target := classify(w, pc); flow == flowCall && r.leaf(target) > 0 {
			n += r.inline(target)
		} else {
			l.lift(w)
		}
		if l.Ended() {
			break
		}
		pc += 4
	}
	// A lifting function may have split the block; the cost stays with the first part.
	l.F.Blocks[id].Cost = max(n, 1)
}
