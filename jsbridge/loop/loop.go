//go:build js

// Package loop is the event loop of the page's worker, as Go sees it.
//
// Go and the loop share one thread. Events get in only when every goroutine
// waits for something, so a goroutine that computes must wait now and then: Yield
// does that, by a message to itself, which costs 30 µs where a timer costs 4 ms and
// runtime.Gosched lets no event in at all.
//
// A function that Wasm calls (go:wasmexport: what guest code calls) must never
// wait: Go would return zero to it in silence. Whatever waits for the host does so by Await, and
// whoever serves such a call asks Waiting first, and wraps what it does in Try.
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
	awaiting int  // Awaits under way
	trying   bool // inside Try
	refused  bool // an Await inside Try
)

// ErrTry is what Await returns inside Try.
var ErrTry = errors.New("it would have to wait")

// Await waits for a promise and returns what became of it; an error where it
// was rejected.
func Await(promise js.Value) (js.Value, error) {
	if trying {
		refused = true
		return js.Value{}, ErrTry
	}
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
	awaiting++
	r := <-c
	awaiting--
	return r.v, r.err
}

// Wait waits until c is closed, which some event does; as Await it fails inside Try.
func Wait(c <-chan struct{}) error {
	if trying {
		refused = true
		return ErrTry
	}
	awaiting++
	<-c
	awaiting--
	return nil
}

// Error is the error that a JavaScript exception stands for. Its text is the
// exception's message.
func Error(v js.Value) error {
	if v.Type() == js.TypeObject && v.Get("message").Type() == js.TypeString {
		return errors.New(v.Get("message").String())
	}
	return errors.New(js.Global().Call("String", v).String())
}

// Waiting reports whether some goroutine waits for the host, perhaps with locks
// held.
func Waiting() bool { return awaiting > 0 }

// Try calls f, in which Await fails at once with ErrTry, and reports whether
// that happened.
func Try(f func()) (waits bool) {
	trying, refused = true, false
	f()
	trying = false
	return refused
}

// MayWait reports whether the caller may wait at this moment. Inside Try it may
// not, and Try then reports that it would have had to.
func MayWait() bool {
	refused = refused || trying
	return !trying
}
