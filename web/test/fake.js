// A stand-in for the worker and its core: speaks the same protocol, over the
// same kind of port, about a box that has a few programs and a few files.
const encoder = new TextEncoder(), decoder = new TextDecoder();
const most = 256 << 10;

/** @param {{postMessage: Function, onmessage: any}} port */
export function fake(port) {
	const files = new Map([["/etc/motd", encoder.encode("hello\n")]]);
	const procs = new Map();
	const seen = { signals: [], resizes: [], options: null, maxWaiting: 0 };
	let next = 1;
	const post = (m) => port.postMessage(m);

	class Proc {
		constructor(id, args) {
			this.id = id;
			this.args = args;
			this.waiting = 0; // sent and not acknowledged
			this.queue = [];
			this.input = "";
			this.wake = () => {};
		}
		/** Sends output, as far as the window is open. */
		async out(text, fd = 1) {
			const data = typeof text === "string" ? encoder.encode(text) : text;
			while (this.waiting + data.length > most && !this.ended) await new Promise((r) => { this.wake = r; });
			if (this.ended) return;
			this.waiting += data.length;
			seen.maxWaiting = Math.max(seen.maxWaiting, this.waiting);
			post({ t: "out", proc: this.id, fd, data });
		}
		exit(code, signal = "", error = "") {
			if (this.ended) return;
			this.ended = true;
			procs.delete(this.id);
			this.wake();
			post({ t: "exit", proc: this.id, code, signal, error, report: [] });
		}
		async start() {
			const [name, ...argv] = this.args.argv ?? ["sh"];
			switch (name) {
			case "echo": await this.out(argv.join(" ") + "\n"); return this.exit(0);
			case "fail": await this.out("no\n", 2); return this.exit(3);
			case "cat": this.onInput = async (d) => d === null ? this.exit(0) : this.out(d); return;
			case "sleep": return;
			case "env": await this.out(this.args.env.join("\n")); return this.exit(0);
			case "flood": {
				const piece = new Uint8Array(32 << 10).fill(120);
				for (let n = Number(argv[0]); n > 0 && !this.ended; n -= piece.length) await this.out(piece);
				return this.exit(0);
			}
			case "sh": {
				await this.out("/ # ");
				let line = "";
				this.onInput = async (d) => {
					if (d === null) return this.exit(0);
					for (const c of decoder.decode(d)) {
						if (c === "\x03") line = "", await this.out("^C\r\n/ # ");
						else if (c !== "\r" && c !== "\n") line += c, await this.out(c);
						else {
							await this.out("\r\n");
							const [cmd, ...rest] = line.split(" ");
							line = "";
							if (cmd === "exit") return this.exit(Number(rest[0] ?? 0));
							if (cmd === "colors") for (let i = 0; i < 16; i++) await this.out(`\x1b[${i < 8 ? 30 + i : 82 + i}mcolour ${i}\x1b[0m${i % 4 === 3 ? "\r\n" : " "}`);
							else if (cmd === "true") await this.out("\x1b[38;2;255;120;40mtrue colour\x1b[0m\r\n");
							else if (cmd === "raw") await this.out(rest.join(" ").replaceAll("\\e", "\x1b").replaceAll("\\a", "\x07"));
							else if (cmd === "flood") {
								for (let i = 0; i < Number(rest[0]); i++) await this.out("line of the flood\r\n".repeat(500));
							} else if (cmd) await this.out(cmd === "echo" ? rest.join(" ") + "\r\n" : `sh: ${cmd}: not found\r\n`);
							await this.out("/ # ");
						}
					}
				};
				return;
			}
			}
		}
	}

	const fail = (message, code) => { throw Object.assign(new Error(message), { code }); };
	const ops = {
		spawn(a) {
			const name = (a.argv ?? ["sh"])[0];
			if (!["echo", "fail", "cat", "sleep", "env", "flood", "sh"].includes(name)) throw Object.assign(new Error(`${name}: not found in the box`), { exitCode: 127 });
			const p = new Proc(next++, a);
			procs.set(p.id, p);
			queueMicrotask(() => p.start());
			return { proc: p.id, pid: 100 + p.id };
		},
		async stdin({ proc, data }) { await procs.get(proc)?.onInput?.(data); },
		signal({ proc, signal }) {
			seen.signals.push(signal);
			procs.get(proc)?.exit(137, signal);
		},
		resize({ rows, cols }) { seen.resizes.push([cols, rows]); },
		ack({ proc, bytes }) {
			const p = procs.get(proc);
			if (!p) return;
			p.waiting -= bytes;
			p.wake();
		},
		fs({ fn, path, data, to }) {
			const name = path.startsWith("/") ? path : "/" + path;
			if (fn === "writeFile") return void files.set(name, data);
			if (fn === "readdir") return [...files.keys()].filter((f) => f.startsWith(name)).map((f) => ({ name: f.slice(name.length).replace(/^\//, ""), type: "file", size: files.get(f).length }));
			if (!files.has(name)) fail(`${fn} ${path}: no such file or directory`, "ENOENT");
			if (fn === "readFile") return files.get(name);
			if (fn === "stat") return { type: "file", size: files.get(name).length, mode: 0o644, mtimeMs: 0, uid: 0, gid: 0 };
			if (fn === "rm") return void files.delete(name);
			if (fn === "rename") files.set(to, files.get(name)), files.delete(name);
		},
		tree: () => "0".repeat(64),
		exportTar: () => new Uint8Array(1024),
		importTar: () => {},
		sync: () => {},
		stop: () => {},
		stats: () => ({}),
	};

	port.onmessage = async ({ data: m }) => {
		if (m.t === "init") {
			seen.options = m.options;
			for (const f of m.options.files) files.set(f.path, f.data);
			post({ t: "progress", what: "image", done: 500000, total: 2000000 });
			if (m.options.image.url?.includes("missing")) return post({ t: "fatal", message: "the core says: not found" });
			await new Promise((r) => setTimeout(r, globalThis.slowBox ?? 0));
			return post({ t: "ready", info: { config: { cmd: ["sh"], entrypoint: [], env: [], workdir: "/", user: "" }, platform: "linux/arm64", digest: "sha256:0" } });
		}
		if (m.t !== "call") return;
		try {
			post({ t: "result", id: m.id, value: await ops[m.op](m.args) });
		} catch (e) {
			post({ t: "error", id: m.id, error: { message: e.message, code: e.code, exitCode: e.exitCode } });
		}
	};
	return seen;
}
