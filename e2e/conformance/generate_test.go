package main

import (
	"testing"

	"boxer/runtime/arch/arm64/decode"
)

// TestGeneratorStable holds the generator to making the same cases from the
// same seed, and to keeping every access and branch where it can be judged.
func TestGeneratorStable(t *testing.T) {
	all := decode.Rows()
	n := 0
	for i := range all {
		row := &all[i]
		if !testable(row) {
			continue
		}
		n++
		for k := range 8 {
			a, b := newSlot(7, row, k, 3), newSlot(7, row, k, 3)
			if a.text() != b.text() {
				t.Errorf("%s: %s, then %s", row.Name, a.text(), b.text())
			}
			if len(a.Words)+6 > slotWords-slotStart {
				t.Errorf("%s: %s leaves no room for exits", row.Name, a.text())
			}
			for m := range modeCount {
				if !m.applies(row) {
					continue
				}
				x, y := a.start(7, k, 1, m), b.start(7, k, 1, m)
				if *x != *y {
					t.Errorf("%s: two states of one number\n%s", a.text(), diff(x, y))
				}
				if x.digest() != y.digest() {
					t.Errorf("%s: two digests of one state", a.text())
				}
				var z State
				z.decode(x.encode(nil))
				if z != *x {
					t.Errorf("%s: encoding loses\n%s", a.text(), diff(x, &z))
				}
			}
		}
	}
	if n < 600 {
		t.Errorf("only %d rows are testable", n)
	}
}

// TestDigest changes every part of a state and expects another digest.
func TestDigest(t *testing.T) {
	var st State
	base := st.digest()
	for name, change := range map[string]func(){
		"x7": func() { st.X[7] ^= 1 << 63 }, "sp": func() { st.X[31]++ },
		"v31": func() { st.V[31].Hi ^= 1 }, "nzcv": func() { st.NZCV ^= 1 << 28 },
		"fpcr": func() { st.FPCR ^= 1 << 22 }, "fpsr": func() { st.FPSR ^= 1 },
		"exit": func() { st.Exit++ }, "mem": func() { st.Mem[255]++ },
	} {
		st = State{}
		change()
		if st.digest() == base {
			t.Errorf("%s does not count", name)
		}
	}
}

// TestExclusions: a reason belongs to a row there is.
func TestExclusions(t *testing.T) {
	names := map[string]bool{}
	all := decode.Rows()
	for i := range all {
		names[all[i].Name] = true
	}
	for name, reason := range excluded {
		if !names[name] || reason == "" {
			t.Errorf("exclusion %q has no row or no reason", name)
		}
	}
}

// TestValues draws from the generators until each class has come up.
func TestValues(t *testing.T) {
	r := random(1, "values", 0)
	seen := map[string]bool{}
	for range 20000 {
		f := float(r, 8, 23)
		e, frac := f>>23&0xff, f&(1<<23-1)
		switch {
		case e == 0 && frac == 0:
			seen["zero"] = true
		case e == 0:
			seen["denormal"] = true
		case e == 255 && frac == 0:
			seen["infinity"] = true
		case e == 255 && frac>>22 == 0:
			seen["signalling"] = true
		case e == 255:
			seen["quiet"] = true
		case e == 254:
			seen["large"] = true
		default:
			seen["normal"] = true
		}
		switch integer(r, 32) {
		case 0, 1<<32 - 1, 1 << 31, 1<<31 - 1:
			seen["limit"] = true
		}
	}
	if len(seen) != 8 {
		t.Errorf("only %v came up", seen)
	}
	if got := fromFloat(1.5, 5, 10); got != 0x3e00 {
		t.Errorf("1.5 as a half is %#x", got)
	}
}
