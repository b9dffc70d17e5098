import { Client } from "./client.js";
import { base, inline, load, startWorker } from "./core.js";
import { BoxError } from "./error.js";
import { fileSystem } from "./fs.js";
import { describe, explain } from "./image.js";
import { bytes, command, environment, files, fromBase64, memory } from "./options.js";
import { askToKeep, claim } from "./persist.js";
import { collect, Process } from "./process.js";
import { deniedError, policy, require, shortcomings } from "./support.js";

/** What one run keeps of each stream, unless it is told otherwise. */
const maxOutput = 64 << 20;

/** How long stop waits for what is to be kept. */
const stopTime = 5000;

/** A Box is a running box: its own core, in its own worker. boxer.d.ts has the API in full. */
export class Box extends EventTarget {
	/** @type {Client} */
	#client;
	#worker;
	/** @type {Map<number, Process>} */
	#processes = new Map();
	#release = () => {};
	/** Settles the start. */
	#ready = null;
	#ended = false;
	#persist = "";
	#hidden = () => document.visibilityState === "hidden" && this.sync().catch(() => {});

	/** What the image says: config, platform, digest. */
	info = null;
	/** What the page or browser lacks, and what follows. @type {string[]} */
	notices = [];
	/** Whether nothing is kept, since another tab has the box. */
	readonly = false;

	constructor(key) {
		super();
		if (key !== secret) throw new TypeError("boxes are made by Box.create");
	}

	/** @param {import("../boxer.js").BoxOptions} options @returns {Promise<Box>} */
	static async create(options = {}) {
		const box = new Box(secret);
		const { signal } = options;
		signal?.throwIfAborted();
		const aborted = () => box.#end(asError(signal.reason));
		signal?.addEventListener("abort", aborted);
		try {
			await box.#start(options);
			return box;
		} catch (e) {
			box.#end(e);
			throw signal?.aborted ? signal.reason : e;
		} finally {
			signal?.removeEventListener("abort", aborted);
		}
	}

	/** Loads and compiles what every box needs, ahead of the first. */
	static async preload() { await load(() => {}); }

	async #start(o) {
		const net = o.net ?? "none";
		if (net !== "none") throw new BoxError(`net="${net}": this version gives a box no network; leave it out or write none`, "ARGUMENT");
		const settings = {
			env: environment(o.env), memory: memory(o.memory), net, hostname: o.hostname ?? "", user: o.user ?? "",
			workdir: o.workdir ?? "", persist: o.persist ?? "", salvage: !!o.salvage, debug: o.debug ?? "",
		};
		const progress = (what, done, total) => {
			o.onProgress?.({ what, done, total });
			this.#emit("progress", { what, done, total });
		};
		const notice = (text, kind = "browser") => {
			this.notices.push(text);
			o.onNotice?.(text, kind);
			this.#emit("notice", text);
		};
		shortcomings().forEach((text) => notice(text));
		// The one-file page carries its image.
		const given = o.image ?? (inline()?.image && fromBase64(inline().image));
		const started = this.#connect({
			progress: ({ what, done, total }) => progress(what, done, total),
			notice: ({ message, kind }) => notice(message, kind),
			log: ({ line }) => o.onLog ? o.onLog(line) : console.debug("boxer:", line),
		});
		const [{ image, transfer }, module, put] = await Promise.all([
			describe(given), load((done, total) => progress("core", done, total)), files(o.files),
		]);
		const held = o.persist ? await claim(o.persist, o.whenBusy ?? "wait", notice, o.signal) : null;
		if (held) this.#release = held.release;
		if (this.#ended) held?.release();
		o.signal?.throwIfAborted();
		this.readonly = settings.salvage || (held?.readonly ?? false);
		this.#persist = settings.persist;
		if (this.#persist) askToKeep(notice);
		this.#client.post({ t: "init", module, base: new URL(".", base).href, options: {
			...settings, image, files: put, readonly: this.readonly,
		} }, transfer);
		try {
			this.info = await started;
		} catch (e) {
			throw e.code === "IMAGE" ? await explain(image, given, e.message) : e;
		}
		if (this.#persist) document.addEventListener("visibilitychange", this.#hidden);
		this.#emit("ready", this.info);
	}

	/**
	 * Starts the worker, which is ready for its core by the time that is
	 * compiled. The promise is of the box's own start.
	 * @param {Record<string, (event: any) => void>} on what the page is told
	 */
	#connect(on) {
		const forbidden = "this page's Content-Security-Policy forbids the box's worker: add blob: to worker-src";
		require();
		try {
			this.#worker = startWorker();
		} catch (e) {
			throw new BoxError(forbidden, "UNSUPPORTED", { cause: e });
		}
		const started = new Promise((resolve, reject) => { this.#ready = { resolve, reject }; });
		started.catch(() => {}); // it may fail before anyone waits
		this.#client = new Client(this.#worker, (e) => {
			switch (e.t) {
			case "ready": return this.#ready.resolve(e.info);
			case "fatal": return this.#end(deniedError(e.message) ?? new BoxError(e.message, this.info ? "STOPPED" : e.code ?? "IMAGE"));
			case "out": return this.#process(e.proc)._out(e.fd, e.data);
			case "exit": return this.#exited(e);
			default: return on[e.t]?.(e);
			}
		});
		this.#worker.onerror = async (e) => {
			e.preventDefault?.();
			// The browser says nothing of a worker that it refuses to start.
			const why = e.message ? `the box's core ended: ${e.message}` : await policy("worker-src") || await policy("child-src")
				? forbidden
				: "the box's worker could not be started";
			this.#end(new BoxError(why, e.message ? "STOPPED" : "UNSUPPORTED"));
		};
		return started;
	}

	#emit(type, detail) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}

	/** A process by the worker's number. Its first output may overtake the answer to spawn. */
	#process(id) {
		let p = this.#processes.get(id);
		if (!p) this.#processes.set(id, p = new Process(this.#client, id));
		return p;
	}

	#exited(e) {
		const p = this.#process(e.proc);
		p._exit(e);
		this.#processes.delete(e.proc);
		this.#emit("exit", { pid: p.pid, exitCode: e.code, signal: e.signal ?? "", error: e.error ?? "", report: e.report ?? [] });
	}

	/** The end of the box, for whatever reason. */
	#end(error) {
		if (this.#ended) return;
		this.#ended = true;
		this.#worker?.terminate();
		this.#release();
		document.removeEventListener("visibilitychange", this.#hidden);
		this.#client?.fail(error);
		this.#ready?.reject(error);
		for (const p of this.#processes.values()) p._fail(error);
		this.#processes.clear();
		if (this.info && error.message !== stopped) this.#emit("error", error);
	}

	async #spawn(argv, o, more) {
		const { proc, pid } = await this.#client.call("spawn", {
			argv: command(argv), entrypoint: o.entrypoint === undefined || o.entrypoint === null ? undefined : command(o.entrypoint) ?? [], env: environment(o.env),
			cwd: o.cwd ?? "", user: o.user ?? "", tty: null, stdin: true, init: false, ...more,
		});
		const p = this.#process(proc);
		p.pid = pid;
		return p;
	}

	/** Starts a program and leaves its streams to the caller. */
	async spawn(argv, o = {}) {
		const { signal } = o;
		signal?.throwIfAborted();
		const tty = o.tty ? { rows: o.tty.rows ?? 24, cols: o.tty.cols ?? 80 } : null;
		const p = await this.#spawn(argv, o, { tty, stdin: o.stdin ?? true, init: !!o.init });
		if (signal) onAbort(signal, p, () => p.kill("SIGKILL"));
		return p;
	}

	/** Runs a program to its end. */
	async run(argv, o = {}) {
		const { signal, stdin } = o;
		signal?.throwIfAborted();
		const input = stdin !== undefined && stdin !== null;
		const p = await this.#spawn(argv, o, { stdin: input });
		const kill = () => p.kill("SIGKILL").catch(() => {});
		let timedOut = false;
		const timer = o.timeout > 0 && o.timeout <= longest ? setTimeout(() => { timedOut = true; kill(); }, o.timeout) : 0;
		if (signal) onAbort(signal, p, kill);
		try {
			const limit = o.maxOutput ?? maxOutput;
			const [out, err, end] = await Promise.race([Promise.all([
				collect(p.stdout, limit, o.onStdout), collect(p.stderr, limit, o.onStderr), p.exited,
			]), failure(input ? feed(p, stdin) : undefined)]);
			signal?.throwIfAborted();
			const decoder = new TextDecoder();
			const result = {
				exitCode: end.exitCode, signal: end.signal, timedOut, truncated: out.truncated || err.truncated,
				stdout: decoder.decode(out.bytes), stderr: decoder.decode(err.bytes), error: end.error, report: end.report,
			};
			return Object.defineProperties(result, { stdoutBytes: { value: out.bytes }, stderrBytes: { value: err.bytes } });
		} catch (e) {
			kill(); // what fails here, or in a callback, must not leave the program behind
			throw e;
		} finally {
			clearTimeout(timer);
		}
	}

	fs = fileSystem((fn, path, more) => this.#client.call("fs", { fn, path, ...more }));

	/** The hash of all files, as  boxer verify  prints it. */
	tree() { return this.#client.call("tree"); }
	/** The box's own file system as a tar. */
	exportTar() { return this.#client.call("exportTar"); }
	async importTar(data) { await this.#client.call("importTar", { data: await bytes(data) }); }
	/** Writes what is to be kept to the browser's storage. */
	async sync() { await this.#client.call("sync"); }
	stats() { return this.#client.call("stats"); }

	/** Ends the box. What is to be kept is written first. */
	async stop() {
		if (this.#client.failed) return;
		if (this.#persist && !this.readonly) {
			const late = new Promise((r) => setTimeout(r, stopTime));
			await Promise.race([this.#client.call("stop").catch(() => {}), late]);
		}
		this.#end(new BoxError(stopped, "STOPPED"));
	}
}

const secret = {};
/** Milliseconds. A browser's timer that is given more rings at once. */
const longest = 2 ** 31 - 1;
const stopped = "the box was stopped";

const asError = (reason) => reason instanceof Error ? reason : new DOMException(String(reason), "AbortError");

/** Calls f when signal aborts, as long as the process lives. */
function onAbort(signal, p, f) {
	signal.addEventListener("abort", f);
	const done = () => signal.removeEventListener("abort", f);
	p.exited.then(done, done);
}

/** Never settles but with what p fails with. */
const failure = (p) => new Promise((_, reject) => p?.catch(reject));

/**
 * Writes input of any kind and ends it. Fails when there is no such input:
 * the program would wait for it forever. That a program ends without reading
 * all is no failure.
 */
async function feed(p, input) {
	let next = async () => ({ value: input, done: false });
	if (input instanceof ReadableStream) {
		const reader = input.getReader();
		const end = () => reader.cancel().catch(() => {}); // a source without end would be read forever
		p.exited.then(end, end);
		next = () => reader.read();
	}
	for (;;) {
		const { done, value } = await next();
		if (done) break;
		const data = await bytes(value);
		await p.write(data).catch(() => {});
		if (!(input instanceof ReadableStream)) break;
	}
	await p.write(null).catch(() => {});
}
