//go:build js

package loop

import (
	"errors"
	"syscall/js"
	"testing"
	"time"
)

// timeout sets t to true in an event.
func timeout(t *bool) {
	js.Global().Call("setTimeout", js.FuncOf(func(js.Value, []js.Value) any {
		*t = true
		return nil
	}), 1)
}

// Yield lets events in, and several goroutines may do it at a time.
func TestYield(t *testing.T) {
	var fired bool
	timeout(&fired)
	for start := time.Now(); !fired; Yield() {
		if time.Since(start) > 10*time.Second {
			t.Fatal("no event came in")
		}
	}
	done := make(chan int, 3)
	for i := range 3 {
		go func() {
			for range 10 {
				Yield()
			}
			done <- i
		}()
	}
	for range 3 {
		<-done
	}
}

// Pace yields when it is time only.
func TestPace(t *testing.T) {
	var fired bool
	timeout(&fired)
	never := Pace(time.Hour)
	for start := time.Now(); time.Since(start) < 10*time.Millisecond; {
		never()
	}
	if fired {
		t.Error("an event came in")
	}
	always := Pace(0)
	for range 100_000 {
		if always(); fired {
			return
		}
	}
	t.Error("no event came in")
}

func promise(body string) js.Value {
	return js.Global().Get("Function").New("return " + body).Invoke()
}

func TestAwait(t *testing.T) {
	v, err := Await(promise(`new Promise((f) => setTimeout(f, 1, 7))`))
	if err != nil || v.Int() != 7 {
		t.Errorf("%v, %v", v, err)
	}
	for body, want := range map[string]string{
		`Promise.reject(new Error("words"))`: "words",
		`Promise.reject("text")`:             "text",
		`Promise.reject(null)`:               "null",
	} {
		if _, err := Await(promise(body)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Where nothing may wait, what waits fails, and is kept.
func TestTry(t *testing.T) {
	h := Host{}
	h.Try()
	_, err := Await(promise(`Promise.resolve(1)`))
	if !errors.Is(err, ErrWait) || !h.Refused() {
		t.Errorf("inside: %v, refused %v", err, h.Refused())
	}
	loaded := 0
	if MayWait(func() { loaded++ }) {
		t.Error("it may wait")
	}
	wait := h.Tried()
	if wait == nil {
		t.Fatal("nothing is kept")
	}
	if wait(); loaded != 0 {
		t.Error("it kept the second one")
	}
	h.Try()
	if h.Refused() {
		t.Error("refused before anything happened")
	}
	if wait := h.Tried(); wait != nil {
		t.Error("something is kept of nothing")
	}
	Enter()
	if err := Do(func() { t.Error("called") }); !errors.Is(err, ErrWait) {
		t.Errorf("in a call from guest code: %v", err)
	}
	Leave()
	if err := Do(func() { loaded++ }); err != nil || loaded != 1 {
		t.Errorf("%v, called %d times", err, loaded)
	}
	refused = nil
}
