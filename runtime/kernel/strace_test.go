package kernel_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/knob"
)

// The format is strace(1)'s, with thread ids as -f prints them.
func TestStrace(t *testing.T) {
	// It stays on for the tests that follow, which is as well: random calls
	// then look for panics in the printing too.
	if err := knob.Set("strace"); err != nil {
		t.Fatal(err)
	}
	cwd := ^uint64(99)
	w := &world{programs: []program{func(g *guest) int {
		fd := uint64(g.sys(56, cwd, g.str("/tmp/f"), abi.O_CREAT|abi.O_RDWR|abi.O_CLOEXEC, 0o644))
		g.write(fd, "some text that is longer than what is shown")
		g.sys(56, cwd, g.str("/none"), abi.O_RDONLY)
		r, wr := g.pipe(0)
		g.fork(func(c *guest) {
			c.sleep(5 * time.Millisecond)
			c.write(wr, "x")
		})
		g.read(r, 8)
		g.wait(-1)
		g.sys(425, 1, 0)
		return 0
	}}}
	var mu sync.Mutex
	var lines []string
	k := newBox(t, w, func(c *kernel.Config) {
		c.Serial = true
		c.Log = func(s string) {
			mu.Lock()
			defer mu.Unlock()
			lines = append(lines, s)
		}
	})
	spawn(t, k, kernel.Exec{Path: "/bin/p0"})
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		`^\[1\] openat\(AT_FDCWD, "/tmp/f", O_RDWR\|O_CREAT\|O_CLOEXEC, 0644\) = 3$`,
		`^\[1\] write\(3, "some text that is longer than wh"\.\.\., 43\) = 43$`,
		`^\[1\] openat\(AT_FDCWD, "/none", O_RDONLY\) = -1 ENOENT \(No such file or directory\)$`,
		`^\[1\] pipe2\(\[4, 5\], 0\) = 0$`,
		`^\[1\] clone\(SIGCHLD, NULL, NULL, NULL, NULL\) = 2$`,
		`^\[1\] read\(4, 0x[0-9a-f]+, 8 <unfinished \.\.\.>$`,
		`^\[2\] nanosleep\(\{tv_sec=0, tv_nsec=5000000\}, 0x[0-9a-f]+ <unfinished \.\.\.>$`,
		`^\[2\] <\.\.\. nanosleep resumed> .*\) = 0$`,
		`^\[1\] <\.\.\. read resumed> 4, "x", 8\) = 1$`,
		`^\[1\] (<\.\.\. )?wait4.*-1, \[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0\}\], 0, NULL\) = 2$`,
		`^\[1\] io_uring_setup\(\) = -1 ENOSYS \(Function not implemented\)$`,
		`^not supported: io_uring_setup$`,
		`^\[1\] exit_group\(0\) = \?$`,
	} {
		if !regexp.MustCompile("(?m)" + want).MatchString(all) {
			t.Errorf("no line %s in\n%s", want, all)
		}
	}
	if r := k.Report(); len(r.Unsupported) != 1 || r.Unsupported[0] != (kernel.Count{Name: "io_uring_setup", N: 1}) {
		t.Errorf("report %+v", r)
	}
}
