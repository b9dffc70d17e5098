package syscalls

import (
	"fmt"
	"io"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// handler serves one attempt of a call.
type handler func(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno)

// support says how much of a call there is.
type support uint8

const (
	none    support = iota // ENOSYS, or the errno that the row's handler gives
	partial                // the note says what is missing
	full
)

func (s support) String() string { return [...]string{"none", "partial", "full"}[s] }

// row is one system call.
type row struct {
	nr      uint16
	name    string
	fn      handler // nil: ENOSYS
	args    []kind
	class   kernel.Class
	support support
	note    string
}

const (
	slow  = kernel.Class(0)
	fast  = kernel.Fast
	reads = kernel.Fast | kernel.Reads
	free  = kernel.Fast | kernel.Unlocked // needs no lock
)

// Table serves Linux/arm64 system calls. It has no state of its own.
type Table struct{ rows [512]*row }

var _ kernel.Dispatcher = (*Table)(nil)

// New returns the table.
func New() *Table {
	tab := &Table{}
	for i := range table {
		r := &table[i]
		if tab.rows[r.nr] != nil {
			panic("BUG: two rows for " + r.name)
		}
		tab.rows[r.nr] = r
	}
	return tab
}

// Class implements kernel.Dispatcher.
func (tab *Table) Class(nr uint64) kernel.Class {
	if nr < uint64(len(tab.rows)) && tab.rows[nr] != nil {
		return tab.rows[nr].class
	}
	return slow
}

// Dispatch implements kernel.Dispatcher.
func (tab *Table) Dispatch(t *kernel.Task, nr uint64, args *[6]uint64) (uint64, abi.Errno) {
	var r *row
	if nr < uint64(len(tab.rows)) {
		r = tab.rows[nr]
	}
	if r == nil {
		r = &row{name: fmt.Sprintf("syscall_%#x", nr), args: []kind{kHex, kHex, kHex, kHex, kHex, kHex}}
	}
	if strace.Enabled() {
		return traced(t, r, args)
	}
	return r.serve(t, args)
}

func (r *row) serve(t *kernel.Task, args *[6]uint64) (uint64, abi.Errno) {
	if r.fn == nil {
		t.Kernel().Unsupported(r.name)
		return 0, abi.ENOSYS
	}
	return r.fn(t, args)
}

// List prints the table as text, a line a call: number, name, support, note.
func (tab *Table) List(w io.Writer) error {
	for _, r := range tab.rows {
		if r == nil {
			continue
		}
		if _, err := fmt.Fprintf(w, "%3d  %-24s %-8v %s\n", r.nr, r.name, r.support, r.note); err != nil {
			return err
		}
	}
	return nil
}
