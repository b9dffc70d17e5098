package ireval

import (
	"math"
	"math/bits"
	"strings"
	"sync"

	"boxer/runtime/ir"
)

// V is a value's bits: of scalars in Lo, zero-extended; of vectors the low half in
// Lo; of Flags packed, in bits 31..28 of Lo.
type V struct{ Lo, Hi uint64 }

// opFunc computes one of WebAssembly's operations.
type opFunc func(in *ir.Inst, a, b, c V) V

// ops is the meaning of WebAssembly's operations, derived from their names: "i32.add" and "i8x16.add"
// differ in width and number of lanes only. Elements are nil where Supports is false.
var ops = sync.OnceValue(func() []opFunc {
	t := make([]opFunc, ir.NumOps)
	for op := ir.Op(0); op < ir.NumOps; op++ {
		if op.IsWasm() {
			t[op] = meaning(op)
		}
	}
	return t
})

// Supports reports whether Exec can perform op. Missing are the vector operations that widen,
// narrow, convert or multiply across lanes, and conversions between float formats.
func Supports(op ir.Op) bool { return !op.IsWasm() || ops()[op] != nil }

// shape is a lane's width in bits and whether it is a float.
type shape struct {
	width uint
	float bool
	vec   bool
}

var shapes = map[string]shape{
	"i32": {32, false, false}, "i64": {64, false, false}, "f32": {32, true, false}, "f64": {64, true, false},
	"i8x16": {8, false, true}, "i16x8": {16, false, true}, "i32x4": {32, false, true}, "i64x2": {64, false, true},
	"f32x4": {32, true, true}, "f64x2": {64, true, true},
}

func meaning(op ir.Op) opFunc {
	prefix, name, _ := strings.Cut(op.String(), ".")
	if prefix == "v128" {
		return bitwise(name)
	}
	s := shapes[prefix]
	switch {
	case s.vec:
		return vector(s, name)
	case conversion(prefix, name) != nil:
		f := conversion(prefix, name)
		return func(_ *ir.Inst, a, _, _ V) V { return V{Lo: f(a.Lo)} }
	}
	// A scalar operation is one lane, but that comparisons give 1.
	if f := lane1(s, name); f != nil {
		return func(_ *ir.Inst, a, _, _ V) V { return V{Lo: f(a.Lo) & mask(s.width)} }
	}
	if f := lane2(s, name); f != nil {
		return func(_ *ir.Inst, a, b, _ V) V { return V{Lo: f(a.Lo, b.Lo) & mask(s.width)} }
	}
	if f := comparison(s, name); f != nil {
		return func(_ *ir.Inst, a, b, _ V) V { return V{Lo: truth(f(a.Lo, b.Lo))} }
	}
	if name == "eqz" {
		return func(_ *ir.Inst, a, _, _ V) V { return V{Lo: truth(a.Lo == 0)} }
	}
	return nil
}

func mask(width uint) uint64 { return ^uint64(0) >> (64 - width) }

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func sext(v uint64, width uint) int64 { return int64(v<<(64-width)) >> (64 - width) }

func bitwise(name string) opFunc {
	two := func(f func(a, b uint64) uint64) opFunc {
		return func(_ *ir.Inst, a, b, _ V) V { return V{f(a.Lo, b.Lo), f(a.Hi, b.Hi)} }
	}
	switch name {
	case "and":
		return two(func(a, b uint64) uint64 { return a & b })
	case "or":
		return two(func(a, b uint64) uint64 { return a | b })
	case "xor":
		return two(func(a, b uint64) uint64 { return a ^ b })
	case "andnot":
		return two(func(a, b uint64) uint64 { return a &^ b })
	case "not":
		return two(func(a, _ uint64) uint64 { return ^a })
	case "bitselect":
		return func(_ *ir.Inst, a, b, c V) V { return V{a.Lo&c.Lo | b.Lo&^c.Lo, a.Hi&c.Hi | b.Hi&^c.Hi} }
	case "any_true":
		return func(_ *ir.Inst, a, _, _ V) V { return V{Lo: truth(a.Lo|a.Hi != 0)} }
	}
	return nil
}

// lane and setLane access lane i of width bits.
func (v V) lane(width uint, i int) uint64 {
	half := v.Lo
	at := uint(i) * width
	if at >= 64 {
		half, at = v.Hi, at-64
	}
	return half >> at & mask(width)
}

func (v V) setLane(width uint, i int, x uint64) V {
	half := &v.Lo
	at := uint(i) * width
	if at >= 64 {
		half, at = &v.Hi, at-64
	}
	*half = *half&^(mask(width)<<at) | x&mask(width)<<at
	return v
}

func vector(s shape, name string) opFunc {
	w, n := s.width, int(128/s.width)
	each := func(f func(i int) uint64) (r V) {
		for i := range n {
			r = r.setLane(w, i, f(i))
		}
		return r
	}
	switch name {
	case "splat":
		return func(_ *ir.Inst, a, _, _ V) V { return each(func(int) uint64 { return a.Lo }) }
	case "extract_lane", "extract_lane_u":
		return func(in *ir.Inst, a, _, _ V) V { return V{Lo: a.lane(w, int(in.Imm))} }
	case "extract_lane_s":
		return func(in *ir.Inst, a, _, _ V) V { return V{Lo: uint64(uint32(sext(a.lane(w, int(in.Imm)), w)))} }
	case "replace_lane":
		return func(in *ir.Inst, a, b, _ V) V { return a.setLane(w, int(in.Imm), b.Lo) }
	case "shuffle":
		return func(in *ir.Inst, a, b, _ V) V {
			m := V{in.Imm, in.Imm2}
			return each(func(i int) uint64 {
				k := int(m.lane(8, i))
				if k < 16 {
					return a.lane(8, k)
				}
				return b.lane(8, k-16)
			})
		}
	case "swizzle":
		return func(_ *ir.Inst, a, b, _ V) V {
			return each(func(i int) uint64 {
				if k := b.lane(8, i); k < 16 {
					return a.lane(8, int(k))
				}
				return 0
			})
		}
	case "shl", "shr_s", "shr_u":
		f := lane2(s, name)
		return func(_ *ir.Inst, a, b, _ V) V {
			return each(func(i int) uint64 { return f(a.lane(w, i), b.Lo%uint64(w)) })
		}
	case "all_true":
		return func(_ *ir.Inst, a, _, _ V) V {
			all := true
			for i := range n {
				all = all && a.lane(w, i) != 0
			}
			return V{Lo: truth(all)}
		}
	case "bitmask":
		return func(_ *ir.Inst, a, _, _ V) (r V) {
			for i := range n {
				r.Lo |= a.lane(w, i) >> (w - 1) << i
			}
			return r
		}
	}
	if f := lane1(s, name); f != nil {
		return func(_ *ir.Inst, a, _, _ V) V { return each(func(i int) uint64 { return f(a.lane(w, i)) }) }
	}
	if f := lane2(s, name); f != nil {
		return func(_ *ir.Inst, a, b, _ V) V {
			return each(func(i int) uint64 { return f(a.lane(w, i), b.lane(w, i)) })
		}
	}
	if f := comparison(s, name); f != nil {
		return func(_ *ir.Inst, a, b, _ V) V {
			return each(func(i int) uint64 { return -truth(f(a.lane(w, i), b.lane(w, i))) })
		}
	}
	return nil
}

// lane1 and lane2 are operations on one lane; what stands above the lane in the result the caller cuts off.
func lane1(s shape, name string) func(x uint64) uint64 {
	w := s.width
	if s.float {
		return unaryFloat(w, name)
	}
	switch name {
	case "clz":
		return func(x uint64) uint64 { return uint64(bits.LeadingZeros64(x)) - uint64(64-w) }
	case "ctz":
		return func(x uint64) uint64 { return min(uint64(bits.TrailingZeros64(x)), uint64(w)) }
	case "popcnt":
		return func(x uint64) uint64 { return uint64(bits.OnesCount64(x)) }
	case "extend8_s":
		return func(x uint64) uint64 { return uint64(int8(x)) }
	case "extend16_s":
		return func(x uint64) uint64 { return uint64(int16(x)) }
	case "extend32_s":
		return func(x uint64) uint64 { return uint64(int32(x)) }
	case "neg":
		return func(x uint64) uint64 { return -x }
	case "abs":
		return func(x uint64) uint64 { return uint64(max(sext(x, w), -sext(x, w))) }
	}
	return nil
}

func lane2(s shape, name string) func(x, y uint64) uint64 {
	w := s.width
	if s.float {
		return binaryFloat(w, name)
	}
	n := uint64(w)
	sat := func(v, lo, hi int64) uint64 { return uint64(max(lo, min(hi, v))) }
	lo, hi := -int64(1)<<(w-1), int64(1)<<(w-1)-1
	switch name {
	case "add":
		return func(x, y uint64) uint64 { return x + y }
	case "sub":
		return func(x, y uint64) uint64 { return x - y }
	case "mul":
		return func(x, y uint64) uint64 { return x * y }
	case "and":
		return func(x, y uint64) uint64 { return x & y }
	case "or":
		return func(x, y uint64) uint64 { return x | y }
	case "xor":
		return func(x, y uint64) uint64 { return x ^ y }
	case "shl":
		return func(x, y uint64) uint64 { return x << (y % n) }
	case "shr_u":
		return func(x, y uint64) uint64 { return x >> (y % n) }
	case "shr_s":
		return func(x, y uint64) uint64 { return uint64(sext(x, w) >> (y % n)) }
	case "rotl":
		return func(x, y uint64) uint64 { return x<<(y%n) | x>>(n-y%n) }
	case "rotr":
		return func(x, y uint64) uint64 { return x>>(y%n) | x<<(n-y%n) }
	case "min_s":
		return func(x, y uint64) uint64 { return uint64(min(sext(x, w), sext(y, w))) }
	case "max_s":
		return func(x, y uint64) uint64 { return uint64(max(sext(x, w), sext(y, w))) }
	case "min_u":
		return func(x, y uint64) uint64 { return min(x, y) }
	case "max_u":
		return func(x, y uint64) uint64 { return max(x, y) }
	case "add_sat_s":
		return func(x, y uint64) uint64 { return sat(sext(x, w)+sext(y, w), lo, hi) }
	case "sub_sat_s":
		return func(x, y uint64) uint64 { return sat(sext(x, w)-sext(y, w), lo, hi) }
	case "add_sat_u":
		return func(x, y uint64) uint64 { return sat(int64(x+y), 0, int64(mask(w))) }
	case "sub_sat_u":
		return func(x, y uint64) uint64 { return sat(int64(x)-int64(y), 0, int64(mask(w))) }
	case "avgr_u":
		return func(x, y uint64) uint64 { return (x + y + 1) / 2 }
	}
	return nil
}

func comparison(s shape, name string) func(x, y uint64) bool {
	w := s.width
	if s.float {
		return compareFloat(w, name)
	}
	signed := func(f func(x, y int64) bool) func(x, y uint64) bool {
		return func(x, y uint64) bool { return f(sext(x, w), sext(y, w)) }
	}
	switch name {
	case "eq":
		return func(x, y uint64) bool { return x == y }
	case "ne":
		return func(x, y uint64) bool { return x != y }
	case "lt_s":
		return signed(func(x, y int64) bool { return x < y })
	case "gt_s":
		return signed(func(x, y int64) bool { return x > y })
	case "le_s":
		return signed(func(x, y int64) bool { return x <= y })
	case "ge_s":
		return signed(func(x, y int64) bool { return x >= y })
	case "lt_u":
		return func(x, y uint64) bool { return x < y }
	case "gt_u":
		return func(x, y uint64) bool { return x > y }
	case "le_u":
		return func(x, y uint64) bool { return x <= y }
	case "ge_u":
		return func(x, y uint64) bool { return x >= y }
	}
	return nil
}

// conversion is an operation whose operand has another type than its result.
func conversion(prefix, name string) func(x uint64) uint64 {
	f32 := func(x uint64) float64 { return float64(math.Float32frombits(uint32(x))) }
	to32 := func(f float32) uint64 { return uint64(math.Float32bits(f)) }
	switch prefix + "." + name {
	case "i32.wrap_i64":
		return func(x uint64) uint64 { return uint64(uint32(x)) }
	case "i64.extend_i32_u":
		return func(x uint64) uint64 { return x }
	case "i64.extend_i32_s":
		return func(x uint64) uint64 { return uint64(int32(x)) }
	case "i32.reinterpret_f32", "i64.reinterpret_f64", "f32.reinterpret_i32", "f64.reinterpret_i64":
		return func(x uint64) uint64 { return x }
	case "f32.convert_i32_s":
		return func(x uint64) uint64 { return to32(float32(int32(x))) }
	case "f32.convert_i32_u":
		return func(x uint64) uint64 { return to32(float32(uint32(x))) }
	case "f32.convert_i64_s":
		return func(x uint64) uint64 { return to32(float32(int64(x))) }
	case "f32.convert_i64_u":
		return func(x uint64) uint64 { return to32(float32(x)) }
	case "f64.convert_i32_s":
		return func(x uint64) uint64 { return math.Float64bits(float64(int32(x))) }
	case "f64.convert_i32_u":
		return func(x uint64) uint64 { return math.Float64bits(float64(uint32(x))) }
	case "f64.convert_i64_s":
		return func(x uint64) uint64 { return math.Float64bits(float64(int64(x))) }
	case "f64.convert_i64_u":
		return func(x uint64) uint64 { return math.Float64bits(float64(x)) }
	case "i32.trunc_sat_f32_s":
		return func(x uint64) uint64 { return uint64(uint32(truncS(f32(x), 32))) }
	case "i32.trunc_sat_f64_s":
		return func(x uint64) uint64 { return uint64(uint32(truncS(math.Float64frombits(x), 32))) }
	case "i64.trunc_sat_f32_s":
		return func(x uint64) uint64 { return uint64(truncS(f32(x), 64)) }
	case "i64.trunc_sat_f64_s":
		return func(x uint64) uint64 { return uint64(truncS(math.Float64frombits(x), 64)) }
	case "i32.trunc_sat_f32_u":
		return func(x uint64) uint64 { return truncU(f32(x), 32) }
	case "i32.trunc_sat_f64_u":
		return func(x uint64) uint64 { return truncU(math.Float64frombits(x), 32) }
	case "i64.trunc_sat_f32_u":
		return func(x uint64) uint64 { return truncU(f32(x), 64) }
	case "i64.trunc_sat_f64_u":
		return func(x uint64) uint64 { return truncU(math.Float64frombits(x), 64) }
	}
	return nil
}

func truncS(f float64, width int) int64 {
	limit := math.Ldexp(1, width-1)
	switch {
	case f != f:
		return 0
	case f >= limit:
		return 1<<(width-1) - 1
	case f <= -limit:
		return -1 << (width - 1)
	}
	return int64(f)
}

func truncU(f float64, width int) uint64 {
	limit := math.Ldexp(1, width)
	switch {
	case f >= limit:
		return mask(uint(width))
	case f >= limit/2: // beyond what a signed conversion takes
		return uint64(int64(f-limit/2)) + 1<<(width-1)
	case f > 0:
		return uint64(int64(f))
	}
	return 0
}
