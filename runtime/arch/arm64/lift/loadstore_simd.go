package lift

import (
	"boxer/runtime/arch/arm64/decode"
	"boxer/runtime/ir"
)

// Loads and stores of SIMD structures, LD1 to LD4 and ST1 to ST4 (Arm ARM C4.1.94).

func init() {
	t := &table
	for _, r := range []struct {
		f             liftFunc
		offset, after decode.ID
	}{
		{loadVectors, decode.LD1_multi1, decode.LD1_multi1_post},
		{loadVectors, decode.LD1_multi2, decode.LD1_multi2_post},
		{loadVectors, decode.LD1_multi3, decode.LD1_multi3_post},
		{loadVectors, decode.LD1_multi4, decode.LD1_multi4_post},
		{loadVectors, decode.LD2_multi, decode.LD2_multi_post},
		{loadVectors, decode.LD3_multi, decode.LD3_multi_post},
		{loadVectors, decode.LD4_multi, decode.LD4_multi_post},
		{storeVectors, decode.ST1_multi1, decode.ST1_multi1_post},
		{storeVectors, decode.ST1_multi2, decode.ST1_multi2_post},
		{storeVectors, decode.ST1_multi3, decode.ST1_multi3_post},
		{storeVectors, decode.ST1_multi4, decode.ST1_multi4_post},
		{storeVectors, decode.ST2_multi, decode.ST2_multi_post},
		{storeVectors, decode.ST3_multi, decode.ST3_multi_post},
		{storeVectors, decode.ST4_multi, decode.ST4_multi_post},
		{loadElements, decode.LD1_single, decode.LD1_single_post},
		{loadElements, decode.LD2_single, decode.LD2_single_post},
		{loadElements, decode.LD3_single, decode.LD3_single_post},
		{loadElements, decode.LD4_single, decode.LD4_single_post},
		{storeElements, decode.ST1_single, decode.ST1_single_post},
		{storeElements, decode.ST2_single, decode.ST2_single_post},
		{storeElements, decode.ST3_single, decode.ST3_single_post},
		{storeElements, decode.ST4_single, decode.ST4_single_post},
		{loadReplicated, decode.LD1R, decode.LD1R_post},
		{loadReplicated, decode.LD2R, decode.LD2R_post},
		{loadReplicated, decode.LD3R, decode.LD3R_post},
		{loadReplicated, decode.LD4R, decode.LD4R_post},
	} {
		t[r.offset], t[r.after] = r.f, r.f
	}
}

// structure is the access of a structure load or store: a base address and what becomes of it.
type structure struct {
	address
	regs uint32 // number of registers
	size uint32 // of an element
}

// structure forms the access of unit bytes for each register.
func (l *lifter) structure(in decode.Inst, unit uint32) structure {
	m := structure{address{base: l.regSP(in.Rn(), ir.I64)}, in.StructRegs(), in.StructSize()}
	if in.Bit(23) { // post-index; register 31 is the number of bytes transferred
		by := l.I64(uint64(m.regs * unit))
		if in.Rm() != 31 {
			by = l.x(in.Rm())
		}
		m.wb = l.Add(m.base, by)
	}
	return m
}

// interleaves reports whether a structure of multiple registers is LD2 to ST4, and not LD1 or ST1.
func interleaves(in decode.Inst) bool { return in.Word>>12&2 == 0 }

func loadVectors(l *lifter, in decode.Inst) {
	scale := 3 + in.F('q')
	m := l.structure(in, 1<<scale)
	v := make([]ir.Value, m.regs)
	for i := range v {
		v[i] = l.loadV(scale, m.base, int64(i)<<scale)
	}
	if interleaves(in) {
		for i := range v {
			v[i] = l.toV128(v[i])
		}
		v = l.deinterleave(vec{m.size, vecBits(in.Q())}, v)
	}
	l.writeBack(in, m.address)
	for i := range v {
		if l.Type(v[i]) == ir.V128 {
			l.setVQ((in.Rt()+uint32(i))%32, v[i], in.Q())
		} else {
			l.setV((in.Rt()+uint32(i))%32, v[i])
		}
	}
}

func storeVectors(l *lifter, in decode.Inst) {
	scale := 3 + in.F('q')
	m := l.structure(in, 1<<scale)
	v := make([]ir.Value, m.regs)
	t := ir.V128
	if scale == 3 && !interleaves(in) {
		t = ir.F64
	}
	for i := range v {
		v[i] = l.v((in.Rt()+uint32(i))%32, t)
	}
	if interleaves(in) {
		v = l.interleave(vec{m.size, vecBits(in.Q())}, v)
	}
	for i := range v {
		if scale == 3 && t == ir.V128 {
			v[i] = l.Lane(ir.F64x2ExtractLane, 0, v[i])
		}
		l.Store(ir.Mem8+ir.Access(scale), m.base, int64(i)<<scale, v[i])
	}
	l.writeBack(in, m.address)
}

// toV128 puts a doubleword into the low half of a vector, and leaves a vector as it is.
func (l *lifter) toV128(v ir.Value) ir.Value {
	if l.Type(v) == ir.F64 {
		return l.Lane(ir.F64x2ReplaceLane, 0, l.V128(0, 0), v)
	}
	return v
}

// deinterleave turns consecutive memory into the registers of structures with two, three or four
// members: member i of each goes to register i.
func (l *lifter) deinterleave(s vec, m []ir.Value) []ir.Value {
	even, odd := unzip(0), unzip(1)
	switch len(m) {
	case 2:
		return []ir.Value{even(l, s, m[0], m[1]), odd(l, s, m[0], m[1])}
	case 4:
		e := l.deinterleave(s, []ir.Value{even(l, s, m[0], m[1]), even(l, s, m[2], m[3])})
		o := l.deinterleave(s, []ir.Value{odd(l, s, m[0], m[1]), odd(l, s, m[2], m[3])})
		return []ir.Value{e[0], o[0], e[1], o[1]}
	}
	v := make([]ir.Value, 3)
	for r := range v {
		v[r] = l.arrange3(s, m, func(i int) int { return 3*i + r })
	}
	return v
}

// interleave is the inverse of deinterleave.
func (l *lifter) interleave(s vec, v []ir.Value) []ir.Value {
	low, high := zip(0), zip(1)
	switch len(v) {
	case 2:
		return []ir.Value{low(l, s, v[0], v[1]), high(l, s, v[0], v[1])}
	case 4:
		e := l.interleave(s, []ir.Value{v[0], v[2]})
		o := l.interleave(s, []ir.Value{v[1], v[3]})
		return append(l.interleave(s, []ir.Value{e[0], o[0]}), l.interleave(s, []ir.Value{e[1], o[1]})...)
	}
	m, n := make([]ir.Value, 3), s.count()
	for c := range m {
		m[c] = l.arrange3(s, v, func(i int) int {
			at := c*n + i
			return at%3*n + at/3
		})
	}
	return m
}

// arrange3 is arrange of three vectors: those of the first two that are wanted are put in their
// places, then those of the third.
func (l *lifter) arrange3(s vec, v []ir.Value, pick func(i int) int) ir.Value {
	n := s.count()
	x := l.arrange(s, v[0], v[1], func(i int) int {
		if p := pick(i); p < 2*n {
			return p
		}
		return i
	})
	return l.arrange(s, x, v[2], func(i int) int {
		if p := pick(i); p >= 2*n {
			return p - n
		}
		return i
	})
}

func loadElements(l *lifter, in decode.Inst) {
	size, lane := in.StructSize(), in.StructLane()
	m := l.structure(in, 1<<size)
	v := make([]ir.Value, m.regs)
	for i := range v {
		v[i] = l.loadV(size, m.base, int64(i)<<size)
	}
	l.writeBack(in, m.address)
	for i := range v {
		n := (in.Rt() + uint32(i)) % 32
		l.setV(n, l.setElement(size, l.vec(n), lane, v[i]))
	}
}

func storeElements(l *lifter, in decode.Inst) {
	size, lane := in.StructSize(), in.StructLane()
	m := l.structure(in, 1<<size)
	for i := range m.regs {
		l.Store(ir.Mem8+ir.Access(size), m.base, int64(i)<<size, l.element(size, l.vec((in.Rt()+i)%32), lane))
	}
	l.writeBack(in, m.address)
}

func loadReplicated(l *lifter, in decode.Inst) {
	size := in.StructSize()
	m := l.structure(in, 1<<size)
	v := make([]ir.Value, m.regs)
	for i := range v {
		v[i] = l.Load(ir.Mem8+ir.Access(size), typ(size == 3), m.base, int64(i)<<size)
	}
	l.writeBack(in, m.address)
	for i := range v {
		l.setVQ((in.Rt()+uint32(i))%32, l.Op(vSplat[size], v[i]), in.Q())
	}
}
