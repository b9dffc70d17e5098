package remote

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/klauspost/compress/zstd"

	"boxer/runtime/oci"
	"boxer/runtime/oci/spec"
	"boxer/wasmfs/tarfs"
)

// netClient is the Client of a server; a page's is package jsbridge/fetch.
type netClient struct{}

func (netClient) Get(ctx context.Context, url string, off, n int64, c Caching) (*Response, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	if n >= 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", off, off+n-1))
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	return &Response{r.StatusCode, r.ContentLength, r.Body}, nil
}

func parseJSON(p []byte) (v any, err error) { return v, json.Unmarshal(p, &v) }

// web is a server of a directory that can be made to misbehave.
type web struct {
	*httptest.Server
	dir      string
	requests atomic.Int64
	mu       sync.Mutex
	log      []string
	change   func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func serve(t *testing.T, dir string) *web {
	t.Helper()
	s := &web{dir: dir}
	files := http.FileServer(http.Dir(dir))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		s.mu.Lock()
		s.log = append(s.log, r.URL.Path+" "+r.Header.Get("Range"))
		s.mu.Unlock()
		if s.change != nil {
			s.change(w, r, files)
			return
		}
		if strings.HasSuffix(r.URL.Path, "index.json") {
			w.Header().Set("Cache-Control", "no-cache")
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// noRanges is a server that never heard of ranges.
func noRanges(w http.ResponseWriter, r *http.Request, next http.Handler) {
	r.Header.Del("Range")
	next.ServeHTTP(w, r)
}

const motd = "hello from afar\n"

// trees are the layers of the test's image.
func trees(t testing.TB) []*oci.Tree {
	t.Helper()
	random := rand.New(rand.NewSource(3))
	base, top := oci.NewTree(), oci.NewTree()
	for i := range 24 {
		data := make([]byte, 100_000)
		random.Read(data)
		if err := base.AddFile(fmt.Sprintf("usr/f%02d", i), 0o644, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := top.AddFile("etc/motd", 0o644, []byte(motd)); err != nil {
		t.Fatal(err)
	}
	return []*oci.Tree{base, top}
}

// site makes ordinary.box (layers packed as other tools do, or plain), and of it
// the exported forms image/ and app.box.
func site(t *testing.T, plain bool) string {
	t.Helper()
	dir := t.TempDir()
	sites.Lock()
	defer sites.Unlock()
	if sites.made[plain] == nil { // packing takes longer than all the rest
		made := filepath.Join(dir, "made")
		if err := os.Mkdir(made, 0o755); err != nil {
			t.Fatal(err)
		}
		makeSite(t, made, plain)
		files := fstest.MapFS{}
		err := fs.WalkDir(os.DirFS(made), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var data []byte
				data, err = os.ReadFile(filepath.Join(made, name))
				files[name] = &fstest.MapFile{Data: data, Mode: 0o644}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		sites.made[plain] = files
	}
	if err := os.CopyFS(filepath.Join(dir, "site"), sites.made[plain]); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "site")
}

var sites = struct {
	sync.Mutex
	made map[bool]fs.FS
}{made: map[bool]fs.FS{}}

func makeSite(t *testing.T, dir string, plain bool) {
	t.Helper()
	ordinary := filepath.Join(dir, "ordinary.box")
	f, err := os.Create(ordinary)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := oci.Pack(f, trees(t), oci.PackOptions{Reference: "app:1", Plain: plain, Config: oci.Config{Cmd: []string{"sh"}, Env: []string{"A=1"}}}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	m, err := oci.Open(ordinary, oci.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	archive, err := os.Create(filepath.Join(dir, "app.box"))
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(archive)
	for sink, sub := range map[oci.Sink]string{oci.DirSink(filepath.Join(dir, "image")): "t", oci.TarSink{Writer: w}: ""} {
		tars, err := m.OpenLayers()
		if err != nil {
			t.Fatal(err)
		}
		l := oci.NewLayoutWriter(sink)
		if _, err := l.Image(m, tars, oci.ExportOptions{Reference: "app:1", Prefetch: [][]tarfs.Range{{{Start: 1 << 20, Size: 1}}}}); err != nil {
			t.Fatal(err)
		}
		if err := l.Translations([]oci.ArtifactFile{{Name: "a.wasm", MediaType: "application/wasm", Data: []byte("\x00asm")}}, sub); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	archive.Close()
}

func open(t *testing.T, opt Options) (*Image, error) {
	t.Helper()
	opt.Client, opt.ParseJSON = netClient{}, parseJSON
	opt.Sleep = func(context.Context, time.Duration) error { return nil }
	return Open(context.Background(), opt)
}

// check reads what the image should hold.
func check(t *testing.T, m *Image) {
	t.Helper()
	if len(m.Layers) != 2 || m.Spec.Name != "app:1" || m.Spec.Platform != spec.LinuxArm64 || len(m.Spec.Config.Cmd) != 1 {
		t.Errorf("%d layers, %+v", len(m.Layers), m.Spec)
	}
	want := trees(t)
	for i, l := range m.Layers {
		in, err := want[i].Tar()
		if err != nil {
			t.Fatal(err)
		}
		a, b := make([]byte, in.Size), make([]byte, in.Size)
		if _, err := in.ReadAt(a, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := l.ReadAt(b, 0); err != nil && err != io.EOF || l.Size != in.Size || !bytes.Equal(a, b) {
			t.Errorf("layer %d is not what was packed: %v", i, err)
		}
		in.Close()
	}
}

// memoryStore is a Store in memory.
type memoryStore struct {
	mu   sync.Mutex
	m    map[[32]byte][]byte
	hits int
}

func (s *memoryStore) Get(sum [32]byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m[sum] != nil {
		s.hits++
	}
	return s.m[sum]
}

func (s *memoryStore) Put(sum [32]byte, p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[sum] = p
}

// TestOpen opens every form of the image from every kind of server.
func TestOpen(t *testing.T) {
	for _, plain := range []bool{false, true} {
		dir := site(t, plain)
		data, err := os.ReadFile(filepath.Join(dir, "app.box"))
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write(data)
		z.Close()
		if err := os.WriteFile(filepath.Join(dir, "app.box.gz"), packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, ranges := range []bool{true, false} {
			for _, name := range []string{"image/", "app.box", "app.box.gz", "ordinary.box"} {
				t.Run(fmt.Sprintf("%s ranges=%v plain=%v", name, ranges, plain), func(t *testing.T) {
					s := serve(t, dir)
					if !ranges {
						s.change = noRanges
					}
					m, err := open(t, Options{URL: s.URL + "/" + name})
					if err != nil {
						t.Fatal(err)
					}
					check(t, m)
					checkTranslations(t, m, name)
				})
			}
		}
		for _, name := range []string{"app.box", "app.box.gz", "ordinary.box"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			m, err := open(t, Options{Archive: bytes.NewReader(data), Size: int64(len(data))})
			if err != nil {
				t.Fatalf("%s at hand: %v", name, err)
			}
			check(t, m)
			checkTranslations(t, m, name)
		}
	}
}

func checkTranslations(t *testing.T, m *Image, name string) {
	t.Helper()
	files, err := m.Translations()
	if err != nil {
		t.Fatal(err)
	}
	if name == "ordinary.box" {
		if len(files) != 0 {
			t.Errorf("translations out of nowhere: %v", files)
		}
		return
	}
	if len(files) != 1 || files[0].Name != "a.wasm" || files[0].Size != 4 || (name == "image/") != strings.HasSuffix(files[0].URL, "/image/t/a.wasm") {
		t.Fatalf("translations: %+v", files)
	}
	if p, err := files[0].Read(context.Background()); err != nil || string(p) != "\x00asm" {
		t.Errorf("translations: %q, %v", p, err)
	}
}

// TestLazy counts what is fetched when little is read.
func TestLazy(t *testing.T) {
	dir := site(t, false)
	for _, name := range []string{"image/", "app.box"} {
		s := serve(t, dir)
		var bytesServed atomic.Int64
		s.change = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(countingWriter{w, &bytesServed}, r)
		}
		store := &memoryStore{m: map[[32]byte][]byte{}}
		var mu sync.Mutex
		var last [2]int64
		m, err := open(t, Options{URL: s.URL + "/" + name, Store: store, Progress: func(done, total int64) {
			mu.Lock()
			last = [2]int64{done, total}
			mu.Unlock()
		}})
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, len(motd))
		if _, err := m.Layers[1].ReadAt(p, 2*512); err != nil || string(p) != motd {
			t.Errorf("%q, %v", p, err)
		}
		for range 100 { // the prefetch is on its way
			mu.Lock()
			done := last[0] == last[1] && last[0] > 0
			mu.Unlock()
			if done {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		mu.Lock()
		if last[0] != last[1] || last[0] < 400_000 {
			t.Errorf("progress %v", last)
		}
		mu.Unlock()
		if n := bytesServed.Load(); n > 1_000_000 {
			t.Errorf("%s: %d bytes were fetched of 2.4 MB: %q", name, n, s.log)
		}
		requests := s.requests.Load()
		again, err := open(t, Options{URL: s.URL + "/" + name, Store: store})
		if err != nil {
			t.Fatal(err)
		}
		again.Layers[1].ReadAt(p, 2*512)
		store.mu.Lock()
		hits := store.hits
		store.mu.Unlock()
		if hits == 0 || s.requests.Load()-requests > requests {
			t.Errorf("%s: the store was not used: %d requests, then %d", name, requests, s.requests.Load()-requests)
		}
	}
}

type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c countingWriter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

// TestNeverTwice: a server that answers ranges with everything is asked once
// for each file.
func TestNeverTwice(t *testing.T) {
	dir := site(t, false)
	s := serve(t, dir)
	s.change = noRanges
	m, err := open(t, Options{URL: s.URL + "/image/"})
	if err != nil {
		t.Fatal(err)
	}
	check(t, m)
	seen := map[string]int{}
	for _, line := range s.log {
		name, _, _ := strings.Cut(line, " ")
		if seen[name]++; seen[name] > 1 {
			t.Errorf("%s was fetched again", name)
		}
	}
}

// TestBadServers are answers that are wrong, and the words for them.
func TestBadServers(t *testing.T) {
	dir := site(t, false)
	blob := func(r *http.Request) bool {
		return strings.Contains(r.URL.Path, "/blobs/") && r.Header.Get("Range") != ""
	}
	for name, c := range map[string]struct {
		change func() func(w http.ResponseWriter, r *http.Request, next http.Handler)
		want   string // "" where it must work in the end
	}{
		"all missing": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) { http.NotFound(w, r) }
		}, "index.json: there is no such file (HTTP 404)"},
		"forbidden": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				http.Error(w, "", http.StatusForbidden)
			}
		}, "the server refuses it (HTTP 403)"},
		"a page instead of a file": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) { io.WriteString(w, "<html>hello") }
		}, "index.json is not valid JSON"},
		"failing at first": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			var mu sync.Mutex
			tries := map[string]int{}
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				mu.Lock()
				tries[r.URL.Path]++
				n := tries[r.URL.Path]
				mu.Unlock()
				if n == 1 {
					http.Error(w, "", http.StatusServiceUnavailable)
					return
				}
				next.ServeHTTP(w, r)
			}
		}, ""},
		"broken connections": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			var n atomic.Int64
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if blob(r) && n.Add(1)%2 == 1 {
					next.ServeHTTP(&cutWriter{w, 1000}, r)
					return
				}
				next.ServeHTTP(w, r)
			}
		}, ""},
		"broken without ranges": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			var n atomic.Int64
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				big := blob(r)
				r.Header.Del("Range")
				if big && n.Add(1) == 1 {
					next.ServeHTTP(&cutWriter{w, 1_000_000}, r)
					return
				}
				next.ServeHTTP(w, r)
			}
		}, ""},
		"damaged": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if blob(r) {
					next.ServeHTTP(flipWriter{w}, r)
					return
				}
				next.ServeHTTP(w, r)
			}
		}, "does not match its digest: it should be sha256:"},
		"damaged by a cache": {func() func(http.ResponseWriter, *http.Request, http.Handler) {
			var n atomic.Int64
			return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if blob(r) && n.Add(1)%2 == 1 {
					next.ServeHTTP(flipWriter{w}, r)
					return
				}
				next.ServeHTTP(w, r)
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, dir)
			s.change = c.change()
			m, err := open(t, Options{URL: s.URL + "/image/"})
			if err == nil {
				whole := make([]byte, m.Layers[0].Size)
				_, err = m.Layers[0].ReadAt(whole, 0)
			}
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				check(t, m)
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
		})
	}
	s := serve(t, dir)
	s.Close()
	if _, err := open(t, Options{URL: s.URL + "/image/"}); err == nil {
		t.Error("a server that is not there")
	}
}

// cutWriter breaks the connection after n bytes.
type cutWriter struct {
	http.ResponseWriter
	n int
}

func (c *cutWriter) Write(p []byte) (int, error) {
	if len(p) >= c.n {
		c.ResponseWriter.Write(p[:c.n])
		panic(http.ErrAbortHandler)
	}
	c.n -= len(p)
	return c.ResponseWriter.Write(p)
}

// flipWriter changes a bit of each piece.
type flipWriter struct{ http.ResponseWriter }

func (f flipWriter) Write(p []byte) (int, error) {
	q := bytes.Clone(p)
	q[len(q)/2] ^= 1
	return f.ResponseWriter.Write(q)
}

// rewrite changes files of a layout directory.
func rewrite(t *testing.T, dir string, change func(name string, data []byte) []byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if out := change(filepath.Base(path), data); out == nil {
			return os.Remove(path)
		} else {
			return os.WriteFile(path, out, 0o644)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHostile are images that lie, and the words for it.
func TestHostile(t *testing.T) {
	for name, c := range map[string]struct {
		change func(name string, data []byte) []byte
		want   string
	}{
		"truncated documents": {func(name string, data []byte) []byte {
			if len(data) < 2000 && name != "index.json" {
				return data[:len(data)/2]
			}
			return data
		}, "it is truncated"},
		"huge index": {func(name string, data []byte) []byte {
			if name == "index.json" {
				return bytes.Repeat([]byte(" "), spec.MaxDocument+1)
			}
			return data
		}, "is longer than 4194304 bytes, the limit"},
		"other architecture": {func(name string, data []byte) []byte {
			return bytes.Replace(data, []byte(`"architecture":"arm64"`), []byte(`"architecture":"amd64"`), 1)
		}, "has no linux/arm64 variant (it has linux/amd64); boxer runs linux/arm64"},
		"a digest that climbs": {func(name string, data []byte) []byte {
			if name == "index.json" {
				return []byte(`{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:../../x","size":1}]}`)
			}
			return data
		}, "is not 64 hexadecimal digits"},
		"a huge manifest": {func(name string, data []byte) []byte {
			if name == "index.json" {
				return []byte(`{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:` + strings.Repeat("0", 64) + `","size":99999999}]}`)
			}
			return data
		}, "is 99999999 bytes long; the limit is"},
		"an index that is none": {func(name string, data []byte) []byte {
			return bytes.Replace(data, []byte("boxlazy1"), []byte("boxlazy9"), 1)
		}, "does not match its digest"},
		"an index that lies about the blob": {func(name string, data []byte) []byte { return data }, ""},
	} {
		dir := filepath.Join(site(t, false), "image")
		rewrite(t, dir, c.change)
		s := serve(t, dir)
		m, err := open(t, Options{URL: s.URL + "/"})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else {
				check(t, m)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %q", name, err, c.want)
		}
	}
}

// TestWithoutIndex: an image that lost its indexes on the way is read whole.
func TestWithoutIndex(t *testing.T) {
	dir := filepath.Join(site(t, false), "image")
	rewrite(t, dir, func(name string, data []byte) []byte {
		if bytes.HasPrefix(data, []byte("boxlazy1")) {
			return nil
		}
		return data
	})
	s := serve(t, dir)
	m, err := open(t, Options{URL: s.URL + "/"})
	if err != nil {
		t.Fatal(err)
	}
	check(t, m)
}

// kit makes archives file by file.
func kit(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, data := range files {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	w.Close()
	return b.Bytes()
}

// docker makes a docker-archive of one layer, as it lies in the file, whose
// diffID is that of plain.
func docker(t *testing.T, plain, layer []byte) []byte {
	config := []byte(fmt.Sprintf(`{"os":"linux","architecture":"arm64","config":{"Cmd":["sh"]},"rootfs":{"diff_ids":[%q]}}`, spec.DigestBytes(plain)))
	name := spec.DigestBytes(config).Hex() + ".json"
	return kit(t, map[string][]byte{
		"manifest.json": []byte(fmt.Sprintf(`[{"Config":%q,"RepoTags":["a:1"],"Layers":["l/layer.tar"]}]`, name)),
		name:            config, "l/layer.tar": layer,
	})
}

func gz(p []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(p)
	z.Close()
	return b.Bytes()
}

// TestArchives are archives at hand, right and wrong.
func TestArchives(t *testing.T) {
	layer := kit(t, map[string][]byte{"etc/motd": []byte(motd)})
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := make([]byte, spec.BombFree+64<<20)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"docker save":         {docker(t, layer, layer), ""},
		"docker save, packed": {docker(t, layer, gz(layer)), ""},
		"wrong layer":         {docker(t, layer, append(bytes.Clone(layer), 0)), "unpacked layer does not match its digest"},
		"zstd layer":          {docker(t, layer, enc.EncodeAll(layer, nil)), "packed with zstd, which a page does not unpack: make it an image for pages with boxer export --web"},
		"cut layer":           {docker(t, layer, gz(layer)[:100]), "it is truncated"},
		"a bomb":              {docker(t, bomb, gz(bomb)), "decompression bomb"},
		"nothing":             {nil, "the file is empty"},
		"text":                {bytes.Repeat([]byte("hello "), 1000), `it is no tar archive, but text that begins with "hello hello`},
		"a page":              {[]byte("<!doctype html><title>Nicht gefunden: übrig</title>"), `but text that begins with "<!doctype html>`},
		"binary":              {bytes.Repeat([]byte{0xff, 0, 1, 2}, 1000), "it is no tar archive"},
		"a tar":               {layer, "it is a tar, but not an image"},
		"zstd":                {enc.EncodeAll(layer, nil), "packed with zstd"},
		"cut archive":         {docker(t, layer, layer)[:5000], "truncated"},
	} {
		m, err := open(t, Options{Archive: bytes.NewReader(c.data), Size: int64(len(c.data))})
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v\nwant %q", name, err, c.want)
			}
			continue
		}
		p := make([]byte, len(layer))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if _, err := m.Layers[0].ReadAt(p, 0); err != nil || !bytes.Equal(p, layer) {
			t.Errorf("%s: the layer is another: %v", name, err)
		}
	}
}

// FuzzArchive: any file is an image or an error.
func FuzzArchive(f *testing.F) {
	layer := kit(&testing.T{}, map[string][]byte{"etc/motd": []byte(motd)})
	f.Add(docker(&testing.T{}, layer, layer))
	f.Add(docker(&testing.T{}, layer, gz(layer)))
	f.Add(gz(docker(&testing.T{}, layer, layer)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Open(context.Background(), Options{Archive: bytes.NewReader(data), Size: int64(len(data)), ParseJSON: parseJSON})
		if err != nil {
			return
		}
		for _, l := range m.Layers {
			if _, err := io.Copy(io.Discard, io.NewSectionReader(l, 0, l.Size)); err != nil {
				var wrong *spec.DigestError
				if !errors.As(err, &wrong) {
					t.Errorf("an opened layer cannot be read: %v", err)
				}
			}
		}
	})
}
