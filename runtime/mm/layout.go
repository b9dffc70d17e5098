package mm

import (
	"encoding/binary"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/sha2"
)

// Guest addresses that every process agrees on. Nothing is randomised:
// translated code is cached under its load address (DESIGN §4, "Cache").
const (
	// MinAddr is the lowest address that can be mapped, and then only by a
	// fixed mapping: Go links its programs there.
	MinAddr = arch.LinearBias
	// MaxAddr is the end of the guest's address range.
	MaxAddr = 0xFFFF0000
	// PIEBase is where position-independent executables are loaded: above
	// the place where others are linked to, so that a dynamic linker that is run
	// as a program can load one of those.
	PIEBase = 0x0100_0000

	// lowHidden is where the CPU's range lies unless the executable does.
	lowHidden = 0x20000
	// hiddenStep is the granule of the CPU's range when it lies above the executable.
	hiddenStep = 64 << 20

	// Shared objects are placed in this window by digest. 64 MiB keeps a
	// phone's memory small, and with four candidates each (see slots) twenty
	// libraries hardly ever meet.
	libLow, libHigh = 0x0410_0000, 0x0800_0000

	brkRoom      = 32 << 20 // above the executable, before the stack; malloc maps when it is used up
	stackGap     = 1 << 20  // below the stack, in which nothing is placed (Linux: stack_guard_gap)
	defaultStack = 8 << 20
	minStack     = 128 << 10
	maxStack     = 64 << 20
	arenaSize    = 8 << 20 // for Reserve
)

// Layout describes the program that an address space is for. All placement
// is a pure function of it.
type Layout struct {
	// Low and High are the executable's lowest and highest address, its
	// bss included.
	Low, High uint64
	// Dynamic says that the program has an interpreter, which will map
	// libraries: their window is then kept free.
	Dynamic bool
	// StackSize is RLIMIT_STACK in bytes: 0 means 8 MiB; it is rounded to pages
	// and clamped to between 128 KiB and 64 MiB.
	StackSize uint64
}

// places is a Layout worked out.
type places struct {
	hidden             uint64
	brk                uint64
	stackLow, stackTop uint64
	arena, arenaEnd    uint64
	base               uint64 // where first-fit placement starts
	dynamic            bool
}

// HiddenFor is the address of the CPU's range for an executable that covers
// [low, high). It is part of the identity of cached code, so it must never
// depend on anything else.
func HiddenFor(low, high uint64) uint64 {
	if low >= lowHidden+arch.HiddenSize || high <= lowHidden {
		return lowHidden
	}
	return alignUp(high, hiddenStep)
}

func (l Layout) places() (places, error) {
	if l.Low > l.High || l.Low < MinAddr || l.High > MaxAddr {
		return places{}, abi.ENOMEM
	}
	p := places{hidden: HiddenFor(l.Low, l.High), brk: alignUp(l.High, pageSize), dynamic: l.Dynamic}
	floor := p.brk + brkRoom
	if l.Low >= 2*libHigh {
		floor = PIEBase // linked high: everything else fits below
	} else if p.hidden > l.High {
		floor = max(floor, p.hidden+arch.HiddenSize)
	}
	if l.Dynamic {
		floor = max(floor, libHigh)
	}
	stack := l.StackSize
	if stack == 0 {
		stack = defaultStack
	}
	stack = alignUp(min(max(stack, minStack), maxStack), pageSize)
	p.stackLow = alignUp(floor, stackGap) + stackGap
	p.stackTop = p.stackLow + stack
	p.arena = p.stackTop
	p.arenaEnd = p.arena + arenaSize
	p.base = p.arenaEnd
	if p.base >= MaxAddr || p.hidden+arch.HiddenSize > MaxAddr {
		return places{}, abi.ENOMEM
	}
	return p, nil
}

// identity is what a mapping without a wished address is placed by: the digest
// of the file, if it is a shared object's first mapping. glibc from 2.35 on
// first reserves room for an object that is linked for larger pages, without
// the file; the length of that stands for the object then. ok is false for
// other mappings.
func (a *MapArgs) identity(digest [32]byte, dynamic bool) (id [32]byte, ok bool) {
	switch {
	case a.Flags&abi.MAP_TYPE != abi.MAP_PRIVATE || a.Prot&abi.PROT_WRITE != 0 || a.Off != 0:
		return id, false
	case a.File != nil:
		return digest, digest != id
	case dynamic && a.Prot == abi.PROT_NONE && a.Flags&(abi.MAP_NORESERVE|abi.MAP_STACK) == 0:
		return sha2.Sum256(binary.LittleEndian.AppendUint64(nil, a.Len)), true
	}
	return id, false
}

// slots yields the addresses at which a shared object of n bytes would like
// to be, best first: four from its identity, so that one library lands at one
// of few addresses in all processes, whichever came first.
func slots(id [32]byte, n uint64) [4]uint64 {
	const granule = arch.LinearBias // 64 KiB, the largest page size ELF files are linked for
	var c [4]uint64
	if n > libHigh-libLow {
		return c
	}
	places := (libHigh-libLow-n)/granule + 1
	for i := range c {
		c[i] = libLow + binary.LittleEndian.Uint64(id[8*i:])%places*granule
	}
	return c
}

const pageSize = abi.PageSize

func alignUp(x, to uint64) uint64 { return (x + to - 1) &^ (to - 1) }

func aligned(x uint64) bool { return x%pageSize == 0 }
