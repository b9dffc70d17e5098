package verify

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// EnvBrowser names the browser to use.
const EnvBrowser = "BOXER_BROWSER"

// A Browser is a browser's program.
type Browser struct {
	Path    string
	firefox bool
}

// candidates are looked for in this order.
var candidates = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge", "firefox", "firefox-esr"}

// places are where browsers are that no PATH leads to.
var places = map[string][]string{
	"darwin": {
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge", "/Applications/Firefox.app/Contents/MacOS/firefox",
	},
	"windows": {
		`C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`,
		`C:\Program Files\Mozilla Firefox\firefox.exe`,
	},
}

// ErrNoBrowser says what to do where there is none.
var ErrNoBrowser = errors.New("no browser was found: install chromium or firefox, or say where one is with --browser or " + EnvBrowser)

// FindBrowser finds the browser called name, a program or its path; "" stands for
// $BOXER_BROWSER, else for the first that is there.
func FindBrowser(name string) (*Browser, error) {
	if name == "" {
		name = os.Getenv(EnvBrowser)
	}
	if name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("browser %s: %w", name, err)
		}
		return newBrowser(path), nil
	}
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return newBrowser(path), nil
		}
	}
	for _, path := range places[runtime.GOOS] {
		if _, err := os.Stat(path); err == nil {
			return newBrowser(path), nil
		}
	}
	return nil, ErrNoBrowser
}

func newBrowser(path string) *Browser {
	return &Browser{Path: path, firefox: strings.Contains(strings.ToLower(filepath.Base(path)), "firefox")}
}

// arguments start it without a window, with storage of its own in dir.
func (b *Browser) arguments(dir, url string) []string {
	if b.firefox {
		return []string{"--headless", "--no-remote", "--profile", dir, url}
	}
	args := []string{"--headless=new", "--disable-gpu", "--disable-extensions", "--disable-dev-shm-usage", "--disable-background-networking",
		"--no-first-run", "--no-default-browser-check", "--user-data-dir=" + dir}
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium refuses to start as root otherwise
	}
	return append(args, url)
}

// process is a running browser.
type process struct {
	cmd   *exec.Cmd
	dir   string
	ended chan struct{}

	mu   sync.Mutex
	said []byte
}

// start opens url.
func (b *Browser) start(url string) (*process, error) {
	dir, err := os.MkdirTemp("", "boxer-verify-*")
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, ended: make(chan struct{})}
	p.cmd = exec.Command(b.Path, b.arguments(dir, url)...)
	p.cmd.Stderr = p
	p.cmd.WaitDelay = time.Second // its helpers may hold the pipe
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("%s: %w", b.Path, err)
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Write keeps the end of what the browser says.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, text...)
	if n := len(p.said); n > 4096 {
		p.said = append([]byte(nil), p.said[n-4096:]...)
	}
	return len(text), nil
}

// lastWords is the last line that it said.
func (p *process) lastWords() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(p.said)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return "it gave no reason"
}

// stop ends the browser and all it started, and removes its storage.
func (p *process) stop() {
	killGroup(p.cmd)
	<-p.ended
	for range 20 { // helpers may still be writing there
		if os.RemoveAll(p.dir) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
