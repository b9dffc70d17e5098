package wazero

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readCode reads machine code at off of f into p, where wazero will execute it. If it can, it maps the
// file there instead: reading fills pages that the host must zero first, and costs most of the time to load a module.
//
// A mapped file that shrinks kills the process (SIGBUS), which is why guest memory never
// has one under it. This one is in a directory that only its user can write to, was made
// whole before it got its name, and is never written to again; removing it does no harm.
// The dynamic linker lives with the same.
func readCode(f *os.File, off int64, p []byte) error {
	if len(p) > 0 && uintptr(unsafe.Pointer(&p[0]))%uintptr(hostPage) == 0 && uint64(off)%hostPage == 0 && mapCode(f, off, p) {
		return nil
	}
	_, err := f.ReadAt(p, off)
	return err
}

// mapCode replaces the pages of p, a mapping of its own, by the file's. It reports false where that
// cannot be; the kernel has not touched p then, as where the file system does not let code be executed
// (mmap(2), EPERM).
func mapCode(f *os.File, off int64, p []byte) bool {
	at, err := unix.MmapPtr(int(f.Fd()), off, unsafe.Pointer(&p[0]), uintptr(len(p)),
		unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_POPULATE)
	return err == nil && at == unsafe.Pointer(&p[0])
}
