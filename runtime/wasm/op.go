package wasm

import (
	"fmt"
	"sync"
)

// Op is one WebAssembly instruction. One-byte opcodes stand for themselves;
// a prefixed one is its prefix's low nibble in the top four bits and the
// number behind the prefix below: 0xfd 0x10a is 0xd10a.
type Op uint16

// The pages of Op, by the top four bits.
const (
	pageShift = 12
	pageMask  = 1<<pageShift - 1
	pageFC    = 0xc
	pageFD    = 0xd
	pageFE    = 0xe
)

// ValType is a value type by its encoding in the binary format.
type ValType byte

// The value types of core 2.0.
const (
	I32       ValType = 0x7f
	I64       ValType = 0x7e
	F32       ValType = 0x7d
	F64       ValType = 0x7c
	V128      ValType = 0x7b
	FuncRef   ValType = 0x70
	ExternRef ValType = 0x6f
)

func (t ValType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	}
	return fmt.Sprintf("valtype(%#x)", byte(t))
}

func (t ValType) valid() bool { return t >= V128 && t <= I32 || t.isRef() }
func (t ValType) isRef() bool { return t == FuncRef || t == ExternRef }

// imm says which immediates follow an opcode.
type imm uint8

const (
	immNone       imm = iota
	immBlock          // block type
	immLabel          // label depth
	immBrTable        // vector of label depths, default depth
	immFunc           // function index
	immTypeTable      // type index, table index
	immTypes          // vector of value types
	immLocal          // local index
	immGlobal         // global index
	immTable          // table index
	immTableTable     // destination table, source table
	immElem           // element segment
	immElemTable      // element segment, table
	immData           // data segment
	immDataMem        // data segment, memory
	immMemory         // memory index (0)
	immMemMem         // destination memory, source memory
	immFence          // a zero byte
	immRefType        // reference type
	immI32            // signed LEB128
	immI64            // signed LEB128
	immF32            // 4 bytes
	immF64            // 8 bytes
	immV128           // 16 bytes
	immShuffle        // 16 lane numbers below 32
	immLane2          // lane number below 2
	immLane4
	immLane8
	immLane16
	immMem8 // alignment (log2), offset; the access is 8 bits wide
	immMem16
	immMem32
	immMem64
	immMem128
	immMemLane8 // as immMem8, then a lane number
	immMemLane16
	immMemLane32
	immMemLane64
)

// row is one instruction of the table. types is "params:results" in the
// letters of sigLetters; it is empty where the types depend on the immediate
// or on the stack.
type row struct {
	op    Op
	name  string
	imm   imm
	types string
}

var sigLetters = map[byte]ValType{'i': I32, 'I': I64, 'f': F32, 'F': F64, 'v': V128}

// info is a row made ready for look-up. The zero info (no name) marks a hole.
type info struct {
	name            string
	imm             imm
	fixed           bool // params and results are valid
	params, results []ValType
}

// pages holds the table by page (Op>>pageShift) and number. It is made when it is first needed: most runs
// of a program that finds its code in a cache never do.
var pages = sync.OnceValue(func() *[16][]info {
	p := new([16][]info)
	type sig struct{ params, results []ValType }
	sigs := map[string]sig{} // the 40 or so distinct signatures share their slices
	for _, rows := range [...][]row{scalarRows[:], simdRows[:], relaxedRows[:], atomicRows[:]} {
		for _, r := range rows {
			in := info{name: r.name, imm: r.imm, fixed: r.types != ""}
			if in.fixed {
				s, ok := sigs[r.types]
				if !ok {
					dst := &s.params
					for i := range len(r.types) {
						if r.types[i] == ':' {
							dst = &s.results
							continue
						}
						*dst = append(*dst, sigLetters[r.types[i]])
					}
					sigs[r.types] = s
				}
				in.params, in.results = s.params, s.results
			}
			page, n := r.op>>pageShift, int(r.op&pageMask)
			for len(p[page]) <= n {
				p[page] = append(p[page], info{})
			}
			p[page][n] = in
		}
	}
	return p
})

var noInfo info

// info returns op's row; its name is empty if op does not exist.
func (op Op) info() *info {
	if p, n := pages()[op>>pageShift], int(op&pageMask); n < len(p) {
		return &p[n]
	}
	return &noInfo
}

// String returns the mnemonic of the text format: "i32x4.add".
func (op Op) String() string {
	if in := op.info(); in.name != "" {
		return in.name
	}
	return fmt.Sprintf("op(%#x)", uint16(op))
}

// Valid reports whether op is in the table.
func (op Op) Valid() bool { return op.info().name != "" }

// Sig returns the operand types, bottom of the stack first, and the result
// types. ok is false where they depend on the immediate or the stack
// (control, calls, variables, drop, select, references). The slices are
// shared: do not change them.
func (op Op) Sig() (params, results []ValType, ok bool) {
	in := op.info()
	return in.params, in.results, in.fixed
}

// Access returns the width in bytes of a load, store or atomic access, and 0
// for other instructions. The natural alignment is its logarithm, which for
// atomics is the only legal one.
func (op Op) Access() int {
	switch in := op.info(); {
	case in.imm >= immMem8 && in.imm <= immMem128:
		return 1 << (in.imm - immMem8)
	case in.imm >= immMemLane8 && in.imm <= immMemLane64:
		return 1 << (in.imm - immMemLane8)
	}
	return 0
}

// lanes returns the number of lanes a lane immediate selects from, or 0.
func (i imm) lanes() int {
	switch {
	case i >= immLane2 && i <= immLane16:
		return 2 << (i - immLane2)
	case i >= immMemLane8 && i <= immMemLane64:
		return 16 >> (i - immMemLane8)
	}
	return 0
}

// allOps calls f for every instruction of the table, in the order of Op.
func allOps(f func(Op, *info)) {
	for page, infos := range pages() {
		for n := range infos {
			if in := &infos[n]; in.name != "" {
				f(Op(page<<pageShift|n), in)
			}
		}
	}
}

var byName = sync.OnceValue(func() map[string]Op {
	m := make(map[string]Op, 600)
	allOps(func(op Op, in *info) {
		if _, dup := m[in.name]; !dup { // "select" is OpSelect, not OpSelectT
			m[in.name] = op
		}
	})
	return m
})

// OpByName returns the instruction with this mnemonic. "select" gives the
// form without types.
func OpByName(name string) (Op, bool) {
	op, ok := byName()[name]
	return op, ok
}
