package main

import (
	"fmt"
	"time"

	"boxer/e2e/browser"
)

// frames has a box compute for some seconds and returns the page's frame
// times, by which its responsiveness is judged; then how long Ctrl-C takes to
// be answered, while programs spin.
const frames = `async ({ image, seconds }) => {
	const percentile = (list, p) => list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))];
	const el = document.createElement("boxer-box");
	for (const [k, v] of Object.entries({ image, cmd: "/bin/sh", tty: "", autostart: "load" })) el.setAttribute(k, v);
	document.body.append(el);
	const shows = async (text) => {
		for (const end = performance.now() + 60000; !el.shadowRoot.textContent.includes(text);) {
			if (performance.now() > end) throw new Error("the box does not show " + text + ": " + el.shadowRoot.textContent);
			await new Promise((done) => setTimeout(done, 5));
		}
	};
	await shows("# ");
	const times = [], interrupts = [];
	await el.process.write("echo spin$((1+1)); while :; do :; done\r");
	await shows("spin2");
	await new Promise((done) => {
		let last = performance.now();
		const until = last + 1000 * seconds;
		const frame = (now) => {
			times.push(now - last);
			last = now;
			if (now < until) requestAnimationFrame(frame);
			else done();
		};
		requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame); });
	});
	for (let i = 0; i < 20; i++) {
		const at = performance.now(), all = (el.shadowRoot.textContent.match(/\^C/g) ?? []).length;
		await el.process.write("\x03");
		while ((el.shadowRoot.textContent.match(/\^C/g) ?? []).length === all) {
			if (performance.now() - at > 60000) throw new Error("^C was not answered");
			await new Promise((done) => setTimeout(done, 1));
		}
		interrupts.push(performance.now() - at);
		await el.process.write("clear; echo again" + i + "$((1+1)); while :; do :; done\r");
		await shows("again" + i + "2");
	}
	el.remove();
	return { frame: percentile(times, 0.95), interrupt: percentile(interrupts, 0.95) };
}`

// measureFrames measures a page under a computing box.
func (rep *report) measureFrames(p *page) error {
	tab, err := p.browser.OpenPage(p.server.Page(), browser.PageOptions{})
	if err != nil {
		return err
	}
	defer tab.Close()
	var got struct{ Frame, Interrupt float64 }
	arg := map[string]any{"image": p.server.Image(p.image), "seconds": 5}
	if err := tab.EvalIn(5*time.Minute, &got, frames, arg); err != nil {
		return fmt.Errorf("frame times: %w", err)
	}
	rep.add("page, frame time under a computing box, 95%", got.Frame, "ms", 20)
	rep.add("page, Ctrl-C to a computing box until it is seen, 95%", got.Interrupt, "ms", 50)
	return nil
}
