//go:build !js

package wasi

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"testing"

	wz "github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"boxer/e2e/guests"
	"boxer/runtime/kernel"
)

// TestSameAsWazero runs Go programs here and on wazero's own WASI, over a real
// directory: they must say the same.
func TestSameAsWazero(t *testing.T) {
	for _, c := range []struct {
		guest string
		args  []string
	}{
		{"hello", nil},
		{"files", []string{"/w"}},
		{"files", []string{"/none/there"}},
		{"concurrent", nil},
	} {
		bin, err := os.ReadFile(guests.WASI(t, c.guest))
		if err != nil {
			t.Fatal(err)
		}
		args := append([]string{c.guest}, c.args...)
		wantCode, want := wazeroRun(t, bin, args)
		st, got := newBox(t, bin).run(kernel.Exec{Argv: args})
		if st != (kernel.ExitStatus{Code: wantCode}) || got != want {
			t.Errorf("%v: %+v\n%s\nwazero: %d\n%s", args, st, got, wantCode, want)
		}
	}
}

func wazeroRun(t *testing.T, bin []byte, args []string) (code int, out string) {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"/w", "/dev", "/proc", "/sys"} {
		if err := os.Mkdir(dir+d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	r := wz.NewRuntime(ctx)
	defer r.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	var b bytes.Buffer
	_, err := r.InstantiateWithConfig(ctx, bin, wz.NewModuleConfig().WithArgs(args...).
		WithStdout(&b).WithStderr(&b).WithRandSource(rand.Reader).
		WithSysWalltime().WithSysNanotime().WithSysNanosleep().
		WithFSConfig(wz.NewFSConfig().WithDirMount(dir, "/")))
	var exit *sys.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		code = int(exit.ExitCode())
	}
	return code, b.String()
}
