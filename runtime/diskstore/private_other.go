//go:build !unix

package diskstore

import "io/fs"

// Private: the permissions of Windows are inherited from the user's profile,
// where the directory is by default, and are not looked at.
func Private(fs.FileInfo) error { return nil }
