// Package dump has the debug switches that print translations, "ir" and "wat". A
// program that wants them imports it for that effect:
//
//	import _ "boxer/runtime/translate/dump"
//
// They stand apart because of the page's core, which does without: the two printers
// are 35 KB of it after brotli, and browsers show the modules themselves.
package dump

import (
	"fmt"
	"io"
	"os"

	"boxer/runtime/emit"
	"boxer/runtime/knob"
	"boxer/runtime/translate"
	"boxer/runtime/wasm"
)

var (
	debugIR  = knob.New("ir", "print the IR of each translation, after the passes")
	debugWat = knob.New("wat", "print the WebAssembly of each translation as text")
)

func init() {
	translate.Dump = func(regions []emit.Region, module []byte) { dump(os.Stderr, regions, module) }
}

func dump(w io.Writer, regions []emit.Region, module []byte) {
	if debugIR.Enabled() {
		for _, r := range regions {
			fmt.Fprint(w, r.Func)
		}
	}
	if debugWat.Enabled() {
		text, err := wasm.Disassemble(module)
		fmt.Fprintln(w, text, err)
	}
}
