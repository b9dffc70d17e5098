//go:build unix

package diskstore

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Private reports why a directory or file whose contents will be trusted may not be
// used: others own it or may write to it.
func Private(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("cannot tell who owns it")
	}
	if uid := os.Geteuid(); int(st.Uid) != uid {
		return fmt.Errorf("it belongs to user %d, not to user %d; it would be trusted", st.Uid, uid)
	}
	if perm := info.Mode().Perm(); perm&0o022 != 0 {
		return fmt.Errorf("others may write to it (mode %#o); chmod 700 it", perm)
	}
	return nil
}
