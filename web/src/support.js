import { BoxError } from "./error.js";

/** What the page's policy blocked, the latest of each directive. @type {Map<string, number>} */
const blocked = new Map();
globalThis.document?.addEventListener("securitypolicyviolation", (e) => {
	if (e.disposition !== "report") blocked.set(e.effectiveDirective, performance.now());
});

/**
 * Whether the page's policy blocked something of this directive just now. The
 * browser tells of it after the failure, hence the wait.
 * @param {string} directive
 */
export async function policy(directive) {
	await new Promise((r) => setTimeout(r, 50));
	const at = blocked.get(directive);
	return at !== undefined && performance.now() - at < 2000;
}

// A module of one function that makes a vector: valid where there is SIMD.
const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Fails where a box cannot run at all. */
export function require() {
	const lacking = (what) => new BoxError(`this browser cannot run boxes: ${what}`, "UNSUPPORTED");
	if (typeof WebAssembly !== "object") {
		throw lacking("it has no WebAssembly, or has it switched off (lockdown and strict modes do that)");
	}
	if (!WebAssembly.validate(new Uint8Array(simd))) throw lacking("its WebAssembly has no SIMD; Chrome 91, Firefox 89 and Safari 16.4 have it");
	if (typeof Worker !== "function") throw lacking("it has no workers");
}

/** What this page lacks that a box can do without. @returns {string[]} */
export function shortcomings() {
	const list = [];
	if (!globalThis.isSecureContext) {
		list.push("This page's address is neither https nor localhost: the browser gives it no offline storage, no locks between tabs and no promise to keep files. The box runs all the same.");
	}
	return list;
}

const denied = /content.security.policy|\bcsp\b|unsafe-eval/i;

/** The error of a policy that forbids WebAssembly, if that is what these words mean. */
export const deniedError = (words, cause) => denied.test(words)
	? new BoxError("this page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src", "UNSUPPORTED", { cause }) : null;

/** Gives the failure to compile the core its reason. */
export function compileError(e) {
	if (e instanceof BoxError) return e;
	return deniedError(e?.message, e) ?? new BoxError(`core.wasm cannot be compiled: ${e?.message ?? e}`, "CORE", { cause: e });
}
