package kernel_test

import (
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
)

// slowHost is a host where the contents of a file have to be fetched.
type slowHost struct {
	mu       sync.Mutex
	trying   bool
	refused  func()
	fetched  bool
	broken   bool
	attempts int
}

func (h *slowHost) Try() { h.trying, h.refused = true, nil }

func (h *slowHost) Tried() (wait func()) {
	h.trying = false
	return h.refused
}

func (h *slowHost) Refused() bool { return h.refused != nil }

func (h *slowHost) fetch() {
	time.Sleep(20 * time.Millisecond)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.attempts++
	h.fetched = !h.broken
}

// lazyFile is a file system of one file, which holds "lazy".
type lazyFile struct{ h *slowHost }

func (f lazyFile) Root() wasmfs.Node                          { return f }
func (f lazyFile) Kind() string                               { return "lazy" }
func (f lazyFile) Type() uint32                               { return abi.S_IFREG }
func (f lazyFile) Stat() (abi.Stat, error)                    { return abi.Stat{Mode: abi.S_IFREG | 0o444, Size: 4}, nil }
func (f lazyFile) Open(*wasmfs.Env, int) (wasmfs.File, error) { return f, nil }
func (f lazyFile) Close() error                               { return nil }

func (f lazyFile) ReadAt(p []byte, off int64) (int, error) {
	h := f.h
	h.mu.Lock()
	there := h.fetched
	h.mu.Unlock()
	if !there && h.trying {
		h.refused = h.fetch
		return 0, errors.New("it would have to wait")
	}
	if !there {
		h.fetch()
		if h.broken {
			return 0, abi.EIO
		}
	}
	if off >= 4 {
		return 0, io.EOF
	}
	return copy(p, "lazy"[off:]), nil
}

// While a file is fetched, the box goes on, and the call from inside guest
// code is made again outside; what cannot be fetched is an error.
func TestHostFetches(t *testing.T) {
	for _, mode := range modes {
		if !mode.serial {
			continue
		}
		for _, broken := range []bool{false, true} {
			h := &slowHost{broken: broken}
			w := &world{fast: mode.fast, programs: []program{func(g *guest) int {
				r, wr := g.pipe(0)
				g.fork(func(c *guest) { c.write(wr, "meanwhile") })
				fd := g.sys(56, ^uint64(99), g.str("/tmp/lazy"), abi.O_RDONLY, 0)
				n, s := g.read(uint64(fd), 10)
				switch {
				case broken:
					g.want(n, -int64(abi.EIO), "read of what cannot be fetched")
				case s != "lazy":
					g.t.Errorf("read: %d %q", n, s)
				}
				if n, _ := g.read(r, 20); n != 9 {
					g.t.Errorf("the child wrote %d bytes", n)
				}
				return 0
			}}}
			k := newBox(t, w, func(c *kernel.Config) {
				c.Serial, c.Host = true, h
				env := &wasmfs.Env{Root: c.Files.Root(), Cwd: c.Files.Root(), Cred: wasmfs.Root}
				p, err := c.Files.Mknod(env, wasmfs.Path{}, "/tmp/lazy", abi.S_IFREG|0o644, 0)
				if err == nil {
					_, err = c.Files.Mount(lazyFile{h}, p, "lazy", 0)
				}
				if err != nil {
					t.Fatal(err)
				}
			})
			if st := spawn(t, k, kernel.Exec{Path: "/bin/p0"}); st != exited(0) {
				t.Errorf("%s, broken %v: exit %+v", mode.name, broken, st)
			}
			if want := map[bool]int{false: 1, true: 2}[broken]; h.attempts != want {
				t.Errorf("%s, broken %v: fetched %d times, want %d", mode.name, broken, h.attempts, want)
			}
		}
	}
}
