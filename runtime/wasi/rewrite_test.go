package wasi

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"boxer/e2e/guests"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/kernel"
	"boxer/runtime/wasm"
)

// section is an encoded section.
func section(id byte, body ...byte) []byte { return append([]byte{id, byte(len(body))}, body...) }

// module is a module of sections.
func module(sections ...[]byte) []byte {
	return append([]byte("\x00asm\x01\x00\x00\x00"), bytes.Join(sections, nil)...)
}

// library is a module that exports an endless loop.
func library(memory ...byte) []byte {
	code := []byte{1, 7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b}
	sections := [][]byte{section(1, 1, 0x60, 0, 0), section(3, 1, 0)}
	if memory != nil {
		sections = append(sections, section(5, memory...))
	}
	return module(append(sections, section(7, []byte("\x01\x06_start\x00\x00")...), section(10, code...))...)
}

// body is a module whose _start has these instructions.
func body(instrs ...byte) []byte {
	n := byte(len(instrs) + 2)
	return module(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(4, 1, 0x70, 0, 1), section(5, 1, 0, 1),
		section(6, 1, 0x7f, 1, 0x41, 0, 0x0b), section(7, []byte("\x01\x06_start\x00\x00")...),
		section(10, append([]byte{1, n, 0}, append(instrs, 0x0b)...)...))
}

// TestRefused: what does not run is refused by name, and what only looks like
// the rewriter's own never gets at it.
func TestRefused(t *testing.T) {
	imp := func(mod, name string, kind ...byte) []byte {
		b := append([]byte{1, byte(len(mod))}, mod...)
		b = append(append(b, byte(len(name))), name...)
		return module(section(1, 1, 0x60, 0, 0), section(2, append(b, kind...)...))
	}
	for want, bin := range map[string][]byte{
		"not a WebAssembly module":                             []byte("\x7fELF...."),
		"not a WebAssembly module ":                            []byte("\x00asm"),
		"a WebAssembly component (WASI preview 2":              []byte("\x00asm\x0d\x00\x01\x00"),
		"WebAssembly version 7":                                []byte("\x00asm\x07\x00\x00\x00"),
		"exports no _start":                                    module(),
		"unknown section 14":                                   module([]byte{14, 0}),
		"out of order":                                         module(section(3, 0), section(1, 0)),
		"section 5 at offset 0xd is out of order":              module(section(5, 0), section(5, 0)),
		"8 bytes wanted, 0 left":                               module([]byte{1, 8}),
		"1 bytes too many":                                     module(section(1, 0, 0)),
		"exception handling":                                   module(section(13, 0)),
		"exception handling, which":                            body(0x06, 0x40, 0x0b),
		"garbage-collected types":                              module(section(1, 1, 0x5f, 0)),
		"garbage-collected types, which":                       body(0xfb, 0x00),
		"typed function references":                            body(0xd4),
		"typed function references, which":                     module(section(4, 1, 0x40, 0, 0x70, 0, 0)),
		"relaxed SIMD":                                         body(0xfd, 0x80, 0x02),
		"more than one memory":                                 module(section(5, 2, 0, 1, 0, 1)),
		"more than one memory, which":                          body(0x3f, 1, 0x1a),
		"shared memory and threads":                            library(1, 3, 1, 1),
		"a 64-bit memory":                                      library(1, 4, 1),
		"a memory of 65535 pages: the most are 65534":          library(1, 0, 0xff, 0xff, 0x03),
		"a memory of 2 to 1 pages":                             library(1, 1, 2, 1),
		"extended constant expressions":                        module(section(6, 1, 0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b)),
		"a constant expression with global.get":                module(section(6, 1, 0x7f, 0, 0x23, 0, 0x0b)),
		"tables of over 4194304 entries":                       module(section(4, 1, 0x70, 0, 0x81, 0x80, 0x80, 0x02)),
		"64-bit or shared tables":                              module(section(4, 1, 0x70, 4, 1)),
		"over 50000 locals":                                    module(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, 7, 1, 0xff, 0xff, 0xff, 0x7f, 0x7f, 0x0b)),
		`import "env" "f": a box gives a module the functions`: imp("env", "f", 0, 0),
		"WASI preview 0; boxer runs preview 1":                 imp("wasi_unstable", "fd_close", 0, 0),
		"WASI preview 1 has no such function":                  imp(preview1, "fd_open", 0, 0),
		"WASI preview 1 has no such function ":                 imp(preview1, "fd_close", 2, 0, 1),
		`"fd_close" has the wrong type`:                        imp(preview1, "fd_close", 0, 0),
		`"fd_close" has the wrong type `:                       imp(preview1, "fd_close", 0, 9),
		"1 functions and 0 bodies":                             module(section(1, 1, 0x60, 0, 0), section(3, 1, 0)),
		"0 functions and 1 bodies":                             module(section(10, 1, 2, 0, 0x0b)),
		"_start has parameters or results":                     module(section(1, 1, 0x60, 1, 0x7f, 0), section(3, 1, 0), section(7, []byte("\x01\x06_start\x00\x00")...), section(10, 1, 2, 0, 0x0b)),
		`two exports named "a"`:                                module(section(5, 1, 0, 1), section(7, 2, 1, 'a', 2, 0, 1, 'a', 2, 0)),
		`export "a" of something that is not there`:            module(section(7, 1, 1, 'a', 2, 0)),
		"function 1 of 1":                                      body(0x10, 1),
		"function 2 of 1":                                      body(0xd2, 2, 0x1a),
		"local 0 of 0":                                         body(0x20, 0, 0x1a),
		"global 1 of 1":                                        body(0x23, 1, 0x1a),
		"global 2 of 1":                                        body(0x41, 0, 0x24, 2),
		"type 1 of 1":                                          body(0x41, 0, 0x11, 1, 0),
		"type 2 of 1":                                          body(0x02, 2, 0x0b),
		"table 1 of 1":                                         body(0xd0, 0x70, 0x41, 0, 0xfc, 0x0f, 1, 0x1a),
		"code behind the end of a function":                    body(0x0b),
		"memory.size without a memory":                         module(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, 5, 0, 0x3f, 0, 0x1a, 0x0b)),
	} {
		_, err := rewrite(bin)
		if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := rewrite(body(0x3f, 0, 0x1a)); err != nil {
		t.Errorf("and the shape itself: %v", err)
	}
}

// TestTables: functions of the module and calls of preview 1 keep their
// identity through tables, references and every form of element segment.
func TestTables(t *testing.T) {
	var m wasm.Module
	yield, exit := callByName["sched_yield"], callByName["proc_exit"]
	y := m.ImportFunc(preview1, "sched_yield", m.FuncType(yield.params, yield.results))
	e := m.ImportFunc(preview1, "proc_exit", m.FuncType(exit.params, nil))
	gives := m.FuncType(nil, []wasm.ValType{wasm.I32})
	constant := func(v int32) uint32 {
		var c wasm.Code
		c.Reset(0)
		c.I32Const(v)
		c.End()
		f := m.Func(gives)
		m.Body(f, &c)
		return f
	}
	f1, f2, f3 := constant(1), constant(20), constant(40)
	m.Table(wasm.FuncRef, wasm.Limits{Min: 10})
	g := m.Global(wasm.FuncRef, false, wasm.ConstFunc(f3))
	m.ElemActive(0, wasm.ConstI32(1), []uint32{f1, y})
	passive := m.ElemPassive([]uint32{y, f2})
	m.ElemDeclared([]uint32{f1})
	var c wasm.Code
	c.Reset(0)
	// table[4:6] = the passive segment, table[6] = global, table[7] = ref.func f1,
	// and one more by growing.
	c.I32Const(4)
	c.I32Const(0)
	c.I32Const(2)
	c.Idx2(wasm.OpTableInit, passive, 0)
	c.I32Const(6)
	c.GlobalGet(g)
	c.Idx(wasm.OpTableSet, 0)
	c.I32Const(7)
	c.Idx(wasm.OpRefFunc, f1)
	c.Idx(wasm.OpTableSet, 0)
	c.Idx(wasm.OpRefFunc, f1)
	c.I32Const(1)
	c.Idx(wasm.OpTableGrow, 0)
	for i, at := range []int32{1, 2, 4, 5, 6, 7, 10} { // 1 + 0 + 0 + 20 + 40 + 1 + 1, and 10 of table.grow
		c.I32Const(at)
		c.CallIndirect(gives, 0)
		c.Op(wasm.OpI32Add)
		_ = i
	}
	// Growing without bound fails at the limit.
	c.RefNull(wasm.FuncRef)
	c.I32Const(maxEntries)
	c.Idx(wasm.OpTableGrow, 0)
	c.Op(wasm.OpI32Sub) // − (−1)
	c.Call(e)
	c.End()
	f := m.Func(m.FuncType(nil, nil))
	m.Body(f, &c)
	m.ExportFunc("_start", f)
	if st, _ := newBox(t, m.Bytes()).run(kernel.Exec{}); st.Code != 10+1+20+40+1+1+1 {
		t.Errorf("%+v", st)
	}
}

// judge is an engine that validates as the real one does and compiles nothing.
func judge(ctx context.Context) wz.Runtime {
	return wz.NewRuntimeWithConfig(ctx, wz.NewRuntimeConfigInterpreter().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesThreads|experimental.CoreFeaturesTailCall))
}

// FuzzRewrite: whatever comes in, rewriting ends; what is invalid stays
// invalid, and what is valid and not refused stays valid.
func FuzzRewrite(f *testing.F) {
	for _, code := range endless {
		f.Add(start(code, "fd_write", "proc_exit"))
	}
	f.Add(library(1, 1, 1, 2))
	s := newScript("path_open", "fd_read")
	s.call(success, "path_open", 3, 0, 0, 0, 0, 0, 0, 0, 0)
	f.Add(s.bytes())
	f.Add(body(0x41, 0, 0x04, 0x40, 0x03, 0x40, 0x0c, 0, 0x0b, 0x05, 0x0b))
	fuzzRewrite(f, func(b []byte) []byte { return b })
}

// FuzzRewriteBody is FuzzRewrite for the instructions of a function in a
// module that is valid around it.
func FuzzRewriteBody(f *testing.F) {
	f.Add([]byte{0x03, 0x40, 0x0c, 0, 0x0b})
	f.Add([]byte{0x41, 0, 0x04, 0x40, 0x10, 0, 0x05, 0x0f, 0x0b})
	f.Add([]byte{0x41, 1, 0x40, 0, 0x24, 0, 0x3f, 0, 0x23, 0, 0x36, 2, 0})
	f.Add([]byte{0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0, 0xd0, 0x70, 0x41, 1, 0xfc, 0x0f, 0, 0x1a})
	f.Add([]byte{0x41, 0, 0x11, 0, 0, 0x41, 0, 0x0e, 0, 0})
	fuzzRewrite(f, func(b []byte) []byte { return body(b[:min(len(b), 120)]...) })
}

func fuzzRewrite(f *testing.F, module func([]byte) []byte) {
	ctx := context.Background()
	r := judge(ctx)
	defer r.Close(ctx)
	f.Fuzz(func(t *testing.T, bin []byte) {
		if len(bin) > 1<<16 {
			return
		}
		bin = module(bin)
		prog, err := rewrite(bin)
		if err != nil {
			return
		}
		if len(prog.bin) > 64*len(bin)+4096 {
			t.Errorf("%d bytes of %d", len(prog.bin), len(bin))
		}
		before, errBefore := r.CompileModule(ctx, bin)
		after, errAfter := r.CompileModule(ctx, prog.bin)
		if (errBefore == nil) != (errAfter == nil) {
			t.Errorf("before: %v; rewritten: %v", errBefore, errAfter)
		}
		for _, m := range []wz.CompiledModule{before, after} {
			if m != nil {
				m.Close(ctx)
			}
		}
	})
}

// TestRewriteGo rewrites what Go's linker makes, and the result is the same each time.
func TestRewriteGo(t *testing.T) {
	bin, err := os.ReadFile(guests.WASI(t, "files"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := rewrite(bin)
	if err != nil {
		t.Fatal(err)
	}
	b, err := rewrite(bin)
	if err != nil || !bytes.Equal(a.bin, b.bin) {
		t.Errorf("rewriting twice gives two results, %v", err)
	}
	if grown := len(a.bin) - len(bin); grown > len(bin)/2 {
		t.Errorf("%d bytes became %d", len(bin), len(a.bin))
	}
	t.Logf("%d bytes became %d", len(bin), len(a.bin))
}

func BenchmarkRewrite(b *testing.B) {
	bin, err := os.ReadFile(guests.WASI(b, "files"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(bin)))
	for b.Loop() {
		if _, err := rewrite(bin); err != nil {
			b.Fatal(err)
		}
	}
}

// kernels are loops that fuel could slow down, as modules that need no host.
var kernels = map[string]func(m *wasm.Module, c *wasm.Code){
	// The worst there is: three instructions of work in an iteration.
	"countdown": func(_ *wasm.Module, c *wasm.Code) {
		i := c.AddLocal(wasm.I32)
		c.I32Const(100_000_000)
		c.LocalSet(i)
		c.Loop(wasm.BlockEmpty)
		c.LocalGet(i)
		c.I32Const(1)
		c.Op(wasm.OpI32Sub)
		c.LocalTee(i)
		c.BrIf(0)
		c.End()
	},
	"checksum": func(_ *wasm.Module, c *wasm.Code) {
		i, x := c.AddLocal(wasm.I32), c.AddLocal(wasm.I32)
		c.Loop(wasm.BlockEmpty)
		c.LocalGet(x)
		c.I32Const(31)
		c.Op(wasm.OpI32Mul)
		c.LocalGet(i)
		c.I32Const(0xfffc)
		c.Op(wasm.OpI32And)
		c.Mem(wasm.OpI32Load, 2, 0)
		c.Op(wasm.OpI32Xor)
		c.LocalSet(x)
		c.LocalGet(i)
		c.I32Const(4)
		c.Op(wasm.OpI32Add)
		c.LocalTee(i)
		c.I32Const(200_000_000)
		c.Op(wasm.OpI32LtU)
		c.BrIf(0)
		c.End()
		c.I32Const(0)
		c.LocalGet(x)
		c.Mem(wasm.OpI32Store, 2, 0)
	},
	"fibonacci": func(m *wasm.Module, c *wasm.Code) {
		i32 := []wasm.ValType{wasm.I32}
		f := m.Func(m.FuncType(i32, i32))
		var b wasm.Code
		b.Reset(1)
		b.LocalGet(0)
		b.I32Const(2)
		b.Op(wasm.OpI32LtU)
		b.If(wasm.BlockEmpty)
		b.LocalGet(0)
		b.Op(wasm.OpReturn)
		b.End()
		for n := range int32(2) {
			b.LocalGet(0)
			b.I32Const(n + 1)
			b.Op(wasm.OpI32Sub)
			b.Call(f)
		}
		b.Op(wasm.OpI32Add)
		b.End()
		m.Body(f, &b)
		c.I32Const(32)
		c.Call(f)
		c.Op(wasm.OpDrop)
	},
}

// BenchmarkFuel compares kernels as they are with what they become.
func BenchmarkFuel(b *testing.B) {
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer eng.Close()
	for name, code := range kernels {
		bin := start(code)
		b.Run(name+"/plain", func(b *testing.B) {
			mod, err := eng.Compile(bin)
			if err != nil {
				b.Fatal(err)
			}
			inst, err := eng.Instantiate(mod, nil)
			if err != nil {
				b.Fatal(err)
			}
			f, err := inst.Func("_start")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := f.Call(make([]uint64, 1)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/fuel", func(b *testing.B) {
			for b.Loop() {
				runCPU(b, eng, bin)
			}
		})
	}
}
