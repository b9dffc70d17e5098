package wasi

import (
	"fmt"

	"boxer/runtime/wasm"
)

// A script is a module that makes calls one after another and ends with
// status 0, or with the number of the first step that did not do as expected.
//
// Its memory: text and structures from 1024 on as the test places them,
// results from 0 on.
type script struct {
	m       wasm.Module
	c       wasm.Code
	imports map[string]uint32
	steps   []string // what each step was, from 1 on
	top     uint32   // end of what is placed
	data    []byte
}

const scriptBase = 1024

// newScript declares the imports that the script will use.
func newScript(names ...string) *script {
	s := &script{imports: map[string]uint32{}, top: scriptBase}
	for _, n := range append([]string{"proc_exit"}, names...) {
		c := callByName[n]
		s.imports[n] = s.m.ImportFunc(preview1, n, s.m.FuncType(c.params, c.results))
	}
	s.m.ExportMemory("memory", s.m.Memory(wasm.Limits{Min: 2}))
	s.c.Reset(0)
	return s
}

// place puts bytes into memory and returns their address, a multiple of 8.
func (s *script) place(b []byte) uint64 {
	at := s.top
	s.data = append(s.data, b...)
	for len(s.data)%8 != 0 {
		s.data = append(s.data, 0)
	}
	s.top = scriptBase + uint32(len(s.data))
	return uint64(at)
}

// str places a string and returns address and length.
func (s *script) str(text string) (uint64, uint64) {
	return s.place([]byte(text)), uint64(len(text))
}

// iovec places a vector of one buffer.
func (s *script) iovec(p, n uint64) uint64 {
	return s.place(le.AppendUint32(le.AppendUint32(nil, uint32(p)), uint32(n)))
}

// check ends the script with the step's number unless the i32 on the stack is
// want.
func (s *script) check(what string, want uint32) {
	s.steps = append(s.steps, what)
	s.c.I32Const(int32(want))
	s.c.Op(wasm.OpI32Ne)
	s.c.If(wasm.BlockEmpty)
	s.c.I32Const(int32(len(s.steps)))
	s.c.Call(s.imports["proc_exit"])
	s.c.End()
}

// call makes a call that is to return want.
func (s *script) call(want errno, name string, args ...uint64) {
	for i, t := range callByName[name].params {
		if t == wasm.I64 {
			s.c.I64Const(int64(args[i]))
		} else {
			s.c.I32Const(int32(args[i]))
		}
	}
	s.c.Call(s.imports[name])
	s.check(fmt.Sprintf("%s%v = %d", name, args, want), uint32(want))
}

// is32 checks a word of memory, is64 two.
func (s *script) is32(addr uint64, want uint32) {
	s.c.I32Const(0)
	s.c.Mem(wasm.OpI32Load, 2, uint32(addr))
	s.check(fmt.Sprintf("[%d] = %#x", addr, want), want)
}

func (s *script) is64(addr, want uint64) {
	s.is32(addr, uint32(want))
	s.is32(addr+4, uint32(want>>32))
}

// has checks bytes of memory.
func (s *script) has(addr uint64, want string) {
	for i := range len(want) {
		s.c.I32Const(0)
		s.c.Mem(wasm.OpI32Load8U, 0, uint32(addr)+uint32(i))
		s.check(fmt.Sprintf("[%d] = %q, byte %d", addr, want, i), uint32(want[i]))
	}
}

// bytes is the module.
func (s *script) bytes() []byte {
	s.c.I32Const(0)
	s.c.Call(s.imports["proc_exit"])
	s.c.End()
	typ := s.m.FuncType(nil, nil)
	f := s.m.Func(typ)
	s.m.Body(f, &s.c)
	s.m.ExportFunc("_start", f)
	s.m.DataActive(wasm.ConstI32(scriptBase), s.data)
	return s.m.Bytes()
}

// failed says which step an exit status means.
func (s *script) failed(code int) string {
	if code > 0 && code <= len(s.steps) {
		return fmt.Sprintf("step %d: %s", code, s.steps[code-1])
	}
	return fmt.Sprintf("status %d", code)
}

// start is a module whose _start is f's code, with a memory of one page and
// the functions of preview 1 that are named.
func start(f func(m *wasm.Module, c *wasm.Code), imports ...string) []byte {
	var m wasm.Module
	for _, n := range imports {
		c := callByName[n]
		m.ImportFunc(preview1, n, m.FuncType(c.params, c.results))
	}
	m.ExportMemory("memory", m.Memory(wasm.Limits{Min: 1}))
	var c wasm.Code
	c.Reset(0)
	fn := m.Func(m.FuncType(nil, nil))
	f(&m, &c)
	c.End()
	m.Body(fn, &c)
	m.ExportFunc("_start", fn)
	return m.Bytes()
}
