//go:build !unix

package wazero

import "io/fs"

// private: the permissions of Windows are inherited from the user's profile,
// where the directory is by default, and are not looked at.
func private(fs.FileInfo) error { return nil }
