package wasi

import (
	"fmt"
	"testing"

	"boxer/runtime/kernel"
	"boxer/runtime/mm"
)

// TestPrograms: a program that is started again is not read again, unless its
// file may have changed or several others came between; its code goes with its last user.
func TestPrograms(t *testing.T) {
	ps, reads := &Programs{}, 0
	run := func(digest byte) {
		t.Helper()
		space, err := mm.New(testEngine(), mm.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer space.Release()
		s := newScript()
		wp := kernel.WASIProgram{Module: func() ([]byte, error) { reads++; return s.bytes(), nil }}
		wp.Digest[0] = digest
		cpu, _, err := ps.New(testEngine(), space, wp)
		if err != nil {
			t.Fatal(err)
		}
		if err := cpu.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []struct {
		digest byte
		reads  int
	}{{0, 1}, {0, 2}, {1, 3}, {1, 3}, {2, 4}, {3, 5}, {4, 6}, {1, 6}, {5, 7}, {2, 8}, {1, 8}} {
		if run(c.digest); reads != c.reads || len(ps.list) > keepPrograms {
			t.Errorf("%d: program %d: %d reads, want %d; %d kept", i, c.digest, reads, c.reads, len(ps.list))
		}
	}
	var refs string
	for _, c := range ps.list {
		refs += fmt.Sprint(c.refs.Load())
	}
	if refs != "1111" {
		t.Errorf("programs that do not run are used %s times", refs)
	}
}
