package emit_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"boxer/runtime/emit"
	"boxer/runtime/engine"
	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
	"boxer/runtime/wasm"
)

// FuzzModule: random programs mean the same as translated code and executed directly. They run
// under random profiles in slices of random fuel, so that they leave and come back at every place where
// they can; with little stack, so that depth runs out; with functions translated together, apart, or from
// several entries; with system calls served, declined and cut short.
func FuzzModule(f *testing.F) {
	for seed := range uint64(150) {
		f.Add(seed)
	}
	eng := newEngine(f)
	f.Fuzz(func(t *testing.T, seed uint64) { checkProgram(t, eng, seed) })
}

// randomProfile is one of the two real ones, or one with everything chosen by chance.
func randomProfile(rng *rand.Rand) *emit.Profile {
	coin := func() bool { return rng.IntN(2) == 0 }
	p := wazeroLike()
	switch rng.IntN(3) {
	case 0:
	case 1:
		p = v8Like()
	default:
		all := []ir.Slot{ireval.SlotX, ireval.SlotSP, ireval.SlotLR, ireval.SlotX + 1, ireval.SlotCount}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		p = &emit.Profile{Name: "random", Params: all[:rng.IntN(len(all))], FuelParam: coin(),
			IntLocals: rng.IntN(8) - 1, VecLocals: rng.IntN(5) - 1, ProbeBounds: coin(), BranchInIf: coin(), Unroll: coin(), StackBytes: 1 << 20}
	}
	p.IntSelect = true // the engine is wazero, whatever the profile
	if coin() {
		p.StackBytes = 2048 + rng.Uint32N(3000)
	}
	return p
}

// checkProgram runs the program of a seed both ways.
func checkProgram(t *testing.T, eng engine.Engine, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	precise := rng.IntN(2) == 0
	prog := ireval.Random(rng, ireval.Options{Funcs: 4, Blocks: 9, Insts: 8, Faults: precise})
	profile := randomProfile(rng)

	want := ireval.New(ireval.Arch, ireval.Bias, ireval.MemSize)
	ireval.RandomState(rng, want)
	want.Helper = helper
	want.Syscall = func() { syscall(want) }
	// Memory in which hidden parts follow is larger than the program's: its accesses never reach so far.
	got := want.Clone()
	want.Steps = 20_000
	stop := prog.Run(want, prog.Start)
	if stop.Kind == ireval.StopUndefined {
		t.Fatalf("the random program reads what a call left undefined: %v", stop)
	}
	if stop.Kind == ireval.StopSteps {
		t.Skip("does not end")
	}

	p, err := newProcess(eng, config(profile, precise))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	p.syscall = func() int { return rng.IntN(3) }
	optimised := func(fn *ir.Func) *ir.Func {
		passes := p.conf.PassOptions()
		passes.Verify = ir.Verify
		ir.Optimize(fn, passes)
		return fn
	}
	load := func(at ...ireval.Place) error {
		var regions []emit.Region
		for _, a := range at {
			fn := prog.Funcs[a.Func]
			blocks := []ir.BlockID{a.Block}
			r := emit.Region{Entries: []uint64{fn.Blocks[a.Block].PC}}
			for i := range fn.Blocks {
				pc := fn.Blocks[i].PC
				if prog.At[pc].Block == ir.BlockID(i) && !p.mapped(pc) && ir.BlockID(i) != a.Block && i > 0 && rng.IntN(12) == 0 {
					blocks = append(blocks, ir.BlockID(i))
					r.Entries = append(r.Entries, pc)
				}
			}
			r.Func = optimised(ireval.Enter(fn, blocks...))
			regions = append(regions, r)
		}
		return p.load(regions)
	}
	miss := func(pc uint64) error {
		at := []ireval.Place{prog.At[pc]}
		for i := range prog.Funcs {
			if i != at[0].Func && !p.mapped(prog.Funcs[i].Blocks[0].PC) && rng.IntN(2) == 0 {
				at = append(at, ireval.Place{Func: i})
			}
		}
		return load(at...)
	}
	most := []int32{5, 40, 400, 1 << 20}[rng.IntN(4)]
	fuel := func() int32 { return 1 + rng.Int32N(most) }
	if err := miss(prog.Start); err != nil {
		t.Fatalf("profile %+v: %v\n%s", profile, err, dump(prog, nil))
	}
	gotStop, err := p.exec(prog, got, prog.Start, fuel, miss)
	if err != nil && !errors.Is(err, errRuns) {
		t.Fatalf("profile %+v, precise %v: want %v, got %v\n%s", profile, precise, stop, err, dump(prog, want))
	}
	if err != nil {
		t.Fatalf("no end: want %v\n%s", stop, dump(prog, want))
	}
	if gotStop != stop {
		t.Fatalf("profile %+v, precise %v: want %v, got %v\n%s", profile, precise, stop, gotStop, dump(prog, want))
	}
	for i := range want.Slots {
		if want.Slots[i] != got.Slots[i] && !want.Undefined[i] {
			t.Errorf("%s: want %x, got %x", want.Arch.Slots[i].Name, want.Slots[i], got.Slots[i])
		}
	}
	if !bytes.Equal(want.Mem, got.Mem) {
		for i := range want.Mem {
			if want.Mem[i] != got.Mem[i] {
				t.Errorf("memory at %#x: want %#x, got %#x", i+ireval.Bias, want.Mem[i], got.Mem[i])
				break
			}
		}
	}
	if t.Failed() {
		t.Fatalf("profile %+v, precise %v, %v\n%s", profile, precise, stop, dump(prog, nil))
	}
}

// dump prints a program for the one who must find out.
func dump(prog *ireval.Program, m *ireval.Machine) string {
	s := ""
	for _, f := range prog.Funcs {
		s += f.String()
	}
	return s
}

// TestModuleIsDeterministic: the same regions in the same order give the same bytes, which disassemble.
func TestModuleIsDeterministic(t *testing.T) {
	for seed := range uint64(20) {
		var first []byte
		for range 2 {
			prog := ireval.Random(rand.New(rand.NewPCG(seed, 3)), ireval.Options{Funcs: 4, Blocks: 9, Insts: 8})
			var regions []emit.Region
			for _, f := range prog.Funcs {
				ir.Optimize(f, ir.PassOptions{Bias: ireval.Bias})
				regions = append(regions, emit.Region{Func: f, Entries: []uint64{f.Blocks[0].PC}})
			}
			bin := emit.Module(config(v8Like(), false), regions)
			if first == nil {
				first = bin
			}
			if !bytes.Equal(first, bin) {
				t.Fatalf("seed %d: two different modules", seed)
			}
		}
		if _, err := wasm.Disassemble(first); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
