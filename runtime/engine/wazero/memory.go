package wazero

import (
	"context"
	"crypto/sha256"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"boxer/runtime/engine"
)

// A memory is a module that exports nothing but a memory, instantiated over a
// reservation of address space as large as its maximum (reserve_*.go). All
// of it is readable and writable from the start, and nothing is committed
// before it is touched: growth only moves the bound that wazero checks.
//
// wazero frees an instance's memory when the instance is closed, even a
// memory that it only imports, and afterwards grows it by copying. So the
// reservation does not free on wazero's word, and the memory's own instance
// is closed as soon as it is made: from then on wazero regards the memory as
// a slice whose capacity is the maximum, which grows in place.
//
// The reservation outlives Close: Close gives its pages back, so that stray
// code reads zeros, and the address space goes when the garbage collector
// finds that nothing can reach the memory. That is how wazero itself decides
// when code may go.
type memory struct {
	e    *Engine
	inst *instance
	mem  api.Memory
	res  *reservation

	mu     sync.Mutex
	links  int // open instances
	closed atomic.Bool
	freed  bool
}

// NewMemory implements engine.Engine.
func (e *Engine) NewMemory(min, max uint32) (engine.Memory, error) {
	if min > max || max > engine.MaxPages {
		return nil, fmt.Errorf("memory of %d to %d pages: the limits are 0 ≤ min ≤ max ≤ %d", min, max, engine.MaxPages)
	}
	bin := memoryModule(min, max)
	key := sha256.Sum256(bin)
	mod, err := e.modules.CompileAs(key, int64(len(bin)), func() (compiled, error) { return e.compile(key, bin, nil) })
	if err != nil {
		return nil, err
	}
	defer mod.Close()
	res, err := reserve(uint64(max) * engine.PageSize)
	if err != nil {
		return nil, fmt.Errorf("memory of up to %d pages: %w", max, err)
	}
	ctx := context.Background()
	if res.base != nil {
		ctx = experimental.WithMemoryAllocator(ctx, res)
	}
	inst, err := e.rt.InstantiateModule(ctx, mod.Code().CompiledModule, anonymous)
	if err != nil {
		res.unmap()
		return nil, fmt.Errorf("memory of %d to %d pages: %w", min, max, err)
	}
	m := &memory{e: e, mem: inst.ExportedMemory("memory"), res: res}
	if res.base != nil {
		// The object behind the interface is wazero's memory instance, which
		// everything linked to the memory refers to.
		runtime.AddCleanup((*byte)(reflect.ValueOf(m.mem).UnsafePointer()), (*reservation).unmap, res)
	}
	if err := inst.Close(context.Background()); err != nil {
		return nil, fmt.Errorf("memory of %d to %d pages: %w", min, max, err)
	}
	m.inst = &instance{mod: inst, mems: []*memory{m}}
	m.links = 1 // its own
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, engine.ErrClosed
	}
	e.memories[m] = struct{}{}
	return m, nil
}

// memoryModule is (module (memory (export "memory") min max)).
func memoryModule(min, max uint32) []byte {
	limits := appendUvarint(appendUvarint([]byte{1, 1}, min), max)
	b := []byte{0, 'a', 's', 'm', 1, 0, 0, 0, 5, byte(len(limits))}
	b = append(b, limits...)
	return append(b, 7, 10, 1, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0)
}

func appendUvarint(b []byte, v uint32) []byte {
	for ; v >= 0x80; v >>= 7 {
		b = append(b, byte(v)|0x80)
	}
	return append(b, byte(v))
}

// Allocate implements experimental.MemoryAllocator.
func (r *reservation) Allocate(_, _ uint64) experimental.LinearMemory { return r }

// Reallocate implements experimental.LinearMemory. The capacity is the whole
// reservation, which tells wazero that it may grow without asking.
func (r *reservation) Reallocate(size uint64) []byte { return r.base[:size] }

// Free implements experimental.LinearMemory, and does nothing; see memory.
func (r *reservation) Free() {}

// bytes is the memory as it is now. It must not be kept.
func (m *memory) bytes() []byte {
	if m.closed.Load() {
		return nil
	}
	b, _ := m.mem.Read(0, m.mem.Size())
	return b
}

// span is [off, off+n) of the memory, or nil and false if it leaves it. The
// garbage collector does not know the slice: m is to be kept alive by
// runtime.KeepAlive until its last use.
func (m *memory) span(off, n uint64) ([]byte, bool) {
	b := m.bytes()
	if size := uint64(len(b)); off > size || n > size-off {
		return nil, false
	}
	return b[off : off+n], true
}

// Instance implements engine.Memory.
func (m *memory) Instance() engine.Instance { return m.inst }

// Size implements engine.Memory.
func (m *memory) Size() uint64 { return uint64(len(m.bytes())) }

// Grow implements engine.Memory.
func (m *memory) Grow(size uint64) bool {
	if m.closed.Load() {
		return false
	}
	have := uint64(m.mem.Size())
	if size <= have {
		return true
	}
	if size > engine.MaxPages*engine.PageSize {
		return false
	}
	_, ok := m.mem.Grow(uint32((size - have + engine.PageSize - 1) / engine.PageSize))
	return ok
}

// Read implements engine.Memory.
func (m *memory) Read(off uint64, p []byte) bool {
	b, ok := m.span(off, uint64(len(p)))
	copy(p, b)
	runtime.KeepAlive(m)
	return ok
}

// Write implements engine.Memory.
func (m *memory) Write(off uint64, p []byte) bool {
	b, ok := m.span(off, uint64(len(p)))
	copy(b, p)
	runtime.KeepAlive(m)
	return ok
}

// discardFrom is the number of host pages from which it is cheaper to have
// the host take them back than to clear them.
const discardFrom = 4

// Zero implements engine.Memory.
func (m *memory) Zero(off, n uint64) bool {
	defer runtime.KeepAlive(m)
	b, ok := m.span(off, n)
	if !ok {
		return false
	}
	if m.res.base != nil {
		page := hostPage
		head := -off & (page - 1) // bytes up to the first page boundary
		if n >= head+discardFrom*page {
			whole := (n - head) &^ (page - 1)
			if discard(b[head:head+whole]) == nil {
				clear(b[:head])
				clear(b[head+whole:])
				return true
			}
		}
	}
	clearPages(b)
	return true
}

// clearPages clears b, but does not write what is zero already: a write to an
// untouched page commits it.
func clearPages(b []byte) {
	for len(b) > 0 {
		n := min(len(b), len(zeroPage))
		if !isZero(b[:n]) {
			clear(b[:n])
		}
		b = b[n:]
	}
}

var zeroPage [4096]byte

// isZero reports whether b, at most a zeroPage long, is all zero.
func isZero(b []byte) bool { return string(b) == string(zeroPage[:len(b)]) }

// Touched implements engine.Memory.
func (m *memory) Touched(off, n uint64, yield func(off, n uint64) bool) {
	defer runtime.KeepAlive(m)
	b, ok := m.span(off, n)
	if !ok || n == 0 {
		return
	}
	r := ranges{yield: yield}
	if m.res.base != nil && m.e.pages.touched(b, func(at, n uint64) bool { return r.add(off+at, n) }) {
		r.flush()
		return
	}
	// The host does not say. Look.
	r = ranges{yield: yield}
	for at := uint64(0); at < n; {
		end := min((off+at+uint64(len(zeroPage)))&^uint64(len(zeroPage)-1)-off, n)
		if !isZero(b[at:end]) && !r.add(off+at, end-at) {
			return
		}
		at = end
	}
	r.flush()
}

// ranges joins neighbouring ranges on their way to yield.
type ranges struct {
	yield  func(off, n uint64) bool
	off, n uint64
	done   bool
}

func (r *ranges) add(off, n uint64) bool {
	if r.n > 0 && r.off+r.n == off {
		r.n += n
		return true
	}
	r.flush()
	r.off, r.n = off, n
	return !r.done
}

func (r *ranges) flush() {
	if r.n > 0 && !r.done {
		r.done = !r.yield(r.off, r.n)
	}
	r.n = 0
}

// CopyTo implements engine.Memory.
func (m *memory) CopyTo(dst engine.Memory, off, n uint64) bool {
	defer runtime.KeepAlive(m)
	b, ok := m.span(off, n)
	return ok && dst.Write(off, b)
}

// word is the aligned 32-bit word at off, or nil.
func (m *memory) word(off uint64) *uint32 {
	b, ok := m.span(off, 4)
	if !ok || off%4 != 0 {
		return nil
	}
	return (*uint32)(unsafe.Pointer(&b[0]))
}

// Load32 implements engine.Memory.
func (m *memory) Load32(off uint64) (v uint32, ok bool) {
	w := m.word(off)
	if w == nil {
		return 0, false
	}
	v = fromLittle(atomic.LoadUint32(w))
	runtime.KeepAlive(m)
	return v, true
}

// CompareAndSwap32 implements engine.Memory.
func (m *memory) CompareAndSwap32(off uint64, old, new uint32) (swapped, ok bool) {
	w := m.word(off)
	if w == nil {
		return false, false
	}
	swapped = atomic.CompareAndSwapUint32(w, fromLittle(old), fromLittle(new))
	runtime.KeepAlive(m)
	return swapped, true
}

// fromLittle turns the host's reading of a little-endian word into its value,
// and back.
func fromLittle(v uint32) uint32 {
	one := uint16(1)
	if *(*byte)(unsafe.Pointer(&one)) == 1 {
		return v
	}
	return v<<24 | v>>24 | v<<8&0xff0000 | v>>8&0xff00
}

// Close implements engine.Memory.
func (m *memory) Close() error {
	if m.closed.CompareAndSwap(false, true) {
		return m.inst.Close()
	}
	return nil
}

func (m *memory) link() {
	m.mu.Lock()
	m.links++
	m.mu.Unlock()
}

func (m *memory) unlink() {
	m.mu.Lock()
	m.links--
	last := m.links == 0
	m.mu.Unlock()
	if last {
		m.release()
		m.e.mu.Lock()
		delete(m.e.memories, m)
		m.e.mu.Unlock()
	}
}

// release gives the pages back to the host.
func (m *memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed.Store(true)
	if m.freed || m.res.base == nil {
		return
	}
	m.freed = true
	discard(m.res.base)
}
