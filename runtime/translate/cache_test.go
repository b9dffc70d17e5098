package translate

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/mm"
)

// fileSpace is a space whose code is a file's.
type fileSpace struct{ *mm.Space }

func (s fileSpace) Text(addr uint64) (arch.Text, bool) {
	t, ok := s.Space.Text(addr)
	t.Digest = [32]byte{1, 2, 3}
	return t, ok
}

// newFileCPU makes a process of c that runs prog.
func newFileCPU(eng engine.Engine, c *Cache, prog []uint32) (*CPU, *arm64.Regs, error) {
	space, err := mm.New(eng, mm.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := space.SetLayout(mm.Layout{Low: textAt, High: textAt + 0x20000}); err != nil {
		return nil, nil, err
	}
	if _, err := space.Map(mm.MapArgs{Addr: textAt, Len: 0x10000, Prot: abi.PROT_READ | abi.PROT_EXEC, Flags: abi.MAP_PRIVATE | abi.MAP_ANONYMOUS | abi.MAP_FIXED}); err != nil {
		return nil, nil, err
	}
	var code []byte
	for _, w := range prog {
		code = binary.LittleEndian.AppendUint32(code, w)
	}
	if err := space.Poke(textAt, code); err != nil {
		return nil, nil, err
	}
	cpu, err := c.New(fileSpace{space})
	r := arm64.NewRegs()
	r.Next = textAt
	return cpu, r, err
}

// manyFunctions calls n functions, in several batches, and sums what they return in x1.
func manyFunctions(n int) (prog []uint32) {
	const size = 20
	pc := func() uint64 { return 4 * uint64(len(prog)) }
	first := uint64(4 * (2*n + 1))
	for i := range uint64(n) {
		prog = append(prog, bl(pc(), first+i*4*size), 0x8b000021) // bl f; add x1, x1, x0
	}
	prog = append(prog, brk(1))
	for i := range uint32(n) {
		prog = append(prog, movz(0, i))
		for range size - 2 {
			prog = append(prog, nop)
		}
		prog = append(prog, ret)
	}
	return prog
}

// runMany runs manyFunctions(n) in a new process.
func runMany(eng engine.Engine, c *Cache, n int) error {
	cpu, r, err := newFileCPU(eng, c, manyFunctions(n))
	if err != nil {
		return err
	}
	defer cpu.Close()
	if e := cpu.Run(r, 1_000_000); e.Kind != arch.ExitBreakpoint || r.X[1] != uint64(n*(n-1)/2) {
		return fmt.Errorf("exit %v, sum %d", e, r.X[1])
	}
	return nil
}

func newEngine(t *testing.T) engine.Engine {
	t.Helper()
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eng.Close() })
	return eng
}

// TestConcurrentProcesses: processes of one cache find each other's translations, and each
// translation is made once.
func TestConcurrentProcesses(t *testing.T) {
	eng := newEngine(t)
	alone := NewCache(eng, Options{})
	if err := runMany(eng, alone, 60); err != nil {
		t.Fatal(err)
	}
	c := NewCache(newEngine(t), Options{})
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs <- runMany(c.eng, c, 60)
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if got, want := c.Stats()["translated_modules"], alone.Stats()["translated_modules"]; got != want {
		t.Errorf("8 processes made %d modules, one makes %d", got, want)
	}
}

// mapStore is a Store in memory.
type mapStore struct {
	mu sync.Mutex
	m  map[[32]byte][]byte
}

func (s *mapStore) Get(key [32]byte) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.m[key]
	return p, ok
}

func (s *mapStore) Put(key [32]byte, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[key] = data
}

// plainEngine hides what an engine can do beyond engine.Engine.
type plainEngine struct{ engine.Engine }

// TestStore: stored translations are used, by another cache too; damaged ones are made again
// and replaced.
func TestStore(t *testing.T) {
	store := &mapStore{m: map[[32]byte][]byte{}}
	run := func() map[string]int64 {
		t.Helper()
		eng := plainEngine{newEngine(t)}
		c := NewCache(eng, Options{Store: store})
		if err := runMany(eng, c, 40); err != nil {
			t.Fatal(err)
		}
		return c.Stats()
	}
	first := run()
	if len(store.m) == 0 || first["translated_modules"] != int64(len(store.m)) {
		t.Fatalf("%d translations, %d stored", first["translated_modules"], len(store.m))
	}
	if n := run()["translated_modules"]; n != 0 {
		t.Errorf("%d translations although all are stored", n)
	}
	for name, damage := range map[string]func(p []byte) []byte{
		"empty":      func(p []byte) []byte { return nil },
		"short":      func(p []byte) []byte { return p[:len(p)-1] },
		"header":     func(p []byte) []byte { return p[:min(len(p), 20)] },
		"long":       func(p []byte) []byte { return append(p, 0) },
		"first byte": func(p []byte) []byte { p[0] ^= 0xff; return p },
		"no module":  func(p []byte) []byte { clear(p[len(p)/2:]); return p },
	} {
		store.mu.Lock()
		for k, p := range store.m {
			store.m[k] = damage(append([]byte(nil), p...))
		}
		store.mu.Unlock()
		if n := run()["translated_modules"]; n != int64(len(store.m)) {
			t.Errorf("%s: %d translations, want %d", name, n, len(store.m))
		}
		if n := run()["translated_modules"]; n != 0 {
			t.Errorf("%s: %d translations although they were stored again", name, n)
		}
	}
}
