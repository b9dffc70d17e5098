package ireval

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"boxer/runtime/ir"
)

// The architecture of random programs: a few registers of each type.
const (
	SlotX     ir.Slot = 0 // x0 … x6
	SlotLR    ir.Slot = 7
	SlotSP    ir.Slot = 8
	SlotCount ir.Slot = 9  // counts down at calls and loops, so that programs end
	SlotV     ir.Slot = 10 // v0 … v3
	SlotW     ir.Slot = 14 // an I32
	SlotFlags ir.Slot = 15
	numX              = 7
	numV              = 4
)

// Arch describes those registers.
var Arch = &ir.Arch{Name: "random", Flags: SlotFlags, SP: SlotSP, Slots: []ir.SlotInfo{
	{Name: "x0", Type: ir.I64}, {Name: "x1", Type: ir.I64}, {Name: "x2", Type: ir.I64}, {Name: "x3", Type: ir.I64},
	{Name: "x4", Type: ir.I64}, {Name: "x5", Type: ir.I64}, {Name: "x6", Type: ir.I64},
	{Name: "lr", Type: ir.I64}, {Name: "sp", Type: ir.I64}, {Name: "count", Type: ir.I64},
	{Name: "v0", Type: ir.V128}, {Name: "v1", Type: ir.V128}, {Name: "v2", Type: ir.V128}, {Name: "v3", Type: ir.V128},
	{Name: "w", Type: ir.I32}, {Name: "flags", Type: ir.I32, CallDead: true},
}}

// Where random programs live. Memory is [Bias, Bias+MemSize): data that they load and store, and a stack.
const (
	Bias     = 0x10000
	DataAt   = 0x20000
	DataSize = 0x1000
	StackTop = 0x40000
	MemSize  = StackTop - Bias

	textAt    = 0x400000
	funcSize  = 0x2000
	blockSize = 0x100
)

// Options of Random.
type Options struct {
	Funcs, Blocks int  // at most
	Insts         int  // at most, in a block
	Faults        bool // some accesses are outside memory
}

// Place is where an address of a Program is.
type Place struct {
	Func  int
	Block ir.BlockID
}

// Program is some functions that call each other. Each block can be entered by its address.
type Program struct {
	Funcs []*ir.Func
	At    map[uint64]Place
	Start uint64
}

// Run executes the program from address pc until it stops for another reason than
// a jump to code that it has.
func (p *Program) Run(m *Machine, pc uint64) Stop {
	for {
		at, ok := p.At[pc]
		if !ok {
			return Stop{Kind: StopGoto, PC: pc}
		}
		s := m.Exec(p.Funcs[at.Func], at.Block)
		if s.Kind != StopGoto {
			return s
		}
		pc = s.PC
	}
}

// Random makes a program that ends by itself. Equal generators make equal programs.
func Random(rng *rand.Rand, opt Options) *Program {
	g := &generator{Rand: rng, opt: opt, p: &Program{At: map[uint64]Place{}, Start: textAt}}
	n := 1 + g.IntN(opt.Funcs)
	for i := range n {
		blocks := 2 + g.IntN(opt.Blocks)
		g.blocks = append(g.blocks, blocks)
		land := []int{0}
		for b := range blocks {
			g.p.At[g.address(i, b)] = Place{i, ir.BlockID(b)}
			if b > 0 && g.chance(3) {
				land = append(land, b)
			}
		}
		g.land = append(g.land, land)
	}
	for i := range n {
		g.p.Funcs = append(g.p.Funcs, g.function(i))
	}
	return g.p
}

// RandomState fills the machine's slots and data with values of interest.
func RandomState(rng *rand.Rand, m *Machine) {
	g := &generator{Rand: rng}
	for i := range m.Slots {
		m.Slots[i] = truncate(V{g.bits(), g.bits()}, m.Arch.Slots[i].Type)
	}
	m.Slots[SlotSP] = V{Lo: StackTop - 0x100}
	m.Slots[SlotCount] = V{Lo: 10 + rng.Uint64N(60)}
	m.Slots[SlotLR] = V{Lo: 0x500000}
	m.Slots[SlotFlags].Lo &= 0xf0000000
	for i := range m.Mem {
		m.Mem[i] = byte(i * 37)
	}
}

type generator struct {
	*rand.Rand
	opt    Options
	p      *Program
	blocks []int   // number of, by function
	land   [][]int // blocks that calls, returns and jumps from elsewhere lead to, by function
	b      *ir.Builder
	fn     int
	cur    int // block
	pc     uint64
	pool   [7][]ir.Value // values of this block by type
}

func (g *generator) address(fn, block int) uint64 {
	return textAt + uint64(fn)*funcSize + uint64(block)*blockSize
}

// chance is true one time in n.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// bits makes 64 bits that are more often than not near some edge.
func (g *generator) bits() uint64 {
	edges := [...]uint64{0, 1, 2, 7, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 32, 1<<63 - 1, 1 << 63, ^uint64(0),
		0x3ff0000000000000, 0x7ff0000000000000, 0xfff8000000000001, 0x7ff0000000000001, 0x000fffffffffffff, 0x4340000000000000, // doubles
		0x3f800000, 0x7f800000, 0x7fa00001, 0xffc00000, 0x00000001_00400000, 0x3f8000007fc00001, DataAt}
	switch g.IntN(4) {
	case 0:
		return g.Uint64()
	case 1:
		return pick(g, edges[:]) + uint64(g.IntN(5)) - 2
	case 2:
		return pick(g, edges[:])
	}
	return g.Uint64() >> g.IntN(64)
}

func (g *generator) function(i int) *ir.Func {
	g.fn = i
	base := g.address(i, 0)
	g.b = ir.NewBuilder(Arch, "f"+string(rune('0'+i)), base)
	for k := range g.blocks[i] {
		g.b.NewBlock(g.address(i, k))
	}
	for k := range g.blocks[i] {
		g.block(k)
	}
	return g.b.F
}

func (g *generator) at() { g.b.At(g.pc) }

// step goes on to the next instruction's address.
func (g *generator) step() {
	if g.pc+8 < g.address(g.fn, g.cur)+blockSize {
		g.pc += 4
	}
	g.at()
}

func (g *generator) start(k int) {
	g.b.SetBlock(ir.BlockID(k))
	g.pool = [7][]ir.Value{}
}

func (g *generator) block(k int) {
	b := g.b
	g.cur, g.pc = k, g.address(g.fn, k)
	g.start(k)
	g.at()
	if slices.Contains(g.land[g.fn], k) { // flags are undefined there
		b.SetFlags(ir.FlagsSub, b.Get(SlotW, ir.I32), b.Get(g.intSlot(), ir.I32), 0)
	}
	if k == 0 || g.chance(4) {
		g.countdown()
	}
	if k == 0 {
		sp := b.Get(SlotSP, ir.I64)
		b.Store(ir.Mem64, sp, -16, b.Get(SlotLR, ir.I64))
		b.Set(SlotSP, b.AddI(sp, ^uint64(31)))
	}
	n := g.IntN(g.opt.Insts + 1)
	for range n {
		g.step()
		g.statement()
	}
	b.Block().Cost = uint32(n + 1)
	g.step()
	g.terminator(k)
}

// countdown exits when the counter reaches zero.
func (g *generator) countdown() {
	b := g.b
	c := b.AddI(b.Get(SlotCount, ir.I64), ^uint64(0))
	b.Set(SlotCount, c)
	g.step()
	b.ExitIf(b.LeS(c, b.I64(0)), ir.ExitBreakpoint, b.I64(uint64(g.cur)))
}

var slotTypes = map[ir.Type][]ir.Type{
	ir.I64:  {ir.I64, ir.I64, ir.I32},
	ir.V128: {ir.V128, ir.F64, ir.F32, ir.I64},
	ir.I32:  {ir.I32},
}

func (g *generator) slot() ir.Slot {
	switch g.IntN(8) {
	case 0:
		return SlotW
	case 1, 2:
		return SlotV + ir.Slot(g.IntN(numV))
	}
	return SlotX + ir.Slot(g.IntN(numX))
}

func (g *generator) statement() {
	b := g.b
	switch g.IntN(16) {
	case 0:
		g.store()
	case 1:
		g.compare()
	case 2:
		if g.chance(3) {
			b.ExitIf(b.Eqz(b.AndI(g.value(ir.I32), 63)), ir.ExitUndefined, pick(g, []ir.Value{0, g.value(ir.I64)}))
		}
	case 3:
		if g.chance(3) { // not plainly SP less something: checked where it stands
			sp := b.And(b.Get(SlotSP, ir.I64), b.I64(^uint64(15)))
			b.GuardSP(b.Sub(sp, b.AndI(g.value(ir.I64), 1)))
		}
	case 4:
		g.atomic()
	case 5:
		g.keep(b.Helper(ir.Helper(g.IntN(8)), g.value(ir.I64), g.value(ir.I64)))
	case 6:
		g.load(pick(g, []ir.Type{ir.I32, ir.I64, ir.F32, ir.F64, ir.V128}))
	default:
		s := g.slot()
		b.Set(s, g.value(pick(g, slotTypes[Arch.Slots[s].Type])))
	}
}

func (g *generator) keep(v ir.Value) ir.Value {
	t := g.b.Type(v)
	g.pool[t] = append(g.pool[t], v)
	return v
}

// value gives a value of type t: one of this block's, or a new one.
func (g *generator) value(t ir.Type) ir.Value { return g.deep(t, 3) }

func (g *generator) deep(t ir.Type, depth int) ir.Value {
	if old := g.pool[t]; len(old) > 0 && g.IntN(3) > 0 {
		return pick(g, old)
	}
	if depth == 0 || g.chance(4) {
		return g.keep(g.leaf(t))
	}
	return g.keep(g.compute(t, depth-1))
}

// leaf is a constant or a register.
func (g *generator) leaf(t ir.Type) ir.Value {
	b := g.b
	if g.chance(3) {
		switch t {
		case ir.I32:
			return b.I32(uint32(g.bits()))
		case ir.I64:
			return b.I64(g.bits())
		case ir.F32:
			return b.F32Bits(uint32(g.bits()))
		case ir.F64:
			return b.F64Bits(g.bits())
		}
		return b.V128(g.bits(), g.bits())
	}
	for {
		s := g.slot()
		for _, st := range slotTypes[Arch.Slots[s].Type] {
			if st == t {
				return b.Get(s, t)
			}
		}
	}
}

// byResult lists WebAssembly's operations that Exec supports, by the type of their result.
var byResult = sync.OnceValue(func() (t [7][]ir.Op) {
	for op := ir.Op(0); op < ir.NumOps; op++ {
		if op.IsWasm() && Supports(op) {
			r := op.Info().Result
			t[r] = append(t[r], op)
		}
	}
	return t
})

func (g *generator) compute(t ir.Type, depth int) ir.Value {
	b := g.b
	arg := func(t ir.Type) ir.Value { return g.deep(t, depth) }
	if t.IsInt() {
		switch g.IntN(24) {
		case 0:
			return b.Div(g.chance(2), arg(t), arg(t))
		case 1:
			if t == ir.I64 {
				return b.MulHi(g.chance(2), arg(t), arg(t))
			}
			return b.NZCV()
		case 2:
			if t == ir.I32 {
				return b.Test(ir.Cond(g.IntN(15)))
			}
			return b.Bswap(arg(t))
		case 3:
			return b.BitReverse(arg(t))
		}
	}
	if g.chance(12) {
		return b.Select(arg(ir.I32), arg(t), arg(t))
	}
	if g.chance(12) && !t.IsInt() {
		lanes := 0
		if t == ir.V128 {
			lanes = pick(g, []int{2, 4})
		}
		return b.FMA(arg(t), arg(t), arg(t), lanes)
	}
	op := pick(g, byResult()[t])
	if t.IsInt() && g.chance(2) { // of integers there are fewer ways to go wrong with the others
		for op.Info().Args[0] != t || len(op.Info().Args) != 2 {
			op = pick(g, byResult()[t])
		}
	}
	info := op.Info()
	var args []ir.Value
	for _, at := range info.Args {
		args = append(args, arg(at))
	}
	switch info.Imm {
	case ir.ImmLane:
		shape, _, _ := strings.Cut(info.Name, ".")
		return b.Lane(op, g.IntN(int(128/shapes[shape].width)), args...)
	case ir.ImmShuffle:
		var m [16]byte
		for i := range m {
			m[i] = byte(g.IntN(32))
		}
		return b.Shuffle(args[0], args[1], m)
	}
	r := b.Op(op, args...)
	if lanes, open := openNaN(op); open {
		if len(args) == 1 {
			return b.NaN1(r, args[0], lanes)
		}
		return b.NaN2(r, args[0], args[1], lanes)
	}
	return r
}

// openNaN reports whether WebAssembly leaves the NaN that op makes open, and its lanes.
func openNaN(op ir.Op) (lanes int, open bool) {
	shape, name, _ := strings.Cut(op.String(), ".")
	s, ok := shapes[shape]
	if !ok || !s.float {
		return 0, false
	}
	if s.vec {
		lanes = int(128 / s.width)
	}
	switch name {
	case "add", "sub", "mul", "div", "min", "max", "sqrt", "ceil", "floor", "trunc", "nearest":
		return lanes, true
	}
	return 0, false
}

func (g *generator) compare() {
	b := g.b
	t := pick(g, []ir.Type{ir.I32, ir.I64})
	k := ir.FlagsKind(g.IntN(6))
	var x, y, z ir.Value
	switch k {
	case ir.FlagsFCmp:
		t = pick(g, []ir.Type{ir.F32, ir.F64})
		x, y = g.value(t), g.value(t)
	case ir.FlagsRaw:
		x = g.value(ir.I32)
	case ir.FlagsLogic:
		x = g.value(t)
	case ir.FlagsAddC:
		x, y, z = g.value(t), g.value(t), b.AndI(g.value(ir.I32), 1)
	default:
		x, y = g.value(t), g.value(t)
	}
	if g.chance(3) && (k == ir.FlagsSub || k == ir.FlagsAdd || k == ir.FlagsFCmp) {
		b.SetFlagsIf(g.value(ir.I32), k, x, y, uint32(g.IntN(16))<<28)
		return
	}
	b.SetFlags(k, x, y, z)
}

// addr makes an address with room for 64 bytes behind it, and an offset.
func (g *generator) addr() (ir.Value, int64) {
	b := g.b
	if g.opt.Faults && g.chance(12) {
		return b.AndI(g.value(ir.I64), 0xf00), int64(g.IntN(64)) // the null page
	}
	a := b.Add(b.AndI(g.value(ir.I64), DataSize-0x80), b.I64(DataAt+0x100))
	if g.chance(3) {
		a = b.Add(a, b.I64(uint64(int64(g.IntN(256)-128))&^7))
	}
	if old := g.pool[0]; len(old) > 0 && g.chance(2) {
		a = pick(g, old) // accesses that share an address share its check
	}
	g.pool[0] = append(g.pool[0], a)
	return a, int64(g.IntN(64))
}

var accesses = map[ir.Type][]ir.Access{
	ir.I32:  {ir.Mem8, ir.Mem16, ir.Mem32, ir.Mem8S, ir.Mem16S},
	ir.I64:  {ir.Mem8, ir.Mem16, ir.Mem32, ir.Mem64, ir.Mem8S, ir.Mem16S, ir.Mem32S},
	ir.F32:  {ir.Mem32},
	ir.F64:  {ir.Mem64},
	ir.V128: {ir.Mem128},
}

func (g *generator) load(t ir.Type) {
	a, off := g.addr()
	g.keep(g.b.Load(pick(g, accesses[t]), t, a, off))
}

func (g *generator) store() {
	t := pick(g, []ir.Type{ir.I32, ir.I64, ir.F32, ir.F64, ir.V128})
	a, off := g.addr()
	list := accesses[t]
	if t.IsInt() {
		list = list[:3]
	}
	g.b.Store(pick(g, list), a, off, g.value(t))
}

func (g *generator) atomic() {
	b := g.b
	a := b.AndI(b.Add(b.AndI(g.value(ir.I64), DataSize-0x80), b.I64(DataAt)), ^uint64(15))
	t := pick(g, []ir.Type{ir.I32, ir.I64})
	acc := ir.Mem64
	if t == ir.I32 {
		acc = pick(g, []ir.Access{ir.Mem8, ir.Mem16, ir.Mem32})
	}
	switch g.IntN(5) {
	case 0:
		g.keep(b.AtomicLoad(acc, t, a))
	case 1:
		b.AtomicStore(acc, a, g.value(t))
	case 2:
		g.keep(b.AtomicCAS(acc, a, g.value(t), g.value(t)))
	default:
		g.keep(b.AtomicRMW(ir.RMW(g.IntN(9)), acc, a, g.value(t)))
	}
	if g.chance(3) {
		b.Fence()
	}
}

// target is a block of this function other than its entry.
func (g *generator) target() ir.BlockID { return ir.BlockID(g.IntN(g.blocks[g.fn])) }

// code is the address of some block of some function; entries are the most likely.
func (g *generator) code() uint64 {
	f := g.IntN(len(g.blocks))
	if g.chance(4) {
		return g.address(f, pick(g, g.land[f]))
	}
	if g.chance(40) {
		return 0x600000 // nothing there
	}
	return g.address(f, 0)
}

func (g *generator) terminator(k int) {
	b := g.b
	back := func(t ...ir.BlockID) {
		for _, s := range t {
			if s != ir.NoBlock && int(s) <= k {
				g.countdown()
				return
			}
		}
	}
	restore := func() {
		sp := b.AddI(b.Get(SlotSP, ir.I64), 32)
		b.Set(SlotLR, b.Load(ir.Mem64, ir.I64, sp, -16))
		b.Set(SlotSP, sp)
	}
	// A stack pointer that returns through strange ways have moved stays in memory.
	wrap := func() {
		sp := b.Get(SlotSP, ir.I64)
		b.Set(SlotSP, b.Or(b.AndI(sp, 0xfff0), b.I64(StackTop-0x10000)))
	}
	switch g.IntN(20) {
	case 0, 1:
		to := g.target()
		back(to)
		b.End(ir.Term{Kind: ir.TermJump, To: to})
	case 2, 3, 4, 5, 6, 7:
		to, or := g.target(), g.target()
		back(to, or)
		b.End(ir.Term{Kind: ir.TermBranch, Val: g.condition(), To: to, Else: or})
	case 8:
		// a loop of one block
		to := g.target()
		g.countdown()
		b.End(ir.Term{Kind: ir.TermBranch, Val: g.condition(), To: ir.BlockID(k), Else: to})
	case 9, 10:
		t := ir.Term{Kind: ir.TermSwitch, Else: g.target()}
		for range 1 + g.IntN(6) {
			s := g.target()
			if g.chance(6) {
				s = ir.NoBlock
			}
			t.Targets = append(t.Targets, s)
		}
		back(append(t.Targets, t.Else)...)
		t.Val = g.value(ir.I32)
		if !g.chance(4) {
			t.Val = b.AndI(t.Val, 7)
		}
		b.End(t)
	case 11, 12, 13:
		to := ir.BlockID(pick(g, g.land[g.fn]))
		g.countdown()
		wrap()
		ret := g.address(g.fn, int(to))
		t := ir.Term{Kind: ir.TermCall, PC: g.code(), Ret: ret, To: to}
		if g.chance(3) {
			t.Kind = ir.TermCallInd
			t.Val = b.Select(g.value(ir.I32), b.I64(g.code()), b.I64(g.code()))
		}
		b.Set(SlotLR, b.I64(ret))
		b.End(t)
	case 14, 15:
		g.countdown()
		restore()
		wrap()
		b.End(ir.Term{Kind: ir.TermReturn, Val: b.Get(SlotLR, ir.I64)})
	case 16:
		g.countdown()
		wrap()
		if g.chance(2) {
			b.End(ir.Term{Kind: ir.TermTail, PC: g.code()})
		} else {
			b.End(ir.Term{Kind: ir.TermTailInd, Val: b.Select(g.value(ir.I32), b.I64(g.code()), b.I64(g.code()))})
		}
	case 17:
		to := g.target()
		g.countdown()
		b.End(ir.Term{Kind: ir.TermSyscall, To: to, Ret: g.address(g.fn, int(to))})
	case 18:
		g.split(k)
	default:
		b.End(ir.Term{Kind: ir.TermExit, Code: ir.ExitBreakpoint, PC: g.pc, Info: uint64(g.IntN(100))})
	}
}

func (g *generator) condition() ir.Value {
	if g.chance(2) {
		return g.b.Test(ir.Cond(g.IntN(14)))
	}
	return g.value(ir.I32)
}

// split ends block k with a choice of two new blocks, which use its values. They belong
// to the same instruction and have no address of their own.
func (g *generator) split(k int) {
	b := g.b
	g.countdown()
	pc := g.address(g.fn, k)
	yes, no := b.NewBlock(pc), b.NewBlock(pc)
	v, w := g.value(ir.I64), g.value(ir.I32)
	b.End(ir.Term{Kind: ir.TermBranch, Val: g.condition(), To: yes, Else: no})
	for i, blk := range []ir.BlockID{yes, no} {
		g.start(int(blk))
		g.at()
		b.Set(g.intSlot(), b.AddI(v, uint64(i)))
		b.Set(SlotW, b.Xor(w, b.I32(uint32(i))))
		b.End(ir.Term{Kind: ir.TermJump, To: g.target()})
	}
}

func (g *generator) intSlot() ir.Slot { return SlotX + ir.Slot(g.IntN(numX)) }
