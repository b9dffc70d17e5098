package wasm

import (
	"bytes"
	"slices"
	"testing"
)

// TestDecodeInsns takes code apart into instructions and finds each where the
// writer put it.
func TestDecodeInsns(t *testing.T) {
	var c Code
	var ends []int
	add := func(f func()) { f(); ends = append(ends, c.Len()) }
	add(func() { c.Block(7) })
	add(func() { c.Loop(BlockEmpty) })
	add(func() { c.If(BlockOf(F64)) })
	add(func() { c.BrTable([]uint32{0, 300, 1}, 2) })
	add(func() { c.Call(4000) })
	add(func() { c.CallIndirect(3, 1) })
	add(func() { c.SelectT(FuncRef) })
	add(func() { c.LocalGet(200) })
	add(func() { c.Idx2(OpMemoryInit, 9, 0) })
	add(func() { c.MemoryCopy() })
	add(func() { c.MemoryFill() })
	add(func() { c.I32Const(-70) })
	add(func() { c.I64Const(-1 << 40) })
	add(func() { c.F32Const(1) })
	add(func() { c.F64Const(1) })
	add(func() { c.V128Const(1, 2) })
	add(func() { c.Shuffle([16]byte{31}) })
	add(func() { c.MemLane(OpV128Load8Lane, 0, 500, 3) })
	add(func() { c.Mem(OpI64Load, 3, 1<<20) })
	add(func() { c.Lane(OpI8x16ExtractLaneS, 5) })
	add(func() { c.Fence() })
	add(func() { c.RefNull(ExternRef) })
	add(func() { c.End() })

	d := NewDecoder(c.Bytes(), 0)
	var got []Insn
	from := 0
	for _, to := range ends {
		in := d.Insn()
		if !bytes.Equal(in.Raw, c.Bytes()[from:to]) {
			t.Fatalf("at %#x: %v is % x, want % x (%v)", from, in.Op, in.Raw, c.Bytes()[from:to], d.Err())
		}
		got = append(got, in)
		from = to
	}
	if d.Len() != 0 || d.Err() != nil {
		t.Errorf("%d bytes left, %v", d.Len(), d.Err())
	}
	if got[0].Block != 7 || got[1].Block != BlockEmpty || got[2].Block != BlockOf(F64) {
		t.Errorf("block types %d %d %d", got[0].Block, got[1].Block, got[2].Block)
	}
	if !slices.Equal(got[3].Labels, []uint32{0, 300, 1, 2}) {
		t.Errorf("labels %v", got[3].Labels)
	}
	if got[4].X != 4000 || got[5].X != 3 || got[5].Y != 1 || got[7].X != 200 || got[8].X != 9 {
		t.Errorf("indices: %+v", got[4:9])
	}
}

func TestDecodeErrors(t *testing.T) {
	for name, b := range map[string][]byte{
		"unknown opcode":     {0x06},
		"cut short":          {0x41},
		"a table too long":   {0x0e, 0xff, 0xff, 0x03, 0},
		"a block type":       {0x02, 0x50},
		"a LEB128 too large": {0x10, 0xff, 0xff, 0xff, 0xff, 0x7f},
	} {
		d := NewDecoder(b, 0)
		if in := d.Insn(); d.Err() == nil || in.Raw != nil || d.Len() != 0 {
			t.Errorf("%s: %v, %v", name, in, d.Err())
		}
	}
}
