package page_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// TestPageInterrupt presses Ctrl-C while a program spins in the terminal, and
// looks at the time until the shell answers. What is bearable is 50 ms; a
// machine with other work is given more.
func TestPageInterrupt(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		s := serve(t, site.Options{}, plain)
		p := open(t, kind, s, browser.PageOptions{})
		var got struct {
			Text string
			Took []float64
		}
		eval(t, p, &got, `async () => {
			const box = await Box.create({ image: "/site/image/" });
			const proc = await box.spawn(["sh"], { tty: { rows: 24, cols: 80 }, init: true });
			let text = "", wake = () => {};
			(async () => {
				const decoder = new TextDecoder();
				for await (const bytes of { [Symbol.asyncIterator]: () => { const r = proc.stdout.getReader(); return { next: () => r.read() }; } }) {
					text += decoder.decode(bytes);
					wake();
				}
			})();
			const until = async (want) => {
				while (!text.includes(want)) await new Promise((done) => { wake = done; });
			};
			const input = proc.stdin.getWriter();
			const type = (s) => input.write(new TextEncoder().encode(s));
			const took = [];
			for (let i = 0; i < 5; i++) {
				await type("echo spin$((" + i + "+0)); while :; do :; done\r");
				await until("spin" + i);
				await new Promise((done) => setTimeout(done, 200));
				text = "";
				const start = performance.now();
				await type("\x03");
				await until("^C");
				took.push(performance.now() - start);
				await until("# ");
			}
			await type("echo alive$((1+1))\r");
			await until("alive2");
			await box.stop();
			return { text, took };
		}`, nil)
		t.Logf("^C was answered within %.0f ms", got.Took)
		best := got.Took[0]
		for _, ms := range got.Took {
			best = min(best, ms)
		}
		if best > 50 {
			t.Errorf("at best ^C took %.0f ms", best)
		}
	})
}

// TestPageEndlessLoop: a program that never ends is ended by a time limit,
// from outside, and by stop; the box and the page go on.
func TestPageEndlessLoop(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := boxes(t, kind)
		var got []any
		eval(t, p, &got, `async () => {
			const b = await box();
			const limited = await sh(b, "while :; do :; done", { timeout: 300 });
			const stop = new AbortController();
			setTimeout(() => stop.abort(), 300);
			const aborted = await sh(b, "while :; do :; done", { signal: stop.signal }).catch((e) => e.name);
			const after = await b.run(["echo", "after"]);
			const spinning = sh(b, "while :; do :; done").catch((e) => e.code);
			await new Promise((done) => setTimeout(done, 100));
			await b.stop();
			return [limited.timedOut, limited.signal, limited.exitCode, aborted, after.stdout, await spinning];
		}`, nil)
		if len(got) != 6 || got[0] != true || got[1] != "SIGKILL" || got[2] != 137.0 || got[3] != "AbortError" || got[4] != "after\n" || got[5] != "STOPPED" {
			t.Errorf("%v", got)
		}
		works(t, p)
	})
}

// TestPageFlood floods a terminal. The page stays alive meanwhile, and the end
// of the flood is seen.
func TestPageFlood(t *testing.T) {
	size := scale(1<<30, 20<<20)
	s := serve(t, site.Options{}, element(layout+` tty cmd="sh"`))
	b := start(t, browser.Chromium)
	p := b.Open(t, s.URL+"/", browser.PageOptions{})
	state(t, p, "running")
	var frames int
	err := p.EvalIn(45*time.Minute, &frames, `async (size) => {
		const el = document.getElementById("box");
		let frames = 0, end = false;
		const count = () => { frames++; if (!end) requestAnimationFrame(count); };
		requestAnimationFrame(count);
		await el.process.write("yes flood | head -c " + size + " | cat; echo; echo over$((40+2))\r");
		while (!el.shadowRoot.textContent.includes("over42")) await new Promise((done) => setTimeout(done, 50));
		end = true;
		return frames;
	}`, size)
	if err != nil {
		t.Fatal(err)
	}
	mib := resident(t, b)
	t.Logf("%d MiB of output: %d frames, renderers %.0f MiB", size>>20, frames, mib)
	if frames < 10 {
		t.Errorf("the page drew %d frames meanwhile", frames)
	}
	if mib > 600 {
		t.Errorf("the renderers have %.0f MiB", mib)
	}
}

// TestPageMemoryLimit allocates to the limit.
func TestPageMemoryLimit(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := boxes(t, kind)
		var got []string
		eval(t, p, &got, `async () => {
			const b = await box({ memory: "64m" });
			// What is asked for and not touched is not there; what grows ends.
			const big = await b.run(["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]);
			const grown = await b.run(["awk", 'BEGIN { s = "0123456789abcdef"; while (1) s = s s }']);
			const after = await b.run(["echo", "after"]);
			await b.stop();
			return [big.stderr + big.exitCode, grown.stderr + grown.error + grown.report + grown.exitCode, after.stdout];
		}`, nil)
		t.Logf("%q", got)
		if strings.Contains(got[0], "1+0 records") || got[1] == "0" {
			t.Errorf("a program had more memory than the limit: %q", got)
		}
		if got[2] != "after\n" {
			t.Errorf("the box printed %q afterwards", got[2])
		}
		works(t, p)
	})
}

// TestPageFrozen freezes the tab, as a phone does with one that is not seen.
func TestPageFrozen(t *testing.T) {
	s := serve(t, site.Options{}, element(layout+` tty cmd="sh"`))
	p := open(t, browser.Chromium, s, browser.PageOptions{})
	state(t, p, "running")
	say(t, p, "while :; do i=$((i+1)); done & echo started$((1+1))\r")
	shown(t, p, "started2")
	freeze := func(state string) {
		if err := p.CDP(nil, "Page.setWebLifecycleState", map[string]string{"state": state}); err != nil {
			t.Fatal(err)
		}
	}
	freeze("frozen")
	time.Sleep(time.Duration(scale(10, 3)) * time.Second)
	freeze("active")
	say(t, p, "kill %1; date >/dev/null; echo thawed$((1+1))\r")
	shown(t, p, "thawed2")
	state(t, p, "running")
}

// TestPageBadImages: each ends in a message in the element, and the page goes
// on.
func TestPageBadImages(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		s := serve(t, site.Options{}, plain)
		s.Text("/bad/text.tar", strings.Repeat("This is no archive. ", 100))
		s.Text("/bad/empty.tar", "")
		s.Text("/bad/layout/index.json", `{"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:`+strings.Repeat("0", 64)+`", "size": 10}]}`)
		s.Text("/bad/layout/oci-layout", `{"imageLayoutVersion": "1.0.0"}`)
		s.Text("/bad/json/index.json", `{"schemaVersion": `)
		s.Text("/bad/json/oci-layout", `{"imageLayoutVersion": "1.0.0"}`)
		p := open(t, kind, s, browser.PageOptions{})
		for _, c := range []struct{ image, want string }{
			{"/bad/nothing.tar", "404"},
			{"/bad/nothing/", "404"},
			{"/bad/text.tar", "tar archive"},
			{"/bad/empty.tar", "empty"},
			{"/bad/layout/", "000000"},
			{"/bad/json/", "index.json"},
			{"alpine", "boxer export --web"},
			{"docker.io/library/alpine:3.20", "boxer export --web"},
			{"javascript:alert(1)", "javascript:"},
		} {
			var got string
			eval(t, p, &got, `(image) => new Promise((done) => {
				const el = document.createElement("boxer-box");
				el.setAttribute("image", image);
				el.setAttribute("autostart", "load");
				const look = setInterval(() => {
					if (el.dataset.state === "loading" || el.dataset.state === "idle" || !el.dataset.state) return;
					clearInterval(look);
					done(el.dataset.state + ": " + el.shadowRoot.querySelector("[role=alert]").textContent);
					el.remove();
				}, 10);
				document.body.append(el);
			})`, c.image)
			if !strings.HasPrefix(got, "failed: ") || !strings.Contains(got, c.want) {
				t.Errorf("image %s: %q, want failed, and %q in it", c.image, got, c.want)
			}
		}
		works(t, p)
	})
}

// TestPageDamagedLayer: a box starts before all of its layers are there. What
// turns out to be damaged or missing then is named in the element's message,
// beside what the program made of it.
func TestPageDamagedLayer(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		for _, c := range []struct{ name, want string }{{"damaged", "does not match its digest"}, {"missing", "404"}} {
			s := serve(t, site.Options{}, element(`image="/copy/image/" cmd="sh -c date"`))
			dir := exported(t)
			blobs, err := filepath.Glob(filepath.Join(dir, "image/blobs/sha256/*"))
			if err != nil {
				t.Fatal(err)
			}
			s.Mount("/copy/", dir)
			for _, blob := range blobs {
				data, err := os.ReadFile(blob)
				if err != nil {
					t.Fatal(err)
				}
				if len(data) < 100<<10 {
					continue
				}
				if path := "/copy/image/blobs/sha256/" + filepath.Base(blob); c.name == "missing" {
					s.Mount(path, filepath.Join(dir, "none"))
				} else {
					s.Text(path, strings.Repeat("not what it was ", len(data)/16+1)[:len(data)])
				}
			}
			p := open(t, kind, s, browser.PageOptions{})
			state(t, p, "failed")
			if got := text(t, p); !strings.Contains(got, c.want) {
				t.Errorf("%s: the element shows %q, want %q in it", c.name, got, c.want)
			}
			p.Close()
		}
	})
}
