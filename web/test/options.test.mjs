import assert from "node:assert/strict";
import { test } from "node:test";
import { fileSystem } from "../src/fs.js";
import { bytes, command, environment, files, filesAttribute, memory, signal } from "../src/options.js";

const refused = { name: "BoxError", code: "ARGUMENT" };

test("memory has docker's units", () => {
	for (const [text, want] of [["256m", 256 << 20], ["1g", 1 << 30], ["1.5k", 1536], ["77", 77], ["3MB", 3 << 20], [4096, 4096], ["", 0], [null, 0], [undefined, 0]]) {
		assert.equal(memory(text), want, String(text));
	}
	for (const text of ["lots", "-1", "1t", "m", -5, NaN]) assert.throws(() => memory(text), refused, String(text));
});

test("the environment is a list, an object or words", () => {
	assert.deepEqual(environment({ A: 1, B: "x y" }), ["A=1", "B=x y"]);
	assert.deepEqual(environment(`A=1 B='x y' C=`), ["A=1", "B=x y", "C="]);
	assert.deepEqual(environment(undefined), []);
	for (const bad of ["A", "=1", ["x"], `A='`]) assert.throws(() => environment(bad), refused, String(bad));
});

test("a command is a list, words, or the image's own", () => {
	assert.equal(command(null), null);
	assert.equal(command(" "), null);
	assert.deepEqual(command("sh -c 'a b'"), ["sh", "-c", "a b"]);
	assert.deepEqual(command(["a", 1]), ["a", "1"]);
	assert.throws(() => command(["a\0b"]), refused);
});

test("files come as an object or a list", async () => {
	assert.deepEqual(await files({ "a/b": "x", "/c": new Uint8Array([1]), "/d": { text: "y", mode: "0755" } }), [
		{ path: "/a/b", data: new Uint8Array([120]), mode: 0o644 },
		{ path: "/c", data: new Uint8Array([1]), mode: 0o644 },
		{ path: "/d", data: new Uint8Array([121]), mode: 0o755 },
	]);
	assert.deepEqual(await files([{ path: "/e", base64: "AQI=" }]), [{ path: "/e", data: new Uint8Array([1, 2]), mode: 0o644 }]);
	for (const bad of [[{ text: "x" }], [null], [{ path: "/a" }], [{ path: "/a", base64: "?" }], { "/a": { text: "", mode: "rwx" } }, "text"]) {
		await assert.rejects(files(bad), refused, JSON.stringify(bad));
	}
});

test("the files attribute is JSON, or an error with its place", () => {
	assert.deepEqual(filesAttribute(null), []);
	assert.deepEqual(filesAttribute(`{"/a":"b"}`), { "/a": "b" });
	for (const bad of ["{", "1", "null", "<script>", `"x"`]) assert.throws(() => filesAttribute(bad), { ...refused, message: /attribute files/ }, bad);
});

test("bytes come from what a user has", async () => {
	assert.deepEqual(await bytes("ä"), new Uint8Array([0xc3, 0xa4]));
	assert.deepEqual(await bytes(new Uint16Array([1]).buffer), new Uint8Array([1, 0]));
	assert.deepEqual(await bytes(new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1)), new Uint8Array([2]));
	assert.deepEqual(await bytes(new Blob(["x"])), new Uint8Array([120]));
	await assert.rejects(bytes(5), refused);
});

test("signals have names or numbers", () => {
	assert.deepEqual([signal(), signal("int"), signal("SIGHUP"), signal(9)], ["SIGTERM", "SIGINT", "SIGHUP", 9]);
});

test("modes are numbers, or digits as chmod has them", async () => {
	const sent = [], fs = fileSystem(async (op, path, args) => { sent.push([op, path, args.mode]); });
	await fs.chmod("/f", "0644");
	await fs.chmod("/f", 0o755);
	await fs.chmod("/f", 0);
	await fs.mkdir("/d", { mode: "1777" });
	await fs.writeFile("/f", "x");
	assert.deepEqual(sent, [["chmod", "/f", 0o644], ["chmod", "/f", 0o755], ["chmod", "/f", 0], ["mkdir", "/d", 0o1777], ["writeFile", "/f", undefined]]);
	for (const bad of ["rw", "0648", "0x1ff", "", NaN, -1, 0o10000, null, undefined]) await assert.rejects(fs.chmod("/f", bad), refused, String(bad));
	for (const bad of ["rw", NaN]) await assert.rejects(fs.writeFile("/f", "x", { mode: bad }), refused, String(bad));
	assert.equal(sent.length, 5);
});
