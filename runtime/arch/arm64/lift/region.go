package lift

import (
	"fmt"
	"slices"

	"boxer/runtime/arch/arm64"
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
	insns     int
	switches  map[uint64][]uint64 // targets of the BR at this address

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
		switches: map[uint64][]uint64{}, blocks: map[uint64]ir.BlockID{}, tails: map[uint64]ir.BlockID{}}
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
			switch flow {
			case flowCond:
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
		return flowCall, 0
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
		l.lift(w)
		n++
		if l.Ended() {
			break
		}
		pc += 4
	}
	// A lifting function may have split the block; the cost stays with the first part.
	l.F.Blocks[id].Cost = max(n, 1)
}
