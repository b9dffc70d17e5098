import { Box } from "./box.js";
import { base, inline } from "./core.js";
import { BoxError } from "./error.js";
import { filesAttribute, memory, words } from "./options.js";
import { size } from "./persist.js";

const chunks = new Map();

/**
 * Loads a part of boxer that not every page needs, once.
 * @param {string} file its name beside boxer.js
 */
function chunk(file) {
	const text = inline()?.chunks?.[file];
	const at = text ? URL.createObjectURL(new Blob([text], { type: "text/javascript" })) : new URL(file, base).href;
	if (!chunks.has(file)) {
		chunks.set(file, import(at).catch((e) => {
			chunks.delete(file);
			throw new BoxError(`${at} cannot be loaded: ${file} belongs beside boxer.js, and the page's script-src must allow it`, "CORE", { cause: e });
		}));
	}
	return chunks.get(file);
}

/** What the element's own chunk uses of boxer.js, so that neither is there twice. */
const lib = { Box, BoxError, chunk, filesAttribute, memory, size, words };

/**
 * <boxer-box>: a box with its screen. What is seen is view.js, in a chunk of
 * its own; here is what a page can ask of the element from the first moment.
 */
export class BoxerBox extends (globalThis.HTMLElement ?? class {}) {
	static observedAttributes = ["theme", "screenreader"];

	/** @type {import("./view.js").View|null} */
	#view = null;
	#loading = null;

	constructor() {
		super();
		const root = this.attachShadow({ mode: "open", delegatesFocus: true });
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(":host{display:block;height:var(--boxer-height,24rem);min-height:8rem;contain:layout}:host([hidden]){display:none}");
		root.adoptedStyleSheets = [sheet];
	}

	/** The running box, or the one that ended last. @type {Box|null} */
	get box() { return this.#view?.box ?? null; }
	/** The process that the element shows. @type {import("./process.js").Process|null} */
	get process() { return this.#view?.process ?? null; }

	async #load() {
		try {
			const { View } = await (this.#loading ??= chunk("element.mjs"));
			return this.#view ??= new View(this, lib);
		} catch (e) {
			this.#loading = null;
			this.shadowRoot.replaceChildren(e.message);
			throw e;
		}
	}

	connectedCallback() {
		this.#load().then((v) => this.isConnected && v.connected(), () => {});
	}

	disconnectedCallback() {
		this.#view?.disconnected();
	}

	attributeChangedCallback() {
		this.#view?.changed();
	}

	/** Starts the box. Never fails: what goes wrong stands in the element, and is an event. */
	async start() { await (await this.#load()).start(); }
	/** Ends the box; what is to be kept is written first. */
	async stop() { await this.#view?.stop(); }
	/** Ends the box and starts it anew, from its image and what is kept. */
	async restart() { await (await this.#load()).restart(); }

	focus(options) {
		if (this.#view) this.#view.focus();
		else super.focus(options);
	}
}
