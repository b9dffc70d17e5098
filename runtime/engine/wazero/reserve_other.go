//go:build !linux && !darwin

package wazero

// hostPage is not used without reservations.
const hostPage = uint64(4096)

// reservation is empty here: a memory is a Go slice of wazero's, growth
// copies it, and Zero clears it.
type reservation struct {
	base []byte
}

func reserve(uint64) (*reservation, error) { return &reservation{}, nil }
func (*reservation) unmap()                {}

func discard(b []byte) error {
	clear(b)
	return nil
}

type pageMap struct{}

func (pageMap) open()  {}
func (pageMap) close() {}

func (pageMap) touched([]byte, func(off, n uint64) bool) bool { return false }
