package dump

import (
	"strings"
	"testing"

	"boxer/runtime/emit"
	"boxer/runtime/ir"
	"boxer/runtime/knob"
	"boxer/runtime/translate"
	"boxer/runtime/wasm"
)

// TestDump: importing the package is enough for the two switches to be there, and each prints its half.
func TestDump(t *testing.T) {
	if translate.Dump == nil {
		t.Fatal("translations are not shown to anybody")
	}
	var mod wasm.Module
	regions := []emit.Region{{Func: &ir.Func{Name: "answer"}, Entries: []uint64{0x1000}}}
	var out strings.Builder
	if dump(&out, regions, mod.Bytes()); out.Len() > 0 {
		t.Errorf("printed with the switches off: %q", &out)
	}
	if err := knob.Set("ir,wat"); err != nil {
		t.Fatal(err)
	}
	dump(&out, regions, mod.Bytes())
	for _, want := range []string{"answer", "(module"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, &out)
		}
	}
}
