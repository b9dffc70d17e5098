//go:build unix

package oci

import (
	"io/fs"
	"os"
	"syscall"
)

// private reports whether only this user could have written what st
// describes.
func private(st fs.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == os.Geteuid() && st.Mode().Perm()&0o022 == 0
}
