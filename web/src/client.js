import { BoxError } from "./error.js";

/**
 * A Client speaks the worker's protocol over a port: calls that get one answer
 * each, and events. Once the worker has failed or was stopped, all that waits
 * and all that comes later fails with the same error.
 */
export class Client {
	#port;
	#next = 1;
	/** @type {Map<number, {resolve: (v: any) => void, reject: (e: Error) => void}>} */
	#waiting = new Map();
	/** @type {BoxError|null} */
	failed = null;

	/** @param {{postMessage: Function, onmessage: any}} port @param {(event: any) => void} onEvent */
	constructor(port, onEvent) {
		this.#port = port;
		port.onmessage = ({ data }) => {
			if (data.t !== "result" && data.t !== "error") return onEvent(data);
			const call = this.#waiting.get(data.id);
			this.#waiting.delete(data.id);
			if (data.t === "result") call?.resolve(data.value);
			else call?.reject(new BoxError(data.error.message, data.error.exitCode ? "EXEC" : data.error.code || "ERROR", data.error));
		};
	}

	/** @returns {Promise<any>} */
	call(op, args = {}, transfer = []) {
		if (this.failed) return Promise.reject(this.failed);
		return new Promise((resolve, reject) => {
			const id = this.#next++;
			this.#waiting.set(id, { resolve, reject });
			this.#port.postMessage({ t: "call", id, op, args }, transfer);
		});
	}

	/** A call that nobody waits for. */
	tell(op, args) {
		this.call(op, args).catch(() => {});
	}

	post(message, transfer = []) {
		this.#port.postMessage(message, transfer);
	}

	/** @param {BoxError} error */
	fail(error) {
		if (this.failed) return;
		this.failed = error;
		for (const { reject } of this.#waiting.values()) reject(error);
		this.#waiting.clear();
	}
}
