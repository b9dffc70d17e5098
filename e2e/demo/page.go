package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// examples are what the demo's page offers; web/pages/page.js says what the
// fields mean. All run in one image.
var examples = []map[string]any{
	{
		"title": "A shell", "cmd": "sh",
		"about": "Debian's busybox, compiled for Linux on arm64 and not changed since. Try ls /bin, vi, or ps.",
		"edit":  map[string]string{"path": "/root/hello.sh", "run": "sh /root/hello.sh", "text": "echo hello from $(uname -s) on $(uname -m)\nls -l /\n"},
	},
	{
		"title": "Edit and run", "cmd": "sh",
		"about": "A program in the box. Change it, run it, see what it says and its exit code.",
		"edit": map[string]string{"path": "/root/primes.awk", "run": "awk -f /root/primes.awk", "text": `# The primes below max, by the sieve of Eratosthenes.
BEGIN {
	max = 200
	for (n = 2; n < max; n++) {
		if (n in composite) continue
		printf "%d ", n
		for (m = n * n; m < max; m += n) composite[m]
	}
	print ""
}
`},
	},
	{
		"title": "A Go program", "cmd": "mandelbrot",
		"about": "A program of goroutines, compiled for Linux on arm64. It says below what it thinks it runs on.",
		"edit":  map[string]string{"path": "", "run": "mandelbrot"},
	},
	{
		"title": "WASI", "cmd": "mandelbrot.wasm",
		"about": "The same program, compiled to WebAssembly (WASI preview 1): the box runs it beside the others.",
		"edit":  map[string]string{"path": "", "run": "mandelbrot.wasm"},
	},
}

// warmUp runs what the examples run, so that their translations travel along.
const warmUp = `mandelbrot >/dev/null; mandelbrot.wasm >/dev/null; uname -sm >/dev/null; ls -l / >/dev/null
awk 'BEGIN { for (n = 2; n < 50; n++) { if (n in c) continue; printf "%d ", n; for (m = n * n; m < 50; m += n) c[m] }; print "" }' >/dev/null
exec sh -i`

// page makes a site of the image with the examples, in dir.
func page(dir, image string) error {
	if err := boxer([]string{"export", "--quiet", "--web", dir, "--title", "boxer", "--memory", "256m", image, "sh", "-c", warmUp}); err != nil {
		return err
	}
	file := filepath.Join(dir, "site.json")
	var site map[string]any
	if err := readJSON(file, &site); err != nil {
		return err
	}
	delete(site, "cmd")
	site["about"] = examples[0]["about"]
	site["examples"] = examples
	data, err := writeJSON(file, site)
	if err != nil {
		return err
	}
	// What is kept for offline use is listed by its content.
	file = filepath.Join(dir, "sw-manifest.json")
	var kept struct {
		Version string           `json:"version"`
		Files   []map[string]any `json:"files"`
	}
	if err := readJSON(file, &kept); err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	for _, f := range kept.Files {
		if f["url"] == "site.json" {
			f["sha256"], f["size"] = hex.EncodeToString(sum[:]), len(data)
		}
	}
	kept.Version = hex.EncodeToString(sum[:4]) + kept.Version
	_, err = writeJSON(file, kept)
	return err
}

func readJSON(file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func writeJSON(file string, v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), os.WriteFile(file, b.Bytes(), 0o644)
}
