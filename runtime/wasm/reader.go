package wasm

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// reader takes a binary module apart. The first error sticks: after it every
// read returns zero, and loops stop because ok is false.
type reader struct {
	b   []byte
	pos int // offset of b[0] in the module, for messages
	err error
}

func (r *reader) ok() bool { return r.err == nil }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("wasm: offset %#x: %s", r.pos, fmt.Sprintf(format, args...))
		r.b = nil
	}
}

// bytes takes the next n bytes.
func (r *reader) bytes(n uint32) []byte {
	if uint64(n) > uint64(len(r.b)) {
		r.fail("%d bytes wanted, %d left", n, len(r.b))
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	r.pos += int(n)
	return p
}

// sub takes the next n bytes as a reader of its own.
func (r *reader) sub(n uint32) reader {
	pos := r.pos
	b := r.bytes(n)
	return reader{b: b, pos: pos, err: r.err}
}

func (r *reader) byte() byte {
	if p := r.bytes(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *reader) fixed32() uint32 {
	if p := r.bytes(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

func (r *reader) fixed64() uint64 {
	if p := r.bytes(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

// u32 reads an unsigned LEB128 of at most 32 bits, at most 5 bytes.
func (r *reader) u32() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			if v>>32 != 0 {
				break
			}
			return uint32(v)
		}
	}
	r.fail("LEB128 over 32 bits")
	return 0
}

// signed reads a signed LEB128 of at most width bits (32, 33 or 64). As the
// specification asks, the unused bits of a last byte must repeat the sign.
func (r *reader) signed(width int) int64 {
	var v int64
	for shift := 0; shift < width; shift += 7 {
		c := r.byte()
		v |= int64(c&0x7f) << shift
		if c >= 0x80 {
			continue
		}
		if used := width - shift; used < 7 {
			if top := int8(c<<1) >> used; top != 0 && top != -1 {
				break
			}
		}
		if unused := 64 - shift - 7; unused > 0 {
			v = v << unused >> unused
		}
		return v
	}
	r.fail("LEB128 over %d bits", width)
	return 0
}

func (r *reader) name() string {
	p := r.bytes(r.u32())
	if !utf8.Valid(p) {
		r.fail("a name is not UTF-8")
		return ""
	}
	return string(p)
}

func (r *reader) valType() ValType {
	t := ValType(r.byte())
	if r.ok() && !t.valid() {
		r.fail("unknown value type %#x", byte(t))
	}
	return t
}

func (r *reader) refType() ValType {
	t := ValType(r.byte())
	if r.ok() && !t.isRef() {
		r.fail("unknown reference type %#x", byte(t))
	}
	return t
}

// count reads the length of a vector whose entries take at least one byte
// each.
func (r *reader) count() int {
	n := r.u32()
	if uint64(n) > uint64(len(r.b)) {
		r.fail("a vector of %d entries in %d bytes", n, len(r.b))
		return 0
	}
	return int(n)
}

func (r *reader) valTypes() []ValType {
	n := r.count()
	ts := make([]ValType, 0, n)
	for i := 0; i < n && r.ok(); i++ {
		ts = append(ts, r.valType())
	}
	return ts
}

func (r *reader) limits() (l Limits) {
	flags := r.byte()
	if flags > 3 {
		r.fail("unknown limits flags %#x", flags)
		return l
	}
	l.HasMax, l.Shared = flags&1 != 0, flags&2 != 0
	l.Min = r.u32()
	if l.HasMax {
		l.Max = r.u32()
	}
	return l
}

// op reads an opcode.
func (r *reader) op() Op {
	op := Op(r.byte())
	if p := op >> 4; p == 0xf && op&0xf >= pageFC && op&0xf <= pageFE {
		n := r.u32()
		if n > pageMask {
			r.fail("unknown opcode %#x %#x", uint16(op), n)
			return 0
		}
		op = op&0xf<<pageShift | Op(n)
	}
	if r.ok() && !op.Valid() {
		r.fail("unknown opcode %#x", uint16(op))
	}
	return op
}
