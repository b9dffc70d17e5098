package wazero

import (
	"encoding/binary"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tune turns huge pages off: where the host gives them unasked, one touched
// byte costs 2 MiB, which fork would copy and limits would count.
func tune(b []byte) { unix.Madvise(b, unix.MADV_NOHUGEPAGE) }

// discard makes b, whole host pages, read as zeros and gives them back
// (madvise(2): private anonymous pages are zero-filled on the next access).
func discard(b []byte) error { return unix.Madvise(b, unix.MADV_DONTNEED) }

// pageMap asks the host which pages were touched. mincore(2) would not do:
// it reports a page that was swapped out as absent.
type pageMap struct {
	f *os.File // /proc/self/pagemap, nil if it cannot be opened
}

// open is called at start, before the process may be confined. It tries the
// file on two pages: emulated kernels (qemu-user, gVisor) have one that tells
// of other memory or of none, and a page overlooked is a page lost in fork.
func (p *pageMap) open() {
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return
	}
	p.f = f
	r, err := reserve(2 * hostPage)
	if err != nil {
		p.close()
		return
	}
	defer r.unmap()
	r.base[hostPage] = 1
	at, n := uint64(0), uint64(0)
	p.touched(r.base, func(off, size uint64) bool {
		at, n = off, n+size
		return true
	})
	if at != hostPage || n != hostPage {
		p.close()
	}
}

func (p *pageMap) close() {
	if p.f != nil {
		p.f.Close()
		p.f = nil
	}
}

// An entry has one of these bits if the page has contents of its own or maps
// the shared page of zeros (Documentation/admin-guide/mm/pagemap.rst).
const (
	pagePresent = 1 << 63
	pageSwapped = 1 << 62
)

// touched calls yield for each touched page of b, clipped to b, by its offset
// in b, until yield returns false. It reports false, having called nothing,
// if the host does not say. Pages after a failing read count as touched.
func (p *pageMap) touched(b []byte, yield func(off, n uint64) bool) bool {
	if p.f == nil {
		return false
	}
	start := uint64(uintptr(unsafe.Pointer(&b[0])))
	end := start + uint64(len(b))
	var buf [8 * 4096]byte
	for page := start &^ (hostPage - 1); page < end; {
		want := min((end-page+hostPage-1)/hostPage*8, uint64(len(buf)))
		n, _ := p.f.ReadAt(buf[:want], int64(page/hostPage*8))
		if n < 8 {
			from := max(page, start)
			yield(from-start, end-from)
			return true
		}
		for e := buf[:n&^7]; len(e) > 0; e = e[8:] {
			if binary.NativeEndian.Uint64(e)&(pagePresent|pageSwapped) != 0 {
				from, to := max(page, start), min(page+hostPage, end)
				if !yield(from-start, to-from) {
					return true
				}
			}
			page += hostPage
		}
	}
	return true
}
