package wasm

import "fmt"

// Disassemble prints a binary module in the text format: one instruction a
// line, indices in comments. It reads all of core 2.0 and the instructions of
// the table; malformed input is an error that says where, and so is a module
// whose text would be more than about 256 times its size. It does not
// validate: types and index ranges are printed as they stand.
func Disassemble(bin []byte) (string, error) {
	r := reader{b: bin}
	if string(r.bytes(uint32(min(len(bin), len(header))))) != header {
		return "", fmt.Errorf("wasm: not a version 1 binary module")
	}
	d := disassembler{printer: printer{limit: textLimit(len(bin))}}
	d.sections(&r)
	if r.err != nil {
		return "", r.err
	}
	for i := range d.secs {
		s := &d.secs[i]
		d.section(s.id, &s.body)
		if s.body.err == nil && len(s.body.b) > 0 {
			s.body.fail("%d bytes behind the end of section %d", len(s.body.b), s.id)
		}
		if s.body.err == nil && len(d.out) > d.limit {
			s.body.fail("text over %d bytes", d.limit)
		}
		if s.body.err != nil {
			return "", s.body.err
		}
	}
	if d.code != len(d.funcs) {
		return "", fmt.Errorf("wasm: %d functions and %d bodies", len(d.funcs), d.code)
	}
	d.str("\n)\n")
	return string(d.out), nil
}

type disassembler struct {
	printer
	secs  []section
	types []funcType
	funcs []uint32          // type indices of the defined functions
	n     [numKinds]uint32  // indices given out so far, by kind
	code  int               // bodies seen
	name  string            // the module's
	names map[uint32]string // the functions'
}

type section struct {
	id   byte
	body reader
}

type funcType struct{ params, results []ValType }

// sections finds the sections and reads the names, which come last in the
// file and are wanted first.
func (d *disassembler) sections(r *reader) {
	var seen uint32
	for r.ok() && len(r.b) > 0 {
		id := r.byte()
		body := r.sub(r.u32())
		switch {
		case !r.ok():
		case id > SecDataCount:
			r.fail("unknown section %d", id)
		case id == SecCustom:
			if body.name() == "name" && body.ok() {
				d.readNames(&body)
			}
			if body.err != nil {
				r.err = body.err
			}
		case seen&(1<<id) != 0:
			r.fail("section %d appears twice", id)
		default:
			seen |= 1 << id
			d.secs = append(d.secs, section{id, body})
		}
	}
	d.str("(module")
	if d.name != "" {
		d.annotate(d.name)
	}
}

// annotate appends a name as the annotation that text tools read.
func (d *disassembler) annotate(name string) {
	d.str(" (@name ")
	d.quote([]byte(name))
	d.str(")")
}

func (d *disassembler) readNames(r *reader) {
	for r.ok() && len(r.b) > 0 {
		id := r.byte()
		s := r.sub(r.u32())
		switch id {
		case 0:
			d.name = s.name()
		case 1:
			d.names = make(map[uint32]string)
			for n := s.count(); n > 0 && s.ok(); n-- {
				i := s.u32()
				d.names[i] = s.name()
			}
		}
		if s.err != nil {
			r.err = s.err
		}
	}
}

func (d *disassembler) section(id byte, r *reader) {
	switch id {
	case SecStart:
		d.line(1)
		d.str("(start")
		d.spUint(r.u32())
		d.str(")")
		return
	case SecDataCount:
		r.u32()
		return
	}
	n := r.count()
	for i := uint32(0); int(i) < n && r.ok() && len(d.out) <= d.limit; i++ {
		switch id {
		case SecType:
			d.typ(r, i)
		case SecImport:
			d.imp(r)
		case SecFunc:
			d.funcs = append(d.funcs, r.u32())
		case SecTable:
			d.line(1)
			d.tableType(r)
			d.str(")")
		case SecMemory:
			d.line(1)
			d.memoryType(r)
			d.str(")")
		case SecGlobal:
			d.line(1)
			d.globalType(r)
			d.str(" ")
			d.expr(r)
			d.str(")")
		case SecExport:
			d.export(r)
		case SecElem:
			d.elem(r, i)
		case SecCode:
			d.body(r, int(i))
		case SecData:
			d.data(r, i)
		}
	}
}

// open starts a line "(what (;i;)".
func (d *disassembler) open(what string, i uint32) {
	d.line(1)
	d.entry(what, i)
}

func (d *disassembler) entry(what string, i uint32) {
	d.str("(")
	d.str(what)
	d.str(" (;")
	d.uint(i)
	d.str(";)")
}

// item starts the entry of one import or definition and counts its index.
func (d *disassembler) item(what string, kind int) {
	d.entry(what, d.n[kind])
	d.n[kind]++
}

func (d *disassembler) typ(r *reader, i uint32) {
	if c := r.byte(); r.ok() && c != 0x60 {
		r.fail("type %d is not a function type", i)
	}
	t := funcType{r.valTypes(), r.valTypes()}
	d.types = append(d.types, t)
	d.open("type", i)
	d.str(" (func")
	d.signature(t)
	d.str("))")
}

func (d *disassembler) signature(t funcType) {
	d.printer.types("param", t.params)
	d.printer.types("result", t.results)
}

var kindNames = [numKinds]string{"func", "table", "memory", "global"}

func (d *disassembler) kind(r *reader) int {
	k := r.byte()
	if k >= numKinds {
		r.fail("unknown kind %d of import or export", k)
		return 0
	}
	return int(k)
}

func (d *disassembler) imp(r *reader) {
	d.line(1)
	d.str("(import ")
	d.quote([]byte(r.name()))
	d.str(" ")
	d.quote([]byte(r.name()))
	d.str(" ")
	switch d.kind(r) {
	case kindFunc:
		d.item("func", kindFunc)
		d.str(" (type")
		d.spUint(r.u32())
		d.str(")")
	case kindTable:
		d.tableType(r)
	case kindMemory:
		d.memoryType(r)
	case kindGlobal:
		d.globalType(r)
	}
	d.str("))")
}

func (d *disassembler) limits(l Limits) {
	d.spUint(l.Min)
	if l.HasMax {
		d.spUint(l.Max)
	}
	if l.Shared {
		d.str(" shared")
	}
}

func (d *disassembler) tableType(r *reader) {
	t := r.refType()
	d.item("table", kindTable)
	d.limits(r.limits())
	d.str(" ")
	d.str(t.String())
}

func (d *disassembler) memoryType(r *reader) {
	d.item("memory", kindMemory)
	d.limits(r.limits())
}

func (d *disassembler) globalType(r *reader) {
	d.item("global", kindGlobal)
	t, mutable := r.valType(), r.byte()
	if mutable > 1 {
		r.fail("unknown mutability %d", mutable)
	}
	if mutable == 1 {
		d.str(" (mut ")
		d.str(t.String())
		d.str(")")
	} else {
		d.str(" ")
		d.str(t.String())
	}
}

func (d *disassembler) export(r *reader) {
	d.line(1)
	d.str("(export ")
	d.quote([]byte(r.name()))
	d.str(" (")
	d.str(kindNames[d.kind(r)])
	d.spUint(r.u32())
	d.str("))")
}

// expr prints a constant expression in one line: "(i32.const 5)".
func (d *disassembler) expr(r *reader) {
	d.str("(")
	for first := true; r.ok(); first = false {
		op := r.op()
		if op == OpEnd {
			break
		}
		if op < OpSelectT { // control: not constant, and its comments need lines
			r.fail("%v in a constant expression", op)
		}
		if !first {
			d.str(" ")
		}
		d.instr(r, op, 0)
		if len(d.out) > d.limit {
			r.fail("text over %d bytes", d.limit)
		}
	}
	d.str(")")
}

// elem prints an element segment. Of its flags, bit 0 says passive or
// declared, bit 1 a table index (or declared), bit 2 expressions instead of
// function indices.
func (d *disassembler) elem(r *reader, i uint32) {
	flags := r.u32()
	if flags > 7 {
		r.fail("unknown element segment flags %#x", flags)
		return
	}
	d.open("elem", i)
	if flags&1 == 0 {
		if flags&2 != 0 {
			d.str(" (table")
			d.spUint(r.u32())
			d.str(")")
		}
		d.str(" ")
		d.expr(r)
	} else if flags&2 != 0 {
		d.str(" declare")
	}
	exprs := flags&4 != 0
	switch {
	case flags&3 == 0:
		if exprs {
			d.str(" funcref")
		} else {
			d.str(" func")
		}
	case exprs:
		d.str(" ")
		d.str(r.refType().String())
	default:
		if k := r.byte(); r.ok() && k != 0 {
			r.fail("unknown element kind %d", k)
		}
		d.str(" func")
	}
	for n := r.count(); n > 0 && r.ok() && len(d.out) <= d.limit; n-- {
		if exprs {
			d.str(" ")
			d.expr(r)
		} else {
			d.spUint(r.u32())
		}
	}
	d.str(")")
}

func (d *disassembler) data(r *reader, i uint32) {
	flags := r.u32()
	d.open("data", i)
	switch flags {
	case 0, 2:
		if flags == 2 {
			d.str(" (memory")
			d.spUint(r.u32())
			d.str(")")
		}
		d.str(" ")
		d.expr(r)
	case 1:
	default:
		r.fail("unknown data segment flags %#x", flags)
	}
	d.str(" ")
	d.quote(r.bytes(r.u32()))
	d.str(")")
}

// body prints function i of the code section.
func (d *disassembler) body(r *reader, i int) {
	b := r.sub(r.u32())
	if i >= len(d.funcs) {
		b.fail("more bodies than functions")
	}
	if b.err != nil {
		r.err = b.err
		return
	}
	fn := d.n[kindFunc]
	d.n[kindFunc]++
	d.code++
	d.open("func", fn)
	if name := d.names[fn]; name != "" {
		d.annotate(name)
	}
	typ := d.funcs[i]
	d.str(" (type ")
	d.uint(typ)
	d.str(")")
	if uint64(typ) < uint64(len(d.types)) {
		d.signature(d.types[typ])
	}
	d.locals(&b, 2)
	d.instrs(&b, 2, false)
	if b.ok() && len(b.b) > 0 {
		b.fail("%d bytes behind the end of function %d", len(b.b), fn)
	}
	d.line(1)
	d.str(")")
	r.err = b.err
}
