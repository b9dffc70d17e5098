package ir

// PassOptions choose between forms of a region.
type PassOptions struct {
	// PreciseFaults: each memory access may leave the region, so that slots must be
	// right at each.
	PreciseFaults bool
	// Bias is the guest address of linear offset 0.
	Bias uint32
	// ShareBases lets accesses in several blocks share a base.
	ShareBases bool
	// Unroll repeats small loops' bodies.
	Unroll bool
	// Verify, if not nil, checks the Func after each pass, for tests. It is given and
	// not called by name, so that programs that never verify are linked without it.
	Verify func(*Func) error
}

// passes is the whole pipeline, in order. Each leaves a valid Func.
var passes = []struct {
	name string
	run  func(*Func, PassOptions)
}{
	{"switches", passSwitches},   // switches over one table become one block
	{"reduce", passReduce},       // multi-entry loops get one entry
	{"flags", passFlags},         // Test and NZCV find the comparison that they mean
	{"deadsets", passDeadSets},   // SetRegs overwritten before anyone can see them go
	{"nans", passNaNs},           // arithmetic looks through the repair of its operands' NaNs
	{"dead", passDead},           // values that nobody uses go
	{"lower", passLower},         // NZCV becomes arithmetic
	{"addresses", passAddresses}, // accesses share base addresses
	{"narrow", passNarrow},       // I64 values whose high half nobody needs become I32
	{"dead", passDead},
	{"unroll", passUnroll}, // small loops are repeated
	{"bases", passBases},   // accesses of several blocks share base addresses
	{"dead", passDead},
}

// Optimize runs the passes on f.
func Optimize(f *Func, opt PassOptions) {
	for _, p := range passes {
		p.run(f, opt)
		if opt.Verify != nil {
			if err := opt.Verify(f); err != nil {
				panic("BUG: after pass " + p.name + ": " + err.Error())
			}
		}
	}
}

// PassNames lists the passes in order.
func PassNames() []string {
	var s []string
	for _, p := range passes {
		s = append(s, p.name)
	}
	return s
}
