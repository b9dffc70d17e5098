// Files makes, changes, lists and removes files under the directory that is
// its argument, and says what it finds. It runs on Linux and on WASI.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "a/b"), 0o755); err != nil {
		return err
	}
	name := filepath.Join(dir, "a/b/file")
	if err := os.WriteFile(name, []byte("first\n"), 0o640); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString("second\n"); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(name, filepath.Join(dir, "a/moved")); err != nil {
		return err
	}
	if err := os.Symlink("moved", filepath.Join(dir, "a/link")); err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(dir, "a/link"))
	fmt.Printf("%q %v\n", data, err)
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		fmt.Println(path, d.Type(), err)
		return err
	})
	if err != nil {
		return err
	}
	_, err = os.Stat(name)
	fmt.Println("gone:", errors.Is(err, fs.ErrNotExist))
	return os.RemoveAll(filepath.Join(dir, "a"))
}
