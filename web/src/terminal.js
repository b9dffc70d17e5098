// The terminal's chunk, xterm.mjs: what boxer.js loads when a box with a
// terminal starts.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import xtermStyles from "@xterm/xterm/css/xterm.css";
import { openGuarded } from "./cspdocument.js";
import { h, style } from "./dom.js";
import { Keys } from "./keys.js";
import { silence } from "./silence.js";
import styles from "./terminal.css";

const palette = (colours) => Object.fromEntries(["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
	.flatMap((name, i) => [[name, colours[i]], ["bright" + name[0].toUpperCase() + name.slice(1), colours[i + 8]]]));

const themes = {
	dark: {
		background: "#0f1720", foreground: "#d8e1e9", cursor: "#7cc0f0", selectionBackground: "#34506b",
		scrollbarSliderBackground: "#9aabba44", scrollbarSliderHoverBackground: "#9aabba77", scrollbarSliderActiveBackground: "#9aabba99",
		...palette(["#33414e", "#ff8f8f", "#7fd69a", "#f0c674", "#7cb7ff", "#d7a6ff", "#6fd6d6", "#d8e1e9",
			"#7d8fa0", "#ffb0b0", "#a3e9b8", "#ffdf9e", "#a8d0ff", "#e6c6ff", "#9ceaea", "#ffffff"]),
	},
	light: {
		background: "#fbfcfd", foreground: "#1b2733", cursor: "#14639c", cursorAccent: "#ffffff", selectionBackground: "#b9d8f0",
		scrollbarSliderBackground: "#52617044", scrollbarSliderHoverBackground: "#52617077", scrollbarSliderActiveBackground: "#52617099",
		...palette(["#1b2733", "#a4262c", "#1c7a3d", "#7a5200", "#14539c", "#7b3294", "#0b6e75", "#6b7885",
			"#526170", "#b83238", "#1f8545", "#8a5d00", "#1c64b8", "#8c3fa8", "#0d7d85", "#3a4754"]),
	},
};

const encoder = new TextEncoder();
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Opens a terminal.
 * @param {ShadowRoot} root
 * @param {HTMLElement} screen what it fills
 * @param {{scrollback: number, screenReader: boolean, onData: (data: Uint8Array) => void,
 *   onResize: (cols: number, rows: number) => void, leave: () => void}} o
 */
export function open(root, screen, o) {
	const before = root.adoptedStyleSheets;
	style(root, xtermStyles);
	style(root, styles);
	const host = h("div", { className: "term" });
	const term = new Terminal({
		allowProposedApi: false, scrollback: o.scrollback, screenReaderMode: o.screenReader, minimumContrastRatio: 4.5,
		cursorBlink: !calm.matches, fontSize: 14, lineHeight: 1.15, rightClickSelectsWord: true, macOptionClickForcesSelection: true,
		fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace',
		linkHandler: { activate: (_, uri) => follow(uri), allowNonHttpProtocols: false },
	});
	silence(term);
	const fit = new FitAddon();
	term.loadAddon(fit);

	const send = (text) => o.onData(encoder.encode(text));
	const keys = new Keys(term, send, () => select());
	screen.replaceChildren(host, keys.row);
	openGuarded(term, host, root);

	term.onData((text) => send(keys.apply(text)));
	term.onBinary((text) => o.onData(Uint8Array.from(text, (c) => c.charCodeAt(0))));
	term.onResize(({ cols, rows }) => o.onResize(cols, rows));
	term.attachCustomKeyEventHandler((e) => {
		if (!e.ctrlKey || !e.shiftKey || e.altKey || e.metaKey) return true;
		if (e.code === "KeyV") return false; // the browser pastes, and xterm gets the paste event
		if (e.code !== "KeyC" && e.code !== "KeyL") return true;
		e.preventDefault();
		if (e.type === "keydown") e.code === "KeyC" ? copy(term.getSelection()) : o.leave();
		return false;
	});

	/** Shows the screen as text, which a finger can select and a reader can read at leisure. */
	function select() {
		const buffer = term.buffer.active, lines = [];
		for (let y = 0; y < buffer.length; y++) {
			const line = buffer.getLine(y), text = line.translateToString(true);
			if (line.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
			else lines.push(text);
		}
		const text = lines.join("\n").trimEnd();
		const pre = h("pre", { tabindex: "0", "aria-label": "text of the terminal" }, text);
		const close = () => {
			sheet.remove();
			term.focus();
		};
		const marked = () => String((root.getSelection?.() ?? document.getSelection()) ?? "");
		const sheet = h("div", { className: "select", role: "dialog", "aria-label": "select text", onkeydown: (e) => e.key === "Escape" && close() }, pre,
			h("div", {}, h("button", { type: "button", onclick: () => copy(marked() || text).then(close) }, "Copy"),
				h("button", { type: "button", onclick: async () => {
					const t = await navigator.clipboard?.readText?.().catch(() => "");
					close();
					if (t) term.paste(t);
				} }, "Paste"),
				h("button", { type: "button", onclick: close }, "Close")));
		screen.append(sheet);
		pre.scrollTop = pre.scrollHeight;
		pre.focus();
	}

	// A finger held on the screen means to select.
	let press = 0;
	const release = () => clearTimeout(press);
	host.addEventListener("pointerdown", (e) => {
		if (e.pointerType === "touch") press = setTimeout(select, 600);
	});
	for (const type of ["pointerup", "pointermove", "pointercancel"]) host.addEventListener(type, release);

	const resize = new ResizeObserver(() => {
		if (host.clientWidth > 0 && host.clientHeight > 0) fit.fit();
	});
	resize.observe(host);
	fit.fit();
	const motion = () => { term.options.cursorBlink = !calm.matches; };
	calm.addEventListener("change", motion);

	return {
		get cols() { return term.cols; },
		get rows() { return term.rows; },
		/** Shows data, and answers when it is on the screen. */
		write: (data) => new Promise((done) => term.write(data, done)),
		focus: () => term.focus(),
		setTheme(name) { term.options.theme = themes[name] ?? themes.dark; },
		setScreenReader(on) { term.options.screenReaderMode = on; },
		term,
		dispose() {
			resize.disconnect();
			release();
			calm.removeEventListener("change", motion);
			term.dispose();
			screen.replaceChildren();
			root.adoptedStyleSheets = before;
		},
	};
}

/** Where a link that the box printed leads: only to the web, and never without asking. */
function follow(uri) {
	let url;
	try {
		url = new URL(uri);
	} catch {
		return;
	}
	if (!/^https?:$/.test(url.protocol)) return;
	if (confirm(`A program in the box links to\n\n${url.href}\n\nOpen it?`)) window.open(url.href, "_blank", "noopener,noreferrer");
}

async function copy(text) {
	if (!text) return;
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		// Insecure origins have no clipboard but this one.
		const area = document.body.appendChild(h("textarea", { value: "", readOnly: true }));
		area.value = text;
		area.select();
		document.execCommand("copy");
		area.remove();
	}
}
