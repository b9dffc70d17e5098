//go:build js

package wasmhost

import (
	"errors"
	"fmt"
	"unsafe"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// function is an exported function.
type function struct {
	inst  *instance
	name  string
	entry int32
	words int // the stack that it needs
}

// none is the stack of a function without parameters and results.
var none uint64

// Call implements engine.Func.
func (f *function) Call(stack []uint64) error {
	if f.inst.closed {
		return fmt.Errorf("function %q: %w", f.name, errInstanceClosed)
	}
	if len(stack) < f.words {
		return fmt.Errorf("function %q: a stack of %d words, and it needs %d", f.name, len(stack), f.words)
	}
	p := unsafe.SliceData(stack)
	if p == nil {
		p = &none
	}
	if fault := jsEnter(f.entry, unsafe.Pointer(p)); fault != 0 {
		return faultError(fault)
	}
	return nil
}

// faultError is the error of a code that enter or instantiate returned.
func faultError(fault uint32) error {
	const notATrap = 255
	if fault-1 == notATrap {
		return errors.New(lastError())
	}
	return &engine.Trap{Kind: engine.TrapKind(fault - 1), Detail: lastError()}
}

func isTrap(err error) bool {
	_, ok := err.(*engine.Trap)
	return ok
}

// words is how many words of a stack values take.
func words(ts []wasm.ValType) (n int) {
	for _, t := range ts {
		n++
		if t == wasm.V128 {
			n++
		}
	}
	return n
}

// entryAdapter is a module that exports enter(stack), which calls b.fn with
// the parameters at stack, an address in b.mem, and leaves the results there.
func entryAdapter(sig signature) []byte {
	var m wasm.Module
	fn := m.ImportFunc("b", "fn", m.FuncType(sig.params, sig.results))
	m.ImportMemory("b", "mem", wasm.Limits{})
	enter := m.Func(m.FuncType([]wasm.ValType{wasm.I32}, nil))
	m.ExportFunc("enter", enter)
	var c wasm.Code
	c.Reset(1)
	off := uint32(0)
	for _, t := range sig.params {
		c.LocalGet(0)
		off = load(&c, t, off)
	}
	c.Call(fn)
	locals := make([]uint32, len(sig.results))
	for i, t := range sig.results {
		locals[i] = c.AddLocal(t)
	}
	for i := len(locals) - 1; i >= 0; i-- {
		c.LocalSet(locals[i])
	}
	off = 0
	for i, t := range sig.results {
		c.LocalGet(0)
		c.LocalGet(locals[i])
		off = store(&c, t, off)
	}
	c.End()
	m.Body(enter, &c)
	return m.Bytes()
}

// load pops an address and pushes the value of type t at off behind it. It
// returns the offset of the next.
func load(c *wasm.Code, t wasm.ValType, off uint32) uint32 {
	switch t {
	case wasm.I32:
		c.Mem(wasm.OpI32Load, 2, off)
	case wasm.I64:
		c.Mem(wasm.OpI64Load, 3, off)
	case wasm.F32:
		c.Mem(wasm.OpF32Load, 2, off)
	case wasm.F64:
		c.Mem(wasm.OpF64Load, 3, off)
	case wasm.V128:
		c.Mem(wasm.OpV128Load, 3, off)
		off += 8
	default:
		c.Op(wasm.OpDrop) // references do not cross
		c.RefNull(t)
	}
	return off + 8
}

// store pops a value of type t and an address, and stores the value at off
// behind the address. It returns the offset of the next.
func store(c *wasm.Code, t wasm.ValType, off uint32) uint32 {
	switch t {
	case wasm.I32:
		c.Mem(wasm.OpI32Store, 2, off)
	case wasm.I64:
		c.Mem(wasm.OpI64Store, 3, off)
	case wasm.F32:
		c.Mem(wasm.OpF32Store, 2, off)
	case wasm.F64:
		c.Mem(wasm.OpF64Store, 3, off)
	case wasm.V128:
		c.Mem(wasm.OpV128Store, 3, off)
		off += 8
	default:
		c.Op(wasm.OpDrop)
		c.Op(wasm.OpDrop)
	}
	return off + 8
}
