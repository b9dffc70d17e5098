package wasm

import (
	"math"
	"strconv"
)

// maxIndent bounds the indentation, in levels: machine-made code may nest
// thousands deep.
const maxIndent = 40

// printer builds text. limit bounds its length: a few bytes of a malicious
// module can stand for much text (locals, types used many times).
type printer struct {
	out   []byte
	limit int
}

func (p *printer) str(s string)    { p.out = append(p.out, s...) }
func (p *printer) uint(v uint32)   { p.out = strconv.AppendUint(p.out, uint64(v), 10) }
func (p *printer) int(v int64)     { p.out = strconv.AppendInt(p.out, v, 10) }
func (p *printer) hex(v uint64)    { p.out = strconv.AppendUint(append(p.out, "0x"...), v, 16) }
func (p *printer) spUint(v uint32) { p.str(" "); p.uint(v) }

// line starts a new line at that depth.
func (p *printer) line(depth int) {
	p.out = append(p.out, '\n')
	for range min(depth, maxIndent) {
		p.out = append(p.out, "  "...)
	}
}

// quote appends a string of the text format: printable ASCII stands for
// itself, other bytes are \hh.
func (p *printer) quote(s []byte) {
	const digits = "0123456789abcdef"
	p.out = append(p.out, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			p.out = append(p.out, '\\', c)
		case c >= 0x20 && c < 0x7f:
			p.out = append(p.out, c)
		default:
			p.out = append(p.out, '\\', digits[c>>4], digits[c&15])
		}
	}
	p.out = append(p.out, '"')
}

// types appends " (key t t t)", or nothing for an empty list.
func (p *printer) types(key string, ts []ValType) {
	if len(ts) == 0 {
		return
	}
	p.str(" (")
	p.str(key)
	for _, t := range ts {
		p.str(" ")
		p.str(t.String())
	}
	p.str(")")
}

// float appends a float so that reading it back gives the same bits: the
// shortest decimal, or nan with its payload. size is 32 or 64.
func (p *printer) float(bits uint64, size int) {
	f, mant := math.Float64frombits(bits), uint64(1)<<52-1
	neg := bits>>63 != 0
	if size == 32 {
		f, mant = float64(math.Float32frombits(uint32(bits))), 1<<23-1
		neg = bits>>31 != 0
	}
	switch {
	case math.IsNaN(f):
		if neg {
			p.str("-")
		}
		p.str("nan:")
		p.hex(bits & mant)
	case math.IsInf(f, 0):
		if neg {
			p.str("-")
		}
		p.str("inf")
	default:
		p.out = strconv.AppendFloat(p.out, f, 'g', -1, size)
	}
}

// instrs prints instructions, one a line, to the end of the expression (the
// End that no block opened) or, if open is true, of the bytes.
func (p *printer) instrs(r *reader, depth int, open bool) {
	base := depth
	for r.ok() {
		if len(p.out) > p.limit {
			r.fail("text over %d bytes", p.limit)
			return
		}
		if open && len(r.b) == 0 {
			return
		}
		op := r.op()
		if !r.ok() {
			return
		}
		switch op {
		case OpEnd:
			if depth == base {
				if open {
					p.line(depth)
					p.str("end")
					continue
				}
				return
			}
			depth--
			p.line(depth)
		case OpElse:
			p.line(max(depth-1, base))
		default:
			p.line(depth)
		}
		p.instr(r, op, depth-base)
		if op == OpBlock || op == OpLoop || op == OpIf {
			depth++
		}
	}
}

// instr prints one instruction behind its opcode. depth is the number of
// blocks around it; the outermost is @1 in the comments that say which block
// a label means, @0 the function.
func (p *printer) instr(r *reader, op Op, depth int) {
	in := op.info()
	p.str(in.name)
	switch in.imm {
	case immNone:
	case immBlock:
		p.blockType(r)
		p.str(" ;; @")
		p.uint(uint32(depth + 1))
	case immLabel:
		l := r.u32()
		p.spUint(l)
		p.str(" ;;")
		p.target(l, depth)
	case immBrTable:
		labels := make([]uint32, 0, 16)
		for n := r.count() + 1; n > 0 && r.ok(); n-- {
			l := r.u32()
			labels = append(labels, l)
			p.spUint(l)
		}
		p.str(" ;;")
		for _, l := range labels {
			p.target(l, depth)
		}
	case immFunc, immLocal, immGlobal, immTable, immElem, immData:
		p.spUint(r.u32())
	case immTypeTable:
		typ := r.u32()
		if table := r.u32(); table != 0 {
			p.spUint(table)
		}
		p.str(" (type ")
		p.uint(typ)
		p.str(")")
	case immTypes:
		p.types("result", r.valTypes())
	case immTableTable:
		if dst, src := r.u32(), r.u32(); dst != 0 || src != 0 {
			p.spUint(dst)
			p.spUint(src)
		}
	case immElemTable, immDataMem:
		seg := r.u32()
		if i := r.u32(); i != 0 { // the text format puts the table first
			p.spUint(i)
		}
		p.spUint(seg)
	case immMemory:
		if i := r.u32(); i != 0 {
			p.spUint(i)
		}
	case immMemMem:
		if dst, src := r.u32(), r.u32(); dst != 0 || src != 0 {
			p.spUint(dst)
			p.spUint(src)
		}
	case immFence:
		if r.byte() != 0 {
			r.fail("fence of an unknown kind")
		}
	case immRefType:
		if r.refType() == FuncRef {
			p.str(" func")
		} else {
			p.str(" extern")
		}
	case immI32:
		p.str(" ")
		p.int(r.signed(32))
	case immI64:
		p.str(" ")
		p.int(r.signed(64))
	case immF32:
		p.str(" ")
		p.float(uint64(r.fixed32()), 32)
	case immF64:
		p.str(" ")
		p.float(r.fixed64(), 64)
	case immV128:
		p.str(" i32x4")
		for range 4 {
			p.str(" ")
			p.hex(uint64(r.fixed32()))
		}
	case immShuffle:
		for range 16 {
			p.lane(r, 32)
		}
	default:
		if in.imm >= immMem8 {
			p.memArg(r, op)
		}
		if n := in.imm.lanes(); n > 0 {
			p.lane(r, n)
		}
	}
}

func (p *printer) target(label uint32, depth int) {
	if uint64(label) > uint64(depth) {
		p.str(" @?")
		return
	}
	p.str(" @")
	p.uint(uint32(depth) - label)
}

func (p *printer) lane(r *reader, lanes int) {
	l := r.byte()
	if int(l) >= lanes {
		r.fail("lane %d of %d", l, lanes)
	}
	p.spUint(uint32(l))
}

// memArg prints the offset, if it is not zero, and the alignment in bytes, if
// it is not the natural one.
func (p *printer) memArg(r *reader, op Op) {
	align, offset := r.u32(), r.u32()
	if align > 31 {
		r.fail("alignment of 2^%d", align)
		return
	}
	if offset != 0 {
		p.str(" offset=")
		p.uint(offset)
	}
	if 1<<align != uint64(op.Access()) {
		p.str(" align=")
		p.uint(1 << align)
	}
}

func (p *printer) blockType(r *reader) {
	switch v := r.signed(33); {
	case v >= 0 && v <= math.MaxUint32:
		p.str(" (type ")
		p.uint(uint32(v))
		p.str(")")
	case BlockType(v) == BlockEmpty:
	case v >= -64 && ValType(v+0x80).valid():
		p.types("result", []ValType{ValType(v + 0x80)})
	default:
		r.fail("unknown block type %d", v)
	}
}

// locals prints the declarations of a body, a line for each run of one type.
func (p *printer) locals(r *reader, depth int) {
	for n := r.count(); n > 0 && r.ok(); n-- {
		num, t := r.u32(), r.valType()
		if uint64(num)*5 > uint64(max(p.limit-len(p.out), 0)) {
			r.fail("text over %d bytes: %d locals", p.limit, num)
			return
		}
		if num == 0 || !r.ok() {
			continue
		}
		p.line(depth)
		p.str("(local")
		for range num {
			p.str(" ")
			p.str(t.String())
		}
		p.str(")")
	}
}

// String prints the body so far, with its locals: a debugging aid.
func (c *Code) String() string {
	b := c.appendBody(make([]byte, 0, len(c.buf)+32))
	r := reader{b: b}
	r.u32() // size
	p := printer{limit: textLimit(len(b))}
	p.locals(&r, 0)
	p.instrs(&r, 0, true)
	if len(p.out) > 0 && p.out[0] == '\n' {
		p.out = p.out[1:]
	}
	s := string(p.out) + "\n"
	if r.err != nil {
		s += ";; " + r.err.Error() + "\n"
	}
	return s
}

// textLimit bounds the text of n bytes of code. Ordinary code makes 5 to 20
// bytes of text from one.
func textLimit(n int) int { return 1<<16 + 256*n }
