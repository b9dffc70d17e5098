package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
)

const page = `<!doctype html><title>a page</title>
<meta http-equiv="Content-Security-Policy" content="script-src 'unsafe-inline'">
<input id="in" autofocus><script>console.log("loaded")</script>`

// TestDriver proves that each browser does what the other tests rely on.
func TestDriver(t *testing.T) {
	browser.Each(t, testDriver)
}

func testDriver(t *testing.T, kind browser.Kind) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page)
	}))
	defer server.Close()
	b := browser.Start(t, kind)
	t.Log(b.Version)
	p := b.Open(t, server.URL, browser.PageOptions{Mobile: true})

	var got string
	p.Eval(t, &got, `async (x) => { await null; return document.title + x.n; }`, map[string]int{"n": 1})
	if got != "a page1" {
		t.Errorf("got %q", got)
	}
	err := p.EvalIn(time.Minute, nil, `() => { throw new TypeError("as meant"); }`, nil)
	if err == nil || !strings.Contains(err.Error(), "as meant") {
		t.Errorf("an exception came as %v", err)
	}
	p.WaitFor(t, time.Second, `(n) => n === 3`, 3)

	var isolated bool
	p.Eval(t, &isolated, `() => crossOriginIsolated`, nil)
	if isolated {
		t.Error("a plain page is cross-origin isolated")
	}
	if err := p.Click("#in"); err != nil {
		t.Error(err)
	}
	if err := p.Type("typed"); err != nil {
		t.Error(err)
	}
	p.Eval(t, &got, `() => document.getElementById("in").value`, nil)
	if got != "typed" {
		t.Errorf("typed %q", got)
	}

	// Storage is shared with a tab beside, and with no other.
	p.Eval(t, nil, `() => localStorage.setItem("key", "value")`, nil)
	for _, c := range []struct {
		beside *browser.Page
		want   string
	}{{p, "value"}, {nil, ""}} {
		other := b.Open(t, server.URL, browser.PageOptions{Beside: c.beside})
		other.Eval(t, &got, `() => localStorage.getItem("key") ?? ""`, nil)
		if got != c.want {
			t.Errorf("storage holds %q, want %q", got, c.want)
		}
	}
	if kind == browser.WebKit {
		return
	}
	p.Eval(t, nil, `() => { alert("a dialog"); setTimeout(() => { throw new Error("not caught"); }); return new Promise((done) => setTimeout(done, 100)); }`, nil)
	if d := p.Dialogs(); len(d) != 1 || d[0] != "a dialog" {
		t.Errorf("dialogs %q", d)
	}
	for end := time.Now().Add(5 * time.Second); len(p.Errors()) == 0 && time.Now().Before(end); { // Firefox tells late
		time.Sleep(10 * time.Millisecond)
	}
	if e := strings.Join(p.Errors(), "\n"); !strings.Contains(e, "not caught") {
		t.Errorf("errors %q", e)
	}
	if c := p.Console(); len(c) == 0 || c[0] != "log: loaded" {
		t.Errorf("console %q", c)
	}
}
