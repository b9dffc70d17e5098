//go:build unix

package wazero

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// private reports why a directory of code that will be executed may not be
// used: others own it or may write to it.
func private(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("cannot tell who owns it")
	}
	if uid := os.Geteuid(); int(st.Uid) != uid {
		return fmt.Errorf("it belongs to user %d, not to user %d; compiled code is only read from a directory of one's own", st.Uid, uid)
	}
	if perm := info.Mode().Perm(); perm&0o022 != 0 {
		return fmt.Errorf("others may write to it (mode %#o); compiled code is only read from a private directory: chmod 700 it", perm)
	}
	return nil
}
