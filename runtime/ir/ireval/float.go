package ireval

import (
	"math"

	"boxer/runtime/ir"
	"boxer/runtime/softfloat"
)

// Floating-point lanes. A result that is a NaN stands for any NaN: whoever wants its bits repairs
// it (ir.NaN1, ir.NaN2).

func toFloat(w uint, x uint64) float64 {
	if w == 32 {
		return float64(math.Float32frombits(uint32(x)))
	}
	return math.Float64frombits(x)
}

func fromFloat(w uint, f float64) uint64 {
	if w == 32 {
		return uint64(math.Float32bits(float32(f)))
	}
	return math.Float64bits(f)
}

func unaryFloat(w uint, name string) func(x uint64) uint64 {
	sign := uint64(1) << (w - 1)
	via := func(f func(float64) float64) func(uint64) uint64 {
		return func(x uint64) uint64 { return fromFloat(w, f(toFloat(w, x))) }
	}
	switch name {
	case "abs":
		return func(x uint64) uint64 { return x &^ sign }
	case "neg":
		return func(x uint64) uint64 { return x ^ sign }
	case "ceil":
		return via(math.Ceil)
	case "floor":
		return via(math.Floor)
	case "trunc":
		return via(math.Trunc)
	case "nearest":
		return via(math.RoundToEven)
	case "sqrt":
		return via(math.Sqrt) // of a float32, rounded twice: exact all the same
	}
	return nil
}

func binaryFloat(w uint, name string) func(x, y uint64) uint64 {
	sign := uint64(1) << (w - 1)
	// A double has more than twice the bits of a float, and so rounding a result twice is exact.
	via := func(f func(a, b float64) float64) func(x, y uint64) uint64 {
		return func(x, y uint64) uint64 { return fromFloat(w, f(toFloat(w, x), toFloat(w, y))) }
	}
	nan := func(f func(a, b float64) float64) func(x, y uint64) uint64 {
		return via(func(a, b float64) float64 {
			if a != a || b != b {
				return math.NaN()
			}
			return f(a, b)
		})
	}
	switch name {
	case "add":
		return via(func(a, b float64) float64 { return a + b })
	case "sub":
		return via(func(a, b float64) float64 { return a - b })
	case "mul":
		return via(func(a, b float64) float64 { return a * b })
	case "div":
		return via(func(a, b float64) float64 { return a / b })
	case "min":
		return nan(math.Min)
	case "max":
		return nan(math.Max)
	case "copysign":
		return func(x, y uint64) uint64 { return x&^sign | y&sign }
	case "pmin":
		return func(x, y uint64) uint64 {
			if toFloat(w, y) < toFloat(w, x) {
				return y
			}
			return x
		}
	case "pmax":
		return func(x, y uint64) uint64 {
			if toFloat(w, x) < toFloat(w, y) {
				return y
			}
			return x
		}
	}
	return nil
}

func compareFloat(w uint, name string) func(x, y uint64) bool {
	via := func(f func(a, b float64) bool) func(x, y uint64) bool {
		return func(x, y uint64) bool { return f(toFloat(w, x), toFloat(w, y)) }
	}
	switch name {
	case "eq":
		return via(func(a, b float64) bool { return a == b })
	case "ne":
		return via(func(a, b float64) bool { return a != b })
	case "lt":
		return via(func(a, b float64) bool { return a < b })
	case "gt":
		return via(func(a, b float64) bool { return a > b })
	case "le":
		return via(func(a, b float64) bool { return a <= b })
	case "ge":
		return via(func(a, b float64) bool { return a >= b })
	}
	return nil
}

// lanes gives the width of the lanes of a floating-point operation of the IR's own, and their number.
func lanes(in *ir.Inst) (width uint, n int) {
	switch {
	case in.Type == ir.F32:
		return 32, 1
	case in.Type == ir.F64:
		return 64, 1
	case in.Aux == 2:
		return 64, 2
	}
	return 32, 4
}

// repair is NaN1 and NaN2.
func repair(in *ir.Inst, r V, operands ...V) V {
	w, n := lanes(in)
	quiet, def := uint64(1)<<22, uint64(0x7fc00000)
	if w == 64 {
		quiet, def = 1<<51, 0x7ff8<<48
	}
	for i := range n {
		if !isNaN(w, r.lane(w, i)) {
			continue
		}
		res := def
		for k := len(operands) - 1; k >= 0; k-- {
			if x := operands[k].lane(w, i); isNaN(w, x) {
				res = x | quiet
			}
		}
		for k := len(operands) - 1; k >= 0; k-- {
			if x := operands[k].lane(w, i); isNaN(w, x) && x&quiet == 0 {
				res = x | quiet
			}
		}
		r = r.setLane(w, i, res)
	}
	return r
}

func isNaN(w uint, x uint64) bool { f := toFloat(w, x); return f != f }

func fma(in *ir.Inst, x, y, z V) (r V) {
	w, n := lanes(in)
	var env softfloat.Env
	for i := range n {
		a, b, c := x.lane(w, i), y.lane(w, i), z.lane(w, i)
		if w == 32 {
			r = r.setLane(w, i, uint64(env.MulAdd32(uint32(c), uint32(a), uint32(b))))
		} else {
			r = r.setLane(w, i, env.MulAdd64(c, a, b))
		}
	}
	return r
}
