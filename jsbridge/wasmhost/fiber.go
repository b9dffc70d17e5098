//go:build js

package wasmhost

import (
	"errors"
	"sync"
	"syscall/js"
	"unsafe"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// Fibers are promises: Wasm code that calls wait is suspended by JavaScript Promise
// Integration until the promise that wait returned is resolved. It is entered from JavaScript by an export
// made promising, so that the stack which is put away has guest frames only, and never one of Go's. What the guest
// calls between two waits, Go serves at once as in any other call.

var _ engine.FiberEngine = (*Engine)(nil)

// Fibers implements engine.FiberEngine. It tries.
func (e *Engine) Fibers() bool { return canSuspend(e) }

var canSuspend = func() func(*Engine) bool {
	known, can := false, false
	return func(e *Engine) bool {
		if !known {
			known, can = true, jsCanSuspend(e.adapter(waiter())) != 0
		}
		return can
	}
}()

// waiter is a module whose export f calls b.wait.
var waiter = sync.OnceValue(func() []byte {
	var m wasm.Module
	wait := m.ImportFunc("b", "wait", m.FuncType(nil, []wasm.ValType{wasm.I64}))
	f := m.Func(m.FuncType(nil, nil))
	m.ExportFunc("f", f)
	var c wasm.Code
	c.Reset(0)
	c.Call(wait)
	c.Op(wasm.OpDrop)
	c.End()
	m.Body(f, &c)
	return m.Bytes()
})

// fiber implements engine.Fiber.
type fiber struct {
	h    int32
	inst *instance
	wake chan struct{}
	used bool
	over bool
}

// fibers are those that somebody waits for, by handle.
var fibers = map[int32]*fiber{}

// listen makes JavaScript tell when a fiber waits or has ended.
var listen = sync.OnceFunc(func() {
	js.Global().Set("boxerFiberWake", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if f := fibers[int32(args[0].Int())]; f != nil {
			select {
			case f.wake <- struct{}{}:
			default:
			}
		}
		return nil
	}))
})

// NewFiber implements engine.FiberEngine.
func (e *Engine) NewFiber() (engine.Fiber, error) {
	if e.closed {
		return nil, engine.ErrClosed
	}
	if !e.Fibers() {
		return nil, errors.New("this host has no JavaScript Promise Integration: Wasm code cannot leave the stack")
	}
	listen()
	out := new(int32)
	f := &fiber{h: jsNewFiber(unsafe.Pointer(out)), wake: make(chan struct{}, 1)}
	f.inst = e.newInstance(*out)
	fibers[f.h] = f
	return f, nil
}

// Instance implements engine.Fiber.
func (f *fiber) Instance() engine.Instance { return f.inst }

// Start implements engine.Fiber.
func (f *fiber) Start(fn engine.Func) (ended bool, err error) {
	call, ok := fn.(*function)
	if !ok || call.words != 0 || f.used {
		panic("BUG: wasmhost: a fiber that was used, or a function with parameters or results")
	}
	f.used = true
	jsStartFiber(f.h, call.entry, unsafe.Pointer(&none))
	return f.wait()
}

// Resume implements engine.Fiber.
func (f *fiber) Resume(v uint64) (ended bool, err error) {
	jsResumeFiber(f.h, int64(v))
	return f.wait()
}

// wait lets events in until the fiber waits or has ended.
func (f *fiber) wait() (ended bool, err error) {
	<-f.wake
	state := jsFiberState(f.h)
	if state < 0 {
		return false, nil
	}
	f.over = true
	if state > 0 {
		err = faultError(uint32(state))
	}
	return true, err
}

// Close implements engine.Fiber.
func (f *fiber) Close() error {
	if f.used && !f.over {
		panic("BUG: wasmhost: closing a fiber that has not ended")
	}
	delete(fibers, f.h)
	jsDropFiber(f.h)
	return f.inst.Close()
}
