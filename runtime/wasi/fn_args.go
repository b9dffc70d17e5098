package wasi

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// argsGet is args_get(argv, argv_buf).
func argsGet(t *kernel.Task, p *process, a []uint64) abi.Errno {
	return putStrings(t, p.argv, a[0], a[1])
}

// argsSizesGet is args_sizes_get(*argc, *argv_buf_size).
func argsSizesGet(t *kernel.Task, p *process, a []uint64) abi.Errno {
	return putSizes(t, p.argv, a[0], a[1])
}

// environGet is environ_get(environ, environ_buf).
func environGet(t *kernel.Task, p *process, a []uint64) abi.Errno {
	return putStrings(t, p.env, a[0], a[1])
}

// environSizesGet is environ_sizes_get(*count, *buf_size).
func environSizesGet(t *kernel.Task, p *process, a []uint64) abi.Errno {
	return putSizes(t, p.env, a[0], a[1])
}

// putStrings writes strings, each with a NUL behind it, to buf and their
// addresses to list.
func putStrings(t *kernel.Task, strs []string, list, buf uint64) abi.Errno {
	var ptrs, text []byte
	for _, s := range strs {
		ptrs = le.AppendUint32(ptrs, uint32(buf)+uint32(len(text)))
		text = append(append(text, s...), 0)
	}
	if errno := put(t, list, ptrs); errno != 0 {
		return errno
	}
	return put(t, buf, text)
}

// putSizes writes how many strings there are and what putStrings needs of buf.
func putSizes(t *kernel.Task, strs []string, count, size uint64) abi.Errno {
	n := 0
	for _, s := range strs {
		n += len(s) + 1
	}
	if errno := put32(t, count, uint32(len(strs))); errno != 0 {
		return errno
	}
	return put32(t, size, uint32(n))
}
