/**
 * Makes an element. Properties are set as properties where the element has
 * them and as attributes elsewhere; children that are strings become text.
 * Nothing is ever parsed as HTML.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node|string)} children
 */
export function h(tag, props = {}, ...children) {
	const el = document.createElement(tag);
	for (const [k, v] of Object.entries(props)) {
		if (k.startsWith("on")) el.addEventListener(k.slice(2), v);
		else if (k in el && typeof v !== "string") el[k] = v;
		else el.setAttribute(k === "className" ? "class" : k, v);
	}
	el.append(...children);
	return el;
}

/** Gives a shadow root styles that no style-src policy has to allow. */
export function style(root, css) {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(css);
	root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
	return sheet;
}
