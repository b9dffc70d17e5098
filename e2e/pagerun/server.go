// Package pagerun is `boxer run` with a browser's page in place of boxer: a
// server that makes a box in a page for each request, and a client for
// programs that stand for boxer in scripts and in the bench.
package pagerun

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// A Run is `boxer run` as the page is asked for it.
type Run struct {
	Image      string    `json:"image"` // a path of this machine
	Argv       []string  `json:"argv"`  // nil: the image's own
	Env        []string  `json:"env"`
	Entrypoint *[]string `json:"entrypoint,omitempty"` // empty: none
	Workdir    string    `json:"workdir"`
	User       string    `json:"user"`
	Hostname   string    `json:"hostname"`
	Stdin      *[]byte   `json:"stdin"` // nil: there is none
}

// A Result is what came of it. The core's own words are the last lines of
// Stderr.
type Result struct {
	Code           int
	Stdout, Stderr []byte
}

// A Server runs boxes in pages of a browser, one page for each box at a time.
type Server struct {
	URL string

	browser *browser.Browser
	pages   *site.Server
	http    *httptest.Server
	limit   time.Duration

	mu    sync.Mutex
	spare []*browser.Page
	dirs  map[string]string // of images, to where they are served
}

// Start starts a server for the page's files in dist. No run takes longer than
// limit.
func Start(b *browser.Browser, dist string, limit time.Duration) *Server {
	s := &Server{browser: b, limit: limit, dirs: map[string]string{}}
	s.pages = site.Start(site.Options{}, map[string]string{"/dist/": dist})
	s.pages.Text("/", `<!doctype html><title>boxes</title><script src="/dist/boxer.js"></script>`)
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL
	return s
}

// Close ends the server, and leaves the browser.
func (s *Server) Close() {
	s.http.Close()
	s.pages.Close()
}

func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var run Run
	var result Result
	err := json.NewDecoder(req.Body).Decode(&run)
	if err == nil {
		result, err = s.run(run)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(result)
}

func (s *Server) run(run Run) (Result, error) {
	var result Result
	run.Image = s.serve(run.Image)
	page, err := s.page()
	if err != nil {
		return result, err
	}
	if err := page.EvalIn(s.limit, &result, runInBox, run); err != nil {
		page.Close()
		return result, fmt.Errorf("%w\nthe page: %s", err, strings.Join(page.Console(), "\n"))
	}
	s.mu.Lock()
	s.spare = append(s.spare, page)
	s.mu.Unlock()
	return result, nil
}

// Page is the address of a page with boxer.js.
func (s *Server) Page() string { return s.pages.URL + "/" }

// Image is the address of an image of this machine in the page.
func (s *Server) Image(file string) string { return s.serve(file) }

// serve makes an image's directory part of the site and returns its address.
func (s *Server) serve(file string) string {
	dir, name := filepath.Split(file)
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix, ok := s.dirs[dir]
	if !ok {
		prefix = "/images/" + strconv.Itoa(len(s.dirs)) + "/"
		s.dirs[dir] = prefix
		s.pages.Mount(prefix, dir)
	}
	return prefix + name
}

func (s *Server) page() (*browser.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.spare); n > 0 {
		page := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return page, nil
	}
	return s.browser.OpenPage(s.Page(), browser.PageOptions{})
}

// runInBox is `boxer run` in a page.
const runInBox = `async ({ image, argv, env, entrypoint, workdir, user, hostname, stdin }) => {
	const base64 = (bytes) => {
		let s = "";
		for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192));
		return btoa(s);
	};
	const all = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
	const text = (s) => base64(new TextEncoder().encode(s));
	const words = [];
	let box;
	try {
		box = await Box.create({ image, env, hostname, user, workdir, onLog: (line) => words.push(line) });
	} catch (e) {
		return { code: e.exitCode ?? 125, stdout: "", stderr: text("boxer: " + e.message + "\n") };
	}
	try {
		const proc = await box.spawn(argv, {
			init: true, stdin: stdin !== null, entrypoint,
		});
		const output = [all(proc.stdout), all(proc.stderr)];
		if (stdin !== null) {
			const writer = proc.stdin.getWriter();
			await writer.write(Uint8Array.from(atob(stdin), (c) => c.charCodeAt(0)));
			await writer.close();
		}
		const end = await proc.exited;
		const [stdout, stderr] = await Promise.all(output);
		if (end.error) words.push(end.error);
		const said = words.map((line) => "boxer: " + line + "\n").join("");
		const whole = new Uint8Array([...stderr, ...new TextEncoder().encode(said)]);
		return { code: end.exitCode, stdout: base64(stdout), stderr: base64(whole) };
	} catch (e) {
		return { code: e.exitCode ?? 125, stdout: "", stderr: text("boxer: " + e.message + "\n") };
	} finally {
		await box.stop();
	}
}`
