package wasm

import (
	"fmt"
	"slices"
)

// Limits are the sizes of a memory (in pages) or a table (in entries).
type Limits struct {
	Min    uint32
	Max    uint32 // valid if HasMax
	HasMax bool
	Shared bool // memories only; needs HasMax
}

func (l Limits) append(b []byte) []byte {
	var flags byte
	if l.HasMax {
		flags |= 1
	}
	if l.Shared {
		flags |= 2
	}
	b = appendU(append(b, flags), l.Min)
	if l.HasMax {
		b = appendU(b, l.Max)
	}
	return b
}

// The kinds of imports and exports, in the encoding of the binary format.
const (
	kindFunc = iota
	kindTable
	kindMemory
	kindGlobal
	numKinds
)

// The section numbers of the binary format. The order in the file is theirs,
// but for the data count, which precedes the code.
const (
	SecCustom = iota
	SecType
	SecImport
	SecFunc
	SecTable
	SecMemory
	SecGlobal
	SecExport
	SecStart
	SecElem
	SecCode
	SecData
	SecDataCount
	SecTag // exception handling
)

// header is the magic number and version 1.
const header = "\x00asm\x01\x00\x00\x00"

// vec is a section that is a vector: the entries so far and their number.
type vec struct {
	n uint32
	b []byte
}

func (v *vec) reset() { v.n, v.b = 0, v.b[:0] }

// next counts an entry and returns its index; the caller appends it to v.b.
func (v *vec) next() uint32 {
	v.n++
	return v.n - 1
}

// Module is a module under construction. The zero Module is empty and ready.
// Imports of a kind must come before definitions of that kind, since they
// take the first indices. The output depends on the calls alone.
type Module struct {
	types, imports, tables, memories, globals, exports, elems, data vec

	typeIndex map[string]uint32
	key       []byte           // scratch for FuncType
	imported  [numKinds]uint32 // imports by kind

	funcs  []function // defined functions
	bodies []byte     // their code section entries, in the order of Body's calls
	start  uint32     // function index + 1, or 0

	name  string
	names []funcName
}

type function struct {
	typ      uint32
	from, to int // its body in Module.bodies
}

type funcName struct {
	fn   uint32
	name string
}

// Reset empties m, keeping its buffers.
func (m *Module) Reset() {
	for _, v := range []*vec{&m.types, &m.imports, &m.tables, &m.memories, &m.globals, &m.exports, &m.elems, &m.data} {
		v.reset()
	}
	clear(m.typeIndex)
	m.imported = [numKinds]uint32{}
	m.funcs, m.bodies, m.start = m.funcs[:0], m.bodies[:0], 0
	m.name, m.names = "", m.names[:0]
}

// FuncType returns the index of a function type; equal types share one.
func (m *Module) FuncType(params, results []ValType) uint32 {
	k := append(m.key[:0], 0x60)
	for _, ts := range [2][]ValType{params, results} {
		k = appendU(k, uint32(len(ts)))
		for _, t := range ts {
			k = append(k, byte(t))
		}
	}
	m.key = k
	if i, ok := m.typeIndex[string(k)]; ok {
		return i
	}
	if m.typeIndex == nil {
		m.typeIndex = make(map[string]uint32)
	}
	i := m.types.next()
	m.types.b = append(m.types.b, k...)
	m.typeIndex[string(k)] = i
	return i
}

// imp begins an import and returns its index among those of its kind.
func (m *Module) imp(kind byte, mod, name string, defined uint32) uint32 {
	if defined != 0 {
		panic(fmt.Sprintf("BUG: import %s.%s after a definition of its kind", mod, name))
	}
	m.imports.next()
	m.imports.b = append(appendName(appendName(m.imports.b, mod), name), kind)
	m.imported[kind]++
	return m.imported[kind] - 1
}

// ImportFunc imports a function of a FuncType and returns its function index.
func (m *Module) ImportFunc(mod, name string, typ uint32) uint32 {
	i := m.imp(kindFunc, mod, name, uint32(len(m.funcs)))
	m.imports.b = appendU(m.imports.b, typ)
	return i
}

// ImportTable imports a table of FuncRef or ExternRef and returns its index.
func (m *Module) ImportTable(mod, name string, elem ValType, l Limits) uint32 {
	i := m.imp(kindTable, mod, name, m.tables.n)
	m.imports.b = l.append(append(m.imports.b, byte(elem)))
	return i
}

// ImportMemory imports a memory and returns its index.
func (m *Module) ImportMemory(mod, name string, l Limits) uint32 {
	i := m.imp(kindMemory, mod, name, m.memories.n)
	m.imports.b = l.append(m.imports.b)
	return i
}

// ImportGlobal imports a global and returns its index.
func (m *Module) ImportGlobal(mod, name string, t ValType, mutable bool) uint32 {
	i := m.imp(kindGlobal, mod, name, m.globals.n)
	m.imports.b = append(m.imports.b, byte(t), boolByte(mutable))
	return i
}

// Func declares a function of a FuncType and returns its function index. Its
// body must follow by Body, in any order.
func (m *Module) Func(typ uint32) uint32 {
	m.funcs = append(m.funcs, function{typ: typ})
	return m.imported[kindFunc] + uint32(len(m.funcs)) - 1
}

// Body gives function fn its body. c is copied and may be reset.
func (m *Module) Body(fn uint32, c *Code) {
	i := int(fn) - int(m.imported[kindFunc])
	if i < 0 || i >= len(m.funcs) {
		panic(fmt.Sprintf("BUG: body of function %d, which is not defined here", fn))
	}
	from := len(m.bodies)
	m.bodies = c.appendBody(m.bodies)
	m.funcs[i].from, m.funcs[i].to = from, len(m.bodies)
}

// Table defines a table of FuncRef or ExternRef and returns its index.
func (m *Module) Table(elem ValType, l Limits) uint32 {
	m.tables.b = l.append(append(m.tables.b, byte(elem)))
	return m.imported[kindTable] + m.tables.next()
}

// Memory defines a memory and returns its index.
func (m *Module) Memory(l Limits) uint32 {
	m.memories.b = l.append(m.memories.b)
	return m.imported[kindMemory] + m.memories.next()
}

// Global defines a global and returns its index.
func (m *Module) Global(t ValType, mutable bool, init ConstExpr) uint32 {
	m.globals.b = append(append(m.globals.b, byte(t), boolByte(mutable)), init...)
	return m.imported[kindGlobal] + m.globals.next()
}

func (m *Module) export(name string, kind byte, i uint32) {
	m.exports.next()
	m.exports.b = appendU(append(appendName(m.exports.b, name), kind), i)
}

// ExportFunc exports function fn.
func (m *Module) ExportFunc(name string, fn uint32) { m.export(name, kindFunc, fn) }

// ExportTable exports table i.
func (m *Module) ExportTable(name string, i uint32) { m.export(name, kindTable, i) }

// ExportMemory exports memory i.
func (m *Module) ExportMemory(name string, i uint32) { m.export(name, kindMemory, i) }

// ExportGlobal exports global i.
func (m *Module) ExportGlobal(name string, i uint32) { m.export(name, kindGlobal, i) }

// elemFuncs appends a segment's list of functions and returns its index.
func (m *Module) elemFuncs(fns []uint32) uint32 {
	m.elems.b = appendU(m.elems.b, uint32(len(fns)))
	for _, f := range fns {
		m.elems.b = appendU(m.elems.b, f)
	}
	return m.elems.next()
}

// ElemActive writes fns to the table from offset on, at instantiation. It
// returns the segment's index.
func (m *Module) ElemActive(table uint32, offset ConstExpr, fns []uint32) uint32 {
	if table == 0 {
		m.elems.b = append(append(m.elems.b, 0), offset...)
	} else {
		m.elems.b = append(append(appendU(append(m.elems.b, 2), table), offset...), 0)
	}
	return m.elemFuncs(fns)
}

// ElemPassive makes a segment for table.init and returns its index.
func (m *Module) ElemPassive(fns []uint32) uint32 {
	m.elems.b = append(m.elems.b, 1, 0)
	return m.elemFuncs(fns)
}

// ElemDeclared makes ref.func of fns valid in function bodies.
func (m *Module) ElemDeclared(fns []uint32) uint32 {
	m.elems.b = append(m.elems.b, 3, 0)
	return m.elemFuncs(fns)
}

// DataActive writes p to memory 0 from offset on, at instantiation. It
// returns the segment's index.
func (m *Module) DataActive(offset ConstExpr, p []byte) uint32 {
	m.data.b = append(append(m.data.b, 0), offset...)
	m.data.b = append(appendU(m.data.b, uint32(len(p))), p...)
	return m.data.next()
}

// DataPassive makes a segment for memory.init and returns its index.
func (m *Module) DataPassive(p []byte) uint32 {
	m.data.b = append(appendU(append(m.data.b, 1), uint32(len(p))), p...)
	return m.data.next()
}

// Start makes fn, which takes and returns nothing, run at instantiation.
func (m *Module) Start(fn uint32) { m.start = fn + 1 }

// Name names the module in the name section.
func (m *Module) Name(name string) { m.name = name }

// NameFunc names function fn in the name section; engines show the name in
// stack traces and profiles.
func (m *Module) NameFunc(fn uint32, name string) { m.names = append(m.names, funcName{fn, name}) }

// Bytes returns the binary module. m is unchanged and can be added to.
func (m *Module) Bytes() []byte {
	size := len(m.bodies) + len(m.types.b) + len(m.imports.b) + len(m.elems.b) + len(m.data.b) + len(m.exports.b)
	return m.Append(make([]byte, 0, size+2*len(m.funcs)+256))
}

// Append appends the binary module to b.
func (m *Module) Append(b []byte) []byte {
	b = append(b, header...)
	b = appendVec(b, SecType, &m.types)
	b = appendVec(b, SecImport, &m.imports)
	if len(m.funcs) > 0 {
		size := sizeU(uint32(len(m.funcs)))
		for i := range m.funcs {
			size += sizeU(m.funcs[i].typ)
		}
		b = appendU(appendU(append(b, SecFunc), uint32(size)), uint32(len(m.funcs)))
		for i := range m.funcs {
			b = appendU(b, m.funcs[i].typ)
		}
	}
	b = appendVec(b, SecTable, &m.tables)
	b = appendVec(b, SecMemory, &m.memories)
	b = appendVec(b, SecGlobal, &m.globals)
	b = appendVec(b, SecExport, &m.exports)
	if m.start != 0 {
		b = appendU(appendU(append(b, SecStart), uint32(sizeU(m.start-1))), m.start-1)
	}
	b = appendVec(b, SecElem, &m.elems)
	if m.data.n > 0 {
		b = appendU(appendU(append(b, SecDataCount), uint32(sizeU(m.data.n))), m.data.n)
	}
	b = m.appendCode(b)
	b = appendVec(b, SecData, &m.data)
	return m.appendNames(b)
}

func appendVec(b []byte, id byte, v *vec) []byte {
	if v.n == 0 {
		return b
	}
	b = appendU(append(b, id), uint32(sizeU(v.n)+len(v.b)))
	return append(appendU(b, v.n), v.b...)
}

func (m *Module) appendCode(b []byte) []byte {
	if len(m.funcs) == 0 {
		return b
	}
	size := sizeU(uint32(len(m.funcs)))
	for i, f := range m.funcs {
		if f.to == 0 {
			panic(fmt.Sprintf("BUG: function %d has no body", m.imported[kindFunc]+uint32(i)))
		}
		size += f.to - f.from
	}
	b = appendU(appendU(append(b, SecCode), uint32(size)), uint32(len(m.funcs)))
	for _, f := range m.funcs {
		b = append(b, m.bodies[f.from:f.to]...)
	}
	return b
}

// appendNames appends the custom section "name": subsection 0 is the
// module's name, subsection 1 the functions', by ascending index.
func (m *Module) appendNames(b []byte) []byte {
	if m.name == "" && len(m.names) == 0 {
		return b
	}
	s := appendName(nil, "name")
	if m.name != "" {
		s = appendName(append(s, 0), string(appendName(nil, m.name)))
	}
	if len(m.names) > 0 {
		slices.SortStableFunc(m.names, func(x, y funcName) int { return int(x.fn) - int(y.fn) })
		sub := appendU(nil, uint32(len(m.names)))
		for _, n := range m.names {
			sub = appendName(appendU(sub, n.fn), n.name)
		}
		s = append(appendU(append(s, 1), uint32(len(sub))), sub...)
	}
	return append(appendU(append(b, SecCustom), uint32(len(s))), s...)
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}
