//go:build !js

// Package nodetest lets a package's tests, run as ever, run tests built for
// js/wasm too: in Node, on the page's engine.
package nodetest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Run is `go test ARGS…` for js/wasm in the test's directory, which fails t if
// it fails. Without Node it skips, and under -short, since building for
// another platform takes its time.
//
// bridge is package jsbridge's directory. reads names what else the child
// depends on and the test's own binary does not, files or directories.
func Run(t *testing.T, bridge string, reads []string, args ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs js/wasm programs")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: nothing is tested on V8")
	}
	loader, err := filepath.Abs(filepath.Join(bridge, "nodeexec"))
	if err != nil {
		t.Fatal(err)
	}
	Reads(t, append(reads, bridge)...)
	cmd := exec.Command("go", append([]string{"test", "-count=1", "-exec=" + loader}, args...)...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(cmd.Args[1:], " "), err, out)
		return
	}
	t.Logf("%s", out)
}

// Reads tells Go that the test depends on files, or on all below directories.
// Go keeps a test's result until a file that it read changes, and of what its
// children read it knows nothing.
func Reads(t *testing.T, roots ...string) {
	t.Helper()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
