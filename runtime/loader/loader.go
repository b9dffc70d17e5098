// Package loader turns a path into a process image: it follows #! lines, maps
// an ELF program and its interpreter into an address space, and writes the
// first stack. WebAssembly modules are recognised and handed back unread.
//
//	img, err := loader.Load(loader.Params{Open: …, NewSpace: …, Path: "/bin/sh", Argv: …, Envp: …, …})
//	regs.SetPC(img.PC); regs.SetSP(img.SP)
//
// Everything in a file is untrusted. Headers are judged before the address
// space is made, so that a failing execve leaves the caller as it was; what
// is wrong gets an *Error, which has the Errno for the guest and the words for the
// person. Time and memory are bounded by the limits in this package, whatever
// a header says.
//
// Entries finds the known function starts of a program, for the translator.
//
// The package holds no locks of its own but the cache's of Entries, a leaf.
package loader

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/mm"
)

// Params is what execve(2) has and what the loader needs of its caller.
type Params struct {
	// Open opens a program, script or interpreter for execution. Resolving the
	// path, execute permission and the errors of both are the caller's; the
	// errors carry an abi.Errno.
	Open func(path string) (mm.File, error)
	// NewSpace makes the address space, once the program is known to be
	// loadable. On a later error the loader releases it.
	NewSpace func() (*mm.Space, error)
	// Cred gives the credentials that the auxiliary vector tells of, those
	// that set-user-ID bits of the program that is run in the end grant
	// included. nil: all zero.
	Cred func(mm.File) Cred

	Path       string   // what is executed, as the caller named it
	Argv, Envp []string // without NULs
	// StackSize is RLIMIT_STACK in bytes; 0: 8 MiB.
	StackSize uint64
	Random    [16]byte // for AT_RANDOM
	Target    Target
}

// Cred are the credentials after the exec.
type Cred struct {
	UID, EUID, GID, EGID uint32
	Secure               bool // privileges were gained: AT_SECURE
}

// Target is the machine that the box is.
type Target struct {
	Machine  uint16 // ELF e_machine
	Platform string // "linux/arm64", for messages
	AT       string // AT_PLATFORM: "aarch64"
	HWCAP    uint64
	HWCAP2   uint64
	// MinSigStack is AT_MINSIGSTKSZ, the size of the largest signal frame.
	MinSigStack uint64
	// Sigreturn is the code that signal handlers return to: arm64 programs pass
	// no sa_restorer, so every process gets it ("[vdso]"). nil: none.
	Sigreturn []byte
}

// ARM64 is the target of linux/arm64 boxes with the given AT_HWCAP and
// signal return code.
func ARM64(hwcap uint64, sigreturn []byte) Target {
	const frame = 5168 // what Linux says of arm64 without SVE
	return Target{Machine: emAArch64, Platform: "linux/arm64", AT: "aarch64", HWCAP: hwcap, MinSigStack: frame, Sigreturn: sigreturn}
}

// Kind is the format of an executable.
type Kind uint8

// The kinds of executables that Load tells apart.
const (
	ELF Kind = iota
	Wasm
)

// Image is a program ready to run.
type Image struct {
	Kind Kind
	// File and Path are the program that is run in the end: of a script, its
	// interpreter.
	File mm.File
	Path string
	Argv []string // as the program sees them
	Comm string   // the task's name: the base name of what was executed, 15 bytes at most

	// The rest is for Kind ELF.
	Space  *mm.Space
	PC, SP uint64
	Interp string // PT_INTERP; empty: static
	Bias   uint64 // load address minus link address
	Base   uint64 // AT_BASE: where the interpreter is
	Auxv   []byte // as in memory, for /proc/self/auxv
	// Guest ranges of the argument and environment strings, for
	// /proc/self/cmdline and environ.
	ArgStart, ArgEnd, EnvStart, EnvEnd uint64
	// Sigreturn is where Target.Sigreturn is mapped.
	Sigreturn uint64
}

// Error is why a program cannot be run.
type Error struct {
	Errno abi.Errno
	Msg   string // "exec format error: x86-64 program; this box runs linux/arm64"
}

func (e *Error) Error() string { return e.Msg }

// Unwrap returns the Errno.
func (e *Error) Unwrap() error { return e.Errno }

func noexec(format string, args ...any) error {
	return &Error{abi.ENOEXEC, "exec format error: " + fmt.Sprintf(format, args...)}
}

// Load makes the image of p.Path.
func Load(p Params) (*Image, error) {
	img := &Image{Path: p.Path, Argv: p.Argv, Comm: comm(p.Path)}
	if len(img.Argv) == 0 {
		img.Argv = []string{""} // as Linux does since 5.18
	}
	if err := checkStrings(p); err != nil {
		return nil, err
	}
	var head []byte
	for depth := 0; ; depth++ {
		var err error
		if img.File, head, err = open(p, img.Path); err != nil {
			return nil, err
		}
		s, ok, err := parseScript(head)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if depth == maxScripts {
			return nil, &Error{abi.ELOOP, fmt.Sprintf("%s: too many levels of #! interpreters", p.Path)}
		}
		img.Argv = s.argv(img.Path, img.Argv)
		img.Path = s.interp
	}
	switch {
	case strings.HasPrefix(string(head), "\x00asm"):
		img.Kind = Wasm
		return img, nil
	case strings.HasPrefix(string(head), "\x7fELF"):
		return img, loadELF(p, img, head)
	case len(head) == 0:
		return nil, noexec("%s is empty", img.Path)
	}
	return nil, noexec("%s is neither an ELF program, a WebAssembly module nor a #! script%s", img.Path, guess(head))
}

// headSize is how much of a file decides what it is: Linux's BINPRM_BUF_SIZE.
const headSize = 256

// open opens path and reads its head.
func open(p Params, path string) (mm.File, []byte, error) {
	f, err := p.Open(path)
	if err != nil {
		if errors.Is(err, abi.ENOENT) && path != p.Path {
			return nil, nil, &Error{abi.ENOENT, fmt.Sprintf("no such file: %s (interpreter of %s)", path, p.Path)}
		}
		return nil, nil, err
	}
	head := make([]byte, headSize)
	n, err := readAt(f, head, 0)
	return f, head[:n], err
}

// readAt reads up to len(p) bytes at off; less is the end of the file.
func readAt(f mm.File, p []byte, off int64) (int, error) {
	n, err := f.ReadAt(p, off)
	if err == io.EOF || n == len(p) {
		err = nil
	}
	return n, err
}

// comm is the name that a task gets from execve (prctl(2), PR_SET_NAME).
func comm(p string) string {
	b := path.Base(p)
	return b[:min(len(b), 15)]
}

// guess adds what a head looks like that is not executable anywhere.
func guess(head []byte) string {
	for _, m := range []struct{ magic, what string }{
		{"MZ", "a Windows program"}, {"\xcf\xfa\xed\xfe", "a macOS program"}, {"\xca\xfe\xba\xbe", "a macOS program or a Java class"},
		{"PK\x03\x04", "a zip or jar file"}, {"!<arch>", "a static library"}, {"\x1f\x8b", "a gzip file"},
	} {
		if strings.HasPrefix(string(head), m.magic) {
			return " (it is " + m.what + ")"
		}
	}
	return ""
}
