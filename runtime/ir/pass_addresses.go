package ir

// maxOffset is the largest constant that may move from an address into an access: a
// base so little below the null page's end that the sum would leave it is no pointer.
const maxOffset = 1 << 16

// passAddresses turns guest addresses into linear offsets: the low 32 bits less the
// bias, so that the null page wraps beyond the memory's end. Accesses to one base share
// the value and differ in their immediate offset, which lets bounds checks be shared.
func passAddresses(f *Func, opt PassOptions) {
	w := newRewriter(f)
	for b := range f.Blocks {
		w.block(BlockID(b), func(v Value) {
			in := f.Insts[v]
			switch in.Op {
			case Load, Store, AtomicLoad, AtomicStore, AtomicRMW, AtomicCAS:
				base, off := splitAddress(f, in.Args[0], int64(in.Imm))
				atomic := in.Op != Load && in.Op != Store
				delta := -opt.Bias
				if off < 0 || atomic {
					delta += uint32(off)
					off = 0
				}
				lin := w.b.Add(w.b.Wrap(base), w.b.I32(delta))
				p := &f.Insts[v]
				p.Args[0], p.Imm = lin, uint64(off)
			}
			w.keep(v)
		})
	}
	w.finish()
}

// splitAddress moves positive constant addends of addr into off while that stays small.
func splitAddress(f *Func, addr Value, off int64) (Value, int64) {
	for {
		in := &f.Insts[addr]
		if in.Op != I64Add {
			return addr, off
		}
		c, ok := f.ConstOf(in.Args[1])
		// A base below an address stays a base: a frame's accesses then share
		// the new stack pointer.
		if !ok || int64(c) >= maxOffset || int64(c) < 0 || off+int64(c) >= maxOffset {
			return addr, off
		}
		addr, off = in.Args[0], off+int64(c)
	}
}
