// Package syscalls is the system call table: a row a call, from which dispatch,
// the trace (knob "strace") and the list of what is supported come.
//
// A row's handler decodes the arguments, calls the kernel and encodes the
// result; it is one function in the file of its family, sys_*.go. It runs with the kernel
// lock held and never blocks: what cannot finish calls kernel.Task.Block (mostly
// through the kernel's own operations) and returns kernel.Blocked, and is called again from
// the start when the task wakes. See package kernel for what it may remember meanwhile.
//
// # Adding a call
//
// Find its row in table.go (every number has one), give it a handler, the
// kinds of its arguments and its support level, and write the handler in the file of its
// family. A handler that reads or changes registers must not be marked fast.
package syscalls
