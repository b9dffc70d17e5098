package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"boxer/runtime/oci"
	"boxer/wasmfs/tarfs"
)

func gz(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.Bytes()
}

// page stands for the page's files.
var page = fstest.MapFS{
	".gitkeep":             {},
	"index.html":           {Data: []byte("<!doctype html><title>boxer</title>" + strings.Repeat("<p>text", 100))},
	"boxer.js":             {Data: []byte("// boxer.js\n" + strings.Repeat("box();\n", 100))},
	"boxer.mjs":            {Data: []byte("// boxer.mjs")},
	"boxer.d.ts":           {Data: []byte("export {}")},
	"sw.js":                {Data: []byte("// sw")},
	"manifest.webmanifest": {Data: []byte(`{"name":"boxer","short_name":"boxer","start_url":"./"}`)},
	"core.wasm.gz":         {Data: gz("\x00asm core")},
	"core.wasm.br":         {Data: []byte("brotli")},
	"file.html":            {Data: []byte("<script type=json>@BOXER_INLINE@</script><p>")},
	"icon.svg":             {Data: []byte("<svg/>")},
}

// config is an export of an image with one layer of about 3 MB.
func config(t *testing.T) Config {
	t.Helper()
	random := rand.New(rand.NewSource(1))
	big := make([]byte, 3_000_000)
	random.Read(big)
	tree := oci.NewTree()
	if err := errors.Join(tree.AddFile("bin/sh", 0o755, big), tree.AddFile("etc/motd", 0o644, []byte("hello\n"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "box.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := oci.Pack(f, []*oci.Tree{tree}, oci.PackOptions{Reference: "app:1", Config: oci.Config{Cmd: []string{"sh"}}}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	m, err := oci.Open(path, oci.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	layers, err := m.OpenLayers()
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Image: m, Layers: layers, Page: page, Generator: "boxer test", Name: "app:1",
		Command: []string{"sh", "-c", "echo it's </script>"}, Env: []string{"A=1", "B=x y"}, TTY: true,
		Translations: []oci.ArtifactFile{{Name: "index.txt", MediaType: "text/plain", Data: []byte("boxer translations 1\n")}, {Name: "a.wasm", MediaType: "application/wasm", Data: []byte("\x00asm")}},
		Prefetch:     [][]tarfs.Range{{{Start: 0, Size: 1}}},
	}
}

// names lists the files below dir.
func names(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			list = append(list, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWrite(t *testing.T) {
	cfg := config(t)
	dir := filepath.Join(t.TempDir(), "deep", "site")
	r, err := Write(context.Background(), dir, false, cfg)
	if err != nil {
		t.Fatal(err)
	}
	got := names(t, dir)
	for _, want := range []string{"index.html", "boxer.js", "boxer.mjs", "boxer.d.ts", "core.wasm", "core.wasm.gz", "sw.js", "sw-manifest.json",
		"site.json", "manifest.webmanifest", "icon.svg", "image/oci-layout", "image/index.json", "image/t/a.wasm", "image/t/index.txt"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, name := range []string{"file.html", "core.wasm.br", ".gitkeep"} {
		if slices.Contains(got, name) {
			t.Errorf("%s does not belong there", name)
		}
	}
	if r.Files != len(got) || r.Kind != "web" || r.Translations != 2 || r.ImageBytes < 3_000_000 || r.Path != dir {
		t.Errorf("the report: %+v of %d files", r, len(got))
	}
	if string(read(t, filepath.Join(dir, "core.wasm"))) != "\x00asm core" {
		t.Error("core.wasm is not what is in core.wasm.gz")
	}
	if !bytes.Contains(read(t, filepath.Join(dir, "index.html")), []byte("<title>app:1</title>")) {
		t.Error("the page has no title")
	}
	var d description
	if err := json.Unmarshal(read(t, filepath.Join(dir, "site.json")), &d); err != nil {
		t.Fatal(err)
	}
	if d.Cmd != `sh -c 'echo it'\''s </script>'` || d.Env != "A=1 'B=x y'" || d.Image != "./image/" || !d.TTY {
		t.Errorf("site.json: %+v", d)
	}
	checkManifest(t, dir, got)
	m, err := oci.Open(filepath.Join(dir, "image"), oci.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if m.Layers()[0].DiffID() != cfg.Image.Layers()[0].DiffID() || string(m.Digest()) != r.Digest {
		t.Error("the image is another")
	}
	first := read(t, filepath.Join(dir, "sw-manifest.json"))
	if _, err := Write(context.Background(), dir, false, cfg); err != nil {
		t.Fatalf("again: %v", err)
	}
	if !bytes.Equal(first, read(t, filepath.Join(dir, "sw-manifest.json"))) {
		t.Error("the same export gave other files")
	}
	if left := names(t, filepath.Dir(dir)); len(left) != len(got) {
		t.Errorf("something is left behind: %d files instead of %d", len(left), len(got))
	}
}

// checkManifest compares what the service worker will keep with the files.
func checkManifest(t *testing.T, dir string, all []string) {
	t.Helper()
	var m struct {
		Version string
		Files   []entry
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "sw-manifest.json")), &m); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, e := range m.Files {
		data := read(t, filepath.Join(dir, filepath.FromSlash(e.URL)))
		sum := sha256.Sum256(data)
		if e.Size != int64(len(data)) || e.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s is not what the manifest says", e.URL)
		}
		listed[e.URL] = true
	}
	for _, name := range all {
		left := slices.Contains([]string{"core.wasm", "boxer.mjs", "boxer.d.ts", "sw.js", "sw-manifest.json"}, name)
		if listed[name] == left {
			t.Errorf("%s: kept offline: %v", name, listed[name])
		}
	}
	if m.Version == "" {
		t.Error("no version")
	}
}

// TestOffline: a large image is not kept whole unless that was asked for.
func TestOffline(t *testing.T) {
	b := &builder{cfg: &Config{}, list: []entry{{"index.html", "a", 10}, {"image/index.json", "b", 10}, {"image/blobs/sha256/x", "c", offlineLimit}, {"image/blobs/sha256/y", "d", 1000}}}
	count := func() int { return len(b.manifest().(map[string]any)["files"].([]entry)) }
	if count() != 3 {
		t.Errorf("%d files of a large image", count())
	}
	if b.cfg.Offline = true; count() != 4 {
		t.Errorf("%d files of a large image that shall be kept", count())
	}
}

func TestReplace(t *testing.T) {
	cfg := config(t)
	cfg.NoApp = true
	dir := filepath.Join(t.TempDir(), "site")
	mine := filepath.Join(dir, "mine.txt")
	if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(mine, []byte("mine"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(context.Background(), dir, false, cfg); !errors.Is(err, ErrOccupied) || string(read(t, mine)) != "mine" {
		t.Errorf("a directory with something in it: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Write(ended, dir, true, cfg); err == nil || string(read(t, mine)) != "mine" || len(names(t, filepath.Dir(dir))) != 1 {
		t.Errorf("an interrupted export: %v", err)
	}
	if _, err := Write(context.Background(), dir, true, cfg); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mine); err == nil || !IsSite(dir) {
		t.Error("force did not replace the directory")
	}
	if _, err := os.Stat(filepath.Join(dir, "sw-manifest.json")); err == nil {
		t.Error("a site without an app has the app's manifest")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(context.Background(), file, true, cfg); err == nil {
		t.Error("a file was replaced by a directory")
	}
	if _, err := WriteBox(context.Background(), dir, cfg); err == nil {
		t.Error("a directory was replaced by a file")
	}
}

func TestWriteHTML(t *testing.T) {
	cfg := config(t)
	path := filepath.Join(t.TempDir(), "box.html")
	r, err := WriteHTML(context.Background(), path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	data := read(t, path)
	text, after, ok := bytes.Cut(bytes.TrimPrefix(data, []byte("<script type=json>")), []byte("<"))
	if !ok || string(after) != "/script><p>" || r.Bytes != int64(len(data)) || r.Kind != "html" {
		t.Fatalf("something in the data ends the script: %.100q, %+v", after, r)
	}
	var inline struct {
		Core, Image string
		Site        description
	}
	if err := json.Unmarshal(text, &inline); err != nil {
		t.Fatal(err)
	}
	core, err := base64.StdEncoding.DecodeString(inline.Core)
	if err != nil || !bytes.Equal(core, page["core.wasm.gz"].Data) {
		t.Errorf("the core: %v", err)
	}
	archive, err := base64.StdEncoding.DecodeString(inline.Image)
	if err != nil {
		t.Fatal(err)
	}
	m, err := oci.OpenArchive(bytes.NewReader(archive), int64(len(archive)), "inline", oci.Options{})
	if err != nil || m.Name() != "app:1" || inline.Site.Image != "" || inline.Site.Title != "app:1" {
		t.Errorf("the image: %v, %+v", err, inline.Site)
	}
}

func TestWriteBox(t *testing.T) {
	cfg := config(t)
	cfg.Page = nil
	path := filepath.Join(t.TempDir(), "app.box")
	r, err := WriteBox(context.Background(), path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	m, err := oci.Open(path, oci.Options{})
	if err != nil || m.Name() != "app:1" || r.Kind != "box" || r.ImageBytes != r.Bytes {
		t.Fatalf("%v, %+v", err, r)
	}
	m.Close()
}
