package box_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"boxer/e2e/guests"
	"boxer/runtime/abi"
	"boxer/runtime/box"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/kernel"
	"boxer/runtime/oci"
)

// shared keeps what is translated and compiled from test to test.
var shared translations

type translations struct {
	mu   sync.Mutex
	eng  engine.Engine
	data map[[32]byte][]byte
}

func (s *translations) engine(t *testing.T) engine.Engine {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.eng == nil {
		eng, err := wazero.New(wazero.Config{})
		if err != nil {
			t.Fatal(err)
		}
		s.eng, s.data = eng, map[[32]byte][]byte{}
	}
	return s.eng
}

func (s *translations) Get(key [32]byte) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.data[key]
	return data, ok
}

func (s *translations) Put(key [32]byte, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data[key] = data
}

// keep makes a box of Debian's busybox that lives until the test ends.
func keep(t *testing.T, serial bool, edit func(*box.Config)) *box.Box {
	t.Helper()
	image, err := oci.Open(guests.Busybox(t), oci.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { image.Close() })
	layers, err := image.OpenLayers()
	if err != nil {
		t.Fatal(err)
	}
	cfg := box.Config{Engine: shared.engine(t), Translations: &shared, Image: image.Spec(), Layers: layers, Keep: true, Serial: serial, Random: rand.Reader,
		Env: []string{"A=box", "B=box"}, Log: func(line string) { t.Log(line) }}
	if edit != nil {
		edit(&cfg)
	}
	b, err := box.Create(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		b.Wait(context.Background())
		close(ended)
	}()
	t.Cleanup(func() {
		b.Kill()
		<-ended
		b.Close()
	})
	return b
}

// sh runs a shell's command line.
func sh(t *testing.T, b *box.Box, line string, edit func(*box.Command)) (kernel.ExitStatus, string) {
	t.Helper()
	var out bytes.Buffer
	c := box.Command{Args: []string{"sh", "-c", line}, Stdout: &out, Stderr: &out}
	if edit != nil {
		edit(&c)
	}
	p, err := b.Exec(c)
	if err != nil {
		t.Fatal(err)
	}
	return p.Wait(context.Background()), out.String()
}

func TestExec(t *testing.T) {
	for _, serial := range []bool{false, true} {
		b := keep(t, serial, nil)
		for _, c := range []struct {
			line string
			edit func(*box.Command)
			code int
			out  string
		}{
			{"echo $A $B $HOME; pwd; exit 3", func(c *box.Command) { c.Env = []string{"B=exec"} }, 3, "box exec /root\n/\n"},
			{"pwd; id -u; id -g", func(c *box.Command) { c.WorkDir, c.User = "/etc", "7:8" }, 0, "/etc\n7\n8\n"},
			{"cat; echo end >&2", func(c *box.Command) { c.Stdin = strings.NewReader("in\n") }, 0, "in\nend\n"},
			{"kill -9 $$", nil, 137, ""},
			// What it leaves behind neither keeps it nor writes any more.
			{"(sleep 0.05; echo late) & echo soon", nil, 0, "soon\n"},
			{"cat /proc/$$/stat | cut -d' ' -f4,7", nil, 0, "0 0\n"}, // no parent, no terminal
		} {
			st, out := sh(t, b, c.line, c.edit)
			if st.ShellCode() != c.code || out != c.out {
				t.Errorf("serial %v: %s: exit %v, output %q, want %d, %q", serial, c.line, st, out, c.code, c.out)
			}
		}
		for _, c := range []struct {
			cmd  box.Command
			code int
			why  string
		}{
			{box.Command{Args: []string{"none"}}, 127, "not found in $PATH"},
			{box.Command{Args: []string{"/none"}}, 127, "no such file"},
			{box.Command{Args: []string{"/etc/passwd"}}, 126, "permission denied"},
			{box.Command{Args: []string{"sh"}, WorkDir: "/none"}, 127, "working directory /none"},
		} {
			_, err := b.Exec(c.cmd)
			var se *kernel.SpawnError
			if !errors.As(err, &se) || se.ShellCode() != c.code || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%v: %v, want exit code %d, and %q", c.cmd.Args, err, c.code, c.why)
			}
		}
		if _, err := b.Exec(box.Command{Args: []string{"sh"}, User: "nobody-here"}); err == nil {
			t.Error("an unknown user is accepted")
		}
	}
}

// Several programs at a time do not wait for each other's output.
func TestExecAtATime(t *testing.T) {
	b := keep(t, true, nil)
	stuck, release := io.Pipe()
	held, err := b.Exec(box.Command{Args: []string{"sh", "-c", "while :; do echo x; done"}, Stdout: release})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if st, out := sh(t, b, "for i in 1 2 3; do echo $i; echo $i >&2; done", nil); st.Code != 0 || out != "1\n1\n2\n2\n3\n3\n" {
				t.Errorf("exit %v, %q", st, out)
			}
		})
	}
	wg.Wait()
	held.Kill()
	stuck.Close()
	if st := held.Wait(context.Background()); st.Signal != abi.SIGKILL {
		t.Errorf("exit %v", st)
	}
}

// screen is a terminal's screen that a test can wait for.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (s *screen) wait(t *testing.T, want string) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		s.mu.Lock()
		text := s.text.String()
		s.mu.Unlock()
		if strings.Contains(text, want) {
			return
		}
		select {
		case <-s.more:
		case <-timeout:
			t.Fatalf("no %q on the screen:\n%s", want, text)
		}
	}
}

// Each program has a terminal of its own, which goes with it.
func TestTerminals(t *testing.T) {
	b := keep(t, true, nil)
	type terminal struct {
		p    *box.Process
		keys *io.PipeWriter
		*screen
	}
	open := func(args ...string) terminal {
		t.Helper()
		in, keys := io.Pipe()
		s := &screen{more: make(chan struct{}, 1)}
		p, err := b.Exec(box.Command{Args: args, TTY: &kernel.TTY{In: in, Out: s, Rows: 24, Cols: 80}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { keys.Close() })
		return terminal{p, keys, s}
	}
	one, two := open("sh"), open("sh")
	for i, x := range []terminal{one, two} {
		io.WriteString(x.keys, "tty; stty size; echo to-tty > /dev/tty; echo $TERM\r")
		x.wait(t, "/dev/pts/"+string(rune('0'+i)))
		x.wait(t, "24 80")
		x.wait(t, "to-tty\r\n")
		x.wait(t, "xterm")
	}
	two.p.Resize(40, 100)
	io.WriteString(two.keys, "stty size\r")
	two.wait(t, "40 100")
	// Ctrl-C is the terminal's own, and the signals go to its session only.
	io.WriteString(one.keys, "echo one-sleeps; sleep 1000\r")
	one.wait(t, "one-sleeps\r\n")
	io.WriteString(two.keys, "trap 'echo caught' INT; echo two-waits; sleep 1000\r")
	two.wait(t, "two-waits\r\n")
	io.WriteString(one.keys, "\x03echo status $?\r")
	one.wait(t, "status 130")
	if strings.Contains(two.text.String(), "^C") {
		t.Errorf("the other terminal saw it:\n%s", two.text.String())
	}
	// A killed program takes its session along.
	two.p.Kill()
	if st := two.p.Wait(context.Background()); st.Signal != abi.SIGKILL {
		t.Errorf("exit %v", st)
	}
	io.WriteString(one.keys, "echo left $(ps | grep -c '[s]leep 1000'); ls /dev/pts; exit 5\r")
	one.wait(t, "left 0")
	if st := one.p.Wait(context.Background()); st.Code != 5 {
		t.Errorf("exit %v", st)
	}
	if strings.Contains(one.text.String(), "\n1\r") {
		t.Errorf("the other terminal is still there:\n%s", one.text.String())
	}
	three := open("tty")
	three.wait(t, "/dev/pts/0")
	three.p.Wait(context.Background())
}

// With process 1 the box ends.
func TestInit(t *testing.T) {
	b := keep(t, true, nil)
	if st, out := sh(t, b, "echo $$", nil); st.Code != 0 || out == "1\n" {
		t.Errorf("a program without Init: exit %v, pid %s", st, out)
	}
	st, out := sh(t, b, "echo $$", func(c *box.Command) { c.Init = true })
	if st.Code != 0 || out != "1\n" {
		t.Errorf("exit %v, pid %s", st, out)
	}
	if _, err := b.Exec(box.Command{Args: []string{"true"}}); err == nil || !strings.Contains(err.Error(), "the box has ended") {
		t.Errorf("after the end: %v", err)
	}
}

func TestStopIdleBox(t *testing.T) {
	b := keep(t, true, nil)
	b.Kill() // the cleanup waits for the end
}
