package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
)

// prompted notes when the shell's prompt is first seen, in milliseconds since
// the navigation began.
const prompted = `(() => {
	const look = () => {
		if (document.querySelector("boxer-box")?.shadowRoot?.textContent.includes("# ")) globalThis.promptAt = performance.now();
		else setTimeout(look, 5);
	};
	look();
})()`

// wait answers with that time.
const wait = `async () => {
	while (!globalThis.promptAt) await new Promise((done) => setTimeout(done, 10));
	return promptAt;
}`

// measureSite exports Debian's busybox as a site and takes the time and the
// bytes to its first prompt: from `boxer serve`, which compresses, and from a
// plain server, which does not.
func (rep *report) measureSite(boxer, work string) error {
	image, err := guests.BusyboxImage()
	if err != nil {
		return err
	}
	dir := filepath.Join(work, "site")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if out, err := exec.Command(boxer, "export", "-q", "--web", dir, image, "sh").CombinedOutput(); err != nil {
		return fmt.Errorf("boxer export: %w: %s", err, out)
	}
	served, stop, err := serveSite(boxer, dir)
	if err != nil {
		return err
	}
	defer stop()
	plain := site.Start(site.Options{Ranges: true}, map[string]string{"/": dir})
	defer plain.Close()
	for _, s := range []struct {
		name, url  string
		bytes      float64 // goal, MB
		cold, warm float64 // goals, ms
	}{
		{"boxer serve", served, 3.5, 1500, 700},
		{"a plain server", plain.URL, 4.5, 0, 0},
	} {
		wire, err := countBytes(s.url)
		if err != nil {
			return err
		}
		cold, warm, sent, err := firstPrompt(work, wire)
		wire.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		rep.add("first prompt from "+s.name+", cold", cold, "ms", s.cold)
		rep.add("first prompt from "+s.name+", cached", warm, "ms", s.warm)
		rep.add("first prompt from "+s.name+", transferred", sent/1e6, "MB", s.bytes)
	}
	return nil
}

// firstPrompt opens the site five times with an empty profile, and each time
// once more with what that left. The medians, and the bytes until the first
// prompt.
func firstPrompt(work string, wire *wire) (cold, warm, sent float64, err error) {
	var colds, warms, bytes []float64
	for range 5 {
		profile, err := os.MkdirTemp(work, "profile")
		if err != nil {
			return 0, 0, 0, err
		}
		defer os.RemoveAll(profile)
		c, w, n, err := twoVisits(profile, wire)
		if err != nil {
			return 0, 0, 0, err
		}
		colds, warms, bytes = append(colds, c), append(warms, w), append(bytes, n)
	}
	for _, v := range [][]float64{colds, warms, bytes} {
		slices.Sort(v)
	}
	return colds[2], warms[2], bytes[2], nil
}

func twoVisits(profile string, wire *wire) (cold, warm, sent float64, err error) {
	b, err := browser.Launch(browser.Chromium, browser.Options{Profile: profile})
	if err != nil {
		return 0, 0, 0, err
	}
	defer b.Close()
	visit := func(settle time.Duration) (ms float64, sent int64, err error) {
		before := wire.sent.Load()
		p, err := b.OpenPage("", browser.PageOptions{Init: prompted})
		if err != nil {
			return 0, 0, err
		}
		defer p.Close()
		if err := p.Goto(wire.URL); err != nil {
			return 0, 0, err
		}
		if err := p.EvalIn(time.Minute, &ms, wait, nil); err != nil {
			return 0, 0, fmt.Errorf("%w\n%s", err, strings.Join(append(p.Console(), p.Errors()...), "\n"))
		}
		sent = wire.sent.Load() - before
		time.Sleep(settle) // the service worker fills its cache
		return ms, sent, nil
	}
	cold, n, err := visit(3 * time.Second)
	if err != nil {
		return 0, 0, 0, err
	}
	warm, _, err = visit(0)
	return cold, warm, float64(n), err
}

// serveSite starts `boxer serve` and returns its address.
func serveSite(boxer, dir string) (url string, stop func(), err error) {
	cmd := exec.Command(boxer, "serve", "-q", "--port", "0", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("boxer serve: %w", err)
	}
	return strings.TrimSpace(line[strings.LastIndex(line, " ")+1:]), stop, nil
}

// A wire passes connections on to a server and counts what the server sends,
// headers and all.
type wire struct {
	net.Listener
	URL  string
	sent atomic.Int64
}

func countBytes(url string) (*wire, error) {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	// The name stays what the server was told to answer to.
	_, port, _ := net.SplitHostPort(l.Addr().String())
	w := &wire{Listener: l, URL: "http://" + req.URL.Hostname() + ":" + port + req.URL.Path}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.pass(c, req.URL.Host)
		}
	}()
	return w, nil
}

func (w *wire) pass(c net.Conn, host string) {
	defer c.Close()
	s, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer s.Close()
	go io.Copy(s, c)
	io.Copy(c, io.TeeReader(s, counter{&w.sent}))
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}
