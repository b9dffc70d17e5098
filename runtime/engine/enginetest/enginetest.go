// Package enginetest holds every engine.Engine to the same behaviour. An
// engine's tests call Run; each property is a subtest on an engine of its own.
package enginetest

import (
	"errors"
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/wasm"
)

// Run checks the engines that create makes. create fails the test itself when
// it cannot make one, and Run closes what it made.
func Run(t *testing.T, create func(t *testing.T) engine.Engine) {
	for _, test := range []struct {
		name string
		run  func(s *suite)
	}{
		{"Name", testName},
		{"CompileErrors", testCompileErrors},
		{"CompileTwice", testCompileTwice},
		{"Call", testCall},
		{"CallShortStack", testCallShortStack},
		{"LinkMemory", testLinkMemory},
		{"LinkTable", testLinkTable},
		{"LinkGlobals", testLinkGlobals},
		{"LinkByInstance", testLinkByInstance},
		{"LinkReexports", testLinkReexports},
		{"LinkErrors", testLinkErrors},
		{"Start", testStart},
		{"HostFunctions", testHostFunctions},
		{"HostErrors", testHostErrors},
		{"Traps", testTraps},
		{"TrapInImport", testTrapInImport},
		{"TrapUnderHost", testTrapUnderHost},
		{"TrapKeepsState", testTrapKeepsState},
		{"StackOverflow", testStackOverflow},
		{"OverflowUnderHost", testOverflowUnderHost},
		{"TailCalls", testTailCalls},
		{"SIMD", testSIMD},
		{"Atomics", testAtomics},
		{"MemoryLimits", testMemoryLimits},
		{"MemoryBounds", testMemoryBounds},
		{"MemoryGrow", testMemoryGrow},
		{"MemoryGrowAfterClose", testMemoryGrowAfterClose},
		{"MemoryZero", testMemoryZero},
		{"MemoryTouched", testMemoryTouched},
		{"MemoryCopyTo", testMemoryCopyTo},
		{"MemoryAtomics", testMemoryAtomics},
		{"MemoryClosed", testMemoryClosed},
		{"ModuleClosed", testModuleClosed},
		{"InstanceClosed", testInstanceClosed},
		{"TableOutlivesInstance", testTableOutlivesInstance},
		{"ManyInstances", testManyInstances},
		{"Parallel", testParallel},
		{"Fibers", testFibers},
		{"EngineClosed", testEngineClosed},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := create(t)
			defer func() {
				if err := e.Close(); err != nil {
					t.Errorf("close the engine: %v", err)
				}
			}()
			test.run(&suite{T: t, e: e})
		})
	}
}

// suite is a test and its engine. Its methods fail the test where a step that
// is not under test goes wrong.
type suite struct {
	*testing.T
	e engine.Engine
}

func (s *suite) compile(m *wasm.Module) engine.Module {
	s.Helper()
	mod, err := s.e.Compile(m.Bytes())
	if err != nil {
		s.Fatalf("compile: %v", err)
	}
	return mod
}

func (s *suite) instantiate(mod engine.Module, imports engine.Imports) engine.Instance {
	s.Helper()
	inst, err := s.e.Instantiate(mod, imports)
	if err != nil {
		s.Fatalf("instantiate: %v", err)
	}
	return inst
}

func (s *suite) load(m *wasm.Module, imports engine.Imports) engine.Instance {
	s.Helper()
	return s.instantiate(s.compile(m), imports)
}

func (s *suite) host(fns ...engine.HostFunc) engine.Instance {
	s.Helper()
	inst, err := s.e.NewHost(fns)
	if err != nil {
		s.Fatalf("host functions: %v", err)
	}
	return inst
}

func (s *suite) memory(min, max uint32) engine.Memory {
	s.Helper()
	mem, err := s.e.NewMemory(min, max)
	if err != nil {
		s.Fatalf("memory of %d to %d pages: %v", min, max, err)
	}
	return mem
}

func (s *suite) function(inst engine.Instance, name string) engine.Func {
	s.Helper()
	f, err := inst.Func(name)
	if err != nil {
		s.Fatalf("function %q: %v", name, err)
	}
	return f
}

// call calls a function and returns the words of its stack.
func (s *suite) call(inst engine.Instance, name string, words ...uint64) []uint64 {
	s.Helper()
	stack := make([]uint64, max(len(words), 4))
	copy(stack, words)
	if err := s.function(inst, name).Call(stack); err != nil {
		s.Fatalf("%s: %v", name, err)
	}
	return stack
}

// want calls a function and checks its first result.
func (s *suite) want(result uint64, inst engine.Instance, name string, words ...uint64) {
	s.Helper()
	if got := s.call(inst, name, words...)[0]; got != result {
		s.Fatalf("%s(%#x) = %#x, want %#x", name, words, got, result)
	}
}

// trap calls a function that must trap.
func (s *suite) trap(kind engine.TrapKind, inst engine.Instance, name string, words ...uint64) {
	s.Helper()
	stack := make([]uint64, max(len(words), 4))
	copy(stack, words)
	s.isTrap(kind, name, s.function(inst, name).Call(stack))
}

func (s *suite) isTrap(kind engine.TrapKind, what string, err error) {
	s.Helper()
	var trap *engine.Trap
	if !errors.As(err, &trap) {
		s.Fatalf("%s: error %v (%T), want a trap: %v", what, err, err, kind)
	}
	if trap.Kind != kind {
		s.Fatalf("%s: %v, want the kind %v", what, trap, kind)
	}
	if trap.Detail == "" {
		s.Errorf("%s: the trap has no detail", what)
	}
}

// types shortens signatures.
func types(ts ...wasm.ValType) []wasm.ValType { return ts }

// define adds a function to m and exports it if it has a name.
func define(m *wasm.Module, name string, params, results []wasm.ValType, body func(c *wasm.Code)) uint32 {
	fn := m.Func(m.FuncType(params, results))
	var c wasm.Code
	c.Reset(len(params))
	body(&c)
	c.End()
	m.Body(fn, &c)
	if name != "" {
		m.ExportFunc(name, fn)
	}
	return fn
}

// constant is a module that exports f, which returns v.
func constant(v int32) *wasm.Module {
	var m wasm.Module
	define(&m, "f", nil, types(wasm.I32), func(c *wasm.Code) { c.I32Const(v) })
	return &m
}

// importMemory imports mem.memory.
func importMemory(m *wasm.Module) { m.ImportMemory("mem", "memory", wasm.Limits{}) }

// peekPoke imports mem.memory and exports peek(addr) and poke(addr, value),
// both of 32 bits, as well as size and grow, in pages.
func peekPoke() *wasm.Module {
	var m wasm.Module
	importMemory(&m)
	define(&m, "peek", types(wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.Mem(wasm.OpI32Load, 0, 0)
	})
	define(&m, "poke", types(wasm.I32, wasm.I32), nil, func(c *wasm.Code) {
		c.LocalGet(0)
		c.LocalGet(1)
		c.Mem(wasm.OpI32Store, 0, 0)
	})
	define(&m, "size", nil, types(wasm.I32), func(c *wasm.Code) { c.Idx(wasm.OpMemorySize, 0) })
	define(&m, "grow", types(wasm.I32), types(wasm.I32), func(c *wasm.Code) {
		c.LocalGet(0)
		c.Idx(wasm.OpMemoryGrow, 0)
	})
	return &m
}

func importsOf(mem engine.Memory) engine.Imports { return engine.Imports{"mem": mem.Instance()} }

func testName(s *suite) {
	if s.e.Name() == "" {
		s.Error("the engine has no name")
	}
}
