//go:build js

// Package loop is the event loop of the page's worker, as Go sees it.
//
// Go and the loop share one thread. Events get in only when every goroutine
// waits for something, so a goroutine that computes must wait now and then: Yield
// does that, by a message to itself, which costs 30 µs where a timer costs 4 ms and
// runtime.Gosched lets no event in at all.
//
// A function that Wasm calls (go:wasmexport: what guest code calls) must never
// wait: Go would return zero to it in silence. Whatever waits for the host does so by Do, Wait or Await, which
// fail there, and the kernel makes the call again where waiting is possible (Host).
package loop

import (
	"errors"
	"sync"
	"syscall/js"
	"time"
)

// channel is the port that messages to ourselves are posted to, and those who
// wait for them, in order.
var channel = sync.OnceValue(func() js.Value {
	c := js.Global().Get("MessageChannel").New()
	c.Get("port1").Set("onmessage", js.FuncOf(func(js.Value, []js.Value) any {
		w := waiting[0]
		waiting = waiting[1:]
		close(w)
		return nil
	}))
	return c.Get("port2")
})

var waiting []chan struct{}

// Yield lets the events in that wait, and returns.
func Yield() {
	c := make(chan struct{})
	waiting = append(waiting, c)
	channel().Call("postMessage", 0)
	<-c
}

// Pace returns a function that yields when the last time is d ago or longer,
// and else costs 0.1 µs.
func Pace(d time.Duration) func() {
	last := time.Now()
	return func() {
		if time.Since(last) >= d {
			Yield()
			last = time.Now()
		}
	}
}

var (
	inside  int    // calls from guest code under way
	trying  bool   // inside Try
	refused func() // the first Do that Try refused
)

// ErrWait is what waiting fails with where it is not possible: inside Try, and while guest code
// waits for a call.
var ErrWait = errors.New("it would have to wait")

// Enter says that guest code, or what else is on Wasm's stack, calls Go, until Leave.
func Enter() { inside++ }

// Leave is the end of what Enter began.
func Leave() { inside-- }

// Do calls f, which waits for the host. Where that is not possible it returns ErrWait instead, and
// keeps f for who called Try.
func Do(f func()) error {
	if !MayWait(f) {
		return ErrWait
	}
	f()
	return nil
}

// Await waits for a promise and returns what became of it; an error where it
// was rejected.
func Await(promise js.Value) (v js.Value, err error) {
	if werr := Do(func() { v, err = await(promise) }); werr != nil {
		return js.Value{}, werr
	}
	return v, err
}

func await(promise js.Value) (js.Value, error) {
	type result struct {
		v   js.Value
		err error
	}
	c := make(chan result, 1)
	var done, failed js.Func
	done = js.FuncOf(func(_ js.Value, args []js.Value) any {
		v := js.Undefined()
		if len(args) > 0 {
			v = args[0]
		}
		c <- result{v: v}
		return nil
	})
	failed = js.FuncOf(func(_ js.Value, args []js.Value) any {
		c <- result{err: Error(args[0])}
		return nil
	})
	defer done.Release()
	defer failed.Release()
	promise.Call("then", done, failed)
	r := <-c
	return r.v, r.err
}

// Wait waits until c is closed, which some event does.
func Wait(c <-chan struct{}) error { return Do(func() { <-c }) }

// MayWait reports whether the caller may wait at this moment. Where it may not, load, which waits
// for what the caller wants, is kept for who called Try.
func MayWait(load func()) bool {
	if trying || inside > 0 {
		if refused == nil {
			refused = load
		}
		return false
	}
	return true
}

// Error is the error that a JavaScript exception stands for. Its text is the
// exception's message.
func Error(v js.Value) error {
	if v.Type() == js.TypeObject && v.Get("message").Type() == js.TypeString {
		return errors.New(v.Get("message").String())
	}
	return errors.New(js.Global().Call("String", v).String())
}

// Host is kernel.Host of the page.
type Host struct{}

// Try implements kernel.Host.
func (Host) Try() { trying, refused = true, nil }

// Tried implements kernel.Host.
func (Host) Tried() (wait func()) {
	trying = false
	wait, refused = refused, nil
	return wait
}

// Refused implements kernel.Host.
func (Host) Refused() bool { return refused != nil }
