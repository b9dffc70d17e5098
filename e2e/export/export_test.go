// Package export has what `boxer export` and `boxer serve` write run in real
// browsers.
package export

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
)

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
}

// shell uses the page's own box: a command, a file, and a large part of the image.
const shell = `async () => {
	const element = document.querySelector("boxer-box");
	for (let i = 0; !element.box && i < 300; i++) await new Promise((r) => setTimeout(r, 100));
	const r = await element.box.run(["sh", "-c", "echo from a page; cat /proc/self/exe | wc -c; echo $A"]);
	return r.stdout + r.stderr + r.exitCode;
}`

// check runs shell in a page and compares.
func check(t *testing.T, p *browser.Page, size int64) {
	t.Helper()
	p.WaitFor(t, 60*time.Second, `() => document.querySelector("boxer-box")`, nil)
	var got string
	p.Eval(t, &got, shell, nil)
	if want := fmt.Sprintf("from a page\n%d\n1\n0", size); got != want {
		t.Errorf("the box says %q, want %q", got, want)
	}
}

// busyboxSize is the size of the image's program.
func busyboxSize(t *testing.T, name, image string) int64 {
	t.Helper()
	out, err := exec.Command(name, "run", image, "sh", "-c", "cat /proc/self/exe | wc -c").Output()
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	fmt.Sscan(string(out), &n)
	return n
}

// TestExport exports an image in every form and runs it in a browser.
func TestExport(t *testing.T) {
	name, dir := site.Boxer(t), t.TempDir()
	image, err := guests.BusyboxImage()
	if err != nil {
		t.Skipf("no busybox: %v", err)
	}
	size := busyboxSize(t, name, image)
	web, html, box := filepath.Join(dir, "web"), filepath.Join(dir, "box.html"), filepath.Join(dir, "app.box")
	run(t, name, "export", "-q", "-e", "A=1", "--web", web, "--html", html, "--box", box, image)
	if st, err := os.Stat(filepath.Join(web, "image", "t", "index.txt")); err != nil || st.Size() == 0 {
		t.Errorf("no translations: %v", err)
	}
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		b := browser.Start(t, kind)
		for _, ranges := range []bool{false, true} {
			t.Run(fmt.Sprintf("site, ranges=%v", ranges), func(t *testing.T) {
				s := site.Serve(t, site.Options{Ranges: ranges}, map[string]string{"/app/": web})
				p := b.Open(t, s.URL+"/app/", browser.PageOptions{})
				check(t, p, size)
				t.Logf("%d bytes were sent", s.Sent.Load())
			})
		}
		t.Run("one file", func(t *testing.T) {
			check(t, b.Open(t, "file://"+html, browser.PageOptions{}), size)
		})
		t.Run("serve", func(t *testing.T) {
			cmd := exec.Command(name, "serve", "-q", "--port", "0", "--no-warmup", "-e", "A=1", image)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			url := strings.TrimSpace(line[strings.LastIndex(line, " ")+1:])
			check(t, b.Open(t, url, browser.PageOptions{}), size)
			cmd.Process.Signal(os.Interrupt)
			if err := cmd.Wait(); err != nil {
				t.Errorf("serve, interrupted: %v", err)
			}
		})
	})
}
