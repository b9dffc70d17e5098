package wasi

import (
	"fmt"

	"boxer/runtime/wasm"
)

// Fuel counts instructions, roughly. A function is charged at its entry for
// what stands outside of its loops; a loop counts its iterations in a local,
// which is settled when it reaches settleAt. What a call leaves unsettled was
// charged for at its entry.
//
// A loop becomes two, so that the one that is hot has no call in it: a call,
// though never made, would have wazero keep what the loop carries on its stack
// (a checksum loop took 2.5 times as long).
//
//	loop                     ;; settles
//	  counter ≥ settleAt ? charge, counter = 0
//	  loop                   ;; the module's own: what branched to it still does
//	    br_if 1 (counter ≥ settleAt)
//	    counter += weight       ;; behind the test: it may be more than settleAt
//	    …
//	  end
//	end
const (
	settleAt = 1024
	// leaf is the size in instructions up to which a function without calls
	// and loops is not charged: its callers' calls count for it.
	leaf       = 64
	callWeight = 16
	maxWeight  = 1<<20 - 1 // what three bytes of signed LEB128 hold
	bulkShift  = 4         // bytes or entries of a bulk operation to one instruction
)

func (w *rewriter) codeSection(d *wasm.Decoder) error {
	n := d.Count()
	if n != len(w.funcs) {
		return fmt.Errorf("%d functions and %d bodies", len(w.funcs), n)
	}
	for i := range n {
		size := d.U32()
		if size > maxBody {
			return fmt.Errorf("a function of %d bytes: the most are %d", size, maxBody)
		}
		b := d.Sub(size)
		if d.Err() != nil {
			return nil
		}
		if err := w.function1(b, w.types[w.funcs[i]].params); err != nil {
			return fmt.Errorf("function %d: %w", len(w.imports)+i, err)
		}
		w.nbodies++
	}
	return nil
}

// A scan is one function being rewritten.
type scan struct {
	w      *rewriter
	d      *wasm.Decoder
	locals uint32  // with parameters
	blocks []block // open; the first is the function itself
	cur    int     // the innermost loop
	loops  []loop
	calls  bool
}

// A block is one that is open.
type block struct {
	after int // the innermost loop around what follows its end
	// labels is how many labels there are in the new code from the
	// outermost to the block's own; a loop has two.
	labels uint32
	loop   bool
}

// A loop is a stretch of code that is charged at once; loops[0] is what
// stands outside of loops.
type loop struct {
	weight int
	at     int // where its weight is to be written in the body
}

// function1 appends a body to the code.
func (w *rewriter) function1(d *wasm.Decoder, params int) error {
	runs := d.Count()
	declared := d.Rest()
	total := uint64(params)
	for range runs {
		total += uint64(d.U32())
		d.ValType()
		if total > maxLocals {
			return fmt.Errorf("over %d locals", maxLocals)
		}
	}
	if d.Err() != nil {
		return d.Err()
	}
	declared = declared[:len(declared)-d.Len()]

	s := scan{w: w, d: d, locals: uint32(total), blocks: make([]block, 1, 16), loops: make([]loop, 1, 4)}
	s.blocks[0].labels = 1
	w.body.Reset(int(total))
	if err := s.instructions(); err != nil {
		return err
	}
	body := w.body.Bytes()
	for _, l := range s.loops[1:] {
		putWeight(body[l.at:], l.weight)
	}
	w.prefix.Reset(0)
	extra := s.entry(&w.prefix)

	locals := appendU(nil, uint32(runs+extra))
	locals = append(locals, declared...)
	if extra > 0 {
		locals = append(locals, 2, byte(wasm.I32))
	}
	w.code = appendU(w.code, uint32(len(locals)+w.prefix.Len()+len(body)))
	w.code = append(w.code, locals...)
	w.code = append(w.code, w.prefix.Bytes()...)
	w.code = append(w.code, body...)
	return nil
}

// The locals that a charged function has behind its own.
func (s *scan) counter() uint32 { return s.locals }     // what loops have run up
func (s *scan) scratch() uint32 { return s.locals + 1 } // the entry's

// entry writes the charge at a function's entry. It returns how many runs of
// locals that takes.
func (s *scan) entry(c *wasm.Code) int {
	weight := s.loops[0].weight
	if len(s.loops) == 1 && !s.calls && weight <= leaf {
		return 0
	}
	if len(s.loops) > 1 {
		weight += settleAt
	}
	fuel := s.w.fuelGlobal()
	c.GlobalGet(fuel)
	c.I32Const(int32(min(weight, maxWeight)))
	c.Op(wasm.OpI32Sub)
	c.LocalTee(s.scratch())
	c.GlobalSet(fuel)
	c.LocalGet(s.scratch())
	c.I32Const(0)
	c.Op(wasm.OpI32LtS)
	c.If(wasm.BlockEmpty)
	c.Call(s.w.helper(helperPause))
	c.End()
	return 1
}

// open begins a block, loop or if.
func (s *scan) open(in wasm.Insn) {
	if in.Block >= 0 {
		s.w.typeIndex(s.d, uint32(in.Block))
	}
	c := &s.w.body
	b := block{after: s.cur, labels: s.blocks[len(s.blocks)-1].labels + 1, loop: in.Op == wasm.OpLoop}
	c.Raw(in.Raw)
	if b.loop {
		b.labels++
		c.LocalGet(s.counter())
		c.I32Const(settleAt)
		c.Op(wasm.OpI32GeU)
		c.If(wasm.BlockEmpty)
		c.LocalGet(s.counter())
		c.Call(s.w.helper(helperCharge))
		c.I32Const(0)
		c.LocalSet(s.counter())
		c.End()
		c.Raw(in.Raw)
		c.LocalGet(s.counter())
		c.I32Const(settleAt)
		c.Op(wasm.OpI32GeU)
		c.BrIf(1)
		c.LocalGet(s.counter())
		c.Op(wasm.OpI32Const)
		s.loops = append(s.loops, loop{at: c.Len()})
		s.cur = len(s.loops) - 1
		c.Raw([]byte{0, 0, 0})
		c.Op(wasm.OpI32Add)
		c.LocalSet(s.counter())
	}
	s.blocks = append(s.blocks, b)
}

// end ends the innermost block.
func (s *scan) end() {
	b := s.blocks[len(s.blocks)-1]
	s.blocks = s.blocks[:len(s.blocks)-1]
	s.cur = b.after
	s.w.body.End()
	if b.loop {
		s.w.body.End()
	}
}

// label is where a branch of depth n goes in the new code: to the block
// itself, of a loop to the inner one.
func (s *scan) label(n uint32) uint32 {
	if uint64(n) >= uint64(len(s.blocks)) {
		s.d.Fail("a branch out of %d of %d blocks", n, len(s.blocks))
		return 0
	}
	top := len(s.blocks) - 1
	return s.blocks[top].labels - s.blocks[top-int(n)].labels
}

// putWeight writes a weight as signed LEB128 of three bytes.
func putWeight(b []byte, v int) {
	v = min(v, maxWeight)
	b[0], b[1], b[2] = byte(v)|0x80, byte(v>>7)|0x80, byte(v>>14)
}

func (s *scan) instructions() error {
	w, d, c := s.w, s.d, &s.w.body
	for len(s.blocks) > 0 {
		if rest := d.Rest(); len(rest) > 0 {
			if err := newer(rest[0]); err != nil {
				return err
			}
		}
		in := d.Insn()
		if d.Err() != nil {
			return d.Err()
		}
		s.loops[s.cur].weight++
		switch in.Op {
		case wasm.OpBlock, wasm.OpIf, wasm.OpLoop:
			s.open(in)
		case wasm.OpEnd:
			s.end()
		case wasm.OpBr, wasm.OpBrIf:
			c.Idx(in.Op, s.label(in.X))
		case wasm.OpBrTable:
			for i, l := range in.Labels {
				in.Labels[i] = s.label(l)
			}
			last := len(in.Labels) - 1
			c.BrTable(in.Labels[:last], in.Labels[last])
		case wasm.OpCall, wasm.OpReturnCall:
			s.charge(callWeight)
			c.Idx(in.Op, w.function(d, in.X))
		case wasm.OpRefFunc:
			c.Idx(in.Op, w.function(d, in.X))
		case wasm.OpCallIndirect, wasm.OpReturnCallIndirect:
			s.charge(callWeight)
			w.typeIndex(d, in.X)
			c.Raw(in.Raw)
		case wasm.OpLocalGet, wasm.OpLocalSet, wasm.OpLocalTee:
			if in.X >= s.locals {
				d.Fail("local %d of %d", in.X, s.locals)
			}
			c.Raw(in.Raw)
		case wasm.OpGlobalGet, wasm.OpGlobalSet:
			if in.X >= w.globals {
				d.Fail("global %d of %d", in.X, w.globals)
			}
			c.Raw(in.Raw)
		case wasm.OpMemorySize, wasm.OpMemoryGrow:
			if !w.prog.hasMemory {
				d.Fail("%v without a memory", in.Op)
			}
			if in.X != 0 {
				return unsupported("more than one memory")
			}
			if in.Op == wasm.OpMemorySize {
				c.GlobalGet(w.pagesGlobal())
			} else {
				s.charge(callWeight)
				c.Call(w.helper(helperGrow))
			}
		case wasm.OpMemoryInit, wasm.OpMemoryCopy, wasm.OpMemoryFill,
			wasm.OpTableInit, wasm.OpTableCopy, wasm.OpTableFill, wasm.OpTableGrow:
			h, err := w.bulk(d, in)
			if err != nil {
				return err
			}
			s.charge(callWeight)
			c.Call(h)
		default:
			if in.Op >= wasm.OpI8x16RelaxedSwizzle && in.Op <= wasm.OpI8x16RelaxedSwizzle+0x14 {
				return unsupported("relaxed SIMD")
			}
			c.Raw(in.Raw)
		}
	}
	if d.Len() > 0 {
		d.Fail("code behind the end of a function")
	}
	return d.Err()
}

// charge counts a call.
func (s *scan) charge(weight int) {
	s.calls = true
	s.loops[s.cur].weight += weight
}

// newer names the proposal that a first byte of an instruction belongs to, if
// it is one that engines here do not have.
func newer(b byte) error {
	switch {
	case b >= 0x06 && b <= 0x0a, b == 0x18, b == 0x19, b == 0x1f:
		return unsupported("exception handling")
	case b == 0x14, b == 0x15, b >= 0xd3 && b <= 0xd6:
		return unsupported("typed function references")
	case b == 0xfb:
		return unsupported("garbage-collected types")
	}
	return nil
}

// bulk returns the helper that stands for a bulk operation: it charges for the
// length, of which one instruction can have 4 GiB.
func (w *rewriter) bulk(d *wasm.Decoder, in wasm.Insn) (uint32, error) {
	if h, ok := w.helperIdx[string(in.Raw)]; ok {
		return h, nil
	}
	ref := wasm.FuncRef
	table := func(i uint32) bool {
		if i >= uint32(len(w.tables)) {
			d.Fail("table %d of %d", i, len(w.tables))
			return false
		}
		ref = w.tables[i].elem
		return true
	}
	params, results := []wasm.ValType{wasm.I32, wasm.I32, wasm.I32}, []wasm.ValType(nil)
	switch in.Op {
	case wasm.OpTableFill:
		if table(in.X) {
			params[1] = ref
		}
	case wasm.OpTableGrow:
		if table(in.X) {
			params, results = []wasm.ValType{ref, wasm.I32}, []wasm.ValType{wasm.I32}
		}
	}
	if d.Err() != nil {
		return 0, d.Err()
	}
	n := uint32(len(params))
	var c wasm.Code
	c.LocalGet(n - 1)
	c.I32Const(bulkShift)
	c.Op(wasm.OpI32ShrU)
	c.Call(w.helper(helperCharge))
	for i := range n {
		c.LocalGet(i)
	}
	c.Raw(in.Raw)
	c.End()
	h := w.helper(numHelpers + uint32(len(w.helpers)))
	w.helpers = append(w.helpers, helper{w.addType(params, results), append([]byte{0}, c.Bytes()...)})
	w.helperIdx[string(in.Raw)] = h
	return h, nil
}
