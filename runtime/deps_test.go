// Package runtime_test holds the import policy of the whole module: which
// package may import which, as a text one can read, and a test that fails on
// any other arrow. It reads every file whatever its build tags.
package runtime_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// policy has a row for each package: what its files that are not tests may
// import from this module. A name that ends in "/..." stands for the package
// and everything below it; the longest matching row counts. "runtime/" is
// left out, except where a name would be unclear.
const policy = `
	abi                ->
	knob               ->
	sha2               ->
	wasm               ->
	softfloat/...      ->
	engine             -> sha2
	engine/enginetest  -> engine wasm
	diskstore          ->
	engine/wazero      -> engine diskstore
	arch               ->
	ir                 -> knob
	ir/ireval          -> ir softfloat
	emit               -> ir wasm knob arch
	arch/arm64         -> arch abi ir
	arch/arm64/decode/...  ->
	arch/arm64/lift/...    -> arch arch/arm64 arch/arm64/decode ir softfloat abi
	translate          -> arch arch/arm64 arch/arm64/decode arch/arm64/lift ir emit wasm softfloat engine knob sha2
	translate/ahead    -> translate engine sha2
	translate/dump     -> translate emit wasm knob
	mm                 -> abi engine arch sha2
	loader             -> mm arch abi wasmfs/... sha2
	tty                -> abi
	vnet/...           -> abi
	kernel/...         -> arch mm loader tty vnet abi wasmfs/... kernel/... engine knob
	syscalls           -> kernel/... arch mm loader tty vnet abi wasmfs/... knob
	wasi               -> kernel/... engine wasm arch abi mm wasmfs/... knob
	oci/spec           -> sha2
	oci/lazy           -> oci/spec sha2
	oci/layout         -> oci/spec sha2
	oci/remote         -> oci/spec oci/lazy oci/layout wasmfs/tarfs abi sha2
	oci                -> oci/spec oci/lazy oci/layout diskstore wasmfs/tarfs
	box                -> kernel/... syscalls translate wasi oci/spec engine arch arch/arm64 abi mm loader tty vnet wasmfs/... knob sha2
	box/warmup         -> box kernel translate translate/ahead engine oci/spec
	jsbridge/pageimage -> oci/remote jsbridge/loop jsbridge/port
	jsbridge/...       -> engine wasm abi wasmfs/... jsbridge/... sha2
	jsbridge/translations -> jsbridge/... translate translate/ahead engine wasm
	wasmfs/...         -> abi wasmfs/... sha2
	cmd/boxer          -> translate/dump box box/warmup diskstore engine engine/wazero knob oci/... abi kernel wasmfs/... tty cmd/boxer/...
	cmd/boxer/webdist  ->
	cmd/boxer/verify   ->
	cmd/boxer/site     -> oci oci/spec wasmfs/tarfs
	cmd/boxer-web      -> box engine translate translate/ahead jsbridge/... knob oci/... abi kernel wasmfs/... tty sha2
	e2e/...            -> e2e/... jsbridge/... softfloat/... diskstore syscalls wasi oci/... abi box engine engine/wazero engine/enginetest translate translate/ahead box/warmup arch arch/arm64 arch/arm64/decode arch/arm64/lift ir emit wasm mm kernel knob
`

// testPolicy says what test files may import beyond their package's row. The
// row "*" holds for all.
const testPolicy = `
	*                  -> engine engine/enginetest engine/wazero wasm softfloat/fpvectors arch abi wasmfs/... e2e/guests knob
	arch/arm64/...     -> ir emit arch/arm64 arch/arm64/decode arch/arm64/lift translate mm e2e/...
	ir                 -> arch/arm64 arch/arm64/lift ir/ireval
	emit               -> arch/arm64 arch/arm64/decode arch/arm64/lift ir/ireval
	translate/...      -> ir mm e2e/...
	kernel/...         -> syscalls translate mm wasi box
	syscalls           -> translate wasi mm box
	wasi               -> syscalls translate box jsbridge/...
	loader             -> syscalls
	box                -> e2e/... oci
	oci/remote         -> oci
	box/warmup         -> e2e/... oci
	jsbridge/pageimage -> oci/...
	jsbridge           -> e2e/...
	e2e/...            -> syscalls wasi loader box kernel
	cmd/boxer-web      -> e2e/...
`

// never lists what must not be reachable through any chain of imports.
const never = `
	kernel     -> translate emit ir arch/arm64 engine/wazero
	translate  -> kernel mm loader wasmfs
	emit       -> arch/arm64
	ir         -> arch/arm64 wasm
	wasm       -> ir arch
	softfloat  -> ir arch
	box        -> oci diskstore engine/wazero
	cmd/boxer  -> jsbridge
	cmd/boxer-web -> engine/wazero cmd/boxer oci
`

// dear lists what a page cannot afford: none of the packages that a box is
// made of may import it. encoding/json alone would be 124 KB of core.wasm,
// net/http 1.4 MB (brotli).
const dear = `
	oci/remote -> encoding/json net/http net/url net archive/tar regexp text/template html/template log/slog github.com/klauspost/compress os
	cmd/boxer-web -> encoding/json net/http net/url archive/tar regexp text/template html/template log/slog github.com/klauspost/compress
	box        -> encoding/json net/http net archive/tar compress/gzip regexp text/template html/template log/slog github.com/klauspost/compress
`

// foreign says which packages may import what lies outside the module and
// the standard library (and syscall/js, which has one owner). Rows match by
// import path prefix. Tests of any package may also import what the row
// "tests" names.
const foreign = `
	syscall/js                      -> jsbridge/... cmd/boxer-web
	github.com/tetratelabs/wazero   -> engine/wazero
	github.com/spf13                -> cmd/boxer
	golang.org/x/term               -> cmd/boxer e2e/...
	golang.org/x/sys                -> cmd/boxer engine/wazero wasmfs/host oci e2e/...
	golang.org/x/sync               -> box oci/... translate engine/wazero
	github.com/hack-pad/hackpadfs   -> wasmfs/... kernel/... box jsbridge/heapfs
	github.com/hack-pad/go-indexeddb -> jsbridge/idb
	github.com/klauspost/compress   -> oci/... wasmfs/...
	github.com/opencontainers       -> oci/...
`

// foreignTests may be imported by every test. wazero stands here because the
// encoder's tests let it judge their modules.
var foreignTests = []string{
	"github.com/google/go-cmp",
	"github.com/rogpeppe/go-internal",
	"github.com/creack/pty",
	"github.com/tetratelabs/wazero",
	"github.com/klauspost/compress",
	"github.com/hack-pad/hackpadfs",
	"golang.org/x/sys",
	"golang.org/x/term",
}

// topLevel is what may stand at the top of the repository, beside dot-files.
var topLevel = []string{"cmd", "runtime", "jsbridge", "wasmfs", "web", "e2e",
	"go.mod", "go.sum", "Makefile", "README.md", "bin"}

const module = "boxer"

// A row is one line of a policy text.
type row struct {
	from string
	to   []string
}

func parsePolicy(t *testing.T, text string) []row {
	t.Helper()
	var rows []row
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		from, to, ok := strings.Cut(line, "->")
		if !ok {
			t.Fatalf("policy line without an arrow: %q", line)
		}
		rows = append(rows, row{strings.TrimSpace(from), strings.Fields(to)})
	}
	return rows
}

// short turns an import path of this module into the policy's spelling.
func short(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module+"/"), "runtime/")
}

// match reports whether pattern covers pkg.
func match(pattern, pkg string) bool {
	if root, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == root || strings.HasPrefix(pkg, root+"/")
	}
	return pattern == pkg
}

func matchAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, pkg) })
}

// find returns the most specific row for pkg.
func find(rows []row, pkg string) (row, bool) {
	best, ok := row{}, false
	for _, r := range rows {
		if match(r.from, pkg) && (!ok || len(r.from) > len(best.from)) {
			best, ok = r, true
		}
	}
	return best, ok
}

// A source is one Go file as the policy sees it.
type source struct {
	file    string // relative to the top
	pkg     string // in the policy's spelling
	test    bool
	imports []string
}

func readSources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		out = append(out, source{
			file:    rel,
			pkg:     short(module + "/" + filepath.ToSlash(filepath.Dir(rel))),
			test:    strings.HasSuffix(name, "_test.go"),
			imports: importPaths(f),
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func importPaths(f *ast.File) []string {
	var paths []string
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// guest reports whether a package is a program that boxes run in tests: it
// imports nothing of the module and is no part of boxer.
func guest(pkg string) bool { return strings.HasPrefix(pkg, "e2e/guests/") }

func TestImportPolicy(t *testing.T) {
	rows := parsePolicy(t, policy)
	testRows := parsePolicy(t, testPolicy)
	foreignRows := parsePolicy(t, foreign)
	everyTest, _ := find(testRows, "*")
	graph, std := map[string]map[string]bool{}, map[string][]string{}
	for _, src := range readSources(t) {
		if src.pkg == "runtime" || src.pkg == "." { // this file
			continue
		}
		allowed, ok := find(rows, src.pkg)
		if !ok {
			t.Errorf("%s: package %s has no row in the import policy (runtime/deps_test.go): give it one", src.file, src.pkg)
			continue
		}
		if !src.test {
			std[src.pkg] = append(std[src.pkg], src.imports...)
		}
		extra, _ := find(testRows, src.pkg)
		for _, imp := range src.imports {
			switch {
			case imp == module || strings.HasPrefix(imp, module+"/"):
				to := short(imp)
				if guest(src.pkg) {
					t.Errorf("%s: a guest program imports %s", src.file, imp)
				}
				ok := to == src.pkg || matchAny(allowed.to, to) ||
					src.test && (matchAny(extra.to, to) || matchAny(everyTest.to, to))
				if !ok {
					t.Errorf("%s: wrong arrow %s -> %s", src.file, src.pkg, to)
				}
				if !src.test {
					if graph[src.pkg] == nil {
						graph[src.pkg] = map[string]bool{}
					}
					graph[src.pkg][to] = true
				}
			case imp == "syscall/js" || strings.Contains(strings.Split(imp, "/")[0], "."):
				if !foreignAllowed(foreignRows, src, imp) {
					t.Errorf("%s: %s may not import %s", src.file, src.pkg, imp)
				}
			}
		}
	}
	checkNever(t, graph)
	for _, r := range parsePolicy(t, dear) {
		for pkg := range reachable(graph, r.from) {
			for _, imp := range std[pkg] {
				if slices.ContainsFunc(r.to, func(p string) bool { return imp == p || strings.Contains(p, ".") && strings.HasPrefix(imp, p+"/") }) {
					t.Errorf("%s must do without %s, which %s imports", r.from, imp, pkg)
				}
			}
		}
	}
}

// reachable are the packages that from imports, itself and indirectly, each
// with one that imports it.
func reachable(graph map[string]map[string]bool, from string) map[string]string {
	via := map[string]string{from: ""}
	queue := []string{from}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for to := range graph[at] {
			if _, seen := via[to]; !seen {
				via[to] = at
				queue = append(queue, to)
			}
		}
	}
	return via
}

// foreignAllowed reports whether src may import imp, a path outside the
// module.
func foreignAllowed(rows []row, src source, imp string) bool {
	under := func(prefix string) bool { return imp == prefix || strings.HasPrefix(imp, prefix+"/") }
	if src.test && slices.ContainsFunc(foreignTests, under) {
		return true
	}
	return slices.ContainsFunc(rows, func(r row) bool { return under(r.from) && matchAny(r.to, src.pkg) })
}

// checkNever fails for every forbidden package that is reachable.
func checkNever(t *testing.T, graph map[string]map[string]bool) {
	t.Helper()
	for _, r := range parsePolicy(t, never) {
		via := reachable(graph, r.from)
		for _, bad := range r.to {
			if _, reached := via[bad]; !reached {
				continue
			}
			chain := bad
			for at := via[bad]; at != ""; at = via[at] {
				chain = at + " -> " + chain
			}
			t.Errorf("%s must never reach %s: %s", r.from, bad, chain)
		}
	}
}

// TestTopLevel keeps the top of the repository as it is meant to be.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s stands at the top level; the layout there is fixed: %v", e.Name(), topLevel)
		}
	}
}

// TestPolicyFails proves that the checker sees wrong arrows.
func TestPolicyFails(t *testing.T) {
	rows := parsePolicy(t, policy)
	for _, c := range []struct{ from, to string }{
		{"kernel", "translate"}, {"translate", "kernel"}, {"kernel/kernfs", "emit"}, {"wasm", "ir"}, {"abi", "kernel"},
	} {
		r, ok := find(rows, c.from)
		if !ok || matchAny(r.to, c.to) {
			t.Errorf("%s -> %s passes", c.from, c.to)
		}
	}
	src := source{pkg: "kernel"}
	for _, imp := range []string{"syscall/js", "github.com/tetratelabs/wazero/api", "example.com/x"} {
		if foreignAllowed(parsePolicy(t, foreign), src, imp) {
			t.Errorf("kernel may import %s", imp)
		}
	}
}
