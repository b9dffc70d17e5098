package wasi

import (
	"encoding/binary"
	"fmt"
	"slices"

	"boxer/runtime/wasm"
)

// Kinds of imports and exports.
const (
	kindFunc = iota
	kindTable
	kindMemory
	kindGlobal
)

// What a module may be. The numbers are those of browsers' engines (WebAssembly
// JavaScript Interface, "Implementation-defined Limits") where there is one.
const (
	maxTypes    = 1_000_000
	maxFuncs    = 1_000_000
	maxParams   = 1_000
	maxLocals   = 50_000
	maxBody     = 7_654_321
	maxTables   = 100
	maxEntries  = 4 << 20     // of all tables together, growth included
	maxMemPages = 65535 - 1   // the last page that mm can address
	hostModule  = "host"      // what a rewritten module imports its functions from
	memModule   = "mem"       // and its memory
	runExport   = "run"       // calls the start function and _start
	pauseImport = "fuel used" // no call of preview 1 has a space in its name
	growImport  = "memory grow"
	fiberModule = "fiber" // what it imports waitImport from
	waitImport  = "wait"
	preview1    = "wasi_snapshot_preview1"
)

// A program is a module made ready to run.
type program struct {
	bin   []byte  // the rewritten module
	calls []*call // what it imports, without repetition

	hasMemory bool
	min, max  uint32 // pages
}

// rewriter makes a program of a module.
type rewriter struct {
	prog program

	types     []sig    // the module's
	added     []byte   // encoded types behind them
	addedIdx  []string // their encodings
	imports   []*call  // by function index
	funcs     []uint32 // types of the functions defined here
	globals   uint32
	tables    []table
	start     uint32 // function index + 1
	main      uint32 // _start, likewise
	exports   []uint32
	code      []byte
	nbodies   int
	helpers   []helper
	helperIdx map[string]uint32
	body      wasm.Code
	prefix    wasm.Code

	sections [wasm.SecDataCount + 1][]byte // contents to be written
}

// sig is a function type. Only its parameters' number matters to the rewriter,
// and its encoding to compare it.
type sig struct {
	params int
	text   string
}

type table struct {
	elem     wasm.ValType
	min, max uint32
	hasMax   bool
}

// helper is a function added behind the module's own.
type helper struct {
	typ  uint32
	body []byte // locals and instructions
}

// The helpers that every program has, in order.
const (
	helperPause = iota
	helperCharge
	helperGrow
	helperRun
	numHelpers
)

// rewrite parses a module, refuses by name what does not run here, and puts
// in what a program needs: fuel, a memory from outside, wrappers of the calls.
//
// Function indices move up by a constant. A rewritten module has the imports,
// three imports of boxer's, a wrapper for each import, the module's functions,
// and the helpers; so import i becomes its wrapper, and a defined function stays
// behind the others. Nothing that was invalid becomes valid: indices are
// judged against the module as it was, and all else is left to the engine.
func rewrite(bin []byte) (*program, error) {
	if err := checkHeader(bin); err != nil {
		return nil, err
	}
	w := &rewriter{helperIdx: map[string]uint32{}}
	d := wasm.NewDecoder(bin[8:], 8)
	rank := 0
	for d.Len() > 0 {
		id := d.Byte()
		s := d.Sub(d.U32())
		if err := d.Err(); err != nil {
			return nil, err
		}
		if id == wasm.SecTag {
			return nil, unsupported("exception handling")
		}
		if id > wasm.SecTag {
			return nil, fmt.Errorf("unknown section %d at offset %#x", id, s.Offset())
		}
		if id != wasm.SecCustom {
			r := sectionRank(id)
			if r <= rank {
				return nil, fmt.Errorf("section %d at offset %#x is out of order", id, s.Offset())
			}
			rank = r
		}
		if err := w.section(id, s); err != nil {
			return nil, err
		}
		if err := s.Err(); err != nil {
			return nil, err
		}
		if s.Len() > 0 {
			return nil, fmt.Errorf("section %d has %d bytes too many", id, s.Len())
		}
	}
	return w.finish()
}

// unsupported names a feature.
func unsupported(what string) error {
	return fmt.Errorf("the module uses %s, which boxer does not run", what)
}

func checkHeader(bin []byte) error {
	if len(bin) < 8 || string(bin[:4]) != "\x00asm" {
		return fmt.Errorf("not a WebAssembly module")
	}
	switch v := binary.LittleEndian.Uint32(bin[4:]); {
	case v == 1:
		return nil
	case v>>16 == 1:
		return fmt.Errorf("a WebAssembly component (WASI preview 2 or later): boxer runs core modules of WASI preview 1")
	default:
		return fmt.Errorf("WebAssembly version %d: boxer runs version 1", v)
	}
}

// sectionRank is the place of a section among those that are not custom.
func sectionRank(id byte) int {
	if id == wasm.SecDataCount {
		return 2*wasm.SecElem + 1
	}
	return 2 * int(id)
}

func (w *rewriter) section(id byte, d *wasm.Decoder) error {
	switch id {
	case wasm.SecCustom:
		d.Name()
		d.Bytes(uint32(d.Len()))
	case wasm.SecType:
		return w.typeSection(d)
	case wasm.SecImport:
		return w.importSection(d)
	case wasm.SecFunc:
		return w.funcSection(d)
	case wasm.SecTable:
		return w.tableSection(d)
	case wasm.SecMemory:
		return w.memorySection(d)
	case wasm.SecGlobal:
		return w.globalSection(d)
	case wasm.SecExport:
		return w.exportSection(d)
	case wasm.SecStart:
		w.start = w.function(d, d.U32()) + 1
	case wasm.SecElem:
		return w.elemSection(d)
	case wasm.SecCode:
		return w.codeSection(d)
	case wasm.SecData:
		return w.dataSection(d)
	case wasm.SecDataCount:
		w.sections[id] = slices.Clone(d.Rest())
		d.Bytes(uint32(d.Len()))
	}
	return nil
}

func (w *rewriter) typeSection(d *wasm.Decoder) error {
	n := d.Count()
	if n > maxTypes {
		return fmt.Errorf("%d types: the most are %d", n, maxTypes)
	}
	body := d.Rest()
	for range n {
		if form := d.Byte(); form != 0x60 && d.Err() == nil {
			return unsupported("garbage-collected types")
		}
		params, results := d.ValTypes(), d.ValTypes()
		if len(params) > maxParams || len(results) > maxParams {
			return fmt.Errorf("a function type with %d parameters and %d results: the most are %d", len(params), len(results), maxParams)
		}
		if d.Err() != nil {
			return nil
		}
		w.types = append(w.types, sig{len(params), typeText(params, results)})
	}
	w.sections[wasm.SecType] = body[:len(body)-d.Len()]
	return nil
}

func typeText(params, results []wasm.ValType) string {
	return string(appendTypes(appendTypes([]byte{0x60}, params), results))
}

func appendTypes(b []byte, ts []wasm.ValType) []byte {
	b = appendU(b, uint32(len(ts)))
	for _, t := range ts {
		b = append(b, byte(t))
	}
	return b
}

func appendU(b []byte, v uint32) []byte { return binary.AppendUvarint(b, uint64(v)) }

func appendName(b []byte, s string) []byte { return append(appendU(b, uint32(len(s))), s...) }

// addType returns the index of a type that the rewritten code needs.
func (w *rewriter) addType(params, results []wasm.ValType) uint32 {
	text := typeText(params, results)
	i := slices.Index(w.addedIdx, text)
	if i < 0 {
		i = len(w.addedIdx)
		w.addedIdx = append(w.addedIdx, text)
		w.added = append(w.added, text...)
	}
	return uint32(len(w.types) + i)
}

func (w *rewriter) importSection(d *wasm.Decoder) error {
	for range d.Count() {
		mod, name, kind := d.Name(), d.Name(), d.Byte()
		if d.Err() != nil {
			return nil
		}
		c := callByName[name]
		switch {
		case mod == "wasi_unstable":
			return fmt.Errorf("import %q %q: WASI preview 0; boxer runs preview 1 (%s)", mod, name, preview1)
		case mod != preview1:
			return fmt.Errorf("import %q %q: a box gives a module the functions of %s and nothing else", mod, name, preview1)
		case kind != kindFunc || c == nil:
			return fmt.Errorf("import %q %q: WASI preview 1 has no such function", mod, name)
		}
		typ := d.U32()
		if d.Err() != nil {
			return nil
		}
		if typ >= uint32(len(w.types)) || w.types[typ].text != c.typeText() {
			return fmt.Errorf("import %q %q has the wrong type", mod, name)
		}
		w.imports = append(w.imports, c)
		if !slices.Contains(w.prog.calls, c) {
			w.prog.calls = append(w.prog.calls, c)
		}
		if len(w.imports) > maxFuncs {
			return fmt.Errorf("over %d imports", maxFuncs)
		}
	}
	return nil
}

func (w *rewriter) funcSection(d *wasm.Decoder) error {
	n := d.Count()
	if n > maxFuncs {
		return fmt.Errorf("%d functions: the most are %d", n, maxFuncs)
	}
	w.funcs = make([]uint32, 0, n)
	for range n {
		w.funcs = append(w.funcs, w.typeIndex(d, d.U32()))
	}
	return nil
}

// typeIndex checks the index of a type.
func (w *rewriter) typeIndex(d *wasm.Decoder, i uint32) uint32 {
	if i >= uint32(len(w.types)) {
		d.Fail("type %d of %d", i, len(w.types))
		return 0
	}
	return i
}

// function checks the index of a function and returns the new one.
func (w *rewriter) function(d *wasm.Decoder, i uint32) uint32 {
	if i >= uint32(len(w.imports)+len(w.funcs)) {
		d.Fail("function %d of %d", i, len(w.imports)+len(w.funcs))
		return 0
	}
	return i + w.wrapper0()
}

// The new indices of what is added.
func (w *rewriter) hostPause() uint32 { return uint32(len(w.imports)) }
func (w *rewriter) hostGrow() uint32  { return uint32(len(w.imports)) + 1 }
func (w *rewriter) hostWait() uint32  { return uint32(len(w.imports)) + 2 }
func (w *rewriter) wrapper0() uint32  { return uint32(len(w.imports)) + 3 }
func (w *rewriter) helper(i uint32) uint32 {
	return w.wrapper0() + uint32(len(w.imports)+len(w.funcs)) + i
}
func (w *rewriter) fuelGlobal() uint32  { return w.globals }
func (w *rewriter) pagesGlobal() uint32 { return w.globals + 1 }

func (w *rewriter) tableSection(d *wasm.Decoder) error {
	n := d.Count()
	if n > maxTables {
		return fmt.Errorf("%d tables: the most are %d", n, maxTables)
	}
	left := int64(maxEntries)
	for range n {
		if rest := d.Rest(); len(rest) > 0 && rest[0] == 0x40 {
			return unsupported("typed function references")
		}
		t := table{elem: d.RefType()}
		flags := d.Byte()
		if flags > 1 && d.Err() == nil {
			return unsupported("64-bit or shared tables")
		}
		t.min, t.hasMax = d.U32(), flags == 1
		if t.hasMax {
			t.max = d.U32()
		}
		left -= int64(t.min)
		w.tables = append(w.tables, t)
	}
	if left < 0 {
		return fmt.Errorf("tables of over %d entries", maxEntries)
	}
	// What is left to grow into is shared out, so that a growing table does not
	// take the host's memory.
	for i := range w.tables {
		t := &w.tables[i]
		if limit := t.min + uint32(left)/uint32(n); !t.hasMax || t.max > limit {
			t.hasMax, t.max = true, limit
		}
	}
	return nil
}

func (w *rewriter) memorySection(d *wasm.Decoder) error {
	n := d.Count()
	if n > 1 {
		return unsupported("more than one memory")
	}
	for range n {
		flags := d.Byte()
		switch {
		case d.Err() != nil:
			return nil
		case flags&4 != 0:
			return unsupported("a 64-bit memory")
		case flags&2 != 0:
			return unsupported("shared memory and threads")
		case flags > 1:
			return fmt.Errorf("unknown memory limits %#x", flags)
		}
		p := &w.prog
		p.hasMemory, p.min, p.max = true, d.U32(), maxMemPages
		if flags == 1 {
			limit := d.U32()
			if limit < p.min || limit > 65536 {
				d.Fail("a memory of %d to %d pages", p.min, limit)
				return nil
			}
			p.max = min(p.max, limit)
		}
		if p.min > p.max {
			return fmt.Errorf("a memory of %d pages: the most are %d", p.min, maxMemPages)
		}
	}
	return nil
}

func (w *rewriter) globalSection(d *wasm.Decoder) error {
	n := d.Count()
	var out []byte
	for range n {
		t, mut := d.ValType(), d.Byte()
		out = append(out, byte(t), mut)
		var err error
		if out, err = w.constExpr(out, d); err != nil {
			return err
		}
		w.globals++
	}
	w.sections[wasm.SecGlobal] = out
	return nil
}

// constExpr copies a constant expression up to its end.
func (w *rewriter) constExpr(out []byte, d *wasm.Decoder) ([]byte, error) {
	for d.Err() == nil {
		in := d.Insn()
		switch in.Op {
		case wasm.OpI32Const, wasm.OpI64Const, wasm.OpF32Const, wasm.OpF64Const, wasm.OpV128Const, wasm.OpRefNull:
			out = append(out, in.Raw...)
		case wasm.OpRefFunc:
			out = appendU(append(out, byte(wasm.OpRefFunc)), w.function(d, in.X))
		case wasm.OpEnd:
			return append(out, in.Raw...), nil
		case wasm.OpGlobalGet:
			// Only imported globals could be meant, and there are none.
			return nil, fmt.Errorf("a constant expression with %v at offset %#x", in.Op, d.Offset())
		default:
			if d.Err() != nil {
				return out, nil
			}
			return nil, unsupported("extended constant expressions")
		}
	}
	return out, nil
}

func (w *rewriter) exportSection(d *wasm.Decoder) error {
	seen := map[string]bool{}
	for range d.Count() {
		name, kind, i := d.Name(), d.Byte(), d.U32()
		if d.Err() != nil {
			return nil
		}
		if seen[name] {
			return fmt.Errorf("two exports named %q", name)
		}
		seen[name] = true
		count := [...]int{len(w.imports) + len(w.funcs), len(w.tables), 0, int(w.globals)}
		if w.prog.hasMemory {
			count[kindMemory] = 1
		}
		if int(kind) >= len(count) || int64(i) >= int64(count[kind]) {
			return fmt.Errorf("export %q of something that is not there", name)
		}
		if kind != kindFunc {
			continue
		}
		// Kept under another name: ref.func may rely on the export.
		w.exports = append(w.exports, w.function(d, i))
		if name == "_start" {
			if d.Err() == nil && !w.takesNothing(i) {
				return fmt.Errorf("_start has parameters or results")
			}
			w.main = w.function(d, i) + 1
		}
	}
	return nil
}

// takesNothing reports whether function i has the type of a start function.
func (w *rewriter) takesNothing(i uint32) bool {
	if i < uint32(len(w.imports)) {
		return w.imports[i].typeText() == "\x60\x00\x00"
	}
	return w.types[w.funcs[i-uint32(len(w.imports))]].text == "\x60\x00\x00"
}

func (w *rewriter) elemSection(d *wasm.Decoder) error {
	n := d.Count()
	out := appendU(nil, uint32(n))
	var err error
	for range n {
		flags := d.U32()
		if flags > 7 {
			return fmt.Errorf("unknown element segment %#x at offset %#x", flags, d.Offset())
		}
		out = appendU(out, flags)
		if flags&1 == 0 {
			if flags&2 != 0 {
				out = appendU(out, d.U32())
			}
			if out, err = w.constExpr(out, d); err != nil {
				return err
			}
		}
		exprs := flags&4 != 0
		if flags&3 != 0 { // the kind or type of the elements
			out = append(out, d.Byte())
		}
		k := d.Count()
		out = appendU(out, uint32(k))
		for i := 0; i < k && d.Err() == nil; i++ {
			if !exprs {
				out = appendU(out, w.function(d, d.U32()))
			} else if out, err = w.constExpr(out, d); err != nil {
				return err
			}
		}
		if d.Err() != nil {
			return nil
		}
	}
	w.sections[wasm.SecElem] = out
	return nil
}

func (w *rewriter) dataSection(d *wasm.Decoder) error {
	n := d.Count()
	out := appendU(nil, uint32(n))
	var err error
	for range n {
		flags := d.U32()
		if flags > 2 {
			return fmt.Errorf("unknown data segment %#x at offset %#x", flags, d.Offset())
		}
		out = appendU(out, flags)
		if flags == 2 {
			out = appendU(out, d.U32())
		}
		if flags != 1 {
			if out, err = w.constExpr(out, d); err != nil {
				return err
			}
		}
		k := d.U32()
		out = append(appendU(out, k), d.Bytes(k)...)
		if d.Err() != nil {
			return nil
		}
	}
	w.sections[wasm.SecData] = out
	return nil
}
