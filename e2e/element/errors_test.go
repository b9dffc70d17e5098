package element_test

import (
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// What goes wrong says what to do.
func TestErrors(t *testing.T) {
	s := serve(t, site.Options{})
	elsewhere := serve(t, site.Options{})
	p := open(t, browser.Chromium, s.URL+"/t.html", browser.PageOptions{})
	for _, c := range []struct {
		options    string
		code, want string
	}{
		{`{image: "missing.box"}`, "IMAGE", "there is no image at " + s.URL + "/missing.box (HTTP 404)"},
		{`{image: "./missing/"}`, "IMAGE", "boxer export --web"},
		{`{image: "alpine"}`, "IMAGE", ""},
		{`{image: "alpine:3.20"}`, "IMAGE", "A page cannot pull from a registry; run  boxer export --web DIR alpine:3.20"},
		{`{image: "ghcr.io/some/thing:1"}`, "IMAGE", "A page cannot pull from a registry"},
		{`{image: "docker.io/library/busybox"}`, "IMAGE", "A page cannot pull from a registry"},
		{`{image: "ftp://host/x.box"}`, "IMAGE", "no address that a page can fetch"},
		{`{image: "` + elsewhere.URL + `/missing.box"}`, "IMAGE", "must send  Access-Control-Allow-Origin: " + s.URL},
		{`{}`, "IMAGE", "no image: give"},
		{`{image: "x.box", memory: "lots"}`, "ARGUMENT", "write it as 256m"},
		{`{image: "x.box", env: ["A"]}`, "ARGUMENT", "no NAME=VALUE"},
		{`{image: "x.box", files: {"/a": {mode: "rw"}}}`, "ARGUMENT", `write it as "0755"`},
		{`{image: "x.box", files: {"/a": {url: "nothing"}}}`, "ARGUMENT", "answers 404"},
		{`{image: "x.box", net: "host"}`, "ARGUMENT", "no network"},
		{`{image: "x.box", signal: AbortSignal.abort()}`, "AbortError", ""},
	} {
		var got struct{ Code, Message string }
		p.Eval(t, &got, `(options) => Box.create(eval("(" + options + ")")).then(
			async (b) => { await b.stop(); return { message: "it started" }; }, (e) => ({ code: typeof e.code === "string" ? e.code : e.name, message: e.message }))`, c.options)
		if c.want == "" && got.Message == "it started" {
			continue // the stand-in takes any name
		}
		if got.Code != c.code || !strings.Contains(got.Message, c.want) {
			t.Errorf("%s: %s: %s\nwant %s: … %s …", c.options, got.Code, got.Message, c.code, c.want)
		}
	}
	// A name without host or tag may be a file: the registry is named when it is none.
	var got string
	p.Eval(t, &got, `async () => {
		const real = fetch;
		globalThis.slowBox = 0;
		return (await Box.create({ image: "missing" }).catch((e) => e)).message;
	}`, nil)
	if !strings.Contains(got, "boxer export --web DIR missing") {
		t.Errorf("a registry's name that is no file: %s", got)
	}
	// In the element, the message stands there and the page goes on.
	for attribute, want := range map[string]string{
		`files={"/a":`: "the attribute files is not the JSON", `image=missing.box`: "HTTP 404", `cmd='a`: "the quote ' is not closed", `cmd=nonesuch`: "not found", `memory=x`: "256m",
	} {
		name, value, _ := strings.Cut(attribute, "=")
		p.Eval(t, &got, `async ([name, value]) => { await show({ image: "x.box", [name]: value }, ["failed"]); return alert_(); }`, []string{name, value})
		if !strings.Contains(got, want) {
			t.Errorf("%s: the element says %q", attribute, got)
		}
	}
	if e := p.Errors(); len(e) > 0 {
		t.Errorf("%d exceptions that nobody caught, the first: %s", len(e), e[0])
	}
}

// A policy that blocks is named by its directive.
func TestPolicyErrors(t *testing.T) {
	for _, c := range []struct{ drop, put, want string }{
		{" 'wasm-unsafe-eval'", "", "add 'wasm-unsafe-eval' to script-src"},
		{"worker-src blob:", "worker-src 'none'", "add blob: to worker-src"},
		{"connect-src 'self'", "connect-src 'none'", "to connect-src"},
	} {
		browser.Each(t, func(t *testing.T, kind browser.Kind) {
			s := serve(t, site.Options{Header: map[string]string{"Content-Security-Policy": strings.Replace(strict, c.drop, c.put, 1)}})
			p := open(t, kind, s.URL+"/t.html?worker", browser.PageOptions{})
			var got struct{ Code, Message string }
			if err := p.EvalIn(20*time.Second, &got, `() => Promise.race([Box.create({ image: "x.box" }).catch((e) => ({ code: e.code, message: e.message })),
				new Promise((r) => setTimeout(r, 15000, { message: "nothing came" }))])`, nil); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Message, c.want) {
				t.Errorf("without %s: %s: %s", c.drop, got.Code, got.Message)
			}
		})
	}
}

// Two tabs: the second waits for the first, or is a copy.
func TestTwoTabs(t *testing.T) {
	s := serve(t, site.Options{})
	p := open(t, browser.Chromium, s.URL+"/t.html", browser.PageOptions{})
	p.Eval(t, nil, `async () => { globalThis.box = await Box.create({ image: "x.box", persist: "mine" }); }`, nil)
	var got struct {
		Code, Notice string
		Readonly     bool
		Told         bool
	}
	p.Eval(t, &got, `async () => {
		const code = await Box.create({ image: "x.box", persist: "mine", whenBusy: "fail" }).catch((e) => e.code);
		const copy = await Box.create({ image: "x.box", persist: "mine", whenBusy: "readonly" });
		const told = fakes.at(-1).options.readonly;
		let notice = "";
		globalThis.second = Box.create({ image: "x.box", persist: "mine", onNotice: (n) => { notice ||= n; } });
		await until(() => notice);
		const other = await Box.create({ image: "x.box", persist: "another" });
		await other.stop();
		return { code, notice, readonly: copy.readonly, told };
	}`, nil)
	if got.Code != "BUSY" || !got.Readonly || !got.Told || !strings.Contains(got.Notice, "open in another tab") {
		t.Errorf("%+v", got)
	}
	p.Eval(t, nil, `async () => {
		await box.stop();
		const b = await second;
		if (b.readonly) throw new Error("the second is a copy");
		const stop = new AbortController(), third = Box.create({ image: "x.box", persist: "mine", signal: stop.signal });
		setTimeout(() => stop.abort(), 50);
		const e = await third.catch((e) => e);
		if (e.name !== "AbortError") throw e;
		await b.stop();
		await (await Box.create({ image: "x.box", persist: "mine" })).stop();
		// A box that did not start leaves its name to others.
		for (const bad of [{ image: "missing.box" }, { files: { "/a": { url: "nothing" } } }, { image: "ftp://x" }]) {
			await Box.create({ image: "x.box", persist: "mine", ...bad }).then(() => { throw new Error("it started"); }, () => {});
		}
		await (await Box.create({ image: "x.box", persist: "mine", whenBusy: "fail" })).stop();
	}`, nil)
	if e := p.Errors(); len(e) > 0 {
		t.Errorf("exceptions that nobody caught: %q", e)
	}
}
