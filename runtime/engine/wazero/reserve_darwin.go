package wazero

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func tune([]byte) {}

// discard maps fresh pages over b: madvise(MADV_DONTNEED) does not promise
// zeros here.
func discard(b []byte) error {
	_, err := unix.MmapPtr(-1, 0, unsafe.Pointer(&b[0]), uintptr(len(b)), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE|unix.MAP_FIXED)
	return err
}

// pageMap: the host is not asked; mincore(2) says nothing of compressed pages.
type pageMap struct{}

func (pageMap) open()  {}
func (pageMap) close() {}

func (pageMap) touched([]byte, func(off, n uint64) bool) bool { return false }
