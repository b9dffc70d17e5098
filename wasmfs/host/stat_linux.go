package host

import (
	"io/fs"
	"os"
	"syscall"

	"boxer/runtime/abi"
)

// openFlags keep an open from waiting for a writer, should a file have been
// replaced by a FIFO.
const openFlags = syscall.O_NONBLOCK

// hostStat fills what only the system knows: owner, links, device, times.
func hostStat(info fs.FileInfo, st *abi.Stat) (identity, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, false
	}
	st.UID, st.GID = s.Uid, s.Gid
	if int(s.Uid) == os.Getuid() {
		st.UID = 0
	}
	if int(s.Gid) == os.Getgid() {
		st.GID = 0
	}
	st.Nlink, st.Rdev = uint32(s.Nlink), uint64(s.Rdev)
	st.Atime, st.Ctime = s.Atim.Nano(), s.Ctim.Nano()
	return identity{uint64(s.Dev), s.Ino}, true
}
