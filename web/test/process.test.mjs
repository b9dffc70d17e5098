import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../src/client.js";
import { BoxError } from "../src/error.js";
import { collect, Process } from "../src/process.js";
import { fake } from "./fake.js";

/** A client of the fake worker, as Box makes one. */
async function connect() {
	const { port1, port2 } = new MessageChannel();
	const seen = fake(port2), processes = new Map();
	const get = (id) => processes.get(id) ?? processes.set(id, new Process(client, id)).get(id);
	let ready;
	const started = new Promise((r) => { ready = r; });
	const client = new Client(port1, (e) => {
		if (e.t === "ready") ready(e.info);
		else if (e.t === "out") get(e.proc)._out(e.fd, e.data);
		else if (e.t === "exit") get(e.proc)._exit(e);
	});
	client.post({ t: "init", options: { image: {}, files: [] } });
	await started;
	const spawn = async (...argv) => get((await client.call("spawn", { argv, env: ["A=1"] })).proc);
	return { client, spawn, seen, close: () => { port1.close(); port2.close(); } };
}

test("output comes whole and in order, and the exit code after it", async (t) => {
	const c = await connect();
	t.after(c.close);
	const p = await c.spawn("echo", "a", "b");
	const { bytes, truncated } = await collect(p.stdout, 100);
	assert.equal(new TextDecoder().decode(bytes), "a b\n");
	assert.equal(truncated, false);
	assert.equal((await p.exited).exitCode, 0);
});

test("input is echoed and its end ends the program", async (t) => {
	const c = await connect();
	t.after(c.close);
	const p = await c.spawn("cat"), w = p.stdin.getWriter();
	const big = "0123456789abcdef".repeat(20000); // several pieces
	const out = collect(p.stdout, 1 << 20);
	await w.write("x");
	await w.write(new TextEncoder().encode(big));
	await w.close();
	assert.equal(new TextDecoder().decode((await out).bytes), "x" + big);
	assert.equal((await p.exited).exitCode, 0);
	await p.write("nobody hears this");
	await p.kill();
});

test("what nobody reads stops the program, and reading lets it go on", async (t) => {
	const c = await connect();
	t.after(c.close);
	const total = 2 << 20, p = await c.spawn("flood", String(total));
	await new Promise((r) => setTimeout(r, 50));
	assert.ok(c.seen.maxWaiting <= 256 << 10, `${c.seen.maxWaiting} bytes wait`);
	let pieces = 0;
	const { bytes, truncated } = await collect(p.stdout, 1000, async () => { pieces++; });
	assert.equal(bytes.length, 1000);
	assert.equal(truncated, true);
	assert.equal(pieces, total / (32 << 10));
	assert.ok(c.seen.maxWaiting <= 256 << 10, `${c.seen.maxWaiting} bytes waited`);
});

test("output that was cancelled holds nobody up", async (t) => {
	const c = await connect();
	t.after(c.close);
	const p = await c.spawn("flood", String(2 << 20));
	await p.stdout.cancel();
	assert.equal((await p.exited).exitCode, 0);
});

test("errors carry the worker's words and codes", async (t) => {
	const c = await connect();
	t.after(c.close);
	await assert.rejects(c.spawn("nonesuch"), { name: "BoxError", code: "EXEC", exitCode: 127, message: /not found/ });
	await assert.rejects(c.client.call("fs", { fn: "readFile", path: "/none" }), { code: "ENOENT" });
});

test("the core's end fails all that waits and all that comes", async (t) => {
	const c = await connect();
	t.after(c.close);
	const p = await c.spawn("sleep"), gone = new BoxError("gone", "STOPPED");
	const read = p.stdout.getReader().read(), call = c.client.call("fs", { fn: "never" });
	c.client.fail(gone);
	p._fail(gone);
	await assert.rejects(call, gone);
	await assert.rejects(read, gone);
	await assert.rejects(p.exited, gone);
	await assert.rejects(c.client.call("sync"), gone);
});

test("signals and sizes arrive", async (t) => {
	const c = await connect();
	t.after(c.close);
	const p = await c.spawn("sleep");
	await p.resize(100, 30);
	await p.kill("int");
	assert.deepEqual(c.seen.resizes, [[100, 30]]);
	assert.deepEqual(c.seen.signals, ["SIGINT"]);
	assert.equal((await p.exited).signal, "SIGINT");
});
