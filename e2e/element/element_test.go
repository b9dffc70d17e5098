package element_test

import (
	"testing"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// What the element does besides showing a terminal.
func TestElement(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		s := serve(t, site.Options{})
		p := open(t, kind, s.URL+"/t.html", browser.PageOptions{})
		for name, script := range map[string]string{
			"a box below the fold starts when it is scrolled to": `async () => {
				const el = document.createElement("boxer-box"), space = document.createElement("div");
				space.style.height = "5000px";
				el.setAttribute("image", "x.box");
				document.body.replaceChildren(space, el);
				await new Promise((r) => setTimeout(r, 300));
				if (el.dataset.state !== "idle") throw new Error(el.dataset.state);
				el.scrollIntoView();
				await until(() => el.dataset.state === "running");
			}`,
			"a box that is started by hand": `async () => {
				const el = await show({ image: "x.box", autostart: "manual" }, ["idle"]);
				[...el.shadowRoot.querySelectorAll("button")].find((b) => b.textContent === "Start").click();
				await until(() => el.dataset.state === "running");
			}`,
			"a log takes lines of input, and text only": `async () => {
				const el = await show({ image: "x.box", cmd: "cat", stdin: "" });
				const input = el.shadowRoot.querySelector(".line");
				for (const line of ["first", "\x1b[31m<b>second</b>\x1b[0m"]) {
					input.value = line;
					input.form.requestSubmit();
				}
				await until(() => screen_().includes("second"));
				if (screen_() !== "first\n<b>second</b>\n") throw new Error(JSON.stringify(screen_()));
			}`,
			"events": `async () => {
				const seen = [], el = document.createElement("boxer-box");
				for (const type of ["progress", "ready", "exit", "error"]) el.addEventListener(type, (e) => seen.includes(type) || seen.push(type));
				el.setAttribute("image", "x.box");
				el.setAttribute("cmd", "echo 'a  b' \"$c\"");
				document.body.replaceChildren(el);
				await until(() => el.dataset.state === "exited");
				if (seen.join() !== "progress,ready,exit") throw new Error(seen.join());
				if (screen_() !== "a  b $c\n") throw new Error(screen_());
			}`,
			"files of a script, and of the attribute": `async () => {
				await show({ image: "x.box", files: '[{"path": "/a", "text": "x", "mode": "0755"}]' });
				if (fakes.at(-1).options.files[0].mode !== 0o755) throw new Error("the mode is lost");
				const el = document.createElement("boxer-box");
				el.files = { "/b": new Uint8Array([7]) };
				el.setAttribute("image", "x.box");
				document.body.replaceChildren(el);
				await until(() => el.dataset.state === "running");
				if (fakes.at(-1).options.files[0].data[0] !== 7) throw new Error("the file is lost");
			}`,
			"an element that is moved keeps its box, one that is removed ends it": `async () => {
				const el = await show({ image: "x.box" }), { box } = el, other = document.createElement("div");
				document.body.append(other);
				other.append(el);
				await new Promise((r) => setTimeout(r, 50));
				if (el.box !== box || el.dataset.state !== "running") throw new Error(el.dataset.state);
				el.remove();
				await until(() => el.dataset.state === "stopped");
				const e = await box.run("echo").catch((e) => e);
				if (e.code !== "STOPPED") throw e;
			}`,
			"a screen reader has the lines": `async () => {
				const el = await show({ image: "x.box", tty: "", cmd: "sh" });
				el.setAttribute("screenreader", "");
				await until(() => el.shadowRoot.querySelector(".xterm-accessibility-tree"));
				if (!el.shadowRoot.querySelector("input[type=checkbox]").checked) throw new Error("the switch is not on");
				el.removeAttribute("screenreader");
				await until(() => !el.shadowRoot.querySelector(".xterm-accessibility-tree"));
			}`,
			"the theme is the page's, or the attribute's": `async () => {
				const el = await show({ image: "x.box", tty: "", theme: "dark" });
				const colour = () => getComputedStyle(el.shadowRoot.querySelector(".frame")).backgroundColor;
				if (colour() !== "rgb(15, 23, 32)") throw new Error(colour());
				el.setAttribute("theme", "light");
				if (colour() !== "rgb(251, 252, 253)") throw new Error(colour());
			}`,
			"eight boxes share one core": `async () => {
				const boxes = await Promise.all(Array.from({ length: 8 }, () => Box.create({ image: "x.box" })));
				const out = await Promise.all(boxes.map((b, i) => b.run(["echo", String(i)])));
				if (out.map((r) => r.stdout.trim()).join("") !== "01234567") throw new Error(JSON.stringify(out));
				await Promise.all(boxes.map((b) => b.stop()));
			}`,
			"a second tab is offered a copy": `async () => {
				if (!navigator.locks) return;
				const first = await Box.create({ image: "x.box", persist: "shared" });
				const el = await show({ image: "x.box", persist: "shared" }, ["loading"]);
				await until(() => alert_().includes("open in another tab"));
				el.shadowRoot.querySelector("[role=alert] button").click();
				await until(() => el.dataset.state === "running");
				if (!el.box.readonly || !alert_().includes("nothing of it will be kept")) throw new Error(alert_());
				await first.stop();
			}`,
		} {
			t.Run(name, func(t *testing.T) { p.Eval(t, nil, script, nil) })
		}
		if e := p.Errors(); len(e) > 0 {
			t.Errorf("%d exceptions that nobody caught, the first: %s", len(e), e[0])
		}
	})
}
