package site

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// Options of a server. Without any it is the plainest there can be: it sends
// each file whole, with its type and length, and no other header.
type Options struct {
	CORS   bool              // Access-Control-Allow-Origin: *
	Ranges bool              // ranges are served, and files have a date
	Header map[string]string // further headers of every answer
	Gzip   bool              // a file with a .gz beside it is sent compressed
}

// A Server serves directories and texts.
type Server struct {
	URL string
	// Sent counts the bytes of bodies.
	Sent atomic.Int64

	opt  Options
	http *httptest.Server

	mu       sync.Mutex
	mounts   map[string]string // "/prefix/" → a directory or a file
	texts    map[string]string // "/path" → content
	requests []string
}

// Serve starts a server that ends with the test. mounts maps prefixes of paths
// to directories.
func Serve(t T, opt Options, mounts map[string]string) *Server {
	s := Start(opt, mounts)
	t.Cleanup(s.Close)
	return s
}

// Start is Serve without a test.
func Start(opt Options, mounts map[string]string) *Server {
	s := &Server{opt: opt, mounts: map[string]string{}, texts: map[string]string{}}
	for prefix, dir := range mounts {
		s.mounts[prefix] = dir
	}
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL
	return s
}

// Close ends the server and its connections: the network is off.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// Mount serves one more directory.
func (s *Server) Mount(prefix, dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mounts[prefix] = dir
}

// Text serves content at a path, whose ending gives its type.
func (s *Server) Text(path, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts[path] = content
}

// Requests are the paths asked for so far.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// find gives a path's content or its file.
func (s *Server) find(p string) (text string, file string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, p)
	if text, ok := s.texts[p]; ok {
		return text, "", true
	}
	best := ""
	for prefix := range s.mounts {
		if strings.HasPrefix(p, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	if best == "" {
		return "", "", false
	}
	rest := path.Clean("/" + strings.TrimPrefix(p, best))
	if strings.HasSuffix(p, "/") {
		rest = path.Join(rest, "index.html")
	}
	return "", filepath.Join(s.mounts[best], filepath.FromSlash(rest)), true
}

var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
	".wasm": "application/wasm", ".json": "application/json", ".webmanifest": "application/manifest+json",
	".svg": "image/svg+xml", ".png": "image/png",
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for k, v := range s.opt.Header {
		h.Set(k, v)
	}
	if s.opt.CORS {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	text, file, ok := s.find(r.URL.Path)
	kind := types[path.Ext(r.URL.Path)]
	if strings.HasSuffix(r.URL.Path, "/") {
		kind = types[".html"]
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	counted := &counter{ResponseWriter: w, n: &s.Sent}
	switch {
	case !ok:
		http.Error(counted, "nothing is here", http.StatusNotFound)
	case file == "":
		h.Set("Content-Length", fmt.Sprint(len(text)))
		if r.Method != http.MethodHead {
			io.WriteString(counted, text)
		}
	default:
		s.file(counted, r, file)
	}
}

func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	if s.opt.Gzip {
		if _, err := os.Stat(name + ".gz"); err == nil {
			name += ".gz"
			w.Header().Set("Content-Encoding", "gzip")
		}
	}
	f, err := os.Open(name)
	if err != nil {
		http.Error(w, "nothing is here", http.StatusNotFound)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		http.Error(w, "nothing is here", http.StatusNotFound)
		return
	}
	if s.opt.Ranges {
		http.ServeContent(w, r, "", info.ModTime(), f)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(info.Size()))
	if r.Method != http.MethodHead {
		io.Copy(w, f)
	}
}

// counter counts what is written.
type counter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n.Add(int64(n))
	return n, err
}
