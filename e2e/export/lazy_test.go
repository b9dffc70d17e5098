package export

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
	"boxer/runtime/oci"
)

// unused is the size of a file in the image that nobody reads until the end.
const unused = 8_000_000

// lazySite is an exported site of busybox with that file.
func lazySite(t *testing.T) string {
	t.Helper()
	tree, err := guests.NewBusyboxTree()
	if err != nil {
		t.Skipf("no busybox: %v", err)
	}
	defer tree.Close()
	data := make([]byte, unused)
	rand.New(rand.NewSource(1)).Read(data)
	if err := tree.AddFile("usr/share/unused", 0o644, data); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	image := filepath.Join(dir, "image.tar")
	if err := guests.WriteImage(image, tree, oci.PackOptions{Reference: "lazy:1", Config: oci.Config{Cmd: []string{"sh"}}}); err != nil {
		t.Fatal(err)
	}
	run(t, site.Boxer(t), "export", "-q", "--web", filepath.Join(dir, "web"), image)
	return filepath.Join(dir, "web")
}

// embedded is a page of another origin that uses the site's boxer.js and image.
const embedded = `<!doctype html><title>embedded</title><script src="%[1]s/app/boxer.js"></script>
<script>globalThis.made = Box.create({ image: "%[1]s/app/image/" });</script>`

// TestLazyAfar runs the image in a page of another origin, from a server that has
// ranges and CORS and nothing else. What is not read is not fetched. A range that
// needed a preflight would fail: the server answers none.
func TestLazyAfar(t *testing.T) {
	web := lazySite(t)
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		b := browser.Start(t, kind)
		files := site.Serve(t, site.Options{CORS: true, Ranges: true}, map[string]string{"/app/": web})
		here := site.Serve(t, site.Options{}, nil)
		here.Text("/", fmt.Sprintf(embedded, files.URL))
		p := b.Open(t, here.URL+"/", browser.PageOptions{})
		var got string
		p.Eval(t, &got, `async () => { const r = await (await made).run(["sh", "-c", "echo $((6 * 7))"]); return r.stdout + r.stderr; }`, nil)
		if got != "42\n" {
			t.Errorf("the box says %q", got)
		}
		before := files.Sent.Load()
		p.Eval(t, &got, `async () => { const r = await (await made).run(["sh", "-c", "wc -c < /usr/share/unused"]); return r.stdout + r.stderr; }`, nil)
		if strings.TrimSpace(got) != fmt.Sprint(unused) {
			t.Errorf("the box says %q of a file of %d bytes", got, unused)
		}
		after := files.Sent.Load()
		t.Logf("%d bytes were sent for the first command, %d for the file", before, after-before)
		if after-before < unused-1<<20 { // its first part came with its neighbours
			t.Errorf("a file of %d bytes was read with %d bytes from the server", unused, after-before)
		}
	})
}

// TestDamaged has a part of the image changed behind the page's back: the program
// that reads it gets an error, the page says what is wrong, and the box goes on.
func TestDamaged(t *testing.T) {
	web := lazySite(t)
	blobs, err := filepath.Glob(filepath.Join(web, "image", "blobs", "sha256", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range blobs {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > unused {
			data[len(data)-1_000_000] ^= 1
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := browser.Start(t, browser.Chromium)
	s := site.Serve(t, site.Options{Ranges: true}, map[string]string{"/app/": web})
	s.Text("/", fmt.Sprintf(embedded, s.URL))
	p := b.Open(t, s.URL+"/", browser.PageOptions{})
	var got string
	p.EvalIn(2*time.Minute, &got, `async () => {
		const box = await made;
		const r = await box.run(["sh", "-c", "wc -c /usr/share/unused; echo still here"]);
		return [r.stdout + r.stderr, ...box.notices].join("\n");
	}`, nil)
	if !strings.Contains(got, "still here") || !strings.Contains(got, "/usr/share/unused: I/O error") && !strings.Contains(got, "Input/output error") {
		t.Errorf("the box says %q", got)
	}
	if strings.Count(got, "it should be sha256:") != 1 || !strings.Contains(got, "A part of the image cannot be had, and what a program read of it failed: layer sha256:") || !strings.Contains(got, "does not match its digest: it should be sha256:") {
		t.Errorf("nothing is said of the damage: %q", got)
	}
}
