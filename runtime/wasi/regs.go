package wasi

import (
	"fmt"
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/kernel"
)

// Regs is the call that a module is in: all of its state that is not on the
// engine's stack. It implements arch.Regs.
type Regs struct {
	proc   *process
	call   *call
	args   [maxArgs]uint64
	result uint64
}

// process is what a program was started with.
type process struct {
	argv, env []string
	inline    bool // it cannot wait

	// The rest is guarded by the kernel lock.
	ready   bool
	given   bool                // inline: all of its input is there
	preopen *kernel.Description // what descriptor 3 was at the start; compared, never used
}

var _ arch.Regs = (*Regs)(nil)

// Syscall implements arch.Regs. Arguments beyond the sixth are in the Regs only.
func (r *Regs) Syscall() (nr uint64, args [6]uint64) {
	if r.call == nil {
		return firstCall, args
	}
	copy(args[:], r.args[:])
	return r.call.nr, args
}

// SetResult implements arch.Regs.
func (r *Regs) SetResult(v uint64) { r.result = v }

// errno is the result as preview 1 has it.
func (r *Regs) errno() errno {
	if n := int64(r.result); n < 0 {
		return errnoOf(abi.Errno(-n))
	}
	return success
}

// A module has no registers that anybody else could set.

// PC implements arch.Regs.
func (r *Regs) PC() uint64 { return 0 }

// SetPC implements arch.Regs.
func (r *Regs) SetPC(uint64) {}

// SP implements arch.Regs.
func (r *Regs) SP() uint64 { return 0 }

// SetSP implements arch.Regs.
func (r *Regs) SetSP(uint64) {}

// SetArg implements arch.Regs.
func (r *Regs) SetArg(int, uint64) {}

// TLS implements arch.Regs.
func (r *Regs) TLS() uint64 { return 0 }

// SetTLS implements arch.Regs.
func (r *Regs) SetTLS(uint64) {}

// Clone implements arch.Regs. Nothing that a module can call clones a task.
func (r *Regs) Clone() arch.Regs { panic("BUG: a WebAssembly program cannot be copied") }

// String implements arch.Regs.
func (r *Regs) String() string {
	if r.call == nil {
		return "no call yet"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "last call: %s(", r.call.name)
	for i := range r.call.params {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%#x", r.args[i])
	}
	b.WriteByte(')')
	return b.String()
}
