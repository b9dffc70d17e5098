package kernel_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"

	"boxer/runtime/engine/wazero"
	"boxer/runtime/kernel"
)

// Boxes leave no goroutines behind, however they end.
func TestNoGoroutinesLeft(t *testing.T) {
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	cycle := func() {
		w := &world{eng: eng, programs: []program{func(g *guest) int {
			g.fork(func(c *guest) { c.sleep(time.Hour) })
			g.clone(threadFlags, func(c *guest) { c.sys(98, c.alloc(8), 0, 0, 0) })
			g.read(0, 10)
			g.print("x")
			g.sleep(time.Millisecond)
			return 0
		}}}
		k := newBox(t, w)
		var out bytes.Buffer
		if st := spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdin: strings.NewReader("abc"), Stdout: &out, Stderr: &out}); st != exited(0) {
			t.Errorf("exit %+v", st)
		}
		for _, stop := range w.stops {
			stop()
		}
		w.stops = nil
	}
	for range 5 {
		cycle()
	}
	before := runtime.NumGoroutine()
	for range 40 {
		cycle()
	}
	for range 200 { // those that are just ending
		if runtime.NumGoroutine() <= before+5 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
}
