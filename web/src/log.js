import { h } from "./dom.js";

/** How much a log shows: what is older goes. */
const limit = 256 << 10;

/** Removes what only a terminal understands. */
// eslint-disable-next-line no-control-regex
const plain = (s) => s.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g, "")
	.replace(/\r+\n/g, "\n").replace(/[\0-\x08\x0b-\x1f\x7f]/g, "");

/** A box's output as text, for boxes that have no terminal. */
export class Log {
	#pre;
	#size = 0;
	#decoders = new Map();

	/** @param {HTMLElement} host @param {((line: string) => void)|null} onLine given where there is an input line */
	constructor(host, onLine) {
		this.#pre = h("pre", { className: "log", role: "log", tabindex: "0", "aria-label": "output of the box" });
		host.replaceChildren(this.#pre);
		if (!onLine) return;
		const input = h("input", { className: "line", "aria-label": "a line of input for the box", placeholder: "input", autocomplete: "off", autocapitalize: "off", spellcheck: false });
		host.append(h("form", { className: "input", onsubmit: (e) => {
			e.preventDefault();
			onLine(input.value + "\n");
			input.value = "";
		} }, input, h("button", {}, "Send")));
	}

	/** Shows data, and answers when the browser has drawn it, so that a flood waits for the screen. */
	write(data, fd = 1) {
		if (!this.#decoders.has(fd)) this.#decoders.set(fd, new TextDecoder());
		const text = plain(this.#decoders.get(fd).decode(data, { stream: true }));
		const pre = this.#pre, atEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 30;
		if (text) pre.append(fd === 2 ? h("span", { className: "err" }, text) : text);
		this.#size += text.length;
		while (this.#size > limit && pre.childNodes.length > 1) {
			this.#size -= pre.firstChild.textContent.length;
			pre.firstChild.remove();
		}
		if (atEnd) pre.scrollTop = pre.scrollHeight;
		// A hidden page draws nothing, and must not stop its box.
		return new Promise((r) => document.hidden ? setTimeout(r, 20) : requestAnimationFrame(r));
	}

	focus() { this.#pre.focus(); }
	setTheme() {}
	dispose() {}
}
