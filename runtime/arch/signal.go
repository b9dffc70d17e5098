package arch

// GuestMemory copies between the kernel and the memory of an address space.
// Both calls are all or nothing; an error means that part of the range is not
// mapped or not accessible (EFAULT).
type GuestMemory interface {
	CopyIn(addr uint64, p []byte) error
	CopyOut(addr uint64, p []byte) error
}

// AltStack is a thread's alternate signal stack as stack_t describes it
// (sigaltstack(2)).
type AltStack struct {
	SP    uint64
	Size  uint64
	Flags uint32
}

// A SignalFrame is what the kernel asks an instruction set to lay out before
// a signal handler runs.
type SignalFrame struct {
	Signo    int
	Info     [128]byte // siginfo_t, encoded
	WithInfo bool      // SA_SIGINFO: the handler gets the addresses of siginfo and ucontext
	Handler  uint64    // address of the handler
	Return   uint64    // where the handler returns to: sa_restorer or the vDSO's code
	Stack    uint64    // build the frame below this address
	Alt      AltStack  // goes to uc_stack
	Mask     uint64    // the blocked signals that rt_sigreturn restores

	Fault     bool   // the signal reports a fault of the thread itself
	FaultAddr uint64 // the address of the access, or of the instruction
	Write     bool   // the access was a store
}

// MachineInfo describes an instruction set to programs.
type MachineInfo struct {
	Name        string   // uname(2)'s machine field and AT_PLATFORM: "aarch64"
	Platform    string   // what an image calls it: "linux/arm64"
	ELF         uint16   // e_machine of its programs
	HWCAP       uint64   // AT_HWCAP
	Features    []string // /proc/cpuinfo's names for HWCAP
	MinSigStack uint64   // AT_MINSIGSTKSZ
}

// A Machine is what the kernel must know of the guest's instruction set: the
// shape of a new thread and of a signal frame. It has no state.
type Machine interface {
	Info() MachineInfo
	// NewRegs returns the register state of a new program: all zero.
	NewRegs() Regs
	// PushSignal writes f to the stack and points r at the handler. The error
	// means that the stack is not writable; r is then unchanged.
	PushSignal(m GuestMemory, r Regs, f *SignalFrame) error
	// PopSignal undoes PushSignal for rt_sigreturn(2): it loads r from the
	// frame at the stack pointer and returns the mask and alternate stack kept
	// there. The error means that the frame is not one; r is then unchanged.
	PopSignal(m GuestMemory, r Regs) (mask uint64, alt AltStack, err error)
	// Restart moves r back onto the system call instruction it just executed;
	// the argument registers are still as they were at the call.
	Restart(r Regs)
	// SigreturnCode is position-independent code that calls rt_sigreturn. The
	// kernel places it where no program supplies its own; unwinders recognise
	// a signal frame by these very instructions.
	SigreturnCode() []byte
}
