package main

import "boxer/runtime/arch/arm64/decode"

// excluded has the lifted rows that no case is made for, each with its
// reason.
var excluded = map[string]string{
	"UDF":  "raises SIGILL; what the kernel sees is tested in runtime/translate",
	"SVC":  "is a system call; tested with the kernel",
	"BRK":  "ends every case of boxer's own side",
	"HLT":  "is undefined without a debugger; tested in runtime/translate",
	"SB":   "is a barrier without a result, and qemu's neoverse-n1 lacks it",
	"SYSL": "returns a value that the manual leaves to the core",
}

// testable reports whether cases are made for a row.
func testable(row *decode.Row) bool {
	return row.Lifted && excluded[row.Name] == "" && row.Class != decode.Vector
}

// notCompared says, for words that are run, which part of the result is not
// compared and why. It clears that part in both states.
func notCompared(s *Slot, st *State, m mode) {
	if !m.precise() {
		// Exception flags are kept in precise mode only, which a program enters by
		// touching FPSR or FPCR (DESIGN §4).
		st.FPSR = 0
	}
}
