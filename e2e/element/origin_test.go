package element_test

import (
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// A page of another origin embeds a box with two lines; the files' server sends
// Access-Control-Allow-Origin and nothing else.
func TestOtherOrigin(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		files := serve(t, site.Options{CORS: true})
		policy := "default-src 'none'; script-src 'self' " + files.URL + " 'wasm-unsafe-eval'; worker-src blob:; connect-src " + files.URL + "; style-src 'self'; img-src data:"
		pages := site.Serve(t, site.Options{Header: map[string]string{"Content-Security-Policy": policy}}, nil)
		// The stand-in comes first, then the two lines.
		pages.Text("/stand-in.js", strings.Split(strings.Replace(standIn, `"./fake.js"`, `"`+files.URL+`/fake.js"`, 1), "const { Box")[0]+"globalThis.ready = true;")
		pages.Text("/page.html", `<!doctype html><title>elsewhere</title><link rel="icon" href="data:,">
			<script type="module" src="/stand-in.js"></script>
			<script defer src="`+files.URL+`/boxer.js"></script>
			<boxer-box image="`+files.URL+`/x.box" cmd="sh" tty></boxer-box>`)
		p := open(t, kind, pages.URL+"/page.html", browser.PageOptions{})
		p.WaitFor(t, 10*time.Second, `() => {
			const el = document.querySelector("boxer-box");
			if (el.dataset.state === "failed") throw new Error(el.shadowRoot.textContent);
			return el.shadowRoot.querySelector(".xterm-rows")?.textContent.includes("/ # ");
		}`, nil)
		var got struct {
			Violations string
			Isolated   bool
			Global     bool
		}
		p.Eval(t, &got, `() => ({ violations: violations.join("; "), isolated: crossOriginIsolated, global: typeof Box.create === "function" && typeof BoxError === "function" })`, nil)
		if got.Violations != "" || got.Isolated || !got.Global {
			t.Errorf("%+v", got)
		}
		// Without the header it says so.
		bare := serve(t, site.Options{})
		var message string
		p.Eval(t, &message, `(url) => Box.create({ image: url }).catch((e) => e.message)`, bare.URL+"/missing.box")
		if kind != browser.Chromium {
			return
		}
		if !strings.Contains(message, "Content-Security-Policy blocks it: add "+bare.URL+" to connect-src") {
			t.Errorf("another origin's image: %s", message)
		}
	})
}
