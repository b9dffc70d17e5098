// build.mjs makes web/dist from web/src, web/pages and Go's own loader:
//
//	node build.mjs [--out DIR]
//
// The output depends on the sources only: no times, no paths, no randomness.
// It fails when boxer.js outgrows its budget.
import { build, transform } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { drawIcons } from "./icons/icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const flag = process.argv.indexOf("--out");
const dist = flag > 0 ? process.argv[flag + 1] : join(here, "dist");
const src = (name) => join(here, "src", name);

/** boxer.js with the worker's script in it, brotli, in bytes (DESIGN §9). */
const budget = 15 * 1024;

const common = {
	bundle: true, minify: true, write: true, charset: "utf8", legalComments: "none",
	target: ["es2022", "chrome111", "firefox114", "safari16.4"], logLevel: "warning", absWorkingDir: here,
};

/**
 * The worker's script: Go's loader, the engine's JavaScript half and
 * src/worker.js, one classic script. It travels inside boxer.js as a string,
 * since a worker from a blob is the only kind that works from any origin and
 * from a file.
 */
async function workerScript() {
	const goroot = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8", cwd: root }).trim();
	const parts = [
		join(goroot, "lib/wasm/wasm_exec.js"),
		join(root, "jsbridge/wasmhost/wasmhost.js"),
	].map((file) => readFileSync(file, "utf8"));
	const own = await build({ ...common, entryPoints: [src("worker.js")], format: "iife", minify: false, write: false });
	parts.push(own.outputFiles[0].text);
	const { code } = await transform(parts.join("\n;\n"), { minify: true, charset: "utf8", legalComments: "none", target: common.target });
	return code;
}

/**
 * What differs between the two files of one source (how a script finds its own
 * address), the worker's text, and styles as text.
 */
const virtual = (worker, self) => ({
	name: "boxer",
	setup(b) {
		b.onLoad({ filter: /\.css$/ }, async ({ path }) => {
			const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
			return { contents: code.trim(), loader: "text" };
		});
		b.onResolve({ filter: /^boxer:/ }, (a) => ({ path: a.path, namespace: "boxer" }));
		b.onLoad({ filter: /.*/, namespace: "boxer" }, ({ path }) => path === "boxer:worker"
			? { contents: worker, loader: "text" }
			: { contents: `export const self = ${self};`, loader: "js" });
	},
});

/**
 * The page of boxer export --html, in one file that opens from disk. It holds
 * the word @BOXER_INLINE@ once, which the export replaces by JSON:
 *
 *	{"core": base64 of core.wasm.gz, "image": base64 of an oci-archive, "site": what site.json would say}
 *
 * in which every "<" is written \u003c.
 */
function onefile() {
	const file = (name) => readFileSync(join(dist, name), "utf8");
	const script = (text) => `<script>${text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--")}</script>`;
	const json = (v) => JSON.stringify(v).replaceAll("<", "\\u003c");
	const chunks = json({ "element.mjs": file("element.mjs"), "xterm.mjs": file("xterm.mjs") });
	const data = `<script type="application/json" id="boxer-inline">@BOXER_INLINE@</script>
<script>globalThis.__boxerInline = { ...JSON.parse(document.getElementById("boxer-inline").textContent), chunks: ${chunks} };</script>
${script(file("boxer.js"))}
${script(file("page.js"))}
</body>`;
	return readFileSync(join(here, "pages/index.html"), "utf8")
		.replace(/^<!--.*\n<meta http-equiv="Content-Security-Policy".*\n/m, "")
		.replace(/^<link rel="(?:apple-touch-icon|manifest|modulepreload)".*\n/gm, "")
		.replace(/^<script .*\n/gm, "")
		.replace(/^<link rel="stylesheet".*$/m, () => `<style>${file("page.css")}</style>`)
		.replaceAll('"icon.svg"', () => `"data:image/svg+xml;base64,${Buffer.from(file("icon.svg")).toString("base64")}"`)
		.replace("</body>", () => data);
}

const size = (file) => readFileSync(join(dist, file)).length;
const brotli = (file) => brotliCompressSync(readFileSync(join(dist, file)), {
	params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 },
}).length;

// All goes but the core, which make puts there first, and what was packed of it.
mkdirSync(dist, { recursive: true });
const core = existsSync(join(dist, "core.wasm")) ? readFileSync(join(dist, "core.wasm")) : null;
const coreHash = core && createHash("sha256").update(core).digest("hex");
const packed = [".core.sha256", "core.wasm.gz", "core.wasm.br"];
const fresh = packed.every((name) => existsSync(join(dist, name))) && readFileSync(join(dist, ".core.sha256"), "utf8") === coreHash;
for (const name of readdirSync(dist)) {
	if (name !== "core.wasm" && !(fresh && packed.includes(name))) rmSync(join(dist, name), { recursive: true });
}

const worker = await workerScript();
const outputs = [
	{ entryPoints: [src("classic.js")], outfile: join(dist, "boxer.js"), format: "iife", plugins: [virtual(worker, "document.currentScript?.src ?? ''")] },
	{ entryPoints: [src("index.js")], outfile: join(dist, "boxer.mjs"), format: "esm", plugins: [virtual(worker, "import.meta.url")] },
	{ entryPoints: [src("view.js")], outfile: join(dist, "element.mjs"), format: "esm", plugins: [virtual("", "''")] },
	// xterm's private names make a sixth of it. None is ever a string in its
	// code (test/names.test.mjs), so they can be short.
	{ entryPoints: [src("terminal.js")], outfile: join(dist, "xterm.mjs"), format: "esm", plugins: [virtual("", "''")], mangleProps: /^_[a-z]/ },
	{ entryPoints: [src("sw.js")], outfile: join(dist, "sw.js"), format: "iife" },
	{ entryPoints: [join(here, "pages/page.js")], outfile: join(dist, "page.js"), format: "iife" },
	{ entryPoints: [join(here, "pages/page.css")], outfile: join(dist, "page.css") },
];
await Promise.all(outputs.map((o) => build({ ...common, ...o })));
cpSync(join(here, "boxer.d.ts"), join(dist, "boxer.d.ts"));
for (const name of readdirSync(join(here, "pages"))) {
	if (/\.(html|webmanifest)$/.test(name)) cpSync(join(here, "pages", name), join(dist, name));
}
for (const [name, data] of drawIcons()) writeFileSync(join(dist, name), data);
writeFileSync(join(dist, "file.html"), onefile());

if (core && !fresh) {
	const gz = gzipSync(core, { level: 9 });
	gz[9] = 255; // the system it was made on: unknown, wherever that is
	writeFileSync(join(dist, "core.wasm.gz"), gz);
	// What boxer serve sends: the best there is, an eighth smaller than quality 9.
	// It takes half a minute, once for each change of the core.
	console.log("   packing core.wasm with brotli");
	writeFileSync(join(dist, "core.wasm.br"), brotliCompressSync(core, { params: {
		[constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: core.length,
	} }));
	writeFileSync(join(dist, ".core.sha256"), coreHash);
}

for (const name of readdirSync(dist).filter((n) => /\.(m?js|wasm|css)$/.test(n))) {
	const small = name === "core.wasm" ? `${size("core.wasm.gz")} gzip, ${size("core.wasm.br")} brotli` : `${brotli(name)} brotli`;
	console.log(`   ${name.padEnd(12)} ${String(size(name)).padStart(9)} bytes, ${small}`);
}
for (const name of ["boxer.js", "boxer.mjs"]) {
	if (brotli(name) > budget) {
		console.error(`${name} has ${brotli(name)} bytes after brotli; its budget is ${budget}. Move what not every page needs to element.mjs.`);
		process.exitCode = 1;
	}
}
