//go:build !js

// The tests of the core: in Chromium, by the worker protocol.
package main_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
)

// page builds the core and opens a page that can start it.
func page(t *testing.T) *browser.Page {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the core")
	}
	b := browser.Start(t, browser.Chromium)
	dir := t.TempDir()
	for name, pkg := range map[string]string{"core.wasm": ".", "panic.wasm": "./testdata/panic"} {
		build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, name), pkg)
		build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	var worker bytes.Buffer
	for _, f := range []string{filepath.Join(strings.TrimSpace(string(goroot)), "lib/wasm/wasm_exec.js"), "../../jsbridge/wasmhost/wasmhost.js", "../../web/src/worker.js"} {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		worker.Write(data)
	}
	image := guests.Busybox(t)
	mux := http.NewServeMux()
	file := func(name, path string) {
		mux.HandleFunc(name, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
	}
	text := func(name, kind, text string) {
		mux.HandleFunc(name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Write([]byte(text))
		})
	}
	file("/core.wasm", filepath.Join(dir, "core.wasm"))
	file("/panic.wasm", filepath.Join(dir, "panic.wasm"))
	file("/image.tar", image)
	file("/client.js", "testdata/client.js")
	text("/worker.js", "text/javascript", worker.String())
	text("/empty.wasm", "application/wasm", "\x00asm\x01\x00\x00\x00")
	text("/{$}", "text/html", `<!doctype html><script src="client.js"></script>`)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return b.Open(t, server.URL+"/", browser.PageOptions{})
}

// check runs steps of JavaScript, each with c, a box, and compares what they
// return.
func check(t *testing.T, p *browser.Page, steps []step) {
	t.Helper()
	for _, s := range steps {
		var got any
		if err := p.EvalIn(2*time.Minute, &got, "async () => { const c = globalThis.c; "+s.js+" }", nil); err != nil {
			t.Errorf("%s: %v", s.js, err)
			continue
		}
		if !reflect.DeepEqual(got, s.want) {
			t.Errorf("%s:\ngot  %v\nwant %v", s.js, got, s.want)
		}
	}
}

type step struct {
	js   string
	want any
}

type list = []any

func TestCore(t *testing.T) {
	p := page(t)
	p.Eval(t, nil, `async () => { globalThis.c = await box({env: {A: "box", B: "box"}, files: [{path: "/x/y", data: new TextEncoder().encode("seed\n"), mode: 0o640}]}) }`, nil)
	check(t, p, []step{
		{`return [c.info.platform, c.info.config.cmd, crossOriginIsolated]`, list{"linux/arm64", list{"sh"}, false}},
		// Commands.
		{`return c.run(["echo", "hello"])`, list{0.0, "hello\n", ""}},
		{`return c.run(["sh", "-c", "echo $A $B; pwd; id -u; echo no >&2; exit 3"], {env: ["B=run"], cwd: "/etc", user: "7"})`, list{3.0, "box run\n/etc\n7\n", "no\n"}},
		{`return c.run(["cat"], {}, "in")`, list{0.0, "in", ""}},
		{`return c.run(["stat", "-c", "%a %s", "/x/y"])`, list{0.0, "640 5\n", ""}},
		{`return failure(c.spawn(["none"]))`, list{`exec: "none": executable file not found in $PATH`, "ENOENT", 127.0}},
		{`return (await failure(c.spawn(["/etc"]))).slice(1)`, list{"EACCES", 126.0}},
		{`return (await Promise.all([1, 2, 3, 4].map((i) => c.run(["sh", "-c", "sleep 0.0" + i + "; echo " + i])))).map((r) => r[1])`, list{"1\n", "2\n", "3\n", "4\n"}},
		{`for (let i = 0; i < 20; i++) await c.run(["sleep", "0.001"]); return (await c.call("stats")).processes`, 0.0},
		{`const p = await c.spawn(["sh", "-c", "trap 'echo caught; exit 4' TERM; echo up; while :; do :; done"]);
		  await p.wait("up"); await c.call("signal", {proc: p.id, signal: "SIGTERM"}); return [(await p.exited).code, p.text[1]]`, list{4.0, "up\ncaught\n"}},
		{`const p = await c.spawn(["sleep", "1000"]); await c.call("signal", {proc: p.id, signal: 9}); const m = await p.exited; return [m.code, m.signal]`, list{137.0, "SIGKILL"}},
		{`return failure(c.call("signal", {proc: 1e6, signal: 9}))`, list{"the program has ended", "", 0.0}},
		{`return (await failure(c.call("nonsense")))[0].slice(0, 30)`, `the core has no operation "non`},
		// A terminal, and a busy program on it.
		{`const p = await c.spawn(["sh"], {tty: {rows: 24, cols: 80}}); await c.type(p, "stty size; tty\r"); await p.wait("/dev/pts/0");
		  await c.call("resize", {proc: p.id, rows: 30, cols: 100}); await c.type(p, "stty size\r"); await p.wait("30 100");
		  await c.type(p, "echo looping; while :; do :; done\r"); await p.wait("looping\r\n"); await c.type(p, "\x03"); await c.type(p, "echo status $?\r"); await p.wait("status 130");
		  await c.type(p, "exit 6\r"); return [(await p.exited).code, p.text[1].includes("24 80")]`, list{6.0, true}},
		// Files.
		{`await c.call("fs", {fn: "mkdir", path: "/a/b", recursive: true}); await c.call("fs", {fn: "writeFile", path: "/a/b/f", data: new Uint8Array([104, 105]), mode: 0o600});
		  await c.call("fs", {fn: "symlink", path: "/a/l", target: "b/f"}); await c.call("fs", {fn: "chmod", path: "/a/l", mode: 0o755});
		  const {type, size, mode, uid} = await c.call("fs", {fn: "stat", path: "/a/l"});
		  return [new TextDecoder().decode(await c.call("fs", {fn: "readFile", path: "/a/l"})), type, size, mode, uid, await c.call("fs", {fn: "readdir", path: "/a/b"})]`,
			list{"hi", "file", 2.0, 493.0, 0.0, list{map[string]any{"name": "f", "type": "file", "size": 2.0}}}},
		{`return failure(c.call("fs", {fn: "readFile", path: "/none"}))`, list{"/none: No such file or directory", "ENOENT", 0.0}},
		{`const before = await c.call("tree"), tar = await c.call("exportTar"); await c.call("fs", {fn: "rm", path: "/a", recursive: true});
		  const without = await c.call("tree"); await c.call("importTar", {data: tar}, [tar.buffer]); return [without === before, await c.call("tree") === before]`, list{false, true}},
	})
}

// What one side does not take, the other does not send.
func TestFlowControl(t *testing.T) {
	p := page(t)
	p.Eval(t, nil, `async () => { globalThis.c = await box() }`, nil)
	check(t, p, []step{
		{`const p = await c.spawn(["yes"]); p.acks = p.keep = false; while (p.bytes < 190000) await new Promise((f) => { p.more = f; });
		  const other = await c.run(["sh", "-c", "echo out; echo err >&2"]); const stuck = p.bytes <= 256 << 10;
		  await c.call("signal", {proc: p.id, signal: "KILL"}); // its end is told all the same
		  return [stuck, other, (await p.exited).code]`, list{true, list{0.0, "out\n", "err\n"}, 137.0}},
		{`const p = await c.spawn(["sleep", "1000"], {stdin: true}); let taken = 0, sent = 0;
		  for (let i = 0; i < 16; i++) { c.call("stdin", {proc: p.id, data: new Uint8Array(32768)}).then(() => taken++); sent++; }
		  await c.run(["true"]); const n = taken; await c.call("signal", {proc: p.id, signal: "KILL"}); await p.exited; await c.run(["true"]);
		  return [n > 0 && n < 8, taken]`, list{true, 16.0}},
		{`const p = await c.spawn(["sh", "-c", "dd if=/dev/zero bs=65536 count=1024 2>/dev/null"]); p.keep = false; await p.exited;
		  return [p.bytes, (await c.call("stats")).heap_reserved_bytes < 100e6]`, list{67108864.0, true}},
		{`const p = await c.spawn(["sh", "-c", "cat | wc -c"], {stdin: true}); for (let i = 0; i < 64; i++) await c.call("stdin", {proc: p.id, data: new Uint8Array(1 << 18)});
		  await c.call("stdin", {proc: p.id, data: null}); await p.exited; return p.text[1]`, "16777216\n"},
	})
}

// Whatever happens in a box, it ends with a word about it, and the page works.
func TestEnds(t *testing.T) {
	p := page(t)
	p.Eval(t, nil, `async () => { globalThis.c = await box({memory: 256 << 20}) }`, nil)
	check(t, p, []step{
		{`return (await c.run(["sh", "-c", "f() { f; }; f"]))[0]`, 139.0},
		{`const r = await c.run(["awk", "BEGIN { s = \"xxxxxxxxxxxxxxxx\"; while (1) s = s s }"]); return [r[0], c.logs.some((l) => /memory limit of 256 MiB/.test(l))]`, list{137.0, true}},
		{`return c.run(["sh", "-c", "echo $$"], {init: true})`, list{0.0, "1\n", ""}},
		{`return failure(c.spawn(["true"]))`, list{`exec: "true": the box has ended`, "ESRCH", 126.0}},
		{`return c.call("stop")`, nil},
		{`const d = await box(); d.spawn(["sh", "-c", "while :; do :; done"]); await d.run(["true"]); return d.call("stop")`, nil},
		{`return (await failure(box({image: undefined})))[0]`, "no image: give Box.create an image, a URL or its bytes"},
		{`return (await failure(box({image: {bytes: new Uint8Array(5000).fill(7).buffer}})))[0]`, "the image: it is not an image: it is no tar archive, or a damaged one (invalid header)"},
		{`return (await failure(box({net: "all"})))[0].slice(0, 10)`, `net="all":`},
		{`return (await failure(box({user: "nobody-here"})))[0]`, "unable to find user nobody-here: no matching entries in passwd file"},
		// The core itself ends, or does not start.
		{`const d = new Client(); d.init({}, "panic.wasm").catch(() => {}); return d.ended`, "boxer's core ended (2): panic: on purpose"},
		{`const d = new Client(); d.init({}, "empty.wasm").catch(() => {}); return (await d.ended).startsWith("boxer's core failed: ")`, true},
	})
}
