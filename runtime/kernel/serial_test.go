package kernel_test

import (
	"sync"
	"testing"
	"time"

	"boxer/runtime/kernel"
)

// lateClock moves by a step whenever it is looked at, and calls late.
type lateClock struct {
	mu   sync.Mutex
	now  int64
	step int64
}

func (c *lateClock) Monotonic() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += c.step
	return c.now
}

func (c *lateClock) Realtime() int64 { return c.Monotonic() }

func (c *lateClock) Alarm(at int64, f func()) func() {
	t := time.AfterFunc(time.Millisecond, func() {
		c.mu.Lock()
		c.now = max(c.now, at)
		c.mu.Unlock()
		f()
	})
	return func() { t.Stop() }
}

// A timer that fires just before a serial box begins to wait does not get lost.
func TestSerialTimers(t *testing.T) {
	w := &world{programs: []program{func(g *guest) int {
		for i := range 40 {
			g.sleep(time.Duration(i) * 20 * time.Microsecond)
		}
		return 0
	}}}
	k := newBox(t, w, func(c *kernel.Config) {
		c.Serial, c.Clock = true, &lateClock{step: 20_000}
	})
	if st := spawn(t, k, kernel.Exec{Path: "/bin/p0"}); st != exited(0) {
		t.Errorf("exit %+v", st)
	}
}

// A program that makes many calls is not held up by one that computes: it
// gets slices as long.
func TestSerialTurns(t *testing.T) {
	const calls = 200
	var w world
	w.programs = []program{func(g *guest) int {
		r, wr := g.pipe(0)
		g.fork(func(c *guest) {
			c.sys(57, r)
			for range calls {
				c.write(wr, "x")
				c.heap -= 16
			}
		})
		g.sys(57, wr)
		spins := 0
		for n := int64(1); n > 0; spins++ {
			g.spin()
			n, _ = g.read(r, calls)
			g.heap -= calls + 8
		}
		if spins > calls/4 {
			g.t.Errorf("%d slices of another program for %d calls", spins, calls)
		}
		return 0
	}}
	k := newBox(t, &w, func(c *kernel.Config) { c.Serial = true })
	if st := spawn(t, k, kernel.Exec{Path: "/bin/p0"}); st != exited(0) {
		t.Errorf("exit %+v", st)
	}
}

// A program that waits for others gets its turn when it is woken, not after a slice of
// each that computes.
func TestSerialWakes(t *testing.T) {
	const hogs, trips = 8, 20
	spins := 0
	w := &world{programs: []program{func(g *guest) int {
		done := false
		r1, w1 := g.pipe(0)
		r2, w2 := g.pipe(0)
		g.fork(func(c *guest) {
			for range trips {
				c.read(r1, 1)
				c.heap -= 16
				c.write(w2, "x")
				c.heap -= 16
			}
		})
		for range hogs {
			g.fork(func(c *guest) {
				for !done {
					c.spin()
					spins++
				}
			})
		}
		for range trips {
			g.write(w1, "x")
			g.heap -= 16
			g.read(r2, 1)
			g.heap -= 16
		}
		done = true
		for range hogs + 1 {
			g.wait(-1)
		}
		// About 7 spins are a slice; a trip wakes two programs.
		if limit := 2 * trips * 2 * 8; spins > limit+hogs*16 {
			g.t.Errorf("%d turns of others in %d trips, want at most %d", spins, trips, limit)
		}
		return 0
	}}}
	k := newBox(t, w, func(c *kernel.Config) {
		c.Serial, c.Clock = true, &lateClock{step: 50_000}
	})
	if st := spawn(t, k, kernel.Exec{Path: "/bin/p0"}); st != exited(0) {
		t.Errorf("exit %+v", st)
	}
}
