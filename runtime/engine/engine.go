// Package engine is the WebAssembly engine as the rest of boxer sees it:
// compile, link, call, and nothing that only one host can do.
//
// Package wazero (servers) and jsbridge/wasmhost (the page) implement it;
// package enginetest holds both to the same behaviour. Modules are linked by
// instance, never by a global name: each import module name is satisfied by
// one Instance, whose exports carry the names of the imports.
package engine

import "fmt"

// PageSize is the size of a Wasm page in bytes.
const PageSize = 1 << 16

// MaxPages is the largest memory that boxer declares, in pages. 65,536 would
// be legal Wasm, but wazero then reports a size of zero.
const MaxPages = 65535

// An Engine compiles and links modules. All methods are safe for concurrent
// use; Funcs are not (see Func).
type Engine interface {
	// Name says which engine this is, for reports: "wazero 1.12.0", "V8".
	Name() string

	// Compile validates and compiles a binary module. Compiling the same
	// bytes again is cheap: results are cached by content, in memory and,
	// where the engine was given a directory, on disk. The error of an
	// invalid module says why it is invalid.
	Compile(bin []byte) (Module, error)

	// Instantiate links m. Each import of m is looked up in imports by its
	// module name, then among that Instance's exports by its field name.
	Instantiate(m Module, imports Imports) (Instance, error)

	// NewMemory makes a memory of min pages that can grow to max (at most
	// MaxPages). Nothing is committed on the host before it is touched.
	NewMemory(min, max uint32) (Memory, error)

	// NewHost makes an instance whose exports are Go functions.
	NewHost(fns []HostFunc) (Instance, error)

	// Close frees everything made by the engine. Nothing made by it may be
	// used afterwards.
	Close() error
}

// Imports maps an import module name to the instance that satisfies it.
type Imports map[string]Instance

// A Module is compiled code that can be instantiated any number of times.
type Module interface {
	// Close drops the engine's reference; instances stay usable.
	Close() error
}

// An Instance is a linked module, a memory or a set of host functions.
type Instance interface {
	// Func returns an exported function.
	Func(name string) (Func, error)
	// Close makes the instance unusable and lets its memory be freed.
	// Code reachable through a table that outlives it stays callable.
	Close() error
}

// A Func is an exported function. A Func is used by one goroutine at a time.
type Func interface {
	// Call takes the parameters from stack[:params] and leaves the results in
	// stack[:results]; i32 and f32 values lie in the low 32 bits (the others
	// mean nothing), v128 takes two words, low half first. A trap is returned
	// as a *Trap and leaves the instance usable. A stack that is too short is
	// an error.
	Call(stack []uint64) error
}

// ValType is the type of a host function's parameter or result.
type ValType byte

// The value types that may cross between Go and Wasm, by their encoding in
// the Wasm binary format.
const (
	I32 ValType = 0x7f
	I64 ValType = 0x7e
	F32 ValType = 0x7d
	F64 ValType = 0x7c
)

// HostFunc is a Go function that Wasm can import. Fn reads its parameters
// from stack[:len(Params)] and writes its results to stack[:len(Results)];
// of an i32 or f32, only the low 32 bits count. Fn must not block, must not
// keep stack, and must not call back into the calling instance. A panic of Fn
// is not turned into a trap.
type HostFunc struct {
	Name    string
	Params  []ValType
	Results []ValType
	Fn      func(stack []uint64)
}

// A Suspender is an Engine whose host functions may block after all, on a
// goroutine that nothing else needs: the Wasm code that called one stays on its
// stack meanwhile. On servers every goroutine has a stack; a page needs
// JavaScript Promise Integration. It serves programs whose state nobody can
// take off the stack (WASI).
type Suspender interface {
	// Suspends reports whether this engine, here, can do so.
	Suspends() bool
}

// A FiberEngine is an Engine whose host functions may not block, but that can
// take Wasm code off the stack and put it back (JavaScript Promise Integration).
type FiberEngine interface {
	// Fibers reports whether this engine, here, can do so.
	Fibers() bool
	// NewFiber makes a stack for one run of Wasm code.
	NewFiber() (Fiber, error)
}

// A Fiber is a stack of Wasm code that leaves the program's when it calls wait.
// Between that and Resume nothing of it is on the way of anybody. Start and Resume block
// the goroutine, which must not have been called from Wasm code, and let events in.
type Fiber interface {
	// Instance exports wait () → i64.
	Instance() Instance
	// Start calls fn, an export of an instance of the engine without parameters and results, until it calls
	// wait, or has ended. It is used once.
	Start(fn Func) (ended bool, err error)
	// Resume lets wait return v, and goes on as Start does.
	Resume(v uint64) (ended bool, err error)
	// Close frees a fiber that has not started, or has ended.
	Close() error
}

// A Keeper is an Engine that keeps compiled code under a key of its caller's,
// so that a module is had again without its binary, which need not even be
// read: in this run, and in later ones where the engine was given a directory.
// Both methods are safe for concurrent use.
type Keeper interface {
	// Recall returns the module that was compiled under key and the note that
	// came with it; ok is false if there is none (any more).
	Recall(key [32]byte) (m Module, note []byte, ok bool)
	// CompileKept is Compile, and keeps code and note under key. The key must
	// name bin: two binaries never share one. note is kept by reference.
	CompileKept(key [32]byte, bin, note []byte) (Module, error)
}

// A BlockKeeper is an Engine that keeps bytes outside of Go's heap, which in a
// page never shrinks: what address spaces without a memory of their own
// consist of (package mm).
type BlockKeeper interface {
	// NewBlock returns a block of zeros, or nil where the host has no room.
	NewBlock() Block
}

// BlockSize is the size of a Block in bytes.
const BlockSize = 1 << 14

// A Block is a piece of what a memory held, kept elsewhere. Block i of a
// memory is its bytes from i × BlockSize. A range never leaves the block, nor
// the memory.
type Block interface {
	// Read and Write copy between p and the block at off.
	Read(off uint64, p []byte)
	Write(off uint64, p []byte)
	// Load copies n bytes at off of m, an offset in the memory, to their place
	// in the block; Store copies them back.
	Load(m Memory, off, n uint64)
	Store(m Memory, off, n uint64)
	// Free gives the room back.
	Free()
}

// A Memory is a linear memory. Its contents are copied in and out, never
// viewed (STYLE 5). Offsets and sizes are in bytes.
type Memory interface {
	// Instance exports the memory as "memory".
	Instance() Instance
	// Size is the current size in bytes, a multiple of PageSize.
	Size() uint64
	// Grow makes the memory at least size bytes large. It reports false
	// where the maximum or the host does not allow that.
	Grow(size uint64) bool
	// Read copies len(p) bytes at off into p; it reports false, having
	// copied nothing, when the range leaves the memory.
	Read(off uint64, p []byte) bool
	// Write copies p to off; false, with nothing written, as for Read.
	Write(off uint64, p []byte) bool
	// Zero clears n bytes at off and gives whole host pages back where the
	// host can; false, with nothing cleared, as for Read.
	Zero(off, n uint64) bool
	// Touched calls yield for ranges that cover every byte in [off, off+n)
	// that is not zero, in ascending order, until yield returns false. It may
	// cover more. It serves fork and snapshots, which skip the rest.
	Touched(off, n uint64, yield func(off, n uint64) bool)
	// CopyTo copies n bytes at off to dst at the same offset (fork).
	CopyTo(dst Memory, off, n uint64) bool
	// Load32 and CompareAndSwap32 are atomic against Wasm code that runs on
	// the same memory; ok is false when off is misaligned or outside.
	Load32(off uint64) (v uint32, ok bool)
	CompareAndSwap32(off uint64, old, new uint32) (swapped, ok bool)
	// Close frees the memory once nothing is linked to it.
	Close() error
}

// TrapKind says why Wasm code trapped.
type TrapKind uint8

// The kinds of trap that both engines can tell apart. Others are TrapOther.
const (
	TrapOther TrapKind = iota
	TrapUnreachable
	TrapOutOfBounds   // memory access; in Firefox an index outside a table too
	TrapTable         // table access out of bounds, null entry or wrong type
	TrapDivide        // integer division by zero or overflow
	TrapConversion    // not-a-number to integer; a float too large may be TrapDivide
	TrapUnaligned     // atomic access
	TrapStackOverflow // the engine's own stack
)

var trapNames = [...]string{"trap", "unreachable", "out of bounds memory access", "invalid table access",
	"integer divide error", "invalid conversion to integer", "unaligned atomic", "stack overflow"}

func (k TrapKind) String() string { return trapNames[k] }

// A Trap is the error of a Func that trapped.
type Trap struct {
	Kind   TrapKind
	Detail string // the engine's own words
}

func (t *Trap) Error() string { return fmt.Sprintf("wasm trap: %v (%s)", t.Kind, t.Detail) }
