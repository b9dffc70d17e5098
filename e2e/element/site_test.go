package element_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// The page of a site: choose an example, run it, change a file, see the result.
func TestSite(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		dir := t.TempDir()
		writeSite(t, dir, "one", "a site")
		description, err := json.Marshal(map[string]any{
			"title": "a site", "cmd": "sh", "tty": true, "memory": "256m", "examples": []map[string]any{
				{"title": "A shell", "about": "<b>not bold</b>"},
				{"title": "Edit and run", "edit": map[string]string{"path": "/root/new.txt", "run": "echo it runs", "text": "new\n"}},
				{"title": "Kept", "persist": "kept", "tty": false, "cmd": "echo done"},
			}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "site.json"), description, 0o644); err != nil {
			t.Fatal(err)
		}
		s := site.Serve(t, site.Options{}, map[string]string{"/": dir})
		b := browser.Start(t, kind)
		opt := browser.PageOptions{Mobile: true}
		if kind == browser.Chromium {
			opt.ColorScheme = "dark"
		}
		p := b.Open(t, s.URL+"/", opt)
		state := `(want) => document.querySelector("boxer-box")?.dataset.state === want`
		p.WaitFor(t, 20*time.Second, state, "running")
		var got struct {
			About, Text, Result, Output, May string
			Width, Wide                      int
			Persist                          string
		}
		read := `() => ({
			about: document.getElementById("about").textContent, text: document.getElementById("text").value,
			result: document.getElementById("result").textContent, output: document.getElementById("output").textContent,
			may: document.getElementById("may").textContent, width: innerWidth, wide: document.documentElement.scrollWidth,
			persist: document.querySelector("boxer-box").getAttribute("persist") ?? "",
		})`
		p.Eval(t, &got, read, nil)
		if got.About != "<b>not bold</b>" || got.Wide > got.Width {
			t.Errorf("%+v", got)
		}
		shot(t, p, "site-phone-"+string(kind))

		click := `(text) => { [...document.querySelectorAll("button")].find((b) => b.textContent === text).click(); }`
		p.Eval(t, nil, click, "Edit and run")
		p.WaitFor(t, 10*time.Second, state, "running")
		p.WaitFor(t, 10*time.Second, `() => document.getElementById("text").value === "new\n"`, nil)
		p.Eval(t, nil, `() => { document.getElementById("text").value = "changed\n"; }`, nil)
		p.Eval(t, nil, click, "Save and run")
		p.WaitFor(t, 10*time.Second, `() => document.getElementById("result").textContent.startsWith("Exit code 0 after")`, nil)
		p.Eval(t, &got, read, nil)
		if got.Output != "it runs\n" {
			t.Errorf("the output is %q", got.Output)
		}
		var file string
		p.Eval(t, &file, `() => document.querySelector("boxer-box").box.fs.readFile("/root/new.txt", "utf8")`, nil)
		if file != "changed\n" {
			t.Errorf("the file holds %q", file)
		}
		p.Eval(t, nil, `() => { document.getElementById("command").value = "nonesuch"; }`, nil)
		p.Eval(t, nil, click, "Save and run")
		p.WaitFor(t, 10*time.Second, `() => document.getElementById("result").textContent.includes("not found")`, nil)

		p.Eval(t, nil, `() => { document.getElementById("keep").click(); }`, nil)
		p.WaitFor(t, 10*time.Second, state, "running")
		p.Eval(t, &got, read, nil)
		if got.Persist != "/#Edit and run" {
			t.Errorf("kept as %q", got.Persist)
		}
		p.Eval(t, nil, click, "Kept")
		p.WaitFor(t, 10*time.Second, state, "exited")
		p.Eval(t, nil, click, "Save and run") // the box lives on
		p.WaitFor(t, 10*time.Second, `() => document.getElementById("result").textContent.length > 0`, nil)
		if e := p.Errors(); len(e) > 0 {
			t.Errorf("exceptions that nobody caught: %q", e)
		}
	})
}
