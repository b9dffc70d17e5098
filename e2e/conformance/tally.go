package main

import (
	"fmt"
	"io"
	"sort"
)

// A tally counts cases and keeps the first mismatches of each row.
type tally struct {
	show    int
	states  int
	wrong   int
	faulted map[string]int // cases that raised a signal, by row: a fault of the generator
	rows    map[string]*rowTally
}

type rowTally struct {
	states, wrong int
	undefined     int // of wrong, those that boxer calls undefined
	shown         []string
}

func newTally(show int) *tally {
	return &tally{show: show, faulted: map[string]int{}, rows: map[string]*rowTally{}}
}

// compare adds a batch with the oracle's states and those under test.
func (t *tally) compare(cfg config, b *Batch, want, got []State) {
	for i, c := range b.Cases {
		s := b.Slots[c.Slot]
		r := t.rows[s.Row.Name]
		if r == nil {
			r = &rowTally{}
			t.rows[s.Row.Name] = r
		}
		t.states++
		r.states++
		w, g := &want[i], &got[i]
		if w.Exit >= exitSignal {
			t.faulted[s.Row.Name]++
		}
		notCompared(s, w, b.Mode)
		notCompared(s, g, b.Mode)
		if *w == *g {
			continue
		}
		t.wrong++
		r.wrong++
		if g.Exit == exitSignal+4 {
			r.undefined++
			continue
		}
		if len(r.shown) < t.show {
			much := fmt.Sprintf("-n %d -states %d", c.k+1, c.k+1)
			if cfg.level {
				much = fmt.Sprintf("-level -states %d", cfg.states)
			}
			r.shown = append(r.shown, fmt.Sprintf("%s (%#08x)\n%s%s  again: go run ./e2e/conformance -seed %d -mode %s -row %s -first %d %s -show 99\n",
				s.text(), s.Words[len(s.Words)-1], operands(s, c.Start), diff(w, g), cfg.seed, b.Mode, s.Row.Name, c.n, much))
		}
	}
}

// operands prints the registers that the instruction's operand fields name.
func operands(s *Slot, st *State) string {
	in := s.inst()
	text := "  from "
	for _, r := range []uint32{in.Rd(), in.Rn(), in.Rm(), in.Ra()} {
		text += fmt.Sprintf(" x%d=%x v%d=%016x_%016x", r, st.X[r], r, st.V[r].Hi, st.V[r].Lo)
	}
	return text + fmt.Sprintf(" nzcv=%04b fpcr=%08x fpsr=%08x\n", st.NZCV>>28, st.FPCR, st.FPSR)
}

// print writes the mismatches, by row.
func (t *tally) print(w io.Writer) {
	var names []string
	for name := range t.rows {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if n := t.faulted[name]; n > 0 {
			fmt.Fprintf(w, "%s: %d of %d cases raise a signal\n", name, n, t.rows[name].states)
		}
		if r := t.rows[name]; r.wrong > 0 {
			fmt.Fprintf(w, "%s: %d of %d states differ, %d of these undefined in boxer\n", name, r.wrong, r.states, r.undefined)
			for _, s := range r.shown {
				io.WriteString(w, s)
			}
		}
	}
}
