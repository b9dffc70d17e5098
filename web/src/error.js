/**
 * A BoxError is what every call of a box fails with: a message that says what
 * to do, and a code a program can compare. Codes are errno names ("ENOENT")
 * for files, and these:
 *
 * - `EXEC` the command could not be started; `exitCode` is 126 or 127
 * - `IMAGE` the image is missing, damaged, or cannot be reached from a page
 * - `UNSUPPORTED` the browser, or the page's policy, lacks what a box needs
 * - `STOPPED` the box was stopped, or its core ended
 * - `CORE` core.wasm could not be loaded
 * - `ARGUMENT` an option or attribute has no meaning
 * - `BUSY` another tab holds the box
 */
export class BoxError extends Error {
	/** @param {string} message @param {string} code @param {{cause?: unknown, exitCode?: number}} [more] */
	constructor(message, code, more = {}) {
		super(message, more.cause === undefined ? undefined : { cause: more.cause });
		this.name = "BoxError";
		this.code = code;
		if (more.exitCode !== undefined) this.exitCode = more.exitCode;
	}
}
