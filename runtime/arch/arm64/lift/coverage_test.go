package lift_test

import (
	"math/rand/v2"
	"testing"

	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/emit"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/ir"
	"boxer/runtime/translate"
)

// TestCoverage holds the decode table and the lifting functions together: a row has a function
// exactly if it is marked as lifted. A few have none because undefined is what they are: UDF, HLT
// where no debugger is, and SYSL, of which EL0 may use no encoding.
func TestCoverage(t *testing.T) {
	for _, row := range decode.Rows() {
		switch trap := row.ID == decode.UDF || row.ID == decode.HLT || row.ID == decode.SYSL; {
		case row.Lifted && !trap && !lift.CanLift(row.ID):
			t.Errorf("%s is marked as lifted, but has no lifting function", row.Name)
		case (!row.Lifted || trap) && lift.CanLift(row.ID):
			t.Errorf("%s has a lifting function, but would never be lifted", row.Name)
		}
	}
}

// oneWord is a Source of one instruction and a return.
type oneWord uint32

func (w oneWord) Word(pc uint64) (uint32, bool) {
	switch pc {
	case text:
		return uint32(w), true
	case text + 4:
		return 0xd65f03c0, true // ret
	}
	return 0, false
}

func (oneWord) IsEntry(uint64) bool     { return false }
func (oneWord) Data(uint64, []byte) int { return 0 }

const text = 0x400000

// TestRandomWords lifts random words of every row in both forms, verifies the IR after each pass and
// lets an engine validate what is emitted.
func TestRandomWords(t *testing.T) {
	perRow := 4
	if testing.Short() {
		perRow = 1
	}
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	conf := &emit.Config{Arch: arm64.IR, Profile: translate.Wazero(), Bias: arch.LinearBias, Hidden: 1 << 20,
		FMA32: lift.HelperFMA32, FMA64: lift.HelperFMA64, SyscallArgs: []ir.Slot{arm64.SlotX + 8}, SyscallResult: arm64.SlotX}
	rng := rand.New(rand.NewPCG(1, 2))
	rows := decode.Rows()
	for i := range rows {
		row := &rows[i]
		if !lift.CanLift(row.ID) {
			continue
		}
		var regions []emit.Region
		for i := range 2 * perRow {
			w := row.Random(rng)
			b := new(ir.Builder)
			f := lift.Region(b, oneWord(w), []uint64{text}, lift.Options{PreciseFP: i%2 == 0})
			if err := ir.Verify(f); err != nil {
				t.Fatalf("%s %#08x: %v\n%v", row.Name, w, err, f)
			}
			ir.Optimize(f, ir.PassOptions{Bias: arch.LinearBias, Verify: ir.Verify})
			regions = append(regions, emit.Region{Func: f, Entries: []uint64{text + uint64(i)*16}})
		}
		m, err := eng.Compile(emit.Module(conf, regions))
		if err != nil {
			t.Fatalf("%s: %v", row.Name, err)
		}
		m.Close()
	}
}
