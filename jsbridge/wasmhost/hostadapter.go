//go:build js

package wasmhost

import (
	"fmt"
	"sync"
	"unsafe"

	"boxer/jsbridge/loop"
	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// A host function takes its parameters from a frame, and leaves its results
// there. Host functions run one inside the other (Go calls guest code that
// calls Go), so there is a frame for each depth.
const (
	frameWords = 16
	maxDepth   = 256
)

var frames [maxDepth][frameWords]uint64

// hostFuncs are all host functions, by number. A number is never used again:
// code in some table may still call the function.
var hostFuncs []func([]uint64)

// hostCall is what adapters call.
//
//lint:ignore U1000 it is used by its export
//go:wasmexport boxer_wasmhost_call
func hostCall(fn int32, frame unsafe.Pointer) {
	loop.Enter()
	hostFuncs[fn]((*[frameWords]uint64)(frame)[:])
	loop.Leave()
}

// hostFunc lets Go call a host function by way of its instance.
type hostFunc func([]uint64)

func (f hostFunc) Call(stack []uint64) error {
	f(stack)
	return nil
}

// NewHost implements engine.Engine. A function has at most 16 parameters and
// at most 16 results.
func (e *Engine) NewHost(fns []engine.HostFunc) (engine.Instance, error) {
	if e.closed {
		return nil, engine.ErrClosed
	}
	host := make(map[string]func([]uint64), len(fns))
	for _, f := range fns {
		if host[f.Name] != nil {
			return nil, fmt.Errorf("host function %s: given twice", f.Name)
		}
		for _, ts := range [][]engine.ValType{f.Params, f.Results} {
			if len(ts) > frameWords {
				return nil, fmt.Errorf("host function %s: %d values, and at most %d can cross", f.Name, len(ts), frameWords)
			}
			for _, t := range ts {
				if t < engine.F64 || t > engine.I32 {
					return nil, fmt.Errorf("host function %s: value type %#x cannot cross between Go and Wasm", f.Name, byte(t))
				}
			}
		}
		host[f.Name] = f.Fn
	}
	first := len(hostFuncs)
	for _, f := range fns {
		hostFuncs = append(hostFuncs, f.Fn)
	}
	inst := e.newInstance(jsHost(e.adapter(hostAdapter(fns)), e.adapter(stackProbe()), uint32(first), unsafe.Pointer(&frames)))
	inst.host = host
	return inst, nil
}

// hostAdapter is a module that exports fns. It imports Go's memory, the
// program's export, the stack probe, the depth, which it counts, and as
// constants the number of its first function and the address of the frames:
// the same functions in another process are the same module.
func hostAdapter(fns []engine.HostFunc) []byte {
	var m wasm.Module
	call := m.ImportFunc("b", "call", m.FuncType([]wasm.ValType{wasm.I32, wasm.I32}, nil))
	probe := m.ImportFunc("b", "probe", m.FuncType([]wasm.ValType{wasm.I32}, nil))
	m.ImportMemory("b", "mem", wasm.Limits{})
	depth := m.ImportGlobal("b", "depth", wasm.I32, true)
	first := m.ImportGlobal("b", "first", wasm.I32, false)
	base := m.ImportGlobal("b", "frames", wasm.I32, false)
	var c wasm.Code
	for i, f := range fns {
		fn := m.Func(m.FuncType(valTypes(f.Params), valTypes(f.Results)))
		m.ExportFunc(f.Name, fn)
		c.Reset(len(f.Params))
		frame := c.AddLocal(wasm.I32)

		c.I32Const(goStack/probeFrame - 1)
		c.Call(probe)
		c.GlobalGet(depth)
		c.I32Const(maxDepth)
		c.Op(wasm.OpI32GeU)
		c.If(wasm.BlockEmpty)
		c.Op(wasm.OpUnreachable)
		c.End()
		c.GlobalGet(depth)
		c.I32Const(frameWords * 8)
		c.Op(wasm.OpI32Mul)
		c.GlobalGet(base)
		c.Op(wasm.OpI32Add)
		c.LocalSet(frame)

		off := uint32(0)
		for j, t := range f.Params {
			c.LocalGet(frame)
			c.LocalGet(uint32(j))
			off = store(&c, wasm.ValType(t), off)
		}
		count := func(d int32) {
			c.GlobalGet(depth)
			c.I32Const(d)
			c.Op(wasm.OpI32Add)
			c.GlobalSet(depth)
		}
		count(1)
		c.GlobalGet(first)
		c.I32Const(int32(i))
		c.Op(wasm.OpI32Add)
		c.LocalGet(frame)
		c.Call(call)
		count(-1)

		off = 0
		for _, t := range f.Results {
			c.LocalGet(frame)
			off = load(&c, wasm.ValType(t), off)
		}
		c.End()
		m.Body(fn, &c)
	}
	return m.Bytes()
}

// goStack is the room on the host's stack, in bytes, that a host function is
// sure of. Go needs a few KiB for most, 20 for fmt and the like.
const goStack = 64 << 10

// probeFrame is the size of one frame of the stack probe. An optimising
// compiler takes 40 ms for a frame of 64 KiB, and 1 ms for one of 16.
const probeFrame = 16 << 10

// stackProbe is a module that exports probe, which called with goStack /
// probeFrame − 1 traps if there is less room on the stack than goStack. So the
// overflow happens there, where only guest code is on the way out, and not in
// Go. The function calls itself so many times, and has a large frame, which
// engines check against the stack's end on entry; what needs the frame is
// never executed. (A call costs 5 ns in V8 when it is optimised.)
var stackProbe = sync.OnceValue(func() []byte {
	var m wasm.Module
	m.ImportMemory("b", "mem", wasm.Limits{})
	probe := m.Func(m.FuncType([]wasm.ValType{wasm.I32}, nil))
	m.ExportFunc("probe", probe)
	var c wasm.Code
	c.Reset(1)
	c.LocalGet(0)
	c.If(wasm.BlockEmpty)
	c.LocalGet(0)
	c.I32Const(1)
	c.Op(wasm.OpI32Sub)
	c.Call(probe)
	c.End()
	c.LocalGet(0)
	c.I32Const(0)
	c.Op(wasm.OpI32LtS)
	c.If(wasm.BlockEmpty)
	// Vectors on the stack across a call, and not in locals, which a baseline
	// compiler clears on entry.
	c.I32Const(0)
	const values = probeFrame / 16
	for i := range uint32(values) {
		c.I32Const(0)
		c.Mem(wasm.OpV128Load, 0, 16*i)
	}
	c.I32Const(0)
	c.Call(probe)
	for range values - 1 {
		c.Op(wasm.OpV128Or)
	}
	c.Mem(wasm.OpV128Store, 0, 0)
	c.End()
	c.End()
	m.Body(probe, &c)
	return m.Bytes()
})

func valTypes(ts []engine.ValType) []wasm.ValType {
	out := make([]wasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = wasm.ValType(t)
	}
	return out
}
