package site

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"boxer/runtime/oci"
)

// ErrOccupied is the error of a directory with something else in it.
var ErrOccupied = errors.New("the directory is not empty and no earlier export: name another one, or say --force to replace all that is in it")

// Write writes the site to dir, which is replaced as a whole when all is there.
// An earlier export is replaced; anything else only by force.
func Write(ctx context.Context, dir string, force bool, cfg Config) (*Report, error) {
	dir = filepath.Clean(dir)
	if err := replaceable(dir, force); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+"-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	fresh := filepath.Join(tmp, "new")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return nil, err
	}
	r, err := build(ctx, oci.DirSink(fresh), &cfg)
	if err != nil {
		return nil, err
	}
	old := filepath.Join(tmp, "old") // goes with tmp
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.Rename(fresh, dir); err != nil {
		os.Rename(old, dir)
		return nil, err
	}
	r.Path = dir
	return r, nil
}

// replaceable reports whether an export may take dir's place.
func replaceable(dir string, force bool) error {
	st, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return errors.New("it is there and is not a directory")
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(list) > 0 && !force && !IsSite(dir) {
		return ErrOccupied
	}
	return nil
}

// IsSite reports whether dir holds a site that was exported.
func IsSite(dir string) bool {
	data, err := os.ReadFile(filepath.Join(dir, "site.json"))
	if err != nil {
		return false
	}
	var d description
	if json.Unmarshal(data, &d) != nil || !strings.HasPrefix(d.Generator, "boxer") {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, "image", "oci-layout"))
	return err == nil
}

// WriteBox writes the image alone, as an oci-archive.
func WriteBox(ctx context.Context, path string, cfg Config) (*Report, error) {
	r := &Report{Kind: "box", Files: 1}
	err := replace(path, func(f *os.File) error {
		w := tar.NewWriter(f)
		if err := cfg.layout(ctx, oci.TarSink{Writer: w}, "", r); err != nil {
			return err
		}
		return w.Close()
	})
	return finish(r, path, err)
}

// inlineMark stands in the page in one file where its data belongs.
const inlineMark = "@BOXER_INLINE@"

// WriteHTML writes the page and the image as one file that opens from disk.
func WriteHTML(ctx context.Context, path string, cfg Config) (*Report, error) {
	page, err := fs.ReadFile(cfg.Page, oneFile)
	if err != nil {
		return nil, err
	}
	before, after, ok := bytes.Cut(page, []byte(inlineMark))
	if !ok {
		return nil, fmt.Errorf("%s of this boxer has no place for the image: run make build", oneFile)
	}
	core, err := fs.ReadFile(cfg.Page, "core.wasm.gz")
	if err != nil {
		return nil, err
	}
	r := &Report{Kind: "html", Files: 1}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := cfg.layout(ctx, oci.TarSink{Writer: w}, "", r); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	r.ImageBytes = int64(archive.Len())
	// Marshal writes "<" as \u003c, so nothing in it can end the script.
	data, err := json.Marshal(map[string]any{
		"core": base64.StdEncoding.EncodeToString(core), "image": base64.StdEncoding.EncodeToString(archive.Bytes()), "site": cfg.describe(""),
	})
	if err != nil {
		return nil, err
	}
	err = replace(path, func(f *os.File) error {
		for _, p := range [][]byte{before, data, after} {
			if _, err := f.Write(p); err != nil {
				return err
			}
		}
		return nil
	})
	return finish(r, path, err)
}

func finish(r *Report, path string, err error) (*Report, error) {
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	r.Path, r.Bytes = path, st.Size()
	if r.Kind == "box" {
		r.ImageBytes = r.Bytes
	}
	return r, nil
}

// replace is oci.ReplaceFile where a regular file or nothing is.
func replace(path string, write func(f *os.File) error) error {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return fmt.Errorf("%s: it is there and is not a regular file", path)
	}
	return oci.ReplaceFile(path, write)
}
