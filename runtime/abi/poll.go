package abi

import "encoding/binary"

// Events of poll(2) and epoll(7), which share their values.
const (
	POLLIN     = 0x001
	POLLPRI    = 0x002
	POLLOUT    = 0x004
	POLLERR    = 0x008
	POLLHUP    = 0x010
	POLLNVAL   = 0x020
	POLLRDNORM = 0x040
	POLLRDBAND = 0x080
	POLLWRNORM = 0x100
	POLLWRBAND = 0x200
	POLLRDHUP  = 0x2000

	EPOLLEXCLUSIVE = 1 << 28
	EPOLLWAKEUP    = 1 << 29
	EPOLLONESHOT   = 1 << 30
	EPOLLET        = 1 << 31
)

// Operations of epoll_ctl(2).
const (
	EPOLL_CTL_ADD = 1
	EPOLL_CTL_DEL = 2
	EPOLL_CTL_MOD = 3
)

// SizeofPollFD is the size of struct pollfd.
const SizeofPollFD = 8

// PollFD is struct pollfd.
type PollFD struct {
	FD      int32
	Events  uint16
	Revents uint16
}

// Decode reads the structure from b[:8].
func (p *PollFD) Decode(b []byte) {
	p.FD = int32(binary.LittleEndian.Uint32(b))
	p.Events = binary.LittleEndian.Uint16(b[4:])
	p.Revents = binary.LittleEndian.Uint16(b[6:])
}

// SizeofEpollEvent is the size of struct epoll_event; only x86 packs it.
const SizeofEpollEvent = 16

// EpollEvent is struct epoll_event.
type EpollEvent struct {
	Events uint32
	Data   uint64
}

// Decode reads the structure from b[:16].
func (e *EpollEvent) Decode(b []byte) {
	e.Events = binary.LittleEndian.Uint32(b)
	e.Data = binary.LittleEndian.Uint64(b[8:])
}

// Encode writes the structure to b[:16].
func (e *EpollEvent) Encode(b []byte) {
	binary.LittleEndian.PutUint32(b, e.Events)
	binary.LittleEndian.PutUint32(b[4:], 0)
	binary.LittleEndian.PutUint64(b[8:], e.Data)
}

// EFD_SEMAPHORE of eventfd2(2).
const EFD_SEMAPHORE = 1
