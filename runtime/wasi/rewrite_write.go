package wasi

import (
	"errors"
	"fmt"

	"boxer/runtime/wasm"
)

// finish writes the rewritten module.
func (w *rewriter) finish() (*program, error) {
	if w.nbodies != len(w.funcs) {
		return nil, fmt.Errorf("%d functions and %d bodies", len(w.funcs), w.nbodies)
	}
	if w.main == 0 {
		return nil, errors.New("the module exports no _start function: it is a library, not a program")
	}
	i32, none := []wasm.ValType{wasm.I32}, []wasm.ValType(nil)
	nothing := w.addType(none, none)
	takesI32, givesI32, bothI32 := w.addType(i32, none), w.addType(none, i32), w.addType(i32, i32)

	imports, funcs, code := w.importsOut(givesI32, bothI32), []byte(nil), []byte(nil)
	for _, c := range w.imports {
		funcs = appendU(funcs, w.addType(c.params, c.results))
		code = appendBody(code, w.wrapper(c, uint32(len(w.imports))))
	}
	for _, t := range w.funcs {
		funcs = appendU(funcs, t)
	}
	code = append(code, w.code...)
	fixed := [numHelpers]helper{
		helperPause:  {nothing, w.pauseBody()},
		helperCharge: {takesI32, w.chargeBody()},
		helperGrow:   {bothI32, w.growBody()},
		helperRun:    {nothing, w.runBody()},
	}
	nfuncs := len(w.imports) + len(w.funcs) + numHelpers + len(w.helpers)
	for _, list := range [][]helper{fixed[:], w.helpers} {
		for _, h := range list {
			funcs = appendU(funcs, h.typ)
			code = appendBody(code, h.body)
		}
	}

	b := []byte("\x00asm\x01\x00\x00\x00")
	b = appendSection(b, wasm.SecType, len(w.types)+len(w.addedIdx), w.sections[wasm.SecType], w.added)
	b = appendSection(b, wasm.SecImport, -1, imports)
	b = appendSection(b, wasm.SecFunc, nfuncs, funcs)
	if len(w.tables) > 0 {
		b = appendSection(b, wasm.SecTable, len(w.tables), w.tablesOut())
	}
	b = appendSection(b, wasm.SecGlobal, int(w.globals)+2, w.sections[wasm.SecGlobal], w.globalsOut())
	b = appendSection(b, wasm.SecExport, len(w.exports)+1, w.exportsOut())
	for _, id := range []byte{wasm.SecElem, wasm.SecDataCount} {
		if w.sections[id] != nil {
			b = appendSection(b, id, -1, w.sections[id])
		}
	}
	b = appendSection(b, wasm.SecCode, nfuncs, code)
	if w.sections[wasm.SecData] != nil {
		b = appendSection(b, wasm.SecData, -1, w.sections[wasm.SecData])
	}
	w.prog.bin = b
	return &w.prog, nil
}

// appendSection appends a section: a count, if it is not negative, and parts.
func appendSection(b []byte, id byte, count int, parts ...[]byte) []byte {
	var head []byte
	if count >= 0 {
		head = appendU(nil, uint32(count))
	}
	size := len(head)
	for _, p := range parts {
		size += len(p)
	}
	b = append(appendU(append(b, id), uint32(size)), head...)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// appendBody appends an entry of the code section.
func appendBody(b, body []byte) []byte { return append(appendU(b, uint32(len(body))), body...) }

func (w *rewriter) importsOut(pause, grow uint32) []byte {
	n := len(w.imports) + 3
	if w.prog.hasMemory {
		n++
	}
	b := appendU(nil, uint32(n))
	fn := func(module, name string, typ uint32) {
		b = appendU(append(appendName(appendName(b, module), name), kindFunc), typ)
	}
	i64 := []wasm.ValType{wasm.I64}
	for _, c := range w.imports {
		fn(hostModule, c.name, w.addType(c.params, i64))
	}
	fn(hostModule, pauseImport, pause)
	fn(hostModule, growImport, grow)
	fn(fiberModule, waitImport, w.addType(nil, i64))
	if w.prog.hasMemory {
		b = append(appendName(appendName(b, memModule), "memory"), kindMemory, 0, 0)
	}
	return b
}

func (w *rewriter) tablesOut() (b []byte) {
	for _, t := range w.tables {
		b = appendU(appendU(append(b, byte(t.elem), 1), t.min), t.max)
	}
	return b
}

// globalsOut are the fuel left, none before the first grant, and the size of
// the memory in pages.
func (w *rewriter) globalsOut() []byte {
	b := append([]byte{byte(wasm.I32), 1}, wasm.ConstI32(0)...)
	return append(append(b, byte(wasm.I32), 1), wasm.ConstI32(int32(w.prog.min))...)
}

func (w *rewriter) exportsOut() []byte {
	b := appendU(append(appendName(nil, runExport), kindFunc), w.helper(helperRun))
	for i, f := range w.exports {
		b = appendU(append(appendName(b, fmt.Sprint(i)), kindFunc), f)
	}
	return b
}

// wrapper is the body of the function that stands for import c. The host
// answers a call with the result in the low half and, in the high half, fuel
// if it has granted any. After a negative answer the program waits for another;
// if that is negative, too, it ends: only a trap takes its frames away.
func (w *rewriter) wrapper(c *call, imports uint32) []byte {
	var b wasm.Code
	n := uint32(len(c.params))
	b.Reset(int(n))
	for i := range n {
		b.LocalGet(i)
	}
	// Imports are found by name, so any of the same name will do.
	for i := range imports {
		if w.imports[i] == c {
			b.Call(i)
			break
		}
	}
	negative := func() {
		b.LocalTee(n)
		b.I64Const(0)
		b.Op(wasm.OpI64LtS)
	}
	negative()
	b.If(wasm.BlockEmpty)
	b.Call(w.hostWait())
	negative()
	b.If(wasm.BlockEmpty)
	b.Op(wasm.OpUnreachable)
	b.End()
	b.End()
	b.LocalGet(n)
	b.I64Const(32)
	b.Op(wasm.OpI64ShrU)
	b.Op(wasm.OpI32WrapI64)
	b.LocalTee(n + 1)
	b.If(wasm.BlockEmpty)
	b.LocalGet(n + 1)
	b.GlobalSet(w.fuelGlobal())
	b.End()
	if len(c.results) > 0 {
		b.LocalGet(n)
		b.Op(wasm.OpI32WrapI64)
	}
	b.End()
	return append([]byte{2, 1, byte(wasm.I64), 1, byte(wasm.I32)}, b.Bytes()...)
}

// pauseBody asks for more fuel, which takes as long as others run. Negative
// answers mean what they do to a wrapper.
func (w *rewriter) pauseBody() []byte {
	var b wasm.Code
	negative := func() {
		b.LocalTee(0)
		b.I32Const(0)
		b.Op(wasm.OpI32LtS)
	}
	b.Call(w.hostPause())
	negative()
	b.If(wasm.BlockEmpty)
	b.Call(w.hostWait())
	b.Op(wasm.OpI32WrapI64)
	negative()
	b.If(wasm.BlockEmpty)
	b.Op(wasm.OpUnreachable)
	b.End()
	b.End()
	b.LocalGet(0)
	b.GlobalSet(w.fuelGlobal())
	b.End()
	return append([]byte{1, 1, byte(wasm.I32)}, b.Bytes()...)
}

// chargeBody takes its parameter off the fuel.
func (w *rewriter) chargeBody() []byte {
	var b wasm.Code
	b.GlobalGet(w.fuelGlobal())
	b.LocalGet(0)
	b.Op(wasm.OpI32Sub)
	b.LocalTee(0)
	b.GlobalSet(w.fuelGlobal())
	b.LocalGet(0)
	b.I32Const(0)
	b.Op(wasm.OpI32LtS)
	b.If(wasm.BlockEmpty)
	b.Call(w.helper(helperPause))
	b.End()
	b.End()
	return append([]byte{0}, b.Bytes()...)
}

// growBody is memory.grow: the host maps the pages, within the module's
// maximum and the process's limits.
func (w *rewriter) growBody() []byte {
	var b wasm.Code
	b.LocalGet(0)
	b.Call(w.hostGrow())
	b.LocalTee(1)
	b.I32Const(-1)
	b.Op(wasm.OpI32Ne)
	b.If(wasm.BlockEmpty)
	b.LocalGet(0)
	b.LocalGet(1)
	b.Op(wasm.OpI32Add)
	b.GlobalSet(w.pagesGlobal())
	b.End()
	b.LocalGet(1)
	b.End()
	return append([]byte{1, 1, byte(wasm.I32)}, b.Bytes()...)
}

// runBody runs the program from its start.
func (w *rewriter) runBody() []byte {
	var b wasm.Code
	if w.start != 0 {
		b.Call(w.start - 1)
	}
	b.Call(w.main - 1)
	b.End()
	return append([]byte{0}, b.Bytes()...)
}
