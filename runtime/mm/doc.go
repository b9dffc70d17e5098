// Package mm is the address space of a process: mappings, the program break,
// and every copy between the kernel and guest memory. It sits on one
// engine.Memory and implements arch.Space for the CPU.
//
// # Shape
//
// A Space is a sorted list of mappings (VMAs) over a 32-bit range. Guest
// address a lies at linear offset a − arch.LinearBias; no page tables, no
// indirection. The Wasm memory grows to the end of the highest mapping that
// was ever accessible; PROT_NONE reservations cost nothing, so Go's 1.2 GB of
// them are free until a piece is made accessible. Addresses are handed out
// first-fit from a base just above the program (see Layout), which keeps the
// memory small: a Wasm memory never shrinks.
//
// The invariant that makes mapping cheap: linear memory that no mapping
// covers is zero. It is cleared when it is unmapped, not when it is mapped.
// (A guest that stores beside its mappings, inside the memory's size, breaks
// this for itself alone: what a slot's last user could have left there so is
// cleared when it is mapped; see claim.)
//
// # Use
//
//	pool := mm.NewPool(eng, mm.PoolOptions{})
//	s, err := mm.New(eng, mm.Options{Pool: pool})
//	s.SetLayout(mm.Layout{…})           // the loader, once, before any Map
//	a, err := s.Map(mm.MapArgs{…})      // mmap(2); also Unmap, Protect, Remap, Brk, Advise, Sync, Mincore
//	err = s.CopyIn(addr, p)             // guest → p; CopyOut: p → guest
//	n, err := s.CopyInSome(addr, p)     // what read(2) and write(2) need: progress, EFAULT only at 0
//	s.OnCodeChange(cpu.Invalidate)      // code unmapped, replaced, written or no longer executable
//	c, err := s.Fork()
//	s.Retain(); s.Release()             // CLONE_VM, vfork; the last Release frees the memory
//
// Errors are abi.Errno as the Linux manual pages give them, or a *Refused,
// which carries an Errno and names what boxer does not do; errors.As finds
// either.
//
//	s.Evict(); s.Occupy(…)              // where memories are few, see slot.go
//
// # Named limits
//
//   - A plain store to a read-only page, or an access to a PROT_NONE or
//     unmapped page below the memory's end, does not fault in guest code.
//     The copies of this package check every page.
//   - File contents are read when they are mapped, so a private mapping does
//     not see later writes to the file, and pages beyond the file's end read
//     as zero instead of raising SIGBUS.
//   - Shared file mappings are written back on msync, munmap and exit; two
//     processes that map one file shared do not see each other's stores
//     before that. Shared anonymous memory is refused by name.
//
// # Locks
//
// Space.mu guards a Space and is held while File methods and the engine's
// Memory are called; neither may call back into the Space. Pool.mu is a leaf.
// Two Spaces are never locked at once, except a parent and the child that
// Fork is making, which nobody else knows. Callbacks run without the lock.
package mm
