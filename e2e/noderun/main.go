//go:build js

// Noderun is `boxer run --rootfs` in Node: the kernel and the translator as a page
// has them, on V8, so that the bench and the conformance tests reach the
// page's engine from a terminal.
//
//	GOOS=js GOARCH=wasm go build -o noderun.wasm ./e2e/noderun
//	jsbridge/nodeexec noderun.wasm [-ahead DIR] [-stats] ROOTFS COMMAND [ARG...]
//
// DIR has the translations of an export (image/t). -stats prints the translator's counters at the end.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"boxer/jsbridge/random"
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/box"
	"boxer/runtime/oci"
	"boxer/runtime/oci/spec"
	"boxer/runtime/translate"
	"boxer/runtime/translate/ahead"
)

func main() {
	translations := flag.String("ahead", "", "`directory` of translations made ahead")
	stats := flag.Bool("stats", false, "print counters at the end")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: noderun [-ahead DIR] [-stats] ROOTFS COMMAND [ARG...]")
		os.Exit(2)
	}
	code, err := run(flag.Arg(0), flag.Args()[1:], *translations, *stats)
	if err != nil {
		fmt.Fprintln(os.Stderr, "noderun:", err)
		code = 125
	}
	os.Exit(code)
}

func run(rootfs string, args []string, translations string, stats bool) (int, error) {
	files, err := oci.OpenRootFS(rootfs, nil)
	if err != nil {
		return 0, err
	}
	// Reading a file of the host waits for Node's loop, which what guest code
	// calls must never do: all is read at once.
	data := make([]byte, files.Size)
	if _, err := io.ReadFull(io.NewSectionReader(files, 0, files.Size), data); err != nil {
		return 0, err
	}
	files = spec.NewTar(bytes.NewReader(data), files.Size, nil)
	eng, profile := wasmhost.New(), translate.V8()
	profile.RelaxedMadd = eng.FusedMadd()
	set, err := load(translations)
	if err != nil {
		return 0, err
	}
	b, err := box.Create(box.Config{
		Engine:  eng,
		Profile: profile,
		Ahead:   set,
		RootFS:  files,
		Random:  random.Reader,
		Args:    args,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Serial:  true,
		Yield:   runtime.Gosched,
		Log:     func(line string) { fmt.Fprintln(os.Stderr, "noderun:", line) },
	})
	if err != nil {
		return 0, err
	}
	defer b.Close()
	if err := b.Start(); err != nil {
		return 0, err
	}
	status := b.Wait(context.Background())
	if stats {
		counters := b.Stats()
		for _, name := range slices.Sorted(maps.Keys(counters)) {
			fmt.Fprintln(os.Stderr, "noderun:", name, counters[name])
		}
	}
	return status.ShellCode(), status.Err
}

// load reads translations; those for engines that are not this one stay out.
func load(dir string) (translate.Ahead, error) {
	if dir == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, ahead.IndexName))
	if err != nil {
		return nil, err
	}
	set, err := ahead.Parse(text)
	if err != nil {
		return nil, err
	}
	if !set.Fits(translate.V8()) {
		return nil, fmt.Errorf("%s: made by another translator: %s", dir, set.Identity)
	}
	for _, m := range set.Modules {
		bin, err := os.ReadFile(filepath.Join(dir, m.Name))
		if err != nil {
			return nil, err
		}
		if err := set.ProvideBytes(m, bin); err != nil {
			return nil, err
		}
	}
	return set, nil
}
