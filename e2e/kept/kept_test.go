package kept

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
)

// setup gives a test page its functions. A box is started by start and found
// in globalThis.box; sh runs a command line and returns what it printed.
const setup = `
const { Box } = await import("./boxer.mjs");
globalThis.notices = [];
globalThis.start = async (options) => {
	globalThis.box = await Box.create({ image: "./busybox.box", hostname: "kept", onNotice: (text, kind) => notices.push(kind + ": " + text), ...options });
	return box.readonly;
};
globalThis.sh = async (line, options = {}) => {
	const r = await box.run(["sh", "-c", line], { timeout: 60000, ...options });
	return r.stdout + r.stderr + (r.exitCode ? "exit " + r.exitCode : "");
};
globalThis.fails = async (f) => {
	try {
		await f();
	} catch (e) {
		return e.code + ": " + e.message;
	}
	return "it did not fail";
};
globalThis.ready = true;
`

// tab is a page with setup.
type tab struct {
	*browser.Page
	t *testing.T
}

// world is a browser and a server of the page's files and an image.
type world struct {
	t    *testing.T
	b    *browser.Browser
	s    *site.Server
	home *browser.Page // keeps the storage while tabs come and go
}

func newWorld(t *testing.T, kind browser.Kind) *world {
	t.Helper()
	s := site.Serve(t, site.Options{CORS: true}, map[string]string{"/": site.Dist(t), "/busybox.box": guests.Busybox(t)})
	s.Text("/setup.js", setup)
	s.Text("/t.html", `<!doctype html><title>t</title><link rel="icon" href="data:,"><script type="module" src="setup.js"></script>`)
	w := &world{t: t, b: browser.Start(t, kind), s: s}
	s.Text("/empty.html", `<!doctype html><title>e</title><link rel="icon" href="data:,">`)
	w.home = w.b.Open(t, s.URL+"/empty.html", browser.PageOptions{})
	return w
}

// open opens another tab.
func (w *world) open() *tab {
	w.t.Helper()
	p := &tab{w.b.Open(w.t, w.s.URL+"/t.html", browser.PageOptions{Beside: w.home}), w.t}
	p.ready()
	return p
}

func (p *tab) ready() {
	p.t.Helper()
	p.WaitFor(p.t, 20*time.Second, `() => globalThis.ready`, nil)
}

// start starts a box that keeps what it writes under name.
func (p *tab) start(options map[string]any) (readonly bool) {
	p.t.Helper()
	if err := p.EvalIn(2*time.Minute, &readonly, `(o) => start(o)`, options); err != nil {
		var notices []string
		_ = p.EvalIn(10*time.Second, &notices, `() => notices`, nil)
		p.t.Fatalf("start: %v; notices: %q", err, notices)
	}
	return readonly
}

// sh runs a command line and wants its output.
func (p *tab) sh(line, want string) {
	p.t.Helper()
	var got string
	p.Eval(p.t, &got, `(line) => sh(line)`, line)
	if got != want {
		p.t.Errorf("%s: %.2000q, want %q", line, got, want)
	}
}

func keep(name string) map[string]any { return map[string]any{"persist": name} }

// What was synced is there after a reload, by whatever it was synced; and so
// is the rest a moment later.
func TestReload(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := newWorld(t, kind).open()
		var before, after string
		p.start(keep("a box"))
		p.sh(`mkdir /data && echo one > /data/f && ln -s f /data/l && rm /etc/passwd && dd if=/dev/zero bs=64k count=40 2>/dev/null | tr '\0' x > /data/big && sync`, "")
		p.Eval(t, &before, `() => box.tree()`, nil)
		if err := p.Reload(); err != nil {
			t.Fatal(err)
		}
		p.ready()
		p.start(keep("a box"))
		p.Eval(t, &after, `() => box.tree()`, nil)
		if before != after {
			t.Errorf("the tree's hash is %s, was %s", after, before)
		}
		p.sh(`cat /data/l; test -e /etc/passwd || echo gone; tr -d x < /data/big | wc -c; wc -c < /data/big`, "one\ngone\n0\n2621440\n")
		var n float64
		p.Eval(t, &n, `async () => (await box.stats()).kept_bytes`, nil)
		if n < 2621440 {
			t.Errorf("kept_bytes = %v", n)
		}

		p.Eval(t, nil, `() => box.fs.writeFile("/data/page", "by the page")`, nil)
		p.Eval(t, nil, `() => box.sync()`, nil)
		p.sh(`echo late > /data/late`, "")
		p.Eval(t, nil, `() => new Promise((r) => setTimeout(r, 2500))`, nil) // a second, and a slow disk
		if err := p.Reload(); err != nil {
			t.Fatal(err)
		}
		p.ready()
		p.start(keep("a box"))
		p.sh(`cat /data/page; echo; cat /data/late`, "by the page\nlate\n")
		p.Eval(t, nil, `() => box.fs.writeFile("/data/stop", "at the end")`, nil)
		p.Eval(t, nil, `() => box.stop()`, nil)
		p.start(keep("a box"))
		p.sh(`cat /data/stop`, "at the end")
		p.Eval(t, nil, `() => box.stop()`, nil)
		p.start(keep("another box"))
		p.sh(`ls /data 2>/dev/null; wc -l < /etc/passwd | grep -q . && echo fresh`, "fresh\n")
	})
}

// A tab that ends in the middle of writing loses nothing that was synced, and
// leaves what can be opened.
func TestTabEnds(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		w := newWorld(t, kind)
		synced := 0
		for round := range 3 {
			p := w.open()
			p.start(keep("log"))
			p.Eval(t, nil, `() => {
				globalThis.seen = "";
				const decoder = new TextDecoder();
				box.run(["sh", "-c", "i=$(tail -n1 /log 2>/dev/null || echo 0); while :; do i=$((i+1)); dd if=/dev/zero of=/big bs=32k count=8 seek=$((i%5*8)) conv=notrunc 2>/dev/null; echo $i >> /log; sync; echo $i; done"],
					{ onStdout: (data) => { seen += typeof data === "string" ? data : decoder.decode(data); } }).catch(() => {});
			}`, nil)
			p.WaitFor(t, time.Minute, `(n) => seen.split("\n").length > n`, 4+3*round)
			var seen string
			p.Eval(t, &seen, `() => seen`, nil)
			p.Close()
			lines := strings.Fields(seen)
			last := 0
			fmt.Sscan(lines[len(lines)-1], &last)
			synced = max(synced, last)
		}
		p := w.open()
		p.start(keep("log"))
		var log string
		p.Eval(t, &log, `() => sh("cat /log")`, nil)
		lines := strings.Fields(log)
		if len(lines) < synced {
			t.Errorf("%d lines, and %d were synced", len(lines), synced)
		}
		for i, line := range lines {
			if line != fmt.Sprint(i+1) {
				t.Fatalf("line %d is %q", i+1, line)
			}
		}
	})
}

// Of two tabs with one name, one writes.
func TestTwoTabs(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		w := newWorld(t, kind)
		a, b := w.open(), w.open()
		a.start(keep("shared"))
		a.sh(`echo first > /f; sync`, "")

		var text string
		b.Eval(t, &text, `() => fails(() => start({ persist: "shared", whenBusy: "fail" }))`, nil)
		if !strings.HasPrefix(text, "BUSY: ") {
			t.Errorf("whenBusy=fail: %s", text)
		}
		if !b.start(map[string]any{"persist": "shared", "whenBusy": "readonly"}) {
			t.Error("whenBusy=readonly: the box is not readonly")
		}
		b.sh(`cat /f; echo second > /f; sync; cat /f`, "first\nsecond\n")
		b.Eval(t, nil, `() => box.stop()`, nil)
		b.Eval(t, nil, `() => { globalThis.later = start({ persist: "shared" }).then(() => sh("cat /f")); }`, nil)
		a.sh(`echo third > /f; sync`, "")
		a.Eval(t, nil, `() => box.stop()`, nil)
		b.Eval(t, &text, `() => later`, nil)
		if text != "third\n" {
			t.Errorf("the tab that waited has %q", text)
		}
		var notices []string
		b.Eval(t, &notices, `() => notices`, nil)
		if !strings.Contains(strings.Join(notices, "\n"), "open in another tab") {
			t.Errorf("the notices: %q", notices)
		}
	})
}

// Without room programs get ENOSPC and the page a notice; what was synced
// stays, and once there is room it goes on.
func TestNoRoom(t *testing.T) {
	w := newWorld(t, browser.Chromium) // the other browsers' quota cannot be set
	p := w.open()
	quota := func(n int) {
		t.Helper()
		params := map[string]any{"origin": w.s.URL}
		if n > 0 {
			params["quotaSize"] = n
		}
		if err := p.CDP(nil, "Storage.overrideQuotaForOrigin", params); err != nil {
			t.Fatal(err)
		}
	}
	quota(3 << 20) // before anything is open: Chromium remembers for 30 s how much there was
	p.start(keep("full"))
	p.sh(`echo synced > /kept; sync`, "")
	var out string
	p.Eval(t, &out, `() => sh("for i in 1 2 3; do dd if=/dev/zero of=/big$i bs=64k count=64 conv=fsync 2>&1 | tail -n1; done")`, nil)
	if !strings.Contains(out, "No space left on device") {
		t.Errorf("the guest was told: %.500s", out)
	}
	p.WaitFor(t, 20*time.Second, `() => notices.some((n) => n.startsWith("storage: ") && n.includes("no more room"))`, nil)
	var notices []string
	p.Eval(t, &notices, `() => notices`, nil)
	t.Logf("%q", notices)
	p.sh(`cat /kept`, "synced\n")
	quota(0)
	p.sh(`rm -f /big*; echo more > /more; sync; dd if=/dev/zero of=/z bs=1k count=100 conv=fsync 2>/dev/null && echo room`, "room\n")
	p.WaitFor(t, 20*time.Second, `() => notices.some((n) => n.includes("kept again"))`, nil)
	if err := p.Reload(); err != nil {
		t.Fatal(err)
	}
	p.ready()
	p.start(keep("full"))
	p.sh(`cat /kept /more; ls /big* 2>/dev/null; wc -c < /z`, "synced\nmore\n102400\n")
}

// A page that gets no storage says so, and a box that keeps nothing works.
func TestRefused(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		w := newWorld(t, kind)
		// A sandboxed frame has an origin of its own, and no storage.
		w.s.Text("/frame.html", `<!doctype html><title>f</title><link rel="icon" href="data:,"><iframe sandbox="allow-scripts"></iframe><script>
			addEventListener("message", (e) => { globalThis.got = e.data; });
			document.querySelector("iframe").srcdoc = '<script type="module" src="' + location.origin + '/sandboxed.js"></scr' + 'ipt>';
		</script>`)
		w.s.Text("/sandboxed.js", setup+`
			const without = await fails(() => start({ image: "`+w.s.URL+`/busybox.box", persist: "refused" }));
			await start({ image: "`+w.s.URL+`/busybox.box" });
			parent.postMessage([without, await sh("echo works")], "*");`)
		p := w.b.Open(t, w.s.URL+"/frame.html", browser.PageOptions{})
		p.WaitFor(t, time.Minute, `() => globalThis.got`, nil)
		var got []string
		p.Eval(t, &got, `() => got`, nil)
		text, _ := json.Marshal(got)
		if len(got) != 2 || !strings.HasPrefix(got[0], "STORAGE: ") || !strings.Contains(got[0], "without persist") || got[1] != "works\n" {
			t.Errorf("the page got %s", text)
		}
	})
}

// Stored files that were damaged, or belong to another image, are refused and
// can be salvaged.
func TestDamaged(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := newWorld(t, kind).open()
		p.start(keep("damaged"))
		p.sh(`echo one > /one; sync; echo two > /two; sync`, "")
		p.Eval(t, nil, `() => box.stop()`, nil)
		p.Eval(t, nil, `() => new Promise((done, fail) => {
			const open = indexedDB.open("boxer:damaged");
			open.onerror = () => fail(open.error);
			open.onsuccess = () => {
				const db = open.result, tx = db.transaction("values", "readwrite"), values = tx.objectStore("values");
				const keys = values.getAllKeys(IDBKeyRange.bound("log/", "log0"));
				keys.onsuccess = () => values.put(new Uint8Array(100), keys.result.at(-1));
				tx.oncomplete = () => { db.close(); done(); };
				tx.onerror = () => fail(tx.error);
			};
		})`, nil)
		var text string
		p.Eval(t, &text, `() => fails(() => start({ persist: "damaged" }))`, nil)
		if !strings.HasPrefix(text, "STORAGE: ") || !strings.Contains(text, "are damaged") {
			t.Errorf("a damaged box: %s", text)
		}
		if !p.start(map[string]any{"persist": "damaged", "salvage": true}) {
			t.Error("a salvaged box is not readonly")
		}
		p.sh(`cat /one`, "one\n")
		var n int
		p.Eval(t, &n, `async () => (await box.exportTar()).length`, nil)
		if n < 1024 {
			t.Errorf("the export has %d bytes", n)
		}
	})
}
