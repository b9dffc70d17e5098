package ir_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"boxer/runtime/ir"
	"boxer/runtime/ir/ireval"
)

// FuzzPasses: a function means the same before and after the passes, whatever its shape: registers at every
// call and exit, memory, and where it goes.
func FuzzPasses(f *testing.F) {
	for seed := range uint64(150) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := ireval.Random(rng, ireval.Options{Funcs: 2, Blocks: 10, Insts: 10, Faults: seed%2 == 1})
		for _, fn := range p.Funcs {
			if err := ir.Verify(fn); err != nil {
				t.Fatalf("the random function is bad: %v\n%v", err, fn)
			}
			entries := []ir.BlockID{0}
			for i := range fn.Blocks {
				if _, ok := p.At[fn.Blocks[i].PC]; ok && rng.IntN(6) == 0 && p.At[fn.Blocks[i].PC].Block == ir.BlockID(i) && i > 0 {
					entries = append(entries, ir.BlockID(i))
				}
			}
			for _, opt := range []ir.PassOptions{{}, {Unroll: true}, {ShareBases: true, Unroll: true}, {PreciseFaults: true, Unroll: true}, {PreciseFaults: true, ShareBases: true}} {
				if !opt.PreciseFaults && seed%2 == 1 {
					continue // where faults are not precise nobody can tell what a fault left behind
				}
				opt.Bias, opt.Verify = ireval.Bias, ir.Verify
				before := ireval.Enter(fn, entries...)
				after := ireval.CloneFunc(before)
				ir.Optimize(after, opt)
				if ir.NewCFG(after).Irreducible {
					t.Fatalf("irreducible after the passes:\n%v", after)
				}
				m := ireval.New(ireval.Arch, ireval.Bias, ireval.MemSize)
				ireval.RandomState(rng, m)
				m.Entry = rng.Uint32N(uint32(len(entries)))
				want, wantLog := observe(before, m.Clone())
				m.Linear = true
				got, gotLog := observe(after, m)
				if want.stop.Kind == ireval.StopUndefined {
					t.Fatalf("the random function reads what a call left undefined: %v", want.stop)
				}
				if want.stop != got.stop || wantLog != gotLog {
					t.Fatalf("options %+v: want %v, got %v\nwant:\n%sgot:\n%s\nbefore:\n%v\nafter:\n%v", opt, want.stop, got.stop, wantLog, gotLog, before, after)
				}
			}
		}
	})
}

type outcome struct{ stop ireval.Stop }

// observe runs f and logs the state at each call, each system call and the end. Callees
// change registers and mostly return where they should.
func observe(f *ir.Func, m *ireval.Machine) (outcome, string) {
	log := ""
	state := func(what string) {
		log += what
		for i, v := range m.Slots {
			if m.Undefined[i] {
				log += " ?"
			} else {
				log += fmt.Sprintf(" %x.%x", v.Hi, v.Lo)
			}
		}
		sum := uint64(0)
		for _, b := range m.Mem {
			sum = (sum ^ uint64(b)) * 0x100000001b3
		}
		log += fmt.Sprintf(" memory %x\n", sum)
	}
	calls := uint64(0)
	m.Call = func(pc uint64) uint64 {
		state(fmt.Sprintf("call %x", pc))
		calls++
		m.Slots[ireval.SlotX+ir.Slot(calls%7)].Lo ^= calls * 0x9e3779b97f4a7c15
		m.Slots[ireval.SlotV].Hi += calls
		if calls%7 == 6 {
			return 0x700000
		}
		return m.Slots[ireval.SlotLR].Lo
	}
	m.Syscall = func() {
		state("system call")
		m.Slots[ireval.SlotX].Lo = m.Slots[ireval.SlotX+1].Lo*3 + m.Slots[ireval.SlotX+2].Lo
	}
	m.Helper = helper
	m.Steps = 5000
	s := m.Exec(f, f.Entry)
	state("end")
	return outcome{s}, log
}

// helper is some function of its arguments.
func helper(h ir.Helper, a, b, c uint64) uint64 {
	return (a*0x9e3779b97f4a7c15 ^ b ^ c<<7 ^ uint64(h)) * 0xbf58476d1ce4e5b9
}
