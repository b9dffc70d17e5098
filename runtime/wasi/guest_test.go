package wasi

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/engine"
	"boxer/runtime/kernel"
	"boxer/runtime/mm"
	"boxer/runtime/syscalls"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

// machine is an instruction set without programs.
type machine struct{ arch.Machine }

func (machine) Info() arch.MachineInfo { return arch.MachineInfo{Name: "none", Platform: "wasi/wasm"} }
func (machine) SigreturnCode() []byte  { return nil }

// A box is a kernel with a file tree.
type box struct {
	*kernel.Kernel
	t   testing.TB
	ns  *wasmfs.Namespace
	env *wasmfs.Env
	mu  sync.Mutex
	log strings.Builder
}

// newBox makes a box with /app.wasm and /w, a directory.
func newBox(t testing.TB, module []byte, options ...func(*kernel.Config)) *box {
	t.Helper()
	backend, err := mem.NewFS()
	if err != nil {
		t.Fatal(err)
	}
	root, err := inode.New(inode.Options{Store: chunk.New(backend, chunk.Options{Volatile: true})})
	if err != nil {
		t.Fatal(err)
	}
	b := &box{t: t, ns: wasmfs.NewNamespace(root, "root", 0)}
	b.env = &wasmfs.Env{Root: b.ns.Root(), Cwd: b.ns.Root(), Cred: wasmfs.Root}
	for _, d := range []string{"/w", "/dev", "/proc", "/sys"} {
		if err := b.ns.Mkdir(b.env, wasmfs.Path{}, d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.write("/app.wasm", module)
	cfg := kernel.Config{
		Machine:  machine{},
		NewSpace: func() (*mm.Space, error) { return mm.New(testEngine(), mm.Options{}) },
		NewCPU:   func(*mm.Space) (arch.CPU, error) { panic("BUG: a Linux program in this test") },
		NewWASI: func(s *mm.Space, p kernel.WASIProgram) (arch.CPU, arch.Regs, error) {
			return New(testEngine(), s, p)
		},
		Syscalls: NewDispatcher(syscalls.New()),
		Files:    b.ns,
		Random:   rand.Reader,
		Log: func(line string) {
			b.mu.Lock()
			b.log.WriteString(line + "\n")
			b.mu.Unlock()
		},
	}
	for _, o := range options {
		o(&cfg)
	}
	cfg.Serial = cfg.Serial || serialOnly
	if b.Kernel, err = kernel.New(cfg); err != nil {
		t.Fatal(err)
	}
	return b
}

// write makes an executable file.
func (b *box) write(name string, data []byte) {
	b.t.Helper()
	_, f, err := b.ns.Open(b.env, wasmfs.Path{}, name, abi.O_CREAT|abi.O_WRONLY, 0o755, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.(io.WriterAt).WriteAt(data, 0); err != nil {
		b.t.Fatal(err)
	}
}

// logged is what the box said.
func (b *box) logged() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}

// run runs /app.wasm until the box ends.
func (b *box) run(e kernel.Exec) (kernel.ExitStatus, string) {
	b.t.Helper()
	out := new(output)
	e.Path, e.Stdout, e.Stderr = "/app.wasm", out, out
	if _, err := b.Spawn(e); err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	st := b.Run(ctx)
	if ctx.Err() != nil {
		b.t.Fatalf("the box did not end; %s", out.String())
	}
	return st, out.String()
}

// spawnError is why a module is refused.
func spawnError(t *testing.T, module []byte) error {
	t.Helper()
	_, err := newBox(t, module).Spawn(kernel.Exec{Path: "/app.wasm"})
	return err
}

// noSuspend is an engine whose host functions may not block, as a page's
// without JavaScript Promise Integration.
type noSuspend struct{ engine.Engine }

// needsToWait skips a test where programs cannot be taken off the stack.
func needsToWait(t *testing.T) {
	t.Helper()
	eng := testEngine()
	if s, ok := eng.(engine.Suspender); ok && s.Suspends() {
		return
	}
	if f, ok := eng.(engine.FiberEngine); !ok || !f.Fibers() {
		t.Skipf("%s can neither block nor suspend a program", eng.Name())
	}
}

// output takes what a box writes. The streams of an inline program are written
// side by side.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
