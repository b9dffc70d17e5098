package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

var families = map[uint64]string{1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK", 17: "AF_PACKET"}

// sysSocket refuses every family by name: the box has no network yet.
func sysSocket(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	name := families[a[0]]
	if name == "" {
		name = "of an unknown family"
	}
	t.Kernel().Unsupported("socket " + name)
	return 0, abi.EAFNOSUPPORT
}

// notSocket serves the calls on sockets: no descriptor is one.
func notSocket(t *kernel.Task, a *[6]uint64) (uint64, abi.Errno) {
	if _, errno := t.FD(int32(a[0])); errno != 0 {
		return 0, errno
	}
	return 0, abi.ENOTSOCK
}
