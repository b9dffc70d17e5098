// Package page_test holds a box in a web page to what its users rely on, in
// real browsers: what the page's server must and need not do, what a page
// survives, how many boxes it takes.
//
// What takes long runs in `make browsers` only (long).
package page_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
)

// long reports whether tests may take minutes.
func long() bool { return os.Getenv("BOXER_BROWSERS") != "" }

// scale is n in `make browsers`, and less elsewhere.
func scale(n, less int) int {
	if long() {
		return n
	}
	return less
}

// exported is a site of Debian's busybox. Translations of what the tests run
// come with it: making them in eight boxes at once takes the time of a test.
func exported(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(scratch, "site")
	if _, err := os.Stat(dir); err != nil {
		site.Export(t, dir, guests.Busybox(t), "sh", "-c", `while [ $((n=n+1)) -le 20 ]; do s=$((s+n)); done; echo $s | cat
			for i in $(seq 3); do (sleep 0; echo $i) & done; wait; seq 20 | sort | md5sum; yes | head -c 9999 >/dev/null
			until [ $(ls -d /proc/[0-9]* | wc -l) -gt 1 ]; do sleep 0; done; kill -0 $$; date >/dev/null; true`)
	}
	return dir
}

// serve serves the page's files under /dist/, and busybox as a file in
// /image/ and as an exported site in /site/; html is the page "/".
func serve(t *testing.T, opt site.Options, html string) *site.Server {
	t.Helper()
	dist := site.Dist(t)
	for _, name := range []string{"boxer.js", "core.wasm"} { // so that Go knows what the result depends on
		if _, err := os.Stat(filepath.Join(dist, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := site.Serve(t, opt, map[string]string{
		"/dist/":  dist,
		"/image/": filepath.Dir(guests.Busybox(t)),
		"/site/":  exported(t),
	})
	s.Text("/", html)
	s.Text("/favicon.ico", "")
	return s
}

// plain is a page with nothing but the script.
const plain = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>boxes</title><script src="/dist/boxer.js"></script>`

// element is a page with an element and what it needs.
func element(attributes string) string {
	return plain + fmt.Sprintf("<boxer-box id=\"box\" autostart=\"load\" %s></boxer-box>", attributes)
}

const (
	archive = `image="/image/busybox.tar"`
	layout  = `image="/site/image/"`
)

// browsers are those that the tests have started: one of each kind for all of
// them, since each page has storage of its own.
var browsers = map[browser.Kind]*browser.Browser{}

// scratch is a directory for all tests.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "boxer-page"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	for _, b := range browsers {
		b.Close()
	}
	os.Exit(code)
}

// start gives the browser of a kind. Tests here do not run side by side: each
// has the machine's processors to itself.
func start(t *testing.T, kind browser.Kind) *browser.Browser {
	t.Helper()
	if b := browsers[kind]; b != nil && b.Alive() {
		return b
	}
	b, err := browser.Launch(kind, browser.Options{})
	if errors.Is(err, browser.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	browsers[kind] = b
	return b
}

// open opens the page of a server.
func open(t *testing.T, kind browser.Kind, s *site.Server, opt browser.PageOptions) *browser.Page {
	t.Helper()
	return start(t, kind).Open(t, s.URL+"/", opt)
}

// boxes opens a plain page with a function box() that makes busybox boxes.
func boxes(t *testing.T, kind browser.Kind) *browser.Page {
	t.Helper()
	p := open(t, kind, serve(t, site.Options{}, plain), browser.PageOptions{})
	p.Eval(t, nil, `() => {
		globalThis.box = (options) => Box.create({ image: "/site/image/", ...options });
		globalThis.sh = (b, script, options) => b.run(["sh", "-c", script], options);
	}`, nil)
	return p
}

// eval is Page.Eval with more time, for what is slow on a busy machine.
func eval(t *testing.T, p *browser.Page, result any, fn string, arg any) {
	t.Helper()
	if err := p.EvalIn(5*time.Minute, result, fn, arg); err != nil {
		t.Fatal(err)
	}
}

// state waits until the element is in a state.
func state(t *testing.T, p *browser.Page, want string) {
	t.Helper()
	const look = `() => { const b = document.getElementById("box"); return [b.dataset.state ?? "", b.shadowRoot?.textContent ?? ""]; }`
	var got []string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		p.Eval(t, &got, look, nil)
		if got[0] == want {
			return
		}
		if got[0] == "failed" {
			break
		}
	}
	t.Fatalf("the element is %q and not %q: %s", got[0], want, got[1])
}

// text is what the element shows.
func text(t *testing.T, p *browser.Page) string {
	t.Helper()
	var s string
	p.Eval(t, &s, `() => document.getElementById("box").shadowRoot.textContent`, nil)
	return s
}

// works checks that the page still makes boxes.
func works(t *testing.T, p *browser.Page) {
	t.Helper()
	var got string
	eval(t, p, &got, `async () => {
		const b = await Box.create({ image: "/site/image/" });
		try {
			return (await b.run(["echo", "still here"])).stdout;
		} finally {
			await b.stop();
		}
	}`, nil)
	if strings.TrimSpace(got) != "still here" {
		t.Errorf("a box made afterwards printed %q", got)
	}
}

// resident is the memory of a Chromium's largest renderer process, in MiB.
// There is a spare one beside the page's.
func resident(t *testing.T, b *browser.Browser) float64 {
	t.Helper()
	var info struct {
		ProcessInfo []struct {
			Type string
			ID   int
		}
	}
	if err := b.CDP(&info, "SystemInfo.getProcessInfo", nil); err != nil {
		t.Fatal(err)
	}
	most := 0.0
	for _, p := range info.ProcessInfo {
		if p.Type == "renderer" {
			most = max(most, residentMiB(p.ID))
		}
	}
	return most
}

// residentMiB is a process's resident memory (proc(5), status).
func residentMiB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}
