package element_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// strict is the policy that the README names as enough, and what such a page
// has besides: nothing inline, nothing of another origin.
const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self'; connect-src 'self'; img-src 'self'"

// standIn puts the fake worker in the place of workers.
const standIn = `
import { fake } from "./fake.js";
globalThis.fakes = [];
globalThis.pwned = 0;
globalThis.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(e.effectiveDirective + " " + e.blockedURI));
if (!new URLSearchParams(location.search).has("worker")) globalThis.Worker = class {
	constructor() {
		const { port1, port2 } = new MessageChannel();
		this.port = port1;
		fakes.push(fake(port2));
		port1.onmessage = (e) => this.onmessage?.(e);
	}
	postMessage(m, transfer) { this.port.postMessage(m.module ? { ...m, module: undefined } : m, transfer); }
	terminate() { this.port.close(); }
};
const { Box, BoxError } = await import("./boxer.mjs");
Object.assign(globalThis, { Box, BoxError, ready: true });

/** Makes an element and waits for its state. */
globalThis.show = async (attributes, want = ["running", "exited", "failed"]) => {
	const el = document.createElement("boxer-box");
	for (const [k, v] of Object.entries(attributes)) el.setAttribute(k, v);
	document.body.replaceChildren(el);
	await until(() => want.includes(el.dataset.state));
	return el;
};
globalThis.until = async (f) => {
	for (let i = 0; i < 500; i++) {
		if (await f()) return;
		await new Promise((r) => setTimeout(r, 10));
	}
	throw new Error("it did not come to that: " + f + ": " + document.querySelector("boxer-box")?.shadowRoot.textContent);
};
/** What the terminal shows, or the log. */
globalThis.screen_ = () => {
	const root = document.querySelector("boxer-box").shadowRoot;
	return (root.querySelector(".xterm-rows") ?? root.querySelector(".log")).textContent;
};
globalThis.alert_ = () => {
	const a = document.querySelector("boxer-box").shadowRoot.querySelector("[role=alert]");
	return a.hidden ? "" : a.textContent;
};
`

// serve serves the page's files with the smallest core there is, and a page
// for tests under "/t.html".
func serve(t *testing.T, opt site.Options) *site.Server {
	t.Helper()
	dist := site.Dist(t)
	s := site.Serve(t, opt, map[string]string{"/": dist, "/fake.js": filepath.Join(dist, "../test/fake.js")})
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte("\x00asm\x01\x00\x00\x00"))
	w.Close()
	s.Text("/core.wasm.gz", gz.String())
	s.Text("/core.wasm", "\x00asm\x01\x00\x00\x00")
	s.Text("/setup.js", standIn)
	s.Text("/t.css", "body{margin:8px;font-family:sans-serif}")
	s.Text("/t.html", `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>t</title><link rel="icon" href="data:,"><link rel="stylesheet" href="t.css"><script type="module" src="setup.js"></script><body></body></html>`)
	s.Text("/x.box", "not read by the stand-in")
	return s
}

func open(t *testing.T, kind browser.Kind, url string, opt browser.PageOptions) *browser.Page {
	t.Helper()
	b := browser.Start(t, kind)
	p := b.Open(t, url, opt)
	p.WaitFor(t, 10*time.Second, `() => globalThis.ready`, nil)
	return p
}

// shot keeps a screenshot where BOXER_SHOTS says, for those who look.
func shot(t *testing.T, p *browser.Page, name string) {
	if dir := os.Getenv("BOXER_SHOTS"); dir != "" {
		if err := p.Screenshot(filepath.Join(dir, name+".png")); err != nil {
			t.Log(err)
		}
	}
}

// The terminal works under a policy that forbids all that is inline, and
// breaks none of it.
func TestTerminal(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		s := serve(t, site.Options{Header: map[string]string{"Content-Security-Policy": strict}})
		p := open(t, kind, s.URL+"/t.html", browser.PageOptions{})
		p.Eval(t, nil, `async () => {
			const el = await show({ image: "x.box", tty: "", cmd: "sh", memory: "256m" });
			if (el.dataset.state !== "running") throw new Error(alert_());
			el.focus();
		}`, nil)
		for _, line := range []string{"colors", "true", "echo typed text"} {
			if err := p.Type(line + "\n"); err != nil {
				t.Fatal(err)
			}
		}
		p.Eval(t, nil, `() => until(() => screen_().includes("/ # echo typed text") && screen_().includes("true colour"))`, nil)
		var got struct {
			Colour, Violations string
			Columns            int
		}
		p.Eval(t, &got, `() => {
			const root = document.querySelector("boxer-box").shadowRoot;
			const span = [...root.querySelectorAll(".xterm-rows span")].find((s) => s.textContent.includes("true colour"));
			return { colour: span.style.color, violations: violations.join("; "), columns: fakes[0].resizes.at(-1)?.[0] ?? 0 };
		}`, nil)
		if got.Colour == "" {
			t.Error("24-bit colours are lost")
		}
		if got.Violations != "" {
			t.Errorf("the page's policy was broken: %s", got.Violations)
		}
		if got.Columns < 40 {
			t.Errorf("the terminal was told %d columns", got.Columns)
		}
		shot(t, p, "terminal-"+string(kind))
		if err := p.Type("exit 3\n"); err != nil {
			t.Fatal(err)
		}
		p.Eval(t, nil, `() => until(() => document.querySelector("boxer-box").shadowRoot.querySelector("[role=status]").textContent === "Ended, exit code 3")`, nil)
		p.Eval(t, nil, `async () => {
			const el = document.querySelector("boxer-box");
			await el.restart();
			await until(() => el.dataset.state === "running" && screen_().startsWith("/ # "));
			el.remove();
			await until(() => el.dataset.state === "stopped");
		}`, nil)
	})
}

// Nothing that a box writes makes the terminal type, name the page or touch
// the clipboard.
func TestTerminalIsSilent(t *testing.T) {
	s := serve(t, site.Options{})
	p := open(t, browser.Chromium, s.URL+"/t.html", browser.PageOptions{Permissions: []string{"clipboard-read", "clipboard-write"}})
	p.Eval(t, nil, `async () => {
		const el = await show({ image: "x.box", tty: "", cmd: "cat" });
		el.focus();
		globalThis.typed = [];
		const write = el.process.write.bind(el.process);
		el.process.write = (d) => { typed.push(new TextDecoder().decode(d)); return Promise.resolve(); };
		globalThis.echo = async (text) => { await write(text + "."); await until(() => screen_().includes(".")); };
		await navigator.clipboard.writeText("mine");
	}`, nil)
	for _, seq := range []string{
		"\x1b]52;c;aGVsbG8=\x07", "\x1b]52;c;?\x07", "\x1bP$qm\x1b\\", "\x1bP$qwords\x1b\\", "\x1bP+q544e\x1b\\",
		"\x1b]0;title\x07", "\x1b]2;title\x07\x1b[21t", "\x1b[20t", "\x1b[18t", "\x1b[14t", "\x1b]50;?\x07", "\x05", "\x1b]1337;File=x\x07",
	} {
		var typed []string
		p.Eval(t, &typed, `async (s) => { typed.length = 0; await echo(s); await new Promise((r) => setTimeout(r, 20)); return typed; }`, seq)
		if len(typed) != 0 {
			t.Errorf("%q makes the terminal type %q", seq, typed)
		}
	}
	var got struct{ Title, Clip string }
	p.Eval(t, &got, `async () => ({ title: document.title, clip: await navigator.clipboard.readText() })`, nil)
	if got.Title != "t" || got.Clip != "mine" {
		t.Errorf("the page's title is %q, the clipboard %q", got.Title, got.Clip)
	}
	// What programs need is answered: the cursor's place, the terminal's kind.
	var typed []string
	p.Eval(t, &typed, `async () => { typed.length = 0; await echo("\x1b[6n\x1b[c"); await until(() => typed.length >= 2); return typed; }`, nil)
}

// Text goes to the clipboard and comes from it, and the box is told of a new
// size.
func TestTerminalKeys(t *testing.T) {
	s := serve(t, site.Options{})
	p := open(t, browser.Chromium, s.URL+"/t.html", browser.PageOptions{Permissions: []string{"clipboard-read", "clipboard-write"}})
	p.Eval(t, nil, `async () => {
		const el = await show({ image: "x.box", tty: "", cmd: "sh" });
		el.focus();
		await navigator.clipboard.writeText("echo pasted");
	}`, nil)
	press := func(key string) {
		t.Helper()
		if err := p.Press(key); err != nil {
			t.Fatal(err)
		}
	}
	press("Control+Shift+V")
	p.Eval(t, nil, `() => until(() => screen_().includes("/ # echo pasted"))`, nil)
	// Two clicks mark a word.
	p.Eval(t, nil, `() => {
		const rows = document.querySelector("boxer-box").shadowRoot.querySelector(".xterm-rows"), box = rows.getBoundingClientRect();
		const at = { bubbles: true, composed: true, clientX: box.left + 60, clientY: box.top + 8, button: 0, detail: 2 };
		rows.dispatchEvent(new MouseEvent("mousedown", at));
		rows.dispatchEvent(new MouseEvent("mouseup", at));
	}`, nil)
	press("Control+Shift+C")
	p.Eval(t, nil, `() => until(async () => ["echo", "pasted"].includes(await navigator.clipboard.readText()))`, nil)
	p.Eval(t, nil, `async () => {
		const el = document.querySelector("boxer-box"), before = fakes[0].resizes.length;
		el.style.setProperty("--boxer-height", "12rem");
		await until(() => fakes[0].resizes.length > before);
	}`, nil)
	// A keyboard gets out of the terminal, which takes Tab.
	press("Tab")
	press("Control+Shift+L")
	p.Eval(t, nil, `() => until(() => document.querySelector("boxer-box").shadowRoot.activeElement?.textContent === "Stop")`, nil)
}

// A phone has the keys that its keyboard lacks.
func TestPhoneKeys(t *testing.T) {
	s := serve(t, site.Options{})
	p := open(t, browser.Chromium, s.URL+"/t.html", browser.PageOptions{Mobile: true})
	var got struct {
		Wide bool
		Sent []string
	}
	p.Eval(t, &got, `async () => {
		const el = await show({ image: "x.box", tty: "", cmd: "sh" });
		el.focus();
		const sent = [];
		el.process.write = (d) => { sent.push(new TextDecoder().decode(d)); return Promise.resolve(); };
		const key = (name) => el.shadowRoot.querySelector('.keys [aria-label="' + name + '"]');
		for (const name of ["Escape", "Tab", "Up", "Control", "Left", "Right"]) key(name).click();
		key("Control").click();
		if (key("Control").getAttribute("aria-pressed") !== "true") throw new Error("Ctrl is not held");
		const row = key("Escape").parentElement, box = row.getBoundingClientRect();
		globalThis.sent = sent;
		return { wide: row.scrollWidth > row.clientWidth || box.height < 30, sent };
	}`, nil)
	if err := p.Type("c"); err != nil {
		t.Fatal(err)
	}
	p.Eval(t, &got.Sent, `async () => { await until(() => sent.length >= 6); return sent; }`, nil)
	if want := []string{"\x1b", "\t", "\x1b[A", "\x1b[1;5D", "\x1b[C", "\x03"}; fmt.Sprintf("%q", got.Sent) != fmt.Sprintf("%q", want) {
		t.Errorf("the keys sent %q, want %q", got.Sent, want)
	}
	if got.Wide {
		t.Error("the row of keys does not fit 360 pixels, or is not there")
	}
	shot(t, p, "phone")
	p.Eval(t, nil, `async () => {
		const root = document.querySelector("boxer-box").shadowRoot;
		root.querySelector('[aria-label="Select and copy text"]').click();
		if (!root.querySelector(".select pre").textContent.startsWith("/ #")) throw new Error("no text to select");
	}`, nil)
	shot(t, p, "phone-select")
}

// A flood stops the program, not the page.
func TestFlood(t *testing.T) {
	s := serve(t, site.Options{})
	p := open(t, browser.Chromium, s.URL+"/t.html", browser.PageOptions{})
	for _, attributes := range []map[string]string{{"tty": ""}, {}} {
		attributes["image"], attributes["cmd"] = "x.box", "flood 1000000000"
		var worst float64
		p.Eval(t, &worst, `async (attributes) => {
			const el = await show(attributes);
			let worst = 0, last = performance.now();
			for (let i = 0; i < 100; i++) {
				await new Promise(requestAnimationFrame);
				worst = Math.max(worst, performance.now() - last);
				last = performance.now();
			}
			if (el.dataset.state !== "running") throw new Error(el.dataset.state);
			if (fakes.at(-1).maxWaiting > 256 << 10) throw new Error(fakes.at(-1).maxWaiting + " bytes were on their way");
			await el.stop();
			return worst;
		}`, attributes)
		t.Logf("%v: the longest frame took %.0f ms", attributes, worst)
	}
}

// No attribute, and nothing that a box writes, runs as script.
func TestNothingExecutes(t *testing.T) {
	s := serve(t, site.Options{})
	p := open(t, browser.Chromium, s.URL+"/t.html", browser.PageOptions{})
	attributes := []string{"image", "cmd", "env", "files", "persist", "net", "memory", "autostart", "user", "workdir", "hostname", "label", "theme", "scrollback", "debug", "when-busy", "title"}
	for i, xss := range hostile() {
		for _, tty := range []bool{false, true} {
			if tty && i%10 != 0 {
				continue
			}
			var pwned int
			err := p.EvalIn(time.Minute, &pwned, `async ({ attributes, alone, xss, tty }) => {
				for (const name of ["image", "cmd", alone, "all"]) {
					const el = document.createElement("boxer-box");
					el.setAttribute("image", "x.box");
					el.setAttribute("cmd", "cat");
					for (const a of attributes) if (a === name || (name === "all" && !["image", "cmd", "autostart"].includes(a))) el.setAttribute(a, xss);
					el.setAttribute("autostart", "load");
					el.toggleAttribute("tty", tty);
					document.body.replaceChildren(el);
					await until(() => ["running", "failed", "exited"].includes(el.dataset.state));
					if (el.process && name === "image") {
						await el.process.write(xss + " .");
						await until(() => screen_().length > 0);
					}
				}
				document.body.replaceChildren();
				return pwned;
			}`, map[string]any{"attributes": attributes, "alone": attributes[i%len(attributes)], "xss": xss, "tty": tty})
			if err != nil || pwned != 0 || len(p.Dialogs()) > 0 {
				t.Fatalf("%q: %v, executed %d, dialogs %q", xss, err, pwned, p.Dialogs())
			}
		}
	}
	if e := p.Errors(); len(e) > 0 {
		t.Errorf("%d exceptions that nobody caught, the first: %s", len(e), e[0])
	}
}

// hostile makes a hundred strings that would run if something parsed them.
func hostile() []string {
	act := []string{"pwned=1", "alert(1)"}
	forms := []string{
		`<script>%s</script>`, `"><script>%s</script>`, `'><script>%s</script>`, `</pre><script>%s</script>`, `</style><script>%s</script>`,
		`</textarea><script>%s</script>`, `--><script>%s</script>`, `]]><script>%s</script>`, `<img src=x onerror="%s">`, `"><img src=x onerror=%s>`,
		`' onload='%s`, `" onclick="%s" onfocus="%[1]s" autofocus="`, `<svg onload=%s>`, `<svg><script>%s</script></svg>`, `<svg><animate onbegin=%s attributeName=x dur=1s>`,
		`<body onload=%s>`, `<iframe src="javascript:parent.%s"></iframe>`, `<iframe srcdoc="<script>parent.%s</script>"></iframe>`, `<a href="javascript:%s" autofocus>x</a>`, `javascript:%s`,
		`JaVaScRiPt:%s//`, `data:text/html,<script>parent.%s</script>`, `data:text/javascript,%s`, `<details open ontoggle=%s>`, `<video><source onerror=%s></video>`,
		`<math><mtext><table><mglyph><style><img src=x onerror=%s>`, `<template shadowrootmode=open><script>%s</script></template>`, `<object data="javascript:%s">`, `<embed src="javascript:%s">`, `<form action="javascript:%s"><input type=submit autofocus>`,
		`${%s}`, `{{%s}}`, `{{constructor.constructor('%s')()}}`, `";%s;//`, `';%s;//`,
		"`;%s;//", `*/%s;/*`, `{"a":"<script>%s</script>"}`, `{"__proto__":{"onerror":"%s"}}`, `[{"path":"/<img src=x onerror=%s>","text":"<script>%[1]s</script>"}]`,
		"\x1b]8;;javascript:%s\x07click\x1b]8;;\x07", "\x1b]0;<script>%s</script>\x07", "\x1b]52;c;%s\x07", "\x1b[31m<img src=x onerror=%s>", "\x00<script>%s</script>",
		`<base href="javascript:%s//">`, `<meta http-equiv=refresh content="0;javascript:%s">`, `<link rel=stylesheet href="javascript:%s">`, `<style>@import "javascript:%s";</style>`, `<boxer-box image="x" files='<script>%s</script>'>`,
	}
	var list []string
	for _, f := range forms {
		for _, a := range act {
			list = append(list, strings.ReplaceAll(fmt.Sprintf(f, a), "%!(EXTRA string="+a+")", ""))
		}
	}
	return list
}
