package lift

import (
	"encoding/binary"
	hash "hash/crc32"
	"math"
	"testing"

	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

func TestEnvChecksums(t *testing.T) {
	var e Env
	var data [8]byte
	binary.LittleEndian.PutUint64(data[:], 0x8899aabbccddeeff)
	for _, tab := range []struct {
		h ir.Helper
		t *hash.Table
	}{{HelperCRC32, hash.IEEETable}, {HelperCRC32C, hash.MakeTable(hash.Castagnoli)}} {
		for _, size := range []uint64{1, 2, 4, 8} {
			want := ^hash.Update(^uint32(0x12345678), tab.t, data[:size])
			got := e.Call(tab.h, 0x12345678, binary.LittleEndian.Uint64(data[:]), size)
			if got != uint64(want) {
				t.Errorf("%v of %d bytes = %#x, want %#x", tab.h, size, got, want)
			}
		}
	}
}

func TestEnvFloat(t *testing.T) {
	var e Env
	// x·y+z in that order, whatever FPCR says
	e.Call(HelperSetFPCR, uint64(softfloat.RP)<<softfloat.RModeShift, 0, 0)
	got := e.Call(HelperFMA64, math.Float64bits(3), math.Float64bits(5), math.Float64bits(7))
	if got != math.Float64bits(22) {
		t.Errorf("FMA64(3, 5, 7) = %v, want 22", math.Float64frombits(got))
	}
	got = e.Call(HelperFMA32, uint64(math.Float32bits(3)), uint64(math.Float32bits(5)), uint64(math.Float32bits(7)))
	if got != uint64(math.Float32bits(22)) {
		t.Errorf("FMA32(3, 5, 7) = %v, want 22", math.Float32frombits(uint32(got)))
	}
	third := e.Call(HelperFP+ir.Helper(softfloat.Div64), math.Float64bits(1), math.Float64bits(3), 0)
	if want := math.Nextafter(1.0/3, 1); math.Float64frombits(third) != want {
		t.Errorf("1/3 rounded up = %v, want %v", math.Float64frombits(third), want)
	}
	if got := e.Call(HelperGetFPSR, 0, 0, 0); got != uint64(softfloat.IXC) {
		t.Errorf("FPSR = %#x, want inexact alone", got)
	}
	e.Call(HelperSetQC, 0, 0, 0)
	e.Call(HelperSetQC, 2, 0, 0)
	if got := e.Call(HelperGetFPSR, 0, 0, 0); got != uint64(softfloat.IXC|fpsrQC) {
		t.Errorf("FPSR = %#x, want inexact and QC", got)
	}
	e.Call(HelperSetFPSR, math.MaxUint64, 0, 0)
	if got := e.Call(HelperGetFPSR, 0, 0, 0); got != uint64(fpsrBits) {
		t.Errorf("FPSR = %#x, want %#x", got, fpsrBits)
	}
}

func TestEnvUnknownHelper(t *testing.T) {
	var e Env
	for _, h := range []ir.Helper{HelperFP - 1, HelperFP + ir.Helper(softfloat.NumOps), math.MaxUint32} {
		if got := e.Call(h, 1, 2, 3); got != 0 {
			t.Errorf("%v = %#x, want 0", h, got)
		}
	}
}
