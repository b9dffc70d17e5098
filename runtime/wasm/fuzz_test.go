package wasm

import (
	"slices"
	"strings"
	"testing"
)

// gen builds a valid random body from the bytes of data: each choice takes
// the next byte, and zero follows the last.
type gen struct {
	data  []byte
	c     Code
	stack []ValType // operands of the innermost block
	plain []bool    // for each block around, whether a branch to it takes no value
	vars  []ValType // locals
	fixed []Op      // instructions with fixed types
}

func (g *gen) next(n int) int {
	if len(g.data) == 0 || n == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return int(b) % n
}

func (g *gen) push(ts ...ValType) { g.stack = append(g.stack, ts...) }

func (g *gen) pop() ValType {
	t := g.stack[len(g.stack)-1]
	g.stack = g.stack[:len(g.stack)-1]
	return t
}

// want leaves exactly ts as the next operands: those on the stack already, if
// their types fit, and constants.
func (g *gen) want(ts []ValType) {
	have := 0
	for n := min(len(ts), len(g.stack)); n > 0; n-- {
		if string(valBytes(g.stack[len(g.stack)-n:])) == string(valBytes(ts[:n])) {
			have = n
			break
		}
	}
	g.stack = g.stack[:len(g.stack)-have]
	for _, t := range ts[have:] {
		pushZero(&g.c, t)
	}
}

func valBytes(ts []ValType) (b []byte) {
	for _, t := range ts {
		b = append(b, byte(t))
	}
	return b
}

var numTypes = []ValType{I32, I64, F32, F64, V128}

// label chooses a block around that can be branched to with an empty stack;
// the function itself, outermost, always is one.
func (g *gen) label() uint32 {
	n := len(g.plain)
	for l := g.next(n); l < n; l++ {
		if g.plain[n-1-l] {
			return uint32(l)
		}
	}
	panic("BUG: no label")
}

// block generates up to n steps, and empties the stack at the end.
func (g *gen) block(n int, plain bool) {
	saved := g.stack
	g.stack = nil
	g.plain = append(g.plain, plain)
	for ; n > 0 && len(g.data) > 0; n-- {
		g.step()
	}
	for range g.stack {
		g.c.Op(OpDrop)
	}
	g.plain = g.plain[:len(g.plain)-1]
	g.stack = saved
}

func (g *gen) step() {
	switch g.next(12) {
	case 0:
		t := numTypes[g.next(len(numTypes))]
		g.vars = append(g.vars, t)
		g.c.AddLocal(t)
	case 1:
		i := g.next(len(g.vars))
		g.c.LocalGet(uint32(i))
		g.push(g.vars[i])
	case 2:
		i := g.next(len(g.vars))
		g.want(g.vars[i : i+1])
		g.c.LocalSet(uint32(i))
	case 3:
		if len(g.plain) > 20 {
			return
		}
		switch n := g.next(40); g.next(3) {
		case 0:
			g.c.Block(BlockEmpty)
			g.block(n, true)
		case 1:
			g.c.Loop(BlockEmpty)
			g.block(n, true)
		case 2:
			g.want([]ValType{I32})
			g.c.If(BlockOf(I64))
			g.block(n, false)
			g.c.I64Const(int64(n) << 40)
			g.c.Else()
			g.block(n, false)
			g.c.I64Const(^int64(n))
			g.push(I64)
		}
		g.c.End()
	case 4:
		g.want([]ValType{I32})
		g.c.BrIf(g.label())
	case 5: // in a block of its own, since what follows a branch is dead
		g.c.Block(BlockEmpty)
		targets := make([]uint32, g.next(6))
		for i := range targets {
			targets[i] = g.label() + 1
		}
		g.c.I32Const(int32(len(targets)))
		g.c.BrTable(targets, 0)
		g.c.End()
	case 6:
		g.c.I32Const(int32(g.next(256)) << (g.next(32)))
		g.push(I32)
	case 7:
		if len(g.stack) > 0 {
			g.pop()
			g.c.Op(OpDrop)
		}
	default:
		op := g.fixed[(g.next(256)<<8|g.next(256))%len(g.fixed)]
		params, results, _ := op.Sig()
		g.want(params)
		immediates(&g.c, op)
		g.push(results...)
	}
}

// FuzzModule: whatever order the builders are called in, as long as the types
// fit, the module validates, and its text has an "end" or "else" for each.
func FuzzModule(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("\x00\x04\x03\x20\x00\x08\x01\x02\x09\x00\x90\x03\x10\x02\x06\x01\x05\x04\x03\x02\x01"))
	f.Add([]byte(strings.Repeat("\x08\x00\x11\x09\x01\x22\x03\x05\x01\x04\x0a\x00\xc0\x01\x02\x0b\x01\xd4", 20)))
	validate := validator(f)
	var fixed []Op
	allOps(func(op Op, in *info) {
		if in.fixed && !isRelaxed(op) {
			fixed = append(fixed, op)
		}
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Module
		g := gen{data: data, vars: []ValType{I32}, fixed: fixed}
		typ := m.FuncType([]ValType{I32}, nil)
		m.Table(FuncRef, Limits{Min: 1})
		m.Memory(Limits{Min: 1, Max: 1, HasMax: true, Shared: true})
		m.DataPassive(nil)
		for n := 1 + g.next(3); n > 0; n-- {
			fn := m.Func(typ)
			g.c.Reset(1)
			g.vars = g.vars[:1]
			g.block(1000, true)
			g.c.End()
			m.Body(fn, &g.c)
			m.ElemPassive([]uint32{fn})
		}
		bin := m.Bytes()
		text, err := Disassemble(bin)
		if err != nil {
			t.Fatalf("%v\n%x", err, bin)
		}
		if err := validate(bin); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		opened := strings.Count(text, "block ;;") + strings.Count(text, "loop ;;") + strings.Count(text, "if (result i64) ;;")
		if ends := strings.Count(text, " end\n"); opened != ends {
			t.Errorf("%d blocks opened and %d closed:\n%s", opened, ends, text)
		}
	})
}

// FuzzDisassemble: any bytes give text or an error, in bounded memory.
func FuzzDisassemble(f *testing.F) {
	var m Module
	bin := everything(&m)
	f.Add(bin)
	for _, cut := range []int{4, 8, 9, 30, 200, len(bin) - 1} {
		f.Add(bin[:cut])
	}
	f.Add([]byte(header + "\x0a\x0b\x01\x09\x01\xff\xff\xff\xff\x0f\x7f\x0b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := Disassemble(data)
		if (err == nil) == (text == "") {
			t.Errorf("text %q, error %v", text, err)
		}
		if len(text) > 2*textLimit(len(data)) {
			t.Errorf("%d bytes of text from %d", len(text), len(data))
		}
	})
}

// TestDisassembleBounded: small modules that stand for endless text.
func TestDisassembleBounded(t *testing.T) {
	var m Module
	fn := m.Func(m.FuncType(nil, nil))
	c := Code{runs: []localRun{{1 << 31, I32}, {1 << 31, I64}}}
	c.End()
	m.Body(fn, &c)
	if _, err := Disassemble(m.Bytes()); err == nil || !strings.Contains(err.Error(), "locals") {
		t.Errorf("2^32 locals: %v", err)
	}

	m = Module{} // a type of 10,000 parameters for 10,000 functions
	typ := m.FuncType(slices.Repeat([]ValType{I32}, 10000), nil)
	c.Reset(0)
	c.End()
	for range 10000 {
		m.Body(m.Func(typ), &c)
	}
	if _, err := Disassemble(m.Bytes()); err == nil || !strings.Contains(err.Error(), "text over") {
		t.Errorf("10^8 parameters: %v", err)
	}
}

// TestDisassembleMalformed: every prefix and every changed byte of a module is
// refused or printed, and the errors say where.
func TestDisassembleMalformed(t *testing.T) {
	var m Module
	bin := everything(&m)
	sections := map[int]bool{} // prefixes that end with a section are modules
	r := reader{b: bin}
	r.bytes(8)
	for sections[8] = true; len(r.b) > 0; sections[r.pos] = true {
		r.byte()
		r.bytes(r.u32())
	}
	for n := range bin {
		if _, err := Disassemble(bin[:n]); err == nil && !sections[n] {
			t.Errorf("the first %d bytes are accepted", n)
		} else if err != nil && !strings.HasPrefix(err.Error(), "wasm: ") {
			t.Errorf("first %d bytes: %v", n, err)
		}
		for _, x := range []byte{0x01, 0x80, 0xff} {
			bad := append([]byte(nil), bin...)
			bad[n] ^= x
			if text, err := Disassemble(bad); (err == nil) == (text == "") {
				t.Errorf("byte %d changed: text %q, %v", n, text, err)
			}
		}
	}
}
