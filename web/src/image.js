import { BoxError } from "./error.js";
import { policy } from "./support.js";

/** What has the form of docker's image names: [host/]path[:tag][@digest]. */
const reference = /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[\w][\w.-]*)?(?:@sha256:[0-9a-f]+)?$/;
const fileLike = /\.(?:box|tar|tgz|gz|oci|wasm)$|\/$/;

const registry = (name) => new BoxError(
	`"${name}" looks like the name of an image in a registry. A page cannot pull from a registry; ` +
	`run  boxer export --web DIR ${name}  and give the address of DIR/image/ here`, "IMAGE");

/**
 * What the worker is told of the image, and what must move with it.
 * @returns {Promise<{image: {url: string}|{bytes: ArrayBuffer}, transfer: ArrayBuffer[]}>}
 */
export async function describe(image) {
	if (image instanceof URL) image = image.href;
	if (typeof image === "string" && image.trim()) {
		image = image.trim();
		let url;
		try {
			url = new URL(image, document.baseURI);
		} catch (e) {
			throw new BoxError(`image "${image}" is no address`, "IMAGE", { cause: e });
		}
		if (/^[a-z0-9-]+\.[a-z0-9.-]+\//.test(image) && !fileLike.test(image)) throw registry(image);
		if (!/^(https?|blob|data|file):$/.test(url.protocol)) {
			throw reference.test(image) ? registry(image) : new BoxError(`image "${image}": ${url.protocol} is no address that a page can fetch`, "IMAGE");
		}
		return { image: { url: url.href }, transfer: [] };
	}
	let data;
	if (image instanceof Blob) data = await image.arrayBuffer();
	else if (image instanceof ArrayBuffer) data = image.slice(0);
	else if (ArrayBuffer.isView(image)) data = image.buffer.slice(image.byteOffset, image.byteOffset + image.byteLength);
	else throw new BoxError("no image: give the address of an image (a directory's ends in /), a Blob or bytes", "IMAGE");
	return { image: { bytes: data }, transfer: [data] };
}

/**
 * Says what is the matter with an image that the core could not read: asks
 * for it once more, as the page, and looks at the answer only.
 * @param {{url?: string}} image as describe returned it
 * @param {string} given as the user wrote it
 * @param {string} message the core's own words
 */
export async function explain(image, given, message) {
	if (!image.url) return new BoxError(message, "IMAGE");
	const layout = image.url.endsWith("/");
	const asked = layout ? image.url + "index.json" : image.url;
	if (asked.startsWith("file:")) {
		return new BoxError("a page opened from disk cannot read files beside it: serve it (boxer serve), or make one file with  boxer export --html", "IMAGE");
	}
	const stop = new AbortController();
	try {
		const r = await fetch(asked, { signal: stop.signal });
		if (r.ok) return new BoxError(message, "IMAGE");
		let hint = layout ? "a directory made by  boxer export --web  has it as image/" : "check the address; a directory's address ends in /";
		if (typeof given === "string" && reference.test(given) && !fileLike.test(given)) hint = registry(given).message;
		return new BoxError(`there is no image at ${asked} (HTTP ${r.status}): ${hint}`, "IMAGE");
	} catch (e) {
		const host = new URL(asked).host;
		const blocked = await policy("connect-src");
		const why = blocked ? `this page's Content-Security-Policy blocks it: add ${new URL(asked).origin} to connect-src`
			: navigator.onLine === false ? "the network is off, and the image has not been kept for offline use"
			: new URL(asked).origin !== location.origin ? `${host} does not answer, or does not allow this page to read from it: it must send  Access-Control-Allow-Origin: ${location.origin}  (or *)`
			: `${host} does not answer`;
		return new BoxError(`the image at ${asked} cannot be fetched: ${why}`, "IMAGE", { cause: e });
	} finally {
		stop.abort();
	}
}
