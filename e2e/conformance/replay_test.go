package main

import (
	"testing"
)

// TestRecorded replays the recorded set, in the form of code that boxer uses
// for most programs. Under GOOS=js it does so on V8.
func TestRecorded(t *testing.T) {
	replay(t, false)
}

// TestRecordedPrecise replays it in the form that checks addresses.
func TestRecordedPrecise(t *testing.T) {
	if testing.Short() {
		t.Skip("the second of two forms")
	}
	replay(t, true)
}

func replay(t *testing.T, faultPrecise bool) {
	t.Parallel()
	m, err := newMachine(faultPrecise)
	if err != nil {
		t.Fatal(err)
	}
	defer m.eng.Close()
	states, wrong := 0, 0
	err = readRecorded(recordFile, func(rec *recorded) error {
		if !testable(rec.row) {
			return nil
		}
		b, _ := recordBatch(rec.row, rec.mode, rec.slots)
		if startsDigest(b) != rec.starts {
			t.Errorf("%s, mode %v: the generator makes other start states than those recorded; if that is meant, record anew", rec.row.Name, rec.mode)
			return nil
		}
		after, err := m.run(b)
		if err != nil {
			t.Errorf("%s: %v", rec.row.Name, err)
			return nil
		}
		bad := 0
		for i, c := range b.Cases {
			s := b.Slots[c.Slot]
			notCompared(s, &after[i], rec.mode)
			states++
			if after[i].digest() == rec.digests[c.n][c.k] {
				continue
			}
			if bad++; bad == 1 {
				t.Errorf("%s: %s (%#08x) differs from qemu; see\n  go run ./e2e/conformance -seed %d -row %s -mode %v -first %d -n 1 -states %d\n%s",
					rec.row.Name, s.text(), s.Words[len(s.Words)-1], uint64(recordSeed), rec.row.Name, rec.mode, c.n, c.k+1, operands(s, c.Start))
			}
		}
		wrong += bad
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d states, %d differ", states, wrong)
	if states < 100_000 {
		t.Errorf("only %d states in the recorded set", states)
	}
}
