package kernel_test

import (
	"bytes"
	"strings"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/wasmfs"
	"boxer/wasmfs/persist"
)

// gate is a store whose commits wait until they are let through.
type gate struct {
	persist.Mem
	open chan error // what the next commit is to say
}

func newGate() *gate {
	g := &gate{open: make(chan error, 100)}
	g.Fail = func(op string) error {
		if op == "commit" {
			return <-g.open
		}
		return nil
	}
	return g
}

// kept mounts a kept file system on /tmp.
func kept(t *testing.T, store persist.Store) option {
	return func(c *kernel.Config) {
		fs, err := persist.Open(store, persist.Options{Name: "test", Interval: -1})
		if err != nil {
			t.Fatal(err)
		}
		env := &wasmfs.Env{Root: c.Files.Root(), Cwd: c.Files.Root(), Cred: wasmfs.Root}
		p, err := c.Files.Resolve(env, wasmfs.Path{}, "/tmp", 0)
		if err == nil {
			_, err = c.Files.Mount(fs, p, "kept", 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// opener lets a commit through when the box writes a line.
type opener struct {
	bytes.Buffer
	g *gate
}

func (o *opener) Write(p []byte) (int, error) {
	for range strings.Count(string(p), "go\n") {
		o.g.open <- nil
	}
	return o.Buffer.Write(p)
}

// onGate runs a program on a gate in all ways.
func onGate(t *testing.T, want kernel.ExitStatus, out string, p program, after func(t *testing.T, g *gate)) {
	t.Helper()
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			g := newGate()
			k := newBox(t, &world{programs: []program{p}, fast: mode.fast},
				func(c *kernel.Config) { c.Serial = mode.serial }, kept(t, g))
			stdout := &opener{g: g}
			if st := spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdout: stdout}); st != want {
				t.Errorf("exit %+v, want %+v", st, want)
			}
			if got := stdout.String(); got != out {
				t.Errorf("output:\n%s\nwant:\n%s", got, out)
			}
			if after != nil {
				after(t, g)
			}
		})
	}
}

func (g *guest) create(name string, flags int) uint64 {
	fd := g.sys(56, ^uint64(99), g.str(name), uint64(abi.O_CREAT|abi.O_RDWR|flags), 0o644)
	if fd < 0 {
		g.t.Fatalf("open %s: %d", name, fd)
	}
	return uint64(fd)
}

// Calls that write back wait for the store, and others run meanwhile.
func TestFlushParks(t *testing.T) {
	calls := map[string]func(g *guest, fd uint64) int64{
		"fsync":     func(g *guest, fd uint64) int64 { return g.sys(82, fd) },
		"fdatasync": func(g *guest, fd uint64) int64 { return g.sys(83, fd) },
		"syncfs":    func(g *guest, fd uint64) int64 { return g.sys(267, fd) },
		"sync":      func(g *guest, fd uint64) int64 { return g.sys(81) },
		"msync":     func(g *guest, fd uint64) int64 { return g.sys(227, heapBase, 4096, 4) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			onGate(t, exited(0), "go\ndone\n", func(g *guest) int {
				fd := g.create("/tmp/f", 0)
				g.want(g.write(fd, "data"), 4, "write")
				g.fork(func(c *guest) { c.print("go\n") })
				g.want(call(g, fd), 0, name)
				g.print("done\n")
				g.want(call(g, fd), 0, name+" with nothing to do")
				return 0
			}, nil)
		})
	}
}

// O_SYNC and RWF_SYNC write once, and return when it is stored.
func TestSyncWrites(t *testing.T) {
	onGate(t, exited(0), "go\n8\ngo\n12\n", func(g *guest) int {
		fd := g.create("/tmp/f", abi.O_SYNC|abi.O_APPEND)
		g.fork(func(c *guest) { c.print("go\n") })
		g.want(g.write(fd, "12345678"), 8, "write")
		g.print("8\n")
		fd = g.create("/tmp/f", 0)
		g.fork(func(c *guest) { c.print("go\n") })
		v := g.alloc(16)
		g.put64(v, g.str("abcd"))
		g.put64(v+8, 4)
		g.want(g.sys(287, fd, v, 1, 8, 0, 4), 4, "pwritev2 with RWF_SYNC")
		g.want(g.sys(62, fd, 0, 2), 12, "the size")
		g.print("12\n")
		return 0
	}, nil)
}

// A signal does not end the wait, the process's end does.
func TestFlushSignals(t *testing.T) {
	runGate := func(name string, want kernel.ExitStatus, out string, make func(w *world) program) {
		for _, mode := range modes {
			t.Run(name+" "+mode.name, func(t *testing.T) {
				g := newGate()
				w := &world{fast: mode.fast}
				w.programs = []program{make(w)}
				k := newBox(t, w, func(c *kernel.Config) { c.Serial = mode.serial }, kept(t, g))
				stdout := &opener{g: g}
				if st := spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdout: stdout}); st != want {
					t.Errorf("exit %+v, want %+v", st, want)
				}
				if got := stdout.String(); got != out {
					t.Errorf("output:\n%s\nwant:\n%s", got, out)
				}
				g.open <- nil
			})
		}
	}
	runGate("handler", exited(0), "go\nsynced\n", func(w *world) program {
		return func(g *guest) int {
			handled := false
			g.handle(w, abi.SIGUSR1, 0, func(*guest, abi.Signal, []byte) { handled = true })
			fd := g.create("/tmp/f", 0)
			g.write(fd, "x")
			g.fork(func(c *guest) {
				c.want(c.sys(129, 1, uint64(abi.SIGUSR1)), 0, "kill")
				c.print("go\n")
			})
			g.want(g.sys(82, fd), 0, "fsync")
			if !handled {
				g.t.Error("the handler has not run")
			}
			g.print("synced\n")
			return 0
		}
	})
	runGate("killed", exited(0), "killed\n", func(w *world) program {
		return func(g *guest) int {
			pid := g.fork(func(c *guest) {
				fd := c.create("/tmp/f", 0)
				c.write(fd, "x")
				c.sys(82, fd)
				c.print("not killed\n")
			})
			g.sleep(5e6)
			g.want(g.sys(129, uint64(pid), uint64(abi.SIGKILL)), 0, "kill")
			_, st := g.wait(pid)
			if st.Signal() != abi.SIGKILL {
				g.t.Errorf("status %#x", uint32(st))
			}
			g.print("killed\n")
			return 0
		}
	})
}

// A flush that finds no room is the error of who asked for it.
func TestFlushFails(t *testing.T) {
	for _, mode := range modes {
		g := newGate()
		g.open <- &persist.QuotaError{Used: 1, Quota: 2}
		g.open <- nil
		p := func(c *guest) int {
			fd := c.create("/tmp/f", 0)
			c.write(fd, "x")
			c.want(c.sys(82, fd), -int64(abi.ENOSPC), "fsync without room")
			c.want(c.write(fd, strings.Repeat("y", 5000)), -int64(abi.ENOSPC), "a write without room")
			c.want(c.sys(82, fd), 0, "fsync once there is room")
			c.want(c.write(fd, strings.Repeat("y", 5000)), 5000, "a write with room")
			return 0
		}
		k := newBox(t, &world{programs: []program{p}, fast: mode.fast}, func(c *kernel.Config) { c.Serial = mode.serial }, kept(t, g))
		if st := spawn(t, k, kernel.Exec{Path: "/bin/p0"}); st != exited(0) {
			t.Errorf("%s: exit %+v", mode.name, st)
		}
	}
}
