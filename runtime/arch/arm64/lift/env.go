package lift

import (
	hash "hash/crc32"

	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// Env performs the helpers that lifted code calls, for one thread at a time. Its owner sets
// Soft from the thread's registers before code runs and reads it back after.
type Env struct {
	// Soft is FPCR and FPSR as precise code sees them.
	Soft softfloat.Env
	// Invalidate is told the address of each IC IVAU.
	Invalidate func(addr uint64)
	// Counter is CNTVCT_EL0, in ticks of CounterHz.
	Counter func() uint64
}

// fpsrBits are the bits of FPSR that can be written: QC and the cumulative exceptions
// (Arm ARM C5.2.9).
const fpsrBits = fpsrQC | softfloat.IDC | softfloat.IXC | softfloat.UFC | softfloat.OFC | softfloat.DZC | softfloat.IOC

// fpsrQC says that an integer operation saturated.
const fpsrQC uint32 = 1 << 27

var castagnoli = hash.MakeTable(hash.Castagnoli)

// Call performs h. Arguments that h does not have are ignored, and so is a helper that does not
// exist: it gives zero. Call neither blocks nor panics, so that translated code may call it
// without leaving Wasm.
func (e *Env) Call(h ir.Helper, a, b, c uint64) uint64 {
	if h >= HelperFP {
		if h >= HelperFP+ir.Helper(softfloat.NumOps) {
			return 0
		}
		return e.Soft.Do(softfloat.Op(h-HelperFP), a, b, c)
	}
	switch h {
	case HelperInvalidate:
		e.Invalidate(a)
	case HelperCounter:
		return e.Counter()
	case HelperCRC32:
		return uint64(checksum(hash.IEEETable, uint32(a), b, c))
	case HelperCRC32C:
		return uint64(checksum(castagnoli, uint32(a), b, c))
	case HelperSetFPCR:
		e.Soft.FPCR = uint32(a)
	case HelperGetFPSR:
		return uint64(e.Soft.FPSR)
	case HelperSetFPSR:
		e.Soft.FPSR = uint32(a) & fpsrBits
	case HelperSetQC:
		if a != 0 {
			e.Soft.FPSR |= fpsrQC
		}
	case HelperFMA32:
		var fast softfloat.Env
		return uint64(fast.MulAdd32(uint32(c), uint32(a), uint32(b)))
	case HelperFMA64:
		var fast softfloat.Env
		return fast.MulAdd64(c, a, b)
	case HelperShift:
		return e.shift(a, b, c)
	}
	return 0
}

// checksum takes the low size bytes of data, the lowest first, into acc. Arm's instructions leave the
// inversions before and after, which hash/crc32 does, to the program.
func checksum(t *hash.Table, acc uint32, data, size uint64) uint32 {
	for range min(size, 8) {
		acc = t[byte(acc)^byte(data)] ^ acc>>8
		data >>= 8
	}
	return acc
}
