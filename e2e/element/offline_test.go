package element_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// writeSite makes a site of the page's files, as an export does, but for the
// core. Its boxes are the stand-in's.
func writeSite(t *testing.T, dir, version, title string) {
	t.Helper()
	dist := site.Dist(t)
	gz, err := os.ReadFile(filepath.Join(dist, "core.wasm.gz"))
	if err != nil {
		t.Fatal(err)
	}
	fake, err := os.ReadFile(filepath.Join(dist, "../test/fake.js"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"core.wasm.gz": gz, "site.json": fmt.Appendf(nil, `{"title": %q, "cmd": "sh"}`, title),
		"stand-in.js": []byte(strings.Replace(string(fake), "export function", "function", 1) + `
			globalThis.Worker = class {
				constructor() { const { port1, port2 } = new MessageChannel(); this.port = port1; fake(port2); port1.onmessage = (e) => this.onmessage?.(e); }
				postMessage(m, transfer) { this.port.postMessage(m.module ? { ...m, module: undefined } : m, transfer); }
				terminate() { this.port.close(); }
			};`)}
	for _, name := range []string{"index.html", "boxer.js", "element.mjs", "xterm.mjs", "page.js", "page.css", "icon.svg", "icon-192.png", "icon-512.png", "icon-maskable-512.png", "manifest.webmanifest"} {
		if files[name], err = os.ReadFile(filepath.Join(dist, name)); err != nil {
			t.Fatal(err)
		}
	}
	files["index.html"] = []byte(strings.Replace(string(files["index.html"]), `<script src="boxer.js"`, `<script src="stand-in.js"></script><script src="boxer.js"`, 1))
	type file struct {
		URL    string `json:"url"`
		SHA256 string `json:"sha256"`
		Size   int    `json:"size"`
	}
	manifest := struct {
		Version string `json:"version"`
		Files   []file `json:"files"`
	}{Version: version}
	for name, data := range files {
		sum := sha256.Sum256(data)
		manifest.Files = append(manifest.Files, file{name, hex.EncodeToString(sum[:]), len(data)})
	}
	files["sw-manifest.json"], _ = json.Marshal(manifest)
	if files["sw.js"], err = os.ReadFile(filepath.Join(dist, "sw.js")); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A visited site starts without its server, and follows it to a new version
// when no page needs the old one.
func TestOffline(t *testing.T) {
	dir := t.TempDir()
	writeSite(t, dir, "one", "first version")
	s := site.Serve(t, site.Options{}, map[string]string{"/": dir})
	b := browser.Start(t, browser.Chromium)
	p := b.Open(t, s.URL+"/", browser.PageOptions{})
	running := `() => {
		const el = document.querySelector("boxer-box");
		if (el?.dataset.state === "failed") throw new Error(el.shadowRoot.querySelector("[role=alert]").textContent);
		return el?.dataset.state === "running";
	}`
	p.WaitFor(t, 20*time.Second, running, nil)
	p.WaitFor(t, 20*time.Second, `() => document.getElementById("offline").textContent.includes("without a network")`, nil)
	var core struct {
		Type, Kept string
		Size       int
	}
	p.Eval(t, &core, `async () => {
		const r = await fetch("core.wasm"), head = await fetch("core.wasm", { method: "HEAD" });
		return { type: r.headers.get("content-type"), kept: head.headers.get("x-boxer-kept"), size: (await r.arrayBuffer()).byteLength };
	}`, nil)
	if core.Type != "application/wasm" || core.Kept != "1" || core.Size < 1<<20 {
		t.Errorf("the kept core: %+v", core)
	}
	var part struct {
		Status int
		Range  string
		Size   int
	}
	p.Eval(t, &part, `async () => {
		const r = await fetch("boxer.js", { headers: { range: "bytes=10-19" } });
		return { status: r.status, range: r.headers.get("content-range"), size: (await r.arrayBuffer()).byteLength };
	}`, nil)
	if part.Status != 206 || part.Size != 10 || !strings.HasPrefix(part.Range, "bytes 10-19/") {
		t.Errorf("a range of a kept file: %+v", part)
	}

	if err := p.Offline(true); err != nil {
		t.Fatal(err)
	}
	before := len(s.Requests())
	if err := p.Reload(); err != nil {
		t.Fatal(err)
	}
	p.WaitFor(t, 20*time.Second, running, nil)
	if n := len(s.Requests()); n != before {
		t.Errorf("offline, the server was asked for %q", s.Requests()[before:])
	}
	shot(t, p, "offline")
	if err := p.Offline(false); err != nil {
		t.Fatal(err)
	}

	// A new version, first with a file that is not what its list says.
	writeSite(t, dir, "two", "second version")
	if err := os.WriteFile(filepath.Join(dir, "site.json"), []byte(`{"title": "forged", "cmd": "sh"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	title := func() (s string) {
		t.Helper()
		p.WaitFor(t, 20*time.Second, running, nil)
		p.Eval(t, &s, `() => document.title`, nil)
		return s
	}
	if err := p.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := title(); got != "first version" {
		t.Errorf("while a new version is being fetched the page is %q", got)
	}
	p.WaitFor(t, 20*time.Second, `() => document.getElementById("offline").textContent.includes("SHA-256")`, nil)

	writeSite(t, dir, "two", "second version")
	if err := p.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := title(); got != "first version" {
		t.Errorf("before the new version is whole the page is %q", got)
	}
	p.WaitFor(t, 20*time.Second, `() => document.querySelector("#offline button")`, nil)
	if err := p.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := title(); got != "first version" {
		t.Errorf("before the update was asked for the page is %q", got)
	}
	p.WaitFor(t, 20*time.Second, `() => document.querySelector("#offline button")`, nil)
	p.Eval(t, nil, `() => { document.querySelector("#offline button").click(); }`, nil)
	// The page loads itself again meanwhile.
	now := ""
	for end := time.Now().Add(20 * time.Second); now != "second version" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		p.EvalIn(5*time.Second, &now, `() => document.title`, nil)
	}
	if now != "second version" {
		t.Fatalf("after the update the page is %q", now)
	}
	var caches []string
	p.Eval(t, &caches, `async () => { const names = await caches.keys(); return names.filter((n) => n.startsWith("boxer-site:")); }`, nil)
	if len(caches) != 1 || caches[0] != "boxer-site:/:two" {
		t.Errorf("caches: %q", caches)
	}
}

// A page of another origin keeps the site it embeds, by a copy of sw.js.
func TestOfflineElsewhere(t *testing.T) {
	dir := t.TempDir()
	writeSite(t, dir, "one", "elsewhere")
	files := site.Serve(t, site.Options{CORS: true}, map[string]string{"/site/": dir})
	pages := site.Serve(t, site.Options{}, map[string]string{"/sw.js": filepath.Join(dir, "sw.js")})
	pages.Text("/sw-manifest.json", `{"version": "1", "files": [{"url": "page.html"}]}`)
	pages.Text("/page.html", `<!doctype html><title>a page elsewhere</title><link rel="icon" href="data:,">
		<script src="`+files.URL+`/site/stand-in.js"></script><script src="`+files.URL+`/site/boxer.js"></script>
		<boxer-box image="`+files.URL+`/site/image/" cmd="sh" tty></boxer-box>
		<script type="module">
			const site = "`+files.URL+`/site/";
			const { version } = await (await fetch(site + "sw-manifest.json")).json();
			await navigator.serviceWorker.register("sw.js?v=" + version + "&from=" + encodeURIComponent(site));
		</script>`)
	b := browser.Start(t, browser.Chromium)
	p := b.Open(t, pages.URL+"/page.html", browser.PageOptions{})
	running := `() => document.querySelector("boxer-box")?.dataset.state === "running"`
	p.WaitFor(t, 20*time.Second, running, nil)
	p.WaitFor(t, 20*time.Second, `() => navigator.serviceWorker.controller`, nil)
	if err := p.Offline(true); err != nil {
		t.Fatal(err)
	}
	files.Close()
	pages.Close()
	if err := p.Reload(); err != nil {
		t.Fatal(err)
	}
	p.WaitFor(t, 20*time.Second, running, nil)
}
