package enginetest

import (
	"fmt"
	"runtime"
	"sync"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

func testMemoryClosed(s *suite) {
	mem := s.memory(2, 4)
	inst := s.load(peekPoke(), importsOf(mem))
	mem.Write(0, []byte{9})
	for range 2 {
		if err := mem.Close(); err != nil {
			s.Fatalf("close the memory: %v", err)
		}
	}
	p := []byte{7}
	if mem.Read(0, p) || mem.Write(0, p) || mem.Zero(0, 1) || mem.Grow(3*page) || p[0] != 7 {
		s.Error("a closed memory can be used")
	}
	if _, ok := mem.Load32(0); ok {
		s.Error("a closed memory can be loaded from")
	}
	// What is linked to it goes on.
	s.want(9, inst, "peek", 0)
	s.call(inst, "poke", 2*page-4, 5)
	s.want(2, inst, "grow", 1)
	s.want(5, inst, "peek", 2*page-4)
	if err := inst.Close(); err != nil {
		s.Fatal(err)
	}
	if other, err := s.e.Instantiate(s.compile(peekPoke()), importsOf(mem)); err == nil {
		other.Close()
		s.Error("linked to a closed memory")
	}
}

func testModuleClosed(s *suite) {
	code := s.compile(constant(4))
	inst := s.instantiate(code, nil)
	for range 2 {
		if err := code.Close(); err != nil {
			s.Fatal(err)
		}
	}
	runtime.GC()
	s.want(4, inst, "f")
	s.want(4, s.load(constant(4), nil), "f")
}

func testInstanceClosed(s *suite) {
	mem := s.memory(1, 1)
	inst := s.load(peekPoke(), importsOf(mem))
	f := s.function(inst, "peek")
	for range 2 {
		if err := inst.Close(); err != nil {
			s.Fatal(err)
		}
	}
	if err := f.Call(make([]uint64, 1)); err == nil {
		s.Error("a function of a closed instance can be called")
	}
	if _, err := inst.Func("peek"); err == nil {
		s.Error("a closed instance gives out functions")
	}
	var m wasm.Module
	m.ImportFunc("lib", "peek", m.FuncType(types(wasm.I32), types(wasm.I32)))
	if _, err := s.e.Instantiate(s.compile(&m), engine.Imports{"lib": inst}); err == nil {
		s.Error("linked to a closed instance")
	}
	if !mem.Write(0, []byte{1}) {
		s.Error("the memory went with its user")
	}
}

// testTableOutlivesInstance: code that lies in a table is callable after its
// instance and module are closed, and forgotten.
func testTableOutlivesInstance(s *suite) {
	mem := s.memory(1, 1)
	owner := s.load(tableOwner(64), nil)
	for i := range int32(64) {
		var m wasm.Module
		importMemory(&m)
		table := m.ImportTable("t", "table", wasm.FuncRef, wasm.Limits{Min: 1})
		own := m.Global(wasm.I32, true, wasm.ConstI32(100))
		f := define(&m, "", nil, types(wasm.I32), func(c *wasm.Code) {
			c.GlobalGet(own)
			c.I32Const(1)
			c.Op(wasm.OpI32Add)
			c.GlobalSet(own)
			c.I32Const(0)
			c.Mem(wasm.OpI32Load, 2, 0)
			c.GlobalGet(own)
			c.Op(wasm.OpI32Add)
			c.I32Const(i * 1000)
			c.Op(wasm.OpI32Add)
		})
		m.ElemActive(table, wasm.ConstI32(i), []uint32{f})
		code := s.compile(&m)
		inst := s.instantiate(code, engine.Imports{"t": owner, "mem": mem.Instance()})
		if err := inst.Close(); err != nil {
			s.Fatal(err)
		}
		if err := code.Close(); err != nil {
			s.Fatal(err)
		}
	}
	mem.Write(0, []byte{50})
	for round := uint64(1); round <= 3; round++ {
		runtime.GC()
		for i := range uint64(64) {
			s.want(i*1000+150+round, owner, "call", i)
		}
	}
}

// testManyInstances: what is closed costs nothing.
func testManyInstances(s *suite) {
	code := s.compile(peekPoke())
	host := s.host(engine.HostFunc{Name: "h", Fn: func([]uint64) {}})
	stack := make([]uint64, 2)
	round := func(n int) {
		for range n {
			mem := s.memory(1, 16)
			inst, err := s.e.Instantiate(code, engine.Imports{"mem": mem.Instance(), "h": host})
			if err != nil {
				s.Fatal(err)
			}
			stack[0], stack[1] = 8, 5
			if err := s.function(inst, "poke").Call(stack); err != nil {
				s.Fatal(err)
			}
			if v, ok := mem.Load32(8); !ok || v != 5 {
				s.Fatalf("Load32 = %d, %v", v, ok)
			}
			inst.Close()
			mem.Close()
		}
	}
	heap := func() int64 {
		var st runtime.MemStats
		for range 2 { // cleanups free in the second
			runtime.GC()
		}
		runtime.ReadMemStats(&st)
		return int64(st.HeapAlloc)
	}
	const n = 3000
	round(n / 10)
	before := heap()
	round(n)
	if grown := heap() - before; grown > n*50 {
		s.Errorf("%d instances left %d bytes on the heap", n, grown)
	}
}

// testParallel: goroutines compile, link and run on one engine.
func testParallel(s *suite) {
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for g := range 8 {
		wg.Go(func() {
			for i := range 20 {
				if err := s.parallel(int32(g*i%7), uint64(g)); err != nil {
					errs <- fmt.Errorf("goroutine %d, round %d: %w", g, i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		s.Error(err)
	}
}

func (s *suite) parallel(v int32, g uint64) error {
	mod, err := s.e.Compile(constant(v).Bytes())
	if err != nil {
		return err
	}
	defer mod.Close()
	inst, err := s.e.Instantiate(mod, nil)
	if err != nil {
		return err
	}
	defer inst.Close()
	mem, err := s.e.NewMemory(1, 1+uint32(g))
	if err != nil {
		return err
	}
	defer mem.Close()
	f, err := inst.Func("f")
	if err != nil {
		return err
	}
	stack := make([]uint64, 1)
	for range 50 {
		if err := f.Call(stack); err != nil || int32(stack[0]) != v {
			return fmt.Errorf("f() = %d, %v; want %d", stack[0], err, v)
		}
	}
	if !mem.Write(g, []byte{1}) {
		return fmt.Errorf("write failed")
	}
	return nil
}

func testEngineClosed(s *suite) {
	code := s.compile(constant(1))
	s.want(1, s.instantiate(code, nil), "f")
	for range 2 {
		if err := s.e.Close(); err != nil {
			s.Fatal(err)
		}
	}
	if _, err := s.e.Compile(constant(2).Bytes()); err == nil {
		s.Error("a closed engine compiles")
	}
	if _, err := s.e.NewMemory(1, 1); err == nil {
		s.Error("a closed engine makes memories")
	}
}
