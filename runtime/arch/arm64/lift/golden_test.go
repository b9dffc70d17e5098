package lift_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/ir"
)

var update = flag.Bool("update", false, "rewrite testdata/simd.golden")

// idioms are what programs use most of Advanced SIMD, whose cost is worth watching.
var idioms = []struct {
	name  string
	words []uint32
}{
	{"the bits of a general register, counted", []uint32{0x9e670000, 0x0e205800, 0x0e31b800, 0x1e260000}},
	{"the same of clang", []uint32{0x9e670000, 0x0e205800, 0x2e303800, 0x1e260000}},
	{"the bits of a vector", []uint32{0x4e205800, 0x4e31b800}},
	{"a floating-point zero", []uint32{0x2f00e400, 0x1e612800}},
	{"strlen: which bytes are zero, four bits each", []uint32{0x4e209801, 0x0f0c8421, 0x9e660020}},
	{"strchr: is any byte set", []uint32{0x6e20a401, 0x9e660020}},
	{"memset: two vectors of zeros", []uint32{0x6f00e400, 0xad000000}},
	{"two vectors loaded, the base moved on", []uint32{0x4cdfa020}},
	{"bit by bit", []uint32{0x6ea11c02}},
	{"a vector cleared", []uint32{0x6e201c00}},
	{"vectors copied", []uint32{0x4ea21c41, 0x0ea41c83}},
	{"bytes widened", []uint32{0x2f08a420}},
	{"a sum of halfwords", []uint32{0x6e703800}},
	{"a dot product's ends", []uint32{0x4e040c20, 0x4ea19c00, 0x4eb1b800}},
	{"a window on two vectors", []uint32{0x6e022020}},
	{"tables of one and two registers", []uint32{0x4e020020, 0x0e032020}},
	{"elements moved", []uint32{0x4e181c20, 0x6e140420, 0x0e073c20}},
	{"pairs deinterleaved", []uint32{0x4c408800, 0x0e011802}},
	{"words added with saturation", []uint32{0x4ea20c20}},
}

// words is a Source of some instructions and a return.
type words []uint32

func (w words) Word(pc uint64) (uint32, bool) {
	switch i := (pc - text) / 4; {
	case i < uint64(len(w)):
		return w[i], true
	case i == uint64(len(w)):
		return 0xd65f03c0, true // ret
	}
	return 0, false
}

func (words) IsEntry(uint64) bool     { return false }
func (words) Data(uint64, []byte) int { return 0 }

// TestIdioms compares the IR of common sequences with the recorded one: what a change costs
// or gains shows in its diff. The fast form, after all passes.
func TestIdioms(t *testing.T) {
	const file = "testdata/simd.golden"
	var got strings.Builder
	for _, c := range idioms {
		fmt.Fprintf(&got, "; %s\n", c.name)
		for _, w := range c.words {
			in, ok := decode.Decode(w)
			if !ok {
				t.Fatalf("%s: %#08x is no instruction", c.name, w)
			}
			fmt.Fprintf(&got, ";\t%s\n", strings.ReplaceAll(in.String(0), "\t", " "))
		}
		f := lift.Region(new(ir.Builder), words(c.words), []uint64{text}, lift.Options{})
		ir.Optimize(f, ir.PassOptions{Bias: arch.LinearBias, Verify: ir.Verify})
		got.WriteString(renumber(f))
		got.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	for i := range gotLines {
		if i >= len(wantLines) || gotLines[i] != wantLines[i] {
			t.Fatalf("line %d of %s differs: got\n%s\nIf that is meant, run go test -run TestIdioms -update.", i+1, file, gotLines[i])
		}
	}
	if len(wantLines) != len(gotLines) {
		t.Fatalf("%s has %d lines, got %d", file, len(wantLines), len(gotLines))
	}
}

// valueName matches values, and what looks like them: slots, types and operations.
var valueName = regexp.MustCompile(`(get |set |:)?\bv\d+\b\.?`)

// renumber prints the body of f with values numbered in order.
func renumber(f *ir.Func) string {
	names := map[string]string{}
	_, body, _ := strings.Cut(f.String(), "\n")
	return valueName.ReplaceAllStringFunc(body, func(v string) string {
		if v[0] != 'v' || strings.HasSuffix(v, ".") {
			return v
		}
		if names[v] == "" {
			names[v] = fmt.Sprintf("%%%d", len(names)+1)
		}
		return names[v]
	})
}
