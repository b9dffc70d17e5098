package oci

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/spec"
)

// A kit builds image archives file by file, right or wrong.
type kit struct {
	names []string
	files map[string][]byte
	links map[string]string
}

func newKit() *kit { return &kit{files: map[string][]byte{}, links: map[string]string{}} }

func (k *kit) file(name string, data []byte) {
	if _, ok := k.files[name]; !ok {
		k.names = append(k.names, name)
	}
	k.files[name] = data
}

func (k *kit) blob(data []byte) descriptor {
	d := DigestBytes(data)
	k.file(blobName(d), data)
	return descriptor{Digest: d, Size: int64(len(data))}
}

func (k *kit) json(mediaType string, v any) descriptor {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	d := k.blob(data)
	d.MediaType = mediaType
	return d
}

// image adds a manifest for p with the packed layers of the given plain tars.
func (k *kit) image(p Platform, pack func([]byte) []byte, layers ...[]byte) descriptor {
	c := imageConfig{Platform: p, Config: Config{Cmd: []string{"/" + p.Architecture}}}
	m := manifest{SchemaVersion: 2}
	for _, l := range layers {
		d := k.blob(pack(l))
		m.Layers = append(m.Layers, d)
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, DigestBytes(l))
	}
	m.Config = k.json(typeConfig, c)
	d := k.json(typeManifest, m)
	d.Platform = &p
	return d
}

func (k *kit) index(ds ...descriptor) {
	data, _ := json.Marshal(index{SchemaVersion: 2, Manifests: ds})
	k.file("index.json", data)
}

func (k *kit) tar() []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, name := range k.names {
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(k.files[name])), Mode: 0o644})
		w.Write(k.files[name])
	}
	for name, target := range k.links {
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target})
	}
	w.Close()
	return buf.Bytes()
}

// write stores data as a file and returns its path.
func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func layerTar(name, content string) []byte {
	tree := NewTree()
	tree.AddFile(name, 0o644, []byte(content))
	t, err := tree.Tar()
	if err != nil {
		panic(err)
	}
	data, err := io.ReadAll(io.NewSectionReader(t, 0, t.Size))
	if err != nil {
		panic(err)
	}
	return data
}

func same(p []byte) []byte { return p }

func gz(p []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(p)
	z.Close()
	return buf.Bytes()
}

func zst(p []byte) []byte {
	z, _ := zstd.NewWriter(nil)
	return z.EncodeAll(p, nil)
}

var packings = map[string]func([]byte) []byte{"plain": same, "gzip": gz, "zstd": zst}

// contents returns the layers' tars, or the first error.
func contents(m *Image) ([][]byte, error) {
	var all [][]byte
	for _, l := range m.Layers() {
		t, err := l.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.NewSectionReader(t, 0, t.Size))
		if err := errors.Join(err, t.Close()); err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func newCache(t *testing.T) *Cache {
	t.Helper()
	c, err := OpenCache(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOpenForms(t *testing.T) {
	want := [][]byte{layerTar("a", "one"), layerTar("b", strings.Repeat("two", 5000))}
	for packing, pack := range packings {
		k := newKit()
		k.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
		k.index(k.image(LinuxArm64, pack, want...))
		forms := map[string]string{
			"archive":      write(t, "x.tar", k.tar()),
			"archive gzip": write(t, "x.tar.gz", gz(k.tar())),
			"archive zstd": write(t, "x.tar.zst", zst(k.tar())),
			"directory":    t.TempDir(),
		}
		for name, data := range k.files {
			path := filepath.Join(forms["directory"], name)
			os.MkdirAll(filepath.Dir(path), 0o700)
			os.WriteFile(path, data, 0o600)
		}
		for form, path := range forms {
			for cacheName, cache := range map[string]*Cache{"cached": newCache(t), "uncached": nil} {
				t.Run(packing+" layers/"+form+"/"+cacheName, func(t *testing.T) {
					for range 2 { // the second time from the cache
						m, err := Open(path, Options{Cache: cache})
						if err != nil {
							t.Fatal(err)
						}
						got, err := contents(m)
						if err != nil {
							t.Fatal(err)
						}
						if diff := cmp.Diff(want, got); diff != "" {
							t.Error(diff)
						}
						if diff := cmp.Diff([]string{"/arm64"}, m.Config().Cmd); diff != "" {
							t.Error(diff)
						}
						if err := m.Close(); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
	}
}

func TestDockerArchive(t *testing.T) {
	layers := [][]byte{layerTar("a", "one"), layerTar("b", "two")}
	config := imageConfig{Platform: LinuxArm64, Config: Config{Env: []string{"A=1"}}}
	for _, l := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, DigestBytes(l))
	}
	raw, _ := json.Marshal(config)
	k := newKit()
	k.file(DigestBytes(raw).Hex()+".json", raw)
	k.file("l0/layer.tar", layers[0])
	k.file("real/layer.tar", gz(layers[1]))
	k.links["l1/layer.tar"] = "../real/layer.tar"
	saved := []savedImage{{Config: DigestBytes(raw).Hex() + ".json", RepoTags: []string{"example.org/app:1"}, Layers: []string{"l0/layer.tar", "l1/layer.tar"}}}
	list, _ := json.Marshal(saved)
	k.file("manifest.json", list)
	path := write(t, "saved.tar", k.tar())
	for _, ref := range []string{"", "app:1", "1", "example.org/app:1"} {
		m, err := Open(path, Options{Reference: ref})
		if err != nil {
			t.Fatal(err)
		}
		got, err := contents(m)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, layers, bytes.Equal) || m.Config().Env[0] != "A=1" || m.Name() != "example.org/app:1" {
			t.Errorf("reference %q: %s %v", ref, m.Name(), m.Config())
		}
		m.Close()
	}
	if _, err := Open(path, Options{Reference: "other"}); err == nil || !strings.Contains(err.Error(), `no image called "other" (it has example.org/app:1)`) {
		t.Errorf("unknown reference: %v", err)
	}
	list, _ = json.Marshal(append(saved, saved...))
	k.file("manifest.json", list)
	if _, err := Open(write(t, "two.tar", k.tar()), Options{}); err == nil || !strings.Contains(err.Error(), "several images") {
		t.Errorf("two images: %v", err)
	}
}

func TestVariants(t *testing.T) {
	amd64 := Platform{OS: "linux", Architecture: "amd64"}
	v8 := Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}
	arm7 := Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
	for _, c := range []struct {
		have []Platform
		ask  string
		want string // of Cmd, or of the error
	}{
		{[]Platform{amd64, v8, WasiWasm}, "", "/arm64"},
		{[]Platform{amd64, WasiWasm}, "", "/wasm"},
		{[]Platform{amd64, Wasip1Wasm}, "", "/wasm"},
		{[]Platform{v8, WasiWasm}, "wasi/wasm", "/wasm"},
		{[]Platform{amd64, v8}, "linux/arm64/v8", "/arm64"},
		{[]Platform{amd64, v8}, "linux/amd64", "/amd64"},
		{[]Platform{amd64, arm7}, "", "has no linux/arm64 variant (it has linux/amd64, linux/arm/v7); boxer runs"},
		{[]Platform{v8}, "linux/amd64", "has no linux/amd64 variant (it has linux/arm64/v8); leave --platform out"},
	} {
		k := newKit()
		var ds []descriptor
		for _, p := range c.have {
			ds = append(ds, k.image(p, same, layerTar("x", p.String())))
		}
		nested := k.json(typeIndex, index{Manifests: ds})
		for _, top := range [][]descriptor{ds, {nested}} {
			k.index(top...)
			var opt Options
			if c.ask != "" {
				p, err := ParsePlatform(c.ask)
				if err != nil {
					t.Fatal(err)
				}
				opt.Platform = p
			}
			m, err := Open(write(t, "x.tar", k.tar()), opt)
			got := fmt.Sprint(err)
			if err == nil {
				got = m.Config().Cmd[0]
				m.Close()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("have %v, ask %q: got %s, want %s", c.have, c.ask, got, c.want)
			}
		}
	}
}

// Only the variant that runs has to be there: `docker save` leaves the others
// out and lists them all the same.
func TestVariantsMissing(t *testing.T) {
	k := newKit()
	amd64 := Platform{OS: "linux", Architecture: "amd64"}
	absent := descriptor{MediaType: typeManifest, Digest: DigestBytes([]byte("absent")), Platform: &amd64}
	attestation := descriptor{MediaType: typeManifest, Digest: DigestBytes([]byte("signed")),
		Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"}}
	k.index(absent, attestation, k.image(LinuxArm64, gz, layerTar("a", "b")))
	m, err := Open(write(t, "x.tar", k.tar()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
}

func TestReferences(t *testing.T) {
	k := newKit()
	one, two := k.image(LinuxArm64, same, layerTar("a", "1")), k.image(LinuxArm64, same, layerTar("a", "2"))
	one.Annotations = map[string]string{layout.AnnotationRef: "v1", layout.AnnotationName: "docker.io/library/app:v1"}
	two.Annotations = map[string]string{layout.AnnotationRef: "v2", layout.AnnotationName: "docker.io/library/app:v2"}
	k.index(one, two)
	path := write(t, "x.tar", k.tar())
	for ref, want := range map[string]Digest{"v1": one.Digest, "app:v2": two.Digest, "docker.io/library/app:v1": one.Digest, string(two.Digest): two.Digest} {
		m, err := Open(path, Options{Reference: ref})
		if err != nil {
			t.Fatal(err)
		}
		if m.Digest() != want {
			t.Errorf("%s is %s", ref, m.Name())
		}
		m.Close()
	}
	for ref, want := range map[string]string{"": "several images", "v3": `no image called "v3"`} {
		if _, err := Open(path, Options{Reference: ref}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

func TestBadImages(t *testing.T) {
	layer := layerTar("a", strings.Repeat("contents ", 20000))
	good := newKit()
	good.index(good.image(LinuxArm64, gz, layer))
	lie := func(d Digest, data []byte) []byte { // same names, other bytes
		k := &kit{names: good.names, files: map[string][]byte{}}
		for n, v := range good.files {
			k.files[n] = v
		}
		k.files[blobName(d)] = data
		return k.tar()
	}
	var idx index
	json.Unmarshal(good.files["index.json"], &idx)
	var man manifest
	json.Unmarshal(good.files[blobName(idx.Manifests[0].Digest)], &man)

	wrongDiff := newKit()
	c := imageConfig{Platform: LinuxArm64}
	c.RootFS.DiffIDs = []Digest{DigestBytes([]byte("something else"))}
	wrongDiff.index(func() descriptor {
		d := wrongDiff.json(typeManifest, manifest{Config: wrongDiff.json(typeConfig, c), Layers: []descriptor{wrongDiff.blob(gz(layer))}})
		d.Platform = &LinuxArm64
		return d
	}())

	climbing := newKit()
	climbing.index(descriptor{MediaType: typeManifest, Digest: "sha256:../../../etc/passwd", Platform: &LinuxArm64})

	deep := newKit()
	d := deep.image(LinuxArm64, gz, layer)
	for range 10 {
		d = deep.json(typeIndex, index{Manifests: []descriptor{d}})
	}
	deep.index(d)

	many := newKit()
	var ds []descriptor
	for range spec.MaxDescriptors + 1 {
		ds = append(ds, descriptor{MediaType: typeManifest, Digest: DigestBytes(nil), Platform: &LinuxArm64})
	}
	many.index(ds...)

	big := newKit()
	big.file("index.json", make([]byte, spec.MaxDocument+1))

	bomb := newKit()
	bomb.index(bomb.image(LinuxArm64, gz, make([]byte, spec.BombFree+(64<<20))))

	unequal := newKit()
	unequal.index(func() descriptor {
		d := unequal.json(typeManifest, manifest{Config: unequal.json(typeConfig, imageConfig{Platform: LinuxArm64}), Layers: []descriptor{unequal.blob(layer)}})
		d.Platform = &LinuxArm64
		return d
	}())

	artifact := newKit()
	artifact.index(artifact.json(typeManifest, manifest{Config: artifact.json("application/vnd.wasm.config.v0+json", 1)}))

	noImage := newKit()
	noImage.file("etc/passwd", []byte("root"))

	loop := newKit()
	loop.file("manifest.json", []byte(`[{"Config":"a","Layers":[]}]`))
	loop.links["a"] = "b"
	loop.links["b"] = "a"

	whole := good.tar()
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":                  {nil, "the file is empty"},
		"text":                   {[]byte(strings.Repeat("hello world ", 100)), "not a tar archive"},
		"xz":                     {[]byte("\xfd7zXZ\x00 and so on"), "packed with xz"},
		"no image":               {noImage.tar(), "boxer run --rootfs"},
		"truncated":              {whole[:len(whole)/2], "truncated"},
		"truncated gzip":         {gz(whole)[:len(gz(whole))/2], "truncated"},
		"damaged gzip":           {append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00"), bytes.Repeat([]byte{0xff}, 100)...), "gzip data is damaged"},
		"truncated layer":        {lie(man.Layers[0].Digest, gz(layer)[:100]), "layer does not match its digest"},
		"other layer":            {lie(man.Layers[0].Digest, gz([]byte("x"))), "layer does not match its digest: it should be " + string(man.Layers[0].Digest)},
		"trailing bytes":         {lie(man.Layers[0].Digest, append(gz(layer), 0)), "layer does not match its digest"},
		"other config":           {lie(man.Config.Digest, []byte("{}")), "config does not match its digest"},
		"other manifest":         {lie(idx.Manifests[0].Digest, []byte("{}")), "manifest does not match its digest"},
		"wrong diffID":           {wrongDiff.tar(), "unpacked layer does not match its digest"},
		"digest that climbs":     {climbing.tar(), "is not 64 hexadecimal digits"},
		"deep indexes":           {deep.tar(), "nest deeper"},
		"many descriptors":       {many.tar(), "more than 1000 manifests"},
		"big index":              {big.tar(), "the limit is 4194304"},
		"bomb":                   {bomb.tar(), "decompression bomb"},
		"layers without diffIDs": {unequal.tar(), "do not belong together"},
		"artifact":               {artifact.tar(), "not a container image"},
		"link loop":              {loop.tar(), "too many links"},
	} {
		t.Run(name, func(t *testing.T) {
			cache := newCache(t)
			m, err := Open(write(t, "x.tar", c.data), Options{Cache: cache})
			if err == nil {
				_, err = contents(m)
				m.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			left, _ := os.ReadDir(filepath.Join(cache.dir, "layers"))
			for _, e := range left {
				if strings.HasPrefix(e.Name(), "tmp-") {
					t.Errorf("the unfinished %s stayed in the cache", e.Name())
				}
			}
		})
	}
}

func TestCacheDamaged(t *testing.T) {
	layer := layerTar("a", "cached")
	k := newKit()
	k.index(k.image(LinuxArm64, gz, layer))
	path := write(t, "x.tar", k.tar())
	cache := newCache(t)
	read := func() []byte {
		m, err := Open(path, Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		got, err := contents(m)
		if err != nil {
			t.Fatal(err)
		}
		return got[0]
	}
	read()
	file := cache.layerPath(DigestBytes(layer))
	st, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(){
		"cut":               func() { os.Truncate(file, st.Size()-1) },
		"empty":             func() { os.Truncate(file, 0) },
		"writable by all":   func() { os.Chmod(file, 0o666) },
		"a link":            func() { os.Rename(file, file+"x"); os.Symlink("/dev/zero", file) },
		"another's trailer": func() { os.WriteFile(file, append(make([]byte, 512), trailer(512, DigestBytes(nil))...), 0o600) },
	} {
		damage()
		if !bytes.Equal(read(), layer) {
			t.Errorf("%s: wrong contents", name)
		}
		if !bytes.Equal(read(), layer) {
			t.Errorf("%s: wrong contents the second time", name)
		}
	}
	os.Chmod(filepath.Join(cache.dir, "layers"), 0o777)
	if _, err := OpenCache(cache.dir, 0); err == nil {
		t.Error("a cache that others can write to was opened")
	}
}

// A plain layer is used where it lies and verified again once its file
// changed.
func TestPlainLayerChanged(t *testing.T) {
	layer := layerTar("a", "in place")
	k := newKit()
	k.index(k.image(LinuxArm64, same, layer))
	path := write(t, "x.tar", k.tar())
	cache := newCache(t)
	for range 2 {
		m, err := Open(path, Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := contents(m); err != nil {
			t.Fatal(err)
		}
		m.Close()
	}
	data := k.tar()
	at := bytes.Index(data, []byte("in place"))
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path, Options{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var wrong *DigestError
	if _, err := contents(m); !errors.As(err, &wrong) {
		t.Errorf("changed layer: %v", err)
	}
}

func TestCacheParallel(t *testing.T) {
	layer := layerTar("a", strings.Repeat("parallel", 100000))
	k := newKit()
	k.index(k.image(LinuxArm64, gz, layer))
	path := write(t, "x.tar", k.tar())
	cache := newCache(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := Open(path, Options{Cache: cache})
			if err != nil {
				t.Error(err)
				return
			}
			defer m.Close()
			if got, err := contents(m); err != nil || !bytes.Equal(got[0], layer) {
				t.Errorf("parallel reader: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestCacheTrim(t *testing.T) {
	dir := t.TempDir()
	cache, err := OpenCache(dir, 3<<20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		k := newKit()
		k.index(k.image(LinuxArm64, gz, layerTar("a", strings.Repeat(fmt.Sprint(i), 1<<20))))
		m, err := Open(write(t, "x.tar", k.tar()), Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := contents(m); err != nil {
			t.Fatal(err)
		}
		m.Close()
	}
	var total int64
	entries, _ := os.ReadDir(filepath.Join(dir, "layers"))
	for _, e := range entries {
		info, _ := e.Info()
		total += info.Size()
	}
	if total > 3<<20 || len(entries) != 2 {
		t.Errorf("%d layers with %d bytes are left", len(entries), total)
	}
}
