// Package size tests that the page's files stay small enough to load: what the core
// imports, and what is left of it after brotli (DESIGN §9).
package size

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The budgets in bytes after brotli, quality 11.
const (
	coreBudget   = 1_600_000
	scriptBudget = 15 * 1024
)

// dear are packages, by prefix, that the core must do without, with what they would cost it in
// KB after brotli, and what to use.
var dear = []struct{ pkg, why string }{
	{"net", "1,400 KB with net/http: fetch through jsbridge"},
	{"encoding/json", "125 KB: runtime/oci/layout reads what images have"},
	{"github.com/klauspost/compress", "90 KB: an export's layers are gzip"},
	{"archive/tar", "45 KB: wasmfs/tarfs"},
	{"crypto", "36 KB, whichever of it: runtime/sha2, jsbridge/random"},
	{"regexp", "125 KB"},
	{"text/template", "150 KB, and the linker keeps all methods"},
	{"html", "150 KB"},
	{"log/slog", "100 KB: box.Config.Log"},
	{"encoding/gob", "200 KB"},
	{"debug", "130 KB: runtime/loader reads ELF"},
	{"go", "a compiler's"},
	{"github.com/tetratelabs/wazero", "600 KB: jsbridge/wasmhost"},
	{"github.com/spf13", "320 KB: the command line's"},
	{"golang.org/x", "the server's"},
	{"boxer/runtime/engine/wazero", "the server's"},
	{"boxer/runtime/translate/dump", "35 KB: the command line's"},
	{"boxer/cmd/boxer", "the command line's"},
	{"math/big", "40 KB: who needs it?"},
	{"testing", "a test's"},
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return strings.Fields(string(out))
}

// TestCoreImports: the core reaches none of the dear packages.
func TestCoreImports(t *testing.T) {
	reached := map[string]bool{}
	for _, pkg := range goList(t, "-deps", "./cmd/boxer-web") {
		reached[pkg] = true
	}
	if !reached["boxer/runtime/translate"] || !reached["syscall/js"] {
		t.Fatal("this is not the core's import graph")
	}
	importers := map[string][]string{}
	for _, line := range strings.Split(strings.Join(goList(t, "-deps", "-f", `{{$p := .ImportPath}}{{range .Imports}}{{$p}}>{{.}} {{end}}`, "./cmd/boxer-web"), "\n"), "\n") {
		from, to, _ := strings.Cut(line, ">")
		importers[to] = append(importers[to], from)
	}
	for pkg := range reached {
		for _, d := range dear {
			if pkg == d.pkg || strings.HasPrefix(pkg, d.pkg+"/") {
				t.Errorf("the page's core reaches %s (%s), imported by %v", pkg, d.why, importers[pkg])
			}
		}
	}
}

// TestCoreSize: the core is in its budget. Compressing it takes half a minute or more, so the
// result is kept by the core's hash.
func TestCoreSize(t *testing.T) {
	needNode(t)
	file := filepath.Join("..", "..", "web", "dist", "core.wasm")
	if os.Getenv("BOXER_WEB") != "built" { // make test has just built it
		file = filepath.Join(t.TempDir(), "core.wasm")
		if out, err := exec.Command("../../web/core.sh", file).CombinedOutput(); err != nil {
			t.Fatalf("web/core.sh: %v\n%s", err, out)
		}
	}
	core, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	size := kept(t, core, func() int {
		if packed, ok := packedCore(core); ok {
			return packed
		}
		return brotli(t, file)
	})
	t.Logf("core.wasm: %d bytes, %d after brotli; %d to spare", len(core), size, coreBudget-size)
	if size > coreBudget {
		t.Errorf("core.wasm has %d bytes after brotli, its budget is %d: see web/core.sh, and what you added", size, coreBudget)
	}
}

// packedCore is the size of what make web packed, if it was this core.
func packedCore(core []byte) (int, bool) {
	dist := filepath.Join("..", "..", "web", "dist")
	hash, err := os.ReadFile(filepath.Join(dist, ".core.sha256"))
	if err != nil || string(hash) != fmt.Sprintf("%x", sha256.Sum256(core)) {
		return 0, false
	}
	packed, err := os.Stat(filepath.Join(dist, "core.wasm.br"))
	if err != nil {
		return 0, false
	}
	return int(packed.Size()), true
}

// kept is the size that measure finds for data, from the cache where it is there.
func kept(t *testing.T, data []byte, measure func() int) int {
	t.Helper()
	dir, err := filepath.Abs("../.cache/size")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, fmt.Sprintf("%x", sha256.Sum256(data)))
	if text, err := os.ReadFile(name); err == nil {
		if n, err := strconv.Atoi(string(text)); err == nil {
			return n
		}
	}
	n := measure()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strconv.Itoa(n)), 0o644); err != nil {
		t.Fatal(err)
	}
	return n
}

func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: nothing can be compressed")
	}
}

// brotli is a file's size after brotli, as a server sends it at best.
func brotli(t *testing.T, file string) int {
	t.Helper()
	out, err := exec.Command("node", "-p", `const z = require("zlib");
		z.brotliCompressSync(require("fs").readFileSync(process.argv[1]), { params: {
			[z.constants.BROTLI_PARAM_QUALITY]: 11, [z.constants.BROTLI_PARAM_LGWIN]: 24 } }).length`, file).Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestScriptSize: so is boxer.js, where it is built.
func TestScriptSize(t *testing.T) {
	needNode(t)
	for _, name := range []string{"boxer.js", "boxer.mjs"} {
		file := filepath.Join("..", "..", "web", "dist", name)
		if _, err := os.Stat(file); err != nil {
			t.Skip("web/dist has no " + name + ": run make web")
		}
		if n := brotli(t, file); n > scriptBudget {
			t.Errorf("%s has %d bytes after brotli, its budget is %d", name, n, scriptBudget)
		}
	}
}

// TestSmaller: a program does the same after web/core.mjs, and names the functions of a trace; its
// lines are there if they are asked for.
func TestSmaller(t *testing.T) {
	needNode(t)
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.wasm")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", whole, "./testdata/trace")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := func(lines string) string {
		file := filepath.Join(dir, "out"+lines+".wasm")
		cmd := exec.Command("node", "../../web/core.mjs", whole, file)
		cmd.Env = append(os.Environ(), "BOXER_LINES="+lines)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("core.mjs: %v\n%s", err, out)
		}
		out, err := exec.Command("../../jsbridge/nodeexec", file).CombinedOutput()
		if err != nil {
			t.Fatalf("the program: %v\n%s", err, out)
		}
		return string(out)
	}
	with, without := run("1"), run("")
	for _, want := range []string{"5000", "assignment to entry in nil map", "main.failing", "main.trace"} {
		if !strings.Contains(with, want) || !strings.Contains(without, want) {
			t.Errorf("no %q in\n%s\nor\n%s", want, with, without)
		}
	}
	if !strings.Contains(with, "main.go:") || strings.Contains(without, ".go:") {
		t.Errorf("lines are missing in\n%s\nor there in\n%s", with, without)
	}
}
