// Package site makes what boxer export writes: a static site around an image,
// the same in one HTML file, and the image alone as an archive. It also serves
// a site on loopback.
//
// A site is what any file server can host. Its page's files come from
// package webdist; image/ is an OCI layout that skopeo reads as well:
//
//	index.html, boxer.js, boxer.mjs, core.wasm, core.wasm.gz, …   the page
//	site.json            what the page shows and runs
//	sw-manifest.json     what the service worker keeps for offline use
//	image/oci-layout, image/index.json, image/blobs/sha256/…      the image
//	image/t/…            its translations, under addresses with the right type
package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"boxer/runtime/oci"
	"boxer/runtime/oci/spec"
	"boxer/wasmfs/tarfs"
)

// Config says what is exported.
type Config struct {
	Image  *oci.Image
	Layers []*oci.Tar
	// Page has the page's files, webdist.Files; an archive needs none.
	Page fs.FS
	// Generator is written into the site: "boxer 1.0".
	Generator string

	// Name is the image's in its layout; Title and About are the page's.
	Name, Title, About string
	// Command is what the page runs, nil for the image's own.
	Command []string
	Env     []string // NAME=value
	Memory  string
	User    string
	WorkDir string
	TTY     bool
	Persist string

	// Translations travel with the image, and Prefetch has for each layer what a
	// reader needs at once.
	Translations []oci.ArtifactFile
	Prefetch     [][]tarfs.Range

	// Offline keeps all of the image for offline use, however large it is.
	Offline bool
	// NoApp leaves out what makes the site an offline app.
	NoApp bool

	Progress func(done, total int64)
}

// A Report says what was written.
type Report struct {
	Path  string `json:"path"`
	Kind  string `json:"kind"` // "web", "html" or "box"
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
	// Digest is that of the image's manifest as it was written.
	Digest       string `json:"digest"`
	ImageBytes   int64  `json:"imageBytes"`
	Translations int    `json:"translations"`
	// TranslationBytes are those of Translations, which are files.
	TranslationBytes int64 `json:"translationBytes"`
}

// description is site.json; web/pages/page.js says what it means.
type description struct {
	Generator string `json:"generator"`
	Title     string `json:"title"`
	About     string `json:"about,omitempty"`
	Image     string `json:"image,omitempty"`
	Cmd       string `json:"cmd,omitempty"`
	TTY       bool   `json:"tty"`
	Env       string `json:"env,omitempty"`
	Memory    string `json:"memory,omitempty"`
	User      string `json:"user,omitempty"`
	WorkDir   string `json:"workdir,omitempty"`
	Persist   string `json:"persist,omitempty"`
}

func (c *Config) describe(image string) description {
	return description{
		Generator: c.Generator, Title: c.title(), About: c.About, Image: image, Cmd: quote(c.Command), TTY: c.TTY, Env: quote(c.Env),
		Memory: c.Memory, User: c.User, WorkDir: c.WorkDir, Persist: c.Persist,
	}
}

func (c *Config) title() string {
	switch {
	case c.Title != "":
		return c.Title
	case c.Name != "":
		return c.Name
	}
	return "boxer"
}

// quote writes words as a shell, and the page, reads them.
func quote(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		if w != "" && strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./=:,@%+") == "" {
			out[i] = w
			continue
		}
		out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(out, " ")
}

// layout writes the image. dir is where translations lie with names of their
// own; "" makes them blobs.
func (c *Config) layout(ctx context.Context, sink oci.Sink, dir string, r *Report) error {
	w := oci.NewLayoutWriter(sink)
	layers := make([]*oci.Tar, len(c.Layers))
	for i, l := range c.Layers {
		layers[i] = spec.NewTar(until{ctx, l}, l.Size, nil)
	}
	digest, err := w.Image(c.Image, layers, oci.ExportOptions{Reference: c.Name, Prefetch: c.Prefetch, Progress: c.Progress})
	if err != nil {
		return fmt.Errorf("image %s: %w", c.Image.Name(), err)
	}
	r.Digest = string(digest)
	if len(c.Translations) > 0 {
		if err := w.Translations(c.Translations, dir); err != nil {
			return err
		}
	}
	r.Translations = len(c.Translations)
	for _, f := range c.Translations {
		r.TranslationBytes += int64(len(f.Data))
	}
	return w.Close()
}

// until is a layer that can be read until a context ends.
type until struct {
	ctx context.Context
	*oci.Tar
}

func (u until) ReadAt(p []byte, off int64) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Tar.ReadAt(p, off)
}

// Files of the page that no site has: what becomes a page in one file, and what
// a server of ours sends instead of core.wasm.
const (
	oneFile    = "file.html"
	coreBrotli = "core.wasm.br"
)

// An entry is a file of the site as the manifest of the service worker lists
// it.
type entry struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// builder writes a site and remembers what it wrote.
type builder struct {
	cfg  *Config
	sink oci.Sink
	list []entry
}

// Put implements oci.Sink.
func (b *builder) Put(name string, size int64, r io.Reader) error {
	h := sha256.New()
	if err := b.sink.Put(name, size, io.TeeReader(r, h)); err != nil {
		return err
	}
	b.list = append(b.list, entry{name, hex.EncodeToString(h.Sum(nil)), size})
	return nil
}

func (b *builder) put(name string, data []byte) error {
	return b.Put(name, int64(len(data)), bytes.NewReader(data))
}

func (b *builder) putJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	return b.put(name, append(data, '\n'))
}

// below is a Sink of a directory of the site.
type below struct {
	b   *builder
	dir string
}

func (s below) Put(name string, size int64, r io.Reader) error {
	return s.b.Put(path.Join(s.dir, name), size, r)
}

// build writes a site to sink.
func build(ctx context.Context, sink oci.Sink, cfg *Config) (*Report, error) {
	b := &builder{cfg: cfg, sink: sink}
	r := &Report{Kind: "web"}
	if err := b.page(); err != nil {
		return nil, err
	}
	page := len(b.list)
	if err := cfg.layout(ctx, below{b, "image"}, "t", r); err != nil {
		return nil, err
	}
	for _, e := range b.list[page:] {
		r.ImageBytes += e.Size
	}
	r.ImageBytes -= r.TranslationBytes
	if err := b.putJSON("site.json", cfg.describe("./image/")); err != nil {
		return nil, err
	}
	if !cfg.NoApp {
		if err := b.putJSON("sw-manifest.json", b.manifest()); err != nil {
			return nil, err
		}
	}
	for _, e := range b.list {
		r.Files++
		r.Bytes += e.Size
	}
	return r, nil
}

// page writes the page's own files.
func (b *builder) page() error {
	entries, err := fs.ReadDir(b.cfg.Page, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || name == oneFile || name == coreBrotli || name == "core.wasm" {
			continue
		}
		data, err := fs.ReadFile(b.cfg.Page, name)
		if err != nil {
			return err
		}
		switch name {
		case "index.html":
			data = bytes.Replace(data, []byte("<title>boxer</title>"), []byte("<title>"+html.EscapeString(b.cfg.title())+"</title>"), 1)
		case "manifest.webmanifest":
			if data, err = b.cfg.appManifest(data); err != nil {
				return err
			}
		case "core.wasm.gz":
			core, err := inflate(data)
			if err != nil {
				return fmt.Errorf("core.wasm.gz: %w", err)
			}
			if err := b.put("core.wasm", core); err != nil {
				return err
			}
		}
		if err := b.put(name, data); err != nil {
			return err
		}
	}
	return nil
}

// appManifest gives the app the page's title.
func (c *Config) appManifest(data []byte) ([]byte, error) {
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("manifest.webmanifest: %w", err)
	}
	m["name"], m["short_name"] = c.title(), c.title()
	return json.MarshalIndent(m, "", "\t")
}

func inflate(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// offlineLimit is how large an image is, in bytes, that a page keeps for offline
// use without being told. A visitor of a larger one has what was used.
const offlineLimit = 32 << 20

// manifest lists what the service worker keeps: what the page loads, and the
// image, whose layers' blobs may be too much.
func (b *builder) manifest() any {
	var image int64
	for _, e := range b.list {
		if strings.HasPrefix(e.URL, "image/") {
			image += e.Size
		}
	}
	all := b.cfg.Offline || image <= offlineLimit
	var files []entry
	for _, e := range b.list {
		switch {
		case e.URL == "core.wasm", e.URL == "boxer.mjs", e.URL == "sw.js", strings.HasSuffix(e.URL, ".d.ts"), strings.HasPrefix(e.URL, "embed"):
			// The page does not load it, or the worker makes it of another.
		case !all && strings.HasPrefix(e.URL, "image/blobs/") && e.Size > 1<<20:
		default:
			files = append(files, e)
		}
	}
	slices.SortFunc(files, func(a, b entry) int { return strings.Compare(a.URL, b.URL) })
	h := sha256.New()
	for _, e := range files {
		fmt.Fprintf(h, "%s %s\n", e.SHA256, e.URL)
	}
	return map[string]any{"version": hex.EncodeToString(h.Sum(nil))[:16], "files": files}
}
