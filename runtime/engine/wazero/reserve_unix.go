//go:build linux || darwin

package wazero

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// hostPage is the size of the host's pages in bytes, a power of two.
var hostPage = uint64(os.Getpagesize())

// reservation is a mapping of private anonymous memory.
type reservation struct {
	base []byte
	once sync.Once
}

// reserve maps size bytes, readable, writable and not committed.
func reserve(size uint64) (*reservation, error) {
	if size == 0 {
		return &reservation{}, nil
	}
	b, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		// With vm.overcommit_memory=2 or a limit on address space.
		return nil, fmt.Errorf("reserve %d MiB of address space: %w", size>>20, err)
	}
	tune(b)
	return &reservation{base: b}, nil
}

// unmap gives the address space back. It runs when nothing refers to it.
func (r *reservation) unmap() {
	r.once.Do(func() {
		if r.base != nil {
			unix.Munmap(r.base)
		}
	})
}
