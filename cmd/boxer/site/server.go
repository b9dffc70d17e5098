package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// types are the media types of a site's files. A server's own table is not
// asked: it differs from machine to machine, and compileStreaming needs the right one.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".json": "application/json", ".webmanifest": "application/manifest+json",
	".svg": "image/svg+xml", ".png": "image/png", ".wasm": "application/wasm", ".gz": "application/gzip",
	".ts": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8",
}

// packable are the types that shrink.
func packable(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || strings.HasPrefix(mediaType, "application/") && mediaType != "application/gzip" ||
		mediaType == "image/svg+xml"
}

// maxPacked bounds the files that are packed when they are asked for, in bytes.
const maxPacked = 32 << 20

// A Server serves a site on loopback: to this machine's browsers, by its own
// names only. It sends no header that a page would need.
type Server struct {
	files fs.FS
	page  fs.FS // core.wasm.br is there; may be nil
	cors  bool

	mu     sync.Mutex
	packed map[string]packedFile
}

type packedFile struct {
	changed time.Time
	data    []byte
}

// NewServer serves files. page, if not nil, has the core packed with brotli. With cors pages
// of other origins may read all of it.
func NewServer(files, page fs.FS, cors bool) *Server {
	return &Server{files: files, page: page, cors: cors, packed: map[string]packedFile{}}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if !loopback(r.Host) {
		// A name that somebody else resolves to this machine would make their page
		// one of ours.
		http.Error(w, "this server answers to localhost and 127.0.0.1 only", http.StatusMisdirectedRequest)
		return
	}
	if s.cors {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "this server has files only", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	f, err := s.open(name)
	if err != nil {
		http.Error(w, r.URL.Path+" is not there", http.StatusNotFound)
		return
	}
	defer f.Close()
	st, err := f.Stat()
	content, ok := f.(io.ReadSeeker)
	if err != nil || !ok || !st.Mode().IsRegular() {
		http.Error(w, r.URL.Path+" is not there", http.StatusNotFound)
		return
	}
	mediaType := types[path.Ext(name)]
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	h.Set("Content-Type", mediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", caching(name))
	if packable(mediaType) && mediaType != "application/octet-stream" {
		h.Set("Vary", "Accept-Encoding")
		if r.Header.Get("Range") == "" {
			if encoding, data := s.encoded(name, st, content, r.Header.Get("Accept-Encoding")); data != nil {
				h.Set("Content-Encoding", encoding)
				h.Set("Content-Length", strconv.Itoa(len(data))) // pages show progress by it
				http.ServeContent(w, r, name, st.ModTime(), bytes.NewReader(data))
				return
			}
			content.Seek(0, io.SeekStart)
		}
	}
	http.ServeContent(w, r, name, st.ModTime(), content)
}

func (s *Server) open(name string) (fs.File, error) {
	if !fs.ValidPath(name) || strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
		return nil, fs.ErrNotExist
	}
	return s.files.Open(name)
}

// caching is what a browser may do with a file: names that are digests never
// change what they mean, all others are asked for again.
func caching(name string) string {
	if strings.Contains(name, "blobs/sha256/") || strings.HasPrefix(name, "image/t/") && strings.HasSuffix(name, ".wasm") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// encoded is the file in an encoding that the browser takes; nil for none.
func (s *Server) encoded(name string, st fs.FileInfo, content io.Reader, accept string) (encoding string, data []byte) {
	if name == "core.wasm" {
		if s.page != nil && accepts(accept, "br") {
			if data, err := fs.ReadFile(s.page, coreBrotli); err == nil {
				return "br", data
			}
		}
		if accepts(accept, "gzip") {
			if data, err := fs.ReadFile(s.files, "core.wasm.gz"); err == nil {
				return "gzip", data
			}
		}
	}
	if !accepts(accept, "gzip") || st.Size() > maxPacked || st.Size() < 256 {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.packed[name]
	if !ok || !p.changed.Equal(st.ModTime()) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := io.Copy(z, content); err != nil || z.Close() != nil {
			return "", nil
		}
		p = packedFile{st.ModTime(), b.Bytes()}
		s.packed[name] = p
	}
	if int64(len(p.data)) >= st.Size() {
		return "", nil
	}
	return "gzip", p.data
}

// accepts reports whether an Accept-Encoding header allows an encoding.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == encoding {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}

// loopback reports whether a Host header names this machine for itself.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
