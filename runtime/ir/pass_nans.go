package ir

// passNaNs lets arithmetic use results before their NaNs are repaired (NaN1, NaN2). A NaN operand
// makes a NaN result whatever its sign and payload, and the result's own repair looks at
// the repaired operand; that then stands in the repair's rare path alone, and so do the
// ones before it. A chain of operations is checked once, at its end.
func passNaNs(f *Func, _ PassOptions) {
	for b := range f.Blocks {
		for _, v := range f.Blocks[b].Insts {
			in := &f.Insts[v]
			lanes, ok := ignoresPayload(in.Op)
			if !ok {
				continue
			}
			for i, a := range in.Args {
				for a != 0 && (f.Insts[a].Op == NaN1 || f.Insts[a].Op == NaN2) && f.Insts[a].Aux == lanes {
					a = f.Insts[a].Args[0]
					in.Args[i] = a
				}
			}
		}
	}
}

// ignoresPayload reports whether op gives the same for all NaNs, or a NaN that is
// repaired from the operands, and in how many lanes (0 for scalars): a NaN of other lanes is a
// number to it.
func ignoresPayload(op Op) (lanes uint8, ok bool) {
	switch op {
	case F32Add, F32Sub, F32Mul, F32Div, F32Sqrt, F32Min, F32Max, F64Add, F64Sub, F64Mul, F64Div, F64Sqrt, F64Min, F64Max,
		F32Eq, F32Ne, F32Lt, F32Gt, F32Le, F32Ge, F64Eq, F64Ne, F64Lt, F64Gt, F64Le, F64Ge,
		I32TruncSatF32S, I32TruncSatF32U, I32TruncSatF64S, I32TruncSatF64U, I64TruncSatF32S, I64TruncSatF32U, I64TruncSatF64S, I64TruncSatF64U:
		return 0, true
	case F32x4Add, F32x4Sub, F32x4Mul, F32x4Div, F32x4Sqrt, F32x4Min, F32x4Max:
		return 4, true
	case F64x2Add, F64x2Sub, F64x2Mul, F64x2Div, F64x2Sqrt, F64x2Min, F64x2Max:
		return 2, true
	}
	return 0, false
}
