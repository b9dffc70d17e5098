package ir

import (
	"fmt"
	"strings"
)

// String prints f for people and for golden files: a line an inst, blocks in order.
func (f *Func) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "func %s entry b%d\n", f.Name, f.Entry)
	for b := range f.Blocks {
		blk := &f.Blocks[b]
		fmt.Fprintf(&s, "b%d: ; %x\n", b, blk.PC)
		for _, v := range blk.Insts {
			fmt.Fprintf(&s, "\t%s\n", f.instString(v))
		}
		fmt.Fprintf(&s, "\t%s\n", blk.Term.String())
	}
	return s.String()
}

func (f *Func) instString(v Value) string {
	in := &f.Insts[v]
	var s strings.Builder
	if in.Type != Void {
		fmt.Fprintf(&s, "v%d:%v = ", v, in.Type)
	}
	s.WriteString(in.Op.String())
	switch in.Op {
	case Const:
		if in.Type == V128 {
			fmt.Fprintf(&s, " %#016x%016x", in.Imm2, in.Imm)
		} else {
			fmt.Fprintf(&s, " %#x", in.Imm)
		}
	case GetReg, SetReg:
		s.WriteString(" " + f.Arch.Slots[in.Aux].Name)
	case Load, Store, AtomicLoad, AtomicStore, AtomicRMW, AtomicCAS:
		s.WriteString(Access(in.Aux).String())
		if in.Op == AtomicRMW {
			s.WriteString("." + RMW(in.Imm2).String())
		}
	case SetFlags, SetFlagsIf:
		s.WriteString("." + FlagsKind(in.Aux).String())
	case Test:
		s.WriteString("." + Cond(in.Aux).String())
	case FMA, NaN1, NaN2:
		if in.Aux != 0 {
			fmt.Fprintf(&s, ".x%d", in.Aux)
		}
	case CallHelper, GetVar, SetVar:
		fmt.Fprintf(&s, " %d", in.Imm)
	case ExitIf:
		fmt.Fprintf(&s, " code %d", in.Aux)
	}
	for i, a := range in.Args {
		if a == 0 && i > 0 {
			break
		}
		if a != 0 {
			fmt.Fprintf(&s, " v%d", a)
		}
	}
	switch {
	case in.Op == Load, in.Op == Store:
		if in.Imm != 0 {
			fmt.Fprintf(&s, " %+d", int64(in.Imm))
		}
	case in.Op == SetFlagsIf:
		fmt.Fprintf(&s, " else %#x", in.Imm)
	case in.Op.IsWasm() && in.Op.Info().Imm == ImmLane:
		fmt.Fprintf(&s, " lane %d", in.Imm)
	case in.Op == I8x16Shuffle:
		fmt.Fprintf(&s, " %016x%016x", in.Imm2, in.Imm)
	}
	return s.String()
}

// String prints the terminator.
func (t *Term) String() string {
	switch t.Kind {
	case TermJump:
		return fmt.Sprintf("jump b%d", t.To)
	case TermBranch:
		return fmt.Sprintf("branch v%d b%d else b%d", t.Val, t.To, t.Else)
	case TermSwitch:
		return fmt.Sprintf("switch v%d %v else b%d", t.Val, t.Targets, t.Else)
	case TermCall:
		return fmt.Sprintf("call %#x return %#x b%d", t.PC, t.Ret, t.To)
	case TermCallInd:
		return fmt.Sprintf("call v%d return %#x b%d", t.Val, t.Ret, t.To)
	case TermReturn:
		return fmt.Sprintf("return v%d", t.Val)
	case TermTail:
		return fmt.Sprintf("tail %#x", t.PC)
	case TermTailInd:
		return fmt.Sprintf("tail v%d", t.Val)
	case TermSyscall:
		return fmt.Sprintf("syscall b%d", t.To)
	case TermExit:
		return fmt.Sprintf("exit code %d info %#x at %#x", t.Code, t.Info, t.PC)
	}
	return "none"
}
