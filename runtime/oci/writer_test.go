package oci

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/lazy"
	"boxer/wasmfs/tarfs"
)

// packedImage is an oci-archive with two layers, opened.
func packedImage(t *testing.T) *Image {
	t.Helper()
	small := NewTree()
	if err := small.AddFile("etc/motd", 0o644, []byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "box.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Pack(f, []*Tree{lazyTree(t), small}, PackOptions{Reference: "app:1", Config: Config{Cmd: []string{"sh"}, Env: []string{"A=1"}}}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	m, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// export writes m with a LayoutWriter.
func export(t *testing.T, m *Image, sink Sink, dir string) {
	t.Helper()
	tars, err := m.OpenLayers()
	if err != nil {
		t.Fatal(err)
	}
	w := NewLayoutWriter(sink)
	var last [2]int64
	_, err = w.Image(m, tars, ExportOptions{
		Reference: "app:1", Prefetch: [][]tarfs.Range{{{Start: 600_000, Size: 1}}},
		Progress: func(done, total int64) { last = [2]int64{done, total} },
	})
	if err != nil {
		t.Fatal(err)
	}
	if last[0] != last[1] || last[0] == 0 {
		t.Errorf("the progress ends with %d of %d", last[0], last[1])
	}
	files := []ArtifactFile{{"index.txt", "text/plain", []byte("boxer translations 1\n")}, {"a.wasm", "application/wasm", []byte("\x00asm\x01\x00\x00\x00")}}
	if err := w.Translations(files, dir); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLayoutWriter writes an image and reads it back: as this package does,
// as a page does, and with skopeo.
func TestLayoutWriter(t *testing.T) {
	m := packedImage(t)
	dir := t.TempDir()
	layoutDir, archivePath := filepath.Join(dir, "image"), filepath.Join(dir, "app.box")
	export(t, m, DirSink(layoutDir), "t")
	f, err := os.Create(archivePath)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	export(t, m, TarSink{w}, "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()

	var digests []Digest
	for _, path := range []string{layoutDir, archivePath, layoutDir + ":app:1"} {
		path, ref, _ := strings.Cut(path, ":")
		got, err := Open(path, Options{Reference: ref})
		if err != nil {
			t.Fatal(err)
		}
		defer got.Close()
		digests = append(digests, got.Digest())
		if !bytes.Equal(got.rawConfig, m.rawConfig) || got.Name() != "app:1" {
			t.Errorf("%s: another configuration, or name %q", path, got.Name())
		}
		for i, l := range got.Layers() {
			if l.DiffID() != m.Layers()[i].DiffID() {
				t.Errorf("%s: layer %d has another diffID", path, i)
			}
		}
		if tars, err := got.OpenLayers(); err != nil || len(tars) != 2 {
			t.Errorf("%s: %v", path, err)
		}
	}
	if digests[0] != digests[1] {
		t.Error("directory and archive hold different manifests")
	}
	if data, err := os.ReadFile(filepath.Join(layoutDir, "t", "a.wasm")); err != nil || string(data[:4]) != "\x00asm" {
		t.Errorf("translations: %v", err)
	}
	checkLinks(t, layoutDir)

	skopeo, err := exec.LookPath("skopeo")
	if err != nil {
		t.Skip("skopeo is not installed")
	}
	for i, src := range []string{"oci:" + layoutDir, "oci-archive:" + archivePath, "oci:" + layoutDir + ":app:1"} {
		to := filepath.Join(dir, "copy"+string(rune('0'+i)))
		cmd := exec.Command(skopeo, "--insecure-policy", "--override-os", "linux", "--override-arch", "arm64", "copy", "--dest-decompress", src, "dir:"+to)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("skopeo copy %s: %v\n%s", src, err, out)
			continue
		}
		for _, l := range m.Layers() { // dir: names blobs by their digest, unpacked here
			if _, err := os.Stat(filepath.Join(to, l.DiffID().Hex())); err != nil {
				t.Errorf("skopeo copy %s: %v", src, err)
			}
		}
	}
}

// checkLinks follows the annotations that a page follows.
func checkLinks(t *testing.T, dir string) {
	t.Helper()
	read := func(name string, v any) {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if v != nil {
			if err := json.Unmarshal(data, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	var top index
	read("index.json", &top)
	if len(top.Manifests) != 1 {
		t.Fatalf("index.json lists %d manifests", len(top.Manifests))
	}
	var man, artifact manifest
	read(blobName(top.Manifests[0].Digest), &man)
	read(blobName(Digest(top.Manifests[0].Annotations[layout.AnnotationTranslations])), &artifact)
	if artifact.ArtifactType != layout.TypeTranslations || artifact.Subject == nil || artifact.Subject.Digest != top.Manifests[0].Digest {
		t.Errorf("the translations' manifest: %+v", artifact)
	}
	for _, f := range artifact.Layers {
		read(f.Annotations[layout.AnnotationPath], nil)
	}
	read(blobName(artifact.Config.Digest), nil)
	for i, l := range man.Layers {
		name := blobName(Digest(l.Annotations[lazy.AnnotationDigest]))
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		x, err := lazy.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if x.BlobSize != l.Size || i == 0 && !slices.Equal(x.Prefetch, []int{1}) {
			t.Errorf("layer %d: its index says %d bytes, prefetch %v", i, x.BlobSize, x.Prefetch)
		}
	}
}

// TestLiars are layers whose tar is not what the image says.
func TestLiars(t *testing.T) {
	m := packedImage(t)
	tars, err := m.OpenLayers()
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(tars)
	w := NewLayoutWriter(DirSink(t.TempDir()))
	if _, err := w.Image(m, tars, ExportOptions{}); err == nil || !strings.Contains(err.Error(), "does not match its digest") {
		t.Errorf("exchanged layers: %v", err)
	}
}
