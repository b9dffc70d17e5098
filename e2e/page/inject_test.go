package page_test

import (
	"fmt"
	"strings"
	"testing"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// injections are a hundred strings that run hit() where one of them is taken for
// HTML, for a script, or for an address.
func injections() []string {
	calls := []string{"hit()", "top.hit()", "window['hit']()", "hit`1`", "Function('hit()')()"}
	forms := []string{
		`<script>%s</script>`, `</script><script>%s</script>`, `<img src=x onerror="%s">`, `<svg onload="%s">`, `<svg/onload=%s>`,
		`"><img src=x onerror="%s">`, `'><img src=x onerror='%s'>`, `" onfocus="%s" autofocus x="`, `' onmouseover='%s`,
		`javascript:%s`, `JaVaScRiPt:%s`, ` javascript:%s//`, `data:text/html,<script>%s</script>`, `<iframe srcdoc="<script>parent.%s</script>">`,
		`<details open ontoggle="%s">`, `<style onload="%s"></style>`, `<body onload="%s">`, `</style><img src=x onerror="%s">`,
		`{"path": "<img src=x onerror=%s>"}`, "\x1b]8;;javascript:%s\x07link\x1b]8;;\x07",
	}
	var all []string
	for _, form := range forms {
		for _, call := range calls {
			all = append(all, fmt.Sprintf(form, call))
		}
	}
	return all
}

var attributes = []string{"image", "cmd", "env", "files", "persist", "net", "memory", "hostname", "user", "workdir", "theme",
	"label", "debug", "autostart", "scrollback", "when-busy", "title", "aria-label"}

// TestPageInjection puts a hundred scripts into each attribute, and into what
// a box prints. None may run.
func TestPageInjection(t *testing.T) {
	if n := len(injections()); n != 100 {
		t.Fatalf("%d strings", n)
	}
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		s := serve(t, site.Options{}, `<!doctype html><script>hits = []; hit = (x) => hits.push(new Error().stack)</script>`+plain)
		p := open(t, kind, s, browser.PageOptions{})
		var hits []string
		// One at a time in each attribute of elements that never start, all at
		// once in ones that do, and in ones whose image is good.
		eval(t, p, &hits, `async ({ injections, attributes }) => {
			const ended = (el) => new Promise((done) => {
				const look = setInterval(() => {
					if (!["failed", "exited", "stopped"].includes(el.dataset.state)) return;
					clearInterval(look);
					done();
				}, 20);
				setTimeout(() => { clearInterval(look); done(); }, 20000);
			});
			const add = (values) => {
				const el = document.createElement("boxer-box");
				for (const [name, value] of Object.entries(values)) el.setAttribute(name, value);
				document.body.append(el);
				return el;
			};
			for (const text of injections) {
				for (const name of attributes) add({ autostart: "manual", [name]: text });
				const all = add({ ...Object.fromEntries(attributes.map((name) => [name, text])), autostart: "load" });
				await ended(all);
				all.querySelector("*")?.click();
				document.querySelectorAll("boxer-box").forEach((el) => el.remove());
			}
			for (const name of attributes) {
				const el = add({ image: "/site/image/", cmd: "true", [name]: injections.join(" "), ...name !== "autostart" && { autostart: "load" } });
				if (name !== "autostart") await ended(el);
				el.remove();
			}
			return hits;
		}`, map[string]any{"injections": injections(), "attributes": attributes})
		if len(hits) > 0 {
			t.Errorf("%d scripts ran; the first by %s", len(hits), hits[0])
		}
		// What the box prints, as text and in a terminal, and its files' names.
		for _, tty := range []bool{false, true} {
			eval(t, p, &hits, `async ({ injections, tty }) => {
				const el = document.createElement("boxer-box");
				el.files = { "/all": injections.join("\r\n") + "\r\n" };
				for (const [k, v] of Object.entries({ image: "/site/image/", cmd: "cat /all", autostart: "load" })) el.setAttribute(k, v);
				if (tty) el.setAttribute("tty", "");
				document.body.append(el);
				while (!["failed", "exited"].includes(el.dataset.state)) await new Promise((done) => setTimeout(done, 20));
				const end = performance.now() + 20000;
				while (!el.shadowRoot.textContent.includes("hit") && performance.now() < end) await new Promise((done) => setTimeout(done, 50));
				await new Promise((done) => setTimeout(done, 300));
				if (!el.shadowRoot.textContent.includes("hit")) hits.push("nothing was printed: " + el.shadowRoot.textContent);
				for (const a of el.shadowRoot.querySelectorAll("a, [onclick], .xterm-link")) a.click();
				el.remove();
				return hits;
			}`, map[string]any{"injections": injections(), "tty": tty})
			if len(hits) > 0 {
				t.Errorf("output, terminal %v: %d scripts ran: %s", tty, len(hits), hits[0])
			}
		}
		for _, d := range p.Dialogs() {
			t.Errorf("a dialog: %s", d)
		}
		works(t, p)
	})
}

// TestPageBadAttributes: what an attribute says wrong is told by name.
func TestPageBadAttributes(t *testing.T) {
	s := serve(t, site.Options{}, plain)
	p := open(t, browser.Chromium, s, browser.PageOptions{})
	for _, c := range []struct{ name, value, want string }{
		{"files", "{not json", "files"},
		{"files", `"text"`, "files"},
		{"files", `[{"text": "no path"}]`, "path"},
		{"memory", "lots", "memory"},
		{"memory", "-1", "memory"},
		{"env", "no equals sign", "env"},
		{"env", `A="open`, "env"},
		{"cmd", `sh -c 'open`, "cmd"},
		{"cmd", "/no/such/program", "no such file"},
		{"net", "host", "net"},
		{"user", "nobody-of-that-name", "nobody-of-that-name"},
		{"workdir", "relative", "absolute"},
	} {
		var got string
		eval(t, p, &got, `async ({ name, value }) => {
			const el = document.createElement("boxer-box");
			for (const [k, v] of Object.entries({ image: "/site/image/", cmd: "true", autostart: "load", [name]: value })) el.setAttribute(k, v);
			document.body.append(el);
			while (!["failed", "exited"].includes(el.dataset.state)) await new Promise((done) => setTimeout(done, 10));
			const text = el.dataset.state + ": " + el.shadowRoot.querySelector("[role=alert]").textContent;
			el.remove();
			return text;
		}`, map[string]string{"name": c.name, "value": c.value})
		if !strings.HasPrefix(got, "failed: ") || !strings.Contains(got, c.want) {
			t.Errorf("%s=%q: %q, want failed, and %q in it", c.name, c.value, got, c.want)
		}
	}
	works(t, p)
}
