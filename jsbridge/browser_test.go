//go:build !js

package jsbridge_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/jsbridge/nodetest"
)

// worker runs the test binary as nodeexec does, in a page's worker. It posts
// what the tests print, and the exit code.
const worker = `
importScripts("wasm_exec.js", "wasmhost.js");
const decoder = new TextDecoder();
fs.writeSync = (fd, bytes) => {
	postMessage(decoder.decode(bytes, { stream: true }));
	return bytes.length;
};
onmessage = async ({ data: args }) => {
	try {
		const go = new Go();
		go.argv = ["wasmhost.test", ...args];
		go.env = { TMPDIR: "/tmp" };
		go.exit = (code) => postMessage(code);
		go.importObject.boxer_wasmhost = boxerWasmHost(go);
		const { instance } = await WebAssembly.instantiateStreaming(fetch("test.wasm"), go.importObject);
		await go.run(instance);
	} catch (e) {
		postMessage("the worker: " + e.stack);
		postMessage(-1);
	}
};
`

const run = `(args) => new Promise((done) => {
	const worker = new Worker("worker.js");
	let output = "";
	worker.onmessage = ({ data }) => {
		if (typeof data === "string") output += data;
		else {
			worker.terminate();
			done({ code: data, output });
		}
	};
	worker.onerror = (e) => done({ code: -1, output: output + e.message });
	worker.postMessage(args);
})`

// TestInBrowser runs the engine's tests in the engines of browsers, and those of
// IndexedDB, which Node lacks; also those of WASI programs, which are suspended as the engine can.
func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs js/wasm programs")
	}
	nodetest.Reads(t, ".", "../runtime/engine", "../runtime/wasm", "../runtime/wasi", "../runtime/kernel", "../wasmfs", "../e2e/web/driver.mjs")
	packages := []struct {
		name    string
		dir     string
		args    []string
		passing string // what tests that must have run are called
		least   int
	}{
		{"wasmhost", "./wasmhost", []string{"-test.v"}, "TestEngine", 30},
		{"idb", "./idb", []string{"-test.v"}, "Test", 4},
		{"wasi", "../runtime/wasi", []string{"-test.v", "-test.skip=Rewrite|Tables"}, "Test", 10},
	}
	files := http.NewServeMux()
	file := func(name, path string) {
		files.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
	}
	text := func(name, kind, text string) {
		files.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Write([]byte(text))
		})
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		binary := filepath.Join(t.TempDir(), "test.wasm")
		cmd := exec.Command("go", "test", "-c", "-o", binary, p.dir)
		cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go test -c %s: %v\n%s", p.dir, err, out)
		}
		file(p.name+"/test.wasm", binary)
		file(p.name+"/wasm_exec.js", filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
		file(p.name+"/wasmhost.js", filepath.Join("wasmhost", "wasmhost.js"))
		text(p.name+"/worker.js", "text/javascript", worker)
		text(p.name+"/{$}", "text/html", "<!doctype html><title>tests</title>")
	}
	server := httptest.NewServer(files)
	defer server.Close()

	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		b := browser.Start(t, kind)
		for _, p := range packages {
			page := b.Open(t, server.URL+"/"+p.name+"/", browser.PageOptions{})
			var got struct {
				Code   int
				Output string
			}
			if err := page.EvalIn(5*time.Minute, &got, run, p.args); err != nil {
				t.Fatal(err)
			}
			passed := len(regexp.MustCompile(`(?m)^ *--- PASS: `+p.passing).FindAllString(got.Output, -1))
			if got.Code != 0 || passed < p.least {
				t.Errorf("%s: %s: exit code %d, %d passed\n%s", b.Version, p.name, got.Code, passed, got.Output)
				continue
			}
			if skipped := regexp.MustCompile(`(?m)^ *--- SKIP.*`).FindAllString(got.Output, -1); len(skipped) > 0 {
				t.Logf("%s: %s: %q", b.Version, p.name, skipped)
			}
			said := regexp.MustCompile(`(?m)^ +\w+_test\.go:.*\n`).FindAllString(got.Output, -1)
			t.Logf("%s: %s: %d passed\n%s", b.Version, p.name, passed, strings.Join(said, ""))
		}
	})
}
