package ir_test

import (
	"fmt"
	"testing"

	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

var ints = []uint64{0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 32, 1<<63 - 1, 1 << 63, ^uint64(0)}

var floats = map[ir.Type][]uint64{
	ir.F32: {0, 1 << 31, 1, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffc00001},
	ir.F64: {0, 1 << 63, 1, 0x3ff << 52, 0xbff << 52, 0x7ff << 52, 0xfff << 52, 0x7ff8 << 48, 0x7ff<<52 + 1, 0xfff8<<48 + 1},
}

// TestFlags: every condition on flags of every kind is what the packed flags of direct
// evaluation say, before and behind the passes; so are the flags' slot and NZCV.
func TestFlags(t *testing.T) {
	kinds := map[ir.FlagsKind][]ir.Type{
		ir.FlagsSub: {ir.I32, ir.I64}, ir.FlagsAdd: {ir.I32, ir.I64}, ir.FlagsAddC: {ir.I32, ir.I64}, ir.FlagsLogic: {ir.I32, ir.I64},
		ir.FlagsFCmp: {ir.F32, ir.F64}, ir.FlagsRaw: {ir.I32},
	}
	checked := 0
	for k, types := range kinds {
		for _, typ := range types {
			list := ints
			if k == ir.FlagsFCmp {
				list = floats[typ]
			}
			if k == ir.FlagsRaw {
				list = nil
				for i := range uint64(16) {
					list = append(list, i<<28)
				}
			}
			for _, form := range []string{"plain", "if"} {
				if form != "plain" && k != ir.FlagsSub && k != ir.FlagsAdd && k != ir.FlagsFCmp {
					continue
				}
				checked += newFlagCase(k, typ, form, nil).check(t, list, list)
				for _, x := range list[:min(len(list), 4)] {
					checked += newFlagCase(k, typ, form, &x).check(t, []uint64{x}, list)
				}
			}
		}
	}
	if checked < 2000 {
		t.Errorf("only %d cases", checked)
	}
}

// flagCase is a function that evaluates every condition on one comparison, as it is
// built and behind the passes.
type flagCase struct {
	name          string
	kind          ir.FlagsKind
	typ           ir.Type
	form          string
	before, after *ir.Func
}

// newFlagCase compares registers; the first operand is a constant if given.
func newFlagCase(k ir.FlagsKind, typ ir.Type, form string, constant *uint64) *flagCase {
	b := ir.NewBuilder(ireval.Arch, "f", 0)
	b.SetBlock(b.NewBlock(0))
	base := ireval.SlotX
	if !typ.IsInt() {
		base = ireval.SlotV
	}
	x, y := b.Get(base, typ), b.Get(base+1, typ)
	if constant != nil {
		switch typ {
		case ir.F32:
			x = b.F32Bits(uint32(*constant))
		case ir.F64:
			x = b.F64Bits(*constant)
		default:
			x = b.Int(typ, truncate(typ, *constant))
		}
	}
	w := b.Get(ireval.SlotW, ir.I32)
	switch {
	case k == ir.FlagsAddC:
		b.SetFlags(k, x, y, w)
	case k == ir.FlagsLogic, k == ir.FlagsRaw:
		b.SetFlags(k, x, 0, 0)
	case form == "plain":
		b.SetFlags(k, x, y, 0)
	default:
		b.SetFlagsIf(w, k, x, y, 0x50000000)
	}
	packed := b.I64(0)
	for c := ir.EQ; c < ir.AL; c++ {
		packed = b.Or(packed, b.ShlI(b.ZExt(b.Test(c)), uint(c)))
	}
	b.Set(ireval.SlotX+2, packed)
	b.Set(ireval.SlotX+3, b.NZCV())
	b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint})
	f := &flagCase{fmt.Sprintf("%v.%v %s, constant %v", k, typ, form, constant != nil), k, typ, form, b.F, ireval.CloneFunc(b.F)}
	ir.Optimize(f.after, ir.PassOptions{Verify: ir.Verify, Bias: ireval.Bias})
	return f
}

func truncate(t ir.Type, v uint64) uint64 {
	if t == ir.I32 || t == ir.F32 {
		return uint64(uint32(v))
	}
	return v
}

func (f *flagCase) check(t *testing.T, xs, ys []uint64) (checked int) {
	t.Helper()
	m := ireval.New(ireval.Arch, ireval.Bias, 16)
	for _, x := range xs {
		for _, y := range ys {
			ws := []uint64{0}
			switch {
			case f.kind == ir.FlagsAddC:
				ws = []uint64{0, 1}
			case f.form == "if":
				ws = []uint64{0, 8} // any bit is as good
			}
			for _, w := range ws {
				base := ireval.SlotX
				if !f.typ.IsInt() {
					base = ireval.SlotV
				}
				run := func(fn *ir.Func) (tests, nzcv, slot uint64) {
					m.Slots[base].Lo, m.Slots[base+1].Lo, m.Slots[ireval.SlotW].Lo, m.Steps = truncate(f.typ, x), truncate(f.typ, y), w, 1
					m.Exec(fn, 0)
					return m.Slots[ireval.SlotX+2].Lo, m.Slots[ireval.SlotX+3].Lo, m.Slots[ireval.SlotFlags].Lo
				}
				tests, nzcv, slot := run(f.before) // NZCV by the definition of SetFlags
				var want uint64
				for c := ir.EQ; c < ir.AL; c++ {
					if c.Holds(uint32(nzcv)) {
						want |= 1 << c
					}
				}
				if tests != want || slot != nzcv {
					t.Fatalf("%s: %#x %#x %d: nzcv %x, in the slot %x: conditions %b, want %b", f.name, x, y, w, nzcv>>28, slot>>28, tests, want)
				}
				if tests2, nzcv2, slot2 := run(f.after); tests2 != tests || nzcv2 != nzcv || slot2 != slot {
					t.Fatalf("%s: %#x %#x %d: behind the passes nzcv %x, in the slot %x, conditions %b; want %x, %b", f.name, x, y, w, nzcv2>>28, slot2>>28, tests2, nzcv>>28, tests)
				}
				checked++
			}
		}
	}
	return checked
}

// TestCond: a condition's opposite holds when it does not; AL always does.
func TestCond(t *testing.T) {
	for nzcv := range uint32(16) {
		for c := ir.EQ; c < ir.AL; c++ {
			if c.Holds(nzcv<<28) == c.Not().Holds(nzcv<<28) {
				t.Errorf("%v and %v agree on %x", c, c.Not(), nzcv)
			}
		}
		if !ir.AL.Holds(nzcv << 28) {
			t.Errorf("al does not hold on %x", nzcv)
		}
	}
}
