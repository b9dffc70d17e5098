// xterm writes style elements and style attributes, which a page whose policy
// is style-src 'self' forbids. Both have forms that no policy forbids: adopted
// style sheets, and an element's style object. So xterm gets elements that use
// those.

/** style="…" by the style object. */
function setAttribute(name, value) {
	if (name === "style") this.style.cssText = value;
	else Element.prototype.setAttribute.call(this, name, value);
}

/** Clones are elements of this kind too. */
function cloneNode(deep) {
	return guard(Element.prototype.cloneNode.call(this, deep));
}

function guard(el) {
	el.setAttribute = setAttribute;
	el.cloneNode = cloneNode;
	return el;
}

/**
 * Opens a terminal in host so that it writes none of the two. It asks the
 * global document for its elements, so that gets another createElement for
 * the moment; the factory of rows, which works later, gets a document of its
 * own. That is a private field of xterm 6, whose version is pinned: a test
 * in a page with the strict policy fails if another release has it elsewhere.
 * @param {import("@xterm/xterm").Terminal} term
 * @param {HTMLElement} host
 * @param {ShadowRoot} root where style sheets go
 */
export function openGuarded(term, host, root) {
	const create = document.createElement.bind(document);
	const createElement = (tag, options) => {
		if (tag === "style") return styleElement(root, create("template"));
		const el = create(tag, options);
		return tag === "span" || tag === "div" ? guard(el) : el;
	};
	document.createElement = createElement;
	try {
		term.open(host);
	} finally {
		delete document.createElement;
	}
	const rows = term._core?._renderService?._renderer?.value?._rowFactory;
	if (rows?._document) rows._document = { createElement };
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
