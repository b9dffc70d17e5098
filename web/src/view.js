import styles from "./view.css";
import { h, style } from "./dom.js";
import { Log } from "./log.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const what = { core: "boxer", image: "image", translations: "translated code" };

/**
 * What a <boxer-box> shows and does. The element's attributes are data:
 * nothing of them, and nothing that the box writes, is ever parsed as HTML.
 */
export class View {
	/** @type {HTMLElement} */
	#el;
	#lib;
	#state = "idle";
	/** Aborted when this run is to end. @type {AbortController|null} */
	#run = null;
	#view = null;
	#watch = null;
	/** What of the image cannot be had, once one was missing. */
	#missing = "";
	#at = Promise.resolve(); // what was typed is sent in order
	#ui;

	/** The running box, or the one that ended last. @type {Box|null} */
	box = null;
	/** The process that the element shows. @type {import("./process.js").Process|null} */
	process = null;

	/** @param {HTMLElement} el @param {object} lib what boxer.js hands over */
	constructor(el, lib) {
		this.#el = el;
		this.#lib = lib;
		const root = el.shadowRoot;
		style(root, styles);
		const button = (text, f, more = {}) => h("button", { type: "button", onclick: f, ...more }, text);
		const ui = this.#ui = {
			status: h("span", { role: "status", className: "status" }),
			bar: h("progress", { hidden: true, max: 1, "aria-label": "loading" }),
			toggle: button("Start", () => this.#running() ? this.stop() : this.restart()),
			screen: h("div", { className: "screen", part: "screen" }),
			alert: h("div", { className: "alert", role: "alert", hidden: true }),
			facts: h("ul"),
			file: h("input", { type: "file", accept: ".tar", hidden: true, onchange: () => this.#import() }),
			reader: h("input", { type: "checkbox", onchange: (e) => el.toggleAttribute("screenreader", e.target.checked) }),
		};
		ui.export = button("Export files", () => this.#export());
		ui.import = button("Import files", () => ui.file.click());
		ui.menu = h("details", { className: "menu", onkeydown: (e) => {
			if (e.key === "Escape" && ui.menu.open) {
				ui.menu.open = false;
				ui.menu.firstChild.focus();
			}
		} }, h("summary", {}, "About"), h("div", { className: "panel" },
			h("p", {}, "What this box may do"), ui.facts,
			h("div", { className: "row" }, ui.export, ui.import, ui.file),
			h("label", {}, ui.reader, " Screen reader mode"),
			h("p", { className: "hint" }, "Ctrl+Shift+C and V copy and paste. Ctrl+Shift+L leaves the terminal.")));
		root.replaceChildren(h("div", { className: "frame", part: "frame" },
			h("div", { className: "bar", part: "bar" }, ui.status, ui.bar, ui.menu, ui.toggle), ui.alert, ui.screen));
		this.#set("idle");
	}

	connected() {
		if (!this.#el.hasAttribute("role")) this.#el.setAttribute("role", "group");
		if (!this.#el.hasAttribute("aria-label")) this.#el.setAttribute("aria-label", "box: " + (this.#el.getAttribute("label") ?? this.#el.getAttribute("cmd") ?? this.#el.getAttribute("image") ?? ""));
		dark.addEventListener("change", this.#theme);
		document.addEventListener("pointerdown", this.#outside);
		this.#theme();
		const when = this.#el.getAttribute("autostart") ?? "visible";
		if (this.#state !== "idle" || when === "manual") return;
		if (when === "load") return void this.start();
		this.#watch = new IntersectionObserver((entries) => {
			if (entries.some((e) => e.isIntersecting)) this.start();
		});
		this.#watch.observe(this.#el);
	}

	disconnected() {
		dark.removeEventListener("change", this.#theme);
		document.removeEventListener("pointerdown", this.#outside);
		this.#watch?.disconnect();
		// One that is only moved is connected again at once.
		queueMicrotask(() => this.#el.isConnected || this.stop());
	}

	changed() {
		this.#theme();
		this.#ui.reader.checked = this.#el.hasAttribute("screenreader");
		this.#view?.setScreenReader?.(this.#el.hasAttribute("screenreader"));
	}

	#outside = (e) => {
		if (!e.composedPath().includes(this.#ui.menu)) this.#ui.menu.open = false;
	};

	#theme = () => {
		const theme = this.#el.getAttribute("theme") ?? (dark.matches ? "dark" : "light");
		this.#el.shadowRoot.firstElementChild.dataset.theme = theme === "dark" ? "dark" : "light";
		this.#view?.setTheme(theme);
	};

	#running() { return this.#state === "loading" || this.#state === "running"; }

	#set(state, text = { idle: "Not started", loading: "Starting", running: "Running", stopped: "Stopped", failed: "Failed" }[state]) {
		const { status, bar, toggle, menu } = this.#ui;
		this.#state = state;
		this.#el.dataset.state = state;
		status.dataset.state = state;
		status.textContent = text;
		bar.hidden = state !== "loading";
		toggle.textContent = this.#running() ? "Stop" : state === "idle" ? "Start" : "Restart";
		this.#ui.export.disabled = this.#ui.import.disabled = !this.box?.info;
	}

	#say(message, kind = "error") {
		const { alert } = this.#ui;
		alert.hidden = !message;
		alert.dataset.kind = kind;
		alert.textContent = message ?? "";
	}

	#notice = (text, kind) => {
		// What the browser lacks is good to know and no hindrance.
		if (kind === "browser") return this.#ui.facts.append(h("li", {}, text));
		this.#say(text, "notice");
		if (kind === "image") this.#missing ||= text;
		if (kind !== "busy" || this.#el.getAttribute("when-busy") === "readonly") return;
		this.#offer("Open a copy", "when-busy", "readonly");
	};

	/** Offers to start anew with one more attribute. */
	#offer(text, name, value) {
		this.#ui.alert.append(" ", h("button", { type: "button", onclick: () => {
			this.#el.setAttribute(name, value);
			this.restart();
		} }, text));
	}

	#progress = ({ what: key, done, total }) => {
		const { bar, status } = this.#ui;
		if (total > 0) bar.value = done / total;
		else bar.removeAttribute("value");
		if (this.#state === "loading") status.textContent = `Loading ${what[key] ?? key}: ${this.#lib.size(done)}${total > 0 ? " of " + this.#lib.size(total) : ""}`;
		this.#emit("progress", { what: key, done, total });
	};

	#emit(type, detail) {
		this.#el.dispatchEvent(new CustomEvent(type, { detail }));
	}

	/** The attributes as options. What they say wrong is thrown. */
	#options() {
		const a = (name) => this.#el.getAttribute(name) ?? undefined;
		const options = {
			image: a("image"), env: a("env"), memory: this.#lib.memory(a("memory")), net: a("net") || "none", persist: a("persist"),
			user: a("user"), workdir: a("workdir"), hostname: a("hostname"), debug: a("debug"), whenBusy: a("when-busy"), salvage: this.#el.hasAttribute("salvage"),
			files: this.#el.files ?? this.#lib.filesAttribute(this.#el.getAttribute("files")),
		};
		const { facts } = this.#ui;
		facts.replaceChildren(...[
			"Network: none",
			options.memory ? `Memory: at most ${this.#lib.size(options.memory)}` : "Memory: as much as the browser gives a page",
			"Files: those of its image; nothing of this device or page",
			options.persist ? `What it writes is kept in this browser, as "${options.persist}"` : "What it writes is gone when it ends",
		].map((t) => h("li", {}, t)));
		return options;
	}

	/** Starts the box, unless it runs. Resolves when it runs, and never fails: what goes wrong stands in the element. */
	async start() {
		if (this.#running()) return;
		this.#watch?.disconnect();
		const run = this.#run = new AbortController(), { signal } = run;
		this.#say("");
		this.#missing = "";
		this.#set("loading");
		try {
			const options = this.#options();
			const cmd = this.#el.hasAttribute("cmd") ? this.#lib.words(this.#el.getAttribute("cmd"), "cmd") : null;
			const [box, view] = await Promise.all([
				this.#lib.Box.create({ ...options, signal, onProgress: this.#progress, onNotice: this.#notice }),
				this.#open(signal),
			]);
			if (signal.aborted) return box.stop();
			this.box = box;
			box.addEventListener("error", (e) => this.#fail(run, e.detail));
			const tty = this.#el.hasAttribute("tty");
			const p = await box.spawn(cmd, { init: !this.#el.hasAttribute("keep-alive"), tty: tty ? { rows: view.rows, cols: view.cols } : undefined, stdin: tty || this.#el.hasAttribute("stdin") });
			this.process = p;
			if (tty) p.resize(view.cols, view.rows).catch(() => {}); // it may have changed meanwhile
			this.#set("running");
			if (!box.readonly && !this.#missing) this.#say("");
			this.#emit("ready", box.info);
			this.#follow(run, p, view);
		} catch (e) {
			this.#fail(run, e);
		}
	}

	async #open(signal) {
		this.#view?.dispose();
		const { screen } = this.#ui;
		const send = (data) => { this.#at = this.#at.then(() => this.process?.write(data)).catch(() => {}); };
		if (!this.#el.hasAttribute("tty")) return this.#view = new Log(screen, this.#el.hasAttribute("stdin") ? send : null);
		const { open } = await this.#lib.chunk("xterm.mjs");
		signal.throwIfAborted();
		this.#view = open(this.#el.shadowRoot, screen, {
			scrollback: Math.min(+(this.#el.getAttribute("scrollback") ?? 2000) || 0, 100000),
			screenReader: this.#el.hasAttribute("screenreader"),
			onData: send,
			onResize: (cols, rows) => this.process?.resize(cols, rows).catch(() => {}),
			leave: () => this.#ui.toggle.focus(),
		});
		this.#theme();
		return this.#view;
	}

	/** Shows what the process writes, to its end. */
	async #follow(run, p, view) {
		const show = async (stream, fd) => {
			const reader = stream.getReader();
			let behind = 0, drawn;
			for (;;) {
				const { done, value } = await reader.read();
				if (run.signal.aborted) return;
				if (done) return drawn;
				behind += value.length;
				drawn = view.write(value, fd).then(() => { behind -= value.length; });
				// The screen takes its time for each piece, however small: some may wait for it.
				if (behind > 128 << 10) await drawn;
			}
		};
		try {
			await Promise.all([show(p.stdout, 1), show(p.stderr, 2)]);
			const end = await p.exited;
			if (this.#run !== run || run.signal.aborted) return;
			this.process = null;
			this.#set("exited", end.signal ? `Ended by ${end.signal}` : `Ended, exit code ${end.exitCode}`);
			if (end.error) this.#say(end.error);
			this.#ui.facts.append(...end.report.map((line) => h("li", {}, line)));
			this.#emit("exit", end);
		} catch (e) {
			this.#fail(run, e);
		}
	}

	#fail(run, e) {
		if (this.#run !== run || run.signal.aborted || this.#state === "failed") return;
		this.process = null;
		this.#set("failed");
		// "Input/output error" alone says nothing of its cause.
		this.#say([e?.message ?? String(e), this.#missing].filter(Boolean).join(". "));
		if (e?.code === "STORAGE" && !this.#el.hasAttribute("salvage")) this.#offer("Open what can be read", "salvage", "");
		this.#emit("error", e);
	}

	/** Ends the box; what is to be kept is written first. */
	async stop() {
		if (!this.#run || this.#run.signal.aborted) return;
		const { box } = this;
		this.#run.abort();
		this.process = this.box = null;
		this.#set("stopped");
		await box?.stop();
	}

	/** Ends the box and starts it anew, from its image and what is kept. */
	async restart() {
		await this.stop();
		await this.start();
	}

	async #export() {
		try {
			const url = URL.createObjectURL(new Blob([await this.box.exportTar()], { type: "application/x-tar" }));
			h("a", { href: url, download: (this.#el.getAttribute("persist") || "box") + ".tar" }).click();
			setTimeout(() => URL.revokeObjectURL(url), 60000);
		} catch (e) {
			this.#say(`the files cannot be exported: ${e.message}`);
		}
	}

	async #import() {
		const { file } = this.#ui;
		try {
			if (file.files[0]) await this.box.importTar(file.files[0]);
			if (file.files[0]) this.#say(`${file.files[0].name} is in the box.`, "notice");
		} catch (e) {
			this.#say(`the files cannot be imported: ${e.message}`);
		}
		file.value = "";
	}

	focus() {
		if (this.#view) this.#view.focus();
		else this.#ui.toggle.focus();
	}
}
