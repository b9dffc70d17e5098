import { bytes, signal } from "./options.js";

const piece = 64 << 10;

/**
 * A Process of a box, as its page sees it. Output that nobody has read yet is
 * not acknowledged, so that the worker stops the process when 256 KiB wait.
 */
export class Process {
	#client;
	#id;
	/** What has come and is not read, of stdout and stderr. @type {Uint8Array[][]} */
	#queues = [[], []];
	/** Readers that wait. @type {(() => void)[]} */
	#wake = [() => {}, () => {}];
	#dropped = [false, false];
	/** @type {{exitCode: number, signal: string, error: string, report: string[]}|null} */
	#end = null;
	/** @type {Error|null} */
	#error = null;
	#settle;

	pid = 0;

	/** @param {import("./client.js").Client} client @param {number} id */
	constructor(client, id) {
		this.#client = client;
		this.#id = id;
		this.exited = new Promise((resolve, reject) => { this.#settle = { resolve, reject }; });
		this.exited.catch(() => {}); // whoever wants to know asks for it
		this.stdout = this.#stream(0);
		this.stderr = this.#stream(1);
		this.stdin = new WritableStream({
			write: (chunk) => this.write(chunk),
			close: () => this.write(null),
			abort: () => this.write(null),
		});
	}

	#stream(n) {
		const queue = this.#queues[n];
		return new ReadableStream({
			pull: async (c) => {
				for (;;) {
					const data = queue.shift();
					if (data) {
						this.#ack(data.length);
						return c.enqueue(data);
					}
					if (this.#error) throw this.#error;
					if (this.#end) return c.close();
					await new Promise((r) => { this.#wake[n] = r; });
				}
			},
			cancel: () => {
				this.#dropped[n] = true;
				for (const data of queue.splice(0)) this.#ack(data.length);
			},
		}, { highWaterMark: 0 });
	}

	#ack(n) {
		if (!this.#end && !this.#client.failed) this.#client.tell("ack", { proc: this.#id, bytes: n });
	}

	/**
	 * Writes to the process's input, or ends it (null). Answered when the box
	 * has taken the data.
	 * @param {string|Uint8Array|ArrayBuffer|Blob|null} data
	 */
	async write(data) {
		if (this.#end) return;
		if (data === null) return this.#client.call("stdin", { proc: this.#id, data });
		const all = await bytes(data);
		for (let at = 0; at < all.length; at += piece) {
			await this.#client.call("stdin", { proc: this.#id, data: all.slice(at, at + piece) });
		}
	}

	/** Sends a signal, SIGTERM if none is named. */
	async kill(sig) {
		if (!this.#end) await this.#client.call("signal", { proc: this.#id, signal: signal(sig) });
	}

	/** Tells the terminal's new size. */
	async resize(cols, rows) {
		if (!this.#end) await this.#client.call("resize", { proc: this.#id, rows, cols });
	}

	/** The worker's events. */
	_out(fd, data) {
		const n = fd === 2 ? 1 : 0;
		if (this.#dropped[n]) return this.#ack(data.length);
		this.#queues[n].push(data);
		this.#wake[n]();
	}

	_exit({ code, signal = "", error = "", report = [] }) {
		this.#end = { exitCode: code, signal, error, report };
		this.#wake.forEach((f) => f());
		this.#settle.resolve(this.#end);
	}

	_fail(error) {
		if (this.#end) return;
		this.#error = error;
		this.#wake.forEach((f) => f());
		this.#settle.reject(error);
	}
}

/**
 * Reads a stream to its end and keeps the first limit bytes.
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} limit
 * @param {((text: string, bytes: Uint8Array) => unknown)|undefined} each called with every piece; the next waits for its promise
 * @returns {Promise<{bytes: Uint8Array, truncated: boolean}>}
 */
export async function collect(stream, limit, each) {
	const parts = [], reader = stream.getReader(), decoder = new TextDecoder();
	let size = 0, truncated = false;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		const kept = value.length > limit - size ? value.subarray(0, limit - size) : value;
		truncated ||= kept.length < value.length;
		if (kept.length > 0) parts.push(kept);
		size += kept.length;
		await each?.(decoder.decode(value, { stream: true }), value);
	}
	const all = new Uint8Array(size);
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return { bytes: all, truncated };
}
