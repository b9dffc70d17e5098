// Package wasi runs WebAssembly modules of WASI preview 1 as tasks of the
// kernel: a second executable format beside Linux programs, over the same
// files, pipes, terminals, signals and processes.
//
// # How a module runs
//
// New rewrites a module (rewrite*.go) and returns its arch.CPU. Rewriting puts
// in fuel, so that an endless loop yields; takes the memory out, so that it is
// the task's mm.Space like any other program's (linear address a is guest
// address a + mm.MinAddr); and puts a wrapper around each call.
//
// A module keeps its state on the engine's stack, where nothing can copy it.
// So CPU.Run lets it go on, until its fuel is used up, it calls the kernel, or
// it ends, and returns the reason. The kernel serves, parks and retries a call of preview 1
// as it does a system call of Linux (arch.ExitSyscall), and Close ends a module that has not
// ended by letting its call return into a trap. What the shape cannot do is copy a
// running module: no fork, no snapshot. Where its frames are meanwhile depends on the engine (stack.go):
//
//   - A goroutine of its own, where host functions may block (engine.Suspender).
//   - A fiber, where they may not, but Wasm code can be suspended (engine.FiberEngine: a
//     page with JavaScript Promise Integration).
//   - On the stack of Run, where there is neither. The module then runs from its start to its end at once
//     and nothing else does. It starts when all of its input is there, at the end of which it reads no
//     more; a call that would have to wait (a sleep) is refused with ENOTSUP, by name.
//
// # Calls
//
// table.go has a row for each function of preview 1; fn_*.go serve them, with
// the kernel's own operations below, so a file, a pipe or a terminal behaves as
// it does for a Linux program. A Dispatcher routes them: their numbers lie above
// all of Linux's.
//
// # What a module sees
//
//   - Descriptors 0 to 2, those it inherits, and 3: a preopened directory "/",
//     the box's root. A descriptor 3 that was open at exec is closed.
//   - PWD, if the environment has none that is right, is the working directory.
//     Go programs start there. wasi-libc knows no working directory: relative paths of C and
//     Rust programs start at "/".
//   - The box is the sandbox, not the descriptor: symbolic links lead where they
//     do for Linux programs. Paths that are absolute or climb out of their
//     directory by ".." are refused with EPERM, as the API has it.
//   - Rights are those that a descriptor's access mode gives; they cannot be
//     narrowed (ENOTSUP).
//   - Traps end the program as signals would: SIGSEGV for memory and the stack,
//     SIGILL for all others.
//   - Sockets are refused (ENOTSUP, named in the box's report): preview 1 cannot
//     make one, and a box gives none.
//
// Source: the WASI preview 1 documents, phases/snapshot/docs.md.
//
// # Locks
//
// None. A module and whoever calls Run never run at the same time.
package wasi
