package site

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// get asks a server, without the client's own unpacking.
func get(t *testing.T, s *Server, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "http://127.0.0.1:8080/"+path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "method" {
			r.Method = header[i+1]
		} else if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	if _, err := Write(context.Background(), dir, false, config(t)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".hidden"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := NewServer(os.DirFS(dir), page, false)
	var layer string
	for _, name := range names(t, dir) {
		if st, err := os.Stat(filepath.Join(dir, name)); err == nil && st.Size() > 1_000_000 {
			layer = name
		}
	}
	for _, c := range []struct {
		path, accept, rang                      string
		status                                  int
		mediaType, encoding, cache, wantedStart string
	}{
		{"", "", "", 200, "text/html; charset=utf-8", "", "no-cache", "<!doctype html>"},
		{"boxer.js", "gzip, br", "", 200, "text/javascript; charset=utf-8", "gzip", "no-cache", "\x1f\x8b"},
		{"boxer.js", "", "", 200, "text/javascript; charset=utf-8", "", "no-cache", "// boxer.js"},
		{"boxer.js", "gzip;q=0", "", 200, "text/javascript; charset=utf-8", "", "no-cache", "// boxer.js"},
		{"core.wasm", "gzip, deflate, br, zstd", "", 200, "application/wasm", "br", "no-cache", "brotli"},
		{"core.wasm", "gzip", "", 200, "application/wasm", "gzip", "no-cache", "\x1f\x8b"},
		{"core.wasm", "identity", "", 200, "application/wasm", "", "no-cache", "\x00asm"},
		{"core.wasm.gz", "gzip, br", "", 200, "application/gzip", "", "no-cache", "\x1f\x8b"},
		{"image/index.json", "", "", 200, "application/json", "", "no-cache", "{"},
		{"image/t/a.wasm", "", "", 200, "application/wasm", "", "public, max-age=31536000, immutable", "\x00asm"},
		{"image/t/index.txt", "", "", 200, "text/plain; charset=utf-8", "", "no-cache", "boxer translations"},
		{"manifest.webmanifest", "", "", 200, "application/manifest+json", "", "no-cache", "{"},
		{layer, "gzip, br", "", 200, "application/octet-stream", "", "public, max-age=31536000, immutable", "\x1f\x8b"},
		{layer, "gzip, br", "bytes=0-1", 206, "application/octet-stream", "", "public, max-age=31536000, immutable", "\x1f\x8b"},
		{"boxer.js", "gzip", "bytes=3-5", 206, "text/javascript; charset=utf-8", "", "no-cache", "box"},
		{"boxer.js", "gzip", "bytes=99999-", 416, "text/plain; charset=utf-8", "", "", ""},
		{"nothing", "", "", 404, "text/plain; charset=utf-8", "", "", ""},
		{"image", "", "", 404, "text/plain; charset=utf-8", "", "", ""},
		{"image/", "", "", 404, "text/plain; charset=utf-8", "", "", ""},
		{".hidden", "", "", 404, "text/plain; charset=utf-8", "", "", ""},
		{"../site_test.go", "", "", 404, "text/plain; charset=utf-8", "", "", ""},
		{"%2e%2e/site_test.go", "", "", 404, "text/plain; charset=utf-8", "", "", ""},
	} {
		r := get(t, s, c.path, "Accept-Encoding", c.accept, "Range", c.rang)
		text := body(t, r)
		if r.StatusCode != c.status || r.Header.Get("Content-Type") != c.mediaType || r.Header.Get("Content-Encoding") != c.encoding ||
			c.cache != "" && r.Header.Get("Cache-Control") != c.cache || !strings.HasPrefix(text, c.wantedStart) {
			t.Errorf("%s (%s, %s): %d, %v, %.20q", c.path, c.accept, c.rang, r.StatusCode, r.Header, text)
		}
		if c.rang != "" && c.status == 206 && len(text) > 3 {
			t.Errorf("%s: a range of %d bytes", c.path, len(text))
		}
		if c.status == 200 && r.ContentLength != int64(len(text)) {
			t.Errorf("%s: Content-Length %d of %d", c.path, r.ContentLength, len(text))
		}
		for _, h := range []string{"Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy", "Access-Control-Allow-Origin"} {
			if r.Header.Get(h) != "" {
				t.Errorf("%s: %s is sent; no page may come to need it", c.path, h)
			}
		}
	}
	r := get(t, s, "boxer.js", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(z); err != nil || string(data) != string(page["boxer.js"].Data) {
		t.Errorf("the packed file is another: %v", err)
	}
	if r := get(t, s, "boxer.js", "If-Modified-Since", r.Header.Get("Last-Modified")); r.StatusCode != 304 {
		t.Errorf("what has not changed: %d", r.StatusCode)
	}
	if r := get(t, s, "", "method", "POST"); r.StatusCode != 405 {
		t.Errorf("POST: %d", r.StatusCode)
	}
	if r := get(t, s, "core.wasm", "method", "HEAD", "Accept-Encoding", "br"); r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "br" {
		t.Errorf("HEAD: %d, %v", r.StatusCode, r.Header)
	}
	for host, want := range map[string]int{"localhost:8080": 200, "127.0.0.1": 200, "[::1]:8080": 200, "a.localhost:1": 200, "evil.example:8080": 421, "127.0.0.1.evil.example": 421, "192.168.1.1": 421} {
		if r := get(t, s, "", "Host", host); r.StatusCode != want {
			t.Errorf("Host %s: %d, want %d", host, r.StatusCode, want)
		}
	}
	if r := get(t, NewServer(os.DirFS(dir), nil, true), "core.wasm", "Accept-Encoding", "br, gzip"); r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("--cors: %v", r.Header)
	}
}
