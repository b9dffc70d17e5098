package wasi

import (
	"encoding/binary"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
)

var le = binary.LittleEndian

// addr is the guest address of a pointer.
func addr(p uint64) uint64 { return p + mm.MinAddr }

// room checks that a module can be given n bytes at p. Calls ask before they
// do what cannot be undone.
func room(t *kernel.Task, p, n uint64) abi.Errno {
	if t.MM().Writable(addr(p), n) < n {
		return abi.EFAULT
	}
	return 0
}

// put writes b to p.
func put(t *kernel.Task, p uint64, b []byte) abi.Errno {
	return kernel.ErrnoOf(t.MM().CopyOut(addr(p), b))
}

// put32 writes a u32, such as a size, to p.
func put32(t *kernel.Task, p uint64, v uint32) abi.Errno {
	return put(t, p, le.AppendUint32(nil, v))
}

// put64 writes a u64, such as a time, to p.
func put64(t *kernel.Task, p, v uint64) abi.Errno {
	return put(t, p, le.AppendUint64(nil, v))
}

// get reads n bytes at p.
func get(t *kernel.Task, p, n uint64) ([]byte, abi.Errno) {
	if t.MM().Readable(addr(p), n) < n {
		return nil, abi.EFAULT
	}
	b := make([]byte, n)
	return b, kernel.ErrnoOf(t.MM().CopyIn(addr(p), b))
}

const (
	sizeofIovec = 8
	maxIovecs   = 1024    // IOV_MAX
	maxTransfer = 1 << 30 // what a call moves at most: its result has 32 bits
)

// iovecs reads a vector of buffers: pointer and length of 32 bits each.
func iovecs(t *kernel.Task, p, n uint64) ([]mm.Iovec, abi.Errno) {
	if n > maxIovecs {
		return nil, abi.EINVAL
	}
	b, errno := get(t, p, n*sizeofIovec)
	if errno != 0 {
		return nil, errno
	}
	left := uint64(maxTransfer)
	v := make([]mm.Iovec, n)
	for i := range v {
		e := b[i*sizeofIovec:]
		size := min(uint64(le.Uint32(e[4:])), left)
		left -= size
		v[i] = mm.Iovec{Base: addr(uint64(le.Uint32(e))), Len: size}
	}
	return v, 0
}
