//go:build !js

// Package jsbridge_test runs the tests of the packages below, which are built
// for js/wasm only, in Node.
package jsbridge_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestInNode(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs js/wasm programs")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node is not installed")
	}
	loader, err := filepath.Abs("nodeexec")
	if err != nil {
		t.Fatal(err)
	}
	// Go keeps this test's result until a file that it read changes. What its
	// child reads is not known, hence the walk; and the child keeps nothing.
	for _, dir := range []string{".", "../runtime/engine", "../runtime/wasm"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "-count=1", "-exec="+loader, "./...")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
