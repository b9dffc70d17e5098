// Package arch is the contract between the kernel and whatever executes
// guest code. The kernel calls CPU.Run; guest code returns with an Exit, all
// of its state in Regs and memory (DESIGN §2.4). Nothing here knows which
// instruction set the guest has, nor that WebAssembly executes it.
package arch

import "fmt"

// LinearBias is the guest address of a process memory's first byte: guest
// address a lies at linear offset a − LinearBias. Addresses below it wrap to
// the top of the 32-bit range, beyond every memory's end, so that null
// pointers trap without a check (DESIGN §4).
const LinearBias = 0x10000

// HiddenSize is the size in bytes of the range of each address space that
// belongs to the CPU: the first level of its call map and its register block. mm reserves
// it at exec, tells the CPU its address (Space.Hidden) and never maps it.
const HiddenSize = 0x80000

// Regs is one thread's user-visible register state.
type Regs interface {
	PC() uint64
	SetPC(uint64)
	SP() uint64
	SetSP(uint64)
	// Syscall reads the system call number and its six arguments.
	Syscall() (nr uint64, args [6]uint64)
	// SetResult stores a system call's result (−errno on failure).
	SetResult(uint64)
	// SetArg sets the i-th argument register, counted from 0, as at a function call.
	SetArg(i int, v uint64)
	TLS() uint64
	SetTLS(uint64)
	// Clone returns an independent copy (fork, clone).
	Clone() Regs
	// String formats the registers for a person, several lines.
	String() string
}

// ExitKind says why Run returned.
type ExitKind uint8

const (
	// ExitPreempted: the fuel is used up or Interrupt was called. PC is the
	// next instruction.
	ExitPreempted ExitKind = iota
	// ExitSyscall: PC is behind the system call instruction.
	ExitSyscall
	// ExitFault: an access to memory that is not there. Addr is the guest
	// address where known (Precise); PC is the instruction, where Precise.
	ExitFault
	// ExitAlign: a misaligned atomic access or PC (SIGBUS).
	ExitAlign
	// ExitUndefined: an instruction that is undefined, or not lifted; PC
	// points to it, Insn is the word and Name the mnemonic if it has one.
	ExitUndefined
	// ExitBreakpoint: a breakpoint instruction; PC points to it, Insn is its
	// immediate.
	ExitBreakpoint
	// ExitDone: the thread's program ended by itself with status Code (WASI).
	ExitDone
	// ExitError: the CPU cannot go on; Err says why. A bug or a host failure,
	// never the guest's doing.
	ExitError
	// ExitNoMemory: the host has no memory for the address space to execute
	// on; Err says why.
	ExitNoMemory
)

var exitNames = [...]string{"preempted", "syscall", "fault", "align", "undefined", "breakpoint", "done", "error", "no memory"}

func (k ExitKind) String() string { return exitNames[k] }

// Exit is why guest code returned to the kernel.
type Exit struct {
	Kind    ExitKind
	PC      uint64 // also in Regs; see Kind
	Addr    uint64 // ExitFault
	Write   bool   // ExitFault: the access was a store
	Precise bool   // ExitFault: Regs are exact as of the faulting instruction
	Insn    uint32 // ExitUndefined, ExitBreakpoint
	Code    int    // ExitDone
	Name    string // ExitUndefined; alone, without PC and Insn, what else made the code trap
	Err     error  // ExitError, ExitNoMemory
}

func (e Exit) String() string {
	switch e.Kind {
	case ExitUndefined:
		if e.Name != "" && e.PC == 0 && e.Insn == 0 {
			return "trap: " + e.Name
		}
		if e.Name != "" {
			return fmt.Sprintf("undefined instruction %#08x at %#x (%s)", e.Insn, e.PC, e.Name)
		}
		return fmt.Sprintf("undefined instruction %#08x at %#x", e.Insn, e.PC)
	case ExitFault:
		return fmt.Sprintf("fault at %#x, address %#x", e.PC, e.Addr)
	case ExitError, ExitNoMemory:
		return e.Err.Error()
	}
	return fmt.Sprintf("%v at %#x", e.Kind, e.PC)
}

// SyscallStatus is what a SyscallFunc did.
type SyscallStatus uint8

const (
	// SyscallDecline: nothing was done; Run returns ExitSyscall.
	SyscallDecline SyscallStatus = iota
	// SyscallDone: the result is valid and the guest goes on at once.
	SyscallDone
	// SyscallDoneStop: the result is valid, but Run must return
	// ExitPreempted (a signal became pending, the slice is over).
	SyscallDoneStop
)

// A SyscallFunc may serve a system call without unwinding guest code. It must
// not block, and it sees only the arguments and memory: a call that reads or
// changes registers (clone, execve, rt_sigreturn…) must decline. One that changes mappings may be
// served: CPU.Invalidate and SetFaultPrecise can be called meanwhile, and make Run stop where they must; a changed
// stack guard wants SyscallDoneStop.
type SyscallFunc func(nr uint64, args *[6]uint64) (result int64, st SyscallStatus)

// CPU executes the threads of one address space, one at a time.
type CPU interface {
	// Run executes guest code from regs until it exits. fuel is roughly the
	// number of guest instructions after which it returns ExitPreempted; it
	// may overshoot by one function or loop body, never without bound.
	Run(regs Regs, fuel int64) Exit

	// Interrupt makes a running or the next Run return ExitPreempted soon (within
	// one slice). Safe from any goroutine.
	Interrupt()

	// SetSyscall installs the fast path. nil removes it.
	SetSyscall(SyscallFunc)

	// SetFaultPrecise says whether faults must report exact registers
	// (a SIGSEGV or SIGBUS handler is installed).
	SetFaultPrecise(bool)

	// SetStackGuard tells the running thread's guard range [lo, hi): a stack
	// pointer moved into it faults. lo == hi: no guard.
	SetStackGuard(lo, hi uint64)

	// Invalidate forgets translations of [addr, addr+n): the bytes changed,
	// were unmapped or are no longer executable.
	Invalidate(addr, n uint64)

	// Stats reports counters by name, for exit reports and tests.
	Stats() map[string]int64

	// Close frees the CPU. The address space's memory is closed by its owner.
	Close() error
}

// Space is what a CPU must know of an address space; mm implements it.
type Space interface {
	// Hidden is the guest address of the range of HiddenSize bytes that
	// belongs to the CPU. It does not change before the next exec.
	Hidden() uint64
	// Reserve returns the guest address of n more hidden bytes, zeroed,
	// page aligned, gone with the address space.
	Reserve(n uint64) (uint64, error)
	// Text returns the executable mapping that contains addr.
	Text(addr uint64) (Text, bool)
	// ReadText copies len(p) bytes of executable memory at addr; it returns how many
	// bytes, from the start, are mapped executable.
	ReadText(addr uint64, p []byte) int
}

// Text describes one executable mapping. Translations of a mapping with a
// Digest are shared by content: same digest, offset and address, same code.
type Text struct {
	Start, End uint64          // guest addresses
	Digest     [32]byte        // SHA-256 of the mapped file's whole contents; zero if not file-backed or written to
	Offset     uint64          // file offset of Start
	Entries    func() []uint64 // guest addresses of known function starts in [Start, End) (symbols, .eh_frame), ascending; may be nil
	Name       string          // the file's path, for debug output
}

// Anonymous reports whether the mapping's contents have no stable identity.
func (t Text) Anonymous() bool { return t.Digest == [32]byte{} }
