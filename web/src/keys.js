import { h } from "./dom.js";

const esc = "\x1b";

/**
 * What a key does while Ctrl is held, as terminals send it.
 * @param {string} text
 */
export function control(text) {
	if (text.length !== 1) return text;
	const c = text.toUpperCase().charCodeAt(0);
	if (c >= 0x40 && c <= 0x5f) return String.fromCharCode(c & 0x1f);
	return { " ": "\0", "?": "\x7f", "/": "\x1f", "-": "\x1f", "2": "\0" }[text] ?? text;
}

/** The row of keys that phones lack. It is there on touch screens only (terminal.css). */
export class Keys {
	#ctrl = false;
	#button;

	/** @param {import("@xterm/xterm").Terminal} term @param {(text: string) => void} send @param {() => void} select */
	constructor(term, send, select) {
		const key = (label, name, f) => h("button", {
			type: "button", "aria-label": name,
			// A button that took the focus would close the keyboard.
			onpointerdown: (e) => e.preventDefault(),
			onclick: () => {
				f();
				term.focus();
			},
		}, label);
		const text = (label, name, s) => key(label, name, () => send(this.apply(s)));
		const arrow = (label, name, c) => key(label, name, () => {
			const ctrl = this.#ctrl;
			this.#set(false);
			send(ctrl ? `${esc}[1;5${c}` : esc + (term.modes.applicationCursorKeysMode ? "O" : "[") + c);
		});
		this.#button = key("Ctrl", "Control", () => this.#set(!this.#ctrl));
		this.row = h("div", { className: "keys", role: "toolbar", "aria-label": "terminal keys" },
			text("Esc", "Escape", esc), text("Tab", "Tab", "\t"), this.#button,
			arrow("←", "Left", "D"), arrow("↑", "Up", "A"), arrow("↓", "Down", "B"), arrow("→", "Right", "C"),
			key("Select", "Select and copy text", select));
		this.#set(false);
	}

	#set(on) {
		this.#ctrl = on;
		this.#button.setAttribute("aria-pressed", String(on));
	}

	/** Text as it goes to the box: the key after Ctrl is a control character. */
	apply(text) {
		if (!this.#ctrl) return text;
		this.#set(false);
		return control(text);
	}
}
