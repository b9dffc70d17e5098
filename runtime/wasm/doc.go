// Package wasm writes WebAssembly binary modules and prints them as text. It
// knows the instructions (one table, op_*.go) and the binary format, and
// nothing of what the code is for.
//
// The writer stands in a JIT's hot path: Code and Module only append to byte
// slices, are reset and used again, and check nothing that the engine's own
// validation finds. The printer serves golden files and debugging; it
// reads untrusted bytes.
//
//	var m wasm.Module
//	typ := m.FuncType([]wasm.ValType{wasm.I32}, []wasm.ValType{wasm.I32})
//	fn := m.Func(typ)
//	var c wasm.Code
//	c.Reset(1) // one parameter
//	c.LocalGet(0)
//	c.I32Const(1)
//	c.Op(wasm.OpI32Add)
//	c.End()
//	m.Body(fn, &c)
//	m.ExportFunc("inc", fn)
//	bin := m.Bytes()
package wasm
