package ir

import "fmt"

// Verify checks that f is well formed: blocks end, successors exist, operands are
// defined where they are used and have the types that operations want.
func Verify(f *Func) error {
	c := NewCFG(f)
	def := make([]BlockID, len(f.Insts))
	place := make([]int, len(f.Insts))
	for i := range def {
		def[i] = NoBlock
	}
	for b := range f.Blocks {
		for i, v := range f.Blocks[b].Insts {
			if def[v] != NoBlock {
				return fmt.Errorf("v%d stands twice", v)
			}
			def[v], place[v] = BlockID(b), i
		}
	}
	for _, b := range c.RPO {
		blk := &f.Blocks[b]
		use := func(a Value, at int) error {
			switch d := def[a]; {
			case d == NoBlock:
				return fmt.Errorf("b%d: v%d is used but stands in no block", b, a)
			case d == b && place[a] >= at:
				return fmt.Errorf("b%d: v%d is used before its definition", b, a)
			case d != b && !c.Dominates(d, b):
				return fmt.Errorf("b%d: v%d of b%d does not dominate its use", b, a, d)
			}
			return nil
		}
		for i, v := range blk.Insts {
			in := &f.Insts[v]
			for _, a := range in.Args {
				if a != 0 {
					if err := use(a, i); err != nil {
						return fmt.Errorf("v%d = %v: %w", v, in.Op, err)
					}
				}
			}
			if err := verifyTypes(f, in); err != nil {
				return fmt.Errorf("b%d: v%d: %w", b, v, err)
			}
		}
		if blk.Term.Kind == TermNone {
			return fmt.Errorf("b%d has no terminator", b)
		}
		if v := blk.Term.Val; v != 0 {
			if err := use(v, len(blk.Insts)); err != nil {
				return err
			}
		}
	}
	return nil
}

func verifyTypes(f *Func, in *Inst) error {
	arg := func(i int) Type { return f.Insts[in.Args[i]].Type }
	if in.Op.IsWasm() {
		info := in.Op.Info()
		for i, t := range info.Args {
			if in.Args[i] == 0 || arg(i) != t {
				return fmt.Errorf("%v: operand %d is %v, want %v", in.Op, i, arg(i), t)
			}
		}
		if in.Type != info.Result {
			return fmt.Errorf("%v has type %v, want %v", in.Op, in.Type, info.Result)
		}
		return nil
	}
	bad := func(want string) error {
		return fmt.Errorf("%v: operands %v %v %v, want %s", in.Op, arg(0), arg(1), arg(2), want)
	}
	switch in.Op {
	case SetReg:
		wide := f.Arch.Slots[in.Aux].Type
		if t := arg(0); t == Void || t == Flags || wide == I64 && !t.IsInt() || wide == I32 && t != I32 {
			return bad("a value that fits the slot")
		}
	case Load, AtomicLoad:
		if !arg(0).IsInt() {
			return bad("an address")
		}
	case Store, AtomicStore, AtomicRMW:
		if !arg(0).IsInt() || arg(1) == Void {
			return bad("an address and a value")
		}
	case AtomicCAS:
		if !arg(0).IsInt() || arg(1) != arg(2) || arg(1) != in.Type {
			return bad("an address and two values of the result's type")
		}
	case Select:
		if arg(2) != I32 || arg(0) != arg(1) || arg(0) != in.Type {
			return bad("two values of one type and an i32")
		}
	case DivS, DivU, MulHiS, MulHiU:
		if arg(0) != arg(1) || arg(0) != in.Type || !in.Type.IsInt() {
			return bad("two integers of the result's type")
		}
	case FMA:
		if arg(0) != in.Type || arg(1) != in.Type || arg(2) != in.Type {
			return bad("three values of the result's type")
		}
	case NaN1, NaN2:
		if arg(0) != in.Type || arg(1) != in.Type || in.Op == NaN2 && arg(2) != in.Type {
			return bad("values of the result's type")
		}
	case CallHelper:
		for i := range 3 {
			if in.Args[i] != 0 && arg(i) != I64 {
				return bad("i64")
			}
		}
	case ExitIf:
		if arg(0) != I32 || in.Args[1] != 0 && arg(1) != I64 {
			return bad("an i32 and an i64")
		}
	case Test, NZCV:
		if arg(0) != Flags {
			return bad("flags")
		}
	}
	return nil
}
