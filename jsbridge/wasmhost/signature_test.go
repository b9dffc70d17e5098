//go:build js

package wasmhost

import (
	"fmt"
	"testing"

	"boxer/runtime/wasm"
)

// sample has imports of each kind and exports of each kind.
func sample() []byte {
	i32, i64, v128 := wasm.I32, wasm.I64, wasm.V128
	var m wasm.Module
	imported := m.ImportFunc("a", "f", m.FuncType([]wasm.ValType{i64}, nil))
	m.ImportTable("a", "t", wasm.FuncRef, wasm.Limits{Min: 1, Max: 300, HasMax: true})
	m.ImportMemory("a", "m", wasm.Limits{Min: 200})
	m.ImportGlobal("a", "g", v128, true)
	fn := m.Func(m.FuncType([]wasm.ValType{i32, v128}, []wasm.ValType{i64, i32}))
	var c wasm.Code
	c.Reset(2)
	c.Op(wasm.OpUnreachable)
	c.End()
	m.Body(fn, &c)
	m.ExportMemory("memory", 0)
	m.ExportGlobal("global", 0)
	m.ExportFunc("imported", imported)
	m.ExportFunc("defined", fn)
	m.ExportFunc("again", fn)
	m.Name("sample")
	return m.Bytes()
}

func TestExportedFuncs(t *testing.T) {
	sigs, err := exportedFuncs(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"again": "[i32 v128] [i64 i32]", "defined": "[i32 v128] [i64 i32]", "imported": "[i64] []"}
	if len(sigs) != len(want) {
		t.Errorf("%d functions, want %d", len(sigs), len(want))
	}
	for name, w := range want {
		if got := fmt.Sprint(sigs[name].params, sigs[name].results); got != w {
			t.Errorf("%s: %s, want %s", name, got, w)
		}
	}
}

// TestExportedFuncsDamaged: no module, however broken, is read past its end or
// for long.
func TestExportedFuncsDamaged(t *testing.T) {
	whole := sample()
	failed := 0
	for n := range whole {
		if _, err := exportedFuncs(whole[:n]); err != nil {
			failed++
		}
	}
	for i := 8; i < len(whole); i++ {
		for _, v := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			b := append([]byte{}, whole...)
			b[i] = v
			if _, err := exportedFuncs(b); err != nil {
				failed++
			}
		}
	}
	if failed < len(whole) {
		t.Errorf("only %d damaged modules were refused", failed)
	}
}
