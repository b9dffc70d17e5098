import { BoxError } from "./error.js";
import { split } from "./words.js";

const encoder = new TextEncoder();

/** @param {string} what */
const bad = (what, cause) => new BoxError(what, "ARGUMENT", { cause });

/**
 * "256m" → bytes. Units as docker has them: b k m g.
 * @param {string|number|null|undefined} value
 */
export function memory(value) {
	if (value === undefined || value === null || value === "") return 0;
	if (typeof value === "number" && value >= 0) return Math.floor(value);
	const m = /^\s*(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?\s*$/i.exec(String(value));
	if (!m) throw bad(`memory "${value}" is no size: write it as 256m or 1g`);
	return Math.floor(Number(m[1]) * 1024 ** "bkmg".indexOf(m[2].toLowerCase() || "b"));
}

/** What a user gives as bytes, as bytes. @returns {Promise<Uint8Array>} */
export async function bytes(data) {
	if (typeof data === "string") return encoder.encode(data);
	if (data instanceof Uint8Array) return data;
	if (data instanceof ArrayBuffer) return new Uint8Array(data);
	if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	if (typeof data?.arrayBuffer === "function") return new Uint8Array(await data.arrayBuffer());
	throw bad("data must be a string, bytes or a Blob");
}

/**
 * The environment as a list. An object's values may be numbers.
 * @param {string|string[]|Record<string,unknown>|undefined} env
 * @returns {string[]}
 */
export function environment(env) {
	if (!env) return [];
	const list = typeof env === "string" ? words(env, "env") : Array.isArray(env) ? env : Object.entries(env).map(([k, v]) => `${k}=${v}`);
	for (const e of list) {
		if (!/^[^=\0]+=[^\0]*$/.test(e)) throw bad(`env "${e}" is no NAME=VALUE`);
	}
	return list;
}

/** @param {string} text @param {string} what */
export function words(text, what) {
	try {
		return split(text);
	} catch (e) {
		throw bad(`${what}: ${e.message}`, e);
	}
}

/** A command: null is the image's own. @returns {string[]|null} */
export function command(argv) {
	if (argv === null || argv === undefined) return null;
	const list = typeof argv === "string" ? words(argv, "command") : [...argv].map(String);
	if (list.some((w) => w.includes("\0"))) throw bad("an argument cannot hold a zero byte");
	return list.length > 0 ? list : null;
}

/**
 * Files to put in the box: {path: data}, or [{path, data|text|base64|url,
 * mode}]. The second form is what the attribute holds as JSON.
 * @returns {Promise<{path: string, data: Uint8Array, mode: number}[]>}
 */
export async function files(list) {
	if (!list) return [];
	if (typeof list !== "object") throw bad("files must be an object {path: content} or a list of {path, …}");
	const entries = Array.isArray(list) ? list : Object.entries(list).map(([path, v]) =>
		v !== null && typeof v === "object" && Object.getPrototypeOf(v) === Object.prototype ? { ...v, path } : { path, data: v });
	return Promise.all(entries.map(async (f) => {
		if (typeof f?.path !== "string" || !f.path) throw bad("each of files needs a path");
		return { path: f.path.startsWith("/") ? f.path : "/" + f.path, mode: fileMode(f.path, f.mode ?? 0o644), data: await content(f) };
	}));
}

/** A file's mode, a number or "0755". @param {string} path @param {unknown} value */
export function fileMode(path, value) {
	const mode = typeof value === "string" && /^[0-7]+$/.test(value) ? parseInt(value, 8) : value;
	if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) throw bad(`${path}: mode "${value}" is no mode: write it as "0755"`);
	return mode;
}

async function content(f) {
	if (f.base64 !== undefined) {
		try {
			return fromBase64(f.base64);
		} catch (e) {
			throw bad(`files: ${f.path}: its base64 cannot be read`, e);
		}
	}
	if (f.url !== undefined) {
		const r = await fetch(new URL(f.url, document.baseURI)).catch((e) => {
			throw bad(`files: ${f.path}: ${f.url} cannot be fetched: ${e.message}`, e);
		});
		if (!r.ok) throw bad(`files: ${f.path}: ${f.url} answers ${r.status}`);
		return bytes(r);
	}
	const data = f.data ?? f.text;
	if (data === undefined || data === null) throw bad(`files: ${f.path} needs text, base64 or url`);
	return bytes(data);
}

export const fromBase64 = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));

/**
 * The files attribute: JSON. What it says wrong is an error with its place.
 * @param {string|null} text
 */
export function filesAttribute(text) {
	if (!text?.trim()) return [];
	try {
		const v = JSON.parse(text);
		if (v === null || typeof v !== "object") throw new SyntaxError("it is neither an object nor a list");
		return v;
	} catch (e) {
		throw bad(`the attribute files is not the JSON that it should be: ${e.message}`, e);
	}
}

/**
 * A signal's name or number, as the worker wants it.
 * @param {string|number|undefined} s
 */
export function signal(s = "SIGTERM") {
	if (typeof s === "number") return s;
	const name = s.toUpperCase();
	return name.startsWith("SIG") ? name : "SIG" + name;
}
