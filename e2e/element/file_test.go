package element_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
)

// The page in one file starts its box from disk: worker, core, image and
// terminal are all in it.
func TestOneFile(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		dist := site.Dist(t)
		read := func(name string) []byte {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		image, err := guests.BusyboxImage()
		if err != nil {
			t.Skipf("no image: %v", err)
		}
		encode := base64.StdEncoding.EncodeToString
		page := strings.Replace(string(read(filepath.Join(dist, "file.html"))), "@BOXER_INLINE@", fmt.Sprintf(
			`{"core": %q, "image": %q, "site": {"title": "one file", "cmd": "busybox sh"}}`, encode(read(filepath.Join(dist, "core.wasm.gz"))), encode(read(image))), 1)
		file := filepath.Join(t.TempDir(), "box.html")
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		b := browser.Start(t, kind)
		p := b.Open(t, "file://"+file, browser.PageOptions{})
		p.WaitFor(t, 60*time.Second, `() => {
			const el = document.querySelector("boxer-box");
			if (el?.dataset.state === "failed") throw new Error(el.shadowRoot.querySelector("[role=alert]").textContent);
			return el?.shadowRoot.querySelector(".xterm-rows")?.textContent.includes("/ # ");
		}`, nil)
		var got struct {
			Stdout string
			Code   int
		}
		p.Eval(t, &got, `async () => {
			const r = await document.querySelector("boxer-box").box.run("busybox uname -m");
			return { stdout: r.stdout, code: r.exitCode };
		}`, nil)
		if got.Stdout != "aarch64\n" || got.Code != 0 {
			t.Errorf("%+v", got)
		}
		shot(t, p, "file-"+string(kind))
	})
}
