// Drives one browser for the Go tests (package e2e/browser): a line of JSON on
// standard input is a request, a line on standard output its answer or an
// event. When standard input ends, so do the browser and this process.
//
//     {id, op, ...arguments}  →  {id, value}  or  {id, error}
//     {event: "console" | "error" | "dialog", page, text}
//
// The first request is {op: "launch", browser, ...}; after that `page` names a
// page by the number that `open` gave. Requests are served side by side.
import { createInterface } from "node:readline";

const browsers = ["chromium", "firefox", "webkit"];
const send = (message) => process.stdout.write(JSON.stringify(message) + "\n");

let browser;
const pages = new Map();
let lastPage = 0;

const ops = {
	// launch {browser, profile, args}: profile is a directory that keeps what
	// the browser stores; without it every page's storage is its own.
	async launch({ browser: name, ...options }) {
		if (!browsers.includes(name)) throw new Error(`no such browser: ${name}`);
		const { launch } = await import(`./${name}.mjs`);
		browser = await launch(options);
		return browser.version;
	},

	// open {url, beside, viewport, mobile, init, …} opens a tab with storage of
	// its own, or `beside` another page, with that page's.
	async open({ url, beside, ...options }) {
		const id = ++lastPage;
		const emit = (event, text) => send({ event, page: id, text });
		const page = await browser.open(options, emit, pages.get(beside));
		pages.set(id, page);
		if (url) await page.goto(url);
		return id;
	},

	// eval {source, arg}: source is a function's text; its result, awaited, is
	// the answer.
	async eval({ page, source, arg }) { return await pages.get(page).eval(source, arg); },
	async goto({ page, url }) { await pages.get(page).goto(url); },
	async reload({ page }) { await pages.get(page).reload(); },
	async offline({ page, on }) { await need(page, "offline")(on); },
	async cdp({ page, method, params }) {
		return await (page ? need(page, "cdp") : browser.cdp ?? lacks("cdp"))(method, params);
	},
	async type({ page, text }) { await pages.get(page).type(text); },
	async press({ page, key }) { await need(page, "press")(key); },
	async click({ page, selector }) { await pages.get(page).click(selector); },
	async screenshot({ page, path }) { await pages.get(page).screenshot(path); },
	async close({ page }) {
		await pages.get(page).close();
		pages.delete(page);
	},
};

const lacks = (what) => { throw new Error(`this browser's driver lacks: ${what}`); };
const need = (page, what) => {
	const p = pages.get(page);
	return p[what]?.bind(p) ?? lacks(what);
};

async function serve(line) {
	const { id, op, ...args } = JSON.parse(line);
	try {
		if (!Object.hasOwn(ops, op)) throw new Error(`no such request: ${op}`);
		if (op !== "launch" && !browser) throw new Error("no browser was launched");
		if (args.page && !pages.has(args.page)) throw new Error(`page ${args.page} is closed`);
		send({ id, value: (await ops[op](args)) ?? null });
	} catch (e) {
		send({ id, error: String(e?.message ?? e) });
	}
}

// What a library rejects behind our back must not end the driver: the request
// that it belongs to fails or runs into its time limit.
process.on("unhandledRejection", (e) => console.error("driver:", e));

const input = createInterface({ input: process.stdin });
input.on("line", serve);
input.on("close", async () => {
	await Promise.race([
		Promise.resolve(browser?.close()).catch((e) => console.error("driver: close:", e.message)),
		new Promise((done) => setTimeout(done, 5000)),
	]);
	process.exit(0);
});
