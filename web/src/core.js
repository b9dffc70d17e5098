import { self } from "boxer:self";
import source from "boxer:worker";
import { BoxError } from "./error.js";
import { fromBase64 } from "./options.js";
import { compileError, policy, require } from "./support.js";

/** The address that the page's other files are beside. */
export const base = self || globalThis.document?.baseURI || "";

/** What a page in one file carries: {core, image, terminal, site} (boxer export --html). */
export const inline = () => globalThis.__boxerInline;

/** @type {Promise<WebAssembly.Module>|null} */
let module = null;
/** @type {Set<(done: number, total: number) => void>} */
const listeners = new Set();

/**
 * Compiles the core, once for all boxes of the page.
 * @param {(done: number, total: number) => void} progress bytes as they come over the network
 */
export async function load(progress) {
	require();
	listeners.add(progress);
	try {
		module ??= compile((done, total) => listeners.forEach((f) => f(done, total)));
		return await module;
	} catch (e) {
		module = null; // the next box tries again
		throw compileError(e);
	} finally {
		listeners.delete(progress);
	}
}

const wasmType = { headers: { "content-type": "application/wasm" } };
const inflate = (stream) => stream.pipeThrough(new DecompressionStream("gzip"));

async function compile(progress) {
	if (inline()?.core) {
		const packed = new Response(fromBase64(inline().core)).body;
		return WebAssembly.compileStreaming(new Response(inflate(packed), wasmType));
	}
	const raw = new URL("core.wasm", base), packed = new URL("core.wasm.gz", base);
	if (raw.protocol === "file:") {
		throw new BoxError("a page opened from disk cannot load core.wasm: serve it (boxer serve), or make one file with  boxer export --html", "CORE");
	}
	// A real address is the only thing whose compiled code the browser keeps,
	// but from a server that does not compress it is three times the bytes.
	// What a server of another origin does cannot be seen.
	if (raw.origin === location.origin || typeof DecompressionStream !== "function") {
		const head = await fetch(raw, { method: "HEAD" }).catch(() => null);
		if (head?.ok && (head.headers.has("content-encoding") || head.headers.has("x-boxer-kept"))) return streamed(raw, progress);
	}
	if (typeof DecompressionStream === "function") {
		const r = await get(packed);
		if (r.ok) {
			const counted = r.body.pipeThrough(counter(+r.headers.get("content-length"), progress));
			// Some servers take .gz for an encoding, and the browser then inflates it.
			const stream = r.headers.get("content-encoding") === "gzip" ? counted : inflate(counted);
			return WebAssembly.compileStreaming(new Response(stream, wasmType));
		}
	}
	return streamed(raw, progress);
}

async function streamed(url, progress) {
	const r = await get(url);
	if (!r.ok) throw new BoxError(`${url} is not there (HTTP ${r.status}): core.wasm or core.wasm.gz belongs beside boxer.js`, "CORE");
	const total = +r.headers.get("content-length");
	progress(0, total);
	const typed = /^application\/wasm\b/.test(r.headers.get("content-type") ?? "");
	const m = await WebAssembly.compileStreaming(typed ? r : new Response(r.body, wasmType));
	progress(total, total);
	return m;
}

async function get(url) {
	try {
		return await fetch(url);
	} catch (e) {
		const why = await policy("connect-src") ? `this page's Content-Security-Policy blocks it: add ${url.origin} to connect-src`
			: navigator.onLine === false ? "the network is off, and the page's files have not been kept for offline use"
			: url.origin !== location.origin ? `${url.host} does not answer, or does not send  Access-Control-Allow-Origin`
			: `${url.host} does not answer`;
		throw new BoxError(`${url} cannot be fetched: ${why}`, "CORE", { cause: e });
	}
}

function counter(total, progress) {
	let done = 0;
	return new TransformStream({
		transform(chunk, c) {
			progress(done += chunk.length, total);
			c.enqueue(chunk);
		},
	});
}

let script = "";

/** Starts a worker: a classic one, from a blob, which is what works everywhere. */
export function startWorker() {
	script ||= URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
	return new Worker(script, { name: "boxer" });
}
