// Package browser drives real browsers for tests: Debian's Chromium, Firefox
// and WebKitGTK (which stands for Safari), headless, through the Node program
// e2e/web/driver.mjs.
//
//	b := browser.Start(t, browser.Chromium)
//	p := b.Open(t, url, browser.PageOptions{Mobile: true})
//	var title string
//	p.Eval(t, &title, `() => document.title`, nil)
//
// Each page has storage of its own unless it is opened beside another. A test
// whose browser is not installed is skipped by name.
package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"boxer/e2e/guests"
)

// A Kind is one of the browsers.
type Kind string

const (
	Chromium Kind = "chromium"
	Firefox  Kind = "firefox"
	WebKit   Kind = "webkit"
)

// needs are the programs each browser is driven with, and how to get them.
var needs = map[Kind]struct {
	programs []string
	packages string
}{
	Chromium: {[]string{"chromium"}, "chromium"},
	Firefox:  {[]string{"firefox-esr"}, "firefox-esr"},
	WebKit:   {[]string{"WebKitWebDriver", "Xvfb"}, "webkit2gtk-driver xvfb"},
}

// ErrMissing says that a browser, or what drives it, is not installed.
var ErrMissing = errors.New("not installed")

// Options of a browser.
type Options struct {
	// Profile is a directory that keeps the browser's storage and caches, code
	// caches too, for all pages and for the next browser. Without it each page
	// starts with nothing.
	Profile string
	// Args are further arguments of the browser.
	Args []string
}

// A Browser is a running browser. Its methods may be called by many
// goroutines.
type Browser struct {
	Kind    Kind
	Version string

	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan struct{} // closed when the driver's output has ended

	mu      sync.Mutex
	last    int
	waiting map[int]chan answer
	pages   map[int]*pageLog
	log     tail
}

type answer struct {
	ID    int             `json:"id"`
	Value json.RawMessage `json:"value"`
	Error *string         `json:"error"`
	Event string          `json:"event"`
	Page  int             `json:"page"`
	Text  string          `json:"text"`
}

// pageLog is what a page said.
type pageLog struct{ console, errors, dialogs []string }

// Dir is the directory of the driver.
func Dir() string { return filepath.Join(filepath.Dir(guests.Dir()), "web") }

// Launch starts a browser. The error is ErrMissing where it cannot be driven
// on this machine, and says what to install.
func Launch(kind Kind, opt Options) (*Browser, error) {
	if err := check(kind); err != nil {
		return nil, err
	}
	b := &Browser{Kind: kind, done: make(chan struct{}), waiting: map[int]chan answer{}, pages: map[int]*pageLog{}}
	b.cmd = exec.Command("node", filepath.Join(Dir(), "driver.mjs"))
	b.cmd.Stderr = &b.log
	stdin, err := b.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	b.stdin = stdin
	stdout, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	go b.read(stdout)
	err = b.call(time.Minute, &b.Version, "launch", map[string]any{"browser": kind, "profile": opt.Profile, "args": append([]string{}, opt.Args...)})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", kind, err), b.Close())
	}
	return b, nil
}

func check(kind Kind) error {
	need := needs[kind]
	for _, name := range need.programs {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%s is %w: apt-get install %s", kind, ErrMissing, need.packages)
		}
	}
	if _, err := exec.LookPath("node"); err != nil {
		return fmt.Errorf("node is %w: nothing drives %s", ErrMissing, kind)
	}
	if _, err := os.Stat(filepath.Join(Dir(), "node_modules", "playwright-core")); err != nil {
		return fmt.Errorf("what drives browsers is %w: make browser-tools", ErrMissing)
	}
	return nil
}

// Close ends the browser. It is no error to close it twice.
func (b *Browser) Close() error {
	b.stdin.Close()
	select {
	case <-b.done:
	case <-time.After(15 * time.Second):
		b.cmd.Process.Kill()
		<-b.done
	}
	var exit *exec.ExitError
	if err := b.cmd.Wait(); err != nil && !errors.As(err, &exit) && b.cmd.ProcessState == nil {
		return err
	}
	return nil
}

// Alive reports whether the browser's driver still runs.
func (b *Browser) Alive() bool {
	select {
	case <-b.done:
		return false
	default:
		return true
	}
}

// read hands answers to those who wait, and keeps what pages say.
func (b *Browser) read(r io.Reader) {
	defer close(b.done)
	in := bufio.NewScanner(r)
	in.Buffer(nil, 256<<20)
	for in.Scan() {
		var a answer
		if json.Unmarshal(in.Bytes(), &a) != nil {
			fmt.Fprintf(&b.log, "%s\n", in.Text())
			continue
		}
		b.mu.Lock()
		if a.Event != "" {
			b.event(a)
		} else if c := b.waiting[a.ID]; c != nil {
			delete(b.waiting, a.ID)
			c <- a
		}
		b.mu.Unlock()
	}
}

func (b *Browser) event(a answer) {
	p := b.pages[a.Page]
	if p == nil {
		p = &pageLog{}
		b.pages[a.Page] = p
	}
	switch a.Event {
	case "console":
		p.console = append(p.console, a.Text)
	case "error":
		p.errors = append(p.errors, a.Text)
	case "dialog":
		p.dialogs = append(p.dialogs, a.Text)
	}
}

// call sends a request and decodes its answer into result, unless that is
// nil.
func (b *Browser) call(limit time.Duration, result any, op string, args map[string]any) error {
	c := make(chan answer, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	b.waiting[id] = c
	args["id"], args["op"] = id, op
	line, err := json.Marshal(args)
	if err == nil {
		_, err = b.stdin.Write(append(line, '\n'))
	}
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: the driver is gone: %w\n%s", op, err, b.log.String())
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case a := <-c:
		if a.Error != nil {
			return fmt.Errorf("%s: %s", op, *a.Error)
		}
		if result == nil {
			return nil
		}
		if err := json.Unmarshal(a.Value, result); err != nil {
			return fmt.Errorf("%s answered %.200s: %w", op, a.Value, err)
		}
		return nil
	case <-timer.C:
		b.mu.Lock()
		delete(b.waiting, id)
		b.mu.Unlock()
		return fmt.Errorf("%s: no answer within %v", op, limit)
	case <-b.done:
		return fmt.Errorf("%s: the driver ended\n%s", op, b.log.String())
	}
}

// CDP sends a command of the DevTools protocol to the browser as a whole.
// Chromium only.
func (b *Browser) CDP(result any, method string, params any) error {
	return b.call(time.Minute, result, "cdp", map[string]any{"method": method, "params": params})
}

// tail keeps the end of what the driver writes to standard error.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if extra := len(t.data) - 16<<10; extra > 0 {
		t.data = t.data[extra:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}
