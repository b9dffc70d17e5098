// Package site serves the page's files to browsers in tests: as plain servers
// do, and as bad ones.
package site

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"boxer/e2e/guests"
)

// ErrNotBuilt says that the page's files cannot be built here.
var ErrNotBuilt = errors.New("the page's files are not built")

// Files is the directory of the page's files, web/dist, built if `make` has
// not just done it (BOXER_WEB=built).
var Files = sync.OnceValues(func() (string, error) {
	top := filepath.Dir(filepath.Dir(guests.Dir()))
	dist := filepath.Join(top, "web", "dist")
	if os.Getenv("BOXER_WEB") != "built" {
		if err := build(top); err != nil {
			return "", err
		}
	}
	for _, name := range []string{"boxer.js", "core.wasm"} {
		if _, err := os.Stat(filepath.Join(dist, name)); err != nil {
			return "", fmt.Errorf("%w: no %s: run make web", ErrNotBuilt, name)
		}
	}
	return dist, nil
})

// build is `make web`, one at a time: several packages' tests ask for it.
func build(top string) error {
	for _, tool := range []string{"make", "node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%w: %s is not installed", ErrNotBuilt, tool)
		}
	}
	dir, err := guests.Cache()
	if err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "web.lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close() // and with it the lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	cmd := exec.Command("make", "--no-print-directory", "-s", "web")
	cmd.Dir = top
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make web: %w\n%s", err, out)
	}
	return nil
}

// A T is a *testing.T, or a command's own.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Cleanup(func())
}

// Dist is Files for a test, which is skipped where they cannot be built.
func Dist(t T) string {
	t.Helper()
	dist, err := Files()
	if errors.Is(err, ErrNotBuilt) {
		t.Skipf("%v", err)
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	return dist
}
