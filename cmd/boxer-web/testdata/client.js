// A client of the worker protocol for the tests of the core: what boxer.js does, and ways to
// do it wrong.
"use strict";

class Client {
	constructor() {
		this.worker = new Worker("worker.js");
		this.worker.onmessage = ({ data }) => this.take(data);
		this.last = 0;
		this.calls = new Map();
		this.procs = new Map();
		this.logs = [];
		this.ready = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
		this.ended = new Promise((resolve) => { this.fatal = resolve; });
	}

	take(m) {
		const call = this.calls.get(m.id);
		switch (m.t) {
			case "ready": this.resolve(m.info); break;
			case "fatal":
				this.fatal(m.message);
				this.reject(new Error(m.message));
				for (const c of this.calls.values()) c.reject(new Error(m.message));
				break;
			case "result": call.resolve(m.value); break;
			case "error": call.reject(Object.assign(new Error(m.error.message), m.error)); break;
			case "log": this.logs.push(m.line); break;
			case "out": {
				const p = this.proc(m.proc);
				p.bytes += m.data.length;
				if (p.keep) p.text[m.fd] += p.decode[m.fd].decode(m.data, { stream: true });
				if (p.acks) this.tell("ack", { proc: m.proc, bytes: m.data.length });
				p.more();
				break;
			}
			case "exit": this.proc(m.proc).exit(m); break;
		}
	}

	/** What is known of a program; output may come before the answer to spawn. */
	proc(id) {
		let p = this.procs.get(id);
		if (!p) {
			p = { id, bytes: 0, keep: true, acks: true, more() {}, text: { 1: "", 2: "" }, decode: { 1: new TextDecoder(), 2: new TextDecoder() } };
			p.exited = new Promise((resolve) => { p.exit = resolve; });
			p.wait = (words) => new Promise((resolve) => {
				p.more = () => { if (p.text[1].includes(words)) resolve(p.text[1]); };
				p.more();
			});
			this.procs.set(id, p);
		}
		return p;
	}

	async init(options, core = "core.wasm") {
		const module = await WebAssembly.compileStreaming(fetch(core));
		this.worker.postMessage({ t: "init", module, base: location.href, options });
		return this.ready;
	}

	call(op, args = {}, transfer = []) {
		const id = ++this.last;
		return new Promise((resolve, reject) => {
			this.calls.set(id, { resolve, reject });
			this.worker.postMessage({ t: "call", id, op, args }, transfer);
		});
	}

	tell(op, args) { this.worker.postMessage({ t: "call", op, args }); }

	async spawn(argv, options = {}) {
		const { proc, pid } = await this.call("spawn", { argv, ...options });
		return Object.assign(this.proc(proc), { pid });
	}

	type(p, keys) { return this.call("stdin", { proc: p.id, data: new TextEncoder().encode(keys) }); }

	/** Runs a program to its end: [code, stdout, stderr]. */
	async run(argv, options = {}, input) {
		const p = await this.spawn(argv, { ...options, stdin: input !== undefined });
		if (input !== undefined) {
			await this.type(p, input);
			await this.call("stdin", { proc: p.id, data: null });
		}
		const { code } = await p.exited;
		return [code, p.text[1], p.text[2]];
	}
}

/** A box of the image, with options. */
globalThis.box = async (options = {}) => {
	const c = new Client();
	c.info = await c.init({ image: { bytes: await (await fetch("image.tar")).arrayBuffer() }, ...options });
	return c;
};

/** What a promise was rejected with. */
globalThis.failure = (promise) => promise.then(() => "no error", (e) => [e.message, e.code ?? "", e.exitCode ?? 0]);
globalThis.Client = Client;
