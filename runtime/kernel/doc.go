// Package kernel is Linux for one box: processes, threads, signals, files,
// clocks. Guest code runs elsewhere, behind arch.CPU; it returns with a reason
// and the kernel decides what comes next.
//
// # The run loop
//
// An address space (type space) has one CPU and the tasks that share it, which
// run by turns: one slice of guest code each (run.go). Natively every space has a
// goroutine; with Config.Serial one goroutine turns them all. A system call is one
// attempt of a row's handler (package syscalls). A handler that cannot
// finish calls Task.Block, which puts the task on the wait queues it names, and
// returns Blocked; when something wakes the task the same handler runs again from the start.
// All it needs to remember is in Task.Sys: bytes done, the deadline, how often
// it was tried. Nothing stays on a Go stack while a task is parked, so fork,
// signals, snapshots and pages see every task in full.
//
// A signal interrupts a parked call by waking it: the handler runs once more, and if
// it still cannot finish, Block returns one of the restart codes of restart.go instead
// of parking. Whether that becomes EINTR, a restart or just another park
// is decided where the signal is delivered, as in Linux.
//
// # Locks
//
// Kernel.mu, the kernel lock, guards everything in this package that does not say
// otherwise. It is taken when guest code returns and dropped while guest code runs and
// around what may take long (loading a program, copying an address space). Outermost first:
//
//	Kernel.mu
//	wasmfs's and mm's own locks
//	hostReader.mu, hostWriter.mu   the queues to the host's streams
//	alarm.mu
//
// What belongs to a space (its mm.Space, its CPU, the registers of its tasks) is touched
// only by the goroutine that turns it, or with the kernel lock while that goroutine waits.
//
// # Determinism
//
// Guests observe time, chance and scheduling only through Config.Clock,
// Config.Random and Config.Fuel. With those fixed and Config.Serial, a box does the same
// thing each time.
package kernel
