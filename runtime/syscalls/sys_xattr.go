package syscalls

import (
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

// The twelve calls of xattr(7): by path, by path without following a link,
// by descriptor.

func byPath(t *kernel.Task, a uint64) (wasmfs.Path, abi.Errno) { return resolve(t, fdCwd, a, 0) }

func byLink(t *kernel.Task, a uint64) (wasmfs.Path, abi.Errno) {
	return resolve(t, fdCwd, a, abi.AT_SYMLINK_NOFOLLOW)
}

func byFD(t *kernel.Task, a uint64) (wasmfs.Path, abi.Errno) {
	p, errno := place(t, a)
	if errno == abi.EINVAL {
		errno = abi.EOPNOTSUPP
	}
	return p, errno
}

type finder func(*kernel.Task, uint64) (wasmfs.Path, abi.Errno)

// xattrName reads an attribute's name: ERANGE when it is empty or too long.
func xattrName(t *kernel.Task, addr uint64) (string, abi.Errno) {
	s, err := t.MM().ReadString(addr, abi.XattrNameMax+1)
	errno := errnoOf(err)
	if errno == abi.ENAMETOOLONG || errno == 0 && s == "" {
		errno = abi.ERANGE
	}
	return s, errno
}

// sized is the usual end of calls that return a value: its size if the buffer
// is of size 0, ERANGE if it does not fit.
func sized(t *kernel.Task, addr, size uint64, value []byte) (uint64, abi.Errno) {
	n := uint64(len(value))
	switch {
	case size == 0:
		return n, 0
	case size < n:
		return 0, abi.ERANGE
	}
	return n, errnoOf(t.MM().CopyOut(addr, value))
}

func getxattr(find finder) handler {
	return func(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
		p, errno := find(t, a[0])
		if errno != 0 {
			return 0, errno
		}
		name, errno := xattrName(t, a[1])
		if errno != 0 {
			return 0, errno
		}
		v, err := p.Getxattr(fileCred(t), name)
		if err != nil {
			return 0, errnoOf(err)
		}
		return sized(t, a[2], a[3], v)
	}
}

func setxattr(find finder) handler {
	return func(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
		if a[4]&^(abi.XATTR_CREATE|abi.XATTR_REPLACE) != 0 {
			return 0, abi.EINVAL
		}
		if a[3] > abi.XattrSizeMax {
			return 0, abi.E2BIG
		}
		p, errno := find(t, a[0])
		if errno != 0 {
			return 0, errno
		}
		name, errno := xattrName(t, a[1])
		if errno != 0 {
			return 0, errno
		}
		v := make([]byte, a[3])
		if err := t.MM().CopyIn(a[2], v); err != nil {
			return 0, errnoOf(err)
		}
		return result(p.Setxattr(fileCred(t), name, v, int(a[4])))
	}
}

func listxattr(find finder) handler {
	return func(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
		p, errno := find(t, a[0])
		if errno != 0 {
			return 0, errno
		}
		names, err := p.Listxattr(fileCred(t))
		if err != nil {
			return 0, errnoOf(err)
		}
		var b strings.Builder
		for _, n := range names {
			b.WriteString(n)
			b.WriteByte(0)
		}
		return sized(t, a[1], a[2], []byte(b.String()))
	}
}

func removexattr(find finder) handler {
	return func(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
		p, errno := find(t, a[0])
		if errno != 0 {
			return 0, errno
		}
		name, errno := xattrName(t, a[1])
		if errno != 0 {
			return 0, errno
		}
		return result(p.Removexattr(fileCred(t), name))
	}
}
