package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestCompare(t *testing.T) {
	here := &Result{Stdout: []byte("one\ntwo\nthree\n"), ExitCode: 1, Tree: "aaaaaaaaaaaaaaaaaaaa"}
	same := *here
	rows := Compare(here, &same)
	if len(rows) != 4 || !Equal(rows) {
		t.Errorf("equal results: %+v", rows)
	}
	for name, change := range map[string]func(r *Result){
		"exit code": func(r *Result) { r.ExitCode = 2 },
		"stdout":    func(r *Result) { r.Stdout = []byte("one\ntwo\nTHREE\n") },
		"stderr":    func(r *Result) { r.Stderr = []byte("x") },
		"files":     func(r *Result) { r.Tree = "b" },
		"error":     func(r *Result) { r.Error = "killed" },
	} {
		other := *here
		change(&other)
		rows := Compare(here, &other)
		if Equal(rows) {
			t.Errorf("%s: equal", name)
		}
		for _, r := range rows {
			if r.Equal == (r.What == name) {
				t.Errorf("%s: %+v", name, r)
			}
			if r.What == "stdout" && name == "stdout" && r.Difference != `from line 3: here "three", in the page "THREE"` {
				t.Errorf("the difference: %s", r.Difference)
			}
		}
	}
	none := &Result{}
	if Equal(Compare(none, none)) {
		t.Error("files that nobody has looked at are equal")
	}
	var b bytes.Buffer
	Print(&b, Compare(here, &Result{Tree: "x"}), "Chromium 1")
	if text := b.String(); strings.Count(text, "DIFFERENT") != 3 || !strings.Contains(text, "Chromium 1") {
		t.Errorf("the table:\n%s", text)
	}
}

func TestExcerpt(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 1000)
	for _, c := range []struct {
		p    []byte
		at   int
		want int
	}{{long, 500, 60}, {long, 0, 30}, {long, 1000, 30}, {nil, 0, 0}, {[]byte("a\nb\nc"), 2, 1}} {
		if got := excerpt(c.p, c.at); len(got) != c.want {
			t.Errorf("%d bytes at %d, want %d", len(got), c.at, c.want)
		}
	}
}

func TestBrowserName(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36":     "Chromium 156",
		"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0":                                            "Firefox 153",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0": "Edge 156",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15":             "WebKit 26",
		"": "a browser",
	} {
		if got := (&Result{Agent: agent}).BrowserName(); got != want {
			t.Errorf("%s: %s, want %s", agent, got, want)
		}
	}
}

// fake makes a program that stands for a browser.
func fake(t *testing.T, name, script string) *Browser {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-ins are shell scripts")
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := FindBrowser(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFindBrowser(t *testing.T) {
	b := fake(t, "my-firefox", "exit 0")
	if !b.firefox || !strings.Contains(strings.Join(b.arguments("/d", "http://x"), " "), "--profile /d http://x") {
		t.Errorf("%+v", b)
	}
	t.Setenv(EnvBrowser, b.Path)
	if got, err := FindBrowser(""); err != nil || got.Path != b.Path {
		t.Errorf("$%s: %+v, %v", EnvBrowser, got, err)
	}
	t.Setenv(EnvBrowser, "")
	t.Setenv("PATH", t.TempDir())
	if _, err := FindBrowser("nothing"); err == nil {
		t.Error("a browser that is not there")
	}
	if _, err := FindBrowser(""); err != nil && !errors.Is(err, ErrNoBrowser) {
		t.Error(err)
	}
}

// TestInPage has browsers that do not do what they should.
func TestInPage(t *testing.T) {
	files := http.NotFoundHandler()
	crash := fake(t, "chromium", "echo starting >&2; echo no display >&2; exit 1")
	if _, err := InPage(context.Background(), crash, files, Job{}); err == nil || !strings.Contains(err.Error(), "ended before it had a result: no display") {
		t.Errorf("a crash: %v", err)
	}
	hang := fake(t, "chromium", "echo thinking >&2; sleep 100 & sleep 100")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := InPage(ctx, hang, files, Job{}); err == nil || !strings.Contains(err.Error(), "had no result in time") {
		t.Errorf("silence: %v", err)
	}
}

func TestServer(t *testing.T) {
	s := &server{files: http.NotFoundHandler(), job: Job{Command: []string{"sh"}}, token: "secret", result: make(chan *Result, 1)}
	ask := func(method, path, token, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("X-Token", token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	var job Job
	if err := json.Unmarshal(ask("GET", "/verify.json", "", "").Body.Bytes(), &job); err != nil || len(job.Command) != 1 {
		t.Errorf("the job: %+v, %v", job, err)
	}
	for _, path := range []string{"/verify.html", "/verify.js"} {
		if w := ask("GET", path, "", ""); w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, token := range []string{"", "guess"} {
		if w := ask("POST", "/result", token, `{}`); w.Code != 403 || len(s.result) != 0 {
			t.Errorf("a stranger's result: %d", w.Code)
		}
	}
	ask("POST", "/result", "secret", `{"exitCode":3,"stdout":"aGk="}`)
	if r := <-s.result; r.ExitCode != 3 || string(r.Stdout) != "hi" {
		t.Errorf("the result: %+v", r)
	}
	ask("POST", "/result", "secret", `nonsense`)
	if _, err := (<-s.result).checked(); err == nil {
		t.Error("nonsense is a result")
	}
}
