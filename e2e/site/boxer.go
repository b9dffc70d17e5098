package site

import (
	"os/exec"
	"path/filepath"

	"boxer/e2e/guests"
)

// Boxer builds the command line with the page's files in it and returns its
// path.
func Boxer(t T) string {
	t.Helper()
	Dist(t)
	dir, err := guests.Cache("bin")
	if err != nil {
		t.Fatalf("%v", err)
	}
	path := filepath.Join(dir, "boxer-with-page")
	if out, err := exec.Command("go", "build", "-o", path, "boxer/cmd/boxer").CombinedOutput(); err != nil {
		t.Fatalf("go build boxer/cmd/boxer: %v\n%s", err, out)
	}
	return path
}

// Export runs `boxer export --web DIR ARG...` and returns DIR.
func Export(t T, dir string, args ...string) string {
	t.Helper()
	args = append([]string{"export", "-q", "--web", dir}, args...)
	if out, err := exec.Command(Boxer(t), args...).CombinedOutput(); err != nil {
		t.Fatalf("boxer %q: %v\n%s", args, err, out)
	}
	return dir
}
