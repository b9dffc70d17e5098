package page_test

import (
	"path/filepath"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
)

// TestPageOffline starts an exported site once more when its server is gone,
// from what the service worker kept, with the files that the box kept.
func TestPageOffline(t *testing.T) {
	dir := site.Export(t, filepath.Join(t.TempDir(), "site"), "--persist", "notes", guests.Busybox(t), "sh")
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		s := site.Serve(t, site.Options{}, map[string]string{"/app/": dir})
		p := start(t, kind).Open(t, s.URL+"/app/", browser.PageOptions{})
		prompt := func() {
			t.Helper()
			p.WaitFor(t, time.Minute, `() => document.querySelector("boxer-box")?.shadowRoot?.textContent.includes("# ")`, nil)
		}
		prompt()
		p.Eval(t, nil, `async () => {
			const { box } = document.querySelector("boxer-box");
			await box.fs.writeFile("/root/note", "kept offline\n");
			await box.sync();
		}`, nil)
		// The worker is there when all is kept.
		p.WaitFor(t, time.Minute, `async () => !!(await navigator.serviceWorker.ready).active && !!navigator.serviceWorker.controller`, nil)
		p.WaitFor(t, 30*time.Second, `async () => (await navigator.serviceWorker.getRegistration()).active.state === "activated"`, nil)
		s.Close()
		if err := p.Reload(); err != nil {
			t.Fatalf("with the network off: %v", err)
		}
		prompt()
		var got string
		eval(t, p, &got, `async () => (await document.querySelector("boxer-box").box.run(["cat", "/root/note"])).stdout`, nil)
		if got != "kept offline\n" {
			t.Errorf("the note says %q", got)
		}
	})
}
