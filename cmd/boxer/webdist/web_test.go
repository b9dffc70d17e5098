package webdist_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const web = "../../../web"

// The page's own tests: its modules under Node's test runner, its types with a
// program that uses them, and its build, which fails when boxer.js outgrows
// its budget.
func TestPage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the page")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: the page's scripts are not tested")
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules")); err != nil {
		t.Skip("web/node_modules is not there: make web installs it")
	}
	// Go keeps a test's result until a file that it read changes.
	for _, dir := range []string{"src", "test", "pages", "icons", "../jsbridge/wasmhost"} {
		err := filepath.WalkDir(filepath.Join(web, dir), func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"build.mjs", "boxer.d.ts", "package-lock.json"} {
		if _, err := os.Stat(filepath.Join(web, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{
		"modules": {"--test", "test/"},
		"types":   {"node_modules/typescript/bin/tsc", "-p", "test/tsconfig.json"},
		"build":   {"build.mjs", "--out", t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("node", args...)
			cmd.Dir = web
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("node %v: %v\n%s", args, err, out)
			}
		})
	}
}
