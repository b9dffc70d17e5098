package emit_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"boxer/runtime/emit"
	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
	"boxer/runtime/wasm"
)

var update = flag.Bool("update", false, "rewrite testdata/*.wat")

const (
	x0, x1, x2 = ireval.SlotX, ireval.SlotX + 1, ireval.SlotX + 2
	v0, v1     = ireval.SlotV, ireval.SlotV + 1
	sp, lr     = ireval.SlotSP, ireval.SlotLR
)

// sample is a small function whose code is worth watching.
type sample struct {
	name    string
	precise bool
	fill    []func(b *ir.Builder)
	entries []ir.BlockID // nil: the first block
}

func branch(val ir.Value, to, or ir.BlockID) ir.Term {
	return ir.Term{Kind: ir.TermBranch, Val: val, To: to, Else: or}
}

func leave(b *ir.Builder) { b.End(ir.Term{Kind: ir.TermReturn, Val: b.Get(lr, ir.I64)}) }

// countdown is a loop over block i: x0 += x1--; the flags decide at its end.
func countdown(i ir.BlockID) func(b *ir.Builder) {
	return func(b *ir.Builder) {
		n := b.Get(x1, ir.I64)
		b.Set(x2, b.Add(b.Get(x2, ir.I64), n))
		b.SetFlags(ir.FlagsSub, n, b.I64(1), 0)
		b.Set(x1, b.Sub(n, b.I64(1)))
		b.End(branch(b.Test(ir.NE), i, i+1))
	}
}

var samples = []sample{
	{name: "loop", fill: []func(b *ir.Builder){
		func(b *ir.Builder) { b.Set(x2, b.I64(0)); b.End(ir.Term{Kind: ir.TermJump, To: 1}) },
		countdown(1), leave,
	}},
	{name: "call", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			s := b.AddI(b.Get(sp, ir.I64), ^uint64(15))
			b.Store(ir.Mem64, s, 0, b.Get(lr, ir.I64))
			b.GuardSP(s)
			b.Set(sp, s)
			b.Set(lr, b.I64(0x400100))
			b.End(ir.Term{Kind: ir.TermCall, PC: 0x410000, Ret: 0x400100, To: 1})
		},
		func(b *ir.Builder) {
			s := b.Get(sp, ir.I64)
			b.Set(lr, b.Load(ir.Mem64, ir.I64, s, 0))
			b.Set(sp, b.AddI(s, 16))
			leave(b)
		},
	}},
	{name: "recursion", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			b.Set(lr, b.I64(0x400100))
			b.End(ir.Term{Kind: ir.TermCall, PC: 0x400000, Ret: 0x400100, To: 1})
		},
		leave,
	}},
	{name: "indirect", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			b.Set(lr, b.I64(0x400100))
			b.End(ir.Term{Kind: ir.TermCallInd, Val: b.Get(x2, ir.I64), Ret: 0x400100, To: 1})
		},
		func(b *ir.Builder) { b.End(ir.Term{Kind: ir.TermTailInd, Val: b.Get(x1, ir.I64)}) },
	}},
	{name: "switch", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			b.End(ir.Term{Kind: ir.TermSwitch, Val: b.Get(x1, ir.I32), Targets: []ir.BlockID{1, ir.NoBlock, 2}, Else: 3})
		},
		func(b *ir.Builder) { b.Set(x0, b.I64(1)); b.End(ir.Term{Kind: ir.TermJump, To: 3}) },
		func(b *ir.Builder) { b.Set(x0, b.I64(2)); b.End(ir.Term{Kind: ir.TermJump, To: 3}) },
		leave,
	}},
	{name: "flags", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			b.SetFlags(ir.FlagsSub, b.Get(x1, ir.I64), b.Get(x2, ir.I64), 0)
			b.End(branch(b.Test(ir.LT), 1, 2))
		},
		func(b *ir.Builder) { b.Set(x0, b.ZExt(b.Test(ir.VS))); b.End(ir.Term{Kind: ir.TermJump, To: 2}) },
		func(b *ir.Builder) { b.End(ir.Term{Kind: ir.TermSyscall, Ret: 0x400300, To: 3}) },
		leave,
	}},
	{name: "precise", precise: true, fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			p := b.Get(x1, ir.I64)
			b.Set(x2, b.Load(ir.Mem64, ir.I64, p, 8))
			b.Store(ir.Mem32, p, 16, b.Load(ir.Mem32, ir.I32, b.Get(x2, ir.I64), 0))
			leave(b)
		},
	}},
	{name: "fields", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			p := b.Get(x1, ir.I64)
			for i := range int64(4) {
				b.Store(ir.Mem64, p, 8*i, b.Load(ir.Mem64, ir.I64, b.Get(x2, ir.I64), 8*i))
			}
			leave(b)
		},
	}},
	{name: "fma", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			b.Set(v0, b.FMA(b.Get(v0, ir.F64), b.Get(v1, ir.F64), b.Get(v0, ir.F64), 0))
			leave(b)
		},
	}},
	{name: "nan", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			x, y := b.Get(v0, ir.F64), b.Get(v1, ir.F64)
			b.Set(v0, b.NaN2(b.Op(ir.F64Add, x, y), x, y, 0))
			leave(b)
		},
	}},
	{name: "select", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			cond, x := b.Get(x1, ir.I32), b.Get(v0, ir.F64)
			b.Set(v0, b.Select(cond, x, b.F64Bits(1<<62)))
			b.Set(v1, b.Select(cond, b.Get(v1, ir.V128), b.V128(1, 2)))
			b.Set(x2, b.ZExt(b.Select(cond, b.Get(x2, ir.I32), b.Get(x0, ir.I32))))
			leave(b)
		},
	}},
	{name: "division", fill: []func(b *ir.Builder){
		func(b *ir.Builder) {
			b.Set(x0, b.Div(true, b.Get(x1, ir.I32), b.Get(x2, ir.I32)))
			b.Set(x1, b.Div(false, b.Get(x1, ir.I64), b.I64(10)))
			leave(b)
		},
	}},
	{name: "entries", entries: []ir.BlockID{0, 1}, fill: []func(b *ir.Builder){
		func(b *ir.Builder) { b.Set(x2, b.I64(0)); b.End(ir.Term{Kind: ir.TermJump, To: 1}) },
		countdown(1), leave,
	}},
}

// TestGolden: the code of small functions under both profiles. A change of the emitter
// shows here what it does.
func TestGolden(t *testing.T) {
	eng := newEngine(t)
	for _, s := range samples {
		for _, profile := range []*emit.Profile{wazeroLike(), v8Like()} {
			b := ir.NewBuilder(ireval.Arch, s.name, 0x400000)
			for i := range s.fill {
				b.NewBlock(0x400000 + uint64(i)*0x100)
			}
			for i, fill := range s.fill {
				b.SetBlock(ir.BlockID(i))
				b.At(b.Block().PC)
				fill(b)
				b.Block().Cost = 4
			}
			f := b.F
			r := emit.Region{Entries: []uint64{0x400000}}
			if s.entries != nil {
				r.Entries = nil
				for _, e := range s.entries {
					r.Entries = append(r.Entries, f.Blocks[e].PC)
				}
				f = ireval.Enter(f, s.entries...)
			}
			conf := config(profile, s.precise)
			passes := conf.PassOptions()
			passes.Verify = ir.Verify
			ir.Optimize(f, passes)
			r.Func = f
			bin := emit.Module(conf, []emit.Region{r})
			if m, err := eng.Compile(bin); err != nil {
				t.Errorf("%s, %s: %v", s.name, profile.Name, err)
			} else {
				m.Close()
			}
			text, err := wasm.Disassemble(bin)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", fmt.Sprintf("%s.%s.wat", s.name, profile.Name))
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s differs (go test -update rewrites it): %s", file, difference(string(want), text))
			}
		}
	}
}

// difference describes where two texts part.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("%d lines became %d; line %d was %q, is %q", len(w), len(g), i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines became %d", len(w), len(g))
}
