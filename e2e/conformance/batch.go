package main

import "boxer/runtime/arch/arm64/decode"

// A Batch is code in place and the cases that run it.
type Batch struct {
	Slots []*Slot
	Cases []Case
	Mode  mode
}

// Case is a state for a slot to start from.
type Case struct {
	Slot  int // index in Batch.Slots
	Start *State
	n, k  int // the numbers that made it, for messages
}

// A judge runs the cases of a batch and returns the states after them, in
// order.
type judge interface {
	run(b *Batch) ([]State, error)
}

// A plan says which cases there are: for each row, slots numbered from first,
// and for each slot a number of states.
type plan struct {
	seed   uint64
	rows   []*decode.Row
	first  int
	slots  int
	states int
	mode   mode
	level  bool // all of package fpvectors' tuples in order, instead of random ones
}

// batchSlots keeps a batch within some 10 MB of states.
const batchSlots = 512

// batches makes all cases of the plan and hands them out.
func (p plan) batches(yield func(*Batch) error) error {
	b := &Batch{Mode: p.mode}
	for n := p.first; n < p.first+p.slots; n++ {
		for _, row := range p.rows {
			s := newSlot(p.seed, row, n, len(b.Slots))
			if p.level {
				levelSlot(s, n)
			}
			for k := range p.states {
				st := s.start(p.seed, n, k, p.mode)
				if p.level {
					levelOperands(s, st, n, k, p.states)
				}
				b.Cases = append(b.Cases, Case{len(b.Slots), st, n, k})
			}
			b.Slots = append(b.Slots, s)
			if len(b.Slots) == batchSlots {
				if err := yield(b); err != nil {
					return err
				}
				b = &Batch{Mode: p.mode}
			}
		}
	}
	if len(b.Slots) == 0 {
		return nil
	}
	return yield(b)
}
