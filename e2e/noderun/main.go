//go:build js

// Noderun is `boxer run --rootfs` in Node: the kernel and the translator as a page
// has them, on V8, so that the bench and the conformance tests reach the
// page's engine from a terminal.
//
//	GOOS=js GOARCH=wasm go build -o noderun.wasm ./e2e/noderun
//	jsbridge/nodeexec noderun.wasm ROOTFS COMMAND [ARG...]
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"boxer/jsbridge/wasmhost"
	"boxer/runtime/box"
	"boxer/runtime/oci"
	"boxer/runtime/translate"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: noderun ROOTFS COMMAND [ARG...]")
		os.Exit(2)
	}
	code, err := run(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "noderun:", err)
		code = 125
	}
	os.Exit(code)
}

func run(rootfs string, args []string) (int, error) {
	files, err := oci.OpenRootFS(rootfs, nil)
	if err != nil {
		return 0, err
	}
	eng, profile := wasmhost.New(), translate.V8()
	profile.RelaxedMadd = eng.FusedMadd()
	b, err := box.Create(box.Config{
		Engine:  eng,
		Profile: profile,
		RootFS:  files,
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
	return status.ShellCode(), status.Err
}
