//go:build js

package wasmhost

import (
	"fmt"
	"sync"
	"unsafe"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// memory is a WebAssembly.Memory. Its pages cannot be given back to the host
// while it lives; Zero only clears them.
type memory struct {
	e      *Engine
	h      int32
	inst   *instance
	closed bool
}

// NewMemory implements engine.Engine.
func (e *Engine) NewMemory(min, max uint32) (engine.Memory, error) {
	if e.closed {
		return nil, engine.ErrClosed
	}
	if min > max || max > engine.MaxPages {
		return nil, fmt.Errorf("memory of %d to %d pages: the limits are 0 ≤ min ≤ max ≤ %d", min, max, engine.MaxPages)
	}
	var inst int32
	h := jsMemory(min, max, e.adapter(scanner()), unsafe.Pointer(&inst))
	if h < 0 {
		return nil, fmt.Errorf("memory of %d to %d pages: %s", min, max, lastError())
	}
	m := &memory{e: e, h: h, inst: e.newInstance(inst)}
	e.memories[m] = struct{}{}
	return m, nil
}

// Instance implements engine.Memory.
func (m *memory) Instance() engine.Instance { return m.inst }

// Size implements engine.Memory.
func (m *memory) Size() uint64 {
	if m.closed {
		return 0
	}
	return uint64(jsPages(m.h)) * engine.PageSize
}

// has reports whether [off, off+n) lies in the memory.
func (m *memory) has(off, n uint64) bool {
	if m.closed {
		return false
	}
	size := m.Size()
	return off <= size && n <= size-off
}

// Grow implements engine.Memory.
func (m *memory) Grow(size uint64) bool {
	if m.closed {
		return false
	}
	have := m.Size()
	if size <= have {
		return true
	}
	if size > engine.MaxPages*engine.PageSize {
		return false
	}
	return jsGrow(m.h, uint32((size-have+engine.PageSize-1)/engine.PageSize)) != 0
}

// maxSize is above every offset in a memory; JavaScript checks the rest.
const maxSize = engine.MaxPages * engine.PageSize

// Read implements engine.Memory.
func (m *memory) Read(off uint64, p []byte) bool {
	return !m.closed && off <= maxSize && jsRead(m.h, uint32(off), unsafe.Pointer(unsafe.SliceData(p)), uint32(len(p))) != 0
}

// Write implements engine.Memory.
func (m *memory) Write(off uint64, p []byte) bool {
	return !m.closed && off <= maxSize && jsWrite(m.h, uint32(off), unsafe.Pointer(unsafe.SliceData(p)), uint32(len(p))) != 0
}

// scanFrom is the size from which Zero looks for what there is to clear:
// clearing a page that was never touched commits it.
const scanFrom = 256 << 10

// Zero implements engine.Memory.
func (m *memory) Zero(off, n uint64) bool {
	if !m.has(off, n) {
		return false
	}
	if n < scanFrom {
		jsZero(m.h, uint32(off), uint32(n))
		return true
	}
	m.Touched(off, n, func(off, n uint64) bool {
		jsZero(m.h, uint32(off), uint32(n))
		return true
	})
	return true
}

// CopyTo implements engine.Memory.
func (m *memory) CopyTo(dst engine.Memory, off, n uint64) bool {
	d, ok := dst.(*memory)
	if !ok || !m.has(off, n) || !d.has(off, n) {
		return false
	}
	jsCopy(d.h, m.h, uint32(off), uint32(n))
	return true
}

// Load32 implements engine.Memory.
func (m *memory) Load32(off uint64) (v uint32, ok bool) {
	if m.closed || off%4 != 0 || off > maxSize {
		return 0, false
	}
	f := jsLoad32(m.h, uint32(off/4))
	if f < 0 {
		return 0, false
	}
	return uint32(f), true
}

// CompareAndSwap32 implements engine.Memory.
func (m *memory) CompareAndSwap32(off uint64, old, new uint32) (swapped, ok bool) {
	if m.closed || off%4 != 0 || off > maxSize {
		return false, false
	}
	r := jsCAS32(m.h, uint32(off/4), old, new)
	return r > 0, r >= 0
}

// Close implements engine.Memory. Instances keep what they are linked to.
func (m *memory) Close() error {
	if m.closed {
		return nil
	}
	m.closed = true
	delete(m.e.memories, m)
	err := m.inst.Close()
	jsDropMemory(m.h) // last: it may have the host collect garbage
	return err
}

// scanPage is the granularity of Touched in bytes.
const scanPage = 4096

// Touched implements engine.Memory.
func (m *memory) Touched(off, n uint64, yield func(off, n uint64) bool) {
	if !m.has(off, n) || n == 0 {
		return
	}
	// Whole pages: a memory's size is a multiple of theirs.
	first, end := off&^(scanPage-1), (off+n+scanPage-1)&^(scanPage-1)
	for at := first; at < end; {
		from := uint64(jsScan(m.h, uint32(at), uint32(end), 1))
		if from >= end {
			return
		}
		at = uint64(jsScan(m.h, uint32(from), uint32(end), 0))
		lo, hi := max(from, off), min(at, off+n)
		if !yield(lo, hi-lo) {
			return
		}
	}
}

// scanner is a module that exports scan(off, end, touched): the first page of
// b.mem from off up to end that holds anything but zeros, or, if touched is
// 0, that does not; end if there is none.
var scanner = sync.OnceValue(func() []byte {
	var m wasm.Module
	m.ImportMemory("b", "mem", wasm.Limits{})
	fn := m.Func(m.FuncType([]wasm.ValType{wasm.I32, wasm.I32, wasm.I32}, []wasm.ValType{wasm.I32}))
	m.ExportFunc("scan", fn)
	const off, end, touched = 0, 1, 2
	var c wasm.Code
	c.Reset(3)
	p, stop := c.AddLocal(wasm.I32), c.AddLocal(wasm.I32)
	sum := c.AddLocal(wasm.V128)

	c.Block(wasm.BlockEmpty)
	c.Loop(wasm.BlockEmpty) // over pages
	c.LocalGet(off)
	c.LocalGet(end)
	c.Op(wasm.OpI32GeU)
	c.BrIf(1)
	c.LocalGet(off)
	c.LocalTee(p)
	c.I32Const(scanPage)
	c.Op(wasm.OpI32Add)
	c.LocalSet(stop)
	c.V128Const(0, 0)
	c.LocalSet(sum)
	c.Loop(wasm.BlockEmpty) // over the page
	const step = 128
	c.LocalGet(sum)
	for i := uint32(0); i < step; i += 16 {
		c.LocalGet(p)
		c.Mem(wasm.OpV128Load, 4, i)
		c.Op(wasm.OpV128Or)
	}
	c.LocalSet(sum)
	c.LocalGet(p)
	c.I32Const(step)
	c.Op(wasm.OpI32Add)
	c.LocalTee(p)
	c.LocalGet(stop)
	c.Op(wasm.OpI32Ne)
	c.BrIf(0)
	c.End()
	c.LocalGet(sum)
	c.Op(wasm.OpV128AnyTrue)
	c.LocalGet(touched)
	c.Op(wasm.OpI32Eq)
	c.If(wasm.BlockEmpty)
	c.LocalGet(off)
	c.Op(wasm.OpReturn)
	c.End()
	c.LocalGet(stop)
	c.LocalSet(off)
	c.Br(0)
	c.End()
	c.End()
	c.LocalGet(end)
	c.End()
	m.Body(fn, &c)
	return m.Bytes()
})
