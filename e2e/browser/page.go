package browser

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A T is a *testing.T, or a command's own.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Logf(format string, args ...any)
	Failed() bool
	Cleanup(func())
}

// Start is Launch for a test: it skips the test where the browser is missing,
// and ends the browser with it.
func Start(t T, kind Kind) *Browser {
	t.Helper()
	return StartWith(t, kind, Options{})
}

// StartWith is Start with options.
func StartWith(t T, kind Kind, opt Options) *Browser {
	t.Helper()
	b, err := Launch(kind, opt)
	if errors.Is(err, ErrMissing) {
		t.Skipf("%v", err)
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// PageOptions say how a page is opened. What a browser cannot do is an error
// of Open, except that Firefox and WebKit show a phone by its size only.
type PageOptions struct {
	Mobile        bool   // a phone of 360 × 800 with touch
	Width, Height int    // of the page, if not 0
	ColorScheme   string // "dark" or "light"
	ReducedMotion bool
	Init          string   // a script that runs before the page's own; not in WebKit
	Permissions   []string // granted ones, by Playwright's names; Chromium only
	Beside        *Page    // a page to share storage with: another tab
}

// A Page is a tab.
type Page struct {
	b  *Browser
	id int
}

// OpenPage opens a tab and loads url in it, or nothing if it is empty.
func (b *Browser) OpenPage(url string, opt PageOptions) (*Page, error) {
	args := map[string]any{"url": url, "mobile": opt.Mobile}
	if opt.Width != 0 {
		args["viewport"] = map[string]int{"width": opt.Width, "height": opt.Height}
	}
	if opt.ColorScheme != "" {
		args["colorScheme"] = opt.ColorScheme
	}
	if opt.ReducedMotion {
		args["reducedMotion"] = "reduce"
	}
	if opt.Init != "" {
		args["init"] = opt.Init
	}
	if len(opt.Permissions) > 0 {
		args["permissions"] = opt.Permissions
	}
	if opt.Beside != nil {
		args["beside"] = opt.Beside.id
	}
	p := &Page{b: b}
	if err := b.call(2*time.Minute, &p.id, "open", args); err != nil {
		return nil, err
	}
	return p, nil
}

// Open is OpenPage for a test: it fails the test, closes the page with it,
// and if the test failed shows what the page said.
func (b *Browser) Open(t T, url string, opt PageOptions) *Page {
	t.Helper()
	p, err := b.OpenPage(url, opt)
	if err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, line := range slices.Concat(last(p.Console(), 40), p.Errors()) {
				t.Logf("the page: %.2000s", line)
			}
		}
		p.Close()
	})
	return p
}

func last(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

// EvalIn calls a JavaScript function, given as text, with arg, waits for its
// promise, and decodes what it returns, as JSON, into result unless that is
// nil. The error has the words of what was thrown.
func (p *Page) EvalIn(limit time.Duration, result any, fn string, arg any) error {
	return p.call(limit, result, "eval", map[string]any{"source": fn, "arg": arg})
}

// Eval is EvalIn for a test, with a limit of a minute.
func (p *Page) Eval(t T, result any, fn string, arg any) {
	t.Helper()
	if err := p.EvalIn(time.Minute, result, fn, arg); err != nil {
		t.Fatalf("%v", err)
	}
}

func (p *Page) call(limit time.Duration, result any, op string, args map[string]any) error {
	args["page"] = p.id
	return p.b.call(limit, result, op, args)
}

// CDP sends a command of the DevTools protocol to the page. Chromium only.
func (p *Page) CDP(result any, method string, params any) error {
	return p.call(time.Minute, result, "cdp", map[string]any{"method": method, "params": params})
}

// Goto loads another address.
func (p *Page) Goto(url string) error {
	return p.call(time.Minute, nil, "goto", map[string]any{"url": url})
}

// Reload loads the page again.
func (p *Page) Reload() error { return p.call(time.Minute, nil, "reload", map[string]any{}) }

// Offline takes the network away from the page and those beside it, or gives
// it back. Not in WebKit.
func (p *Page) Offline(on bool) error {
	return p.call(time.Minute, nil, "offline", map[string]any{"on": on})
}

// Type sends text to what has the focus, as from a keyboard.
func (p *Page) Type(text string) error {
	return p.call(time.Minute, nil, "type", map[string]any{"text": text})
}

// Press presses a key, named as in KeyboardEvent.key: "Enter", "Control+c".
// Not in WebKit.
func (p *Page) Press(key string) error {
	return p.call(time.Minute, nil, "press", map[string]any{"key": key})
}

// Click clicks the middle of the first element that matches.
func (p *Page) Click(selector string) error {
	return p.call(time.Minute, nil, "click", map[string]any{"selector": selector})
}

// Screenshot writes what is seen to a PNG file.
func (p *Page) Screenshot(path string) error {
	return p.call(time.Minute, nil, "screenshot", map[string]any{"path": path})
}

// Close closes the tab, and drops its storage unless it shares it.
func (p *Page) Close() error {
	return p.call(20*time.Second, nil, "close", map[string]any{})
}

func (p *Page) said(f func(*pageLog) []string) []string {
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	if l := p.b.pages[p.id]; l != nil {
		return slices.Clone(f(l))
	}
	return nil
}

// Console is what the page and its workers wrote to the console, as
// "type: text". WebKit's driver does not tell.
func (p *Page) Console() []string { return p.said(func(l *pageLog) []string { return l.console }) }

// Errors are the exceptions that nobody caught. Not in WebKit.
func (p *Page) Errors() []string { return p.said(func(l *pageLog) []string { return l.errors }) }

// Dialogs are the texts of alert, confirm and prompt, all dismissed. Not in
// WebKit.
func (p *Page) Dialogs() []string { return p.said(func(l *pageLog) []string { return l.dialogs }) }

// WaitFor evaluates a function until it returns something true, and fails the
// test after limit.
func (p *Page) WaitFor(t T, limit time.Duration, fn string, arg any) {
	t.Helper()
	var ok bool
	err := p.EvalIn(limit+10*time.Second, &ok, fmt.Sprintf(`async ({arg, limit}) => {
		const fn = %s;
		for (const end = performance.now() + limit; performance.now() < end;) {
			if (await fn(arg)) return true;
			await new Promise((done) => setTimeout(done, 20));
		}
		return false;
	}`, fn), map[string]any{"arg": arg, "limit": limit.Milliseconds()})
	if err != nil || !ok {
		t.Fatalf("not so within %v: %s (%v)", limit, strings.TrimSpace(fn), err)
	}
}
