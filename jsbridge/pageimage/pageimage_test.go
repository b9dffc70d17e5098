//go:build js

package pageimage

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall/js"
	"testing"

	"boxer/jsbridge/loop"
	"boxer/jsbridge/port"
	"boxer/runtime/oci"
	"boxer/runtime/oci/lazy"
	"boxer/runtime/oci/remote"
	"boxer/wasmfs/tarfs"
)

// serverSource is a server in Node: files by their path, with or without ranges.
const serverSource = `(files) => new Promise((resolve) => {
	const s = { ranges: true, broken: 0, log: [], origin: "" };
	require("http").createServer((q, a) => {
		s.log.push(q.url + " " + (q.headers.range ?? ""));
		const data = files[decodeURI(q.url)];
		if (s.broken > 0 && q.headers.range) { s.broken--; q.socket.destroy(); return; }
		if (!data) { a.writeHead(404); a.end("no"); return; }
		const r = /^bytes=(\d+)-(\d+)$/.exec(q.headers.range ?? "");
		if (!r || !s.ranges) { a.writeHead(200, { "content-length": data.length }); a.end(data); return; }
		const part = data.subarray(+r[1], +r[2] + 1);
		a.writeHead(206, { "content-length": part.length }); a.end(part);
	}).listen(0, "127.0.0.1", function () { this.unref(); s.origin = "http://127.0.0.1:" + this.address().port; resolve(s); });
})`

const motd = "hello from a page\n"

// layoutFiles is an exported image, and big the contents of its large file.
func layoutFiles(t *testing.T) (files map[string][]byte, big []byte) {
	t.Helper()
	dir := t.TempDir()
	tree := oci.NewTree()
	big = make([]byte, 2_000_000)
	rand.New(rand.NewSource(1)).Read(big)
	for name, data := range map[string][]byte{"etc/motd": []byte(motd), "usr/big": big} {
		if err := tree.AddFile(name, 0o644, data); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, "box.tar"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := oci.Pack(f, []*oci.Tree{tree}, oci.PackOptions{Reference: "app:1", Config: oci.Config{Cmd: []string{"sh"}}}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	m, err := oci.Open(f.Name(), oci.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	tars, err := m.OpenLayers()
	if err != nil {
		t.Fatal(err)
	}
	w := oci.NewLayoutWriter(oci.DirSink(filepath.Join(dir, "image")))
	if _, err := w.Image(m, tars, oci.ExportOptions{Reference: "app:1", Prefetch: [][]tarfs.Range{{{Start: 0, Size: 10}}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var data []byte
			data, err = os.ReadFile(path)
			files[strings.TrimPrefix(path, dir)] = data
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, big
}

// serve starts a server of files.
func serve(t *testing.T, files map[string][]byte) js.Value {
	t.Helper()
	o := js.Global().Get("Object").New()
	for name, data := range files {
		o.Set(name, port.Array(data))
	}
	s, err := loop.Await(js.Global().Call("eval", serverSource).Invoke(o))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fakeCaches is as much of the Cache API as is used, which Node lacks.
func fakeCaches(t *testing.T) {
	js.Global().Call("eval", `globalThis.caches = { m: new Map(), open: async () => ({
		match: async (k) => caches.m.get(k)?.clone(), keys: async () => [...caches.m.keys()],
		put: async (k, r) => { caches.m.set(k, r); }, delete: async (k) => caches.m.delete(k) }) }`)
	t.Cleanup(func() { js.Global().Delete("caches") })
}

func open(t *testing.T, image map[string]any) (*remote.Image, error) {
	t.Helper()
	return Open(context.Background(), js.ValueOf(image), Options{})
}

// read finds a file of the image's only layer and reads it.
func read(t *testing.T, m *remote.Image, name string) ([]byte, error) {
	t.Helper()
	l := m.Layers[0]
	var x *tarfs.Layer
	if err := l.Skim(func() (err error) { x, err = tarfs.Index(l, l.Size, tarfs.Limits{}); return err }); err != nil {
		return nil, err
	}
	for i := range x.Entries() {
		if e := &x.Entries()[i]; e.Name == name {
			return io.ReadAll(io.NewSectionReader(x.Contents(e), 0, e.Size))
		}
	}
	return nil, fs.ErrNotExist
}

func check(t *testing.T, m *remote.Image, big []byte) {
	t.Helper()
	if p, err := read(t, m, "etc/motd"); err != nil || string(p) != motd {
		t.Errorf("etc/motd: %q, %v", p, err)
	}
	if p, err := read(t, m, "usr/big"); err != nil || !bytes.Equal(p, big) {
		t.Errorf("usr/big: %d bytes, %v", len(p), err)
	}
}

func TestOpen(t *testing.T) {
	files, big := layoutFiles(t)
	s := serve(t, files)
	origin := s.Get("origin").String()
	for _, ranges := range []bool{true, false} {
		s.Set("ranges", ranges)
		for _, url := range []string{origin + "/image/", origin + "/box.tar"} {
			m, err := open(t, map[string]any{"url": url})
			if err != nil {
				t.Fatalf("%s: %v", url, err)
			}
			check(t, m, big)
		}
	}
	m, err := open(t, map[string]any{"bytes": port.Array(files["/box.tar"])})
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, big)

	s.Set("ranges", true)
	m, err = open(t, map[string]any{"url": origin + "/image/"})
	if err != nil {
		t.Fatal(err)
	}
	s.Set("broken", 2)
	check(t, m, big) // connections that break are made again
}

// TestStore opens an image, and then again with a server that lost the layer.
func TestStore(t *testing.T) {
	fakeCaches(t)
	files, big := layoutFiles(t)
	s := serve(t, files)
	url := s.Get("origin").String() + "/image/"
	m, err := open(t, map[string]any{"url": url})
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, big)
	s.Set("broken", 1<<20) // every range from now on
	if m, err = open(t, map[string]any{"url": url}); err != nil {
		t.Fatal(err)
	}
	check(t, m, big)
	js.Global().Call("eval", `for (const k of caches.m.keys()) caches.m.set(k, new Response("damaged"))`)
	s.Set("broken", 0)
	if m, err = open(t, map[string]any{"url": url}); err != nil {
		t.Fatal(err)
	}
	check(t, m, big)
}

// TestTry reads where nothing may be waited for, as guest code's fast calls do.
func TestTry(t *testing.T) {
	files, _ := layoutFiles(t)
	s := serve(t, files)
	m, err := open(t, map[string]any{"url": s.Get("origin").String() + "/image/"})
	if err != nil {
		t.Fatal(err)
	}
	l, p := m.Layers[0], make([]byte, 1_000_000)
	if try(func() { _, err = l.ReadAt(p, 800_000) }) == nil || !errors.Is(err, lazy.ErrWait) {
		t.Errorf("reading what is not there yet: %v", err)
	}
	if _, err := l.ReadAt(p, 800_000); err != nil {
		t.Fatal(err)
	}
	if try(func() { _, err = l.ReadAt(p, 800_000) }) != nil || err != nil {
		t.Errorf("reading what is there: %v", err)
	}
}

func TestErrors(t *testing.T) {
	files, _ := layoutFiles(t)
	s := serve(t, files)
	origin := s.Get("origin").String()
	for name, c := range map[string]struct {
		image map[string]any
		want  string
	}{
		"nothing":   {map[string]any{}, "no image"},
		"not there": {map[string]any{"url": origin + "/other/"}, "there is no such file (HTTP 404)"},
		"no server": {map[string]any{"url": "http://127.0.0.1:1/"}, "fetch"},
		"no bytes":  {map[string]any{"bytes": port.Array(nil)}, "the file is empty"},
		"cut":       {map[string]any{"bytes": port.Array(files["/box.tar"][:1_000_000])}, "it is truncated"},
	} {
		if _, err := open(t, c.image); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %q", name, err, c.want)
		}
	}
}

func TestParseJSON(t *testing.T) {
	got, err := ParseJSON([]byte(`{"a":[1,"x\"]",null,true,{}],"b":1.5}`))
	want := map[string]any{"a": []any{1.0, `x"]`, nil, true, map[string]any{}}, "b": 1.5}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%#v, %v", got, err)
	}
	for text, want := range map[string]string{
		"":                        "JSON",
		"<html>":                  "JSON",
		strings.Repeat("[", 1000): "too deep",
		"[" + strings.Repeat("1,", maxValues) + "1]": "too many values",
	} {
		if _, err := ParseJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

// try calls f as the kernel serves a call from inside guest code.
func try(f func()) (wait func()) {
	h := loop.Host{}
	h.Try()
	f()
	return h.Tried()
}
