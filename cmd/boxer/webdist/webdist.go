// Package webdist holds the page's files inside the boxer binary: what web/
// is built to, by make build, and what export and serve write out. A binary
// that was built by go build alone has none.
package webdist

import (
	"embed"
	"errors"
	"io/fs"
)

//go:embed all:dist
var embedded embed.FS

// ErrMissing says that this binary carries no page.
var ErrMissing = errors.New("this boxer was built without the page's files: run make build (it needs Node)")

// Files returns the page's files: boxer.js, boxer.mjs, core.wasm.gz and
// core.wasm.br (core.wasm is what is in them), element.mjs, xterm.mjs, sw.js,
// index.html and what they need; file.html is the page in one file.
func Files() (fs.FS, error) {
	files, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"boxer.js", "core.wasm.gz"} {
		if _, err := fs.Stat(files, name); err != nil {
			return nil, ErrMissing
		}
	}
	return files, nil
}
