package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// buildNode compiles boxer for the page's engine as a program that Node runs:
// the same kernel and translator as GOOS=js, on V8.
func (p *programs) buildNode(work string) error {
	if _, err := exec.LookPath("node"); err != nil {
		return fmt.Errorf("it needs node: %w", err)
	}
	const pkg = "./e2e/noderun"
	if _, err := os.Stat(filepath.Join(p.module, pkg)); err != nil {
		return fmt.Errorf("this tree has no %s", pkg)
	}
	p.wasm = filepath.Join(work, "noderun.wasm")
	return command(p.module, []string{"GOOS=js", "GOARCH=wasm"}, "go", "build", "-o", p.wasm, pkg)
}

// nodeCommand runs that program with the loader of package wasmhost.
func nodeCommand(ctx context.Context, p *programs, args []string) *exec.Cmd {
	loader := filepath.Join(p.module, "jsbridge", "nodeexec")
	return exec.CommandContext(ctx, loader, append([]string{p.wasm, p.rootfs}, args...)...)
}
