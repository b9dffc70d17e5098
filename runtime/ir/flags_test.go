package ir_test

import (
	"fmt"
	"testing"

	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

var ints = []uint64{0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 1 << 32, 1<<63 - 1, 1 << 63, 1<<63 + 1, ^uint64(0) - 1, ^uint64(0)}

var floats = map[ir.Type][]uint64{
	ir.F32: {0, 1 << 31, 1, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffc00001},
	ir.F64: {0, 1 << 63, 1, 0x3ff << 52, 0xbff << 52, 0x7ff << 52, 0xfff << 52, 0x7ff8 << 48, 0x7ff<<52 + 1, 0xfff8<<48 + 1},
}

// TestFlags: every condition on flags of every kind, and the flags packed, are what the packed flags of
// direct evaluation say; the operands are registers, constants, or one of each.
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
			for _, constants := range []int{0, 1, 3} { // bit i: operand i is a constant
				for _, x := range list {
					for _, y := range list {
						for carry := range uint64(2) {
							if carry == 1 && k != ir.FlagsAddC || (k == ir.FlagsLogic || k == ir.FlagsRaw) && y != list[0] {
								continue
							}
							for _, form := range []string{"plain", "if", "if not"} {
								if form != "plain" && k != ir.FlagsSub && k != ir.FlagsAdd && k != ir.FlagsFCmp {
									continue
								}
								checkFlags(t, k, typ, x, y, carry, constants, form)
								checked++
							}
						}
					}
				}
			}
		}
	}
	if checked < 3000 {
		t.Errorf("only %d cases", checked)
	}
}

func checkFlags(t *testing.T, k ir.FlagsKind, typ ir.Type, x, y, carry uint64, constants int, form string) {
	if typ == ir.I32 || typ == ir.F32 {
		x, y = uint64(uint32(x)), uint64(uint32(y))
	}
	b := ir.NewBuilder(ireval.Arch, "f", 0)
	b.SetBlock(b.NewBlock(0))
	m := ireval.New(ireval.Arch, ireval.Bias, 16)
	operand := func(i int, v uint64) ir.Value {
		isConst := constants>>i&1 == 1
		switch {
		case isConst && typ.IsInt():
			return b.Int(typ, v)
		case isConst && typ == ir.F32:
			return b.F32Bits(uint32(v))
		case isConst:
			return b.F64Bits(v)
		case typ.IsInt():
			m.Slots[ireval.SlotX+ir.Slot(i)].Lo = v
			return b.Get(ireval.SlotX+ir.Slot(i), typ)
		}
		m.Slots[ireval.SlotV+ir.Slot(i)].Lo = v
		return b.Get(ireval.SlotV+ir.Slot(i), typ)
	}
	vx, vy := operand(0, x), operand(1, y)
	switch {
	case k == ir.FlagsAddC:
		m.Slots[ireval.SlotW].Lo = carry
		b.SetFlags(k, vx, vy, b.Get(ireval.SlotW, ir.I32))
	case form == "plain":
		if k == ir.FlagsLogic || k == ir.FlagsRaw {
			vy = 0
		}
		b.SetFlags(k, vx, vy, 0)
	default:
		m.Slots[ireval.SlotW].Lo = 8 // any bit is as good
		if form == "if not" {
			m.Slots[ireval.SlotW].Lo = 0
		}
		b.SetFlagsIf(b.Get(ireval.SlotW, ir.I32), k, vx, vy, 0x50000000)
	}
	var tests uint64
	packed := b.I64(0)
	for c := ir.EQ; c < ir.AL; c++ {
		packed = b.Or(packed, b.ShlI(b.ZExt(b.Test(c)), uint(c)))
	}
	b.Set(ireval.SlotX+2, packed)
	b.Set(ireval.SlotX+3, b.NZCV())
	b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint})
	f := ireval.CloneFunc(b.F)
	want := m.Clone()
	want.Steps, m.Steps = 1, 1
	want.Exec(f, 0) // NZCV by the definition of SetFlags
	nzcv := uint32(want.Slots[ireval.SlotX+3].Lo)
	for c := ir.EQ; c < ir.AL; c++ {
		if c.Holds(nzcv) {
			tests |= 1 << c
		}
	}
	name := fmt.Sprintf("%v.%v %#x %#x carry %d, constants %d, %s", k, typ, x, y, carry, constants, form)
	if got := want.Slots[ireval.SlotX+2].Lo; got != tests {
		t.Errorf("%s: nzcv %x: conditions %b, want %b", name, nzcv>>28, got, tests)
	}
	ir.Optimize(f, ir.PassOptions{Verify: true, Bias: ireval.Bias})
	m.Linear = true
	m.Exec(f, 0)
	for _, s := range []ir.Slot{ireval.SlotX + 2, ireval.SlotX + 3, ireval.SlotFlags} {
		if m.Slots[s] != want.Slots[s] {
			t.Errorf("%s: behind the passes %s is %#x, want %#x", name, ireval.Arch.Slots[s].Name, m.Slots[s].Lo, want.Slots[s].Lo)
		}
	}
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
