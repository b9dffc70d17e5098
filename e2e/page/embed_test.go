package page_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// TestPageTwoLines is the least that a page needs: a script tag and an element, from
// a server that sends no headers.
func TestPageTwoLines(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := open(t, kind, serve(t, site.Options{}, element(archive+` cmd="sh -c 'echo two lines; id -u'"`)), browser.PageOptions{})
		state(t, p, "exited")
		if got := text(t, p); !strings.Contains(got, "two lines\n0\n") || !strings.Contains(got, "exit code 0") {
			t.Errorf("the element shows %q", got)
		}
		var isolated bool
		p.Eval(t, &isolated, `() => crossOriginIsolated || typeof SharedArrayBuffer === "function"`, nil)
		if isolated {
			t.Error("the page is cross-origin isolated: the test proves nothing")
		}
	})
}

// TestPageModule uses boxer.mjs.
func TestPageModule(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		s := serve(t, site.Options{}, `<!doctype html><title>module</title><script type="module">
			import { Box, BoxError } from "/dist/boxer.mjs";
			globalThis.result = (async () => {
				const box = await Box.create({ image: "/image/busybox.tar", env: { A: "1" }, files: { "/f": "a file" } });
				const r = await box.run(["sh", "-c", "echo $A; cat /f -; exit 3"], { stdin: " and input" });
				await box.stop();
				return [r.exitCode, r.stdout, r.stderr];
			})();
		</script>`)
		p := open(t, kind, s, browser.PageOptions{})
		var got []any
		eval(t, p, &got, `() => globalThis.result`, nil)
		if fmt.Sprint(got) != "[3 1\na file and input ]" {
			t.Errorf("%q", got)
		}
	})
}

// TestPageInput: input that there is none of is an error of run, since the
// program would wait for it forever; a source without end is let go when the
// program ends, and a time without end is none.
func TestPageInput(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := open(t, kind, serve(t, site.Options{}, plain), browser.PageOptions{})
		var got []string
		eval(t, p, &got, `async () => {
			const box = await Box.create({ image: "/image/busybox.tar" });
			const run = async (stdin, cmd = ["cat"]) => {
				try {
					return (await box.run(cmd, { stdin, timeout: 20000 })).stdout;
				} catch (e) {
					return e.code ?? e.message;
				}
			};
			const stream = (pull, cancel) => new ReadableStream({ pull, cancel });
			const got = [await run(5), await run(stream((c) => c.error(new Error("broken")))), await run(stream((c) => c.enqueue({})))];
			const locked = stream(() => {});
			locked.getReader();
			got.push(await run(locked) === "" ? "waited" : "locked");
			const left = new Promise((r) => { got.push(run(stream((c) => c.enqueue("word "), () => r("left")), ["head", "-c", "4"])); });
			got.push(await left);
			for (const timeout of [Infinity, 1e12]) got.push((await box.run(["sleep", "0.1"], { timeout })).timedOut);
			await box.stop();
			return (await Promise.all(got)).map(String);
		}`, nil)
		if want := "ARGUMENT broken ARGUMENT locked word left false false"; strings.Join(got, " ") != want {
			t.Errorf("%q, want %s", got, want)
		}
	})
}

// TestPageCrossOrigin embeds from another origin, which sends only CORS.
func TestPageCrossOrigin(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		files := serve(t, site.Options{CORS: true}, "")
		html := strings.ReplaceAll(element(archive+` cmd="echo from afar"`), `"/`, `"`+files.URL+`/`)
		here := site.Serve(t, site.Options{}, nil)
		here.Text("/", html)
		here.Text("/favicon.ico", "")
		p := open(t, kind, here, browser.PageOptions{})
		state(t, p, "exited")
		if got := text(t, p); !strings.Contains(got, "from afar") {
			t.Errorf("the element shows %q", got)
		}
		if asked := here.Requests(); len(asked) > 2 { // the page, and an icon
			t.Errorf("the embedder's own server was asked for %q", asked)
		}
	})
}

// TestPageNoCORS: without CORS the message says what the server must send.
func TestPageNoCORS(t *testing.T) {
	files := serve(t, site.Options{}, "")
	s := serve(t, site.Options{}, element(`image="`+files.URL+`/image/busybox.tar" cmd="true"`))
	p := open(t, browser.Chromium, s, browser.PageOptions{})
	state(t, p, "failed")
	if got := text(t, p); !strings.Contains(got, "Access-Control-Allow-Origin") {
		t.Errorf("the element shows %q", got)
	}
}

// TestPagePolicy: what a Content-Security-Policy must allow, and no more.
func TestPagePolicy(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		policy := "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:"
		s := serve(t, site.Options{Header: map[string]string{"Content-Security-Policy": policy}}, element(layout+` tty cmd="sh"`))
		p := open(t, kind, s, browser.PageOptions{})
		state(t, p, "running")
		say(t, p, "echo $((6*7))\r")
		shown(t, p, "42")
		for _, line := range append(p.Console(), p.Errors()...) {
			if strings.Contains(line, "Content Security Policy") || strings.Contains(line, "Content-Security-Policy") {
				t.Errorf("the policy was violated: %s", line)
			}
		}
	})
}

// TestPagePolicyTooStrict: the message names what is missing.
func TestPagePolicyTooStrict(t *testing.T) {
	for _, c := range []struct{ name, policy, want string }{
		{"no Wasm", "script-src 'self'; worker-src blob:", "wasm-unsafe-eval"},
		{"no worker", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'", "worker-src"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, site.Options{Header: map[string]string{"Content-Security-Policy": c.policy}}, element(layout+` cmd="true"`))
			p := open(t, browser.Chromium, s, browser.PageOptions{})
			state(t, p, "failed")
			if got := text(t, p); !strings.Contains(got, c.want) {
				t.Errorf("the element shows %q, which does not name %s", got, c.want)
			}
		})
	}
}

// TestPageOnPhone runs a shell in Chromium's emulation of a phone, with a
// limit of memory, and looks at the renderer's.
func TestPageOnPhone(t *testing.T) {
	s := serve(t, site.Options{}, element(layout+` memory="256m" tty cmd="sh"`))
	b := start(t, browser.Chromium)
	p := b.Open(t, s.URL+"/", browser.PageOptions{Mobile: true})
	state(t, p, "running")
	peak := 0.0
	for i := range 5 {
		say(t, p, fmt.Sprintf("seq 1 20000 | sort | md5sum; echo done$((%d+1))\r", i))
		shown(t, p, fmt.Sprintf("done%d", i+1))
		peak = max(peak, resident(t, b))
	}
	var size []float64
	p.Eval(t, &size, `() => [innerWidth, innerHeight, document.documentElement.scrollWidth, navigator.maxTouchPoints]`, nil)
	if size[0] != 360 || size[1] != 800 || size[2] > 360 || size[3] == 0 {
		t.Errorf("width, height, width of the content, fingers: %v", size)
	}
	t.Logf("renderers: %.0f MiB", peak)
	if peak == 0 || peak > 600 {
		t.Errorf("the renderers have %.0f MiB, want at most 600", peak)
	}
}

// say types into the element's terminal.
func say(t *testing.T, p *browser.Page, text string) {
	t.Helper()
	p.Eval(t, nil, `(text) => document.getElementById("box").process.write(text)`, text)
}

// shown waits until the element shows text. xterm draws its screen in a tree
// that may be on a canvas, so this asks the terminal's accessible text too.
func shown(t *testing.T, p *browser.Page, want string) {
	t.Helper()
	p.WaitFor(t, 30*time.Second, `(want) => document.getElementById("box").shadowRoot.textContent.includes(want)`, want)
}
