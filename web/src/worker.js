// The worker's script: it starts the core, a Go program, from the Module that
// the page compiled, and keeps messages until the core listens. build.mjs puts
// Go's wasm_exec.js and jsbridge/wasmhost/wasmhost.js before it.
//
// When the core ends, by a panic or otherwise, the box in it is lost: the page
// gets one last message, {t: "fatal"}, with the reason.

/** Messages that came before the core listens. */
let queue = [];
let listener = null;
let started = false;
let dead = false;

const post = (message, transfer) => self.postMessage(message, transfer ?? []);

const fatal = (message) => {
	if (dead) return;
	dead = true;
	post({ t: "fatal", message });
};

/** What Go's package port calls. */
globalThis.boxerWorker = {
	listen(f) {
		listener = f;
		const waiting = queue;
		queue = [];
		for (const m of waiting) f(m);
	},
	post,
};

self.onmessage = ({ data }) => {
	if (dead) return;
	if (!started) {
		started = true;
		start(data);
	}
	if (listener) listener(data);
	else queue.push(data);
};

// What the core writes to its standard error: lines for the log, and the last
// of them, where a panic says what it is.
let line = "", last = [];
const decoder = new TextDecoder();
globalThis.fs.writeSync = (fd, bytes) => {
	line += decoder.decode(bytes, { stream: true });
	const lines = line.split("\n");
	line = lines.pop().slice(-4096);
	for (const l of lines) {
		post({ t: "log", line: l });
		last.push(l);
		if (last.length > 200) last.shift();
	}
	return bytes.length;
};

/** The line of a panic that says why, or the last lines. */
const why = () => last.find((l) => /^(panic|fatal error|runtime): /.test(l)) ?? last.slice(-1)[0] ?? "it gave no reason";

async function start({ module, options }) {
	try {
		const go = new Go();
		go.argv = ["boxer"];
		go.env = options?.debug ? { BOXER_DEBUG: options.debug } : {};
		go.exit = (code) => fatal(`boxer's core ended (${code}): ${why()}`);
		go.importObject.boxer_wasmhost = boxerWasmHost(go);
		await go.run(await WebAssembly.instantiate(module, go.importObject));
		fatal(`boxer's core ended: ${why()}`);
	} catch (e) {
		died(e);
	}
}

/** The core was torn down by an exception in the middle of its work. */
function died(e) {
	const overflow = e instanceof RangeError && /call stack/i.test(e.message) || /too much recursion|stack overflowed/.test(String(e?.message));
	fatal(overflow ? "boxer's core ran out of stack: a program called itself too often" : `boxer's core failed: ${e?.message ?? e}`);
}

self.addEventListener("error", (e) => {
	e.preventDefault();
	died(e.error ?? e);
});
self.addEventListener("unhandledrejection", (e) => {
	e.preventDefault();
	died(e.reason);
});
