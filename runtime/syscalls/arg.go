package syscalls

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

// errnoOf is the Errno of an error of mm or wasmfs.
func errnoOf(err error) abi.Errno { return kernel.ErrnoOf(err) }

// result is the usual end of a handler that returns 0 or an error.
func result(err error) (uint64, abi.Errno) { return 0, kernel.ErrnoOf(err) }

// path reads a path argument: ENAMETOOLONG, EFAULT.
func path(t *kernel.Task, addr uint64) (string, abi.Errno) {
	s, err := t.MM().ReadString(addr, abi.PathMax)
	return s, errnoOf(err)
}

// at reads a directory descriptor and a path.
func at(t *kernel.Task, fd, addr uint64) (wasmfs.Path, string, abi.Errno) {
	name, errno := path(t, addr)
	if errno != 0 {
		return wasmfs.Path{}, "", errno
	}
	if len(name) > 0 && name[0] == '/' {
		return wasmfs.Path{}, name, 0 // the descriptor is not even looked at
	}
	dir, errno := t.At(int32(fd))
	return dir, name, errno
}

// resolve reads a directory descriptor and a path and walks it. flags are the
// call's AT_ flags; AT_SYMLINK_FOLLOW makes following the default's opposite.
func resolve(t *kernel.Task, fd, addr uint64, flags uint64) (wasmfs.Path, abi.Errno) {
	dir, name, errno := at(t, fd, addr)
	if errno != 0 {
		return wasmfs.Path{}, errno
	}
	env := t.Env()
	p, err := t.Kernel().Namespace().Resolve(&env, dir, name, walkFlags(flags))
	return p, errnoOf(err)
}

func walkFlags(flags uint64) (w wasmfs.WalkFlags) {
	if flags&abi.AT_SYMLINK_NOFOLLOW != 0 {
		w |= wasmfs.NoFollow
	}
	if flags&abi.AT_EMPTY_PATH != 0 {
		w |= wasmfs.Empty
	}
	return w
}

// fileCred are the credentials for the tree.
func fileCred(t *kernel.Task) *wasmfs.Cred {
	env := t.Env()
	return env.Cred
}

// timespec reads a struct timespec.
func timespec(t *kernel.Task, addr uint64) (abi.Timespec, abi.Errno) {
	var b [abi.SizeofTimespec]byte
	if err := t.MM().CopyIn(addr, b[:]); err != nil {
		return abi.Timespec{}, errnoOf(err)
	}
	var ts abi.Timespec
	ts.Decode(b[:])
	return ts, 0
}

// putTimespec writes ns as a struct timespec.
func putTimespec(t *kernel.Task, addr uint64, ns int64) abi.Errno {
	var b [abi.SizeofTimespec]byte
	abi.NsToTimespec(ns).Encode(b[:])
	return errnoOf(t.MM().CopyOut(addr, b[:]))
}

// timeout reads an optional struct timespec as the call's deadline; addr 0
// means none. Only the first attempt reads it.
func timeout(t *kernel.Task, addr uint64) abi.Errno {
	if addr == 0 || t.Sys().HasLimit {
		return 0
	}
	ts, errno := timespec(t, addr)
	if errno != 0 {
		return errno
	}
	if !ts.Valid() {
		return abi.EINVAL
	}
	t.SetTimeout(ts.Ns())
	return 0
}

// putTimeLeft writes what is left of the call's deadline (ppoll, pselect6).
func putTimeLeft(t *kernel.Task, addr uint64) {
	if s := t.Sys(); addr != 0 && s.HasLimit {
		// As in Linux, a read-only timeout is left as it is.
		_ = putTimespec(t, addr, max(s.Deadline-t.Kernel().Monotonic(), 0))
	}
}

// tempMask reads an optional sigset_t and blocks it until the call returns.
func tempMask(t *kernel.Task, addr, size uint64) abi.Errno {
	if addr == 0 || t.Sys().Attempt > 0 {
		return 0
	}
	m, errno := sigset(t, addr, size)
	if errno == 0 {
		t.SetTempMask(m)
	}
	return errno
}

// sigset reads a sigset_t; EINVAL if size is not 8.
func sigset(t *kernel.Task, addr, size uint64) (abi.SigSet, abi.Errno) {
	if size != 8 {
		return 0, abi.EINVAL
	}
	v, err := t.MM().ReadU64(addr)
	return abi.SigSet(v), errnoOf(err)
}

// stringList reads a NULL-terminated array of strings, as execve takes them.
func stringList(t *kernel.Task, addr uint64) ([]string, abi.Errno) {
	const maxStrings, maxBytes = 1 << 16, 2 << 20
	var list []string
	if addr == 0 {
		return nil, 0
	}
	total := 0
	for {
		p, err := t.MM().ReadU64(addr)
		if err != nil {
			return nil, errnoOf(err)
		}
		if p == 0 {
			return list, 0
		}
		s, err := t.MM().ReadString(p, 32*4096) // MAX_ARG_STRLEN
		if err != nil {
			if errnoOf(err) == abi.ENAMETOOLONG {
				return nil, abi.E2BIG
			}
			return nil, errnoOf(err)
		}
		total += len(s) + 9
		if len(list) == maxStrings || total > maxBytes {
			return nil, abi.E2BIG
		}
		list = append(list, s)
		addr += 8
	}
}
