package element_test

import (
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
)

// A box runs on an origin that is not secure, such as a phone's view of a
// laptop, and the page says what is missing there.
func TestInsecureOrigin(t *testing.T) {
	image, err := guests.BusyboxImage()
	if err != nil {
		t.Skipf("no image: %v", err)
	}
	s := site.Serve(t, site.Options{}, map[string]string{"/": site.Dist(t), "/box.tar": image})
	s.Text("/site.json", `{"title": "insecure", "image": "box.tar", "cmd": "busybox sh", "tty": true, "persist": "kept"}`)
	b := browser.StartWith(t, browser.Chromium, browser.Options{Args: []string{"--host-resolver-rules=MAP boxer.test 127.0.0.1"}})
	p := b.Open(t, strings.Replace(s.URL, "127.0.0.1", "boxer.test", 1)+"/", browser.PageOptions{})
	p.WaitFor(t, 60*time.Second, `() => {
		const el = document.querySelector("boxer-box");
		if (el?.dataset.state === "failed") throw new Error(el.shadowRoot.querySelector("[role=alert]").textContent);
		return el?.shadowRoot.querySelector(".xterm-rows")?.textContent.includes("/ # ");
	}`, nil)
	var got struct {
		Secure                             bool
		Out, Offline, Notices, Panel, Hash string
	}
	p.Eval(t, &got, `async () => {
		const el = document.querySelector("boxer-box"), r = await el.box.run("busybox echo it runs");
		await el.box.sync();
		return {
			secure: isSecureContext, out: r.stdout, offline: document.getElementById("offline").textContent,
			notices: el.box.notices.join(" "), panel: el.shadowRoot.querySelector(".panel").textContent, hash: await el.box.tree(),
		};
	}`, nil)
	if got.Secure || got.Out != "it runs\n" || len(got.Hash) != 64 {
		t.Errorf("%+v", got)
	}
	for where, text := range map[string]string{"notices": got.Notices, "panel": got.Panel, "page": got.Offline} {
		if !strings.Contains(text, "https") {
			t.Errorf("the %s does not say what is missing: %q", where, text)
		}
	}
}
