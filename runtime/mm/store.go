package mm

import (
	"encoding/binary"
	"maps"
	"slices"

	"boxer/runtime/engine"
)

// store is what a memory held, without the memory: it implements
// engine.Memory, but nothing can be linked to it.
type store struct {
	pool   *Pool
	size   uint64
	blocks map[uint64]engine.Block // by offset / engine.BlockSize; what is not there is zero
}

func (p *Pool) newStore(size uint64) *store {
	return &store{pool: p, size: size, blocks: map[uint64]engine.Block{}}
}

var _ engine.Memory = (*store)(nil)

func (s *store) Instance() engine.Instance { panic("BUG: mm: linking to a space that has no memory") }

func (s *store) Size() uint64 { return s.size }

func (s *store) Grow(size uint64) bool {
	if size > uint64(s.pool.opts.MaxPages)*engine.PageSize {
		return false
	}
	s.size = max(s.size, alignUp(size, engine.PageSize))
	return true
}

func (s *store) has(off, n uint64) bool { return off <= s.size && n <= s.size-off }

// each calls f for each block that [off, off+n) meets, with the part that does.
func (s *store) each(off, n uint64, f func(i, at, n uint64)) {
	for n > 0 {
		at := off % engine.BlockSize
		k := min(n, engine.BlockSize-at)
		f(off/engine.BlockSize, at, k)
		off, n = off+k, n-k
	}
}

// block is the block with number i, made if need be.
func (s *store) block(i uint64) engine.Block {
	b := s.blocks[i]
	if b == nil {
		b = s.pool.newBlock()
		s.blocks[i] = b
	}
	return b
}

func (s *store) Read(off uint64, p []byte) bool {
	if !s.has(off, uint64(len(p))) {
		return false
	}
	s.each(off, uint64(len(p)), func(i, at, n uint64) {
		if b := s.blocks[i]; b != nil {
			b.Read(at, p[:n])
		} else {
			clear(p[:n])
		}
		p = p[n:]
	})
	return true
}

func (s *store) Write(off uint64, p []byte) bool {
	if !s.has(off, uint64(len(p))) {
		return false
	}
	s.each(off, uint64(len(p)), func(i, at, n uint64) {
		s.block(i).Write(at, p[:n])
		p = p[n:]
	})
	return true
}

func (s *store) Zero(off, n uint64) bool {
	if !s.has(off, n) {
		return false
	}
	lo, hi := off/engine.BlockSize, (off+n+engine.BlockSize-1)/engine.BlockSize
	for _, i := range s.numbers(lo, hi) {
		from, to := max(off, i*engine.BlockSize), min(off+n, (i+1)*engine.BlockSize)
		if to-from == engine.BlockSize {
			s.blocks[i].Free()
			delete(s.blocks, i)
		} else {
			s.blocks[i].Write(from%engine.BlockSize, zeros[:to-from])
		}
	}
	return true
}

// numbers lists the blocks there are of [lo, hi), ascending.
func (s *store) numbers(lo, hi uint64) []uint64 {
	if hi-lo > uint64(len(s.blocks)) {
		all := slices.Sorted(maps.Keys(s.blocks))
		i, _ := slices.BinarySearch(all, lo)
		j, _ := slices.BinarySearch(all, hi)
		return all[i:max(i, j)]
	}
	var out []uint64
	for ; lo < hi; lo++ {
		if s.blocks[lo] != nil {
			out = append(out, lo)
		}
	}
	return out
}

func (s *store) Touched(off, n uint64, yield func(off, n uint64) bool) {
	for _, i := range s.numbers(off/engine.BlockSize, (off+n+engine.BlockSize-1)/engine.BlockSize) {
		lo, hi := max(off, i*engine.BlockSize), min(off+n, (i+1)*engine.BlockSize)
		if lo < hi && !yield(lo, hi-lo) {
			return
		}
	}
}

func (s *store) CopyTo(dst engine.Memory, off, n uint64) bool { return copyRange(dst, s, off, n) }

func (s *store) Load32(off uint64) (v uint32, ok bool) {
	var b [4]byte
	if off%4 != 0 || !s.Read(off, b[:]) {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b[:]), true
}

func (s *store) CompareAndSwap32(off uint64, old, new uint32) (swapped, ok bool) {
	v, ok := s.Load32(off)
	if !ok || v != old {
		return false, ok
	}
	return true, s.Write(off, binary.LittleEndian.AppendUint32(nil, new))
}

func (s *store) Close() error {
	for _, b := range s.blocks {
		b.Free()
	}
	s.blocks = nil
	return nil
}

// copyRange copies n bytes at off from one memory or store to another; false
// where a range leaves one.
func copyRange(dst, src engine.Memory, off, n uint64) bool {
	to, in := dst.(*store)
	from, out := src.(*store)
	switch {
	case !in && !out:
		return src.CopyTo(dst, off, n)
	case off > dst.Size() || n > dst.Size()-off || off > src.Size() || n > src.Size()-off:
		return false
	case !out:
		to.each(off, n, func(i, at, n uint64) { to.block(i).Load(src, i*engine.BlockSize+at, n) })
	case !in:
		from.each(off, n, func(i, at, n uint64) {
			if b := from.blocks[i]; b != nil {
				b.Store(dst, i*engine.BlockSize+at, n)
			} else {
				dst.Zero(i*engine.BlockSize+at, n)
			}
		})
	default:
		var buf [engine.BlockSize]byte
		from.each(off, n, func(i, at, n uint64) {
			if b := from.blocks[i]; b != nil {
				b.Read(at, buf[:n])
				to.block(i).Write(at, buf[:n])
			}
		})
	}
	return true
}

// newBlock makes a block outside of Go's heap where the engine has room
// there, else in it.
func (p *Pool) newBlock() engine.Block {
	if k, ok := p.eng.(engine.BlockKeeper); ok {
		if b := k.NewBlock(); b != nil {
			return b
		}
	}
	return &heapBlock{}
}

// heapBlock is a block in Go's heap.
type heapBlock [engine.BlockSize]byte

func (b *heapBlock) Read(off uint64, p []byte)  { copy(p, b[off:]) }
func (b *heapBlock) Write(off uint64, p []byte) { copy(b[off:], p) }
func (b *heapBlock) Free()                      {}

func (b *heapBlock) Load(m engine.Memory, off, n uint64) {
	at := off % engine.BlockSize
	if !m.Read(off, b[at:at+n]) {
		panic("BUG: mm: touched pages outside the memory")
	}
}

func (b *heapBlock) Store(m engine.Memory, off, n uint64) {
	at := off % engine.BlockSize
	if !m.Write(off, b[at:at+n]) {
		panic("BUG: mm: stored pages outside the memory")
	}
}
