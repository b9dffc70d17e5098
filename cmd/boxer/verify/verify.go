// Package verify runs a box a second time, in a real browser, and compares what
// became of it there with what became of it here.
package verify

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"time"
)

// A Job is what the page runs. Its JSON is what verify.js reads.
type Job struct {
	Command    []string `json:"command,omitempty"` // nil: the image's own
	Entrypoint []string `json:"entrypoint,omitempty"`
	Env        []string `json:"env,omitempty"`
	Hostname   string   `json:"hostname,omitempty"`
	User       string   `json:"user,omitempty"`
	WorkDir    string   `json:"workdir,omitempty"`
	Memory     string   `json:"memory,omitempty"`
	// Stdin is the program's input; nil for none.
	Stdin *[]byte `json:"stdin,omitempty"`
}

// A Result is what became of a box.
type Result struct {
	Stdout   []byte `json:"stdout"`
	Stderr   []byte `json:"stderr"`
	ExitCode int    `json:"exitCode"`
	// Tree is the hash of all its files afterwards.
	Tree string `json:"tree"`
	// Error says why the program did not start, or why the box was ended.
	Error string `json:"error"`
	// Failed says why there is no result at all.
	Failed string `json:"failed"`
	// Agent is how the browser calls itself.
	Agent string `json:"agent"`
}

//go:embed verify.js
var script []byte

const page = `<!doctype html><meta charset="utf-8"><title>boxer verify</title><script src="boxer.js"></script><script src="verify.js"></script>`

// maxResult bounds what the page sends back, in bytes.
const maxResult = 256 << 20

// InPage runs job in the browser b, with the site that files serves: its image/
// and boxer.js.
func InPage(ctx context.Context, b *Browser, files http.Handler, job Job) (*Result, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var secret [16]byte
	rand.Read(secret[:])
	s := &server{files: files, job: job, token: hex.EncodeToString(secret[:]), result: make(chan *Result, 1)}
	web := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go web.Serve(l)
	defer web.Close()
	p, err := b.start(fmt.Sprintf("http://%s/verify.html#%s", l.Addr(), s.token))
	if err != nil {
		return nil, err
	}
	defer p.stop()
	select {
	case r := <-s.result:
		return r.checked()
	case <-p.ended:
		select {
		case r := <-s.result: // it was on its way
			return r.checked()
		default:
		}
		return nil, fmt.Errorf("%s ended before it had a result: %s", b.Path, p.lastWords())
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, fmt.Errorf("%s had no result in time: %s", b.Path, p.lastWords())
		}
		return nil, ctx.Err()
	}
}

// checked is r, if it is a result.
func (r *Result) checked() (*Result, error) {
	if r.Failed != "" {
		return nil, errors.New(r.Failed)
	}
	return r, nil
}

// server has the page's three files beside those of the site, and takes its
// result.
type server struct {
	files  http.Handler
	job    Job
	token  string
	result chan *Result
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	send := func(mediaType string, data []byte) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "no-store")
		w.Write(data)
	}
	switch r.URL.Path {
	case "/verify.html":
		send("text/html; charset=utf-8", []byte(page))
	case "/verify.js":
		send("text/javascript; charset=utf-8", script)
	case "/verify.json":
		data, err := json.Marshal(s.job)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		send("application/json", data)
	case "/result":
		s.take(w, r)
	default:
		s.files.ServeHTTP(w, r)
	}
}

func (s *server) take(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Token")), []byte(s.token)) != 1 {
		http.Error(w, "not you", http.StatusForbidden)
		return
	}
	var result Result
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxResult)).Decode(&result); err != nil {
		result = Result{Failed: fmt.Sprintf("the page's result cannot be read: %v", err)}
	}
	select {
	case s.result <- &result:
	default: // a second one
	}
}

var agents = regexp.MustCompile(`(?:Headless)?(Firefox|Edg|Chrome|Version)/(\d+)`)

// BrowserName is the browser's name and version by how it calls itself.
func (r *Result) BrowserName() string {
	best := "a browser"
	for _, m := range agents.FindAllStringSubmatch(r.Agent, -1) {
		switch m[1] {
		case "Firefox", "Edg":
			return map[string]string{"Firefox": "Firefox ", "Edg": "Edge "}[m[1]] + m[2]
		case "Chrome":
			best = "Chromium " + m[2]
		case "Version":
			best = "WebKit " + m[2]
		}
	}
	return best
}

// A Row compares one thing.
type Row struct {
	What  string `json:"what"`
	Here  string `json:"native"`
	There string `json:"page"`
	Equal bool   `json:"equal"`
	// Difference says where two outputs part; "" if they do not.
	Difference string `json:"difference,omitempty"`
}

// Compare compares two results.
func Compare(here, there *Result) []Row {
	rows := []Row{
		{What: "exit code", Here: fmt.Sprint(here.ExitCode), There: fmt.Sprint(there.ExitCode), Equal: here.ExitCode == there.ExitCode},
		output("stdout", here.Stdout, there.Stdout),
		output("stderr", here.Stderr, there.Stderr),
		{What: "files", Here: short(here.Tree), There: short(there.Tree), Equal: here.Tree == there.Tree && here.Tree != ""},
	}
	if here.Error != "" || there.Error != "" {
		rows = append(rows, Row{What: "error", Here: here.Error, There: there.Error, Equal: here.Error == there.Error})
	}
	return rows
}

// Equal reports whether all rows are.
func Equal(rows []Row) bool {
	for _, r := range rows {
		if !r.Equal {
			return false
		}
	}
	return true
}

func output(what string, here, there []byte) Row {
	r := Row{What: what, Here: fmt.Sprintf("%d bytes", len(here)), There: fmt.Sprintf("%d bytes", len(there)), Equal: bytes.Equal(here, there)}
	if r.Equal {
		return r
	}
	at := 0
	for at < len(here) && at < len(there) && here[at] == there[at] {
		at++
	}
	line := 1 + bytes.Count(here[:at], []byte("\n"))
	r.Difference = fmt.Sprintf("from line %d: here %q, in the page %q", line, excerpt(here, at), excerpt(there, at))
	return r
}

// excerpt is the line around an offset, cut to what a terminal shows.
func excerpt(p []byte, at int) []byte {
	from := bytes.LastIndexByte(p[:at], '\n') + 1
	from = max(from, at-30)
	to := len(p)
	if i := bytes.IndexByte(p[at:], '\n'); i >= 0 {
		to = at + i
	}
	return p[from:min(to, at+30)]
}

// short is the beginning of a hash.
func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12]
	}
	if hash == "" {
		return "none"
	}
	return hash
}

// Print writes the table.
func Print(w io.Writer, rows []Row, browser string) {
	fmt.Fprintf(w, "%-10s  %-22s  %-22s\n", "", "here", browser)
	for _, r := range rows {
		mark := "equal"
		if !r.Equal {
			mark = "DIFFERENT"
		}
		fmt.Fprintf(w, "%-10s  %-22s  %-22s  %s\n", r.What, r.Here, r.There, mark)
		if r.Difference != "" {
			fmt.Fprintf(w, "%-10s  %s\n", "", r.Difference)
		}
	}
}
