package e2e

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"boxer/e2e/guests"
	"boxer/runtime/oci"
)

// patience bounds each wait of these tests: a loaded machine is slow.
const patience = 60 * time.Second

// A session is a running boxer and what it has printed so far.
type session struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.Writer
	pty *os.File // nil without a terminal

	ended chan struct{} // closed when boxer has ended; then err is Wait's
	err   error

	mu     sync.Mutex
	output strings.Builder
	more   chan struct{} // closed and replaced when output grows
	seen   int           // how much of output expect has consumed
}

// Write collects output.
func (s *session) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.output.Write(p)
	close(s.more)
	s.more = make(chan struct{})
	return len(p), nil
}

func newSession(t *testing.T, args []string) *session {
	return &session{t: t, cmd: exec.Command(boxerBinary, args...), more: make(chan struct{}), ended: make(chan struct{})}
}

// watch waits for the started boxer's end, and kills it when the test ends first.
func (s *session) watch() {
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	s.t.Cleanup(func() {
		s.cmd.Process.Kill()
		<-s.ended
	})
}

// start runs boxer with pipes.
func start(t *testing.T, args ...string) *session {
	t.Helper()
	s := newSession(t, args)
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.watch()
	return s
}

// startTTY runs boxer on a terminal of its own, 30 rows by 100 columns.
func startTTY(t *testing.T, args ...string) *session {
	t.Helper()
	s := newSession(t, args)
	f, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	s.pty, s.in = f, f
	t.Cleanup(func() { f.Close() })
	s.watch()
	go io.Copy(s, f)
	return s
}

// expect waits until the output behind what was expected before matches re.
func (s *session) expect(re string) {
	s.t.Helper()
	pattern := regexp.MustCompile(re)
	deadline := time.After(patience)
	for ended := false; ; {
		s.mu.Lock()
		all, more := s.output.String(), s.more
		s.mu.Unlock()
		if at := pattern.FindStringIndex(all[s.seen:]); at != nil {
			s.seen += at[1]
			return
		}
		if ended {
			s.t.Fatalf("boxer ended (%v) without %q in %q", s.err, re, all[s.seen:])
		}
		select {
		case <-more:
		case <-s.ended:
			ended = true // the last output may have come since
			if s.pty != nil {
				time.Sleep(100 * time.Millisecond) // a terminal's is read by another goroutine
			}
		case <-deadline:
			s.t.Fatalf("no match for %q in %q", re, all[s.seen:])
		}
	}
}

func (s *session) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// end waits for boxer's end and checks its exit code. It returns how long
// that took.
func (s *session) end(code int) time.Duration {
	s.t.Helper()
	from := time.Now()
	select {
	case <-s.ended:
		var exit *exec.ExitError
		if s.err != nil && !errors.As(s.err, &exit) {
			s.t.Fatal(s.err)
		}
	case <-time.After(patience):
		s.t.Fatalf("boxer does not end; its output: %q", s.output.String())
	}
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Fatalf("exit code %d, want %d; output: %q", got, code, s.output.String())
	}
	return time.Since(from)
}

// image packs busybox with the C guests that these tests use.
func image(t *testing.T) string {
	t.Helper()
	tree := guests.BusyboxTree(t)
	for _, name := range []string{"crash", "signals"} {
		if err := tree.AddHostFile("bin/"+name, guests.C(t, name)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "box.tar")
	if err := guests.WriteImage(path, tree, oci.PackOptions{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// soon is how fast an endless loop must end, on a machine that other tests
// load.
const soon = 5 * time.Second

func TestInterruptLoop(t *testing.T) {
	box := image(t)
	for _, c := range []struct {
		sig  os.Signal
		code int
	}{{os.Interrupt, 130}, {syscall.SIGTERM, 143}, {syscall.SIGHUP, 129}} {
		s := start(t, "run", box, "sh", "-c", "echo looping; exec crash loop")
		s.expect("looping")
		time.Sleep(200 * time.Millisecond)
		s.signal(c.sig)
		if d := s.end(c.code); d > soon {
			t.Errorf("%v: the loop ended after %v", c.sig, d)
		}
	}
}

// The same for Go programs, which handle signals in their own way, and for
// WASI modules, which have none.
func TestInterruptGo(t *testing.T) {
	tree := oci.NewTree()
	for name, guest := range map[string]string{"spin": guests.Go(t, "spin"), "spin.wasm": guests.WASI(t, "spin")} {
		if err := tree.AddHostFile(name, guest); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "spin.tar")
	if err := guests.WriteImage(path, tree, oci.PackOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"/spin", "/spin.wasm"} {
		s := start(t, "run", path, program)
		s.expect("looping")
		time.Sleep(200 * time.Millisecond)
		s.signal(os.Interrupt)
		if d := s.end(130); d > soon {
			t.Errorf("%s ended after %v", program, d)
		}
	}
}

func TestSignalsForwarded(t *testing.T) {
	s := start(t, "run", image(t), "signals")
	s.expect("ready\n")
	for sig, want := range map[os.Signal]string{syscall.SIGHUP: "signal 1\n", syscall.SIGUSR1: "signal 10\n", os.Interrupt: "signal 2\n"} {
		s.signal(sig)
		s.expect(want)
	}
	s.signal(syscall.SIGTERM)
	s.expect("signal 15\n")
	s.end(7)
}

// A program that handles SIGINT and stays is killed by the third.
func TestThirdInterruptKills(t *testing.T) {
	s := start(t, "run", image(t), "signals")
	s.expect("ready\n")
	s.signal(os.Interrupt)
	s.expect("signal 2\n")
	s.signal(os.Interrupt)
	s.expect("press Ctrl-C once more to kill the box")
	s.signal(os.Interrupt)
	s.end(137)
}

func TestTerminal(t *testing.T) {
	s := startTTY(t, "run", "-it", image(t), "sh")
	s.expect("# ")
	s.send("test -t 0 && test -t 1 && echo is a ter\"\"minal; echo $TERM\n")
	s.expect("is a terminal\r\nxterm\r\n")
	s.send("stty size\n")
	s.expect("30 100\r\n")

	if err := pty.Setsize(s.pty, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGWINCH)                    // the terminal's own reaches only its foreground group
	for deadline := time.Now().Add(patience); ; { // the size arrives a little later
		s.send("stty size; echo don\"\"e\n")
		s.expect("done\r\n")
		s.mu.Lock()
		resized := strings.Contains(s.output.String(), "40 120\r\n")
		s.mu.Unlock()
		if resized {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the new size never arrived")
		}
	}

	// The keyboard's Ctrl-C goes to the foreground program, not to boxer.
	s.send("sleep 1000\n")
	time.Sleep(300 * time.Millisecond)
	s.send("\x03")
	s.expect("# ")
	s.send("echo code $?\n")
	s.expect("code 130\r\n")
	s.send("crash loop\n")
	time.Sleep(300 * time.Millisecond)
	s.send("\x03")
	s.expect("# ")

	// Line editing is the box's.
	s.send("echo mistakf\x7fe\n")
	s.expect("mistake\r\n")

	s.send("exit 5\n")
	s.end(5)
}

// However a box ends, the terminal has its old mode afterwards.
func TestTerminalRestored(t *testing.T) {
	box := image(t)
	for name, c := range map[string]struct {
		send string
		sig  os.Signal
		code int
	}{
		"exit":    {"exit 3\n", nil, 3},
		"Ctrl-D":  {"\x04", nil, 0},
		"SIGTERM": {"", syscall.SIGTERM, 143},
		"fault":   {"exec crash null-read\n", nil, 139},
	} {
		t.Run(name, func(t *testing.T) {
			master, slave, err := pty.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer master.Close()
			defer slave.Close()
			before, err := term.GetState(int(slave.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			args := []string{"run", "-it", box, "sh"}
			if c.sig != nil {
				args = []string{"run", "-it", box, "sh", "-c", "echo '# '; exec crash loop"}
			}
			s := newSession(t, args)
			s.in = master
			s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
			s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			if err := s.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			s.watch()
			go io.Copy(s, master)
			s.expect("# ")
			during, err := term.GetState(int(slave.Fd()))
			if err != nil || *during == *before {
				t.Errorf("the terminal is not in raw mode (%v)", err)
			}
			if c.sig != nil {
				s.signal(c.sig)
			} else {
				s.send(c.send)
			}
			s.end(c.code)
			after, err := term.GetState(int(slave.Fd()))
			if err != nil || *after != *before {
				t.Errorf("the terminal was not restored (%v)", err)
			}
		})
	}
}

// With -t alone there is a terminal, but no keyboard.
func TestTerminalWithoutInput(t *testing.T) {
	s := startTTY(t, "run", "-t", image(t), "sh", "-c", "test -t 1 && echo has a terminal; exec sleep 1000")
	s.expect("has a terminal\r+\n") // the host's terminal, in its usual mode, adds a return
	s.send("\x03")                  // and makes this a SIGINT to boxer
	s.end(130)
}
