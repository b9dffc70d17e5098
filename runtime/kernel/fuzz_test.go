package kernel_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"boxer/runtime/abi"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/kernel"
)

// interesting are arguments that break kernels: nothing, small descriptors,
// the ends of ranges, places in and around the mappings.
var interesting = []uint64{0, 1, 2, 3, 4, 5, 8, 16, 24, 64, 0x1000, ^uint64(0), ^uint64(99), 1 << 31, 1<<31 - 1, 1 << 32, 1<<32 - 1,
	1 << 62, 1 << 63, 1<<63 - 1, codeBase, heapBase, heapBase + 8, heapBase + 256, heapBase + 4096, heapBase + heapSize - 1,
	heapBase + heapSize, 0x10000, 0xffff, abi.O_CREAT | abi.O_RDWR, abi.O_NONBLOCK, 0o777}

// randomCalls is a program that makes random system calls. Some of its memory
// looks like what calls take: paths, small numbers, addresses.
func randomCalls(g *guest, seed uint64, n int) {
	r := rand.New(rand.NewPCG(seed, 1))
	for i, s := range []string{"/tmp/a", "/tmp/b", "/proc/self/fd/1", "/bin/p0", "..", "/dev/zero", "x", "/proc/self/maps"} {
		g.put(heapBase+uint64(i)*32, append([]byte(s), 0))
	}
	var words [512]byte
	for i := 0; i < len(words); i += 8 {
		binary.LittleEndian.PutUint64(words[i:], interesting[r.IntN(len(interesting))])
	}
	g.put(heapBase+256, words[:])
	g.heap = heapBase + 0x10000
	for range n {
		ev := event{kind: 1, nr: r.Uint64N(470)}
		switch ev.nr {
		case 93, 94, 139: // they end the program, or its coroutine
			continue
		}
		for i := range ev.args {
			switch r.IntN(4) {
			case 0:
				ev.args[i] = r.Uint64N(16)
			case 1:
				ev.args[i] = heapBase + r.Uint64N(1024)&^7
			default:
				ev.args[i] = interesting[r.IntN(len(interesting))]
			}
		}
		if ev.nr == 220 || ev.nr == 435 {
			g.r.child = func(c *guest) {}
		}
		if ev.nr == 134 && ev.args[0] != 0 {
			ev.args[1] = 0 // handlers at random addresses are no programs
		}
		g.give(ev)
		g.r.child = nil
	}
}

// fuzzCalls runs one sequence in a box of its own.
func fuzzCalls(t *testing.T, eng engine.Engine, seed uint64, fast, serial bool) {
	w := &world{eng: eng, fast: fast}
	w.programs = []program{func(g *guest) int { randomCalls(g, seed, 60); return 0 }}
	k := newBox(t, w, func(c *kernel.Config) {
		c.Serial = serial
		c.Log = nil
		c.Limits.Processes = 16
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	var out bytes.Buffer
	if _, err := k.Spawn(kernel.Exec{Path: "/bin/p0", Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan kernel.ExitStatus, 1)
	go func() { ended <- k.Run(ctx) }()
	select {
	case st := <-ended:
		if st.Err != nil {
			t.Errorf("seed %d: %v", seed, st.Err)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("seed %d: the box does not end", seed)
	}
}

// FuzzSyscalls looks for panics, dead locks and boxes that cannot be killed.
func FuzzSyscalls(f *testing.F) {
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { eng.Close() })
	for seed := range uint64(40) {
		f.Add(seed, seed%2 == 0, seed%3 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, fast, serial bool) { fuzzCalls(t, eng, seed, fast, serial) })
}
