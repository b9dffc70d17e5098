// A program that uses the whole interface: compiled, never run.
import { Box, BoxError, type RunResult } from "../boxer.js";

const box: Box = await Box.create({
	image: "./image/", memory: "256m", env: { A: 1 }, persist: "name", net: "none",
	files: { "/a.txt": "text", "/b": new Uint8Array(3), "/c": { url: "./c", mode: "0755" } },
	onProgress: ({ what, done, total }) => console.log(what, done / total),
	signal: AbortSignal.timeout(10_000),
});
box.addEventListener("exit", (e) => console.log(e.detail.exitCode, e.detail.pid));
box.addEventListener("error", (e) => console.log(e.detail.code));

const r: RunResult = await box.run(["cat", "/a.txt"], { stdin: "x", timeout: 1000, onStdout: (text) => console.log(text.length) });
const code: number = r.exitCode;
const raw: Uint8Array = r.stdoutBytes;
await box.run("sh -c 'exit 3'");
await box.run(null);

const p = await box.spawn(["sh"], { tty: { rows: 24, cols: 80 }, init: true });
await p.write("ls\n");
await p.resize(100, 30);
await p.stdout.pipeTo(new WritableStream<Uint8Array>());
await p.kill("SIGINT");
const { signal } = await p.exited;

const text: string = await box.fs.readFile("/a.txt", "utf8");
const bytes: Uint8Array = await box.fs.readFile("/a.txt");
await box.fs.writeFile("/d", new Blob(["x"]), { mode: 0o600 });
for (const entry of await box.fs.readdir("/")) console.log(entry.name, entry.type);
await box.importTar(await box.exportTar());

try {
	await box.fs.rm("/none");
} catch (e) {
	if (e instanceof BoxError && e.code === "ENOENT") console.log(e.message);
}
await box.stop();

const el = document.createElement("boxer-box");
el.files = { "/x": "y" };
await el.start();
console.log(el.box?.info.digest, code, raw, signal, text, bytes);

// @ts-expect-error a box has no network
await Box.create({ image: "x", net: "host" });
// @ts-expect-error boxes are made by create
new Box();
