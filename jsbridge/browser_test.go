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

// TestInBrowser runs the engine's tests in the engines of browsers.
func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs js/wasm programs")
	}
	nodetest.Reads(t, ".", "../runtime/engine", "../runtime/wasm", "../e2e/web/driver.mjs")
	binary := filepath.Join(t.TempDir(), "test.wasm")
	cmd := exec.Command("go", "test", "-c", "-o", binary, "./wasmhost")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go test -c ./wasmhost: %v\n%s", err, out)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
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
	file("test.wasm", binary)
	file("wasm_exec.js", filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	file("wasmhost.js", filepath.Join("wasmhost", "wasmhost.js"))
	text("worker.js", "text/javascript", worker)
	text("{$}", "text/html", "<!doctype html><title>tests</title>")
	server := httptest.NewServer(files)
	defer server.Close()

	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		b := browser.Start(t, kind)
		page := b.Open(t, server.URL, browser.PageOptions{})
		var got struct {
			Code   int
			Output string
		}
		if err := page.EvalIn(5*time.Minute, &got, run, []string{"-test.v"}); err != nil {
			t.Fatal(err)
		}
		passed := len(regexp.MustCompile(`(?m)^ *--- PASS: TestEngine`).FindAllString(got.Output, -1))
		if got.Code != 0 || passed < 30 {
			t.Errorf("%s: exit code %d, %d passed\n%s", b.Version, got.Code, passed, got.Output)
			return
		}
		t.Logf("%s: %d passed", b.Version, passed)
	})
}
