// Debian's WebKitGTK (package webkit2gtk-driver), the engine family of Safari
// and iOS: its MiniBrowser under Xvfb, by plain WebDriver over HTTP
// (https://www.w3.org/TR/webdriver2/). Each context is a session, and a
// session a WebKitWebDriver and a browser of its own.
import { spawn } from "node:child_process";
import { readdirSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const driverPath = process.env.BOXER_WEBKITDRIVER ?? "/usr/bin/WebKitWebDriver";
const elementKey = "element-6066-11e4-a52e-4f735466cecf"; // the standard's constant

// miniBrowser finds the browser below /usr/lib, of the newest API.
function miniBrowser() {
	for (const arch of ["x86_64-linux-gnu", "aarch64-linux-gnu"]) {
		const lib = "/usr/lib/" + arch;
		if (!existsSync(lib)) continue;
		const found = readdirSync(lib).filter((d) => /^webkit2?gtk-/.test(d) && existsSync(`${lib}/${d}/MiniBrowser`));
		if (found.length > 0) return `${lib}/${found.sort().at(-1)}/MiniBrowser`;
	}
	throw new Error("WebKitGTK's MiniBrowser is not installed (apt package webkit2gtk-driver)");
}

// display starts an X server and returns it with its number.
async function display() {
	const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
		{ stdio: ["ignore", "ignore", "ignore", "pipe"] });
	const name = await new Promise((done, failed) => {
		server.on("error", failed);
		server.on("exit", () => failed(new Error("Xvfb ended")));
		let text = "";
		server.stdio[3].on("data", (b) => {
			text += b;
			if (text.includes("\n")) done(":" + text.trim());
		});
	});
	return { server, name };
}

async function freePort() {
	const server = createServer();
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	const { port } = server.address();
	await new Promise((done) => server.close(done));
	return port;
}

export async function launch({ args = [] }) {
	const binary = miniBrowser();
	const { server, name } = await display();
	const sessions = new Set();
	// Leave nothing behind, however this process ends.
	process.on("exit", () => {
		for (const s of sessions) s.kill();
		server.kill("SIGKILL");
	});
	const start = async () => {
		const session = await newSession(binary, args, name);
		sessions.add(session);
		return session;
	};
	// The first session tells the version, and is the first page's.
	let spare = await start();
	return {
		version: "WebKitGTK " + spare.version,
		async open(options, emit, beside) {
			let session = beside?.session ?? spare;
			if (session) spare = beside ? spare : undefined;
			else session = await start();
			return await openPage(session, options, { owned: !beside, first: !beside, forget: () => sessions.delete(session) });
		},
		async close() {
			for (const s of sessions) await s.end();
			server.kill();
		},
	};
}

async function newSession(binary, args, display) {
	const port = await freePort();
	const driver = spawn(driverPath, ["--port=" + port, "--host=127.0.0.1"], {
		// Its own group, so that the browser ends with it.
		detached: true, stdio: ["ignore", "ignore", "inherit"],
		env: { ...process.env, DISPLAY: display, WAYLAND_DISPLAY: "", GDK_BACKEND: "x11", LIBGL_ALWAYS_SOFTWARE: "1", NO_AT_BRIDGE: "1" },
	});
	const kill = () => { try { process.kill(-driver.pid, "SIGKILL"); } catch { /* it is gone */ } };
	const call = async (method, path, body) => {
		const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
		const { value } = await answer.json();
		if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
		return value;
	};
	for (let tries = 0; ; tries++) {
		try {
			await call("GET", "/status");
			break;
		} catch (e) {
			if (tries === 100) { kill(); throw new Error("WebKitWebDriver does not answer", { cause: e }); }
			await sleep(50);
		}
	}
	const { sessionId, capabilities } = await call("POST", "/session", {
		capabilities: { alwaysMatch: {
			"webkitgtk:browserOptions": { binary, args: ["--automation", ...args] },
			timeouts: { script: 600000, pageLoad: 120000, implicit: 0 },
			unhandledPromptBehavior: "dismiss",
		} },
	});
	return {
		version: capabilities.browserVersion, kill,
		call: (method, path, body) => call(method, `/session/${sessionId}${path}`, body),
		async end() {
			await Promise.race([call("DELETE", "/session/" + sessionId).catch(() => {}), sleep(3000)]);
			kill();
		},
	};
}

async function openPage(session, { viewport, mobile, init }, { owned, first, forget }) {
	if (init) throw new Error("WebDriver has no scripts that run before the page's");
	const post = (path, body = {}) => session.call("POST", path, body);
	if (!first) { // the window that was in use last may be closed
		const [any] = await session.call("GET", "/window/handles");
		await post("/window", { handle: any });
	}
	const handle = first ? await session.call("GET", "/window") : (await post("/window/new", { type: "tab" })).handle;
	await post("/window", { handle });
	const size = viewport ?? (mobile ? { width: 360, height: 800 } : undefined);
	if (size) await post("/window/rect", { ...size, x: 0, y: 0 });
	// Commands of one session take turns, each on its own tab.
	const here = (f) => async (...args) => {
		const turn = (session.turn ?? Promise.resolve()).catch(() => {}).then(async () => {
			await post("/window", { handle });
			return await f(...args);
		});
		session.turn = turn;
		return await turn;
	};
	const element = (found) => found[elementKey];
	return {
		session,
		goto: here(async (url) => { await post("/url", { url }); }),
		reload: here(async () => { await post("/refresh"); }),
		eval: here(async (source, arg) => {
			const [ok, value] = await post("/execute/async", {
				script: `const done = arguments[1];
					Promise.resolve(arguments[0]).then(${source}).then((v) => done([true, v === undefined ? null : v]),
						(e) => done([false, e instanceof Error ? e.name + ": " + e.message : String(e)]));`,
				args: [arg ?? null],
			});
			if (!ok) throw new Error(value);
			return value;
		}),
		type: here(async (text) => { await post(`/element/${element(await session.call("GET", "/element/active"))}/value`, { text }); }),
		click: here(async (selector) => {
			await post(`/element/${element(await post("/element", { using: "css selector", value: selector }))}/click`);
		}),
		screenshot: here(async (path) => { writeFileSync(path, Buffer.from(await session.call("GET", "/screenshot"), "base64")); }),
		close: here(async () => {
			if (!owned) return await session.call("DELETE", "/window");
			forget();
			await session.end();
		}),
	};
}
