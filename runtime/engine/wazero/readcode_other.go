//go:build !linux

package wazero

import "os"

// readCode reads machine code at off of f into p, where wazero will execute it.
func readCode(f *os.File, off int64, p []byte) error {
	_, err := f.ReadAt(p, off)
	return err
}
