// xterm writes style elements and style attributes, which a page whose policy
// is style-src 'self' forbids. Both have forms that no policy forbids: adopted
// style sheets, and an element's style object. So xterm gets a document whose
// elements use those.

/** style="…" by the style object. */
function setAttribute(name, value) {
	if (name === "style") this.style.cssText = value;
	else Element.prototype.setAttribute.call(this, name, value);
}

/**
 * @param {ShadowRoot} root where style sheets go
 * @returns {{document: Document, during: (f: () => void) => void}} the document,
 *   and a function that runs f while document.createElement is the guarded one:
 *   xterm asks the real document for some of its elements when it opens
 */
export function guardedDocument(root) {
	const create = document.createElement.bind(document);
	const createElement = (tag, options) => {
		if (tag === "style") return styleElement(root, create("template"));
		const el = create(tag, options);
		if (tag === "span" || tag === "div") el.setAttribute = setAttribute;
		return el;
	};
	const bound = new Map([["createElement", createElement]]);
	const guarded = new Proxy(document, {
		get(target, name) {
			if (bound.has(name)) return bound.get(name);
			const value = Reflect.get(target, name);
			if (typeof value !== "function" || /^[A-Z]/.test(String(name))) return value;
			bound.set(name, value.bind(target));
			return bound.get(name);
		},
		set: (target, name, value) => Reflect.set(target, name, value),
	});
	return {
		document: guarded,
		during(f) {
			document.createElement = createElement;
			try {
				f();
			} finally {
				delete document.createElement;
			}
		},
	};
}

/** What stands for a style element: its text is an adopted sheet. */
function styleElement(root, el) {
	const sheet = new CSSStyleSheet();
	root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
	let text = "";
	Object.defineProperty(el, "textContent", {
		get: () => text,
		set(v) { sheet.replaceSync(text = v); },
	});
	el.remove = () => {
		root.adoptedStyleSheets = root.adoptedStyleSheets.filter((s) => s !== sheet);
		Element.prototype.remove.call(el);
	};
	return el;
}
